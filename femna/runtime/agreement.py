"""What fails on one rank has failed on all: a step stands or is repeated everywhere, and no wait for it is endless."""

from __future__ import annotations

import time
from collections.abc import Callable

from femna.errors import CannotGoOn
from femna.linear_solvers.krylov import SolveFailed
from femna.parallel import MPI

PATIENCE = 60.0
"""Wall time (s) that a rank on which a solve has failed waits for the others, which may wait for it in the same solve.
All ranks take part in each iteration, so that those who only are slower are not nearly as far behind."""

POLL = 1e-3
"""Wall time (s) between two looks for an answer."""

TAG = 4077
"""Of the messages, by which MPI tells them from others."""


class FailedAlone(CannotGoOn):
    """A solve failed on this rank, and the others have not come out of it."""

    alone = True


def on_all[T](comm: MPI.Comm, action: Callable[[], T], where: str) -> T:
    """Result of a collective `action` that has failed on every rank if on any. Collective.

    Args:
        comm: the ranks.
        action: what each of them does; raises SolveFailed.
        where: beginning of the message, should this rank be left alone.

    Returns:
        What it gave on this rank.

    Raises:
        SolveFailed: the action did, on some rank.
        FailedAlone: it did on this rank, and the others did not end it within PATIENCE.
    """
    failure: str | None = None
    try:
        result = action()
    except SolveFailed as error:
        failure = str(error)
    if comm.size == 1:
        told = failure
    elif comm.rank == 0:
        answers = [failure, *(_answer(comm, rank, failure, where) for rank in range(1, comm.size))]
        told = _summary(answers)
        for rank in range(1, comm.size):
            comm.send(told, dest=rank, tag=TAG)
    else:
        comm.send(failure, dest=0, tag=TAG)
        told = _answer(comm, 0, failure, where)
    if told is not None:
        raise SolveFailed(told)
    return result


def _summary(answers: list[str | None]) -> str | None:
    failed = [rank for rank, answer in enumerate(answers) if answer is not None]
    if not failed:
        return None
    return f"{answers[failed[0]]}{'' if len(failed) == len(answers) else f', on rank {failed[0]} only'}"


def _answer(comm: MPI.Comm, rank: int, failure: str | None, where: str) -> str | None:
    """What another rank says; for a rank that has failed itself the wait has an end."""
    request = comm.irecv(source=rank, tag=TAG)
    answer: str | None
    if failure is None:
        answer = request.wait()  # a rank that has failed ends the wait of all
        return answer
    end = time.monotonic() + PATIENCE
    while True:
        has_come, answer = request.test()
        if has_come:
            return answer
        if time.monotonic() > end:
            raise FailedAlone(
                f"{where}: a solve failed on rank {comm.rank} alone ({failure}), and rank {rank} did not come out of "
                f"it in {PATIENCE:g} s\ntry: femna resume, which starts at the last checkpoint; another numerics.solver"
            )
        time.sleep(POLL)
