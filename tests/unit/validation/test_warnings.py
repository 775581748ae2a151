"""Warnings before a run: each where it belongs, and nowhere else."""

import re

import pytest

from femna.derived.parameters import derive
from femna.validation.load import load_case
from femna.validation.warnings import case_warnings


def told(name: str, *sets: str) -> str:
    case = load_case(name, sets)
    return "\n".join(case_warnings(case, derive(case)))


TWO = ("model=two_potential", "interface={width='0.25 um'}", "transport={kind='binary'}")
LIMIT = r"asks for 1000 A/m\^2, more than the limiting current i_lim = 482.* about 2.19 s .Sand's time."


def current(*steps: str) -> str:
    return f"protocol=[{', '.join(f'{{mode="current", {step}}}' for step in steps)}]"


@pytest.mark.parametrize("until", ["1 h", "1 mAh/cm^2", "1 V", "12 um"])
def test_a_current_above_the_limiting_one(until: str) -> None:
    assert re.search(LIMIT, told("planar", *TWO, current(f"value=1000, until='{until}'")))


@pytest.mark.parametrize("step", ["value=1000, until='2 s'", "value=400, until='1 h'", "value=-1000, until='1 h'"])
def test_currents_that_the_salt_carries(step: str) -> None:
    # an ideal counter has salt enough for what is stripped
    assert "limiting" not in told("planar", *TWO, current(step))


def test_a_metal_counter_runs_short_of_salt_too() -> None:
    assert "i_lim = 964" in told("planar", *TWO, "counter.kind=metal", current("value=-1000, until='1 h'"))


def test_a_ceramic_has_no_limiting_current() -> None:
    assert "limiting" not in told("planar", *TWO, "transport.kind=single_ion", current("value=1000, until='1 h'"))


GEL = (*TWO, "layer.electrolyte.thickness=5 um", "counter.kind=metal")


@pytest.mark.parametrize(
    ("steps", "share"),
    [
        (["value=5, until='2 mAh/cm^2'"], "354%"),
        (["value=5, until='4 h'"], "354%"),
        (["value=5, until='0.3 mAh/cm^2'", "value=-5, until='0.1 mAh/cm^2'"], "53%"),
        (["value=5, until='0.3 mAh/cm^2'", "value=5, until='1 V'"], "53%"),
    ],
)
def test_salt_that_is_squeezed_before_a_metal_counter(steps: list[str], share: str) -> None:
    assert f"of metal, {share} of layer 'electrolyte'" in told("planar", *GEL, current(*steps))


def test_salt_that_has_room() -> None:
    cycled = current("value=5, until='0.2 mAh/cm^2'", "value=-5, until='0.2 mAh/cm^2'", "value=5, until='0.2 mAh/cm^2'")
    deep = current("value=5, until='2 mAh/cm^2'")
    assert "squeezed" not in told("planar", *GEL, cycled)
    assert "squeezed" not in told("planar", *GEL, "counter.kind=ideal", deep)
    assert "squeezed" not in told("planar", *GEL, "transport.kind=single_ion", deep)


def test_a_film_on_an_insulator_is_dead_metal() -> None:
    film = ("geometry.dim=1", "surface={kind='flat', film='0.5 um'}")
    assert "the film on the interphase is dead metal" in told("ici-bottom", *film)
    assert "dead metal" not in told("mci-top", *film)
    # on the last layer but one, whatever its name
    assert "the film on the interlayer is dead metal" in told(
        "nzsp-bare", "surface.film=0.5 um", "geometry.front_zone=60 um"
    )


def test_a_box_narrower_than_the_front() -> None:
    narrow = ("geometry.width=0.3 um", "surface.correlation_length=0.1 um")
    assert "geometry.width = 3e-07 m is less than 4 widths of the front (1e-07 m)" in told("mci-top", *narrow)
    assert "widths of the front" not in told("mci-top", "geometry.width=0.3 um", "surface.kind=flat")
    assert "widths of the front" not in told("mci-top")
    assert "geometry.depth" in told("mci-top", "geometry.dim=3", "geometry.depth=0.3 um")


def test_a_rest_at_the_start_that_waits_for_a_voltage() -> None:
    rest, push = "{mode='rest', until='0.1 V'}", "{mode='current', value=1, until=1}"
    assert "begins at rest, until 0.1 V" in told("planar", *TWO, f"protocol=[{rest}]")
    assert "begins at rest" not in told("planar", *TWO, f"protocol=[{push}, {rest}]")


