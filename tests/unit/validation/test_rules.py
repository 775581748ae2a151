"""What does not go together, and what is not there yet: one line, with the key and what is allowed."""

import re
from collections.abc import Callable

import pytest

from femna.case import Case
from femna.case.keys import allowed, dotted, leaves, tree
from femna.materials import PROPERTIES, load_library
from femna.validation.model_rules import NEEDS_SINGLE, NEEDS_TWO

PROMISED = """
title source model metal geometry.dim geometry.width geometry.depth geometry.front_zone minutes
layer.*.material layer.*.thickness layer.*.above layer.*.uptake
layer.*.moves layer.*.grains.size layer.*.grains.seed
layer.*.grains.boundary_width layer.*.grains.boundary_conductivity_factor
layer.*.grains.boundary_electronic_conductivity
surface.kind surface.amplitude surface.correlation_length surface.wavelength surface.height surface.width
surface.position surface.radius surface.density surface.positions surface.contact_angle surface.file surface.film
surface.on surface.pixel_size surface.height_unit surface.rows surface.metal surface.voxel_size
interface.width interface.energy interface.mobility interface.barrier_ratio interface.anisotropy.strength
interface.anisotropy.mode interface.anisotropy.angle interface.interpolation interface.curvature noise.amplitude
kinetics.exchange_current_density kinetics.transfer_coefficient kinetics.standard_potential
kinetics.nucleation_overpotential transport.kind transport.sink transport.collector contacts.*.resistance
contacts.*.activation_energy counter.kind counter.thickness temperature protocol numerics.resolution
numerics.cell_size numerics.tolerance numerics.dt_max numerics.max_steps numerics.solver numerics.adaptive_mesh
mechanics.model mechanics.top mechanics.stack_pressure mechanics.spring_stiffness mechanics.interval
mechanics.acts_on_kinetics
output.interval output.fields output.checkpoint_interval random_seed processes.*.*
"""


