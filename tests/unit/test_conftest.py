"""The suite's own machinery under mpirun: a failure anywhere is one everywhere, and nothing hangs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.serial
LAUNCHER = Path(sys.executable).with_name("mpirun")
HEAD = "import pytest\nfrom mpi4py import MPI\nRANK = MPI.COMM_WORLD.rank\n"


@pytest.fixture
def two_ranks(tmp_path):
    """Runs a test file on two ranks: (exit code, what rank 0 prints)."""
    shutil.copy(Path(__file__).parents[1] / "conftest.py", tmp_path)
    shutil.copy(Path(__file__).parents[2] / "pyproject.toml", tmp_path)

    def run(text, *options):
        (tmp_path / "test_it.py").write_text(HEAD + text)
        command = [
            LAUNCHER,
            "-n",
            "2",
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            *options,
            "test_it.py",
        ]
        # a place of its own for temporary folders: at its end pytest removes those of earlier runs, and where two
        # processes remove the same one it may warn, or take long
        environment = os.environ | {"PYTEST_DEBUG_TEMPROOT": str(tmp_path)}
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        return done.returncode, done.stdout + done.stderr

    return run


def test_what_one_rank_does_all_are_told(two_ranks):
    code, out = two_ranks("""
@pytest.fixture
def fails_on_one():
    assert RANK == 0
def test_good(): pass
def test_bad_on_one(): assert RANK == 0, "seen on one"
def test_bad_on_zero(): assert RANK == 1
def test_skipped_on_one():
    if RANK: pytest.skip("not here")
def test_set_up(fails_on_one): pass
@pytest.mark.xfail
def test_expected(): assert RANK == 7
@pytest.mark.serial
def test_alone(): assert MPI.COMM_WORLD.size == 1
def test_folder(shared_tmp_path): assert len(set(MPI.COMM_WORLD.allgather(shared_tmp_path))) == 1
""")
    assert code == 1
    assert "3 failed, 2 passed, 1 deselected, 1 xfailed, 1 error in" in out
    assert out.count("test session starts") == 1
    assert "seen on one" in out


def test_a_suite_that_passes(two_ranks):
    code, out = two_ranks("def test_good(): pass\n")
    assert code == 0
    assert out.count("1 passed") == 1


def test_a_rank_that_waits_in_vain_ends_the_run(two_ranks):
    code, out = two_ranks(
        "def test_hang():\n    if RANK == 0: MPI.COMM_WORLD.barrier()\n", "-o", "faulthandler_timeout=2"
    )
    assert code != 0
    assert "Timeout" in out


@pytest.mark.parametrize("rank", [0, 1])
def test_a_file_that_one_rank_cannot_import(two_ranks, rank):
    code, out = two_ranks(f"if RANK == {rank}: raise ValueError\ndef test_good(): pass\n")
    assert code != 0
    assert f"rank {rank}: 0 tests, 1 errors" in out
