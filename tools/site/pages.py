"""Which files of the repository are pages of the site, where they stand in it, and how their links are rewritten.

The pages are the Markdown files that the forge shows too, so their links are relative paths to files of the
repository. On the site the folder docs/ is the root; a link to a page leads to that page, one to a table or a picture
in docs/ to a copy of it, and one to code, which is not on the site, becomes the path of the file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
EXTRA = {
    "README.md": "index.md",
    "docs/README.md": "contents.md",
    "meshes/README.md": "verification/meshes.md",
    "CONTRIBUTING.md": "developer/contributing.md",
    "CHANGELOG.md": "changelog.md",
    "containers/README.md": "guide/containers.md",
}
"""Pages that do not stand on the site where they stand in docs/, by path in the repository; those that exist count."""
ASSETS = ("LICENSE", "CITATION.cff")
"""Files beside docs/ that a page may offer for download."""

FENCE = re.compile(r"^(`{3,}).*?^\1`*[ \t]*$", flags=re.M | re.S)
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
HEADING = re.compile(r"^## +(.+)$|^- \[(.+?)\]\(([^)#\s]+)\)", flags=re.M)


class PageError(ValueError):
    """A page or a table of the documentation is wrong: one line that says where."""


def site_pages() -> dict[Path, str]:
    """Every page of the repository that the site has: file -> its path in the site."""
    found = {ROOT / path: place for path, place in EXTRA.items() if (ROOT / path).exists()}
    for page in sorted(DOCS.rglob("*.md")):
        found.setdefault(page, page.relative_to(DOCS).as_posix())
    return found


def place_of(target: Path, pages: dict[Path, str]) -> str | None:
    """Where a file of the repository stands on the site; None for one that the site does not have."""
    if target in pages:
        return pages[target]
    if target.is_file() and target.is_relative_to(DOCS):
        return target.relative_to(DOCS).as_posix()
    return target.name if target.is_file() and target.parent == ROOT and target.name in ASSETS else None


def rewritten(text: str, page: Path, place: str, pages: dict[Path, str]) -> tuple[str, set[Path]]:
    """The text of a page with the links of the site.

    Args:
        text: Markdown.
        page: the file it comes from, to which its links are relative.
        place: where it stands on the site.
        pages: those of `site_pages`.

    Returns:
        The text, and the files that are no pages and to which it leads.

    Raises:
        PageError: a link leads to no file of the repository.
    """
    assets: set[Path] = set()

    def link(found: re.Match[str]) -> str:
        mark, shown, target = found.groups()
        if re.match(r"[a-z]+:", target) or target.startswith("#"):
            return found[0]
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve()
        if not there.exists():
            raise PageError(f"{page.relative_to(ROOT)}: {target} leads to no file")
        site_path = place_of(there, pages)
        if site_path is None:
            name = there.relative_to(ROOT).as_posix()
            return f"`{name}`" if shown.strip("`").startswith(Path(name).name) else f"{shown} (`{name}`)"
        if there not in pages:
            assets.add(there)
        relative = os.path.relpath(site_path, Path(place).parent)
        return f"{mark}[{shown}]({relative}{'#' + anchor if anchor else ''})"

    return outside_code(text, lambda prose: LINK.sub(link, prose)), assets


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """The text with its parts outside fenced blocks changed."""
    parts, end = [], 0
    for fence in FENCE.finditer(text):
        parts += [change(text[end : fence.start()]), fence[0]]
        end = fence.end()
    return "".join([*parts, change(text[end:])])


def sections(pages: dict[Path, str]) -> dict[str, list[tuple[str, str]]]:
    """The sections of docs/README.md, from which the site's navigation follows: section -> (title, place) of pages."""
    found: dict[str, list[tuple[str, str]]] = {}
    section = ""
    for heading, title, target in HEADING.findall((DOCS / "README.md").read_text(encoding="utf-8")):
        if heading:
            section = heading
        elif (there := (DOCS / target).resolve()) in pages:
            found.setdefault(section, []).append((title, pages[there]))
    return found


def navigation(entries: dict[str, list[tuple[str, str]]]) -> str:
    """Hidden tables of contents, one a section, from which the theme makes the side bar."""
    blocks = []
    for caption, links in entries.items():
        lines = "\n".join(f"{title} <{place.removesuffix('.md')}>" for title, place in links)
        blocks.append(f"```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{lines}\n```\n")
    return "\n" + "\n".join(blocks)
