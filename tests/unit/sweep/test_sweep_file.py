"""SWEEP.toml: which points it names, and what it says of a file that is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from femna.errors import BadInput
from femna.sweep.points import make_points, name_of
from femna.sweep.sampling import latin_hypercube, read_range
from femna.sweep.sweep_file import SweepFile, read_sweep


def sweep(folder: Path, text: str, base: str = "planar") -> SweepFile:
    path = folder / "sweep.toml"
    path.write_text(f'base = "{base}"\n{text}', encoding="utf-8")
    return read_sweep(path)


def test_a_grid_is_every_combination_and_a_zip_goes_side_by_side(tmp_path: Path) -> None:
    text = """
[set]
"numerics.max_steps" = 3
[grid]
"temperature" = ["0 degC", "25 degC", "50 degC"]
[zip]
kinetics.transfer_coefficient = [0.3, 0.5]
"layer.electrolyte.thickness" = ["20 um", "40 um"]
"""
    found = sweep(tmp_path, text)
    assert found.common == {"numerics.max_steps": 3}
    assert [tuple(point.values()) for point in found.variations] == [
        (t, *pair) for t in ("0 degC", "25 degC", "50 degC") for pair in ((0.3, "20 um"), (0.5, "40 um"))
    ]
    points = make_points(found)
    assert all(point.case is not None and point.case.numerics.max_steps == 3 for point in points)
    assert points[1].value("temperature") == (pytest.approx(273.15), "K")
    assert points[1].value("layer.electrolyte.thickness") == (pytest.approx(40e-6), "m")
    assert points[1].value("kinetics.transfer_coefficient") == (0.5, "")


def test_a_name_follows_from_keys_and_values_alone(tmp_path: Path) -> None:
    one = make_points(sweep(tmp_path, '[grid]\ntemperature = ["0 degC", "25 degC"]'))
    more = make_points(sweep(tmp_path, '[grid]\ntemperature = ["50 degC", "25 degC"]'), ["numerics.max_steps=3"])
    assert one[1].id == more[1].id == name_of({"temperature": "25 degC"})
    assert len({point.id for point in (*one, *more)}) == 3
    assert name_of({"temperature": "25 degC"}) == "89d9695c41b9"  # kept for ever: run folders are called so
    assert name_of({"a": 1, "b": 2}) == name_of({"b": 2, "a": 1})


def test_a_step_of_the_protocol_by_its_number(tmp_path: Path) -> None:
    found = sweep(tmp_path, '[grid]\nprotocol.2.value = ["-0.2 mA/cm^2", "-1 mA/cm^2"]', "mci-top")
    points = make_points(found)
    assert [point.value("protocol.2.value") for point in points] == [(-2.0, "A/m^2"), (-10.0, "A/m^2")]
    assert [[step.value for step in point.case.steps()] for point in points if point.case] == [
        [5.0, -2.0],
        [5.0, -10.0],
    ]


def test_a_point_that_is_bad_input_has_its_message(tmp_path: Path) -> None:
    points = make_points(sweep(tmp_path, '[grid]\ntemperature = ["25 degC", "25 kg"]'))
    assert points[0].case is not None
    assert points[1].case is None
    assert "temperature is '25 kg'" in points[1].problem
    assert points[1].value("temperature") == ("25 kg", "")
    with pytest.raises(BadInput, match=r"none of the 2 points can be run; the first: .* closest: temperature"):
        make_points(sweep(tmp_path, '[grid]\ntemperatur = ["25 degC", "26 degC"]'))


def test_files_are_relative_to_the_sweep(tmp_path: Path) -> None:
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "mine.toml").write_text('extends = "p-na"', encoding="utf-8")
    text = '[set]\nsurface = {kind = "heightmap"}\n[grid]\nsurface.file = ["a.txt", "b.txt"]'
    found = sweep(tmp_path, text, "cases/mine.toml")
    assert found.base == str(tmp_path / "cases" / "mine.toml")
    assert [point["surface.file"] for point in found.variations] == [str(tmp_path / n) for n in ("a.txt", "b.txt")]


def test_a_latin_hypercube_has_one_point_in_every_slice(tmp_path: Path) -> None:
    text = """
