"""Follows the links of a built site: `python tools/site/check.py SITE` prints what is wrong and exits 1.

Every link within the site leads to a file, and to an anchor that the file has; no page, style sheet or script loads
anything from elsewhere. Links that a reader may follow to other sites are not asked for.
"""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {("link", "href"), ("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("use", "href")}
"""Elements and attributes that a browser follows by itself."""
EXTERNAL_STYLE = re.compile(r"""(?:@import\s+|url\(\s*)["']?((?:https?:)?//[^"')\s]+)""")


class Page(HTMLParser):
    """The anchors of a page and its links: (element, attribute, target)."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[tuple[str, str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Of every element."""
        for name, value in attrs:
            if name in ("id", "name") and value:
                self.anchors.add(value)
            if name in ("href", "src") and value is not None:
                self.links.append((tag, name, value))


def problems(site: Path) -> list[str]:
    """What is wrong with a site, one line each."""
    found = []
    parsed = {file: Page(file.read_text(encoding="utf-8")) for file in sorted(site.rglob("*.html"))}
    if not parsed:
        return [f"{site} holds no page"]
    for file, page in parsed.items():
        for tag, attribute, target in page.links:
            parts = urlsplit(target)
            if parts.scheme == "data":
                continue
            if parts.scheme or parts.netloc:
                if (tag, attribute) in LOADED:
                    found.append(f"{file.relative_to(site)}: loads {target}")
                continue
            there = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            anchor = unquote(parts.fragment)
            if not there.is_file():
                found.append(f"{file.relative_to(site)}: {target} leads to no file")
            elif anchor and there in parsed and anchor not in parsed[there].anchors:
                found.append(f"{file.relative_to(site)}: {target} leads to no anchor")
    for style in sorted(site.rglob("*.css")):
        for target in EXTERNAL_STYLE.findall(style.read_text(encoding="utf-8")):
            found.append(f"{style.relative_to(site)}: loads {target}")
    return found


if __name__ == "__main__":
    wrong = problems(Path(sys.argv[1]).resolve())
    print("\n".join(wrong))
    sys.exit(bool(wrong))
