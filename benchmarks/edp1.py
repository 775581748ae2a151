"""EDP-1 in femna: its discretisation and stepper on any grid, on uniform ones of right simplices."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.problem import Edp1, measures
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
