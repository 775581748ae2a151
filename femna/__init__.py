"""femna: electrodeposition of sodium metal at solid-electrolyte interphases, by phase fields and finite elements.

The Python interface, which the command line only wraps. Importing femna loads neither PETSc nor MPI.
"""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from femna.analysis.runs import Run
    from femna.case import Case

try:
    __version__ = metadata.version("femna")
except metadata.PackageNotFoundError:  # run from a source folder
    __version__ = "0+unknown"

__all__ = ["__version__", "load_case", "open_run", "run"]


def load_case(
    name_or_path: str | Path, sets: Sequence[str] = (), overrides: Mapping[str, Any] | None = None, **more: Any
) -> Case:
    """The resolved case of a shipped name or a .toml file.

    sets: "K=V" texts as on the command line; overrides and keywords: values by dotted key, '__' standing for '.' in a
    keyword: `load_case("planar", geometry__dim=2, temperature="40 degC")`. Raises BadInput.
    """
    from femna.validation.load import load_case

    return load_case(name_or_path, sets, overrides, **more)


def run(case: Case | str | Path, directory: str | Path | None = None, force: bool = False) -> Run:
    """Run a case in `directory` (runs/<case name>) and open the result. Collective under MPI.

    case: of `load_case`, or a shipped name or a path that it takes.
    Raises BadInput for a folder that is not empty (unless `force`), CannotGoOn when the solver or the machine gives up.
    """
    from femna.runtime.run import run

    if isinstance(case, str | Path):
        case = load_case(case)
    folder = Path("runs", case.name) if directory is None else Path(directory)
    return run(case, folder, force=force, command=["femna.run"])


def open_run(directory: str | Path) -> Run:
    """A finished, running or interrupted run, seen through its folder. Raises BadInput."""
    from femna.analysis.runs import open_run

    return open_run(Path(directory))
