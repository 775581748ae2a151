"""What this machine has and lacks, and the one line that installs what Debian offers of it.

Whatever may end or hang a process (OpenGL, MPI, a library that lacks another one) is tried in a process of its own.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table
from rich.text import Text

from femna.errors import CannotGoOn
from femna.io.host import usable_cores
from femna.io.terminal import console
from femna.launcher import find_mpirun, is_first_rank, misfit, started_by, without_launcher
from femna.render.opengl import has_gl

GMSH_LIBRARIES = {
    "libGLU.so.1": "libglu1-mesa",
    "libGL.so.1": "libgl1",
    "libXcursor.so.1": "libxcursor1",
    "libXft.so.2": "libxft2",
    "libXinerama.so.1": "libxinerama1",
    "libgomp.so.1": "libgomp1",
}
"""Shared libraries that the wheel of gmsh expects of the system, and Debian's packages of them."""
GL_LIBRARIES = {"libGL.so.1": "libgl1", "libEGL.so.1": "libegl1"}
"""The same for the wheel of VTK."""
PATIENCE = 120.0
"""Wall time, s, after which a process that does not end counts as failed."""

_DOLFINX = (
    "import numpy; from femna.parallel import PETSc, dolfinx; "
    "print(dolfinx.__version__, '.'.join(map(str, PETSc.Sys.getVersion())), numpy.dtype(PETSc.ScalarType).name)"
)
# Rank 0 alone answers, in one write, because launchers mix what ranks write. Under the launcher of another MPI every
# process believes that it is rank 0 of 1.
_RANKS = "import sys; from mpi4py.MPI import COMM_WORLD as c; c.rank or sys.stdout.write(f'{c.size}\\n')"
_GMSH = "import gmsh; gmsh.initialize(interruptible=False); print(gmsh.__version__)"


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Args:
        what: what was looked for.
        found: what was found, in words.
        fine: whether that is enough.
        needed: whether femna does not run without it.
        packages: Debian's packages that would supply what is lacking.
    """

    what: str
    found: str
    fine: bool = True
    needed: bool = True
    packages: tuple[str, ...] = ()


def report() -> int:
    """Print what this machine has and lacks.

    Returns:
        The exit code: 0, or 3 where something is lacking without which femna does not run; 0 on ranks but the first,
        which say nothing.
    """
    if not is_first_rank(os.environ):
        return 0
    findings = examine()
    table = Table("", "what", "found", title="femna doctor", title_justify="left")
    for finding in findings:
        table.add_row(_mark(finding), finding.what, Text(finding.found))
    console().print(table)
    if line := install_line(findings):
        print(f"To install what is lacking (Debian): {line}")
    return 0 if all(finding.fine or not finding.needed for finding in findings) else CannotGoOn.exit_code


def examine() -> list[Finding]:
    """Every finding, in the order of the report. Those that wait for a process of their own wait together."""
    with ThreadPoolExecutor() as pool:
        solves, *others = pool.submit(solver), pool.submit(launcher), pool.submit(mesher), pool.submit(pictures)
        waited = [*solves.result(), *(other.result() for other in others)]
    return [python(), *waited, *launched(), compiler(), memory(), cores()]


def install_line(findings: Iterable[Finding]) -> str:
    """The one command that installs the Debian packages that are lacking.

    Args:
        findings: the findings.

    Returns:
        The command with each package once; empty when none is lacking.
    """
    packages = dict.fromkeys(package for finding in findings for package in finding.packages)
    return f"apt-get install {' '.join(packages)}" if packages else ""


def python() -> Finding:
    """Python 3.12 to 3.14."""
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python 3.12-3.14", f"{version} in {sys.prefix}", (3, 12) <= sys.version_info[:2] <= (3, 14))


def solver() -> list[Finding]:
    """dolfinx, and PETSc built for real numbers."""
    answered, answer = _ask(sys.executable, "-c", _DOLFINX)
    if not answered:
        reason = answer.removeprefix(f"{CannotGoOn.__module__}.{CannotGoOn.__name__}: ")
        return [
            Finding("dolfinx", reason, False),
            Finding("PETSc with real scalars", "not known without dolfinx", False),
        ]
    dolfinx, petsc, scalar = answer.split()
    return [Finding("dolfinx", dolfinx), Finding("PETSc with real scalars", f"{petsc}, {scalar}", scalar == "float64")]


def launcher() -> Finding:
    """An mpirun that belongs to the MPI of this Python: under another, every rank would believe it is alone."""
    path = find_mpirun()
    if path is None:
        return Finding(
            "MPI launcher", "no mpirun beside this Python nor on PATH; the extra femna[wheel] brings one", False
        )
    answered, ranks = _ask(path, "-n", "2", sys.executable, "-c", _RANKS)
    if answered and ranks == "2":
        return Finding("MPI launcher", path)
    return Finding("MPI launcher", f"{path} is of another MPI, or fails: 2 ranks answered {ranks!r}", False)


def launched() -> list[Finding]:
    """Whether the launcher that started this very process fits, told without starting MPI, which would abort."""
    launch = started_by(os.environ)
    if launch is None:
        if "SLURM_JOB_ID" in os.environ and shutil.which("srun") is None and "HYDRA_LAUNCHER" not in os.environ:
            return [Finding("started by", "a Slurm job without srun at hand: use mpirun -launcher fork", needed=False)]
        return []
    try:
        import mpi4py

        mpi4py.rc.initialize = False
        from mpi4py import MPI
    except (ImportError, RuntimeError):  # no MPI: its own line says so
        return []
    wrong = misfit(launch, MPI.Get_library_version())
    return [Finding("started by", wrong or f"{launch.by}, {launch.size} processes", not wrong)]


def mesher() -> Finding:
    """gmsh, whose library needs some of X11 and OpenGL even where nothing is shown."""
    answered, answer = _ask(sys.executable, "-c", _GMSH)
    return Finding("gmsh", answer, answered, packages=() if answered else lacking(GMSH_LIBRARIES))


def pictures() -> Finding:
    """OpenGL without a screen, for the pictures of 3D runs."""
    if has_gl():
        return Finding("GL for 3D pictures", "draws without a screen" if not os.environ.get("DISPLAY") else "draws")
    packages = lacking(GL_LIBRARIES)
    reason = "libraries are missing" if packages else "the libraries are there, but no driver draws without a screen"
    return Finding("GL for 3D pictures", f"{reason}; femna render leaves the 3D pictures out", False, False, packages)


def compiler() -> Finding:
    """A C compiler, for those who add UFL forms of their own; numba compiles femna's kernels and needs none."""
    path = shutil.which("cc") or shutil.which("gcc")
    return Finding("C compiler", f"{path or 'none'} (femna needs none; own UFL forms do)", path is not None, False)


