"""A solve that fails on one rank fails on all; a rank that leaves the others in it waits no longer than it may."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from femna.linear_solvers.krylov import SolveFailed
from femna.parallel import MPI
from femna.runtime import agreement
from femna.runtime.agreement import FailedAlone, on_all


@pytest.fixture
def comm() -> Iterator[MPI.Comm]:
    """Ranks whose messages are no other test's."""
    comm = MPI.COMM_WORLD.Dup()
    yield comm
    comm.Free()


def fail() -> int:
    raise SolveFailed(f"trouble of rank {MPI.COMM_WORLD.rank}")


def test_what_succeeds_everywhere_gives_each_rank_its_result(comm: MPI.Comm) -> None:
    assert on_all(comm, lambda: comm.rank, "here") == comm.rank


def test_what_fails_everywhere_says_why(comm: MPI.Comm) -> None:
    with pytest.raises(SolveFailed, match=r"^trouble of rank 0$"):
        on_all(comm, fail, "here")


def test_what_fails_on_one_rank_fails_on_all_and_names_it(comm: MPI.Comm) -> None:
    for rank in range(comm.size):
        where = f", on rank {rank} only" if comm.size > 1 else ""
        with pytest.raises(SolveFailed, match=f"^trouble of rank {rank}{where}$"):
            on_all(comm, fail if comm.rank == rank else lambda: 0, "here")
        assert on_all(comm, lambda: 7, "here") == 7


def test_a_rank_left_alone_does_not_wait_for_ever(comm: MPI.Comm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agreement, "PATIENCE", 0.1)
    last = comm.size - 1
    if comm.rank == last > 0:
        told = rf"^step 3: a solve failed on rank {last} alone \(trouble of rank {last}\), and rank 0 did not"
        with pytest.raises(FailedAlone, match=told) as caught:
            on_all(comm, fail, "step 3")
        assert caught.value.alone
        assert caught.value.exit_code == 3
    comm.Barrier()
