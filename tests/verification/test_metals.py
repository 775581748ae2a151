"""V3 to V7 with other metals: the charge number z in Faraday's law, in kinetics, in drift and in a salt's diffusion.

Exact, with V_T = RT/(zF): 1 mAh/cm^2 plates M/(rho z F) of metal; at rest phi_s - phi = V_T ln c~, -29.58 mV at c~ =
0.1 for zinc; Tafel's slopes are V_T ln(10)/b. A salt of z+ = z and z- (Newman and Thomas-Alyea, Electrochemical
Systems, 3rd ed., ch. 11 and 12) has D_a = (z + |z-|) D+ D-/(z D+ + |z-| D-), t+ = z D+/(z D+ + |z-| D-), and nu = 1 +
z/|z-| ions for each cation; a concentration cell shows nu V_T (1 - t+) ln(c2/c1); between two electrodes i_lim = 2 z F
D_a c0/((1 - t+) L), and at I = i/i_lim the cell loses nu V_T ln[(1 + I)/(1 - I)] beside its reactions; under i from
rest the surface of a half space falls as 1 - 2 i (1 - t+)/(z F c0) sqrt(t/(pi D_a)).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brentq

import femna
from femna.case import Case
from femna.contract.control import Control
from femna.contract.state import State
from femna.derived.limiting_current import limiting_current, salt, sand_time
from femna.models.single_potential import SinglePotential
from femna.models.two_potential import TwoPotential
from femna.physics.ion_transport.binary_salt import BinarySalt, salt_conductivity
from femna.physics.sodiation import Sodiation, SodiationStep
from femna.timestepping.lagged_front import LaggedFrontStepper
from femna.units import FARADAY, GAS_CONSTANT
from femna.validation.load import load_case

from .drive import even, graded, march
from .grids import box
from .problems import front
from .two import at_height

PLACE, GAP, WIDTH, CATION, ANION, SALT, EXCHANGE = 6e-6, 20e-6, 0.25e-6, 1e-10, 2e-10, 1000.0, 300.0
RT_F = GAS_CONSTANT * 298.15 / FARADAY

CELL = """
model = "{model}"
metal = "{metal}"
[geometry]
dim = 1
[layer.anode]
thickness = "6 um"
[layer.electrolyte]
material = "salt"
thickness = "20 um"
[materials.salt]
concentration = "1 mol/L"
diffusivity = "1e-10 m^2/s"
anion_diffusivity = "2e-10 m^2/s"
anion_valence = {anion}
{conducts}
[interface]
width = "0.25 um"
{barrier}
[kinetics]
exchange_current_density = "300 A/m^2"
[transport]
kind = "{kind}"
[counter]
kind = "{counter}"
[[protocol]]
mode = "voltage"
value = "10 mV"
until = "1 s"
"""

SALTS = [("na", 1, 1), ("zn", 2, 1), ("zn", 2, 2)]
"""Metal, z and |z-|: 1:1, 1:2 as zinc chloride, 2:2 as zinc sulphate."""


def cell(folder: Path, metal: str, kind: str, anion: int = 1, counter: str = "ideal", single: bool = False) -> Case:
    """The case of a cell."""
    path = folder / "cell.toml"
    model, barrier = ("single_potential", "barrier_ratio = 0.005") if single else ("two_potential", "")
    conducts = "" if kind == "binary" else 'ionic_conductivity = "1 S/m"'
    text = CELL.format(
        model=model, metal=metal, kind=kind, anion=anion, counter=counter, barrier=barrier, conducts=conducts
    )
    path.write_text(text)
    return load_case(path)


def built(case: Case, cells: int = 312) -> TwoPotential:
    """Its model on an even grid."""
    return TwoPotential.build(case, box([PLACE + GAP], [cells], faces=[PLACE]), ())


def started(
    p: TwoPotential, quantity: str, value: float, c: float | np.ndarray = 1.0
) -> tuple[LaggedFrontStepper, State]:
    """A stepper whose circuit holds a value, and the state at rest or under it."""
    stepper = LaggedFrontStepper(p, "direct")
    stepper.control = Control(quantity, value)
    fields = {"xi": front(p.grid.points[:, -1] - PLACE, WIDTH), "c": np.broadcast_to(c, (p.grid.size,)).copy()}
    return stepper, stepper.start(0.0, fields)


@pytest.mark.parametrize(
    ("metal", "micrometres"), [("na", 8.861450), ("li", 4.849081), ("k", 16.923563), ("zn", 1.708276)]
)
def test_thickness_of_a_charge(metal: str, micrometres: float, tmp_path: Path) -> None:
    """1 mAh/cm^2 plates M/(rho z F), and the solver's front moves by as much a charge: to 1e-10 of it.

    With z = 1 zinc would be 3.4166 um.
    """
    case = cell(tmp_path, metal, "single_ion")
    assert 3.6e4 / case.metal_charge * 1e6 == pytest.approx(micrometres, rel=1e-6)
    p = built(case)
    stepper, start = started(p, "current", 50.0)
    until = 4.0 * WIDTH * case.metal_charge / 50.0
    state = march(stepper, [start], even(until, 20))
    grown = p.grid.integral(state["xi"] - start["xi"])
    assert grown / (50.0 * until) * 3.6e10 == pytest.approx(micrometres, rel=1e-6)


@pytest.mark.parametrize("kind", ["nernst_planck", "binary"])
@pytest.mark.parametrize(("metal", "z", "anion"), SALTS)
def test_nernst(kind: str, metal: str, z: int, anion: int, tmp_path: Path) -> None:
    """RT/(zF) ln 0.1 at rest: -59.16 mV, and -29.58 mV for zinc, to 1e-12 V."""
    p = built(cell(tmp_path, metal, kind, anion))
    _, state = started(p, "current", 0.0, 0.1)
    phi = at_height(p.grid, p.ions.output(state)["phi_l"], PLACE + GAP)
    rest = at_height(p.grid, state["phi_s"], 0.0) - phi
    assert rest == pytest.approx(RT_F / z * np.log(0.1), abs=1e-12)
    assert 1e3 * rest == pytest.approx(-59.16 / z, abs=5e-3)
    assert p.ions.output(state)["c"] == pytest.approx(0.1 * SALT)


@pytest.mark.parametrize(("metal", "z"), [("na", 1), ("zn", 2)])
def test_tafel(metal: str, z: int, tmp_path: Path) -> None:
    """Between 100 and 1000 i0 the overpotential grows by RT ln(10)/(z F/2): 118.32 mV, for zinc 59.16 mV."""
    cell(tmp_path, metal, "single_ion")
    case = load_case(tmp_path / "cell.toml", ["materials.salt.ionic_conductivity=1e4 S/m"])
    p, currents = built(case), EXCHANGE * np.array([100.0, 1000.0])
    ohmic = GAP / 1e4 + PLACE / case.property("anode", "electronic_conductivity")
    eta = [i * ohmic - started(p, "current", i)[1].voltage for i in currents]
    assert eta[0] - eta[1] == pytest.approx(2.0 * RT_F / z * np.log(10.0), rel=1e-4)


@pytest.mark.parametrize(("metal", "z", "anion"), SALTS)
def test_concentration_cell(metal: str, z: int, anion: int, tmp_path: Path) -> None:
    """c~ = 0.1 at the front, 1 at the counter: 78.88 mV for 1:1, 44.37 mV for 1:2, 39.44 mV for 2:2.

    With 2 V_T (1 - t+) the chloride's would be 29.58 mV.
    """
    case = cell(tmp_path, metal, "binary", anion)
    p = built(case)
    clear = PLACE + 10.0 * WIDTH
    along = np.clip((p.grid.points[:, -1] - clear) / (PLACE + GAP - clear), 0.0, 1.0)
    _, state = started(p, "current", 0.0, 10.0 ** (along - 1.0))
    share = anion * ANION / (z * CATION + anion * ANION)  # 1 - t+
    exact = (1.0 + z / anion) * RT_F / z * share * np.log(10.0)
    assert 1e3 * exact == pytest.approx({(1, 1): 78.88, (2, 1): 44.37, (2, 2): 39.44}[z, anion], abs=5e-3)
    assert state.voltage == pytest.approx(exact, abs=1e-11)


@pytest.mark.parametrize(("metal", "z", "anion"), SALTS)
def test_limits_of_the_salt(metal: str, z: int, anion: int, tmp_path: Path) -> None:
    """D_a, t+, i_lim and Sand's time that check prints, in Newman's form: 2 z F D_a c0/((1 - t+) L)."""
    case = cell(tmp_path, metal, "binary", anion, "metal")
    both = z * CATION + anion * ANION
    diffusivity, share = (z + anion) * CATION * ANION / both, z * CATION / both
    assert salt(case) == pytest.approx((diffusivity, share), rel=1e-12)
    limit = 2.0 * z * FARADAY * diffusivity * SALT / ((1.0 - share) * GAP)
    assert limiting_current(case) == pytest.approx(limit, rel=1e-12)
    sigma = z * FARADAY * SALT * both / RT_F
    assert salt_conductivity(case, "electrolyte") == pytest.approx(sigma, rel=1e-12)
    assert case.property("electrolyte", "ionic_conductivity") == pytest.approx(sigma, rel=1e-12)
    measured = [f"materials.salt.ionic_conductivity={sigma} S/m", f"materials.salt.transference_number={share}"]
    path = tmp_path / "cell.toml"
    path.write_text("\n".join(line for line in path.read_text().splitlines() if "diffusivity" not in line))
    assert BinarySalt.diffusivities(load_case(path, measured), "electrolyte") == pytest.approx(
        (CATION, ANION * anion / z), rel=1e-12
    )
    sand = np.pi * diffusivity * (z * FARADAY * SALT / (2.0 * 50.0 * (1.0 - share))) ** 2
    assert sand_time(case, 50.0) == pytest.approx(sand, rel=1e-12)


@pytest.mark.parametrize(("metal", "z", "anion"), SALTS)
def test_voltage_of_half_the_limiting_current(metal: str, z: int, anion: int, tmp_path: Path) -> None:
    """In the steady state c~ falls from 1 + I to 1 - I along a straight line, and the voltage is the sharp cell's.

    nu V_T ln 3 and two reactions at c~ = 1/2 and 3/2: 1.1e-4, 1.1e-4, 0.9e-4 at l = L/80, as for sodium.
    """
    case = cell(tmp_path, metal, "binary", anion, "metal")
    p, thermal = built(case), RT_F / z
    object.__setattr__(p.deposition, "volume_per_charge", 1e-30)  # the front stays
    current = 0.5 * limiting_current(case)
    stepper, start = started(p, "current", current)
    state = march(stepper, [start], graded(12.0, 1e-3, 1.5, 0.4))
    height = p.grid.points[:, -1]
    clear = height > PLACE + 8.0 * WIDTH
    slope = np.polyfit(height[clear], state["c"][clear], 1)[0]
    assert slope * GAP == pytest.approx(1.0, rel=1e-6)
    steep = [2.0 * thermal * np.arcsinh(0.5 * current / (EXCHANGE * np.sqrt(c))) for c in (0.5, 1.5)]
    exact = (1.0 + z / anion) * thermal * np.log(3.0) + sum(steep)
    assert state.voltage == pytest.approx(exact, rel=2e-4)


@pytest.mark.parametrize(("metal", "z", "anion"), SALTS)
def test_sand(metal: str, z: int, anion: int, tmp_path: Path) -> None:
    """At half of Sand's time under 2 i_lim, from rest, c~ = 1 - sqrt(1/2) at the front: 1.4e-3 off.

    With 2 V_T in place of nu V_T in what the front reacts to 2.8e-3 for 1:2.
    """
    case = cell(tmp_path, metal, "binary", anion)
    p = built(case, 2 * 312)
    object.__setattr__(p.deposition, "volume_per_charge", 1e-30)
    current = 2.0 * limiting_current(case)
    stepper, start = started(p, "current", current)
    state = march(stepper, [start], even(0.5 * sand_time(case, current), 200))
    assert at_height(p.grid, state["c"], PLACE) == pytest.approx(1.0 - np.sqrt(0.5), rel=2e-3)


@pytest.mark.serial  # of one rank's nodes
def test_what_a_layer_takes_up(tmp_path: Path) -> None:
    """z F C of a full layer, and balance by Langmuir's isotherm in V_T = RT/(zF): 40 um of 1e4 mol/m^3 of zinc."""
    cell(tmp_path, "zn", "binary")
    takes = "{sodium_capacity='1e4 mol/m^3', sodium_potential='0.2 V', uptake_exchange_current='1e8 A/m^3'"
    settings = [
        "layer.host={above='anode', material='host', thickness='5 um', uptake=0.2}",
        "materials.host=" + takes + ", electronic_conductivity='10 S/m', ionic_conductivity='1 S/m'}",
    ]
    case = load_case(tmp_path / "cell.toml", settings)
    law = Sodiation.build(case, box([31e-6], [372], faces=[6e-6, 11e-6]))
    assert law.capacity.sum() == pytest.approx(2 * FARADAY * 1e4 * 5e-6, rel=1e-12)
    step = SodiationStep(law, np.ones(law.grid.size), law.start, 0.0)
    balanced = 0.2 + RT_F / 2 * np.log(0.8 / 0.2)
    current = step.react(np.ones(law.grid.size), balanced, np.zeros(law.grid.size)).current
    assert np.abs(current).max() < 1e-12 * law.exchange.max()


