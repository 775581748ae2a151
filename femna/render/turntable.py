"""A 3D deposit that turns once about z, as a film."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from femna.io.field_store import MATERIAL
from femna.render.cut_stack import Framing, layer_colours, stack_faces
from femna.render.film import write_film
from femna.render.front_mesh import Output
from femna.render.stage import METAL_CUT_COLOUR, Camera, Stage

if TYPE_CHECKING:
    from femna.case import Case

Array = np.ndarray[Any, Any]

FRAMES, FRAMES_PER_SECOND = 48, 12
INCHES = 2.0
"""Width of a frame; a scene has 300 dots per inch at least."""


def turntable(output: Output, case: Case, framing: Framing, path: Path, frames: int = FRAMES) -> Path:
    """Write the film.

    Args:
        output: the output.
        case: the case of the run.
        framing: what to show of it.
        path: the file, .gif or .mp4.
        frames: how many pictures a turn takes.

    Returns:
        The path.

    Raises:
        CannotGoOn: as `write_film`.
    """
    return write_film(_frames(output, case, framing, frames), path, FRAMES_PER_SECOND)


def _frames(output: Output, case: Case, framing: Framing, frames: int) -> Iterator[Array]:
    middle = framing.bounds.mean(axis=0)
    reach = float(np.linalg.norm(np.ptp(framing.bounds, axis=0)[:2])) / 2
    # a box about all that turns, square to the first camera
    around = np.array([middle - reach, middle + reach])
    around[:, 2] = framing.bounds[:, 2]
    stage = Stage(framing.camera, around, INCHES)
    stage.metal(framing.within(output.front()))
    colours = layer_colours(case, np.asarray(output.grid.cell_data[MATERIAL.key]))
    for face in stack_faces(output, framing, every_side=True):
        stage.solid(face.mesh, METAL_CUT_COLOUR if face.number is None else colours[face.number])
    towards = framing.camera.towards
    for k in range(frames):
        angle = 2.0 * np.pi * k / frames
        turned = [np.cos(angle) * towards[0] - np.sin(angle) * towards[1]]
        turned += [np.sin(angle) * towards[0] + np.cos(angle) * towards[1], towards[2]]
        yield stage.frame(Camera.looking(np.array(turned)), middle)
    stage.plotter.close()
