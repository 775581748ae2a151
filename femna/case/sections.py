"""The tables of a case file, one class each, in SI.

A key that is not given and has no natural default holds 0 (or nothing, or infinity) and is omitted from the resolved
copy; femna/validation says which keys go together.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, StrictBool
from pydantic.fields import FieldInfo

from femna.case.tables import OpenSection, Section
from femna.quantities import HIGHEST_BARRIER, Length, Quantity, WholeNumber
from femna.surfaces import SurfaceKind, kind_keys, surface_kinds


class Geometry(Section):
    """front_zone: height above the collector up to which the mesh is fine."""

    omitted_defaults = frozenset({"front_zone"})

    dim: Annotated[int, WholeNumber(1, 3)]
    width: Length = 0.0
    depth: Length = 0.0
    front_zone: Length = 0.0


class Grains(Section):
    """Voronoi grains of a ceramic layer. size: the d-th root of their mean volume; boundary_width: of the band of cells
    that stands for a boundary, to which its two conductivities refer."""

    omitted_defaults = frozenset({"boundary_width"})

    size: Length
    seed: Annotated[int, WholeNumber(0)] = 0
    boundary_width: Length = 0.0
    boundary_conductivity_factor: Annotated[float, Quantity("", above=0)] = 1.0
    boundary_electronic_conductivity: Annotated[float, Quantity("S/m", at_least=0)] = 0.0


class Layer(Section):
    """A strip of one material. uptake: filled share at the start of one that takes up sodium; moves: whether metal that
    forms below it lifts it, and all that lies above it, or overruns it."""

    omitted_defaults = frozenset({"uptake", "grains", "moves"})

    material: str
    thickness: Length
    uptake: Annotated[float | None, Quantity("", at_least=0, at_most=1)] = None
    grains: Grains | None = None
    moves: StrictBool = False


class Surface(OpenSection):
    """The metal front at the start.

    kind: of the registered kinds of surface; position: height of the undisturbed front above the collector; film:
    thickness of a seed film on the face on which the last layer lies. All other keys are those of the kinds; a key that
    is required and not given is None.
    """

    if TYPE_CHECKING:
        kind: str
        position: float
        film: float

    @classmethod
    def declared(cls) -> tuple[type[SurfaceKind], ...]:
        """The registered kinds."""
        return surface_kinds()

    @classmethod
    def fields(cls) -> dict[str, tuple[Any, Any]]:
        """Their keys, and those that every surface has."""
        height = Annotated[float, Quantity("m", at_least=0)]
        names = tuple(kind.name for kind in surface_kinds())
        return {
            "kind": (Literal[names], "flat"),
            "position": (height, 0.0),
            **{key: _optional(kind.model_fields[key]) for key, kind in kind_keys().items()},
            "film": (height, 0.0),
        }

    def omitted_keys(self) -> Iterable[str]:
        """The keys of the kinds."""
        return kind_keys()

    @property
    def shape(self) -> SurfaceKind:
        """The kind with its own keys as they are given; whether all are there is a rule's to say."""
        return self.as_kind(next(kind for kind in surface_kinds() if kind.name == self.kind))

    def as_kind(self, kind: type[SurfaceKind]) -> SurfaceKind:
        """A kind with those of its keys that are given, whether it is the kind of this surface or not."""
        given = {key: getattr(self, key) for key in kind.model_fields if key in self.model_fields_set}
        return kind.model_construct(**given)


def _optional(field: FieldInfo) -> tuple[Any, Any]:
    """A key of a kind as a key of the table, which other kinds do not need."""
    kind = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
    return kind, None if field.is_required() else field.default


class Anisotropy(Section):
    """kappa = kappa0 (1 + strength cos(mode (theta - angle)))."""

    strength: Annotated[float, Quantity("", at_least=0, below=1)] = 0.0
    mode: Annotated[int, WholeNumber(1)] = 4
    angle: Annotated[float, Quantity("rad")] = 0.0


