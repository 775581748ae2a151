"""A run seen through its folder, at every stage of its life."""

from __future__ import annotations

import json
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest

from femna.analysis import open_run
from femna.errors import BadInput
from femna.io import field_store
from femna.io.field_store import FieldStore
from femna.io.history import History
from femna.io.manifest import Manifest
from femna.io.version_1 import COLUMNS, TWO_POTENTIAL_COLUMNS

KEYS = [
    *("status", "case", "model", "ranks", "steps", "rejected_steps", "time_s", "wall_s", "peak_memory_MB", "nodes"),
    *("deposit_thickness_m", "height_max_m", "height_mean_m", "height_initial_m", "roughness_sq_m"),
    *("front_length_ratio", "current_density_A_m2", "cell_voltage_V", "charge_C_m2", "concentration_min_mol_m3"),
    *("concentration_max_mol_m3", "sodium_balance_error", "charge_balance_error", "top_fraction", "contact_fraction"),
    *("disconnected_metal_m", "tip_speed_m_s", "tip_radius_m", "tip_radius_over_l", "front_tips", "front_branchings"),
    *("short_circuit_time_s", "short_circuit_charge_C_m2"),
    *("counter_exhausted_time_s", "counter_exhausted_charge_C_m2"),
    *("anode_exhausted_time_s", "anode_exhausted_charge_C_m2"),
    *("front_growth_ratio", "time_to_short_s", "charge_to_short_C_m2"),
    *("limiting_current_A_m2", "limiting_current_share", "sand_time_s", "metal_share"),
    *("fastest_wavelength_m", "fastest_growth_rate_1_s", "neutral_wavelength_m", "longest_wavelength_m"),
    "protocol_steps",
]
POINTS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])


def row(step: int, **values: float) -> dict[str, float]:
    base = {column.name: step + k / 10 for k, column in enumerate(COLUMNS)}
    base |= {"Step [-]": step, "Time [s]": 10.0 * step, "Nodes [-]": 50, "Wall time [s]": 2.0 * step}
    return base | values


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    """A run of three steps that is still going on."""
    manifest = Manifest(tmp_path)
    manifest.start(case="planar", model="single_potential", ranks=2, command=["femna"], rejected_steps=0)
    manifest.declare([], COLUMNS)
    store = FieldStore(tmp_path, POINTS, np.array([[0, 1, 2]]), np.array([0]))
    with History(tmp_path / "history.csv", COLUMNS) as history:
        for step, lowest in enumerate([1000.0, 400.0, 700.0, np.nan]):
            values = {"Minimum concentration [mol.m-3]": lowest, "Mean height [m]": 1e-5 + step * 1e-6}
            history.append(row(step, **values))
            store.write(step, 10.0 * step, {"xi": np.full(3, float(step))})
    manifest.update(rejected_steps=4, peak_memory_MB=[100.0, 50.5], nodes=50)
    return manifest


def test_summary_of_a_running_run(tmp_path: Path, manifest: Manifest) -> None:
    summary = open_run(tmp_path).summary()
    assert list(summary) == KEYS
    assert {
        "status": "running",
        "case": "planar",
        "model": "single_potential",
        "ranks": 2,
        "steps": 3,
    }.items() <= summary.items()
    assert (summary["rejected_steps"], summary["nodes"], summary["peak_memory_MB"]) == (4, 50, 150.5)
    assert (summary["time_s"], summary["wall_s"]) == (30.0, 6.0)
    assert summary["height_initial_m"] == 1e-5
    assert summary["height_mean_m"] == pytest.approx(1.3e-5)
    assert summary["concentration_min_mol_m3"] == 400.0
    assert summary["concentration_max_mol_m3"] == row(3)["Maximum concentration [mol.m-3]"]
    assert summary["charge_balance_error"] == row(3)["Charge balance error [-]"]
    assert summary["top_fraction"] is None
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary


