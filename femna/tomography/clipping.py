"""Exact means of fields that are linear in tetrahedra, over voxels.

Lengths are in voxels: voxel (k, j, i) is the box [i, i+1] x [j, j+1] x [k, k+1]. Of a tetrahedron T and a voxel V the
kernels add the integral of the linear f over T and V, which is |P| f(centroid of P) summed over the tetrahedra P into
which the planes of one cut the other; where V lies wholly within T it is f(centre of V), where T lies wholly within V
it is |T| times the mean of f at the corners. Nothing is sampled, so the sum over voxels is the sum over tetrahedra.

Most voxels lie where f hardly varies. First each voxel is told the smallest and largest value of all tetrahedra that it
touches; where they differ by no more than `even` the voxel gets their mean, and is off by no more than `even`/2.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from femna.kernels import kernel

Array = NDArray[Any]

GRAZING = 1e-11
"""Share of a voxel's size by which a tetrahedron must reach into it to count."""
FIVE = np.array([[0, 3, 5, 6], [1, 0, 3, 5], [2, 0, 3, 6], [4, 0, 5, 6], [7, 3, 5, 6]])
"""A box as five tetrahedra; its corners by their bits x + 2 y + 4 z."""
MOST_PIECES = 4096
"""Tetrahedra into which 6 planes can cut one, or 4 planes the five of a box, at the most: 5 * 3^4 and 3^6."""


@kernel
def planes_of(corners: Array, m: int, planes: Array) -> float:
    """The four planes of a tetrahedron: row a holds n, d and r of lambda_a(x) = n.x + d, the barycentric coordinate a.

    r is how far lambda_a rises from the centre of a voxel to its corner: (|n_x| + |n_y| + |n_z|)/2.

    Args:
        corners: (M, 4, 3).
        m: number of the tetrahedron.
        planes: (4, 5), filled.

    Returns:
        Volume of the tetrahedron; 0 where it is flat, and the planes are not filled.
    """
    ax, ay, az = (
        corners[m, 1, 0] - corners[m, 0, 0],
        corners[m, 1, 1] - corners[m, 0, 1],
        corners[m, 1, 2] - corners[m, 0, 2],
    )
    bx, by, bz = (
        corners[m, 2, 0] - corners[m, 0, 0],
        corners[m, 2, 1] - corners[m, 0, 1],
        corners[m, 2, 2] - corners[m, 0, 2],
    )
    cx, cy, cz = (
        corners[m, 3, 0] - corners[m, 0, 0],
        corners[m, 3, 1] - corners[m, 0, 1],
        corners[m, 3, 2] - corners[m, 0, 2],
    )
    six = ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx)
    if abs(six) < 1e-300:
        return 0.0
    planes[1, 0], planes[1, 1], planes[1, 2] = by * cz - bz * cy, bz * cx - bx * cz, bx * cy - by * cx
    planes[2, 0], planes[2, 1], planes[2, 2] = cy * az - cz * ay, cz * ax - cx * az, cx * ay - cy * ax
    planes[3, 0], planes[3, 1], planes[3, 2] = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
    for a in range(3):
        planes[0, a] = -(planes[1, a] + planes[2, a] + planes[3, a])
    for b in range(4):
        other = (b + 1) % 4
        for a in range(3):
            planes[b, a] /= six
        planes[b, 3] = -(
            planes[b, 0] * corners[m, other, 0]
            + planes[b, 1] * corners[m, other, 1]
            + planes[b, 2] * corners[m, other, 2]
        )
        planes[b, 4] = 0.5 * (abs(planes[b, 0]) + abs(planes[b, 1]) + abs(planes[b, 2]))
    return float(abs(six) / 6.0)


@kernel
def _row(planes: Array, y: float, z: float, within: float, bounds: Array) -> tuple[int, int]:
    """First and last voxel of a row (centre at y, z) where all lambda_a + within * r_a > 0, of those in the bounds."""
    first, last = bounds[0, 0], bounds[0, 1] - 1
    for a in range(4):
        slope, reach = planes[a, 0], planes[a, 4]
        start = planes[a, 1] * y + planes[a, 2] * z + planes[a, 3] + within * reach + 0.5 * slope
        bound = GRAZING * reach if within > 0 else -GRAZING * reach
        if slope > 1e-14 * reach:
            first = max(first, int(np.ceil((bound - start) / slope)))
        elif slope < -1e-14 * reach:
            last = min(last, int(np.floor((bound - start) / slope)))
        elif start <= bound:
            return 0, -1
    return first, last


