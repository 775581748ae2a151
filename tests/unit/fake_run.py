"""A run made up in memory, with just what the pictures read: bumps that grow into fingers."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyvista

from femna.case import ProtocolStep
from femna.fields import Field
from femna.io.field_store import FieldStore
from femna.io.history import History
from femna.io.manifest import Manifest
from femna.io.version_1 import COLUMNS, declared_fields
from femna.validation.load import load_case

UM = 1e-6
NAMES = [column.name for column in COLUMNS]
CHARGE = 96485.33212 / 23.75e-6  # C/m2 in a metre of sodium
LAYERS = {"anode": 3.0, "interphase": 1.5, "electrolyte": 12.0}


def _entry(value: float | None) -> SimpleNamespace | None:
    return None if value is None else SimpleNamespace(value=value)


@dataclass
class FakeRun:
    """fields(time), times, history, case, directory, as femna.analysis.runs.Run has them.

    signs: of the current in equal parts of the time, one mA/cm^2 each, in place of the growth's own history. layers:
    names and thicknesses, "anode" the first; `store` takes those of LAYERS alone.
    """

    directory: Path
    dim: int = 2
    name: str = "fake"
    growth: float = 0.5  # um/s of the tallest finger
    cells: int = 60  # across the width
    width: float = 12.0  # um
    times: np.ndarray[Any, Any] = field(default_factory=lambda: np.linspace(0, 10, 6))
    model: str = "single_potential"
    conductivity: float = 0.0  # of electrons in the interphase, S/m
    signs: tuple[int, ...] = ()
    status: str = "finished"
    manifest: dict[str, Any] = field(default_factory=dict)
    layers: dict[str, float] = field(default_factory=lambda: dict(LAYERS))  # um
    salted_interphase: bool = True

    @property
    def case(self) -> SimpleNamespace:
        tops = np.cumsum(list(self.layers.values())) * UM
        bottoms = np.concatenate([[0.0], tops[:-1]])
        spans = dict(zip(self.layers, zip(bottoms, tops, strict=True), strict=True))
        salt = {"diffusivity": 1e-10, "anion_diffusivity": 2e-10, "transference_number": None, "anion_valence": None}
        none = {"diffusivity": 1e-10, "anion_diffusivity": None, "transference_number": 1.0, "anion_valence": None}
        known = {
            "anode": none | {"electronic_conductivity": 2.1e7, "ionic_conductivity": 1.0},
            "interphase": (salt if self.salted_interphase else none)
            | {"electronic_conductivity": self.conductivity, "ionic_conductivity": 1e-3},
            "electrolyte": salt | {"electronic_conductivity": 0.0, "ionic_conductivity": 1.0},
        }
        return SimpleNamespace(
            name=self.name,
            valence=1,
            title="A made-up run",
            model=self.model,
            transport=SimpleNamespace(kind="binary" if self.model == "two_potential" else "nernst_planck"),
            materials={name: SimpleNamespace(**{key: _entry(x) for key, x in m.items()}) for name, m in known.items()},
            property=lambda name, key: known[name][key],
            interface=SimpleNamespace(interpolation="quintic"),
            layer={name: SimpleNamespace(material=name) for name in self.layers},
            surface=SimpleNamespace(position=self.layers["anode"] * UM),
            steps=lambda: tuple(ProtocolStep(mode="current", value=10.0 * s, until="1 s") for s in self.signs),
            layer_names=tuple(self.layers),
            filling_layers=(),
            phases=[(name, False) for name in self.layers],
            interval=lambda name: spans[name],
            height=float(tops[-1]),
            geometry=SimpleNamespace(dim=self.dim, width=self.width * UM, depth=self.width * UM),
        )

    @property
    def field_table(self) -> dict[str, Field]:
        return {declared.key: declared for declared in declared_fields(self.model, ())}

    def height(self, lateral: np.ndarray[Any, Any], time: float) -> np.ndarray[Any, Any]:
        """(N,) height of the front in um over lateral (N, dim-1) in um."""
        bumps = ((0.3, 1.0, 1.0), (0.7, 0.6, 1.3), (0.12, 0.35, 0.8))
        grown = np.full(len(lateral), self.layers["anode"] + 0.05 * time)
        for k, (place, size, spread) in enumerate(bumps):
            centre = np.array([place, (0.6, 0.35, 0.7)[k]])[: lateral.shape[1]] * self.width
            r2 = ((lateral - centre) ** 2).sum(axis=1)
            grown += (0.1 + size * self.growth * time) * np.exp(-r2 / spread**2)
        return grown

    def fields(self, time: float) -> pyvista.UnstructuredGrid:
        time = float(self.times[np.searchsorted(self.times, time * (1 + 1e-9), side="right") - 1])
        points, cells = self.mesh()
        top = sum(self.layers.values())
        z = points[:, -1]
        lateral = points[:, :-1]
        gap = z - self.height(lateral, time)
        slope = 1.0
        if self.dim > 1:
            step = 1e-3
            rises = [self.height(lateral + step * e, time) - self.height(lateral, time) for e in np.eye(self.dim - 1)]
            slope = np.sqrt(1 + sum((r / step) ** 2 for r in rises))
        distance = gap / slope
        xi = 0.5 * (1 - np.tanh(distance / 0.25))
        share = np.clip(gap / (top - z + np.clip(gap, 1e-9, None)), 0, 1)
        c = 1000 * (1 - xi) * (0.15 + 0.85 * np.clip(share, 0, 1) ** 0.7)
        phi = 0.5 * (1 - xi) * np.clip(share, 0, 1)
        kind = {1: pyvista.CellType.LINE, 2: pyvista.CellType.TRIANGLE, 3: pyvista.CellType.TETRA}[self.dim]
        padded = np.zeros((len(points), 3))
        padded[:, : self.dim] = points * UM
        grid = pyvista.UnstructuredGrid({kind: cells}, padded)
        potentials = {"phi": phi}
        if self.model == "two_potential":
            potentials = {"phi_l": 0.05 + 0.1 * phi, "phi_s": 0.01 * np.clip(z / top, 0, 0.3)}
        grid.point_data.update({"xi": xi, "c": c, **potentials})
        centres = points[cells].mean(axis=1)[:, -1]
        faces = np.cumsum(list(self.layers.values()))[:-1]
        grid.cell_data["material"] = np.searchsorted(faces, centres).astype(np.int32)
        return grid

    def mesh(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """Points (N, dim) in um, simplices (M, dim+1): a box of equal cells, each split into simplices."""
        step = self.width / self.cells
        counts = [self.cells] * (self.dim - 1) + [round(sum(self.layers.values()) / step)]
        edges = [np.linspace(0, self.width, self.cells + 1)] * (self.dim - 1)
        edges.append(np.linspace(0, sum(self.layers.values()), counts[-1] + 1))
        points = np.stack(np.meshgrid(*edges, indexing="ij"), axis=-1).reshape(-1, self.dim)
        index = np.arange(len(points)).reshape([n + 1 for n in counts])
        corner = {
            bits: index[tuple(slice(b, b + n) for b, n in zip(bits, counts, strict=True))].ravel()
            for bits in np.ndindex(*(2,) * self.dim)
        }
        zero, one = (0,) * self.dim, (1,) * self.dim
        if self.dim == 1:
            return points, np.stack([corner[zero], corner[one]], axis=1)
        if self.dim == 2:
            paths = [[zero, (1, 0), one], [zero, one, (0, 1)]]
        else:
            paths = []
            for order in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)):
                at = [0, 0, 0]
                path = [zero]
                for axis in order:
                    at[axis] = 1
                    path.append(tuple(at))
                paths.append(path)
        return points, np.concatenate([np.stack([corner[c] for c in path], axis=1) for path in paths])

    @property
    def history(self) -> dict[str, np.ndarray[Any, Any]]:
        time = np.linspace(self.times[0], self.times[-1], 41)
        lateral = np.linspace(0, self.width, 200)[:, None] if self.dim > 1 else np.zeros((1, 0))
        lateral = np.repeat(lateral, max(self.dim - 1, 1), axis=1) if self.dim > 1 else lateral
        fronts = np.array([self.height(lateral, t) for t in time]) * UM
        thickness = fronts.mean(axis=1) - fronts[0].mean()
        columns = {name: np.zeros(len(time)) for name in NAMES}
        columns["Step [-]"] = np.arange(len(time), dtype=float)
        columns["Time [s]"] = time
        columns["Cell voltage [V]"] = np.full(len(time), 0.5)
        columns["Deposit thickness [m]"] = thickness
        columns["Charge density [C.m-2]"] = CHARGE * thickness
        columns["Capacity [mAh.cm-2]"] = CHARGE * thickness / 36000
        rate = CHARGE * thickness[-1] / (time[-1] - time[0]) if time[-1] > time[0] else 0.0  # it grows evenly
        columns["Current density [A.m-2]"] = np.full(len(time), rate)
        columns["Mean height [m]"] = fronts.mean(axis=1)
        columns["Maximum height [m]"] = fronts.max(axis=1)
        columns["Minimum height [m]"] = fronts.min(axis=1)
        columns["Roughness Sq [m]"] = fronts.std(axis=1)
        columns["Front length ratio [-]"] = 1 + fronts.std(axis=1) / UM
        return columns | self._cycled(time) if self.signs else columns

    def _cycled(self, time: np.ndarray[Any, Any]) -> dict[str, np.ndarray[Any, Any]]:
        part = np.minimum(np.arange(len(time) - 1) * len(self.signs) // (len(time) - 1), len(self.signs) - 1)
        current = 10.0 * np.array(self.signs, dtype=float)[part]
        charge = np.concatenate([[0.0], np.cumsum(current * np.diff(time))])
        voltage = np.concatenate([[current[0]], current]) * 4e-3
        return {
            "Current density [A.m-2]": np.concatenate([current[:1], current]),
            "Cell voltage [V]": voltage,
            "Charge density [C.m-2]": charge,
            "Capacity [mAh.cm-2]": charge / 36000,
            "Deposit thickness [m]": charge / CHARGE,
            "Top fraction [-]": np.linspace(0.2, 0.6, len(time)),
        }

    def store(self, folder: Path) -> None:
        """Write it as the solver would: a run of a case with the same layers."""
        sizes = [
            f"geometry.dim={self.dim}",
            f'geometry.width="{self.width} um"',
            f'layer.electrolyte.thickness="{self.layers["electrolyte"]} um"',
        ]
        case = load_case("p-na", sizes)
        manifest = Manifest(folder)
        manifest.start(case=case.name, model=case.model, ranks=1, command=["made up"])
        manifest.declare(declared_fields(case.model, ()), COLUMNS)
        (folder / "case.toml").write_text(case.to_toml(), encoding="utf-8")
        points, cells = self.mesh()
        store = FieldStore(folder, points * UM, cells, np.asarray(self.fields(0.0).cell_data["material"]))
        for index, time in enumerate(self.times):
            grid = self.fields(time)
            store.write(index, float(time), {key: np.asarray(grid.point_data[key]) for key in ("xi", "c", "phi")})
        with History(folder / "history.csv", COLUMNS) as history:
            columns = self.history
            for k in range(len(columns["Time [s]"])):
                history.append({name: float(values[k]) for name, values in columns.items()})
        manifest.finish("finished")
