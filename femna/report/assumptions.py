"""What a run rests on: warnings about its case, and every value of a material that it read, with its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from femna.errors import BadInput
from femna.materials import PROPERTIES
from femna.report.markup import Html, joined, listing, paragraph, table

if TYPE_CHECKING:
    from femna.case import Case

ORDER = ("assumed", "user", "derived", "measured")
"""Kinds of provenance, those first that a reader should doubt first."""


def assumptions(case: Case) -> Html:
    """Warnings as `femna check` gives them, and the values read, the assumed ones first.

    Args:
        case: the case of the run.
    """
    from femna.derived.parameters import derive
    from femna.validation.warnings import case_warnings

    try:
        warnings = list(case_warnings(case, derive(case)))
    except BadInput as error:  # of a case that this version would refuse
        warnings = [f"this femna does not judge the case: {error}"]
    said = listing(warnings) if warnings else paragraph("`femna check` has nothing to warn of.")
    return joined((said, _values(case)))


def _values(case: Case) -> Html:
    from femna.models.registry import properties_read

    read: dict[tuple[str, str], None] = {}
    for layer_name, layer in case.layer.items():
        try:
            read |= dict.fromkeys((layer.material, key) for key in properties_read(case, layer_name))
        except BadInput:
            continue
    rows = []
    for material, key in read:
        value = case.materials[material].get(key)
        if value is None:
            continue
        unit = PROPERTIES[key].unit
        known = value.low is not None and value.high is not None
        bounds = f"{value.low:.2g} to {value.high:.2g}" if known else "-"
        rows.append((f"{material}.{key}", f"{value.value:.4g} {unit}", value.provenance, bounds, value.source))
    rows.sort(key=lambda row: (ORDER.index(row[2]), row[0]))
    return table(("value", "", "provenance", "published", "source"), rows)
