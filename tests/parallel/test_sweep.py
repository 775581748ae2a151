"""femna sweep: whole sweeps in processes of their own: finished, failed, interrupted, gone on with."""

from __future__ import annotations

import csv
import json
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import pytest

import femna

from .launch import CASE, launch, sets, started

pytestmark = pytest.mark.serial

TEXT = f"""
base = "{CASE}"
[set]
"geometry.dim" = 1
"numerics.max_steps" = 3
[grid]
"protocol.1.value" = ["0.3 V", "0.5 V", "0.5 A"]
"""


def write(folder: Path, text: str = TEXT) -> Path:
    path = folder / "sweep.toml"
    path.write_text(text, encoding="utf-8")
    return path


def table(folder: Path) -> list[dict[str, str]]:
    with open(folder / "sweep.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def summaries(folder: Path, rows: list[dict[str, str]]) -> list[dict[str, Any]]:
    return [json.loads(json.dumps(femna.open_run(folder / "runs" / row["id"]).summary())) for row in rows]


def test_a_sweep_runs_every_point_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    file, folder = write(tmp_path), tmp_path / "out"
    ended = launch("sweep", file, "-o", folder)
    assert ended.returncode == 3, ended.stderr
    assert "protocol step 1: value is '0.5 A'" in ended.stdout
    rows = table(folder)
    assert [row["protocol.1.value"] for row in rows] == ["0.3", "0.5", "0.5 A"]
    assert [row["status"] for row in rows] == ["interrupted", "interrupted", "failed"]  # by numerics.max_steps
    for row, found in zip(rows, summaries(folder, rows[:2]), strict=False):
        assert row["steps"] == "3"
        assert float(row["charge_C_m2"]) == found["charge_C_m2"] > 0.0
    assert list(rows[0])[:3] == ["id", "status", "protocol.1.value"]
    assert (folder / "figures" / "curves.png").exists()

    # a longer run under the same names is another case
    refused = launch("sweep", write(tmp_path, TEXT.replace('max_steps" = 3', 'max_steps" = 5')), "-o", folder)
    assert refused.returncode == 2
    assert "holds the run of another case under the same name" in refused.stderr
    assert table(folder) == rows

    # finished runs are left alone; the one that was removed is made again
    done = TEXT.replace('"0.5 A"', '"0.6 V"').replace('"numerics.max_steps" = 3', '"protocol.1.until" = "2 us"')
    again = tmp_path / "again"
    assert launch("sweep", write(tmp_path, done), "-o", again, "--jobs", "1").returncode == 0
    first = table(again)
    assert {row["status"] for row in first} == {"finished"}
    stamps = [(again / "runs" / row["id"] / "history.csv").stat().st_mtime_ns for row in first]
    shutil.rmtree(again / "runs" / first[1]["id"])
    assert launch("sweep", tmp_path / "sweep.toml", "-o", again).returncode == 0
    later = [(again / "runs" / row["id"] / "history.csv").stat().st_mtime_ns for row in first]
    assert [a == b for a, b in zip(stamps, later, strict=True)] == [True, False, True]
    assert [row["charge_C_m2"] for row in table(again)] == [row["charge_C_m2"] for row in first]


@pytest.mark.parametrize("ranks", [1, 2])
def test_a_signal_ends_every_run_with_a_checkpoint(ranks: int, tmp_path: Path) -> None:
    text = TEXT.replace('"numerics.max_steps" = 3', '"numerics.dt_max" = "1 us"').replace(', "0.5 A"', "")
    folder = tmp_path / "out"
    with started("sweep", write(tmp_path, text), "-o", folder, "--ranks", str(ranks)) as process:
        limit = time.monotonic() + 100
        wanted = 2 if ranks == 1 else 1  # of two cores
        while len(list(folder.glob("runs/*/checkpoint/0*.h5"))) < wanted and time.monotonic() < limit:
            assert process.poll() is None
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=40)
    assert process.returncode == 143
    assert f"go on with: femna sweep {tmp_path / 'sweep.toml'} -o {folder}" in told
    rows = table(folder)
    states = [row["status"] for row in rows]
    assert states.count("interrupted") >= wanted
    assert set(states) <= {"interrupted", "pending"}
    stopped = next(row for row in rows if row["status"] == "interrupted")
    steps = int(stopped["steps"])
    more = launch("resume", folder / "runs" / stopped["id"], *sets(f"numerics.max_steps={steps + 2}"))
    assert more.returncode == 0, more.stderr
    assert femna.open_run(folder / "runs" / stopped["id"]).summary()["steps"] == steps + 2


def test_more_runs_than_cores_are_refused(tmp_path: Path) -> None:
    refused = launch("sweep", write(tmp_path), "-o", tmp_path / "out", "--jobs", "1000")
    assert refused.returncode == 2
    assert "--jobs 1000 of 1 ranks: this machine has" in refused.stderr
    assert not (tmp_path / "out").exists()


def test_a_sweep_is_not_started_by_mpirun(tmp_path: Path) -> None:
    refused = launch("sweep", write(tmp_path), "-o", tmp_path / "out", ranks=2)
    assert refused.returncode == 2
    assert refused.stderr.count("a sweep starts the ranks of its runs itself, and MPICH's mpirun has started it") == 1
    assert not (tmp_path / "out").exists()


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("mine", encoding="utf-8")
    refused = launch("sweep", write(tmp_path), "-o", tmp_path / "out")
    assert refused.returncode == 2
    assert "holds other files (thesis.tex)" in refused.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.tex"]
