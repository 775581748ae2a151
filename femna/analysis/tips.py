"""The tips of a run as its summary has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from femna.analysis.branching import LEAST_LENGTH, branching
from femna.analysis.history_columns import column
from femna.analysis.snapshot import snapshot
from femna.analysis.tip import tip_radius, tip_speed
from femna.errors import BadInput
from femna.geometry.phases import conducting_layers
from femna.io.history_table import TIME

if TYPE_CHECKING:
    from femna.analysis.stored_run import StoredRun

LARGEST_HEIGHT = "Maximum height [m]"


def tips(run: StoredRun) -> dict[str, float | int | None]:
    """Speed of the highest tip, its radius, and how many ends and branchings the metal has.

    Args:
        run: a run at any stage of its life.

    Returns:
        Key -> value; None where the case cannot be read, and but for the speed in other than two dimensions and where
        no fields are stored:

        - `tip_speed_m_s`: see femna.analysis.tip.tip_speed.
        - `tip_radius_m`, `tip_radius_over_l`: in the last stored output, also over the width of the front.
        - `front_tips`, `front_branchings`: in the last stored output, see femna.analysis.branching.Branching.
    """
    found: dict[str, float | int | None] = dict.fromkeys(
        ("tip_speed_m_s", "tip_radius_m", "tip_radius_over_l", "front_tips", "front_branchings")
    )
    try:
        case = run.case
        width = case.interface.width
        found["tip_speed_m_s"] = tip_speed(run.history[TIME], column(run.history, LARGEST_HEIGHT), width)
        if case.geometry.dim != 2:
            return found
        output = snapshot(run)
        counts = branching(output, LEAST_LENGTH * width, conducting_layers(case))
    except BadInput:
        return found
    radius = tip_radius(output, width)
    found |= {"tip_radius_m": radius, "tip_radius_over_l": None if radius is None else radius / width}
    return found | ({} if counts is None else {"front_tips": counts.tips, "front_branchings": counts.branchings})
