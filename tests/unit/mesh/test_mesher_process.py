"""gmsh in a process of its own: what it raises arrives, and it never outlives its caller's patience."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import femna
from femna.errors import CannotGoOn
from femna.mesh import gmsh_session, mesher, mesher_process
from femna.mesh.mesher_process import mesh_in_own_process
from femna.mesh.stack_plan import StackPlan


def plan(count: int = 4, dim: int = 1) -> StackPlan:
    """Two layers of 1 and 2 um, `count` cells each."""
    planes = (np.linspace(0.0, 1e-6, count + 1), np.linspace(1e-6, 3e-6, count + 1))
    sides, counts = ((1e-6,) * (dim - 1), (count,) * (dim - 1))
    return StackPlan("a case", ("low", "high"), (0.0, 1e-6, 3e-6), sides, counts, planes, (), 1e-6)


def children() -> list[int]:
    """Processes whose parent is this one."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == os.getpid() and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def test_the_mesh_is_the_one_made_here() -> None:
    here, there = mesher.mesh_stack(plan()), mesh_in_own_process(plan())
    assert np.array_equal(here.points, there.points)
    assert np.array_equal(here.cells, there.cells)
    assert here.layer.tolist() == there.layer.tolist() == [0] * 4 + [1] * 4


def test_no_cells_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Elements of second order are not the lines that are asked for."""
    monkeypatch.setitem(gmsh_session.GMSH_OPTIONS, "Mesh.ElementOrder", 2)
    with pytest.raises(CannotGoOn, match="gmsh made no cells in layer 'low'"):
        mesher.mesh_stack(plan())


def test_what_is_raised_there_is_raised_here() -> None:
    """What gmsh refuses is one line; a defect keeps its type and tells where it was."""
    with pytest.raises(CannotGoOn, match=r"a case: gmsh makes no mesh: .*nowhere") as caught:
        mesh_in_own_process(plan(), Path("/nowhere/stack.msh"))
    assert not hasattr(caught.value, "__notes__")
    with pytest.raises(ValueError, match="zip") as defect:
        mesh_in_own_process(replace(plan(), planes=()))
    assert "mesher.py" in defect.value.__notes__[0]


def test_a_process_that_dies_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    dies = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    monkeypatch.setattr(mesher_process, "_SERVE", dies)
    with pytest.raises(CannotGoOn, match="its process ended with SIGKILL"):
        mesh_in_own_process(plan())
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(CannotGoOn, match="no process for gmsh can be started: No such file"):
        mesh_in_own_process(plan())


@pytest.mark.serial
def test_an_exception_of_a_signal_handler_ends_it() -> None:
    """A mesh of a million tetrahedra takes much longer than this."""

    class Stop(Exception):
        pass

    def stop(*_: object) -> None:
        raise Stop

    before = signal.signal(signal.SIGUSR1, stop)
    already = set(children())
    try:
        sender = threading.Timer(1.5, lambda: os.kill(os.getpid(), signal.SIGUSR1))
        sender.start()
        begin = time.monotonic()
        with pytest.raises(Stop):
            mesh_in_own_process(plan(120, dim=3))
        assert time.monotonic() - begin < 4.5
    finally:
        sender.join()
        signal.signal(signal.SIGUSR1, before)
    assert set(children()) <= already


@pytest.mark.serial
def test_it_ends_with_its_caller() -> None:
    """Killed, the caller leaves no mesher behind."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from tests.unit.mesh.test_mesher_process import plan;"
        "from femna.mesh.mesher_process import mesh_in_own_process; print('go', flush=True);"
        "mesh_in_own_process(plan(120, dim=3))"
    )
    root = str(Path(__file__).parents[3])
    environment = os.environ | {"PYTHONPATH": f"{Path(femna.__file__).parents[1]}"}
    caller = subprocess.Popen([sys.executable, "-c", code, root], stdout=subprocess.PIPE, text=True, env=environment)
    assert caller.stdout is not None
    assert caller.stdout.readline() == "go\n"
    end = time.monotonic() + 20.0
    while not (meshers := Path(f"/proc/{caller.pid}/task/{caller.pid}/children").read_text().split()):
        assert time.monotonic() < end
        time.sleep(0.02)
    time.sleep(1.0)
    caller.kill()
    caller.communicate()
    end = time.monotonic() + 5.0
    while any(Path(f"/proc/{mesher}").exists() for mesher in meshers):
        assert time.monotonic() < end
        time.sleep(0.05)
