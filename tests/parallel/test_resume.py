"""A run that was interrupted and went on is the run that was not, on whatever number of ranks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import femna
from femna import resume
from femna.analysis.runs import Run
from femna.errors import BadInput, CannotGoOn

from .launch import STEPS, differences, launch, run_words, small, unbroken

pytestmark = pytest.mark.serial

HALF = 11
GO_ON = f"numerics.max_steps={STEPS}"


@pytest.fixture(scope="module")
def half_on_two(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The small 2D run on two ranks, left after HALF steps."""
    folder = tmp_path_factory.mktemp("half") / "two"
    done = launch(*run_words(folder, 2, f"numerics.max_steps={HALF}"), ranks=2)
    assert done.returncode == 0, done.stderr
    assert f"numerics.max_steps = {HALF} reached" in done.stdout
    return femna.open_run(folder)


def same(run: Run, whole: Run) -> None:
    """The run went on to the same end, with one row a step, and its manifest and history agree."""
    assert unbroken(run)
    assert max(differences(whole, run).values()) < 1e-6
    assert run.summary()["rejected_steps"] == whole.summary()["rejected_steps"]
    assert np.allclose(run.times[[0, -1]], whole.times[[0, -1]], rtol=1e-7, atol=0.0)


def test_on_one_rank(alone: Callable[..., Run], copy_of: Callable[[Run], Path]) -> None:
    half = alone(2, HALF)
    assert half.status == "interrupted"
    assert half.times[-1] == half.history["Time [s]"][-1]
    folder = copy_of(half)
    run = resume(folder, [GO_ON])
    assert run.status == "interrupted"
    same(run, alone(2))
    # the settings stay: what comes next needs no --set
    assert run.case.numerics.max_steps == STEPS
    assert [session["steps"] for session in run.manifest["sessions"]] == [HALF]
    assert "wall_s" in run.manifest
    assert np.all(np.diff(run.history["Wall time [s]"]) >= 0.0)


def test_from_one_rank_to_two(alone: Callable[..., Run], copy_of: Callable[[Run], Path]) -> None:
    folder = copy_of(alone(2, HALF))
    done = launch("resume", folder, "--set", GO_ON, ranks=2)
    assert done.returncode == 0, done.stderr
    same(femna.open_run(folder), alone(2))


def test_from_two_ranks_to_one(half_on_two: Run, alone: Callable[..., Run], copy_of: Callable[[Run], Path]) -> None:
    same(resume(copy_of(half_on_two), [GO_ON]), alone(2))


@pytest.mark.slow
def test_from_two_ranks_to_three(half_on_two: Run, alone: Callable[..., Run], copy_of: Callable[[Run], Path]) -> None:
    folder = copy_of(half_on_two)
    done = launch("resume", folder, "--set", GO_ON, ranks=3)
    assert done.returncode == 0, done.stderr
    run = femna.open_run(folder)
    same(run, alone(2))
    assert run.summary()["ranks"] == 3


@pytest.mark.parametrize("dim", [1, 3])
def test_in_other_dimensions(dim: int, alone: Callable[..., Run], copy_of: Callable[[Run], Path]) -> None:
    same(resume(copy_of(alone(dim, HALF)), [GO_ON]), alone(dim))


