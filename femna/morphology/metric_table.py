"""Every metric of one volume at one threshold, by name, in SI units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from femna.morphology import connectivity
from femna.morphology.box_counting import box_counting_dimension
from femna.morphology.chord_lengths import chord_lengths
from femna.morphology.deposit_heights import contact_fraction, deposit_volume, surface_texture, top_heights
from femna.morphology.distance_transform import depth
from femna.morphology.local_thickness import local_thickness, thickness_statistics
from femna.morphology.resampling import resampled
from femna.morphology.skeleton import skeleton
from femna.morphology.surface_area import surface_area, surface_mesh
from femna.morphology.two_point_correlation import correlation_length, radial_correlation
from femna.morphology.voxel_axes import BoolArray, FloatArray, array_spacing, need_both, need_three_axes

MAX_CONDUCTING = 2**22
"""Voxels of the electrolyte's Laplace equation, at the most; larger volumes are averaged over 2 x 2 x 2 and so on."""

UNITS = {
    "Deposit volume": "m3",
    "Mean height": "m",
    "Maximum height": "m",
    "Sa": "m",
    "Sq": "m",
    "Sz": "m",
    "Ssk": "1",
    "Sku": "1",
    "Sdr": "1",
    "Contact fraction": "1",
    "Void volume under metal": "m3",
    "Closed pore volume": "m3",
    "Connected metal volume": "m3",
    "Dead metal volume": "m3",
    "Surface area": "m2",
    "Specific surface": "1/m",
    "Euler number": "1",
    "Mean thickness": "m",
    "Thickness 5 %": "m",
    "Median thickness": "m",
    "Thickness 95 %": "m",
    "Mean chord along x": "m",
    "Mean chord along y": "m",
    "Mean chord along z": "m",
    "Correlation length": "m",
    "Box-counting dimension": "1",
    "Skeleton length": "m",
    "Skeleton branches": "1",
    "Electrolyte share": "1",
    "Electrolyte conductivity along x": "1",
    "Electrolyte conductivity along z": "1",
    "Electrolyte tortuosity along x": "1",
    "Electrolyte tortuosity along z": "1",
}
"""Metric -> SI unit, in the order of the tables. Conductivities are relative to that of the free electrolyte."""


@dataclass(frozen=True)
class Measured:
    """What was measured of one volume at one threshold.

    Args:
        values: metric -> value, SI.
        surface: points of the surface, (P, 3), m, along z, y, x.
        share_over_height: metal's share of each layer of voxels, (z,).
        thickness: thicknesses of the metal's voxels, (voxels,), m.
        distances, correlation: two-point correlation, (bins,), m and 1.
    """

    values: dict[str, float]
    surface: FloatArray
    share_over_height: FloatArray
    thickness: FloatArray
    distances: FloatArray
    correlation: FloatArray


def measure(grey: FloatArray, level: float, voxel_size: ArrayLike, called: str) -> Measured:
    """Every metric of a volume but those of its electrolyte (`electrolyte`), whose solver is not for several threads.

    Args:
        grey: (z, y, x), larger in metal; its lower face is the base of the deposit.
        level: what exceeds it is metal.
        voxel_size: (3,), m, along x, y, z.
        called: what to call the volume in messages.

    Returns:
        The metrics and what figures show.

    Raises:
        BadInput: no voxel, or every voxel, is metal.
        CannotGoOn: scikit-image is not installed.
    """
    need_three_axes(grey)
    metal = grey > level
    need_both(metal, called)
    spacing = array_spacing(voxel_size)
    cell = float(np.prod(spacing))
    values = dict.fromkeys(UNITS, float("nan"))
    heights = top_heights(grey, level, voxel_size)
    values |= {"Mean height": float(heights.mean()), "Maximum height": float(heights.max())}
    values |= surface_texture(heights, voxel_size)
    volume = values["Deposit volume"] = deposit_volume(metal, voxel_size)
    values["Contact fraction"] = contact_fraction(metal)
    values["Void volume under metal"] = cell * int(connectivity.voids_under_metal(metal).sum())
    values["Closed pore volume"] = cell * int(connectivity.closed_pores(metal).sum())
    values["Connected metal volume"] = cell * int(connectivity.connected_metal(metal).sum())
    values["Dead metal volume"] = volume - values["Connected metal volume"]
    vertices, triangles = surface_mesh(grey, level, voxel_size)
    values["Surface area"] = area = surface_area(vertices, triangles)
    values["Specific surface"] = area / volume
    values["Euler number"] = connectivity.euler_number(metal)
    extent = [size * count for size, count in zip(spacing, grey.shape, strict=True)]
    centred = vertices + np.array(spacing) / 2
    values["Box-counting dimension"] = box_counting_dimension(centred, extent, max(spacing))
    depths = depth(grey, level, voxel_size)
    thickness = local_thickness(depths, voxel_size)
    found = thickness_statistics(thickness)
    values |= {"Mean thickness": found["mean"], "Median thickness": found["median"]}
    values |= {"Thickness 5 %": found["low"], "Thickness 95 %": found["high"]}
    for axis, name in enumerate("zyx"):
        chords = chord_lengths(metal, voxel_size, axis)
        values[f"Mean chord along {name}"] = float(chords.mean()) if len(chords) else float("nan")
    distances, correlation = radial_correlation(metal, voxel_size)
    values["Correlation length"] = correlation_length(distances, correlation)
    cube = (cell ** (1 / 3),) * 3
    even = resampled(grey, voxel_size, cube)  # thinning counts voxels; the same array where they are cubes
    lines = skeleton(even > level, depths if even is grey else depth(even, level, cube), cube)
    values |= {"Skeleton length": lines.length, "Skeleton branches": lines.branches}
    return Measured(
        values, vertices, metal.mean(axis=(1, 2)), thickness[metal], distances=distances, correlation=correlation
    )


def electrolyte(metal: BoolArray, voxel_size: ArrayLike) -> dict[str, float]:
    """Share, relative conductivity and tortuosity of what is not metal, from the base to the highest metal.

    Args:
        metal: (z, y, x).
        voxel_size: (3,), m, along x, y, z.

    Returns:
        The metrics by name.

    Raises:
        CannotGoOn: PETSc is not installed.
    """
    from femna.morphology.electrolyte_conduction import effective_conduction

    top = int(metal.any(axis=(1, 2)).nonzero()[0][-1]) + 1
    share: FloatArray = 1.0 - metal[:top].astype(float)
    size = np.asarray(voxel_size, dtype=float)
    values = {"Electrolyte share": float(share.mean())}
    while share.size > MAX_CONDUCTING:
        share, size = resampled(share, size, 2 * size), 2 * size
    for axis, name in ((2, "x"), (0, "z")):
        conduction = effective_conduction(share, size, axis)
        values[f"Electrolyte conductivity along {name}"] = conduction.relative_conductivity
        values[f"Electrolyte tortuosity along {name}"] = conduction.tortuosity
    return values
