"""Defaults that depend on other keys."""

from __future__ import annotations

import copy
import math
from typing import Any

from femna.case.metal_volume import with_molar_volume
from femna.case.model import Case
from femna.case.salt_conductivity import with_both
from femna.case.sections import Layer

DEFAULTS_BY_MODEL: dict[str, dict[str, dict[str, Any]]] = {
    "single_potential": {
        "transport": {"kind": "nernst_planck", "sink": "xi", "collector": "zero"},
        "interface": {"curvature": "artificial"},
    },
    "two_potential": {
        "transport": {"kind": "binary", "sink": "h", "collector": "natural"},
        "interface": {"curvature": "physical", "interpolation": "smooth_cut", "barrier_ratio": 1.0 / 18.0},
    },
}
"""Defaults of tables, by model: single_potential is paper A's model, two_potential is charge-consistent."""

DEFAULT_BARRIER_RATIO = 0.05
"""Barrier ratio of a case without a table `interface`; its front is within 0.5 % of Butler-Volmer's speed."""

DEFAULT_RESOLUTION = 5.0
"""Elements across the 10-90 % width of the front."""

DEFAULT_BOUNDARY_WIDTH = 2.0
"""Width of grain boundaries, in units of interface.width."""

DEFAULT_OUTPUTS = 20
"""Number of stored fields of a protocol whose duration is known."""


def with_defaults(data: dict[str, Any]) -> dict[str, Any]:
    """The raw data of a case with the defaults of its model.

    Args:
        data: tables as a case file has them; they are not changed.
    """
    data = copy.deepcopy(data)
    model = data.get("model")
    if "interface" not in data and model != "two_potential":
        data["interface"] = {"barrier_ratio": DEFAULT_BARRIER_RATIO}
    for table, values in DEFAULTS_BY_MODEL.get(
        model if isinstance(model, str) else "", DEFAULTS_BY_MODEL["single_potential"]
    ).items():
        _fill(data, table, values)
    if not {"resolution", "cell_size"} & set(data.get("numerics", {})):
        _fill(data, "numerics", {"resolution": DEFAULT_RESOLUTION})
    data.setdefault("output", {})
    return data


def _fill(data: dict[str, Any], table: str, values: dict[str, Any]) -> None:
    if isinstance(data.setdefault(table, {}), dict):
        data[table] = {**values, **data[table]}


def resolved(case: Case) -> Case:
    """The case with what follows from other keys: sizes, front, grain boundaries, outputs, a salt's diffusivities."""
    geometry, surface = case.geometry, case.surface
    width = geometry.width or case.height
    geometry = geometry.model_copy(update={"width": width, "depth": geometry.depth or width})
    if "position" not in surface.model_fields_set:
        top = next(iter(case.layer.values())).thickness
        surface = surface.model_copy(update={"position": top})
    layers = {name: _with_boundary_width(layer, case.interface.width) for name, layer in case.layer.items()}
    output, duration = case.output, math.fsum(step.duration for step in case.steps())
    if "interval" not in output.model_fields_set and math.isfinite(duration):
        output = output.model_copy(update={"interval": duration / DEFAULT_OUTPUTS})
    case = case.model_copy(update={"geometry": geometry, "surface": surface, "layer": layers, "output": output})
    return with_both(with_molar_volume(case))


def _with_boundary_width(layer: Layer, front: float) -> Layer:
    """The layer with grain boundaries as wide as the mesh of a front of this width (m) resolves, unless it says so."""
    if layer.grains is None or layer.grains.boundary_width:
        return layer
    return layer.model_copy(
        update={"grains": layer.grains.model_copy(update={"boundary_width": DEFAULT_BOUNDARY_WIDTH * front})}
    )
