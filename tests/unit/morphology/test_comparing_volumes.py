"""A volume against itself, moved, mirrored, turned, with noise; what cannot be compared says so in one line."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from femna.analysis.metric_files import write_metrics
from femna.analysis.volume_comparison import ComparisonChoices, compare_volumes
from femna.errors import BadInput
from femna.morphology.registration import ALL, Orientation, register
from femna.morphology.resampling import nearest_resampled, resampled
from femna.morphology.segmentation import otsu, thresholds
from femna.volumes import Volume

UM = 1e-6
CUBES = (0.5 * UM,) * 3


def deposit(shape=(24, 28, 32)):
    """A rough deposit with a pore, and a piece of dead metal above it; shares of metal."""
    rough = gaussian_filter(np.random.default_rng(1).normal(size=shape[1:]), 3, mode="wrap")
    height = 10 + 3 * rough / rough.std()
    z = (np.arange(shape[0]) + 0.5)[:, None, None]
    share = np.clip(height[None] - z + 0.5, 0.0, 1.0).astype(np.float32)
    share[1:3, 5:8, 9:13] = 0.0
    share[20:22, 20:23, 4:6] = 1.0
    return share


def as_stored(values, orientation):
    """The array that an orientation turns into these values."""
    flips = tuple(slice(None, None, -1) if mirror else slice(None) for mirror in orientation.mirrored)
    return values[flips].transpose(np.argsort(orientation.axes))


def rows_of(comparison):
    return {row.metric: row for row in comparison.rows}


def test_a_volume_against_itself(tmp_path):
    """Dice 1, distances 0, all metrics equal; no volume of metal is lost between connected and dead."""
    volume = Volume(deposit(), CUBES)
    comparison = compare_volumes(volume, volume, ComparisonChoices(threshold="0.5"))
    rows = rows_of(comparison)
    assert comparison.registration.orientation == Orientation()
    assert comparison.registration.offset == (0, 0, 0)
    for row in comparison.rows:
        assert row.simulated == row.measured or np.isnan(row.simulated), row.metric
        assert row.simulated_range == row.measured_range or np.isnan(row.measured_range[0])
    assert (rows["Dice"].measured, rows["Mean surface distance"].measured) == (1.0, 0.0)
    cell = 0.125 * UM**3
    assert rows["Dead metal volume"].measured == pytest.approx(2 * 3 * 2 * cell)
    assert rows["Closed pore volume"].measured == pytest.approx(2 * 3 * 4 * cell)
    assert rows["Deposit volume"].measured == pytest.approx((deposit() > 0.5).sum() * cell)
    low, high = rows["Deposit volume"].measured_range
    assert low < rows["Deposit volume"].measured < high
    paths = write_metrics(comparison, tmp_path)
    table = list(csv.DictReader(paths[0].open()))
    assert list(table[0])[:6] == ["metric", "unit", "simulated", "measured", "low", "high"]
    assert [row["metric"] for row in table] == list(rows)
    assert float(table[0]["measured"]) == rows["Deposit volume"].measured
    assert json.loads(paths[1].read_text())["thresholds"]["measured"]["nominal"] == 0.5


@pytest.mark.parametrize("number", [0, 7, 22, 47])
def test_registration_finds_what_was_done(number):
    """A part of the volume, of other grey values, turned and mirrored."""
    orientation = ALL[number]
    share = deposit((24, 28, 32))
    measured = 100.0 + 80.0 * as_stored(share[2:, 3:27, 1:30], orientation)
    found = register(share, CUBES, measured, CUBES)
    assert found.orientation == orientation
    assert found.offset == (2, 3, 1)
    assert found.correlation == pytest.approx(1.0, abs=1e-6)
    first, second = found.overlapping(share, measured)
    assert np.allclose(100.0 + 80.0 * first, second)


def test_registration_of_a_volume_that_reaches_farther():
    """Offsets are negative where the measured volume begins before the simulated one."""
    share = deposit((24, 28, 32))
    found = register(share[2:, 3:, :30], CUBES, share, CUBES, ALL[:1])
    assert found.offset == (-2, -3, 0)
    first, second = found.overlapping(share[2:, 3:, :30], share)
    assert np.array_equal(first, second)


def test_registration_on_anisotropic_voxels():
    """Voxels of 1 x 0.5 x 0.5 um (x, y, z), stored with x as the first axis and z mirrored."""
    orientation = Orientation((2, 1, 0), (True, False, False))
    share = deposit((24, 28, 32))
    coarse = resampled(share, CUBES, (UM, 0.5 * UM, 0.5 * UM))
    found = register(share, CUBES, as_stored(coarse[1:, 2:, 3:], orientation), (0.5 * UM, 0.5 * UM, UM))
    assert found.orientation == orientation
    assert found.voxel_size == (UM, 0.5 * UM, 0.5 * UM)
    assert found.offset == (1, 2, 3)
    assert "mirrored along z; moved by x +3 µm, y +1 µm, z +0.5 µm" in found.words()


def test_a_symmetric_body_is_left_as_it_is():
    """Equally good orientations are counted, and the one that changes nothing is taken."""
    share = np.zeros((16, 20, 20), dtype=np.float32)
    share[:5] = 1.0
    share[5:9, 8:12, 8:12] = 1.0
    found = register(share, CUBES, share, CUBES)
    assert (found.orientation, found.offset, len(found.others)) == (Orientation(), (0, 0, 0), 7)
    assert "7 other orientations fit equally well" in found.words()


def test_noise_and_greys_of_another_scale():
    share = deposit()
    noise = np.random.default_rng(0).normal(size=share.shape) * 6.0
    measured = Volume((200.0 - 80.0 * share + noise).astype(np.float32), CUBES)
    comparison = compare_volumes(Volume(share, CUBES), measured, ComparisonChoices(dark_metal=True, as_stored=True))
    rows = rows_of(comparison)
    assert rows["Dice"].measured > 0.99
    assert rows["Deposit volume"].measured == pytest.approx(rows["Deposit volume"].simulated, rel=0.01)
    assert comparison.measured_levels.nominal == pytest.approx(-160.0, abs=8.0)
    given = compare_volumes(
        Volume(share, CUBES), measured, ComparisonChoices("150:170", dark_metal=True, as_stored=True)
    )
    assert given.measured_levels.all() == (-160.0, -170.0, -150.0)


def test_labels_are_compared_label_by_label():
    share = deposit()
    labels = np.where(share > 0.5, 1, 0).astype(np.uint8)
    labels[:, :, 26:][labels[:, :, 26:] == 0] = 2
    names = {0: "electrolyte", 1: "metal", 2: "layer"}
    other = labels.copy()
    other[:, :, 26:29][labels[:, :, 26:29] == 2] = 0
    ours, theirs = (Volume(values, CUBES, labels=names) for values in (labels, other))
    rows = rows_of(compare_volumes(ours, theirs, ComparisonChoices()))
    count, lost = int((labels == 2).sum()), int((labels[:, :, 26:29] == 2).sum())
    assert rows["Dice of label 1 (metal)"].measured == 1.0
    assert rows["Dice of label 2 (layer)"].measured == pytest.approx(2 * (count - lost) / (2 * count - lost))
    assert rows["Volume of label 2 (layer)"].simulated == pytest.approx(count * 0.125 * UM**3)
    assert rows["Volume of label 2 (layer)"].measured == pytest.approx((count - lost) * 0.125 * UM**3)
    with pytest.raises(BadInput, match="the simulated volume has labels, and the other has none"):
        compare_volumes(ours, Volume(share, CUBES), ComparisonChoices())


@pytest.mark.parametrize(
    ("values", "threshold", "words"),
    [
        (deposit(), "2", "measured volume: no voxel is metal above 2; values are 0 to 1"),
        (deposit(), "-1", "measured volume: every voxel is metal above -1"),
        (np.full((8, 8, 8), 3.0), "otsu", "measured volume: every value is 3: there is nothing to segment"),
        (deposit(), "high", "--threshold high: is no threshold; allowed: otsu, a number, LOW:HIGH"),
        (deposit(), "0.6:0.4", "--threshold 0.6:0.4: the range is empty"),
    ],
)
def test_what_cannot_be_segmented_says_so(values, threshold, words):
    with pytest.raises(BadInput, match=words) as error:
        compare_volumes(Volume(deposit(), CUBES), Volume(values, CUBES), ComparisonChoices(threshold, as_stored=True))
    assert "\n" not in str(error.value)


def test_volumes_that_share_too_little():
    base = ComparisonChoices("0.5", base=11 * UM, as_stored=True)
    volume = Volume(deposit(), CUBES)
    with pytest.raises(BadInput, match=r"have 2 x 28 x 32 voxels \(z, y, x\) in common"):
        compare_volumes(volume, volume, base)


def test_voxels_that_were_not_measured_are_told():
    mask = np.ones((24, 28, 32), dtype=bool)
    mask[23, 0, :5] = False
    measured = Volume(np.where(mask, deposit(), np.nan).astype(np.float32), CUBES, mask=mask)
    comparison = compare_volumes(Volume(deposit(), CUBES), measured, ComparisonChoices("0.5", as_stored=True))
    assert comparison.remarks == ("measured volume: 5 of 21504 voxels have not been measured and count as no metal",)
    assert rows_of(comparison)["Dice"].measured == 1.0


def test_metal_is_measured_from_a_base():
    volume = Volume(deposit(), CUBES)
    rows = rows_of(compare_volumes(volume, volume, ComparisonChoices("0.5", base=2 * UM, as_stored=True)))
    assert rows["Deposit volume"].measured == pytest.approx((deposit()[4:] > 0.5).sum() * 0.125 * UM**3)


def test_otsu_lies_between_two_greys():
    values = np.array([1.0] * 30 + [5.0] * 10 + [1.5] * 5)
    assert 1.5 < otsu(values, "x") < 5.0
    found = thresholds(values.reshape(5, 3, 3), "3", "x")
    assert (found.background, found.metal) == (1.0, 5.0)
    assert (found.low, found.high) == (pytest.approx(2.6), pytest.approx(3.4))
    other = found.in_greys(0.0, 1.0)
    assert other.all() == (pytest.approx(0.5), pytest.approx(0.4), pytest.approx(0.6))


def test_resampling_keeps_integrals():
    values = np.random.default_rng(0).random((6, 10, 12))
    found = resampled(values, (1.0, 2.0, 1.0), (1.5, 2.5, 2.0))
    assert found.shape == (3, 8, 8)
    assert found.sum() * 7.5 == pytest.approx(values.sum() * 2.0, rel=1e-12)
    line = np.arange(6.0).reshape(6, 1, 1)
    assert resampled(line, (1.0, 1.0, 1.0), (1.0, 1.0, 1.5)).ravel().tolist() == pytest.approx(
        [1 / 3, 5 / 3, 10 / 3, 14 / 3]
    )
    labels = np.arange(6).reshape(6, 1, 1)
    assert nearest_resampled(labels, (1.0, 1.0, 1.0), (1.0, 1.0, 2.0)).ravel().tolist() == [1, 3, 5]
    assert nearest_resampled(labels, (1.0, 1.0, 1.0), (1.0, 1.0, 0.5)).ravel().tolist() == sorted([*range(6)] * 2)
