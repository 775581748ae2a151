"""Boxes of trees, finest about a wavy front of metal, and the equations of a cell on them.

The potential, with metal 1e7 times as conductive as the electrolyte; ions that drift and diffuse; and c, phi_l and
phi_s coupled by the reaction at the front. Run as a script it prints integrals of the solutions and iterations.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from femna.linear_solvers.block_system import BlockSystem
from femna.linear_solvers.edge_system import EdgeSystem
from femna.linear_solvers.presets import PRESETS
from femna.mesh.tree.refinement import cells_at, refinement
from femna.mesh.tree.roots import Roots
from femna.mesh.tree.tree_grid import TreeGrid
from femna.parallel import MPI

Array = NDArray[np.float64]


def box(counts: Sequence[int], levels: int, uniform: bool = False, heights: Sequence[float] = ()) -> TreeGrid:
    """Cubic bricks of 1 um, cut down to the finest leaves about the front, or everywhere.

    Args:
        counts: of bricks along each axis.
        levels: halvings of a brick.
        uniform: whether to cut everywhere.
        heights: of further rows of bricks above, in um, which stay whole.
    """
    planes = [1e-6 * np.arange(count + 1.0) for count in counts]
    planes[-1] = np.concatenate([planes[-1], planes[-1][-1] + 1e-6 * np.cumsum(heights)])
    rows = len(planes[-1]) - 1
    roots = Roots(tuple(planes), levels, np.zeros(rows, dtype=np.int32), np.zeros(rows, dtype=np.int64))
    shape = cells_at(roots, levels - 1)
    axes = [(np.arange(size) + 0.5) / 2 ** (levels - 1) for size in shape[: len(counts)]]
    places = np.meshgrid(*axes, indexing="ij")
    near = np.abs(
        places[-1] - height_of_front([place / count for place, count in zip(places, counts, strict=True)], counts[-1])
    )
    wanted = (near < 2.0 ** (2 - levels)) | (uniform & (places[-1] < counts[-1]))
    return TreeGrid(MPI.COMM_WORLD, roots, refinement(roots, wanted.reshape(shape).astype(np.uint8)))


def height_of_front(lateral: Sequence[Array], height: float) -> Array:
    """Height of a wavy front over the place in the plane, from 0 to 1 along each lateral axis."""
    waves = np.cos(6.0 * np.pi * lateral[0])
    if len(lateral) > 2:
        waves = waves * np.cos(4.0 * np.pi * lateral[1])
    return height * (0.4 + 0.1 * waves)


CONTRAST = 1e7
"""Conductivity of the metal over that of the electrolyte."""


def metal(grid: TreeGrid) -> Array:
    """Share of metal at the nodes, (N,)."""
    x = grid.points / grid.upper
    width = 0.04 * grid.upper[-1]
    return np.asarray(0.5 * (1.0 - np.tanh((grid.points[:, -1] - height_of_front(list(x.T), grid.upper[-1])) / width)))


def on_edges(grid: TreeGrid, nodal: Array) -> Array:
    """A quintic step of the mean of both ends, (E,)."""
    mean = nodal[grid.edges].mean(axis=1)
    return np.asarray(mean**3 * (6.0 * mean**2 - 15.0 * mean + 10.0))


def ends(grid: TreeGrid) -> NDArray[np.bool_]:
    """The nodes at collector and counter, (N,)."""
    z = grid.points[:, -1] / grid.upper[-1]
    return np.asarray((z < 1e-9) | (z > 1.0 - 1e-9))


def potential(grid: TreeGrid, options: Mapping[str, str], rtol: float = 1e-9) -> EdgeSystem:
    """The system of the potential, assembled."""
    system = EdgeSystem(grid, options, ends(grid), rtol)
    conduction = grid.weight * (1.0 + CONTRAST * on_edges(grid, metal(grid)))
    system.assemble(np.zeros(grid.size), conduction, conduction)
    return system


def drifting(
    grid: TreeGrid, options: Mapping[str, str], rtol: float = 1e-9, potential_drop: float = 10.0, time_step: float = 1.0
) -> EdgeSystem:
    """The system of ions of diffusivity 1e-12 m^2/s in a potential that falls by `potential_drop` RT/F, assembled."""
    xi, x = metal(grid), grid.points / grid.upper
    system = EdgeSystem(grid, options, x[:, -1] > 1.0 - 1e-9, rtol)
    diffusion = 1e-12 * grid.weight * (1.0 - (1.0 - 1e-3) * on_edges(grid, xi))
    phi = potential_drop * x[:, -1]
    jump = phi[grid.edges[:, 1]] - phi[grid.edges[:, 0]] + 1e-9
    p, q = diffusion * jump / np.expm1(jump), diffusion * jump / -np.expm1(-jump)
    system.assemble(grid.is_owned * grid.volume / time_step, p, q)
    return system


SYSTEMS: Mapping[str, Callable[..., EdgeSystem]] = {"phi": potential, "c": drifting}


FIELDS = ("c", "phi_l", "phi_s")
ALONG = [("c", "c"), ("c", "phi_l"), ("phi_l", "c"), ("phi_l", "phi_l"), ("phi_s", "phi_s")]


def coupled(grid: TreeGrid, options: Mapping[str, str], rtol: float) -> tuple[dict[str, Array], int]:
    """c, phi_l and phi_s in units of their own, and the iterations: salt that diffuses and drifts in the electrolyte,
    ions that leave it where they react at the front, electrons in the metal, 1e-9 to 1e4 times as conductive.
    """
    xi = metal(grid)
    h = on_edges(grid, xi)
    length = float(grid.upper[-1])
    ions, electrons = grid.weight * (1.0 - h + 1e-9 * h), grid.weight * (1e4 * h + 1e-9 * (1.0 - h))
    reaction = grid.is_owned * grid.volume * 64.0 * (xi * (1.0 - xi)) ** 2 / (0.04 * length) ** 2
    inertia = grid.is_owned * grid.volume * (1.0 - xi + 1e-9) * 30.0 / length**2
    nowhere = np.zeros(grid.size, dtype=bool)
    at_ends, low = ends(grid), grid.points[:, -1] < 0.5 * length
    fixed = {"c": nowhere, "phi_l": at_ends & ~low, "phi_s": at_ends & low}
    system = BlockSystem(grid, FIELDS, ALONG, fixed, options)
    node = {
        ("c", "c"): inertia + 0.3 * reaction,
        ("c", "phi_l"): 0.5 * reaction,
        ("c", "phi_s"): -0.5 * reaction,
        ("phi_l", "c"): 0.6 * reaction,
        ("phi_l", "phi_l"): reaction,
        ("phi_l", "phi_s"): -reaction,
        ("phi_s", "c"): -0.6 * reaction,
        ("phi_s", "phi_l"): -reaction,
        ("phi_s", "phi_s"): reaction,
    }
    shares = {("c", "c"): ions, ("c", "phi_l"): 0.4 * ions, ("phi_l", "c"): -0.2 * ions, ("phi_l", "phi_l"): ions}
    shares["phi_s", "phi_s"] = electrons
    system.assemble(node, {pair: (conduction, -conduction) for pair, conduction in shares.items()})
    source = grid.volume / length**2
    right = {"c": source * (1.0 - xi), "phi_l": source, "phi_s": -source * xi}
    return system.solve(right, rtol), system.iterations


def measures() -> dict[str, tuple[float, int]]:
    """Integral of each solution, and the iterations, in three dimensions. Collective."""
    grid = box((3, 2, 4), 3)
    found = {}
    for kind, system_of in SYSTEMS.items():
        system = system_of(grid, PRESETS["nested"][kind], 1e-12)
        found[kind] = (grid.integral(system.solve(grid.volume * metal(grid))), system.iterations)
    solution, iterations = coupled(grid, PRESETS["nested"]["coupled"], 1e-12)
    return found | {f"coupled {field}": (grid.integral(solution[field]), iterations) for field in FIELDS}


if __name__ == "__main__":
    result = measures()
    if MPI.COMM_WORLD.rank == 0:
        print(json.dumps(result))
