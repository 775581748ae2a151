"""From files to the resolved case."""

import re

import pytest

from femna.case import shipped_cases
from femna.case.read import read_case_text
from femna.case.shipped import CASES
from femna.errors import BadInput
from femna.validation.load import load_case
from femna.validation.resumed_case import resumed_case


def test_the_base_case_in_si(loaded) -> None:
    case = loaded()
    assert case.name == "case"
    assert case.layer_names == ("anode", "interphase", "electrolyte")
    assert case.height == 25e-6
    assert case.interval("interphase") == (3e-6, 5e-6)
    assert case.surface.position == 3e-6
    assert case.geometry.depth == case.geometry.width == 12e-6
    assert case.front_zone_top == pytest.approx(14e-6)
    assert case.fine_cell == pytest.approx(2.197 * 0.25e-6 / 5, rel=1e-3)
    assert case.site_density == pytest.approx(42105, rel=1e-4)
    assert case.salt_concentration == 1000.0
    assert case.steps()[0].until.kind == "time"
    assert case.output.interval == 180.0


def test_a_file_with_the_required_keys_alone_is_a_case(write) -> None:
    text = """
    model = "single_potential"
    geometry.dim = 2
    layer.anode = {material = "na", thickness = 5e-6}
    layer.electrolyte = {material = "gpe", thickness = "20 um"}
    protocol = [{mode = "voltage", value = 0.3, until = 60}]
    """
    case = load_case(write(text))
    assert case.geometry.width == case.height
    assert case.interface.barrier_ratio > 0
    assert case.transport.sink == "xi"
    assert case.transport.collector == "zero"


@pytest.mark.parametrize("missing", ["model", "dim", "thickness", "[[protocol]]", "until"])
def test_what_is_required_is_asked_for(refused, base: str, missing: str) -> None:
    lines = base.splitlines()
    index = next(i for i, line in enumerate(lines) if line.startswith(missing))
    dropped = lines[:index] + lines[index + (4 if missing == "[[protocol]]" else 1) :]
    line = refused(text="\n".join(dropped))
    assert f"{missing.strip('[]')} is missing" in line


@pytest.mark.parametrize(
    "sets",
    [
        (),
        ("geometry.dim=1",),
        ("geometry.dim=3", "geometry.depth=3 um"),
        ("surface.kind=random", "surface.amplitude=0.1 um", "surface.correlation_length=1 um"),
        (
            "surface.kind=nuclei",
            "surface.radius=1 um",
            "surface.positions=[1e-6, '3 um']",
            "surface.contact_angle=60 deg",
        ),
        ("surface.kind=bump", "surface.height=1 um", "surface.width=1 um"),
        ("interface.mobility=1e-6 m^3/(J*s)", "numerics.cell_size=0.1 um", "numerics.dt_max=1 s"),
        ("interface.anisotropy={strength=0.05, mode=6, angle='30 deg'}", "noise.amplitude=0.1", "temperature=40 degC"),
        ('protocol=[{repeat=3, steps=[{mode="voltage", value="0.1 V", until="1 mAh/cm^2"}]}]',),
        ('protocol=[{mode="voltage", value=0.1, until="10 um"}]', "geometry.front_zone=20 um"),
        ("materials.naf.diffusivity=3e-12", 'materials.gpe.concentration={value="2 mol/L", source="me"}'),
        ("output.fields=['xi']", "output.interval=1 min", "random_seed=7", "title='\"quoted\" – ü'"),
    ],
)
def test_the_resolved_copy_reads_back_equal(loaded, sets: tuple[str, ...]) -> None:
    case = loaded(*sets)
    text = case.to_toml()
    again = read_case_text(text, "copy")
    assert again == case
    assert "contacts" not in text
    assert again.to_toml() == text
    assert resumed_case(text, "copy", ["numerics.tolerance=0.01"]).numerics.tolerance == 0.01


