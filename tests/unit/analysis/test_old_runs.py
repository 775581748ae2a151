"""Run folders of other versions of femna: those of 0.1.0, and one that declares what this femna does not know."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import h5py
import numpy as np
import pytest

import femna
from femna.analysis.snapshot import snapshot
from femna.errors import BadInput
from femna.render import compare, render, scales

pytestmark = pytest.mark.serial  # one process draws

OLD = Path(__file__).parents[2] / "data" / "runs-0.1.0"
NEWER = "was written by a newer femna"


def unpacked(name: str, into: Path) -> Path:
    with tarfile.open(OLD / f"{name}.tar.xz") as archive:
        archive.extractall(into, filter="data")
    return into / name


@pytest.mark.parametrize(
    ("name", "steps", "fields"), [("run-one", 32, ["xi", "c", "phi"]), ("run-two", 13, ["xi", "c", "phi_l", "phi_s"])]
)
def test_a_run_of_0_1_0_opens(name: str, steps: int, fields: list[str], tmp_path: Path) -> None:
    run = femna.open_run(unpacked(name, tmp_path))
    summary, promised = run.summary(), json.loads((OLD / f"{name}.json").read_text())
    promised.pop("cycles", None)
    assert [key for key in summary if key in promised] == list(promised)
    assert (summary["status"], summary["steps"]) == ("interrupted", steps)
    assert summary["time_s"] == run.history["Time [s]"][-1] == run.times[-1]
    assert summary["contact_fraction"] == (None if name == "run-one" else pytest.approx(1.0))
    assert summary["disconnected_metal_m"] == 0.0
    assert [column.name for column in run.columns] == list(run.history)
    assert all(column.meaning for column in run.columns)
    assert list(run.field_table) == fields
    snap = snapshot(run)
    assert scales.shown_keys(run.case, snap) == [*fields, "field"]
    assert snap.declaration("c").shown_unit == "mol/L"
    assert render(run.directory) == [run.directory / "figures" / f for f in ("profiles.png", "history.png")] + (
        [run.directory / "figures" / "cycles.png"] if name == "run-two" else []
    )


def test_an_old_run_is_compared(tmp_path: Path) -> None:
    runs = [unpacked(name, tmp_path) for name in ("run-one", "run-two")]
    assert compare(runs, tmp_path / "out").exists()


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A run with a column and two fields of a femna that has more, and without a column that this one draws."""
    folder = unpacked("run-two", tmp_path)
    lines = (folder / "history.csv").read_text().splitlines()
    gone = lines[0].split(",").index("Mean height [m]")
    rows = [line.split(",") for line in lines]
    rows = [[*row[:gone], *row[gone + 1 :], "Stress [Pa]" if k == 0 else f"{k}.5"] for k, row in enumerate(rows)]
    (folder / "history.csv").write_text("".join(",".join(row) + "\n" for row in rows))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest.pop("crc32", None)
    manifest["formats"] = {"manifest": 2, "history": 2, "fields": 2, "checkpoint": 2}
    manifest["columns"] = [
        {"name": "Cell voltage [V]", "meaning": "of the cell", "summary_key": "cell_voltage_V"},
        {"name": "Stress [Pa]", "meaning": "of the layer", "summary_key": "stress_Pa", "colour": "red"},
    ]
    stress = {"key": "stress", "label": "Stress", "symbol": "", "unit": "Pa", "shown_unit": "MPa", "shown_scale": 1e-6}
    manifest["fields"] = [stress | {"colour_map": "magma", "limits": [0.0, 3.0], "domain": "everywhere"}]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    for path in (folder / "fields").glob("0*.vtkhdf"):
        with h5py.File(path, "r+") as file:
            points = file["VTKHDF/PointData"]
            size = points["xi"].shape[0]
            points.create_dataset("stress", data=np.linspace(0.0, 2e6, size))
            points.create_dataset("shift", data=np.tile([3.0, 4.0], (size, 1)))
    return folder


def test_what_a_run_declares_is_enough_to_show_it(foreign: Path) -> None:
    run = femna.open_run(foreign)
    summary = run.summary()
    assert summary["stress_Pa"] == 14.5
    assert [key for key in summary if key != "protocol_steps"][-1] == "stress_Pa"
    assert summary["height_mean_m"] is summary["height_initial_m"] is summary["deposit_thickness_m"] is None
    assert summary["cell_voltage_V"] == run.history["Cell voltage [V]"][-1]
    snap = snapshot(run)
    assert scales.shown_keys(run.case, snap)[0] == "stress"
    assert set(scales.shown_keys(run.case, snap)) == {"stress", "shift", "xi", "c", "phi_l", "phi_s", "field"}
    assert scales.data(snap, "stress")[-1] == pytest.approx(2.0)
    assert (scales.data(snap, "shift") == 5.0).all()  # a vector is shown by its magnitude
    scale = scales.common_scale([snap], "stress")
    assert (scale.vmin, scale.vmax) == (0.0, 3.0)
    assert "Mean height [m]" not in run.history
    assert [path.name for path in render(foreign)] == ["profiles.png", "history.png", "cycles.png"]
    compare([foreign, foreign], foreign / "out")


@pytest.mark.parametrize("name", ["manifest", "history"])
def test_files_of_a_newer_femna_are_refused_in_one_line(name: str, foreign: Path) -> None:
    manifest = json.loads((foreign / "manifest.json").read_text())
    manifest.pop("crc32", None)
    manifest["formats"][name] = 3
    (foreign / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BadInput, match=rf"{NEWER} \({name} format 3; this one reads up to 2\)") as caught:
        _ = femna.open_run(foreign).history
    assert "\n" not in str(caught.value)


def test_a_newer_checkpoint_does_not_keep_a_run_from_being_shown(foreign: Path) -> None:
    manifest = json.loads((foreign / "manifest.json").read_text())
    manifest.pop("crc32", None)
    manifest["formats"]["checkpoint"] = 3
    (foreign / "manifest.json").write_text(json.dumps(manifest))
    assert femna.open_run(foreign).summary()["steps"] == 13