@pytest.mark.parametrize("status", ["finished", "interrupted", "failed"])
def test_summary_of_an_ended_run(tmp_path: Path, manifest: Manifest, status) -> None:
    manifest.finish(status, rejected_steps=5)
    summary = open_run(tmp_path).summary()
    assert (summary["status"], summary["rejected_steps"], summary["steps"]) == (status, 5, 3)


def test_wall_time_of_a_finished_run_is_the_manifests(tmp_path: Path, manifest: Manifest) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"wall_s": 77.5, "crc32": 0}).replace(', "crc32": 0', ""))
    assert open_run(tmp_path).summary()["wall_s"] == 77.5


def test_torn_row_does_not_disturb(tmp_path: Path, manifest: Manifest) -> None:
    with open(tmp_path / "history.csv", "ab") as file:
        file.write(b"4,40.0,1")
    assert open_run(tmp_path).summary()["steps"] == 3


def test_run_before_its_first_row(tmp_path: Path) -> None:
    Manifest(tmp_path).start(case="planar", model="two_potential", ranks=1, command=[])
    run = open_run(tmp_path)
    summary = run.summary()
    assert list(summary) == KEYS
    assert (summary["steps"], summary["time_s"], summary["concentration_min_mol_m3"]) == (0, None, None)
    assert run.times.size == 0
    with pytest.raises(BadInput, match="no fields are stored"):
        run.fields(1.0)


def test_top_fraction_of_two_potential(tmp_path: Path) -> None:
    columns = (*COLUMNS, TWO_POTENTIAL_COLUMNS[0])
    made = Manifest(tmp_path)
    made.start(case="mci-top", model="two_potential", ranks=1, command=[])
    made.declare([], columns)
    with History(tmp_path / "history.csv", columns) as history:
        history.append(row(0, **{"Top fraction [-]": float("nan")}))
        assert open_run(tmp_path).summary()["top_fraction"] is None
        history.append(row(1, **{"Top fraction [-]": 0.75}))
    assert open_run(tmp_path).summary()["top_fraction"] == 0.75


def test_summary_of_a_cycled_cell_that_short_circuits(tmp_path: Path) -> None:
    made = Manifest(tmp_path)
    made.start(case="cell", model="two_potential", ranks=1, command=[])
    made.declare([], COLUMNS)
    with History(tmp_path / "history.csv", COLUMNS) as history:
        for step, charge in enumerate([0.0, 100.0, 200.0, 50.0, 250.0]):
            current = 0.0 if step == 0 else (-15.0 if charge == 50.0 else 10.0)
            history.append(row(step, **{"Charge density [C.m-2]": charge, "Current density [A.m-2]": current}))
    made.finish("finished", short_circuit_time_s=40.0, short_circuit_charge_C_m2=250.0)
    summary = open_run(tmp_path).summary()
    assert list(summary) == [*KEYS[:-1], "cycles", "protocol_steps"]
    assert (summary["short_circuit_time_s"], summary["short_circuit_charge_C_m2"]) == (40.0, 250.0)
    assert summary["counter_exhausted_time_s"] is None
    assert summary["disconnected_metal_m"] is None  # no fields are stored
    assert [(c["plated_C_m2"], c["coulombic_efficiency"]) for c in summary["cycles"]] == [(200.0, 0.75), (200.0, None)]
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary


def test_disconnected_metal_of_the_last_output(fake: type, tmp_path: Path) -> None:
    fake(tmp_path / "made", cells=24).store(tmp_path / "run")
    assert open_run(tmp_path / "run").summary()["disconnected_metal_m"] == 0.0


