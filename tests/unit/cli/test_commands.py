"""The command line: exit codes, one-line errors, names that scripts rely on."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import femna
from femna.case.read import read_case_text
from femna.cli import main, verbs
from femna.cli.verb import find_verbs
from femna.cli.verbs.check_case import JSON_KEYS
from femna.errors import CannotGoOn, FemnaError
from femna.launcher import RANKS
from femna.render.look import Look


@pytest.fixture(autouse=True)
def _first_rank(monkeypatch: pytest.MonkeyPatch) -> None:
    # under mpirun every rank runs these tests for itself
    for name in RANKS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch):
    """Replace a module by one with a single function that records how it was called."""

    def replace(module: str, function: str, answer: Any = None) -> list[tuple[tuple, dict]]:
        calls: list[tuple[tuple, dict]] = []

        def recorded(*args: Any, **kwargs: Any) -> Any:
            calls.append((args, kwargs))
            if isinstance(answer, Exception):
                raise answer
            return answer

        fake = ModuleType(module)
        setattr(fake, function, recorded)
        monkeypatch.setitem(sys.modules, module, fake)
        return calls

    return replace


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--json"]) == 0
    cases = json.loads(capsys.readouterr().out)
    assert {"planar", "demo"} <= {case["name"] for case in cases}
    assert set(cases[0]) == {"name", "title", "source", "minutes"}
    assert main(["list"]) == 0
    assert "planar" in capsys.readouterr().out


def test_check_prints_the_promised_keys(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "planar", "--json", "--set", "interface.barrier_ratio=0.2"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert tuple(found) == JSON_KEYS
    assert {"barrier_ratio", "interface_cells", "limiting_current_A_m2", "sand_time_s", "warnings"} <= set(JSON_KEYS)
    assert found["barrier_ratio"] == 0.2
    assert any("93.7 %" in warning for warning in found["warnings"])


def test_check_json_has_no_infinity(capsys: pytest.CaptureFixture[str]) -> None:
    sets = ["--set", "interface.mobility=1e-6", "--set", "kinetics.exchange_current_density=0"]
    assert main(["check", "planar", "--json", *sets]) == 0
    assert json.loads(capsys.readouterr().out)["sand_time_s"] is None


def test_check_shows_the_resolved_case_and_warnings(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["check", "planar", "--set", "numerics.resolution=3"]) == 0
    out = capsys.readouterr().out
    text = out[: out.index("\n derived ")]
    assert read_case_text(text, "printed").numerics.resolution == 3.0
    assert "L_sigma" in out
    assert "warning: only 3 cells" in out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["chek", "planar"],
        ["check"],
        ["check", "planr"],
        ["check", "planar", "--jsn"],
        ["check", "planar", "--set"],
        ["check", "planar", "--set", "geometry.dim"],
        ["check", "planar", "--set", "geometry.dim=4"],
        ["check", "planar", "--set", "title=a\nb", "--set", "geometry.dim=4\n5"],
        ["check", "edp-1", "--set", "geometry.width=1 m"],
        ["mesh", "planar"],
        ["mesh", "planar", "-o", "out.txt"],
        ["mesh", "planar", "-o", "no/such/folder/out.msh"],
        ["run", "planar", "--set", "transport.kind=binary"],
        ["run", "edp-1", "--set", "numerics.adaptive_mesh=true", "--set", "surface.height=40 um"],
        ["run", "nothing.toml"],
        ["summary", "nowhere"],
        ["render", "nowhere", "--time", "3 m"],
        ["render", "nowhere", "--time", "-1"],
        ["render", "nowhere", "--time", "1e"],
        ["render", "nowhere", "--time", "nan"],
        ["compare", "nowhere"],
        ["audit", "--runs", "nowhere"],
        ["audit", "--runs", "."],
        ["resume"],
        ["resume", "nowhere", "--log-level", "loud"],
        ["run", "planar", "--quiet", "--log-level", "debug"],
    ],
)
def test_bad_input_is_one_line_and_exit_2(argv: list[str], capsys, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(argv) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("femna: ")
    assert captured.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_verb_is_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A module beside the others is found, listed in its place and run; nothing else names it."""
    (tmp_path / "greet.py").write_text(
        "from femna.cli import arguments\n"
        "from femna.cli.verb import Verb\n"
        "def run(args):\n"
        "    print(args.directory, args.command[1], args.json)\n"
        "    return 7\n"
        "VERB = Verb('greet', 'says a word', 45, (arguments.directory, arguments.json_output), run)\n"
    )
    monkeypatch.setattr(verbs, "__path__", [*verbs.__path__, str(tmp_path)])
    names = [verb.name for verb in find_verbs()]
    assert names[names.index("greet") - 1 : names.index("greet") + 2] == ["run", "greet", "resume"]
    assert main(["greet", "there", "--json"]) == 7
    assert capsys.readouterr().out == "there greet True\n"
    main(["gret"])
    assert "closest: greet" in capsys.readouterr().err


