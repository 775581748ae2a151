"""Versions of femna and of the packages in use."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version

RECORDED = ("numpy", "h5py", "numba", "gmsh", "dolfinx", "petsc4py", "mpi4py", "pydantic", "pyvista")
"""Packages whose versions a manifest records."""


def femna_version() -> str:
    """The version of the installed package; "0+unknown" where femna is run from a source folder."""
    try:
        return version("femna")
    except PackageNotFoundError:
        return "0+unknown"


def loaded_versions() -> dict[str, str]:
    """Versions of the recorded packages that are imported; none is imported here."""
    modules = {name: sys.modules[name] for name in RECORDED if name in sys.modules}
    return {name: str(getattr(module, "__version__", "unknown")) for name, module in modules.items()}
