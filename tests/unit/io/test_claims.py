"""Files from strangers: what they claim is asked before memory is taken, and no link leads out of the folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from femna.errors import BadInput
from femna.io import field_store
from femna.io.claims import FalseClaim, check_claims
from femna.io.sealed_file import Unusable, seal, unseal
from femna.surfaces.height_files.height_field import UnreadableHeights
from femna.surfaces.height_files.reader import read_heights

Fill = Callable[[h5py.File], None]


@pytest.fixture
def checked(tmp_path: Path) -> Callable[[Fill], None]:
    """Write a file and check what it claims."""

    def check(fill: Fill) -> None:
        path = tmp_path / "file.h5"
        with h5py.File(path, "w") as file:
            fill(file)
        with h5py.File(path, "r") as file:
            check_claims(file, ("mesh.vtkhdf",))

    return check


def test_what_is_stored_may_be_claimed(checked: Callable[[Fill], None]) -> None:
    def honest(file: h5py.File) -> None:
        file["a"] = np.zeros(4_000_000)
        file.create_dataset("deep/b", data=np.zeros(4_000_000), compression="gzip", compression_opts=9)
        file["c"] = h5py.ExternalLink("mesh.vtkhdf", "/VTKHDF/Points")

    checked(honest)


@pytest.mark.parametrize(
    ("name", "fill"),
    [
        ("100 GB", lambda file: file.create_dataset("a", shape=(12_500_000_000,), dtype="f8", chunks=(1000,))),
        (
            "12.8 GB",
            lambda file: file.create_dataset("g/a", (1_600_000_000,), "f8", chunks=(10,), fillvalue=1),
        ),
        ("/etc/other.h5", lambda file: file.__setitem__("a", h5py.ExternalLink("/etc/other.h5", "/x"))),
        ("../mesh.vtkhdf", lambda file: file.__setitem__("a", h5py.ExternalLink("../mesh.vtkhdf", "/x"))),
        ("in place of 'a'", lambda file: file.__setitem__("a", h5py.SoftLink("/b"))),
        ("another file", lambda file: file.create_dataset("a", (4,), "f8", external=[("/tmp/x.raw", 0, 32)])),
    ],
)
def test_what_is_not_stored_may_not(name: str, fill: Fill, checked: Callable[[Fill], None]) -> None:
    with pytest.raises(FalseClaim, match=name):
        checked(fill)


def test_outputs_and_checkpoints_are_asked(tmp_path: Path) -> None:
    points, cells = np.array([[0.0], [1.0]]), np.array([[0, 1]])
    store = field_store.FieldStore(tmp_path, points, cells, np.array([0]))
    path = store.write(0, 0.0, {"xi": np.zeros(2)})
    checked: set[field_store.FileStamp] = set()
    field_store.check_output(path, checked)
    with h5py.File(path, "r+") as file:
        file["VTKHDF/PointData"].create_dataset("c", shape=(10**11,), dtype="f8", chunks=(100,))
    with pytest.raises(BadInput, match=r"is damaged \(its checksum is wrong\)"):
        field_store.check_output(path, checked)
    path.with_name(field_store.CHECKSUMS_FILE).unlink()  # of a stranger's folder, who made the file so
    with pytest.raises(BadInput, match=r"states 800 GB .* it was not written by femna"):
        field_store.check_output(path, checked)
    sealed = tmp_path / "one.h5"
    seal(
        sealed, "mesh", "m", lambda file: file.create_dataset("a", shape=(10**11,), dtype="f8", chunks=(100,)) and None
    )
    with pytest.raises(Unusable, match="states 800 GB"):
        unseal(sealed, "mesh")


def test_a_header_of_an_array_that_claims_more_than_the_file_holds(tmp_path: Path) -> None:
    path = tmp_path / "heights.npy"
    np.save(path, np.zeros((100, 125)))
    data = path.read_bytes()
    path.write_bytes(data.replace(b"(100, 125), }  ", b"(10000, 12500)}", 1)[:500])
    with pytest.raises(UnreadableHeights):
        read_heights(path, 2)


def test_a_pickle_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "heights.npy"
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(UnreadableHeights, match="is no array of numbers"):
        read_heights(path, 2)


def test_a_file_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "heights.txt"
    with open(path, "wb") as file:
        file.truncate(2_000_000_000)  # takes no room on the disk
    with pytest.raises(UnreadableHeights, match="has 2 GB"):
        read_heights(path, 2)
