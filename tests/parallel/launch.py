"""Runs of femna as a user starts them, in processes of their own, and what to compare of them."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pyvista

import femna
from femna.analysis.runs import Run
from femna.case import Case
from femna.io.history_table import read_history
from femna.io.run_folder import LOCK_FILE
from femna.validation.load import load_case

LAUNCHER = Path(sys.executable).with_name("mpirun")
ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(femna.__file__).parents[1]), "OMP_NUM_THREADS": "1"}
PATIENCE = 120.0
"""Seconds after which a process is taken to hang."""
LEFT = 30.0
"""Wall time (s) after a launcher's end within which the ranks that it has ended are gone."""

CASE = Path(__file__).parents[1] / "small.toml"
STEPS = 24
"""What a small run is given: through the first transients of c, up to visible growth."""

NOT_PHYSICS = {
    "Wall time [s]",
    "Nonlinear iterations [-]",
    "Linear iterations [-]",
    "Sodium balance error [-]",
    "Charge balance error [-]",
}
"""Columns that tell of the machine, of the way to the solution, or only of rounding."""


def sets(*texts: str) -> list[str]:
    return [word for text in texts for word in ("--set", text)]


def small(dim: int, *texts: str) -> Case:
    """The small case in a dimension, with settings."""
    return load_case(CASE, [f"geometry.dim={dim}", *texts])


def run_words(folder: Path, dim: int, *texts: str) -> list[str]:
    """What follows `femna` to run it."""
    return ["run", str(CASE), "-o", str(folder), *sets(f"geometry.dim={dim}", *texts)]


def command(*words: str | Path, ranks: int = 1) -> list[str]:
    python = [sys.executable, "-m", "femna", *map(str, words)]
    return python if ranks == 1 else [str(LAUNCHER), "-n", str(ranks), *python]


def launch(*words: str | Path, ranks: int = 1) -> subprocess.CompletedProcess[str]:
    """Run femna to its end."""
    line = command(*words, ranks=ranks)
    return subprocess.run(line, capture_output=True, text=True, timeout=PATIENCE, check=False, env=ENVIRONMENT)


@contextmanager
def started(*words: str | Path, ranks: int = 1) -> Iterator[subprocess.Popen[str]]:
    """femna while it runs, in a group of its own that is killed at the end, should any of it be left."""
    line = command(*words, ranks=ranks)
    # where the tests run in the background SIGINT may be ignored, and what is ignored is inherited
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT, start_new_session=True
    )
    signal.signal(signal.SIGINT, before)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def wait_for_step(process: subprocess.Popen[str], directory: Path, step: int) -> None:
    """Wait until the history has this step; fails when the process ends before."""
    end = time.monotonic() + PATIENCE
    while read_history(directory / "history.csv")["Step [-]"].max(initial=-1) < step:
        if process.poll() is not None:
            raise AssertionError(f"ended before step {step}: {process.communicate()}")
        if time.monotonic() > end:
            raise AssertionError(f"no step {step} within {PATIENCE} s")
        time.sleep(0.002)


def ranks_of(folder: Path) -> list[int]:
    """Processes that run femna into a folder, the launcher's own left out."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):
                words = (entry / "cmdline").read_bytes().split(b"\0")
                if str(folder).encode() in words and b"python" in Path(os.fsdecode(words[0])).name.encode():
                    found.append(int(entry.name))
    return sorted(found)


def is_held(folder: Path) -> bool:
    """Whether a process holds the lock of a run folder: one that ends does so until the kernel has closed its files."""
    try:
        with open(folder / LOCK_FILE, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        pass
    return False


def wait_until_left(folder: Path) -> None:
    """Wait until no process runs femna into a folder: a launcher that has aborted its ranks may end before them."""
    end = time.monotonic() + LEFT
    while (left := ranks_of(folder)) or is_held(folder):
        assert time.monotonic() < end, f"{left} still run into {folder}, {LEFT} s after the launcher's end"
        time.sleep(0.01)


def nowhere(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Where neither of two columns has a value, as a share on top has none before anything is plated."""
    return np.isnan(one) & np.isnan(other)


def differences(one: Run, other: Run) -> dict[str, float]:
    """Largest difference of each physical column of two histories, over the largest value that stands for it.

    A current is measured by the largest of the currents, a concentration by the salt's.
    """
    assert len(one.history["Step [-]"]) == len(other.history["Step [-]"])
    currents = [name for name in one.history if "[A.m-2]" in name]
    scales = {name: float(np.nanmax(np.abs(values), initial=0.0)) for name, values in one.history.items()}
    scales |= dict.fromkeys(currents, max(scales[name] for name in currents))
    scales |= {name: one.case.salt_concentration for name in one.history if "[mol.m-3]" in name}
    return {
        name: float(np.where(nowhere(values, other.history[name]), 0.0, np.abs(values - other.history[name])).max())
        / (scales[name] or 1.0)
        for name, values in one.history.items()
        if name not in NOT_PHYSICS
    }


def unbroken(run: Run) -> bool:
    """Whether the history has each step once, time goes on, the manifest agrees, and every stored output opens."""
    steps, times = run.history["Step [-]"], run.history["Time [s]"]
    summary = run.summary()
    assert np.array_equal(steps, np.arange(len(steps)))
    assert np.all(np.diff(times) > 0.0)
    assert np.allclose(np.diff(times), run.history["Time step [s]"][1:], rtol=1e-9, atol=1e-12 * times[-1])
    assert (run.manifest["steps"], run.manifest["time_s"]) == (steps[-1], times[-1])
    assert summary["nodes"] == run.manifest["nodes"] > 0
    assert run.manifest["cells"] > 0
    stored = sorted((run.directory / "fields").glob("[0-9]*.vtkhdf"))
    assert len(stored) >= 1
    assert {path.name for path in stored} >= {f"{k:04d}.vtkhdf" for k in range(len(run.times))}
    return all(pyvista.read(path).n_points == summary["nodes"] for path in stored)
