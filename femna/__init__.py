"""femna: electrodeposition of sodium and other metals at interphases, by phase fields and finite elements.

The Python interface, which the command line only wraps. Importing femna loads neither PETSc nor MPI.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from femna.analysis import Run
    from femna.case import Case

    __version__: str

__all__ = ["__version__", "load_case", "open_run", "resume", "run"]


def __getattr__(name: str) -> str:
    """The version, looked up when it is asked for, since that takes a tenth of the start of `femna list`."""
    if name == "__version__":
        from femna.io.package_versions import femna_version

        return femna_version()
    raise AttributeError(f"module 'femna' has no attribute '{name}'")


def load_case(
    name_or_path: str | Path, sets: Sequence[str] = (), overrides: Mapping[str, object] | None = None, **more: object
) -> Case:
    """Resolve and validate a case.

    Args:
        name_or_path: name of a shipped case, or path of a .toml file.
        sets: "K=V" texts as after `--set` on the command line.
        overrides: values by dotted key.
        **more: the same as keywords, with "__" for each dot:
            `load_case("planar", geometry__dim=2, temperature="40 degC")`.

    Returns:
        The resolved case.

    Raises:
        BadInput: a key or a value is wrong.
    """
    from femna.validation.load import load_case

    return load_case(name_or_path, sets, overrides, **more)


def run(
    case: Case | str | Path, directory: str | Path | None = None, force: bool = False, log_level: str = "info"
) -> Run:
    """Run a case and open the result. Collective under MPI.

    Args:
        case: a case, or a shipped name or a path that `load_case` takes.
        directory: the run folder; `runs/<case name>` by default.
        force: clear a run folder that is not empty.
        log_level: what is said on the standard output: "debug", "info" (progress), "warning" or "error" (nothing).

    Returns:
        The run, seen through its folder.

    Raises:
        BadInput: the case is wrong, the folder is not empty and `force` is not given, or there is no such log level.
        CannotGoOn: the solver or the machine could not go on; the last checkpoint is intact.
    """
    from femna.runtime.run import run

    if isinstance(case, str | Path):
        case = load_case(case)
    folder = Path("runs", case.name) if directory is None else Path(directory)
    run(case, folder, force=force, command=["femna.run"], log_level=log_level)
    return open_run(folder)


def resume(directory: str | Path, sets: Sequence[str] = (), log_level: str = "info") -> Run:
    """Go on with a run from its newest intact checkpoint and open the result. Collective under MPI.

    Args:
        directory: the run folder.
        sets: "K=V" texts for keys of protocol, numerics (not its mesh) and output.
        log_level: as for `run`.

    Returns:
        The run, seen through its folder. A finished run is opened as it is when `sets` is empty.

    Raises:
        BadInput: the folder is no run folder, the run is still going on, or a setting or the log level is
            wrong.
        CannotGoOn: no checkpoint can be used, or the solver or the machine could not go on.
    """
    from femna.runtime.run import resume

    resume(Path(directory), sets, log_level=log_level)
    return open_run(directory)


def open_run(directory: str | Path) -> Run:
    """Open a finished, running or interrupted run through its folder.

    Args:
        directory: the run folder.

    Returns:
        The run as it stands now.

    Raises:
        BadInput: the folder is no run folder.
    """
    from femna.analysis.runs import open_run

    return open_run(directory)
