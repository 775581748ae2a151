"""What each model can do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from femna.case.keys import KeyProblem, Place
from femna.case.model import Case
from femna.physics.ion_transport.kinds import kind_of
from femna.surfaces import surface_kinds


class Feature(NamedTuple):
    """Something that a case may ask for and that not every model has.

    Args:
        path: the key.
        asked: whether a case asks for it.
        given: what the case says, in the words of an error.
        allowed: what it may say instead.
    """

    path: Place
    asked: Callable[[Case], bool]
    given: str
    allowed: str


NEEDS_TWO: tuple[Feature, ...] = (
    Feature(
        ("transport", "kind"),
        lambda c: c.transport.kind != "nernst_planck",
        "is not 'nernst_planck'",
        "'nernst_planck'",
    ),
    Feature(("interface", "curvature"), lambda c: c.interface.curvature == "physical", "is 'physical'", "'artificial'"),
    Feature(
        ("interface", "interpolation"),
        lambda c: c.interface.interpolation == "smooth_cut",
        "is 'smooth_cut'",
        "'quintic'",
    ),
    Feature(("contacts",), lambda c: bool(c.contacts), "are given", "none"),
    Feature(("counter", "kind"), lambda c: c.counter.kind == "metal", "is 'metal'", "'ideal'"),
    Feature(
        ("kinetics", "nucleation_overpotential"), lambda c: c.kinetics.nucleation_overpotential != 0, "is not 0", "0"
    ),
    Feature(("surface", "film"), lambda c: c.surface.film != 0, "is not 0", "0"),
)
"""What needs two potentials."""

NEEDS_SINGLE: tuple[Feature, ...] = (
    Feature(
        ("interface", "curvature"), lambda c: c.interface.curvature == "artificial", "is 'artificial'", "'physical'"
    ),
    Feature(("interface", "mobility"), lambda c: bool(c.interface.mobility), "is given", "interface.barrier_ratio"),
    Feature(("interface", "anisotropy"), lambda c: c.interface.anisotropy.strength != 0, "has a strength", "none"),
    Feature(("transport", "sink"), lambda c: c.transport.sink == "xi", "is 'xi'", "'h'"),
    Feature(("transport", "collector"), lambda c: c.transport.collector == "zero", "is 'zero'", "'natural'"),
    Feature(("noise", "amplitude"), lambda c: c.noise.amplitude != 0, "is not 0", "0"),
)
"""What belongs to paper A's single potential."""


def transport_kind(case: Case) -> Iterator[KeyProblem]:
    """The kind of ion transport is registered."""
    try:
        kind_of(case)
    except KeyProblem as problem:
        yield problem


def combinations(case: Case) -> Iterator[KeyProblem]:
    """What the model of the case cannot do, but for its protocol."""
    single = case.model == "single_potential"
    for path, asked, given, allowed in NEEDS_TWO if single else NEEDS_SINGLE:
        if asked(case):
            other = "two_potential" if single else "single_potential"
            yield KeyProblem(path, f"{given}, which needs model = '{other}'", f"{allowed} with {case.model}")
    # also for the keys of other kinds: whoever asks for metal on a layer needs the other model first
    for kind in surface_kinds() if single else ():
        for key, given, allowed in case.surface.as_kind(kind).needs_two_potentials():
            text = f"{given}, which needs model = 'two_potential'"
            yield KeyProblem(("surface", key), text, f"{allowed} with single_potential")
    for name in case.filling_layers if single else ():
        text = "is given, which needs model = 'two_potential'"
        yield KeyProblem(("layer", name, "uptake"), text, "none with single_potential")


def moving_layers(case: Case) -> Iterator[KeyProblem]:
    """Metal lifts a layer on the anode, and all above it; with two potentials."""
    anode, first, *others = case.layer_names
    moving = [name for name, layer in case.layer.items() if layer.moves]
    if case.model == "single_potential":
        for name in moving:
            text = "is true, which needs model = 'two_potential'"
            yield KeyProblem(("layer", name, "moves"), text, "false with single_potential")
    if anode in moving:
        yield KeyProblem(("layer", anode, "moves"), "is true, and the anode itself stays", "false, or left out")
    for name in others if not case.is_lifted else ():
        if name in moving:
            text = f"is true, and layer.{first}.moves below it is not"
            yield KeyProblem(("layer", name, "moves"), text, f"layer.{first}.moves = true, which lifts all above it")
    has_salt = kind_of(case).has_concentration
    if first in moving and not others and has_salt and (case.geometry.dim > 1 or case.counter.kind != "metal"):
        text = "is true: the metal's front grows into an electrolyte with salt, it does not lift it"
        allowed = "false; or geometry.dim = 1 and counter.kind = 'metal', a flat front moves all of it"
        yield KeyProblem(("layer", first, "moves"), text, allowed)


def solver(case: Case) -> Iterator[KeyProblem]:
    """The preset of solvers fits the mesh."""
    if case.numerics.solver == "nested" and not case.numerics.adaptive_mesh:
        needed = "is 'nested', which needs numerics.adaptive_mesh = true"
        yield KeyProblem(("numerics", "solver"), needed, "auto, gamg, jacobi, hypre, direct")
