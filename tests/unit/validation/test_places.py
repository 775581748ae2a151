"""Case files that lead to other places of the file system."""

from __future__ import annotations

from pathlib import Path

import pytest

from femna.derived.parameters import derive
from femna.errors import BadInput
from femna.validation.load import load_case
from femna.validation.warnings import case_warnings


@pytest.mark.parametrize("name", ["../../thesis", "/tmp/x", "a/../../b", "..", ".", ""])
def test_a_name_leads_nowhere(name: str, tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_text(f'extends = "planar"\nname = "{name}"', encoding="utf-8")
    with pytest.raises(BadInput, match=r"name is '.*'; allowed: the name of a folder in runs/"):
        load_case(path)


def outside(path: Path, *sets: str) -> list[str]:
    case = load_case(path, sets)
    return [text for text in case_warnings(case, derive(case)) if "outside the folder" in text]


def test_files_outside_the_folder_of_the_case_are_named(tmp_path: Path) -> None:
    home, other = tmp_path / "study", tmp_path / "elsewhere"
    home.mkdir()
    other.mkdir()
    heights = "\n".join(" ".join("1e-7" for _ in range(8)) for _ in range(8))
    for folder in (home, other):
        (folder / "map.txt").write_text(heights, encoding="utf-8")
        (folder / "base.toml").write_text('extends = "demo"', encoding="utf-8")
    case = home / "case.toml"
    surface = "[surface]\nkind = 'heightmap'\nfile = '{}'\n[geometry]\ndim = 3\nwidth = '3 um'\ndepth = '3 um'"
    case.write_text(f"extends = 'base.toml'\n{surface.format('map.txt')}", encoding="utf-8")
    assert outside(case) == []
    case.write_text(f"extends = '../elsewhere/base.toml'\n{surface.format(other / 'map.txt')}", encoding="utf-8")
    assert outside(case) == [
        f"a file outside the folder of the case file is read, extends: {home}/../elsewhere/base.toml",
        f"a file outside the folder of the case file is read, surface.file: {other / 'map.txt'}",
    ]
    link = home / "link.txt"
    link.symlink_to(other / "map.txt")
    case.write_text(f"extends = 'demo'\n{surface.format('link.txt')}", encoding="utf-8")
    assert len(outside(case)) == 1
    # what the user names on the command line is no word of the file
    case.write_text(f"extends = 'demo'\n{surface.format('map.txt')}", encoding="utf-8")
    assert outside(case, f"surface.file='{other / 'map.txt'}'") == []
