"""Lines of the ionic current between the counter and a 3D deposit, and the concentration on a cut behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from femna.analysis.snapshot import POTENTIALS
from femna.io.field_store import MATERIAL
from femna.render import theme
from femna.render.cut_stack import Framing, layer_colours, stack_faces
from femna.render.domains import Domains
from femna.render.front_mesh import Output, nodal_gradient
from femna.render.scene_marks import heights, scale_bar, triad
from femna.render.stage import METAL_CUT_COLOUR, Stage

if TYPE_CHECKING:
    import pyvista

    from femna.case import Case

Array = np.ndarray[Any, Any]

SEEDS = 9
"""Lines along each side of the box."""
LINE_COLOUR = "#1f1f1f"
LINE_RADIUS = 0.003
"""Of a line, over the larger side of the scene."""
CONCENTRATION_MAP = "viridis"


def currents(output: Output, case: Case, framing: Framing, heading: str) -> Figure | None:
    """The picture.

    Args:
        output: with c and a potential.
        case: the case of the run.
        framing: what to show, and from where.
        heading: title of the figure.

    Returns:
        The figure; None where the run stores no concentration or no potential.
    """
    grid = output.grid
    potential = next((key for key in POTENTIALS if key in grid.point_data), None)
    if potential is None or "c" not in grid.point_data:
        return None
    stage = Stage(framing.camera, framing.bounds, 4.4)
    stage.metal(framing.within(output.front()))
    for face in stack_faces(output, framing):
        if face.number is None:
            stage.solid(face.mesh, METAL_CUT_COLOUR)
    cut = framing.within(output.cut(1, framing.opening))
    if cut.n_cells:
        cut = cut.clip_scalar(scalars="xi", value=0.5)
    numbers = np.asarray(cut.cell_data[MATERIAL.key]) if cut.n_cells else np.zeros(0, int)
    salted = ~np.isin(numbers, Domains.of(case).saltless)
    colours = layer_colours(case, numbers)
    for number in np.unique(numbers[~salted]):  # a number that is stored there is no concentration
        stage.solid(_part(cut, numbers == number), colours[int(number)])
    salt = _part(cut, salted) if salted.any() else None
    values = np.zeros(1) if salt is None else np.asarray(salt.point_data["c"])
    low, high = theme.widened(float(values.min()), float(values.max()), 0.01)
    if salt is not None:
        stage.plotter.add_mesh(
            salt, scalars="c", cmap=CONCENTRATION_MAP, clim=(low, high), lighting=False, show_scalar_bar=False
        )
    lines = _lines(output, framing, potential)
    if lines.n_cells:
        stage.plotter.add_mesh(lines.tube(radius=LINE_RADIUS * stage.size), color=LINE_COLOUR, ambient=0.4)
    view = stage.photograph(occlusion=False)  # colours of the cut must be those of the scale
    fig = theme.figure(theme.WIDTH, float(np.clip(4.4 * view.height / view.width + 0.8, 2.6, 5.6)))
    axes = fig.subplots()
    view.show(axes)
    scale_bar(axes, view)
    triad(axes, view)
    corners = np.array([[x, y] for x in framing.bounds[:, 0] for y in framing.bounds[:, 1]])
    across = [float(view.camera.project(np.array([*corner, 0.0]))[0]) for corner in corners]
    heights(axes, view, framing.bounds, corners[int(np.argmin(across))])
    # mol/m^3 as mol/L
    bar = fig.colorbar(ScalarMappable(Normalize(low / 1e3, high / 1e3), CONCENTRATION_MAP), ax=axes, shrink=0.6)
    bar.set_label("Concentration c (mol/L)", fontsize=7)
    bar.outline.set_linewidth(0.4)
    fig.suptitle(heading, fontsize=9)
    theme.note(
        fig,
        "Dark lines: along -grad phi, the way of the ionic current; begun evenly at the top. Layers without salt have "
        "their own colour.",
    )
    return fig


def _part(cut: pyvista.PolyData, chosen: Array) -> pyvista.PolyData:
    """Some cells of a cut."""
    return cut.extract_cells(np.flatnonzero(chosen)).extract_surface(algorithm="dataset_surface")


def _lines(output: Output, framing: Framing, potential: str) -> pyvista.PolyData:
    """Lines along -grad phi from evenly spaced points at the top of what is shown, as far as the metal."""
    import pyvista as pv

    low, high = framing.bounds
    grid, cells = output.grid, output.cells
    points = np.asarray(grid.points, dtype=float)
    shown = (points[cells][:, :, 2].max(axis=1) >= low[2]) & (points[cells][:, :, 2].min(axis=1) <= high[2])
    liquid = shown & (np.asarray(grid.point_data["xi"])[cells].min(axis=1) < 0.5)
    field = -nodal_gradient(points, cells, np.asarray(grid.point_data[potential], dtype=float))
    piece = pv.UnstructuredGrid({pv.CellType.TETRA: cells[liquid]}, points)
    length = np.linalg.norm(field, axis=1, keepdims=True)
    piece.point_data["way"] = field / np.where(length > 0.0, length, 1.0)
    steps = (np.arange(SEEDS) + 0.5) / SEEDS
    lateral = np.stack(np.meshgrid(*(low[k] + steps * (high[k] - low[k]) for k in (0, 1)), indexing="ij"), -1)
    places = lateral.reshape(-1, 2)
    front_half = (places[:, 1] - framing.opening) * (framing.near - framing.opening) > 0.0
    top = np.full((int(front_half.sum()), 1), high[2] - 1e-3 * (high[2] - low[2]))
    seeds = pv.PolyData(np.hstack([places[front_half], top]))
    size = float(np.ptp(framing.bounds, axis=0).max())
    return piece.streamlines_from_source(
        seeds, vectors="way", integration_direction="both", max_length=4.0 * size, initial_step_length=0.005 * size,
        max_step_length=0.01 * size, step_unit="l", terminal_speed=1e-3,
    )  # fmt: skip
