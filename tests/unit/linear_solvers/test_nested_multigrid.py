"""Geometric multigrid on trees: right answers, and iterations that do not grow with the mesh.

The equations are those of `boxes`. Bounds of iterations are those seen, and one more.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from femna.linear_solvers.edge_system import EdgeSystem
from femna.linear_solvers.krylov import SolveFailed
from femna.linear_solvers.nested_multigrid.cycle import Cycle
from femna.linear_solvers.nested_multigrid.hierarchy import hierarchy_of
from femna.linear_solvers.nested_multigrid.matrix_rows import MatrixRows
from femna.linear_solvers.nested_multigrid.opposite import OppositeEntries
from femna.linear_solvers.presets import MUMPS, PRESETS, preset
from femna.mesh.tree.tree_grid import TreeGrid

from .boxes import FIELDS, SYSTEMS, box, coupled, drifting, ends, metal, potential


@pytest.mark.parametrize("kind", ["phi", "c"])
@pytest.mark.parametrize("counts", [(3, 4), (3, 2, 4)])
def test_solutions_are_those_of_a_factorisation(kind: str, counts: Sequence[int]) -> None:
    grid = box(counts, 3)
    source = grid.volume * metal(grid)
    exact = SYSTEMS[kind](grid, MUMPS).solve(source)
    solution = SYSTEMS[kind](grid, PRESETS["nested"][kind], rtol=1e-12).solve(source)
    assert solution == pytest.approx(exact, abs=1e-9 * float(grid.max(exact.max())[0]))


@pytest.mark.parametrize(("kind", "most"), [("phi", 12), ("c", 7)])
@pytest.mark.parametrize(
    ("counts", "levels", "uniform"), [((4, 4), 4, True), ((4, 4), 6, False), ((2, 2, 3), 4, False)]
)
def test_iterations_do_not_grow(kind: str, most: int, counts: Sequence[int], levels: int, uniform: bool) -> None:
    """Sizes from a hundred nodes, four of them, each twice as fine as the one before."""
    taken = []
    for level in range(max(1, levels - 3), levels + 1):
        grid = box(counts, level, uniform)
        system = SYSTEMS[kind](grid, PRESETS["nested"][kind])
        system.solve(grid.volume * metal(grid))
        taken.append(system.iterations)
    assert max(taken) <= most, taken


@pytest.mark.parametrize("drop", [100.0, 1000.0])
def test_iterations_where_drift_prevails(drop: float) -> None:
    """The finest cells see 0.4 and 4 RT/F, the bins of the roots 25 and 250: conductances rise to the drift there."""
    grid = box((4, 4), 6)
    system = drifting(grid, PRESETS["nested"]["c"], potential_drop=drop, time_step=10.0)
    system.solve(grid.volume * metal(grid))
    assert system.iterations <= 15


@pytest.mark.parametrize("counts", [(24, 6), (48, 6), (12, 12, 4)])
def test_rows_of_high_bricks(counts: Sequence[int]) -> None:
    """Bricks up to eight times as high as wide; bins that grow in height at once take 16 to 19 iterations."""
    grid = box(counts, 1, heights=(1.25, 1.5, 1.9, 2.4, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0))
    system = potential(grid, PRESETS["nested"]["phi"])
    system.solve(grid.volume * metal(grid))
    assert system.iterations <= 10


@pytest.mark.parametrize("count", [12, 24])
def test_the_coarsest_level_is_solved(count: int) -> None:
    """A box held at its lower side only: no finer level sees its slowest mode."""
    grid = box((count, count), 1, uniform=True)
    system = EdgeSystem(grid, PRESETS["nested"]["phi"], grid.points[:, 1] < 1e-12, 1e-9)
    system.assemble(np.zeros(grid.size), grid.weight, grid.weight)
    system.solve(grid.volume)
    assert system.iterations <= 8


def test_given_values_inside_belong_to_no_bin() -> None:
    """A plate of given potential in the middle, one node thick: its neighbours share bins with it."""
    grid = box((4, 4), 5, uniform=True)
    plate = (np.abs(grid.points[:, 1] - 2e-6) < 1e-9) & (grid.points[:, 0] < 3e-6)
    system = EdgeSystem(grid, PRESETS["nested"]["phi"], ends(grid) | plate, 1e-9)
    system.assemble(np.zeros(grid.size), grid.weight, grid.weight)
    solution = system.solve(grid.volume)
    assert np.all(solution[plate] == 0.0)
    assert system.iterations <= 12
    in_no_bin = cycle_of(system, grid, drift=False).shared[0].parent < 0
    assert np.array_equal(in_no_bin, system.fixed[: grid.owned])


def cycle_of(system: EdgeSystem, grid: TreeGrid, drift: bool) -> Cycle:
    """A cycle with the entries of a system's matrix."""
    rows = MatrixRows(system.matrix)
    cycle = Cycle(hierarchy_of(grid, rows), drift)
    cycle.set_values(rows.values(system.matrix))
    return cycle


