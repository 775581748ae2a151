"""Every rule that a case must obey to be run, in the order in which they are asked.

They are asked before a mesh is built or a file is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from femna.case.keys import KeyProblem
from femna.case.model import Case
from femna.validation.alternative_rules import alternatives
from femna.validation.feasibility_rules import driveable, storable_outputs
from femna.validation.front_rules import front
from femna.validation.grain_rules import grains
from femna.validation.layer_rules import contacts, layers
from femna.validation.lengths import lengths
from femna.validation.material_rules import materials
from femna.validation.mechanics_rules import mechanics
from femna.validation.metal_rules import metal_volume
from femna.validation.model_rules import combinations, moving_layers, solver, transport_kind
from femna.validation.output_rules import name, output
from femna.validation.protocol_rules import carried_currents, controls, driven_voltages, end_heights, reachable_ends
from femna.validation.salt_rules import salt, salt_conductivities, salts
from femna.validation.sodiation_rules import sodiation
from femna.validation.surface_rules import surface

RULES: tuple[Callable[[Case], Iterator[KeyProblem]], ...] = (
    transport_kind,
    combinations,
    controls,
    solver,
    layers,
    moving_layers,
    contacts,
    grains,
    materials,
    metal_volume,
    salt,
    salts,
    salt_conductivities,
    sodiation,
    mechanics,
    surface,
    front,
    alternatives,
    end_heights,
    driven_voltages,
    carried_currents,
    reachable_ends,
    driveable,
    storable_outputs,
    name,
    output,
    lengths,
)
"""Each yields what is wrong with a case. The first finding of the first rule that has one is told."""


def check(case: Case) -> None:
    """Raises KeyProblem for the first rule that a case breaks."""
    for rule in RULES:
        for problem in rule(case):
            raise problem
