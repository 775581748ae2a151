"""Checkpoints: the states that a run can go on from, each file complete or absent, each checked before it is used."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from femna.errors import BadInput, CannotGoOn
from femna.io import version_1
from femna.io.atomic_files import ASIDE
from femna.io.formats import FIRST_VERSION
from femna.io.run_folder import CHECKPOINT_FOLDER
from femna.io.sealed_file import Unusable, read_header, seal, store_arrays, unseal
from femna.io.stored_mesh import stored_mesh_digest

KEPT = 2
"""How many checkpoints are kept."""

Array = NDArray[Any]


@dataclass(frozen=True)
class Checkpoint:
    """A stored state of a run.

    Args:
        step: accepted steps until then.
        arrays: name -> values; of a state's variables the name and the number of the state, 0 for the newest: "xi0".
        scalars: what else the run goes on from.
        path: the file.
        passed_over: why newer files were not used, one line each.
    """

    step: int
    arrays: dict[str, Array]
    scalars: dict[str, Any]
    path: Path
    passed_over: tuple[str, ...] = ()


def save(directory: Path | str, step: int, arrays: Mapping[str, Array], scalars: Mapping[str, Any]) -> Path:
    """Store a state in `checkpoint/NNNNNN.h5`; the last two are kept. `save_mesh` comes first.

    Args:
        directory: the run folder.
        step: accepted steps until this state.
        arrays: name -> values, of at least one dimension each.
        scalars: whatever JSON can hold; tuples come back as lists.

    Returns:
        The path of the file.

    Raises:
        CannotGoOn: the disk is full; the older checkpoints are then still there.
    """
    folder = Path(directory) / CHECKPOINT_FOLDER
    path = folder / f"{step:06d}.h5"
    mesh = stored_mesh_digest(directory)
    text = json.dumps(dict(scalars), default=_plain).encode()

    def fill(file: h5py.File) -> None:
        file.attrs["step"] = step
        store_arrays(file, {"scalars": np.frombuffer(text, "u1")})
        store_arrays(file.create_group("arrays"), arrays)

    seal(path, "checkpoint", mesh, fill)
    # A file of a later step is one that a resumed run passed over; kept, it would push out the good ones.
    older = [other for other in _stored(folder) if int(other.stem) <= step]
    for other in set(_stored(folder)) - set(older[-KEPT:]):
        other.unlink(missing_ok=True)
    for torn in folder.glob("*" + ASIDE):
        torn.unlink(missing_ok=True)
    return path


def load_newest(directory: Path | str) -> Checkpoint:
    """The newest intact checkpoint of a run that belongs to its mesh.

    It holds what was stored, which may lack variables of the present model or have others; those that femna 0.1.0
    called otherwise have their present names.

    Args:
        directory: the run folder.

    Returns:
        The checkpoint.

    Raises:
        BadInput: the run has no checkpoint, or a newer femna wrote the newest one.
        CannotGoOn: none of them, or not the mesh, can be used.
    """
    folder = Path(directory) / CHECKPOINT_FOLDER
    stored = _stored(folder)
    if not stored:
        raise BadInput(f"{directory}: there is no checkpoint to resume from")
    mesh = stored_mesh_digest(directory)
    reasons: list[str] = []
    for path in reversed(stored):
        try:
            with unseal(path, "checkpoint", mesh) as file:
                arrays = {name: data[...] for name, data in file["arrays"].items()}
                scalars = json.loads(file["scalars"][...].tobytes())
                step = int(file.attrs["step"])
            if read_header(path).version == FIRST_VERSION:
                arrays = {version_1.present_array_name(name): array for name, array in arrays.items()}
                scalars = version_1.present_scalars(scalars)
        except Unusable as error:
            reasons.append(f"{path.name} {error}")
        else:
            return Checkpoint(step, arrays, scalars, path, tuple(reasons))
    raise CannotGoOn(f"{folder}: no checkpoint can be used: {'; '.join(reasons)}\ntry: run the case anew")


def _stored(folder: Path) -> list[Path]:
    """The checkpoints in `folder`, oldest first."""
    return sorted((path for path in folder.glob("*.h5") if path.stem.isdecimal()), key=lambda path: int(path.stem))


def _plain(value: Any) -> Any:
    """Numbers and arrays of numpy as JSON has them."""
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    raise TypeError(f"a checkpoint cannot hold the scalar {value!r}")
