"""The run folder before a new run: nothing but an earlier run is ever removed."""

from __future__ import annotations

from pathlib import Path

import pytest

from femna.errors import BadInput
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


def test_new_and_empty_folders_are_taken(tmp_path: Path) -> None:
    assert prepare_folder(tmp_path / "runs" / "demo").is_dir()
    assert prepare_folder(tmp_path / "runs" / "demo").is_dir()


def test_refused_without_force(earlier: Path) -> None:
    with pytest.raises(BadInput, match="--force"):
        prepare_folder(earlier)
    assert (earlier / "history.csv").exists()


def test_force_removes_the_run_and_nothing_else(earlier: Path) -> None:
    prepare_folder(earlier, force=True)
    assert [path.name for path in earlier.iterdir()] == ["note.txt"]
    prepare_folder(earlier, force=True)


def test_folder_that_is_no_run_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "figures").mkdir()
    with pytest.raises(BadInput, match="holds figures, but is not a run folder"):
        prepare_folder(tmp_path, force=True)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BadInput, match="is a file"):
        prepare_folder(tmp_path / "file", force=True)


def test_run_that_goes_on_is_left_alone(earlier: Path, monkeypatch) -> None:
    monkeypatch.setattr("femna.io.folder_preparation.is_alive", lambda manifest: True)
    data = Manifest(earlier)
    data.update(status="running")
    with pytest.raises(BadInput, match="still going on"):
        prepare_folder(earlier, force=True)
    assert (earlier / "history.csv").exists()
