"""What the stress of a stack can be solved for."""

from __future__ import annotations

from collections.abc import Iterator

from femna.case.keys import KeyProblem
from femna.case.model import Case

MOST_POISSON = 0.4999
"""Largest Poisson's ratio: elements of degree 2 do not lock up to it."""

PRESSED = ("pressure", "spring")
"""Tops that press."""


def mechanics(case: Case) -> Iterator[KeyProblem]:
    """Keys that go together, and a mesh that the solver knows."""
    keys = case.mechanics
    if keys.model == "none":
        return
    if case.numerics.adaptive_mesh:
        text = f"is '{keys.model}', which is not available yet with numerics.adaptive_mesh = true"
        yield KeyProblem(("mechanics", "model"), text, "'none', or numerics.adaptive_mesh = false")
    if keys.stack_pressure and keys.top not in PRESSED:
        text = f"is given, and mechanics.top is '{keys.top}'"
        yield KeyProblem(("mechanics", "stack_pressure"), text, "mechanics.top = 'pressure' or 'spring'")
    if keys.spring_stiffness and keys.top != "spring":
        text = f"is given, and mechanics.top is '{keys.top}'"
        yield KeyProblem(("mechanics", "spring_stiffness"), text, "mechanics.top = 'spring'")
    if keys.top == "spring" and not keys.spring_stiffness:
        yield KeyProblem(
            ("mechanics", "spring_stiffness"), "is missing, and mechanics.top is 'spring'", "a value in Pa/m"
        )
    if keys.top == "pressure" and not keys.stack_pressure:
        yield KeyProblem(
            ("mechanics", "stack_pressure"), "is missing, and mechanics.top is 'pressure'", "a value in Pa"
        )
    if keys.acts_on_kinetics and case.model == "single_potential":
        text = "is true, which needs model = 'two_potential'"
        yield KeyProblem(("mechanics", "acts_on_kinetics"), text, "false with single_potential")
    if keys.acts_on_kinetics and keys.interval > 1:
        text = "is more than 1, and mechanics.acts_on_kinetics is true"
        yield KeyProblem(("mechanics", "interval"), text, "1")
    for name in case.layer_names:
        material = case.layer[name].material
        ratio = case.materials[material].poisson_ratio
        if ratio is not None and ratio.value > MOST_POISSON:
            yield KeyProblem(
                ("materials", material, "poisson_ratio"),
                f"is {ratio.value:g}, and layer '{name}' has an elastic solution",
                f"at most {MOST_POISSON:g}",
            )
