"""Runs side by side: the table's numbers, and that the figures come out."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread
from rich.console import Console

from femna.analysis.comparison_table import COLUMNS, common_time, first_reached, labels, show, table
from femna.analysis.snapshot import section
from femna.errors import BadInput
from femna.render.comparison import columns
from femna.render.side_by_side import compare, compare_runs
from femna.render.zooms import free, last_free

pytestmark = pytest.mark.serial  # one process draws

QUIET = Console(file=io.StringIO(), width=100)


@pytest.fixture
def pair(fake: type, tmp_path: Path) -> list:
    """A fast run to 10 s and a slow one to 8 s, in two dimensions."""
    fast = fake(tmp_path / "a", name="fast", growth=0.5, cells=36, times=np.linspace(0, 10, 5))
    slow = fake(tmp_path / "b", name="slow", growth=0.2, cells=36, times=np.linspace(0, 8, 5))
    return [fast, slow]


def test_equal_time_and_equal_charge(pair: list) -> None:
    assert common_time(pair) == 8.0
    common = pair[1].history["Charge density [C.m-2]"][-1]
    rows = table(pair, labels(pair))
    assert [(r["Run"], r["Basis"]) for r in rows] == [
        ("fast", "equal time"), ("slow", "equal time"), ("fast", "equal charge"), ("slow", "equal charge"),
    ]  # fmt: skip
    fast, slow, fast_charge, slow_charge = rows
    # the fake's tallest finger grows 0.5 and 0.2 um/s on a base of 0.05 um/s, from 3.1 um
    assert fast["Maximum height [m]"] == pytest.approx((3.1 + 0.55 * 8) * 1e-6, rel=1e-3)
    assert slow["Maximum height [m]"] == pytest.approx((3.1 + 0.25 * 8) * 1e-6, rel=1e-3)
    assert fast_charge["Charge density [C.m-2]"] == slow_charge["Charge density [C.m-2]"] == common
    assert fast_charge["Deposit thickness [m]"] == pytest.approx(slow_charge["Deposit thickness [m]"], rel=1e-9)
    assert fast_charge["Time [s]"] < 8.0 == slow_charge["Time [s]"]
    assert fast_charge["Maximum height [m]"] > slow_charge["Maximum height [m]"]


def test_field_peaks_come_from_the_nearest_output(pair: list) -> None:
    fast, _, fast_charge, slow_charge = table(pair, labels(pair))
    assert fast["Output time [s]"] == 7.5  # of 0, 2.5, 5, 7.5, 10, nearest to 8
    assert abs(fast_charge["Output time [s]"] - fast_charge["Time [s]"]) <= 1.25
    assert slow_charge["Output time [s]"] == 8.0
    from femna.analysis.snapshot import snapshot

    assert fast["Peak field [V.m-1]"] == snapshot(pair[0], 7.5).peak_field > slow_charge["Peak field [V.m-1]"]
    assert 0 < slow_charge["Peak concentration [mol.m-3]"] <= 1000


def test_time_when_a_charge_is_first_reached() -> None:
    times, charges = np.arange(5.0), np.array([0.0, 10.0, 20.0, 5.0, 20.0])
    assert first_reached(times, charges, 15.0) == pytest.approx(1.5)
    assert first_reached(times, charges, 0.0) == 0.0


def test_equal_charge_of_cells_is_that_of_the_first_plating(fake: type, tmp_path: Path) -> None:
    """10 C/m2 a second up to 5 s, then down again: 20 C/m2 are passed at 2 s and at 8 s, where an output is."""
    cell = fake(tmp_path / "a", cells=24, times=np.array([0.0, 4.0, 8.0, 10.0]), signs=(1, -1), model="two_potential")
    short = fake(tmp_path / "b", cells=24, times=np.array([0.0, 2.0]), signs=(1,), model="two_potential")
    row = table([cell, short], ["a", "b"])[2]
    assert row["Basis"] == "equal charge, first plating"
    assert row["Time [s]"] == pytest.approx(2.0)
    assert row["Charge density [C.m-2]"] == pytest.approx(20.0)
    assert row["Output time [s]"] in (0.0, 4.0)
    assert row["Output charge density [C.m-2]"] == pytest.approx(10.0 * row["Output time [s]"])


def test_equal_charge_of_cells_that_only_strip(fake: type, tmp_path: Path) -> None:
    """The stripped charge, counted from where the stripping begins."""
    cell = fake(tmp_path / "a", cells=24, times=np.linspace(0, 10, 6), signs=(1, -1), model="two_potential")
    bare = fake(tmp_path / "b", cells=24, times=np.array([0.0, 2.0]), signs=(-1,), model="two_potential")
    first, second = table([cell, bare], ["a", "b"])[2:]
    assert first["Basis"] == second["Basis"] == "equal charge, first stripping"
    assert first["Charge density [C.m-2]"] == pytest.approx(20.0)
    assert (first["Time [s]"], second["Time [s]"]) == pytest.approx((7.0, 2.0))
    assert (first["Output time [s]"], second["Output time [s]"]) in ((6.0, 2.0), (8.0, 2.0))


def test_no_equal_charge_between_plating_and_stripping(fake: type, tmp_path: Path) -> None:
    runs = [fake(tmp_path / n, cells=24, signs=(s,), model="two_potential") for n, s in (("a", 1), ("b", -1))]
    rows = table(runs, ["a", "b"])
    assert [row["Basis"] for row in rows] == ["equal time", "equal time"]
    console = Console(file=io.StringIO(), width=100)
    show(rows, console)
    assert "No table at equal charge" in console.file.getvalue()  # type: ignore[attr-defined]


def test_voltage_and_top_fraction_where_runs_have_them(fake: type, tmp_path: Path) -> None:
    cell = fake(tmp_path / "a", cells=24, signs=(1,), model="two_potential")
    rows = table([cell, fake(tmp_path / "b", cells=24)], ["a", "b"])
    assert [row["Cell voltage [V]"] for row in rows[:2]] == pytest.approx([0.04, 0.5])
    assert rows[0]["Top fraction [-]"] == pytest.approx(0.6)
    assert rows[1]["Top fraction [-]"] is None
    printed = {}
    for name, chosen in (("both", rows), ("none", table([fake(tmp_path, cells=24)] * 2, ["a", "b"]))):
        console = Console(file=io.StringIO(), width=100)
        show(chosen, console)
        printed[name] = console.file.getvalue()  # type: ignore[attr-defined]
    assert "Share on top" in printed["both"]
    assert "Share on top" not in printed["none"]
    assert "Cell voltage (V)" in printed["none"]


def test_files_and_print(pair: list, tmp_path: Path) -> None:
    console = Console(file=io.StringIO(), width=80)
    path = compare_runs(pair, tmp_path / "out", console)
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 4
    assert tuple(rows[0]) == COLUMNS
    assert float(rows[0]["Maximum height [m]"]) == table(pair, labels(pair))[0]["Maximum height [m]"]
    printed = console.file.getvalue()  # type: ignore[attr-defined]
    assert "At equal charge" in printed
    assert "…" not in printed
    assert "7.5" in printed
    made = sorted(p.name for p in path.parent.glob("*.png"))
    assert made == ["growth.png", "interphase.png", "morphology.png", "tips.png"]
    for name in made:
        assert imread(path.parent / name).std() > 0.05


def test_from_folders(fake: type, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder, growth in zip(folders, (0.5, 0.2), strict=True):
        fake(tmp_path, growth=growth, cells=24, times=np.array([0.0, 10.0])).store(folder)
    path = compare(folders, tmp_path / "out")
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [r["Run"] for r in rows[:2]] == ["one", "two"]  # both are the case p-na: the folders' names tell them apart
    assert [Path(r["Directory"]) for r in rows[:2]] == folders
    assert "At equal time: 10 s" in capsys.readouterr().out


def test_one_and_three_dimensions(fake: type, tmp_path: Path) -> None:
    plane = {"growth.png", "interphase.png", "morphology.png", "tips.png"}
    for dim, expected in ((1, {"growth.png", "profiles.png"}), (3, plane)):
        runs = [
            fake(tmp_path / n, name=n, dim=dim, growth=g, cells=12, width=6.0, times=np.array([0.0, 4.0, 8.0]))
            for n, g in (("p", 0.4), ("q", 0.1))
        ]
        out = compare_runs(runs, tmp_path / f"out{dim}", QUIET).parent
        assert {p.name for p in out.glob("*.png")} == expected


def test_runs_that_cannot_be_compared(fake: type, tmp_path: Path) -> None:
    flat, box = fake(tmp_path / "flat", dim=2), fake(tmp_path / "box", dim=3, cells=4)
    with pytest.raises(BadInput, match=r"flat is 2D, .*box is 3D"):
        compare_runs([flat, box], tmp_path / "out", QUIET)
    with pytest.raises(BadInput, match="at least two"):
        compare_runs([flat], tmp_path / "out", QUIET)
    nothing = {name: column[:0] for name, column in flat.history.items()}
    blank = type("Blank", (fake,), {"history": nothing})(tmp_path / "blank")
    with pytest.raises(BadInput, match="blank: nothing to compare yet"):
        compare_runs([flat, blank], tmp_path / "out", QUIET)
    assert not (tmp_path / "out").exists()


def test_names_tell_the_runs_apart(fake: type, tmp_path: Path) -> None:
    a, b = fake(tmp_path / "x", name="p-na"), fake(tmp_path / "y", name="p-na")
    assert labels([a, b]) == ["x", "y"]
    assert labels([a, fake(tmp_path / "z", name="f-na")]) == ["p-na", "f-na"]
    c = fake(tmp_path / "deep" / "x", name="p-na")
    assert labels([a, c]) == [str(tmp_path / "x"), str(tmp_path / "deep" / "x")]


def test_interphase_is_shown_while_it_is_there(pair: list) -> None:
    """The strip from 3 to 4.5 um is half covered by the fast run first; the slow one is shown at the same time."""
    low, high = pair[0].case.interval("interphase")
    quick = type(pair[0])(pair[0].directory, growth=0.5, cells=36, times=np.linspace(0, 8, 9))
    slow = type(pair[0])(pair[1].directory, growth=0.1, cells=36, times=np.linspace(0, 8, 9))
    shares = [free(section(quick, t), low, high) for t in quick.times]
    assert shares == sorted(shares, reverse=True)
    last = max(t for t, share in zip(quick.times, shares, strict=True) if share >= 0.5)
    assert 0 < last < 8, shares
    assert [snap.time for snap in last_free([quick, slow], [(low, high)] * 2, 8.0)] == [last, last]
    assert [snap.time for snap in last_free([slow], [(low, high)], 3.0)] == [3.0]


def test_times_of_the_columns(pair: list) -> None:
    assert columns(pair, 8.0) == [2.5, 5.0, 7.5]  # the fast run stored three outputs after the start, the slow one four
    assert columns([pair[1]], 8.0) == [2.0, 4.0, 6.0, 8.0]
    assert columns([pair[1]], 1.0) == [0.0]
