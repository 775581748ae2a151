"""Which keys go together, what fits into the cell, and which capabilities are not built yet.

Everything here is asked before a mesh is built or a file is written.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

from femna.case.keys import KeyProblem, Place, closest, either
from femna.case.model import SPECTRUM_END, Case
from femna.case.protocol import written
from femna.case.sections import SURFACE_KEYS
from femna.geometry.phases import CONDUCTS, electronic_conductivities
from femna.geometry.salts import holds_salt, ions_of
from femna.validation import protocol_rules as legal_protocol

NOT_YET: tuple[tuple[Place, Callable[[Case], bool], str, str], ...] = (
    (("numerics", "adaptive_mesh"), lambda c: c.numerics.adaptive_mesh, "is true", "false"),
)
"""Capabilities that the case file knows and the solver does not have: key, whether a case asks for it, what it gave,
what is allowed until then."""

NEEDS_TWO: tuple[tuple[Place, Callable[[Case], bool], str, str], ...] = (
    (("transport", "kind"), lambda c: c.transport.kind != "nernst_planck", "is not 'nernst_planck'", "'nernst_planck'"),
    (("interface", "curvature"), lambda c: c.interface.curvature == "physical", "is 'physical'", "'artificial'"),
    (
        ("interface", "interpolation"),
        lambda c: c.interface.interpolation == "smooth_cut",
        "is 'smooth_cut'",
        "'quintic'",
    ),
    (("contacts",), lambda c: bool(c.contacts), "are given", "none"),
    (("counter", "kind"), lambda c: c.counter.kind == "metal", "is 'metal'", "'ideal'"),
    (("kinetics", "nucleation_overpotential"), lambda c: c.kinetics.nucleation_overpotential != 0, "is not 0", "0"),
    (("surface", "film"), lambda c: c.surface.film != 0, "is not 0", "0"),
    (("surface", "on"), lambda c: c.surface.on == "interphase", "is 'interphase'", "'anode'"),
)
"""What one potential cannot do: as above."""

NEEDS_SINGLE: tuple[tuple[Place, Callable[[Case], bool], str, str], ...] = (
    (("interface", "curvature"), lambda c: c.interface.curvature == "artificial", "is 'artificial'", "'physical'"),
    (("interface", "mobility"), lambda c: bool(c.interface.mobility), "is given", "interface.barrier_ratio"),
    (("interface", "anisotropy"), lambda c: c.interface.anisotropy.strength != 0, "has a strength", "none"),
    (("transport", "sink"), lambda c: c.transport.sink == "xi", "is 'xi'", "'h'"),
    (("transport", "collector"), lambda c: c.transport.collector == "zero", "is 'zero'", "'natural'"),
    (("noise", "amplitude"), lambda c: c.noise.amplitude != 0, "is not 0", "0"),
)
"""What belongs to paper A's one potential: as above."""

ANODE_PROPERTIES: tuple[str, ...] = ("molar_volume", "diffusivity", "electronic_conductivity")
LAYER_PROPERTIES: tuple[str, ...] = ("diffusivity", "ionic_conductivity")
"""What the solver reads of the first layer's material, and of every other's."""

TWO_POTENTIAL_ANODE: tuple[str, ...] = ("molar_volume", "electronic_conductivity")
TWO_POTENTIAL_LAYER: dict[str, tuple[str, ...]] = {
    "single_ion": ("ionic_conductivity",),
    "binary": ("ionic_conductivity",),
    "nernst_planck": ("ionic_conductivity", "diffusivity"),
}
"""The same with two potentials, by the kind of transport."""

BOUNDARY_CELLS = 2.0
"""So many cells must lie across a grain boundary, or it would have gaps."""

SAME_SHARE = 0.005
"""Transference numbers closer than this are the same, as rounded."""

UPTAKE_PROPERTIES: tuple[str, ...] = ("sodium_capacity", "sodium_potential", "uptake_exchange_current")
"""What it reads besides of a layer that takes up sodium."""

RANDOM_WAVES = {1: 0, 2: 10_000, 3: 1000}
"""Most waves along a side of a random surface, by dimension: minutes, or 10 MB of them."""

NUCLEI = 10_000
"""Most nuclei that are drawn from a density."""

RESERVED = ("collector", "counter", "sides")
"""Names of the mesh's boundaries, which no layer may have."""


