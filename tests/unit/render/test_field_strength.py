"""The field strength on maps and curves: smooth, without what metal shorts; what has no salt is hatched."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.collections import TriMesh
from matplotlib.colors import LogNorm, to_rgb

from femna.analysis.recovery import recovered
from femna.analysis.snapshot import FIELD_STRENGTH, Snapshot, gradient, snapshot
from femna.render import comparison, panels, profiles, scales, theme
from femna.render.domains import Domains, distance

pytestmark = pytest.mark.serial


def square(cells: int) -> tuple[Any, Any]:
    """A unit square of equal triangles: points (N, 2), cells (M, 3)."""
    x, z = (a.ravel() for a in np.meshgrid(*[np.linspace(0, 1, cells + 1)] * 2, indexing="ij"))
    index = np.arange((cells + 1) ** 2).reshape(cells + 1, cells + 1)
    corners = index[:-1, :-1].ravel(), index[1:, :-1].ravel(), index[1:, 1:].ravel(), index[:-1, 1:].ravel()
    a, b, c, d = corners
    return np.stack([x, z], axis=1), np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])


def test_recovered_field_strength_converges_faster_than_that_of_the_cells() -> None:
    """phi = exp(z) sin(x): |grad phi| = exp(z). Error at inner nodes falls by 4 when cells are halved, not by 2."""
    errors = []
    for count in (8, 16, 32):
        points, cells = square(count)
        phi = np.exp(points[:, 1]) * np.sin(points[:, 0])
        field = np.linalg.norm(gradient(points, cells, phi), axis=1)
        snap = Snapshot(0.0, points, cells, np.zeros(len(cells), int), {"xi": np.zeros(len(points))}, field)
        nodal = recovered(snap, field, np.ones(len(cells), bool))
        inner = ((points[nodal.node] > 0.01) & (points[nodal.node] < 0.99)).all(axis=1)
        errors.append(np.abs(nodal.values - np.exp(points[nodal.node, 1]))[inner].max())
    assert np.log2(np.array(errors[:-1]) / errors[1:]) == pytest.approx([2.0, 2.0], abs=0.15)


def test_layers_and_what_does_not_count_are_kept_apart() -> None:
    points, cells = square(4)
    middle = points[cells][..., 1].mean(axis=1)
    layer = (middle > 0.5).astype(int)
    values = np.where(layer, 7.0, 1.0)
    snap = Snapshot(0.0, points, cells, layer, {"xi": np.zeros(len(points))})
    nodal = recovered(snap, values, np.ones(len(cells), bool))
    assert nodal.values == pytest.approx(np.where(nodal.layer, 7.0, 1.0))
    at_face = points[nodal.node][:, 1] == 0.5
    assert set(nodal.layer[at_face]) == {0, 1}
    counted = middle < 0.25
    carried = recovered(snap, np.where(counted, 1.0, 1e9), counted)
    assert carried.values[carried.layer == 0] == pytest.approx(1.0)  # carried on, and no other value comes in
    assert not carried.known[points[carried.node][:, 1] > 0.26].any()


def test_map_is_smooth_and_the_shorted_band_is_covered(fake: type, tmp_path: Path) -> None:
    """One value a node, not a cell; the band of metal ahead of the front ends where h sigma_metal = 0.1 sigma_layer."""
    run = fake(tmp_path, cells=36)
    snap, domains = snapshot(run, 0.0), Domains.of(run.case)
    # quintic h = 10 xi^3: xi = (0.1 sigma_layer/(10 sigma_metal))^(1/3), n/l = ln((1 - xi)/xi)/2
    for phase, sigma in ((0, 1e-3), (1, 1e-3), (2, 1.0)):
        xi = (0.1 * sigma / 2.1e8) ** (1 / 3)
        assert domains.reach[phase] == pytest.approx(0.5 * np.log((1 - xi) / xi), abs=0.05)
    with theme.style():
        axes = theme.figure(4.0, 4.0).subplots()
        panels.draw(axes, snap, FIELD_STRENGTH.key, scales.common_scale([snap], "field", domains), domains)
    meshes = [child for child in axes.collections if isinstance(child, TriMesh)]
    assert len(meshes) == 1  # Gouraud, no flat triangles
    values = np.asarray(meshes[0].get_array())
    assert len(values) > len(snap.points)  # a value on either side of a layer's face
    bands = [c for c in axes.collections if to_rgb(theme.DIFFUSE_METAL) in {tuple(f[:3]) for f in c.get_facecolor()}]
    assert bands
    reach = max(np.asarray(p.vertices)[:, 1].max() for c in bands for p in c.get_paths())
    tip = snap.tip()
    assert tip is not None
    assert reach - tip[1] * 1e6 == pytest.approx(domains.reach[1] * 0.25, rel=0.05)


def test_what_metal_shorts_is_no_field_of_an_electrolyte(fake: type, tmp_path: Path) -> None:
    run = fake(tmp_path, cells=36)
    snap, domains = snapshot(run), Domains.of(run.case)
    shorted = snap.liquid & (distance(snap)[snap.cells] < domains.reach_of(snap)[:, None]).any(axis=1)
    assert shorted.any()
    assert snap.field is not None
    wild = replace(snap, field=np.where(shorted, 1e12, snap.field))
    assert scales.common_scale([wild], "field", domains).vmax == scales.common_scale([snap], "field", domains).vmax
    line = fake(tmp_path, dim=1, cells=36)
    height, values = profiles.line(snapshot(line), "field", Domains.of(line.case))
    front = snapshot(line).tip()[0] * 1e6  # type: ignore[index]
    assert height[np.isfinite(values)].min() > front + 0.25 * domains.reach[2] - 1e-9


def test_layers_without_salt_show_no_concentration(fake: type, tmp_path: Path) -> None:
    """Not the 1 mol/L that is stored for them: hatched on maps, left out of curves and of the scale."""
    how = {"model": "two_potential", "cells": 24, "conductivity": 1e-3, "salted_interphase": False}
    run = fake(tmp_path, **how)
    domains = Domains.of(run.case)
    assert domains.saltless == (0, 1)
    assert Domains.of(fake(tmp_path, model="two_potential").case).saltless == ()
    assert Domains.of(fake(tmp_path).case).saltless == ()
    snap = snapshot(run, 0.0)
    low = snap.points[:, 1] < 4.4e-6
    snap.values["c"][low] = 9e4
    assert scales.common_scale([snap], "c", domains).vmax < 2.0
    with theme.style():
        axes = theme.figure(4.0, 4.0).subplots()
        panels.draw(axes, snap, "c", scales.common_scale([snap], "c", domains), domains)
    hatched = [c for c in axes.collections if "////" in (getattr(c, "hatches", None) or [])]
    assert len(hatched) == 1
    tops = [np.asarray(path.vertices)[:, 1].max() for path in hatched[0].get_paths() if len(path.vertices)]
    assert max(tops) == pytest.approx(4.5, abs=0.3)
    height, values = profiles.line(snapshot(fake(tmp_path, dim=1, **how)), "c", domains)
    assert height[np.isfinite(values)].min() >= 4.5 - 1e-9


def test_only_layers_that_take_up_sodium_show_it(fake: type, tmp_path: Path) -> None:
    run = fake(tmp_path, model="two_potential", cells=24)
    case = run.case
    case.filling_layers = ("interphase",)
    domains = Domains.of(case)
    assert domains.filling == (1,)
    snap = snapshot(run, 0.0)
    snap.values["uptake"] = np.full(len(snap.points), 0.5)  # type: ignore[index]
    counted = domains.nodes(snap, "uptake")
    height = snap.points[counted][:, 1] * 1e6
    assert 3.0 <= height.min() < height.max() == pytest.approx(4.5)
    assert (snap.values["xi"][counted] < 0.5).all()


def test_runs_with_a_fixed_concentration_have_no_curve_of_it(fake: type, tmp_path: Path) -> None:
    """Beside a gel: 18 mol/L of a ceramic would flatten the gel's."""
    times = np.array([0.0, 10.0])
    runs = [fake(tmp_path / n, dim=1, model="two_potential", times=times, cells=24) for n in "ab"]
    ceramic = runs[1].case
    ceramic.transport.kind = "single_ion"
    other = type("Ceramic", (fake,), {"case": ceramic})(tmp_path / "b", dim=1, model="two_potential", cells=24)
    fig = comparison.profiles([runs[0], other], ["gel", "ceramic"], 10.0)
    axes = next(axes for axes in fig.axes if "concentration" in axes.get_ylabel())
    assert [line.get_label() for line in axes.lines if len(line.get_xdata()) > 2] == ["gel"]