def test_two_potential_cases_can_be_read_though_not_run(loaded, base: str) -> None:
    text = base.replace("single_potential", "two_potential") + (
        "[layer.electrolyte.grains]\nsize = '3 um'\n[contacts.electrolyte-counter]\nresistance = '2 ohm*cm^2'\n"
        "[counter]\nkind = 'metal'\nthickness = '20 um'\n[transport]\nkind = 'single_ion'\n[surface]\nfilm = '1 nm'\n"
        "[[protocol]]\nmode = 'current'\nvalue = '0.5 mA/cm^2'\nuntil = '0.2 V'\n"
        "[[protocol]]\nmode = 'rest'\nuntil = '1 h'\n"
    )
    text = text.replace('[[protocol]]\nmode = "voltage"\nvalue = "0.3 V"\nuntil = "1 h"\n', "")
    case = read_case_text('name = "two"\n' + text, "two.toml")
    assert case.layer["electrolyte"].grains is not None
    assert case.layer["electrolyte"].grains.size == 3e-6
    assert case.contacts["electrolyte-counter"].resistance == 2e-4
    assert [(s.mode, s.value, s.until.kind) for s in case.steps()] == [
        ("current", 5.0, "voltage"),
        ("rest", 0.0, "time"),
    ]
    assert case.interface.curvature == "physical"
    assert case.transport.sink == "h"
    assert read_case_text(case.to_toml(), "copy") == case


def test_extends_merges_tables_and_replaces_lists(write, base: str) -> None:
    write(base + '[output]\ninterval = "1 min"\nfields = ["xi", "c"]\n', "parent.toml")
    child = write(
        'extends = "parent.toml"\n[output]\nfields = ["phi"]\n[layer.interphase]\nmaterial = "mci"\n', "child.toml"
    )
    case = load_case(child)
    assert case.name == "child"
    assert case.output.fields == ("phi",)
    assert case.output.interval == 60.0
    assert case.layer["interphase"].thickness == 2e-6
    assert set(case.materials) == {"na", "mci", "gpe"}


def test_extends_is_relative_to_the_file_and_takes_shipped_names(write, base: str, monkeypatch, tmp_path) -> None:
    write(base, "deep/parent.toml")
    write('extends = "parent.toml"\n', "deep/child.toml")
    shipped = write('extends = "planar"\n[layer.anode]\nthickness = "7 um"\n', "shipped.toml")
    monkeypatch.chdir(tmp_path)
    assert load_case("deep/child.toml").height == 25e-6
    assert load_case(shipped).interval("anode")[1] == 7e-6


def test_layers_are_inserted_above_the_named_one(write) -> None:
    write()
    child = write(
        'extends = "case.toml"\n[layer.coating]\nabove = "anode"\nmaterial = "mci"\nthickness = "1 um"\n', "child.toml"
    )
    assert load_case(child).layer_names == ("anode", "coating", "interphase", "electrolyte")


def test_overlays_follow_the_dimension_and_settings_win(write, base: str) -> None:
    text = base + (
        '[dim1.geometry]\nwidth = "1 um"\n[dim3.geometry]\nwidth = "5 um"\ndepth = "4 um"\n'
        '[dim3.layer.electrolyte]\nthickness = "9 um"\n'
    )
    path = write(text)
    assert load_case(path).geometry.width == 12e-6
    assert load_case(path, ["geometry.dim=1"]).geometry.width == 1e-6
    in_3d = load_case(path, ["geometry.dim=3", "geometry.depth=2 um"])
    assert (in_3d.geometry.width, in_3d.geometry.depth, in_3d.height) == (5e-6, 2e-6, 14e-6)
    child = write('extends = "case.toml"\n[geometry]\ndim = 3\n[dim3.geometry]\ndepth = "3 um"\n', "child.toml")
    assert (load_case(child).geometry.width, load_case(child).geometry.depth) == (5e-6, 3e-6)


def test_an_alternative_replaces_the_other_when_it_is_set_later(loaded) -> None:
    case = loaded("interface.mobility=1e-6", "numerics.cell_size=0.1 um")
    assert case.interface.barrier_ratio == 0.0
    assert case.fine_cell == 1e-7