@pytest.mark.parametrize(
    ("time", "stored"),
    [(0.0, 0), (9.999, 0), (10.0, 1), (10.0 - 1e-9, 1), (25.0, 2), (1e9, 3), (None, 3), ("25 s", 2), ("1e1", 1)],
)
def test_fields_at_or_before_a_time(tmp_path: Path, manifest: Manifest, time: float | str | None, stored: int) -> None:
    run = open_run(tmp_path)
    np.testing.assert_array_equal(run.times, [0, 10, 20, 30])
    mesh = run.fields(time)
    np.testing.assert_array_equal(mesh.point_data["xi"], np.full(3, float(stored)))
    assert mesh.field_data["TimeValue"][0] == 10.0 * stored


@pytest.mark.parametrize(("beyond", "stored"), [(0.0, 4), (0.3e-3, 4), (0.7e-3, 5), (1e-3, 5)])
def test_fields_a_millisecond_apart_after_a_month(
    tmp_path: Path, manifest: Manifest, beyond: float, stored: int
) -> None:
    """Digits that somebody leaves out of a time never reach over half of the way to the next output."""
    store, late = FieldStore(tmp_path, POINTS, np.array([[0, 1, 2]]), np.array([0])), 30 * 86400.0
    for index, time in ((4, late), (5, late + 1e-3)):
        store.write(index, time, {"xi": np.full(3, float(index))})
    mesh = open_run(tmp_path).fields(late + beyond)
    np.testing.assert_array_equal(mesh.point_data["xi"], np.full(3, float(stored)))


def test_fields_before_the_first(tmp_path: Path, manifest: Manifest) -> None:
    with pytest.raises(BadInput, match="at or before -1 s; the first are at 0 s"):
        open_run(tmp_path).fields(-1.0)


def test_fields_at_what_is_no_time(tmp_path: Path, manifest: Manifest) -> None:
    with pytest.raises(BadInput, match=r"time is '3 m' .*allowed: a quantity in s"):
        open_run(tmp_path).fields("3 m")


def test_fields_without_their_mesh(tmp_path: Path, manifest: Manifest) -> None:
    (tmp_path / "fields" / "mesh.vtkhdf").unlink()
    with pytest.raises(BadInput, match=r"mesh.vtkhdf: is missing or damaged"):
        open_run(tmp_path).fields(0.0)


def test_files_of_fields_are_read_for_their_checksum_once_an_open_run(
    tmp_path: Path, manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mesh with the first output, then each output by itself; a file that has changed since, again."""
    run, read = open_run(tmp_path), list[int]()
    crc32 = zlib.crc32
    monkeypatch.setattr(field_store.zlib, "crc32", lambda data: read.append(len(data)) or crc32(data))
    mesh = tmp_path / "fields" / "mesh.vtkhdf"
    sizes = [path.stat().st_size for path in sorted((tmp_path / "fields").glob("0*.vtkhdf"))]
    for time in (0.0, 10.0, 0.0, 20.0):
        run.fields(time)
    expected = [sizes[0], mesh.stat().st_size, sizes[1], sizes[2]]
    assert [size for size in read if size in expected] == expected  # the manifest has a checksum of its own
    content = bytearray(mesh.read_bytes())
    content[-1] ^= 1
    mesh.write_bytes(content)
    with pytest.raises(BadInput, match=r"mesh.vtkhdf: is damaged \(its checksum is wrong\)"):
        run.fields(0.0)


@pytest.mark.parametrize("name", ["", "nowhere"])
def test_folder_that_is_no_run(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput) as caught:
        open_run(tmp_path / name)
    assert len(str(caught.value).splitlines()) == 1


def test_case_that_is_missing(tmp_path: Path, manifest: Manifest) -> None:
    with pytest.raises(BadInput, match=r"case.toml: cannot be read"):
        _ = open_run(tmp_path).case


@pytest.mark.serial
def test_neither_petsc_nor_mpi_is_imported() -> None:
    code = "import sys, femna.analysis, femna.io.progress, femna.io.run_folder;"
    code += "sys.exit(any(name in sys.modules for name in ('petsc4py', 'mpi4py', 'dolfinx', 'pyvista', 'gmsh')))"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
