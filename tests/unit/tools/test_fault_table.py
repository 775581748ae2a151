"""The score of tools/fault_table.py, from reports of pytest."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]

pytestmark = pytest.mark.serial


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fault_table", ROOT / "tools" / "fault_table.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fault_table"] = module
    spec.loader.exec_module(module)
    return module


def case(name: str, inside: str = "", seconds: float = 30.0) -> str:
    return f'<testcase classname="tests.faults.test_kills" name="{name}" time="{seconds}">{inside}</testcase>'


def report(path: Path, *cases: str) -> Path:
    path.write_text(f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>")
    return path


def test_the_page_counts_trials_and_the_last_outcome_of_each_test(tool: ModuleType, tmp_path: Path) -> None:
    numbers = '<properties><property name="trials" value="5"/><property name="seed" value="17"/></properties>'
    parts = [
        report(tmp_path / "1.xml", case("test_killed[0]", numbers + "<failure/>"), case("test_killed[5]", numbers)),
        report(
            tmp_path / "2.xml", case("test_killed[0]", numbers, 60.0), case("test_other"), case("test_no", "<skipped/>")
        ),
    ]
    cases = tool.outcomes(parts)
    file = "tests/faults/test_kills.py"
    assert list(cases) == [f"{file}::{name}" for name in ("test_killed[0]", "test_killed[5]", "test_other")]
    page = tool.page(tool.scores(cases), [f"{file}::test_killed[10]", f"{file}::test_killed[15]"])
    assert f"| `{file}` | killed | 10 | 0 | 17 | 90 |" in page
    assert f"| `{file}` | other | 1 | 0 | - | 30 |" in page
    assert "11 trials, 0 tests failed, 2 minutes" in page
    assert page.count(f"left out: 2 of `{file}`, killed.") == 1
    assert "left out" not in tool.page(tool.scores(cases))
    failed = tool.page(tool.scores(tool.outcomes(parts[:1])))
    assert f"| `{file}` | killed | 10 | 1 | 17 | 60 |" in failed