@pytest.mark.parametrize(("metal", "z"), [("na", 1), ("zn", 2)])
def test_drift_and_kinetics_of_the_single_potential(metal: str, z: int, tmp_path: Path) -> None:
    """No flux where c ~ exp(-zF phi/RT), no reaction at phi = (RT/zF) ln c~, Tafel's slopes, a deposit's charge."""
    case = cell(tmp_path, metal, "nernst_planck", single=True)
    p = SinglePotential.build(case, box([PLACE + GAP], [312], faces=[PLACE]), ())
    phi, thermal = np.linspace(0.0, 0.2, p.grid.size), RT_F / z
    rates = p.transport.rates(np.zeros(len(p.grid.edges)), phi)
    terms = p.transport.terms(np.exp(-phi / thermal), rates, np.zeros(p.grid.size))
    one_way = p.transport.terms(np.ones(p.grid.size), rates, np.zeros(p.grid.size))
    assert np.abs(terms["drift and diffusion"]).max() < 1e-12 * np.abs(one_way["drift and diffusion"]).max()
    rest = p.reaction_rate(np.full(p.grid.size, 0.1), np.full(p.grid.size, thermal * np.log(0.1)), 0.0)
    assert np.abs(rest).max() < 1e-12 * p.kinetics.rate_constant
    eta = np.full(p.grid.size, -0.4 / z)
    ratio = p.reaction_rate(np.ones(p.grid.size), eta - 2.0 * thermal * np.log(10.0), 0.0) / p.reaction_rate(
        np.ones(p.grid.size), eta, 0.0
    )
    assert ratio == pytest.approx(10.0, rel=1e-5)
    assert p.potential.charge_density == pytest.approx(z * FARADAY * case.site_density, rel=1e-12)
    rate_constant = EXCHANGE / (3.0 * WIDTH * z * FARADAY * case.site_density)
    assert p.kinetics.rate_constant == pytest.approx(rate_constant, rel=1e-12)


