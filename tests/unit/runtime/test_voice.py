"""What a run says, at each level."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import femna
from femna.cli import main
from femna.errors import BadInput
from femna.runtime.voice import LEVELS, Voice

pytestmark = pytest.mark.serial

WORDS = ["run", "planar", "--set", "numerics.max_steps=2", "--set", "materials.gpe.diffusivity=2e-10"]

OWN = """
model = "two_potential"
[geometry]
dim = 1
[layer.na]
material = "na"
thickness = "20 um"
[layer.gpe]
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


def test_levels(capsys: pytest.CaptureFixture[str]) -> None:
    for heard, level in enumerate(LEVELS):
        for said in LEVELS[:3]:
            Voice(level).say(said, said)
        assert capsys.readouterr().out.split() == list(LEVELS[heard:3])
    Voice("debug", is_heard=False).say("warning", "not here")
    assert capsys.readouterr().out == ""
    with pytest.raises(BadInput, match="the log level is 'loud'; allowed: debug, info, warning, error"):
        Voice("loud")


def test_what_a_run_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = {}
    for level in LEVELS:
        folder = str(tmp_path / level)
        assert main([*WORDS, "-o", folder, "--log-level", level]) == 0
        said[level] = capsys.readouterr().out
    assert said["error"] == ""
    assert all(line.startswith("warning: ") for line in said["warning"].splitlines())
    assert said["warning"]
    assert "max_steps = 2 reached" in said["info"]
    assert "case planar: " in said["debug"]
    assert said["debug"].count("warning: assumed") == 1
    log = (tmp_path / "error" / "log.txt").read_text()
    assert "warning: assumed" in log
    assert main(["resume", str(tmp_path / "error"), "--quiet", "--set", "numerics.max_steps=3"]) == 0
    assert capsys.readouterr().out == ""


def test_a_constant_current_that_ends_by_a_charge_has_a_duration(tmp_path: Path) -> None:
    """0.5 mA/cm^2 for 0.25 mAh/cm^2 are half an hour, and twenty outputs are asked for by default."""
    step = '{mode="current", value="0.5 mA/cm^2", until="0.25 mAh/cm^2"}'
    two = f'protocol=[{step}, {{mode="rest", until="30 min"}}]'
    case = femna.load_case("nzsp", [two])
    assert math.fsum(step.duration for step in case.steps()) == pytest.approx(3600.0, rel=1e-12)
    path = tmp_path / "own.toml"
    path.write_text(OWN)
    assert femna.load_case(path, [two]).output.interval == pytest.approx(180.0, rel=1e-12)
    unknown = femna.load_case("nzsp", ['protocol=[{mode="voltage", value="0.1 V", until="0.25 mAh/cm^2"}]'])
    assert unknown.steps()[0].duration == math.inf


def test_python_chooses_the_level_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = femna.load_case("planar", ["numerics.max_steps=2"])
    femna.run(case, tmp_path, log_level="error")
    femna.resume(tmp_path, ["numerics.max_steps=4"], log_level="error")
    assert capsys.readouterr().out == ""
    femna.resume(tmp_path, ["numerics.max_steps=6"], log_level="info")
    assert "max_steps = 6 reached" in capsys.readouterr().out
    with pytest.raises(BadInput, match="the log level is 'loud'"):
        femna.run(case, tmp_path / "never", log_level="loud")
    assert not (tmp_path / "never").exists()
