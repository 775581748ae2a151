"""Makes a folder ready for a new run, without harm to anything that is not a run's."""

from __future__ import annotations

import shutil
from pathlib import Path

from femna.errors import BadInput
from femna.io.atomic_files import disk_errors
from femna.io.manifest import is_alive, read_manifest
from femna.io.run_folder import MANIFEST_FILE, RUN_FILES


def prepare_folder(directory: Path | str, force: bool = False) -> Path:
    """Make a folder for a new run. Files that no run writes are left alone.

    Args:
        directory: the folder; made, with its parents, when there is none.
        force: clear the folder of an earlier run.

    Returns:
        The folder.

    Raises:
        BadInput: the folder is not empty and `force` is not given, the run in it is still going on, or it holds files
            named like those of a run without being a run folder.
        CannotGoOn: the folder cannot be written.
    """
    directory = Path(directory)
    if directory.exists() and not directory.is_dir():
        raise BadInput(f"{directory}: is a file, not a folder")
    with disk_errors(directory):
        directory.mkdir(parents=True, exist_ok=True)
        names = {path.name for path in directory.iterdir()}
    if not names:
        return directory
    if not force:
        raise BadInput(f"{directory}: is not empty; give another folder, or --force to replace the run in it")
    if MANIFEST_FILE in names:
        manifest = read_manifest(directory)
        if manifest["status"] == "running" and is_alive(manifest):
            raise BadInput(f"{directory}: the run in it is still going on")
    elif names & set(RUN_FILES):
        raise BadInput(f"{directory}: holds {', '.join(sorted(names & set(RUN_FILES)))}, but is not a run folder")
    with disk_errors(directory):
        # the manifest goes last: a folder that is cleared only in part is still known as a run folder
        for name in (*RUN_FILES, MANIFEST_FILE):
            path = directory / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    return directory
