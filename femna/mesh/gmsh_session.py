"""A gmsh session with femna's options, and a mesh file that is complete or absent."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from femna.errors import BadInput, CannotGoOn

GMSH_OPTIONS = {
    "General.Terminal": 0,
    "General.NumThreads": 1,
    "Mesh.Algorithm": 6,
    "Mesh.RandomSeed": 1,
    "Mesh.MeshSizeFromPoints": 0,
    "Mesh.MeshSizeFromCurvature": 0,
    "Mesh.MeshSizeExtendFromBoundary": 0,
    "Mesh.MshFileVersion": 4.1,
    "Mesh.Binary": 0,
    "Mesh.SaveAll": 0,
    "Mesh.ScalingFactor": 1,
}
"""The options that a mesh depends on, set in every session, so that the same case gives the same mesh everywhere."""


@contextmanager
def session() -> Iterator[Any]:
    """The gmsh module with an empty model and femna's options, in a process that has no other session.

    Yields:
        The module `gmsh`.

    Raises:
        CannotGoOn: gmsh cannot be loaded.
    """
    try:
        import gmsh
    except (ImportError, OSError) as error:
        raise CannotGoOn(f"gmsh cannot be loaded: {error}\ntry: femna doctor") from error
    gmsh.initialize([], readConfigFiles=False, run=False, interruptible=False)
    try:
        for name, value in GMSH_OPTIONS.items():
            gmsh.option.setNumber(name, value)
        gmsh.model.add("femna stack")
        yield gmsh
    finally:
        gmsh.finalize()


@contextmanager
def written_aside(target: Path) -> Iterator[Path]:
    """A temporary path beside a target; the file written to it is renamed to the target when it is complete.

    Args:
        target: the .msh file.

    Yields:
        The temporary path.

    Raises:
        BadInput: the target cannot be written.
        CannotGoOn: the disk is full.
    """
    try:
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".femna-") as folder:
            aside = Path(folder) / "aside.msh"
            yield aside
            with aside.open("rb") as file:
                # gmsh does not report short writes, so the end of the file is checked.
                file.seek(max(0, aside.stat().st_size - 64))
                if not file.read().rstrip().endswith(b"$EndElements"):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(file.fileno())
            aside.replace(target)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise CannotGoOn(f"{target} was not written: the disk is full") from error
        raise BadInput(f"{target} cannot be written: {error.strerror or error}") from error