@pytest.mark.parametrize(
    ("setting", "why"),
    [
        # unknown keys
        (
            "geometry.widht=1 um",
            r"geometry.widht is not a known key \(given: '1 um'\); allowed: .*closest: geometry.width",
        ),
        ("geometri.dim=2", r"geometri is not a known key.*closest: geometry"),
        ("transfer_coefficient=0.4", "closest: kinetics.transfer_coefficient"),
        ("layer.anode.thicknes=1 um", "closest: layer.anode.thickness"),
        ("layer.electrolite.thickness=1 um", "layer.electrolite is no layer.*closest: electrolyte"),
        ("materials.gpe.difusivity=1", "closest: materials.gpe.diffusivity"),
        ("materials.gpee.diffusivity=1", "materials.gpee is used by no layer; allowed: .*closest: gpe"),
        ("dim2.geometry.width=1", "dim2 is not a known key"),
        ("protocol=[{mode='voltage', value=1, untl=1}]", "protocol step 1: untl is not a known key.*closest: until"),
        # a preset of solvers for another mesh
        ("numerics.solver=nested", "numerics.solver is 'nested', which needs .*adaptive_mesh.*; allowed: auto, gamg"),
        # kinds, units, ranges
        ("geometry=3", "geometry is 3; allowed: a table of dim, width"),
        ("geometry.dim=4", "geometry.dim is 4; allowed: 1, 2 or 3"),
        ("geometry.dim=2.5", "geometry.dim is 2.5; allowed: 1, 2 or 3"),
        ("geometry.width=3 V", r"geometry.width is '3 V' \('V' does not convert to m\); allowed: a quantity in m"),
        ("geometry.width=3 parsnips", "the unit 'parsnips' is not understood"),
        ("layer.anode.thickness=-1 um", "layer.anode.thickness is '-1 um'; allowed: .* greater than 0"),
        ("layer.anode.thickness=nan", "not finite"),
        ("layer.anode.thickness=1e999 m", "not finite"),
        ("temperature=-300 degC", "temperature is '-300 degC'; allowed: a quantity in K at least 150 and at most 1000"),
        ("temperature=1", "temperature is 1; allowed: a quantity in K at least 150 and at most 1000"),
        (
            "materials.naf.activation_energy=1e9 J/mol",
            "materials.naf.activation_energy is .*at least 0 and at most 500000",
        ),
        ("materials.naf.reference_temperature=1 K", "materials.naf.reference_temperature is .*at least 150"),
        ("kinetics.standard_potential=11 V", "kinetics.standard_potential is '11 V'.*at least -10 and at most 10"),
        (
            "surface={kind='random', amplitude='0.1 um', correlation_length='1 nm'}",
            "surface.correlation_length is 1e-09 m: 1.9e.04 waves along a side of 1.2e-05 m; .*at least 1.91e-09 m",
        ),
        (
            "surface={kind='nuclei', radius='1 um', density='1e20 1/m^2'}",
            r"surface.density is 1e.20 1/m.2: 1.2e.05 nuclei; allowed: at most 6.94e.17 1/m.2",
        ),
        ("kinetics.transfer_coefficient=1", "greater than 0 and less than 1"),
        ("kinetics.exchange_current_density=0.3 V", "does not convert to A/m"),
        ("random_seed=1.5", "random_seed is 1.5; allowed: a whole number from 0"),
        ("numerics.adaptive_mesh=1", "allowed: true or false"),
        ("numerics.solver=mumps", "numerics.solver is 'mumps'; allowed: 'auto', 'nested', 'gamg'"),
        ("output.interval=0", "output.interval is 0; allowed: a quantity in s greater than 0"),
        ("output.interval=-1 s", "output.interval is '-1 s'"),
        ("output.fields=['x']", "output.fields has 'x'; allowed: 'xi', 'c', 'phi' or 'material'"),
        ("output.fields=[1]", "output.fields item 1 is 1; allowed: text"),
        ("title=3", "title is 3; allowed: text"),
        ("surface.kind=cosin", "surface.kind is 'cosin'; allowed: .*closest: 'cosine'"),
        ("protocol=[]", "protocol is an empty list; allowed: at least one step"),
        ("protocol=3", r"protocol is 3; allowed: a list of steps, written \[\[protocol\]\]"),
        ("protocol=['x']", "protocol step 1 is 'x'; allowed: a table with mode, value and until"),
        (
            "protocol=[{mode='voltag', value=1, until=1}]",
            "protocol step 1: mode is 'voltag'; allowed: .*closest: 'voltage'",
        ),
        ("protocol=[{mode='voltage', until=1}]", "protocol step 1: value is missing; allowed: a quantity in V"),
        ("protocol=[{mode='voltage', value='1 A/m^2', until=1}]", "'A/m\\^2' does not convert to V"),
        ("protocol=[{mode='voltage', value=1, until='1 kg'}]", "protocol step 1: until is '1 kg'; allowed: a duration"),
        (
            "protocol=[{mode='voltage', value=1, until='-1 s'}]",
            "until is '-1 s'; allowed: a quantity in s greater than 0",
        ),
        ("protocol=[{repeat=0, steps=[{mode='voltage', value=1, until=1}]}]", "protocol step 1: repeat is 0"),
        (
            "protocol=[{repeat=2, steps=[{mode='voltage', value=1, until=true}]}]",
            "protocol step 1, step 1: until is true",
        ),
        (
            "protocol=[{repeat=2, steps=[{repeat=3, steps=[{mode='voltage', value=1, until=1}]}]}]",
            "protocol step 1, step 1: repeat is given within steps: a repeat cannot hold another; "
            "allowed: mode, value, until$",
        ),
        (
            "protocol=[{repeat=2, mode='voltage', steps=[{mode='voltage', value=1, until=1}]}]",
            "protocol step 1: mode is given beside repeat or steps; allowed: repeat and steps alone",
        ),
        (
            "protocol=[{repeat=2, stesp=[{mode='voltage', value=1, until=1}]}]",
            "protocol step 1: stesp is not a known key .given: a list.; allowed: repeat, steps; closest: steps",
        ),
        (
            "protocol=[{repeat=2, steps=[{mode='voltage', value=1, untill=1}]}]",
            "protocol step 1, step 1: untill is not a known key .*closest: until",
        ),
        ("materials.gpe.diffusivity={value=1e-9, provenance='guess'}", "has the provenance 'guess'; allowed: measured"),
        ("layer.electrolyte.material=gpee", "layer.electrolyte.material is 'gpee'; allowed: 'gpe'.*closest: gpe"),
        # what does not fit
        ("layer.interphase.thickness=1 mm", "layer.interphase.thickness is 0.001 m, no thinner than all the rest"),
        ("interface.width=1.5 um", "interface.width is 1.5e-06 m.*wider than layer 'interphase'.*at most 9.1e-07 m"),
        ("surface.position=1 mm", "surface.position is 0.001 m: a front outside the mesh; allowed: between 0 and"),
        ("surface.position=0", "a front outside the mesh"),
        ("surface={kind='bump', height='25 um', width='1 um'}", "surface reaches up to 2.8e-05 m, above the cell"),
        ("surface={kind='cosine', amplitude='4 um', wavelength='6 um'}", "surface reaches down to -1e-06 m"),
        ("geometry.front_zone=2 um", "geometry.front_zone is 2e-06 m; allowed: above the metal at the start"),
        ("geometry.front_zone=1 m", "geometry.front_zone is 1 m; allowed: .*up to the cell's height"),
        (
            "protocol=[{mode='voltage', value=1, until='1 mm'}]",
            "is a metal height of 0.001 m; allowed: between the front",
        ),
        (
            "protocol=[{mode='voltage', value=1, until='1 um'}]",
            "is a metal height of 1e-06 m; allowed: between the front",
        ),
        ("protocol=[{mode='voltage', value=50, until=1}]", "value is 50 V, far beyond Butler-Volmer kinetics"),
        ("layer.sides={material='naf', thickness='1 um', above='anode'}", "layer.sides has a boundary's name"),
        # what does not go together
        (
            "interface={mobility=1e-6, barrier_ratio=0.1}",
            "interface.mobility and interface.barrier_ratio are both given",
        ),
        ("numerics={resolution=5, cell_size='1 um'}", "numerics.resolution and numerics.cell_size are both given"),
        ("kinetics.exchange_current_density=0", "interface.barrier_ratio is 0.05, but the protocol drives no current"),
        ("surface.kind=cosine", "surface.amplitude is missing; kind 'cosine' needs amplitude, wavelength"),
        ("surface.wavelength=1 um", "surface.wavelength has no meaning for kind 'flat'"),
        ("surface={kind='nuclei', radius='1 um'}", "surface.density and surface.positions are both or neither given"),
        ("surface={kind='nuclei', radius='1 um', positions=[1]}", "surface.positions has"),
        ("surface.on=anode", "surface.on has no meaning for kind 'flat'"),
        ("surface={kind='heightmap', file='no.txt'}", "surface.file is .*no.txt', which does not exist"),
        ("counter.thickness=1 um", "counter.thickness is given; allowed: only with counter.kind = 'metal'"),
        ("layer.electrolyte.material=naf", "materials.naf.concentration is missing, and layer 'electrolyte' needs it"),
    ],
)
def test_bad_input_is_one_line_with_the_key_and_what_is_allowed(refused, setting: str, why: str) -> None:
    line = refused(setting)
    assert re.search(why, line), line


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ("transport.kind=binary", "transport.kind is not 'nernst_planck', {two}; allowed: 'nernst_planck' {with_one}"),
        (
            "transport.kind=single_ion",
            "transport.kind is not 'nernst_planck', {two}; allowed: 'nernst_planck' {with_one}",
        ),
        (
            "interface.curvature=physical",
            "interface.curvature is 'physical', {two}; allowed: 'artificial' {with_one}",
        ),
        (
            "interface.interpolation=smooth_cut",
            "interface.interpolation is 'smooth_cut', {two}; allowed: 'quintic' {with_one}",
        ),
        ("contacts.anode-interphase.resistance=1 ohm*cm^2", "contacts are given, {two}; allowed: none {with_one}"),
        ("counter.kind=metal", "counter.kind is 'metal', {two}; allowed: 'ideal' {with_one}"),
        (
            "layer.interphase.grains={size='1 um'}",
            "layer.interphase.grains are given, {two}; allowed: none {with_one}",
        ),
        (
            "kinetics.nucleation_overpotential=1 mV",
            "kinetics.nucleation_overpotential is not 0, {two}; allowed: 0 {with_one}",
        ),
        ("layer.interphase.uptake=0.5", "layer.interphase.uptake is given, {two}; allowed: none {with_one}"),
        ("surface.film=1 nm", "surface.film is not 0, {two}; allowed: 0 {with_one}"),
        (
            "surface={kind='nuclei', radius='1 um', positions=[1e-6], on='interphase'}",
            "surface.on is 'interphase', {two}; allowed: 'anode' {with_one}",
        ),
        (
            "protocol=[{mode='current', value=1, until=1}]",
            "protocol step 1: mode is 'current', {two}; allowed: 'voltage' {with_one}",
        ),
        (
            "protocol=[{mode='rest', until=1}]",
            "protocol step 1: mode is 'rest', {two}; allowed: 'voltage' {with_one}",
        ),
        (
            "protocol=[{mode='voltage', value=1, until='1 V'}]",
            "protocol step 1: until is a voltage, {two}; "
            "allowed: a duration, a charge per area or a metal height {with_one}",
        ),
        (
            "protocol=[{repeat=2, steps=[{mode='voltage', value=1, until=1}, {mode='current', value=1, until=1}]}]",
            "protocol step 1, step 2: mode is 'current', {two}; allowed: 'voltage' {with_one}",
        ),
    ],
)
def test_what_needs_two_potentials_says_so(refused, setting: str, line: str) -> None:
    told = line.format(two="which needs model = 'two_potential'", with_one="with single_potential")
    assert refused(setting).endswith(f"case.toml, --set {setting}: {told}")


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        (
            "interface.curvature=artificial",
            "interface.curvature is 'artificial', {one}; allowed: 'physical' {with_two}",
        ),
        ("interface.mobility=1e-6", "interface.mobility is given, {one}; allowed: interface.barrier_ratio {with_two}"),
        ("interface.anisotropy.strength=0.05", "interface.anisotropy has a strength, {one}; allowed: none {with_two}"),
        ("transport.sink=xi", "transport.sink is 'xi', {one}; allowed: 'h' {with_two}"),
        ("transport.collector=zero", "transport.collector is 'zero', {one}; allowed: 'natural' {with_two}"),
        ("noise.amplitude=0.1", "noise.amplitude is not 0, {one}; allowed: 0 {with_two}"),
    ],
)
def test_what_needs_a_single_potential_says_so(refused, loaded, setting: str, line: str) -> None:
    told = line.format(one="which needs model = 'single_potential'", with_two="with two_potential")
    assert refused("model=two_potential", setting).endswith(f"case.toml, --set {setting}: {told}")
    loaded(setting)


