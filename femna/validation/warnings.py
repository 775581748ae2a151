"""What is worth a warning before a case is run: what its numbers make of the model, the mesh and the protocol."""

from __future__ import annotations

from collections.abc import Iterator

from femna.case import Case
from femna.derived.limiting_current import limiting_current, sand_time
from femna.derived.parameters import DerivedParameters
from femna.derived.protocol_numbers import holds_current, known_charges
from femna.geometry.phases import CONDUCTS, conducting_layers
from femna.materials import PROPERTIES
from femna.mesh.tree.bricks import misfit
from femna.models.registry import properties_read
from femna.physics.ion_transport.kinds import kind_of
from femna.physics.phase_field_constants import CUBIC_SPINODAL, bv_fraction
from femna.validation.front_warnings import front_warnings
from femna.validation.lengths import length_warnings
from femna.validation.mechanics_warnings import mechanics_warnings
from femna.validation.metal_rules import metal_warnings
from femna.validation.protocol_warnings import protocol_warnings
from femna.validation.unread_keys import unread_keys

SPEED_LOSS_LEVELS = ((1.0, 37), (0.4, 16.5), (0.17, 5), (0.07, 1))
"""Barrier ratios, falling, and the loss of speed (%) that each begins, with the quintic interpolation."""

LEAST_CELLS_ACROSS_FRONT = 4.0
"""Cells across the 10-90 % width of the front below which it sticks to the mesh."""

PUBLISHED_EXCHANGE_CURRENTS = "0.006 to 0.33 A/m^2 by Tafel's slopes with ohmic drop in them, 10 to 130 by impedance"
"""What Lu et al., Nano-Micro Lett. 2026, 18:417 (Fig. 3d) plot, and what the interface resistances of both papers allow
by RT/(F i0) (docs/audit.md)."""

LARGEST_DISPLACED_SHARE = 0.5
"""Share of the last layer's thickness that metal may fill before the salt left in it is too concentrated to be real."""


def case_warnings(case: Case, parameters: DerivedParameters) -> Iterator[str]:
    """The warnings about a case, one line each.

    Args:
        case: the case.
        parameters: its derived numbers.
    """
    for place in case.given.outside:
        yield f"a file outside the folder of the case file is read, {place}"
    yield from unread_keys(case)
    yield from metal_warnings(case)
    yield from protocol_warnings(case)
    yield from length_warnings(case)
    yield from mechanics_warnings(case)
    if case.numerics.adaptive_mesh and (reason := misfit(case)) is not None:
        yield (
            f"numerics.adaptive_mesh is true, but the mesh of this stack cannot follow the front ({reason}): it stays "
            "as it is, fine up to geometry.front_zone"
        )
    interface, single = case.interface, case.model == "single_potential"
    unsaid = [f"interface.{key}" for key in ("width", "energy") if key not in interface.model_fields_set]
    if "exchange_current_density" not in case.kinetics.model_fields_set:
        unsaid.append(f"kinetics.exchange_current_density ({PUBLISHED_EXCHANGE_CURRENTS})")
    if unsaid:
        yield f"not given, taken by default: {', '.join(unsaid)}"
    if single:
        yield from _butler_volmer(case, parameters.barrier_ratio)
    if parameters.interface_cells < LEAST_CELLS_ACROSS_FRONT:
        yield (
            f"only {parameters.interface_cells:.2g} cells across the front's 10-90 % width (4 are few, 5 are usual): "
            "the front sticks to the mesh; raise numerics.resolution or lower numerics.cell_size"
        )
    if interface.curvature == "artificial" and case.geometry.dim > 1 and parameters.drive:
        yield (
            f"tips sharper than {parameters.curvature_cut_off:.2g} m (l/(6 r)) are held back by the artificial "
            "interface energy: their radius follows from interface.width, not from physics"
        )
    yield from case.surface.shape.warnings((case.geometry.width, case.geometry.depth)[: case.geometry.dim - 1])
    yield from _anisotropy(case)
    yield from front_warnings(case, parameters.kinetic_current)
    if not single:
        yield from _dead_metal(case)
        yield from _used_up_salt(case)
        yield from _squeezed_salt(case)
        yield from _grains(case)
        yield from _idle_start(case)
    for step in set(case.steps()):
        if step.until.kind == "height" and step.until.value > case.front_zone_top and not case.is_lifted:
            yield (
                f"the protocol ends at a metal height of {step.until.value:g} m, but the mesh is fine only up to "
                f"{case.front_zone_top:g} m, where the run stops; raise geometry.front_zone"
            )
    yield from _assumed(case)


