"""Whole tomograms of a made-up output of a shipped case: values, labels, noise, what stands beside the file."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import pyvista

from femna.errors import BadInput
from femna.mesh.kuhn import split_bricks
from femna.tomography import TomogramSettings, label_volume, metal_volume, write_tomogram
from femna.validation.load import load_case
from femna.volumes import read_volume

pytestmark = pytest.mark.serial

UM = 1e-6
WIDE = 6.0
FRONT = 3.5


@pytest.fixture(scope="module")
def run():
    """The stack of sfc-na in three dimensions, 6 x 6 x 20 um, metal up to 3.5 um, in bricks of half a micrometre."""
    case = load_case("sfc-na", geometry__dim=3)
    height = case.height / UM
    axes = [np.linspace(0, WIDE, 13), np.linspace(0, WIDE, 13), np.linspace(0, height, round(2 * height) + 1)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    counts = [len(axis) - 1 for axis in axes]
    numbers = np.arange(len(points)).reshape([n + 1 for n in counts])
    ranges = [[slice(b >> axis & 1, n + (b >> axis & 1)) for axis, n in enumerate(counts)] for b in range(8)]
    cells = split_bricks(np.stack([numbers[tuple(place)].ravel() for place in ranges], axis=1))
    mesh = pyvista.UnstructuredGrid({pyvista.CellType.TETRA: cells}, points * UM)
    # 1 up to 3.5 um, 0 from 4 um on, linear between: 3.75 um of metal
    mesh.point_data["xi"] = np.clip((FRONT + 0.5 - points[:, 2]) / 0.5, 0.0, 1.0)
    middle = points[cells].mean(axis=1)[:, 2] * UM
    tops = [case.interval(name)[1] for name in case.layer_names]
    mesh.cell_data["material"] = np.searchsorted(tops, middle)
    return SimpleNamespace(
        directory=Path("made-up"), times=np.array([0.0, 2.0]), case=case, stored_cells=lambda time: mesh
    )


def test_metal_of_a_flat_front(run):
    found = metal_volume(run, voxel=(UM, UM, UM))
    np.testing.assert_allclose(found.values[:5].mean(axis=(1, 2)), [1, 1, 1, 0.75, 0], atol=1e-6)
    assert found.values.sum() * found.voxel_volume == pytest.approx(WIDE**2 * 3.75 * UM**3, rel=1e-6)


def test_labels_are_those_of_the_stack(run):
    found = label_volume(run, voxel=(UM,) * 3)
    low, high = (bound / UM for bound in run.case.interval("interphase"))
    z = np.arange(len(found.values)) + 0.5
    expected = np.where(z < 4.0, 1, np.where((z > low) & (z < high), 2, 0))
    np.testing.assert_array_equal(found.values, np.broadcast_to(expected[:, None, None], found.values.shape))
    assert found.labels == {0: "electrolyte (gpe)", 1: "metal (na)", 2: "interphase (mci)", 100: "void"}


def test_absorption_mixes_by_volume_and_says_what_it_is(run, tmp_path):
    pytest.importorskip("xraydb", reason="an extra of femna")
    path = tmp_path / "a.vtkhdf"
    settings = TomogramSettings((UM, UM, UM), energy=20e3, photons=0.0)
    assert write_tomogram(run, path, None, settings) == [
        "na against its electrolyte at 20 keV: +1.05 1/cm; no noise asked for"
    ]
    said = json.loads((tmp_path / "a.vtkhdf.json").read_text())
    mu = said["attenuation_1/m"]
    found = read_volume(path)
    assert (found.unit, found.values.dtype) == ("1/m", np.float32)
    # the interphase lies from 3 um on, and metal has grown into it
    mixed = 0.75 * mu["metal"] + 0.25 * mu["interphase"]
    expected = [mu["metal"]] * 3 + [mixed, mu["interphase"]]
    np.testing.assert_allclose(found.values[:5].mean(axis=(1, 2), dtype=float), expected, rtol=1e-6)
    np.testing.assert_allclose(found.values[-1], mu["electrolyte"], rtol=1e-6)
    assert said["voxel_size_m"] == [UM] * 3
    assert said["origin_m"] == [0.0] * 3
    assert (said["energy_eV"], said["contrast"], said["contrast_to_noise"]) == (20e3, "absorption", None)
    assert said["metal_volume_m3"] == pytest.approx(WIDE**2 * 3.75 * UM**3, rel=1e-9)
    assert mu["metal"] == pytest.approx(199.2, rel=1e-3)


def test_noise_of_paper_a_and_the_ratio_to_it(run, tmp_path):
    pytest.importorskip("xraydb", reason="an extra of femna")
    path = tmp_path / "a.h5"
    lines = write_tomogram(run, path, None, TomogramSettings((0.65 * UM,) * 3, energy=20e3))
    assert lines[-1].endswith("contrast to noise 0.24 a voxel")
    noisy = read_volume(path).values
    write_tomogram(run, tmp_path / "b.h5", None, TomogramSettings((0.65 * UM,) * 3, energy=20e3, photons=0.0))
    clean = read_volume(tmp_path / "b.h5").values
    assert (noisy - clean).std() == pytest.approx(441.2, rel=0.03)
    assert json.loads((tmp_path / "a.h5.json").read_text())["contrast_to_noise"] == pytest.approx(0.2375, rel=1e-3)


def test_sodium_is_darker_than_its_gel_in_phase(run, tmp_path):
    pytest.importorskip("xraydb", reason="an extra of femna")
    lines = write_tomogram(run, tmp_path / "a.mhd", None, TomogramSettings((UM, UM, UM), 20e3, "phase"))
    assert "darker" in lines[0]
    values = read_volume(tmp_path / "a.mhd").values
    assert values[0].mean() == pytest.approx(4.818e-7, rel=1e-3)
    assert values[-1].mean() == pytest.approx(6.281e-7, rel=1e-3)


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"contrast": "colour"}, "--contrast is 'colour'"),
        ({"reconstruct": True}, "--reconstruct needs --angles"),
        ({"photons": -1.0}, "--photons"),
        ({"angles": 0}, "--angles"),
        ({"contrast": "labels", "energy": 20e3}, "which no X-rays see"),
        ({"contrast": "phase", "photons": 1e4}, "--photons with --contrast phase"),
    ],
)
def test_settings_that_mean_nothing(keys, says):
    with pytest.raises(BadInput, match=says):
        TomogramSettings(**keys)
