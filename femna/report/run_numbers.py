"""The numbers of a run, its balances, and what ended it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from femna.analysis.verdict import verdict_lines
from femna.report.markup import Html, joined, listing, paragraph, table

if TYPE_CHECKING:
    from femna.analysis.runs import Run

BALANCE = "balance error"
"""What the name of a column of the history holds that says what is missing in a balance."""


def metrics(run: Run) -> Html:
    """What `femna summary` says.

    Args:
        run: the run.
    """
    values = run.summary()
    steps, cycles = values.pop("protocol_steps", None) or [], values.pop("cycles", None) or []
    rows = [(key, shown(value)) for key, value in values.items() if value is not None]
    parts = [listing(verdict_lines(values)), table(("quantity", "value"), rows)]
    for title, records in (("Steps of the protocol", steps), ("Cycles", cycles)):
        if isinstance(records, list) and records:
            keys = list(records[0])
            parts += [paragraph(title), table(keys, ([shown(record.get(key)) for key in keys] for record in records))]
    return joined(parts)


def shown(value: Any) -> str:
    """A number to six digits, a text as it is, "-" for none."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "-"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def balances(run: Run) -> Html:
    """What is missing in each balance: at the end, and at the most.

    Args:
        run: the run.
    """
    rows = []
    for column in run.columns:
        values = np.asarray(run.history[column.name], dtype=float)
        known = values[np.isfinite(values)]
        if BALANCE in column.name.lower() and known.size:
            rows.append((column.name, f"{known[-1]:.2e}", f"{np.abs(known).max():.2e}", column.meaning))
    if not rows:
        return paragraph("The run records no balances.")
    return table(("balance", "at the end", "at the most", "meaning"), rows)
