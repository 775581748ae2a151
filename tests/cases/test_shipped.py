"""Every shipped case can be read, says what it is, and gives a mesh and a run in each dimension that it allows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import femna
from femna.case import Case, shipped_cases
from femna.case.read import read_case_text
from femna.derived.parameters import derive
from femna.errors import BadInput
from femna.mesh.grading import bearable_grading, estimate_cells
from femna.mesh.stack import build_stack
from femna.validation.load import load_case

NAMES = [info.name for info in shipped_cases()]
BOX = ["layer.anode.thickness=1.5 um", "layer.interphase.thickness=1.5 um", "layer.electrolyte.thickness=3 um"]
COARSE = ["numerics.resolution=2.25", "geometry.width=6 um", "geometry.depth=6 um"]
"""A mesh of seconds, also in three dimensions."""


def in_dimension(name: str, dim: int, *more: str) -> Case | None:
    """The case with another number of dimensions, None where its surface does not have that many."""
    try:
        return load_case(name, [f"geometry.dim={dim}", *more])
    except BadInput as error:
        if "surface.kind" in str(error):
            return None
        raise


@pytest.mark.parametrize("name", NAMES)
def test_it_reads_and_says_what_it_is(name: str) -> None:
    info = next(info for info in shipped_cases() if info.name == name)
    case = load_case(name)
    assert info.title
    assert info.source
    assert 0 < info.minutes <= 15
    assert (case.name, case.title, case.minutes) == (name, info.title, info.minutes)
    # the resolved copy is the case
    assert read_case_text(case.to_toml(), name).to_toml() == case.to_toml()
    groups = derive(case)
    assert groups.barrier_ratio > 0.0
    assert groups.interface_cells >= 3.0
    # only what holds a salt has one
    assert np.isfinite(groups.limiting_current_A_m2) == (case.transport.kind != "single_ion")
    assert case.surface_top < case.front_zone_top <= case.height


def test_the_three_cases_of_paper_a_differ_in_the_interphase_only() -> None:
    """The same layers and the same numbers everywhere but in the interphase's declared properties."""
    cases = {name: load_case(name) for name in ("p-na", "f-na", "sfc-na")}
    material = {name: case.layer["interphase"].material for name, case in cases.items()}
    assert len(set(material.values())) == 3

    def rest(name: str) -> str:
        told = cases[name].to_toml().replace(f'"{material[name]}"', '"interphase"').splitlines()
        own, kept = False, []
        for line in told:
            if line.startswith("["):
                own = line.startswith(f"[materials.{material[name]}")
            if not own and line.partition(" = ")[0] not in ("title", "source", "minutes", "name"):
                kept.append(line)
        return "\n".join(kept)

    assert rest("p-na") == rest("f-na") == rest("sfc-na")
    assert all(step.until.kind == "time" for case in cases.values() for step in case.steps())


@pytest.mark.serial
@pytest.mark.parametrize("dim", [1, 2, 3])
@pytest.mark.parametrize("name", NAMES)
def test_it_gives_a_mesh_in_each_dimension(name: str, dim: int) -> None:
    case = in_dimension(name, dim, *COARSE)
    if case is None:
        assert dim == 1  # a front that is not flat needs a side to vary along
        return
    mesh = build_stack(case)
    assert mesh.points.shape[1] == dim
    assert mesh.points[:, -1].min() == pytest.approx(0.0, abs=1e-12)
    assert mesh.points[:, -1].max() == pytest.approx(case.height)
    assert np.array_equal(np.unique(mesh.layer), np.arange(len(case.phases)))
    assert len(mesh.cells) == pytest.approx(float(estimate_cells(case, bearable_grading(case))), rel=1.0)


@pytest.mark.serial
@pytest.mark.parametrize("dim", [1, 3])
def test_paper_a_runs_in_one_and_three_dimensions(dim: int, tmp_path: Path) -> None:
    small = [*BOX, "geometry.width=1.2 um", "surface.correlation_length=0.6 um", "numerics.resolution=2"]
    case = in_dimension("p-na", dim, "numerics.max_steps=8", *(small if dim == 3 else BOX))
    assert case is not None
    run = femna.run(case, tmp_path / "run")
    summary = run.summary()
    assert (summary["status"], summary["steps"]) == ("interrupted", 8)
    assert summary["current_density_A_m2"] > 0.0
    assert summary["sodium_balance_error"] < 1e-8
    assert (summary["front_length_ratio"] == 1.0) == (dim == 1)
    assert run.fields().n_points == summary["nodes"]