def test_help_lists_the_verbs_in_their_order(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line.startswith("    ")]
    promised = ["list", "check", "mesh", "run", "resume", "summary", "render", "report", "tomogram", "compare"]
    promised += ["sweep", "audit", "doctor"]
    assert listed == promised == [verb.name for verb in find_verbs()]


def test_a_wrong_verb_gets_the_closest(capsys: pytest.CaptureFixture[str]) -> None:
    main(["chek"])
    assert "closest: check" in capsys.readouterr().err


def test_run_calls_the_solver_with_case_folder_and_command(stand_in) -> None:
    calls = stand_in("femna.runtime.run", "run")
    assert main(["run", "planar", "--set", "geometry.dim=2", "--force"]) == 0
    (case, directory), named = calls[0]
    assert (case.name, case.geometry.dim, directory) == ("planar", 2, Path("runs/planar"))
    command = ["femna", "run", "planar", "--set", "geometry.dim=2", "--force"]
    assert named == {"force": True, "command": command, "log_level": "info"}
    assert main(["run", "planar", "--quiet"]) == 0
    assert calls.pop()[1]["log_level"] == "error"
    assert main(["run", "planar", "-o", "here"]) == 0
    assert calls[1][0][1] == Path("here")
    assert calls[1][1]["force"] is False


def test_the_other_verbs_call_their_function(stand_in, capsys: pytest.CaptureFixture[str]) -> None:
    resumed = stand_in("femna.runtime.run", "resume")
    assert main(["resume", "d", "--set", "numerics.max_steps=3"]) == 0
    assert resumed == [((Path("d"), ["numerics.max_steps=3"]), {"log_level": "info"})]
    assert main(["resume", "d", "--log-level", "warning"]) == 0
    assert resumed[1][1] == {"log_level": "warning"}
    rendered = stand_in("femna.render", "render", [Path("a.png")])
    assert main(["render", "d", "-o", "f", "--time", "2 min", "--movie"]) == 0
    assert rendered == [(("d", "f"), {"time": 120.0, "movie": True, "look": Look()})]
    assert main(["render", "d", "--time", "2.5"]) == 0
    assert rendered[1] == (("d", None), {"time": 2.5, "movie": False, "look": Look()})
    assert main(["render", "d", "--format", "svg", "--dpi", "300", "--theme", "dark"]) == 0
    assert rendered.pop()[1]["look"] == Look("svg", 300, "dark")
    written = stand_in("femna.render.metal_surface", "write_metal", Path("m.stl"))
    assert main(["render", "d", "--metal", "m.stl", "--unit", "um", "--time", "2 s"]) == 0
    assert written == [(("d", "m.stl", 2.0, "um"), {})]
    assert main(["render", "d", "--time", "1e2"]) == 0
    assert rendered[2][1]["time"] == 100.0
    assert "a.png" in capsys.readouterr().out
    compared = stand_in("femna.render", "compare")
    assert main(["compare", "a", "b", "c", "-o", "f"]) == 0
    assert compared == [((["a", "b", "c"], "f"), {})]
    stand_in("femna.cli.machine", "report", 3)
    assert main(["doctor"]) == 3


