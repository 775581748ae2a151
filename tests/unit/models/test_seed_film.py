"""A film of metal at the start: on its face, of its thickness, and what plates is counted from it."""

import numpy as np
import pytest

from femna.contract.control import Control
from femna.contract.diagnostic import CumulativeTotals
from femna.diagnostics.observer import Observer
from femna.models.registry import declared_variables
from femna.timestepping.lagged_front import LaggedFrontStepper


@pytest.mark.parametrize("resolution", [4, 20])
@pytest.mark.parametrize("film", [0.05, 0.2, 0.5])
def test_a_film_lies_on_its_face_and_holds_what_it_says(built, film: float, resolution: int) -> None:
    """l = 0.1 um: nothing in the layer below, and the nodes hold the thickness whatever the cells."""
    case, grid, problem = built("mci-top", f"surface.film={film} um", f"numerics.resolution={resolution}")
    xi = problem.initial_fields(declared_variables(case))["xi"]
    z, face = grid.points[:, -1], case.interphase_top
    below = (z > case.surface.position + 5 * case.interface.width) & (z < face - 1e-12)
    assert grid.max(xi[below].max(initial=0.0))[0] < 1e-4
    assert grid.integral(np.where(z > face - 1e-12, xi, 0.0)) == pytest.approx(film * 1e-6, rel=1e-6)


def test_top_fraction_counts_from_the_start(built) -> None:
    """A film at the start, 0.1 um more on it, 0.1 um more below: one half."""
    case, grid, problem = built("mci-top", "surface.film=0.3 um")
    stepper = LaggedFrontStepper(problem, "direct")
    stepper.set_control(Control("current", 1.0))
    state = stepper.start(0.0, problem.initial_fields(declared_variables(case)))
    observer = Observer(case, problem)
    old = observer.amounts(state)
    z = grid.points[:, -1]
    above = z > case.interphase_top - 1e-12

    def layer(where: np.ndarray) -> np.ndarray:
        return 0.1e-6 * where / grid.integral(where.astype(float))

    state.fields["xi"] = state["xi"] + layer(above & (z < 4e-6)) + layer(~above & (z > 2.4e-6))
    new = observer.amounts(state)
    row = observer.row(observer.observe(state, 1.0, old, CumulativeTotals().after(old, new)))
    assert row["Top fraction [-]"] == pytest.approx(0.5, rel=1e-9)
