"""A mesh that follows the front: the same run on any number of ranks, interrupted or not, before and after it is made
anew; and what is stored on several meshes is read as any run is."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import pyvista

import femna
from femna import resume
from femna.analysis.runs import Run

from .launch import differences, launch, sets, started, wait_for_step
from .test_kill import kill

pytestmark = pytest.mark.serial

CASE = Path(__file__).with_name("following.toml")
NODES = "Nodes [-]"
ON_A_NEW_MESH = 1
"""Steps after which a run is left on a mesh just made: where the errors at some of its nodes do not count yet."""


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Run]:
    """The run on so many ranks, to its end or to a step."""
    folder = tmp_path_factory.mktemp("followed")

    @cache
    def make(ranks: int = 1, steps: int = 0) -> Run:
        where = folder / f"{ranks}-{steps}"
        limit = sets(f"numerics.max_steps={steps}") if steps else []
        done = launch("run", CASE, "-o", where, *limit, ranks=ranks)
        assert done.returncode == 0, done.stderr
        return femna.open_run(where)

    return make


@pytest.fixture
def copy_of(tmp_path: Path) -> Callable[[Run], Path]:
    return lambda run: Path(shutil.copytree(run.directory, tmp_path / run.directory.name))


def first_row_on_the_new_mesh(run: Run) -> int:
    rows = np.flatnonzero(np.diff(run.history[NODES]))
    assert len(rows) == 1
    return int(rows[0]) + 1


def same(run: Run, whole: Run) -> None:
    """One row a step, the same numbers, the same meshes and fields."""
    assert np.array_equal(run.history["Step [-]"], np.arange(len(run.history["Step [-]"])))
    found = differences(whole, run)
    # the size of a step follows from small differences: what the linear solves leave shows in its fifth digit
    assert found.pop("Time step [s]") < 1e-4
    apart = {name: value for name, value in found.items() if not value < 1e-6}
    assert not apart
    assert np.array_equal(run.history[NODES], whole.history[NODES])
    assert run.summary()["rejected_steps"] == whole.summary()["rejected_steps"]
    for time in (run.times[1], run.times[-1]):
        here, there = run.fields(time), whole.fields(time)
        assert np.array_equal(here.points, there.points)
        assert np.abs(here["xi"] - there["xi"]).max() < 1e-6
        assert np.abs(here["c"] - there["c"]).max() < 1e-6 * np.abs(there["c"]).max()


def test_the_mesh_is_made_anew_once(followed: Callable[..., Run]) -> None:
    """With the metal and the ions that it had: nothing jumps, and the sodium balance does not notice."""
    run = followed()
    row = first_row_on_the_new_mesh(run)
    assert 40 < row < len(run.history[NODES]) - 5
    assert run.history["Sodium balance error [-]"][row - 1 :].max() < 1e-9
    rise = np.diff(run.history["Deposit thickness [m]"])
    rate = rise / np.diff(run.history["Time [s]"])
    assert rate[row] == pytest.approx(rate[row - 1], rel=0.02)
    assert rate[row - 1] == pytest.approx(rate[row - 2], rel=0.02)
    assert "new mesh" in (run.directory / "log.txt").read_text()


@pytest.mark.parametrize("ranks", [2, 3])
def test_same_history_on_any_number_of_ranks(ranks: int, followed: Callable[..., Run]) -> None:
    same(followed(ranks), followed())
    assert followed(ranks).summary()["ranks"] == ranks


@pytest.mark.parametrize(("ranks", "after"), [(2, -3), (1, ON_A_NEW_MESH), (2, ON_A_NEW_MESH), (1, 6)])
def test_resumed_on_another_number_of_ranks(
    ranks: int, after: int, followed: Callable[..., Run], copy_of: Callable[[Run], Path]
) -> None:
    """Left some steps before or after the mesh is made anew, with errors that do not count yet or with all."""
    whole = followed()
    steps = first_row_on_the_new_mesh(whole) - 1 + after
    folder = copy_of(followed(ranks, steps))
    done = launch("resume", folder, *sets("numerics.max_steps=1000"), ranks=3 - ranks)
    assert done.returncode == 0, done.stderr
    same(femna.open_run(folder), whole)


def test_killed_on_a_new_mesh(tmp_path: Path, followed: Callable[..., Run]) -> None:
    """With the checkpoint of the step before, or of this one."""
    folder, whole = tmp_path / "run", followed()
    row = first_row_on_the_new_mesh(whole)
    with started("run", CASE, "-o", folder, *sets("output.checkpoint_interval=0")) as process:
        wait_for_step(process, folder, row)
        kill(folder)
        process.communicate(timeout=60)
    run = femna.open_run(folder)
    assert run.status == "interrupted"
    assert all(run.fields(time).n_points > 0 for time in run.times)
    same(resume(folder), whole)


def test_fields_before_and_after(followed: Callable[..., Run]) -> None:
    """On meshes of their own, which fill the box; the layer at each cell; the front at the height of the history."""
    run = followed()
    case, row = run.case, first_row_on_the_new_mesh(run)
    turn = run.history["Time [s]"][row - 1]
    assert run.times[1] < turn < run.times[-1]
    counts = [run.fields(time).n_points for time in run.times]
    assert counts == [run.history[NODES][0 if time <= turn else -1] for time in run.times]
    assert len(set(counts)) == 2
    for time in run.times:
        mesh = run.fields(time)
        sizes = mesh.compute_cell_sizes(length=False, volume=False)["Area"]
        assert sizes.sum() == pytest.approx(case.geometry.width * case.height, rel=1e-9)
        middle = mesh.cell_centers().points[:, 1]
        assert np.array_equal(mesh["material"], (middle > case.interval("anode")[1]).astype(int))
        assert mesh["xi"].min() > -1e-6
        assert mesh["xi"].max() < 1.0 + 1e-6
        x, z = mesh.contour([0.5], scalars="xi").points[:, :2].T
        columns = (np.arange(round(case.geometry.width / case.fine_cell)) + 0.5) * case.fine_cell
        order = np.argsort(x)
        tip = np.interp(columns, x[order], z[order]).max()
        height = np.interp(time, run.history["Time [s]"], run.history["Maximum height [m]"])
        assert tip == pytest.approx(height, rel=1e-6)


def test_finest_cells_about_the_front(followed: Callable[..., Run]) -> None:
    """At every stored time, the front runs through finest cells only."""
    run = followed()
    for time in run.times:
        mesh = run.fields(time)
        sizes = mesh.compute_cell_sizes(length=False, volume=False)["Area"]
        xi = mesh["xi"][mesh.cells_dict[pyvista.CellType.TRIANGLE]]
        crossed = (xi * (1.0 - xi)).max(axis=1) > 0.01
        assert crossed.any()
        assert sizes[crossed].max() < 2.0 * sizes.min()  # rows differ in height a little; the next size has 4 times
        assert sizes.max() > 10.0 * sizes.min()


def test_commands_on_stored_runs(tmp_path: Path, followed: Callable[..., Run]) -> None:
    """summary, render and compare take such runs as any others."""
    one, two = followed(), followed(2)
    said = launch("summary", one.directory)
    assert said.returncode == 0, said.stderr
    assert str(int(one.history[NODES][-1])) in said.stdout
    done = launch("render", one.directory, "-o", tmp_path / "figures")
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "figures").glob("*.png"))) >= 3
    done = launch("compare", one.directory, two.directory, "-o", tmp_path / "beside")
    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "beside").glob("*.png"))
    assert list((tmp_path / "beside").glob("*.csv"))
