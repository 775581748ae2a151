"""The run folder as a whole: made ready for a new run without harm to anything else."""

from __future__ import annotations

import shutil
from pathlib import Path

from femna.errors import BadInput
from femna.io.atomic_files import disk_errors
from femna.io.manifest import MANIFEST_FILE, is_alive, read_manifest

RUN_FILES = ("case.toml", "history.csv", "history-superseded.csv", "fields", "checkpoint", "figures", "log.txt")
"""What a run writes besides its manifest, which goes last so that a half-cleared folder is still known as a run's."""


def prepare_folder(directory: Path | str, force: bool = False) -> Path:
    """Make `directory`, empty or, with `force`, cleared of an earlier run; files that no run writes are left alone.

    Raises BadInput when it is not empty and `force` is not given, when the earlier run is still going on, or when
    it holds files named like a run's that are no run's; CannotGoOn when it cannot be written.
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
        for name in (*RUN_FILES, MANIFEST_FILE):
            path = directory / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    return directory
