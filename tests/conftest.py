"""The suite on any number of MPI ranks: `python -m pytest`, or `mpirun -n N python -m pytest`.

Every rank runs the same tests in the same order. After each phase of a test the ranks exchange what came of it, on a
communicator of their own, so that a failure on one fails on all and none runs ahead; rank 0 prints the report. What a
test leaves behind is collected on all ranks at once, because PETSc's destructors are collective. A rank that waits in
vain is ended by pytest's faulthandler_timeout. Without mpi4py all of this is one rank.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest

try:
    from mpi4py import MPI
except (ImportError, RuntimeError):  # no mpi4py, or no MPI library for it
    COMM = None
    RANK, SIZE = 0, 1
else:
    COMM = MPI.COMM_WORLD.Dup()
    RANK, SIZE = COMM.rank, COMM.size

# the same examples on every rank, and no verdict by a rank's own clock
hypothesis.settings.register_profile(
    "ranks", derandomize=True, deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("ranks")


WITHOUT_RANKS = {"audit", "case", "derived", "geometry", "io", "materials", "surfaces", "sweep", "validation"}
"""Rooms of femna that know no ranks: several would each do there what one does alone."""
ABOUT_TEXT = {"test_doc_samples.py", "test_docs.py", "test_launcher.py", "test_quantities.py", "test_units.py"}
"""Files of tests/unit of which the same holds."""

_approx = pytest.approx
ROUNDING = 1e-12
"""Absolute tolerance, in the largest of the numbers that are expected."""
RELATIVE = 1e-6
"""pytest's own relative tolerance."""


def approx(expected: Any, rel: float | None = None, abs: float | None = None, nan_ok: bool = False) -> Any:
    """pytest.approx with an absolute tolerance of 1e-12 of what is expected, in place of 1e-12.

    In SI 1e-12 is a hundredth of a diffusivity and more than any volume: a test of 1e-16 m^3 would pass with any sign.
    A zero that is expected alone must say what is near it.
    """
    if abs is None:
        values = list(expected.values()) if isinstance(expected, dict) else expected
        try:
            largest = float(np.max(np.abs(np.asarray(values, dtype=float))))
        except (TypeError, ValueError):  # no numbers
            largest = 0.0
        if 0.0 < largest < float("inf"):
            abs = ROUNDING * largest
            rel = RELATIVE if rel is None else rel  # which pytest leaves out where only abs is given
    return _approx(expected, rel=rel, abs=abs, nan_ok=nan_ok)


pytest.approx = approx  # type: ignore[assignment]


@pytest.fixture
def shared_tmp_path(tmp_path: Path) -> Path:
    """An empty folder, the same one on all ranks."""
    return tmp_path if COMM is None else COMM.bcast(tmp_path)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    if int(os.environ.get("PMI_SIZE", SIZE)) != SIZE:
        raise pytest.UsageError("each rank believes it is alone: start the tests with the mpirun beside this Python")
    if RANK > 0:
        config.pluginmanager.unregister(name="terminalreporter")
        silent = pytest.TerminalReporter(config, open(os.devnull, "w"))  # noqa: SIM115  open until the process ends
        config.pluginmanager.register(silent, "terminalreporter")
    if SIZE > 1:
        gc.disable()  # see pytest_runtest_protocol


def knows_no_ranks(path: Path) -> bool:
    """Whether a test file is about what is the same on any number of ranks."""
    *_, unit, room = path.parts[:-1] if path.name not in ABOUT_TEXT else path.parts
    return unit == "unit" and room in WITHOUT_RANKS | ABOUT_TEXT


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if SIZE > 1:
        kept, left_out = [], []
        for item in items:
            alone = item.get_closest_marker("serial") is not None or knows_no_ranks(item.path)
            (left_out if alone else kept).append(item)
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """All ranks have collected the same tests, or the run ends here."""
    if COMM is not None:
        plans = COMM.allgather((session.testsfailed, [item.nodeid for item in session.items]))
        if any(plan != plans[0] for plan in plans):
            lengths = ", ".join(
                f"rank {rank}: {len(tests)} tests, {bad} errors" for rank, (bad, tests) in enumerate(plans)
            )
            pytest.exit(f"the ranks collected different tests ({lengths})", returncode=pytest.ExitCode.INTERRUPTED)
    if SIZE > 1:
        gc.freeze()  # modules and tests stay; what is left to look through after each test is that test's own


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """The outcome of one phase (set-up, call, teardown) on all ranks: where they differ, or one failed, it failed."""
    report = yield
    if COMM is None or SIZE == 1:
        return report
    text = report.longreprtext if report.failed else ""
    outcomes = COMM.allgather((report.outcome, hasattr(report, "wasxfail"), text))
    kinds = {(outcome, expected) for outcome, expected, _ in outcomes}
    if len(kinds) > 1 or report.failed:
        told = report.longreprtext if report.failed else ""
        for rank, (outcome, expected, text) in enumerate(outcomes):
            if rank != RANK and (outcome != report.outcome or text != told):
                name = f"x{outcome}" if expected else outcome
                report.sections.append((f"on rank {rank}: {name}", text))
        if not report.failed:
            report.outcome = "failed"
            report.longrepr = f"{report.when} {report.nodeid}: the ranks differ"
            vars(report).pop("wasxfail", None)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol() -> Generator[None, object, object]:
    """After each test, when nothing holds its objects any more: collect them on all ranks at once."""
    result = yield
    if SIZE > 1:
        gc.collect()
        from femna.parallel import PETSc

        # on several ranks PETSc keeps what Python has let go, and its communicators, of which MPI has some two thousand
        PETSc.garbage_cleanup()
        COMM.barrier()
    return result
