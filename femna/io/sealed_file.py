"""Sealed files: HDF5 behind a header that says what the file is and vouches for its content.

A file is HDF5 behind a header of 512 bytes (an HDF5 user block, so that h5py and h5dump open it as it is): one line of
JSON with the kind of file, the version of its format, the digest of the mesh it belongs to and a SHA-256 of these and
of all that follows. Nothing is handed to HDF5 that the checksum does not vouch for; each dataset also carries HDF5's
own Fletcher-32 checksum. In format version 1 the header has no version, and the checksum covers only what follows it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
from numpy.typing import NDArray

from femna.io.atomic_files import hdf5_image, write_whole
from femna.io.claims import FalseClaim, check_claims
from femna.io.formats import FIRST_VERSION, FORMATS, refuse_newer
from femna.io.hdf5_reading import open_to_read
from femna.io.unreadable import why_unusable

HEADER_BYTES = 512
BLOCK_BYTES = 2**20
"""How much of a file is read at once for its checksum."""

Array = NDArray[Any]


@dataclass(frozen=True)
class Header:
    """The header of a file.

    Args:
        kind: "mesh" or "checkpoint".
        mesh: digest of the mesh that it belongs to.
        sha256: the checksum.
        version: version of the format.
    """

    kind: str
    mesh: str
    sha256: str
    version: int

    def seal(self) -> bytes:
        """What the checksum covers of the header."""
        return b"" if self.version == FIRST_VERSION else f"{self.kind} {self.version} {self.mesh}\n".encode()


class Unusable(Exception):
    """Why a file cannot be used: the end of a sentence that starts with its name."""


class Foreign(Unusable):
    """The file is intact but belongs to another mesh."""


def seal(path: Path, kind: str, mesh: str, fill: Callable[[h5py.File], None]) -> None:
    """Write a file that `unseal` opens.

    Args:
        path: the file.
        kind: what it is, "mesh" or "checkpoint".
        mesh: digest of the mesh that it belongs to.
        fill: writes the content.

    Raises:
        CannotGoOn: the disk is full.
    """
    image = hdf5_image(fill, HEADER_BYTES)
    with image.getbuffer() as view:
        version = FORMATS["checkpoint"]
        digest = hashlib.sha256(Header(kind, mesh, "", version).seal())
        digest.update(view[HEADER_BYTES:])
        header = {"femna": kind, "format": version, "mesh": mesh, "sha256": digest.hexdigest()}
        view[:HEADER_BYTES] = json.dumps(header).encode().ljust(HEADER_BYTES - 1) + b"\n"
    write_whole(path, image)


def store_arrays(group: h5py.Group, arrays: Mapping[str, Array]) -> None:
    """Write arrays into a group of an HDF5 file, each with a checksum.

    Args:
        group: the group, or the file.
        arrays: name -> values, of at least one dimension each.
    """
    for name, array in arrays.items():
        group.create_dataset(name, data=array, fletcher32=True)


def read_header(path: Path) -> Header:
    """The header of a file.

    Args:
        path: the file.

    Returns:
        What it states, which may be damaged.

    Raises:
        Unusable: the file is missing, cannot be read or has no such header.
    """
    try:
        with open(path, "rb") as file:
            stated = json.loads(file.read(HEADER_BYTES))
    except FileNotFoundError as error:
        raise Unusable("is missing") from error
    except OSError as error:
        raise Unusable(f"cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise Unusable(why_unusable(path, damaged="is damaged or was not written by femna")) from error
    if not (isinstance(stated, dict) and {"femna", "mesh", "sha256"} <= set(stated)):
        raise Unusable("was not written by femna")
    version = stated.get("format", FIRST_VERSION)
    if not isinstance(version, int):
        raise Unusable("is damaged (its header states no version)")
    return Header(str(stated["femna"]), str(stated["mesh"]), str(stated["sha256"]), version)


def unseal(path: Path, kind: str, mesh: str | None = None) -> h5py.File:
    """Open a file whose content is what was written.

    Args:
        path: the file.
        kind: what it should be.
        mesh: digest of the mesh that it should belong to; None for any.

    Returns:
        The file, open for reading.

    Raises:
        Unusable: the file is missing, damaged or of another kind; Foreign, when it belongs to another mesh.
        BadInput: a newer femna wrote it.
    """
    header = read_header(path)
    digest = hashlib.sha256(header.seal())
    try:
        with open(path, "rb") as file:
            file.seek(HEADER_BYTES)
            while block := file.read(BLOCK_BYTES):
                digest.update(block)
    except OSError as error:
        raise Unusable(f"cannot be read ({error.strerror})") from error
    if digest.hexdigest() != header.sha256:
        raise Unusable(why_unusable(path, damaged="is damaged (its checksum is wrong)"))
    if header.kind != kind:
        raise Unusable(f"is not a {kind}")
    # the checksum comes first: a damaged number is no newer version
    refuse_newer(path, "checkpoint", header.version)
    if mesh is not None and header.mesh != mesh:
        raise Foreign("belongs to another mesh")
    file = open_to_read(path)
    try:
        check_claims(file)
    except FalseClaim as problem:
        file.close()
        raise Unusable(str(problem)) from problem
    return file
