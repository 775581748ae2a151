"""How far about the front leaves are finest, and how many leaves that makes, before any are made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from femna.errors import BadInput
from femna.geometry.initial_surface import front_range
from femna.mesh.grading import MAX_CELLS
from femna.mesh.tree.bricks import stack_roots

if TYPE_CHECKING:
    from femna.case.model import Case

REACH = 3.5
"""Distance from the front, in its widths l, within which leaves are finest. Ions crowd ahead of a tip: with 2.5, c~
there is 4 % off on EDP-1 at h = l/2, and goes back with every rebuild in small steps."""

BUFFER = 1.5
"""What a rebuild adds to it, in l."""

GRADE = 2
"""Leaves of a level that lie at least between the finer and the coarser one."""


def estimate_leaves(case: Case) -> float:
    """Approximate number of leaves about a flat front, without making them.

    Raises Misfit where the stack cannot have bricks.
    """
    roots = stack_roots(case)
    bricks = 1.0
    for count in roots.counts:
        bricks *= count
    lateral = bricks / roots.counts[roots.dim - 1]
    size = min(float(roots.row_shape[:, -1].min()), float(roots.row_shape[0, 0])) / 2**roots.levels
    rows = 2.0 * (REACH + BUFFER) * case.interface.width / size
    leaves = 0.0
    for level in range(roots.levels, 0, -1):
        leaves += lateral * 2.0 ** ((roots.dim - 1) * level) * min(rows, roots.counts[roots.dim - 1] * 2.0**level)
        rows = 2.0 * (GRADE + 1)
    return leaves + bricks


def bearable_leaves(case: Case) -> float:
    """The estimate, if the mesh can be made.

    Raises:
        Misfit: the stack cannot have bricks.
        BadInput: there would be more than MAX_CELLS leaves, or the initial front does not fit in the stack.
    """
    leaves = estimate_leaves(case)
    if not leaves <= MAX_CELLS:
        raise BadInput(
            f"{case.name}: the mesh about the front would have about {leaves / 1e6:.3g} million cells, more than the"
            f" {MAX_CELLS / 1e6:.0f} million allowed; choose a larger numerics.cell_size or a smaller"
            " numerics.resolution, or a smaller geometry.width"
        )
    front_range(case)
    return leaves
