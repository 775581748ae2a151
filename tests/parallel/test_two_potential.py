"""The two-potential model on any number of ranks, and resumed: the same history, to 1e-6 of each quantity's scale."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import femna
from femna import resume
from femna.analysis.runs import Run
from femna.validation.load import load_case

from .launch import differences, launch

pytestmark = pytest.mark.serial

STACK = {
    1: ["geometry.dim=1"],
    2: ["geometry.dim=2", "geometry.width=1 um"],
    3: ["geometry.dim=3", "geometry.width=0.6 um", "geometry.depth=0.6 um", "interface.width=0.2 um"],
}
THIN = [
    "layer.anode.thickness=0.6 um",
    "layer.interphase.thickness=0.6 um",
    "layer.electrolyte.thickness=2 um",
    "geometry.front_zone=1.8 um",
    "surface.correlation_length=0.4 um",
    "surface.amplitude=0.03 um",
    "numerics.resolution=3",
    "output.interval=5 s",
    'protocol=[{mode="current", value="0.5 mA/cm^2", until="20 s"}, {mode="rest", until="1 s"}, '
    '{mode="current", value="-0.5 mA/cm^2", until="1 h"}]',
]
"""mci-top in a box of some hundred nodes: plating, a rest, stripping."""


def settings(dim: int, steps: int, solver: str) -> list[str]:
    sets = [*STACK[dim], *THIN, f"numerics.max_steps={steps}", f"numerics.solver={solver}"]
    return [item for item in sets if dim > 1 or not item.startswith("surface.")]


def words(folder: Path, dim: int, steps: int, solver: str) -> list[str]:
    return ["run", "mci-top", "-o", str(folder), *(w for s in settings(dim, steps, solver) for w in ("--set", s))]


def alone(folder: Path, dim: int, steps: int, solver: str) -> Run:
    return femna.run(load_case("mci-top", settings(dim, steps, solver)), folder)


@pytest.mark.parametrize(
    ("dim", "ranks", "solver"), [(1, 2, "direct"), (2, 2, "direct"), (2, 3, "gamg"), (3, 2, "gamg")]
)
def test_same_history_on_any_number_of_ranks(dim: int, ranks: int, solver: str, tmp_path: Path) -> None:
    steps = 12 if dim == 3 else 40
    one = alone(tmp_path / "one", dim, steps, solver)
    done = launch(*words(tmp_path / "several", dim, steps, solver), ranks=ranks)
    assert done.returncode == 0, done.stderr
    several = femna.open_run(tmp_path / "several")
    assert not {name: value for name, value in differences(one, several).items() if not value < 1e-6}


@pytest.mark.parametrize(("dim", "ranks"), [(2, 2), (2, 3), (3, 2)])
def test_nuclei_grow_alike_on_any_number_of_ranks(dim: int, ranks: int, tmp_path: Path) -> None:
    where = {2: "positions=[0.4e-6]", 3: "positions=[[0.2e-6, 0.3e-6]]"}[dim]
    sets = [item for item in settings(dim, 12, "direct") if not item.startswith("surface.")]
    sets += ["surface.radius=0.3 um", f"surface.{where}", "geometry.front_zone=1.9 um"]
    one = femna.run(load_case("mci-nuclei", sets), tmp_path / "one")
    line = ["run", "mci-nuclei", "-o", str(tmp_path / "several"), *(w for item in sets for w in ("--set", item))]
    done = launch(*line, ranks=ranks)
    assert done.returncode == 0, done.stderr
    several = femna.open_run(tmp_path / "several")
    assert not {name: value for name, value in differences(one, several).items() if not value < 1e-6}


def test_resumed_on_other_ranks_is_as_if_it_had_not_stopped(tmp_path: Path) -> None:
    whole, half = alone(tmp_path / "whole", 2, 40, "direct"), alone(tmp_path / "half", 2, 23, "direct")
    assert half.status == "interrupted"
    done = launch("resume", half.directory, "--set", "numerics.max_steps=40", ranks=2)
    assert done.returncode == 0, done.stderr
    assert not {k: v for k, v in differences(whole, femna.open_run(half.directory)).items() if not v < 1e-6}


UPTAKE = ["geometry.width=1 um", "numerics.resolution=3", "output.interval=600 s", "numerics.solver=direct"]
SMALL = ["layer.anode.thickness=2 um", "layer.interlayer.thickness=2 um", "geometry.front_zone=4 um"]
SOON = ['protocol=[{mode="current", value="0.2 mA/cm^2", until="400 s"}, {mode="rest", until="1 h"}]']


@pytest.mark.parametrize("ranks", [2, 3])
def test_a_layer_goes_on_filling_on_other_ranks(ranks: int, tmp_path: Path) -> None:
    sets = [*UPTAKE, *SMALL, *SOON, "surface.amplitude=0.05 um", "surface.correlation_length=0.4 um"]
    whole = femna.run(load_case("nzsp-uptake", [*sets, "numerics.max_steps=30"]), tmp_path / "whole")
    half = femna.run(load_case("nzsp-uptake", [*sets, "numerics.max_steps=17"]), tmp_path / "half")
    done = launch("resume", half.directory, "--set", "numerics.max_steps=30", ranks=ranks)
    assert done.returncode == 0, done.stderr
    both = femna.open_run(half.directory)
    assert not {k: v for k, v in differences(whole, both).items() if not v < 1e-6}
    whole_uptake, resumed_uptake = (np.asarray(run.fields()["uptake"]) for run in (whole, both))
    assert whole_uptake.max() > 0.81
    assert np.abs(whole_uptake - resumed_uptake).max() < 1e-9


def test_the_step_in_hand_goes_on_with_its_new_current(tmp_path: Path) -> None:
    half = alone(tmp_path / "half", 1, 10, "direct")
    resume(half.directory, ['protocol=[{mode="current", value="0.1 mA/cm^2", until="20 s"}]', "numerics.max_steps=14"])
    current = femna.open_run(half.directory).history["Counter current [A.m-2]"]
    assert current[10] == pytest.approx(5.0, rel=1e-9)
    assert current[11] == pytest.approx(1.0, rel=1e-9)


def test_an_anode_is_used_up_at_the_same_time_on_any_number_of_ranks(tmp_path: Path) -> None:
    sets = ["geometry.width=3 um", "geometry.front_zone=3 um", "layer.anode.thickness=1 um", "interface.width=0.4 um"]
    sets += ["surface.amplitude=0.2 um", "surface.correlation_length=1.5 um", "numerics.resolution=3"]
    one = femna.run(load_case("nzsp-strip", sets), tmp_path / "one")
    line = ["run", "nzsp-strip", "-o", str(tmp_path / "several"), *(w for item in sets for w in ("--set", item))]
    done = launch(*line, ranks=2)
    assert done.returncode == 0, done.stderr
    several = femna.open_run(tmp_path / "several")
    assert "used up" in one.manifest["reason"]
    assert several.manifest["anode_exhausted_time_s"] == pytest.approx(one.manifest["anode_exhausted_time_s"], rel=1e-6)
    assert not {name: value for name, value in differences(one, several).items() if not value < 1e-6}
