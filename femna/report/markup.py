"""The few pieces of HTML that a report is made of; every text is escaped here, and nowhere else."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Sequence
from pathlib import Path

MEDIA = {".png": "image/png", ".gif": "image/gif", ".svg": "image/svg+xml"}


class Html(str):
    """Text that is HTML already; any other text is escaped."""

    __slots__ = ()


def escaped(text: object) -> Html:
    """A text as HTML that shows it as it is."""
    return text if isinstance(text, Html) else Html(html.escape(str(text)))


def joined(parts: Iterable[object]) -> Html:
    """Pieces one after another."""
    return Html("".join(escaped(part) for part in parts))


def paragraph(text: object) -> Html:
    """A paragraph."""
    return Html(f"<p>{escaped(text)}</p>\n")


def listing(items: Sequence[object]) -> Html:
    """A list; nothing without items."""
    return Html(f"<ul>{''.join(f'<li>{escaped(item)}</li>' for item in items)}</ul>\n") if items else Html("")


def code(text: object) -> Html:
    """Commands, or a file, line by line."""
    return Html(f"<pre><code>{escaped(text)}</code></pre>\n")


def folded(title: str, content: Html) -> Html:
    """What is shown when its title is clicked."""
    return Html(f"<details><summary>{escaped(title)}</summary>{content}</details>\n")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Html:
    """A table.

    Args:
        columns: heads of the columns.
        rows: a cell a column.
    """
    head = "".join(f'<th scope="col">{escaped(name)}</th>' for name in columns)
    body = "".join(f"<tr>{''.join(f'<td>{escaped(cell)}</td>' for cell in row)}</tr>\n" for row in rows)
    return Html(f'<div class="table"><table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table></div>\n')


def picture(path: Path, caption: str) -> Html:
    """A picture within the page.

    Args:
        path: of the file, png, gif or svg.
        caption: what it shows.
    """
    content = base64.b64encode(path.read_bytes()).decode("ascii")
    source = f"data:{MEDIA[path.suffix]};base64,{content}"
    text = html.escape(caption)
    return Html(f'<figure><img src="{source}" alt="{text}"><figcaption>{text}</figcaption></figure>\n')


def section(name: str, title: str, content: Html) -> Html:
    """A section with a place that links lead to.

    Args:
        name: of the place.
        title: its head.
        content: what stands in it.
    """
    return Html(f'<section id="{html.escape(name)}"><h2>{escaped(title)}</h2>\n{content}</section>\n')