def check(case: Case) -> None:
    """Raises KeyProblem for the first thing that cannot be run."""
    for rule in (
        _combinations,
        _not_yet,
        _layers,
        _grains,
        _materials,
        _salt,
        _salts,
        _uptake,
        _surface,
        _front,
        _alternatives,
        legal_protocol.heights,
        legal_protocol.drive,
        legal_protocol.carried,
        legal_protocol.endless,
        _output,
    ):
        for problem in rule(case):
            raise problem


def _combinations(case: Case) -> Iterator[KeyProblem]:
    single = case.model == "single_potential"
    for path, asked, given, allowed in NEEDS_TWO if single else NEEDS_SINGLE:
        if asked(case):
            other = "two_potential" if single else "single_potential"
            yield KeyProblem(path, f"{given}, which needs model = '{other}'", f"{allowed} with {case.model}")
    for name in case.filling_layers if single else ():
        text = "is given, which needs model = 'two_potential'"
        yield KeyProblem(("layer", name, "uptake"), text, "none with single_potential")
    for place, step in written(case.protocol):
        needs = "which needs model = 'two_potential'"
        if single and step.mode != "voltage":
            yield KeyProblem((*place, "mode"), f"is '{step.mode}', {needs}", "'voltage' with single_potential")
        if single and step.until.kind == "voltage":
            allowed = "a duration, a charge per area or a metal height with single_potential"
            yield KeyProblem((*place, "until"), f"is a voltage, {needs}", allowed)
        if step.mode == "voltage" and step.until.kind == "voltage":
            yield KeyProblem((*place, "until"), "is a voltage, which this step holds", "a duration, a charge, a height")


def _not_yet(case: Case) -> Iterator[KeyProblem]:
    for path, asked, given, allowed in NOT_YET:
        if asked(case):
            yield KeyProblem(path, f"{given}: not available yet", allowed)


def _grains(case: Case) -> Iterator[KeyProblem]:
    for name, layer in case.layer.items():
        grains, place = layer.grains, ("layer", name, "grains")
        if grains is None:
            continue
        if case.model == "single_potential":
            needs = "are given, which needs model = 'two_potential'"
            yield KeyProblem(place, needs, "none with single_potential")
        if name == case.layer_names[0]:
            yield KeyProblem(place, "are given for the anode's metal", "in the layers above it")
        if holds_salt(case, name):
            yield KeyProblem(place, "are given for a layer that holds a salt", "in solids")
        cell, width = case.fine_cell, grains.boundary_width
        if not BOUNDARY_CELLS * cell <= width <= 0.5 * grains.size:
            text = f"is {width:g} m, with cells of {cell:.3g} m and grains of {grains.size:g} m"
            allowed = f"{BOUNDARY_CELLS:g} cells at the least, half a grain at the most"
            yield KeyProblem((*place, "boundary_width"), text, allowed)


def _layers(case: Case) -> Iterator[KeyProblem]:
    names = case.layer_names
    for name in names:
        if name in RESERVED:
            yield KeyProblem(("layer", name), "has a boundary's name", f"any name but {either(RESERVED)}")
    for name in names[1:-1]:
        thickness = case.layer[name].thickness
        rest = case.height - thickness
        if thickness >= rest:
            text = f"is {thickness:g} m, no thinner than all the rest of the cell"
            yield KeyProblem(("layer", name, "thickness"), text, f"less than {rest:g} m")
    thinnest = min(names, key=lambda name: case.layer[name].thickness)
    thickness, width, front = case.layer[thinnest].thickness, case.interface.width, case.interface_width_10_90
    if front > thickness:
        text = f"is {width:g} m, a front of {front:.3g} m (10-90 %): wider than layer '{thinnest}' ({thickness:g} m)"
        yield KeyProblem(("interface", "width"), text, f"at most {thickness / front * width:.3g} m")
    if case.counter.kind == "ideal" and f"{names[-1]}-counter" in case.contacts:
        yield KeyProblem(("contacts", f"{names[-1]}-counter"), "is given", "only with counter.kind = 'metal'")
    if case.counter.kind == "ideal" and case.counter.thickness:
        yield KeyProblem(("counter", "thickness"), "is given", "only with counter.kind = 'metal'")
    pairs = [f"{low}-{high}" for low, high in zip(names, (*names[1:], "counter"), strict=True)]
    for pair in case.contacts:
        if pair not in pairs:
            yield KeyProblem(("contacts", pair), "is no contact of this stack", either(pairs), closest(pair, pairs))


