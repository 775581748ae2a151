"""What a column of the history is: declared once, by the diagnostic that computes it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column of `history.csv`.

    Args:
        name: name with its unit, as in the header: "Top fraction [-]".
        meaning: one sentence for the documentation.
        present_when: when the column is there, in words; "" when it always is.
        is_count: whether its values are whole numbers and written as such.
        summary_key: key of `femna summary` that holds the last value of the column; "" for none.
    """

    name: str
    meaning: str
    present_when: str = ""
    is_count: bool = False
    summary_key: str = ""
