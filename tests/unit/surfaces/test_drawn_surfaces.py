"""What is drawn for a random front and for nuclei belongs to its mode or place, whatever else there is."""

import numpy as np
import pytest

from femna.surfaces import Box, UnusableSurface
from femna.surfaces.nuclei import Nuclei
from femna.surfaces.random_roughness import RandomRoughness

UM = 1e-6
SIDES = (12.0 * UM, 8.0 * UM)


def box(dim: int, seed: int = 7) -> Box:
    return Box(SIDES[: dim - 1], 4.0 * UM, seed)


@pytest.mark.parametrize("dim", [2, 3])
def test_each_number_belongs_to_its_mode(dim: int) -> None:
    # a shorter correlation length adds modes; relative to the spectrum the old ones keep their numbers
    def numbers(length: float) -> np.ndarray:
        a = RandomRoughness(amplitude=0.3 * UM, correlation_length=length * UM).modes(box(dim))
        k2 = sum((np.pi * m / size) ** 2 for m, size in zip(np.indices(a.shape), box(dim).sizes, strict=True))
        flat = np.prod(np.where(np.indices(a.shape) == 0, 1.0, 0.5), axis=0)
        with np.errstate(divide="ignore"):
            return np.where(a != 0.0, a * np.sqrt(flat) * np.exp(k2 * (length * UM) ** 2 / 8.0), np.nan)

    few, many = numbers(3.0), numbers(1.0)
    ratio = many[tuple(slice(n) for n in few.shape)] / few
    ratio = ratio[np.isfinite(ratio)]
    assert len(ratio) > 5
    assert ratio == pytest.approx(ratio[0], rel=1e-9)


def test_a_correlation_length_longer_than_the_box_is_refused() -> None:
    with pytest.raises(UnusableSurface, match=r"surface.correlation_length 60 um does not fit in the box of 12 um"):
        RandomRoughness(amplitude=UM, correlation_length=60.0 * UM).modes(box(2))


@pytest.mark.parametrize(("dim", "number"), [(2, 6), (3, 24)])
def test_nuclei_are_drawn_from_the_density_and_the_seed(dim: int, number: int) -> None:
    few, many = (Nuclei(radius=1.0 * UM, density=density / UM**2) for density in (0.25, 0.5))
    centres = few.centres(box(dim))
    assert centres.shape == (number, dim)
    assert (centres[:, :-1] >= 0.0).all()
    assert (centres[:, :-1] <= np.array(box(dim).sizes)).all()
    assert np.array_equal(many.centres(box(dim))[:number], centres)
    assert not np.allclose(few.centres(box(dim, seed=8)), centres)
