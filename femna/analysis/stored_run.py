"""What a run folder holds: manifest, case, history and stored fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from femna.analysis.simplices_of_leaves import as_simplices
from femna.errors import BadInput
from femna.io.declarations import undeclared_column
from femna.io.field_store import FileStamp, check_output, list_outputs, mesh_of, stored_digest
from femna.io.formats import refuse_newer, stated_version
from femna.io.history_table import read_history
from femna.io.manifest import identity, read_manifest, run_declarations, true_status
from femna.io.run_folder import CASE_FILE, FIELDS_FOLDER, HISTORY_FILE
from femna.io.unreadable import why_unusable
from femna.quantities import seconds

if TYPE_CHECKING:
    import pyvista

    from femna.case import Case
    from femna.columns import Column
    from femna.fields import Field


SAME_DIGITS = 1e-9
"""Relative difference below which a time that somebody gives, of so many digits, means the time of an output."""


def _means(given: float, stored: float, before: float) -> bool:
    """Whether a time just below that of an output means it, and not the output before (s each)."""
    return stored - given <= min(SAME_DIGITS * abs(given), 0.5 * (stored - before))


@dataclass(frozen=True)
class StoredRun:
    """The run in a folder, as it stood when it was opened; open it again to see a running one go on.

    What is read later is the same run's, also when the working directory of the process has become another one by then.

    Args:
        directory: the run folder.
        manifest: content of `manifest.json` (see femna.io.manifest.Manifest).
    """

    directory: Path
    manifest: dict[str, Any]
    _place: Path = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_place", self.directory.absolute())

    def _folder(self) -> Path:
        """Where the run is, by the name that was given as long as that leads there.

        Raises:
            BadInput: it is not there any more, or another run is.
        """
        try:
            folder = self.directory if self.directory.absolute() == self._place else self._place
        except FileNotFoundError:  # the working directory has been removed
            folder = self._place
        if identity(read_manifest(folder)) != identity(self.manifest):
            raise BadInput(f"{folder}: holds another run than when it was opened; open it again")
        return folder

    def _has_gone_on(self) -> bool:
        return read_manifest(self._folder()).get("updated") != self.manifest.get("updated")

    @property
    def status(self) -> str:
        """running, finished, interrupted or failed; a run that was killed counts as interrupted."""
        return true_status(self.manifest)

    @cached_property
    def case(self) -> Case:
        """The fully resolved case.

        Raises:
            BadInput: the file is missing or is no case.
        """
        path = self._folder() / CASE_FILE
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"{path}: cannot be read ({error})") from error
        from femna.case.read import read_case_text

        return read_case_text(text, str(path))

    @cached_property
    def history(self) -> dict[str, NDArray[np.float64]]:
        """Column name -> values (rows,); row 0 is the initial state, then one row an accepted step.

        Raises:
            BadInput: the file is damaged, or a newer femna wrote it.
        """
        path = self._folder() / HISTORY_FILE
        refuse_newer(path, "history", stated_version(self.manifest, "history"))
        try:
            return read_history(path, self.manifest)
        except BadInput as error:
            if self._has_gone_on():  # and its last rows may have been superseded
                raise BadInput(f"{path}: has gone on since the run was opened; open it again") from error
            raise

    @cached_property
    def _declarations(self) -> tuple[tuple[Field, ...], tuple[Column, ...]]:
        return run_declarations(self._folder(), self.manifest)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the history in the order of the file, as the run itself declares them.

        Raises:
            BadInput: as `history`.
        """
        declared = {column.name: column for column in self._declarations[1]}
        return tuple(declared.get(name) or undeclared_column(name) for name in self.history)

    @cached_property
    def field_table(self) -> dict[str, Field]:
        """Key -> declaration of the fields that the run stores, as the run itself declares them."""
        return {field.key: field for field in self._declarations[0]}

    @cached_property
    def _outputs(self) -> list[tuple[float, str]]:
        return [(time, path.name) for time, path in list_outputs(self._folder())]

    @cached_property
    def _checked(self) -> set[FileStamp]:
        """The files of fields that were read once and found sound: the mesh is not read again for each output."""
        return set()

    @property
    def times(self) -> NDArray[np.float64]:
        """Simulated times of the stored fields, (outputs,), s, rising.

        Raises:
            BadInput: a file is damaged.
        """
        return np.array([time for time, _ in self._outputs])

    def fields(self, time: float | str | None = None) -> pyvista.UnstructuredGrid:
        """The fields stored at a time, or last before it.

        Args:
            time: simulated time in s, or a text with a unit such as "2 min"; None for the last output of all.

        Returns:
            The mesh in m, with the fields as point arrays (SI units) and the number of the layer as the cell array
            `material`.

        Raises:
            BadInput: nothing was stored so early, `time` is no time, or the files are damaged.
        """
        return as_simplices(self.stored_cells(time))

    def stored_cells(self, time: float | str | None = None) -> pyvista.UnstructuredGrid:
        """As `fields`, with the leaves of a mesh that followed the front as pixels or voxels. Raises BadInput."""
        stored = self.times
        if stored.size == 0:
            raise BadInput(f"{self.directory}: no fields are stored")
        if isinstance(time, str):
            time = seconds(time, f"{self.directory}: time")
        elif time is None:
            time = float(stored[-1])
        index = int(np.searchsorted(stored, time, side="right")) - 1
        if index + 1 < stored.size and _means(time, stored[index + 1], stored[index] if index >= 0 else 0.0):
            index += 1
        if index < 0:
            first = f"the first are at {stored[0]:g} s"
            raise BadInput(f"{self.directory}: no fields are stored at or before {time:g} s; {first}")
        path = self._folder() / FIELDS_FOLDER / self._outputs[index][1]
        if not path.exists() and self._has_gone_on():
            raise BadInput(f"{path}: was superseded since the run was opened; open it again")
        mesh_file = mesh_of(path)
        if stored_digest(mesh_file) is None:
            damaged = "is missing or damaged; the stored fields need it"
            raise BadInput(f"{mesh_file}: {why_unusable(mesh_file, damaged=damaged)}")
        check_output(path, self._checked)
        import pyvista

        mesh = pyvista.read(path)
        if not isinstance(mesh, pyvista.UnstructuredGrid) or mesh.n_points == 0:
            raise BadInput(f"{path}: is damaged")
        return mesh
