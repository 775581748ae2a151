"""Volumes of other programs, and of strangers: sizes that nobody states, claims that are not true."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from femna.errors import BadInput
from femna.volumes import read_volume, voxel_size_of

pytestmark = pytest.mark.serial

UM = 1e-6
LABELS = (np.arange(6 * 5 * 8).reshape(6, 5, 8) % 3 * 127).astype(np.uint8)


def tifffile():
    return pytest.importorskip("tifffile", reason="an extra of femna")


def test_a_stack_without_voxel_size_asks_for_it(tmp_path):
    """The layout of the stacks that tifffile writes: three labels, one unit a pixel, no unit."""
    tifffile().imwrite(
        tmp_path / "a.tif", LABELS, photometric="minisblack", compression="zlib", metadata={"axes": "QYX"}
    )
    with pytest.raises(BadInput, match=r"a\.tif: does not say how large its voxels are; give it: --voxel-size"):
        read_volume(tmp_path / "a.tif")
    found = read_volume(tmp_path / "a.tif", "0.5 um, 0.5 um, 2 um")
    np.testing.assert_array_equal(found.values, LABELS)
    np.testing.assert_allclose(found.voxel_size, (0.5 * UM, 0.5 * UM, 2 * UM), rtol=1e-12)


@pytest.mark.parametrize(("unit", "metres"), [("um", UM), ("\\u00B5m", UM), ("micron", UM), ("mm", 1e-3), ("nm", 1e-9)])
def test_units_of_imagej(tmp_path, unit, metres):
    options = {"resolution": (4.0, 2.0), "metadata": {"axes": "ZYX", "unit": unit, "spacing": 3.0}}
    tifffile().imwrite(tmp_path / "a.tif", LABELS, imagej=True, **options)
    np.testing.assert_allclose(
        read_volume(tmp_path / "a.tif").voxel_size, np.array([0.25, 0.5, 3.0]) * metres, rtol=1e-5
    )


def test_ome_tiff_states_its_voxels(tmp_path):
    sizes = {f"PhysicalSize{axis}": size for axis, size in zip("XYZ", (0.3, 0.4, 0.5), strict=True)}
    tifffile().imwrite(tmp_path / "a.ome.tif", LABELS, metadata={"axes": "ZYX", **sizes})
    np.testing.assert_allclose(
        read_volume(tmp_path / "a.ome.tif").voxel_size, np.array([0.3, 0.4, 0.5]) * UM, rtol=1e-12
    )


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"photometric": "miniswhite"}, "white is 0"),
        ({"photometric": "minisblack", "extratags": [(274, 3, 1, 4, True)]}, "Orientation is 4"),
        ({"photometric": "rgb"}, "axes"),
    ],
)
def test_stacks_that_mean_something_else_are_refused(tmp_path, options, says):
    values = np.zeros((6, 5, 8, 3), dtype=np.uint8) if options.get("photometric") == "rgb" else LABELS
    tifffile().imwrite(tmp_path / "a.tif", values, **options)
    with pytest.raises(BadInput, match=says):
        read_volume(tmp_path / "a.tif", UM)


def test_slices_are_taken_in_natural_order(tmp_path):
    from PIL import Image

    for number in range(12):
        Image.fromarray(np.full((3, 4), number, dtype=np.uint8)).save(tmp_path / f"slice{number}.png")
    (tmp_path / "notes.txt").write_text("not a slice")
    found = read_volume(tmp_path, UM)
    assert found.values.shape == (12, 3, 4)
    np.testing.assert_array_equal(found.values[:, 0, 0], range(12))


def test_slices_that_do_not_fit_together(tmp_path):
    from PIL import Image

    with pytest.raises(BadInput, match="no image"):
        read_volume(tmp_path, UM)
    Image.fromarray(np.zeros((3, 4), dtype=np.uint8)).save(tmp_path / "a1.png")
    Image.fromarray(np.zeros((4, 4), dtype=np.uint8)).save(tmp_path / "a2.png")
    with pytest.raises(BadInput, match=r"a2.png: is 4 x 4 uint8, and a1.png is 3 x 4 uint8"):
        read_volume(tmp_path, UM)


def test_projections_are_no_volume(tmp_path):
    """The layout of a beamline's raw data: angles, flats, darks."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        group = file.create_group("exchange")
        group["data"] = np.ones((9, 2, 16), dtype=np.float32)
        group["data"].attrs["axes"] = "theta:y:x"
        group["theta"] = np.linspace(0.0, 180.0, 9)
        group["data_white"] = group["data_dark"] = np.ones((2, 2, 16), dtype=np.float32)
    with pytest.raises(BadInput, match="holds projections"):
        read_volume(tmp_path / "a.h5", UM)


