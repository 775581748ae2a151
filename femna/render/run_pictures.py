"""The pictures of one run."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np

from femna.analysis.history_columns import column
from femna.analysis.runs import open_run
from femna.analysis.snapshot import Snapshot, section, snapshot, stored_time
from femna.analysis.stored_run import StoredRun
from femna.errors import BadInput
from femna.io.run_folder import FIGURES_FOLDER
from femna.render import current_voltage, curves, cycle_picture, fronts, panels, profiles, theme
from femna.render.film import check_film
from femna.render.look import Look

log = logging.getLogger("femna.render")

LARGEST_FRONT_COUNT = 12
LARGEST_PROFILE_COUNT = 5
LARGEST_FRAME_COUNT = 120


def render(
    directory: str | Path,
    out: str | Path | None = None,
    time: float | None = None,
    movie: bool | str = False,
    look: Look | None = None,
) -> list[Path]:
    """Draw the pictures of a run, finished or not.

    Where the run holds only steps or only fields, a warning says what is left out.

    Args:
        directory: the run folder.
        out: folder of the pictures; `figures` in the run folder by default.
        time: the output at or before this simulated time is drawn, s; None for the last one.
        movie: write a film as well, and in 3D one of the deposit that turns: True or gif, or mp4.
        look: format, dots per inch and page of the pictures; PNG of 200 on a light page by default.

    Returns:
        The paths of the pictures.

    Raises:
        BadInput: the folder is no run folder, or holds neither a step nor fields to draw.
    """
    run = open_run(directory)
    with theme.style(look):
        return draw_run(run, Path(out) if out is not None else Path(directory) / FIGURES_FOLDER, time, movie)


@theme.style()
def draw_run(run: StoredRun, out: Path, time: float | None = None, movie: bool | str = False) -> list[Path]:
    """Draw an opened run: fields (profiles in 1D), fronts, the volume in 3D, history, cycles, the movie.

    Args:
        run: the run.
        out: folder of the pictures.
        time: as in `render`; a picture of one time is then named after it.
        movie: write a film as well, and in 3D one of the deposit that turns: True or gif, or mp4.

    Returns:
        The paths of the pictures.

    Raises:
        BadInput: the run holds neither a step nor fields to draw.
    """
    film = "gif" if movie is True else movie or None
    if film is not None:
        check_film(film)
    has_steps = len(run.history["Time [s]"]) > 1
    try:
        paths, moment = _of_the_fields(run, out, time, film)
    except BadInput as error:
        if not has_steps:
            raise
        log.warning("left out: every picture of the fields (%s)", error)
        paths, moment = [], None
    if has_steps:
        drawn = curves.history(run.history, theme.verbatim(run.case.name), curves.cell_end(run.manifest))
        paths.append(theme.save(drawn, out / "history.png"))
        if (polarisation := current_voltage.current_voltage(run)) is not None:
            paths.append(theme.save(polarisation, out / "current_voltage.png"))
        if cycle_picture.has_cycles(run):
            paths.append(theme.save(cycle_picture.cycle_picture(run), out / "cycles.png"))
    if film is not None and moment is not None:
        from femna.render.movie import movie as write

        frames: list[Snapshot] = [section(run, t) for t in _some(run, moment, LARGEST_FRAME_COUNT)]
        paths.append(write(frames, run.case, out / f"movie{_suffix(time, moment)}.{film}"))
    return paths


def _of_the_fields(run: StoredRun, out: Path, time: float | None, film: str | None) -> tuple[list[Path], float]:
    """The pictures of stored outputs, and the last one's time, s; all need xi, which tells the metal from the rest."""
    moment = stored_time(run, time)
    suffix, title = _suffix(time, moment), heading(run, moment)
    paths: list[Path] = []
    if run.case.geometry.dim == 1:
        series = [snapshot(run, t) for t in _some(run, moment, LARGEST_PROFILE_COUNT)]
        paths.append(theme.save(profiles.profiles(series, run, title), out / f"profiles{suffix}.png"))
    else:
        paths.append(theme.save(panels.plane(section(run, moment), run.case, title), out / f"fields{suffix}.png"))
    if run.case.geometry.dim == 2:
        series = [snapshot(run, t) for t in _some(run, moment, LARGEST_FRONT_COUNT)]
        drawn = fronts.fronts(series, run, title)
        paths.append(theme.save(drawn, out / f"fronts{suffix}.png"))
    if run.case.geometry.dim == 3:
        from femna.render.volume_pictures import volume_pictures

        paths += volume_pictures(run, moment, title, out, suffix, film)
    return paths, moment


def _suffix(time: float | None, moment: float) -> str:
    return "" if time is None else f"-{theme.shown_time(moment).replace(' ', '')}"


def _some(run: StoredRun, last: float, count: int) -> list[float]:
    """At most `count` stored times up to `last`, evenly chosen, first and last among them."""
    times = [float(t) for t in run.times if t <= last * (1 + 1e-9)]
    chosen = np.unique(np.linspace(0, len(times) - 1, min(count, len(times))).round().astype(int))
    return [times[k] for k in chosen]


def heading(run: StoredRun, moment: float) -> str:
    """What a picture of one time is headed by: the case, the time, the charge passed.

    Args:
        run: the run.
        moment: simulated time, s.
    """
    text = f"{theme.verbatim(run.case.name)}, {theme.shown_time(moment)}"
    capacity = column(run.history, "Capacity [mAh.cm-2]")
    if np.isfinite(capacity).any():
        at, largest = float(np.interp(moment, run.history["Time [s]"], capacity)), float(np.nanmax(np.abs(capacity)))
        text += f", {theme.shown(at, largest)} mAh cm⁻²"
    return text
