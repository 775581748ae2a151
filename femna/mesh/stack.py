"""The layered stack of a case as the solver sees it: simplices in metres, made by gmsh in a process of its own."""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from femna.errors import BadInput
from femna.mesh.gmsh_session import written_aside
from femna.mesh.grading import SIZE_GROWTH, Grading, bearable_grading, lateral_counts
from femna.mesh.grains import with_boundaries
from femna.mesh.mesher_process import mesh_in_own_process
from femna.mesh.stack_plan import SizeBox, StackMesh, StackPlan

if TYPE_CHECKING:
    from femna.case import Case


def build_stack(case: Case) -> StackMesh:
    """The simplex mesh of a case's stack, from the collector at z = 0 to `case.height` along the last axis.

    The same case gives the same mesh, bit for bit, whatever the caller does with gmsh.

    Raises:
        BadInput: the mesh would be too large, or the initial front leaves the stack.
        CannotGoOn: gmsh cannot be loaded, or makes no mesh.
    """
    mesh = mesh_in_own_process(_plan(case, bearable_grading(case)))
    return replace(mesh, layer=with_boundaries(case, mesh.points, mesh.cells, mesh.layer))


def write_msh(case: Case, path: str | os.PathLike[str]) -> None:
    """Write the mesh of `build_stack` as MSH 4.1 in metres (3D: binary), complete or not at all.

    Physical groups: each layer (grains and their boundaries together) by its name, `A-B` for each contact, `collector`,
    `counter`, and in 2D and 3D `sides`.

    Args:
        case: the case.
        path: the file; its name must end in .msh.

    Raises:
        BadInput: the mesh would be too large, the initial front leaves the stack, or the file cannot be written there.
        CannotGoOn: gmsh cannot be loaded or makes no mesh, or the disk is full.
    """
    target = Path(path)
    if target.suffix != ".msh":
        raise BadInput(f"{target}: the name of a mesh file must end in .msh")
    plan = _plan(case, bearable_grading(case))
    with written_aside(target) as aside:
        mesh_in_own_process(plan, aside.resolve())


def _plan(case: Case, sizes: Grading) -> StackPlan:
    """What gmsh is asked for."""
    faces = (0.0, *(case.interval(name)[1] for name in case.layer_names))
    return StackPlan(
        case=case.name,
        layers=tuple(case.layer_names),
        faces=faces,
        sides=(case.geometry.width, case.geometry.depth)[: case.geometry.dim - 1],
        counts=lateral_counts(case),
        planes=tuple(sizes.planes(low, high) for low, high in pairwise(faces)),
        boxes=tuple(SizeBox(b.low, b.high, b.size, (sizes.cap - b.size) / SIZE_GROWTH) for b in sizes.bands),
        largest=sizes.cap,
    )