[sample]
n = 16
seed = 5
"temperature" = ["0 degC", "40 degC"]
"interface.barrier_ratio" = {low = 0.01, high = 1.0, scale = "log"}
"numerics.max_steps" = [1, 4]
"""
    found = sweep(tmp_path, text)
    values = [list(point.values()) for point in found.variations]
    kelvin = np.array([float(str(row[0]).removesuffix(" degC")) for row in values]) / 40
    ratio = np.log10([row[1] for row in values]) / 2 + 1
    for shares in (kelvin, ratio):
        assert sorted(np.floor(16 * shares).astype(int)) == list(range(16))
    assert sorted(row[2] for row in values) == [1] * 4 + [2] * 4 + [3] * 4 + [4] * 4
    assert sweep(tmp_path, text).variations == found.variations
    assert sweep(tmp_path, text.replace("seed = 5", "seed = 6")).variations != found.variations


def test_ends_of_a_range_may_have_other_units() -> None:
    span = read_range("k", ["500 nm", "2 um"], "here")
    assert (span.low, span.high, span.unit) == (0.5, 2.0, "um") or span.at(0.0) == "5e-07 um"
    assert len(latin_hypercube({"k": span}, 3, 0)) == 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "nothing varies; allowed: a table [grid], [zip] or [sample]"),
        (
            '[gird]\n"temperature" = ["1 K"]',
            "gird is not a known key; allowed: base, set, grid, zip, sample; closest: grid",
        ),
        ('[grid]\ntemperature = "25 degC"', "grid: temperature is '25 degC'; allowed: a list of values"),
        ("[grid]\ntemperature = []", "grid: temperature is a list; allowed: a list of values"),
        ("[grid]\ntemperature = [300, 300]", "grid: temperature has 300 twice"),
        ("[grid]\ntemperature = [300]\n[set]\ntemperature = 300", "temperature stands in two tables"),
        ("[zip]\na = [1, 2]\nb = [1]", "zip: lists of different length (a has 2, b has 1)"),
        ("[zip]\na = [1, 1]", "zip: the same values stand twice"),
        ("[sample]\ntemperature = [300, 310]", "sample: n is missing"),
        ("[sample]\nn = 0\ntemperature = [300, 310]", "sample: n is 0; allowed: a whole number from 1"),
        ("[sample]\nn = 2.5\ntemperature = [300, 310]", "sample: n is 2.5; allowed: a whole number"),
        ('[sample]\nn = 2\nmethod = "sobol"\ntemperature = [300, 310]', "sample: method is 'sobol'; allowed: 'lhs'"),
        ("[sample]\nn = 2", "sample: no key varies"),
        ("[sample]\nn = 2\ntemperature = [300]", "sample: temperature is [300]; allowed:"),
        ("[sample]\nn = 2\ntemperature = [310, 300]", "310 to 300; allowed: a lower end below the upper one"),
        ('[sample]\nn = 2\nx = ["1 um", "2 s"]', "'um' does not convert to s"),
        ('[sample]\nn = 2\nx = {low = -1, high = 2, scale = "log"}', "a logarithmic range begins at -1"),
        ('[sample]\nn = 2\nx = {low = 1, high = 2, scale = "lin"}', "scale is 'lin'; allowed: 'linear' or 'log'"),
        (f"[grid]\na = {list(range(400))}\nb = {list(range(400))}", "160000 points; allowed: at most 100000"),
        ("grid = 3", "grid is 3; allowed: a table [grid]"),
    ],
)
def test_a_wrong_file_gets_one_line(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=re.escape(told)) as error:
        sweep(tmp_path, text)
    assert str(error.value).startswith(str(tmp_path / "sweep.toml"))
    assert "\n" not in str(error.value)


def test_a_wrong_base_gets_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"base: 'plnar' is not a shipped case; .* closest: planar"):
        sweep(tmp_path, "[grid]\ntemperature = [300]", "plnar")
    path = tmp_path / "sweep.toml"
    path.write_text("[grid]\ntemperature = [300]", encoding="utf-8")
    with pytest.raises(BadInput, match="base is missing"):
        read_sweep(path)
    with pytest.raises(BadInput, match="cannot be read"):
        read_sweep(tmp_path / "none.toml")
