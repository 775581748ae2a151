"""Pictures from run folders alone: no PETSc, no MPI, no window system."""

from femna.render.run_pictures import draw_run, render
from femna.render.side_by_side import compare

__all__ = ["compare", "draw_run", "render"]