def properties_read(case: Case, layer_name: str) -> tuple[str, ...]:
    """The properties of a layer's material on which a run depends."""
    first, *_, last = case.layer_names
    if case.model == "single_potential":
        keys = ANODE_PROPERTIES if layer_name == first else LAYER_PROPERTIES
    else:
        keys = TWO_POTENTIAL_ANODE if layer_name == first else TWO_POTENTIAL_LAYER[case.transport.kind]
        material = case.materials[case.layer[layer_name].material]
        if holds_salt(case, layer_name):
            only_share = material.transference_number is not None and material.anion_diffusivity is None
            keys = (*keys, "diffusivity") if only_share else (*keys, "diffusivity", "anion_diffusivity")
    if case.layer[layer_name].uptake is not None:
        keys = (*keys, *UPTAKE_PROPERTIES)
    return (*keys, "concentration") if layer_name == last else keys


def _materials(case: Case) -> Iterator[KeyProblem]:
    for name, layer in case.layer.items():
        for key in properties_read(case, name):
            if getattr(case.materials[layer.material], key) is None:
                allowed = f"a value in [materials.{layer.material}], or another material"
                yield KeyProblem(
                    ("materials", layer.material, key), f"is missing, and layer '{name}' needs it", allowed
                )


def _salt(case: Case) -> Iterator[KeyProblem]:
    """A binary salt has to be in some layer; others may be solids, the last one too."""
    last = case.layer_names[-1]
    name = case.layer[last].material
    if case.transport.kind == "binary" and not any(holds_salt(case, layer) for layer in case.layer_names):
        share = case.materials[name].transference_number
        what = f"and its transference_number is {share.value:g}" if share is not None else "and no transference_number"
        text = f"is 'binary', but no layer holds a salt: material '{name}' of the last one has no anion_diffusivity"
        allowed = f"'single_ion', or materials.{name}.anion_diffusivity, or a transference_number between 0 and 1"
        yield KeyProblem(("transport", "kind"), f"{text}, {what}", allowed)


def _salts(case: Case) -> Iterator[KeyProblem]:
    salted = [name for name in case.layer_names if holds_salt(case, name)]
    for low, high in pairwise(salted):
        if f"{low}-{high}" in case.contacts:
            yield KeyProblem(("contacts", f"{low}-{high}"), "is given between two salts", "where one layer holds none")
    for name in salted if case.model == "two_potential" else case.layer_names[-1:]:
        material = case.materials[case.layer[name].material]
        if material.anion_diffusivity is not None and material.transference_number is not None:
            given = material.transference_number.value
            share = _share(case.property(name, "diffusivity"), case.property(name, "anion_diffusivity"))
            if abs(given - share) > SAME_SHARE:
                text = f"is {given:g}, but D+/(D+ + D-) is {share:.3g}"
                allowed = f"{share:.3g}, or another anion_diffusivity"
                yield KeyProblem(("materials", case.layer[name].material, "transference_number"), text, allowed)
    shares = {name: _share(*ions_of(case, name)) for name in salted}
    for low, high in pairwise(salted):
        if abs(shares[low] - shares[high]) > SAME_SHARE:
            text = f"holds a salt of t+ = {shares[high]:.3g}, and layer '{low}' one of {shares[low]:.3g}"
            yield KeyProblem(("layer", high), text, "one transference number in all salts")


def _share(cation: float, anion: float) -> float:
    """The cation's transference number."""
    return cation / (cation + anion)


def _uptake(case: Case) -> Iterator[KeyProblem]:
    sigmas = dict(zip(case.layer_names, electronic_conductivities(case), strict=False))  # grain boundaries after them
    for name in case.filling_layers:
        place, material = ("layer", name, "uptake"), case.layer[name].material
        if name == case.layer_names[0]:
            yield KeyProblem(place, "is given, but the first layer is the anode's metal", "a layer above the first")
        if sigmas[name] <= CONDUCTS:
            text = f"is given, but '{material}' conducts no electrons ({sigmas[name]:g} S/m) to take up sodium with"
            yield KeyProblem(place, text, f"materials.{material}.electronic_conductivity above {CONDUCTS:g} S/m")


