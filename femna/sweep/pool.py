"""Runs the points of a sweep, several at a time, each in processes of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, Self

from femna.errors import BadInput
from femna.io.atomic_files import disk_errors
from femna.io.host import usable_cores
from femna.launcher import find_mpirun, started_by
from femna.sweep.folder import SweepFolder
from femna.sweep.points import Point

POLL = 0.05
"""Wall time between looks at the runs, s."""
GRACE = 15.0
"""Wall time that runs have after a signal to write their checkpoints, s; then they are killed."""
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
"""Set to 1 for every run unless the user has set them: the cores are shared among runs and ranks."""
LAST_LINES = 4000
"""Bytes at the end of a run's log in which its error is looked for."""


@dataclass
class Pool:
    """Runs of a sweep, at most `jobs` at a time, each on `ranks` ranks.

    As a context manager it answers SIGINT and SIGTERM by passing a SIGTERM on to every run and waiting for their
    checkpoints.

    Args:
        folder: of the sweep.
        jobs: number of runs at a time.
        ranks: number of MPI ranks a run.
        force: make a run anew whose folder holds another case.
    """

    folder: SweepFolder
    jobs: int
    ranks: int
    force: bool = False
    received: int = 0
    messages: dict[str, str] = field(default_factory=dict)
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _old: dict[int, Any] = field(default_factory=dict)

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._old[number] = signal.signal(number, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        self._end(signal.SIGKILL)
        for number, handler in self._old.items():
            signal.signal(number, handler)

    @property
    def running(self) -> int:
        """Number of runs that go on now."""
        return len(self._running)

    def go(self, points: Sequence[Point], done: Callable[[str], None], wait: Callable[[], None]) -> None:
        """Run points in their order, until all have ended or a signal comes.

        Args:
            points: those that are to be run or gone on with.
            done: called with the name of a point when its run has ended.
            wait: called while runs go on.
        """
        queue = deque(points)
        while (queue or self._running) and not self.received:
            while queue and len(self._running) < self.jobs:
                self._start(queue.popleft())
            self._collect(done)
            wait()
            time.sleep(POLL)
        if self.received:
            self._end(signal.SIGTERM)
            deadline = time.monotonic() + GRACE
            while self._running and time.monotonic() < deadline:
                self._collect(done)
                time.sleep(POLL)

    def command(self, point: Point) -> list[str]:
        """The words that run a point, or go on with it from its checkpoint.

        Args:
            point: the point.
        """
        another = self.folder.holds_another(point)
        run = str(self.folder.run(point.id))
        launch = [str(find_mpirun()), "-n", str(self.ranks)] if self.ranks > 1 else []
        femna = [*launch, sys.executable, "-m", "femna"]
        if not another and self.folder.can_resume(point.id):
            return [*femna, "resume", run, "--quiet"]
        return [*femna, "run", str(self.folder.case_file(point.id)), "-o", run, "--force", "--quiet"]

    def _start(self, point: Point) -> None:
        log = self.folder.log(point.id)
        with disk_errors(log):
            log.parent.mkdir(parents=True, exist_ok=True)
            with open(log, "wb") as file:
                # a session of its own: Ctrl-C at the terminal comes to the sweep alone, which tells every run once
                self._running[point.id] = subprocess.Popen(
                    self.command(point),
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    env={**dict.fromkeys(THREADS, "1"), **os.environ},
                )

    def _collect(self, done: Callable[[str], None]) -> None:
        for name, process in list(self._running.items()):
            code = process.poll()
            if code is None:
                continue
            del self._running[name]
            if code not in (0, 128 + signal.SIGINT, 128 + signal.SIGTERM):
                self.messages[name] = _error(self.folder.log(name), code)
            done(name)

    def _end(self, number: signal.Signals) -> None:
        for process in self._running.values():
            with suppress(OSError):
                if number == signal.SIGKILL:
                    os.killpg(process.pid, number)
                else:
                    process.send_signal(number)  # a launcher passes it on to its ranks

    def _hear(self, number: int, _: FrameType | None) -> None:
        self.received = self.received or number


def checked_jobs(jobs: int | None, ranks: int) -> int:
    """How many runs go on at a time.

    Args:
        jobs: as it was asked for; None for as many as the cores allow.
        ranks: number of ranks a run.

    Raises:
        BadInput: a number is not positive, the runs need more cores than there are, or ranks that nothing can start.
    """
    have = usable_cores()
    launch = started_by(os.environ)
    if launch is not None and launch.size > 1:
        raise BadInput(
            f"a sweep starts the ranks of its runs itself, and {launch.by} has started it; allowed: --ranks N"
        )
    if ranks > 1 and find_mpirun() is None:
        raise BadInput(f"--ranks {ranks}: no mpirun beside this Python nor on PATH; the extra femna[wheel] brings one")
    if ranks < 1 or (jobs is not None and jobs < 1):
        raise BadInput(f"--{'ranks' if ranks < 1 else 'jobs'} is {ranks if ranks < 1 else jobs}; allowed: from 1")
    if ranks > have:
        raise BadInput(f"--ranks {ranks}: this machine has {have} cores; allowed: 1 to {have}")
    if jobs is not None and jobs * ranks > have:
        raise BadInput(f"--jobs {jobs} of {ranks} ranks: this machine has {have} cores; allowed: 1 to {have // ranks}")
    return jobs or have // ranks


def _error(log: Path, code: int) -> str:
    """The error that a run has ended with, in one line."""
    try:
        with open(log, "rb") as file:
            file.seek(max(log.stat().st_size - LAST_LINES, 0))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        lines = []
    starts = [n for n, line in enumerate(lines) if line.startswith("femna: ")]
    if starts:
        return " ".join(" ".join(lines[starts[-1] :]).removeprefix("femna: ").split())
    spoken = [line.strip() for line in lines if line.strip()]
    why = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
    return f"{why}: {spoken[-1]}" if spoken else why
