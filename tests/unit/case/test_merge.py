"""How tables are laid over each other."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from femna.case.keys import KeyProblem
from femna.case.merge import merged, placed

KEYS = st.sampled_from(["a", "b", "c"])
TREES = st.recursive(
    st.integers() | st.lists(st.integers(), max_size=2),
    lambda below: st.dictionaries(KEYS, below, max_size=3),
    max_leaves=8,
)
TABLES = st.dictionaries(KEYS, TREES, max_size=3)


@given(TABLES, TABLES)
def test_merging_changes_neither_side(base: dict, update: dict) -> None:
    before = copy.deepcopy((base, update))
    merged(base, update)
    assert (base, update) == before


@given(TABLES, TABLES)
def test_the_update_wins_and_says_it_only_once(base: dict, update: dict) -> None:
    once = merged(base, update)
    assert merged(once, update) == once
    assert merged({}, base) == base == merged(base, {})


@given(TABLES, TABLES, TABLES)
def test_the_order_of_grouping_does_not_matter_unless_a_value_cuts_a_table(a: dict, b: dict, c: dict) -> None:
    left, right = merged(merged(a, b), c), merged(a, merged(b, c))
    assert set(left) == set(right)
    for key in c:
        if not isinstance(c[key], dict):
            assert left[key] == right[key] == c[key]


def test_tables_merge_and_lists_and_values_replace() -> None:
    base = {"t": {"x": 1, "y": [1, 2]}, "v": 1}
    assert merged(base, {"t": {"y": [3]}, "v": {"z": 1}}) == {"t": {"x": 1, "y": [3]}, "v": {"z": 1}}


def test_a_value_with_its_source_is_replaced_as_a_whole() -> None:
    old = {"d": {"value": 1, "source": "a book", "provenance": "measured"}}
    assert merged(old, {"d": {"value": 2}}) == {"d": {"value": 2}}
    assert merged(old, {"d": {"source": "a better book"}})["d"]["value"] == 1


def test_layers_stay_in_order_and_new_ones_go_above_the_named() -> None:
    old = {"a": {"thickness": 1}, "b": {"thickness": 2}}
    new = {"c": {"above": "a"}, "d": {"above": "c"}, "b": {"thickness": 3}}
    assert list(placed(old, new)) == ["a", "c", "d", "b"]
    assert placed(old, new)["b"] == {"thickness": 3}
    assert "above" not in placed(old, new)["c"]


@pytest.mark.parametrize(
    ("new", "why"),
    [
        ({"bb": {}}, "layer.bb is no layer of this case; allowed: 'a' or 'b'.*closest: b"),
        ({"c": {"above": "x"}}, "layer.c.above is 'x'; allowed: 'a' or 'b'"),
        ({"b": {"above": "a"}}, "layer.b.above .* only for a new layer"),
        ({"c": {"above": ["a"]}}, "layer.c.above is a list"),
    ],
)
def test_layers_that_cannot_be_placed(new: dict, why: str) -> None:
    with pytest.raises(KeyProblem, match=why):
        placed({"a": {}, "b": {}}, new)
