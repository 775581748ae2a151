"""What the tests of several folders share: a run made up in memory."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def fake() -> type:
    """The class of made-up runs, `FakeRun`; loaded by path, whatever import mode pytest runs in."""
    path = Path(__file__).with_name("fake_run.py")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module.FakeRun
