"""history.csv: what is written, what survives a crash, what a resume does to it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from femna.columns import Column
from femna.errors import BadInput, CannotGoOn
from femna.io.history import History
from femna.io.history_table import read_history
from femna.io.run_folder import SUPERSEDED_FILE
from femna.io.version_1 import COLUMNS, TWO_POTENTIAL_COLUMNS

NAMES = [column.name for column in COLUMNS]
TOP = TWO_POTENTIAL_COLUMNS[0]


@pytest.fixture
def path(tmp_path: Path, make_row) -> Path:
    """A history of steps 0 to 4."""
    with History(tmp_path / "history.csv", COLUMNS) as history:
        for step in range(5):
            history.append(make_row(step))
    return tmp_path / "history.csv"


def test_numbers_come_back_exactly(path: Path, make_row) -> None:
    history = read_history(path)
    assert list(history) == NAMES
    for name, column in history.items():
        np.testing.assert_array_equal(column, [make_row(step)[name] for step in range(5)])
    assert path.read_text().splitlines()[3].startswith("2,")


def test_each_row_can_be_read_at_once(tmp_path: Path, make_row) -> None:
    with History(tmp_path / "history.csv", COLUMNS) as history:
        for step in range(3):
            history.append(make_row(step))
            np.testing.assert_array_equal(read_history(history.path)["Step [-]"], np.arange(step + 1))


def test_columns_are_those_declared(tmp_path: Path, make_row) -> None:
    with History(tmp_path / "history.csv", [*COLUMNS, TOP]) as history:
        history.append(make_row(0, **{TOP.name: np.nan}))
        history.append(make_row(1, **{TOP.name: np.float64(0.25)}))
    read = read_history(tmp_path / "history.csv")
    assert list(read) == [*NAMES, TOP.name]
    np.testing.assert_array_equal(read[TOP.name], [np.nan, 0.25])


def test_the_two_required_columns_are_enough(tmp_path: Path) -> None:
    columns = [
        Column("Step [-]", "", is_count=True),
        Column("Time [s]", ""),
        Column("Mobile ions [-]", "", is_count=True),
    ]
    with History(tmp_path / "history.csv", columns) as history:
        history.append({"Step [-]": 0, "Time [s]": 0.5, "Mobile ions [-]": np.nan})
        history.append({"Step [-]": 1, "Time [s]": 1.0, "Mobile ions [-]": 7})
    assert (tmp_path / "history.csv").read_text().splitlines()[1:] == ["0,0.5,nan", "1,1.0,7"]
    for wrong in (columns[1:], columns[:1], [columns[1], columns[0]], [*columns, columns[1]]):
        with pytest.raises(ValueError, match=r"each there once, Step \[-\] the first"):
            History(tmp_path / "other.csv", wrong)


def test_missing_and_unknown_columns_are_refused(tmp_path: Path, make_row) -> None:
    with History(tmp_path / "history.csv", COLUMNS) as history:
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
    assert [values.size for values in read_history(path).values()] == [0, 0]
    with History(path, COLUMNS, keep_until_step=0) as history:
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


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ("a,b", r"is not the header of a history, which begins with Step \[-\]"),
        ("Time [s],Step [-]", "begins with"),
        ("Step [-],b", r"the header, lacks the column Time \[s\]"),
        ("Step [-],Time [s],Time [s]", "names a column twice"),
    ],
)
def test_foreign_file_is_refused_in_one_line(tmp_path: Path, header: str, why: str) -> None:
    (tmp_path / "history.csv").write_text(header + "\n1,2\n")
    with pytest.raises(BadInput, match="line 1.*" + why) as caught:
        read_history(tmp_path / "history.csv")
    assert "\n" not in str(caught.value)


def test_new_history_never_overwrites(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(BadInput, match="earlier run"):
        History(path, COLUMNS)
    assert path.read_bytes() == before


def test_resume_moves_later_rows_and_goes_on(path: Path, make_row) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    with open(path, "ab") as file:
        file.write(b"5,0.12")
    with History(path, COLUMNS, keep_until_step=2) as history:
        assert path.read_bytes() == b"".join(lines[:4])
        history.append(make_row(3) | {"Time [s]": -1.0})
    assert read_history(path)["Step [-]"].tolist() == [0, 1, 2, 3]
    assert read_history(path)["Time [s]"][-1] == -1.0
    assert path.with_name(SUPERSEDED_FILE).read_bytes() == lines[0] + b"".join(lines[4:])


def test_second_resume_appends_to_the_superseded_rows(path: Path) -> None:
    History(path, COLUMNS, keep_until_step=3).close()
    History(path, COLUMNS, keep_until_step=1).close()
    assert read_history(path.with_name(SUPERSEDED_FILE))["Step [-]"].tolist() == [4, 2, 3]
    assert read_history(path)["Step [-]"].tolist() == [0, 1]


def test_resume_at_the_last_row_supersedes_nothing(path: Path) -> None:
    before = path.read_bytes()
    History(path, COLUMNS, keep_until_step=4).close()
    assert path.read_bytes() == before
    assert not path.with_name(SUPERSEDED_FILE).exists()


def test_resume_with_other_columns_loses_nothing(path: Path, make_row) -> None:
    """A column that is new holds nan in the old rows, one that is gone holds nan in the new ones."""
    before = read_history(path)
    columns = [column for column in COLUMNS if column.name not in ("Nodes [-]", "Roughness Sq [m]")] + [TOP]
    row = {column.name: 0.5 for column in columns}
    with History(path, columns, keep_until_step=3) as history:
        history.append(row | {"Step [-]": 4})
        with pytest.raises(ValueError, match="has the unknown column Nodes"):
            history.append(row | {"Step [-]": 5, "Nodes [-]": 7.0})
    after = read_history(path)
    assert list(after) == [*NAMES, TOP.name]
    for name in NAMES:
        np.testing.assert_array_equal(after[name][:4], before[name][:4])
    np.testing.assert_array_equal(after[TOP.name], [np.nan] * 4 + [0.5])
    assert np.isnan([after["Nodes [-]"][4], after["Roughness Sq [m]"][4]]).all()
    # once more, back to the first columns: rows of both kinds are superseded
    with History(path, COLUMNS, keep_until_step=2) as history:
        history.append(make_row(3))
    superseded = read_history(path.with_name(SUPERSEDED_FILE))
    assert list(superseded) == [*NAMES, TOP.name]
    np.testing.assert_array_equal(superseded["Step [-]"], [4, 3, 4])
    np.testing.assert_array_equal(superseded[TOP.name], [np.nan, np.nan, 0.5])
    np.testing.assert_array_equal(superseded["Mean height [m]"], [*before["Mean height [m]"][[4, 3]], 0.5])
    np.testing.assert_array_equal(read_history(path)[TOP.name], [np.nan] * 4)


def test_resume_without_a_history(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        History(tmp_path / "history.csv", COLUMNS, keep_until_step=2)


def test_full_device(tmp_path: Path, make_row, dev_full) -> None:
    dev_full(tmp_path / "history.csv")
    with History(tmp_path / "history.csv", COLUMNS) as history, pytest.raises(CannotGoOn, match="disk is full"):
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
    with History(path, COLUMNS, keep_until_step=4) as history:
        history._file = AlmostFull(history._file)
        with pytest.raises(CannotGoOn, match="disk is full"):
            history.append(make_row(5))
    assert path.read_bytes() == before


def test_sync_reports_a_full_disk(path: Path, full_disk) -> None:
    with History(path, COLUMNS, keep_until_step=4) as history:
        history.sync()
        full_disk()
        with pytest.raises(CannotGoOn, match="disk is full"):
            history.sync()
