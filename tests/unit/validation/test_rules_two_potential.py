"""What goes together with two potentials, and what does not: one line, with the key and what is allowed."""

import re

import pytest

from femna.case import Case
from femna.case.read import read_case_text
from femna.derived.parameters import derive
from femna.validation.warnings import case_warnings


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        (
            "protocol=[{mode='voltage', value=1, until='1 V'}]",
            "protocol step 1: until is a voltage, which this step holds; allowed: a duration, a charge, a height",
        ),
        (
            "protocol=[{mode='rest', value=1, until=1}]",
            "protocol step 1: value has no meaning in a rest; allowed: mode and until",
        ),
        (
            "protocol=[{mode='current', until=1}]",
            "protocol step 1: value is missing; allowed: a quantity in A/m^2, such as '0.5 mA/cm^2'",
        ),
        (
            "protocol=[{mode='current', value='1 V', until=1}]",
            "protocol step 1: value is '1 V' ('V' does not convert to A/m^2); "
            "allowed: a quantity in A/m^2, such as '0.5 mA/cm^2'",
        ),
        (
            "output.fields=['phi']",
            "output.fields has 'phi'; allowed: 'xi', 'c', 'phi_l', 'phi_s' or 'material'; closest: phi_s",
        ),
        (
            "contacts.anode-electrolyte.resistance=1",
            "contacts.anode-electrolyte is no contact of this stack; allowed: 'anode-interphase', "
            "'interphase-electrolyte' or 'electrolyte-counter'; closest: interphase-electrolyte",
        ),
        (
            "output.fields=[]",
            "output.fields is an empty list; allowed: one or more of 'xi', 'c', 'phi_l', 'phi_s' or 'material'",
        ),
        ("counter.thickness=1 um", "counter.thickness is given; allowed: only with counter.kind = 'metal'"),
        (
            "layer.anode.grains.size=5 um",
            "layer.anode.grains are given for the anode's metal; allowed: in the layers above it",
        ),
        (
            "layer.electrolyte.grains.size=5 um",
            "layer.electrolyte.grains are given for a layer that holds a salt; allowed: in solids",
        ),
        (
            "layer.interphase.grains.size=0.9 um",
            "layer.interphase.grains.boundary_width is 5e-07 m, with cells of 1.1e-07 m and grains of 9e-07 m; "
            "allowed: 2 cells at the least, half a grain at the most",
        ),
        (
            "layer.interphase.grains={size='3 um', boundary_width='0.2 um'}",
            "layer.interphase.grains.boundary_width is 2e-07 m, with cells of 1.1e-07 m and grains of 3e-06 m; "
            "allowed: 2 cells at the least, half a grain at the most",
        ),
        (
            "surface={kind='nuclei', radius='25 um', positions=[1e-6], on='interphase'}",
            "surface reaches up to 3e-05 m, above the cell; allowed: below its height of 2.5e-05 m",
        ),
    ],
)
def test_bad_input_with_two_potentials(refused, setting: str, line: str) -> None:
    assert refused("model=two_potential", setting).endswith(f"case.toml, --set {setting}: {line}")


def test_a_contact_lies_in_a_layer_without_salt(loaded, refused) -> None:
    contact = "contacts.interphase-electrolyte.resistance=1 ohm*cm^2"
    sets = ("model=two_potential", "layer.interphase.material=gpe", contact)
    line = "contacts.interphase-electrolyte is given between two salts; allowed: where one layer holds none"
    assert refused(*sets).endswith(line)
    loaded(*sets, "transport.kind=single_ion")


def test_one_transference_number(loaded, refused) -> None:
    """That of the diffusivities, 1/3 for the gel, in every salt."""
    given = "materials.gpe.transference_number=0.5"
    line = "materials.gpe.transference_number is 0.5, but z D+/(z D+ + |z-| D-) is 0.333; allowed: 0.333, or another "
    for model in ("single_potential", "two_potential"):
        assert refused(f"model={model}", given).endswith(line + "anion_diffusivity")
        loaded(f"model={model}", given, "materials.gpe.anion_diffusivity=1e-10")
        loaded(f"model={model}", "materials.gpe.transference_number=0.333")
    loaded("model=two_potential", "transport.kind=single_ion", given)
    other = ("model=two_potential", "materials.naf.transference_number=0.5")
    line = "layer.electrolyte holds a salt of t+ = 0.333, and layer 'interphase' one of 0.5; allowed: one transference"
    assert refused(*other).endswith(line + " number in all salts")
    loaded("model=two_potential", "materials.naf.transference_number=0.33333")


