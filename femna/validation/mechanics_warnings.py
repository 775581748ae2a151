"""Estimates of the stress in the layers, and which of them it would break."""

from __future__ import annotations

from collections.abc import Iterator

from femna.case.model import Case
from femna.mechanics.exact_stresses import Isotropic
from femna.mechanics.stack_mechanics import ELASTIC


def bend_of_the_front(case: Case) -> tuple[float, float] | None:
    """Amplitude and wavelength (m) of the front at the start, None where its kind has neither."""
    given = case.surface.shape
    amplitude = getattr(given, "amplitude", None)
    wavelength = getattr(given, "wavelength", None) or getattr(given, "correlation_length", None)
    return (amplitude, wavelength) if amplitude and wavelength else None


def stress_estimates(case: Case) -> Iterator[tuple[str, float]]:
    """Largest tension (Pa) of each layer between anode and last layer, by name, if the front bends it as a free plate.

    Args:
        case: a case with `mechanics.model`.
    """
    if (bend := bend_of_the_front(case)) is None:
        return
    for name in case.layer_names[1:-1]:
        plate = Isotropic(*(case.property(name, key) for key in ELASTIC))
        entry = case.materials[case.layer[name].material].residual_stress
        start = 0.0 if entry is None else entry.value
        yield name, start + plate.bent_plate(case.layer[name].thickness, *bend)


def mechanics_warnings(case: Case) -> Iterator[str]:
    """A line for each estimate, and what is assumed of the strength."""
    if case.mechanics.model == "none":
        return
    for name, stress in stress_estimates(case):
        material = case.layer[name].material
        strength = case.materials[material].strength
        text = f"layer '{name}' bent as the front is at the start: {stress / 1e6:.4g} MPa in its faces"
        if strength is None:
            yield f"{text}; materials.{material}.strength is not known"
        elif stress > strength.value:
            yield f"{text}, more than its strength of {strength.value / 1e6:.4g} MPa: it would break"