def test_grains_in_one_dimension_are_slices() -> None:
    assert "the grains of layer 'ceramic' in one dimension are slices" in told("nzsp-grains", "geometry.dim=1")
    assert "slices" not in told("nzsp-grains")


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (0.08, "r = 0.08: the front keeps 98.* % of Butler-Volmer's speed .more than 1 %"),
        (0.2, "keeps 93.7 % .* more than 5 %"),
        (2.0, "keeps 47.8 % .*Tafel slope doubles"),
    ],
)
def test_a_lost_butler_volmer_law_is_told(ratio: float, words: str) -> None:
    assert re.search(words.replace("% .* more", "% .*more"), told("planar", f"interface.barrier_ratio={ratio}"))


def test_quiet_where_all_is_well() -> None:
    assert "barrier ratio" not in told("planar", "interface.barrier_ratio=0.05")
    assert "tips" not in told("planar")
    assert "convexity" not in told("planar", "interface.anisotropy.strength=0.13")
    assert "cells across" not in told("planar", "numerics.resolution=4")


def test_what_else_is_told() -> None:
    assert "spinodal" in told("planar", "interface.interpolation=cubic", "interface.barrier_ratio=0.4")
    assert "barrier ratio" not in told("planar", "interface.interpolation=cubic", "interface.barrier_ratio=0.3")
    assert "only 3 cells" in told("planar", "numerics.resolution=3")
    assert "convexity limit 2/(mode^2 - 1) = 0.133" in told("planar", "interface.anisotropy.strength=0.14")
    assert "assumed, not measured: gpe.diffusivity" in told("planar")
    assert "gpe.diffusivity" not in told("planar", "materials.gpe.diffusivity=1e-10")
    assert "raise geometry.front_zone" in told("planar", "protocol=[{mode='voltage', value=0.1, until='40 um'}]")
    assert "tips sharper than 2.1e-06 m (l/(6 r))" in told(
        "planar", "geometry.dim=2", "geometry.width=10 um", "interface.barrier_ratio=0.02"
    )


def test_a_case_without_interface_and_kinetics_says_what_it_takes(tmp_path) -> None:
    path = tmp_path / "bare.toml"
    path.write_text(
        'model = "single_potential"\ngeometry.dim = 1\nlayer.a = {material = "na", thickness = "5 um"}\n'
        'layer.b = {material = "gpe", thickness = "20 um"}\nprotocol = [{mode = "voltage", value = 0.1, until = 1}]\n'
    )
    taken = "taken by default: interface.width, interface.energy, kinetics.exchange_current_density"
    assert taken in told(str(path))


def test_hills_that_the_front_does_not_resolve() -> None:
    said = told("mci-nuclei")
    assert "hills of the start have a radius of 0.4 um or so, 4 widths of the front" in said
    assert "close to a film" in said
    assert "interface.width = 0.04 um would do" in said
    assert "hills" not in told("mci-top")  # 1/(sqrt(12) 0.05 um/(1 um)^2) = 5.8 um
    assert "hills" not in told("mci-nuclei", "interface.width=0.04 um")
    wave = "surface={kind='cosine', amplitude='1.5 um', wavelength='10 um'}"
    assert "a radius of 1.69 um" in told("mci-top", wave, "geometry.width=5 um", "interface.width=0.2 um")
    bump = "surface={kind='bump', height='0.2 um', width='0.4 um'}"
    assert "a radius of 0.4 um" in told("mci-top", bump)


def test_assumed_values_stand_in_their_published_ranges() -> None:
    said = told("sfc-na")
    assert "mci.ionic_conductivity = 43.2 (1e-05 to 3.2 S/m, outside: its source says why)" in said
    assert "gpe.diffusivity = 1e-10 (2.3e-11 to 3e-10 m^2/s)" in said
    assert "gpe.diffusivity" not in told("sfc-na", "materials.gpe.diffusivity=2.5e-11").partition("published")[2]


def test_ions_that_run_out() -> None:
    slow = "materials.native-sei.diffusivity=3e-12 m^2/s"
    assert "layer 'interphase' brings about 201" in told("p-na", slow)
    assert "brings about" not in told("p-na")
    assert "brings about" not in told("sfc-na", "materials.mci.diffusivity=3e-11 m^2/s")
    assert "brings about" not in told("mci-top")
