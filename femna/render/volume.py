"""The deposit of a 3D run in its stack of layers, cut away, and its heights.

pyvista draws the scene, matplotlib writes on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from femna.io.field_store import MATERIAL
from femna.render import theme
from femna.render.cut_stack import GRAIN_BOUNDARY_COLOUR, LAYER_COLOURS, Framing, add_stack, layer_colours
from femna.render.front_mesh import Output
from femna.render.relief import draw_relief, height_bar, relief
from femna.render.scene_marks import heights, legend, scale_bar, triad
from femna.render.stage import METAL_COLOUR, Stage, View

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from femna.case import Case

Array = np.ndarray[Any, Any]

SCENE_WIDTH = 3.6
"""Of the scene on the page, inch."""


def volume(output: Output, case: Case, heading: str) -> Figure:
    """The surface xi = 1/2 in the stack, cut away at the viewer's side, and from above as a map of heights.

    Args:
        output: the output.
        case: the case of the run.
        heading: title of the figure.

    Returns:
        The figure; the machine must have OpenGL (femna.render.opengl.has_gl).
    """
    front = output.front()
    framing = Framing.about(output, [front])
    view = scene(output, case, framing, SCENE_WIDTH)
    tall = np.clip(SCENE_WIDTH * view.height / view.width + 0.75, 2.4, 5.0)
    fig = theme.figure(theme.WIDTH, float(tall))
    left, right = fig.subplots(1, 2, width_ratios=[1.55, 1.0])
    view.show(left)
    mark(left, view, case, framing)
    heights_map = draw_relief(right, relief(front, output.box), output.box)
    height_bar(fig, heights_map, right)
    theme.letters([left, right])
    fig.suptitle(heading, fontsize=9)
    theme.note(fig, remark(case, framing))
    return fig


def scene(output: Output, case: Case, framing: Framing, inches: float) -> View:
    """The stack photographed.

    Args:
        output: the output.
        case: the case of the run.
        framing: what to show of it, and from where.
        inches: width of the picture on the page.
    """
    stage = Stage(framing.camera, framing.bounds, inches)
    add_stack(stage, output, framing, layer_colours(case, np.asarray(output.grid.cell_data[MATERIAL.key])))
    return stage.photograph()


def mark(axes: Axes, view: View, case: Case, framing: Framing, named: bool = True) -> None:
    """Write the scale bar, the axes, heights and names of the layers on a scene.

    Args:
        axes: of the scene.
        view: the scene.
        case: the case of the run.
        framing: what it shows.
        named: whether to write the names.
    """
    scale_bar(axes, view)
    triad(axes, view)
    corners = np.array([[x, y] for x in framing.bounds[:, 0] for y in framing.bounds[:, 1]])
    across = np.array([view.camera.project(np.array([*corner, 0.0]))[0] for corner in corners])
    heights(axes, view, framing.bounds, corners[across.argmin()])
    if named:
        legend(axes, names_of_colours(case, framing))


def names_of_colours(case: Case, framing: Framing) -> dict[str, str]:
    """Names of what a scene shows, from the collector up: metal, and each layer of which something is shown.

    Where metal of the first layer recedes the second fills its room, so that the first one is never seen but as metal.
    """
    low, high = framing.bounds[:, 2]
    shown = {"metal": METAL_COLOUR}
    for k, name in enumerate(case.layer_names[1:], start=1):
        bottom, top = (z * theme.MICRO for z in case.interval(name))
        if k == 1 or (top > low and bottom < high):
            shown[name] = LAYER_COLOURS[k % len(LAYER_COLOURS)]
    if any(phase.boundary for phase in case.phases):
        shown["grain boundaries"] = GRAIN_BOUNDARY_COLOUR
    return shown


def remark(case: Case, framing: Framing) -> str:
    """What a reader of the scene must know: the bar, what is cut away, and how much of the stack is shown."""
    text = "Surface xi = 1/2. Parallel projection: the bar is true for lengths in the plane of the picture. "
    text += "The layers are cut away at the viewer's side."
    low, high = framing.bounds[:, 2]
    top = case.height * theme.MICRO
    if low > 1e-6 * top or high < (1 - 1e-6) * top:
        text += f" Shown is z = {low:.3g} to {high:.3g} µm of a stack of {top:.3g} µm."
    return text