@kernel
def _bound(corners: Array, m: int, shape: tuple[int, int, int], first_plane: int, extent: Array, bounds: Array) -> None:
    """Extent of a tetrahedron, and which voxels of a slab its box touches.

    Args:
        corners: (M, 4, 3).
        m: number of the tetrahedron.
        shape: of the slab, (planes, y, x).
        first_plane: of the slab.
        extent: filled with the lowest and highest coordinate along x, y and z, (3, 2).
        bounds: filled with the first voxel and one more than the last one, (3, 2).
    """
    for a in range(3):
        low = min(corners[m, 0, a], corners[m, 1, a], corners[m, 2, a], corners[m, 3, a])
        high = max(corners[m, 0, a], corners[m, 1, a], corners[m, 2, a], corners[m, 3, a])
        extent[a, 0], extent[a, 1] = low, high
        start = first_plane if a == 2 else 0
        bounds[a, 0] = max(start, int(np.floor(low + GRAZING)))
        bounds[a, 1] = min(start + shape[2 - a], int(np.ceil(high - GRAZING)))


@kernel
def find_ranges(corners: Array, values: Array, chosen: Array, first_plane: int, lowest: Array, highest: Array) -> None:
    """Lower `lowest` and raise `highest` of each voxel of a slab to the values of the tetrahedra that it touches.

    Args:
        corners: (M, 4, 3).
        values: at the corners, (M, 4).
        chosen: numbers of the tetrahedra that reach into the slab.
        first_plane: of the slab.
        lowest, highest: (planes, y, x).
    """
    planes, extent, bounds = np.empty((4, 5)), np.empty((3, 2)), np.empty((3, 2), dtype=np.int64)
    for m in chosen:
        if planes_of(corners, m, planes) == 0.0:
            continue
        low = min(values[m, 0], values[m, 1], values[m, 2], values[m, 3])
        high = max(values[m, 0], values[m, 1], values[m, 2], values[m, 3])
        _bound(corners, m, lowest.shape, first_plane, extent, bounds)
        for k in range(bounds[2, 0], bounds[2, 1]):
            for j in range(bounds[1, 0], bounds[1, 1]):
                i0, i1 = _row(planes, j + 0.5, k + 0.5, 1.0, bounds)
                for i in range(i0, i1 + 1):
                    lowest[k - first_plane, j, i] = min(lowest[k - first_plane, j, i], low)
                    highest[k - first_plane, j, i] = max(highest[k - first_plane, j, i], high)


@kernel
def add_integrals(corners: Array, values: Array, chosen: Array, first_plane: int, wanted: Array, means: Array) -> None:
    """Add the integrals over the tetrahedra to the voxels of a slab that want them.

    Args:
        corners, values, chosen, first_plane: as for `find_ranges`.
        wanted: (planes, y, x), whether a voxel wants them.
        means: (planes, y, x), the integrals, in voxels.
    """
    planes, extent, bounds = np.empty((4, 5)), np.empty((3, 2)), np.empty((3, 2), dtype=np.int64)
    linear, centre, plane = np.empty(4), np.empty(3), np.empty(4)
    pieces, spare = np.empty((MOST_PIECES, 4, 3)), np.empty((MOST_PIECES, 4, 3))
    for m in chosen:
        if planes_of(corners, m, planes) == 0.0:
            continue
        for a in range(4):
            linear[a] = 0.0
            for b in range(4):
                linear[a] += planes[b, a] * values[m, b]
        _bound(corners, m, means.shape, first_plane, extent, bounds)
        for k in range(bounds[2, 0], bounds[2, 1]):
            for j in range(bounds[1, 0], bounds[1, 1]):
                i0, i1 = _row(planes, j + 0.5, k + 0.5, 1.0, bounds)
                if i1 < i0:
                    continue
                inner0, inner1 = _row(planes, j + 0.5, k + 0.5, -1.0, bounds)
                for i in range(i0, i1 + 1):
                    if not wanted[k - first_plane, j, i]:
                        continue
                    centre[0], centre[1], centre[2] = i + 0.5, j + 0.5, k + 0.5
                    if inner0 <= i <= inner1:
                        part = linear[0] * centre[0] + linear[1] * centre[1] + linear[2] * centre[2] + linear[3]
                    elif _faces(extent, centre) <= _crossing(planes, centre) + 1:
                        for n in range(4):
                            for a in range(3):
                                pieces[0, n, a] = corners[m, n, a]
                        part = _integral(pieces, _cut_by_voxel(pieces, spare, extent, centre, plane), linear)
                    else:
                        part = _integral(pieces, _cut_by_planes(pieces, spare, planes, centre, plane), linear)
                    means[k - first_plane, j, i] += part


