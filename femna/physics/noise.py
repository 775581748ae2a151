"""Fluctuations of the reaction that belong to the surface, not to the mesh or the time step.

R is multiplied by 1 + amplitude N(x, t). N is a Gaussian field of zero mean and unit variance, correlated over two
interface widths in space and, in time, over the time the reaction at its full drive takes to move the front by one. It
is a sum of random waves whose amplitudes wander; all numbers come from the case's seed, so that a finer mesh, another
step size or another number of ranks sees the same fluctuation. White noise on the mesh would not: docs/theory/noise.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from femna.physics.phase_field_constants import phase_field_constants

if TYPE_CHECKING:
    from femna.case import Case
    from femna.mesh.grid import Grid

Array = NDArray[np.float64]

WAVES = 64
"""Number of waves in the sum."""


class Noise:
    """N(x, t) as a sum of WAVES waves; between knots one correlation time apart the amplitudes are interpolated."""

    def __init__(self, case: Case, grid: Grid) -> None:
        groups = phase_field_constants(case)
        self.amplitude = case.noise.amplitude
        self.correlation_time = 1.0 / (3.0 * max(groups.drive, groups.reaction_constant))
        self.seed = case.random_seed
        generator = np.random.Generator(np.random.PCG64([self.seed, 1]))
        wave_vectors = generator.standard_normal((WAVES, 3))[:, : grid.dim] / (2.0 * case.interface.width)
        phases = generator.uniform(0.0, 2.0 * np.pi, WAVES)
        # cos(k.x) cos(phase) - sin(k.x) sin(phase), kept as one array of wave values at the nodes
        self._waves = np.sqrt(2.0 / WAVES) * np.cos(grid.points @ wave_vectors.T + phases)

    def _amplitudes(self, knot: int) -> Array:
        return np.random.Generator(np.random.PCG64([self.seed, 2, knot])).standard_normal(WAVES)

    def factor(self, time: float) -> Array:
        """The factor 1 + amplitude N of the reaction at the nodes, (N,), at a time in s."""
        position = max(time, 0.0) / self.correlation_time
        knot = int(position)
        angle = 0.5 * np.pi * (position - knot)
        # weights of constant sum of squares keep the variance between knots
        mixture = np.cos(angle) * self._amplitudes(knot) + np.sin(angle) * self._amplitudes(knot + 1)
        return np.asarray(1.0 + self.amplitude * (self._waves @ mixture))
