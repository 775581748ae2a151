"""The leaves of a mesh that followed the front, pixels or voxels in the files, as the simplices that pictures need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from femna.mesh.kuhn import split_bricks

if TYPE_CHECKING:
    import pyvista


def as_simplices(mesh: pyvista.UnstructuredGrid) -> pyvista.UnstructuredGrid:
    """The mesh with each pixel as two triangles and each voxel as six tetrahedra; any other mesh as it is.

    Args:
        mesh: as VTK has read it.

    Returns:
        The simplices with the same point arrays; cell arrays are repeated.
    """
    import pyvista

    bricks = {pyvista.CellType.PIXEL: pyvista.CellType.TRIANGLE, pyvista.CellType.VOXEL: pyvista.CellType.TETRA}
    kinds = mesh.cells_dict
    if len(kinds) != 1 or (kind := next(iter(kinds))) not in bricks:
        return mesh
    cells = split_bricks(np.asarray(kinds[kind]))
    split = pyvista.UnstructuredGrid({bricks[kind]: cells}, np.asarray(mesh.points))
    each = len(cells) // mesh.n_cells
    for name in mesh.point_data:
        split.point_data[name] = mesh.point_data[name]
    for name in mesh.cell_data:
        split.cell_data[name] = np.repeat(mesh.cell_data[name], each, axis=0)
    for name in mesh.field_data:
        split.field_data[name] = mesh.field_data[name]
    return split