@pytest.mark.parametrize("kind", ["single_ion", "nernst_planck", "binary"])
@pytest.mark.parametrize(
    "step",
    [
        "mode='voltage', value='0.1 V', until='1 h'",
        "mode='voltage', value='-0.1 V', until='1 mAh/cm^2'",
        "mode='voltage', value='0.1 V', until='10 um'",
        "mode='current', value='1 mA/cm^2', until='1 h'",
        "mode='current', value='-1 mA/cm^2', until='1 mAh/cm^2'",
        "mode='current', value='1 mA/cm^2', until='0.3 V'",
        "mode='current', value='1 mA/cm^2', until='10 um'",
        "mode='rest', until='1 h'",
        "mode='rest', until='1 mV'",
    ],
)
def test_two_potentials_take_every_transport_with_every_protocol(loaded, kind: str, step: str) -> None:
    case: Case = loaded("model=two_potential", f"transport.kind={kind}", f"protocol=[{{repeat=2, steps=[{{{step}}}]}}]")
    assert (case.model, case.transport.kind, len(case.steps())) == ("two_potential", kind, 2)
    assert read_case_text(case.to_toml(), "printed") == case


def test_two_potentials_have_defaults_of_their_own(loaded, write, base: str) -> None:
    from femna.validation.load import load_case

    for text in (
        base,
        base.replace("barrier_ratio = 0.05\n", ""),
        re.sub(r"\[interface\].*?(?=\[)", "", base, flags=re.S),
    ):
        case = load_case(write(text), ["model=two_potential"])
        assert (case.transport.kind, case.transport.sink, case.transport.collector) == ("binary", "h", "natural")
        assert (case.interface.interpolation, case.interface.curvature) == ("smooth_cut", "physical")
        assert case.interface.barrier_ratio == (0.05 if "barrier_ratio" in text else pytest.approx(1 / 18))
        assert case.output.fields == ("xi", "c", "phi_l", "phi_s", "material")
    single = loaded().transport
    assert (single.kind, single.sink, single.collector) == ("nernst_planck", "xi", "zero")


def test_two_potentials_take_what_is_theirs(loaded) -> None:
    loaded(
        "model=two_potential",
        "contacts.anode-interphase={resistance='2 ohm*cm^2', activation_energy='0.4 eV'}",
        "contacts.electrolyte-counter.resistance=2 ohm*cm^2",
        "counter={kind='metal', thickness='20 um'}",
        "kinetics.nucleation_overpotential=10 mV",
        "surface.film=0.5 um",
        "interface.energy=0.3",
        "layer.interphase.grains={size='1.5 um', boundary_electronic_conductivity='1e-6 S/m'}",
    )
    for name in ("quintic", "cubic", "smooth_cut"):
        loaded("model=two_potential", f"interface.interpolation={name}")


@pytest.mark.parametrize(
    ("kind", "missing", "layer"),
    [
        ("single_ion", "ionic_conductivity", "interphase"),
        ("binary", "ionic_conductivity", "interphase"),
        ("nernst_planck", "diffusivity", "interphase"),
        ("binary", "anion_diffusivity", "electrolyte"),
    ],
)
def test_two_potentials_ask_for_what_they_read(refused, kind: str, missing: str, layer: str) -> None:
    given = {
        "ionic_conductivity": "1 S/m",
        "diffusivity": "1e-10 m^2/s",
        "anion_diffusivity": "2e-10 m^2/s",
        "concentration": "1 mol/L",
    }
    if layer == "interphase":  # a solid
        del given["anion_diffusivity"]
    own = ", ".join(f"{key} = '{value}'" for key, value in given.items() if key != missing)
    sets = ["model=two_potential", f"transport.kind={kind}", f"layer.{layer}.material=x", f"materials.x={{{own}}}"]
    instead = ", or ionic_conductivity and transference_number in place of the diffusivities"
    assert refused(*sets).endswith(
        f": materials.x.{missing} is missing, and layer '{layer}' needs it; "
        f"allowed: a value in [materials.x], or another material{instead if layer == 'electrolyte' else ''}"
    )


