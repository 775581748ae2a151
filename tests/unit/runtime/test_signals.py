"""Signals between the steps."""

from __future__ import annotations

import pickle
import signal
import threading
from pathlib import Path

import pytest

from femna.runtime import signals as interrupt
from femna.runtime.signals import Interrupted, Interrupts


def test_at_once_before_the_first_step() -> None:
    with Interrupts(), pytest.raises(Interrupted, match="SIGTERM received") as caught:
        signal.raise_signal(signal.SIGTERM)
    assert caught.value.exit_code == 143
    assert caught.value.alone


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_remembered_afterwards(number: signal.Signals, monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.getsignal(number)
    with Interrupts() as interrupts:
        interrupts.postpone()
        assert not interrupts.received
        signal.raise_signal(number)
        signal.raise_signal(number)  # at its heels: the same one, come by another way
        assert interrupts.received == number
        assert not interrupts.overdue()
        monkeypatch.setattr(interrupt, "PATIENCE", -1.0)
        assert interrupts.overdue()
    assert signal.getsignal(number) is before


def test_a_second_one_is_left_to_the_old_handler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interrupt, "ECHO", -1.0)
    # in the background SIGINT may be ignored from the start, and then nobody would raise
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with Interrupts() as interrupts:
            interrupts.postpone()
            signal.raise_signal(signal.SIGINT)
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)


def test_taken_back_from_a_library() -> None:
    import gmsh

    with Interrupts() as interrupts:
        gmsh.initialize([], readConfigFiles=False, run=False, interruptible=False)
        gmsh.finalize()
        interrupts.listen_again()
        interrupts.postpone()
        signal.raise_signal(signal.SIGTERM)
        assert interrupts.received == signal.SIGTERM
    assert signal.getsignal(signal.SIGPIPE) == signal.SIG_IGN


def test_in_another_thread_signals_are_not_ours() -> None:
    before, seen = signal.getsignal(signal.SIGINT), []

    def enter() -> None:
        with Interrupts() as interrupts:
            interrupts.listen_again()
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert seen == [before]


def test_it_travels_between_ranks() -> None:
    for error in (Interrupted.in_run(signal.SIGINT, Path("runs/x")), Interrupted(15, "no checkpoint", alone=True)):
        copy = pickle.loads(pickle.dumps(error))
        assert (str(copy), copy.exit_code, copy.alone) == (str(error), error.exit_code, error.alone)
    assert "femna resume runs/x" in str(Interrupted.in_run(signal.SIGINT, Path("runs/x")))
