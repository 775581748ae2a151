"""The planar case against its closed form.

The cation of paper A's model alone drifts in the imposed field. With u = F V/(R T) and the steady flux N of
-D (c' + (u/L) c) the concentration at the front is c~ = exp(u) - (i/i_m)(exp(u) - 1), i_m = F c0 D u/L, and the
kinetics i = i0 (c~ exp(u/2) - exp(-u/2)) close it [derived; docs/theory/transport.md]. The front moves less than its
width here, so that the mesh holds it back and lets it go a little: the mean over time is compared, to 3 %. Without
the drift of the cation the current would be 0.265 instead of 0.840 A/m^2.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import femna
from femna.parallel import MPI

VOLTAGE, LENGTH, DIFFUSIVITY, EXCHANGE = 0.02, 40e-6, 1e-10, 0.332


def exact() -> float:
    u = 96485.33212 * VOLTAGE / (8.314462618 * 298.15)
    migration = 96485.33212 * 1000.0 * DIFFUSIVITY * u / LENGTH
    up, down = np.exp(u / 2), np.exp(-u / 2)
    return float(EXCHANGE * (np.exp(u) * up - down) / (1.0 + EXCHANGE * up * (np.exp(u) - 1.0) / migration))


@pytest.mark.parametrize("width", ["0.5 um", "0.25 um"])
def test_current(tmp_path_factory: pytest.TempPathFactory, width: str) -> None:
    folder = Path(MPI.COMM_WORLD.bcast(str(tmp_path_factory.mktemp("planar"))))
    steps = "protocol=[{mode='voltage', value='20 mV', until='600 s'}]"
    history = femna.run(femna.load_case("planar", [steps, f"interface.width={width}"]), folder / "run").history
    settled = history["Time [s]"] > 150.0
    mean = np.average(history["Current density [A.m-2]"][settled], weights=history["Time step [s]"][settled])
    assert exact() == pytest.approx(0.840, abs=1e-3)
    assert mean == pytest.approx(exact(), rel=0.03)
    assert history["Sodium balance error [-]"][-1] < 1e-8
