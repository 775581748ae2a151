"""Where the files of a sweep are, and how far each of its runs has come."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from femna.case.read import read_case_text
from femna.errors import BadInput
from femna.io.atomic_files import write_whole
from femna.io.manifest import is_alive, read_manifest, true_status
from femna.io.run_folder import CASE_FILE, CHECKPOINT_FOLDER, FIGURES_FOLDER, MANIFEST_FILE
from femna.sweep.points import Point

CASES, RUNS, LOGS = "cases", "runs", "logs"
TABLE_FILE = "sweep.csv"
SWEEP_FILES = (CASES, RUNS, LOGS, FIGURES_FOLDER, TABLE_FILE)

WORDS = {"name", "title", "source", "minutes"}
"""Keys of a case that change nothing in its run."""

Status = Literal["pending", "running", "finished", "interrupted", "failed"]


@dataclass(frozen=True)
class SweepFolder:
    """The folder of a sweep: cases/ID.toml, runs/ID/, logs/ID.txt, sweep.csv, figures/.

    Args:
        path: the folder.
    """

    path: Path

    def case_file(self, name: str) -> Path:
        """The resolved case of a point."""
        return self.path / CASES / f"{name}.toml"

    def run(self, name: str) -> Path:
        """The run folder of a point."""
        return self.path / RUNS / name

    def log(self, name: str) -> Path:
        """What the run of a point has said."""
        return self.path / LOGS / f"{name}.txt"

    @property
    def table(self) -> Path:
        """The table of results."""
        return self.path / TABLE_FILE

    def prepare(self, points: Sequence[Point], force: bool = False) -> None:
        """Write the cases of all points that can be run; nothing is written where the folder is not a sweep's.

        Args:
            points: the points.
            force: accept run folders that hold the run of another case; such a run is made anew.

        Raises:
            BadInput: the folder holds other things, or a run of another case under the name of a point.
            CannotGoOn: the disk is full, or the folder cannot be written.
        """
        if self.path.exists() and not self.path.is_dir():
            raise BadInput(f"{self.path}: is a file, not a folder")
        strangers = sorted({path.name for path in self.path.glob("*")} - set(SWEEP_FILES))
        if (self.path / MANIFEST_FILE).exists():
            raise BadInput(f"{self.path}: is the folder of a run; allowed: a new folder, or that of a sweep")
        if strangers and not (self.path / CASES).is_dir():
            raise BadInput(
                f"{self.path}: holds other files ({strangers[0]}); allowed: a new folder, or that of a sweep"
            )
        for point in points:
            if not force and self.holds_another(point):
                raise BadInput(
                    f"{self.run(point.id)}: holds the run of another case under the same name (the base case or --set "
                    "has changed); give another -o, or --force to run it anew"
                )
        for point in points:
            if point.case is not None:
                write_whole(self.case_file(point.id), point.case.to_toml().encode())

    def holds_another(self, point: Point) -> bool:
        """Whether the run folder of a point holds the run of another case.

        Args:
            point: the point.
        """
        path = self.run(point.id) / CASE_FILE
        if point.case is None or not path.exists():
            return False
        try:
            stored = read_case_text(path.read_text(encoding="utf-8"), str(path))
        except (BadInput, OSError, UnicodeDecodeError):
            return True
        old, new = (case.model_dump(exclude=WORDS) for case in (stored, point.case))
        return old != new

    def status(self, name: str) -> tuple[Status, str]:
        """How far the run of a point has come, and why it ended so, where that is known.

        Args:
            name: of the point.
        """
        folder = self.run(name)
        if not (folder / MANIFEST_FILE).exists():
            return "pending", ""
        try:
            manifest = read_manifest(folder)
        except BadInput as error:
            return "failed", str(error)
        status = true_status(manifest)
        if status == "running" and is_alive(manifest) is None:
            return "running", f"on another machine; if it is dead: femna resume {folder}"
        known: dict[str, Status] = {"running": "running", "finished": "finished", "failed": "failed"}
        return known.get(status, "interrupted"), str(manifest.get("reason") or "")

    def can_resume(self, name: str) -> bool:
        """Whether the run of a point has a checkpoint."""
        folder = self.run(name) / CHECKPOINT_FOLDER
        return folder.is_dir() and any(os.scandir(folder))
