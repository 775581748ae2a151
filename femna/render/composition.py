"""What is where on a plane through the highest tip: one map a substance, bright where it is, as an ion map is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, ListedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from matplotlib.tri import Triangulation

from femna.io.field_store import MATERIAL
from femna.render import theme
from femna.render.cut_stack import Framing, layer_colours
from femna.render.grey_slices import fair_triangles, slice_bar
from femna.render.stage import METAL_COLOUR

if TYPE_CHECKING:
    from femna.case import Case
    from femna.render.front_mesh import Output

Array = np.ndarray[Any, Any]

ALL = "all"
"""Name of the panel that shows the substances over one another."""


def composition(output: Output, case: Case, framing: Framing, place: Array, heading: str) -> Figure:
    """The share of metal, xi, and of each layer, 1 - xi where the layer is, and all of them over one another.

    Args:
        output: the output.
        case: the case of the run.
        framing: its heights are shown.
        place: y of the plane is its second entry, um.
        heading: title of the figure.
    """
    cut = framing.within(output.cut(1, place[1]))
    mesh = cut if cut.is_all_triangles else cut.triangulate()
    points, faces = np.asarray(mesh.points, dtype=float), mesh.regular_faces
    keep = fair_triangles(points[:, [0, 2]], faces)
    faces, numbers = faces[keep], np.asarray(mesh.cell_data[MATERIAL.key])[keep]
    xi = np.asarray(mesh.point_data["xi"], dtype=float)
    count = len(case.layer_names)
    names = [case.layer_names[max(k, 1)] if k < count else "grain boundaries" for k in range(int(numbers.max()) + 1)]
    hues = layer_colours(case, numbers)
    colours = {"metal": METAL_COLOUR} | {names[k]: hue for k, hue in hues.items()}
    flat = {
        name: Triangulation(points[:, 0], points[:, 2], faces[np.array([names[k] == name for k in numbers])])
        for name in colours
        if name != "metal"
    } | {"metal": Triangulation(points[:, 0], points[:, 2], faces)}
    low, high = framing.bounds
    panels = [*colours, ALL]
    width = (theme.WIDTH - 0.8) / len(panels)
    tall = min(width * float((high - low)[2] / (high - low)[0]), 4.0)
    fig = theme.figure(theme.WIDTH, tall + 1.0, layout="compressed")
    grid = fig.subplots(1, len(panels), sharey=True)
    for k, (axes, name) in enumerate(zip(grid, panels, strict=True)):
        axes.set_facecolor("black")
        axes.set_aspect("equal")
        if name == ALL:
            for part in (other for other in colours if other != "metal"):
                axes.tripcolor(flat[part], np.ones_like(xi), cmap=ListedColormap([colours[part]]), rasterized=True)
            axes.tricontourf(flat["metal"], xi, levels=[0.5, 2.0], colors=[METAL_COLOUR])
        else:
            ramp = LinearSegmentedColormap.from_list(name, ["black", colours[name], "white"])
            share = xi if name == "metal" else 1.0 - xi
            axes.tripcolor(flat[name], share, shading="gouraud", cmap=ramp, vmin=0.0, vmax=1.2, rasterized=True)
        axes.set_xlim(low[0], high[0])
        axes.set_ylim(low[2], high[2])
        axes.set_title(theme.lettered(k, theme.verbatim(name)), fontsize=8)
        axes.set_xlabel("x (µm)")
        axes.xaxis.set_major_locator(MaxNLocator(nbins=3, steps=[1, 2, 5, 10]))
    grid[0].set_ylabel("z (µm)")
    slice_bar(grid[-1])
    fig.suptitle(heading, fontsize=9)
    theme.note(fig, f"Share of each substance on the plane y = {place[1]:.3g} µm: black none, brightest all.")
    return fig
