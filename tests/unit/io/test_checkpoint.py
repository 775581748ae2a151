"""Checkpoints: exact, checked, and the older one when the newest is damaged."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from femna.errors import BadInput, CannotGoOn
from femna.io.checkpoint import load_newest, save
from femna.io.mesh_digest import mesh_digest
from femna.io.stored_mesh import load_mesh, save_mesh

ARRAYS = {"xi": np.linspace(0, 1, 11) ** 3, "layer": np.arange(6, dtype="i4").reshape(2, 3), "none": np.empty((0, 2))}
SCALARS = {"time": 0.1, "dt": np.float64(1 / 3), "step": np.int64(7), "wait": float("inf"), "until": [1, None, "rest"]}


@pytest.fixture
def run(tmp_path: Path, make_mesh) -> Path:
    """A run folder with the checkpoints of steps 10 and 20."""
    save_mesh(tmp_path, *make_mesh(2))
    for step in (10, 20):
        save(tmp_path, step, ARRAYS, SCALARS)
    return tmp_path


def newest(run: Path) -> Path:
    return run / "checkpoint" / "000020.h5"


def test_state_comes_back_exactly(run: Path) -> None:
    checkpoint = load_newest(run)
    assert (checkpoint.step, checkpoint.path, checkpoint.passed_over) == (20, newest(run), ())
    assert checkpoint.scalars == SCALARS
    assert set(checkpoint.arrays) == set(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(checkpoint.arrays[name], array, strict=True)


def test_random_generator_can_be_kept(run: Path) -> None:
    generator = np.random.default_rng(5)
    save(run, 30, {}, {"random": generator.bit_generator.state})
    restored = np.random.default_rng()
    restored.bit_generator.state = load_newest(run).scalars["random"]
    assert restored.random() == generator.random()


def test_scalar_that_json_cannot_hold_is_refused(run: Path) -> None:
    with pytest.raises(TypeError, match="cannot hold"):
        save(run, 30, {}, {"object": object()})
    assert load_newest(run).step == 20


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_mesh_comes_back_exactly(tmp_path: Path, make_mesh, dim: int) -> None:
    points, cells, layer = make_mesh(dim)
    digest = save_mesh(tmp_path, points, cells, layer)
    mesh = load_mesh(tmp_path)
    np.testing.assert_array_equal(mesh.points, points, strict=True)
    np.testing.assert_array_equal(mesh.cells, cells, strict=True)
    np.testing.assert_array_equal(mesh.layer, layer, strict=True)
    assert mesh.digest == digest == mesh_digest(points, cells, layer)


def test_every_dataset_has_a_checksum(run: Path) -> None:
    with h5py.File(newest(run)) as file:
        assert file["scalars"].fletcher32
        assert all(data.fletcher32 for data in file["arrays"].values())
    with h5py.File(run / "checkpoint" / "mesh.h5") as file:
        assert all(data.fletcher32 for data in file.values())


def test_last_two_are_kept(run: Path) -> None:
    torn = run / "checkpoint" / "000025.h5.part"
    torn.write_bytes(b"left by a crash")
    save(run, 1_000_000, ARRAYS, SCALARS)
    assert sorted(path.name for path in (run / "checkpoint").iterdir()) == ["000020.h5", "1000000.h5", "mesh.h5"]
    assert load_newest(run).step == 1_000_000


def test_truncated_anywhere(run: Path) -> None:
    whole = newest(run).read_bytes()
    for length in (0, 1, 300, 511, 512, 513, 4000, len(whole) - 1):
        newest(run).write_bytes(whole[:length])
        checkpoint = load_newest(run)
        assert checkpoint.step == 10
        assert len(checkpoint.passed_over) == 1
        assert "000020.h5 is damaged" in checkpoint.passed_over[0]


def test_any_flipped_bit(run: Path) -> None:
    whole = newest(run).read_bytes()
    header = len(whole[:512].rstrip())
    positions = np.random.default_rng(3).integers(512, len(whole), 60).tolist() + list(range(0, header, 3))
    for position in positions:
        flipped = bytearray(whole)
        flipped[position] ^= 1 << position % 8
        newest(run).write_bytes(flipped)
        checkpoint = load_newest(run)
        assert checkpoint.step == 10, f"byte {position}"
        assert len(checkpoint.passed_over) == 1


def test_checkpoint_of_another_mesh_is_passed_over(run: Path, tmp_path_factory, make_mesh) -> None:
    other = tmp_path_factory.mktemp("other")
    save_mesh(other, *make_mesh(3))
    newest(run).write_bytes(save(other, 20, ARRAYS, SCALARS).read_bytes())
    checkpoint = load_newest(run)
    assert checkpoint.step == 10
    assert checkpoint.passed_over == ("000020.h5 belongs to another mesh",)


def test_file_of_something_else_is_passed_over(run: Path) -> None:
    for content in (b"text", json.dumps({"a": 1}).encode(), (run / "checkpoint" / "mesh.h5").read_bytes()):
        newest(run).write_bytes(content)
        assert load_newest(run).step == 10


def test_missing_newest(run: Path) -> None:
    newest(run).unlink()
    assert load_newest(run).step == 10


def test_none_intact_is_told_in_one_line(run: Path) -> None:
    for path in run.glob("checkpoint/0*.h5"):
        path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(CannotGoOn) as caught:
        load_newest(run)
    line, advice = str(caught.value).splitlines()
    assert "000010.h5 is damaged" in line
    assert "000020.h5 is damaged" in line
    assert advice.startswith("try:")


def test_none_at_all(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no checkpoint to resume from"):
        load_newest(tmp_path)


def test_damaged_newest_does_not_push_out_the_good_ones(run: Path) -> None:
    newest(run).write_bytes(b"damaged")
    save(run, 15, ARRAYS, SCALARS)
    save(run, 17, ARRAYS, SCALARS)
    assert sorted(path.name for path in run.glob("checkpoint/0*.h5")) == ["000015.h5", "000017.h5"]


def test_mesh_missing_or_damaged(run: Path, make_mesh) -> None:
    mesh = run / "checkpoint" / "mesh.h5"
    whole = bytearray(mesh.read_bytes())
    whole[-9] ^= 4
    mesh.write_bytes(whole)
    with pytest.raises(CannotGoOn, match=r"mesh.h5: the mesh of the run is damaged"):
        load_mesh(run)
    save_mesh(run, *make_mesh(2))
    assert load_mesh(run).cells.shape == (2, 3)
    mesh.unlink()
    for read in (load_mesh, load_newest):
        with pytest.raises(CannotGoOn, match=r"mesh.h5: the mesh of the run is missing"):
            read(run)
    with pytest.raises(CannotGoOn, match="is missing"):
        save(run, 30, ARRAYS, SCALARS)


def test_mesh_of_another_run_is_not_overwritten(run: Path, make_mesh) -> None:
    with pytest.raises(BadInput, match="mesh of another run"):
        save_mesh(run, *make_mesh(3))
    assert load_mesh(run).points.shape[1] == 2


def test_digest_sees_order_and_shape(make_mesh) -> None:
    points, cells, layer = make_mesh(2)
    digests = {
        mesh_digest(points, cells, layer),
        mesh_digest(points[::-1], cells, layer),
        mesh_digest(points.reshape(2, -1), cells, layer),
        mesh_digest(points, cells[:, [1, 2, 0]], layer),
        mesh_digest(points, cells, layer + 1),
    }
    assert len(digests) == 5
    assert mesh_digest(np.asfortranarray(points), cells.astype("i4"), layer.astype("i8")) in digests


def test_full_disk_keeps_the_older_ones(run: Path, full_disk) -> None:
    full_disk()
    with pytest.raises(CannotGoOn, match=r"000030.h5: the disk is full"):
        save(run, 30, ARRAYS, SCALARS)
    assert sorted(path.name for path in run.glob("checkpoint/*")) == ["000010.h5", "000020.h5", "mesh.h5"]
    assert load_newest(run).step == 20


def reseal(path: Path, version: int | None) -> None:
    """Give a file another version, with a checksum that fits."""
    content = path.read_bytes()
    header = json.loads(content[:512])
    header.pop("format")
    stated = f"{header['femna']} {version} {header['mesh']}\n".encode() if version is not None else b""
    header["sha256"] = hashlib.sha256(stated + content[512:]).hexdigest()
    header |= {} if version is None else {"format": version}
    path.write_bytes(json.dumps(header).encode().ljust(511) + b"\n" + content[512:])


def test_the_version_stands_in_the_header(run: Path) -> None:
    for path in run.glob("checkpoint/*.h5"):
        assert json.loads(path.read_bytes()[:512])["format"] == 2


def test_a_newer_checkpoint_is_refused_in_one_line(run: Path) -> None:
    """It is not passed over: what came after the older one would be lost without a word."""
    reseal(newest(run), 3)
    with pytest.raises(BadInput) as caught:
        load_newest(run)
    assert str(caught.value) == (
        f"{newest(run)}: was written by a newer femna (checkpoint format 3; this one reads up to 2)"
    )


def test_a_checkpoint_of_version_1(run: Path) -> None:
    """Without a version in its header; what 0.1.0 called otherwise has its present name."""
    arrays = {"phi_l0": np.zeros(3), "growth0": np.arange(3.0), "growth12": np.ones(3), "growthless0": np.ones(2)}
    reseal(save(run, 30, arrays, {"time": 0.5, "layout": ["growth"]}), None)
    checkpoint = load_newest(run)
    assert set(checkpoint.arrays) == {"phi_l0", "deposition_rate0", "deposition_rate12", "growthless0"}
    np.testing.assert_array_equal(checkpoint.arrays["deposition_rate0"], arrays["growth0"])
    assert checkpoint.scalars == {"time": 0.5}
    content = bytearray((run / "checkpoint" / "000030.h5").read_bytes())
    content[-20] ^= 1
    (run / "checkpoint" / "000030.h5").write_bytes(content)
    assert load_newest(run).step == 20
