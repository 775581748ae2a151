"""EDP-1, the problem every benchmark solves: one bump on a metal film at 0.45 V, in micrometres, seconds and volts.

The scaled electrodeposition problem of Hong & Viswanathan (ACS Energy Lett. 2018, 3, 1737): energy density in MJ/m^3,
concentration relative to c0, conductivities in S/m. femna ships it as the case `edp-1` in SI; here the same numbers
stand as data, so that another discretisation or another code can be given exactly the same problem. The solver does
not care for units as long as they agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from femna.contract.state import State
from femna.mesh.grid import GlobalMesh, Grid
from femna.mesh.kuhn import split_bricks
from femna.mesh.tree.refinement import cells_at, refinement
from femna.mesh.tree.roots import Roots
from femna.mesh.tree.tree_grid import TreeGrid
from femna.models.boundary import electrode_nodes
from femna.models.single_potential import SinglePotential
from femna.parallel import MPI
from femna.physics.interpolation import QUINTIC
from femna.physics.kinetics import ButlerVolmer
from femna.physics.phase_field import PhaseField
from femna.physics.potential import Potential
from femna.physics.transport import Transport
from femna.timestepping.staggered import StaggeredStepper

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Edp1:
    """The numbers. side: edge of the square or cube; well W = 6 gamma/l, gradient kappa = 3 gamma l, l the width."""

    side: float = 25.0
    mobility: float = 6.25
    gradient: float = 0.3
    well: float = 2.4
    interface_width: float = 0.5
    rate_constant: float = 1e-3
    transfer: float = 0.5
    inverse_thermal_voltage: float = 38.69
    diffusivity: float = 317.9
    metal_diffusivity: float = 0.3179
    conductivity: float = 1.19
    metal_conductivity: float = 1e7
    site_ratio: float = 76.4
    charge_density: float = 7.37e-3
    voltage: float = 0.45
    film: float = 4.0
    bump_height: float = 2.0
    bump_width: float = 1.5
    end: float = 0.1

    def metal(self, points: Array) -> Array:
        """Order parameter at the start, (N,), at points (N, d) in um, the growth axis last."""
        lateral = points[:, :-1] - 0.5 * self.side
        front = self.film + self.bump_height * np.exp(-(lateral**2).sum(axis=1) / self.bump_width**2)
        return np.asarray(0.5 * (1.0 - np.tanh((points[:, -1] - front) / self.interface_width)))


def uniform_mesh(side: float, cells: int, dim: int = 2) -> GlobalMesh:
    """The square or cube of edge `side` cut into cells^dim bricks and each of these into right simplices (Kuhn)."""
    ticks = np.linspace(0.0, side, cells + 1)
    points = np.stack([axis.ravel() for axis in np.meshgrid(*[ticks] * dim, indexing="ij")], axis=1)
    number = np.arange(len(points)).reshape([cells + 1] * dim)
    corners = []
    for corner in range(2**dim):
        window = tuple(slice(1, None) if corner >> axis & 1 else slice(None, -1) for axis in range(dim))
        corners.append(number[window].ravel())
    simplices = split_bricks(np.stack(corners, axis=1))
    return GlobalMesh(points, simplices, np.zeros(len(simplices), dtype=np.int32))


def uniform_tree(comm: MPI.Comm, side: float, cells: int, dim: int = 2) -> TreeGrid:
    """The square or cube of edge `side` in bricks that are halved, up to five times, into cells^dim equal leaves."""
    levels = min(5, (cells & -cells).bit_length() - 1)
    rows = cells >> levels
    planes = (np.linspace(0.0, side, rows + 1),) * dim
    roots = Roots(planes, levels, np.zeros(rows, dtype=np.int32), np.full(rows, levels, dtype=np.int64))
    return TreeGrid(comm, roots, refinement(roots, np.zeros(cells_at(roots, levels - 1), dtype=np.uint8)))


def femna_problem(edp: Edp1, grid: Grid) -> SinglePotential:
    """EDP-1 as femna's physics on a grid whose points are in um."""
    collector, counter = electrode_nodes(grid, edp.side)
    nowhere, cells = np.zeros(grid.size, dtype=bool), np.ones(len(grid.layer))
    thermal_voltage = 1.0 / edp.inverse_thermal_voltage
    return SinglePotential(
        grid=grid,
        phase_field=PhaseField(grid, QUINTIC, mobility=edp.mobility, well=edp.well, gradient=edp.gradient),
        transport=Transport(
            grid,
            layer_diffusivity=edp.diffusivity * cells,
            metal_diffusivity=edp.metal_diffusivity,
            thermal_voltage=thermal_voltage,
            site_ratio=edp.site_ratio,
        ),
        potential=Potential(
            grid,
            layer_conductivity=edp.conductivity * cells,
            metal_conductivity=edp.metal_conductivity,
            charge_density=edp.charge_density,
        ),
        kinetics=ButlerVolmer(edp.rate_constant, edp.transfer, thermal_voltage),
        collector=collector,
        counter=counter,
        fixed={"xi": nowhere, "c": counter, "phi": collector | counter},
        fixed_values={
            "c": lambda points, _: np.ones(len(points)),
            "phi": lambda points, _: np.where(points[:, -1] > 0.5 * edp.side, edp.voltage, 0.0),
        },
        voltage=edp.voltage,
    )