class Interface(Section):
    """The diffuse front xi = 1/2 (1 - tanh(n/width)). Of mobility and barrier_ratio one is given, the other is 0."""

    omitted_defaults = frozenset({"mobility", "barrier_ratio"})

    width: Length = 0.5e-6
    energy: Annotated[float, Quantity("J/m^2", above=0)] = 0.22
    mobility: Annotated[float, Quantity("m^3/(J*s)", above=0)] = 0.0
    barrier_ratio: Annotated[float, Quantity("", above=0)] = 0.0
    interpolation: Literal["quintic", "cubic", "smooth_cut"] = "quintic"
    curvature: Literal["artificial", "physical"]
    anisotropy: Anisotropy = Anisotropy()


class Noise(Section):
    """amplitude: of the reaction's fluctuation, independent of mesh and step; a plain number."""

    amplitude: Annotated[float, Quantity("", at_least=0)] = 0.0


LARGEST_POTENTIAL = 10.0
"""V, of an electrode against sodium: no couple of elements comes to more than 6 V."""


class Kinetics(Section):
    """Butler-Volmer; transfer_coefficient is the cathodic one, the anodic one is the rest to 1."""

    exchange_current_density: Annotated[float, Quantity("A/m^2", at_least=0)] = 0.332
    transfer_coefficient: Annotated[float, Quantity("", above=0, below=1)] = 0.5
    standard_potential: Annotated[float, Quantity("V", at_least=-LARGEST_POTENTIAL, at_most=LARGEST_POTENTIAL)] = 0.0
    nucleation_overpotential: Annotated[float, Quantity("V", at_least=0, at_most=LARGEST_POTENTIAL)] = 0.0


class Transport(Section):
    """How sodium ions move, what the reaction takes from them, and c at the collector."""

    kind: Annotated[str, BeforeValidator(str)]  # a registered kind, which a rule asks for
    sink: Literal["xi", "h"]
    collector: Literal["zero", "natural"]


class Contact(Section):
    """Area-specific resistance (ohm m^2) where two layers meet."""

    resistance: Annotated[float, Quantity("ohm*m^2", above=0)]
    activation_energy: Annotated[float, Quantity("J/mol", at_least=0, at_most=HIGHEST_BARRIER)] = 0.0


class Counter(Section):
    """What stands at the counter plane."""

    omitted_defaults = frozenset({"thickness"})

    kind: Literal["ideal", "metal"] = "ideal"
    thickness: Length = 0.0


class Mechanics(Section):
    """Stress in the stack. interval: time steps between two solves."""

    omitted_defaults = frozenset({"model", "top", "stack_pressure", "spring_stiffness", "interval", "acts_on_kinetics"})

    model: Literal["none", "elastic"] = "none"
    top: Literal["free", "pressure", "spring", "fixed"] = "free"
    stack_pressure: Annotated[float, Quantity("Pa", at_least=0)] = 0.0
    spring_stiffness: Annotated[float, Quantity("Pa/m", above=0)] = 0.0
    interval: Annotated[int, WholeNumber(1)] = 1
    acts_on_kinetics: StrictBool = False


class Numerics(Section):
    """Of resolution (elements across the 10-90 % width) and cell_size (m) one is given, the other is 0."""

    omitted_defaults = frozenset({"resolution", "cell_size", "dt_max"})

    resolution: Annotated[float, Quantity("", above=0)] = 0.0
    cell_size: Length = 0.0
    tolerance: Annotated[float, Quantity("", above=0, below=1)] = 1e-3
    dt_max: Annotated[float, Quantity("s", above=0)] = math.inf
    max_steps: Annotated[int, WholeNumber(0)] = 1_000_000
    solver: Literal["auto", "nested", "gamg", "jacobi", "hypre", "direct"] = "auto"
    adaptive_mesh: StrictBool = False


class Output(Section):
    """interval: simulated time between stored fields, by default a twentieth of the protocol's duration; infinite
    (stored are the first and last state only) when the duration is not known."""

    omitted_defaults = frozenset({"interval"})

    interval: Annotated[float, Quantity("s", above=0)] = math.inf
    fields: tuple[str, ...] = ()
    checkpoint_interval: Annotated[float, Quantity("s", at_least=0)] = 30.0