def test_another_surface_kind_forgets_the_old_kinds_keys(write, base: str) -> None:
    path = write(
        base + '[surface]\nkind = "random"\namplitude = "0.1 um"\ncorrelation_length = "1 um"\nposition = "4 um"\n'
    )
    flat = load_case(path, ["surface.kind=flat"])
    assert flat.surface.amplitude is None
    three = write(path.read_text() + '[dim3.surface]\ncorrelation_length = "2 um"\n', "three.toml")
    assert load_case(three, ["geometry.dim=3"]).surface.correlation_length == 2e-6
    child = write('extends = "three.toml"\n[surface]\nkind = "bump"\nheight = "1 um"\nwidth = "1 um"\n', "child.toml")
    assert load_case(child, ["geometry.dim=3"]).surface.correlation_length is None
    assert flat.surface.position == 4e-6


def test_overrides_from_python(write) -> None:
    path = write()
    case = load_case(path, geometry__width="8 um", temperature=300, overrides={"layer.electrolyte.thickness": 30e-6})
    assert (case.geometry.width, case.temperature, case.interval("electrolyte")[1]) == (8e-6, 300.0, 35e-6)
    assert load_case(path, "geometry.width=7 um", geometry__width="8 um").geometry.width == 8e-6


def test_materials_come_from_the_library_and_the_case(loaded) -> None:
    case = loaded(
        "materials.naf.diffusivity=3e-12 m^2/s", 'materials.gpe.diffusivity={value="2e-10 m^2/s", provenance="assumed"}'
    )
    naf, gpe = case.materials["naf"], case.materials["gpe"]
    assert naf.diffusivity is not None
    assert (naf.diffusivity.value, naf.diffusivity.provenance) == (3e-12, "user")
    assert naf.ionic_conductivity is not None
    assert naf.ionic_conductivity.source
    assert gpe.diffusivity is not None
    assert gpe.diffusivity.provenance == "assumed"
    assert case.property("interphase", "diffusivity") == 3e-12
    with pytest.raises(BadInput, match=r"materials.na.concentration is missing; layer 'anode' needs it"):
        case.property("anode", "concentration")
    with pytest.raises(BadInput, match="there is no layer 'anod'"):
        case.property("anod", "diffusivity")


def test_activated_properties_follow_the_temperature(loaded) -> None:
    at_reference, warm = loaded(), loaded("temperature=330 K")
    rise = warm.property("interphase", "diffusivity") / at_reference.property("interphase", "diffusivity")
    assert rise == pytest.approx(2.718281828 ** (-31180 / 8.314462618 * (1 / 330 - 1 / 298.15)), rel=1e-6)
    conductivity = warm.property("interphase", "ionic_conductivity") / at_reference.property(
        "interphase", "ionic_conductivity"
    )
    assert conductivity == pytest.approx(rise * 298.15 / 330, rel=1e-9)
    assert warm.property("interphase", "electronic_conductivity") == at_reference.property(
        "interphase", "electronic_conductivity"
    )


def test_a_new_material_is_defined_in_the_case(loaded) -> None:
    case = loaded(
        "layer.interphase.material=mine",
        "materials.mine.diffusivity=1e-12 m^2/s",
        "materials.mine.ionic_conductivity={value='1 mS/cm', source='a guess', provenance='assumed'}",
    )
    assert case.property("interphase", "ionic_conductivity") == 0.1


def test_height_maps_are_found_beside_the_file_that_names_them(write, base: str, monkeypatch, tmp_path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "map.txt").write_text("0 0\n")
    path = write(base + '[surface]\nkind = "heightmap"\nfile = "map.txt"\n', "sub/case.toml")
    assert load_case(path).surface.file == str(tmp_path / "sub" / "map.txt")
    monkeypatch.chdir(tmp_path / "sub")
    assert load_case(write(), ["surface.kind=heightmap", "surface.file=map.txt"]).surface.file == str(
        tmp_path / "sub" / "map.txt"
    )


