"""A process and a diagnostic from outside femna: docs/developer/adding_a_process.md, run.

Problem: dT/dt = D T'' - k T across a layer of thickness L, T = 1 + cos(pi s) at the start, s = (z - low)/L, no flux.
Exact: T = exp(-k t) [1 + exp(-(pi/L)^2 D t) cos(pi s)] (separation of variables); its mean is exp(-k t).
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

import femna
from femna.analysis import Run

from .launch import ENVIRONMENT, differences, launch, run_words

pytestmark = pytest.mark.serial

PLUGINS = Path(__file__).parents[1] / "plugins"
RATE, DIFFUSIVITY, THICKNESS = 2e4, 4e-9, 1.5e-6
STEPS, HALF = 45, 20


@pytest.fixture(scope="module", autouse=True)
def _plugins_are_found() -> None:
    """As if their package were installed: the folder holds its metadata, with the entry points."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ENVIRONMENT, "PYTHONPATH", f"{ENVIRONMENT['PYTHONPATH']}:{PLUGINS}")
        patch.syspath_prepend(str(PLUGINS))
        yield


def started(folder: Path, kind: str, ranks: int, steps: int = STEPS) -> Run:
    table = f"processes.{kind}={{layer='interphase', rate='{RATE} 1/s', diffusivity='{DIFFUSIVITY} m^2/s'}}"
    words = run_words(
        folder, 2, table, f"numerics.max_steps={steps}", "output.interval=1 ms", "numerics.tolerance=2e-4"
    )
    done = launch(*words, ranks=ranks)
    assert done.returncode == 0, done.stderr
    return femna.open_run(folder)


def apart(one: Run, other: Run) -> float:
    """Largest difference of two runs, without the column that is rounding."""
    return max(far for name, far in differences(one, other).items() if not name.startswith("Tracer balance"))


