"""Which launcher started a process, and which MPI libraries work under it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import femna
from femna.launcher import is_first_rank, misfit, started_by, without_launcher

MPICH = "MPICH Version:      5.0.2\nMPICH configure:    --with-device=ch4:ucx,ofi --with-pm=hydra:gforker\n"
MPICH_PMIX = "MPICH Version:      4.3.0\nMPICH configure:    --with-pmix=/usr --with-device=ch4:ofi\n"
OPEN_MPI = "Open MPI v5.0.8, package: Debian OpenMPI, ident: 5.0.8\n"

# what MPICH 5.0.2, Open MPI 4.1.4 and Slurm 22.05.8 were seen to set
ALONE: dict[str, str] = {}
HYDRA = {"PMI_RANK": "1", "PMI_SIZE": "4", "PMI_FD": "9", "HYDI_CONTROL_FD": "7"}
OMPI = {"OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "4", "PMIX_RANK": "1", "PMIX_NAMESPACE": "149"}
STEP = {"SLURM_JOB_ID": "7", "SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "4", "SLURM_PROCID": "1"}
PMI2 = STEP | {"PMI_RANK": "1", "PMI_SIZE": "4", "PMI_FD": "11"}
PMIX = STEP | {"PMIX_RANK": "1", "PMIX_NAMESPACE": "slurm.pmix.7.0"}
SCRIPT = {"SLURM_JOB_ID": "7", "SLURM_PROCID": "0", "SLURM_NTASKS": "4"}
NESTED = OMPI | HYDRA
HYDRA_BY_SRUN = STEP | HYDRA | {"SLURM_STEP_NUM_TASKS": "2"}


@pytest.mark.parametrize(
    ("environment", "by", "size"),
    [
        (ALONE, None, 0),
        (SCRIPT, None, 0),
        (STEP | {"SLURM_STEP_NUM_TASKS": "1"}, None, 0),
        (HYDRA, "MPICH's mpirun", 4),
        (HYDRA_BY_SRUN, "MPICH's mpirun", 4),
        (OMPI, "Open MPI's mpirun", 4),
        (PMI2, "srun --mpi=pmi2", 4),
        (PMIX, "srun --mpi=pmix", 4),
        (STEP, "srun without PMI", 4),
        (NESTED, "Open MPI's mpirun", 4),
        ({"PMIX_RANK": "0"}, "a launcher that speaks PMIx", 1),
    ],
)
def test_the_launcher_is_known_by_its_variables(environment: dict[str, str], by: str | None, size: int) -> None:
    launch = started_by(environment)
    assert (launch and launch.by) == by
    assert launch is None or launch.size == size


@pytest.mark.parametrize(
    ("environment", "library", "word"),
    [
        (ALONE, MPICH, ""),
        (SCRIPT, MPICH, ""),
        (HYDRA, MPICH, ""),
        (HYDRA_BY_SRUN, MPICH, ""),
        (PMI2, MPICH, ""),
        (OMPI, OPEN_MPI, ""),
        (PMIX, OPEN_MPI, ""),
        (PMI2, OPEN_MPI, ""),  # Open MPI 4 may have been built for it
        (PMIX, MPICH_PMIX, ""),
        (OMPI, MPICH, "the MPI of this Python is MPICH 5.0.2, which aborts under it; use the mpirun beside"),
        (PMIX, MPICH, "started by srun --mpi=pmix, but the MPI of this Python is MPICH 5.0.2"),
        (STEP, MPICH, "each of the 4 processes would run alone; use the mpirun beside this Python, or srun --mpi=pmi2"),
        (STEP, OPEN_MPI, "each of the 4 processes would run alone; use Open MPI's own mpirun, or srun --mpi=pmix"),
        (HYDRA, OPEN_MPI, "Open MPI does not understand it"),
        (NESTED, MPICH, "MPICH 5.0.2 cannot tell whose rank it is"),
    ],
)
def test_a_misfit_is_one_line_that_says_what_to_use(environment: dict[str, str], library: str, word: str) -> None:
    told = misfit(started_by(environment), library)
    assert word in told
    assert bool(told) == bool(word)
    assert "\n" not in told


@pytest.mark.parametrize(
    ("environment", "first"),
    [
        (ALONE, True),
        (SCRIPT, True),
        (HYDRA, False),
        (OMPI, False),
        (PMIX, False),
        (STEP, False),
        (HYDRA_BY_SRUN | {"PMI_RANK": "0"}, True),  # one mpirun of many, each in a task of one step
    ],
)
def test_the_innermost_rank_counts(environment: dict[str, str], first: bool) -> None:
    assert is_first_rank(environment) == first


def test_nothing_of_a_launcher_is_handed_on() -> None:
    environment = NESTED | PMI2 | PMIX | {"MPI_LOCALRANKID": "0", "PATH": "/bin", "HOME": "/"}
    assert without_launcher(environment) == {"PATH": "/bin", "HOME": "/"}


FOREIGN = shutil.which("mpirun.openmpi")


@pytest.mark.serial
@pytest.mark.parametrize("launcher", ["variables", "Open MPI"])
def test_a_run_under_open_mpi_ends_in_one_line(launcher: str, tmp_path: Path) -> None:
    """By the variables alone where there is no Open MPI: with them MPICH would abort, with a page of its own."""
    words = [sys.executable, "-m", "femna", "run", "planar", "-o", str(tmp_path / "run")]
    environment = without_launcher(os.environ) | {"PYTHONPATH": str(Path(femna.__file__).parents[1])}
    if launcher == "variables":
        environment |= OMPI | {"OMPI_COMM_WORLD_RANK": "0", "PMIX_RANK": "0"}
    elif FOREIGN is None:
        pytest.skip("needs Debian's openmpi-bin")
    else:
        environment |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
        words = [FOREIGN, "--oversubscribe", "-n", "2", *words]
    done = subprocess.run(words, capture_output=True, text=True, env=environment, timeout=300, check=False)
    assert done.returncode == 3
    lines = [line for line in done.stderr.splitlines() if "wrong launcher: started by Open MPI's mpirun" in line]
    assert len(lines) == 1
    assert "Abort(" not in done.stderr
    assert not (tmp_path / "run").exists()
