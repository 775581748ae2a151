"""What a reader has to tell apart: times, plating and stripping, panels, and what is the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.patches import Patch, Rectangle

from femna.analysis.cycles import direction_at
from femna.analysis.snapshot import section, snapshot
from femna.render import comparison, curves, cycle_picture, fronts, panels, profiles, scales, theme, zooms
from femna.render.domains import Domains
from femna.render.moments import moments

pytestmark = pytest.mark.serial

TIMES = np.array([0.0, 2.0, 5.0, 8.0, 10.0])


def contrast(colour: Any) -> float:
    """Contrast to white, 1 to 21 (W3C, Web Content Accessibility Guidelines 2.1)."""
    parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 1.05 / (float(np.dot(parts, [0.2126, 0.7152, 0.0722])) + 0.05)


def cell(fake: type, folder: Path, **more: Any) -> Any:
    how = {"model": "two_potential", "cells": 24, "times": TIMES, "conductivity": 1e-3, "signs": (1, -1)}
    return fake(folder, **how | more)


def bold(fig: Any) -> list[str]:
    found = [axes._left_title for axes in fig.axes]
    return [title.get_text() for title in found if title.get_text() and title.get_fontweight() == "bold"]


def test_the_last_front_is_the_darkest(fake: type, tmp_path: Path) -> None:
    run = fake(tmp_path, cells=24, times=TIMES)
    fig = fronts.fronts([snapshot(run, t) for t in TIMES], run, "heading")
    strength = [contrast(c.get_edgecolor()[0]) for c in fig.axes[0].collections]
    assert len(strength) == len(TIMES)
    assert strength == sorted(strength)
    assert strength[0] > 2.5
    assert strength[-1] > 10.0


def test_of_fronts_only_their_surroundings_are_shown(fake: type, tmp_path: Path) -> None:
    run = fake(tmp_path, cells=24, times=TIMES, growth=0.02, layers={"anode": 9.0, "electrolyte": 12.0})
    low, high = fronts.fronts([snapshot(run, t) for t in TIMES], run, "").axes[0].get_ylim()
    assert 7.0 < low < 9.0
    assert 9.5 < high < 12.0


def test_directions_of_times(fake: type, tmp_path: Path) -> None:
    history = cell(fake, tmp_path, signs=(1, 0, -1, 0)).history
    found = [direction_at(history, t) for t in (0.0, 1.0, 2.5, 4.0, 6.0, 7.5, 9.0)]
    assert found == ["plating", "plating", "plating", "rest", "stripping", "stripping", "rest"]
    assert direction_at(cell(fake, tmp_path, signs=(-1, 1)).history, 0.0) == "stripping"
    trace = history["Charge density [C.m-2]"].copy()
    trace[1:] += trace[0] - 1e-6  # a first step that strips next to nothing
    current = np.concatenate([[0.0, -1e-2], history["Current density [A.m-2]"][2:]])
    begun = history | {"Charge density [C.m-2]": trace, "Current density [A.m-2]": current}
    begun["Charge density [C.m-2]"][1] = -1e-6
    assert direction_at(begun, 0.0) == "plating"


def test_plating_and_stripping_have_hues_and_words(fake: type, tmp_path: Path) -> None:
    run = cell(fake, tmp_path)
    found = moments(list(TIMES), run.history)
    assert [m.text for m in found] == [
        "0 s, plating",
        "2 s, plating",
        "5 s, plating",
        "8 s, stripping",
        "10 s, stripping",
    ]
    blue = [m.colour[2] > m.colour[0] for m in found]
    assert blue == [True, True, True, False, False]
    strength = [contrast(m.colour) for m in found]
    assert strength[0] < strength[1] < strength[2]
    assert strength[3] < strength[4]
    fig = fronts.fronts([snapshot(run, t) for t in TIMES], run, "heading")
    lines = [c.get_linestyle()[0][1] is not None for c in fig.axes[0].collections]
    assert lines == [False, False, False, True, True]  # dashed, as a plating may have been at the same place
    assert [text.get_text() for text in fig.legends[0].get_texts()] == [m.text for m in found]
    only = moments([0.0, 2.0], fake(tmp_path).history)
    assert [m.text for m in only] == ["0 s", "2 s"]


def test_stripping_is_shaded_in_the_history(fake: type, tmp_path: Path) -> None:
    fig = curves.history(cell(fake, tmp_path, signs=(1, -1, 0, -1)).history, "heading")
    for axes in fig.axes:
        spans = [(p.get_x(), p.get_width()) for p in axes.patches if isinstance(p, Rectangle)]
        assert spans == [pytest.approx((2.5, 7.5))]  # a rest within does not end it
    legend = fig.axes[0].get_legend()
    assert legend is not None
    assert "stripping" in [text.get_text() for text in legend.get_texts()]


def test_what_is_held_is_said_and_not_drawn(fake: type, tmp_path: Path) -> None:
    by_voltage = curves.history(fake(tmp_path, cells=24).history | {"Current density [A.m-2]": np.arange(41.0)}, "")
    assert [axes.get_ylabel().split(" (")[0] for axes in by_voltage.axes] == [
        "Height of the front", "Roughness Sq", "Current density",
    ]  # fmt: skip
    assert by_voltage.get_supxlabel() == "The cell voltage is 0.5 V throughout."
    by_current = curves.history(cell(fake, tmp_path, signs=(1, 1)).history, "")
    assert "The current density is 1 mA cm⁻² throughout." in by_current.get_supxlabel()
    assert "The cell voltage is 40 mV throughout." in by_current.get_supxlabel()
    both = curves.history(cell(fake, tmp_path, signs=(1, -1)).history, "")
    assert both.get_supxlabel() == ""
    assert len(both.axes) == 4


def test_a_share_that_stays_is_said(fake: type, tmp_path: Path) -> None:
    run = cell(fake, tmp_path)
    kept = {"Top fraction [-]": np.linspace(0.951, 0.957, 41)}
    same = type("Same", (fake,), {"history": run.history | kept})(tmp_path, model="two_potential", signs=(1, -1))
    fig = cycle_picture.cycle_picture(same)
    assert not any("Share" in axes.get_ylabel() for axes in fig.axes)
    assert "The share plated above the interphase is 0.951 to 0.954 throughout." in fig.get_supxlabel()


def test_fields_that_are_the_same_everywhere_are_said(fake: type, tmp_path: Path) -> None:
    run = cell(fake, tmp_path)
    snap = section(run, 0.0)
    snap.values["phi_s"][:] = 4e-6 * np.sin(np.arange(len(snap.points)))  # V
    snap.values["c"][:] = 1000.0 + 3.0 * np.sin(np.arange(len(snap.points)))
    fig = panels.plane(snap, run.case, "heading")
    labels = [child.get_xlabel() for axes in fig.axes for child in axes.child_axes]
    assert [label.split()[0] for label in labels] == ["Order", "Ionic", "Field"]
    words = fig.get_supxlabel().replace("\n", " ")
    assert words.startswith("Not drawn, as nearly the same everywhere: Na$^+$ concentration $c$: 0.997 to 1.003 mol/L;")
    assert words.endswith("Electronic potential $\\phi_s$: 0 mV.")
    assert scales.is_even([snap], "xi", Domains()) is False


def test_curves_that_are_the_same_everywhere_are_said(fake: type, tmp_path: Path) -> None:
    run = fake(tmp_path, dim=1, times=TIMES)
    snaps = [snapshot(run, t) for t in TIMES]
    for snap in snaps:
        snap.values["c"][:] = 1000.0
    fig = profiles.profiles(snaps, run, "heading")
    assert "concentration" not in " ".join(axes.get_ylabel() for axes in fig.axes)
    assert fig.get_supxlabel().endswith("Na$^+$ concentration $c$: 1 mol/L.")


def test_metal_is_grey_in_one_dimension_too(fake: type, tmp_path: Path) -> None:
    """No concentration within it, and a shade where it is at the last time."""
    run = fake(tmp_path, dim=1, times=TIMES)
    snap = snapshot(run)
    fig = profiles.profiles([snapshot(run, t) for t in TIMES], run, "heading")
    front = snap.tip()[0] * 1e6  # type: ignore[index]
    for axes in fig.axes:
        shades = [p for p in axes.patches if isinstance(p, Rectangle)]
        assert [(p.get_x(), p.get_x() + p.get_width()) for p in shades] == [pytest.approx((0.0, front))]
        assert to_rgb(shades[0].get_facecolor()[:3]) == pytest.approx(to_rgb(theme.METAL))
    concentration = next(axes for axes in fig.axes if "concentration" in axes.get_ylabel())
    last = [line for line in concentration.lines if len(line.get_xdata()) > 2][-1]
    height, values = np.asarray(last.get_xdata()), np.asarray(last.get_ydata())
    assert height[np.isfinite(values)].min() == pytest.approx(front)  # it begins at the front
    entries = fig.legends[0].get_patches()
    assert any(isinstance(entry, Patch) for entry in entries)
    assert "metal at 10 s" in [text.get_text() for text in fig.legends[0].get_texts()]


def test_metal_above_a_layer_is_shaded_on_its_own(fake: type, tmp_path: Path) -> None:
    snap = snapshot(fake(tmp_path, dim=1))
    height = snap.points[:, 0] * 1e6
    snap.values["xi"][:] = np.interp(height, [2.0, 2.5, 5.0, 5.5, 8.0, 8.5], [1.0, 0.0, 0.0, 1.0, 1.0, 0.0])
    axes = theme.figure(3.0, 2.0).subplots()
    profiles.shade_metal(axes, snap, "10 s")
    spans = [(p.get_x(), p.get_x() + p.get_width()) for p in axes.patches if isinstance(p, Rectangle)]
    assert spans == [pytest.approx((0.0, 2.25), abs=0.05), pytest.approx((5.25, 8.25), abs=0.05)]


def test_panels_have_letters(fake: type, tmp_path: Path) -> None:
    run, plain = cell(fake, tmp_path), fake(tmp_path, dim=1, times=TIMES)
    assert bold(panels.plane(section(run), run.case, "")) == list("abcde")
    assert bold(curves.history(run.history, "")) == list("abcd")
    assert bold(cycle_picture.cycle_picture(run)) == list("abc")
    assert bold(profiles.profiles([snapshot(plain, t) for t in TIMES], plain, "")) == list("abcd")
    assert bold(comparison.growth([run, run], ["one", "another"])) == list("abcd")
    zoom = zooms.tips([run, run], ["one", "another"], [section(run)] * 2)
    assert zoom is not None
    assert bold(zoom) == list("abcd")
    assert bold(curves.history(plain.history, "")) == []  # of a single panel


def test_letters_and_legends_do_not_meet(fake: type, tmp_path: Path) -> None:
    with theme.style():
        fig = curves.history(cell(fake, tmp_path).history, "heading")
        fig.canvas.draw()
        axes = fig.axes[0]
        legend = axes.get_legend()
        assert legend is not None
        letter = axes._left_title.get_window_extent()
        assert letter.x1 < legend.get_window_extent().x0


def test_no_picture_is_wider_than_two_columns(fake: type, tmp_path: Path) -> None:
    """170 mm, so that its letters of 7 points stay 7 points."""
    run, plain = cell(fake, tmp_path), fake(tmp_path, cells=24, times=TIMES)
    zoom = zooms.interphase([plain, plain], ["one", "another"], 10.0)
    assert zoom is not None
    assert zoom.get_size_inches()[0] <= 170 / 25.4 + 1e-9
    for some in (run, plain):
        snaps = [snapshot(some, t) for t in TIMES]
        figs = [panels.plane(snaps[-1], some.case, ""), fronts.fronts(snaps, some, "")]
        figs.append(curves.history(some.history, ""))
        assert all(fig.get_size_inches()[0] <= 170 / 25.4 + 1e-9 for fig in figs)


def test_numbers_have_units_that_fit_them(fake: type, tmp_path: Path) -> None:
    assert theme.voltage_axis(np.array([0.0, -0.02])) == (1e3, "mV")
    assert theme.voltage_axis(np.array([0.5, np.nan])) == (1.0, "V")
    assert theme.capacity_axis(np.array([0.0, 0.004])) == (1e3, "µAh cm⁻²")
    run = fake(tmp_path, dim=1, times=TIMES)
    snaps = [snapshot(run, t) for t in TIMES]
    for snap in snaps:
        snap.values["phi"][:] *= 1e-3
    fig = profiles.profiles(snaps, run, "")
    axes = next(axes for axes in fig.axes if "phi$ (mV)" in axes.get_ylabel())
    assert axes.get_ylim()[1] > 0.3


def test_small_ranges_in_words() -> None:
    assert theme.shown_range(0.99812, 1.00307, 0.01, "mol/L") == "0.998 to 1.003 mol/L"
    assert theme.shown_range(-4e-9, 3e-9, 0.02, "mV") == "0 mV"
