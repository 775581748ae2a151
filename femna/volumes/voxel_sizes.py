"""The size of voxels: as a user says it, as a file says it, and that one of both must."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from femna.errors import BadInput
from femna.quantities import Quantity
from femna.volumes.voxels import Three

AGREES = 0.01
"""Relative difference up to which two sizes of voxels are the same; files round theirs."""

UNITS = {
    **dict.fromkeys(("um", "µm", "μm", "\\u00B5m", "\\u00b5m", "micron", "microns", "micrometer", "micrometre"), 1e-6),
    **dict.fromkeys(("nm", "nanometer", "nanometre"), 1e-9),
    **dict.fromkeys(("mm", "millimeter", "millimetre"), 1e-3),
    **dict.fromkeys(("cm", "centimeter", "centimetre"), 1e-2),
    **dict.fromkeys(("m", "meter", "metre"), 1.0),
}
"""Units of length in the files of other programs, m."""

OPTION = "--voxel-size"


def voxel_size_of(given: object, what: str = OPTION) -> Three:
    """The size of voxels that a user states.

    Args:
        given: a length ("0.65 um", or a number of metres), or three, along x, y and z ("0.65 um, 0.65 um, 2 um").
        what: what errors call it.

    Returns:
        Sizes along x, y and z, m.

    Raises:
        BadInput: it is no such size.
    """
    if isinstance(given, str):
        parts: Sequence[object] = given.split(",")
    elif isinstance(given, Sequence):
        parts = given
    else:
        parts = (given,)
    if len(parts) not in (1, 3):
        raise BadInput(f"{what} is '{given}'; allowed: one length, or three along x, y and z: '1 um, 1 um, 2 um'")
    length = Quantity("m", above=0)
    try:
        sizes = [length.read(_number(part)) for part in parts]
    except ValueError as error:
        raise BadInput(f"{what} {error}") from None
    x, y, z = sizes * 3 if len(sizes) == 1 else sizes
    return (x, y, z)


def _number(part: object) -> object:
    """A text that is a plain number as one, in m."""
    if isinstance(part, str):
        try:
            return float(part)
        except ValueError:
            return part
    return part


def chosen_size(path: Path, stated: Three | None, given: Three | None) -> Three:
    """The size of a file's voxels.

    Args:
        path: the file.
        stated: what it says, x, y and z, m; None where it says nothing.
        given: what the user says.

    Raises:
        BadInput: nobody says it, or both say something else.
    """
    if stated is None:
        if given is None:
            raise BadInput(
                f"{path}: does not say how large its voxels are; give it: {OPTION} (Python: voxel_size), "
                "such as '0.65 um', or three lengths along x, y and z"
            )
        return given
    if given is not None and any(abs(a / b - 1.0) > AGREES for a, b in zip(given, stated, strict=True)):
        raise BadInput(f"{path}: its voxels are {shown(stated)} by what it says, and {OPTION} is {shown(given)}")
    return stated


def shown(size: Three) -> str:
    """Sizes along x, y and z as a message shows them, um."""
    return " x ".join(f"{1e6 * length:.6g}" for length in size) + " um"
