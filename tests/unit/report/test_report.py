"""The page of a run: what stands on it, that nothing on it leads elsewhere, and that texts stay texts."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from femna.analysis.runs import open_run
from femna.cli import main
from femna.errors import BadInput
from femna.render import opengl
from femna.report import report
from femna.report.case_words import step_words
from femna.report.markup import Html, escaped, joined, table
from femna.report.verified import rows

pytestmark = pytest.mark.serial  # one process draws

VOID = {"meta", "img", "br", "hr", "input", "link"}
SECTIONS = ["case", "pictures", "metrics", "balances", "verification", "assumptions", "rerun"]


class Page(HTMLParser):
    """Elements that are open, ids, what is linked, and the text of each section."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.faults: list[str] = []
        self.said: dict[str, str] = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        self.links += [str(found[key]) for key in ("src", "href", "action", "data", "poster") if key in found]
        if found.get("id"):
            self.ids.append(str(found["id"]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)

    def handle_data(self, data: str) -> None:
        if self.ids and not {"script", "style"} & set(self.open):
            self.said[self.ids[-1]] = self.said.get(self.ids[-1], "") + data


def check_page(text: str) -> Page:
    """Well formed; every link stays on the page; the browser is told to ask for nothing."""
    page = Page(text)
    assert text.startswith("<!DOCTYPE html>")
    assert page.faults == []
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    for link in page.links:
        assert link.startswith(("data:image/", "#")), link[:60]
        if link.startswith("#"):
            assert link[1:] in page.ids
    assert "default-src 'none'" in text
    assert not {"link", "iframe", "object", "embed", "base"} & set(page.tags)
    return page


@pytest.fixture
def folder(fake: type, tmp_path: Path) -> Path:
    """A stored run in two dimensions."""
    made = tmp_path / "run"
    fake(tmp_path / "made", cells=16, times=np.array([0.0, 5.0, 10.0])).store(made)
    return made


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_every_section_is_there(fake: type, tmp_path: Path, dim: int) -> None:
    made, run = fake(tmp_path / "made", dim=dim, cells=8, width=6.0, times=np.array([0.0, 8.0])), tmp_path / "run"
    made.store(run)
    path = report(run)
    assert path == run / "report.html"
    page = check_page(path.read_text(encoding="utf-8"))
    wanted = list(SECTIONS)
    if dim == 3:
        wanted.insert(2, "scene")
    assert page.ids == wanted
    assert ("canvas" in page.tags) == (dim == 3)
    assert page.tags.count("img") == {1: 2, 2: 3, 3: 7 if opengl.has_gl() else 4}[dim]
    assert "deposit_thickness_m" in page.said["metrics"]
    assert "Sodium balance error [-]" in page.said["balances"]
    assert "test_manufactured_coupled.py" in page.said["verification"]
    assert "assumed, not measured" in page.said["assumptions"]
    assert "native-sei.ionic_conductivity" in page.said["assumptions"]
    assert "femna run case.toml" in page.said["rerun"]
    assert "interphase" in page.said["case"]
    assert "voltage 0.5 V, until 1" in page.said["case"]


def test_texts_of_users_stay_texts(folder: Path) -> None:
    bad = '</script><script>alert("x")</script><img src=x onerror=alert(1)>&'
    case = folder / "case.toml"
    text = case.read_text(encoding="utf-8")
    lines = [f"title = {json.dumps(bad)}" if line.startswith("title = ") else line for line in text.splitlines()]
    assert lines != text.splitlines()
    case.write_text("\n".join(lines), encoding="utf-8")
    page = check_page(report(folder).read_text(encoding="utf-8"))
    assert bad in page.said["case"]
    assert "script" not in page.tags  # none in two dimensions
    assert page.tags.count("img") == 3


def test_markup_escapes_what_is_not_markup() -> None:
    assert escaped('<b a="1">&') == "&lt;b a=&quot;1&quot;&gt;&amp;"
    assert joined([Html("<b>"), "<"]) == "<b>&lt;"
    assert "<td>&lt;i&gt;</td>" in table(["a"], [["<i>"]])


def test_a_step_in_words() -> None:
    assert step_words({"mode": "rest", "until": "5 s"}) == "rest, until 5 s"
    inner = {"mode": "current", "value": "1 A/m^2", "until": "60 s"}
    assert step_words({"repeat": 3, "steps": [inner]}) == "3 times: current 1 A/m^2, until 60 s"


def test_rows_of_verification_are_those_of_the_page() -> None:
    """Word for word, and the tests are there."""
    root = Path(__file__).parents[3]
    lines = (root / "docs/verification/README.md").read_text(encoding="utf-8").splitlines()
    for model in ("single_potential", "two_potential"):
        assert len(rows(model)) >= 5
        for row in rows(model):
            assert f"| {row['problem']} | {row['answer']} | {row['found']} | {row['test']} |" in lines
    assert rows("of another package") == []


@pytest.mark.parametrize("damaged", ["manifest.json", "case.toml", "history.csv"])
def test_broken_folders_give_one_line(folder: Path, capsys: pytest.CaptureFixture[str], damaged: str) -> None:
    path = folder / damaged
    head, _, rest = path.read_text(encoding="utf-8").partition("\n")
    path.write_text(f"{head}\ndamaged [\n{rest}", encoding="utf-8")
    assert main(["report", str(folder)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert not (folder / "report.html").exists()


def test_a_run_without_fields_has_a_page(folder: Path) -> None:
    shutil.rmtree(folder / "fields")
    page = check_page(report(folder).read_text(encoding="utf-8"))
    assert page.ids == SECTIONS
    assert page.tags.count("img") == 1  # the history


def test_no_folder_no_page(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        report(tmp_path / "nowhere")


def test_the_verb_prints_the_path(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "page.html"
    assert main(["report", str(folder), "-o", str(target)]) == 0
    assert capsys.readouterr().out.strip() == str(target)
    assert open_run(folder).case.name in target.read_text(encoding="utf-8")


def test_neither_petsc_nor_mpi_is_imported(folder: Path) -> None:
    text = (
        "import sys; from femna.report import report; report(sys.argv[1]);"
        "print([m for m in ('petsc4py', 'mpi4py', 'dolfinx') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", text, str(folder)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
