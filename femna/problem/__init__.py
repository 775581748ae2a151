"""From a case and a grid to the physics: which modules, with which numbers, boundary values and initial state."""

from femna.problem.boundary import FieldFunction, Mask, electrode_nodes
from femna.problem.single import SinglePotential, initial_fields, single_potential
from femna.problem.two import TwoPotential

__all__ = [
    "FieldFunction",
    "Mask",
    "SinglePotential",
    "TwoPotential",
    "electrode_nodes",
    "initial_fields",
    "single_potential",
]
