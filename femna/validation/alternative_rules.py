"""Keys of which one excludes another."""

from __future__ import annotations

from collections.abc import Iterator

from femna.case.keys import KeyProblem
from femna.case.model import Case


def alternatives(case: Case) -> Iterator[KeyProblem]:
    """Of two keys that say the same one is given, and an anisotropy in 3D has the form that exists there."""
    interface, numerics = case.interface, case.numerics
    if case.model == "single_potential" and bool(interface.mobility) == bool(interface.barrier_ratio):
        text = f"and interface.barrier_ratio are both {'given' if interface.mobility else 'missing'}"
        yield KeyProblem(("interface", "mobility"), text, "one of them")
    turned = interface.anisotropy
    if case.geometry.dim == 3 and turned.strength and (turned.mode != 4 or turned.angle):
        key = "mode" if turned.mode != 4 else "angle"
        text = f"is {getattr(turned, key):g}; in 3D kappa follows the cubic harmonic along the axes"
        yield KeyProblem(("interface", "anisotropy", key), text, "mode 4 and angle 0")
    if numerics.resolution and numerics.cell_size:
        yield KeyProblem(("numerics", "resolution"), "and numerics.cell_size are both given", "one of them")
