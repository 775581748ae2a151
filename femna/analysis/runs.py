"""A run, finished or not, seen through its folder. What computes its numbers is loaded when they are asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from femna.analysis.stored_run import StoredRun
from femna.io.manifest import read_manifest

if TYPE_CHECKING:
    from femna.analysis.summary import SummaryValue


class Run(StoredRun):
    """A stored run with the numbers that follow from it."""

    def summary(self) -> dict[str, SummaryValue]:
        """The numbers of `femna summary --json` (see femna.analysis.summary.summary)."""
        from femna.analysis.summary import summary

        return summary(self)

    def disconnected(self, time: float | None = None) -> float | None:
        """Metal that the collector does not reach (see femna.analysis.metal.disconnected).

        Args:
            time: simulated time of a stored output, s; None for the last one.

        Returns:
            Volume over projected area, m; None when no output is stored at that time.
        """
        from femna.analysis.metal import disconnected

        return disconnected(self, time)


def open_run(directory: Path | str) -> Run:
    """Open the run in a folder, also while it runs.

    Args:
        directory: the run folder.

    Returns:
        The run as it stands now.

    Raises:
        BadInput: there is no such folder, or it is no run folder.
    """
    directory = Path(directory)
    return Run(directory, read_manifest(directory))
