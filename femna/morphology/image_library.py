"""scikit-image, which an installation may lack."""

from __future__ import annotations

from types import ModuleType

from femna.errors import CannotGoOn


def measure_library() -> ModuleType:
    """skimage.measure.

    Returns:
        The module.

    Raises:
        CannotGoOn: scikit-image is not installed.
    """
    try:
        from skimage import measure
    except ModuleNotFoundError:
        raise CannotGoOn("scikit-image is missing; install it: pip install 'femna[tomography]'") from None
    return measure
