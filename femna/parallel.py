"""The one place that imports MPI, PETSc and dolfinx, in the only order that works.

`mpi4py.MPI` comes first: the dolfinx wheel finds its MPI library through it. Rooms that need them import from here,
so that everything else (cases, pictures, analysis) runs on a machine without MPI.
"""

from __future__ import annotations

import os
from contextlib import suppress

from femna.errors import CannotGoOn
from femna.launcher import misfit, started_by

# ranks are the parallelism here: threads of a BLAS under MUMPS would fight with the other ranks for the cores
os.environ.setdefault("OMP_NUM_THREADS", "1")

try:
    import mpi4py

    # the library first, MPI itself only when the launcher is one that it works under
    mpi4py.rc.initialize, mpi4py.rc.finalize = False, True
    from mpi4py import MPI

    if not MPI.Is_initialized():
        if wrong := misfit(started_by(os.environ), MPI.Get_library_version()):
            raise CannotGoOn(wrong)
        MPI.Init_thread()

    with suppress(ModuleNotFoundError):
        import dolfinx_solver  # noqa: F401  the wheel's loader; a system dolfinx has no such package
    import petsc4py

    # PETSc must not take the signals: femna answers them itself, and `| head` would print a page of its own; nor
    # complain of options for a solver that a short run never used
    petsc4py.init(["femna", "-no_signal_handler", "-options_left", "no"])

    import dolfinx
    import dolfinx.graph
    import dolfinx.mesh
    from petsc4py import PETSc
except ImportError as error:
    raise CannotGoOn(
        f"dolfinx cannot be imported ({error}); install it with one of: pip install 'femna[wheel]' "
        "(dolfinx-solver-real from PyPI), conda install -c conda-forge fenics-dolfinx, or use femna's container"
    ) from error

__all__ = ["MPI", "PETSc", "dolfinx"]
