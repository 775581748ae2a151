"""Scripts that hand the points of a sweep to engines for many machines: Snakemake 9, an array job of Slurm.

The engine queues, retries and spreads; femna only runs or resumes the point that it is told, and collects the table.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from femna.io.atomic_files import write_whole
from femna.sweep.folder import CASES, LOGS, RUNS, TABLE_FILE, SweepFolder

DONE = "done"
"""Folder of the marks by which Snakemake knows what is finished. Run folders are no outputs of its rules: Snakemake
removes outputs before it runs a rule again, and checkpoints with them."""


@dataclass(frozen=True)
class SweepJobs:
    """What an engine is to run.

    Args:
        folder: of the sweep.
        names: of the points that can be run.
        collect: the command that writes the table, to be run in the present folder.
        ranks: number of MPI ranks a run.
    """

    folder: SweepFolder
    names: Sequence[str]
    collect: str
    ranks: int


def write_snakefile(path: Path, jobs: SweepJobs) -> None:
    """Write a Snakefile with one job a point, and one for the table.

    Args:
        path: the Snakefile.
        jobs: what is to be run.

    Raises:
        CannotGoOn: the disk is full, or the file cannot be written.
    """
    here, there = str(Path.cwd()), str(jobs.folder.path.resolve())
    quoted = ",\n    ".join(f'"{name}"' for name in jobs.names)
    text = f'''# Made by femna sweep: {len(jobs.names)} runs. Run them by
#   snakemake --snakefile {path.name} --cores N --keep-going
# or on Slurm, with the package snakemake-executor-plugin-slurm, by
#   snakemake --snakefile {path.name} --executor slurm --jobs N --keep-going --default-resources runtime=120
# A run that was stopped is gone on with from its checkpoint. `mpi` is the launcher: "srun" where the site has it so.

workdir: {there!r}

IDS = [
    {quoted},
]
HERE = {here!r}
COLLECT = {jobs.collect!r}

localrules: all, table

rule all:
    input: "{TABLE_FILE}"

rule run:
    input: "{CASES}/{{id}}.toml"
    output: touch("{DONE}/{{id}}")
    log: "{LOGS}/{{id}}.txt"
    wildcard_constraints: id="[0-9a-f]+"
    threads: 1
    resources:
        mpi="mpirun",
        tasks={jobs.ranks},
        mem_mb_per_cpu=2000,
    shell:
        """
        if [ -d {RUNS}/{{wildcards.id}}/checkpoint ]; then set -- resume {RUNS}/{{wildcards.id}}
        else set -- run {CASES}/{{wildcards.id}}.toml -o {RUNS}/{{wildcards.id}} --force; fi
        {{resources.mpi}} -n {{resources.tasks}} femna "$@" --quiet > {{log}} 2>&1
        """

rule table:
    input: expand("{DONE}/{{id}}", id=IDS)
    output: "{TABLE_FILE}"
    params: here=HERE, collect=COLLECT
    shell: "cd {{params.here:q}} && {{params.collect}} || test $? -eq 3"
'''
    write_whole(path, text.encode())


def write_slurm_array(path: Path, jobs: SweepJobs) -> None:
    """Write an array job of Slurm, one task a point, that checkpoints and requeues itself when its time is up.

    Args:
        path: the script.
        jobs: what is to be run.

    Raises:
        CannotGoOn: the disk is full, or the file cannot be written.
    """
    listed = " ".join(jobs.names)
    text = f"""#!/bin/bash
# Made by femna sweep: {len(jobs.names)} runs. Submit by
#   sbatch {shlex.quote(path.name)}
# and write the table, in {Path.cwd()}, by
#   {jobs.collect}
#SBATCH --job-name=femna-sweep
#SBATCH --array=0-{len(jobs.names) - 1}
#SBATCH --nodes=1
#SBATCH --ntasks={jobs.ranks}
#SBATCH --cpus-per-task=1
#SBATCH --mem-per-cpu=2G
#SBATCH --time=02:00:00
#SBATCH --signal=B:TERM@120
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output={LOGS}/%A_%a.txt
#SBATCH --chdir={shlex.quote(str(jobs.folder.path.resolve()))}

ids=({listed})
id=${{ids[$SLURM_ARRAY_TASK_ID]}}
export OMP_NUM_THREADS=1

if [ -d "{RUNS}/$id/checkpoint" ]; then
    set -- resume "{RUNS}/$id"
else
    set -- run "{CASES}/$id.toml" -o "{RUNS}/$id" --force
fi

# the queue's signal comes to this shell, which passes it on: femna finishes its step and writes a checkpoint
trap 'kill -TERM "$launcher"' TERM
srun --ntasks={jobs.ranks} femna "$@" --quiet &
launcher=$!
wait "$launcher"
code=$?
if [ "$code" -gt 128 ]; then # the signal ended the first wait
    wait "$launcher"
    code=$?
fi
trap - TERM
if [ "$code" -eq 143 ] || [ "$code" -eq 130 ]; then
    scontrol requeue "${{SLURM_ARRAY_JOB_ID}}_$SLURM_ARRAY_TASK_ID"
fi
exit "$code"
"""
    write_whole(path, text.encode())
    path.chmod(0o755)