def test_a_given_interface_says_its_mobility_or_ratio(refused, base: str) -> None:
    line = refused(text=base.replace("barrier_ratio = 0.05\n", ""))
    assert "interface.mobility and interface.barrier_ratio are both missing; allowed: one of them" in line


def test_a_material_that_the_case_changes_is_listed_once(refused) -> None:
    line = refused("materials.gpe.diffusivity=1", "layer.electrolyte.material=gpee")
    assert line.count("'gpe'") == 1


def test_one_layer_is_too_few(refused) -> None:
    text = "model = 'single_potential'\n[layer.anode]\nmaterial = 'na'\nthickness = 1e-6\n"
    assert "layer has 1 layer; allowed: two or more" in refused(text=text)


def test_rough_fronts_need_a_lateral_direction(refused) -> None:
    line = refused("geometry.dim=1", "surface={kind='cosine', amplitude='1 um', wavelength='6 um'}")
    assert "surface.kind is 'cosine' with geometry.dim = 1; allowed: 'flat' in one dimension" in line


def test_unknown_keys_of_an_overlay_are_found_even_when_it_is_not_used(refused, base: str) -> None:
    assert "dim3.geometry.widht is not a known key" in refused(text=base + "[dim3.geometry]\nwidht = 1\n")
    assert "dim3.geometry.dim is given" in refused(text=base + "[dim3.geometry]\ndim = 3\n")


