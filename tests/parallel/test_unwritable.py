"""Every verb on a full disk, and in a folder that cannot be written: its one clear message, and no traceback."""

from __future__ import annotations

import os
import resource
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from femna.analysis.runs import Run, open_run
from femna.cli import main

from .launch import CASE, unbroken

pytestmark = pytest.mark.serial


@contextmanager
def disk_of(size: int) -> Iterator[None]:
    """No file may grow beyond this many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def told(capsys: pytest.CaptureFixture[str]) -> str:
    """What the last command has said on stderr, which is one line and perhaps what to try."""
    text = capsys.readouterr().err
    assert text.startswith("femna: ")
    assert text.count("\n") == 1 + text.count("\ntry: ")
    assert "Traceback" not in text
    return text


@pytest.mark.parametrize("size", [0, 100, 1000, 3000, 8000, 20_000])
def test_resume_on_a_full_disk(size: int, alone: Callable[..., Run], tmp_path: Path, capsys) -> None:
    """Whichever of its files does not fit; with space again, the run goes on."""
    folder = tmp_path / "run"
    shutil.copytree(alone(1).directory, folder)
    words = ["resume", str(folder), "--set", "numerics.max_steps=26", "--set", "output.checkpoint_interval=0"]
    with disk_of(size):
        code = main(words)
    assert code == 3
    assert "the disk is full" in told(capsys)
    assert main(words) == 0
    assert unbroken(open_run(folder))


@pytest.mark.parametrize("size", [0, 100, 3000])
def test_other_verbs_on_a_full_disk(size: int, alone: Callable[..., Run], tmp_path: Path, capsys) -> None:
    run = str(alone(1).directory)
    out = str(tmp_path / "out")
    commands = [
        ["run", str(CASE), "-o", out, "--set", "geometry.dim=1"],
        ["mesh", str(CASE), "-o", f"{out}.msh", "--set", "geometry.dim=2"],
        ["render", run, "-o", f"{out}-r"],
        ["render", run, "-o", f"{out}-m", "--movie"],
        ["compare", run, run, "-o", f"{out}-c"],
    ]
    for words in commands:
        with disk_of(size):
            assert main(words) == 3, words
        assert "the disk is full" in told(capsys), words
    assert not list(tmp_path.rglob("*.part"))
    assert not list(tmp_path.rglob("*.png"))
    assert not list(tmp_path.rglob("*.msh"))


def test_a_full_standard_output(monkeypatch: pytest.MonkeyPatch, alone: Callable[..., Run], capsys) -> None:
    run = str(alone(1).directory)
    for words in (["list"], ["check", "planar"], ["summary", run], ["audit", "--json"], ["--help"]):
        with open("/dev/full", "w", encoding="utf-8") as full:
            monkeypatch.setattr(sys, "stdout", full)
            assert main(words) == 3, words
            assert "the standard output: No space left on device" in told(capsys)


@pytest.mark.parametrize("place", ["/sys/femna", "FILE/out"])
def test_a_folder_that_cannot_be_written(place: str, alone: Callable[..., Run], tmp_path: Path, capsys) -> None:
    (tmp_path / "file").touch()
    out = place.replace("FILE", str(tmp_path / "file"))
    run = str(alone(1).directory)
    for words in (
        ["run", str(CASE), "-o", out, "--set", "geometry.dim=1"],
        ["mesh", "planar", "-o", f"{out}.msh"],
        ["render", run, "-o", out],
        ["render", run, "-o", out, "--movie"],
        ["compare", run, run, "-o", out],
    ):
        assert main(words) in (2, 3), words
        assert os.path.dirname(out) in told(capsys), words
