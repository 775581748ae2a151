"""Rows, meshes and full disks for the tests of what a run writes."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from femna.io.version_1 import COLUMNS

Mesh = tuple[np.ndarray, np.ndarray, np.ndarray]


@pytest.fixture
def make_row() -> Callable[..., dict[str, float]]:
    """A row of the history whose every number tells its step and column."""

    def make(step: int, **extra: float) -> dict[str, float]:
        row: dict[str, float] = {column.name: step + k / 7 for k, column in enumerate(COLUMNS)}
        row |= {"Step [-]": step, "Nodes [-]": 100, "Nonlinear iterations [-]": 3, "Linear iterations [-]": 40}
        return row | extra

    return make


@pytest.fixture
def make_mesh() -> Callable[[int], Mesh]:
    """points, cells and layer of two simplices that share a face, in 1, 2 or 3 dimensions."""

    def make(dim: int) -> Mesh:
        corner = np.vstack([np.zeros(dim), np.eye(dim)])
        points = np.vstack([corner, np.full(dim, 2.0)]) * 1e-6
        cells = np.array([range(dim + 1), range(1, dim + 2)])
        return points, cells, np.array([0, 2], dtype=np.int32)

    return make


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From the call on, no file reaches the disk: flushing it fails as on a full one."""

    def fail(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return lambda: monkeypatch.setattr(os, "fsync", fail)


@pytest.fixture
def dev_full() -> Callable[[Path], None]:
    """Let a path lead to the device that is always full, whose writes fail by themselves."""
    return lambda path: path.symlink_to("/dev/full")