def test_legal_cases_of_the_same_kinds_are_taken(loaded) -> None:
    loaded("protocol=[{repeat=3, steps=[{mode='voltage', value=0.1, until=1}, {mode='voltage', value=-0.1, until=1}]}]")
    loaded("interface.width=0.9 um")
    loaded("surface={kind='nuclei', radius='1 um', density='0.05 1/um^2'}")
    loaded("geometry.dim=3", "surface={kind='nuclei', radius='1 um', positions=[['1 um', '2 um']]}")
    loaded("kinetics.exchange_current_density=0", "interface.mobility=1e-6")


def test_every_capability_of_the_list_is_a_key_of_the_case() -> None:
    for path, _, _, _ in (*NEEDS_TWO, *NEEDS_SINGLE):
        assert allowed(path), path


def test_the_key_tree_holds_the_promised_keys() -> None:
    assert set(PROMISED.split()) | {f"materials.*.{key}" for key in PROPERTIES} | {"name"} == {
        dotted(p) for p in leaves(tree())
    }


def test_every_library_material_can_be_read() -> None:
    from femna.case.material import Material

    for name, values in load_library().items():
        read = Material.model_validate(values)
        assert {key for key, _ in read.values()} == set(values), name


def test_cases_do_not_change_once_read(loaded) -> None:
    case: Case = loaded()
    with pytest.raises(ValueError, match="frozen"):
        case.geometry.dim = 3  # type: ignore[misc]


def test_three_dimensions_have_the_cubic_harmonic_only() -> None:
    from femna.errors import BadInput
    from femna.validation.load import load_case

    for item in ("interface.anisotropy.mode=6", "interface.anisotropy.angle='45 deg'"):
        load_case("p-na", [item])
        with pytest.raises(BadInput, match="in 3D kappa follows the cubic harmonic"):
            load_case("p-na", ["geometry.dim=3", item])


@pytest.mark.parametrize(
    ("given", "closest"), [("binari", "binary"), ("single", "single_ion"), ("nernst-planck", "nernst_planck")]
)
def test_a_kind_of_transport_that_is_none(given: str, closest: str, refused: Callable[..., str]) -> None:
    line = refused(f"transport.kind={given}")
    allowed = "'nernst_planck', 'binary' or 'single_ion'"
    assert line.endswith(f"transport.kind is '{given}'; allowed: {allowed}; closest: '{closest}'")
