"""What tools/site makes of the documentation, without Sphinx: links, navigation, reference, gallery, the last check."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from femna.case.keys import dotted, file_tree, leaves
from femna.cli.main import make_parser
from femna.cli.verb import find_verbs
from femna.io.version_1 import COLUMNS, FIELDS, TWO_POTENTIAL_COLUMNS, UPTAKE_COLUMNS
from femna.materials import PROPERTIES, load_library
from femna.validation.load import load_case

pytestmark = pytest.mark.serial
ROOT = Path(__file__).parents[3]
SITE = ROOT / "tools" / "site"


@pytest.fixture(scope="module")
def reference() -> dict[str, str]:
    """The pages of the reference, made in a process of its own, as the site makes them."""
    program = "import json, reference; print(json.dumps(reference.pages()))"
    environment = {"PYTHONPATH": f"{SITE}:{ROOT}", "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode == 0, done.stderr
    return {str(key): str(value) for key, value in json.loads(done.stdout).items()}


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> object:
    """Imports a module of tools/site, whose names other modules of the tests may have as well."""

    def module(name: str) -> ModuleType:
        monkeypatch.syspath_prepend(str(SITE))
        for taken in ("pages", "gallery", "check"):
            monkeypatch.delitem(sys.modules, taken, raising=False)
        return __import__(name)

    return module


# links


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("[a](../theory/kinetics.md#limits)", "[a](../theory/kinetics.md#limits)"),
        ("[a](../../README.md)", "[a](../index.md)"),
        ("[a](../README.md#theory)", "[a](../contents.md#theory)"),
        ("[a](../../meshes/README.md#named-groups)", "[a](../verification/meshes.md#named-groups)"),
        ("![a](../figures/tips.png)", "![a](../figures/tips.png)"),
        ("[table](../verification/comparison.csv)", "[table](../verification/comparison.csv)"),
        ("[a](../../LICENSE)", "[a](../LICENSE)"),
        ("[femna/materials](../../femna/materials)", "femna/materials (`femna/materials`)"),
        ("[kinetics.py](../../femna/physics/kinetics.py)", "`femna/physics/kinetics.py`"),
        ("[`[a]`, b](case_file.md)", "[`[a]`, b](case_file.md)"),
        ("[a](#here) [b](https://example.org/x.md)", "[a](#here) [b](https://example.org/x.md)"),
        ("```toml\n[a](b.md)\n```\n", "```toml\n[a](b.md)\n```\n"),
    ],
)
def test_links_are_those_of_the_site(load, written: str, expected: str) -> None:
    pages = load("pages")
    text, _ = pages.rewritten(written, ROOT / "docs/guide/first_run.md", "guide/first_run.md", pages.site_pages())
    assert text == expected


def test_a_link_that_leads_nowhere_is_an_error(load) -> None:
    pages = load("pages")
    with pytest.raises(ValueError, match=r"no_such_page\.md leads to no file"):
        pages.rewritten("[a](no_such_page.md)", ROOT / "README.md", "index.md", pages.site_pages())


def test_every_page_has_its_place_in_the_navigation(load) -> None:
    pages = load("pages")
    known = pages.site_pages()
    listed = {place for links in pages.sections(known).values() for _, place in links}
    assert set(known.values()) - listed == {"index.md", "contents.md", "changelog.md"}
    assert len(listed) > 30


# the reference


def test_every_verb_and_argument_is_in_the_reference(reference: dict[str, str]) -> None:
    text = reference["reference/command_line.md"]
    assert [verb.name for verb in find_verbs() if f"\n## femna {verb.name}\n" not in text] == []
    assert "| `-o DIR`, `--output DIR` | the run folder (runs/CASE) |  |" in text
    assert "| `CASE` |" in text


def test_every_key_is_in_the_reference_with_what_it_allows(reference: dict[str, str]) -> None:
    text = reference["reference/case_keys.md"]
    keys = [dotted(leaf) for leaf in leaves(file_tree()) if not leaf[0].startswith(("dim", "processes"))]
    shown = [key.replace("*", "A-B" if key.startswith("contacts") else "NAME") for key in keys]
    assert len(keys) > 60
    assert [key for key in shown if f"\n| `{key}` |" not in text] == []
    row = next(line for line in text.splitlines() if line.startswith("| `kinetics.transfer_coefficient`"))
    assert row.endswith("| `0.5` | a number greater than 0 and less than 1 |")


def test_every_property_and_value_is_in_the_reference(reference: dict[str, str]) -> None:
    text = reference["reference/materials.md"]
    assert [name for name in PROPERTIES if f"\n| `{name}` |" not in text] == []
    for material, properties in load_library().items():
        section = text.partition(f"\n## {material}\n")[2].partition("\n## ")[0]
        assert section.count("\n| `") == len(properties)


def test_every_column_and_field_is_in_the_reference(reference: dict[str, str]) -> None:
    """Those of 0.1.0 are still written, and stand for all."""
    columns = [column.name for column in (*COLUMNS, *TWO_POTENTIAL_COLUMNS, *UPTAKE_COLUMNS)]
    assert [name for name in columns if f"\n| `{name}` |" not in reference["reference/history.md"]] == []
    assert [field.key for field in FIELDS if f"\n| `{field.key}` |" not in reference["reference/fields.md"]] == []


def test_the_interfaces_of_python_are_in_the_reference(reference: dict[str, str]) -> None:
    import femna
    import femna.plugin

    functions = [name for name in femna.__all__ if not name.startswith("_")]
    assert [name for name in functions if name not in reference["reference/python.md"]] == []
    declared = [name for name in femna.plugin.__all__ if name not in ("Array", "Term")]  # names for annotations
    assert [name for name in declared if f"\n## {name}\n" not in reference["reference/plugin.md"]] == []


# pictures


def test_every_picture_says_its_commands_and_cost(load) -> None:
    gallery = load("gallery")
    for entry in gallery.figures():
        assert set(entry) == {"file", "title", "commands", "cost", "source"}
        assert (ROOT / "docs" / entry["source"]).is_file()
        assert any(unit in entry["cost"] for unit in (" s ", "minutes", "min ", "hour"))
        assert f"![{entry['title']}]({entry['file']})" in gallery.page()


def test_commands_of_pictures_are_understood(load) -> None:
    runs = 0
    for entry in load("gallery").figures():
        for command in re.split(r"&&|\n", entry["commands"]):
            if found := re.match(r"\s*(?:mpirun -n \d+ )?femna (.*)", command):
                chosen = make_parser().parse_args(shlex.split(found[1], comments=True))
                if "case" in chosen:
                    runs += 1
                    load_case(chosen.case, chosen.sets)
    assert runs > 5


# the check


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<p id="here"><a href="#here">a</a> <a href="b.html#there">b</a>', []),
        ('<a href="https://example.org">a</a> <img src="data:image/png;base64,AA==">', []),
        ('<a href="c.html">c</a>', ["a.html: c.html leads to no file"]),
        ('<img src="c.png">', ["a.html: c.png leads to no file"]),
        ('<a href="b.html#here">b</a>', ["a.html: b.html#here leads to no anchor"]),
        ('<script src="https://example.org/x.js"></script>', ["a.html: loads https://example.org/x.js"]),
        ('<link rel="stylesheet" href="//example.org/x.css">', ["a.html: loads //example.org/x.css"]),
    ],
)
def test_a_site_is_looked_at(load, tmp_path: Path, body: str, expected: list[str]) -> None:
    (tmp_path / "a.html").write_text(body)
    (tmp_path / "b.html").write_text('<h1 id="there">b</h1>')
    assert load("check").problems(tmp_path) == expected


def test_style_sheets_load_nothing_from_elsewhere(load, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<p>")
    (tmp_path / "a.css").write_text('a { src: url("here.woff"); } b { src: url(https://example.org/font.woff) }')
    assert load("check").problems(tmp_path) == ["a.css: loads https://example.org/font.woff"]
