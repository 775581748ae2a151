"""The contract of femna's rooms (docs/developer/house.md), and the tool that checks it: it sees each kind of breach."""

import ast
import importlib.util
from pathlib import Path

import pytest

pytestmark = pytest.mark.serial
TOOL = Path(__file__).parents[2] / "tools" / "check_rooms.py"


@pytest.fixture(scope="module")
def violations():
    """The tool's function of that name."""
    spec = importlib.util.spec_from_file_location(TOOL.stem, TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.violations


@pytest.fixture
def check(violations, tmp_path):
    """What the tool says of a made-up package, given as file name -> text."""

    def run(files):
        for name, text in {"__init__.py": "", **files}.items():
            path = tmp_path / "femna" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return violations(tmp_path / "femna")

    return run


def test_femna_keeps_the_contract(violations):
    assert violations() == []


def test_imports_to_the_left_and_within_a_group_are_allowed(check):
    text = "import numpy\nfrom femna.case.model import Case\nfrom femna.analysis import runs\n"
    files = {
        "case/model.py": "",
        "analysis/runs.py": "",
        "render/panels.py": text,
        "cli.py": "import femna.render.panels",
    }
    assert check({f"{room}/__init__.py": "" for room in ("case", "analysis", "render")} | files) == []


@pytest.mark.parametrize(
    "text",
    [
        "from femna.runtime.loop import run",
        "import femna.runtime.loop",
        "from femna.runtime import loop",
        "from ..runtime import loop",
        "from ..runtime.loop import run",
        "def f():\n    from femna.runtime.loop import run",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from femna.runtime.loop import run",
    ],
)
def test_an_import_to_the_right_is_a_breach_wherever_it_stands(check, text):
    assert check({"mesh/grid.py": text, "runtime/loop.py": ""}) == ["mesh.grid imports runtime.loop, to its right"]


def test_the_facade_is_to_the_right_of_everything(check):
    assert check({"cli.py": "from femna import __version__"}) == ["cli imports __init__, to its right"]


def test_circles_of_modules_and_of_rooms_are_breaches(check):
    files = {
        "mesh/one.py": "from femna.mesh.two import a",
        "mesh/two.py": "def f():\n    from femna.mesh import three",
        "mesh/three.py": "from femna.mesh.one import b",
        "analysis/runs.py": "import femna.render.curves",
        "render/curves.py": "",
        "render/panels.py": "import femna.analysis.metal",
        "analysis/metal.py": "",
    }
    assert check(files) == ["circle of modules: mesh.one, mesh.three, mesh.two", "circle of rooms: analysis, render"]


def test_long_files_names_twice_and_rooms_without_a_place_are_breaches(check):
    files = {"mesh/fields.py": "x = 1\n" * 401, "case/fields.py": "x = 1\n" * 400, "attic/old.py": ""}
    assert sorted(check(files)) == [
        "attic.old is in no room of the order",
        "mesh.fields has 401 lines, more than 400",
        "one file name twice: case.fields, mesh.fields",
    ]


def test_seven_arguments_by_position_are_a_breach(check):
    text = "f(1, 2, 3, 4, 5, 6)\n\nf(1, 2, 3,\n  4, 5, 6, 7)\nf(a=1, b=2, c=3, d=4, e=5, f=6, g=7)\n"
    assert check({"mesh/grid.py": text}) == ["mesh.grid, line 3: more than 6 arguments by position"]


def test_rooms_that_are_not_tested_on_several_ranks_know_none(request):
    """What they import, at any place, leads to no other rank."""
    root = Path(__file__).parents[1]
    suite = request.config.pluginmanager.get_plugin(str(root / "conftest.py"))
    for room in suite.WITHOUT_RANKS:
        files = list((root.parent / "femna" / room).rglob("*.py"))
        assert files
        for path in files:
            for node in ast.walk(ast.parse(path.read_text())):
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                wrong = [name for name in names if name.startswith(("femna.parallel", "mpi4py", "petsc4py", "dolfinx"))]
                assert wrong == [], path
