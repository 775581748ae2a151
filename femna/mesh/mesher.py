"""A stack meshed by gmsh. It runs in a process of its own, which femna.mesh.mesher_process starts.

1D: a graded line. 2D: gmsh's frontal triangles (algorithm 6: a diffuse front has the same energy in every direction to
3e-5, against 4e-3 with algorithm 8; meshes/README.md has the table) in a graded size field. 3D: gmsh's extruded
hexahedra, uniform sideways and graded upwards, each split into six Kuhn tetrahedra. All conform to every face of two
layers, and none has a positive stiffness entry off the diagonal. The same plan gives the same mesh, bit for bit. gmsh
works in micrometres, arrays and files are in metres.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femna.errors import CannotGoOn
from femna.mesh.gmsh_session import session
from femna.mesh.kuhn import split_bricks
from femna.mesh.repair import remove_obtuse
from femna.mesh.stack_plan import StackMesh, StackPlan

GMSH_LENGTH_UNIT = 1e-6
"""Unit of length in gmsh, in m: its tolerances suit models whose size is about one."""

_SIMPLEX = {0: 15, 1: 1, 2: 2, 3: 4}  # gmsh's element types: point, line, triangle, tetrahedron
_BRICK = {1: 1, 2: 3, 3: 5}  # line, quadrangle, hexahedron

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class _Model:
    """What is in gmsh: entities of each layer, of each face from the collector to the counter, and of the sides."""

    layers: list[int]
    faces: list[int]
    sides: list[int]


def mesh_stack(plan: StackPlan, msh: Path | None = None) -> StackMesh:
    """The simplex mesh of a stack, from the collector at z = 0 upwards along the last axis.

    Args:
        plan: what is asked for.
        msh: write the mesh there as well, as MSH 4.1 in metres (3D: binary) with the physical groups of the stack.

    Returns:
        The mesh; `layer` numbers the layers.

    Raises:
        CannotGoOn: gmsh cannot be loaded, fails, or leaves a layer without cells.
    """
    with session() as gmsh:
        try:
            model = _triangles(gmsh, plan) if plan.dim == 2 else _bricks(gmsh, plan)
            gmsh.model.mesh.generate(plan.dim)
            mesh, tags = _read(gmsh, plan, model)
            if msh is not None:
                _in_metres(gmsh, model, mesh, tags)
                _name_groups(gmsh, plan, model)
                gmsh.option.setNumber("Mesh.Binary", plan.dim == 3)
                gmsh.write(str(msh))
        except Exception as error:
            if type(error) is not Exception:  # what gmsh itself raises
                raise
            raise CannotGoOn(f"{plan.case}: gmsh makes no mesh: {error}\ntry: another numerics.cell_size") from error
        return mesh


def _triangles(gmsh: Any, plan: StackPlan) -> _Model:
    """Rectangles, one a layer, in a size field of one box for each band of the grading."""
    geo, field = gmsh.model.geo, gmsh.model.mesh.field
    width = plan.sides[0] / GMSH_LENGTH_UNIT
    heights = np.array(plan.faces) / GMSH_LENGTH_UNIT
    left, right = ([geo.addPoint(x, z, 0.0) for z in heights] for x in (0.0, width))
    faces = [geo.addLine(a, b) for a, b in zip(left, right, strict=True)]
    walls = [[geo.addLine(a, b) for a, b in pairwise(w)] for w in (left, right)]
    loops = [geo.addCurveLoop([faces[i], walls[1][i], -faces[i + 1], -walls[0][i]]) for i in range(len(plan.layers))]
    layers = [geo.addPlaneSurface([loop]) for loop in loops]
    geo.synchronize()
    boxes = []
    for band in plan.boxes:
        box = field.add("Box")
        numbers = {
            "VIn": band.size / GMSH_LENGTH_UNIT,
            "VOut": plan.largest / GMSH_LENGTH_UNIT,
            "Thickness": band.margin / GMSH_LENGTH_UNIT,
            "XMin": -width,
            "XMax": 2.0 * width,
            "YMin": band.low / GMSH_LENGTH_UNIT,
            "YMax": band.high / GMSH_LENGTH_UNIT,
            "ZMin": -1.0,
            "ZMax": 1.0,
        }
        for name, value in numbers.items():
            field.setNumber(box, name, value)
        boxes.append(box)
    least = field.add("Min")
    field.setNumbers(least, "FieldsList", boxes)
    field.setAsBackgroundMesh(least)
    return _Model(layers, faces, walls[0] + walls[1])


def _bricks(gmsh: Any, plan: StackPlan) -> _Model:
    """A point (1D) or a rectangle of equal quadrangles (3D), extruded through the planes of the grading."""
    geo, dim = gmsh.model.geo, plan.dim
    if dim == 1:
        base = geo.addPoint(0.0, 0.0, 0.0)
    else:
        w, d = (side / GMSH_LENGTH_UNIT for side in plan.sides)
        corners = [geo.addPoint(x, y, 0.0) for x, y in ((0.0, 0.0), (w, 0.0), (w, d), (0.0, d))]
        edges = [geo.addLine(corners[i], corners[(i + 1) % 4]) for i in range(4)]
        for edge, count in zip(edges, 2 * plan.counts, strict=True):
            geo.mesh.setTransfiniteCurve(edge, count + 1)
        base = geo.addPlaneSurface([geo.addCurveLoop(edges)])
        geo.mesh.setTransfiniteSurface(base)
        geo.mesh.setRecombine(2, base)
    layers, faces, sides = [], [base], []
    for (z0, z1), planes in zip(pairwise(plan.faces), plan.planes, strict=True):
        fractions = (planes[1:] - z0) / (z1 - z0)
        rise = [0.0, 0.0, 0.0]
        rise[dim - 1] = (z1 - z0) / GMSH_LENGTH_UNIT
        once = [1] * len(fractions)
        top, body, *walls = geo.extrude([(dim - 1, faces[-1])], *rise, once, fractions, recombine=dim == 3)
        faces.append(top[1])
        layers.append(body[1])
        sides += [tag for _, tag in walls]
    geo.synchronize()
    return _Model(layers, faces, sides)


def _read(gmsh: Any, plan: StackPlan, model: _Model) -> tuple[StackMesh, Ints]:
    """The mesh in gmsh as simplices, and gmsh's tag of each point."""
    dim = plan.dim
    kind = _SIMPLEX[2] if dim == 2 else _BRICK[dim]
    blocks = [gmsh.model.mesh.getElementsByType(kind, tag)[1].astype(np.int64) for tag in model.layers]
    for name, block in zip(plan.layers, blocks, strict=True):
        if not len(block):
            raise CannotGoOn(
                f"{plan.case}: gmsh made no cells in layer '{name}'\ntry: another numerics.cell_size, femna doctor"
            )
    tags, xyz, _ = gmsh.model.mesh.getNodes()
    tags, points = tags.astype(np.int64), xyz.reshape(-1, 3)[:, :dim] * GMSH_LENGTH_UNIT
    if dim == 2:
        points = _on_walls(points, (np.array([0.0, plan.sides[0]]), np.array(plan.faces)))
    else:
        points, order = _on_lattice(points, plan.lattice())
        tags = tags[order]
    index = np.empty(int(tags.max()) + 1, np.int64)
    index[tags] = np.arange(len(tags))
    cells = [index[block].reshape(-1, 3 if dim == 2 else 2**dim) for block in blocks]
    if dim != 2:
        # Points are in lexicographic order, so that the sorted corners of a brick are in the order of split_bricks.
        cells = [split_bricks(np.sort(block, axis=1)) for block in cells]
    layer = np.repeat(np.arange(len(cells), dtype=np.int32), [len(block) for block in cells])
    simplices = np.concatenate(cells)
    if dim == 2:
        points, simplices = remove_obtuse(points, simplices, layer)
    return StackMesh(points, simplices, layer), tags


