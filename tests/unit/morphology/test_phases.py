"""What hangs together, and what conducts."""

from __future__ import annotations

import numpy as np
import pytest

from femna.morphology.connectivity import closed_pores, connected_metal, voids_under_metal
from femna.morphology.electrolyte_conduction import effective_conduction
from tests.unit.morphology.bodies import centres


def bridge():
    """A slab with a closed pore, a table on one leg over a void, a piece afloat, and one that touches by an edge."""
    metal = np.zeros((20, 20, 20), dtype=bool)
    metal[:6] = True
    metal[2:4, 5:7, 5:8] = False  # a pore of 12
    metal[6:10, 3, 3] = True  # the leg
    metal[10, 2:8, 2:8] = True  # the table: 35 of its columns have 4 voids each
    metal[15, 15, 15] = True  # afloat: 9 voids under it
    metal[6, 10, 10] = metal[7, 11, 10] = True  # the second by an edge alone
    return metal


def test_voids_pores_and_dead_metal():
    metal = bridge()
    assert closed_pores(metal).sum() == 12
    assert voids_under_metal(metal).sum() == 12 + 35 * 4 + 9 + 1
    dead = metal & ~connected_metal(metal)
    assert np.argwhere(dead).tolist() == [[7, 11, 10], [15, 15, 15]]


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_straight_channel(axis):
    """Conductivity is the channel's share of the cross-section, tortuosity 1; across it nothing goes through."""
    phase = np.zeros((20, 22, 24), dtype=bool)
    place = [slice(None)] * 3
    others = [k for k in range(3) if k != axis]
    place[others[0]], place[others[1]] = slice(3, 10), slice(5, 12)
    phase[tuple(place)] = True
    found = effective_conduction(phase, (1.0, 1.5, 0.7), axis)
    assert found.relative_conductivity == pytest.approx(phase.mean(), rel=1e-6)
    assert found.tortuosity == pytest.approx(1.0, rel=1e-6)
    across = effective_conduction(phase, (1.0, 1.5, 0.7), others[0])
    assert (across.relative_conductivity, across.tortuosity) == (0.0, np.inf)


def test_layers_in_series():
    """Harmonic mean of layers of any conductivities: the fluxes of the faces are exact."""
    layers = np.random.default_rng(0).uniform(0.05, 1.0, 30)
    share = np.broadcast_to(layers[:, None, None], (30, 8, 8))
    found = effective_conduction(share, (1.0, 1.0, 0.4), 0)
    assert found.relative_conductivity == pytest.approx(1 / (1 / layers).mean(), rel=1e-6)
    found = effective_conduction(share, (1.0, 1.0, 0.4), 2)
    assert found.relative_conductivity == pytest.approx(layers.mean(), rel=1e-6)


@pytest.mark.parametrize(("dx", "dy", "dz"), [(1.0, 1.0, 1.0), (0.5, 2.0, 0.7)])
def test_bent_channel(dx, dy, dz):
    """Resistors in series from centre to centre, and half a voxel at both ends: 40 along x, 19 along y."""
    phase = np.zeros((3, 40, 40), dtype=bool)
    phase[1, 10, :20] = phase[1, 10:30, 19] = phase[1, 29, 19:] = True
    found = effective_conduction(phase, (dx, dy, dz), 2)
    resistance = 40 * dx / (dy * dz) + 19 * dy / (dx * dz)
    assert found.relative_conductivity == pytest.approx(40 * dx / (3 * dz * 40 * dy) / resistance, rel=1e-6)


@pytest.mark.parametrize(("radius", "error"), [(8, -0.0065), (16, -0.0032)])
def test_sphere_of_maxwell(radius, error):
    """An insulating sphere in a cube of 27 or 55: 1 - 3 f/(2 + f) up to f^(13/3); the error is of first order."""
    size = {8: 27, 16: 55}[radius]
    places = centres((size,) * 3)
    distance = np.sqrt(sum((p - size / 2) ** 2 for p in places)) - radius
    share = 4 / 3 * np.pi * radius**3 / size**3
    found = effective_conduction(np.clip(0.5 + distance, 0.0, 1.0), (1.0, 1.0, 1.0), 0)
    assert found.relative_conductivity / (1 - 3 * share / (2 + share)) - 1 == pytest.approx(error, rel=0.03)


def test_nothing_conducts():
    dead_end = np.zeros((6, 6, 12))
    dead_end[3, 3, :7] = dead_end[1, 1, 9:] = 1.0
    found = effective_conduction(dead_end, (1.0, 1.0, 1.0), 2)
    assert (found.relative_conductivity, found.tortuosity) == (0.0, np.inf)
    assert np.isnan(effective_conduction(np.zeros((4, 4, 4)), (1.0, 1.0, 1.0), 0).tortuosity)
