"""A kind of ion transport is one class, which is registered: here one in which the ions carry a known drag."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import femna
from femna.errors import BadInput
from femna.physics.ion_transport.ions import EdgeFlux
from femna.physics.ion_transport.kinds import KINDS
from femna.physics.ion_transport.single_ion import SingleIonConductor

pytestmark = pytest.mark.serial

DRAG = 4.0
STACK = [
    "model=two_potential",
    "geometry.dim=1",
    "layer.anode.thickness=2 um",
    "layer.electrolyte.thickness=8 um",
    "interface.width=0.5 um",
    "interface.curvature=physical",
    "transport.collector=natural",
    "kinetics.exchange_current_density=30 A/m^2",
    "numerics.max_steps=3",
    "protocol=[{mode='current', value='1 A/m^2', until='1 h'}]",
]


class DraggedIons(SingleIonConductor):
    """A single-ion conductor whose ions meet DRAG times the resistance that the material says."""

    key = "dragged"

    def current(self, electrolyte_fraction: np.ndarray, c: np.ndarray, phi: np.ndarray) -> EdgeFlux:
        whole = super().current(electrolyte_fraction, c, phi)
        return EdgeFlux(whole.flux / DRAG, whole.c_first, whole.c_second, whole.phi / DRAG)


def voltage(kind: str, folder: Path) -> float:
    run = femna.run(femna.load_case("planar", [*STACK, f"transport.kind={kind}"]), folder)
    return float(run.history["Cell voltage [V]"][-1])


def test_a_run_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its ohmic drop is DRAG times that of the kind that femna has; 2RT/F asinh(i/(2 i0)) of the front is the same."""
    with pytest.raises(BadInput, match="is 'dragged'; allowed: 'nernst_planck', 'binary' or 'single_ion'"):
        femna.load_case("planar", [*STACK, "transport.kind=dragged"])
    monkeypatch.setitem(KINDS, DraggedIons.key, DraggedIons)
    own, dragged = (voltage(kind, tmp_path / kind) for kind in ("single_ion", "dragged"))
    case = femna.load_case("planar", [*STACK, "transport.kind=single_ion"])
    front = 2.0 * 8.314462618 * 298.15 / 96485.33212 * np.arcsinh(1.0 / 60.0)
    assert own - front == pytest.approx(8e-6 / case.property("electrolyte", "ionic_conductivity"), rel=2e-3)
    assert dragged - front == pytest.approx(DRAG * (own - front), rel=1e-4)
