"""Which launcher started this process, read from its environment, and whether the MPI of this Python belongs to it.

Under the launcher of another MPI a process aborts within MPI's start with a page of its own, or believes that it is
rank 0 of 1 and computes everything alone. Both are told here in one line, before MPI starts.

Launchers speak to MPI by PMI (MPICH's Hydra, `srun --mpi=pmi2`; MPICH, Intel MPI, MVAPICH) or by PMIx (Open MPI's
`mpirun`, `srun --mpi=pmix`; Open MPI, and an MPICH that was built for it).
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

RANKS = ("PMI_RANK", "OMPI_COMM_WORLD_RANK", "PMIX_RANK", "SLURM_PROCID")
"""Environment variables in which launchers give the rank of a process; the first that is there counts."""
PREFIXES = ("PMI_", "PMIX_", "OMPI_", "ORTE_", "PRTE_", "HYD", "MPI_LOCAL", "SLURM_")
"""What the names of launchers' and batch systems' variables begin with."""


@dataclass(frozen=True)
class Launch:
    """How this process was started.

    Args:
        by: the launcher, in words.
        speaks: what it speaks to MPI: `PMI`, `PMIx`, `both` (one launcher within another) or `nothing`.
        size: number of processes that it started; 1 where it does not say.
    """

    by: str
    speaks: str
    size: int = 1


def find_mpirun() -> str | None:
    """The mpirun of this Python's MPI: the one beside the interpreter, else the first on PATH; None without any."""
    beside = Path(sys.executable).with_name("mpirun")
    return str(beside) if beside.exists() else shutil.which("mpirun")


def started_by(environment: Mapping[str, str]) -> Launch | None:
    """The launcher of this process.

    Args:
        environment: the environment variables of the process.

    Returns:
        The launcher; None for a process that was started without one, in the script of a batch job too.
    """
    pmi = any(name in environment for name in ("PMI_RANK", "PMI_SIZE", "PMI_FD", "PMI_PORT"))
    pmix = any(name in environment for name in ("PMIX_RANK", "PMIX_NAMESPACE"))
    srun = "SLURM_STEP_ID" in environment and not any(name.startswith("HYDI_") for name in environment)
    tasks = _number(environment, "SLURM_STEP_NUM_TASKS") if srun else 1
    if "OMPI_COMM_WORLD_SIZE" in environment:
        size = _number(environment, "OMPI_COMM_WORLD_SIZE")
        return Launch("Open MPI's mpirun", "both" if pmi else "PMIx", size)
    if pmix:
        by = "srun --mpi=pmix" if srun else "a launcher that speaks PMIx"
        return Launch(by, "both" if pmi else "PMIx", tasks)
    if pmi:
        return Launch("srun --mpi=pmi2" if srun else "MPICH's mpirun", "PMI", _number(environment, "PMI_SIZE"))
    if srun and tasks > 1:
        return Launch("srun without PMI", "nothing", tasks)
    return None


def misfit(launch: Launch | None, library: str) -> str:
    """Why the MPI library of this Python does not work under a launcher.

    Args:
        launch: the launcher, None for none.
        library: what MPI_Get_library_version says of the library.

    Returns:
        One line with what to use instead; empty where they fit, or nothing is known against it.
    """
    if launch is None:
        return ""
    open_mpi = "Open MPI" in library
    name = "Open MPI" if open_mpi else " ".join(library.split("\n")[0].replace(" Version:", "").split())
    instead = (
        "Open MPI's own mpirun, or srun --mpi=pmix" if open_mpi else "the mpirun beside this Python, or srun --mpi=pmi2"
    )
    if launch.speaks == "nothing":
        reason = f"each of the {launch.size} processes would run alone"
    elif launch.speaks == "both":
        reason = f"another launcher was started within it, and {name} cannot tell whose rank it is"
    elif open_mpi and launch.by == "MPICH's mpirun":
        reason = "Open MPI does not understand it: each process would run alone"
    elif not open_mpi and launch.speaks == "PMIx" and "--with-pmix" not in library:
        reason = f"the MPI of this Python is {name}, which aborts under it"
    else:
        return ""
    return f"wrong launcher: started by {launch.by}, but {reason}; use {instead}"


def is_first_rank(environment: Mapping[str, str]) -> bool:
    """Whether this process is rank 0, or has no launcher: the one that writes text.

    Args:
        environment: the environment variables of the process.

    Returns:
        Whether the rank that is given there is 0.
    """
    return next((environment[name] for name in RANKS if name in environment), "0") == "0"


def without_launcher(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment for a process that is to start MPI by itself, not as the rank that started it.

    Args:
        environment: the environment variables of the process.

    Returns:
        The same without those of launchers and batch systems.
    """
    return {name: value for name, value in environment.items() if not name.startswith(PREFIXES)}


def _number(environment: Mapping[str, str], name: str) -> int:
    text = environment.get(name, "")
    return int(text) if text.isdigit() else 1
