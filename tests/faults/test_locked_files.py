"""Files of a run that another program holds: read all the same, or said to be locked, not damaged; right afterwards."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

import femna
from femna import resume
from femna.analysis.runs import Run
from femna.errors import FemnaError
from femna.io import checkpoint

from ..parallel.launch import differences, small, unbroken

pytestmark = pytest.mark.serial

HALF, STEPS = 5, 8
HOLD = """
import fcntl, sys, h5py
how, path = sys.argv[1:]
if how == "h5py":
    file = h5py.File(path, "r+")
else:
    file = open(path, "rb+")
    getattr(fcntl, how)(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
file.close()
"""
PATIENCE = 60.0
"""Seconds that the other program is given to let go."""
TEXTS = ("manifest.json", "history.csv", "case.toml", "log.txt", "fields/checksums.json", "fields/fields.vtkhdf.series")
HDF5 = ("fields/0000.vtkhdf", "fields/mesh.vtkhdf", f"checkpoint/{HALF:06d}.h5", "checkpoint/mesh.h5")
CASES = [
    *((name, "h5py") for name in HDF5),
    *((name, "flock") for name in (*TEXTS, *HDF5)),
    *(pytest.param(name, "lockf", marks=pytest.mark.slow) for name in (*TEXTS, *HDF5)),
]


@pytest.fixture(scope="module")
def half(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run that has taken some of its steps."""
    return femna.run(small(1, f"numerics.max_steps={HALF}"), tmp_path_factory.mktemp("half") / "run")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The run that nothing has disturbed."""
    return femna.run(small(1, f"numerics.max_steps={STEPS}"), tmp_path_factory.mktemp("whole") / "run")


@contextmanager
def held(path: Path, how: str) -> Iterator[None]:
    """Another program has the file for itself alone, and lets go of it as it should."""
    words = [sys.executable, "-c", HOLD, how, str(path)]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield
        process.communicate(timeout=PATIENCE)
    finally:
        process.kill()


def values(folder: Path) -> dict[str, list[float]]:
    """What a user reads of a run."""
    run = femna.open_run(folder)
    mesh = run.fields(0.0)
    stored = {name: np.asarray(mesh.point_data[name]).tolist() for name in ("xi", "c", "phi")}
    return stored | {name: column.tolist() for name, column in run.history.items()} | {"nodes": run.summary()["nodes"]}


def right_or_locked(action: Callable[[], object], right: object, path: Path) -> None:
    told = ""
    try:
        found = action()
    except FemnaError as error:
        told = str(error).partition("\n")[0]
    if told:
        assert told.endswith("is locked: another program has it open for writing; close it there")
        assert path.name in told or path.parent.name == "checkpoint"
    else:
        assert found == right


@pytest.mark.parametrize(("name", "how"), CASES)
def test_a_held_file_is_read_or_said_to_be_locked(name: str, how: str, half: Run, whole: Run, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(half.directory, folder)
    right = values(folder)
    with held(folder / name, how):
        right_or_locked(lambda: values(folder), right, folder / name)
        right_or_locked(lambda: checkpoint.load_newest(folder).step in (0, HALF), True, folder / name)
    assert values(folder) == right
    assert checkpoint.load_newest(folder).step == HALF
    with held(folder / name, how):
        right_or_locked(lambda: resume(folder, ["numerics.max_steps=7"]).summary()["steps"], 7, folder / name)
    run = resume(folder, [f"numerics.max_steps={STEPS}"])
    assert unbroken(run)
    assert max(differences(whole, run).values()) < 1e-6


def test_hdf5_that_vtk_could_not_open_is_named(half: Run, tmp_path: Path) -> None:
    """VTK takes a file that it gets no lock of for no HDF5."""
    folder = tmp_path / "run"
    shutil.copytree(half.directory, folder)
    run = femna.open_run(folder)
    with held(folder / "fields" / "mesh.vtkhdf", "flock"), pytest.raises(FemnaError, match=r"mesh\.vtkhdf: is locked"):
        run.fields()
    assert run.fields().n_points == run.summary()["nodes"]


def test_readers_do_not_shut_each_other_out(half: Run, tmp_path: Path) -> None:
    import h5py

    folder = tmp_path / "run"
    shutil.copytree(half.directory, folder)
    with h5py.File(folder / "fields" / "0000.vtkhdf", "r"):
        assert values(folder)["nodes"] == half.summary()["nodes"]
