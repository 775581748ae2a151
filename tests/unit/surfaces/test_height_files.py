"""Height maps in every format: the heights, their places and their unit, and what is refused or said."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from femna.case import Case
from femna.derived.parameters import derive
from femna.errors import BadInput
from femna.geometry.initial_surface import front_range, surface_height
from femna.surfaces import Box, UnusableSurface
from femna.surfaces.heightmap import Heightmap
from femna.validation.warnings import case_warnings

UM = 1e-6
LEVEL = 4.0 * UM
MAP = np.round(400.0 * np.outer(np.cos([0.0, 0.5, 1.5, 2.0, 3.0]), [1.0, 0.2, -0.4, 0.9])) + 500.0
"""Heights in nm, 5 lines of 4 pixels, which are 1 um wide: no two the same under a flip or a transposition."""
SIDES = (4.0 * UM, 5.0 * UM)
CENTRES = np.array([[x + 0.5, y + 0.5] for y in range(5) for x in range(4)]) * UM

Surface = Callable[..., Heightmap]


@pytest.fixture
def surface(tmp_path: Path) -> Surface:
    """A height map with the content of its file: surface(name, bytes or text or None where it exists, **keys)."""

    def make(name: str, content: str | bytes | None = None, **keys: Any) -> Heightmap:
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return Heightmap.model_construct(file=str(path), **keys)

    return make


def findings(kind: Heightmap, *sizes: float) -> str:
    """What `check` finds, as one line each."""
    return "\n".join(f"{key} {text}; allowed: {allowed}" for key, text, allowed in kind.check(sizes))


def heights(kind: Heightmap, lateral: np.ndarray, sizes: tuple[float, ...] = SIDES) -> np.ndarray:
    """Heights above the front, m."""
    assert findings(kind, *sizes) == ""
    return kind.heights(lateral, Box(sizes, LEVEL, 0)) - LEVEL


def profile(kind: Heightmap, count: int) -> np.ndarray:
    """The heights of a profile of `count` that is stretched over the box."""
    return heights(kind, np.linspace(0.0, 10.0 * UM, count)[:, None], (10.0 * UM,))


# round trips


def write(path: Path, numbers: np.ndarray) -> None:
    match path.name.partition("-")[0]:
        case "array":
            np.save(path, numbers)
        case "short":
            np.save(path, numbers.astype(np.int16))
        case "commas":
            np.savetxt(path, numbers, delimiter=",", header="heights")
        case "decimal":
            path.write_text("\n".join(";".join(f"{z:.3f}".replace(".", ",") for z in line) for line in numbers))
        case "tabs":
            path.write_text("\n".join("\t".join(f"{z:.3f}".replace(".", ",") for z in line) for line in numbers))
        case "excel":
            path.write_text("\n".join(";".join(f"{z:g}" for z in line) for line in numbers), encoding="utf-8-sig")
        case "unicode":
            path.write_text("\n".join("\t".join(f"{z:g}" for z in line) for line in numbers), encoding="utf-16")
        case "byte":
            Image.fromarray((numbers / 10.0).astype(np.uint8)).save(path)
        case "word":
            Image.fromarray(numbers.astype(np.uint16)).save(path)
        case "float":
            Image.fromarray(numbers.astype(np.float32)).save(path)


@pytest.mark.parametrize("rows", ["y", "x"])
@pytest.mark.parametrize(
    ("name", "unit", "error"),
    [
        *((name, 1e-9, 1e-13) for name in ("array-.npy", "short-.npy", "commas-.csv", "decimal-.csv", "tabs-.txt")),
        *((name, 1e-9, 1e-13) for name in ("excel-.csv", "unicode-.txt", "word-.png", "word-.tif", "float-.tiff")),
        *((name, 1e-8, 1e-8) for name in ("byte-.png", "byte-.tif")),
    ],
)
def test_a_map_comes_back_from_every_format(surface: Surface, tmp_path: Path, name, unit, error, rows) -> None:
    write(tmp_path / name, MAP if rows == "y" else MAP.T)
    kind = surface(name, pixel_size=1.0 * UM, height_unit=unit, rows=rows)
    assert heights(kind, CENTRES) == pytest.approx(MAP.ravel() * 1e-9, abs=error)


@pytest.mark.slow  # needs the extra `heights`, which the environment of the tests does not have
@pytest.mark.parametrize("ending", ["gwy", "x3p"])
def test_a_map_comes_back_from_instruments_about_its_mean(surface: Surface, tmp_path: Path, ending: str) -> None:
    from SurfaceTopography import Topography

    topography = Topography(MAP.T, (4000.0, 5000.0), unit="nm")
    getattr(topography, f"to_{ending}")(str(tmp_path / f"map.{ending}"))
    kind = surface(f"map.{ending}")
    assert heights(kind, CENTRES) == pytest.approx((MAP - MAP.mean()).ravel() * 1e-9, abs=1e-13)
    (said,) = kind.warnings(SIDES)
    assert "the heights are taken about their mean" in said
    doubled = surface(f"map.{ending}", height_unit=UM)
    assert "height_unit is 1e-06 m, and the file says 1 m" in findings(doubled, *SIDES)


def test_listed_places_in_any_order_come_back(surface: Surface) -> None:
    lines = [f"{x} {y} {MAP[y, x] / 1000.0}" for x in range(4) for y in range(5)]
    text = "\n".join(np.random.default_rng(0).permutation(lines))
    kind = surface("xyz.txt", text, height_unit=UM)
    sides = (3.0 * UM, 4.0 * UM)
    assert heights(kind, CENTRES - 0.5 * UM, sides) == pytest.approx(MAP.ravel() * 1e-9, abs=1e-15)
    assert "pixel_size (coordinates in the unit of the heights: 1e-06 m x 1e-06 m apart)" in "".join(
        kind.warnings(sides)
    )
    nearer = surface("xyz.txt", text, height_unit=UM, pixel_size=0.5 * UM)
    assert heights(nearer, CENTRES / 2.0 - 0.25 * UM, (1.5 * UM, 2.0 * UM)) == pytest.approx(MAP.ravel() * 1e-9)


def test_a_profile_of_places_comes_back(surface: Surface) -> None:
    kind = surface("xz.txt", "\ufeff# x z\n0.3 5\n0.2 1\n0.1 7 % the first\n0.0 2\n", height_unit=UM)
    z = heights(kind, np.array([[0.0], [0.1], [0.2], [0.3], [0.25]]) * UM, (0.3 * UM,))
    assert z == pytest.approx(np.array([2.0, 7.0, 1.0, 5.0, 3.0]) * UM)


def test_sizes_and_unit_of_a_text_of_gwyddion_are_used(surface: Surface) -> None:
    lines = "\n".join("\t".join(f"{z:g}" for z in line) for line in MAP)
    head = "# Channel: Height\n# Width: 4,000 µm\n# Height: 5.000 µm\n# Value units: nm\n"
    for encoding in ("utf-8", "latin-1"):
        kind = surface("gwyddion.txt", (head + lines).encode(encoding))
        assert heights(kind, CENTRES) == pytest.approx(MAP.ravel() * 1e-9, rel=1e-12)
        assert list(kind.warnings(SIDES)) == []
    for keys, why in (
        ({"pixel_size": 2.0 * UM}, "pixel_size is 2e-06 m, and neighbours in the file are 1e-06 m x 1e-06 m apart"),
        ({"height_unit": UM}, "height_unit is 1e-06 m, and the file says 1e-09 m"),
    ):
        assert why in findings(surface("gwyddion.txt", **keys), *SIDES)
    volts = surface("gwyddion.txt", head.replace("nm", "V") + lines)
    assert "holds values in V, no heights" in findings(volts, *SIDES)


# places


def test_the_surface_is_mirrored_at_the_walls_and_bilinear_within(surface: Surface, tmp_path: Path) -> None:
    np.save(tmp_path / "map.npy", MAP)
    kind = surface("map.npy", pixel_size=1.0 * UM, height_unit=1e-9)
    z = heights(kind, np.array([[0.0, 0.0], [0.5, 0.0], [1.0, 1.0], [4.0, 5.0]]) * UM) * 1e9
    assert z == pytest.approx([MAP[0, 0], MAP[0, 0], MAP[:2, :2].mean(), MAP[-1, -1]])


def test_a_box_larger_than_the_map_is_refused_and_a_smaller_one_said(surface: Surface, tmp_path: Path) -> None:
    np.save(tmp_path / "map.npy", MAP)
    kind = surface("map.npy", pixel_size=1.0 * UM, height_unit=1e-9)
    why = (
        "holds a map of 4e-06 m x 5e-06 m (1e-06 m x 1e-06 m a pixel), and geometry.depth is 6e-06 m;"
        " allowed: geometry.depth up to 5e-06 m, or a larger surface.pixel_size"
    )
    assert why in findings(kind, 4.0 * UM, 6.0 * UM)
    with pytest.raises(UnusableSurface, match=r"geometry\.width up to 4e-06 m"):
        kind.heights(CENTRES, Box((9.0 * UM, 5.0 * UM), LEVEL, 0))
    assert list(kind.warnings(SIDES)) == []
    (said,) = kind.warnings((2.0 * UM, 5.0 * UM))
    assert "of the map of 4e-06 m x 5e-06 m the box has the first 2e-06 m x 5e-06 m" in said
    assert heights(kind, CENTRES[:2], (2.0 * UM, 5.0 * UM)) == pytest.approx(MAP[0, :2] * 1e-9)


def test_what_nobody_says_is_assumed_aloud(surface: Surface) -> None:
    bare = surface("map.csv", "0, 1e-7, 3e-7\n2e-7, 0, 1e-7\n")
    (said,) = bare.warnings(SIDES)
    assert "height_unit (metres: heights from 0 to 3e-07 m)" in said
    assert "pixel_size (the map of 3 x 2 heights is stretched over the box, 2e-06 m x 5e-06 m apart)" in said
    assert 'rows ("y": the lines of the file lie along x; femna 0.1.0 laid them along y, which is "x")' in said
    corners = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 5.0]]) * UM
    assert heights(bare, corners) == pytest.approx([0.0, 3e-7, 2e-7])
    assert heights(surface("map.csv", rows="x"), corners) == pytest.approx([0.0, 2e-7, 3e-7])
    assert list(surface("map.csv", pixel_size=2.0 * UM, height_unit=1.0).warnings((6.0 * UM, 4.0 * UM))) == []


# text


@pytest.mark.parametrize(
    ("text", "numbers", "said"),
    [
        ("0,1E-06\t0,2E-06\t0,3E-06", [1e-7, 2e-7, 3e-7], "'0,1E-06' in line 1 is 1e-07"),
        ("# a\n0,1 0,2 3\n", [0.1, 0.2, 3.0], "'0,1' in line 2 is 0.1"),
        ("1;2,5;3", [1.0, 2.5, 3.0], "'2,5' in line 1 is 2.5"),
        ("0,1\n1\n2,5\n", [0.1, 1.0, 2.5], "'0,1' in line 1 is 0.1"),
        ("1e-7,2e-7,4e-7", [1e-7, 2e-7, 4e-7], ""),
        ("1,2,3\n", [1.0, 2.0, 3.0], ""),
        ("1.5, 2, 3", [1.5, 2.0, 3.0], ""),
        ("1.5,\t2,\t3", [1.5, 2.0, 3.0], ""),
        ("1\n2\n\n3\n", [1.0, 2.0, 3.0], ""),
        ("1e-7   2e-7 3e-7 # the last", [1e-7, 2e-7, 3e-7], ""),
    ],
)
def test_separators_and_decimal_commas_are_told_apart(surface: Surface, text, numbers, said) -> None:
    kind = surface("map.txt", text)
    assert profile(kind, len(numbers)) == pytest.approx(np.array(numbers))
    lines = [line for line in kind.warnings((10.0 * UM,)) if "decimal commas" in line]
    assert len(lines) == bool(said)
    assert said in "".join(lines)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1e-7,2e-7,,4e-7,5e-7", "map.csv': line 1, field 3 is missing"),
        ("1e-7,2e-7,", "line 1, field 3 is missing"),
        ("# a\n1;2;3\n4;;6\n", "line 3, field 2 is missing"),
        ("1\t2\n\t4\n", "line 2, field 1 is missing"),
        ("1,2,3\n4,x,6", "line 2, field 2 is 'x', no finite number"),
        ("1 2 3\n4 nan 6", "line 2, field 2 is 'nan', no finite number"),
        ("x,z\n1,2.5", "line 1, field 1 is 'x', no finite number"),
        ("1.5;2,5", "line 1, field 1 is '1.5', and the file has decimal commas"),
        ("1 2 3\n4 5\n", "has 2 numbers in line 2 and 3 in line 1"),
        ("0,1\n0,2\n", "is ambiguous: line 1 is '0,1': one number with a decimal comma, or two numbers"),
        ("# nothing\n", "holds no numbers"),
        ("0 1\n1 2\n2 3\n4 4\n", "its 4 places x are not evenly spaced"),
        ("0 1\n2 2\n1 3\n", "its 3 places x are not evenly spaced"),
        ("1 2 3\n4 5 6\n", "holds 2 x 3 heights, and geometry.dim is 2; allowed: a profile"),
    ],
)
def test_a_text_that_is_no_profile_is_refused_with_the_place(surface: Surface, text: str, why: str) -> None:
    line = findings(surface("map.csv", text), 10.0 * UM)
    assert why in line
    assert line.startswith("file is '")
    assert "; allowed: " in line


def test_places_that_are_no_regular_grid_are_refused(surface: Surface) -> None:
    places = [f"{x} {y} 1" for x in range(4) for y in range(4)]
    holed = surface("xyz.txt", "\n".join(places[:6] + places[7:]))
    assert "15 lines with 4 different x and 4 different y; that is not one height at each of 4 x 4" in findings(
        holed, *SIDES
    )
    twice = surface("xyz.txt", "\n".join([*places[:-1], places[0]]))
    assert "is not one height at each of 4 x 4 places" in findings(twice, *SIDES)
    uneven = surface("xyz.txt", "\n".join(f"{x**2} {y} 1" for x in range(4) for y in range(4)))
    assert "they are not evenly spaced" in findings(uneven, *SIDES)
    oblong = surface("xyz.txt", "\n".join(f"{x} {2 * y} 1" for x in range(4) for y in range(4)), pixel_size=UM)
    assert "pixel_size is 1e-06 m, and neighbours in the file are 1 x 2 apart" in findings(oblong, *SIDES)
    turned = surface("xyz.txt", "\n".join(places), rows="x", height_unit=UM)
    assert "rows is 'x', and" in findings(turned, 3.0 * UM, 3.0 * UM)


def test_a_narrow_map_is_no_list_of_places(surface: Surface) -> None:
    kind = surface("map.txt", "1 5 2\n4 0 1\n7 7 3\n2 1 1\n", pixel_size=UM)
    assert heights(kind, CENTRES[4:7], (3.0 * UM, 4.0 * UM)) == pytest.approx([4.0, 0.0, 1.0])


# other files that cannot be used


def test_files_that_hold_no_heights_are_refused(surface: Surface, tmp_path: Path) -> None:
    Image.new("RGB", (4, 5)).save(tmp_path / "colour.png")
    Image.new("L", (4, 5)).save(tmp_path / "grey.png")
    Image.new("L", (4, 5)).save(tmp_path / "pages.tif", save_all=True, append_images=[Image.new("L", (4, 5))])
    Image.new("L", (4, 5)).save(tmp_path / "signed.tif", tiffinfo={339: 2})
    Image.new("L", (4, 5)).save(tmp_path / "inverted.tif", tiffinfo={262: 0})
    Image.fromarray(np.full((5, 4), np.nan, dtype=np.float32)).save(tmp_path / "nan.tif")
    np.save(tmp_path / "complex.npy", np.ones((4, 5), dtype=complex))
    np.save(tmp_path / "cube.npy", np.ones((4, 5, 6)))
    np.save(tmp_path / "hole.npy", np.where(MAP[1, 2] == MAP, np.nan, MAP))
    np.save(tmp_path / "line.npy", np.ones(5))
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)).save(tmp_path / "noise.png")
    (tmp_path / "broken.png").write_bytes((tmp_path / "noise.png").read_bytes()[:2000])
    (tmp_path / "words.npy").write_text("1 2 3")
    for name, why in (
        ("none.csv", "which does not exist"),
        ("colour.png", "is an image of mode RGB, no grey levels"),
        ("grey.png", "height_unit is missing, and numbers of 'grey.png' have no unit of their own"),
        ("pages.tif", "holds 2 images"),
        ("signed.tif", "is a TIFF of signed bytes"),
        ("inverted.tif", "is a TIFF in which white is 0"),
        ("nan.tif", "has no height in 20 of 20 pixels (the first: line 1, pixel 1)"),
        ("broken.png", "cannot be read as an image"),
        ("complex.npy", "holds complex128 (4, 5)"),
        ("cube.npy", "holds float64 (4, 5, 6)"),
        ("hole.npy", "has no height in 1 of 20 pixels (the first: line 2, pixel 3)"),
        ("line.npy", "holds 5 heights, and geometry.dim is 3; allowed: a map, two or more lines"),
        ("words.npy", "is no array of numbers"),
    ):
        assert why in findings(surface(name), *SIDES), name
    assert "loses heights (.jpg); allowed: .png or .tif" in findings(surface("photo.jpg", b"\xff\xd8"), *SIDES)


def test_a_missing_reader_says_what_to_install(surface: Surface, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "SurfaceTopography", None)
    line = findings(surface("map.gwy", b"GWYP\0\0"), *SIDES)
    assert "SurfaceTopography, which is not installed; allowed: text" in line
    assert "pip install 'femna[heights]'" in line


@pytest.mark.slow  # needs the extra `heights`
def test_files_of_instruments_without_heights_are_refused(surface: Surface) -> None:
    assert "is in no format that SurfaceTopography knows" in findings(surface("map.gwy", b"\0" * 600), *SIDES)


# in a case


def test_the_keys_are_read_and_the_resolved_copy_keeps_them(loaded, tmp_path: Path) -> None:
    np.save(tmp_path / "map.npy", np.zeros((5, 40)))
    keys = ("surface.kind=heightmap", f"surface.file={tmp_path / 'map.npy'}", "geometry.dim=3", "geometry.depth=2 um")
    case = loaded(*keys, "surface.height_unit=um", "surface.pixel_size=0.4 um", "surface.rows=y")
    assert (case.surface.height_unit, case.surface.pixel_size) == (1e-6, 0.4e-6)
    assert 'height_unit = "1e-06 m"' in case.to_toml()
    assert loaded(*keys, "surface.height_unit=0.1 nm").surface.height_unit == pytest.approx(1e-10)


@pytest.mark.parametrize("name", ["array-.npy", "commas-.csv", "decimal-.csv", "word-.png", "word-.tif", "float-.tif"])
def test_the_front_at_the_nodes_is_the_surface_that_was_measured(loaded, tmp_path: Path, name: str) -> None:
    sides, pixel, height = np.array([12.0, 8.0]), 0.25, 0.3

    def measured(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return height * (1.0 + np.cos(np.pi * x / sides[0]) * np.cos(2.0 * np.pi * y / sides[1]))

    y, x = np.meshgrid(*(pixel * (np.arange(round(size / pixel)) + 0.5) for size in sides[::-1]), indexing="ij")
    write(tmp_path / name, measured(x, y) * 1e4)
    case = loaded(
        "geometry.dim=3",
        "geometry.depth=8 um",
        f"surface={{kind='heightmap', file='{tmp_path / name}', pixel_size='{pixel} um', height_unit='0.1 nm'}}",
    )
    nodes = np.random.default_rng(1).uniform(size=(500, 2)) * sides
    nodes[:4] = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]) * sides
    curvature = height * ((np.pi / sides[0]) ** 2 + (2.0 * np.pi / sides[1]) ** 2)
    rounding = 1e-4
    error = np.abs((surface_height(case, nodes * UM) - case.surface.position) / UM - measured(*nodes.T))
    assert error.max() < curvature * pixel**2 / 8.0 + rounding


def test_check_and_run_say_what_is_assumed_about_a_map(loaded, german: Path) -> None:
    case = loaded("surface.kind=heightmap", f"surface.file={german}")
    said = "\n".join(case_warnings(case, derive(case)))
    assert "surface.file map.txt: commas are decimal commas: '0,1E-06' in line 1 is 1e-07" in said
    assert "surface.file map.txt: not given, taken by default: height_unit (metres" in said


def test_a_map_in_micrometres_without_its_unit_leaves_the_stack(loaded, tmp_path: Path) -> None:
    (tmp_path / "map.txt").write_text("0.1 0.2 0.3\n")
    case = loaded("surface.kind=heightmap", f"surface.file={tmp_path / 'map.txt'}")
    with pytest.raises(BadInput, match=r"outside the stack .* position, file, pixel_size, height_unit, rows$"):
        front_range(case)
    assert front_range(loaded(*map_of(case), "surface.height_unit=um")) == pytest.approx((3.1 * UM, 3.3 * UM))


def map_of(case: Case) -> tuple[str, str]:
    return "surface.kind=heightmap", f"surface.file={case.surface.file}"


@pytest.fixture
def german(tmp_path: Path) -> Path:
    """A profile with decimal commas, as a German Excel writes it."""
    path = tmp_path / "map.txt"
    path.write_text("0,1E-06\t0,2E-06\n")
    return path


@pytest.mark.parametrize("unit", ["mV", "-1 um", "0 um", "furlongs per", "true"])
def test_a_unit_that_is_no_length_is_refused(refused, unit: str) -> None:
    line = refused("surface.kind=heightmap", "surface.file=map.csv", f"surface.height_unit={unit}")
    assert "surface.height_unit is" in line
    assert "allowed: a unit of length, such as 'um', or the length for which 1 stands" in line
