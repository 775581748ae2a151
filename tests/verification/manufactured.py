"""Sources that make chosen fields solutions of the single-potential model, derived by sympy from its strong form.

    xi_t = -L [W g'(xi) - div(d f/d grad xi)] + h'(xi) R + S_xi,     f = kappa(n) |grad xi|^2 / 2
    c_t  = div[D (grad c + c grad phi / (RT/F))] - (c_s/c0) s(xi)_t + S_c
    0    = div(sigma grad phi) - F c_s s(xi)_t + S_phi

Nothing of the package enters: the operators are differentiated here, also the one with anisotropy, from its energy.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from femna.models.boundary import FieldFunction
from femna.physics.interpolation import CUBIC, LINEAR, QUINTIC

X = sp.symbols("x y z", real=True)
T = sp.symbols("t", real=True)


def _content(interpolation: object, xi: sp.Expr) -> sp.Expr:
    if interpolation is QUINTIC:
        return xi**3 * (6 * xi**2 - 15 * xi + 10)
    return xi**2 * (3 - 2 * xi) if interpolation is CUBIC else {id(LINEAR): xi}[id(interpolation)]


def _gradient(field: sp.Expr, dim: int) -> list[sp.Expr]:
    return [sp.diff(field, x) for x in X[:dim]]


def _divergence(flux: list[sp.Expr]) -> sp.Expr:
    return sp.Add(*[sp.diff(f, x) for f, x in zip(flux, X, strict=False)])


def _gradient_flux(xi: sp.Expr, dim: int, numbers: dict[str, Any]) -> list[sp.Expr]:
    """kappa grad xi, or with anisotropy the derivative of kappa(n) |grad xi|^2 / 2 by grad xi."""
    kappa, anisotropy = numbers["gradient"], numbers.get("anisotropy")
    actual = _gradient(xi, dim)
    if anisotropy is None:
        return [kappa * component for component in actual]
    g = sp.symbols(f"g0:{dim}", real=True)
    square = sum(component**2 for component in g)
    if dim == 2:
        harmonic = sp.cos(anisotropy.mode * (sp.atan2(g[1], g[0]) - anisotropy.angle))
    else:
        harmonic = 4 * sum(component**4 for component in g) / square**2 - 3
    energy = kappa * (1 + anisotropy.strength * harmonic) * square / 2
    return [sp.diff(energy, component).subs(dict(zip(g, actual, strict=True))) for component in g]


def _function(expression: sp.Expr, dim: int) -> FieldFunction:
    compiled = sp.lambdify([*X[:dim], T], expression, "numpy", cse=True)
    return lambda points, time: np.broadcast_to(compiled(*points.T, time), len(points)).astype(float)


def manufacture(
    dim: int, numbers: dict[str, Any], xi: sp.Expr, c: sp.Expr, phi: sp.Expr
) -> tuple[dict[str, FieldFunction], dict[str, FieldFunction]]:
    """The fields and their sources as functions of points and time; `numbers`: the arguments of `problem` by name."""
    n = {"mobility": 1.0, "well": 1.0, "gradient": 0.5, "interpolation": QUINTIC, "content": LINEAR, "transfer": 0.5}
    n |= {"thermal_voltage": 1.0, "diffusivity": 1.0, "metal_diffusivity": 1.0, "conductivity": 1.0}
    n |= dict.fromkeys(("rate", "site_ratio", "charge_density", "equilibrium_potential", "voltage"), 0.0) | {
        "metal_conductivity": 1.0
    }
    n |= numbers
    q = sp.Symbol("q")
    h = _content(n["interpolation"], xi)
    h_slope = sp.diff(_content(n["interpolation"], q), q).subs(q, xi)
    well_slope = sp.diff(q**2 * (1 - q) ** 2, q).subs(q, xi)
    eta = (phi - n["voltage"] - n["equilibrium_potential"]) / n["thermal_voltage"]
    reaction = -n["rate"] * (sp.exp((1 - n["transfer"]) * eta) - c * sp.exp(-n["transfer"] * eta))
    content_rate = sp.diff(_content(n["content"], xi), T)
    diffusivity = n["diffusivity"] * (1 - h) + n["metal_diffusivity"] * h
    conductivity = n["conductivity"] * (1 - h) + n["metal_conductivity"] * h
    drift = [
        diffusivity * (a + c * b / n["thermal_voltage"])
        for a, b in zip(_gradient(c, dim), _gradient(phi, dim), strict=True)
    ]
    relaxation = n["well"] * well_slope - _divergence(_gradient_flux(xi, dim, n))
    sources = {
        "xi": sp.diff(xi, T) + n["mobility"] * relaxation - h_slope * reaction,
        "c": sp.diff(c, T) - _divergence(drift) + n["site_ratio"] * content_rate,
        "phi": -_divergence([conductivity * a for a in _gradient(phi, dim)]) + n["charge_density"] * content_rate,
    }
    fields = {"xi": xi, "c": c, "phi": phi}
    return {key: _function(e, dim) for key, e in fields.items()}, {key: _function(e, dim) for key, e in sources.items()}
