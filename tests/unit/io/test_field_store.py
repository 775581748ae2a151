"""fields/NNNN.vtkhdf: what pyvista reads is what was stored."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest
import pyvista

from femna.errors import BadInput, CannotGoOn
from femna.io.field_store import FieldStore, check_output, list_outputs, mesh_of


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_pyvista_reads_what_was_stored(tmp_path: Path, make_mesh, dim: int) -> None:
    points, cells, layer = make_mesh(dim)
    values = np.random.default_rng(1).random((4, len(points)))
    arrays = {"xi": values[0], "c": values[1], "phi_l": values[2], "phi_s": values[3], "flux": values[:3].T}
    store = FieldStore(tmp_path, points, cells, layer)
    path = store.write(0, 3.25, arrays, {"conductivity": np.array([5.0, 6.0])})
    mesh = pyvista.read(path)
    assert path == tmp_path / "fields" / "0000.vtkhdf"
    np.testing.assert_array_equal(mesh.points[:, :dim], points)
    assert not mesh.points[:, dim:].any()
    np.testing.assert_array_equal(mesh.cell_connectivity.reshape(cells.shape), cells)
    assert set(mesh.celltypes) == {[pyvista.CellType.LINE, pyvista.CellType.TRIANGLE, pyvista.CellType.TETRA][dim - 1]}
    for name, array in arrays.items():
        np.testing.assert_array_equal(mesh.point_data[name], array)
    np.testing.assert_array_equal(mesh.cell_data["material"], layer)
    np.testing.assert_array_equal(mesh.cell_data["conductivity"], [5.0, 6.0])
    np.testing.assert_array_equal(mesh.field_data["TimeValue"], [3.25])


def test_folder_can_be_moved(tmp_path: Path, make_mesh) -> None:
    points, cells, layer = make_mesh(2)
    FieldStore(tmp_path / "a", points, cells, layer).write(0, 0.0, {"xi": points[:, 0]})
    shutil.move(tmp_path / "a", tmp_path / "b")
    mesh = pyvista.read(tmp_path / "b" / "fields" / "0000.vtkhdf")
    np.testing.assert_array_equal(mesh.point_data["xi"], points[:, 0])
    assert mesh.n_cells == len(cells)


def test_mesh_alone_opens(tmp_path: Path, make_mesh) -> None:
    FieldStore(tmp_path, *make_mesh(3))
    mesh = pyvista.read(tmp_path / "fields" / "mesh.vtkhdf")
    assert mesh.cell_data["material"].tolist() == [0, 2]


def test_outputs_and_series(tmp_path: Path, make_mesh) -> None:
    points, cells, layer = make_mesh(2)
    store = FieldStore(tmp_path, points, cells, layer)
    assert list_outputs(tmp_path) == []
    for index, time in enumerate([0.0, 0.5, 0.75]):
        store.write(index, time, {"xi": points[:, 0]})
    assert [(time, path.name) for time, path in list_outputs(tmp_path)] == [
        (0.0, "0000.vtkhdf"),
        (0.5, "0001.vtkhdf"),
        (0.75, "0002.vtkhdf"),
    ]
    series = json.loads((tmp_path / "fields" / "fields.vtkhdf.series").read_text())
    assert series["files"][2] == {"name": "0002.vtkhdf", "time": 0.75}


def test_stored_output_is_kept(tmp_path: Path, make_mesh) -> None:
    points, cells, layer = make_mesh(2)
    FieldStore(tmp_path, points, cells, layer).write(1, 2.0, {"xi": points[:, 0]})
    resumed = FieldStore(tmp_path, points, cells, layer)
    path = resumed.write(1, np.nextafter(2.0, 3.0), {"xi": points[:, 1]})
    np.testing.assert_array_equal(pyvista.read(path).point_data["xi"], points[:, 0])
    assert len(list_outputs(tmp_path)) == 1


def test_outputs_that_are_close_late_in_a_run_are_all_stored(tmp_path: Path, make_mesh) -> None:
    points, cells, layer = make_mesh(2)
    store = FieldStore(tmp_path, points, cells, layer)
    times = [2.592e6, 2.592e6 + 1e-6, 2.592e6 + 1e-3]
    for time in times:
        store.write(store.next_index(time), time, {"xi": points[:, 0]})
    assert [time for time, _ in list_outputs(tmp_path)] == times


def test_index_taken_by_another_time_moves_on(tmp_path: Path, make_mesh) -> None:
    points, cells, layer = make_mesh(2)
    store = FieldStore(tmp_path, points, cells, layer)
    for index, time in enumerate([0.0, 1.0, 1.5]):  # 1.5: the last state of an interrupted run
        store.write(index, time, {"xi": points[:, 0]})
    resumed = FieldStore(tmp_path, points, cells, layer)
    assert resumed.next_index(1.2) == 2
    assert resumed.write(2, 2.0, {"xi": points[:, 0]}).name == "0003.vtkhdf"
    assert [time for time, _ in list_outputs(tmp_path)] == [0.0, 1.0, 1.5, 2.0]


def test_array_of_wrong_size_is_refused(tmp_path: Path, make_mesh) -> None:
    store = FieldStore(tmp_path, *make_mesh(2))
    with pytest.raises(ValueError, match="field c has shape"):
        store.write(0, 0.0, {"c": np.zeros(3)})
    with pytest.raises(ValueError, match="field grain has shape"):
        store.write(0, 0.0, {}, {"grain": np.zeros(3)})
    assert list_outputs(tmp_path) == []


def test_another_mesh_is_refused_once_outputs_are_stored(tmp_path: Path, make_mesh) -> None:
    points, cells, layer = make_mesh(2)
    FieldStore(tmp_path, 2 * points, cells, layer)
    FieldStore(tmp_path, points, cells, layer).write(0, 0.0, {})
    with pytest.raises(BadInput, match="another mesh"):
        FieldStore(tmp_path, 2 * points, cells, layer)


def test_outputs_on_meshes_that_change(tmp_path: Path, make_mesh) -> None:
    """Each output opens on its own mesh; a mesh is stored once, also for a run that goes on."""
    points, cells, layer = make_mesh(2)
    store = FieldStore(tmp_path, points, cells, layer, changes=True)
    paths = [store.write(0, 0.0, {"xi": points[:, 0]})]
    store.change_mesh(2.0 * points[:-1], cells[:1], layer[:1])
    with pytest.raises(ValueError, match="field xi has shape"):
        store.write(1, 1.0, {"xi": points[:, 0]})
    paths.append(store.write(1, 1.0, {"xi": points[:-1, 1]}))
    resumed = FieldStore(tmp_path, 2.0 * points[:-1], cells[:1], layer[:1], changes=True)
    paths.append(resumed.write(2, 2.0, {"xi": points[:-1, 0]}))
    resumed.change_mesh(points, cells, layer)
    paths.append(resumed.write(3, 3.0, {"xi": points[:, 1]}))
    assert [mesh_of(path).name for path in paths] == ["mesh.vtkhdf", *["mesh-0001.vtkhdf"] * 2, "mesh.vtkhdf"]
    assert len(list((tmp_path / "fields").glob("mesh*.vtkhdf"))) == 2
    shown = [pyvista.read(path) for path in paths]
    assert [mesh.n_points for mesh in shown] == [len(points), *[len(points) - 1] * 2, len(points)]
    assert [mesh.n_cells for mesh in shown] == [len(cells), 1, 1, len(cells)]
    assert np.array_equal(shown[2].points[:, 0], 2.0 * points[:-1, 0])
    assert np.array_equal(shown[1]["xi"], points[:-1, 1])
    for path in paths:
        check_output(path, set())


def test_damaged_mesh_of_several_is_not_taken_for_another(tmp_path: Path, make_mesh) -> None:
    """Outputs that need it stay unreadable, rather than be shown on a mesh that is not theirs."""
    points, cells, layer = make_mesh(2)
    path = FieldStore(tmp_path, points, cells, layer, changes=True).write(0, 0.0, {"xi": points[:, 0]})
    mesh = tmp_path / "fields" / "mesh.vtkhdf"
    mesh.write_bytes(mesh.read_bytes()[:1000])
    later = FieldStore(tmp_path, 2.0 * points, cells, layer, changes=True).write(1, 1.0, {"xi": points[:, 0]})
    assert mesh_of(later).name == "mesh-0001.vtkhdf"
    check_output(later, set())
    with pytest.raises(BadInput, match=r"mesh\.vtkhdf: is damaged"):
        check_output(path, set())


def test_damaged_mesh_is_written_again(tmp_path: Path, make_mesh) -> None:
    points, cells, layer = make_mesh(2)
    path = FieldStore(tmp_path, points, cells, layer).write(0, 0.0, {"xi": points[:, 0]})
    mesh = tmp_path / "fields" / "mesh.vtkhdf"
    mesh.write_bytes(mesh.read_bytes()[:1000])
    FieldStore(tmp_path, points, cells, layer)
    assert pyvista.read(path).n_points == len(points)


def test_damaged_output_is_named(tmp_path: Path, make_mesh) -> None:
    path = FieldStore(tmp_path, *make_mesh(2)).write(0, 0.0, {})
    whole = path.read_bytes()
    for length in (0, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(BadInput, match=r"0000.vtkhdf: is damaged"):
            list_outputs(tmp_path)


def test_full_disk_leaves_no_half_output(tmp_path: Path, make_mesh, full_disk) -> None:
    points, cells, layer = make_mesh(2)
    store = FieldStore(tmp_path, points, cells, layer)
    store.write(0, 0.0, {"xi": points[:, 0]})
    full_disk()
    with pytest.raises(CannotGoOn, match=r"checksums.json: the disk is full"):
        store.write(1, 1.0, {"xi": points[:, 0]})
    assert [time for time, _ in list_outputs(tmp_path)] == [0.0]
    assert not list(tmp_path.glob("fields/*.part"))


def test_outputs_carry_their_version(tmp_path: Path, make_mesh) -> None:
    points, cells, layer = make_mesh(2)
    path = FieldStore(tmp_path, points, cells, layer).write(0, 0.0, {"xi": np.zeros(len(points))})
    with h5py.File(path, "r+") as file:
        assert file["VTKHDF"].attrs["FemnaFormat"] == 2
        file["VTKHDF"].attrs["FemnaFormat"] = 3
    with pytest.raises(BadInput, match=r"newer femna \(fields format 3; this one reads up to 2\)") as caught:
        list_outputs(tmp_path)
    assert "\n" not in str(caught.value)
    with h5py.File(path, "r+") as file:
        del file["VTKHDF"].attrs["FemnaFormat"]  # as 0.1.0 wrote it
    assert list_outputs(tmp_path) == [(0.0, path)]
