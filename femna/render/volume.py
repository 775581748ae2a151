"""The deposit of a 3D run, lit, in its stack of layers; pyvista makes the picture, matplotlib writes on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize, to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from femna.render import theme

if TYPE_CHECKING:
    import pyvista

    from femna.case import Case

Array = np.ndarray[Any, Any]

PIXELS, MOST_PIXELS = 1100, 4400
"""Side of a scene at 200 dots per inch, and the largest that is drawn."""
LAYER_TINTS = ("#b0b0b0", "#E69F00", "#9ccbe8", "#a6dba0", "#d4b9da")
HEIGHT_MAP = "cividis"
BINS = 24
"""Columns along each side of the box, coarser than its mesh, that tell what is seen from above from what is not."""


@dataclass(frozen=True)
class View:
    """A picture and where points of the box lie in it.

    Args:
        image: the picture, (rows, columns, 3).
        places: name -> place in pixels from the upper left corner, (2,).
    """

    image: Array
    places: dict[str, Array]


def volume(grid: pyvista.UnstructuredGrid, case: Case, heading: str) -> Figure:
    """The surface xi = 1/2 from the side, within the layers, and from above, coloured by height.

    Args:
        grid: tetrahedra with the point array xi, coordinates in m.
        case: the case of the run.
        heading: title of the figure.

    Returns:
        The figure; the machine must have OpenGL (femna.render.opengl.has_gl).
    """
    box = np.array(grid.bounds).reshape(3, 2).T * theme.MICRO
    front, walls = _metal(grid)
    heights = _from_above(front.points, box) if front.n_points else box[:1, 2]
    norm = Normalize(float(heights.min()), max(float(heights.max()), float(heights.min()) + 1e-3))
    views = (_side(front, walls, _grain_boundaries(grid, box, case), box, case), _above(front, box, norm))

    shapes = [v.image.shape[1] / v.image.shape[0] for v in views]
    fig = theme.figure(theme.WIDTH, (theme.WIDTH - 1.5) / sum(shapes) + 0.8)
    left, right = fig.subplots(1, 2, width_ratios=shapes)
    for axes, view in ((left, views[0]), (right, views[1])):
        axes.imshow(view.image)
        axes.set_axis_off()
        _scale_bar(axes, view)
    _layer_names(left, views[0], case)
    bar = fig.colorbar(ScalarMappable(norm, HEIGHT_MAP), ax=right, location="right", aspect=30, shrink=0.6, pad=0.02)
    bar.set_label("Height (µm)", fontsize=7)
    bar.outline.set_linewidth(0.4)
    bar.locator = MaxNLocator(nbins=4)
    bar.update_ticks()
    fig.suptitle(heading, fontsize=9)
    return fig


def _metal(grid: pyvista.UnstructuredGrid) -> tuple[pyvista.PolyData, pyvista.PolyData]:
    """The metal's surface in um: the front xi = 1/2, with smooth normals along -grad xi, and the cuts at the box."""
    slopes = grid.scale(theme.MICRO).compute_derivative(scalars="xi", gradient="slope")
    body = slopes.clip_scalar(scalars="xi", value=0.5, invert=False)
    surface = body.extract_surface(algorithm="dataset_surface").triangulate()
    if not surface.n_cells:
        return surface, surface
    free = (np.abs(surface.point_data["xi"] - 0.5) < 1e-6)[surface.regular_faces].all(axis=1)
    front, walls = (
        surface.extract_cells(np.flatnonzero(chosen)).extract_surface(algorithm="dataset_surface")
        for chosen in (free, ~free)
    )
    return _oriented(front), walls


def _from_above(points: Array, box: Array) -> Array:
    """Heights of a surface's uppermost points, um: of (N, 3) points the highest in each of BINS x BINS columns."""
    share = (points[:, :2] - box[0, :2]) / np.ptp(box[:, :2], axis=0)
    column = np.clip((share * BINS).astype(int), 0, BINS - 1) @ np.array([BINS, 1])
    highest = np.full(BINS * BINS, -np.inf)
    np.maximum.at(highest, column, points[:, 2])
    return np.asarray(highest[np.isfinite(highest)])


def _grain_boundaries(grid: pyvista.UnstructuredGrid, box: Array, case: Case) -> pyvista.PolyData:
    """What of the two walls behind the deposit is grain boundary, in um."""
    surface = grid.scale(theme.MICRO).extract_surface(algorithm="dataset_surface")
    centres = surface.cell_centers().points
    behind = (centres[:, :2] > box[1, :2] - 1e-6 * np.ptp(box)).any(axis=1)
    among = np.asarray(surface.cell_data["material"]) >= len(case.layer_names)
    return surface.extract_cells(np.flatnonzero(behind & among)).extract_surface(algorithm="dataset_surface")


