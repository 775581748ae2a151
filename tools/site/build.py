"""Builds the site: `python tools/site/build.py [OUT]`, by default into site/. `make docs` installs what it needs first.

The pages are laid out in build/docs as the site has them, with what tools/site/reference.py writes from the code and
the gallery; Sphinx makes HTML of them, and any warning is an error; then every link within the site is followed, and
nothing may be loaded from elsewhere.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import gallery
import pages
import reference
from check import problems
from sphinx.cmd.build import build_main

STAGED = pages.ROOT / "build" / "docs"


def lay_out(folder: Path) -> None:
    """Write all pages, as the site has them, into an empty folder."""
    known = pages.site_pages()
    generated = {**reference.pages(), "gallery.md": gallery.page()}
    order = pages.sections(known)
    developer = order.pop("Developer")
    order["Reference"] = [(title, place) for place, (title, _) in reference.TITLES.items()]
    order["Pictures"] = [("Gallery", "gallery.md")]
    order["Developer"] = developer
    order["Project"] = [("All pages", "contents.md"), ("Changes", "changelog.md")]
    texts = {place: (file, file.read_text(encoding="utf-8")) for file, place in known.items()}
    for place, text in generated.items():
        texts[place] = (pages.DOCS / place, text)  # their links are written as if they stood in docs/
    assets: set[Path] = set()
    for place, (file, text) in texts.items():
        text, needed = pages.rewritten(text, file, place, known | {pages.DOCS / made: made for made in generated})
        assets |= needed
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text + (pages.navigation(order) if place == "index.md" else ""), encoding="utf-8")
    for asset in assets:
        target = folder / str(pages.place_of(asset, known))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(asset, target)


def main() -> int:
    """Build the site and look at it. Returns the exit code."""
    out = Path(sys.argv[1] if len(sys.argv) > 1 else pages.ROOT / "site").resolve()
    for folder in (STAGED, out):
        shutil.rmtree(folder, ignore_errors=True)
    try:
        lay_out(STAGED)
    except pages.PageError as error:
        print(error, file=sys.stderr)
        return 1
    words = ["-q", "-W", "--keep-going", "-b", "html", "-c", str(Path(__file__).parent)]
    code = build_main([*words, "-d", str(STAGED.parent / "doctrees"), str(STAGED), str(out)])
    if code:
        return code
    found = problems(out)
    for problem in found:
        print(problem, file=sys.stderr)
    if not found:
        print(f"{len(list(out.rglob('*.html')))} pages: {out / 'index.html'}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