def header(path, lengths, kind="MET_FLOAT", more=""):
    path.write_text(f"NDims = 3\nDimSize = {lengths}\nElementType = {kind}\n{more}ElementDataFile = a.raw\n")


def test_millimetres_are_the_unit_of_itk(tmp_path):
    np.arange(24, dtype=">u2").tofile(tmp_path / "a.raw")
    more = "ElementSpacing = 0.001 0.002 0.003\nOffset = 0.0005 0.001 0.0015\nElementByteOrderMSB = True\n"
    header(tmp_path / "a.mhd", "4 3 2", "MET_USHORT", more)
    found = read_volume(tmp_path / "a.mhd")
    np.testing.assert_array_equal(found.values, np.arange(24).reshape(2, 3, 4))
    np.testing.assert_allclose(found.voxel_size, np.array([1.0, 2.0, 3.0]) * UM, rtol=1e-12)
    np.testing.assert_allclose(found.origin, 0.0, atol=1e-20)


@pytest.mark.parametrize("spacing", ["", "ElementSpacing = 1 1 1\n"])
def test_a_spacing_of_one_is_none(tmp_path, spacing):
    np.zeros(24, dtype="f4").tofile(tmp_path / "a.raw")
    header(tmp_path / "a.mhd", "4 3 2", more=spacing)
    with pytest.raises(BadInput, match="--voxel-size"):
        read_volume(tmp_path / "a.mhd")


def test_claims_are_checked_before_memory_is_taken(tmp_path):
    (tmp_path / "a.raw").write_bytes(b"\0" * 100)
    header(tmp_path / "a.mhd", "3000 3000 3000")
    with pytest.raises(BadInput, match="3000 x 3000 x 3000 voxels, 108 GB; allowed"):
        read_volume(tmp_path / "a.mhd", UM)
    header(tmp_path / "a.mhd", "4 3 3")
    with pytest.raises(BadInput, match="holds 100 bytes of voxels, and states 144"):
        read_volume(tmp_path / "a.mhd", UM)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("exchange/data", (3000, 3000, 3000), "f4", chunks=(1, 100, 100), compression="gzip")
    with pytest.raises(BadInput, match="states 108 GB"):
        read_volume(tmp_path / "a.h5", UM)


def test_a_tiff_that_claims_more_than_it_holds(tmp_path):
    library = tifffile()
    library.imwrite(tmp_path / "a.tif", LABELS, imagej=True, metadata={"axes": "ZYX"})
    content = (tmp_path / "a.tif").read_bytes()
    (tmp_path / "a.tif").write_bytes(content.replace(b"images=6\n", b"images=9\n").replace(b"slices=6", b"slices=9"))
    try:
        values = read_volume(tmp_path / "a.tif", UM).values
    except BadInput:
        return
    np.testing.assert_array_equal(values, LABELS)


@pytest.mark.parametrize("name", ["../b.raw", "/etc/hostname", "%03d.raw 1 9 1"])
def test_a_header_leads_nowhere_else(tmp_path, name):
    (tmp_path / "a.mhd").write_text(f"NDims = 3\nDimSize = 1 1 1\nElementType = MET_UCHAR\nElementDataFile = {name}\n")
    with pytest.raises(BadInput, match="allowed: the name of one file in the same folder"):
        read_volume(tmp_path / "a.mhd", UM)


def test_two_statements_must_agree(tmp_path):
    np.zeros(24, dtype="f4").tofile(tmp_path / "a.raw")
    header(tmp_path / "a.mhd", "4 3 2", more="ElementSpacing = 0.001 0.001 0.001\n")
    assert read_volume(tmp_path / "a.mhd", "1.005 um").voxel_size == (UM, UM, UM)
    with pytest.raises(BadInput, match="voxels are 1 x 1 x 1 um by what it says, and --voxel-size is 2 x 2 x 2 um"):
        read_volume(tmp_path / "a.mhd", "2 um")


@pytest.mark.parametrize("given", ["0 um", "1 um, 2 um", "-1", "3 s", "nan"])
def test_no_voxel_sizes(given):
    with pytest.raises(BadInput, match="--voxel-size"):
        voxel_size_of(given)


@pytest.mark.parametrize("ending", [".npy", ".npz", ".txrm", ".vti"])
def test_other_endings_are_told_what_to_do(tmp_path, ending):
    (tmp_path / f"a{ending}").write_bytes(b"\x93NUMPY")
    with pytest.raises(BadInput, match=r"allowed: \.vtkhdf"):
        read_volume(tmp_path / f"a{ending}", UM)
