"""A simulated and a measured volume side by side: on the same voxels, segmented alike, measured alike."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femna.errors import BadInput
from femna.morphology.metric_table import UNITS, Measured, electrolyte, measure
from femna.morphology.overlap import dice, surface_distance
from femna.morphology.registration import ALL, Registration, register
from femna.morphology.resampling import nearest_resampled, resampled
from femna.morphology.segmentation import Thresholds, matching, thresholds
from femna.morphology.surface_area import smoothed
from femna.morphology.voxel_axes import array_spacing
from femna.volumes import Volume

METAL_LABEL = 1
LABEL_LEVEL = 0.5
THREADS = 2
MIN_VOXELS = 4
"""Voxels along each axis that two volumes must have in common."""


@dataclass(frozen=True)
class Row:
    """One metric of both volumes.

    Args:
        metric: its name.
        unit: SI.
        simulated, measured: at the nominal threshold; a number that belongs to the pair stands in both.
        simulated_range, measured_range: least and largest over the thresholds.
    """

    metric: str
    unit: str
    simulated: float
    measured: float
    simulated_range: tuple[float, float]
    measured_range: tuple[float, float]


@dataclass(frozen=True)
class VolumeComparison:
    """What came of a comparison.

    Args:
        rows: the metrics.
        registration: where the measured volume lies.
        simulated, measured: grey values on the same voxels, (z, y, x), larger in metal.
        simulated_levels, measured_levels: where these are divided.
        simulated_metrics, measured_metrics: at the nominal threshold.
        remarks: what has to be said about it, a line each.
    """

    rows: tuple[Row, ...]
    registration: Registration
    simulated: NDArray[Any]
    measured: NDArray[Any]
    simulated_levels: Thresholds
    measured_levels: Thresholds
    simulated_metrics: Measured
    measured_metrics: Measured
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class ComparisonChoices:
    """How two volumes are compared.

    Args:
        threshold: "otsu", a number in the measured grey values, or "LOW:HIGH".
        base: height above the lower face of both below which nothing is measured, m.
        dark_metal: whether metal is darker than the rest in the measured volume.
        dark_simulation: whether it is in the simulated one.
        as_stored: whether the measured axes are z, y, x already, so that only the offset is looked for.
    """

    threshold: str = "otsu"
    base: float = 0.0
    dark_metal: bool = False
    dark_simulation: bool = False
    as_stored: bool = False


def compare_volumes(simulated: Volume, measured: Volume, choices: ComparisonChoices) -> VolumeComparison:
    """Register, segment and measure two volumes.

    Args:
        simulated: z is its growth axis; shares of metal, grey values, or labels.
        measured: grey values, or labels where the simulated one has labels.
        choices: how.

    Returns:
        The comparison.

    Raises:
        BadInput: a volume cannot be segmented, the two have nothing in common, or one has labels and the other not.
        CannotGoOn: scikit-image or PETSc is not installed.
    """
    if bool(simulated.labels) != bool(measured.labels):
        which = "simulated" if simulated.labels else "measured"
        raise BadInput(f"the {which} volume has labels, and the other has none: labels are compared with labels")
    if measured.labels:
        return _compare_labels(simulated, measured, choices)
    remarks: list[str] = []
    ours = _filled(simulated, choices.dark_simulation, "simulated volume", remarks)
    theirs = _filled(measured, choices.dark_metal, "measured volume", remarks)
    given = _negated(choices.threshold) if choices.dark_metal else choices.threshold
    measured_levels = thresholds(theirs, given, "measured volume")
    tried = ALL[:1] if choices.as_stored else ALL
    found = register(ours, simulated.voxel_size, theirs, measured.voxel_size, tried)
    there = resampled(ours, simulated.voxel_size, found.voxel_size)
    simulated_levels = matching(found.overlapping(there, theirs)[0], measured_levels, "simulated volume")
    first, second = _above_base(found, there, theirs, choices.base)
    pairs = _measured(first, second, (simulated_levels, measured_levels), found)
    agreement = [
        _agreement(first > a, second > b, pair)
        for a, b, pair in zip(simulated_levels.all(), measured_levels.all(), pairs, strict=True)
    ]
    return VolumeComparison(
        tuple(_rows(pairs, agreement)),
        found,
        first,
        second,
        simulated_levels,
        measured_levels=measured_levels,
        simulated_metrics=pairs[0][0],
        measured_metrics=pairs[0][1],
        remarks=tuple(remarks),
    )


def _compare_labels(simulated: Volume, measured: Volume, choices: ComparisonChoices) -> VolumeComparison:
    """As `compare_volumes`, of labels: registered and measured by the metal, volumes and Dice of each label."""
    ours, theirs = ((volume.values == METAL_LABEL).astype(np.float32) for volume in (simulated, measured))
    for values, called in ((ours, "simulated"), (theirs, "measured")):
        if not values.any():
            raise BadInput(f"{called} volume: no voxel has the label {METAL_LABEL}, metal")
    tried = ALL[:1] if choices.as_stored else ALL
    found = register(ours, simulated.voxel_size, theirs, measured.voxel_size, tried)
    there = nearest_resampled(simulated.values, simulated.voxel_size, found.voxel_size)
    first, second = _above_base(found, there, measured.values, choices.base)
    greys = [smoothed(labels == METAL_LABEL) for labels in (first, second)]
    levels = Thresholds(LABEL_LEVEL, LABEL_LEVEL, LABEL_LEVEL, 0.0, metal=1.0)
    pair = _measured(greys[0], greys[1], (levels, levels), found)[0]
    agreement = _agreement(first == METAL_LABEL, second == METAL_LABEL, pair)
    rows = _rows([pair], [agreement])
    cell = float(np.prod(array_spacing(found.voxel_size)))
    for label, name in sorted({**simulated.labels, **measured.labels}.items()):
        a, b = first == label, second == label
        if not a.any() and not b.any():
            continue
        volumes = cell * int(a.sum()), cell * int(b.sum())
        rows.append(_row(f"Volume of label {label} ({name})", "m3", [volumes]))
        common = dice(a, b)
        rows.append(_row(f"Dice of label {label} ({name})", "1", [(common, common)]))
    return VolumeComparison(
        tuple(rows),
        found,
        greys[0],
        greys[1],
        levels,
        measured_levels=levels,
        simulated_metrics=pair[0],
        measured_metrics=pair[1],
        remarks=(),
    )


def _filled(volume: Volume, dark_metal: bool, called: str, remarks: list[str]) -> NDArray[Any]:
    """Grey values, larger in metal; what has not been measured counts as no metal, which is said."""
    values = -volume.values.astype(np.float32) if dark_metal else volume.values.astype(np.float32)
    if volume.mask is None:
        return values
    if not volume.mask.any():
        raise BadInput(f"{called}: no voxel has been measured")
    missing = int(volume.mask.size - volume.mask.sum())
    remarks.append(f"{called}: {missing} of {volume.mask.size} voxels have not been measured and count as no metal")
    return np.where(volume.mask, values, values[volume.mask].min())


def _negated(threshold: str) -> str:
    """The threshold of negated grey values."""
    if threshold == "otsu":
        return threshold
    parts = [part[1:] if part.startswith("-") else f"-{part}" for part in threshold.split(":")]
    return ":".join(reversed(parts))


def _above_base(
    found: Registration, simulated: NDArray[Any], measured: NDArray[Any], base: float
) -> tuple[NDArray[Any], NDArray[Any]]:
    """What both volumes have in common above a height over the lower face of the simulated one."""
    first, second = found.overlapping(simulated, measured)
    step = array_spacing(found.voxel_size)[0]
    below = max(round(base / step) - max(found.offset[0], 0), 0)
    first, second = first[below:], second[below:]
    if min(first.shape) < MIN_VOXELS:
        shape = " x ".join(str(length) for length in first.shape)
        raise BadInput(
            f"the volumes have {shape} voxels (z, y, x) in common; allowed: at least {MIN_VOXELS} along each axis"
        )
    return np.ascontiguousarray(first), np.ascontiguousarray(second)


def _measured(
    first: NDArray[Any], second: NDArray[Any], levels: tuple[Thresholds, Thresholds], found: Registration
) -> list[tuple[Measured, Measured]]:
    """All metrics of both volumes at each threshold, the nominal one first; two at a time."""
    jobs = [
        (values, level, name)
        for one, other in zip(levels[0].all(), levels[1].all(), strict=True)
        for values, level, name in ((first, one, "simulated volume"), (second, other, "measured volume"))
    ]
    with ThreadPoolExecutor(THREADS) as pool:
        running = {
            (level, name): pool.submit(measure, values, level, found.voxel_size, name) for values, level, name in jobs
        }
        results = {key: future.result() for key, future in running.items()}
    for values, level, name in {(level, name): (values, level, name) for values, level, name in jobs}.values():
        results[level, name].values.update(electrolyte(values > level, found.voxel_size))
    measured = [results[level, name] for _, level, name in jobs]
    return list(zip(measured[::2], measured[1::2], strict=True))


def _agreement(first: NDArray[np.bool_], second: NDArray[np.bool_], pair: tuple[Measured, Measured]) -> dict[str, Any]:
    distance = surface_distance(pair[0].surface, pair[1].surface)
    return {
        "Dice": ("1", dice(first, second)),
        "Mean surface distance": ("m", distance["mean"]),
        "Surface distance 95 %": ("m", distance["high"]),
    }


def _rows(pairs: Sequence[tuple[Measured, Measured]], agreement: Sequence[dict[str, Any]]) -> list[Row]:
    rows = [
        _row(name, unit, [(ours.values[name], theirs.values[name]) for ours, theirs in pairs])
        for name, unit in UNITS.items()
    ]
    for name, (unit, _) in agreement[0].items():
        rows.append(_row(name, unit, [(found[name][1], found[name][1]) for found in agreement]))
    return rows


def _row(name: str, unit: str, values: Sequence[tuple[float, float]]) -> Row:
    """A row from both values at each threshold, the nominal one first."""
    ours, theirs = (np.array([pair[k] for pair in values]) for k in (0, 1))
    ranges = [
        (float("nan"), float("nan")) if np.isnan(v).all() else (float(np.nanmin(v)), float(np.nanmax(v)))
        for v in (ours, theirs)
    ]
    return Row(name, unit, float(ours[0]), float(theirs[0]), ranges[0], measured_range=ranges[1])
