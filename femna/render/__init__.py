"""Pictures from run folders alone: no PETSc, no MPI, no window system."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from femna.render.run_pictures import draw_run, render
    from femna.render.side_by_side import compare

__all__ = ["compare", "draw_run", "render"]


def __getattr__(name: str) -> Any:
    """What draws, loaded when it is asked for: `femna doctor` only asks whether this machine can."""
    if name == "compare":
        from femna.render.side_by_side import compare

        return compare
    if name in ("draw_run", "render"):
        from femna.render import run_pictures

        return getattr(run_pictures, name)
    raise AttributeError(f"module 'femna.render' has no attribute '{name}'")