def _oriented(front: pyvista.PolyData) -> pyvista.PolyData:
    """The front with normals -grad xi and every triangle turned the same way, as VTK needs to light one side of it."""
    import pyvista as pv

    if not front.n_cells:
        return front
    faces, slope = front.regular_faces, np.asarray(front.point_data["slope"], dtype=float)
    normals = -slope / np.maximum(np.linalg.norm(slope, axis=1, keepdims=True), 1e-30)
    corners = np.asarray(front.points, dtype=float)[faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    inwards = (across * normals[faces].sum(axis=1)).sum(axis=1) < 0
    turned = pv.PolyData.from_regular_faces(front.points, np.where(inwards[:, None], faces[:, ::-1], faces))
    turned.point_data.active_normals = normals.astype(np.float32)
    turned.point_data["height"] = turned.points[:, 2]
    return turned


def _fineness() -> float:
    """Dots per inch over the usual ones, by which pixels and the widths of lines go."""
    return theme.dots_per_inch() / theme.DPI


def _plotter() -> pyvista.Plotter:
    import pyvista as pv

    side = min(round(PIXELS * _fineness()), MOST_PIXELS)
    plotter = pv.Plotter(off_screen=True, window_size=(side, side))
    plotter.set_background(theme.page())
    plotter.enable_anti_aliasing("ssaa")
    return plotter


def _look(plotter: pyvista.Plotter, box: Array, direction: Array, up: tuple[float, float, float]) -> None:
    centre = box.mean(axis=0)
    plotter.camera_position = [tuple(centre + 10 * np.ptp(box) * direction), tuple(centre), up]
    plotter.enable_parallel_projection()


def _side(front: pyvista.PolyData, walls: pyvista.PolyData, grains: pyvista.PolyData, box: Array, case: Case) -> View:
    import pyvista as pv

    plotter = _plotter()
    metal = {"color": "#e3e1dc", "ambient": 0.15}
    if front.n_points:
        plotter.add_mesh(front, smooth_shading=True, specular=0.35, specular_power=18, **metal)
    if walls.n_points:
        plotter.add_mesh(walls, **metal)
    if grains.n_points:
        plotter.add_mesh(grains, color="#8c6d31", opacity=0.35, lighting=False)
    marks = _bar_ends(box)
    for index, name in enumerate(case.layer_names):
        bottom, top = (z * theme.MICRO for z in case.interval(name))
        layer = pv.Box((box[0, 0], box[1, 0], box[0, 1], box[1, 1], bottom, top))
        plotter.add_mesh(layer, color=LAYER_TINTS[index % len(LAYER_TINTS)], opacity=0.10, lighting=False)
        plotter.add_mesh(layer.extract_all_edges(), color="#7a7a7a", line_width=1.5 * _fineness(), opacity=0.8)
        marks[name] = np.array([box[1, 0], box[0, 1], (bottom + top) / 2])
    plotter.enable_depth_peeling(8)
    _look(plotter, box, np.array([-0.62, -1.0, 0.42]), (0, 0, 1))
    return _shoot(plotter, marks)


def _above(front: pyvista.PolyData, box: Array, norm: Normalize) -> View:
    plotter = _plotter()
    if front.n_points:
        plotter.add_mesh(
            front, scalars="height", cmap=HEIGHT_MAP, clim=(norm.vmin, norm.vmax), show_scalar_bar=False,
            smooth_shading=True, ambient=0.3, specular=0.0,
        )  # fmt: skip
    _look(plotter, box, np.array([0.0, 0.0, 1.0]), (0, 1, 0))
    return _shoot(plotter, _bar_ends(box))


def _bar_ends(box: Array) -> dict[str, Array]:
    """A bar of a round length (1, 2 or 5 times a power of ten) along the lower front edge, about a third of it."""
    width = box[1, 0] - box[0, 0]
    power = 10.0 ** np.floor(np.log10(width / 3))
    length = power * max(k for k in (1, 2, 5) if k * power <= width / 2.5)
    start = box[0].copy()
    return {"bar": start, "bar end": start + np.array([length, 0, 0]), "length": np.array([length, 0, 0])}


def _shoot(plotter: pyvista.Plotter, marks: dict[str, Array]) -> View:
    """Render, cut the empty margin off, and say where the marks lie."""
    plotter.reset_camera()
    image = np.asarray(plotter.screenshot(None, return_img=True))
    size = np.array([image.shape[1], image.shape[0]])
    places = {}
    for name, point in marks.items():
        plotter.renderer.SetWorldPoint(*point, 1.0)
        plotter.renderer.WorldToDisplay()
        x, y, _ = plotter.renderer.GetDisplayPoint()
        places[name] = np.array([x, size[1] - y])
    plotter.close()
    ink = (np.abs(image.astype(int) - np.round(255.0 * np.array(to_rgb(theme.page())))) > 5).any(axis=2)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return View(image, places | {"length": marks["length"]})
    corner = np.array([columns[0], rows[0]])
    cut = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return View(cut, {n: p - corner for n, p in places.items()} | {"length": marks["length"]})


def _scale_bar(axes: Any, view: View) -> None:
    start, end = view.places["bar"], view.places["bar end"]
    along = (end - start) / np.linalg.norm(end - start)
    below = np.array([-along[1], along[0]]) * 0.035 * view.image.shape[0]
    (x0, y0), (x1, y1) = start + below, end + below
    axes.plot([x0, x1], [y0, y1], color=theme.ink(), linewidth=2, solid_capstyle="butt", clip_on=False)
    angle = -np.degrees(np.arctan2(along[1], along[0]))
    axes.annotate(
        f"{view.places['length'][0]:g} µm", ((x0 + x1) / 2, (y0 + y1) / 2), xytext=(0, -4), textcoords="offset points",
        ha="center", va="top", rotation=angle, rotation_mode="anchor", annotation_clip=False,
    )  # fmt: skip


def _layer_names(axes: Any, view: View, case: Case) -> None:
    """Names to the right of the box, moved apart where the layers are thin."""
    from femna.render.layers import spread

    rows = view.image.shape[0]
    names = list(case.layer_names)
    places = spread([rows - view.places[n][1] for n in names], [rows / 22] * len(names), -rows, 2 * rows)
    for name, place in zip(names, places, strict=True):
        axes.annotate(
            theme.verbatim(name), (view.image.shape[1], rows - place), xytext=(3, 0), textcoords="offset points",
            va="center", color=theme.QUIET, fontsize=7, annotation_clip=False,
        )  # fmt: skip
