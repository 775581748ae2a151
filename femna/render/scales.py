"""Which fields a picture shows, and on which scales: common ones, from where a field has a meaning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import LogNorm, Normalize

from femna.analysis.snapshot import FIELD_STRENGTH, Snapshot
from femna.fields import Field
from femna.render import theme
from femna.render.domains import CONCENTRATION, Domains

if TYPE_CHECKING:
    from femna.case import Case

LEAST_RANGE_SHARE = 0.01
"""Of a field's largest value (of the electronic potential: of the ionic one's range): its scale spans that at least."""
LOGARITHMIC_SHARE, LEAST_LOGARITHMIC_SHARE = 0.02, 1e-4
"""Of the largest field strength: with 95 % of all below the first its scale is logarithmic, from the second on."""
WEAK_FIELD = 50.0
"""V/m; in mV/um below that, numbers begin with zeros."""
EVERYWHERE = Domains()
ORDER_PARAMETER = "xi"

type SomeDomains = Domains | Sequence[Domains]
"""Which phases carry what, in one stack that all outputs have, or in that of each output."""


def shown_keys(case: Case, snap: Snapshot) -> list[str]:
    """Names of the fields to draw: what the output holds, in the order of the run's table, and the field strength.

    The concentration of a ceramic is fixed, and left out.

    Args:
        case: the case of the run.
        snap: the output.

    Returns:
        The names.
    """
    fixed = ("c",) if case.transport.kind == "single_ion" else ()
    keys = [key for key in dict.fromkeys((*snap.table, *snap.values)) if key in snap.values and key not in fixed]
    return keys if snap.field is None else [*keys, FIELD_STRENGTH.key]


def in_fitting_units(snaps: Sequence[Snapshot]) -> list[Snapshot]:
    """Outputs whose potentials are shown in mV where V would give numbers like 0.0004, and weak fields in V/m.

    Args:
        snaps: the outputs that a picture shows.

    Returns:
        The same, with declarations for the picture.
    """
    table = dict(snaps[-1].table)
    for key, field in snaps[-1].table.items():
        found = [snap.values[key] for snap in snaps if key in snap.values]
        factor, unit = theme.voltage_axis(np.concatenate(found)) if found else (1.0, "V")
        if field.shown_unit == "V" and unit != "V":
            table[key] = _in_unit(field, unit, factor)
    strengths = [snap.field[snap.liquid] for snap in snaps if snap.field is not None]
    largest = max((float(values.max(initial=0.0)) for values in strengths), default=0.0)
    if largest < WEAK_FIELD:
        table[FIELD_STRENGTH.key] = _in_unit(FIELD_STRENGTH, "V/m", 1.0 / FIELD_STRENGTH.shown_scale)
    return [replace(snap, table=table) for snap in snaps]


def _in_unit(field: Field, unit: str, factor: float) -> Field:
    scale, least = factor * field.shown_scale, factor * field.least_range
    return replace(field, shown_unit=unit, shown_scale=scale, least_range=least)


def data(snap: Snapshot, key: str) -> np.ndarray[Any, Any]:
    """A field in the unit in which it is shown.

    Args:
        snap: the output.
        key: name of the field.

    Returns:
        A value a node, (N,); of the field strength a value a cell, (M,).
    """
    # an output from before the field was stored has no value of it
    missing = np.full(len(snap.points), np.nan)
    values = snap.field if key == FIELD_STRENGTH.key else snap.values.get(key, missing)
    return np.asarray(values) * snap.declaration(key).shown_scale


def common_scale(snaps: Sequence[Snapshot], key: str, domains: SomeDomains = EVERYWHERE) -> Normalize:
    """One colour scale for several outputs: the limits of the field, or its range where it has a meaning.

    The field strength stops at its 99.8 % quantile, since a single cell at a tip would darken all others; where nearly
    all of what is shown is far below that, its scale is logarithmic.

    Args:
        snaps: the outputs.
        key: name of the field.
        domains: which phases carry what.

    Returns:
        The scale, in the shown unit.
    """
    field = snaps[0].declaration(key)
    if field.limits is not None:
        return Normalize(*field.limits)
    values = _counted_values(snaps, key, domains)
    low, high = float(values.min()), float(values.max())
    if key == FIELD_STRENGTH.key:
        low, high = 0.0, max(float(np.quantile(values, 0.998)), field.least_range)
        if float(np.quantile(values, 0.95)) < LOGARITHMIC_SHARE * high:
            return LogNorm(max(float(np.quantile(values, 0.02)), LEAST_LOGARITHMIC_SHARE * high), high)
    elif key == CONCENTRATION and low < 0.5 * high:
        low = min(low, 0.0)
    return Normalize(*theme.widened(low, high, *_least_range(snaps, key)))


def is_even(snaps: Sequence[Snapshot], key: str, domains: SomeDomains = EVERYWHERE) -> bool:
    """Whether a field varies so little where it has a meaning that a picture of it would show one colour.

    Args:
        snaps: the outputs.
        key: name of the field; the order parameter, which shows the metal, is never even.
        domains: which phases carry what.

    Returns:
        The answer.
    """
    if key == ORDER_PARAMETER:
        return False
    values = _counted_values(snaps, key, domains)
    low, high = float(values.min()), float(values.max())
    share, least = _least_range(snaps, key)
    return high - low < max(share * max(abs(low), abs(high)), least)


def said(snaps: Sequence[Snapshot], keys: Sequence[str], domains: SomeDomains = EVERYWHERE) -> str:
    """What a picture says of the fields that it leaves out, as they are even.

    Args:
        snaps: the outputs.
        keys: names of the fields.
        domains: which phases carry what.

    Returns:
        One sentence; "" without fields.
    """
    parts = []
    for key in keys:
        field, values = snaps[0].declaration(key), _counted_values(snaps, key, domains)
        low, high = float(values.min()), float(values.max())
        share, least = _least_range(snaps, key)
        fine = max(share * max(abs(low), abs(high)), least)
        name = " ".join(text for text in (field.label, field.symbol) if text)
        parts.append(f"{name}: {theme.shown_range(low, high, fine, field.shown_unit)}")
    return f"Not drawn, as nearly the same everywhere: {'; '.join(parts)}." if parts else ""


def _counted_values(snaps: Sequence[Snapshot], key: str, domains: SomeDomains) -> np.ndarray[Any, Any]:
    """The finite values of a field where it has a meaning, in the shown unit; one zero where it has none."""
    each = [domains] * len(snaps) if isinstance(domains, Domains) else domains
    values = np.concatenate([data(s, key)[d.counted(s, key)] for s, d in zip(snaps, each, strict=True)])
    values = values[np.isfinite(values)]
    return values if len(values) else np.zeros(1)


def _least_range(snaps: Sequence[Snapshot], key: str) -> tuple[float, float]:
    """What a scale spans at least: as a share of the larger end, and in the shown unit."""
    field = snaps[0].declaration(key)
    if field.limits is not None:
        return 0.0, LEAST_RANGE_SHARE * (field.limits[1] - field.limits[0])
    if key == "phi_s" and "phi_l" in snaps[0].values:
        ionic = common_scale(snaps, "phi_l")
        return 0.0, max(LEAST_RANGE_SHARE * ((ionic.vmax or 0.0) - (ionic.vmin or 0.0)), field.least_range)
    return LEAST_RANGE_SHARE, field.least_range