def _assumed(case: Case) -> Iterator[str]:
    """The assumed values that are read, and what publications give for them."""
    read = [(layer.material, key) for name, layer in case.layer.items() for key in properties_read(case, name)]
    values = {f"{name}.{key}": (key, case.materials[name].get(key)) for name, key in read}
    assumed = {name: (key, value) for name, (key, value) in values.items() if value and value.provenance == "assumed"}
    if assumed:
        yield f"assumed, not measured: {', '.join(assumed)}"
    cited = [
        f"{name} = {value.value:.3g} ({value.low:.2g} to {value.high:.2g} {PROPERTIES[key].unit}"
        f"{'' if value.low <= value.value <= value.high else ', outside: its source says why'})"
        for name, (key, value) in assumed.items()
        if value.low is not None and value.high is not None
    ]
    if cited:
        yield f"published ranges: {', '.join(cited)}"


def _butler_volmer(case: Case, ratio: float) -> Iterator[str]:
    interpolation = case.interface.interpolation
    cure = "lower interface.barrier_ratio" if case.interface.barrier_ratio else "raise interface.mobility"
    if interpolation == "cubic":
        if ratio >= CUBIC_SPINODAL:
            yield (
                f"barrier ratio r = {ratio:.3g} is beyond 1/3: with the cubic interpolation the electrolyte itself is "
                f"unstable (spinodal); {cure}, or lower the voltage"
            )
        return
    for level, loss in SPEED_LOSS_LEVELS:
        if ratio > level:
            yield (
                f"barrier ratio r = {ratio:.3g}: the front keeps {100.0 * bv_fraction(ratio, interpolation):.3g} % of "
                f"Butler-Volmer's speed (more than {loss:g} % are lost beyond r = {level:g}"
                f"{'; the apparent Tafel slope doubles beyond r = 5' if ratio > 1.0 else ''}); {cure}"
            )
            return


def _anisotropy(case: Case) -> Iterator[str]:
    strength, mode = case.interface.anisotropy.strength, case.interface.anisotropy.mode
    if not strength or mode < 2:
        return
    # gamma ~ sqrt(kappa), so gamma + gamma'' > 0 allows twice what a modulated width would
    limit = 2.0 / (mode**2 - 1.0)
    if strength > limit:
        yield (
            f"interface.anisotropy.strength = {strength:g} exceeds the convexity limit 2/(mode^2 - 1) = {limit:.3g} of "
            "a modulated kappa: orientations are missing and the equations are ill-posed there"
        )


def _dead_metal(case: Case) -> Iterator[str]:
    foundation = case.surface.shape.foundation
    standing = {foundation: (f"{case.surface.kind} on the {foundation} are", "them")} if foundation else {}
    if case.surface.film:
        standing[case.layer_names[-2]] = (f"film on the {case.layer_names[-2]} is", "it")
    for name, (what, pronoun) in standing.items():
        if case.layer_names.index(name) not in conducting_layers(case):
            yield (f"the {what} dead metal: no electrons reach {pronoun} through a layer of {CONDUCTS:g} S/m or less")


def _used_up_salt(case: Case) -> Iterator[str]:
    """A step that asks for more than the limiting current for longer than Sand's time.

    Stripping counts too where the counter electrode is metal, because then the salt is used up there.
    """
    limit = limiting_current(case)
    both = case.counter.kind == "metal"
    asked = {step.value: step for step in case.steps() if holds_current(step) and (step.value > 0.0 or both)}
    if not kind_of(case).holds_salt(case, case.layer_names[-1]) or not asked:
        return
    step = asked[max(asked, key=abs)]
    sand = sand_time(case, abs(step.value))
    if abs(step.value) > limit and step.duration > sand:
        yield (
            f"the protocol asks for {abs(step.value):.4g} A/m^2, more than the limiting current i_lim = {limit:.4g} "
            f"A/m^2: the salt is used up after about {sand:.3g} s (Sand's time) and the voltage runs away; lower the "
            "current, or let a voltage end the step"
        )


def _squeezed_salt(case: Case) -> Iterator[str]:
    """Metal that displaces the salt: a metal counter electrode keeps its place, and the salt cannot leave."""
    last = case.layer_names[-1]
    if case.counter.kind != "metal" or case.transport.kind == "single_ion":
        return
    most = max([0.0, *known_charges(case)])
    grown, thickness = most / case.metal_charge, case.layer[last].thickness
    if grown > LARGEST_DISPLACED_SHARE * thickness:
        yield (
            f"the protocol deposits {grown:.3g} m of metal, {grown / thickness:.0%} of layer '{last}': the counter "
            "keeps its place, and the salt is squeezed into what is left (docs/theory/ions.md, limits)"
        )


def _idle_start(case: Case) -> Iterator[str]:
    first = case.steps()[0]
    if holds_current(first) and not first.value and first.until.kind == "voltage" and not case.filling_layers:
        yield (
            f"the protocol begins at rest, until {first.until.value:g} V: nothing has taken the cell from its "
            "equilibrium yet, so it may never come there; a duration ends such a step for certain"
        )


def _grains(case: Case) -> Iterator[str]:
    names = [name for name, layer in case.layer.items() if layer.grains is not None]
    if names and case.geometry.dim == 1:
        yield (
            f"the grains of layer '{names[0]}' in one dimension are slices: every boundary lies across the current, "
            "and none leads through the layer; geometry.dim = 2 or 3 has such"
        )