def _on_lattice(points: Floats, planes: list[Floats]) -> tuple[Floats, Ints]:
    """The points (N, dim), exactly on the planes and sorted (last axis slowest), and that order (N,)."""
    numbers = [np.searchsorted(0.5 * (p[1:] + p[:-1]), x) for p, x in zip(planes, points.T, strict=True)]
    order = np.lexsort(numbers)
    return np.stack([p[n[order]] for p, n in zip(planes, numbers, strict=True)], axis=1), order


def _on_walls(points: Floats, planes: tuple[Floats, Floats]) -> Floats:
    """The points with those that lie on walls and faces put exactly there."""
    points = points.copy()
    for axis, heights in enumerate(planes):
        nearest = heights[np.searchsorted(0.5 * (heights[1:] + heights[:-1]), points[:, axis])]
        near = np.abs(points[:, axis] - nearest) < 1e-9 * heights[-1]
        points[near, axis] = nearest[near]
    return points


def _in_metres(gmsh: Any, model: _Model, mesh: StackMesh, tags: Ints) -> None:
    """Replaces gmsh's model by one of the same entities that holds the simplices, in metres."""
    dim, grid = mesh.points.shape[1], gmsh.model.mesh
    index = np.empty(int(tags.max()) + 1, np.int64)
    index[tags] = np.arange(len(tags))
    xyz = np.zeros((len(tags), 3))
    xyz[:, :dim] = mesh.points
    cells = {(dim, tag): mesh.cells[mesh.layer == i] for i, tag in enumerate(model.layers)}
    for tag in model.faces + model.sides:
        kind = _BRICK[dim - 1] if dim == 3 else _SIMPLEX[dim - 1]
        facets = index[grid.getElementsByType(kind, tag)[1].astype(np.int64)].reshape(-1, 4 if dim == 3 else dim)
        cells[dim - 1, tag] = split_bricks(np.sort(facets, axis=1)) if dim == 3 else facets
    entities = []
    for entity in gmsh.model.getEntities():
        bounds = [tag for _, tag in gmsh.model.getBoundary([entity], oriented=False)]
        entities.append((entity, bounds, grid.getNodes(*entity)[0].astype(np.int64)))
    gmsh.model.remove()
    gmsh.model.add("femna stack")
    for (d, tag), bounds, nodes in entities:
        gmsh.model.addDiscreteEntity(d, tag, bounds)
        if d == 0:
            gmsh.model.setCoordinates(tag, *xyz[index[nodes[0]]])
        grid.addNodes(d, tag, nodes, xyz[index[nodes]].ravel())
    for (d, tag), corners in cells.items():
        grid.addElementsByType(tag, _SIMPLEX[d], [], tags[corners].ravel())


def _name_groups(gmsh: Any, plan: StackPlan, model: _Model) -> None:
    """The physical groups, numbered in the order layers, collector, contacts, counter, sides."""
    dim, names = plan.dim, plan.layers
    contacts = [f"{below}-{above}" for below, above in pairwise(names)]
    for name, tag in zip(names, model.layers, strict=True):
        gmsh.model.addPhysicalGroup(dim, [tag], name=name)
    for name, tag in zip(["collector", *contacts, "counter"], model.faces, strict=True):
        gmsh.model.addPhysicalGroup(dim - 1, [tag], name=name)
    if model.sides:
        gmsh.model.addPhysicalGroup(dim - 1, model.sides, name="sides")
