"""What stands beside a volume: `FILE.json`, for people, for scripts, and for formats that have no place for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from femna.errors import BadInput
from femna.io.atomic_files import write_whole
from femna.volumes.voxels import VolumeHeader

AXES = "array (z, y, x), x fastest; z is the growth axis, upwards"


def description_path(path: Path) -> Path:
    """Where the description of a volume stands."""
    return path.with_name(path.name + ".json")


def write_description(path: Path, header: VolumeHeader, more: Mapping[str, Any]) -> None:
    """Write the description.

    Args:
        path: of the volume.
        header: of the volume.
        more: what else is known; JSON values.

    Raises:
        CannotGoOn: the disk is full or cannot be written.
    """
    said = {
        "file": path.name,
        "shape": list(header.shape),
        "axes": AXES,
        "voxel_size_m": [float(size) for size in header.voxel_size],
        "origin_m": [float(place) for place in header.origin],
        "quantity": header.quantity,
        "unit": header.unit,
        "dtype": header.dtype.name,
        "labels": {str(key): name for key, name in header.labels.items()},
        **more,
    }
    text = json.dumps(said, indent=2, ensure_ascii=False) + "\n"
    write_whole(description_path(path), text.encode("utf-8"))


def read_description(path: Path, shape: tuple[int, ...]) -> dict[str, Any]:
    """The description of a volume of some shape; {} where there is none, or another program's.

    Raises:
        BadInput: it is of another volume.
    """
    place = description_path(path)
    try:
        found = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict) or "axes" not in found or found.get("file") is None:
        return {}
    if found.get("shape") != list(shape):
        raise BadInput(f"{place}: describes {found.get('shape')} voxels, and the volume has {list(shape)}; remove it")
    return found