@pytest.mark.parametrize("damage", ["flip", "cut", "empty"])
def test_a_damaged_checkpoint_is_passed_over(
    damage: str, alone: Callable[..., Run], copy_of: Callable[[Run], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copy_of(alone(2, HALF))
    newest = folder / "checkpoint" / f"{HALF:06d}.h5"
    content = bytearray(newest.read_bytes())
    content[len(content) // 2] ^= 1
    newest.write_bytes({"flip": content, "cut": content[: len(content) // 2], "empty": b""}[damage])
    run = resume(folder, [GO_ON])
    told = f"warning: checkpoint {newest.name}"
    assert told in capsys.readouterr().out
    assert told in (folder / "log.txt").read_text()
    same(run, alone(2))
    # what came after the older checkpoint is kept beside, not in, the record
    assert (folder / "history-superseded.csv").exists()


def test_without_any_checkpoint(alone: Callable[..., Run], copy_of: Callable[[Run], Path]) -> None:
    folder = copy_of(alone(1, HALF))
    for path in (folder / "checkpoint").glob("0*.h5"):
        path.write_bytes(b"not one")
    with pytest.raises(CannotGoOn, match="no checkpoint can be used"):
        resume(folder)
    for path in (folder / "checkpoint").glob("0*.h5"):
        path.unlink()
    with pytest.raises(BadInput, match="no checkpoint"):
        resume(folder)


def test_a_checkpoint_of_another_run(alone: Callable[..., Run], copy_of: Callable[[Run], Path]) -> None:
    """One on another mesh is passed over; one of another run on the same mesh is named."""
    folder = copy_of(alone(2, HALF))
    foreign = folder / "checkpoint" / "000999.h5"
    foreign.write_bytes((alone(1, HALF).directory / "checkpoint" / f"{HALF:06d}.h5").read_bytes())
    same(resume(folder, [GO_ON]), alone(2))
    foreign.write_bytes((alone(2).directory / "checkpoint" / f"{STEPS:06d}.h5").read_bytes())
    with pytest.raises(CannotGoOn, match=r"000999\.h5: was written by another run"):
        resume(folder, [GO_ON])


@pytest.mark.parametrize("name", ["manifest", "history", "fields", "checkpoint"])
def test_a_run_of_a_newer_femna(name: str, alone: Callable[..., Run], copy_of: Callable[[Run], Path]) -> None:
    folder = copy_of(alone(1, HALF))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest.pop("crc32", None)
    manifest["formats"][name] = 3
    (folder / "manifest.json").write_text(json.dumps(manifest))
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(BadInput, match=rf"newer femna \({name} format 3; this one reads up to 2\)") as caught:
        resume(folder, [GO_ON])
    assert "\n" not in str(caught.value)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_no_run_and_a_damaged_one(tmp_path: Path, alone: Callable[..., Run], copy_of: Callable[[Run], Path]) -> None:
    with pytest.raises(BadInput, match="no such folder"):
        resume(tmp_path / "nowhere")
    with pytest.raises(BadInput, match="not a run folder"):
        resume(tmp_path)
    folder = copy_of(alone(1, HALF))
    (folder / "case.toml").write_text("geometry = 7\n")
    with pytest.raises(BadInput, match=r"case\.toml"):
        resume(folder)


@pytest.mark.parametrize(
    "text",
    [
        "geometry.dim=2",
        "kinetics.transfer_coefficient=0.4",
        "numerics.tol=1",
        "numerics",
        "numerics.resolution=8",
        "numerics.cell_size=1 um",
        "numerics.adaptive_mesh=true",
    ],
)
def test_settings_that_cannot_change(text: str, alone: Callable[..., Run]) -> None:
    before = (alone(1, HALF).directory / "manifest.json").read_bytes()
    with pytest.raises(BadInput, match=text.partition("=")[0].replace(".", r"\.")):
        resume(alone(1, HALF).directory, [text])
    assert (alone(1, HALF).directory / "manifest.json").read_bytes() == before


def test_a_limit_that_is_reached_already(alone: Callable[..., Run], copy_of: Callable[[Run], Path]) -> None:
    run = resume(copy_of(alone(1, HALF)))
    assert run.status == "interrupted"
    assert run.summary()["steps"] == HALF
    assert unbroken(run)


def test_a_finished_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says so; a longer protocol, or one more step, makes it go on; its last state is stored once."""

    def protocol(*steps: tuple[str, str]) -> str:
        items = ", ".join(f'{{mode="voltage", value="{value}", until="{until}"}}' for value, until in steps)
        return f"protocol=[{items}]"

    case = small(1, protocol(("0.5 V", "5 ms")))
    run = femna.run(case, tmp_path / "run")
    assert run.status == "finished"
    manifest = json.loads((run.directory / "manifest.json").read_text())
    steps = manifest["steps"]
    assert steps == run.history["Step [-]"][-1]
    assert {"peak_memory_MB", "rejected_steps", "nodes", "cells", "time_s"} <= set(manifest)

    capsys.readouterr()
    assert resume(run.directory).summary()["steps"] == steps
    assert "is finished" in capsys.readouterr().out
    assert json.loads((run.directory / "manifest.json").read_text()) == manifest

    run = resume(run.directory, ["output.interval=1 s"])
    assert (run.status, run.summary()["steps"]) == ("finished", steps)

    run = resume(run.directory, [protocol(("0.5 V", "8 ms"))])
    assert run.status == "finished"
    assert run.history["Time [s]"][-1] == pytest.approx(8e-3, rel=1e-9)

    run = resume(run.directory, [protocol(("0.5 V", "8 ms"), ("-0.2 V", "1 ms"))])
    assert run.history["Time [s]"][-1] == pytest.approx(9e-3, rel=1e-9)
    assert run.history["Cell voltage [V]"][-1] == -0.2
    assert unbroken(run)
    assert run.times[-1] == run.history["Time [s]"][-1]
    assert len(set(run.times)) == len(run.times)


def test_what_is_done_stays_in_the_protocol(tmp_path: Path) -> None:
    def protocol(*volts: str) -> str:
        return f"protocol=[{', '.join(f'{{mode="voltage", value="{value}", until="1 ms"}}' for value in volts)}]"

    run = femna.run(small(1, protocol("0.5 V", "0.4 V")), tmp_path / "run")
    before = {path: path.read_bytes() for path in run.directory.rglob("*") if path.is_file()}
    with pytest.raises(
        BadInput, match=r"case\.toml, --set protocol.*protocol has 1 step, and the run stands in step 2;"
    ):
        resume(run.directory, [protocol("0.3 V")])
    with pytest.raises(BadInput, match=r"protocol has another step 1, which is done; the run stands in step 2"):
        resume(run.directory, [protocol("0.3 V", "0.4 V", "0.2 V")])
    assert {path: path.read_bytes() for path in run.directory.rglob("*") if path.is_file()} == before


def test_another_voltage_from_an_older_state(alone: Callable[..., Run], copy_of: Callable[[Run], Path]) -> None:
    """What was stored after the checkpoint belongs to the old protocol: it leaves the record, but not the disk."""
    half = alone(1, HALF)
    folder = copy_of(half)
    for path in (folder / "checkpoint").glob(f"{HALF:06d}.h5"):
        path.unlink()
    time = 2.0 * half.history["Time [s]"][-1]
    run = resume(folder, [f'protocol=[{{mode="voltage", value="0.2 V", until="{time} s"}}]', "numerics.max_steps=1000"])
    assert run.status == "finished"
    assert np.all(run.history["Cell voltage [V]"][1:] == 0.2)
    assert half.times[-1] not in run.times
    assert len(list((folder / "fields").glob("*-superseded-1.vtkhdf"))) == 1
    assert unbroken(run)
