"""The growth as a moving picture: one frame an output, colour scales common to all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from femna.analysis.snapshot import Snapshot
from femna.render import theme
from femna.render.domains import Domains
from femna.render.film import write_film
from femna.render.layers import boundaries, grain_boundaries, lines
from femna.render.panels import colour_bar, draw
from femna.render.profiles import line, shade_metal, shown_heights, within
from femna.render.scales import common_scale, is_even, shown_keys

if TYPE_CHECKING:
    from femna.case import Case

Array = np.ndarray[Any, Any]

DPI = 110
NARROW_MAP_WIDTH = 1.5
"""Width of a map, inch, below which the name of its scale takes two lines."""


def movie(snaps: Sequence[Snapshot], case: Case, path: Path, frames_per_second: int = 10) -> Path:
    """Write a film of xi and c: maps in the plane, profiles in one dimension; one frame an output.

    Args:
        snaps: the outputs in the order of time.
        case: the case of the run.
        path: the file, .gif or .mp4.
        frames_per_second: speed.

    Returns:
        The path.

    Raises:
        CannotGoOn: the disk is full, or the file cannot be written.
    """
    domains = Domains.of(case)
    keys = [key for key in ("xi", "c") if key in shown_keys(case, snaps[-1]) and not is_even(snaps, key, domains)]
    scales = {key: common_scale(snaps, key, domains) for key in keys}
    flat = snaps[-1].dim == 1
    window = shown_heights(snaps, [case])[0]
    extent = snaps[-1].points.max(axis=0) - snaps[-1].points.min(axis=0)
    aspect = 0.6 if flat else float(extent[1] / extent[0])
    wide = min(2.8, 4.5 / aspect)
    fig = theme.figure(len(keys) * (wide + 0.35) + 0.9, wide * aspect + 1.4)
    panels = fig.subplots(1, len(keys), sharex=True, sharey=not flat, squeeze=False)[0]

    def frame(snap: Snapshot) -> None:
        for axes, key in zip(panels, keys, strict=True):
            axes.clear()
            if flat:
                axes.plot(*within(*line(snap, key, domains), window))
                shade_metal(axes, snap, theme.shown_time(snap.time))
                axes.set_xlim(window)
                low, high = scales[key].vmin or 0.0, scales[key].vmax or 0.0
                axes.set_ylim(low - 0.05 * (high - low), high + 0.05 * (high - low))
                lines(axes, case, upright=True)
                axes.set_xlabel("Height (µm)")
                axes.set_ylabel(theme.label(snap.declaration(key)))
            else:
                draw(axes, snap, key, scales[key], domains)
                grain_boundaries(axes, snap, case)
                colour_bar(axes, snap.declaration(key), scales[key], narrow=wide < NARROW_MAP_WIDTH)
                boundaries(axes, case, named=axes is panels[-1])
                axes.set_xlabel("x (µm)")
        if not flat:
            panels[0].set_ylabel("Height (µm)")
        fig.suptitle(f"{theme.verbatim(case.name)}, {theme.shown_time(snap.time)}", fontsize=9)

    for _ in range(2):  # the bars' size follows from the first layout
        frame(snaps[-1])
        fig.canvas.draw()
    fig.set_layout_engine("none")  # frames must not shift against each other
    fig.set_dpi(DPI)

    def pictures() -> Iterator[Array]:
        for snap in snaps:
            frame(snap)
            fig.canvas.draw()
            yield np.asarray(fig.canvas.buffer_rgba())[..., :3].copy()

    return write_film(pictures(), path, frames_per_second)
