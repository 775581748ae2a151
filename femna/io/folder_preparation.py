"""Makes a folder ready for a new run, without harm to anything that is not a run's."""

from __future__ import annotations

import shutil
from pathlib import Path

from femna.errors import BadInput
from femna.io.atomic_files import disk_errors
from femna.io.folder_lock import FolderLock
from femna.io.manifest import is_going_on, read_manifest
from femna.io.run_folder import LOCK_FILE, MANIFEST_FILE, RUN_FILES


def check_folder(directory: Path | str, force: bool = False) -> None:
    """Ask that a new run may be written into a folder. Nothing is changed.

    Args:
        directory: the folder; there may be none yet.
        force: whether the folder of an earlier run may be cleared.

    Raises:
        BadInput: the folder is not empty and `force` is not given, the run in it is still going on, or it holds files
            named like those of a run without being a run folder.
        CannotGoOn: the folder cannot be read.
    """
    directory = Path(directory)
    if not directory.exists():
        return
    if not directory.is_dir():
        raise BadInput(f"{directory}: is a file, not a folder")
    with disk_errors(directory):
        names = {path.name for path in directory.iterdir()} - {LOCK_FILE}
    if not names:
        return
    if not force:
        raise BadInput(f"{directory}: is not empty; give another folder, or --force to replace the run in it")
    if MANIFEST_FILE in names:
        if is_going_on(read_manifest(directory)):
            raise BadInput(f"{directory}: the run in it is still going on")
    elif names & set(RUN_FILES):
        raise BadInput(f"{directory}: holds {', '.join(sorted(names & set(RUN_FILES)))}, but is not a run folder")


def prepare_folder(lock: FolderLock, force: bool = False) -> None:
    """Make a folder for a new run, and hold it. Files that no run writes are left alone.

    Args:
        lock: of the folder; taken here.
        force: clear the folder of an earlier run.

    Raises:
        BadInput: as `check_folder`, or another process writes into the folder.
        CannotGoOn: the folder cannot be written.
    """
    directory = lock.directory
    check_folder(directory, force)
    lock.take()
    check_folder(directory, force)  # another run may have come in before
    with disk_errors(directory):
        # the manifest goes last: a folder that is cleared only in part is still known as a run folder
        for name in (*RUN_FILES, MANIFEST_FILE):
            path = directory / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