@pytest.mark.serial
@pytest.mark.parametrize(("metal", "z"), [("na", 1), ("zn", 2)])
def test_single_potential(metal: str, z: int, tmp_path: Path) -> None:
    """Paper A's model at 10 mV in a flat cell: drift and kinetics in V_T = RT/(zF), -1.2 % for sodium, 0.6 % for zinc.

    c~ = e^u - (i/i_m)(e^u - 1) with u = V/V_T, i_m = z F c0 D u/L, and i = i0 (c~ e^(u/2) - e^(-u/2))
    (docs/theory/transport.md, limits). With z = 1 zinc would carry 0.97 in place of 2.53 A/m^2.
    """
    case = cell(tmp_path, metal, "nernst_planck", single=True)
    case = load_case(
        tmp_path / "cell.toml",
        [
            "kinetics.exchange_current_density=1 A/m^2",
            "transport.sink=h",
            "transport.collector=natural",
            f"materials.{metal}.diffusivity=1e-20 m^2/s",  # no ions leak into the metal
            "protocol=[{mode='voltage', value='10 mV', until='60 s'}]",
        ],
    )
    run = femna.run(case, tmp_path / "run")
    u = 10e-3 / (RT_F / z)
    migration = z * FARADAY * SALT * CATION * u / GAP

    def missing(i: float) -> float:
        c = np.exp(u) - i / migration * (np.exp(u) - 1.0)
        return c * np.exp(0.5 * u) - np.exp(-0.5 * u) - i

    history = run.history
    assert history["Current density [A.m-2]"][-1] == pytest.approx(brentq(missing, 0.0, 100.0), rel=0.015)
    charge, thickness = history["Charge density [C.m-2]"][-1], history["Deposit thickness [m]"][-1]
    assert charge / thickness == pytest.approx(z * FARADAY * case.site_density, rel=1e-9)
