"""A deposit d cos kx between two bonded half-spaces, and the linear solver that the elastic systems have.

The closed forms (femna/mechanics/exact_stresses.py) are those of docs/theory/mechanics.md: the deposit's growth strain
lies across the front, its integral is the deposit, and N is the normal stress that it meets.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from femna.mechanics.elasticity import ElasticSystem, Top
from femna.mechanics.exact_stresses import Isotropic, flaw_overpotential, wavy_deposit
from femna.mechanics.tensors import isotropic
from femna.parallel import MPI
from femna.physics.interpolation import QUINTIC

from .elastic import GEL, NA, NAF, NZSP, solve
from .grids import box

Array = NDArray[np.float64]

FIXED = Top("fixed")
K = 2.0 * math.pi
"""Wave number of a wave of length 1."""


def pressing(separator: Isotropic, kl: float) -> float:
    """N/(k d) of sodium under a separator, the front's width being kl/k; one half wave between mirrors."""
    width, depth, amplitude, ratio = kl / K, 1.5, 1e-3, 1.1
    size = width / 2.2
    fine = round(4.0 * width / size)
    coarse = math.ceil(math.log(1.0 + (depth - fine * size) * (ratio - 1.0) / size) / math.log(ratio))
    half = fine + coarse

    def graded(points: Array) -> Array:
        u = (2.0 * points[:, 1] - 1.0) * half
        beyond = (depth - fine * size) * (ratio ** np.maximum(np.abs(u) - fine, 0.0) - 1.0) / (ratio**coarse - 1.0)
        height = np.where(np.abs(u) <= fine, np.abs(u) * size, fine * size + beyond)
        return np.column_stack([0.5 * points[:, 0], depth + np.sign(u) * height])

    grid = box([1.0, 1.0], [20, 2 * half], move=graded)
    share = QUINTIC.h(0.5 * (1.0 - np.tanh((grid.points[:, 1] - depth) / width)))
    per_length = -np.einsum("ca,ca->c", grid.gradients[:, :, 1], share[grid.cells])  # type: ignore[attr-defined]
    places = ElasticSystem(grid, FIXED, 2).at_points(grid.points)
    wave = np.cos(K * places[:, :, 0])
    growth = np.zeros((*wave.shape, 6))
    growth[..., 2] = amplitude * wave * per_length[:, None]
    found = solve(grid, share, lambda x: np.array([0.0, -1.0]) + 0.0 * x, (NA, separator), growth=growth, top=FIXED)
    projected = found.mean(found.stress[..., 2] * wave, per_length[:, None])
    return -projected / found.mean(wave**2, per_length[:, None]) / (K * amplitude)


@pytest.mark.parametrize(
    ("separator", "chi", "lifted"),
    [
        (GEL, 632180.02, 0.99976027),
        (Isotropic(1e5, 0.45), 63218.352, 0.99997602),
        (NZSP, 3.8217693e10, 0.067635495),
        (NAF, 3.8198313e10, 0.06765405),
    ],
)
def test_closed_forms(separator: Isotropic, chi: float, lifted: float) -> None:
    """chi and f of sodium under gels, NZSP and NaF; under a liquid all of the deposit rises."""
    wave = wavy_deposit(NA, separator)
    assert wave.stiffness == pytest.approx(chi, rel=1e-7)
    assert wave.lifted == pytest.approx(lifted, rel=1e-7)
    assert wavy_deposit(NA, Isotropic(1e-6, 0.45)).lifted == pytest.approx(1.0, rel=1e-9)


def test_plates_and_flaws() -> None:
    """A film of 1 um NaF bent to 50 nm over 10 um: 795.936 MPa. A flaw of 10 um in a ceramic of 1 MPa sqrt(m) opens at
    39.21113 mV."""
    assert NAF.bent_plate(1e-6, 50e-9, 10e-6) == pytest.approx(795.936e6, rel=1e-6)
    assert flaw_overpotential(0.2461514e-9, 1e6, 10e-6) == pytest.approx(39.21113e-3, rel=1e-6)


@pytest.mark.parametrize(("separator", "largest"), [(NZSP, (0.006, 0.0021)), (GEL, (0.08, 0.031))])
def test_normal_stress_of_a_wavy_deposit(separator: Isotropic, largest: tuple[float, float]) -> None:
    """N agrees to 0.5 % and 0.17 % under NZSP at kl = 0.2 and 0.1, to 7.4 % and 2.9 % under a gel of 1 MPa, and the
    error falls faster than the width. Voigt's rule overestimates it 48-fold and 25-fold under the gel."""
    exact = wavy_deposit(NA, separator).pressing
    errors = [pressing(separator, kl) / exact - 1.0 for kl in (0.2, 0.1)]
    assert abs(errors[0]) < largest[0]
    assert abs(errors[1]) < largest[1]
    assert abs(errors[1] / errors[0]) < 0.42


@pytest.mark.parametrize("degree", [1, 2])
def test_multigrid_knows_the_rigid_motions(degree: int) -> None:
    """PETSc has all six of them: coarse nodes have six unknowns each, and the iterations hardly grow with the
    mesh. With a matrix of another block size it takes none without a word."""
    iterations = []
    for count in (4, 8) if degree == 2 else (4, 8, 16):
        system = ElasticSystem(box([1e-5] * 3, [count] * 3), Top("pressure", 1e6), degree)
        like = np.zeros((system.cells, system.count))
        system.correct(np.broadcast_to(isotropic(*NZSP), (*like.shape, 6, 6)), np.zeros((*like.shape, 6)))
        iterations.append(system.krylov.iterations)
        coarse = system.krylov.solver.getPC().getMGCoarseSolve().getOperators()[0]
        assert coarse.getBlockSize() == 6
        assert len(system.matrix.getNearNullSpace().getVecs()) == 6
    # 22 on one rank, 28 on three: on so small a mesh the borders of the ranks cut many aggregates
    assert max(iterations) <= 24 + 3 * (MPI.COMM_WORLD.size - 1)
