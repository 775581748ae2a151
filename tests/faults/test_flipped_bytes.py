"""Every file of a run with one byte changed, 200 times each: said to be damaged, or without effect on what is read."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import femna
from femna.errors import FemnaError
from femna.io import checkpoint
from femna.io.stored_mesh import load_mesh
from femna.runtime.run import run
from femna.validation.load import load_case

pytestmark = pytest.mark.serial

SMALL = Path(__file__).parents[1] / "small.toml"
QUICK, WHOLE = 25, 200
SEED = 20_261_201


@pytest.fixture(scope="module")
def intact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of some steps."""
    folder = tmp_path_factory.mktemp("intact") / "run"
    run(load_case(SMALL, ["geometry.dim=2", "numerics.max_steps=12"]), folder, log_level="error")
    return folder


def history(folder: Path) -> Any:
    return {name: values.tolist() for name, values in femna.open_run(folder).history.items()}


def fields(folder: Path) -> Any:
    mesh = femna.open_run(folder).fields()
    named = {name: np.asarray(mesh.point_data[name]).tolist() for name in ("xi", "c", "phi")}
    return named | {"points": np.asarray(mesh.points).tolist(), "cells": mesh.cells.tolist()}


def newest(folder: Path) -> Any:
    found = checkpoint.load_newest(folder)
    return found.step, found.scalars, {name: values.tolist() for name, values in found.arrays.items()}


def mesh(folder: Path) -> Any:
    found = load_mesh(folder)
    return found.points.tolist(), found.cells.tolist(), found.layer.tolist()


def numbers(folder: Path) -> Any:
    """What the summary has from the history."""
    summary = femna.open_run(folder).summary()
    return {key: summary[key] for key in ("steps", "time_s", "charge_C_m2", "height_max_m", "cell_voltage_V")}


FILES: dict[str, tuple[str, Callable[[Path], Any]]] = {
    "history": ("history.csv", history),
    "output": ("fields/0001.vtkhdf", fields),
    "mesh of the outputs": ("fields/mesh.vtkhdf", fields),
    "checkpoint": ("checkpoint/000012.h5", newest),
    "mesh of the checkpoints": ("checkpoint/mesh.h5", mesh),
    "manifest": ("manifest.json", numbers),
    "checksums": ("fields/checksums.json", fields),
}


def wrong(name: str, count: int, intact: Path, folder: Path) -> list[str]:
    """Changes of a byte of a file that are neither told nor harmless."""
    place, read = FILES[name]
    shutil.copytree(intact, folder)
    path = folder / place
    content, before = path.read_bytes(), read(folder)
    dice = random.Random(f"{SEED} {name}")
    found = []
    for _ in range(count):
        where, other = dice.randrange(len(content)), dice.randrange(1, 256)
        path.write_bytes(content[:where] + bytes([content[where] ^ other]) + content[where + 1 :])
        try:
            after = read(folder)
        except FemnaError as error:
            if "\n" in str(error) and "try" not in str(error):
                found.append(f"byte {where} ^ {other}: {error}")
        except Exception as error:  # noqa: BLE001  a traceback, for the user
            found.append(f"byte {where} ^ {other}: {type(error).__name__}: {error}")
        else:
            # a checkpoint that is damaged is passed over for the one before
            if after != before and not (name == "checkpoint" and after[0] < before[0]):
                found.append(f"byte {where} ^ {other} ({content[where : where + 1]!r}): other values")
    return found


@pytest.mark.parametrize("name", FILES)
def test_a_changed_byte_is_told_or_harmless(name: str, intact: Path, tmp_path: Path) -> None:
    assert wrong(name, QUICK, intact, tmp_path / "run") == []


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_200_changed_bytes_are_told_or_harmless(
    name: str, intact: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    record_property("trials", WHOLE)
    record_property("seed", SEED)
    assert wrong(name, WHOLE, intact, tmp_path / "run") == []


@pytest.mark.parametrize("name", [name for name in FILES if name != "checksums"])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 1.0])
def test_a_file_cut_off_is_told_or_harmless(name: str, share: float, intact: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(intact, folder)
    place, read = FILES[name]
    path = folder / place
    before = read(folder)
    content = path.read_bytes()
    path.write_bytes(content[: max(int(share * len(content)) - 1, 0)])
    try:
        after = read(folder)
    except FemnaError as error:
        told = str(error)
    else:
        told = path.name if after == before or (name == "checkpoint" and after[0] < before[0]) else "other values"
    assert path.name in told
