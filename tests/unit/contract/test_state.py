"""A state and what a checkpoint holds of it besides the fields."""

from __future__ import annotations

import json

import numpy as np

from femna.contract.state import State

FIELDS = {"xi": np.linspace(0.0, 1.0, 4), "displacement": np.ones((4, 2))}


def made() -> State:
    return State(
        time=1.5,
        fields=dict(FIELDS),
        voltage=-0.1,
        collector_current=3.0,
        counter_current=3.0 + 1e-15,
        scalars={"ions_in": 1.0 / 3.0, "uptake_current": -2e-300},
    )


def test_a_state_comes_back_from_its_scalars() -> None:
    """By way of JSON too, to the last bit."""
    state = made()
    for stored in (state.all_scalars(), json.loads(json.dumps(state.all_scalars()))):
        again = State.of_scalars(state.fields, stored, ["ions_in", "uptake_current"])
        assert again.all_scalars() == state.all_scalars()
        assert again.scalars == state.scalars
        assert all(again[name] is state[name] for name in FIELDS)


def test_what_the_stored_scalars_lack_starts_at_zero() -> None:
    """A process that was not there when the checkpoint was written; one that is there no more is dropped."""
    again = State.of_scalars(made().fields, made().all_scalars(), ["ions_in", "decayed"])
    assert again.scalars == {"ions_in": 1.0 / 3.0, "decayed": 0.0}
    assert again.voltage == -0.1
    assert State.of_scalars({}, {}, []) == State(0.0, {})


def test_states_share_no_scalars() -> None:
    one, other = State(0.0, {}), State(0.0, {})
    one.scalars["ions_in"] = 1.0
    assert other.scalars == {}
