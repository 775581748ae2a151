"""--set and keyword settings."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from femna.case.settings import Settings, from_mapping, from_texts, parse_path, parse_value
from femna.errors import BadInput
from femna.validation.load import load_case


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("1e-3", 1e-3),
        ("true", True),
        ("flat", "flat"),
        ("0.3 A/m^2", "0.3 A/m^2"),
        ('"40 um"', "40 um"),
        ("25 degC", "25 degC"),
        ("[1, 2]", [1, 2]),
        ('[{mode="rest", until="1 h"}]', [{"mode": "rest", "until": "1 h"}]),
        ("{ value = 1 }", {"value": 1}),
        ("runs/a b.npy", "runs/a b.npy"),
        ("1\nx = 2", "1\nx = 2"),
    ],
)
def test_values_are_toml_or_bare_words(text: str, value: Any) -> None:
    assert parse_value(text, "--set") == value


@pytest.mark.parametrize("text", ["[1,", "{a=", '"open', ""])
def test_broken_values_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match="the value is"):
        parse_value(text, "--set x")


def test_paths_take_tomls_quotes() -> None:
    assert parse_path("geometry.dim", "") == ("geometry", "dim")
    assert parse_path('materials."a.b".diffusivity', "") == ("materials", "a.b", "diffusivity")


@pytest.mark.parametrize("key", ["", ".", "a b", "a.", "a=b", "[a]"])
def test_broken_paths_are_refused(key: str) -> None:
    with pytest.raises(BadInput, match="is not a dotted name"):
        parse_path(key, "--set")


@given(st.text(max_size=12))
def test_any_text_is_taken_or_refused(text: str) -> None:
    settings = Settings("case")
    try:
        from_texts([text], settings)
    except BadInput:
        return
    assert len(settings.data) == 1


def test_later_settings_win_and_tables_merge() -> None:
    settings = Settings("case")
    from_texts(["a.b=1", "a={c=2}", "a.b=3", "d=1", "d.e=2"], settings)
    assert settings.data == {"a": {"b": 3, "c": 2}, "d": {"e": 2}}
    assert settings.origins[("a", "b")] == "case, --set a.b=3"


def test_keywords_take_double_underscores_and_nested_tables() -> None:
    settings = Settings("case")
    from_mapping({"geometry__dim": 3, "interface": {"width": "1 um"}, "layer.x.thickness": 1e-6}, settings)
    assert settings.data == {
        "geometry": {"dim": 3},
        "interface": {"width": "1 um"},
        "layer": {"x": {"thickness": 1e-6}},
    }


def test_only_some_tables_may_be_set() -> None:
    with pytest.raises(BadInput, match=r"geometry.dim cannot be changed now; allowed: protocol, numerics, output"):
        from_texts(["geometry.dim=3"], Settings("case"), ["protocol", "numerics", "output"])


REPEAT = 'protocol=[{repeat=2, steps=[{mode="current",value="1 A/m^2",until="1 min"},{mode="rest",until="1 s"}]}]'


def test_a_step_of_the_protocol_is_set_by_its_number() -> None:
    before = load_case("mci-top").steps()
    steps = load_case("mci-top", ['protocol.2.value="-1 mA/cm^2"', "protocol.2.until=3 min"]).steps()
    assert steps[0] == before[0]
    assert (steps[1].mode, steps[1].value, steps[1].until.value) == ("current", -10.0, 180.0)
    other = load_case("mci-top", ["protocol.2.until=3 min", 'protocol.2.value="-1 mA/cm^2"']).steps()
    assert other == steps
    inner = load_case("mci-top", [REPEAT, "protocol.1.steps.2.until=5 s", "protocol.1.repeat=3"]).steps()
    assert [step.until.value for step in inner] == [60.0, 5.0] * 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("protocol.3.value=1", "protocol has no step 3; allowed: 1 to 2"),
        ("protocol.0.value=1", "protocol has no step 0; allowed: 1 to 2"),
        ("protocol.2=1", "protocol.2 is 1; allowed: a table such as { value = '0.5 mA/cm^2' }"),
        ("protocol.2.value=2 V", "protocol step 2: value is '2 V' ('V' does not convert to A/m^2)"),
        ("protocol.2.valu=2 V", "protocol step 2: valu is not a known key"),
        ("protocol.1.steps.1.value=2", "protocol.1.steps has no steps that could be changed by number"),
        ("protocol.first.value=2", "protocol is a table; allowed: a list of steps"),
    ],
)
def test_a_wrong_step_number_gets_one_line(text: str, told: str) -> None:
    with pytest.raises(BadInput, match=re.escape(told)) as error:
        load_case("mci-top", [text])
    assert f"--set {text}" in str(error.value)
