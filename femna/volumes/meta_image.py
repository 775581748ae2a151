"""MetaImage of ITK: a header `.mhd` with the values beside it in `.raw`, or both in one `.mha`.

Lengths are millimetres, as ITK has them, and said so (`DistanceUnits`). `Offset` is the centre of the first voxel.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from femna.errors import BadInput
from femna.volumes.memory_limits import check_size, check_stored
from femna.volumes.volume_format import Stored, VolumeFormat
from femna.volumes.voxel_sizes import UNITS
from femna.volumes.voxels import Array, VolumeHeader

TYPES = {
    "MET_FLOAT": "f4",
    "MET_DOUBLE": "f8",
    "MET_UCHAR": "u1",
    "MET_CHAR": "i1",
    "MET_USHORT": "u2",
    "MET_SHORT": "i2",
    "MET_UINT": "u4",
    "MET_INT": "i4",
}
LONGEST_HEADER = 65536
"""Bytes."""
LAST_KEY = "ElementDataFile"


def read_meta(path: Path) -> Stored:
    """A volume of a MetaImage with axes along x, y and z.

    Raises:
        BadInput: it is none.
    """
    keys, start = _header(path)
    kind = keys.get("ElementType", "")
    if keys.get("NDims") != "3" or kind not in TYPES or keys.get("ElementNumberOfChannels", "1") != "1":
        allowed = f"NDims = 3, one channel, ElementType among {', '.join(TYPES)}"
        raise BadInput(f"{path}: NDims is {keys.get('NDims')}, ElementType is {kind or None}; allowed: {allowed}")
    lengths = [int(number) for number in _numbers(path, keys, "DimSize", 3)]
    dtype = np.dtype(TYPES[kind]).newbyteorder(
        ">" if _true(keys, "BinaryDataByteOrderMSB", "ElementByteOrderMSB") else "<"
    )
    check_size(path, lengths, dtype.itemsize)
    for name in ("TransformMatrix", "Rotation", "Orientation"):
        if name in keys and _numbers(path, keys, name, 9) != np.eye(3).ravel().tolist():
            raise BadInput(f"{path}: {name} turns the axes; allowed: axes along x, y and z")
    content = _content(path, keys, start, int(np.prod(lengths)) * dtype.itemsize)
    values = content.view(dtype).reshape(lengths[::-1]).astype(dtype.newbyteorder("="), copy=False)
    return _placed(path, keys, values)


def _placed(path: Path, keys: dict[str, str], values: Array) -> Stored:
    """The volume with what the header says of lengths."""
    name = next((key for key in ("ElementSpacing", "ElementSize") if key in keys), None)
    stated = "DistanceUnits" in keys
    spacing = _numbers(path, keys, name, 3) if name else [1.0, 1.0, 1.0]
    if not stated and spacing == [1.0, 1.0, 1.0]:  # what programs write that know nothing
        return Stored(values)
    unit = UNITS.get(keys.get("DistanceUnits", "mm"))
    if unit is None or min(spacing) <= 0:
        raise BadInput(f"{path}: DistanceUnits is {keys.get('DistanceUnits')}, spacing {spacing}; allowed: um, mm, cm")
    offset = next((_numbers(path, keys, key, 3) for key in ("Offset", "Position", "Origin") if key in keys), [0.0] * 3)
    x, y, z = (unit * size for size in spacing)
    corners = [unit * (place - 0.5 * size) for place, size in zip(offset, spacing, strict=True)]
    return Stored(values, (x, y, z), (corners[0], corners[1], corners[2]))


def _header(path: Path) -> tuple[dict[str, str], int]:
    """The keys, and where the bytes after the last one start."""
    with open(path, "rb") as file:
        head = file.read(LONGEST_HEADER)
    keys: dict[str, str] = {}
    start = 0
    for line in head.splitlines(keepends=True):
        start += len(line)
        key, equals, value = line.decode("latin-1").partition("=")
        if not equals:
            break
        keys[key.strip()] = value.strip()
        if key.strip() == LAST_KEY:
            return keys, start
    raise BadInput(f"{path}: is no header of a MetaImage, lines 'Key = value' that end with {LAST_KEY}")


def _content(path: Path, keys: dict[str, str], start: int, stated: int) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """The bytes of the values."""
    name = keys[LAST_KEY]
    if name == "LOCAL":
        place = path
    elif name == "LIST" or "%" in name or Path(name).name != name:
        raise BadInput(f"{path}: {LAST_KEY} is {name}; allowed: the name of one file in the same folder")
    else:
        place, start = path.with_name(name), 0
    if not place.is_file():
        raise BadInput(f"{path}: {LAST_KEY} is {name}, which does not exist")
    if _true(keys, "CompressedData"):
        unpack = zlib.decompressobj()
        try:
            content = unpack.decompress(place.read_bytes()[start:], stated + 1)
        except zlib.error as error:
            raise BadInput(f"{place}: is damaged ({error})") from error
        check_stored(place, stated, len(content))
        return np.frombuffer(content, dtype=np.uint8)
    check_stored(place, stated, place.stat().st_size - start)
    return np.fromfile(place, dtype=np.uint8, offset=start)


def _true(keys: dict[str, str], *names: str) -> bool:
    return any(keys.get(name, "").lower() in ("true", "1") for name in names)


def _numbers(path: Path, keys: dict[str, str], name: str, count: int) -> list[float]:
    """The numbers of a key. Raises BadInput."""
    try:
        found = [float(word) for word in keys[name].split()]
    except (KeyError, ValueError):
        found = []
    if len(found) != count or not np.isfinite(found).all():
        raise BadInput(f"{path}: {name} is {keys.get(name)}; allowed: {count} numbers")
    return found


def write_meta(path: Path, header: VolumeHeader, slabs: Iterable[Array]) -> tuple[str, ...]:
    """Write header and values; of an `.mha` in one file."""
    kinds = {np.dtype(code): kind for kind, code in TYPES.items()}
    inside = path.name.removesuffix(".part").endswith(".mha")
    raw = path.with_name(path.name.removesuffix(".part").removesuffix(".mhd") + ".raw")
    millimetres = [1e3 * float(size) for size in header.voxel_size]
    centre = [1e3 * float(corner + 0.5 * size) for corner, size in zip(header.origin, header.voxel_size, strict=True)]
    lines = {
        "ObjectType": "Image",
        "NDims": "3",
        "BinaryData": "True",
        "BinaryDataByteOrderMSB": "False",
        "CompressedData": "False",
        "TransformMatrix": "1 0 0 0 1 0 0 0 1",
        "Offset": " ".join(repr(place) for place in centre),
        "DistanceUnits": "mm",
        "ElementSpacing": " ".join(repr(size) for size in millimetres),
        "DimSize": " ".join(str(number) for number in header.shape[::-1]),
        "ElementType": kinds[header.dtype.newbyteorder("=")],
        LAST_KEY: "LOCAL" if inside else raw.name,
    }
    text = "".join(f"{key} = {value}\n" for key, value in lines.items()).encode()
    path.write_bytes(text)
    with open(path if inside else raw, "ab" if inside else "wb") as file:
        for slab in slabs:
            file.write(np.ascontiguousarray(slab, dtype=header.dtype.newbyteorder("<")).data)
    return ()


FORMAT = VolumeFormat(
    "MetaImage", (".mhd", ".mha"), read_meta, write_meta, tuple(np.dtype(t).name for t in TYPES.values())
)
