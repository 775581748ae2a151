"""The numbers of a run in short, as `femna summary` prints them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from femna.analysis.cycles import CycleList, cycle_table
from femna.analysis.metal import disconnected

if TYPE_CHECKING:
    from femna.analysis.stored_run import StoredRun

type SummaryValue = str | int | float | CycleList | None

LAST_VALUES = {
    "time_s": "Time [s]",
    "deposit_thickness_m": "Deposit thickness [m]",
    "height_max_m": "Maximum height [m]",
    "height_mean_m": "Mean height [m]",
    "roughness_sq_m": "Roughness Sq [m]",
    "front_length_ratio": "Front length ratio [-]",
    "current_density_A_m2": "Current density [A.m-2]",
    "cell_voltage_V": "Cell voltage [V]",
    "charge_C_m2": "Charge density [C.m-2]",
    "concentration_max_mol_m3": "Maximum concentration [mol.m-3]",
    "sodium_balance_error": "Sodium balance error [-]",
    "charge_balance_error": "Charge balance error [-]",
    "top_fraction": "Top fraction [-]",
    "contact_fraction": "Contact fraction [-]",
}
"""The keys of the summary that are a column's value after the last accepted step."""

CELL_ENDS = (
    "short_circuit_time_s",
    "short_circuit_charge_C_m2",
    "counter_exhausted_time_s",
    "counter_exhausted_charge_C_m2",
    "anode_exhausted_time_s",
    "anode_exhausted_charge_C_m2",
)
"""Keys of the manifest that say when a cell ended before its protocol."""


def summary(run: StoredRun) -> dict[str, SummaryValue]:
    """The numbers of `femna summary --json`.

    Args:
        run: a run at any stage of its life.

    Returns:
        Key -> value, in SI units as the key says; None where a run has no such number (yet). `cycles`, one dictionary a
        cycle (see femna.analysis.cycles.Cycle), is there only when something was stripped.
    """
    history, manifest = run.history, run.manifest
    memory = manifest.get("peak_memory_MB")
    last = {key: _last(history, column) for key, column in LAST_VALUES.items()}
    walls = [wall for wall in (manifest.get("wall_s"), _last(history, "Wall time [s]")) if wall is not None]
    nodes = _last(history, "Nodes [-]")
    lowest = history["Minimum concentration [mol.m-3]"]
    heights = history["Mean height [m]"]
    values: dict[str, SummaryValue] = {
        "status": run.status,
        "case": manifest.get("case"),
        "model": manifest.get("model"),
        "ranks": manifest.get("ranks"),
        "steps": int(_last(history, "Step [-]") or 0),
        "rejected_steps": manifest.get("rejected_steps"),
        "time_s": last["time_s"],
        "wall_s": max(walls, default=None),
        "peak_memory_MB": sum(memory) if memory else None,
        "nodes": manifest.get("nodes") if nodes is None else int(nodes),
        "deposit_thickness_m": last["deposit_thickness_m"],
        "height_max_m": last["height_max_m"],
        "height_mean_m": last["height_mean_m"],
        "height_initial_m": finite(heights[0]) if heights.size else None,
        "roughness_sq_m": last["roughness_sq_m"],
        "front_length_ratio": last["front_length_ratio"],
        "current_density_A_m2": last["current_density_A_m2"],
        "cell_voltage_V": last["cell_voltage_V"],
        "charge_C_m2": last["charge_C_m2"],
        "concentration_min_mol_m3": finite(np.nanmin(lowest)) if np.isfinite(lowest).any() else None,
        "concentration_max_mol_m3": last["concentration_max_mol_m3"],
        "sodium_balance_error": last["sodium_balance_error"],
        "charge_balance_error": last["charge_balance_error"],
        "top_fraction": last["top_fraction"],
        "contact_fraction": last["contact_fraction"],
        "disconnected_metal_m": disconnected(run),
        **{key: manifest.get(key) for key in CELL_ENDS},
    }
    table = cycle_table(run)
    return values if table is None else values | {"cycles": table}


def _last(history: Mapping[str, NDArray[np.float64]], column: str) -> float | None:
    values = history.get(column)
    return None if values is None or values.size == 0 else finite(values[-1])


def finite(value: float) -> float | None:
    """The number, or None where it is not finite, which JSON cannot hold."""
    return float(value) if math.isfinite(value) else None