def test_a_kind_of_transport_that_is_not_there_leaves_nothing_out(fake: type, tmp_path: Path) -> None:
    case = fake(tmp_path, model="two_potential", salted_interphase=False).case
    case.transport.kind = "of-a-package"
    assert Domains.of(case).saltless == ()


def test_a_field_that_is_nearly_everywhere_nothing_is_on_a_logarithmic_scale(fake: type, tmp_path: Path) -> None:
    snap = snapshot(fake(tmp_path, cells=24))
    assert snap.field is not None
    assert not isinstance(scales.common_scale([snap], "field"), LogNorm)
    rare = np.where(np.arange(len(snap.field)) % 50 == 0, 1e3, 1.0)
    norm = scales.common_scale([replace(snap, field=rare)], "field")
    assert isinstance(norm, LogNorm)
    assert (norm.vmin, norm.vmax) == pytest.approx((1e-3, 1.0))
    with theme.style():
        fig = theme.figure(3.0, 2.0)
        axes = fig.subplots()
        fig.canvas.draw()
        panels.colour_bar(axes, FIELD_STRENGTH, norm)
        fig.canvas.draw()
        bar = axes.child_axes[0]
    assert "0.01" in [text.get_text() for text in bar.get_xticklabels()]
    assert not len(bar.get_xticks(minor=True))
