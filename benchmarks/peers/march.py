"""What every peer does alike: take steps against the clock, and say in one line of JSON what came out.

Needs numpy alone. The clock is the process time of the one process; it begins after imports and compiling, which are
reported beside, and holds the set-up (mesh, forms, matrices) and the steps.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from collections.abc import Callable
from typing import Protocol

IMPORTED = time.process_time()
"""Process time (s) when this module was imported; peers import it first."""


class Peer(Protocol):
    """A code on EDP-1 that has been set up."""

    steps: int
    """Steps to the end."""
    unknowns: int
    work: dict[str, float]
    """Counts and times worth reporting, such as iterations."""

    def advance(self) -> None:
        """One step."""

    def measures(self) -> dict[str, float]:
        """`growth` and `inventory` of the present state, um^d."""


def arguments(description: str | None, **more: tuple[object, str]) -> argparse.Namespace:
    """The command line of a peer. more: its own options with default and meaning."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--dim", type=int, default=2)
    parser.add_argument("--side", type=float, default=25.0, help="edge of the square or cube, um")
    parser.add_argument("--cells", type=int, default=96, help="along an edge")
    parser.add_argument("--end", type=float, default=0.1, help="time at the end, s")
    parser.add_argument("--limit", type=float, default=float("inf"), help="process time of stepping, s; scaled beyond")
    for name, (default, meaning) in more.items():
        parser.add_argument(f"--{name}", type=type(default), default=default, help=meaning)
    return parser.parse_args()


def march(make: Callable[[], Peer], warm_up: Callable[[], None], limit: float) -> None:
    """Set up and run a peer and print what came out.

    Args:
        make: sets it up.
        warm_up: compiles what is compiled at first use.
        limit: process time (s) after which a run is cut; its time is then scaled by the number of steps, and what it
            measures is missing. At least three steps are taken; the first one, dearer than the others, is not scaled.
    """
    warm_up()
    started = time.process_time()
    wall = time.perf_counter()
    peer = make()
    set_up = time.process_time()
    first = set_up
    done = 0
    while done < peer.steps and (done < 3 or time.process_time() - set_up < limit):
        peer.advance()
        done += 1
        if done == 1:
            first = time.process_time()
    end = time.process_time()
    finished = done == peer.steps
    stepping = end - set_up if finished else first - set_up + (end - first) * (peer.steps - 1) / (done - 1)
    found = {
        "start_s": started,
        "set_up_s": set_up - started,
        "cpu_s": set_up - started + stepping,
        "wall_s": time.perf_counter() - wall,
        "steps": peer.steps,
        "steps_taken": done,
        "unknowns": peer.unknowns,
        "peak_MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0,
        "load": os.getloadavg()[0],
        "work": peer.work,
        **(peer.measures() if finished else {}),
    }
    print(json.dumps(found), flush=True)
