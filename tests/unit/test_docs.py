"""The documentation against the code: links, keys, defaults, columns, commands and examples."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from femna.case import shipped_cases
from femna.case.keys import ANY, dotted, file_tree, leaves
from femna.cli.main import make_parser
from femna.cli.verb import find_verbs
from femna.errors import BadInput
from femna.io.version_1 import COLUMNS, TWO_POTENTIAL_COLUMNS, UPTAKE_COLUMNS
from femna.materials import load_library
from femna.sweep.points import make_points
from femna.sweep.sweep_file import read_sweep
from femna.validation.load import load_case

ROOT = Path(__file__).resolve().parents[2]
BESIDE = [ROOT / folder / "README.md" for folder in ("meshes", "containers")]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")), *BESIDE]
PLUGINS = ROOT / "tests" / "plugins"
PROCESS_PAGE = ROOT / "docs" / "developer" / "adding_a_process.md"
CASE_FILE = ROOT / "docs" / "guide" / "case_file.md"
KINDS = {
    "random": ("amplitude=0.2 um", "correlation_length=3 um"),
    "cosine": ("amplitude=0.2 um", "wavelength=7 um"),
    "bump": ("height=1 um", "width=1 um"),
    "nuclei": ("radius=0.5 um", "density=0.01 1/um^2"),
    "heightmap": ("file=other.csv",),
    "volume": ("file=stack.mhd", "metal=2", "voxel_size=1 um"),
}

BASE = """
model = "single_potential"
geometry.dim = 2
layer.anode = {material = "na", thickness = "5 um"}
layer.interphase = {material = "mci", thickness = "3 um"}
layer.electrolyte = {material = "gpe", thickness = "20 um"}
interface.barrier_ratio = 1
protocol = [{mode = "voltage", value = "0.1 V", until = "1 h"}]
"""


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def prose(page: Path) -> str:
    """The page without its code blocks."""
    return re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), flags=re.M | re.S)


def anchors(page: Path) -> set[str]:
    """GitHub's anchors of the headings of a page."""
    headings = re.findall(r"^#+ +(.*)$", prose(page), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


# links and names of files


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(target)
    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_named_files_and_tests_exist(page: Path) -> None:
    missing, there = [], ROOT
    for path, inside in re.findall(r"`((?:tests|femna|tools)/[a-z\d_./-]+)?(?:::(\w+))?`", prose(page)):
        if not path and not inside:
            continue
        there = ROOT / path if path else there
        if not there.exists() or (inside and not re.search(rf"^(def|class) {inside}\b", there.read_text(), flags=re.M)):
            missing.append(f"{path}::{inside}" if inside else path)
    assert not missing


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = [page for page in (ROOT / "docs").rglob("*.md") if page.name != "README.md"]
    assert len(pages) > 10
    assert [name(page) for page in pages if f"({page.relative_to(ROOT / 'docs')})" not in index] == []


# what the code has


PHYSICS = ROOT / "femna" / "physics"
THEORY = ROOT / "docs" / "theory"
CONTRACT = {
    method
    for file in (ROOT / "femna" / "contract").glob("*.py")
    for method in re.findall(r"^    def ([a-z]\w*)\(", file.read_text(encoding="utf-8"), flags=re.M)
}
"""Methods that every process has; docs/developer explains them."""


@pytest.mark.parametrize("module", sorted(PHYSICS.rglob("[!_]*.py")), ids=name)
def test_every_physics_module_is_named_on_a_theory_page(module: Path) -> None:
    assert any(f"`{name(module)}`" in page.read_text(encoding="utf-8") for page in THEORY.glob("*.md"))


@pytest.mark.parametrize("page", sorted(THEORY.glob("*.md")), ids=name)
def test_a_theory_page_tells_every_term_of_its_module_and_its_limits(page: Path) -> None:
    """The terms, or, where the module of the page's name has no `terms`, its public functions and methods."""
    text, module = page.read_text(encoding="utf-8"), PHYSICS / f"{page.stem}.py"
    assert "\n## Limit" in text or "\nLimits:" in text
    code = module.read_text(encoding="utf-8") if module.exists() else ""
    if "def terms" in code:
        body = re.search(r"def terms\(.*?return \{.*?\}", code, flags=re.S)
        terms = re.findall(r'^ +"([^"]+)": ', body[0], flags=re.M) if body else []
        assert terms
    else:
        found = re.findall(r"^def ([a-z]\w*)\(|^    def ([a-z]\w*)\((?:self|cls)", code, flags=re.M)
        terms = sorted({a or b for a, b in found} - CONTRACT)
    assert [term for term in terms if f"`{term}`" not in text] == []


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("docs/guide/run_folder.md", [column.name for column in (*COLUMNS, *TWO_POTENTIAL_COLUMNS, *UPTAKE_COLUMNS)]),
        ("docs/guide/case_file.md", list(load_library())),
        ("README.md", [case.name for case in shipped_cases()]),
        ("README.md", [f"femna {verb.name}" for verb in find_verbs()]),
        ("docs/guide/solvers.md", ["auto", "nested", "gamg", "jacobi", "hypre", "direct"]),
    ],
)
def test_every_name_is_told(page: str, words: list[str]) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert [word for word in words if f"`{word}`" not in text] == []


