"""What the user gives is used, or named with what is used instead."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from femna.case import Case, shipped_cases
from femna.case.keys import ANY, leaves, tree
from femna.case.read import read_case_text
from femna.materials import PROPERTIES
from femna.models.registry import keys_read, properties_used
from femna.physics.phase_field_constants import phase_field_constants
from femna.validation.load import load_case
from femna.validation.unread_keys import BY_EVERY_RUN, unread_keys

CELL = """
model = "two_potential"
geometry.dim = 1
[layer.anode]
material = "na"
thickness = "20 um"
[layer.electrolyte]
material = "gpe"
thickness = "50 um"
[interface]
width = "1 um"
[kinetics]
exchange_current_density = "30 A/m^2"
[[protocol]]
mode = "current"
value = "0.5 mA/cm^2"
until = "1 h"
"""

Told = Callable[..., list[str]]


@pytest.fixture
def told(write: Callable[..., Path]) -> Told:
    """The warnings about a text with settings over it."""
    return lambda *sets, text=CELL: list(unread_keys(load_case(write(text), sets)))


CONTACT = "contacts.anode-electrolyte.resistance=10 ohm*cm^2"


@pytest.mark.parametrize(
    ("given", "key", "instead"),
    [
        ("materials.gpe.ionic_conductivity=0.01 S/m", "", "the salt of layer 'electrolyte' conducts 1.127 S/m"),
        ("materials.gpe.molar_volume=1e-5", "", "that of the metal in layer 'anode' counts, 2.375e-05 m^3/mol"),
        ("materials.na.ionic_conductivity=1", "", "no ions move in the metal"),
        ("materials.na.diffusivity=1e-9", "", "no ions move in the metal"),
        ("materials.na.concentration=1", "", "c0 is that of the last layer, 'electrolyte', 1000 mol/m^3"),
        ("materials.gpe.youngs_modulus=1 GPa", "", "nothing in this case of two_potential reads it"),
        ("materials.gpe.sodium_capacity=1", "", "takes up no metal without layer.electrolyte.uptake"),
        ("materials.na.activation_energy=1 eV", "", "nothing that layer 'anode' needs depends on temperature"),
        ("materials.gpe.reference_temperature=300", "", "without an activation_energy the values hold at any"),
        ("interface.energy=0.3", "", "a front in one dimension is flat"),
        ("interface.anisotropy.mode=6", "", "one orientation"),
        ("kinetics.nucleation_overpotential=0.1 V", "", "no layer conducts electrons"),
        (CONTACT, "kinetics.exchange_current_density", "contacts.anode-electrolyte, 0.001 ohm*m^2, takes its place"),
        ("geometry.width=3 um", "", "geometry.dim is 1"),
        ("random_seed=4", "", "nothing in this case is random"),
        ("materials.gpe.electronic_conductivity=1e-12 S/m", " is taken", "as 1e-09 S/m, as an insulator"),
        ("materials.na.electronic_conductivity=1e6 S/m", " is taken", "as 1.127e+04 S/m, 10000 times that of the best"),
    ],
)
def test_a_value_that_nothing_reads_is_named(given: str, key: str, instead: str, told: Told) -> None:
    (line,) = told(given)
    assert line.startswith(key if key[:1].strip() else given.partition("=")[0])
    assert instead in line
    assert told() == []


SINGLE = ("model=single_potential", "interface={width='1 um', barrier_ratio=0.05, energy=0.3}")
VOLTAGE = "protocol=[{mode='voltage', value=0.1, until='1 h'}]"


@pytest.mark.parametrize(
    ("given", "instead"),
    [
        ("materials.gpe.anion_diffusivity=1e-11", "only the limiting current that check shows follows from it"),
        ("materials.gpe.electronic_conductivity=1", "single_potential has one potential"),
        ("materials.na.ionic_conductivity=1", "no ions move in the metal"),
    ],
)
def test_what_a_single_potential_does_not_read(given: str, instead: str, told: Told) -> None:
    energy, line = told(*SINGLE, VOLTAGE, given)
    assert "interface.energy is given and not used: interface.barrier_ratio fixes" in energy
    assert line.startswith(f"{given.partition('=')[0]} is given and not used")
    assert instead in line


def test_an_energy_beside_a_barrier_ratio_enters_no_equation() -> None:
    low, high = (phase_field_constants(load_case("planar", [f"interface.energy={energy}"])) for energy in (0.1, 0.4))
    for of in (lambda c: c.mobility * c.double_well, lambda c: c.mobility * c.gradient_coefficient):
        assert of(low) == pytest.approx(of(high), rel=1e-14)


@pytest.mark.parametrize(
    "sets",
    [
        ("geometry.dim=2", "geometry.width=10 um", "interface.energy=0.3"),
        ("geometry.dim=2", "surface={kind='random', amplitude='1 um', correlation_length='9 um'}", "random_seed=3"),
        ("materials.gpe.ionic_conductivity=1.127 S/m",),  # that of the library's diffusivities
        ("materials.gpe.diffusivity=5e-11", "materials.gpe.anion_diffusivity=1e-10"),
        ("materials.gpe.activation_energy=0.3 eV", "materials.gpe.reference_temperature=300"),
        (CONTACT, "counter={kind='metal', thickness='20 um'}"),
        ("kinetics.transfer_coefficient=0.4", "kinetics.standard_potential=0.1 V"),
        ("transport.kind=single_ion", "materials.gpe.ionic_conductivity=1"),
        ("temperature=310", "surface.position=19 um", "numerics.tolerance=1e-4", "output.interval=60"),
        ("materials.gpe.electronic_conductivity=1e-8 S/m",),
        ("noise.amplitude=0", "interface.curvature=physical", "interface.anisotropy.strength=0"),  # what holds anyway
    ],
)
def test_what_is_used_needs_no_word(sets: tuple[str, ...], told: Told) -> None:
    assert told(*sets) == []


def test_a_grain_boundary_that_the_grains_outdo(told: Told) -> None:
    layer = "layer.electrolyte.material=x"
    own = "materials.x={ionic_conductivity=1, electronic_conductivity=1e-5, concentration=1e4}"
    grains = "layer.electrolyte.grains={size='30 um', boundary_electronic_conductivity=1e-6}"
    (line,) = told(layer, own, grains, "transport.kind=single_ion")
    assert line.endswith("boundary_electronic_conductivity is given and not used: the grains conduct better, 1e-05 S/m")


def test_a_material_that_a_setting_takes_out_of_the_stack(told: Told) -> None:
    text = CELL + "[materials.gpe]\ndiffusivity = 5e-11\n"
    (line,) = told("layer.electrolyte.material=nzsp", "transport.kind=single_ion", text=text)
    assert line == "materials.gpe.diffusivity is given and not used: no layer is of 'gpe'; the layers are of na, nzsp"


def test_a_shipped_overlay_that_lies_over_the_users_file(told: Told) -> None:
    text = "extends = 'nzsp'\ngeometry.dim = 3\nlayer.ceramic.thickness = '50 um'\n"
    (line,) = told(text=text)
    assert line.startswith("layer.ceramic.thickness is given and not used: dim3.layer.ceramic.thickness of the shipped")
    assert told("layer.ceramic.thickness=50 um", text=text) == []
    assert told(text=text + "dim3.layer.ceramic.thickness = '60 um'\n") == []


@pytest.mark.parametrize("name", [info.name for info in shipped_cases()])
def test_a_shipped_case_and_its_copy_are_told_nothing(name: str, write: Callable[..., Path]) -> None:
    case = load_case(name)
    assert list(unread_keys(case)) == []
    copy = read_case_text(case.to_toml(), "copy")
    assert copy == case
    assert not copy.given.paths
    extended = load_case(write(f"extends = '{name}'\ntitle = 'mine'\n"))
    assert list(unread_keys(extended)) == []


def readers() -> list[Case]:
    """Cases that between them read every key."""
    mobile = [
        "interface={width='0.25 um', mobility=1e-9, anisotropy={strength=0.1}}",
        "geometry.dim=2",
        "random_seed=1",
    ]
    noisy = [*mobile, "noise.amplitude=0.1", "surface.kind=flat"]
    names = ("planar", "p-na", "mci-top", "nzsp-uptake", "nzsp-grains", "edp-1")
    pressed = load_case("planar", ["mechanics.model=elastic"])
    return [load_case("planar", noisy), *map(load_case, names), load_case("nzsp", ["geometry.dim=3"]), pressed]


def test_every_key_is_read_by_some_case() -> None:
    """A key that is added and that no reader declares would be called unused in every case."""
    cases = readers()
    read = {key for case in cases for key in (*BY_EVERY_RUN, *keys_read(case), "geometry.width", "geometry.depth")}
    read.add("random_seed")
    for path in leaves(tree()):
        if path[0] != "materials":
            parents = {".".join(path[:length]) for length in range(1, len(path) + 1)}
            assert parents & read, path
    used = {key for case in cases for name in case.layer_names for key in properties_used(case, name)}
    apart = {"activation_energy", "reference_temperature"}
    apart |= {"density", "molar_mass", "valence", "melting_point"}  # of the metal, by the case itself
    assert used | apart == {path[2] for path in leaves(tree()) if path[:2] == ("materials", ANY)}
    assert used | apart == set(PROPERTIES)