@pytest.fixture(scope="module")
def by_edges(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return started(tmp_path_factory.mktemp("edges") / "run", "decay", 1)


def test_it_decays_as_the_exact_solution_does(by_edges: Run) -> None:
    """And the step never exceeds the process's limit, which it meets."""
    history, mesh = by_edges.history, by_edges.fields()
    time = history["Time [s]"][-1]
    assert RATE * time > 0.5
    assert history["Tracer left [-]"] == pytest.approx(np.exp(-RATE * history["Time [s]"]), abs=2e-3)
    assert history["Time step [s]"].max() == pytest.approx(0.05 / RATE, rel=1e-6)
    s = (mesh.points[:, 1] - THICKNESS) / THICKNESS
    inside = (s > -1e-9) & (s < 1.0 + 1e-9)
    fading = np.exp(-((np.pi / THICKNESS) ** 2) * DIFFUSIVITY * time)
    exact = np.exp(-RATE * time) * (1.0 + fading * np.cos(np.pi * s[inside]))
    assert mesh["tracer"][inside] == pytest.approx(exact, abs=5e-3)
    assert np.all(mesh["tracer"][~inside] == 0.0)


def test_what_is_there_and_what_has_decayed_stay_what_was_there(by_edges: Run) -> None:
    """In mol per projected area, of 1 mol/m^3 over the thickness of the layer."""
    assert np.abs(by_edges.history["Tracer balance error [mol.m-2]"]).max() < 1e-9 * THICKNESS


def test_edges_and_a_form_give_the_same(by_edges: Run, tmp_path: Path) -> None:
    other = started(tmp_path / "run", "decay-form", 1)
    assert apart(by_edges, other) < 1e-7
    assert other.fields()["tracer"] == pytest.approx(by_edges.fields()["tracer"], abs=1e-8)


@pytest.mark.parametrize("kind", ["decay", "decay-form"])
def test_on_two_ranks(kind: str, by_edges: Run, tmp_path: Path) -> None:
    other = started(tmp_path / "run", kind, 2)
    assert apart(by_edges, other) < 1e-6


@pytest.mark.parametrize(("ranks", "then"), [(1, 2), (2, 1)])
def test_resumed_on_another_number_of_ranks(ranks: int, then: int, by_edges: Run, tmp_path: Path) -> None:
    half = started(tmp_path / "run", "decay", ranks, HALF)
    assert half.history["Step [-]"][-1] == HALF
    done = launch("resume", half.directory, "--set", f"numerics.max_steps={STEPS}", ranks=then)
    assert done.returncode == 0, done.stderr
    run = femna.open_run(half.directory)
    assert apart(by_edges, run) < 1e-6
    assert np.abs(run.history["Tracer balance error [mol.m-2]"]).max() < 1e-9 * THICKNESS


def test_the_summary_shows_it_without_the_plugin(by_edges: Run, tmp_path: Path) -> None:
    """The run folder says what its columns and fields are; who looks at it needs no plugin."""
    folder = Path(shutil.copytree(by_edges.directory, tmp_path / "run"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ENVIRONMENT, "PYTHONPATH", str(Path(femna.__file__).parents[1]))
        done = launch("summary", folder)
        assert done.returncode == 0, done.stderr
        refused = launch("resume", folder, "--set", f"numerics.max_steps={STEPS + 1}")
    left = by_edges.history["Tracer left [-]"][-1]
    line = next(line for line in done.stdout.splitlines() if "tracer_left" in line)
    assert float(line.split()[-1]) == pytest.approx(left, rel=1e-5)
    assert refused.returncode == 2
    assert "processes.decay" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(("dim", "ranks"), [(1, 1), (2, 1), (2, 2)])
def test_a_vector_that_follows_the_state(dim: int, ranks: int, tmp_path: Path) -> None:
    """w = integral of c~, exactly at the nodes of a mesh in one dimension, at the start and after some steps."""
    flat = ["surface={kind='flat'}"] * (dim > 1)
    words = run_words(tmp_path / "run", dim, "processes.stretch={}", "numerics.max_steps=4", *flat)
    done = launch(*words, ranks=ranks)
    assert done.returncode == 0, done.stderr
    run = femna.open_run(tmp_path / "run")
    for time in (run.times[0], run.times[-1]):
        mesh = run.fields(time)
        axis = dim - 1
        height = mesh.points[:, axis]
        levels, where = np.unique(np.round(height / 1e-12), return_inverse=True)
        c = np.bincount(where, mesh["c"]) / np.bincount(where) / run.case.salt_concentration
        z = levels * 1e-12
        exact = np.concatenate([[0.0], np.cumsum(0.5 * (c[1:] + c[:-1]) * np.diff(z))])
        w = mesh["stretch"].reshape(len(height), -1)
        assert w.shape[1] == dim
        assert exact[-1] > 2e-6
        assert w[:, axis] == pytest.approx(exact[where], abs=1e-10 if dim == 1 else 2e-8)


def test_a_field_that_is_taken(tmp_path: Path) -> None:
    """Two processes with a field of one name are told, before anything is written."""
    table = "{layer='interphase', rate='1 1/s', diffusivity='1e-9 m^2/s'}"
    both = [f"processes.decay={table}", f"processes.decay-form={table}"]
    done = launch(*run_words(tmp_path / "run", 1, *both))
    assert done.returncode == 2
    assert "processes.decay-form declares the field 'tracer', which is taken" in done.stderr
    assert not (tmp_path / "run").exists()


def test_bad_keys_are_one_line(tmp_path: Path) -> None:
    table = "processes.decay={layer='interphase', rat='1 1/s', diffusivity='1e-9 m^2/s'}"
    done = launch(*run_words(tmp_path / "run", 1, table))
    assert done.returncode == 2
    assert done.stderr.strip().splitlines()[-1].endswith("allowed: layer, rate, diffusivity; closest: rate")
    assert "processes.decay.rat is not a known key" in done.stderr
    assert not (tmp_path / "run").exists()