@pytest.mark.parametrize("name", ["nzsp", "nzsp-nsf", "staircase-nzsp", "nzsp-bare", "nzsp-strip"])
def test_a_binary_salt_needs_a_layer_that_holds_one(name: str) -> None:
    from femna.errors import BadInput
    from femna.validation.load import load_case

    with pytest.raises(
        BadInput,
        match=r"transport.kind=binary: transport.kind is 'binary', but no layer holds a salt: "
        r"material 'nzsp.*' of the last one has no anion_diffusivity, and .* is 1; allowed: 'single_ion'",
    ):
        load_case(name, ["geometry.dim=1", "transport.kind=binary"])


def test_layers_below_the_last_need_no_salt(loaded) -> None:
    """They are asked for an ionic conductivity only, and do not count in the limiting current."""
    own = "materials.x={ionic_conductivity='1 S/m'}"
    case = loaded("model=two_potential", "layer.interphase.material=x", own)
    assert derive(case).limiting_current_A_m2 == pytest.approx(4.0 * 96485.33 * 1e-10 * 1000.0 / 20e-6 / 2.0, rel=1e-6)
    salt = "materials.x={diffusivity='5e-11 m^2/s', anion_diffusivity='1e-10 m^2/s'}"
    salted = loaded("model=two_potential", "layer.interphase.material=x", salt)
    assert derive(salted).limiting_current_A_m2 < derive(case).limiting_current_A_m2


def test_a_film_lies_on_the_last_layer_but_one(loaded, refused, base: str) -> None:
    from femna.errors import BadInput
    from femna.validation.load import load_case

    case: Case = loaded("model=two_potential", "surface.film=12 um")
    # the layers end at 3, 5 and 25 um
    assert case.surface_top == pytest.approx(17e-6)
    assert case.front_zone_top == pytest.approx(21e-6)
    assert "surface reaches up to 2.6e-05 m" in refused("model=two_potential", "surface.film=21 um")
    with pytest.raises(
        BadInput, match=r"--set surface.film=1 um: surface.film is 1e-06 m, and the stack \(anode, elec"
    ):
        load_case("planar", ["model=two_potential", "interface={width='0.25 um'}", "transport={}", "surface.film=1 um"])


def test_nuclei_on_an_interphase(loaded, refused, base: str) -> None:
    nuclei = "surface={kind='nuclei', radius='1 um', positions=[1e-6], contact_angle='60 deg', on='interphase'}"
    case: Case = loaded("model=two_potential", nuclei)
    # the layers end at 3, 5 and 25 um; a cap of 60 degrees is R/2 high
    assert case.surface_top == pytest.approx(5.5e-6)
    assert case.surface_reach == (0.0, 0.0)
    assert case.front_zone_top == pytest.approx(0.5 * (5.5e-6 + 25e-6))
    assert any("are dead metal" in text for text in case_warnings(case, derive(case)))
    case = loaded("model=two_potential", nuclei, "layer.interphase.material=mci")
    assert not any("are dead metal" in text for text in case_warnings(case, derive(case)))
    line = refused("model=two_potential", nuclei, text=base.replace("interphase", "film"))
    assert line.endswith(
        "surface.on is 'interphase', and no layer between the anode and the last one (anode, film, electrolyte) is it; "
        "allowed: 'anode', or a layer named interphase"
    )


NEVER = "protocol step 1: until is {end}, which never comes: nothing passes in this step ({what}); allowed: {allowed}"


