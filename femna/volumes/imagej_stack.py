"""TIFF stacks as ImageJ and Fiji read them, and the stacks of other programs.

ImageJ takes float32, uint16 and uint8, zlib without a predictor, and no BigTIFF. The size of the voxels stands in the
resolution (x, y) and in ImageJ's `spacing` (z), with the unit `um`; the origin in its `xorigin` .. in voxels, of the
opposite sign; what the values are in its `Info`. The resolution of any other TIFF is not used: programs write 72 dots
an inch into anything. A stack of three or four slices is taken for colours by many readers, so five are asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from femna.errors import BadInput
from femna.volumes.hdf5_volumes import labels_of_text
from femna.volumes.memory_limits import check_size
from femna.volumes.volume_format import Stored, VolumeFormat
from femna.volumes.voxel_sizes import UNITS
from femna.volumes.voxels import Array, Three, VolumeHeader

DTYPES = ("float32", "uint16", "uint8")
FEWEST_SLICES = 5
LARGEST_CLASSIC = 2**32 - 2**25
"""Bytes of a TIFF without BigTIFF, less what the tags take."""
LARGEST_RATIO = 1100
"""Bytes in memory for one in the file: a little more than deflate can save."""
ORIENTATION, WHITE_IS_ZERO = 274, 0
STACK_AXES = ("ZYX", "QYX", "IYX", "TYX", "CYX")
"""Axes, as tifffile names them, of slices one above the other, in words of several programs."""
MISSING = "needs the package tifffile: pip install 'femna[tomography]'"


def tiff_library() -> Any:
    """tifffile. Raises BadInput where it is not installed."""
    try:
        import tifffile
    except ImportError as error:
        raise BadInput(f"a TIFF {MISSING}") from error
    return tifffile


def read_stack(path: Path) -> Stored:
    """A volume of a TIFF with one grey level a voxel.

    Raises:
        BadInput: it is none.
    """
    library = tiff_library()
    try:
        with library.TiffFile(path) as file:
            series = _checked_series(path, file)
            size, origin, words = _imagej(file) if file.is_imagej else (_ome(file), None, {})
            values = np.asarray(series.asarray()).reshape(_shape(series))
    except BadInput:
        raise
    except (OSError, ValueError, RuntimeError, KeyError, IndexError, library.TiffFileError) as error:
        raise BadInput(f"{path}: cannot be read as TIFF ({' '.join(str(error).split())})") from error
    labels = labels_of_text(json.dumps(words.get("labels", {})))
    values = values.astype(values.dtype.newbyteorder("="), copy=False)
    return Stored(values, size, origin, str(words.get("unit", "")), str(words.get("quantity", "")), labels)


def _shape(series: Any) -> tuple[int, ...]:
    """Slices, lines and pixels of a stack; one image is one slice."""
    return (1, *series.shape) if series.ndim == 2 else tuple(series.shape)


def _checked_series(path: Path, file: Any) -> Any:
    """The one stack that a file holds. Raises BadInput."""
    if len(file.series) != 1:
        sizes = ", ".join(" x ".join(str(number) for number in found.shape) for found in file.series[:4])
        raise BadInput(f"{path}: holds {len(file.series)} series of images ({sizes}); allowed: one stack")
    series, page = file.series[0], file.pages[0]
    if series.axes not in (*STACK_AXES, "YX") or page.samplesperpixel != 1:
        raise BadInput(f"{path}: has the axes {series.axes}; allowed: slices of one grey level, ZYX")
    if page.photometric == WHITE_IS_ZERO:
        raise BadInput(f"{path}: white is 0; allowed: black is 0")
    turned = page.tags.get(ORIENTATION)
    if turned is not None and turned.value != 1:
        raise BadInput(f"{path}: the tag Orientation is {int(turned.value)}; allowed: 1, the first line on top")
    if series.dtype is None or series.dtype.kind not in "fiu":
        raise BadInput(f"{path}: holds {series.dtype}; allowed: whole numbers or floats")
    shape = _shape(series)
    check_size(path, shape, series.dtype.itemsize)
    stated, stored = series.nbytes, path.stat().st_size
    if stated > LARGEST_RATIO * stored:
        raise BadInput(f"{path}: states {stated / 1e9:.3g} GB and holds {stored / 1e9:.3g} GB")
    return series


def _resolution(file: Any, name: str) -> float:
    """Pixels a unit; 0 where it is not said."""
    tag = file.pages[0].tags.get(name)
    above, below = tag.value if tag is not None else (0, 1)
    return float(above) / float(below) if below else 0.0


def _imagej(file: Any) -> tuple[Three | None, Three | None, dict[str, Any]]:
    """Size of the voxels and corner of the first one, m, and what `Info` says, by ImageJ's own words."""
    said = file.imagej_metadata or {}
    try:
        words = json.loads(said.get("Info", "{}"))
    except ValueError:
        words = {}
    words = words if isinstance(words, dict) else {}
    unit = UNITS.get(str(said.get("unit", "")).strip())
    x, y = (_resolution(file, name) for name in ("XResolution", "YResolution"))
    spacing = float(said.get("spacing", 0.0))
    if unit is None or not x or not y or not spacing > 0:
        return None, None, words
    size = (unit / x, unit / y, unit * spacing)
    corner = [-float(said.get(f"{axis}origin", 0.0)) * length for axis, length in zip("xyz", size, strict=True)]
    exact = words.get("voxel_size_m")
    if isinstance(exact, list) and len(exact) == 3 and np.allclose(exact, size, rtol=1e-4):
        # a rational of 32 bits has rounded it
        size = (float(exact[0]), float(exact[1]), float(exact[2]))
        corner = [-float(said.get(f"{axis}origin", 0.0)) * length for axis, length in zip("xyz", size, strict=True)]
    return size, (corner[0], corner[1], corner[2]), words


