"""One writer a run folder, whoever else wants to write into it."""

from __future__ import annotations

import errno
import fcntl
from pathlib import Path

import pytest

from femna.errors import BadInput, CannotGoOn
from femna.io.folder_lock import FolderLock


def test_a_second_writer_is_refused_until_the_first_is_done(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "one"
    with FolderLock(folder) as first, FolderLock(folder) as second:
        first.take()
        with pytest.raises(BadInput, match=rf"^{folder}: the run in it is still going on"):
            second.take()
        first.check()
    assert list(folder.iterdir()) == []
    with FolderLock(folder) as third:
        third.take()
        third.check()


def test_a_lock_that_outlives_its_machine_is_removed_with_its_file(tmp_path: Path) -> None:
    with FolderLock(tmp_path) as gone, FolderLock(tmp_path) as other:
        gone.take()
        with pytest.raises(BadInput, match=r"if its machine has crashed, remove the file \.lock there$"):
            other.take()
        (tmp_path / ".lock").unlink()
        other.take()
        other.check()
        with pytest.raises(CannotGoOn, match="replaced"):
            gone.check()


def test_what_a_kill_leaves_is_taken(tmp_path: Path) -> None:
    (tmp_path / ".lock").touch()
    with FolderLock(tmp_path) as lock:
        lock.take()
        lock.check()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_locks(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*words: object) -> None:
        raise OSError(number, "no locks")

    monkeypatch.setattr(fcntl, "flock", fail)
    with FolderLock(tmp_path) as lock:
        lock.take()
        lock.check()


def test_a_file_that_its_holder_removes_in_the_meantime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is locked must be what the next one finds: the lock of a removed file keeps nobody out."""
    whole, removed = fcntl.flock, []

    def flock(file: object, how: int) -> None:
        if not removed:
            (tmp_path / ".lock").unlink()
            removed.append(True)
        whole(file, how)  # type: ignore[call-overload]

    monkeypatch.setattr(fcntl, "flock", flock)
    with FolderLock(tmp_path) as lock, FolderLock(tmp_path) as other:
        lock.take()
        lock.check()
        with pytest.raises(BadInput, match="still going on"):
            other.take()


@pytest.mark.parametrize("how", ["moved", "replaced"])
def test_a_folder_that_goes_from_under_a_run(how: str, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with FolderLock(folder) as lock:
        lock.take()
        folder.rename(tmp_path / "other")
        if how == "replaced":
            folder.mkdir()
            (folder / ".lock").touch()
        with pytest.raises(CannotGoOn, match="was moved, removed or replaced"):
            lock.check()
    assert folder.exists() == (how == "replaced")
    assert not folder.exists() or [path.name for path in folder.iterdir()] == [".lock"]
