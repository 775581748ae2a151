"""The numbers of a run in short, as `femna summary` prints them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from femna.analysis.cycles import CycleList, cycle_table
from femna.analysis.history_columns import column, finite, last_value
from femna.analysis.metal import disconnected
from femna.analysis.protocol_steps import protocol_steps
from femna.analysis.tips import tips
from femna.analysis.verdict import verdict
from femna.errors import BadInput
from femna.io.history_table import STEP, TIME

if TYPE_CHECKING:
    from femna.analysis.stored_run import StoredRun

type SummaryValue = str | int | float | CycleList | list[dict[str, Any]] | None

HEIGHT = "Mean height [m]"
NODES = "Nodes [-]"
WALL_TIME = "Wall time [s]"
LOWEST_CONCENTRATION = "Minimum concentration [mol.m-3]"

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
        Key -> value, in SI units as the key says; None where a run has no such number (yet). Columns that declare
        another key than these follow them. `cycles`, one dictionary a cycle (see femna.analysis.cycles.Cycle), is there
        only when something was stripped. `protocol_steps`, one dictionary a step that was begun, comes last (see
        femna.analysis.protocol_steps.ProtocolStepRecord).
    """
    history, manifest = run.history, run.manifest
    last = _last_values(run)
    memory = manifest.get("peak_memory_MB")
    walls = [wall for wall in (manifest.get("wall_s"), last_value(history, WALL_TIME)) if wall is not None]
    nodes = last_value(history, NODES)
    values: dict[str, SummaryValue] = {
        "status": run.status,
        "case": manifest.get("case"),
        "model": manifest.get("model"),
        "ranks": manifest.get("ranks"),
        "steps": int(last_value(history, STEP) or 0),
        "rejected_steps": manifest.get("rejected_steps"),
        "time_s": last_value(history, TIME),
        "wall_s": max(walls, default=None),
        "peak_memory_MB": sum(memory) if memory else None,
        "nodes": manifest.get("nodes") if nodes is None else int(nodes),
        "deposit_thickness_m": last.get("deposit_thickness_m"),
        "height_max_m": last.get("height_max_m"),
        "height_mean_m": last.get("height_mean_m"),
        "height_initial_m": finite(column(history, HEIGHT)[0]) if history[STEP].size else None,
        "roughness_sq_m": last.get("roughness_sq_m"),
        "front_length_ratio": last.get("front_length_ratio"),
        "current_density_A_m2": last.get("current_density_A_m2"),
        "cell_voltage_V": last.get("cell_voltage_V"),
        "charge_C_m2": last.get("charge_C_m2"),
        "concentration_min_mol_m3": _smallest(column(history, LOWEST_CONCENTRATION)),
        "concentration_max_mol_m3": last.get("concentration_max_mol_m3"),
        "sodium_balance_error": last.get("sodium_balance_error"),
        "charge_balance_error": last.get("charge_balance_error"),
        "top_fraction": last.get("top_fraction"),
        "contact_fraction": last.get("contact_fraction"),
        "disconnected_metal_m": disconnected(run),
        **tips(run),
        **{key: manifest.get(key) for key in CELL_ENDS},
        **verdict(run),
    }
    values |= {key: value for key, value in last.items() if key not in values}
    if (table := cycle_table(run)) is not None:
        values["cycles"] = table
    return values | {"protocol_steps": _steps(run)}


def _steps(run: StoredRun) -> list[dict[str, Any]] | None:
    try:
        return protocol_steps(run)
    except BadInput:  # the case is missing or damaged: the history's own numbers are there all the same
        return None


def _last_values(run: StoredRun) -> dict[str, float | int | None]:
    """The last value of every column that declares a key, in the order of the history."""
    found: dict[str, float | int | None] = {}
    for declared in run.columns:
        if declared.summary_key:
            value = last_value(run.history, declared.name)
            found[declared.summary_key] = int(value) if declared.is_count and value is not None else value
    return found


def _smallest(values: NDArray[np.float64]) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.min()) if known.size else None
