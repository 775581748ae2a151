"""Volumes in files: each format is read back by femna and by a reader that is not ours."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from femna.errors import BadInput
from femna.volumes import Volume, read_volume, write_volume

pytestmark = pytest.mark.serial

SIZE = (0.65e-6, 0.7e-6, 1.3e-6)
ORIGIN = (1e-6, -2e-6, 3.3e-6)
SHAPE = (6, 5, 7)
VALUES = np.arange(np.prod(SHAPE)).reshape(SHAPE)
"""Each voxel another value: a swap or a flip of axes is seen."""


def volume(dtype="float32"):
    return Volume(VALUES.astype(dtype), SIZE, ORIGIN, "1/m", "attenuation", {0: "gel", 100: "void"})


def needs_tifffile(ending):
    if ending == ".tif":
        pytest.importorskip("tifffile", reason="an extra of femna")


@pytest.mark.parametrize("dtype", ["float32", "uint8", "uint16"])
@pytest.mark.parametrize("ending", [".vtkhdf", ".tif", ".mhd", ".mha", ".h5"])
def test_femna_reads_back_what_it_wrote(tmp_path, ending, dtype):
    needs_tifffile(ending)
    path = tmp_path / f"a{ending}"
    given = volume(dtype)
    assert write_volume(given, path) == ()
    found = read_volume(path)
    assert found.values.dtype == given.values.dtype
    np.testing.assert_array_equal(found.values, given.values)
    np.testing.assert_allclose(found.voxel_size, SIZE, rtol=1e-14)
    np.testing.assert_allclose(found.origin, ORIGIN, rtol=1e-9)
    assert (found.unit, found.quantity, dict(found.labels)) == (given.unit, given.quantity, dict(given.labels))
    assert found.mask is None


@pytest.mark.parametrize(("ending", "scale"), [(".vtkhdf", 1.0), (".mhd", 1e3), (".mha", 1e3)])
def test_vtk_reads_values_order_spacing_and_origin(tmp_path, ending, scale):
    import pyvista

    path = tmp_path / f"a{ending}"
    write_volume(volume(), path)
    image = pyvista.read(path)
    np.testing.assert_allclose(image.spacing, np.array(SIZE) * scale, rtol=1e-6)
    if ending == ".vtkhdf":
        assert image.dimensions == (8, 6, 7)
        np.testing.assert_allclose(image.origin, ORIGIN, rtol=1e-12)
        array = image.cell_data["values"]
    else:  # values on points, which are the centres
        assert image.dimensions == (7, 5, 6)
        np.testing.assert_allclose(image.origin, (np.array(ORIGIN) + 0.5 * np.array(SIZE)) * scale, rtol=1e-6)
        array = image.active_scalars
    np.testing.assert_array_equal(np.asarray(array).reshape(SHAPE), VALUES)


def test_tifffile_reads_the_tags_of_imagej(tmp_path):
    tifffile = pytest.importorskip("tifffile", reason="an extra of femna")
    path = tmp_path / "a.tif"
    write_volume(volume(), path)
    with tifffile.TiffFile(path) as file:
        page, said = file.pages[0], file.imagej_metadata
        assert (file.is_imagej, file.is_bigtiff, file.series[0].axes, len(file.pages)) == (True, False, "ZYX", 6)
        assert (page.compression.name, page.predictor, page.dtype) == ("ADOBE_DEFLATE", 1, np.float32)
        x, y = (page.tags[name].value for name in ("XResolution", "YResolution"))
        np.testing.assert_allclose([x[1] / x[0], y[1] / y[0], said["spacing"]], np.array(SIZE) * 1e6, rtol=1e-5)
        origin = [-said[f"{axis}origin"] * size for axis, size in zip("xyz", SIZE, strict=True)]
        np.testing.assert_allclose(origin, ORIGIN, rtol=1e-6)
        assert said["unit"] == "um"
        np.testing.assert_array_equal(file.asarray(), VALUES)


def test_simpleitk_reads_millimetres_and_centres(tmp_path):
    sitk = pytest.importorskip("SimpleITK", reason="not among the packages of the tests")
    write_volume(volume(), tmp_path / "a.mhd")
    image = sitk.ReadImage(str(tmp_path / "a.mhd"))
    assert image.GetSize() == SHAPE[::-1]
    np.testing.assert_allclose(image.GetSpacing(), np.array(SIZE) * 1e3, rtol=1e-12)
    np.testing.assert_allclose(image.GetOrigin(), (np.array(ORIGIN) + 0.5 * np.array(SIZE)) * 1e3, rtol=1e-12)
    np.testing.assert_array_equal(sitk.GetArrayFromImage(image), VALUES)


def test_the_hdf5_of_beamlines_by_its_raw_arrays(tmp_path):
    write_volume(volume(), tmp_path / "a.h5")
    with h5py.File(tmp_path / "a.h5") as file:
        assert file["implements"][()] == b"exchange"
        group = file["exchange"]
        assert (group.attrs["NX_class"], group.attrs["signal"], list(group.attrs["axes"])) == (
            "NXdata",
            "data",
            list("zyx"),
        )
        np.testing.assert_array_equal(group["data"][...], VALUES)
        assert group["data"].attrs["units"] == "1/m"
        for axis, size, corner, number in zip("xyz", SIZE, ORIGIN, SHAPE[::-1], strict=True):
            np.testing.assert_allclose(group[axis][...], corner + size * (np.arange(number) + 0.5), rtol=1e-14)
            assert group[axis].attrs["units"] == "m"


@pytest.mark.parametrize("ending", [".vtkhdf", ".tif", ".mhd", ".h5"])
def test_one_voxel_thick_in_depth(tmp_path, ending):
    """What a two-dimensional run gives: (z, 1, x)."""
    needs_tifffile(ending)
    flat = Volume(np.arange(30, dtype=np.float32).reshape(6, 1, 5), SIZE, ORIGIN)
    write_volume(flat, tmp_path / f"a{ending}")
    found = read_volume(tmp_path / f"a{ending}")
    np.testing.assert_array_equal(found.values, flat.values)
    np.testing.assert_allclose(found.voxel_size, SIZE, rtol=1e-12)


def test_what_was_not_measured_is_masked(tmp_path):
    values = VALUES.astype(np.float32)
    mask = VALUES != 9
    write_volume(Volume(values, SIZE, mask=mask), tmp_path / "a.vtkhdf")
    found = read_volume(tmp_path / "a.vtkhdf")
    np.testing.assert_array_equal(found.mask, mask)
    with pytest.raises(BadInput, match="NaN"):
        write_volume(Volume(VALUES.astype(np.uint8), SIZE, mask=mask), tmp_path / "b.vtkhdf")


@pytest.mark.parametrize(
    ("ending", "shape", "dtype", "says"),
    [
        (".tif", (6, 2, 2), "float64", "cannot hold float64; allowed: float32, uint16, uint8"),
        (".tif", (4, 3, 3), "float32", "4 slices; allowed in a TIFF: 5 or more"),
        (".mhd", (6, 2, 2), "int64", "cannot hold int64"),
        (".txrm", (6, 2, 2), "uint8", "Zeiss"),
        (".abc", (6, 2, 2), "uint8", r"allowed: \.vtkhdf"),
    ],
)
def test_what_a_format_cannot_hold_is_refused_and_nothing_is_left(tmp_path, ending, shape, dtype, says):
    needs_tifffile(ending)
    with pytest.raises(BadInput, match=says):
        write_volume(Volume(np.zeros(shape, dtype=dtype), SIZE), tmp_path / f"a{ending}")
    assert list(tmp_path.iterdir()) == []