@pytest.mark.parametrize(("counts", "factor"), [((4, 4), 1.0), ((4, 4, 4), 2.0)])
def test_a_coarse_conductance_is_that_of_the_coarser_mesh(counts: Sequence[int], factor: float) -> None:
    """On a uniform mesh a bin away from the sides has the equation of a mesh twice as coarse: g is h^(d-2)."""
    grid = box(counts, 3, uniform=True)
    system = EdgeSystem(grid, PRESETS["nested"]["phi"], np.zeros(grid.size, dtype=bool), 1e-9)
    weight = grid.weight / grid.weight.max()
    system.assemble(np.zeros(grid.size), weight, weight)
    coarse = cycle_of(system, grid, drift=False).shared[1]
    start, neighbours = coarse.level.rows.start, 2 * len(counts)
    regular = start[np.flatnonzero(np.diff(start) == neighbours + 1)]
    off_diagonal = coarse.entries.value[regular[:, None] + 1 + np.arange(neighbours)]
    finest = -float(grid.max(-MatrixRows(system.matrix).values(system.matrix).min())[0])
    alike = np.abs(off_diagonal / finest / factor - 1.0).max(axis=1, initial=0.0) < 1e-5
    # 32 cells along each axis: 16 bins and the plane of the upper side; bin 0 and that plane have smaller
    # volumes, which changes the distances from their neighbours
    assert grid.sum(alike.sum())[0] == 13 ** len(counts)


@pytest.mark.parametrize("counts", [(4, 4), (2, 2, 3)])
def test_coarse_levels_conserve_and_keep_signs(counts: Sequence[int]) -> None:
    """All entries together are the masses alone, on every level; and no rate of a flux is negative, however strong the
    drift."""
    grid = box(counts, 4 if len(counts) == 2 else 3)
    system = drifting(grid, PRESETS["nested"]["c"], potential_drop=1000.0)
    cycle = cycle_of(system, grid, drift=True)
    given = system.fixed[: grid.owned].sum()  # rows of the identity, which belong to no bin
    mass = float(grid.sum(MatrixRows(system.matrix).values(system.matrix).sum() - given)[0])
    for coarse in cycle.shared[1:]:
        value, drift = coarse.entries.value.astype(float), coarse.entries.drift.astype(float)
        off_diagonal = np.ones(len(value), dtype=bool)
        off_diagonal[coarse.level.rows.start[:-1]] = False
        assert float(grid.sum(value.sum())[0]) == pytest.approx(mass, rel=1e-4)
        assert value[off_diagonal].max() <= 0.0  # -q
        assert (2.0 * drift - value)[off_diagonal].min() >= 0.0  # p


def test_a_failure_leaves_no_trace() -> None:
    """Entries that are no numbers fail as a solve does, and the next one is sound."""
    grid = box((3, 4), 2)
    system = EdgeSystem(grid, PRESETS["nested"]["phi"], ends(grid), 1e-9)
    exact = grid.points[:, 1] * (grid.upper[1] - grid.points[:, 1]) / 2.0  # of -u'' = 1

    def solve(factor: float) -> NDArray[np.float64]:
        conduction = factor * grid.weight
        system.assemble(np.zeros(grid.size), conduction, conduction)
        return system.solve(grid.volume)

    assert solve(1.0) == pytest.approx(exact, abs=1e-2 * exact.max())
    with pytest.raises(SolveFailed):
        solve(np.nan)
    assert solve(1.0) == pytest.approx(exact, abs=1e-2 * exact.max())


def test_rows_of_a_matrix_where_they_lie() -> None:
    """As PETSc's slow copy has them, also after the entries have changed."""
    grid = box((3, 4), 3)
    system = drifting(grid, PRESETS["nested"]["c"])
    rows = MatrixRows(system.matrix)
    columns = rows.index_map.local_to_global(rows.rows.column)
    for _ in range(2):
        start, column, value = system.matrix.getValuesCSR()
        assert np.array_equal(rows.rows.start, start)
        row = np.repeat(np.arange(rows.owned), np.diff(start))
        assert np.array_equal(columns[np.lexsort((columns, row))], column)
        assert np.array_equal(rows.values(system.matrix)[np.lexsort((columns, row))], value)
        system.matrix.scale(3.0)


def test_opposite_entries() -> None:
    """Of the matrix a_ij = i + pi j, also those that another rank has."""
    grid = box((3, 4), 3)
    system = drifting(grid, PRESETS["nested"]["c"])
    rows = MatrixRows(system.matrix)
    row = np.repeat(np.arange(rows.owned, dtype=np.int32), np.diff(rows.rows.start))
    i, j = rows.index_map.local_to_global(row), rows.index_map.local_to_global(rows.rows.column)
    opposite = OppositeEntries(rows)
    entries = i + np.pi * j
    found = np.concatenate([entries, opposite.exchange(entries)])[opposite.place]
    assert np.array_equal(found, j + np.pi * i)


def test_nested_is_chosen_where_it_serves() -> None:
    assert preset("auto", box((2, 2), 2)) is PRESETS["nested"]


@pytest.mark.parametrize("counts", [(3, 4), (3, 2, 4)])
def test_coupled_fields_are_those_of_a_factorisation(counts: Sequence[int]) -> None:
    grid = box(counts, 2)
    exact, _ = coupled(grid, MUMPS, 1e-12)
    found, _ = coupled(grid, PRESETS["nested"]["coupled"], 1e-12)
    for field in FIELDS:
        assert found[field] == pytest.approx(exact[field], abs=1e-8 * float(grid.max(np.abs(exact[field]).max())[0]))


@pytest.mark.parametrize(("counts", "levels"), [((4, 4), 6), ((2, 2, 3), 4)])
def test_iterations_of_coupled_fields_do_not_grow(counts: Sequence[int], levels: int) -> None:
    sizes = range(max(1, levels - 3), levels + 1)
    taken = [coupled(box(counts, level), PRESETS["nested"]["coupled"], 1e-9)[1] for level in sizes]
    assert max(taken) <= 28, taken
