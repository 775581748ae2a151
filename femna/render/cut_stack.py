"""The stack of layers about a deposit, cut away at the viewer's side, each face coloured by the material.

Every face is one plane cut of the output, divided along xi = 1/2 into metal and the rest: no two faces lie in one
place, so none flickers through another, and their edges are as sharp as the fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from femna.io.field_store import MATERIAL
from femna.render.front_mesh import INSIDE, Output
from femna.render.stage import METAL_CUT_COLOUR, Camera, Stage

if TYPE_CHECKING:
    import pyvista

    from femna.case import Case

Array = np.ndarray[Any, Any]

LAYER_COLOURS = ("#b9b4aa", "#e8b04a", "#a9cfe6", "#a8d5b0", "#d9bcd8", "#e9d8a6")
"""Of the layers from the collector up; their lightness differs too, for those who see no colours."""
GRAIN_BOUNDARY_COLOUR = "#7d5a1e"
OPEN_SHARE, LARGEST_OPEN_SHARE = 0.55, 0.88
"""Of the depth that is cut away from the layers, so that the metal stands free: the usual one, and the largest."""
ABOVE, BELOW, LEAST_HEIGHT = 0.12, 0.15, 0.3
"""What is shown above and below the front over the height of what is shown of it; that height over the width at
least."""
ELEVATION = 0.5
"""Tangent of the angle at which the viewer looks down, about."""


@dataclass(frozen=True)
class Framing:
    """The part of a 3D output that a picture shows, and from where.

    Args:
        bounds: lower and upper corner, (2, 3), um: the whole lateral extent; in height about the metal's front.
        camera: the camera.
        opening: y up to which (from the viewer) the layers are cut away, um.
        near: y of the wall at the viewer's side, um.
    """

    bounds: Array
    camera: Camera
    opening: float
    near: float

    @classmethod
    def about(cls, output: Output, fronts: list[pyvista.PolyData]) -> Self:
        """The framing for the fronts of one or several outputs in one box: their heights decide what is shown.

        Args:
            output: one of the outputs.
            fronts: their fronts; the last one's tip is to stand free.
        """
        box = output.box
        heights = np.concatenate([np.asarray(front.points)[:, 2] for front in fronts if front.n_points] or [box[:1, 2]])
        width = float(np.ptp(box[:, :2], axis=0).max())
        low, high = float(heights.min()), float(heights.max())
        span = max(high - low, LEAST_HEIGHT * width)
        bottom, top = max(low - BELOW * span, box[0, 2]), min(high + ABOVE * span, box[1, 2])
        bounds = np.array([[*box[0, :2], bottom], [*box[1, :2], top]])
        tip = output.tip(fronts[-1])[1]
        front_side = tip <= box[:, 1].mean()
        side, near, far = (-1.0, box[0, 1], box[1, 1]) if front_side else (1.0, box[1, 1], box[0, 1])
        depth = far - near
        share = np.clip((tip - near) / depth + 0.2, OPEN_SHARE, LARGEST_OPEN_SHARE)
        camera = Camera.looking(np.array([-0.62, side, ELEVATION]))
        return cls(bounds, camera, float(near + share * depth), float(near))

    def within(self, mesh: pyvista.PolyData) -> pyvista.PolyData:
        """What of a mesh lies within the bounds, cut off there."""
        aside = 2.0 * INSIDE * float(np.ptp(self.bounds, axis=0).max())  # a cut at a bound lies that much beside it
        for axis in range(3):
            for end, normal in zip(self.bounds[:, axis], (np.eye(3)[axis], -np.eye(3)[axis]), strict=True):
                if mesh.n_cells and ((np.asarray(mesh.points)[:, axis] - end) * normal[axis] < -aside).any():
                    mesh = mesh.clip(normal=normal, origin=np.eye(3)[axis] * end, invert=False)
        return mesh


@dataclass(frozen=True)
class Face:
    """A plane face of the scene.

    Args:
        number: of the layer in the mesh; None for metal.
        mesh: triangles, um.
        normal: out of the scene, (3,).
    """

    number: int | None
    mesh: pyvista.PolyData
    normal: Array


def stack_faces(output: Output, framing: Framing, every_side: bool = False) -> Iterator[Face]:
    """The metal's cuts, and the faces of the layers behind the opening.

    Args:
        output: the output.
        framing: what to show of it.
        every_side: whether to cut at all walls, for a scene that turns; else at those that the viewer sees.
    """
    towards = framing.camera.towards
    for axis in range(3):
        for bound, sign in ((0, -1.0), (1, 1.0)):
            if not every_side and sign * towards[axis] <= 0.0:
                continue
            metal, rest = _divided(framing.within(output.cut(axis, framing.bounds[bound, axis])))
            normal = sign * np.eye(3)[axis]
            if metal.n_cells:
                yield Face(None, metal, normal)
            yield from _by_layer(_behind(rest, framing), normal)
    _, rest = _divided(framing.within(output.cut(1, framing.opening)))
    yield from _by_layer(rest, np.array([0.0, -1.0 if framing.opening >= framing.near else 1.0, 0.0]))


def add_stack(stage: Stage, output: Output, framing: Framing, colours: Mapping[int, str]) -> None:
    """Add the front, the metal's cuts and the layers behind the opening.

    Args:
        stage: where to.
        output: the output.
        framing: what to show of it.
        colours: number of the layer in the mesh -> colour.
    """
    stage.metal(framing.within(output.front()))
    for face in stack_faces(output, framing):
        stage.solid(face.mesh, METAL_CUT_COLOUR if face.number is None else colours[face.number])
    frame = _frame(framing.bounds, framing.camera.towards)
    stage.plotter.add_mesh(frame, color="#8a8a8a", line_width=stage.line_width(0.5), lighting=False)


def layer_colours(case: Case, materials: Array) -> dict[int, str]:
    """Colour of each number of the cell array of the layers; numbers beyond the layers are grain boundaries."""
    count = len(case.layer_names)
    number = {int(k): max(int(k), 1) for k in np.unique(materials)}  # the second layer fills the room of the first
    return {k: LAYER_COLOURS[n % len(LAYER_COLOURS)] if n < count else GRAIN_BOUNDARY_COLOUR for k, n in number.items()}


def _divided(face: pyvista.PolyData) -> tuple[pyvista.PolyData, pyvista.PolyData]:
    """The metal of a plane cut, and the rest."""
    if not face.n_cells:
        return face, face
    return (face.clip_scalar(scalars="xi", value=0.5, invert=False), face.clip_scalar(scalars="xi", value=0.5))


def _behind(face: pyvista.PolyData, framing: Framing) -> pyvista.PolyData:
    """What lies behind the opening, as the viewer sees it."""
    if not face.n_cells:
        return face
    side = 1.0 if framing.opening >= framing.near else -1.0
    return face.clip(normal=(0.0, side, 0.0), origin=(0.0, framing.opening, 0.0), invert=False)


def _by_layer(face: pyvista.PolyData, normal: Array) -> Iterator[Face]:
    numbers = np.asarray(face.cell_data[MATERIAL.key]) if face.n_cells else np.zeros(0, int)
    for number in np.unique(numbers):
        part = face.extract_cells(np.flatnonzero(numbers == number)).extract_surface(algorithm="dataset_surface")
        yield Face(int(number), part, normal)


def _frame(bounds: Array, towards: Array) -> pyvista.PolyData:
    """The edges of the box but those that end at the upper corner next to the viewer, which would cross the metal."""
    import pyvista as pv

    nearest = tuple(int(t > 0) for t in towards)
    lines = []
    for start in np.ndindex(2, 2, 2):
        for axis in range(3):
            end = tuple(1 if k == axis else bit for k, bit in enumerate(start))
            if not start[axis] and nearest not in (start, end):
                lines.append([[bounds[bit, k] for k, bit in enumerate(corner)] for corner in (start, end)])
    return pv.line_segments_from_points(np.array(lines, dtype=float).reshape(-1, 3))
