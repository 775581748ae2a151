"""Half cycles and cycles of histories that are known exactly."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from femna.analysis.cycles import Cycle, CycleList, cycle_table, cycles, efficiencies, half_cycles

METRE = 4e9  # C/m2 in a metre of metal, here
Step = tuple[float, float, float]


def history(*steps: Step, rows: int = 4) -> dict[str, np.ndarray[Any, Any]]:
    """Steps of (current A/m2, duration s, voltage V), each in so many rows of uneven size, after a row 0."""
    shares = np.arange(1, rows + 1) / (rows * (rows + 1) / 2)
    current = np.concatenate([np.full(rows, i) for i, _, _ in steps])
    duration = np.concatenate([t * shares for _, t, _ in steps])
    voltage = np.concatenate([np.full(rows, v) for _, _, v in steps])
    charge = np.concatenate([[0.0], np.cumsum(current * duration)])
    return {
        "Time [s]": np.concatenate([[0.0], np.cumsum(duration)]),
        "Current density [A.m-2]": np.concatenate([current[:1], current]),
        "Cell voltage [V]": np.concatenate([voltage[:1], voltage]),
        "Charge density [C.m-2]": charge,
        "Deposit thickness [m]": charge / METRE,
    }


def run(*steps: Step, status: str = "finished") -> Any:
    return SimpleNamespace(history=history(*steps), status=status)


PLATE, REST, STRIP = (50.0, 100.0, 0.04), (1e-12, 10.0, 0.0), (-25.0, 160.0, -0.03)


def test_one_cycle() -> None:
    (cycle,) = cycles(run(PLATE, REST, STRIP))
    assert (cycle.number, cycle.start_s, cycle.end_s) == (1, 0.0, 270.0)
    assert (cycle.plated_C_m2, cycle.stripped_C_m2) == pytest.approx((5000.0, 4000.0))
    assert (cycle.plated_mAh_cm2, cycle.stripped_mAh_cm2) == pytest.approx((5000 / 36000, 4000 / 36000))
    assert cycle.coulombic_efficiency == pytest.approx(0.8)
    assert (cycle.plating_voltage_V, cycle.stripping_voltage_V) == pytest.approx((0.04, -0.03))
    assert cycle.left_behind_m == pytest.approx(1000 / METRE)


def test_rests_belong_to_no_half_cycle_but_between_two_of_one_sign() -> None:
    plating, stripping = half_cycles(history(REST, PLATE, REST, PLATE, REST, STRIP, REST))
    assert (plating.plating, plating.first, plating.last) == (True, 4, 16)
    assert (stripping.plating, stripping.first, stripping.last) == (False, 20, 24)
    assert (plating.charge, stripping.charge) == pytest.approx((10000.0, 4000.0))
    assert stripping.rows == slice(21, 25)


def test_what_layers_take_up_counts_and_at_rest_nothing_has_passed() -> None:
    """Metal feeds a layer under current and at rest: the half cycles are those of the outer circuit."""
    seen, fed = history(PLATE, REST, STRIP), history((80.0, 270.0, 0.0), rows=12)
    taken = np.interp(seen["Time [s]"], fed["Time [s]"], fed["Charge density [C.m-2]"])
    inside = seen | {
        "Current density [A.m-2]": seen["Current density [A.m-2]"] - 80.0,
        "Charge density [C.m-2]": seen["Charge density [C.m-2]"] - taken,
        "Uptake current [A.m-2]": np.full(len(taken), 80.0),
        "Uptake charge [C.m-2]": taken,
    }
    for one, other in zip(half_cycles(seen), half_cycles(inside), strict=True):
        assert (one.plating, one.first, one.last) == (other.plating, other.first, other.last)
        assert one.charge == pytest.approx(other.charge)


def test_a_voltage_counts_as_much_as_the_charge_that_passes_at_it() -> None:
    (half,) = half_cycles(history((50.0, 30.0, 0.02), (50.0, 90.0, 0.06), rows=400))
    assert half.voltage == pytest.approx(0.05, rel=2e-3)


def test_cycles_one_after_the_other() -> None:
    table = cycles(run(PLATE, STRIP, PLATE, REST, STRIP, STRIP))
    assert [c.coulombic_efficiency for c in table] == pytest.approx([0.8, 1.6])
    assert [c.left_behind_m for c in table] == pytest.approx([1000 / METRE, -3000 / METRE])
    assert [c.number for c in table] == [1, 2]
    assert efficiencies(table) == ([1, 2], pytest.approx([0.8, 1.6]))


@pytest.mark.parametrize("status", ["running", "interrupted", "failed"])
def test_a_stripping_that_has_not_come_to_its_end(status: str) -> None:
    first, last = cycles(run(PLATE, STRIP, PLATE, STRIP, status=status))
    assert first.coulombic_efficiency == pytest.approx(0.8)
    assert last.stripped_C_m2 == pytest.approx(4000.0)
    assert last.coulombic_efficiency is None
    assert last.left_behind_m is None


def test_a_run_that_ends_while_it_plates() -> None:
    first, last = cycles(run(PLATE, STRIP, PLATE))
    assert first.coulombic_efficiency == pytest.approx(0.8)
    assert (last.plated_C_m2, last.stripped_C_m2) == (pytest.approx(5000.0), 0.0)
    assert (last.coulombic_efficiency, last.stripping_voltage_V, last.left_behind_m) == (None, None, None)


def test_a_run_that_begins_with_a_stripping() -> None:
    first, last = cycles(run(STRIP, PLATE, STRIP))
    assert (first.plated_C_m2, first.coulombic_efficiency, first.plating_voltage_V) == (0.0, None, None)
    assert first.left_behind_m == pytest.approx(-4000 / METRE)
    assert last.coulombic_efficiency == pytest.approx(0.8)


@pytest.mark.parametrize("steps", [(), (REST,), (PLATE,), (PLATE, REST)])
def test_nothing_stripped_no_table(steps: tuple[Step, ...]) -> None:
    empty = {key: values[:1] for key, values in history(PLATE).items()}
    made = run(*steps) if steps else SimpleNamespace(history=empty, status="running")
    assert cycle_table(made) is None


def test_a_history_without_rows() -> None:
    assert half_cycles({key: values[:0] for key, values in history(PLATE).items()}) == []


def test_table_is_plain_json_and_prints_one_line_a_cycle(monkeypatch: pytest.MonkeyPatch) -> None:
    # 1 nm of metal that the collector does not reach for each 100 s
    monkeypatch.setattr("femna.analysis.cycles.disconnected", lambda _, time: 1e-11 * time)
    table = cycle_table(run(*[PLATE, STRIP] * 2, PLATE))
    assert table is not None
    assert json.loads(json.dumps(table, allow_nan=False)) == list(table)
    assert list(table[0]) == list(Cycle.__dataclass_fields__)
    assert [c["disconnected_m"] for c in table[:2]] == pytest.approx([1e-11 * c["end_s"] for c in table[:2]])
    assert table[2]["disconnected_m"] is None  # nothing was stripped in it
    assert str(table).splitlines() == [
        "1: 0.1389 in, 0.1111 out mAh/cm2, 80 %",
        "2: 0.1389 in, 0.1111 out mAh/cm2, 80 %",
        "3: 0.1389 in, 0 out mAh/cm2",
    ]
    many = str(CycleList([dict(table[0]) | {"number": k} for k in range(1, 101)])).splitlines()
    assert [line.split(":")[0] for line in many] == ["1", "2", "3", "4", "..", "97", "98", "99", "100"]


def test_made_up_run(fake: type) -> None:
    table = cycles(fake(Path("here"), signs=(1, 0, -1, 1)))
    assert [c.coulombic_efficiency for c in table] == [pytest.approx(1.0), None]
