"""--set and keyword settings."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from femna.case.settings import Settings, from_mapping, from_texts, parse_path, parse_value
from femna.errors import BadInput


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
