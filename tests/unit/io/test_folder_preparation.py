"""The run folder before a new run: nothing but an earlier run is ever removed."""

from __future__ import annotations

from pathlib import Path

import pytest

from femna.errors import BadInput
from femna.io import folder_preparation
from femna.io.folder_lock import FolderLock
from femna.io.folder_preparation import prepare_folder
from femna.io.history import History
from femna.io.manifest import Manifest
from femna.io.version_1 import COLUMNS


@pytest.fixture
def earlier(tmp_path: Path, make_row) -> Path:
    """A finished run, with a note of its user in the same folder."""
    manifest = Manifest(tmp_path)
    manifest.start(case="demo", model="single_potential", ranks=1, command=[])
    with History(tmp_path / "history.csv", COLUMNS) as history:
        history.append(make_row(0))
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "final.png").write_bytes(b"")
    (tmp_path / "note.txt").write_text("mine")
    manifest.finish("finished")
    return tmp_path


def prepare(directory: Path, force: bool = False) -> None:
    with FolderLock(directory) as lock:
        prepare_folder(lock, force)


def test_new_and_empty_folders_are_taken(tmp_path: Path) -> None:
    for _ in range(2):
        prepare(tmp_path / "runs" / "demo")
        assert list((tmp_path / "runs" / "demo").iterdir()) == []


def test_what_a_killed_run_leaves_before_its_first_file_is_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / ".lock").touch()
    prepare(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_comes_in_between_is_left_alone(earlier: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is looked at again once it is held: it may have been empty before."""
    looks: list[str] = []
    check = folder_preparation.check_folder
    monkeypatch.setattr(
        folder_preparation, "check_folder", lambda *words: looks.append("") or (check(*words) if looks[1:] else None)
    )
    with pytest.raises(BadInput, match="is not empty"):
        prepare(earlier)
    assert (earlier / "history.csv").exists()


def test_refused_without_force(earlier: Path) -> None:
    with pytest.raises(BadInput, match="--force"):
        prepare(earlier)
    assert (earlier / "history.csv").exists()


def test_force_removes_the_run_and_nothing_else(earlier: Path) -> None:
    prepare(earlier, force=True)
    assert [path.name for path in earlier.iterdir()] == ["note.txt"]
    prepare(earlier, force=True)


def test_folder_that_is_no_run_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "figures").mkdir()
    with pytest.raises(BadInput, match="holds figures, but is not a run folder"):
        prepare(tmp_path, force=True)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BadInput, match="is a file"):
        prepare(tmp_path / "file", force=True)


def test_run_that_goes_on_is_left_alone(earlier: Path, monkeypatch) -> None:
    monkeypatch.setattr("femna.io.folder_preparation.is_going_on", lambda manifest: True)
    data = Manifest(earlier)
    data.update(status="running")
    with pytest.raises(BadInput, match="still going on"):
        prepare(earlier, force=True)
    assert (earlier / "history.csv").exists()
