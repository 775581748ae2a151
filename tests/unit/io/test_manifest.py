"""manifest.json: what is recorded, over several sessions, and who is still alive."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from femna.columns import Column
from femna.errors import BadInput, CannotGoOn
from femna.fields import Field
from femna.io.host import peak_memory_MB
from femna.io.manifest import Manifest, is_alive, read_manifest, run_declarations, true_status


def started(directory: Path, **more: object) -> Manifest:
    manifest = Manifest(directory)
    manifest.start(case="demo", model="single_potential", ranks=2, command=["femna", "run", "demo"], **more)
    return manifest


def test_record_of_a_run(tmp_path: Path) -> None:
    manifest = started(tmp_path, versions={"PETSc": "3.24"})
    data = read_manifest(tmp_path)
    assert (data["case"], data["model"], data["ranks"], data["status"]) == ("demo", "single_potential", 2, "running")
    assert data["command"] == ["femna", "run", "demo"]
    assert data["versions"]["numpy"] == np.__version__
    assert data["versions"]["PETSc"] == "3.24"
    assert data["host"]["cores"] >= 1
    assert data["host"]["memory_GB"] > 0.1
    manifest.update(steps=np.int64(5), peak_memory_MB=np.array([100.5, 99.0]))
    assert read_manifest(tmp_path)["peak_memory_MB"] == [100.5, 99.0]
    manifest.finish("finished", steps=9)
    data = read_manifest(tmp_path)
    assert (data["status"], data["steps"]) == ("finished", 9)
    assert 0 <= data["wall_s"] < 60


def test_resumed_run_remembers_its_sessions(tmp_path: Path, monkeypatch) -> None:
    clock = [100.0]
    monkeypatch.setattr("femna.io.manifest.time.monotonic", lambda: clock[0])
    first = started(tmp_path)
    clock[0] += 30
    first.finish("interrupted", steps=7, reason="max_steps")
    clock[0] += 1000
    second = Manifest(tmp_path)
    second.start(case="demo", model="single_potential", ranks=1, command=["femna", "resume"])
    clock[0] += 5
    second.update(steps=8)
    data = read_manifest(tmp_path)
    assert data["wall_s"] == 35
    assert (data["ranks"], data["status"], "reason" in data) == (1, "running", False)
    (session,) = data["sessions"]
    assert (session["ranks"], session["status"], session["reason"], session["steps"]) == (
        2,
        "interrupted",
        "max_steps",
        7,
    )


STRESS = Field(
    "stress",
    "Stress",
    r"$\sigma$",
    "Pa",
    "MPa",
    1e-6,
    colour_map="magma",
    limits=(0.0, 5.0),
    domain="electrolyte",
    least_range=0.1,
)
HEAT = Column("Heat [W]", "heat that is set free", "always", summary_key="heat_W")
SITES = Column("Sites [-]", "reaction sites", is_count=True)


def test_fields_and_columns_are_declared(tmp_path: Path) -> None:
    started(tmp_path).declare([STRESS], [HEAT])
    data = read_manifest(tmp_path)
    assert data["formats"] == {"manifest": 2, "history": 2, "fields": 2, "checkpoint": 2}
    assert run_declarations(tmp_path, data) == ((STRESS,), (HEAT,))
    # what a later femna adds to a declaration does not matter; what is none is left out
    data["fields"] = [data["fields"][0] | {"texture": "rough"}, {"key": "half"}, 7]
    data["columns"] = None
    assert run_declarations(tmp_path, data) == ((STRESS,), ())


def test_earlier_declarations_stay(tmp_path: Path) -> None:
    """A run that goes on with another femna still holds columns and fields of the first one."""
    started(tmp_path).declare([STRESS], [HEAT, SITES])
    again = Column("Heat [W]", "heat, told anew")
    resumed = started(tmp_path)
    assert run_declarations(tmp_path, read_manifest(tmp_path)) == ((STRESS,), (HEAT, SITES))
    resumed.declare([], [again])
    assert run_declarations(tmp_path, read_manifest(tmp_path)) == ((STRESS,), (again, SITES))


@pytest.mark.parametrize(
    "formats", [{"history": "2"}, {"fields": 2.0}, {"checkpoint": None}, {"manifest": 0}, [2], True]
)
def test_a_version_is_a_number(formats: object, tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps({"femna": "0.2.0", "status": "finished", "formats": formats}))
    with pytest.raises(BadInput, match=r"manifest\.json: is damaged \(its format of .*; allowed: a number from 1\)"):
        read_manifest(tmp_path)


def test_manifest_of_a_newer_femna(tmp_path: Path) -> None:
    started(tmp_path)
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps({"formats": {"manifest": 3}, "state": "something else"}))
    with pytest.raises(BadInput) as caught:
        read_manifest(tmp_path)
    assert str(caught.value) == (f"{path}: was written by a newer femna (manifest format 3; this one reads up to 2)")


def test_manifest_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such folder"):
        read_manifest(tmp_path / "nowhere")
    with pytest.raises(BadInput, match="not a run folder"):
        read_manifest(tmp_path)
    for content, why in (
        (b'{"femna": ', "damaged"),
        (b"\xff", "damaged"),
        (b"[1]", "not written"),
        (b"{}", "not written"),
    ):
        (tmp_path / "manifest.json").write_bytes(content)
        with pytest.raises(BadInput, match=why):
            read_manifest(tmp_path)


def test_full_disk_keeps_the_old_manifest(tmp_path: Path, full_disk) -> None:
    manifest = started(tmp_path)
    full_disk()
    with pytest.raises(CannotGoOn, match=r"manifest.json: the disk is full"):
        manifest.update(steps=3)
    assert "steps" not in read_manifest(tmp_path)


def test_running_process_is_seen(tmp_path: Path) -> None:
    data = started(tmp_path).data
    assert is_alive(data) in (True, None)  # None: a system without /proc
    assert true_status(data) == "running"


@pytest.mark.serial
def test_killed_process_is_interrupted(tmp_path: Path) -> None:
    code = "import sys; from femna.io.manifest import Manifest; m = Manifest(sys.argv[1]);"
    code += "m.start(case='a', model='b', ranks=1, command=[]); import os; os.kill(os.getpid(), 9)"
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)]).returncode == -9
    data = read_manifest(tmp_path)
    assert data["status"] == "running"
    assert is_alive(data) is (False if Path("/proc/self/stat").exists() else None)
    assert true_status(data) == ("interrupted" if is_alive(data) is False else "running")


def test_process_elsewhere_is_not_judged(tmp_path: Path) -> None:
    data = started(tmp_path).data
    data["process"] = {"id": 1, "started_at": 1, "machine": "another one"}
    assert is_alive(data) is None
    assert true_status(data) == "running"
    assert true_status(json.loads('{"status": "running"}')) == "running"


def test_peak_memory_is_in_megabytes() -> None:
    before = peak_memory_MB()
    assert 10 < before < 100_000
    block = np.ones(int(before * 1e6 / 8) + 2_500_000)
    assert 0 < peak_memory_MB() - block.nbytes / 1e6 < before + 1


def test_killed_session_is_remembered_as_interrupted(tmp_path: Path, monkeypatch) -> None:
    started(tmp_path)
    monkeypatch.setattr("femna.io.manifest.is_alive", lambda manifest: False)
    started(tmp_path)
    assert [session["status"] for session in read_manifest(tmp_path)["sessions"]] == ["interrupted"]
