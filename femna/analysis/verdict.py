"""Whether a front is stable, in numbers: its tips against the mean, a short circuit ahead, the salt's limit, waves."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from femna.analysis.cycles import LEAST_PASS_SHARE, HalfCycle, charge_passed, half_cycles
from femna.analysis.history_columns import column, finite
from femna.errors import BadInput
from femna.io.history_table import TIME
from femna.io.progress import duration
from femna.units import COULOMB_PER_MAH_CM2

if TYPE_CHECKING:
    from femna.analysis.stored_run import StoredRun
    from femna.case import Case

Array = np.ndarray[Any, Any]
Numbers = dict[str, float | None]

MEAN_HEIGHT = "Mean height [m]"
LARGEST_HEIGHT = "Maximum height [m]"
CURRENT = "Current density [A.m-2]"
UPTAKE = "Uptake current [A.m-2]"

UM = 1e6
"""Micrometres in a metre."""

LAST_SHARE = 0.25
"""Of the last plating, in time: over it the last rate is taken, so that the mesh does not show in it."""

EVEN = 0.05
"""Largest difference of `front_growth_ratio` from 1 that is called even."""


def verdict(run: StoredRun) -> Numbers:
    """Numbers that say whether a front is stable.

    Args:
        run: a run at any stage of its life, of any version.

    Returns:
        Key -> value; None where there is no such number, or where the run does not hold what it needs:

        - `front_growth_ratio`: over the last plating, what the tallest tip gained over what the mean height did.
        - `time_to_short_s`, `charge_to_short_C_m2`: of plating on, until the tallest tip reaches the counter, at the
          rate of the last quarter of the last plating; 0 after a short circuit, None where it does not rise.
        - `limiting_current_A_m2`, `limiting_current_share`: of the salt, and the largest current of the run over it.
        - `sand_time_s`: at the largest current of the run.
        - `metal_share`: mean xi of what lies behind the front (its tail ahead of it counted in), of the last output.
        - `fastest_wavelength_m`, `fastest_growth_rate_1_s`, `neutral_wavelength_m`: of the waves of a flat front at the
          last plating's current (see femna.derived.front_stability); shorter ones than the neutral one are levelled.
        - `longest_wavelength_m`: the longest wave that the box holds, twice its width; None in 1D.
    """
    plating = _last_plating(run.history)
    try:
        case = run.case
    except BadInput:
        case = None
    return {
        "front_growth_ratio": _growth_ratio(run.history, plating),
        **_short_circuit(run, case, plating),
        **_salt(run.history, case),
        "metal_share": metal_share(run),
        **_waves(run.history, case, plating),
    }


def metal_share(run: StoredRun) -> float | None:
    """Mean xi of what lies behind the front, the front's tail ahead of it counted in: of a flat tanh profile 1.

    The integral of xi over the box, over the volume below the mean height, in the last stored output. With it the
    thickness of a deposit is `metal_share` times the mean height, less the same at the start.

    Args:
        run: the run.

    Returns:
        The share; None when no output is stored, or it cannot be read.
    """
    from femna.analysis.snapshot import snapshot

    try:
        snap = snapshot(run)
    except BadInput:
        return None
    rows = np.isfinite(column(run.history, MEAN_HEIGHT))
    if not rows.any():
        return None
    height = float(np.interp(snap.time, run.history[TIME][rows], run.history[MEAN_HEIGHT][rows]))
    area = float(np.prod(np.ptp(snap.points[:, :-1], axis=0)))
    metal = float((snap.measure * snap.values["xi"][snap.cells].mean(axis=1)).sum()) / area
    return metal / height if height > 0.0 else None


def verdict_lines(values: Mapping[str, Any]) -> list[str]:
    """The verdict in words.

    Args:
        values: what `femna summary --json` prints.

    Returns:
        One line each for the front, a short circuit, the salt and the waves, as far as there is something to say.
    """
    lines = []
    ratio, longest = values.get("front_growth_ratio"), values.get("longest_wavelength_m")
    if ratio is not None and longest is not None:  # in one dimension every front is flat
        words = "it grows evenly" if abs(ratio - 1.0) <= EVEN else "tips run ahead" if ratio > 1.0 else "tips fall back"
        lines.append(f"front: in the last plating its tallest tip gained {ratio:.3f} times what its mean did: {words}")
    if (time := values.get("time_to_short_s")) is not None:
        charge = values["charge_to_short_C_m2"]
        passed = "" if charge is None else f" ({charge / COULOMB_PER_MAH_CM2:.3g} mAh/cm2)"
        text = f"after {duration(time)} of plating on{passed} at that rate" if time > 0.0 else "it has come"
        lines.append(f"short circuit: {text}")
    if (share := values.get("limiting_current_share")) is not None:
        limit, sand = 0.1 * values["limiting_current_A_m2"], values["sand_time_s"]
        text = f"salt: the largest current is {100 * share:.3g} % of the limiting one, {limit:.3g} mA/cm2"
        if values["model"] == "single_potential":
            text += "; one potential is not bound by it"
        elif share > 1.0 and sand is not None:
            text += f"; it uses up the salt in {duration(sand)} (Sand)"
        lines.append(text)
    if (fastest := values.get("fastest_wavelength_m")) is not None:
        text = (
            f"waves: of {fastest * UM:.3g} um grow fastest, e-fold in {duration(1 / values['fastest_growth_rate_1_s'])}"
        )
        text += f"; below {values['neutral_wavelength_m'] * UM:.3g} um they are levelled"
        lines.append(text if longest is None else f"{text}; the box holds up to {longest * UM:.3g} um")
    return lines


def _last_plating(history: Mapping[str, Array]) -> HalfCycle | None:
    """The last half cycle that plates more than a trace of charge."""
    halves = half_cycles(history)
    least = LEAST_PASS_SHARE * max((half.charge for half in halves), default=0.0)
    return next((half for half in reversed(halves) if half.plating and half.charge > least), None)


def _growth_ratio(history: Mapping[str, Array], plating: HalfCycle | None) -> float | None:
    if plating is None:
        return None
    tip, mean = (column(history, key)[[plating.first, plating.last]] for key in (LARGEST_HEIGHT, MEAN_HEIGHT))
    gain = mean[1] - mean[0]
    return finite((tip[1] - tip[0]) / gain) if gain > 0.0 else None


def _short_circuit(run: StoredRun, case: Case | None, plating: HalfCycle | None) -> Numbers:
    keys = ("time_to_short_s", "charge_to_short_C_m2")
    if run.manifest.get("short_circuit_time_s") is not None:
        return dict.fromkeys(keys, 0.0)
    if case is None or plating is None:
        return dict.fromkeys(keys)
    since = _start_of_last_rate(run.history, plating)
    time, tip = run.history[TIME], column(run.history, LARGEST_HEIGHT)
    rise = tip[plating.last] - tip[since]
    if not rise > 0.0:
        return dict.fromkeys(keys)
    left = max(case.height - tip[-1], 0.0) / rise
    charge = charge_passed(run.history)
    spans = (values[plating.last] - values[since] for values in (time, charge))
    return dict(zip(keys, (finite(left * span) for span in spans), strict=True))


def _start_of_last_rate(history: Mapping[str, Array], plating: HalfCycle) -> int:
    """The row from which on the last rate of a plating is taken."""
    times = history[TIME][plating.first : plating.last]
    end = history[TIME][plating.last]
    late = int(np.searchsorted(times, end - LAST_SHARE * (end - times[0]), side="right")) - 1
    return plating.first + max(late, 0)


def _current(history: Mapping[str, Array]) -> Array:
    """The current density from outside, (rows,), A/m^2; that of row 0, which is a state, is left out as 0."""
    current = column(history, CURRENT) + np.nan_to_num(history.get(UPTAKE, np.zeros(1)))
    return np.concatenate([np.zeros(min(1, current.size)), current[1:]])


def _salt(history: Mapping[str, Array], case: Case | None) -> Numbers:
    from femna.derived.limiting_current import limiting_current, sand_time

    keys = ("limiting_current_A_m2", "limiting_current_share", "sand_time_s")
    if case is None:
        return dict.fromkeys(keys)
    current = _current(history)
    largest = float(np.abs(current[np.isfinite(current)]).max(initial=0.0))
    try:
        limit, sand = finite(limiting_current(case)), finite(sand_time(case, largest))
    except BadInput:
        return dict.fromkeys(keys)
    share = None if limit is None or not largest else largest / limit
    return dict(zip(keys, (limit, share, sand), strict=True))


def _waves(history: Mapping[str, Array], case: Case | None, plating: HalfCycle | None) -> Numbers:
    keys = ("fastest_wavelength_m", "fastest_growth_rate_1_s", "neutral_wavelength_m", "longest_wavelength_m")
    if case is None:
        return dict.fromkeys(keys)
    box = case.geometry
    widths = (box.width, box.depth if box.depth is not None else box.width)[: box.dim - 1]
    longest = 2.0 * max(widths) if widths else None
    front = None
    if plating is not None:
        from femna.derived.front_stability import FrontStability

        charge, time = charge_passed(history), history[TIME]
        since = _start_of_last_rate(history, plating)
        current = float((charge[plating.last] - charge[since]) / (time[plating.last] - time[since]))
        try:
            front = FrontStability.of(case, current)
        except BadInput:
            front = None
    fastest = None if front is None else front.fastest_wavelength
    if front is None or fastest is None or not math.isfinite(fastest):
        return dict(zip(keys, (None, None, None if front is None else front.neutral_wavelength, longest), strict=True))
    return dict(zip(keys, (fastest, front.rate(fastest), front.neutral_wavelength, longest), strict=True))
