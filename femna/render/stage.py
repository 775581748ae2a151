"""Camera, light and window of the 3D pictures: parallel projection, two lamps, ambient occlusion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from matplotlib.axes import Axes

from femna.render import theme

if TYPE_CHECKING:
    import pyvista

Array = np.ndarray[Any, Any]

LEAST_DPI = 300
"""Dots per inch of a scene at the least, also where the page has fewer: PDF and SVG keep what was drawn."""
MOST_PIXELS = 4400
OCCLUSION_SAMPLES = 48
METAL_COLOUR, METAL_CUT_COLOUR = "#d2cec6", "#a39f97"
MARGIN = 0.02
"""Empty border about a scene, over its larger side."""
OCCLUSION_REACH = 0.08
"""Of the larger side of the scene: what is so near takes ambient light away."""


@dataclass(frozen=True)
class Camera:
    """A parallel projection, in which a length that lies in the plane of the picture is true anywhere on it.

    Args:
        right, up: the picture's axes in space, unit vectors, (3,).
        towards: from the scene to the viewer, unit vector, (3,).
    """

    right: Array
    up: Array
    towards: Array

    @classmethod
    def looking(cls, towards: Array) -> Self:
        """The camera that looks at the scene from a direction, (3,); z is up in the picture."""
        towards = np.asarray(towards, dtype=float) / np.linalg.norm(towards)
        right = np.cross([0.0, 0.0, 1.0], towards)
        right /= np.linalg.norm(right)
        return cls(right, np.cross(towards, right), towards)

    def project(self, points: Array) -> Array:
        """Places of points (..., 3) in the plane of the picture, (..., 2), in the unit of the points."""
        return np.stack([points @ self.right, points @ self.up], axis=-1)


@dataclass(frozen=True)
class View:
    """A picture of a scene, and where it lies in the plane of the picture.

    Args:
        image: (rows, columns, 3).
        extent: left, right, bottom, top of the picture, um in the plane of the picture.
        camera: the camera.
    """

    image: Array
    extent: tuple[float, float, float, float]
    camera: Camera

    def show(self, axes: Axes) -> None:
        """Draw it on axes whose unit is the micrometre in the plane of the picture."""
        axes.imshow(self.image, extent=self.extent, interpolation="antialiased", zorder=0)
        axes.set_axis_off()
        axes.set_xlim(self.extent[:2])
        axes.set_ylim(self.extent[2:])

    @property
    def width(self) -> float:
        """Of the picture, um."""
        return self.extent[1] - self.extent[0]

    @property
    def height(self) -> float:
        """Of the picture, um."""
        return self.extent[3] - self.extent[2]


class Stage:
    """What is drawn, until it is photographed.

    Args:
        camera: the camera.
        bounds: lower and upper corner of what is to be seen, (2, 3), um.
        inches: width of the picture on the page.
    """

    def __init__(self, camera: Camera, bounds: Array, inches: float) -> None:
        import pyvista as pv

        corners = np.array([[bounds[i, 0], bounds[j, 1], bounds[k, 2]] for i, j, k in np.ndindex(2, 2, 2)])
        flat = camera.project(corners)
        low, high = flat.min(axis=0), flat.max(axis=0)
        margin = MARGIN * float((high - low).max())
        low, high = low - margin, high + margin
        wide = min(round(inches * max(theme.dots_per_inch(), LEAST_DPI)), MOST_PIXELS)
        tall = max(round(wide * (high - low)[1] / (high - low)[0]), 1)
        if tall > MOST_PIXELS:
            wide, tall = max(round(wide * MOST_PIXELS / tall), 1), MOST_PIXELS
        self.camera, self.size = camera, float(np.ptp(bounds, axis=0).max())
        self.extent = (float(low[0]), float(high[0]), float(low[1]), float(high[1]))
        self.pixels_per_inch = wide / inches
        self.plotter = pv.Plotter(off_screen=True, window_size=(wide, tall), lighting="none")
        self.plotter.set_background(theme.page())
        for place, strength, colour in (
            ((-0.9, 1.0, 1.1), 0.80, "#fff7ec"),  # the key lamp, warm, from the upper left
            ((1.6, 0.35, 0.7), 0.42, "#e6eeff"),  # the other, cold, from the right
        ):
            lamp = pv.Light(position=place, light_type="camera light", intensity=strength, color=colour)
            self.plotter.add_light(lamp)
        middle = (low + high) / 2
        depth = float((corners @ camera.towards).mean())
        focus = middle[0] * camera.right + middle[1] * camera.up + depth * camera.towards
        away = 4.0 * self.size
        self.plotter.camera_position = [tuple(focus + away * camera.towards), tuple(focus), tuple(camera.up)]
        self.plotter.enable_parallel_projection()
        self.plotter.camera.parallel_scale = float(high[1] - low[1]) / 2
        self.plotter.camera.clipping_range = (away - 3.0 * self.size, away + 3.0 * self.size)

    def line_width(self, points: float) -> float:
        """Pixels of a line that is so many printer's points wide on the page."""
        return points / 72 * self.pixels_per_inch

    def metal(self, mesh: pyvista.PolyData) -> None:
        """Add the metal's front, opaque and smooth."""
        if mesh.n_cells:
            shine = {"specular": 0.25, "specular_power": 25}
            self.plotter.add_mesh(mesh, color=METAL_COLOUR, smooth_shading=True, ambient=0.22, diffuse=0.85, **shine)

    def solid(self, mesh: pyvista.PolyData, colour: str) -> None:
        """Add an opaque, matt face."""
        if mesh.n_cells:
            self.plotter.add_mesh(mesh, color=colour, smooth_shading=False, ambient=0.62, diffuse=0.45)

    def photograph(self, occlusion: bool = True) -> View:
        """Render, with ambient occlusion or without, and close the window."""
        self.plotter.enable_anti_aliasing("ssaa")
        if occlusion:
            reach = OCCLUSION_REACH * self.size
            self.plotter.enable_ssao(radius=reach, bias=0.02 * reach, kernel_size=OCCLUSION_SAMPLES, blur=True)
        image = np.asarray(self.plotter.screenshot(None, return_img=True))
        self.plotter.close()
        return View(image, self.extent, self.camera)

    def frame(self, camera: Camera, middle: Array) -> Array:
        """A picture from another place, (rows, columns, 3); the window stays open, and the scale as it was.

        Args:
            camera: from where.
            middle: what stays in the middle of the picture, (3,), um.
        """
        away = 4.0 * self.size
        self.plotter.camera_position = [tuple(middle + away * camera.towards), tuple(middle), tuple(camera.up)]
        self.plotter.camera.clipping_range = (away - 3.0 * self.size, away + 3.0 * self.size)
        self.plotter.render()
        return np.array(self.plotter.screenshot(None, return_img=True))
