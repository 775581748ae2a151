"""femna compare RUN VOLUME: a round trip, what is found again, and what is refused in one line."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from femna.cli import main
from femna.volumes import Volume, read_volume, write_volume

pytestmark = pytest.mark.serial


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up run in three dimensions, of one output."""
    from tests.unit.fake_run import FakeRun

    folder = tmp_path_factory.mktemp("made")
    made = FakeRun(folder, dim=3, cells=8, width=6.0, times=np.array([8.0]))
    made.store(folder / "run")
    return folder / "run"


@pytest.fixture(scope="module")
def tomogram(run: Path) -> Path:
    path = run.parent / "metal.vtkhdf"
    assert main(["tomogram", str(run), "--contrast", "metal", "--voxel", "0.5 um", "-o", str(path)]) == 0
    return path


def table(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "metrics.csv").open(encoding="utf-8") as file:
        return {row["metric"]: row for row in csv.DictReader(file)}


def test_a_run_and_its_own_tomogram(run: Path, tomogram: Path, tmp_path: Path, capsys) -> None:
    """Dice 1, and every metric the same to the last digit."""
    assert main(["compare", str(run), str(tomogram), "-o", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert "axes as stored; not moved (correlation 1.000)" in " ".join(said.split())
    rows = table(tmp_path / "out")
    assert float(rows["Dice"]["measured"]) == 1.0
    assert all(row["simulated"] == row["measured"] for row in rows.values())
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["metrics.csv", "metrics.json", "volumes.png"]


def test_a_tomogram_that_was_cut_mirrored_and_turned_is_found(
    run: Path, tomogram: Path, tmp_path: Path, capsys
) -> None:
    values = read_volume(tomogram).values
    part = values[2:, 1:, :][:, :, ::-1].transpose(1, 2, 0)
    write_volume(Volume(np.ascontiguousarray(part), (0.5e-6,) * 3), tmp_path / "part.mhd")
    assert main(["compare", str(run), str(tmp_path / "part.mhd"), "-o", str(tmp_path / "out")]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "stored axes x as z, z as y, y as x; mirrored along x; moved by y +0.5" in said
    assert ", z +1 µm (correlation 1.000)" in said
    assert float(table(tmp_path / "out")["Dice"]["measured"]) == 1.0


def test_labels_of_a_run(run: Path, tmp_path: Path) -> None:
    path = tmp_path / "labels.vtkhdf"
    assert main(["tomogram", str(run), "--contrast", "labels", "--voxel", "0.5 um", "-o", str(path)]) == 0
    assert main(["compare", str(run), str(path), "-o", str(tmp_path / "out"), "--as-stored"]) == 0
    dices = {name: float(row["measured"]) for name, row in table(tmp_path / "out").items() if "Dice" in name}
    assert len(dices) >= 4
    assert set(dices.values()) == {1.0}


def slices(folder: Path, value: int = 0) -> Path:
    folder.mkdir()
    for number in range(8):
        Image.fromarray(np.full((9, 10), value * number, dtype=np.uint8)).save(folder / f"slice{number}.png")
    return folder


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ([], "does not say how large its voxels are; give it: --voxel-size"),
        (["--voxel-size", "0.5 um", "--as-stored"], "measured volume: every value is 0: there is nothing to segment"),
        (["--voxel-size", "0.5 um", "--base", "3 V"], "--base "),
        (["--voxel-size", "half"], "--voxel-size "),
    ],
)
def test_what_is_wrong_with_a_volume_is_one_line(run: Path, tmp_path: Path, capsys, more, words) -> None:
    folder = slices(tmp_path / "slices")
    assert main(["compare", str(run), str(folder), "-o", str(tmp_path / "out"), *more]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_order_and_number_of_arguments(run: Path, tomogram: Path, tmp_path: Path, capsys) -> None:
    out = ["-o", str(tmp_path / "out")]
    for argv, words in (
        ([str(tomogram), str(run)], "is a run: the run comes first, then the volume"),
        ([str(run), str(run), str(tomogram)], "is a volume: it is compared with one run"),
        ([str(run), str(run), "--threshold", "otsu"], "--threshold: only for a run beside a volume"),
        ([str(run), str(run), "--as-stored"], "--as-stored: only for a run beside a volume"),
    ):
        assert main(["compare", *argv, *out]) == 2
        said = capsys.readouterr().err
        assert words in said
        assert said.count("\n") == 1
