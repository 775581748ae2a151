"""States on a mesh made anew: they hold the metal and the ions that they had; what a checkpoint keeps of the mesh."""

from __future__ import annotations

import numpy as np
import pytest

import femna
from femna.cli import main
from femna.contract.state import State
from femna.errors import CannotGoOn
from femna.mesh.tree.tree_grid import TreeGrid
from femna.models.registry import declared_variables
from femna.parallel import MPI
from femna.runtime.following_mesh import SETTLING, FollowingMesh, carried_over, follows
from femna.timestepping.steppers import build_stepper

CASES = [
    ("edp-1", "numerics.cell_size=0.5 um"),
    ("p-na", "numerics.resolution=2"),
    ("mci-top", "numerics.resolution=2"),
]


@pytest.mark.parametrize(("name", "size"), CASES)
def test_what_a_state_holds_on_another_mesh(name: str, size: str) -> None:
    """To 1e-13, on leaves that are finest elsewhere; xi stays in bounds, and nothing changes far from the front."""
    case = femna.load_case(name, ["numerics.adaptive_mesh=true", size])
    assert follows(case)
    following = FollowingMesh(MPI.COMM_WORLD, case)
    old = build_stepper(case, following.begin()).model
    fields = old.initial_fields(declared_variables(case))
    if name == "mci-top":
        fields["deposition_rate"] = np.zeros(old.grid.size)
    else:
        fields["content"] = old.transport.content.h(fields["xi"])
    state = State(0.0, fields)
    crossed = np.roll(following.front.crossed(following.grid, fields["xi"]), 3, axis=1)
    new = build_stepper(case, TreeGrid(MPI.COMM_WORLD, following.roots, following.front.refinement(crossed))).model
    assert new.grid.total != old.grid.total
    (moved,), known = carried_over(old, new, [state])
    before, after = old.holdings(state), new.holdings(moved)
    assert set(before) >= {"metal"}
    for what, amount in before.items():
        assert after[what] == pytest.approx(amount, rel=1e-13)
    xi = moved["xi"]
    assert new.grid.max(-xi.min(), xi.max() - 1.0).max() <= 0.0
    assert new.grid.max(-moved["c"].min())[0] < 1e-12
    far = known & (np.abs(xi - 0.5) > 0.4999999)
    assert np.abs(xi[far] - np.round(xi[far])).max(initial=0.0) < 1e-6


def test_what_a_checkpoint_keeps() -> None:
    """The leaves; on a mesh just made also which nodes have settled, and for how long."""
    case = femna.load_case("edp-1", ["numerics.adaptive_mesh=true", "numerics.cell_size=0.5 um"])
    following, other = (FollowingMesh(MPI.COMM_WORLD, case) for _ in range(2))
    grid = following.begin()
    stored = following.stored()
    back = other.restore(stored if MPI.COMM_WORLD.rank == 0 else None)
    assert np.array_equal(back.leaves.position, grid.leaves.position)
    assert back.settled.all()
    assert set(following.stored()) == {"tree"}

    following._steps = SETTLING - 2
    grid.settled = grid.points[:, -1] > 5e-6
    stored = following.stored()
    back = other.restore(stored if MPI.COMM_WORLD.rank == 0 else None)
    assert np.array_equal(back.settled, grid.settled)
    assert other._steps == SETTLING - 2
    with pytest.raises(CannotGoOn, match="nothing of a mesh that follows the front"):
        other.restore({} if MPI.COMM_WORLD.rank == 0 else None)


@pytest.mark.serial
def test_check_says_which_mesh_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """A line in the table where it follows the front; a warning with the reason where it cannot."""
    assert main(["check", "edp-1", "--set", "numerics.adaptive_mesh=true"]) == 0
    said = capsys.readouterr().out
    assert "follows the front" in said
    assert "cannot follow" not in said
    assert main(["check", "planar", "--set", "numerics.adaptive_mesh=true"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if "cannot follow the front" in line]
    assert len(lines) == 1
    assert "it has one dimension" in lines[0]
    assert main(["check", "planar"]) == 0
    assert "follow the front" not in capsys.readouterr().out
