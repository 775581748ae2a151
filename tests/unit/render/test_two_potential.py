"""Pictures of runs with two potentials, and of cells that are cycled."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.image import imread

from femna.analysis.snapshot import section, snapshot
from femna.geometry.phases import conducting_layers
from femna.render import curves, cycle_picture, draw_run, panels, profiles, scales, theme
from femna.render.domains import Domains

pytestmark = pytest.mark.serial

TIMES = np.array([0.0, 5.0, 10.0])


def two(fake: type, folder: Path, **more: Any) -> Any:
    return fake(folder, **{"model": "two_potential", "cells": 24, "times": TIMES, "conductivity": 1e-3} | more)


def colour_at(fig: Figure, axes: Axes, x: float, z: float) -> tuple[float, ...]:
    """The colour that a drawn figure has at a point of its axes, in their units."""
    fig.canvas.draw()
    pixels = np.asarray(fig.canvas.buffer_rgba())  # type: ignore[attr-defined]
    column, row = axes.transData.transform((x, z))
    return tuple(pixels[len(pixels) - int(row) - 1, int(column), :3] / 255)


def texts(fig: Figure) -> list[str]:
    found = [axes.get_xlabel() for axes in fig.axes] + [axes.get_ylabel() for axes in fig.axes]
    found += [child.get_text() for axes in fig.axes for child in axes.texts]
    return [text for text in found if text]


@pytest.mark.parametrize("signs", [(), (1, 0, -1), (1, -1, 1, -1)])
def test_pictures_of_a_cell(fake: type, tmp_path: Path, signs: tuple[int, ...]) -> None:
    paths = draw_run(two(fake, tmp_path, signs=signs), tmp_path)
    expected = ["fields.png", "fronts.png", "history.png", *["cycles.png"] * bool(signs)]
    assert [p.name for p in paths] == expected
    assert all(imread(p)[..., :3].std() > 0.03 for p in paths)


def test_one_dimension_shows_both_potentials_together(fake: type, tmp_path: Path) -> None:
    run = two(fake, tmp_path, dim=1)
    fig = profiles.profiles([snapshot(run, t) for t in TIMES], run, "heading")
    assert len(fig.axes) == 4
    lines = [line for line in fig.axes[2].lines if len(line.get_xdata()) > 2]
    assert len(lines) == 2 * len(TIMES)
    legend = fig.axes[2].get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [r"ionic $\phi_l$", r"electronic $\phi_s$"]


def test_profiles_leave_out_what_means_nothing(fake: type, tmp_path: Path) -> None:
    snap = snapshot(two(fake, tmp_path, dim=1), 0.0)
    front = snap.tip()[0] * 1e6  # type: ignore[index]

    def reach(key: str, domains: Domains) -> tuple[float, float]:
        height, values = profiles.line(snap, key, domains)
        known = height[np.isfinite(values)]
        return float(known.min()), float(known.max())

    step = 12.0 / 24
    assert reach("phi_l", Domains()) == pytest.approx((front, 16.5), abs=step)
    assert reach("field", Domains()) == pytest.approx((front, 16.5), abs=step)
    assert reach("phi_s", Domains()) == pytest.approx((0.0, front), abs=step)
    assert reach("phi_s", Domains(conducting=(0, 1))) == pytest.approx((0.0, 4.5), abs=1e-9)
    assert reach("c", Domains()) == pytest.approx((front, 16.5), abs=step)
    assert reach("c", Domains(saltless=(0, 1))) == pytest.approx((4.5, 16.5), abs=1e-9)
    assert reach("xi", Domains()) == pytest.approx((0.0, 16.5))


def test_maps_show_each_potential_where_it_means_something(fake: type, tmp_path: Path) -> None:
    run = two(fake, tmp_path)
    with theme.style():
        fig = panels.plane(section(run, 0.0), run.case, "heading")
        xi, c, ionic, electronic, field = fig.axes[:5]
        fig.canvas.draw()
        metal, interphase, electrolyte = ((10.0, z) for z in (1.0, 4.0, 10.0))
        grey = pytest.approx(to_rgb(theme.METAL), abs=0.02)
        for axes in (c, ionic, field):
            assert colour_at(fig, axes, *metal) == grey
        assert colour_at(fig, electronic, *metal) != grey
        assert min(colour_at(fig, electronic, *electrolyte)) > 0.7  # white and its hatching
        assert min(colour_at(fig, electronic, *interphase)) < 0.7
    labels = texts(fig)
    assert sum("Height" in label for label in labels) == 2
    assert sum(label in run.case.layer_names for label in labels) == 3  # named once
    assert len(fig.axes[:5]) == 5
    assert xi.get_ylabel()


def test_scale_of_the_electronic_potential(fake: type, tmp_path: Path) -> None:
    run = two(fake, tmp_path)
    snap, layers = snapshot(run, 0.0), conducting_layers(run.case)
    assert layers == (0, 1)
    wide = scales.common_scale([snap], "phi_s", Domains(conducting=layers))
    narrow = scales.common_scale([snap], "phi_s")
    assert wide.vmax == pytest.approx(1e3 * 0.01 * 4.5 / 16.5)
    assert narrow.vmax is not None
    assert 0 < narrow.vmax < wide.vmax
    snap.values["phi_s"][:] = 1e-9 * snap.values["phi_s"]
    flat, ionic = scales.common_scale([snap], "phi_s"), scales.common_scale([snap], "phi_l")
    assert flat.vmax - flat.vmin == pytest.approx(0.01 * (ionic.vmax - ionic.vmin))


def test_numbers_of_a_narrow_scale_keep_clear(fake: type) -> None:
    with theme.style():
        fig = theme.figure(3.0, 2.0)
        axes = fig.subplots()
        fig.canvas.draw()
        norm = panels.Normalize(-0.00035, 0.00035)
        panels.scale_bar(axes, "label", norm, panels.colormaps["magma"])
        fig.canvas.draw()
        bar = axes.child_axes[0]
        shown = [t for t in bar.get_xticklabels() if -0.00035 <= t.get_position()[0] <= 0.00035]
        boxes = sorted((t.get_window_extent().x0, t.get_window_extent().x1) for t in shown)
    assert len(boxes) >= 1
    assert all(left[1] < right[0] for left, right in pairwise(boxes))


@pytest.mark.parametrize(
    ("signs", "efficiency"), [((1,), False), ((1, 0, -1), False), ((1, -1, 1), False), ((1, -1, 1, -1), True)]
)
def test_panels_of_the_cycles(fake: type, tmp_path: Path, signs: tuple[int, ...], efficiency: bool) -> None:
    run = two(fake, tmp_path, signs=signs)
    fig = cycle_picture.cycle_picture(run)
    labels = texts(fig)
    assert ("The Coulombic efficiency is 100 % in every cycle." in fig.get_supxlabel()) is efficiency
    assert "Share plated above\nthe interphase" in labels
    by_capacity = fig.axes[1]
    assert len([line for line in by_capacity.lines if len(line.get_xdata()) > 2]) == sum(s != 0 for s in signs)
    legend = fig.axes[0].get_legend()
    assert legend is not None
    named = [text.get_text().split()[0] for text in legend.get_texts()]
    assert named == ["plating", "stripping"][: 1 + (-1 in signs)]


def test_no_cycles_without_current(fake: type, tmp_path: Path) -> None:
    assert not cycle_picture.has_cycles(fake(tmp_path))
    assert not cycle_picture.has_cycles(two(fake, tmp_path, signs=(0, 0)))
    run = two(fake, tmp_path, signs=(0, 1))
    assert cycle_picture.has_cycles(run)
    first = {name: values[20:22] for name, values in run.history.items()}  # one time step is a point
    assert not cycle_picture.has_cycles(type("Short", (fake,), {"history": first})(tmp_path, signs=(1,)))


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        ({}, None),
        ({"short_circuit_time_s": 10.0}, "short circuit"),
        ({"counter_exhausted_time_s": 10.0}, "counter used up"),
    ],
)
def test_the_end_of_a_cell_is_marked(fake: type, tmp_path: Path, manifest: dict[str, float], words: str | None) -> None:
    run = two(fake, tmp_path, signs=(1, -1, 1), manifest=manifest)
    end = curves.cell_end(run.manifest)
    assert end == words
    assert texts(cycle_picture.cycle_picture(run)).count(words or "short circuit") == (2 if words else 0)
    assert texts(curves.history(run.history, "heading", end)).count(words or "short circuit") == (3 if words else 0)


def test_history_is_over_the_time_where_metal_is_stripped(fake: type, tmp_path: Path) -> None:
    plated = curves.history(two(fake, tmp_path, signs=(1, 0)).history, "heading")
    stripped = curves.history(two(fake, tmp_path, signs=(1, -1)).history, "heading")
    assert plated.axes[0].get_xlabel() == "Capacity (µAh cm⁻²)"  # 1.4 of them
    assert [axes.get_xlabel() for axes in stripped.axes] == ["Time (s)"] * 4


def test_of_a_tall_cell_the_part_about_the_metal_is_shown(fake: type, tmp_path: Path) -> None:
    """16.5 um of a cell 1.5 um wide: 6 um of it, the tip among them; of one 4 um wide all of it."""
    for width, shown in ((1.5, 6.0), (4.0, 16.5)):
        run = two(fake, tmp_path, width=width, cells=12)
        snap = snapshot(run, 10.0)
        axes = panels.plane(snap, run.case, "").axes[0]
        low, high = axes.get_ylim()
        tip = snap.tip()
        assert high - low == pytest.approx(shown)
        assert tip is not None
        assert low <= tip[1] * 1e6 <= high


def test_profiles_of_a_tall_cell_show_the_metal_beside_the_whole(fake: type, tmp_path: Path) -> None:
    tall = two(fake, tmp_path, dim=1, cells=12, layers={"anode": 3.0, "interphase": 1.5, "electrolyte": 90.0})
    fig = profiles.profiles([snapshot(tall, t) for t in TIMES], tall, "heading")
    left, right = fig.axes[:2]
    assert len(fig.axes) == 8
    assert left.get_xlim()[1] < 30.0
    assert right.get_xlim() == pytest.approx((0.0, 94.5))
    assert "interphase" in [text.get_text() for text in left.texts]
    assert "interphase" not in [text.get_text() for text in right.texts]
    low, high = left.get_xlim()
    for line in left.lines:
        height = np.asarray(line.get_xdata())
        if len(height) > 2:  # no line of a layer's face
            assert low <= height.min() < height.max() <= high


def test_a_curve_within_a_window() -> None:
    height, values = profiles.within(np.array([0.0, 2.0, 4.0]), np.array([0.0, 2.0, 8.0]), (1.0, 3.0))
    assert height.tolist() == [1.0, 2.0, 3.0]
    assert values.tolist() == [1.0, 2.0, 5.0]
    height, _ = profiles.within(np.array([0.0, 2.0]), np.array([0.0, 2.0]), (1.0, 9.0))
    assert height[-1] == 2.0  # no further than the curve


def test_no_share_above_an_interphase_that_is_not_there(fake: type, tmp_path: Path) -> None:
    run = two(fake, tmp_path, signs=(1, -1), layers={"anode": 3.0, "electrolyte": 13.5})
    assert not any("Share" in text for text in texts(cycle_picture.cycle_picture(run)))


def test_share_above_is_over_what_was_plated(fake: type, tmp_path: Path) -> None:
    """Two platings of 2.5 s at 1 mA/cm2, one after the other; what is stripped between them has no length."""
    fig = cycle_picture.cycle_picture(two(fake, tmp_path, signs=(1, -1, 1, -1)))
    axes = next(axes for axes in fig.axes if "Share" in axes.get_ylabel())
    ends = [float(np.asarray(line.get_xdata())[-1]) for line in axes.lines]
    assert ends == pytest.approx([2.5 / 3.6, 5.0 / 3.6])  # µAh/cm2
    assert axes.get_ylim() == pytest.approx((-0.03, 1.03))