@kernel
def _faces(extent: Array, centre: Array) -> int:
    """How many faces of the voxel the tetrahedron reaches beyond."""
    faces = 0
    for a in range(3):
        faces += extent[a, 0] < centre[a] - 0.5 - GRAZING
        faces += extent[a, 1] > centre[a] + 0.5 + GRAZING
    return faces


@kernel
def _at(planes: Array, a: int, centre: Array) -> float:
    """lambda_a at the centre of a voxel."""
    return float(planes[a, 0] * centre[0] + planes[a, 1] * centre[1] + planes[a, 2] * centre[2] + planes[a, 3])


@kernel
def _crossing(planes: Array, centre: Array) -> int:
    """How many planes of the tetrahedron cross the voxel."""
    crossing = 0
    for a in range(4):
        crossing += _at(planes, a, centre) < planes[a, 4]
    return crossing


@kernel
def _cut_by_voxel(pieces: Array, spare: Array, extent: Array, centre: Array, plane: Array) -> int:
    """Cut the first piece, a tetrahedron, by the faces of the voxel beyond which it reaches; number of pieces left."""
    count = 1
    for a in range(3):
        for n in range(2):
            side = 2.0 * n - 1.0
            edge = centre[a] + 0.5 * side
            if side * (extent[a, n] - edge) > GRAZING:
                plane[0] = plane[1] = plane[2] = 0.0
                plane[a], plane[3] = -side, side * edge
                count = _keep(pieces, count, spare, plane)
    return count


@kernel
def _cut_by_planes(pieces: Array, spare: Array, planes: Array, centre: Array, plane: Array) -> int:
    """Cut the voxel by those planes of the tetrahedron that cross it; number of pieces left."""
    x0, y0, z0 = centre[0] - 0.5, centre[1] - 0.5, centre[2] - 0.5
    x1, y1, z1 = x0 + 1.0, y0 + 1.0, z0 + 1.0
    # planes across an axis make the box smaller
    for b in range(4):
        a = _along(planes, b)
        if a < 0:
            continue
        place = -planes[b, 3] / planes[b, a]
        if a == 0:
            x0, x1 = (max(x0, place), x1) if planes[b, a] > 0 else (x0, min(x1, place))
        elif a == 1:
            y0, y1 = (max(y0, place), y1) if planes[b, a] > 0 else (y0, min(y1, place))
        else:
            z0, z1 = (max(z0, place), z1) if planes[b, a] > 0 else (z0, min(z1, place))
    if x0 >= x1 or y0 >= y1 or z0 >= z1:
        return 0
    for p in range(5):
        for n in range(4):
            corner = FIVE[p, n]
            pieces[p, n, 0] = x1 if corner & 1 else x0
            pieces[p, n, 1] = y1 if corner & 2 else y0
            pieces[p, n, 2] = z1 if corner & 4 else z0
    count = 5
    for b in range(4):
        if _along(planes, b) < 0 and _at(planes, b, centre) < planes[b, 4]:
            for a in range(4):
                plane[a] = planes[b, a]
            count = _keep(pieces, count, spare, plane)
    return count


@kernel
def _along(planes: Array, b: int) -> int:
    """The axis along which a plane's normal points; -1 where it is oblique."""
    little = 1e-12 * planes[b, 4]
    x, y, z = abs(planes[b, 0]) < little, abs(planes[b, 1]) < little, abs(planes[b, 2]) < little
    if y and z:
        return 0
    if x and z:
        return 1
    return 2 if x and y else -1


