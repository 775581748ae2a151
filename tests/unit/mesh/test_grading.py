from types import SimpleNamespace

import numpy as np
import pytest

from femna.errors import BadInput
from femna.mesh.grading import (
    MAX_CELLS,
    MIN_CELLS_ABOVE_FINE_ZONE,
    Band,
    Grading,
    bearable_grading,
    estimate_cells,
    grading,
)

UM = 1e-6


def test_planes_are_graded_and_no_taller_than_the_size():
    sizes = Grading(100.0, 4.0, (Band(10.0, 20.0, 0.5),))
    z = sizes.planes(0.0, 100.0)
    step = np.diff(z)
    assert z[0] == 0.0
    assert z[-1] == 100.0
    assert (step > 0).all()
    assert (step <= sizes.size(z[1:]) * 1.21).all()
    assert (step <= sizes.size(z[:-1]) * 1.23).all()
    ratio = step[1:] / step[:-1]
    assert max(ratio.max(), 1.0 / ratio.min()) <= 1.25
    fine = (z[:-1] >= 10.0) & (z[1:] <= 20.0)
    assert step[fine].max() <= 0.5 * (1 + 1e-12)
    assert fine.sum() >= 19
    assert step.max() <= 4.0 * (1 + 1e-12)


@pytest.mark.parametrize("power", [1, 2])
def test_integral_is_exact(power):
    sizes = Grading(50.0, 3.0, (Band(10.0, 20.0, 0.5), Band(30.0, 31.0, 0.2), Band(31.0, 50.0, 2.0)))
    z = np.linspace(0.0, 50.0, 2_000_001)
    middle = 0.5 * (z[1:] + z[:-1])
    assert sizes.integral(power) == pytest.approx(float((np.diff(z) / sizes.size(middle) ** power).sum()), rel=1e-6)


def test_size_is_linear_between_the_kinks():
    sizes = Grading(50.0, 3.0, (Band(10.0, 20.0, 0.5), Band(30.0, 31.0, 0.2), Band(31.0, 50.0, 2.0)))
    z = sizes.kinks()
    for part in (0.25, 0.5):
        between = z[:-1] * (1 - part) + z[1:] * part
        assert sizes.size(between) == pytest.approx(np.interp(between, z, sizes.size(z)), rel=1e-12)


def test_fine_zone_of_a_case(make_case):
    case = make_case(fine=0.25)
    sizes = grading(case)
    z = np.array([2.01, 4.0, 8.99]) * UM  # position - 4 l = 2 um to front_zone = 9 um
    assert sizes.size(z) == pytest.approx(0.25 * UM)
    assert sizes.size(np.array([1.0 * UM, 12.0 * UM])).min() > 0.3 * UM
    coarse = sizes.planes(9.0 * UM, case.height)
    assert len(coarse) - 1 >= MIN_CELLS_ABOVE_FINE_ZONE
    stripping = grading(make_case(fine=0.25, voltage=-0.3))
    assert stripping.size(np.zeros(1)) == pytest.approx(0.25 * UM)
    case.filling_layers = ("electrolyte",)  # which dissolves the anode at rest
    assert grading(case).size(np.zeros(1)) == pytest.approx(0.25 * UM)


def test_a_thin_layer_far_from_the_front_is_resolved(make_case):
    case = make_case(
        fine=0.25, layers={"anode": 4.0, "electrolyte": 30.0, "separator": 0.8, "gel": 5.0}, front_zone=6.0
    )
    z = grading(case).planes(*case.interval("separator"))
    assert len(z) - 1 >= 4


@pytest.mark.parametrize(
    ("dim", "kind", "counter", "fine"),
    [
        (1, "binary", "metal", True),
        (1, "single_ion", "metal", False),
        (1, "binary", "ideal", False),
        (2, "", "", False),
    ],
)
def test_cells_are_fine_at_a_metal_counter_beside_a_salt_in_1d(make_case, dim, kind, counter, fine):
    case = make_case(dim=dim, fine=0.25, layers={"anode": 4.0, "electrolyte": 60.0})
    case.transport, case.counter = SimpleNamespace(kind=kind), SimpleNamespace(kind=counter)
    sizes = grading(case)
    assert (sizes.size(np.array([case.height])) < 0.26 * UM) == fine
    assert sizes.size(np.array([0.5 * case.height])) == pytest.approx((1.0 if dim == 1 else 2.0) * UM)


def test_a_mesh_too_large_is_refused_with_the_keys_to_change(make_case):
    case = make_case(dim=3, wide=100.0, deep=100.0, fine=0.1)
    assert estimate_cells(case, grading(case)) > MAX_CELLS
    with pytest.raises(BadInput, match=r"about \d+ million cells.*numerics.cell_size.*geometry.front_zone.*depth"):
        bearable_grading(case)


@pytest.mark.parametrize("dim", [2, 3])
@pytest.mark.parametrize("size", [1e12, 1e300])
def test_a_box_beyond_reason_is_refused_before_a_surface_is_drawn(make_case, dim, size):
    case = make_case(dim=dim, wide=size, deep=size, kind="random", amplitude=1e-7, correlation_length=1e-6)
    with pytest.raises(BadInput, match="million cells, more than the 20 million allowed"):
        bearable_grading(case)