def test_every_shipped_case_loads_in_every_dimension_it_is_meant_for() -> None:
    found = shipped_cases()
    assert {"planar", "demo", "p-na", "f-na", "sfc-na", "edp-1"} <= {case.name for case in found}
    for info in found:
        case = load_case(info.name)
        assert info.title == case.title
        assert "\n" not in info.title
        assert info.minutes > 0
        assert read_case_text(case.to_toml(), "copy") == case


def test_edp_1_has_the_numbers_of_the_benchmark() -> None:
    case = load_case("edp-1")
    assert case.site_density == pytest.approx(7.64e4, rel=1e-6)
    assert case.height == 25e-6
    assert case.surface_top == 6e-6
    assert case.front_zone_top == case.height


# ---- what cannot be read


def test_a_missing_file_names_the_closest_shipped_case(tmp_path) -> None:
    with pytest.raises(BadInput, match=r"planr.toml: does not exist; .*closest: planar"):
        load_case(tmp_path / "planr.toml")
    with pytest.raises(BadInput, match=r"'planr' is not a shipped case; allowed: .*demo.*; closest: planar"):
        load_case("planr")
    with pytest.raises(BadInput, match="is a folder"):
        load_case(tmp_path)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\xff", "case.toml: is not a text file"),
        (b"\x00\x01\x02", "case.toml, line 1: is not valid TOML"),
        (b"", "layer has 0 layers; allowed: two or more"),
        ("model = 'x'\n[geometry\n", "line 2: is not valid TOML"),
        ("model = 'x'\n\na = [1,\n2", "line 4: is not valid TOML.*the file ends there"),
        ("a = 1\na = 2\n", "line 2: is not valid TOML: a key is written twice"),
        ("[layer.a]\n[layer.a]\n", r"line 2: is not valid TOML: the table \[layer.a\] is written twice"),
        ("a = " + "[" * 5000, "nested too deeply"),
        ("extends = 3\n", "extends is 3; allowed: a shipped case's name or a path"),
        ("extends = 'planr'\n", "extends is 'planr'.*closest: planar"),
        ("extends = 'other.toml'\n", "extends is 'other.toml'; .*does not exist"),
        ("extends = 'case.toml'\n", "extends goes round in a circle, case.toml -> case.toml"),
    ],
)
def test_files_that_cannot_be_read(refused, text: str | bytes, why: str) -> None:
    assert re.search(why, refused(text=text)), refused(text=text)


def test_a_circle_through_several_files_is_found(write) -> None:
    write('extends = "b.toml"\n', "a.toml")
    write('extends = "c.toml"\n', "b.toml")
    with pytest.raises(BadInput, match=r"goes round in a circle, a.toml -> b.toml -> c.toml -> a.toml"):
        load_case(write('extends = "a.toml"\n', "c.toml").with_name("a.toml"))


def test_a_truncated_case_is_refused_wherever_it_ends(write) -> None:
    text = (CASES / "p-na.toml").read_bytes()
    for length in range(0, len(text) // 2, 97):
        with pytest.raises(BadInput) as caught:
            load_case(write(text[:length]))
        assert "\n" not in str(caught.value)


def test_the_error_names_the_file_of_the_chain_that_set_the_key(write, base: str) -> None:
    write(base.replace('"0.3 V"', '"0.3 kg"'), "parent.toml")
    child = write('extends = "parent.toml"\ntitle = "x"\n', "child.toml")
    with pytest.raises(BadInput, match=r"parent.toml: protocol step 1: value is '0.3 kg'"):
        load_case(child)
    with pytest.raises(BadInput, match=r"child.toml, --set temperature=3 m: temperature is '3 m'"):
        load_case(child, ["protocol=[{mode='voltage', value=1, until=1}]", "temperature=3 m"])


def test_a_case_in_a_run_folder_keeps_its_name(write) -> None:
    case = load_case("planar")
    path = write(case.to_toml(), "runs/x/case.toml")
    assert load_case(path) == case
