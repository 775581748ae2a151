"""`TwoPotential` from plain numbers: one layer or a stack of them, an ideal counter unless there is a metal one.

The collector is the plane 0, the counter the highest plane. Defaults: a ceramic of 1 S/m without electrons, sodium's
molar volume, no surface energy. phi_s = 0 at the collector; the voltage is the counter's, and a positive current
deposits.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from femna.contract.control import Control
from femna.contract.state import State
from femna.geometry.phases import CONDUCTS
from femna.mesh.grid import Grid
from femna.models.boundary import electrode_nodes
from femna.models.two_potential import TwoPotential
from femna.physics.counter_electrode import CounterElectrode
from femna.physics.deposition import MetalDeposition
from femna.physics.electrons import Electrons
from femna.physics.interpolation import SMOOTH_CUT
from femna.physics.ion_transport.kinds import KINDS
from femna.physics.kinetics import InterfacialKinetics
from femna.physics.reaction_sites import MetalSite
from femna.physics.reinitialisation import ConservativeReinitialisation
from femna.physics.sodiation import Sodiation
from femna.timestepping.lagged_front import LaggedFrontStepper
from femna.units import FARADAY, GAS_CONSTANT

Array = NDArray[np.float64]

THERMAL_VOLTAGE = GAS_CONSTANT * 298.15 / FARADAY
MOLAR_VOLUME = 23.75e-6
METAL_CONTRAST = 1e4
"""Of the metal's conductivity to the best ionic one, as the package has it."""


def kinetics(
    exchange: float,
    transfer: float = 0.5,
    reaction_orders: tuple[float, float] = (0.0, 0.0),
    conductance: Array | float = 0.0,
) -> InterfacialKinetics:
    """Butler and Volmer's law at 298.15 K with i0 in A/m^2; with a conductance (S/m^2) Ohm's."""
    return InterfacialKinetics(exchange, transfer, THERMAL_VOLTAGE, reaction_orders, conductance)


def two_potential(
    grid: Grid,
    width: float,
    front: InterfacialKinetics,
    *,
    kind: str = "single_ion",
    conductivity: float | Sequence[float] = 1.0,
    electronic: float | Sequence[float] = 0.0,
    cation: float | Sequence[float] = 1e-10,
    anion: float | Sequence[float] = 2e-10,
    salt: float = 1000.0,
    ions_per_cation: float = 2.0,
    energy: float = 0.0,
    moves: bool = True,
    counter: InterfacialKinetics | None = None,
    faces: Sequence[MetalSite] = (),
    uptake: Sodiation | None = None,
) -> TwoPotential:
    """A problem on `grid`. conductivity, electronic (S/m), cation, anion (m^2/s): one number, or one a layer.

    moves: whether the metal takes up what is deposited. counter: kinetics of a metal counter electrode.
    """
    layers = int(grid.max(grid.layer.max(initial=0))[0]) + 1

    def each(value: float | Sequence[float]) -> Array:
        return np.broadcast_to(np.asarray(value, dtype=float), (layers,)).copy()

    ionic, height = each(conductivity), float(grid.upper[-1])
    ions = KINDS[kind](
        grid,
        conductivity=ionic[grid.layer],
        diffusivity=each(cation)[grid.layer],
        anion=each(anion)[grid.layer],
        thermal_voltage=THERMAL_VOLTAGE,
        charge=FARADAY * salt,
        ions_per_cation=ions_per_cation,
    )
    best = float(ionic.max())
    if kind == "binary":
        best = max(best, FARADAY * salt / THERMAL_VOLTAGE * float((each(cation) + each(anion)).max()))
    below, above = electrode_nodes(grid, height)
    return TwoPotential(
        grid=grid,
        deposition=MetalDeposition(
            grid=grid,
            interpolation=SMOOTH_CUT,
            width=width,
            front=front,
            equilibrium_potential=0.0,
            gibbs_thomson=energy * MOLAR_VOLUME / FARADAY,
            volume_per_charge=MOLAR_VOLUME / FARADAY if moves else 1e-30,
            site_ratio=1.0 / (MOLAR_VOLUME * salt),
            reinitialisation=ConservativeReinitialisation(grid, width),
            faces=tuple(faces),
        ),
        ions=ions,
        electrons=Electrons(
            grid,
            metal=2.1e7,
            conductivity=each(electronic),
            leads=each(electronic) > CONDUCTS,
            best_ionic=best,
            width=width,
        ),
        collector=below,
        counter=above,
        counter_electrode=CounterElectrode(
            MetalSite(counter, grid.plane_area(height, layers - 1), 0.0) if counter is not None else None
        ),
        sodiation=uptake,
    )


def under(problem: TwoPotential, quantity: str, value: float, preset: str = "direct") -> LaggedFrontStepper:
    """A stepper whose circuit holds a voltage (V) or a current (A m^(d-3), of the whole cell)."""
    stepper = LaggedFrontStepper(problem, preset)
    stepper.control = Control(quantity, value / problem.area if quantity == "current" else value)
    return stepper


def at_rest(problem: TwoPotential, xi: Array, quantity: str, value: float, c: Array | None = None) -> State:
    """The potentials at time 0 with the circuit closed, c~ = 1 unless it is given."""
    fields = {"xi": xi, "c": np.ones(problem.grid.size) if c is None else c}
    return under(problem, quantity, value).start(0.0, fields)


def at_height(grid: Grid, field: Array, height: float) -> float:
    """The largest value of a field on the nodes of a plane. Collective."""
    on = np.abs(grid.points[:, -1] - height) < 1e-9 * grid.upper[-1]
    return float(grid.max(field[on].max(initial=-np.inf))[0])