def memory() -> Finding:
    """Memory of the machine, or the smaller limit of the control group (a container, a batch job)."""
    page = os.sysconf("SC_PAGE_SIZE")
    total, free = page * os.sysconf("SC_PHYS_PAGES"), page * os.sysconf("SC_AVPHYS_PAGES")
    with suppress(OSError, ValueError):  # no such control group, or "max": no limit
        total = min(total, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    found = f"{total / 2**30:.1f} GiB, {min(free, total) / 2**30:.1f} GiB of it unused"
    return Finding("memory", found, total > 2**30, needed=False)


def cores() -> Finding:
    """Cores that this process may use; more ranks than that do not help."""
    return Finding("cores", str(usable_cores()))


def lacking(libraries: dict[str, str]) -> tuple[str, ...]:
    """Debian's packages of the shared libraries that cannot be loaded.

    Args:
        libraries: name of a library -> package.

    Returns:
        The packages.
    """
    return tuple(package for name, package in libraries.items() if not _loads(name))


def _mark(finding: Finding) -> Text:
    if finding.fine:
        return Text("yes", "green")
    return Text("NO", "bold red") if finding.needed else Text("no", "yellow")


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _ask(*command: str) -> tuple[bool, str]:
    """Run a command: whether it ended well, and its last line (of stderr if it did not)."""
    try:
        environment = without_launcher(os.environ)
        run = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False, env=environment)
    except (OSError, subprocess.TimeoutExpired) as error:
        return False, str(error)
    lines = (run.stdout if run.returncode == 0 else run.stderr).strip().splitlines()
    return run.returncode == 0, lines[-1] if lines else f"exit code {run.returncode}"
