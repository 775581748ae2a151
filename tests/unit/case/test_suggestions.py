"""What errors suggest: the key that a symbol means, words in small or large letters, and what is wrong with a line."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from femna.case.keys import ANY, SYMBOLS, closest_key, dotted, leaves, tree
from femna.errors import BadInput
from femna.quantities import closest
from femna.validation.load import load_case


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("kinetics.i0=1", "kinetics.exchange_current_density"),
        ("kinetics.j0=1", "kinetics.exchange_current_density"),
        ("i0=1", "kinetics.exchange_current_density"),
        ("kinetics.alpha=0.5", "kinetics.transfer_coefficient"),
        ("interface.gamma=0.2", "interface.energy"),
        ("materials.gpe.sigma=1", "materials.gpe.ionic_conductivity"),
        ("materials.gpe.t_plus=0.3", "materials.gpe.transference_number"),
        ("materials.gpe.D=1e-10", "materials.gpe.diffusivity"),
        ("materials.gpe.c0=1", "materials.gpe.concentration"),
        ("contacts.anode-electrolyte.ASR=1", "contacts.anode-electrolyte.resistance"),
        ("T=300", "temperature"),
        ("numerics.dt=1", "numerics.dt_max"),
        ("seed=1", "random_seed"),
        ("Geometry.dim=2", "geometry"),
        ("kinetics.Transfer_Coefficient=0.5", "kinetics.transfer_coefficient"),
    ],
)
def test_a_symbol_is_a_key(given: str, meant: str, refused: Callable[..., str]) -> None:
    assert refused(given).endswith(f"closest: {meant}")


def test_every_symbol_means_a_key_that_there_is() -> None:
    known = {dotted(path) for path in leaves(tree())}
    assert set(SYMBOLS.values()) <= known
    assert all(ANY not in closest_key((symbol,), ()) for symbol in SYMBOLS)


def test_letters_large_or_small() -> None:
    with pytest.raises(BadInput, match=r"'DEMO' is not a shipped case; .*; closest: demo$"):
        load_case("DEMO")
    with pytest.raises(BadInput, match=r"transport.kind is 'BINARY'; .*closest: 'binary'"):
        load_case("mci-top", ["transport.kind=BINARY"])
    assert closest("b", ["B", "b"]) == "B"
    assert closest("x", []) is None


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("temperature = 25,5", "line 1: is not valid TOML: .*; a decimal comma, write 25.5$"),
        ("title = 'x'\ntemperature = 25 degC  # warm", 'line 2: .*; a value with a unit has quotes, "25 degC"$'),
        ("temperature = ", "line 1: is not valid TOML: [^;]*(; the file ends there)?$"),
    ],
)
def test_a_line_that_is_no_toml(line: str, hint: str, refused: Callable[..., str]) -> None:
    import re

    assert re.search(hint, refused(text=line + "\n"))


def test_a_decimal_comma_and_a_long_duration_in_a_case(refused: Callable[..., str], loaded: Callable) -> None:
    given = "protocol=[{mode='voltage', value='0,3 V', until='1 h'}]"
    assert "value is '0,3 V' (a decimal comma; write '0.3 V'); allowed:" in refused(given)
    assert "exchange_current_density is '0,5 mA/cm2' (a decimal comma; write '0.5 mA/cm2')" in refused(
        "kinetics.exchange_current_density=0,5 mA/cm2"
    )
    case = loaded("protocol=[{mode='voltage', value='0.3 V', until='1 h 30 min'}]", "temperature=25 C")
    assert case.steps()[0].until.value == 5400.0
    assert case.temperature == 298.15
