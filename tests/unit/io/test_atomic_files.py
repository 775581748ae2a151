"""Files that are either whole or absent."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

from femna.errors import CannotGoOn
from femna.io.atomic_files import hdf5_image, write_whole
from femna.io.checkpoint import load_newest
from femna.io.field_store import list_outputs
from femna.io.history_table import read_history
from femna.io.manifest import read_manifest
from femna.io.version_1 import COLUMNS

WRITER = """
import sys
import numpy as np
from femna.io.checkpoint import save
from femna.io.field_store import FieldStore
from femna.io.history import History
from femna.io.manifest import Manifest
from femna.io.stored_mesh import save_mesh
from femna.io.version_1 import COLUMNS

directory = sys.argv[1]
points, cells, layer = np.random.rand(5000, 2), np.arange(15000).reshape(5000, 3) % 5000, np.zeros(5000, "i4")
manifest = Manifest(directory)
manifest.start(case="loop", model="single_potential", ranks=1, command=["loop"])
save_mesh(directory, points, cells, layer)
store = FieldStore(directory, points, cells, layer)
history = History(directory + "/history.csv", COLUMNS)
step = 0
while True:
    history.append(dict.fromkeys((column.name for column in COLUMNS), 1 / 3) | {"Step [-]": step})
    save(directory, step, {"xi": np.full(50000, float(step))}, {"step": step})
    store.write(step, float(step), {"xi": np.full(5000, float(step))})
    manifest.update(steps=step)
    if step == 0:
        print("going", flush=True)
    step += 1
"""


def test_content_replaces_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file"
    write_whole(path, b"first")
    write_whole(path, b"second")
    assert path.read_bytes() == b"second"
    assert [p.name for p in path.parent.iterdir()] == ["file"]


def test_full_disk_leaves_the_old_file_and_no_other(tmp_path: Path, full_disk) -> None:
    path = tmp_path / "file"
    write_whole(path, b"first")
    full_disk()
    with pytest.raises(CannotGoOn, match="disk is full"):
        write_whole(path, b"second")
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


def test_device_that_is_full(tmp_path: Path, dev_full) -> None:
    dev_full(tmp_path / "file.part")
    with pytest.raises(CannotGoOn, match="file: the disk is full") as caught:
        write_whole(tmp_path / "file", b"content")
    assert caught.value.exit_code == 3
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [errno.EDQUOT, errno.EROFS])
def test_other_troubles_are_told_in_one_line(tmp_path: Path, monkeypatch, number: int) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(CannotGoOn) as caught:
        write_whole(tmp_path / "file", b"content")
    assert os.strerror(number) in str(caught.value)
    assert ("disk is full" in str(caught.value)) == (number == errno.EDQUOT)


def test_hdf5_image_opens_behind_its_user_block(tmp_path: Path) -> None:
    image = hdf5_image(lambda file: file.create_dataset("x", data=np.arange(4.0)), user_block=512)
    image.write(b"hello")
    write_whole(tmp_path / "file.h5", image)
    assert (tmp_path / "file.h5").read_bytes().startswith(b"hello")
    with h5py.File(tmp_path / "file.h5") as file:
        np.testing.assert_array_equal(file["x"], np.arange(4.0))


@pytest.mark.serial
@pytest.mark.parametrize("delay", [0.0, 0.013, 0.037])
def test_killed_run_can_be_read(tmp_path: Path, delay: float) -> None:
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    with writer.stdout:
        assert writer.stdout.readline() == b"going\n"
        time.sleep(delay)
        writer.kill()
    writer.wait()
    checkpoint = load_newest(tmp_path)
    assert checkpoint.passed_over == ()
    np.testing.assert_array_equal(checkpoint.arrays["xi"], np.full(50000, float(checkpoint.step)))
    history = read_history(tmp_path / "history.csv")
    assert history["Step [-]"][-1] - checkpoint.step in (0, 1)
    np.testing.assert_array_equal(history[COLUMNS[-1].name], 1 / 3)
    times = [moment for moment, _ in list_outputs(tmp_path)]
    assert times == list(range(len(times)))
    assert read_manifest(tmp_path)["status"] == "running"