def test_summary(stand_in, capsys: pytest.CaptureFixture[str]) -> None:
    class Opened:
        def summary(self) -> dict[str, Any]:
            return {"status": "finished", "steps": 3, "top_fraction": None, "time_s": 1.5, "wall_s": float("nan")}

    stand_in("femna.analysis.runs", "open_run", Opened())
    assert main(["summary", "d", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found == {"status": "finished", "steps": 3, "top_fraction": None, "time_s": 1.5, "wall_s": None}
    assert main(["summary", "d"]) == 0
    assert "finished" in capsys.readouterr().out


def test_audit(capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    assert main(["audit", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out, parse_constant=refuse)
    ids = [row["id"] for row in rows]
    assert len(ids) == len(set(ids)) > 50
    keys = {"id", "paper", "quantity", "where", "kind", "unit", "published", "femna", "verdict", "how", "gap", "run"}
    assert all(set(row) == keys for row in rows)
    assert main(["audit"]) == 0
    printed = capsys.readouterr().out
    assert all(id in printed for id in ids)


class Stopped(FemnaError):
    exit_code = 143


@pytest.mark.parametrize(
    ("error", "code", "lines"),
    [(CannotGoOn("no step succeeds\ntry: a smaller step"), 3, 2), (Stopped("SIGTERM received"), 143, 1)],
)
def test_exit_codes_of_a_run(stand_in, capsys, error: FemnaError, code: int, lines: int) -> None:
    stand_in("femna.runtime.run", "run", error)
    assert main(["run", "planar"]) == code
    assert capsys.readouterr().err.count("\n") == lines


def test_an_interrupt_outside_a_run_is_130(stand_in) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    stand_in("femna.cli.machine", "report")
    sys.modules["femna.cli.machine"].report = interrupted  # type: ignore[attr-defined]
    assert main(["doctor"]) == 130


@pytest.mark.parametrize("variable", RANKS)
def test_only_the_first_rank_tells_an_error(variable: str, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "1")
    assert main(["check", "planr"]) == 2
    assert capsys.readouterr().err == ""
    monkeypatch.setenv(variable, "0")
    assert main(["check", "planr"]) == 2
    assert capsys.readouterr().err != ""


def _python(code: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(Path(femna.__file__).parents[1])}
    for name in ("PMI_RANK", "PMI_FD", "PMI_SIZE"):
        environment.pop(name, None)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)


@pytest.mark.serial
def test_the_module_runs_and_its_exit_code_arrives() -> None:
    arguments = ["femna", "check", "planar", "--set", "geometry.dim=7"]
    done = _python(f"import runpy, sys; sys.argv = {arguments}; runpy.run_module('femna', run_name='__main__')")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "geometry.dim is 7; allowed: 1, 2 or 3" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.serial
def test_importing_femna_and_checking_a_case_loads_neither_petsc_nor_mpi() -> None:
    code = (
        "import sys, femna; from femna.derived.parameters import derive;"
        "from femna.validation.warnings import case_warnings;"
        "case = femna.load_case('demo'); assert list(case_warnings(case, derive(case)));"
        "sys.exit(any(name.split('.')[0] in ('petsc4py', 'mpi4py', 'dolfinx') for name in sys.modules))"
    )
    done = _python(code)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_python_interface(stand_in, monkeypatch: pytest.MonkeyPatch) -> None:
    case = femna.load_case("planar", geometry__dim=2, temperature="40 degC")
    assert case.geometry.dim == 2
    assert case.temperature == pytest.approx(313.15)
    monkeypatch.setattr(femna, "open_run", lambda directory: f"the run in {directory}")
    calls = stand_in("femna.runtime.run", "run")
    assert femna.run(case) == "the run in runs/planar"
    assert calls[0][0] == (case, Path("runs/planar"))
    assert femna.run(case, "there", force=True) == "the run in there"
    assert calls[1][1]["force"] is True
    assert femna.run("planar") == "the run in runs/planar"
    assert calls[2][0][0] == femna.load_case("planar")
    assert calls[2][0][1] == Path("runs/planar")
    resumed = stand_in("femna.runtime.run", "resume")
    assert femna.resume("there", ["numerics.max_steps=3"]) == "the run in there"
    assert resumed == [((Path("there"), ["numerics.max_steps=3"]), {"log_level": "info"})]
    assert femna.__version__


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"femna {femna.__version__}\n"


def test_the_version_is_the_projects() -> None:
    """The newest one of the changelog, and the one to cite, with its date."""
    root = Path(femna.__file__).parents[1]
    version = tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"]
    assert femna.__version__ in (version, "0+unknown")
    newest = re.search(r"^## \[(\d.*)\] - (\d{4}-\d\d-\d\d)$", (root / "CHANGELOG.md").read_text(), flags=re.M)
    assert newest is not None
    cited = (root / "CITATION.cff").read_text().splitlines()
    assert newest[1] == version
    assert {f"version: {version}", f"date-released: {newest[2]}"} <= set(cited)
