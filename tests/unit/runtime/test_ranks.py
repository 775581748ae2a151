"""Errors on several ranks (one, here; tests/parallel has the others)."""

from __future__ import annotations

import os
import signal

import pytest

from femna.errors import BadInput, CannotGoOn
from femna.parallel import MPI, PETSc
from femna.runtime.agreement import FailedAlone
from femna.runtime.ranks import abort_on_error, is_out_of_memory, on_every_rank, on_root
from femna.runtime.signals import Interrupted


class Comm:
    """Two ranks, as far as Together can tell; Abort only notes its code."""

    size, rank = 2, 0
    code: int | None = None

    def Abort(self, code: int) -> None:
        self.code = code


def test_the_root_s_result_and_error_are_everybody_s() -> None:
    assert on_root(MPI.COMM_WORLD, lambda: 7) == 7
    assert (on_root(MPI.COMM_WORLD, lambda: 7, share=False) == 7) == (MPI.COMM_WORLD.rank == 0)

    def fail() -> None:
        raise BadInput("no")

    with pytest.raises(BadInput, match="no"):
        on_root(MPI.COMM_WORLD, fail)


def test_an_error_of_any_rank_is_everybody_s() -> None:
    """Of several the lowest rank's; without one each rank has its own result."""
    comm = MPI.COMM_WORLD
    last, middle = comm.size - 1, (comm.size - 1) // 2
    assert on_every_rank(comm, lambda: comm.rank) == comm.rank

    def fail_from(rank: int) -> None:
        if comm.rank >= rank:
            raise BadInput(f"on rank {comm.rank}")

    for first in (middle, last):
        with pytest.raises(BadInput, match=f"on rank {first}$"):
            on_every_rank(comm, lambda first=first: fail_from(first))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ZeroDivisionError("defect"), 1),
        (KeyboardInterrupt(), 130),
        (MemoryError(), 3),
        (PETSc.Error(55), 3),
        (PETSc.Error(62), 1),
        (Interrupted(signal.SIGTERM, "no checkpoint is written", alone=True), 143),
        (FailedAlone("on this rank"), 3),
        (BadInput("on all ranks"), None),
        (Interrupted(signal.SIGTERM, "on all ranks"), None),
    ],
)
def test_what_one_rank_may_have_alone_ends_all(
    error: BaseException, code: int | None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    comm, ended = Comm(), []
    monkeypatch.setattr(os, "_exit", ended.append)
    with pytest.raises(BaseException) as caught, abort_on_error(comm):  # noqa: PT011  whatever it is
        raise error
    assert comm.code == code
    assert ended == ([] if code is None else [code])
    told = capsys.readouterr().err
    assert ("Traceback" in told) == (code in (1, 130))
    assert caught.value is error or isinstance(caught.value, CannotGoOn)


def test_on_one_rank_it_is_raised() -> None:
    with pytest.raises(ZeroDivisionError), abort_on_error(MPI.COMM_SELF):
        raise ZeroDivisionError
    with pytest.raises(CannotGoOn, match="memory"), abort_on_error(MPI.COMM_SELF):
        raise MemoryError


def test_memory() -> None:
    import numpy as np

    with pytest.raises(MemoryError) as caught:
        np.empty(2**58, dtype=np.uint8)
    assert is_out_of_memory(caught.value)
    assert not is_out_of_memory(ValueError())
