"""Reading and writing volumes, whatever the format: the ending of the name decides."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from femna.errors import BadInput
from femna.io.atomic_files import ASIDE, disk_errors
from femna.volumes import beamline_hdf5, imagej_stack, meta_image, vtkhdf_image
from femna.volumes.hdf5_volumes import labels_of_text
from femna.volumes.slice_folder import read_slices
from femna.volumes.volume_description import read_description, write_description
from femna.volumes.volume_format import Stored, VolumeFormat
from femna.volumes.voxel_sizes import chosen_size, voxel_size_of
from femna.volumes.voxels import Array, Three, Volume, VolumeHeader

FORMATS: tuple[VolumeFormat, ...] = (
    vtkhdf_image.FORMAT,
    imagej_stack.FORMAT,
    meta_image.FORMAT,
    beamline_hdf5.FORMAT,
)

CONVERT = {
    ".txrm": "projections of a Zeiss microscope; reconstruct them there, and export the volume as a TIFF stack",
    ".txm": "a volume of a Zeiss microscope; export it there as a TIFF stack",
    ".vti": "VTK's XML; convert it: pyvista.read(name).save('x.vtkhdf')",
    ".nii": "NIfTI; convert it: SimpleITK.WriteImage(SimpleITK.ReadImage(name), 'x.mhd')",
    ".nrrd": "NRRD; convert it: SimpleITK.WriteImage(SimpleITK.ReadImage(name), 'x.mhd')",
    ".npy": "an array without places or lengths; write it as a TIFF stack, or by femna.volumes.write_volume",
    ".npz": "arrays without places or lengths; write one as a TIFF stack, or by femna.volumes.write_volume",
    ".raw": "bytes without a header; write an .mhd of a few lines for it",
}
"""Endings that are known and not read -> what to do."""


def format_of(path: Path) -> VolumeFormat:
    """The format that a name's ending says.

    Raises:
        BadInput: it says none that is read or written.
    """
    ending = path.suffix.lower()
    for known in FORMATS:
        if ending in known.endings:
            return known
    endings = ", ".join(ending for known in FORMATS for ending in known.endings)
    hint = f" ({CONVERT[ending]})" if ending in CONVERT else ""
    raise BadInput(f"{path}: has the ending '{ending}'{hint}; allowed: {endings}, or a folder of slices")


def read_volume(path: Path | str, voxel_size: object = None) -> Volume:
    """A volume of a file, or of a folder of slices in natural order.

    Floats that are not finite have not been measured: they are masked.

    Args:
        path: the file or the folder.
        voxel_size: for a file that does not say it: a length (m, or a text with a unit), or three, along x, y and z.

    Returns:
        The volume, in memory.

    Raises:
        BadInput: it cannot be read, is too large, or nobody says how large its voxels are.
    """
    path = Path(path)
    given: Three | None = None if voxel_size is None else voxel_size_of(voxel_size)
    stored = _stored(path)
    shape = stored.values.shape
    said = read_description(path, shape)
    origin = stored.origin or _three(said.get("origin_m")) or (0.0, 0.0, 0.0)
    size = chosen_size(path, stored.voxel_size or _three(said.get("voxel_size_m")), given)
    mask = None
    if stored.values.dtype.kind == "f":
        finite = np.isfinite(stored.values)
        mask = None if finite.all() else finite
    labels = stored.labels or labels_of_text(_json_text(said.get("labels")))
    unit = stored.unit or str(said.get("unit") or "1")
    quantity = stored.quantity or str(said.get("quantity") or "")
    return Volume(stored.values, size, origin, unit, quantity, labels=labels, mask=mask)


def _stored(path: Path) -> Stored:
    """What a file or folder says. Raises BadInput."""
    if path.is_dir() and path.suffix.lower() != ".zarr":
        return read_slices(path)
    if not path.exists():
        raise BadInput(f"{path}: does not exist")
    return format_of(path).read(path)


def _three(given: object) -> Three | None:
    """Three numbers of a description."""
    if isinstance(given, list) and len(given) == 3 and all(isinstance(number, float | int) for number in given):
        return (float(given[0]), float(given[1]), float(given[2]))
    return None


def _json_text(given: object) -> str:
    import json

    return json.dumps(given) if isinstance(given, dict) else ""


def write_volume(volume: Volume, path: Path | str, more: Mapping[str, Any] | None = None) -> tuple[str, ...]:
    """Write a volume, and its description beside it, FILE.json. Voxels that have not been measured are written as NaN.

    Args:
        volume: the volume.
        path: the file; its ending says the format.
        more: what else the description says.

    Returns:
        What a user has to know about the file, a line each.

    Raises:
        BadInput: the format cannot hold it.
        CannotGoOn: the disk is full.
    """
    values = volume.values
    if volume.mask is not None:
        if values.dtype.kind != "f":
            raise BadInput(
                f"{path}: voxels that have not been measured are written as NaN, and values are {values.dtype}"
            )
        values = np.where(volume.mask, values, np.nan).astype(values.dtype)
    return write_slabs(replace(volume.header, dtype=values.dtype), (values,), path, more)


def write_slabs(
    header: VolumeHeader, slabs: Iterable[Array], path: Path | str, more: Mapping[str, Any] | None = None
) -> tuple[str, ...]:
    """Write a volume that is made slab by slab, as `write_volume`; a file of the name stays until the new one is whole.

    Args:
        header: of the volume.
        slabs: (planes, y, x), of increasing z, together of the header's shape.
        path: the file.
        more: what else the description says.
    """
    path = Path(path)
    known = format_of(path)
    if known.write is None:
        raise BadInput(f"{path}: femna reads {known.name} and does not write it")
    if known.dtypes and header.dtype.name not in known.dtypes:
        raise BadInput(f"{path}: {known.name} cannot hold {header.dtype.name}; allowed: {', '.join(known.dtypes)}")
    aside = path.with_name(path.name + ASIDE)
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            remarks = known.write(aside, header, _checked(header, slabs))
            os.replace(aside, path)
        finally:
            with suppress(OSError):
                aside.unlink()
    write_description(path, header, more or {})
    return remarks


def _checked(header: VolumeHeader, slabs: Iterable[Array]) -> Iterator[Array]:
    """The slabs, which must make up the volume. Raises ValueError."""
    planes = 0
    for slab in slabs:
        planes += len(slab)
        if slab.dtype != header.dtype or slab.shape[1:] != header.shape[1:] or planes > header.shape[0]:
            raise ValueError(f"a slab {slab.dtype} {slab.shape} does not fit into {header.dtype} {header.shape}")
        yield slab
    if planes != header.shape[0]:
        raise ValueError(f"{planes} planes have come, of {header.shape[0]}")
