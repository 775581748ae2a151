"""history.csv: what is written, what survives a crash, what a resume does to it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from femna.errors import BadInput, CannotGoOn
from femna.io.history import COLUMNS, SUPERSEDED_FILE, History, read_history


@pytest.fixture
def path(tmp_path: Path, make_row) -> Path:
    """A history of steps 0 to 4."""
    with History(tmp_path / "history.csv") as history:
        for step in range(5):
            history.append(make_row(step))
    return tmp_path / "history.csv"


def test_numbers_come_back_exactly(path: Path, make_row) -> None:
    history = read_history(path)
    assert list(history) == COLUMNS
    for name, column in history.items():
        np.testing.assert_array_equal(column, [make_row(step)[name] for step in range(5)])
    assert path.read_text().splitlines()[3].startswith("2,")


def test_each_row_can_be_read_at_once(tmp_path: Path, make_row) -> None:
    with History(tmp_path / "history.csv") as history:
        for step in range(3):
            history.append(make_row(step))
            np.testing.assert_array_equal(read_history(history.path)["Step [-]"], np.arange(step + 1))


def test_further_columns_follow(tmp_path: Path, make_row) -> None:
    with History(tmp_path / "history.csv") as history:
        history.append(make_row(0, **{"Top fraction [-]": np.nan}))
        history.append(make_row(1, **{"Top fraction [-]": np.float64(0.25)}))
    np.testing.assert_array_equal(read_history(tmp_path / "history.csv")["Top fraction [-]"], [np.nan, 0.25])


def test_missing_and_unknown_columns_are_refused(tmp_path: Path, make_row) -> None:
    with History(tmp_path / "history.csv") as history:
        short = make_row(0)
        del short["Time [s]"]
        with pytest.raises(ValueError, match=r"misses column Time \[s\]"):
            history.append(short)
        history.append(make_row(0))
        with pytest.raises(ValueError, match="unknown column Extra"):
            history.append(make_row(1, Extra=1.0))
    assert read_history(tmp_path / "history.csv")["Step [-]"].tolist() == [0]


def test_torn_row_is_left_out_at_every_length(path: Path) -> None:
    whole = path.read_bytes()
    start = whole[:-1].rfind(b"\n") + 1
    for length in range(start, len(whole)):
        path.write_bytes(whole[:length])
        assert read_history(path)["Step [-]"].tolist() == [0, 1, 2, 3]


def test_last_row_lost_to_a_power_cut(path: Path) -> None:
    with open(path, "ab") as file:
        file.write(b"\0" * 100 + b"\n")
    assert read_history(path)["Step [-]"].tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("content", [b"", b"Step [-],Time"])
def test_history_without_a_whole_header_is_empty(tmp_path: Path, make_row, content: bytes) -> None:
    path = tmp_path / "history.csv"
    path.write_bytes(content)
    assert [column.size for column in read_history(path).values()] == [0] * len(COLUMNS)
    with History(path, keep_until_step=0) as history:
        history.append(make_row(0))
    assert read_history(path)["Step [-]"].tolist() == [0]


def test_missing_history_is_empty(tmp_path: Path) -> None:
    assert read_history(tmp_path / "history.csv")["Time [s]"].size == 0


def test_damaged_row_in_the_middle_is_named(path: Path) -> None:
    lines = path.read_text().splitlines(keepends=True)
    lines[3] = lines[3].replace(",", ";", 1)
    path.write_text("".join(lines))
    with pytest.raises(BadInput, match=r"history.csv: line 4 is damaged"):
        read_history(path)


def test_foreign_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "history.csv").write_text("a,b\n1,2\n")
    with pytest.raises(BadInput, match="line 1"):
        read_history(tmp_path / "history.csv")


def test_new_history_never_overwrites(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(BadInput, match="earlier run"):
        History(path)
    assert path.read_bytes() == before


def test_resume_moves_later_rows_and_goes_on(path: Path, make_row) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    with open(path, "ab") as file:
        file.write(b"5,0.12")
    with History(path, keep_until_step=2) as history:
        assert path.read_bytes() == b"".join(lines[:4])
        history.append(make_row(3) | {"Time [s]": -1.0})
    assert read_history(path)["Step [-]"].tolist() == [0, 1, 2, 3]
    assert read_history(path)["Time [s]"][-1] == -1.0
    assert path.with_name(SUPERSEDED_FILE).read_bytes() == lines[0] + b"".join(lines[4:])


def test_second_resume_appends_to_the_superseded_rows(path: Path) -> None:
    History(path, keep_until_step=3).close()
    History(path, keep_until_step=1).close()
    assert read_history(path.with_name(SUPERSEDED_FILE))["Step [-]"].tolist() == [4, 2, 3]
    assert read_history(path)["Step [-]"].tolist() == [0, 1]


def test_resume_at_the_last_row_supersedes_nothing(path: Path) -> None:
    before = path.read_bytes()
    History(path, keep_until_step=4).close()
    assert path.read_bytes() == before
    assert not path.with_name(SUPERSEDED_FILE).exists()


def test_resume_wants_the_same_columns(path: Path, make_row) -> None:
    with History(path, keep_until_step=4) as history, pytest.raises(ValueError, match="unknown column Top"):
        history.append(make_row(5, **{"Top fraction [-]": 0.0}))


def test_resume_without_a_history(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        History(tmp_path / "history.csv", keep_until_step=2)


def test_full_device(tmp_path: Path, make_row, dev_full) -> None:
    dev_full(tmp_path / "history.csv")
    with History(tmp_path / "history.csv") as history, pytest.raises(CannotGoOn, match="disk is full"):
        history.append(make_row(0))


def test_row_that_fits_only_in_part_is_taken_back(path: Path, make_row) -> None:
    class AlmostFull:
        """A file of which only ten more bytes fit on the disk."""

        def __init__(self, file) -> None:
            self.file, self.left = file, 10

        def write(self, data: memoryview) -> int:
            if not self.left:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            written, self.left = self.file.write(data[: self.left]), 0
            return written

        def __getattr__(self, name: str):
            return getattr(self.file, name)

    before = path.read_bytes()
    with History(path, keep_until_step=4) as history:
        history._file = AlmostFull(history._file)
        with pytest.raises(CannotGoOn, match="disk is full"):
            history.append(make_row(5))
    assert path.read_bytes() == before


def test_sync_reports_a_full_disk(path: Path, full_disk) -> None:
    with History(path, keep_until_step=4) as history:
        history.sync()
        full_disk()
        with pytest.raises(CannotGoOn, match="disk is full"):
            history.sync()
