"""`SinglePotential` from plain numbers, every coupling off unless it is asked for.

The defaults are dimensionless: L_sigma W = 1/s, interface width l = 1 (so L_sigma kappa = 1/2), RT/F = 1 V, D = sigma
= 1, no reaction, no ions or charge taken by the deposit, phi = 0 on both electrodes, no flux elsewhere. With a `rate`
and a `standard` potential U, eta = -U and the reaction rate are the same everywhere and at all times.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from femna.mesh.grid import Grid
from femna.models.boundary import FieldFunction, electrode_nodes
from femna.models.single_potential import SinglePotential
from femna.physics.interpolation import LINEAR, QUINTIC, Interpolation
from femna.physics.kinetics import ButlerVolmer
from femna.physics.phase_field import Anisotropy, PhaseField
from femna.physics.potential import Potential
from femna.physics.transport import Transport

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


def zeros(points: Array, _: float) -> Array:
    return np.zeros(len(points))


def problem(
    grid: Grid,
    *,
    interpolation: Interpolation = QUINTIC,
    mobility: float = 1.0,
    well: float = 1.0,
    gradient: float = 0.5,
    anisotropy: Anisotropy | None = None,
    diffusivity: float | Sequence[float] = 1.0,
    metal_diffusivity: float = 1.0,
    site_ratio: float = 0.0,
    conductivity: float | Sequence[float] = 1.0,
    metal_conductivity: float = 1.0,
    charge_density: float = 0.0,
    rate: float = 0.0,
    transfer: float = 0.5,
    thermal_voltage: float = 1.0,
    equilibrium_potential: float = 0.0,
    content: Interpolation = LINEAR,
    voltage: float = 0.0,
    fixed: Mapping[str, Mask] | None = None,
    fixed_values: Mapping[str, FieldFunction] | None = None,
    sources: Mapping[str, FieldFunction] | None = None,
) -> SinglePotential:
    """A problem on `grid`; diffusivity and conductivity: one number, or one a layer."""

    def of_layers(value: float | Sequence[float]) -> Array:
        return np.atleast_1d(np.asarray(value, dtype=float))[
            grid.layer if np.ndim(value) else np.zeros_like(grid.layer)
        ]

    top = float(grid.max(grid.points[:, -1].max(initial=0.0))[0])
    collector, counter = electrode_nodes(grid, top)
    nowhere = np.zeros(grid.size, dtype=bool)
    return SinglePotential(
        grid=grid,
        phase_field=PhaseField(
            grid, interpolation, mobility=mobility, well=well, gradient=gradient, anisotropy=anisotropy
        ),
        transport=Transport(
            grid,
            layer_diffusivity=of_layers(diffusivity),
            metal_diffusivity=metal_diffusivity,
            thermal_voltage=thermal_voltage,
            site_ratio=site_ratio,
            content=content,
        ),
        potential=Potential(
            grid,
            layer_conductivity=of_layers(conductivity),
            metal_conductivity=metal_conductivity,
            charge_density=charge_density,
        ),
        kinetics=ButlerVolmer(rate, transfer, thermal_voltage, equilibrium_potential),
        collector=collector,
        counter=counter,
        fixed={"xi": nowhere, "c": nowhere, "phi": collector | counter} | dict(fixed or {}),
        fixed_values={"phi": lambda x, _: np.where(x[:, -1] > 0.5 * top, voltage, 0.0)} | dict(fixed_values or {}),
        voltage=voltage,
        sources=dict(sources or {}),
    )


def front(distance: Array, width: float = 1.0) -> Array:
    """The equilibrium profile (1/2)(1 - tanh(n/l)) at a distance n from the front, positive in the electrolyte."""
    return 0.5 * (1.0 - np.tanh(distance / width))
