"""The fast reader of rows of numbers gives the floats that Python gives, bit for bit, and refuses all else."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from femna.columns import Column
from femna.errors import BadInput
from femna.io import history_table, number_rows
from femna.io.history import History
from femna.io.history_seal import Seal
from femna.io.history_table import read_history, read_tail
from femna.io.number_rows import read_rows


def parsed(text: str, width: int) -> np.ndarray | None:
    return read_rows(io.BytesIO(text.encode()), len(text), width)


def bits(values: object) -> list[int]:
    return np.asarray(values, float).ravel().view(np.int64).tolist()


def test_a_million_floats_come_back() -> None:
    rng = np.random.default_rng(3)
    values = rng.standard_normal(300_000) * 10.0 ** rng.uniform(-200, 200, 300_000)
    found = parsed("\n".join(map(repr, values.tolist())) + "\n", 1)
    assert found is not None
    assert bits(found) == bits(values)


@given(
    st.lists(st.floats(1e-200, 1e200) | st.floats(-1e3, 1e3).filter(lambda x: x == 0 or abs(x) > 1e-200), min_size=1)
)
def test_any_float_comes_back(values: list[float]) -> None:
    found = parsed(",".join(map(repr, values)) + "\n", len(values))
    assert found is not None
    assert bits(found) == bits(values)


@pytest.mark.parametrize(
    "text", ["0", "-0.0", "12", "1e5", "1E-05", "+3.5", ".5", "5.", "0000.00012", "nan", "inf", "-inf"]
)
def test_ways_to_write_a_number(text: str) -> None:
    found = parsed(f"{text}\n", 1)
    assert found is not None
    assert bits(found) == bits([float(text)])


@pytest.mark.parametrize(
    "text",
    [
        "1,2,3\n",
        "1\n",
        "1,2\n3\n",
        "1,x\n",
        "1,\n",
        ",1\n",
        "1,2\n\n",
        "1, 2\n",
        "1,2e\n",
        "1,2e+\n",
        "1,-\n",
        "1,1_0\n",
    ],
)
def test_what_is_no_row_of_two_is_refused(text: str) -> None:
    assert parsed(text, 2) is None


@pytest.mark.parametrize("block", [8, 9, 10, 17])
def test_rows_that_two_blocks_share(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "1.5,-2\n" + "34,5e-3\n" * 5
    monkeypatch.setattr(number_rows, "BLOCK", block)
    found = parsed(text + "6,7.", 2)  # the last row is torn
    assert found is not None
    assert found.tolist() == [[1.5] + [34.0] * 5, [-2.0] + [0.005] * 5]


def test_rows_that_become_shorter_find_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """The room is foretold from the rows so far: here there are twenty times as many."""
    monkeypatch.setattr(number_rows, "BLOCK", 64)
    numbers = [1.2345678901234567e-100] * 20 + [float(n % 10) for n in range(400)]
    found = parsed("".join(f"{number!r}\n" if n < 20 else f"{number:g}\n" for n, number in enumerate(numbers)), 1)
    assert found is not None
    assert bits(found) == bits(numbers)


def test_a_row_longer_than_a_block_is_left_to_the_slow_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(number_rows, "BLOCK", 7)
    assert parsed("1,2\n34,5e-3\n", 2) is None


@pytest.mark.parametrize("text", ["1e300", "1e-300", "0.12345678901234567890123", "1e99999999"])
def test_what_would_lose_digits_is_left_to_the_slow_reader(text: str) -> None:
    assert parsed(f"{text}\n", 1) is None


COLUMNS = [Column("Step [-]", "", is_count=True), Column("Time [s]", ""), Column("A", "")]


@pytest.fixture
def history(tmp_path: Path) -> Path:
    path = tmp_path / "history.csv"
    with History(path, COLUMNS) as file:
        for n in range(50):
            file.append({"Step [-]": n, "Time [s]": n / 3.0, "A": float("nan") if n == 7 else n * 1e-7})
    return path


def test_both_readers_of_a_history_agree(history: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = read_history(history)
    monkeypatch.setattr(history_table, "LEAST_SIZE", 0)
    fast = read_history(history)
    assert list(slow) == list(fast)
    assert all(bits(slow[name]) == bits(fast[name]) for name in slow)
    with open(history, "ab") as file:
        file.write(b"50,16.6,")  # torn
    assert len(read_history(history)["A"]) == 50


def test_a_history_that_is_read_at_once_is_held_against_its_seal(
    history: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also with rows that were written since the manifest was; the slow reader is not asked."""
    monkeypatch.setattr(history_table, "LEAST_SIZE", 0)
    monkeypatch.setattr(history_table, "read_table", None)
    monkeypatch.setattr(number_rows, "BLOCK", 100)
    manifest = {"history": Seal.of_file(history).as_json()}
    right = read_history(history, manifest)
    assert len(right["A"]) == 50
    with open(history, "ab") as file:
        file.write(b"50,16.6,1\n")
    assert len(read_history(history, manifest)["A"]) == 51
    content = bytearray(history.read_bytes())
    place = content.index(b"\n7,2.33") + 3
    content[place] = ord("3")
    history.write_bytes(content)
    assert read_history(history)["Time [s]"][7] == right["Time [s]"][7] + 1.0
    with pytest.raises(BadInput, match="its checksum is another"):
        read_history(history, manifest)
    content[place] = ord("2")
    history.write_bytes(content[:600])
    with pytest.raises(BadInput, match=r"it has 600 of the \d+ bytes"):
        read_history(history, manifest)


@pytest.mark.parametrize("tail_bytes", [40, 200, 2**20])
@pytest.mark.parametrize("step", [-1, 0, 31, 48, 49, 80])
def test_a_resumed_history_ends_where_its_checkpoint_stands(
    step: int, tail_bytes: int, history: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_table, "TAIL_BYTES", tail_bytes)
    before = history.read_bytes().splitlines(keepends=True)
    with open(history, "ab") as file:
        file.write(b"50,16.")
    tail = read_tail(history, step)
    assert tail is not None
    assert tail.end == len(b"".join(before[: step + 2]))
    History(history, COLUMNS, keep_until_step=step).close()
    assert history.read_bytes() == b"".join(before[: step + 2])
    superseded = history.with_name("history-superseded.csv")
    assert superseded.exists() == (step < 49)
    if step < 49:
        assert superseded.read_bytes() == b"".join([before[0], *before[step + 2 :]])


def test_a_tail_that_is_no_tail_is_left_to_the_whole_reader(history: Path) -> None:
    lines = history.read_bytes().splitlines(keepends=True)
    history.write_bytes(b"".join([*lines[:20], b"x,y,z\n", *lines[20:]]))
    assert read_tail(history, 40) is None
    history.write_bytes(b"".join([*lines, lines[5]]))
    assert read_tail(history, 40) is None
