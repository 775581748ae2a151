"""A fuzz of case files: every mutant of a shipped case is taken or refused in one line; nothing is silently ignored."""

from __future__ import annotations

import copy
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w

import femna
from femna.case.keys import allowed, dotted
from femna.cli import main
from femna.derived.parameters import derive
from femna.errors import BadInput, FemnaError
from femna.mesh.grading import bearable_grading, estimate_cells
from femna.validation.load import load_case
from femna.validation.warnings import case_warnings

from .mutations import Mutant, Place, make, one_change, parent, parses

pytestmark = pytest.mark.serial

SEED = 20_260_000
QUICK, WHOLE, BLOCK = 150, 3000, 150
MOST_CELLS = 60_000
PATIENCE = 20
"""Wall time (s) that a check may take, and a run of two steps beyond the start of the process."""


class Hangs(Exception):
    """A check took longer than PATIENCE."""


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    def ring(*_: object) -> None:
        raise Hangs

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def said(folder: Path, data: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The resolved case and the warnings of `femna check`."""
    path = folder / "case.toml"
    path.write_bytes(tomli_w.dumps(data).encode())
    case = load_case(path)
    return case.to_toml(), tuple(case_warnings(case, derive(case)))


def fault(mutant: Mutant, folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What is wrong with femna's answer to a mutant; "" where nothing is."""
    path = folder / "case.toml"
    path.write_bytes(mutant.text)
    begun = time.monotonic()
    try:
        with at_most(PATIENCE):
            code = main(["check", str(path)])
    except Hangs:
        return "hangs"
    except Exception as error:  # noqa: BLE001  a traceback, for the user
        return f"traceback: {type(error).__name__}: {error}"
    told = capsys.readouterr().err
    if code == 2:
        lines = told.strip().splitlines()
        return "" if len(lines) == 1 and lines[0].startswith("femna: ") else f"not one line: {told!r}"
    if code != 0:
        return f"exit code {code}: {told!r}"
    if time.monotonic() - begun > PATIENCE:
        return "hangs"
    return ignored(mutant, folder)


def ignored(mutant: Mutant, folder: Path) -> str:
    """The values of an accepted mutant that change neither the case nor the warnings, and are not what holds anyway."""
    data = parses(mutant)
    if data is None:
        return ""
    try:
        whole = said(folder, data)
    except FemnaError:
        return ""
    found = []
    for place in mutant.changed:
        value = at(data, place)
        overlay = (
            f"dim{at(data, ('geometry', 'dim'))}"  # of the same file, whose kind of surface drops other kinds' keys
        )
        overlaid = at(data, (overlay, *place)) is not None or at(data, (overlay, place[0], "kind")) is not None
        if value is None or overlaid or place[0] in ("dim1", "dim2", "dim3") or isinstance(value, dict | list):
            continue
        answers = [answer(folder, data, place, other) for other in (None, *others(value, place))]
        if None not in answers and all(given == whole for given in answers):
            found.append(f"{'.'.join(map(str, place))} = {value!r}")
    return f"ignored: {found}" if found else ""


def answer(folder: Path, data: dict[str, Any], place: Place, other: Any) -> tuple[str, tuple[str, ...]] | None:
    """What is said of the case with another value at a place, or without it; None where it is refused."""
    data = copy.deepcopy(data)
    table = parent(data, place)
    if other is None:
        del table[place[-1]]
    else:
        table[place[-1]] = other
    try:
        return said(folder, data)
    except (FemnaError, TypeError, ValueError):
        return None


def others(value: Any, place: Place) -> list[Any]:
    """Other values of the kind of a value."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1]
    if isinstance(value, float):
        return [0.61 * value + 0.01]
    number, _, unit = str(value).partition(" ")
    try:
        return [f"{0.61 * float(number):g} {unit}"]
    except ValueError:
        return [word for word in re.findall(r"'([^']+)'", allowed(place)) if word != value][:3]


def at(data: Any, place: Place) -> Any:
    try:
        for part in place:
            data = data[part]
    except (KeyError, IndexError, TypeError):
        return None
    return data


def faults(numbers: range, folder: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    found = []
    for n in numbers:
        mutant = make(SEED + n)
        if wrong := fault(mutant, folder, capsys):
            found.append(f"seed {mutant.seed}, {mutant.base}, {mutant.did}: {wrong}")
    return found


def test_some_mutants(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert faults(range(QUICK), tmp_path, capsys) == []


@pytest.mark.slow
@pytest.mark.parametrize("first", range(QUICK, WHOLE, BLOCK))
def test_all_mutants(
    first: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    record_property: Callable[[str, object], None],
) -> None:
    record_property("trials", BLOCK)
    record_property("seed", SEED)
    assert faults(range(first, first + BLOCK), tmp_path, capsys) == []


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, WHOLE, BLOCK))
def test_mutants_that_are_accepted_run_or_say_why_not(
    first: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Two steps of those that `check` takes, in a process of their own: no traceback, and no hang."""
    found, ran = [], 0
    for n in range(first, first + BLOCK):
        mutant = make(SEED + n)
        path = tmp_path / "case.toml"
        path.write_bytes(mutant.text)
        try:
            case = load_case(path)
            cells = estimate_cells(case, bearable_grading(case))
        except BadInput:
            continue
        if cells > MOST_CELLS:  # takes minutes, and says so
            continue
        ran += 1
        if ran % 4:
            continue
        words = ["run", str(path), "-o", str(tmp_path / "run"), "--force", "--quiet", "--set", "numerics.max_steps=2"]
        try:
            ended = subprocess.run(
                [sys.executable, "-m", "femna", *words],
                capture_output=True,
                text=True,
                timeout=6 * PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            found.append(f"seed {mutant.seed}, {mutant.base}, {mutant.did}: hangs")
            continue
        if ended.returncode not in (0, 2, 3) or "Traceback" in ended.stderr:
            found.append(f"seed {mutant.seed}, {mutant.base}, {mutant.did}: {ended.returncode} {ended.stderr[-400:]}")
    record_property("trials", ran // 4)
    record_property("seed", SEED)
    assert found == []


NOT_PHYSICS = ("name", "title", "source", "minutes", "output", "numerics.solver", "numerics.max_steps")
"""Keys that words or the machine need."""

NOT_IN_THREE_STEPS = (
    *("numerics.dt_max", "counter.thickness", "melting_point", "activation_energy", "electronic_conductivity"),
    *("molar_mass", "density"),
)
"""Ends of keys whose values bound what three steps do not reach, or act at another temperature only, behind a layer
that no electron passes, or beside a molar volume that is given."""


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 600, 30))
def test_values_that_are_taken_change_the_run_or_are_named(
    first: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Three steps with a value and three without: the histories differ, a warning names the key, or it is a default."""
    from femna.runtime.run import run

    silent, asked = [], 0
    for n in range(first, first + 30):
        mutant, place = one_change(SEED + n)
        key, data = dotted(place), parses(mutant)
        assert data is not None
        # a contact takes the place of kinetics until the front leaves it, which it does not in three steps
        if (
            key.startswith(NOT_PHYSICS)
            or key.endswith(NOT_IN_THREE_STEPS)
            or (key.startswith("kinetics") and "contacts" in data)
        ):
            continue
        histories = []
        for value in (at(data, place), None):
            changed = copy.deepcopy(data)
            if value is None:
                del parent(changed, place)[place[-1]]
            path = tmp_path / "case.toml"
            path.write_bytes(tomli_w.dumps(changed).encode())
            try:
                case = load_case(path)
                if value is not None and any(key in text for text in case_warnings(case, derive(case))):
                    break
                run(case, tmp_path / "run", force=True, log_level="error")
            except FemnaError:
                break
            histories.append(physics(tmp_path / "run"))
        if len(histories) < 2:
            continue
        asked += 1
        one, two = histories
        same = one.keys() == two.keys() and all(np.array_equal(one[k], two[k], equal_nan=True) for k in one)
        if same and not is_default(data, place, tmp_path):
            silent.append(f"seed {mutant.seed}, {mutant.base}: {key} = {at(data, place)!r}")
    record_property("trials", asked)
    record_property("seed", SEED)
    assert asked > 0
    assert silent == []


def physics(folder: Path) -> dict[str, np.ndarray[Any, Any]]:
    history = femna.open_run(folder).history
    return {name: values for name, values in history.items() if "Wall" not in name}


def is_default(data: dict[str, Any], place: Place, folder: Path) -> bool:
    """Whether the value is what holds without it, by the resolved case."""
    changed = copy.deepcopy(data)
    del parent(changed, place)[place[-1]]
    return said(folder, data)[0] == said(folder, changed)[0]
