"""The table on a terminal and as a page of the documentation."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence

from femna.audit.row import Row, Span
from femna.io.terminal import console

TITLES = {
    "B": "Paper B: Li et al., Nature Communications 2025",
    "A": "Paper A: Lu et al., Nano-Micro Lett. 2026, 18:417",
    "S": "A sodium set that fits together",
}
"""The groups of the table, in its order."""

VERDICTS = ("met", "missed", "untested", "consistent", "inconsistent", "converted", "fitted", "input", "out of scope")

HEAD = """\
# The two papers' numbers against femna

Every number of the two papers that a model can meet, or fails to. This page is the output of `tools/audit_page.py`; \
`femna audit` prints the same table, `femna audit --json` the same rows, and `femna audit --runs DIR` adds what \
finished runs of the shipped cases give. femna's values are computed from the material library and closed forms each \
time; a test asserts that the page is up to date.

| class | means | verdict |
| --- | --- | --- |
| predict | follows from independent inputs, nothing adjusted | met or missed; untested where the paper's text has no \
number for it |
| check | the paper's numbers against each other, or one of them (or of the library) in another form | consistent or \
inconsistent; converted where nothing stands against it |
| fit | can only enter a model as a calibrated number | fitted |
| input | measured, taken as it is | input |
| out of scope | no quantity of these models | out of scope |

An interval that is predicted is met when the published number lies in it, a single number when it is within 10 %. \
Behind a miss stands the published value over the nearest end of what was predicted. \
Of the supplementary information only what the papers' text quotes was read.
"""

CONCLUSIONS = """\
## What this says about the models

femna predicts: the ohmic polarisation of the ceramic and its temperature law, the ohmic loss between 1C and 5C, the \
charge at which a sodium reservoir is used up, the share of sodium on top of a mixed conductor and its largest \
thickness, limiting currents, the wavelengths of an unstable front.

It has to be given: exchange currents, the resistances of interphases and contacts and their temperature law, critical \
currents, times to a short, cycle life, fading, diffusivities of interphases. The order P > F > SFC of paper A's \
dendrites follows from the diffusivities put in ([how far](verification/sensitivity.md)): illustrated, not predicted.

Exchange currents from Tafel plots are apparent in both papers (A3c, B8a): they hold ohmic drop, and must not be \
taken for the i0 of Butler-Volmer. Fast ion conduction and plating on top pull in opposite directions (A1f, A1h): \
sodium plates above a mixed conductor only as long as electrons cross it more easily than ions do.
"""


def number(value: float, digits: int = 4) -> str:
    """A number in a few digits, without a row of zeros or an exponent of two signs.

    Args:
        value: the number.
        digits: how many digits.

    Returns:
        The text.
    """
    text = f"{value:.{digits}g}"
    mantissa, exponent, power = text.partition("e")
    return f"{mantissa}e{int(power)}" if exponent else text


def told(spans: Sequence[Span], digits: int = 4) -> str:
    """Numbers and intervals as text.

    Args:
        spans: the intervals.
        digits: how many digits.

    Returns:
        The text.
    """
    return ", ".join(
        number(span.low, digits)
        if span.low == span.high
        else f"{number(span.low, digits)} to {number(span.high, digits)}"
        for span in spans
    )


def verdict(row: Row) -> str:
    """The verdict of a row, and by how much a prediction missed.

    Args:
        row: the row.

    Returns:
        The text.
    """
    return row.verdict if row.gap is None else f"{row.verdict} ({number(row.gap, 3)} x)"


def groups(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """The rows of each paper.

    Args:
        rows: the rows.

    Returns:
        Title and rows of each, in the order of the table.
    """
    return [(title, [row for row in rows if row.paper == paper]) for paper, title in TITLES.items()]


def tally(rows: Sequence[Row]) -> str:
    """How many rows have which verdict.

    Args:
        rows: the rows.

    Returns:
        The text.
    """
    counts: Counter[str] = Counter(row.verdict for row in rows)
    return ", ".join(f"{counts[name]} {name}" for name in VERDICTS if counts[name])


def page(rows: Sequence[Row]) -> str:
    """The page of the documentation.

    Args:
        rows: the rows.

    Returns:
        The page, in Markdown.
    """
    with_runs = any(row.run is not None for row in rows)
    columns = ["", "quantity", "where", "class", "unit", "paper", "femna", *["run"] * with_runs, "verdict", "how"]
    parts = [HEAD]
    for title, members in groups(rows):
        lines = [f"## {title}\n", f"{tally(members)}.\n", _line(columns), _line(["---"] * len(columns))]
        lines += [_line(_cells(row, with_runs)) for row in members]
        parts.append("\n".join(lines) + "\n")
    return "\n".join([*parts, CONCLUSIONS])


def _cells(row: Row, with_runs: bool) -> list[str]:
    run = [] if not with_runs else ["" if row.run is None else number(row.run)]
    bold = verdict(row) if row.verdict not in ("missed", "inconsistent") else f"**{verdict(row)}**"
    values = [told(row.published, 6), told(row.femna), *run]
    return [row.id, row.quantity, row.where, row.kind, row.unit, *values, bold, row.how]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def show(rows: Sequence[Row]) -> None:
    """Print the table; how a value comes about stands below its quantity.

    Args:
        rows: the rows.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    # a file or a pipe has no width of its own
    out = console(width=None if sys.stdout.isatty() else 100)
    with_runs = any(row.run is not None for row in rows)
    for title, members in groups(rows):
        grid = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, expand=True)
        grid.add_column("", no_wrap=True)
        grid.add_column("quantity, how", ratio=1, overflow="fold")
        for name, width in (("paper", 15), ("femna", 16), *[("run", 7)] * with_runs):
            grid.add_column(name, width=width, overflow="fold")
        grid.add_column("verdict, class", min_width=15, no_wrap=True)
        for row in members:
            run = [] if not with_runs else ["" if row.run is None else number(row.run)]
            unit = f", {row.unit}" if row.unit else ""
            what = Text.assemble(f"{row.quantity}{unit} ({row.where})\n", (row.how, "dim"))
            values = [told(row.published, 6), told(row.femna), *run]
            said = (
                Text(verdict(row)) if row.verdict == row.kind else Text.assemble(verdict(row), "\n", (row.kind, "dim"))
            )
            grid.add_row(row.id, what, *values, said)
        out.print(grid)
        out.print(f"{tally(members)}\n")
