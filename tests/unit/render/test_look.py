"""Format, dots per inch and page of pictures; the picture of current against voltage."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from matplotlib.image import imread

from femna.case import ProtocolStep
from femna.errors import BadInput
from femna.render import theme
from femna.render.current_voltage import current_voltage
from femna.render.look import Look

BEGINNINGS = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}


@pytest.mark.parametrize("name", BEGINNINGS)
def test_formats(tmp_path: Path, name: str) -> None:
    with theme.style(Look(name)):
        path = theme.save(theme.figure(1.0, 1.0), tmp_path / "fields-2.5s.png")
    assert path.name == f"fields-2.5s.{name}"
    assert path.read_bytes().startswith(BEGINNINGS[name])


@pytest.mark.parametrize(("page", "shade"), [("light", 1.0), ("dark", 0.1)])
def test_dots_and_page(tmp_path: Path, page: str, shade: float) -> None:
    with theme.style(Look(dpi=80, theme=page)):
        assert theme.dots_per_inch() == 80
        with theme.style():  # what draws within keeps what was chosen
            path = theme.save(theme.figure(3.0, 2.0), tmp_path / "empty.png")
    picture = imread(io.BytesIO(path.read_bytes()), "png")
    assert picture.shape[:2] == (160, 240)
    assert picture[..., :3].mean() == pytest.approx(shade, abs=0.02)
    assert theme.dots_per_inch() == 200


def test_what_is_no_look() -> None:
    assert Look.of("pdf", "300", "dark") == Look("pdf", 300, "dark")
    for words, told in (
        (("jpg",), "--format: is 'jpg'; allowed: 'png', 'pdf' or 'svg'; closest: png"),
        (("png", "9"), "--dpi: is '9'; allowed: a whole number from 30 to 1200"),
        (("png", "many"), "--dpi: is 'many'; allowed"),
        (("png", None, "drak"), "--theme: is 'drak'; allowed: 'light' or 'dark'; closest: dark"),
    ):
        with pytest.raises(BadInput) as error:
            Look.of(*words)
        assert str(error.value).startswith(told)


def cycled(*currents: float) -> Any:
    """A run of steps of 10 s with these currents, and 2 mV for each A/m2."""
    rows = np.repeat(currents, 2)
    time = np.arange(len(rows) + 1.0) * 5.0
    current = np.r_[rows[:1], rows]
    zeros = np.zeros(len(time))
    steps = tuple(ProtocolStep(mode="current", value=value, until="10 s") for value in currents)
    history = {
        "Time [s]": time,
        "Time step [s]": np.r_[0.0, np.diff(time)],
        "Current density [A.m-2]": current,
        "Counter current [A.m-2]": current,
        "Cell voltage [V]": 2e-3 * current,
        "Charge density [C.m-2]": np.r_[0.0, np.cumsum(5.0 * rows)],
        "Maximum height [m]": zeros,
        "Deposit thickness [m]": zeros,
    }
    return SimpleNamespace(history=history, case=SimpleNamespace(name="cell", steps=lambda: steps))


def test_current_against_voltage() -> None:
    """5, 10 and -10 A/m2 end at 10, 20 and -20 mV; a rest is no point."""
    with theme.style():
        fig = current_voltage(cycled(5.0, 10.0, 0.0, -10.0))
    assert fig is not None
    ends = [line.get_data() for line in fig.axes[0].lines if line.get_marker() == "o"]
    found = [(float(np.ravel(x)[0]), float(np.ravel(y)[0])) for x, y in ends]
    assert found == [pytest.approx(end) for end in ((0.01, 0.5), (0.02, 1.0), (-0.02, -1.0))]
    assert [text.get_text() for text in fig.axes[0].texts] == ["1", "2", "4"]


@pytest.mark.parametrize("currents", [(5.0,), (5.0, 0.0), (5.0, -5.0, 5.0)])
def test_one_current_is_no_curve(currents: tuple[float, ...]) -> None:
    with theme.style():
        assert current_voltage(cycled(*currents)) is None
