"""A case: everything that a run needs to know, typed, in SI, fully resolved."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal, NamedTuple

import tomli_w
from pydantic import Field, PrivateAttr

from femna.case.given import GivenKeys
from femna.case.material import Material
from femna.case.protocol import Protocol, ProtocolStep, flatten
from femna.case.sections import (
    Contact,
    Counter,
    Geometry,
    Interface,
    Kinetics,
    Layer,
    Mechanics,
    Noise,
    Numerics,
    Output,
    Surface,
    Transport,
)
from femna.case.tables import Section
from femna.errors import BadInput
from femna.materials import DEFAULT_METAL, PROPERTIES, Metal
from femna.materials.temperature import STANDARD_TEMPERATURE
from femna.quantities import TEMPERATURE, Quantity, WholeNumber
from femna.units import FARADAY, GAS_CONSTANT

WIDTH_10_90 = math.log(9.0)
"""10-90 % width of the front in units of interface.width: 2 atanh(0.8)."""


class Phase(NamedTuple):
    """What a cell of the mesh is made of.

    Args:
        layer: name of the layer.
        boundary: whether it is the grain boundaries within that layer.
    """

    layer: str
    boundary: bool = False


class Keys(Section):
    """The keys of the case file, and the properties of its layers."""

    omitted_defaults = frozenset({"contacts", "title", "source", "minutes", "processes", "mechanics"})

    name: str
    title: str = ""
    source: str = ""
    minutes: Annotated[float, Quantity("", at_least=0)] = 0.0
    model: Literal["single_potential", "two_potential"]
    metal: str = DEFAULT_METAL
    temperature: Annotated[float, TEMPERATURE] = STANDARD_TEMPERATURE
    random_seed: Annotated[int, WholeNumber(0)] = 0
    geometry: Geometry
    layer: dict[str, Layer]
    materials: dict[str, Material]
    contacts: Annotated[dict[str, Contact], Field(default_factory=dict)]
    counter: Counter = Counter()
    surface: Annotated[Surface, Field(default_factory=lambda: Surface.model_validate({}))]
    interface: Interface
    noise: Noise = Noise()
    kinetics: Kinetics = Kinetics()
    transport: Transport
    protocol: Protocol
    mechanics: Mechanics = Mechanics()
    numerics: Numerics = Numerics()
    output: Output
    processes: Annotated[dict[str, dict[str, Any]], Field(default_factory=dict)]

    def _layer(self, layer_name: str) -> Layer:
        if layer_name not in self.layer:
            raise BadInput(f"{self.name}: there is no layer '{layer_name}'; the layers are {', '.join(self.layer)}")
        return self.layer[layer_name]

    def property(self, layer_name: str, key: str) -> float:
        """A property of a layer's material at the case's temperature, SI.

        Without an activation energy nothing depends on temperature; without a reference temperature the values hold at
        298.15 K.

        Args:
            layer_name: name of the layer.
            key: name of the property, of those that `femna.materials` declares.

        Raises:
            BadInput: there is no such layer, or its material does not have the property.
        """
        name = self._layer(layer_name).material
        material = self.materials[name]
        entry = material.get(key)
        if entry is None:
            raise BadInput(
                f"{self.name}: materials.{name}.{key} is missing; layer '{layer_name}' needs it "
                f'(give it in the case: materials.{name}.{key} = "value unit")'
            )
        law, energy, reference = PROPERTIES[key].law, material.activation_energy, material.reference_temperature
        if law is None or energy is None:
            return entry.value
        at = STANDARD_TEMPERATURE if reference is None else reference.value
        return law(entry.value, energy.value, at, self.temperature)


class Case(Keys):
    """The resolved case; its attributes are the keys of the case file.

    `load_case` and `read_case_text` make it, with the defaults that depend on other keys.
    """

    _given: GivenKeys = PrivateAttr(default_factory=GivenKeys)

    @property
    def given(self) -> GivenKeys:
        """The keys that the user gave."""
        return self._given

    def with_given(self, given: GivenKeys) -> Case:
        """The same case, with what the user gave of it."""
        case = self.model_copy()
        case._given = given
        return case

    def to_toml(self) -> str:
        """The resolved case as the text of a case file; reading it gives an equal case."""
        return tomli_w.dumps(self.model_dump(mode="json", exclude_none=True))

    def steps(self) -> tuple[ProtocolStep, ...]:
        """The steps of the protocol in the order in which they are run, repeats expanded."""
        return tuple(flatten(self.protocol))

    @property
    def layer_names(self) -> tuple[str, ...]:
        """Layer names from the collector upwards; the first is the anode's metal, the last lies at the counter."""
        return tuple(self.layer)

    @property
    def phases(self) -> tuple[Phase, ...]:
        """Phases that number the cells: the layers in their order, then the grain boundaries of those with grains."""
        boundaries = [Phase(name, boundary=True) for name, layer in self.layer.items() if layer.grains is not None]
        return (*map(Phase, self.layer), *boundaries)

    @property
    def filling_layers(self) -> tuple[str, ...]:
        """The layers that take up sodium."""
        return tuple(name for name, layer in self.layer.items() if layer.uptake is not None)

    @property
    def is_lifted(self) -> bool:
        """Whether metal that forms on the anode lifts the layers above it."""
        return self.layer[self.layer_names[1]].moves

    @property
    def height(self) -> float:
        """Height of the counter plane above the collector plane, m."""
        return self.interval(self.layer_names[-1])[1]

    def interval(self, layer_name: str) -> tuple[float, float]:
        """Lower and upper height of a layer, m. Raises BadInput."""
        self._layer(layer_name)
        index = self.layer_names.index(layer_name)
        thickness = [layer.thickness for layer in self.layer.values()]
        low, high = (float(f"{math.fsum(thickness[:n]):.14g}") for n in (index, index + 1))  # 25e-6, not 24.999..e-6
        return low, high

    @property
    def interphase_top(self) -> float:
        """Height of the face on which the last layer lies, m."""
        return self.interval(self.layer_names[-2])[1]

    @property
    def valence(self) -> int:
        """z, the charge number of the metal's ion; 1 where its material does not say."""
        entry = self.materials[self.layer[self.layer_names[0]].material].valence
        return 1 if entry is None else round(entry.value)

    @property
    def metal_names(self) -> Metal:
        """How texts and figures call the metal and its ion."""
        return Metal(self.metal, self.valence)

    @property
    def site_density(self) -> float:
        """Metal in the metal, c_s = 1/V_m of the first layer's material, mol/m^3. Raises BadInput."""
        return 1.0 / self.property(self.layer_names[0], "molar_volume")

    @property
    def metal_charge(self) -> float:
        """z F c_s, the charge of a volume of metal, C/m^3. Raises BadInput."""
        return self.valence * FARADAY * self.site_density

    @property
    def salt_concentration(self) -> float:
        """c0, the concentration of the last layer's material, mol/m^3. Raises BadInput."""
        return self.property(self.layer_names[-1], "concentration")

    @property
    def salt_charge(self) -> float:
        """z F c0, the charge of the metal's ions in a volume of the salt, C/m^3. Raises BadInput."""
        return self.valence * FARADAY * self.salt_concentration

    @property
    def thermal_voltage(self) -> float:
        """V_T = RT/(z F), V."""
        return GAS_CONSTANT * self.temperature / (self.valence * FARADAY)

    @property
    def interface_width_10_90(self) -> float:
        """10-90 % width of the front, m."""
        return WIDTH_10_90 * self.interface.width

    @property
    def fine_cell(self) -> float:
        """Size of the finest cells, m."""
        return self.numerics.cell_size or self.interface_width_10_90 / self.numerics.resolution

    @property
    def surface_base(self) -> float:
        """Height above the collector of what the surface stands on, m. Raises BadInput where that layer is missing."""
        foundation = self.surface.shape.foundation
        return self.interval(foundation)[1] if foundation else self.surface.position

    @property
    def surface_reach(self) -> tuple[float, float]:
        """How far the anode's front reaches below and above surface.position at the start, m.

        It is 0 where the kind of surface does not know it beforehand.
        """
        shape = self.surface.shape
        return (0.0, 0.0) if shape.foundation else shape.reach

    @property
    def surface_top(self) -> float:
        """Height of the highest metal at the start, m."""
        shape = self.surface.shape
        tops = [self.surface.position, self.surface_base + shape.reach[1]]
        if self.surface.film:
            tops.append(self.interphase_top + self.surface.film)
        return max(tops)

    @property
    def front_zone_top(self) -> float:
        """Height up to which the mesh is fine, m: geometry.front_zone, else half-way from the front to the counter; at
        least the top of the layers that have grains."""
        zone = self.geometry.front_zone or 0.5 * (self.surface_top + self.height)
        grained = [self.interval(phase.layer)[1] for phase in self.phases if phase.boundary]
        return min(self.height, max(zone, *grained, 0.0))
