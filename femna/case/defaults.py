"""What a case leaves unsaid: defaults that depend on other keys."""

from __future__ import annotations

import copy
import math
from typing import Any

from femna.case.model import Case
from femna.case.sections import Layer

BY_MODEL: dict[str, dict[str, dict[str, Any]]] = {
    "single_potential": {
        "transport": {"kind": "nernst_planck", "sink": "xi", "collector": "zero"},
        "interface": {"curvature": "artificial"},
    },
    "two_potential": {
        "transport": {"kind": "binary", "sink": "h", "collector": "natural"},
        "interface": {"curvature": "physical", "interpolation": "smooth_cut", "barrier_ratio": 1.0 / 18.0},
    },
}
"""The single potential is paper A's, the two potentials are charge-consistent."""

BARRIER_RATIO = 0.05
"""Of a case that has no [interface] table at all: within 0.5 % of Butler-Volmer."""

RESOLUTION = 5.0
"""Elements across the 10-90 % width."""

BOUNDARY_WIDTH = 2.0
"""Of grain boundaries, in widths of the front."""

OUTPUTS = 20
"""Stored fields of a protocol whose duration is known."""


def with_defaults(data: dict[str, Any]) -> dict[str, Any]:
    """The case's data with what follows from its model put in."""
    data = copy.deepcopy(data)
    model = data.get("model")
    if "interface" not in data and model != "two_potential":
        data["interface"] = {"barrier_ratio": BARRIER_RATIO}
    for table, values in BY_MODEL.get(model if isinstance(model, str) else "", BY_MODEL["single_potential"]).items():
        _fill(data, table, values)
    if not {"resolution", "cell_size"} & set(data.get("numerics", {})):
        _fill(data, "numerics", {"resolution": RESOLUTION})
    data.setdefault("output", {})
    return data


def _fill(data: dict[str, Any], table: str, values: dict[str, Any]) -> None:
    if isinstance(data.setdefault(table, {}), dict):
        data[table] = {**values, **data[table]}


def resolved(case: Case) -> Case:
    """The case with what follows from other keys: lateral sizes, the undisturbed front, grain boundaries, outputs."""
    geometry, surface = case.geometry, case.surface
    width = geometry.width or case.height
    geometry = geometry.model_copy(update={"width": width, "depth": geometry.depth or width})
    if "position" not in surface.model_fields_set:
        top = next(iter(case.layer.values())).thickness
        surface = surface.model_copy(update={"position": top})
    layers = {name: _with_boundary_width(layer, case.interface.width) for name, layer in case.layer.items()}
    output, ends = case.output, [step.until for step in case.steps()]
    if "interval" not in output.model_fields_set and all(end.kind == "time" for end in ends):
        output = output.model_copy(update={"interval": math.fsum(end.value for end in ends) / OUTPUTS})
    return case.model_copy(update={"geometry": geometry, "surface": surface, "layer": layers, "output": output})


def _with_boundary_width(layer: Layer, front: float) -> Layer:
    """Its grain boundaries as wide as the mesh of a front of that width (m) resolves, unless the case says how wide."""
    if layer.grains is None or layer.grains.boundary_width:
        return layer
    return layer.model_copy(
        update={"grains": layer.grains.model_copy(update={"boundary_width": BOUNDARY_WIDTH * front})}
    )