def _ome(file: Any) -> Three | None:
    """Size of the voxels by the OME-XML of a file, m; None where it says none of the three."""
    if not file.is_ome or not file.ome_metadata:
        return None
    from xml.etree import ElementTree

    if "<!DOCTYPE" in file.ome_metadata or "<!ENTITY" in file.ome_metadata:
        return None
    pixels = next(
        (node for node in ElementTree.fromstring(file.ome_metadata).iter() if node.tag.endswith("Pixels")), None
    )
    if pixels is None:
        return None
    sizes = []
    for axis in "XYZ":
        number, unit = pixels.get(f"PhysicalSize{axis}"), UNITS.get(pixels.get(f"PhysicalSize{axis}Unit", "µm"))
        if number is None or unit is None or not float(number) > 0:
            return None
        sizes.append(unit * float(number))
    return (sizes[0], sizes[1], sizes[2])


def write_stack(path: Path, header: VolumeHeader, slabs: Iterable[Array]) -> tuple[str, ...]:
    """Write a stack, one slice a page, compressed with zlib. Raises BadInput for fewer than five slices."""
    library = tiff_library()
    if header.shape[0] < FEWEST_SLICES:
        text = f"{header.shape[0]} slices; allowed in a TIFF: {FEWEST_SLICES} or more, fewer are taken for colours"
        raise BadInput(f"{path.name.removesuffix('.part')}: {text}; try: .vtkhdf")
    plain = header.nbytes < LARGEST_CLASSIC
    x, y, z = (1e6 * float(size) for size in header.voxel_size)
    words = {
        "quantity": header.quantity,
        "unit": header.unit,
        "labels": {str(key): name for key, name in header.labels.items()},
        "voxel_size_m": [float(size) for size in header.voxel_size],
    }
    origins = {
        f"{axis}origin": -float(corner / size)
        for axis, corner, size in zip("xyz", header.origin, header.voxel_size, strict=True)
    }
    said = {"axes": "ZYX", "unit": "um", "spacing": z, **origins, "Info": json.dumps(words)}

    def pages() -> Iterator[Array]:
        for slab in slabs:
            yield from np.ascontiguousarray(slab)

    with library.TiffWriter(path, imagej=plain, bigtiff=not plain) as file:
        file.write(
            pages(),
            shape=header.shape,
            dtype=header.dtype,
            photometric="minisblack",
            compression="zlib",
            predictor=1,
            rowsperstrip=header.shape[1],
            resolution=(1.0 / x, 1.0 / y),
            metadata=said if plain else {"axes": "ZYX"},
        )
    if plain:
        return ()
    return (
        "above 4 GB: a BigTIFF, which ImageJ reads by Bio-Formats only; the size of the voxels stands in the .json",
    )


FORMAT = VolumeFormat("TIFF", (".tif", ".tiff"), read_stack, write_stack, DTYPES)