@pytest.mark.parametrize(
    ("step", "what", "allowed"),
    [
        ("mode='rest'", "rest", "a duration or a voltage"),
        ("mode='current', value=0", "current of 0 A/m^2", "a duration or a voltage"),
        ("mode='voltage', value=0", "voltage of 0 V", "a duration"),
    ],
)
def test_ends_that_never_come(refused, loaded, step: str, what: str, allowed: str) -> None:
    for until, end in (("1 mAh/cm^2", "a charge per area"), ("4 um", "a metal height")):
        line = refused("model=two_potential", f"protocol=[{{{step}, until='{until}'}}]")
        assert line.endswith(NEVER.format(end=end, what=what, allowed=allowed)), line
    loaded("model=two_potential", f"protocol=[{{{step}, until='1 h'}}]")
    if "voltage" in allowed:
        loaded("model=two_potential", f"protocol=[{{{step}, until='10 mV'}}]")


def test_at_rest_an_uptake_lowers_the_metal_but_passes_no_charge(refused, loaded) -> None:
    fills = [f"materials.naf={FILLS}", "materials.naf.electronic_conductivity=1 S/m", "layer.interphase.uptake=0"]
    rest = "protocol=[{mode='rest', until='%s'}]"
    loaded("model=two_potential", *fills, rest % "2 um")
    assert "never comes" in refused("model=two_potential", *fills, rest % "1 mAh/cm^2")
    loaded("model=two_potential", *fills, "protocol=[{mode='voltage', value=0, until='1 mAh/cm^2'}]")


def test_a_cell_may_even_out_at_the_voltage_of_equilibrium(loaded, refused) -> None:
    before, after = "{mode='current', value=1, until=1}", "{mode='voltage', value=%s, until='1 mAh/cm^2'}"
    loaded("model=two_potential", f"protocol=[{before}, {after % 0}]")
    shifted = ["model=two_potential", "kinetics.standard_potential=-0.1 V"]
    loaded(*shifted, f"protocol=[{after % 0}]")
    assert "never comes" in refused(*shifted, f"protocol=[{after % 0.1}]")
    assert "never comes" in refused(*shifted, "counter.kind=metal", f"protocol=[{after % 0}]")


def test_a_current_needs_a_reaction(refused, loaded) -> None:
    none = ["model=two_potential", "kinetics.exchange_current_density=0"]
    current = "protocol=[{mode='rest', until=1}, {mode='current', value=5, until=1}]"
    assert refused(*none, current).endswith(
        "kinetics.exchange_current_density is 0, and nothing else carries the 5 A/m^2 of protocol step 2; "
        "allowed: above 0 A/m^2, or contacts.anode-interphase.resistance given"
    )
    contact = "contacts.anode-interphase.resistance=1 ohm*cm^2"
    loaded(*none, contact, current)
    assert "contacts.electrolyte-counter.resistance given" in refused(*none, contact, "counter.kind=metal", current)
    assert "never comes" in refused(*none, "protocol=[{mode='voltage', value=0.1, until='1 mAh/cm^2'}]")


FILLS = "{sodium_capacity='1e4 mol/m^3', sodium_potential='0.2 V', uptake_exchange_current='1 A/m^3'}"


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        (["layer.interphase.uptake=0.5"], "materials.naf.sodium_capacity is missing, and layer 'interphase' needs it"),
        (["layer.interphase.uptake=1.5"], "layer.interphase.uptake is 1.5; allowed: a number at least 0 and at most 1"),
        (
            ["layer.anode.uptake=0.5", f"materials.na={FILLS}"],
            "layer.anode.uptake is given, but the first layer is the anode's metal; allowed: a layer above the first",
        ),
        (
            ["layer.interphase.uptake=0.5", f"materials.naf={FILLS}", "materials.naf.electronic_conductivity=0"],
            r"'naf' conducts no electrons \(0 S/m\).*allowed: materials.naf.electronic_conductivity above 1e-07 S/m",
        ),
    ],
)
def test_what_takes_up_sodium_says_what_it_needs(refused, settings: list[str], why: str) -> None:
    assert re.search(why, refused("model=two_potential", *settings))


def test_what_takes_up_sodium_has_a_field_of_its_own(loaded) -> None:
    sets = [f"materials.naf={FILLS}", "materials.naf.electronic_conductivity=1 S/m", "layer.interphase.uptake=0"]
    case = loaded("model=two_potential", *sets)
    assert case.output.fields == ("xi", "c", "phi_l", "phi_s", "uptake", "material")
    assert "uptake" not in loaded("model=two_potential").to_toml()
