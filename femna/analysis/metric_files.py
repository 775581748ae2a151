"""The tables of a comparison of volumes: metrics.csv, metrics.json."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path

from femna.analysis.volume_comparison import VolumeComparison
from femna.io.atomic_files import write_whole
from femna.morphology.segmentation import Thresholds

CSV_FILE, JSON_FILE = "metrics.csv", "metrics.json"
COLUMNS = ("metric", "unit", "simulated", "measured", "low", "high", "simulated_low", "simulated_high")
"""low and high: of the measured volume over the range of thresholds."""


def write_metrics(comparison: VolumeComparison, out: Path) -> list[Path]:
    """Write both tables.

    Args:
        comparison: what came of it.
        out: the folder; it is made when there is none.

    Returns:
        The paths.

    Raises:
        CannotGoOn: the disk is full, or a file cannot be written.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in comparison.rows:
        writer.writerow([row.metric, row.unit, row.simulated, row.measured, *row.measured_range, *row.simulated_range])
    write_whole(out / CSV_FILE, text.getvalue().encode())
    content = json.dumps(_content(comparison), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    write_whole(out / JSON_FILE, content.encode())
    return [out / CSV_FILE, out / JSON_FILE]


def _content(comparison: VolumeComparison) -> dict[str, object]:
    found = comparison.registration
    z, y, x = found.orientation.mirrored
    ours, theirs = comparison.simulated_metrics, comparison.measured_metrics
    return {
        "registration": {
            "words": found.words(),
            "axes_zyx": list(found.orientation.axes),
            "mirrored_zyx": [z, y, x],
            "offset_voxels_zyx": list(found.offset),
            "correlation": found.correlation,
            "equally_good": len(found.others),
        },
        "voxel_size_m": list(found.voxel_size),
        "shape_zyx": list(comparison.simulated.shape),
        "thresholds": {
            "simulated": _levels(comparison.simulated_levels),
            "measured": _levels(comparison.measured_levels),
        },
        "remarks": list(comparison.remarks),
        "metrics": [
            {
                "metric": row.metric,
                "unit": row.unit,
                "simulated": _finite(row.simulated),
                "measured": _finite(row.measured),
                "simulated_range": [_finite(value) for value in row.simulated_range],
                "measured_range": [_finite(value) for value in row.measured_range],
            }
            for row in comparison.rows
        ],
        "two_point_correlation": {
            "distance_m": [float(value) for value in ours.distances],
            "simulated": [float(value) for value in ours.correlation],
            "measured": [float(value) for value in theirs.correlation],
        },
        "metal_share_over_height": {
            "simulated": [float(value) for value in ours.share_over_height],
            "measured": [float(value) for value in theirs.share_over_height],
        },
    }


def _levels(levels: Thresholds) -> dict[str, float]:
    return {"nominal": levels.nominal, "low": levels.low, "high": levels.high}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
