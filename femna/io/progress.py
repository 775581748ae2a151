"""What a user sees while a case runs: a live bar on a terminal, else a plain line now and then."""

from __future__ import annotations

import math
from collections import deque
from contextlib import suppress
from typing import TextIO

from rich.progress import BarColumn, TaskProgressColumn, TextColumn
from rich.progress import Progress as Bar

from femna.io.terminal import console, make_printable

PACE_WINDOW = 60.0
"""Wall time (s) over which the pace is taken, at the most: long enough to be steady, short
enough to follow a growing time step."""
RECENT_SHARE = 0.2
"""Share of the wall time so far over which the pace is taken, where that is less."""
STEADY = 1.3
"""Ratio of the pace in the later half of that time to the pace in the earlier one, beyond which no end is foretold: the
time step still grows."""
FORETOLD_FROM = 1e-3
"""Share of the total below which no end is foretold."""
LINE_EVERY = (5.0, 60.0)
"""Least and largest wall time (s) between plain lines; in between, a twentieth of the run so far."""
REFRESH = 0.1


def wants_live(stream: TextIO, ranks: int) -> bool:
    """Whether a live bar can be shown: on a terminal and with one rank, as launchers mix the lines of several.

    Args:
        stream: where it would be shown.
        ranks: number of MPI ranks.

    Returns:
        The answer.
    """
    return ranks == 1 and stream.isatty()


class Progress:
    """Shows simulated time, step size, height, current and the expected end.

    Without a live bar a line is printed at the start, with each tenth of the total, and at most every 5 s.

    Args:
        total_time: simulated time at which the protocol ends, s; None where only the run itself will tell.
        live: whether to show a bar (see `wants_live`).
        stream: where to print.
    """

    def __init__(self, total_time: float | None, live: bool, stream: TextIO) -> None:
        known = total_time is not None and math.isfinite(total_time) and total_time > 0
        self.total = total_time if known else None
        self.stream = stream
        make_printable(stream)
        self._past: deque[tuple[float, float]] = deque()
        self._first_wall: float | None = None
        self._shown_wall = -math.inf
        self._shown_tenth = 0
        self._bar: Bar | None = None
        if live:
            columns = (BarColumn(bar_width=24), TaskProgressColumn(), TextColumn("{task.description}", markup=False))
            self._bar = Bar(*columns, console=console(stream), auto_refresh=False)
            self._task = self._bar.add_task("", total=self.total)
            self._bar.start()

    def step(self, time: float, dt: float, height: float, current: float, wall: float) -> None:
        """Show an accepted step.

        Args:
            time: simulated time, s.
            dt: size of the step, s.
            height: height of the front, m.
            current: current density, A/m^2.
            wall: wall time, s.
        """
        self._past.append((wall, time))
        while len(self._past) > 2 and wall - self._past[1][0] > PACE_WINDOW:
            self._past.popleft()
        if self._first_wall is None:
            self._first_wall = wall
        text = self._text(time, dt, height, current)
        if self._bar is not None:
            self._bar.update(self._task, completed=min(time, self.total or time), description=text)
            if wall - self._shown_wall >= REFRESH:
                self._bar.refresh()
                self._shown_wall = wall
            return
        tenth = int(10 * time / self.total + 1e-9) if self.total else 0
        pause = min(max(0.05 * (wall - self._first_wall), LINE_EVERY[0]), LINE_EVERY[1])
        if tenth > self._shown_tenth or wall - self._shown_wall >= pause:
            percent = f"{100 * time / self.total:3.0f} %  " if self.total else ""
            self._line(percent + text)
            self._shown_wall, self._shown_tenth = wall, tenth

    def close(self, message: str | None = None) -> None:
        """End the bar, so that the terminal is as before; may be called again.

        Args:
            message: what to print last.
        """
        if self._bar is not None:
            self._bar.refresh()
            self._bar.stop()
            self._bar = None
        if message:
            self._line(message)

    def remaining(self) -> float | None:
        """Expected wall time to the end at the present pace, s; None where it cannot be told."""
        if self.total is None or len(self._past) < 3 or self._first_wall is None:
            return None
        (wall_1, time_1) = self._past[-1]
        since = wall_1 - min(PACE_WINDOW, RECENT_SHARE * (wall_1 - self._first_wall))
        recent = [point for point in self._past if point[0] >= since]
        *inner, (wall_m, time_m), _ = recent if len(recent) > 2 else list(self._past)[-3:]
        (wall_0, time_0) = inner[0]
        wall_m, time_m = min([*inner[1:], (wall_m, time_m)], key=lambda point: abs(2.0 * point[0] - wall_0 - wall_1))
        if time_1 < FORETOLD_FROM * self.total or not (time_0 < time_m < time_1 and wall_0 < wall_m < wall_1):
            return None
        early, late = (time_m - time_0) / (wall_m - wall_0), (time_1 - time_m) / (wall_1 - wall_m)
        return max(self.total - time_1, 0.0) / late if late <= STEADY * early else None

    def _text(self, time: float, dt: float, height: float, current: float) -> str:
        clock = f"t = {duration(time)}" + (f" of {duration(self.total)}" if self.total else "")
        state = f"dt = {dt:.3g} s  height = {height * 1e6:.4g} um  current = {current * 0.1:.4g} mA/cm2"
        left = self.remaining()
        return f"{clock}  {state}" + (f"  ends in {duration(left)}" if left is not None else "")

    def _line(self, text: str) -> None:
        with suppress(OSError):  # nobody listens any more (a closed pipe): no reason to stop the run
            print(text, file=self.stream, flush=True)


def duration(seconds: float) -> str:
    """A time in the units that a person would use: 0.25 s, 12.3 s, 3 min 20 s, 2 h 05 min, 3 d 4 h.

    Args:
        seconds: the time, s.

    Returns:
        The text.
    """
    if seconds < 59.95:
        return f"{seconds:.3g} s"
    whole = round(seconds)
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if hours < 1:
        return f"{minutes} min {whole % 60:02d} s"
    if days < 1:
        return f"{hours} h {minutes % 60:02d} min"
    return f"{days} d {hours % 24} h"
