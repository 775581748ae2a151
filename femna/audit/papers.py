"""What the audit starts from: the numbers that the two papers print, in SI, and the material library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from femna.materials import PROPERTIES, arrhenius_conductivity, load_library
from femna.units import FARADAY, to_si

ROOM = 298.15
"""25 degC, in K."""

HOUR = 3600.0


@dataclass(frozen=True)
class PaperA:
    """Lu et al., Nano-Micro Lett. 2026, 18:417. Triples are P-Na, F-Na, SFC-Na."""

    current: float = 5.0  # A/m^2, of Figs. 3j and S20
    exchange_currents: tuple[float, ...] = (0.006, 0.011, 0.332)  # A/m^2, Fig. 3d
    cycling_voltage: float = 0.040  # V, abstract
    plating_voltage: float = 0.080  # V, Fig. S20
    barriers: tuple[float, float] = (0.704 * FARADAY, 0.0609 * FARADAY)  # J/mol, NaF and Na3Sb, Fig. S12
    sei_energies: tuple[float, ...] = (32.58e3, 31.18e3, 17.83e3)  # J/mol, Fig. 3e
    transfer_energies: tuple[float, ...] = (38.89e3, 38.82e3, 38.39e3)  # J/mol, Fig. 3f
    plating_times: tuple[float, ...] = (2 * HOUR, 8 * HOUR, 22 * HOUR)  # s, the last without a short, Fig. S20
    critical_currents: tuple[float, float] = (6.0, 31.0)  # A/m^2, P-Na and SFC-Na, Fig. 3g, i
    foil: float = 400e-6  # m, section 2.1
    loading: float = 2e-2  # kg/m^2, section 2.2.3
    pouch_loading: float = 20e-2  # kg/m^2, section 2.2.4
    last_capacity: float = 67.9 * 3600.0  # C/kg, at 2C, Fig. 6b
    retention: float = 0.741  # Fig. 6b
    cycles: int = 9000  # Fig. 6b
    efficiency: float = 0.9995  # lower bound, Fig. 6b


@dataclass(frozen=True)
class PaperB:
    """Li et al., Nature Communications 2025. Pairs are NZSP, NZSP-0.6NSF unless said."""

    thickness: tuple[float, float] = (0.7e-3, 1e-3)  # m, of the ceramic, Methods
    temperature: float = 303.15  # K, of symmetric cells, Figs. 2 and 3
    coated: tuple[float, float] = (6.5e-4, 2.0e-4)  # ohm m^2, one SnF2-coated interface, Fig. 2a
    currents: tuple[float, float] = (2.0, 5.0)  # A/m^2, Fig. 3
    voltages: tuple[float, float] = (0.015, 0.042)  # V, NZSP-0.6NSF at `currents`, Fig. 3
    resistances: tuple[float, float] = (75e-4, 84e-4)  # ohm m^2, from those, text on Fig. 3
    plain_voltage: float = 0.032  # V, NZSP at 2 A/m^2, Fig. 3b
    exchange_currents: tuple[float, float] = (1.41, 2.04)  # A/m^2, Fig. 2i
    interfaces: tuple[float, ...] = (2.0e-4, 6.5e-4, 54.5e-4, 190e-4, 720.5e-4, 1970e-4)  # ohm m^2, Figs. 2a, 5, S57
    critical_currents: tuple[float, ...] = (13.0, 6.0, 3.5, 2.0, 0.5, 0.25)  # A/m^2, same cells, Figs. 2b, c, S51, S58
    stripping_current: float = 3.0  # A/m^2, Fig. 2d-f
    stripping_times: tuple[float, float] = (4 * HOUR, 10 * HOUR)  # s, Fig. 2d-f
    contact_loss: tuple[float, float] = (0.9 * 3.6e4, 2.1 * 3.6e4)  # C/m^2, rise of R_int, Fig. 2g, h
    sodium: float = 20e-6  # m, Fig. S32
    coating: float = 18e-6  # m of SnF2, Fig. S24
    frequencies: tuple[float, float] = (0.1, 1e6)  # Hz, Methods
    diameter: float = 10e-3  # m, of the positive electrode, Methods
    loading: float = 1.53e-2  # kg/m^2, Methods
    rate: float = 117.0  # A/kg, 1C, text on Fig. 4
    cell_currents: tuple[float, float] = (0.1404e-3, 0.702e-3)  # A, 1C and 5C, Methods
    cutoffs: tuple[float, ...] = (0.02808, 0.0702, 0.1404, 0.2808, 0.4212)  # "mAh" at `cutoff_rates`, Methods
    cutoff_rates: tuple[float, ...] = (0.2, 0.5, 1.0, 2.0, 3.0)  # C
    slurry: tuple[float, float, float] = (105.0, 30.0, 500.0 * 0.03)  # mg of NVP, carbon, PVDF, Methods


@dataclass(frozen=True)
class Known:
    """The inputs of the audit: both papers and the material library."""

    a: PaperA = field(default_factory=PaperA)
    b: PaperB = field(default_factory=PaperB)
    library: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=load_library)

    def of(self, material: str, name: str) -> float:
        """A property of a library material.

        Args:
            material: name of the material.
            name: name of the property.

        Returns:
            Its value in SI units.
        """
        value = self.library[material][name]["value"]
        return to_si(value, PROPERTIES[name].unit) if isinstance(value, str) else float(value)

    def conductivity(self, material: str, temperature: float) -> float:
        """Ionic conductivity of a library material at a temperature: (A/T) exp(-E_a/(R T)).

        Args:
            material: name of the material.
            temperature: temperature, K.

        Returns:
            Conductivity, S/m.
        """
        reference, energy = self.of(material, "ionic_conductivity"), self.of(material, "activation_energy")
        return arrhenius_conductivity(reference, energy, self.of(material, "reference_temperature"), temperature)
