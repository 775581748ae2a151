"""The mesh of a run, stored once beside its checkpoints."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femna.errors import BadInput, CannotGoOn
from femna.io.mesh_digest import mesh_digest
from femna.io.run_folder import CHECKPOINT_FOLDER
from femna.io.sealed_file import Foreign, Unusable, read_header, seal, store_arrays, unseal

MESH_FILE = "mesh.h5"

Array = NDArray[Any]


@dataclass(frozen=True)
class StoredMesh:
    """The mesh of a run.

    Args:
        points: coordinates of the nodes, (N, dim), m.
        cells: nodes of the simplices, (M, dim + 1).
        layer: index of the layer of each cell, (M,).
        digest: see femna.io.mesh_digest.
    """

    points: NDArray[np.float64]
    cells: NDArray[np.int64]
    layer: NDArray[np.int32]
    digest: str


def save_mesh(directory: Path | str, points: Array, cells: Array, layer: Array) -> str:
    """Store the mesh of a run in `checkpoint/mesh.h5`, unless it is there.

    Args:
        directory: the run folder.
        points: coordinates of the nodes, (N, dim), m.
        cells: nodes of the simplices, (M, dim + 1).
        layer: index of the layer of each cell, (M,).

    Returns:
        The digest of the mesh.

    Raises:
        BadInput: another mesh is stored there.
        CannotGoOn: the disk is full.
    """
    path = Path(directory) / CHECKPOINT_FOLDER / MESH_FILE
    digest = mesh_digest(points, cells, layer)
    arrays = {"points": np.asarray(points, "f8"), "cells": np.asarray(cells, "i8"), "layer": np.asarray(layer, "i4")}
    try:
        unseal(path, "mesh", digest).close()
    except Foreign as error:
        raise BadInput(f"{path}: holds the mesh of another run") from error
    except Unusable:
        seal(path, "mesh", digest, lambda file: store_arrays(file, arrays))
    return digest


def load_mesh(directory: Path | str) -> StoredMesh:
    """The mesh that `save_mesh` stored.

    Args:
        directory: the run folder.

    Returns:
        The mesh.

    Raises:
        BadInput: a newer femna wrote it.
        CannotGoOn: it is missing or damaged.
    """
    path = Path(directory) / CHECKPOINT_FOLDER / MESH_FILE
    try:
        with unseal(path, "mesh") as file:
            points, cells, layer = (file[name][...] for name in ("points", "cells", "layer"))
        digest = mesh_digest(points, cells, layer)
        if digest != read_header(path).mesh:
            raise Unusable("is damaged")
    except Unusable as error:
        raise CannotGoOn(f"{path}: the mesh of the run {error}") from error
    return StoredMesh(points, cells, layer, digest)


def stored_mesh_digest(directory: Path | str) -> str:
    """The digest that the stored mesh states.

    Args:
        directory: the run folder.

    Returns:
        The digest (see femna.io.mesh_digest).

    Raises:
        CannotGoOn: the mesh is missing or damaged.
    """
    path = Path(directory) / CHECKPOINT_FOLDER / MESH_FILE
    try:
        return read_header(path).mesh
    except Unusable as error:
        raise CannotGoOn(f"{path}: the mesh of the run {error}") from error