@kernel
def _keep(pieces: Array, count: int, spare: Array, plane: Array) -> int:
    """Keep of tetrahedra what lies where n.x + d >= 0.

    Args:
        pieces: (.., 4, 3), the first `count` of them; replaced by what is left of them.
        count: how many there are.
        spare: of the same shape.
        plane: n and d.

    Returns:
        Number of tetrahedra that are left.
    """
    new = 0
    nx, ny, nz, d = plane[0], plane[1], plane[2], plane[3]
    for p in range(count):
        s0 = nx * pieces[p, 0, 0] + ny * pieces[p, 0, 1] + nz * pieces[p, 0, 2] + d
        s1 = nx * pieces[p, 1, 0] + ny * pieces[p, 1, 1] + nz * pieces[p, 1, 2] + d
        s2 = nx * pieces[p, 2, 0] + ny * pieces[p, 2, 1] + nz * pieces[p, 2, 2] + d
        s3 = nx * pieces[p, 3, 0] + ny * pieces[p, 3, 1] + nz * pieces[p, 3, 2] + d
        # inside first: sorting four numbers by five exchanges
        a, b, c, e = 0, 1, 2, 3
        if s0 < s1:
            s0, s1, a, b = s1, s0, b, a
        if s2 < s3:
            s2, s3, c, e = s3, s2, e, c
        if s0 < s2:
            s0, s2, a, c = s2, s0, c, a
        if s1 < s3:
            s1, s3, b, e = s3, s1, e, b
        if s1 < s2:
            s1, s2, b, c = s2, s1, c, b
        if s3 >= 0.0:
            for n in range(4):
                for x in range(3):
                    spare[new, n, x] = pieces[p, n, x]
            new += 1
        elif s2 >= 0.0:
            # a wedge between the triangles (a, b, c) and (ae, be, ce)
            ta, tb, tc = s0 / (s0 - s3), s1 / (s1 - s3), s2 / (s2 - s3)
            for x in range(3):
                pa, pb, pc, pe = pieces[p, a, x], pieces[p, b, x], pieces[p, c, x], pieces[p, e, x]
                spare[new, 0, x], spare[new, 1, x], spare[new, 2, x] = pa, pb, pc
                spare[new, 3, x] = pa + ta * (pe - pa)
                spare[new + 1, 0, x] = pb + tb * (pe - pb)
                spare[new + 2, 0, x] = pc + tc * (pe - pc)
            new = _rest_of_wedge(spare, new)
        elif s1 >= 0.0:
            # a wedge between the triangles (a, ac, ae) and (b, bc, be)
            tac, tae, tbc, tbe = s0 / (s0 - s2), s0 / (s0 - s3), s1 / (s1 - s2), s1 / (s1 - s3)
            for x in range(3):
                pa, pb, pc, pe = pieces[p, a, x], pieces[p, b, x], pieces[p, c, x], pieces[p, e, x]
                spare[new, 0, x], spare[new, 3, x] = pa, pb
                spare[new, 1, x], spare[new, 2, x] = pa + tac * (pc - pa), pa + tae * (pe - pa)
                spare[new + 1, 0, x], spare[new + 2, 0, x] = pb + tbc * (pc - pb), pb + tbe * (pe - pb)
            new = _rest_of_wedge(spare, new)
        elif s0 >= 0.0:
            tb, tc, te = s0 / (s0 - s1), s0 / (s0 - s2), s0 / (s0 - s3)
            for x in range(3):
                pa = pieces[p, a, x]
                spare[new, 0, x] = pa
                spare[new, 1, x] = pa + tb * (pieces[p, b, x] - pa)
                spare[new, 2, x] = pa + tc * (pieces[p, c, x] - pa)
                spare[new, 3, x] = pa + te * (pieces[p, e, x] - pa)
            new += 1
    for p in range(new):
        for n in range(4):
            for x in range(3):
                pieces[p, n, x] = spare[p, n, x]
    return new


@kernel
def _rest_of_wedge(spare: Array, new: int) -> int:
    """With (p, q, r, s) and the corners t, u of the wedge in place: the tetrahedra (t, q, r, s) and (u, r, s, t)."""
    for x in range(3):
        for n in range(1, 4):
            spare[new + 1, n, x] = spare[new, n, x]
        spare[new + 2, 1, x] = spare[new, 2, x]
        spare[new + 2, 2, x] = spare[new, 3, x]
        spare[new + 2, 3, x] = spare[new + 1, 0, x]
    return new + 3


@kernel
def _integral(pieces: Array, count: int, linear: Array) -> float:
    """Integral of n.x + d over tetrahedra."""
    total = 0.0
    for p in range(count):
        x, y, z = pieces[p, 0, 0], pieces[p, 0, 1], pieces[p, 0, 2]
        ax, ay, az = pieces[p, 1, 0] - x, pieces[p, 1, 1] - y, pieces[p, 1, 2] - z
        bx, by, bz = pieces[p, 2, 0] - x, pieces[p, 2, 1] - y, pieces[p, 2, 2] - z
        cx, cy, cz = pieces[p, 3, 0] - x, pieces[p, 3, 1] - y, pieces[p, 3, 2] - z
        six = ax * (by * cz - bz * cy) - ay * (bx * cz - bz * cx) + az * (bx * cy - by * cx)
        x, y, z = x + 0.25 * (ax + bx + cx), y + 0.25 * (ay + by + cy), z + 0.25 * (az + bz + cz)
        total += abs(six) / 6.0 * (linear[0] * x + linear[1] * y + linear[2] * z + linear[3])
    return total
