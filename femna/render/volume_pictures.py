"""The pictures of a 3D output: which ones, and what a machine without OpenGL leaves out."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from femna.render import opengl, theme
from femna.render.cut_stack import Framing
from femna.render.film import check_film
from femna.render.front_mesh import Output

if TYPE_CHECKING:
    from femna.analysis.stored_run import StoredRun

log = logging.getLogger("femna.render")


def volume_pictures(
    run: StoredRun, moment: float, heading: str, out: Path, suffix: str = "", film: str | None = None
) -> list[Path]:
    """Draw a 3D output: slices, composition; with OpenGL the stack, current lines, the row over the charge, a turn.

    Args:
        run: the run.
        moment: time of the output, s.
        heading: title of the figures.
        out: folder of the pictures.
        suffix: of the files' names.
        film: gif or mp4 for a film of the deposit that turns; None for none.

    Returns:
        The paths of the pictures.
    """
    opengl.choose_off_screen()
    from femna.render.composition import composition
    from femna.render.grey_slices import slices

    output, case = Output.of(run.fields(moment)), run.case
    front = output.front()
    framing = Framing.about(output, [front])
    place = output.tip(front)
    if front.n_points:  # at the tip's own height there is next to no metal
        place = np.array([*place[:2], float(np.median(np.asarray(front.points)[:, 2]))])
    figures = {
        "slices": slices(output, framing, place, heading),
        "composition": composition(output, case, framing, place, heading),
    }
    paths = [theme.save(figure, out / f"{name}{suffix}.png") for name, figure in figures.items()]
    if not opengl.has_gl():
        log.warning("no 3D picture: this machine has no OpenGL (install libgl1 and libegl1)")
        return paths
    from femna.render.currents import currents
    from femna.render.sequence import sequence
    from femna.render.volume import volume

    scenes = {
        "volume": volume(output, case, heading),
        "currents": currents(output, case, framing, heading),
        "sequence": sequence(run, moment),
    }
    paths += [theme.save(figure, out / f"{name}{suffix}.png") for name, figure in scenes.items() if figure is not None]
    if film is not None:
        from femna.render.turntable import turntable

        check_film(film)
        paths.append(turntable(output, case, framing, out / f"turntable{suffix}.{film}"))
    return paths
