"""The front of a 3D run at several charges, side by side, from one place and on one scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from femna.analysis.cycles import half_cycles
from femna.analysis.history_columns import column
from femna.render import theme
from femna.render.cut_stack import Framing
from femna.render.front_mesh import Output
from femna.render.relief import draw_relief, height_bar, heights_range, relief
from femna.render.scene_marks import scale_bar, triad
from femna.render.volume import scene

if TYPE_CHECKING:
    from femna.analysis.stored_run import StoredRun

Array = np.ndarray[Any, Any]


def chosen_moments(run: StoredRun, last: float) -> list[tuple[float, str]]:
    """Times of stored outputs for a row of panels, and what to call them.

    Before, after the first plating and after the stripping that follows it, where the run has gone so far; else before,
    at half the charge and at the end.

    Args:
        run: the run.
        last: time of the last output that counts, s.

    Returns:
        Up to three times, s, rising, with a name each.
    """
    times = np.asarray(run.times)
    times = times[times <= last * (1 + 1e-9)]
    history = run.history
    clock = history["Time [s]"]
    halves = half_cycles(history)
    wanted = [(float(times[0]), "before")]
    plated = next((k for k, half in enumerate(halves) if half.plating), None)
    if plated is not None and plated + 1 < len(halves):
        wanted += [(float(clock[halves[plated].last]), "plated"), (float(clock[halves[plated + 1].last]), "stripped")]
    else:
        charge = np.nan_to_num(column(history, "Capacity [mAh.cm-2]"))
        at = np.interp(times, clock, charge)
        wanted.append((float(times[int(np.abs(at - (at[0] + at[-1]) / 2).argmin())]), "half the charge"))
        wanted.append((float(times[-1]), "end"))
    found: dict[float, str] = {}
    for time, name in wanted:
        found.setdefault(float(times[int(np.abs(times - time).argmin())]), name)
    return sorted(found.items())


def sequence(run: StoredRun, last: float) -> Figure | None:
    """The row of panels: scenes, and their heights below.

    Args:
        run: a run in three dimensions.
        last: time of the last output that counts, s.

    Returns:
        The figure; None with fewer than two outputs to compare.
    """
    moments = chosen_moments(run, last)
    if len(moments) < 2:
        return None
    outputs = [Output.of(run.fields(time)) for time, _ in moments]
    fronts = [output.front() for output in outputs]
    framing = Framing.about(outputs[-1], fronts)
    wide = theme.WIDTH / len(moments)
    views = [scene(output, run.case, framing, wide) for output in outputs]
    reliefs = [relief(front, output.box) for front, output in zip(fronts, outputs, strict=True)]
    limits = heights_range(np.concatenate([heights.ravel() for heights in reliefs]))
    tall = wide * views[0].height / views[0].width
    fig = theme.figure(theme.WIDTH, float(tall + 0.85 * wide + 0.7))
    grid = fig.subplots(2, len(moments), height_ratios=[tall, 0.8 * wide], squeeze=False)
    charge = column(run.history, "Capacity [mAh.cm-2]")
    largest = float(np.nanmax(np.abs(charge), initial=0.0))
    for k, ((time, name), view, heights) in enumerate(zip(moments, views, reliefs, strict=True)):
        view.show(grid[0, k])
        passed = theme.shown(float(np.interp(time, run.history["Time [s]"], np.nan_to_num(charge))), largest)
        grid[0, k].set_title(theme.lettered(k, f"{name}, {passed} mAh cm⁻²"), fontsize=8)
        image = draw_relief(grid[1, k], heights, outputs[k].box, limits)
        if k:
            grid[1, k].set_ylabel("")
    scale_bar(grid[0, -1], views[-1])
    triad(grid[0, 0], views[0])
    height_bar(fig, image, grid[1, -1])
    fig.suptitle(theme.verbatim(run.case.name), fontsize=9)
    return fig
