"""Time, voltage, currents and charge of the cell, and how well its currents agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from femna.columns import Column
from femna.contract.diagnostic import Diagnostic, Observation
from femna.contract.models import Model
from femna.physics.phase_field_constants import kinetic_current
from femna.units import COULOMB_PER_MAH_CM2

if TYPE_CHECKING:
    from femna.case.model import Case

ROUNDING_SHARE = 1e-6
"""Share of a typical current density below which a current is rounding."""


class CellCurrents(Diagnostic):
    """Time, voltage, currents and charge.

    Args:
        area: projected area of the cell, m^(d-1).
        charge_per_metre: z F c_s, C/m^3.
    """

    columns = (
        Column("Time [s]", "Simulated time", summary_key="time_s"),
        Column("Time step [s]", "Size of the step that led there; 0 at the start"),
        Column("Cell voltage [V]", "Counter minus anode", summary_key="cell_voltage_V"),
        Column(
            "Current density [A.m-2]",
            "Faradaic: z F c_s times the growth of the metal's thickness; positive deposits",
            summary_key="current_density_A_m2",
        ),
        Column("Collector current [A.m-2]", "Into the collector, over the projected area"),
        Column("Counter current [A.m-2]", "Out of the counter, over the projected area"),
        Column("Charge density [C.m-2]", "Charge that has become metal since the start", summary_key="charge_C_m2"),
        Column("Capacity [mAh.cm-2]", "The same"),
        Column("Deposit thickness [m]", "Metal since the start over the area", summary_key="deposit_thickness_m"),
    )

    def __init__(self, area: float, charge_per_metre: float) -> None:
        self.area, self.charge_per_metre = area, charge_per_metre

    @classmethod
    def build(cls, case: Case, model: Model) -> Self:
        """By the case's metal and the model's area."""
        return cls(model.area, case.metal_charge)

    def row(self, observation: Observation) -> dict[str, float]:
        """From the state, and the growth in the step."""
        state, charge = observation.state, self.charge_per_metre * observation.amounts.thickness
        return {
            "Time [s]": state.time,
            "Time step [s]": observation.dt,
            "Cell voltage [V]": state.voltage,
            "Current density [A.m-2]": observation.faradaic,
            "Collector current [A.m-2]": state.collector_current / self.area,
            "Counter current [A.m-2]": state.counter_current / self.area,
            "Charge density [C.m-2]": charge,
            "Capacity [mAh.cm-2]": charge / COULOMB_PER_MAH_CM2,
            "Deposit thickness [m]": observation.amounts.thickness,
        }


class ChargeBalance(Diagnostic):
    """How well the currents agree: max |i_counter - i_collector|, |i_counter - i_F| over the largest of them.

    Where charge is conserved the largest is that of all states so far, and at least what the protocol asks for: at rest
    there is nothing but the solver's tolerance, which says nothing relative to itself.

    Args:
        area: projected area of the cell, m^(d-1).
        least: current density that counts as largest at the least, A/m^2.
        follows_largest: whether the largest current so far counts.
    """

    columns = (
        Column(
            "Charge balance error [-]",
            "Largest difference of counter, collector and Faradaic current over the largest current (with two"
            " potentials: of the run so far)",
            summary_key="charge_balance_error",
        ),
    )

    def __init__(self, area: float, least: float, follows_largest: bool) -> None:
        self.area, self.least, self.follows_largest = area, least, follows_largest

    @classmethod
    def build(cls, case: Case, model: Model) -> Self:
        """By what the protocol asks for, or with one potential by rounding."""
        consistent = model.is_charge_consistent
        return cls(model.area, _asked(case) if consistent else ROUNDING_SHARE * kinetic_current(case), consistent)

    def row(self, observation: Observation) -> dict[str, float]:
        """The error of the step."""
        state, faradaic, storing = observation.state, observation.faradaic, observation.storing
        collector, counter = state.collector_current / self.area, state.counter_current / self.area
        before = observation.totals.largest if self.follows_largest else 0.0
        largest = max(abs(faradaic), abs(storing), abs(collector), abs(counter), before, self.least)
        missing = max(abs(counter - collector), abs(counter - faradaic - storing))
        return {"Charge balance error [-]": missing / largest if largest > 0.0 else 0.0}


def _asked(case: Case) -> float:
    """The largest current density that the protocol prescribes, A/m^2; far below i0 where it prescribes none."""
    currents = [abs(step.value) for step in case.steps() if step.mode == "current"]
    return max([*currents, 1e-3 * ROUNDING_SHARE * case.kinetics.exchange_current_density])
