"""Whether and how this machine draws in 3D without a screen."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache

PATIENCE = 120.0
"""Wall time, s, after which a trial that does not end counts as failed."""

_TRIAL = (
    "import pyvista; p = pyvista.Plotter(off_screen=True, window_size=(64, 64)); p.add_mesh(pyvista.Sphere()); "
    "assert p.screenshot(None, return_img=True).std() > 0"
)


def choose_off_screen() -> None:
    """Choose off-screen OpenGL where there is no display; to be called before VTK is first imported."""
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")


@cache
def has_gl() -> bool:
    """Whether this machine can draw in 3D.

    Returns:
        The result of drawing a sphere in a process of its own: without OpenGL, VTK ends the process.
    """
    choose_off_screen()
    try:
        tried = subprocess.run([sys.executable, "-c", _TRIAL], capture_output=True, timeout=PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tried.returncode == 0
