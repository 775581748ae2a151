"""The tables of a case file, one class each. Lengths in m, and so on: SI throughout.

A key that is not given and has no natural default holds 0 (or nothing, or infinity) and is left out of the resolved
copy; femna/validation/rules.py says which keys go together.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, SerializerFunctionWrapHandler, StrictBool, model_serializer

from femna.quantities import HIGHEST_BARRIER, Quantity, Whole

Length = Annotated[float, Quantity("m", above=0)]
Position = tuple[Annotated[float, Quantity("m", at_least=0)], ...]


def _as_points(given: Any) -> Any:
    # in 2D a place is one number, which needs no brackets of its own
    return [place if isinstance(place, list) else [place] for place in given] if isinstance(given, list) else given


class Section(BaseModel):
    """A table of the case: fixed keys, not changed once read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unsaid: ClassVar[frozenset[str]] = frozenset()
    """Keys left out of the resolved copy while they hold their default."""

    @model_serializer(mode="wrap")
    def _without_unsaid(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        defaults = {key: field.get_default(call_default_factory=True) for key, field in type(self).model_fields.items()}
        skip = {key for key in self.unsaid if getattr(self, key) == defaults[key]}
        return {key: value for key, value in handler(self).items() if key not in skip}


class Geometry(Section):
    """front_zone: height above the collector up to which the mesh is fine."""

    unsaid = frozenset({"front_zone"})

    dim: Annotated[int, Whole(1, 3)]
    width: Length = 0.0
    depth: Length = 0.0
    front_zone: Length = 0.0


class Grains(Section):
    """Voronoi grains of a ceramic layer. size: the d-th root of their mean volume; boundary_width: of the band of cells
    that stands for a boundary, to which its two conductivities refer."""

    unsaid = frozenset({"boundary_width"})

    size: Length
    seed: Annotated[int, Whole(0)] = 0
    boundary_width: Length = 0.0
    boundary_conductivity_factor: Annotated[float, Quantity("", above=0)] = 1.0
    boundary_electronic_conductivity: Annotated[float, Quantity("S/m", at_least=0)] = 0.0


class Layer(Section):
    """A fixed strip of one material that metal may overrun. uptake: filled share at the start of one that takes up
    sodium."""

    unsaid = frozenset({"uptake", "grains"})

    material: str
    thickness: Length
    uptake: Annotated[float | None, Quantity("", at_least=0, at_most=1)] = None
    grains: Grains | None = None


SURFACE_KEYS: dict[str, tuple[str, ...]] = {
    "flat": (),
    "random": ("amplitude", "correlation_length"),
    "cosine": ("amplitude", "wavelength"),
    "bump": ("height", "width", "positions"),
    "nuclei": ("radius", "density", "positions", "contact_angle", "on"),
    "heightmap": ("file",),
}
"""The keys of the metal's surface that belong to each kind."""


class Surface(Section):
    """The metal front at the start. position: height of the undisturbed front above the collector. on: what nuclei
    stand on, the anode's front or the upper face of the layer `interphase`."""

    unsaid = frozenset(key for keys in SURFACE_KEYS.values() for key in keys)

    kind: Literal["flat", "random", "cosine", "bump", "nuclei", "heightmap"] = "flat"
    position: Annotated[float, Quantity("m", at_least=0)] = 0.0
    amplitude: Length = 0.0
    correlation_length: Length = 0.0
    wavelength: Length = 0.0
    height: Length = 0.0
    width: Length = 0.0
    radius: Length = 0.0
    density: Annotated[float, Quantity("1/m^2", above=0)] = 0.0
    positions: Annotated[tuple[Position, ...], BeforeValidator(_as_points)] = ()
    contact_angle: Annotated[float, Quantity("rad", above=0, below=math.pi)] = math.pi / 2
    on: Literal["anode", "interphase"] = "anode"
    file: str = ""
    film: Annotated[float, Quantity("m", at_least=0)] = 0.0


class Anisotropy(Section):
    """kappa = kappa0 (1 + strength cos(mode (theta - angle)))."""

    strength: Annotated[float, Quantity("", at_least=0, below=1)] = 0.0
    mode: Annotated[int, Whole(1)] = 4
    angle: Annotated[float, Quantity("rad")] = 0.0


class Interface(Section):
    """The diffuse front xi = 1/2 (1 - tanh(n/width)). Of mobility and barrier_ratio one is given, the other is 0."""

    unsaid = frozenset({"mobility", "barrier_ratio"})

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

    kind: Literal["nernst_planck", "binary", "single_ion"]
    sink: Literal["xi", "h"]
    collector: Literal["zero", "natural"]


class Contact(Section):
    """Area-specific resistance (ohm m^2) where two layers meet."""

    resistance: Annotated[float, Quantity("ohm*m^2", above=0)]
    activation_energy: Annotated[float, Quantity("J/mol", at_least=0, at_most=HIGHEST_BARRIER)] = 0.0


class Counter(Section):
    """What stands at the counter plane."""

    unsaid = frozenset({"thickness"})

    kind: Literal["ideal", "metal"] = "ideal"
    thickness: Length = 0.0


class Numerics(Section):
    """Of resolution (elements across the 10-90 % width) and cell_size (m) one is given, the other is 0."""

    unsaid = frozenset({"resolution", "cell_size", "dt_max"})

    resolution: Annotated[float, Quantity("", above=0)] = 0.0
    cell_size: Length = 0.0
    tolerance: Annotated[float, Quantity("", above=0, below=1)] = 1e-3
    dt_max: Annotated[float, Quantity("s", above=0)] = math.inf
    max_steps: Annotated[int, Whole(0)] = 1_000_000
    solver: Literal["auto", "gamg", "jacobi", "hypre", "direct"] = "auto"
    adaptive_mesh: StrictBool = False


class Output(Section):
    """interval: simulated time between stored fields, by default a twentieth of the protocol's duration; infinite
    (stored are the first and last state only) when the duration is not known."""

    unsaid = frozenset({"interval"})

    interval: Annotated[float, Quantity("s", above=0)] = math.inf
    fields: tuple[str, ...]
    checkpoint_interval: Annotated[float, Quantity("s", at_least=0)] = 30.0
