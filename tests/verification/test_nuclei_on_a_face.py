"""Nuclei on a mixed conductor's upper face: electrons reach them through the layer, and they grow by the front's law.

The bare face beside them plates by Butler-Volmer less the nucleation overpotential. With 0.3 V of it the face is left
alone and the nuclei take all that plates on top; with none it takes what its share of the area asks for.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import femna
from femna.case import Case
from femna.contract.control import Control
from femna.mesh.grid import GlobalMesh
from femna.mesh.simplex_grid import SimplexGrid
from femna.mesh.stack import build_stack
from femna.models.registry import declared_variables
from femna.models.two_potential import TwoPotential
from femna.parallel import MPI
from femna.timestepping.lagged_front import LaggedFrontStepper
from femna.validation.load import load_case

THIN = [
    "layer.anode.thickness=0.6 um",
    "layer.interphase.thickness=0.6 um",
    "layer.electrolyte.thickness=2 um",
    "geometry.front_zone=2 um",
    "geometry.width=1.2 um",
    "surface.radius=0.35 um",
    "surface.contact_angle=90 deg",
    "numerics.resolution=3",
]
PLACES = {2: ["surface.positions=[0.4e-6]"], 3: ["surface.positions=[[0.4e-6, 0.2e-6]]", "geometry.depth=0.6 um"]}


def small(dim: int, *more: str) -> Case:
    return load_case("mci-nuclei", [f"geometry.dim={dim}", *THIN, *PLACES[dim], *more])


def face_share(case: Case) -> float:
    """Part of the current on top that the bare face takes, at the start. Collective."""
    comm = MPI.COMM_WORLD
    mesh = build_stack(case) if comm.rank == 0 else None
    grid = SimplexGrid(comm, GlobalMesh(mesh.points, mesh.cells, mesh.layer) if mesh is not None else None)
    model = TwoPotential.build(case, grid, ())
    stepper = LaggedFrontStepper(model)
    stepper.set_control(Control("current", case.steps()[0].value))
    state = stepper.start(0.0, model.initial_fields(declared_variables(case)))
    lagged = model.coefficients_of(state.fields, state["phi_l"])
    on_top = grid.is_owned * (grid.points[:, -1] > case.interval("interphase")[1] - 1e-9 * case.height)
    at = state["c"], state["phi_s"], state["phi_l"]
    everything = np.sum([site.react(*at).current for site in lagged.sites], axis=0)
    bare = lagged.faces[0].react(*at).current
    top, face = grid.sum((on_top * everything).sum(), (grid.is_owned * bare).sum())
    return float(face / top)


@pytest.mark.parametrize("dim", [2, 3])
def test_the_bare_face_is_left_alone_by_its_nucleation_overpotential(dim: int) -> None:
    """Exactly, once the layer's drop stays below it. Without it 0.32 in 2D and 0.40 in 3D; broken by hand (the face at
    the front's own U), both are that."""
    assert face_share(small(dim, "kinetics.nucleation_overpotential=0.3 V")) == 0.0
    assert face_share(small(dim, "kinetics.nucleation_overpotential=0 V")) > 0.2


@pytest.mark.serial
@pytest.mark.parametrize("dim", [2, 3])
def test_nuclei_grow_and_nothing_is_lost(dim: int, tmp_path: Path) -> None:
    until = {2: 60, 3: 20}[dim]
    case = small(dim, f'protocol=[{{mode="current", value="0.5 mA/cm^2", until={until}}}]', "output.interval=60 s")
    run = femna.run(case, tmp_path / "run")
    history, face = run.history, case.interval("interphase")[1]
    assert run.status == "finished"
    assert history["Sodium balance error [-]"].max() < 1e-8
    assert history["Charge balance error [-]"].max() < 1e-8
    assert history["Top fraction [-]"][-1] > 0.85
    assert history["Maximum height [m]"][-1] > history["Maximum height [m]"][0] + 0.01e-6
    # no metal within the layer but the tail of the anode's front, and columns beside the nuclei still see the anode
    for time in run.times:
        fields = run.fields(time)
        z, xi = np.asarray(fields.points)[:, dim - 1], np.asarray(fields["xi"])
        inside = (z > 0.6e-6 + 2.5 * case.interface.width) & (z < face - 1e-9)
        assert xi[inside].max() < 0.02
    assert history["Minimum height [m]"][-1] < 0.7e-6
