"""One page for a run: what was asked, what came out, what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from femna.report.run_report import report

__all__ = ["report"]


def __getattr__(name: str) -> Any:
    """What draws, loaded when it is asked for."""
    if name == "report":
        from femna.report.run_report import report

        return report
    raise AttributeError(f"module 'femna.report' has no attribute '{name}'")