def test_readme_tells_the_minutes_of_every_case() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for case in shipped_cases():
        row = next(line for line in text.splitlines() if line.startswith("| `") and f"`{case.name}`" in line)
        assert row.split("|")[-2].split()[0] == f"{case.minutes:g}"


# the case file


@cache
def rows() -> dict[str, tuple[str, str, str]]:
    """Key -> meaning, default, example, of the tables of case_file.md."""
    found = {}
    for line in CASE_FILE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" |")]
        if len(cells) == 5 and re.fullmatch(r"`[\w.-]+`", cells[0]):
            key = cells[0].strip("`").replace("A-B", ANY).replace("NAME", ANY)
            found[key] = (cells[1], cells[3], cells[4])
    return found


def test_every_key_is_in_the_table_and_no_other() -> None:
    """But for the overlays' and those of processes of other packages."""
    elsewhere = ("dim", "processes")
    assert set(rows()) == {dotted(leaf) for leaf in leaves(file_tree()) if not leaf[0].startswith(elsewhere)}


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A case that says next to nothing, in the current folder, with height maps and a volume beside it."""
    monkeypatch.chdir(tmp_path)
    for file in ("heights.csv", "other.csv"):
        Path(file).write_text("0, 1e-7, 0, 2e-7\n")
    Path("map.csv").write_text(f"{', '.join(['1e-7'] * 80)}\n" * 80)
    Path("stack.raw").write_bytes(b"\1" * 800 + b"\2" * 800 + b"\0" * 400)
    Path("stack.mhd").write_text("NDims = 3\nDimSize = 400 1 5\nElementType = MET_UCHAR\nElementDataFile = stack.raw\n")
    path = tmp_path / "base.toml"
    path.write_text(BASE)
    return path


ONE, TWO = "model=single_potential", "model=two_potential"
ONLY = {"; one potential only": (ONE, TWO), "; two potentials only": (TWO, ONE)}
"""How the meaning of a key ends that belongs to one model: that model, and the other."""


def model_of(key: str) -> list[str]:
    meaning = rows()[key][0]
    return [model for end, (model, _) in ONLY.items() if meaning.endswith(end) and key != "counter.kind"]


def literal_defaults() -> Iterator[tuple[str, str]]:
    for key, (_, default, _) in rows().items():
        if re.fullmatch(r"`[^`]+`", default):
            yield key, default.strip("`")


@pytest.mark.parametrize(("key", "told"), list(literal_defaults()))
def test_defaults_are_those_of_the_code(base: Path, key: str, told: str) -> None:
    sets = companions(key)
    assert_default(base, sets, key, told)


def assert_default(base: Path, sets: list[str], key: str, told: str) -> None:
    without, given = load_case(base, sets), load_case(base, [*sets, f"{actual(key)}={told}"])
    for part in actual(key).split("."):
        without, given = (of[part] if isinstance(of, dict) else getattr(of, part) for of in (without, given))
    assert given == without


def defaults_by_model() -> Iterator[tuple[str, str, str]]:
    for key, (_, default, _) in rows().items():
        if found := re.fullmatch(r"`([^`]+)`; `([^`]+)` with two potentials", default):
            yield key, ONE, found[1]
            yield key, TWO, found[2]


@pytest.mark.parametrize(("key", "model", "told"), list(defaults_by_model()))
def test_defaults_that_depend_on_the_model(base: Path, key: str, model: str, told: str) -> None:
    assert_default(base, [model], key, told)


def test_both_models_have_defaults_of_their_own() -> None:
    assert len(list(defaults_by_model())) >= 10


def companions(key: str) -> list[str]:
    """Settings without which a key means nothing, its model first."""
    return [*model_of(key), *neighbours(key)]


def neighbours(key: str) -> list[str]:
    table, _, last = key.partition(".")
    if last in ("pixel_size", "height_unit", "rows"):
        return ["geometry.dim=3", "surface.kind=heightmap", "surface.file=map.csv"]
    if table == "surface":
        kind = next((kind for kind, own in KINDS.items() if last in {o.split("=")[0] for o in own}), None)
        kind = {"positions": "bump", "contact_angle": "nuclei", "on": "nuclei"}.get(last, kind)
        return [f"surface.kind={kind}", *(f"surface.{own}" for own in KINDS[kind])] if kind else []
    if ".grains." in key:
        return ["layer.interphase.grains.size=4 um"]
    return {
        "geometry.depth": ["geometry.dim=3"],
        "counter.thickness": ["counter.kind=metal"],
        "contacts.*.activation_energy": ["contacts.anode-interphase.resistance=2 ohm*cm^2"],
        "layer.*.uptake": [
            "materials.mci.sodium_capacity=1e4 mol/m^3",
            "materials.mci.sodium_potential=0.2 V",
            "materials.mci.uptake_exchange_current=1 A/m^3",
        ],
        "layer.*.above": ['layer.coating={material="naf", thickness="2 um", above="interphase"}'],
    }.get(key, [])


def actual(key: str) -> str:
    """A key of BASE in the place of one with a free name."""
    table = key.split(".")[0]
    place = {"layer": "interphase", "materials": "gpe", "contacts": "anode-interphase"}.get(table, "")
    place = {"layer.*.above": "coating", "materials.*.molar_volume": "na"}.get(key, place)
    return key.replace(ANY, place)


@pytest.mark.parametrize("key", [key for key, (_, _, example) in rows().items() if example])
def test_examples_are_accepted(base: Path, key: str) -> None:
    _, default, example = rows()[key]
    sets = [*companions(key), f"{actual(key)}={example.strip('`')}"]
    if example in default or key == "model":
        load_case(base, sets)
    else:
        # texts, since the order of the layers counts
        assert load_case(base, sets).to_toml() != load_case(base, companions(key)).to_toml()


@pytest.mark.parametrize("key", [key for key, row in rows().items() if row[0].endswith(tuple(ONLY))])
def test_a_key_of_one_model_is_refused_with_the_other(base: Path, key: str) -> None:
    meaning, _, example = rows()[key]
    _, other = next(models for end, models in ONLY.items() if meaning.endswith(end))
    example = {"counter.kind": "metal"}.get(key, example.strip("`"))
    needed = (TWO if other == ONE else ONE).partition("=")[2]
    with pytest.raises(BadInput, match=f"which needs model = '{needed}'"):
        load_case(base, [other, *neighbours(key), f"{actual(key)}={example}"])


def values_by_model() -> Iterator[tuple[str, str, str]]:
    """Setting and model, of the last table of case_file.md: the values in code type that each model takes."""
    section = CASE_FILE.read_text(encoding="utf-8").partition("## What belongs to which model")[2]
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        keys = re.findall(r"`([a-z]+\.[a-z_]+)`", cells[0])
        if len(cells) == 3 and len(keys) == 1:
            one, two = (set(re.findall(r"`([a-z_]+)`", cell)) for cell in cells[1:])
            for value in sorted(one | two):
                yield f"{keys[0]}={value}", ONE, "taken" if value in one else "refused"
                yield f"{keys[0]}={value}", TWO, "taken" if value in two else "refused"


@pytest.mark.parametrize(("setting", "model", "outcome"), list(values_by_model()))
def test_values_of_each_model(base: Path, setting: str, model: str, outcome: str) -> None:
    if outcome == "taken":
        load_case(base, [model, setting])
    else:
        with pytest.raises(BadInput, match="which needs model"):
            load_case(base, [model, setting])


def test_values_of_each_model_are_found() -> None:
    assert {"taken", "refused"} == {outcome for _, _, outcome in values_by_model()}


def whole_cases() -> list[str]:
    shown = [block for page in PAGES for block in blocks(page, "toml")]
    return [block for block in shown if "model =" in block or "extends =" in block]


@pytest.mark.parametrize("text", whole_cases())
def test_whole_cases_load(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(PLUGINS))  # one of them has keys of a process from outside
    path = tmp_path / "shown.toml"
    path.write_text(text)
    assert load_case(path).steps()


@pytest.mark.parametrize("text", [block for page in PAGES for block in blocks(page, "toml") if "base =" in block])
def test_sweeps_load(text: str, tmp_path: Path) -> None:
    path = tmp_path / "shown.toml"
    path.write_text(text)
    assert all(point.case is not None for point in make_points(read_sweep(path)))


# commands and code


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every femna command in a block of shell, as words after the program's name; consoles are run."""
    for page in PAGES:
        for block in blocks(page, "sh"):
            for line in block.replace("\\\n", " ").splitlines():
                for part in line.split("&&"):
                    if found := re.match(r"\s*(?:\$ )?(?:\S*mpirun -n \d+ )?(?:\S*/)?femna +(.*)", part):
                        yield f"{name(page)}: {found[1]}", shlex.split(found[1], comments=True)


@pytest.mark.parametrize("words", [pytest.param(words, id=label) for label, words in commands()])
def test_commands_are_understood(words: list[str]) -> None:
    chosen = make_parser().parse_args(words)
    if "case" in chosen and not chosen.case.endswith(".toml"):
        load_case(chosen.case, chosen.sets)


def test_the_page_on_processes_shows_what_is_tested() -> None:
    """Its blocks, one after the other, are the two modules that tests/parallel/test_toy_process.py runs."""

    def lines(text: str) -> list[str]:
        return [line.strip() for line in text.splitlines() if line.strip()]

    files = ("first_order_decay.py", "first_order_decay_form.py")
    tested = "\n".join((PLUGINS / file).read_text(encoding="utf-8") for file in files)
    assert lines("\n".join(blocks(PROCESS_PAGE, "python"))) == lines(tested)
