"""What holds of every single-potential run, whatever its case: sodium and charge are kept, fields stay in bounds.

The shipped cases in a small box and for some dozens of steps; as they are shipped, to their end, with `-m slow`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import femna
from femna.analysis.runs import Run
from femna.io.version_1 import COLUMNS
from femna.units import FARADAY
from femna.validation.load import load_case

from .conftest import SINGLE_POTENTIAL

pytestmark = pytest.mark.serial

SUMMARY = {
    *("status", "case", "model", "ranks", "steps", "rejected_steps", "time_s", "wall_s", "peak_memory_MB", "nodes"),
    *("deposit_thickness_m", "height_max_m", "height_mean_m", "height_initial_m", "roughness_sq_m"),
    *("front_length_ratio", "current_density_A_m2", "cell_voltage_V", "charge_C_m2", "concentration_min_mol_m3"),
    *("concentration_max_mol_m3", "sodium_balance_error", "charge_balance_error", "top_fraction"),
}
"""The keys that interfaces promise."""

HAPPENED_NOT = {
    *("short_circuit_time_s", "short_circuit_charge_C_m2", "counter_exhausted_time_s", "counter_exhausted_charge_C_m2"),
    *("anode_exhausted_time_s", "anode_exhausted_charge_C_m2"),
}
"""What a run that did not end before its protocol has no value of."""


WAVES = {"fastest_wavelength_m", "fastest_growth_rate_1_s", "neutral_wavelength_m", "longest_wavelength_m"}
"""What the theory of waves on a front has no value of in every run."""


TIPS = {"tip_speed_m_s", "tip_radius_m", "tip_radius_over_l", "front_tips", "front_branchings"}
"""What a run in which nothing stands out, or of other than two dimensions, has no value of."""


def check(run: Run) -> None:
    history, summary, case = run.history, run.summary(), run.case
    # what is promised is there, and is a number
    assert {column.name for column in COLUMNS} <= set(history)
    assert all(np.isfinite(history[column.name]).all() for column in COLUMNS)
    assert set(summary) >= SUMMARY
    assert {key for key, value in summary.items() if value is None} - WAVES - TIPS == {
        "top_fraction",
        "contact_fraction",
        *HAPPENED_NOT,
    }
    assert summary["steps"] == run.manifest["steps"] == len(history["Step [-]"]) - 1 > 10

    # sodium: c + c_s s changes by what crosses the boundary
    assert summary["sodium_balance_error"] <= 1e-8

    # charge: Faraday's law for the deposit, whose rate is the current
    thickness, current = history["Deposit thickness [m]"], history["Current density [A.m-2]"]
    charge_per_metre = FARADAY * case.site_density
    assert np.allclose(history["Charge density [C.m-2]"], charge_per_metre * thickness, rtol=1e-12, atol=0.0)
    assert np.allclose(history["Capacity [mAh.cm-2]"] * 3.6e4, history["Charge density [C.m-2]"], rtol=1e-12, atol=0.0)
    passed = np.concatenate([[0.0], np.cumsum(current[1:] * history["Time step [s]"][1:])])
    assert np.allclose(passed, history["Charge density [C.m-2]"], rtol=1e-6, atol=1e-9 * abs(passed[-1]))
    assert np.all(np.sign(current[1:]) == np.sign(np.diff(thickness)))
    # every shipped case deposits: positive voltage, positive current, a front that rises
    assert np.all(history["Cell voltage [V]"] > 0.0)
    assert np.all(current[1:] > 0.0)
    assert summary["height_mean_m"] > summary["height_initial_m"]

    # bounds: xi in [0, 1]; c no less than nothing in the electrolyte
    assert len(run.times) >= 2
    floor = -1e-3 * case.salt_concentration
    for time in run.times:
        fields = run.fields(time)
        xi, c, phi = (np.asarray(fields[key]) for key in ("xi", "c", "phi"))
        assert -1e-3 <= xi.min() <= xi.max() <= 1.0 + 1e-3
        assert c[xi < 0.5].min() >= floor
        assert np.isfinite(phi).all()
        assert np.array_equal(np.unique(fields["material"]), np.arange(len(case.layer_names)))
    assert history["Minimum concentration [mol.m-3]"].min() >= floor


@pytest.mark.parametrize("name", SINGLE_POTENTIAL)
def test_in_a_small_box(name: str, small: Callable[[str], Run]) -> None:
    check(small(name))


@pytest.mark.slow
@pytest.mark.parametrize("name", SINGLE_POTENTIAL)
def test_as_shipped(name: str, tmp_path: Path) -> None:
    run = femna.run(load_case(name), tmp_path / "run")
    assert run.status == "finished"
    check(run)