def _surface(case: Case) -> Iterator[KeyProblem]:
    surface, kind, dim = case.surface, case.surface.kind, case.geometry.dim
    keys, optional = SURFACE_KEYS[kind], {"contact_angle", "density", "on", "positions"}
    given = surface.model_fields_set & {key for own in SURFACE_KEYS.values() for key in own}
    for key in sorted(given - set(keys)):
        yield KeyProblem(("surface", key), f"has no meaning for kind '{kind}'", ", ".join(keys) or "none such")
    for key in keys:
        if key not in given | optional:
            needed = ", ".join(key for key in keys if key not in optional)
            yield KeyProblem(("surface", key), f"is missing; kind '{kind}' needs {needed}")
    yield from _drawn(case)
    if kind != "flat" and dim == 1:
        yield KeyProblem(("surface", "kind"), f"is '{kind}' with geometry.dim = 1", "'flat' in one dimension")
    if kind == "nuclei" and bool(surface.density) == bool(surface.positions):
        yield KeyProblem(("surface", "density"), "and surface.positions are both or neither given", "one of them")
    if surface.on == "interphase" and "interphase" not in case.layer_names[1:-1]:
        text = f"is 'interphase', and no layer between the anode and the last one ({', '.join(case.layer_names)}) is it"
        yield KeyProblem(("surface", "on"), text, "'anode', or a layer named interphase")
    if surface.film and len(case.layer_names) < 3:
        text = f"is {surface.film:g} m, and the stack ({', '.join(case.layer_names)}) has no layer that it could lie on"
        yield KeyProblem(("surface", "film"), text, "0, or a layer between the first and the last")
    sizes = (case.geometry.width, case.geometry.depth)[: dim - 1]
    for place in surface.positions:
        if len(place) != len(sizes) or any(x > size for x, size in zip(place, sizes, strict=True)):
            text = f"has {list(place)}; the sides are {' x '.join(f'{size:g} m' for size in sizes)}"
            yield KeyProblem(("surface", "positions"), text, "places x (2D) or [x, y] (3D) within the sides")
    if kind == "heightmap" and not Path(surface.file).is_file():
        yield KeyProblem(("surface", "file"), f"is '{surface.file}', which does not exist", "a file of heights")


def _drawn(case: Case) -> Iterator[KeyProblem]:
    """What is drawn at random must be a number of things that can be drawn."""
    surface, sides = case.surface, (case.geometry.width, case.geometry.depth)[: case.geometry.dim - 1]
    cure = "a smaller geometry.width" if len(sides) < 2 else "a smaller geometry.width and .depth"
    if surface.kind == "random" and sides and surface.correlation_length:
        waves, most = SPECTRUM_END * max(sides) / (math.pi * surface.correlation_length), RANDOM_WAVES[len(sides) + 1]
        if waves > most:
            least = SPECTRUM_END * max(sides) / (math.pi * most)
            text = f"is {surface.correlation_length:g} m: {waves:.2g} waves along a side of {max(sides):g} m"
            yield KeyProblem(("surface", "correlation_length"), text, f"at least {least:.3g} m, or {cure}")
    if surface.kind == "nuclei" and sides and surface.density:
        count = surface.density * math.prod(sides) if len(sides) == 2 else math.sqrt(surface.density) * sides[0]
        if count > NUCLEI:
            least = surface.density * (NUCLEI / count) ** (3 - len(sides))
            text = f"is {surface.density:g} 1/m^2: {count:.2g} nuclei"
            yield KeyProblem(("surface", "density"), text, f"at most {least:.3g} 1/m^2, or {cure}")


def _front(case: Case) -> Iterator[KeyProblem]:
    position, height, top = case.surface.position, case.height, case.surface_top
    bottom = position - case.surface_reach[0]
    if not 0.0 < position < height:
        text = f"is {position:g} m: a front outside the mesh"
        yield KeyProblem(("surface", "position"), text, f"between 0 and the cell's height of {height:g} m")
    if top >= height:
        yield KeyProblem(("surface",), f"reaches up to {top:g} m, above the cell", f"below its height of {height:g} m")
    if bottom <= 0.0:
        yield KeyProblem(("surface",), f"reaches down to {bottom:g} m", "above the collector at 0")
    zone = case.geometry.front_zone
    if zone and not top < zone <= height * (1.0 + 1e-12):
        allowed = f"above the metal at the start ({top:g} m), up to the cell's height ({height:g} m)"
        yield KeyProblem(("geometry", "front_zone"), f"is {zone:g} m", allowed)


def _alternatives(case: Case) -> Iterator[KeyProblem]:
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


def _output(case: Case) -> Iterator[KeyProblem]:
    known = (*case.unknowns, "material")
    if not case.output.fields:
        yield KeyProblem(("output", "fields"), "is an empty list", f"one or more of {either(known)}")
    for name in case.output.fields:
        if name not in known:
            yield KeyProblem(("output", "fields"), f"has '{name}'", either(known), closest(name, known))
