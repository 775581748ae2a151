"""The salt of a 200 um cell of sodium, gel and sodium, against a sharp front that moves (sharp_salt.py).

D+ = 1e-10, D- = 2e-10 m^2/s, 1 mol/l, i0 = 300 A/m^2. At 1.3 times the limiting current the salt is used up after
41.05 s. At 10 mA/cm^2 for 60 s and 60 s of rest the voltage rises to 70 mV and relaxes to 3 mV.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import femna
from femna.analysis.runs import Run
from femna.validation.load import load_case

from .sharp_salt import SharpCell

pytestmark = pytest.mark.serial

CASE = """
title = "gel between two sodium electrodes"
model = "two_potential"
[geometry]
dim = 1
front_zone = "18 um"
[layer.anode]
material = "na"
thickness = "10 um"
[layer.electrolyte]
material = "gpe"
thickness = "200 um"
[materials.gpe]
diffusivity = "1e-10 m^2/s"
anion_diffusivity = "2e-10 m^2/s"
concentration = "1 mol/l"
[counter]
kind = "metal"
[interface]
energy = "0.22 J/m^2"
[kinetics]
exchange_current_density = "300 A/m^2"
[output]
interval = "60 s"
"""
CELL = SharpCell()


def cell(folder: Path, *sets: str) -> Run:
    path = folder / "cell.toml"
    path.write_text(CASE)
    return femna.run(load_case(path, sets), folder / "run")


@pytest.mark.parametrize(("width", "error"), [(2.0, 2e-3), (1.0, 6e-4), (0.5, 6e-4)])
def test_the_salt_is_used_up_when_it_is(width: float, error: float, tmp_path: Path) -> None:
    """1 V after 41.05 s: 1.3e-3, -1e-4, -4e-4 off for l = 2, 1, 0.5 um.

    With a reaction to the salt where each node of the front is it lasts until the last of the reaction, 1.8 l ahead of
    the front, has none: 6.5 % and 3.0 % too long at 1 and 0.5 um.
    """
    _, exact = CELL.run([(1.3 * CELL.limit, 60.0, [])])
    assert exact == pytest.approx(41.05, abs=0.01)
    held = f'protocol=[{{mode="current", value="{1.3 * CELL.limit} A/m^2", until="1 V"}}]'
    run = cell(tmp_path, f"interface.width={width} um", held)
    history = run.history
    assert run.status == "finished"
    assert history["Time [s]"][-1] == pytest.approx(exact, rel=error)
    assert len(history["Time [s]"]) < 80
    assert history["Sodium balance error [-]"].max() < 1e-8
    assert history["Charge balance error [-]"].max() < 1e-6
    # nothing grows ahead of the front, and there is salt everywhere
    depth, height = history["Deposit thickness [m]"][-1], history["Mean height [m]"]
    assert height[-1] - height[0] == pytest.approx(depth, abs=0.05 * width * 1e-6)
    assert history["Minimum concentration anywhere [mol.m-3]"].min() > 0.0


@pytest.mark.parametrize(
    ("width", "tolerance", "steps", "current", "rest"),
    [(1.0, 1e-3, 80, 4.5e-4, 4.5e-4), (0.7, 1.1e-3, 80, 4.5e-4, 4e-4), (0.25, 3e-6, 450, 5e-5, 3e-5)],
)
def test_voltage_under_current_and_at_rest(
    width: float, tolerance: float, steps: int, current: float, rest: float, tmp_path: Path
) -> None:
    """Relative errors from 0.1 s after a switch on: 3.9e-4 under current and 3.2e-4 at rest in 78 steps, 3.7e-4 and
    3.5e-4 in 79 at 0.7 um (at rest 5.0e-4 in 77 with a tolerance of 1.2e-3: where steps fall counts); 4.7e-5 and 1.6e-5
    in 424 steps at l = 0.25 um. On the mesh that a case gets: fine at the front and at the counter, four times coarser
    between.

    At rest down to 6 mV: what is left of the voltage beyond is as small as the tolerance. With a straight line in place
    of u - k V it is 9.3e-4 and 1.2e-3 at l = 1 um, 5.5e-4 and 4.5e-4 at 0.7 um.
    """
    held = 'protocol=[{mode="current", value="100 A/m^2", until="60 s"}, {mode="rest", until="60 s"}]'
    run = cell(tmp_path, f"interface.width={width} um", f"numerics.tolerance={tolerance}", held)
    times, voltages = (run.history[key] for key in ("Time [s]", "Cell voltage [V]"))
    assert len(times) - 1 <= steps
    on, off = (times > 0.0) & (times < 60.0 - 1e-9), times > 60.0 + 1e-9
    exact, _ = CELL.run([(100.0, 60.0, list(times[on])), (0.0, 60.0, list(times[off] - 60.0))])
    error = np.concatenate([voltages[on], voltages[off]]) / np.array(exact) - 1.0
    since = np.concatenate([times[on], times[off] - 60.0])
    under, relaxes = np.arange(on.sum()), on.sum() + np.flatnonzero(voltages[off] > 6e-3)
    assert np.abs(error[under])[since[under] > 0.1].max() < current
    assert np.abs(error[relaxes])[since[relaxes] > 0.1].max() < rest