class EdgeScheme:
    """femna's discretisation and stepper on EDP-1, with the few numbers that are compared."""

    def __init__(self, edp: Edp1, grid: Grid, preset: str = "gamg") -> None:
        self.grid = grid
        self.stepper = StaggeredStepper(femna_problem(edp, grid), preset)
        self.past: list[State] = []
        self._xi = edp.metal(grid.points)
        self._metal_at_start = grid.integral(self._xi)
        self.newton = 0

    def start(self) -> None:
        """The consistent initial state."""
        self.past = [self.stepper.start(0.0, {"xi": self._xi, "c": 1.0 - QUINTIC.h(self._xi)})]

    def advance(self, dt: float) -> None:
        """One step of size dt (s)."""
        step = self.stepper.advance(self.past, dt)
        self.newton += step.newton
        self.past = [step.state, *self.past[:2]]

    def run(self, steps: Sequence[float]) -> None:
        """Start and take these steps."""
        self.start()
        for dt in steps:
            self.advance(dt)

    def measures(self) -> dict[str, float]:
        """What `measures` says of the present state. Collective."""
        state: State = self.past[0]
        grid, owned = self.grid, slice(0, self.grid.owned)
        metal, ions = grid.integral(state["xi"]), grid.integral(state["c"])
        xi, c = state["xi"][owned], state["c"][owned]
        liquid = c[xi < 0.5].min(initial=np.inf)
        extremes = grid.max(-liquid, -xi.min(initial=np.inf), xi.max(initial=-np.inf))
        return measures(metal - self._metal_at_start, ions, -extremes[0], -extremes[1], extremes[2])

    @property
    def iterations(self) -> dict[str, int]:
        """Krylov iterations so far by field."""
        return {key: system.iterations for key, system in self.stepper.systems.items()}


def measures(growth: float, inventory: float, least: float, lower: float, upper: float) -> dict[str, float]:
    """Growth of the deposit (um^d), integral of c (um^d c0), least c where xi < 1/2 (c0) and the bounds of xi."""
    return {"growth": growth, "inventory": inventory, "least c": least, "least xi": lower, "largest xi": upper}


def graded_steps(dt: float, end: float) -> list[float]:
    """Step sizes from 0 to `end`: from dt/16 by factors of 1.5 up to dt, the last one fitted."""
    steps: list[float] = []
    size, time = dt / 16.0, 0.0
    while time < end * (1.0 - 1e-10):
        size = min(size, dt, end - time)
        steps.append(size)
        time += size
        size *= 1.5
    return steps


def richardson(sizes: ArrayLike, values: ArrayLike) -> tuple[float, float]:
    """(limit, order) of values ~ limit + a h^order through the three finest of a geometric sequence of sizes."""
    h, v = np.asarray(sizes)[-3:], np.asarray(values)[-3:]
    order = np.log(abs((v[0] - v[1]) / (v[1] - v[2]))) / np.log(h[0] / h[1])
    factor: Any = (h[1] / h[2]) ** order
    return float(v[2] + (v[2] - v[1]) / (factor - 1.0)), float(order)
