"""femna doctor: what it says of this machine, and of machines that lack something."""

import os
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from femna.cli import machine as doctor
from femna.launcher import without_launcher


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """An environment without launchers (every rank runs these tests for itself); a test adds what it is about."""
    for name in set(os.environ) - set(without_launcher(os.environ)):
        monkeypatch.delenv(name)
    return lambda variables: [monkeypatch.setenv(*item) for item in variables.items()]


@pytest.fixture
def machine(monkeypatch):
    """A machine where everything answers; a test spoils what it is about: answers by a word of the command."""

    made = SimpleNamespace(
        answers={"dolfinx": (True, "0.11.0 3.25.5 float64"), "mpi4py": (True, "2"), "gmsh": (True, "4.15.2")},
        libraries={*doctor.GMSH_LIBRARIES, *doctor.GL_LIBRARIES},
        gl=True,
    )
    monkeypatch.setattr(
        doctor, "_ask", lambda *command: next(a for word, a in made.answers.items() if word in command[-1])
    )
    monkeypatch.setattr(doctor, "_loads", lambda library: library in made.libraries)
    monkeypatch.setattr(doctor, "has_gl", lambda: made.gl)
    monkeypatch.setattr(doctor.shutil, "which", lambda name: f"/usr/bin/{name}")
    return made


def test_a_machine_that_has_all_needs_no_install_line(machine, capsys):
    assert doctor.report() == 0
    out = capsys.readouterr().out
    assert "apt-get" not in out
    assert "NO" not in out


def test_lacking_libraries_come_in_one_line_each_package_once(machine, capsys):
    machine.answers["gmsh"] = (False, "OSError: libGLU.so.1: cannot open shared object file")
    machine.libraries -= {"libGLU.so.1", "libGL.so.1", "libXft.so.2"}
    machine.gl = False
    assert doctor.report() == 3
    lines = [line for line in capsys.readouterr().out.splitlines() if "apt-get install" in line]
    assert len(lines) == 1
    assert lines[0].endswith("apt-get install libglu1-mesa libgl1 libxft2")


def test_without_gl_femna_runs_all_the_same(machine, capsys):
    machine.gl = False
    assert doctor.report() == 0
    assert "no driver" in " ".join(capsys.readouterr().out.split())


def test_libraries_that_nobody_misses_are_not_proposed(machine):
    machine.libraries.clear()  # conda brings its own
    assert doctor.install_line(doctor.examine()) == ""


def test_without_dolfinx_its_own_advice_is_given(machine, capsys):
    machine.answers["dolfinx"] = (
        False,
        "femna.errors.CannotGoOn: dolfinx cannot be imported (x); install it with one of",
    )
    assert doctor.report() == 3
    assert doctor.solver()[0].found.startswith("dolfinx cannot be imported")
    assert not any(finding.fine for finding in doctor.solver())


def test_complex_petsc_is_told(machine):
    machine.answers["dolfinx"] = (True, "0.11.0 3.25.5 complex128")
    assert [finding.fine for finding in doctor.solver()] == [True, False]


@pytest.mark.parametrize("answer", [(True, "1"), (False, "cannot connect")])
def test_another_mpis_launcher_is_told(machine, answer):
    machine.answers["mpi4py"] = answer
    assert not doctor.launcher().fine
    assert repr(answer[1]) in doctor.launcher().found


OPEN_MPI = {"OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "0", "PMIX_NAMESPACE": "1"}


def test_a_wrong_launcher_of_doctor_itself_is_told_without_starting_mpi(machine, environment, capsys):
    environment(OPEN_MPI)
    assert doctor.report() == 3
    out = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "started by wrong launcher: started by Open MPI's mpirun, but the MPI of this Python is MPICH" in out
    assert "use the mpirun beside this Python" in out


def test_a_right_launcher_is_named_and_other_ranks_are_silent(machine, environment, capsys):
    environment({"PMI_RANK": "0", "PMI_SIZE": "2", "PMI_FD": "9"})
    assert doctor.report() == 0
    assert "MPICH's mpirun, 2 processes" in capsys.readouterr().out
    environment({"PMI_RANK": "1"})
    assert doctor.report() == 0
    assert capsys.readouterr().out == ""


def test_a_job_without_srun_is_told_how_to_launch(machine, environment, monkeypatch):
    assert doctor.launched() == []
    environment({"SLURM_JOB_ID": "7"})
    assert doctor.launched() == []
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    assert "mpirun -launcher fork" in doctor.launched()[0].found
    environment({"HYDRA_LAUNCHER": "fork"})
    assert doctor.launched() == []


def test_trials_start_mpi_as_no_launchers_rank(environment):
    environment(OPEN_MPI | {"PMI_RANK": "1", "KEPT": "yes"})
    code = "import os; print(sorted(set(os.environ) & {'OMPI_COMM_WORLD_SIZE', 'PMIX_NAMESPACE', 'PMI_RANK', 'KEPT'}))"
    assert doctor._ask(sys.executable, "-c", code) == (True, "['KEPT']")


def test_without_a_launcher(machine, monkeypatch, tmp_path):
    monkeypatch.setattr(doctor.sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    assert not doctor.launcher().fine
    assert doctor.compiler().fine is False
    assert not doctor.compiler().needed


def test_asking_never_raises(monkeypatch):
    assert doctor._ask(sys.executable, "-c", "print('a'); print('b')") == (True, "b")
    assert doctor._ask(sys.executable, "-c", "import sys; sys.exit('why')") == (False, "why")
    assert doctor._ask(sys.executable, "-c", "raise SystemExit(4)") == (False, "exit code 4")
    answered, reason = doctor._ask("/nonexistent/program")
    assert not answered
    assert "/nonexistent/program" in reason


def test_loading_tells_what_is_there():
    assert doctor._loads("libc.so.6")
    assert doctor.lacking({"libc.so.6": "libc6", "libno-such-thing.so.1": "no-such"}) == ("no-such",)


@pytest.mark.serial
def test_this_machine_runs_femna(capsys):
    assert doctor.report() == 0
    assert "NO" not in capsys.readouterr().out


def test_it_answers_before_anything_is_drawn_or_read():
    """Of 3.4 s on one core 1.6 s went into matplotlib, pydantic and pyvista, which it does not need."""
    heavy = "{'matplotlib', 'numpy', 'pydantic', 'pyvista', 'petsc4py'}"
    code = f"import sys, femna.cli.machine; sys.exit(', '.join({heavy} & set(sys.modules)))"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False).stderr.strip() == ""
    )


def test_the_slow_questions_wait_together(machine, monkeypatch):
    """Four that take 0.2 s each: one after the other they took 0.8 s."""

    def slow(answer):
        def ask(*_):
            time.sleep(0.2)
            return answer

        return ask

    monkeypatch.setattr(doctor, "solver", slow([doctor.Finding("dolfinx", "")]))
    for name in ("launcher", "mesher", "pictures"):
        monkeypatch.setattr(doctor, name, slow(doctor.Finding(name, "")))
    before = time.monotonic()
    assert [finding.what for finding in doctor.examine()][1:5] == ["dolfinx", "launcher", "mesher", "pictures"]
    assert time.monotonic() - before < 0.7
