"""A 3D scene that turns in a browser: one piece of HTML without requests, drawn by WebGL 2.

Places are stored with 16 bits over the scene's bounds (a step of 1.5e-5 of its size) and normals with 8, so that
250 000 triangles take six megabytes. The light and the parallel projection are those of the pictures.
"""

from __future__ import annotations

import base64
import html
import json
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import to_rgb

from femna.analysis.runs import open_run
from femna.analysis.snapshot import stored_time
from femna.errors import BadInput
from femna.io.atomic_files import write_whole
from femna.io.field_store import MATERIAL
from femna.render import opengl, theme
from femna.render.cut_stack import Framing, layer_colours, stack_faces
from femna.render.front_mesh import Output
from femna.render.stage import METAL_COLOUR, METAL_CUT_COLOUR

if TYPE_CHECKING:
    import pyvista

    from femna.case import Case

Array = np.ndarray[Any, Any]

ENDING = ".html"
MOST_TRIANGLES = 250_000
"""Of the front; a finer one is thinned out."""
METAL, GRAIN_BOUNDARIES = "metal", "grain boundaries"


def viewer(grid: pyvista.UnstructuredGrid, case: Case) -> str:
    """A scene that turns, as a piece of an HTML page whose style holds that of `viewer_style`.

    Args:
        grid: tetrahedra with the point array xi, coordinates in m.
        case: the case of the run.

    Returns:
        HTML; it needs no OpenGL here, only WebGL 2 where it is read.
    """
    output = Output.of(grid)
    front = output.front()
    framing = Framing.about(output, [front])
    front = framing.within(front)
    if front.n_cells > MOST_TRIANGLES:
        front = front.triangulate().decimate_pro(1.0 - MOST_TRIANGLES / front.n_cells, preserve_topology=True)
    colours = layer_colours(case, np.asarray(output.grid.cell_data[MATERIAL.key]))
    parts = []
    if front.n_cells:
        normals = np.asarray(front.point_data["Normals"])
        parts.append(_part(METAL, METAL_COLOUR, front, normals, framing))
    for face in stack_faces(output, framing, every_side=True):
        name, colour = METAL, METAL_CUT_COLOUR
        if face.number is not None:
            named = face.number < len(case.layer_names)
            # where metal of the first layer recedes the second fills its room
            name, colour = GRAIN_BOUNDARIES, colours[face.number]
            name = case.layer_names[max(face.number, 1)] if named else name
        parts.append(_part(name, colour, face.mesh, np.tile(face.normal, (face.mesh.n_points, 1)), framing))
    towards = framing.camera.towards
    scene = {
        "size": np.ptp(framing.bounds, axis=0).tolist(),
        "azimuth": float(np.arctan2(towards[1], towards[0])),
        "elevation": float(np.arcsin(towards[2])),
        "parts": parts,
    }
    # "<" within a script element could end it
    text = json.dumps(scene).replace("<", "\\u003c")
    script = resources.files("femna.render").joinpath("viewer.js").read_text(encoding="utf-8")
    return (
        '<div class="viewer"><canvas tabindex="0" role="img" aria-label="The deposit in its stack, turning"></canvas>'
        '<div class="bar"></div><p class="parts"></p><p class="said" role="status"></p>'
        f'<script type="application/json" class="scene">{text}</script><script>{script}</script></div>'
    )


def viewer_style() -> str:
    """The style of the scene, CSS."""
    return resources.files("femna.render").joinpath("viewer.css").read_text(encoding="utf-8")


def viewer_page(grid: pyvista.UnstructuredGrid, case: Case, heading: str) -> str:
    """The scene as a page of its own.

    Args:
        grid: as for `viewer`.
        case: the case of the run.
        heading: title of the page.
    """
    title = html.escape(heading)
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" '
        f'content="{policy}"><meta name="viewport" content="width=device-width"><title>{title}</title>'
        f"<style>body {{ font: 15px/1.5 sans-serif; margin: 1.5rem; }}{viewer_style()}</style></head><body>"
        f"<h1>{title}</h1>"
        f"{viewer(grid, case)}<p>{HOW_TO_TURN}</p></body></html>\n"
    )


HOW_TO_TURN = (
    "Drag or use the arrow keys to turn, wheel to zoom, shift and drag to move, double click to go back. Parallel "
    "projection: the bar is true for lengths in the plane of the picture."
)


def _part(name: str, colour: str, mesh: pyvista.PolyData, normals: Array, framing: Framing) -> dict[str, Any]:
    """A mesh as the page holds it: places over the bounds in 16 bits and normals in 8, padded to four bytes."""
    mesh = mesh if mesh.is_all_triangles else mesh.triangulate()
    low, high = framing.bounds
    places = np.zeros((mesh.n_points, 4), np.uint16)
    share = (np.asarray(mesh.points, dtype=float) - low) / np.maximum(high - low, 1e-30)
    places[:, :3] = np.rint(np.clip(share, 0.0, 1.0) * 65535)
    padded = np.zeros((mesh.n_points, 4), np.int8)
    padded[:, :3] = np.rint(127 * normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30))
    triangles = np.asarray(mesh.regular_faces, dtype=np.uint32)
    return {
        "name": name, "colour": [round(v, 4) for v in to_rgb(colour)], "smooth": colour == METAL_COLOUR,
        "count": int(triangles.size), "places": _encoded(places), "normals": _encoded(padded),
        "triangles": _encoded(triangles),
    }  # fmt: skip


def _encoded(array: Array) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")


def write_scene(directory: str | Path, path: str | Path, time: float | None = None) -> Path:
    """Write the deposit of a 3D run as a page that turns.

    Args:
        directory: the run folder.
        path: the page, .html.
        time: the output at or before this simulated time, s; None for the last one.

    Returns:
        The path.

    Raises:
        BadInput: another ending, the run has no third dimension, or no stored fields with xi.
        CannotGoOn: the file cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() != ENDING:
        raise BadInput(f"{path}: a scene has another ending; allowed: {ENDING}")
    run = open_run(directory)
    if run.case.geometry.dim != 3:
        raise BadInput(f"{directory}: the run has {run.case.geometry.dim} dimensions; a scene needs 3")
    opengl.choose_off_screen()
    moment = stored_time(run, time)
    grid = run.fields(moment)
    if "xi" not in grid.point_data:
        raise BadInput(f"{directory}: xi is not among the stored fields")
    write_whole(path, viewer_page(grid, run.case, f"{run.case.name}, {theme.shown_time(moment)}").encode("utf-8"))
    return path
