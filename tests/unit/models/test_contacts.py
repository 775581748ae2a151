"""The resistance of a contact: of the front, of faces, of a metal counter, and between two layers without metal."""

import math

import numpy as np
import pytest

from femna.contract.control import Control
from femna.geometry.contacts import contact_resistance
from femna.mesh.edges import divergence
from femna.models.registry import declared_variables
from femna.models.two_potential import TwoPotential
from femna.timestepping.lagged_front import LaggedFrontStepper
from femna.units import FARADAY, GAS_CONSTANT
from femna.validation.load import load_case

GEL = FARADAY**2 * 3e-10 * 1000.0 / (GAS_CONSTANT * 298.15)
"""Conductivity of the gel by its ions' diffusivities, S/m."""

SOLIDS = ("materials.mci.electronic_conductivity=0", "materials.mci.ionic_conductivity=1", "interface.width=0.05 um")
"""An interphase that bears no metal, so that its contact with the gel is one between two layers without metal."""

THIN_GEL = ("layer.interphase.thickness=4 um", "layer.electrolyte.thickness=3 um", "geometry.front_zone=4 um")
GEL_BELOW = ("layer.interphase.material=gpe", "layer.electrolyte.material=nzsp", "materials.nzsp.concentration=1000")


def test_kinetics_and_contacts(built) -> None:
    """350 K, 0.4 eV: R falls to 0.0997 of that at 298.15 K."""
    anode = "{resistance='2 ohm*cm^2', activation_energy='38594 J/mol'}"
    case, grid, problem = built(
        "mci-top",
        "temperature=350 K",
        "kinetics.transfer_coefficient=0.3",
        "kinetics.standard_potential=0.05 V",
        "kinetics.nucleation_overpotential=0.02 V",
        "counter.kind=metal",
        f"contacts.anode-interphase={anode}",
        "contacts.interphase-electrolyte.resistance=3 ohm*cm^2",
        "contacts.electrolyte-counter.resistance=5 ohm*cm^2",
    )
    factor = math.exp(38594 / 8.314462618 * (1 / 350 - 1 / 298.15))
    assert factor == pytest.approx(0.0997, abs=2e-4)
    assert contact_resistance(case, "anode", "interphase") == pytest.approx(2e-4 * factor)
    low = grid.points[:, -1] < case.interphase_top + 1e-9
    assert np.allclose(problem.deposition.front.conductance[low], 1 / (2e-4 * factor))
    assert not problem.deposition.front.conductance[~low].any()
    face = problem.deposition.faces[0]
    assert face.kinetics.conductance == pytest.approx(1 / 3e-4)
    assert problem.counter_electrode.site.kinetics.conductance == pytest.approx(1 / 5e-4)
    for law in (problem.deposition.front, face.kinetics, problem.counter_electrode.site.kinetics):
        assert (law.transfer, law.reaction_orders, law.exchange_current) == (0.3, pytest.approx((0.7, 0.7)), 30.0)
        assert law.thermal_voltage == pytest.approx(GAS_CONSTANT * 350 / FARADAY)
    standards = (
        problem.deposition.equilibrium_potential,
        problem.counter_electrode.site.equilibrium_potential,
        face.equilibrium_potential,
    )
    assert standards == pytest.approx((0.05, 0.05, 0.03))


def voltage(case, grid, problem) -> float:
    """At the start, of a current of 1 A/m^2."""
    stepper = LaggedFrontStepper(problem, "direct")
    stepper.set_control(Control("current", 1.0))
    return stepper.start(0.0, problem.initial_fields(declared_variables(case))).voltage


@pytest.mark.parametrize(
    "sets",
    [
        ("transport.kind=single_ion",),
        ("transport.kind=nernst_planck",),
        ("transport.kind=binary",),
        ("transport.kind=binary", *THIN_GEL),
        ("transport.kind=binary", *GEL_BELOW),
    ],
)
def test_a_contact_between_two_layers_without_metal_adds_its_resistance(built, sets) -> None:
    """10 ohm cm^2 at 1 A/m^2, also where the thinner or the lower of the two holds the salt."""
    contact = "contacts.interphase-electrolyte.resistance=10 ohm*cm^2"
    without, with_it = (voltage(*built("mci-top", *SOLIDS, *sets, *more)) for more in ((), (contact,)))
    assert with_it - without == pytest.approx(1e-3, rel=1e-6)


@pytest.mark.parametrize("kind", ["single_ion", "binary"])
@pytest.mark.parametrize("plated", [0.0, 0.5, 0.8])
def test_what_plates_below_does_not_eat_the_contact(built, kind: str, plated: float) -> None:
    """100 ohm cm^2 on 1 um of NaF, 20 l thick, of which the metal takes a share."""
    contact = "contacts.interphase-electrolyte.resistance=100 ohm*cm^2"
    sets = ("layer.interphase.material=naf", "interface.width=0.05 um", f"transport.kind={kind}")
    where = f"surface.position={2 + plated} um"
    without, with_it = (voltage(*built("mci-top", *sets, where, *more)) for more in ((), (contact,)))
    assert with_it - without == pytest.approx(1e-2, rel=1e-4)


@pytest.mark.parametrize("below", [False, True])
@pytest.mark.parametrize("dim", [1, 2, 3])
def test_a_uniform_current_loses_r_i_on_any_mesh(on_a_grid, dim: int, below: bool) -> None:
    """phi rises by z/sigma, and by R at the contact: the current along the edges then leaves no node, to rounding."""
    resistance = 1e-3
    sets = [f"geometry={{dim={dim}, width='0.7 um'}}", "surface.kind=flat", "transport.kind=binary", *SOLIDS]
    sets += ["layer.electrolyte.thickness=1.5 um", "layer.anode.thickness=0.5 um", "numerics.resolution=2"]
    sets += ["interface.width=0.1 um", f"contacts.interphase-electrolyte.resistance={resistance}"]
    if dim == 3:
        sets += ["geometry.depth=0.7 um"]
    sets += ["geometry.front_zone=1 um", *(GEL_BELOW if below else ())]
    case = load_case("mci-top", sets)
    grid = on_a_grid(case)
    z, face = grid.points[:, -1], case.interphase_top
    lower, upper = (GEL, case.property("electrolyte", "ionic_conductivity")) if below else (1.0, GEL)
    passed = z > face + 1e-12 if below else z > face - 1e-12
    phi = np.where(z < face, z / lower, face / lower + (z - face) / upper) + resistance * passed
    one = np.ones(grid.size)
    ions = TwoPotential.build(case, grid, ()).ions
    leaves = grid.add_up(divergence(grid.edges, ions.current(one, one, phi).flux, grid.size))
    total = (case.geometry.width * (1.0 if dim == 2 else case.geometry.depth)) if dim > 1 else 1.0
    top, bottom = z > case.height - 1e-12, z < 1e-12
    assert grid.max(np.abs(leaves[~top & ~bottom]).max(initial=0.0))[0] < 1e-9 * total
    assert grid.sum((grid.is_owned * leaves)[top].sum())[0] == pytest.approx(total, rel=1e-9)
