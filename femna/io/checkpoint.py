"""Checkpoints: the state of a run, each file complete or absent, each checked before it is used.

A file is HDF5 behind a header of 512 bytes (an HDF5 user block, so that h5py and h5dump open it as it is): one line of
JSON with the kind of file, the digest of the mesh it belongs to and the SHA-256 of all that follows. Nothing is handed
to HDF5 that the digest does not vouch for; each dataset also carries HDF5's own Fletcher-32 checksum.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from femna.errors import BadInput, CannotGoOn
from femna.io.atomic_files import ASIDE, hdf5_image, write_whole
from femna.io.mesh_digest import mesh_digest
from femna.io.run_folder import CHECKPOINT_FOLDER

MESH_FILE = "mesh.h5"
HEADER_BYTES = 512
KEPT = 2

Array = NDArray[Any]


@dataclass(frozen=True)
class Checkpoint:
    """The state after `step` accepted steps; `passed_over`: why newer files were not used, one line each."""

    step: int
    arrays: dict[str, Array]
    scalars: dict[str, Any]
    path: Path
    passed_over: tuple[str, ...] = ()


@dataclass(frozen=True)
class StoredMesh:
    """points (N, dim) float64 in m; cells (M, dim+1) int64; layer (M,) int32; digest: hexadecimal SHA-256 of them."""

    points: NDArray[np.float64]
    cells: NDArray[np.int64]
    layer: NDArray[np.int32]
    digest: str


class _Unusable(Exception):
    """Why a file cannot be used: the end of a sentence that starts with its name."""


class _Foreign(_Unusable):
    """The file is intact but belongs to another mesh."""


def save_mesh(directory: Path | str, points: Array, cells: Array, layer: Array) -> str:
    """Store the mesh of the run in `directory`/checkpoint/mesh.h5, unless it is there; returns its digest.

    Raises BadInput when another mesh is stored there, CannotGoOn when the disk is full.
    """
    path = Path(directory) / CHECKPOINT_FOLDER / MESH_FILE
    digest = mesh_digest(points, cells, layer)
    arrays = {"points": np.asarray(points, "f8"), "cells": np.asarray(cells, "i8"), "layer": np.asarray(layer, "i4")}
    try:
        _unseal(path, "mesh", digest).close()
    except _Foreign as error:
        raise BadInput(f"{path}: holds the mesh of another run") from error
    except _Unusable:
        _seal(path, "mesh", digest, arrays)
    return digest


def load_mesh(directory: Path | str) -> StoredMesh:
    """The mesh that `save_mesh` stored. Raises CannotGoOn when it is missing or damaged."""
    path = Path(directory) / CHECKPOINT_FOLDER / MESH_FILE
    try:
        with _unseal(path, "mesh") as file:
            points, cells, layer = (file[name][...] for name in ("points", "cells", "layer"))
        digest = mesh_digest(points, cells, layer)
        if digest != _header(path)["mesh"]:
            raise _Unusable("is damaged")
    except _Unusable as error:
        raise CannotGoOn(f"{path}: the mesh of the run {error}") from error
    return StoredMesh(points, cells, layer, digest)


def save(directory: Path | str, step: int, arrays: Mapping[str, Array], scalars: Mapping[str, Any]) -> Path:
    """Store the state after `step` in `directory`/checkpoint/NNNNNN.h5; the last two are kept.

    arrays: of at least one dimension each; scalars: whatever JSON can hold (tuples come back as lists). `save_mesh`
    comes first. Raises CannotGoOn when the disk is full; the older checkpoints are then still there.
    """
    folder = Path(directory) / CHECKPOINT_FOLDER
    path = folder / f"{step:06d}.h5"
    try:
        mesh = _header(folder / MESH_FILE)["mesh"]
    except _Unusable as error:
        raise CannotGoOn(f"{folder / MESH_FILE}: the mesh of the run {error}") from error
    text = json.dumps(dict(scalars), default=_plain).encode()
    _seal(path, "checkpoint", mesh, dict(arrays), {"step": step, "scalars": np.frombuffer(text, "u1")})
    # A file of a later step is one that a resumed run passed over; kept, it would push out the good ones.
    older = [other for other in _stored(folder) if int(other.stem) <= step]
    for other in set(_stored(folder)) - set(older[-KEPT:]):
        other.unlink(missing_ok=True)
    for torn in folder.glob("*" + ASIDE):
        torn.unlink(missing_ok=True)
    return path


def load_newest(directory: Path | str) -> Checkpoint:
    """The newest intact checkpoint of the run in `directory` that belongs to its mesh.

    Raises BadInput when the run has none, CannotGoOn when none of them, or the mesh, can be used.
    """
    folder = Path(directory) / CHECKPOINT_FOLDER
    stored = _stored(folder)
    if not stored:
        raise BadInput(f"{directory}: there is no checkpoint to resume from")
    try:
        mesh = _header(folder / MESH_FILE)["mesh"]
    except _Unusable as error:
        raise CannotGoOn(f"{folder / MESH_FILE}: the mesh of the run {error}") from error
    reasons: list[str] = []
    for path in reversed(stored):
        try:
            with _unseal(path, "checkpoint", mesh) as file:
                arrays = {name: data[...] for name, data in file["arrays"].items()}
                scalars = json.loads(file["scalars"][...].tobytes())
                step = int(file.attrs["step"])
        except _Unusable as error:
            reasons.append(f"{path.name} {error}")
        else:
            return Checkpoint(step, arrays, scalars, path, tuple(reasons))
    raise CannotGoOn(f"{folder}: no checkpoint can be used: {'; '.join(reasons)}\ntry: run the case anew")


def _stored(folder: Path) -> list[Path]:
    """The checkpoints in `folder`, oldest first."""
    return sorted((path for path in folder.glob("*.h5") if path.stem.isdecimal()), key=lambda path: int(path.stem))


def _seal(
    path: Path, kind: str, mesh: str, arrays: Mapping[str, Array], state: Mapping[str, Any] | None = None
) -> None:
    """Write a file that `_unseal` opens. A mesh keeps its arrays at the root, a checkpoint in the group `arrays`."""

    def fill(file: h5py.File) -> None:
        group = file
        if state is not None:
            file.attrs["step"] = state["step"]
            file.create_dataset("scalars", data=state["scalars"], fletcher32=True)
            group = file.create_group("arrays")
        for name, array in arrays.items():
            group.create_dataset(name, data=array, fletcher32=True)

    image = hdf5_image(fill, HEADER_BYTES)
    with image.getbuffer() as view:
        digest = hashlib.sha256(view[HEADER_BYTES:]).hexdigest()
        header = json.dumps({"femna": kind, "mesh": mesh, "sha256": digest}).encode()
        view[:HEADER_BYTES] = header.ljust(HEADER_BYTES - 1) + b"\n"
    write_whole(path, image)


def _header(path: Path) -> dict[str, str]:
    try:
        with open(path, "rb") as file:
            header = json.loads(file.read(HEADER_BYTES))
    except FileNotFoundError as error:
        raise _Unusable("is missing") from error
    except OSError as error:
        raise _Unusable(f"cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise _Unusable("is damaged or was not written by femna") from error
    if not (isinstance(header, dict) and {"femna", "mesh", "sha256"} <= set(header)):
        raise _Unusable("was not written by femna")
    return header


def _unseal(path: Path, kind: str, mesh: str | None = None) -> h5py.File:
    """Open a file whose content is what was written; raises _Unusable."""
    header = _header(path)
    try:
        with open(path, "rb") as file:
            file.seek(HEADER_BYTES)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _Unusable(f"cannot be read ({error.strerror})") from error
    if digest != header["sha256"]:
        raise _Unusable("is damaged (its checksum is wrong)")
    if header["femna"] != kind:
        raise _Unusable(f"is not a {kind}")
    if mesh is not None and header["mesh"] != mesh:
        raise _Foreign("belongs to another mesh")
    return h5py.File(path, "r", locking=False)


def _plain(value: Any) -> Any:
    """numpy's numbers and arrays as JSON has them."""
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    raise TypeError(f"a checkpoint cannot hold the scalar {value!r}")
