"""Whether and how this machine draws in 3D without a screen."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache

PATIENCE = 120.0
"""Wall time, s, after which a trial that does not end counts as failed."""

# VTK alone, as pyvista drives it: importing pyvista takes three times as long as drawing
_TRIAL = """
from vtkmodules.vtkFiltersSources import vtkSphereSource
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkRenderer, vtkRenderWindow
from vtkmodules.vtkRenderingCore import vtkWindowToImageFilter
import vtkmodules.vtkRenderingOpenGL2
sphere, mapper, actor, renderer, window = (
    kind() for kind in (vtkSphereSource, vtkPolyDataMapper, vtkActor, vtkRenderer, vtkRenderWindow)
)
mapper.SetInputConnection(sphere.GetOutputPort())
actor.SetMapper(mapper)
renderer.AddActor(actor)
window.SetOffScreenRendering(1)
window.SetSize(64, 64)
window.AddRenderer(renderer)
window.Render()
picture = vtkWindowToImageFilter()
picture.SetInput(window)
picture.Update()
darkest, brightest = picture.GetOutput().GetScalarRange()
assert darkest < brightest
"""


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
