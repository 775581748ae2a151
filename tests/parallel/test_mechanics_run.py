"""Runs with stress in the stack: exact thicknesses and springs, on several ranks, and resumed.

Faraday: 8.861450 um of sodium a mAh/cm^2. In equilibrium the stack pressure is the same on every plane, so that it is
the spring's at the top.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import femna
from femna.analysis import Run

from .launch import differences, launch, run_words, sets

pytestmark = pytest.mark.serial

PRELOAD, SPRING = 1e3, 1e9
SPRUNG = (
    "mechanics={model='elastic', top='spring', stack_pressure='1 kPa', spring_stiffness='1e9 Pa/m'}",
    *(f"materials.{name}.youngs_modulus={value}" for name, value in (("sei", "1 GPa"), ("gel", "1 MPa"))),
    *(f"materials.{name}.poisson_ratio={value}" for name, value in (("sei", "0.3"), ("gel", "0.45"))),
)
STEPS, HALF = 12, 5
PER_CHARGE = 8.861450e-6 / 3.6e4
"""m of sodium a C/m^2."""


def layers(run: Run) -> list[str]:
    return [name.split()[2] for name in run.history if name.startswith("Thickness of ")]


def in_equilibrium(run: Run) -> None:
    """The layers make the cell, and the spring has the pressure of its place."""
    history, height = run.history, run.case.height
    whole = sum(history[f"Thickness of {name} [m]"] for name in layers(run))
    assert len(layers(run)) == len(run.case.layer_names)
    assert whole == pytest.approx(history["Cell thickness [m]"], rel=1e-10)
    lift = history["Cell thickness [m]"] - height
    assert history["Stack pressure [Pa]"] == pytest.approx(PRELOAD + SPRING * lift, rel=1e-7)


def started(folder: Path, ranks: int, steps: int = STEPS, dim: int = 2) -> Run:
    done = launch(*run_words(folder, dim, *SPRUNG, f"numerics.max_steps={steps}", "output.interval=1 ms"), ranks=ranks)
    assert done.returncode == 0, done.stderr
    return femna.open_run(folder)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return started(tmp_path_factory.mktemp("alone") / "run", 1)


def test_layers_make_the_cell_and_the_spring_its_pressure(alone: Run) -> None:
    """Also over a rough front. Fields are stored, a vector and scalars, with the mean of sigma_zz of the column."""
    in_equilibrium(alone)
    mesh = alone.fields()
    assert mesh["displacement"].shape == (mesh.n_points, 2)
    assert {"stress_zz", "pressure", "von_mises"} <= set(mesh.point_data)
    assert np.median(mesh["stress_zz"]) == pytest.approx(-alone.history["Stack pressure [Pa]"][-1], rel=0.05)


@pytest.mark.parametrize("ranks", [2])
def test_on_several_ranks(ranks: int, alone: Run, tmp_path: Path) -> None:
    other = started(tmp_path / "run", ranks)
    assert max(differences(alone, other).values()) < 1e-6


@pytest.mark.parametrize(("ranks", "then"), [(2, 1)])
def test_resumed_on_another_number_of_ranks(ranks: int, then: int, alone: Run, tmp_path: Path) -> None:
    """What cells remember is in the checkpoint. Without it the spring's pressure falls back to that of no growth."""
    half = started(tmp_path / "run", ranks, HALF)
    done = launch("resume", half.directory, *sets(f"numerics.max_steps={STEPS}"), ranks=then)
    assert done.returncode == 0, done.stderr
    assert max(differences(alone, femna.open_run(half.directory)).values()) < 1e-6


def test_in_three_dimensions(tmp_path: Path) -> None:
    in_equilibrium(started(tmp_path / "run", 2, 2, dim=3))


def test_an_anode_free_cell_thickens_by_what_is_plated(tmp_path: Path) -> None:
    """Under a free top in 1D by 8.861450 um a mAh/cm^2, without stress."""
    words = sets("mechanics.model=elastic", "protocol=[{mode='voltage', value='20 mV', until='5 min'}]")
    done = launch("run", "planar", "-o", tmp_path / "run", *words)
    assert done.returncode == 0, done.stderr
    history = femna.open_run(tmp_path / "run").history
    charge, gain = history["Charge density [C.m-2]"], history["Cell thickness [m]"] - 50e-6
    assert charge[-1] > 200.0
    assert gain == pytest.approx(PER_CHARGE * charge, rel=2e-5, abs=1e-15)
    assert np.abs(history["Stack pressure [Pa]"]).max() < 1.0
    assert history["Thickness of electrolyte [m]"] == pytest.approx(40e-6, rel=1e-9)


def test_a_symmetric_cell_keeps_its_thickness(tmp_path: Path) -> None:
    """The counter gives what the anode takes: between fixed plates there is no stress."""
    fixed = "mechanics={model='elastic', top='fixed'}"
    words = sets(fixed, "geometry.dim=1", "layer.ceramic.thickness=60 um", "numerics.max_steps=25")
    done = launch("run", "nzsp", "-o", tmp_path / "run", *words)
    assert done.returncode == 0, done.stderr
    history = femna.open_run(tmp_path / "run").history
    assert history["Deposit thickness [m]"][-1] > 1e-10
    start = history["Cell thickness [m]"][0]
    assert np.abs(history["Cell thickness [m]"] - start).max() < 1e-9 * history["Deposit thickness [m]"][-1] + 1e-18
    assert np.abs(history["Stack pressure [Pa]"]).max() < 1.0


def test_without_mechanics_there_is_nothing_of_it(tmp_path: Path) -> None:
    done = launch(*run_words(tmp_path / "run", 1, "numerics.max_steps=1"))
    assert done.returncode == 0, done.stderr
    run = femna.open_run(tmp_path / "run")
    assert not any("stress" in name or "Stack" in name for name in run.history)
    assert "mechanics" not in (run.directory / "case.toml").read_text(encoding="utf-8")


def test_pressure_on_the_metal_is_a_voltage(tmp_path: Path) -> None:
    """10 MPa on a 1D cell: 0.2461514 mV/MPa more at the same current, from the first step that knows the stress."""
    voltages = []
    for acts in ("true", "false"):
        table = f"mechanics={{model='elastic', top='pressure', stack_pressure='10 MPa', acts_on_kinetics={acts}}}"
        words = sets(
            table,
            "geometry.dim=1",
            "numerics.max_steps=4",
            "numerics.dt_max=1 us",
            "materials.gpe.youngs_modulus=1 GPa",
        )
        done = launch("run", "mci-top", "-o", tmp_path / acts, *words)
        assert done.returncode == 0, done.stderr
        voltages.append(femna.open_run(tmp_path / acts).history["Cell voltage [V]"][-1])
    assert voltages[0] - voltages[1] == pytest.approx(2.461514e-3, rel=2e-3)
