"""Scripts for Snakemake and Slurm: one job a point, in a folder of any name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from femna.cli import main

pytestmark = pytest.mark.serial


@pytest.fixture
def sweep(tmp_path: Path) -> Path:
    path = tmp_path / "my sweep.toml"
    path.write_text('base = "planar"\n[grid]\ntemperature = ["0 degC", "25 degC", "25 kg"]', encoding="utf-8")
    return path


def names(folder: Path) -> list[str]:
    return [path.stem for path in sorted((folder / "cases").glob("*.toml"))]


def test_the_array_job_has_a_task_for_every_point(sweep: Path, tmp_path: Path, capsys) -> None:
    folder, script = tmp_path / "a folder", tmp_path / "array.sh"
    assert main(["sweep", str(sweep), "-o", str(folder), "--ranks", "2", "--slurm", str(script)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("2 runs: sbatch ")
    assert f"femna sweep '{sweep}' -o '{folder}' --collect" in said
    text = script.read_text(encoding="utf-8")
    assert "--array=0-1\n" in text
    assert "#SBATCH --ntasks=2\n" in text
    assert all(name in text for name in names(folder))
    assert len(names(folder)) == 2
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0
    assert not (folder / "runs").exists()


def test_a_task_runs_then_resumes_and_is_requeued_when_its_time_is_up(sweep: Path, tmp_path: Path) -> None:
    """With stand-ins for srun, femna and scontrol that write down how they are called."""
    folder, script, tools = tmp_path / "sweep", tmp_path / "array.sh", tmp_path / "tools"
    main(["sweep", str(sweep), "-o", str(folder), "--slurm", str(script)])
    tools.mkdir()
    for tool, does in {"srun": 'shift; exec "$@"', "femna": "sleep 0.2; exit $CODE", "scontrol": "exit 0"}.items():
        path = tools / tool
        path.write_text(f'#!/bin/bash\necho "{tool} $*" >> {tmp_path}/calls\n{does}\n', encoding="utf-8")
        path.chmod(0o755)
    first, second = (name for name in text_ids(script))
    environment = {"PATH": f"{tools}:/usr/bin:/bin", "SLURM_ARRAY_JOB_ID": "7", "CODE": "0"}

    def task(number: int, code: int) -> tuple[int, list[str]]:
        (tmp_path / "calls").unlink(missing_ok=True)
        env = environment | {"SLURM_ARRAY_TASK_ID": str(number), "CODE": str(code)}
        ended = subprocess.run(["bash", str(script)], cwd=folder, env=env, check=False, timeout=30)
        return ended.returncode, (tmp_path / "calls").read_text(encoding="utf-8").splitlines()

    run = f"run cases/{first}.toml -o runs/{first} --force --quiet"
    assert task(0, 0) == (0, [f"srun --ntasks=1 femna {run}", f"femna {run}"])
    (folder / "runs" / second / "checkpoint").mkdir(parents=True)
    code, calls = task(1, 143)
    assert code == 143
    assert calls[1:] == [f"femna resume runs/{second} --quiet", "scontrol requeue 7_1"]
    assert task(1, 2)[0] == 2  # bad input is not tried again
    assert not any("requeue" in call for call in task(1, 2)[1])


def text_ids(script: Path) -> list[str]:
    line = next(line for line in script.read_text(encoding="utf-8").splitlines() if line.startswith("ids=("))
    return line.removeprefix("ids=(").removesuffix(")").split()


def test_the_snakefile_lists_every_point(sweep: Path, tmp_path: Path, capsys) -> None:
    folder, script = tmp_path / "a folder", tmp_path / "Snakefile"
    assert main(["sweep", str(sweep), "-o", str(folder), "--ranks", "2", "--snakemake", str(script)]) == 0
    text = script.read_text(encoding="utf-8")
    assert f"workdir: {str(folder)!r}" in text
    assert "tasks=2," in text
    assert all(f'"{name}"' in text for name in names(folder))
    assert "2 runs: snakemake" in capsys.readouterr().out


@pytest.mark.slow
def test_snakemake_takes_the_file(sweep: Path, tmp_path: Path) -> None:
    """A dry run of Snakemake 9, with its plugin for Slurm: three jobs a sweep of two runs, with their resources."""
    folder, script = tmp_path / "a folder", tmp_path / "Snakefile"
    main(["sweep", str(sweep), "-o", str(folder), "--ranks", "2", "--snakemake", str(script)])
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    packages = ["snakemake==9.27.1", "snakemake-executor-plugin-slurm==2.8.0"]
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", *packages], check=True)
    snakemake = [str(python), "-m", "snakemake", "--snakefile", str(script), "--dry-run", "--printshellcmds"]
    dry = subprocess.run([*snakemake, "--cores", "2"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert dry.returncode == 0, dry.stderr
    told = dry.stdout + dry.stderr
    assert told.count("rule run:") == 2
    assert told.count("mpirun -n 2 femna") == 2
    assert "mpi=mpirun" in told
    assert "tasks=2" in told
    with_slurm = [*snakemake, "--executor", "slurm", "--jobs", "2"]
    assert subprocess.run(with_slurm, cwd=tmp_path, capture_output=True, check=False).returncode == 0
