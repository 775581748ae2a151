"""A sweep from its file to its table and pictures: what `femna sweep` calls."""

from __future__ import annotations

import shlex
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from femna.errors import CannotGoOn
from femna.io.progress import duration
from femna.io.run_folder import FIGURES_FOLDER
from femna.runtime.signals import Interrupted
from femna.runtime.voice import Voice
from femna.sweep.engines import SweepJobs, write_slurm_array, write_snakefile
from femna.sweep.folder import LOGS, SweepFolder
from femna.sweep.points import Point, make_points
from femna.sweep.pool import Pool, checked_jobs
from femna.sweep.sweep_file import read_sweep
from femna.sweep.sweep_table import STATUS, Row, Table, write

NOT_TO_RUN = ("finished", "running")
"""Statuses of runs that are left alone."""


@dataclass(frozen=True)
class SweepOptions:
    """How a sweep is run.

    Args:
        sets: "K=V" texts over the base case, below the values that vary.
        jobs: number of runs at a time; None for as many as the cores allow.
        ranks: number of MPI ranks a run.
        force: make a run anew whose folder holds another case.
        collect: run nothing, only write the table and the pictures of what is there.
        snakemake: a Snakefile to write in place of running.
        slurm: a script of Slurm to write in place of running.
    """

    sets: Sequence[str] = ()
    jobs: int | None = None
    ranks: int = 1
    force: bool = False
    collect: bool = False
    snakemake: Path | None = None
    slurm: Path | None = None


def run_sweep(file: Path, directory: Path, options: SweepOptions) -> int:
    """Run every point of a sweep that is not finished, and write its table and pictures.

    Args:
        file: the sweep's TOML file.
        directory: the folder of the sweep.
        options: how.

    Returns:
        The exit code: 0 when every run is finished or ended by numerics.max_steps, 3 when some are not.

    Raises:
        BadInput: the file is wrong, no point can be run, or the folder holds other things.
        CannotGoOn: the disk is full, or a folder cannot be written.
        Interrupted: SIGINT or SIGTERM came; the runs have written their checkpoints.
    """
    sweep = read_sweep(file)
    engine = options.snakemake or options.slurm
    jobs = 1 if options.collect or engine else checked_jobs(options.jobs, options.ranks)
    points = make_points(sweep, options.sets)
    folder = SweepFolder(directory)
    folder.prepare(points, options.force)
    table = Table(folder, points, sweep.keys)
    if engine:
        _write_scripts(file, folder, [point.id for point in points if point.case is not None], options)
        return 0
    ended: set[str] = set()
    messages: dict[str, str] = {}
    if not options.collect:
        with Pool(folder, jobs, options.ranks, options.force) as pool:
            _run(pool, points, table, ended)
            messages, received = pool.messages, pool.received
    rows = table.rows(messages)
    write(rows, sweep.keys, folder.table)
    if not options.collect and received:
        again = f"go on with: femna sweep {shlex.quote(str(file))} -o {shlex.quote(str(directory))}"
        raise Interrupted(received, f"the runs have written their checkpoints; {again}")
    from femna.render.sweep_pictures import draw_sweep

    units = {key: next(point.value(key)[1] for point in points if point.case is not None) for key in sweep.keys}
    draw_sweep(rows, units, directory / FIGURES_FOLDER)
    Voice().say("info", _count_text(rows) + f"; {folder.table}")
    for row in rows:
        if row[STATUS] == "failed":
            Voice().say("info", f"  {row['id']} failed: {row['message']}")
    fine = all(row[STATUS] == "finished" or (row[STATUS] == "interrupted" and row["id"] in ended) for row in rows)
    return 0 if fine else CannotGoOn.exit_code


def _run(pool: Pool, points: Sequence[Point], table: Table, ended: set[str]) -> None:
    """Run what is not finished; `ended` gets the names of the runs that end without an error."""
    todo = [point for point in points if point.case is not None and _is_to_run(pool, point)]
    line = _Line(len(points), len(points) - len(todo), sys.stdout)

    def done(name: str) -> None:
        table.forget(name)
        write(table.rows(pool.messages), table.keys, table.folder.table)
        if name not in pool.messages and not pool.received:
            ended.add(name)
        line.one_more(failed=name in pool.messages)

    pool.go(todo, done, lambda: line.show(pool.running))
    line.close()


def _is_to_run(pool: Pool, point: Point) -> bool:
    status, _ = pool.folder.status(point.id)
    return status not in NOT_TO_RUN or (status == "finished" and pool.folder.holds_another(point))


def _write_scripts(file: Path, folder: SweepFolder, names: Sequence[str], options: SweepOptions) -> None:
    sets = [word for item in options.sets for word in ("--set", item)]
    collect = shlex.join(["femna", "sweep", str(file), "-o", str(folder.path), *sets, "--collect"])
    jobs = SweepJobs(folder, names, collect, options.ranks)
    (folder.path / LOGS).mkdir(exist_ok=True)
    if options.snakemake:
        write_snakefile(options.snakemake, jobs)
        Voice().say(
            "info",
            f"{len(names)} runs: snakemake --snakefile {shlex.quote(str(options.snakemake))} --cores N --keep-going",
        )
    if options.slurm:
        write_slurm_array(options.slurm, jobs)
        Voice().say("info", f"{len(names)} runs: sbatch {shlex.quote(str(options.slurm))}; then {collect}")


def _count_text(rows: Sequence[Row]) -> str:
    counts = Counter(row[STATUS] for row in rows)
    return f"{len(rows)} runs: " + ", ".join(f"{number} {status}" for status, number in counts.most_common())


class _Line:
    """The line of progress: rewritten in place on a terminal, else printed once a run, and at most every 2 s."""

    def __init__(self, total: int, done: int, stream: TextIO) -> None:
        self.total, self.done, self.failed = total, done, 0
        self.ran = 0
        self._stream, self._live = stream, stream.isatty()
        self._begin = self._shown = time.monotonic()
        self._text = ""

    def one_more(self, failed: bool) -> None:
        self.done, self.ran, self.failed = self.done + 1, self.ran + 1, self.failed + failed

    def show(self, running: int) -> None:
        text = f"{self.done} of {self.total} runs done, {running} running" + f", {self.failed} failed" * (
            self.failed > 0
        )
        now = time.monotonic()
        if text == self._text or (not self._live and now - self._shown < 2.0):
            return
        left = self.total - self.done
        if self.ran and left:
            text += f", ends in about {duration((now - self._begin) / self.ran * left)}"
        self._text, self._shown = text.split(", ends")[0], now
        with suppress(OSError):
            print(
                f"\r\x1b[K{text}" if self._live else text, end="" if self._live else "\n", file=self._stream, flush=True
            )

    def close(self) -> None:
        if self._live and self._text:
            with suppress(OSError):
                print("\r\x1b[K", end="", file=self._stream, flush=True)
