"""Blur, counting noise and reconstruction against what is known in closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest

from femna.errors import BadInput
from femna.tomography.detector import blurred_slabs, gaussian_weights, noisy_slabs, reconstruction_noise
from femna.tomography.projections import framed, reconstructed_slabs


def whole(slabs):
    return np.concatenate(list(slabs))


def test_noise_of_a_reconstruction_with_paper_a_s_voxels():
    """pi/sqrt(12 n N)/a = 4.41 1/cm; sodium against its gel has 1.05 1/cm: 0.24."""
    noise = reconstruction_noise(0.65e-6, 1000, 1e4)
    assert noise == pytest.approx(441.2106, rel=1e-6)
    assert 105.0 / noise == pytest.approx(0.238, abs=5e-4)


def test_noise_is_a_matter_of_the_slice_and_not_of_the_slabs():
    values = np.zeros((7, 40, 50))
    one = whole(noisy_slabs([values], 2.0, 5))
    many = whole(noisy_slabs([values[:1], values[1:5], values[5:]], 2.0, 5))
    np.testing.assert_array_equal(one, many)
    assert one.std() == pytest.approx(2.0, rel=0.02)
    assert np.abs(np.corrcoef(one.reshape(7, -1)) - np.eye(7)).max() < 0.1
    assert not np.array_equal(one, whole(noisy_slabs([values], 2.0, 6)))


@pytest.mark.parametrize("parts", [[9], [1] * 9, [2, 3, 4]])
def test_a_point_becomes_a_gaussian_whatever_the_slabs(parts):
    values = np.zeros((9, 11, 13))
    values[4, 5, 6] = 1.0
    ends = np.cumsum(parts)
    slabs = [values[end - part : end] for part, end in zip(parts, ends, strict=True)]
    found = whole(blurred_slabs(slabs, (0.7, 0.9, 1.1)))
    expected = np.zeros(values.shape)
    weights = [gaussian_weights(sigma) for sigma in (0.7, 0.9, 1.1)]
    spread = weights[0][:, None, None] * weights[1][None, :, None] * weights[2][None, None, :]
    reach = [len(w) // 2 for w in weights]
    expected[4 - reach[0] : 5 + reach[0], 5 - reach[1] : 6 + reach[1], 6 - reach[2] : 7 + reach[2]] = spread
    np.testing.assert_allclose(found, expected, atol=1e-15)


@pytest.mark.parametrize("sigma", [1.0, 3.0])
def test_variance_of_the_weights(sigma):
    weights = gaussian_weights(sigma)
    places = np.arange(len(weights)) - len(weights) // 2
    assert weights.sum() == pytest.approx(1.0, rel=1e-14)
    # cut off at four standard deviations, which takes 1e-3 of the variance
    assert weights @ places**2 == pytest.approx(sigma**2 + 1 / 12, rel=2e-3)
    assert gaussian_weights(0.3)[2] == pytest.approx(math.erf(0.5 / 0.3 / math.sqrt(2)), rel=1e-4)


@pytest.mark.parametrize("planes", [1, 3, 4, 9, 30])
@pytest.mark.parametrize("sigma", [0.5, 2.0])
def test_the_faces_are_mirrors_and_the_sum_stays(planes, sigma):
    from scipy.ndimage import correlate1d

    values = np.random.default_rng(0).random((planes, 4, 5))
    found = whole(blurred_slabs([values], (sigma, sigma, sigma)))
    expected = values
    for axis in (0, 1, 2):
        expected = correlate1d(expected, gaussian_weights(sigma), axis=axis, mode="reflect")
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert found.sum() == pytest.approx(values.sum(), rel=1e-12)


def disc(side, radius, parts=8):
    """Shares of pixels within a disc in the middle, from parts^2 samples each."""
    place = (np.arange(side * parts) + 0.5) / parts - side / 2
    inside = (place[:, None] ** 2 + place[None, :] ** 2 < radius**2).astype(float)
    return inside.reshape(side, parts, side, parts).mean(axis=(1, 3))


@pytest.mark.parametrize("side", [64, 65])
def test_a_centred_disc_comes_back_centred_and_with_its_value(side):
    pytest.importorskip("skimage", reason="an extra of femna")
    plane = disc(side, 20.0)
    found = whole(reconstructed_slabs([100.0 * plane[None]], 0.65e-6, 180, 0.0, 0))[0] / 100.0
    weight = np.where(found > 0.5, 1.0, 0.0)
    middle = [(weight.sum(axis=axis) @ np.arange(side)) / weight.sum() for axis in (0, 1)]
    np.testing.assert_allclose(middle, (side - 1) / 2, atol=0.05)
    inside = disc(side, 15.0) == 1.0
    assert found[inside].mean() == pytest.approx(1.0, abs=2e-3)
    assert found[disc(side, 22.0) == 0.0].mean() == pytest.approx(0.0, abs=2e-3)


def test_counted_photons_give_the_noise_of_the_formula():
    """Of an empty slice, whose rays all count N: the ramp of scikit-image interpolates, which takes a part away."""
    pytest.importorskip("skimage", reason="an extra of femna")
    pixel, angles, photons = 1e-6, 90, 1e4
    found = whole(reconstructed_slabs([np.zeros((2, 33, 33))], pixel, angles, photons, 3))
    ratio = found[:, 8:25, 8:25].std() / reconstruction_noise(pixel, angles, photons)
    assert 0.6 < ratio < 1.05
    again = whole(reconstructed_slabs([np.zeros((1, 33, 33))] * 2, pixel, angles, photons, 3))
    np.testing.assert_array_equal(found, again)


def test_rays_without_photons_are_told():
    pytest.importorskip("skimage", reason="an extra of femna")
    with pytest.raises(BadInput, match="no photon of 10 comes through"):
        whole(reconstructed_slabs([np.full((1, 9, 9), 1e7)], 1e-6, 10, 10.0, 0))


@pytest.mark.parametrize("shape", [(4, 7), (5, 5), (6, 3)])
def test_a_slice_lies_in_an_odd_square_within_its_circle(shape):
    plane = np.random.default_rng(0).random(shape)
    square, rows, columns = framed(plane)
    side = len(square)
    assert square.shape == (side, side)
    assert side % 2 == 1
    np.testing.assert_array_equal(square[rows, columns], plane)
    assert square.sum() == pytest.approx(plane.sum())
    corners = [
        (r - side // 2, c - side // 2) for r in (rows.start, rows.stop - 1) for c in (columns.start, columns.stop - 1)
    ]
    assert max(math.hypot(*corner) for corner in corners) < side // 2
