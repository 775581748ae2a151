"""A run, finished or not, seen through its folder."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from femna.analysis.cycles import cycle_table
from femna.analysis.metal import disconnected_metal
from femna.analysis.snapshot import snapshot, stored_time
from femna.errors import BadInput
from femna.geometry.phases import conducting_layers
from femna.io.field_store import MESH_FILE, SAME_TIME, list_outputs, stored_digest
from femna.io.history import HISTORY_FILE, read_history
from femna.io.manifest import read_manifest, true_status
from femna.quantities import seconds

if TYPE_CHECKING:
    import pyvista

    from femna.case import Case

CASE_FILE = "case.toml"

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
"""The keys of the manifest that say when a cell was over before its protocol."""


@dataclass(frozen=True)
class Run:
    """The run in `directory`, as it stood when it was opened; open it again to see a running one go on.

    manifest: what `manifest.json` holds (see femna.io.manifest.Manifest).
    """

    directory: Path
    manifest: dict[str, Any]

    @property
    def status(self) -> str:
        """running, finished, interrupted or failed; a run that was killed counts as interrupted."""
        return true_status(self.manifest)

    @cached_property
    def case(self) -> Case:
        """The fully resolved case. Raises BadInput."""
        path = self.directory / CASE_FILE
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"{path}: cannot be read ({error})") from error
        from femna.case.read import read_case_text

        return read_case_text(text, str(path))

    @cached_property
    def history(self) -> dict[str, NDArray[np.float64]]:
        """Column name -> values, one an accepted step after the initial state. Raises BadInput."""
        return read_history(self.directory / HISTORY_FILE)

    @cached_property
    def _outputs(self) -> list[tuple[float, Path]]:
        return list_outputs(self.directory)

    @property
    def times(self) -> NDArray[np.float64]:
        """Simulated times (s) of the stored fields, rising. Raises BadInput."""
        return np.array([time for time, _ in self._outputs])

    def fields(self, time: float | str | None = None) -> pyvista.UnstructuredGrid:
        """The fields stored at `time` (s, or a text such as "2 min") or last before it, the last of all without it.

        Raises BadInput when nothing was stored so early, when that is no time, or when the files are damaged.
        """
        stored = self.times
        if stored.size == 0:
            raise BadInput(f"{self.directory}: no fields are stored")
        if isinstance(time, str):
            time = seconds(time, f"{self.directory}: time")
        elif time is None:
            time = float(stored[-1])
        index = int(np.searchsorted(stored, time + SAME_TIME * abs(time), side="right")) - 1
        if index < 0:
            first = f"the first are at {stored[0]:g} s"
            raise BadInput(f"{self.directory}: no fields are stored at or before {time:g} s; {first}")
        path = self._outputs[index][1]
        if stored_digest(path.with_name(MESH_FILE)) is None:
            raise BadInput(f"{path.with_name(MESH_FILE)}: is missing or damaged; the stored fields need it")
        import pyvista

        mesh = pyvista.read(path)
        if not isinstance(mesh, pyvista.UnstructuredGrid) or mesh.n_points == 0:
            raise BadInput(f"{path}: is damaged")
        return mesh

    def summary(self) -> dict[str, Any]:
        """The numbers of `femna summary --json`; None where a run has no such number (yet).

        `cycles`, one dictionary a cycle (see femna.analysis.cycles.Cycle), is there only when something was stripped.
        """
        history, manifest = self.history, self.manifest
        memory = manifest.get("peak_memory_MB")
        last = {key: _last(history, column) for key, column in LAST_VALUES.items()}
        walls = [wall for wall in (manifest.get("wall_s"), _last(history, "Wall time [s]")) if wall is not None]
        nodes = _last(history, "Nodes [-]")
        lowest = history["Minimum concentration [mol.m-3]"]
        heights = history["Mean height [m]"]
        values = {
            "status": self.status,
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
            "height_initial_m": _finite(heights[0]) if heights.size else None,
            "roughness_sq_m": last["roughness_sq_m"],
            "front_length_ratio": last["front_length_ratio"],
            "current_density_A_m2": last["current_density_A_m2"],
            "cell_voltage_V": last["cell_voltage_V"],
            "charge_C_m2": last["charge_C_m2"],
            "concentration_min_mol_m3": _finite(np.nanmin(lowest)) if np.isfinite(lowest).any() else None,
            "concentration_max_mol_m3": last["concentration_max_mol_m3"],
            "sodium_balance_error": last["sodium_balance_error"],
            "charge_balance_error": last["charge_balance_error"],
            "top_fraction": last["top_fraction"],
            "contact_fraction": last["contact_fraction"],
            "disconnected_metal_m": self.disconnected(),
            **{key: manifest.get(key) for key in CELL_ENDS},
        }
        table = cycle_table(self)
        return values if table is None else values | {"cycles": table}

    def disconnected(self, time: float | None = None) -> float | None:
        """Metal that the collector does not reach, m, in the output stored at `time` (s), by default the last one; None
        when there is none."""
        try:
            moment = stored_time(self, time)
            if time is not None and abs(moment - time) > SAME_TIME * time:
                return None
            case = self.case
            output = snapshot(self, moment)
            return disconnected_metal(output, case.surface.position, conducting_layers(case)).disconnected
        except BadInput:
            return None


def open_run(directory: Path | str) -> Run:
    """The run in `directory`, also while it runs. Raises BadInput when that is no run folder."""
    directory = Path(directory)
    return Run(directory, read_manifest(directory))


def _last(history: dict[str, NDArray[np.float64]], column: str) -> float | None:
    values = history.get(column)
    return None if values is None or values.size == 0 else _finite(values[-1])


def _finite(value: float) -> float | None:
    """A number JSON can hold; it has none for "not a number"."""
    return float(value) if math.isfinite(value) else None
