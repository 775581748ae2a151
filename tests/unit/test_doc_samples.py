"""What the documentation shows of femna's output is what femna prints (see tools/doc_samples.py, which renews it)."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from .test_docs import PAGES, PROCESS_PAGE, ROOT, name

spec = importlib.util.spec_from_file_location("doc_samples", ROOT / "tools" / "doc_samples.py")
assert spec is not None
assert spec.loader is not None
doc_samples = importlib.util.module_from_spec(spec)
spec.loader.exec_module(doc_samples)


def parts() -> Iterator[object]:
    """Of each page the blocks that belong together; those that take minutes are slow."""
    for page in PAGES:
        for number, (blocks, slow) in enumerate(doc_samples.run_blocks(page) if page != PROCESS_PAGE else ()):
            yield pytest.param(blocks, id=f"{name(page)}-{number}", marks=[pytest.mark.slow] if slow else [])


@pytest.mark.serial
@pytest.mark.parametrize("blocks", list(parts()))
def test_what_is_shown_is_printed(blocks: list[tuple[str, str, str]], tmp_path: Path) -> None:
    for command, shown, printed in doc_samples.outputs(blocks, tmp_path):
        line = doc_samples.missing(shown, printed)
        assert line is None, f"{command}: prints no (further) line '{line}'; it prints\n{printed}"


def test_the_first_screens_are_checked() -> None:
    """Readme and first run show output, and the readme some that takes minutes."""
    for page in (ROOT / "README.md", ROOT / "docs" / "guide" / "first_run.md"):
        found = doc_samples.run_blocks(page)
        blocks = [content for blocks, _ in found for _, content, _ in blocks]
        shown = [lines for content in blocks for _, lines in doc_samples.samples(content)]
        assert sum(map(len, shown)) > 10
        assert any(slow for _, slow in found) == (page.name == "README.md")


@pytest.mark.parametrize(
    ("shown", "printed", "expected"),
    [
        ("done: t = 3600 s after 12 steps", "done:  t = 3601 s after 12 steps", True),
        ("done: t = 3600 s after 12 steps", "done: t = 3700 s after 12 steps", False),
        ("ends in ..", "ends in 12 s", True),
        ("10 mV, ends in ..", "20 mV, ends in 12 s", False),
        ("a 1", "b 1", False),
        ("0", "0", True),
        ("22.5 mAh/cm2", "22.6 mAh/cm2", True),
        ("22.5 mAh/cm2", "22.7 mAh/cm2", False),
    ],
)
def test_lines_are_compared(shown: str, printed: str, expected: bool) -> None:
    assert doc_samples.same(shown, printed) is expected


def test_lines_are_renewed() -> None:
    page = "```console\n$ femna x\nV = 10.5 mV\nends in .. at 3\n```\n"
    ran = [("femna x", ["V = 10.5 mV", "ends in .. at 3"], "warning\nV = 11.2 mV\nends in 7 s at 3\n")]
    assert doc_samples.renewed(page, ran) == page.replace("10.5", "11.2")
