"""Paper A, rows 1 to 5: the mixed conductor and its kinetics. Lu et al., Nano-Micro Lett. 2026, 18:417."""

from __future__ import annotations

import math
from collections.abc import Iterator

from femna.audit import closed_forms as laws
from femna.audit.papers import ROOM, Known
from femna.audit.row import Row, Span, check, convert, given, predict, same
from femna.materials import arrhenius_conductivity
from femna.units import FARADAY

LAYER = 1e-6
"""Thickness of the mixed conductor, m: assumed, the text has none."""

CONTACT = 1e-4
"""Charge-transfer resistance at either of its faces, ohm m^2: assumed."""

IONIC = (1e-6, 1e-5, 1e-4, 2.2e-4, 1e-3, 1e-2)
"""Ionic conductivities (S/m) for which the share on top is told."""

EIS_TEMPERATURES = (298.15, 308.15, 318.15, 328.15)
"""Where the library's layers are sampled for equation (9), K."""


def fitted_energy(known: Known, material: str) -> float:
    """E_SEI by the regression of the paper, from the resistance of a library layer at several temperatures.

    Args:
        known: the numbers of the papers and the library.
        material: name of the material.

    Returns:
        Activation energy, J/mol.
    """
    energy, at = known.of(material, "activation_energy"), known.of(material, "reference_temperature")
    sigma = known.of(material, "ionic_conductivity")
    layers = [LAYER / arrhenius_conductivity(sigma, energy, at, temperature) for temperature in EIS_TEMPERATURES]
    return laws.arrhenius_energy(EIS_TEMPERATURES, layers)


def most_layer(known: Known) -> float:
    """Largest thickness of both layers if all sodium plates on top within the cycling voltage: V sigma_e/(2 i).

    Args:
        known: the numbers of the papers and the library.

    Returns:
        Thickness, m.
    """
    return known.a.cycling_voltage * known.of("mci", "electronic_conductivity") / (2.0 * known.a.current)


def rows(known: Known) -> Iterator[Row]:
    """The rows of the mixed conductor.

    Args:
        known: the numbers of the papers and the library.

    Returns:
        The rows in their order.
    """
    yield from _mixed_conductor(known)
    yield from _kinetics(known)


def _mixed_conductor(known: Known) -> Iterator[Row]:
    a, electronic = known.a, known.of("mci", "electronic_conductivity")
    yield given(
        "input",
        "A1a",
        "electronic conductivity of the MCI",
        "Fig. 3c",
        "S/cm",
        [2.2e-4],
        how="library",
        femna=[electronic],
    )
    literal = 1.0 / (electronic * 100.0)
    yield check(
        "A1b",
        "the same as printed, mS cm⁻²: its resistance within that of the cell",
        "section 3.2",
        "ohm cm²",
        [a.cycling_voltage / a.current],
        [literal],
        holds=literal <= a.cycling_voltage / a.current,
        how="1/(0.0022 mS cm⁻²); mS/cm is meant",
    )
    yield convert("A1c", "electronic resistance of the MCI", "Fig. 3c", "ohm cm²/µm", [1.0 / electronic], "1/sigma_e")
    yield predict(
        "A1d",
        "what plating on top only costs at 0.5 mA/cm², one electrode",
        "Fig. 3c, j",
        "mV/µm",
        [a.current / electronic],
        "i/sigma_e",
    )
    yield predict(
        "A1e", "thickest MCI with 40 mV for two electrodes", "abstract", "µm", [most_layer(known)], "V sigma_e/(2 i)"
    )
    yield predict(
        "A1f",
        "ionic conductivity below which more than half plates on top",
        "Fig. 1, 3c",
        "S/cm",
        [laws.even_ionic(LAYER, electronic, CONTACT, CONTACT)],
        "current divider, R_b = R_t",
    )
    yield predict(
        "A1g",
        "share on top for sigma_i = 1e-8, 1e-7, 1e-6, 2.2e-6, 1e-5, 1e-4 S/cm",
        "Fig. 1, 4",
        "",
        [laws.top_fraction(LAYER, ionic, electronic, CONTACT, CONTACT) for ionic in IONIC],
        "divider, 1 µm, R_b = R_t = 1 ohm cm² (assumed); the run has its own numbers",
    )
    most = laws.charge_transfer(a.exchange_currents[2], ROOM)
    fast = known.of("mci", "ionic_conductivity")
    ends = sorted(laws.top_fraction(LAYER, fast, electronic, contact, contact) for contact in (CONTACT, most))
    yield predict(
        "A1h",
        "share on top with the library's sigma_i (assumed: 'exceptional Na⁺ conductivity')",
        "section 1, Fig. 1, 4",
        "",
        [Span(*ends)],
        "divider, 1 µm, R_b = R_t from 1 ohm cm² to RT/(F i0); fast ions plate below, see A1f",
        published=[Span(0.5, 1.0)],
    )


def _kinetics(known: Known) -> Iterator[Row]:
    a = known.a
    yield given(
        "out of scope",
        "A2a",
        "barrier in NaF, Na3Sb; band gap of NaF, Na3Sb; adsorption on NaF, Na3Sb",
        "Fig. 3, S12, S13",
        "eV",
        [*a.barriers, *(value * FARADAY for value in (6.06, 0.339, 0.23, 1.07))],
        how="electronic structure",
    )
    hops = math.exp((a.barriers[0] - a.barriers[1]) / (laws.thermal_voltage(ROOM) * FARADAY))
    yield predict("A2b", "hop rate in Na3Sb over NaF", "Fig. S12", "", [hops], "exp(dE/kT), equal prefactors assumed")
    yield given(
        "fit",
        "A3a",
        "exchange current by Tafel: P, F, SFC",
        "Fig. 3d",
        "µA/cm²",
        a.exchange_currents,
        how="apparent; see A3c",
    )
    losses = [laws.overpotential(a.current, i0, ROOM) for i0 in a.exchange_currents]
    yield predict(
        "A3b",
        "overpotential of one electrode at 0.5 mA/cm² with these i0: P, F, SFC",
        "Fig. 3d",
        "mV",
        losses,
        "(2RT/F) asinh(i/(2 i0))",
    )
    yield check(
        "A3c",
        "the same for the two of SFC, within the cell's 40 mV (cycling) or 80 mV (one way)",
        "abstract, Fig. S20",
        "mV",
        [a.cycling_voltage, a.plating_voltage],
        [2.0 * losses[2]],
        holds=2.0 * losses[2] <= a.plating_voltage,
        how="so these are no true exchange currents",
    )
    gain = a.exchange_currents[2] / a.exchange_currents[0]
    yield given("fit", "A3d", "gain of i0, SFC over P", "Fig. 3d", "", [], how="a trend", femna=[gain])
    resistances = [voltage / a.current for voltage in (a.cycling_voltage, a.plating_voltage)]
    yield check(
        "A4",
        "one cell resistance from 40 mV (cycling) and 80 mV (one way) at 0.5 mA/cm²",
        "abstract, Fig. S20",
        "ohm cm²",
        [],
        resistances,
        holds=same(resistances[:1], resistances[1:]),
        how="V/i; equal only if the 40 mV count one electrode",
    )
    energies = [fitted_energy(known, name) for name in ("native-sei", "naf", "mci")]
    volts = ", ".join(f"{energy / FARADAY:.3f}" for energy in a.sei_energies + a.transfer_energies)
    yield given(
        "fit",
        "A5a",
        "E_SEI of P, F, SFC",
        "Fig. 3e",
        "kJ/mol",
        a.sei_energies,
        how="equation (9) on the library's layers",
        femna=energies,
    )
    yield given(
        "fit", "A5b", "E_ct of P, F, SFC", "Fig. 3f", "kJ/mol", a.transfer_energies, how=f"with E_SEI {volts} eV"
    )
    saved = a.transfer_energies[0] - a.transfer_energies[2]
    explained = math.exp(saved / (laws.thermal_voltage(ROOM) * FARADAY))
    yield check(
        "A5c",
        "gain of i0, SFC over P, from the difference in E_ct",
        "Fig. 3d, f",
        "",
        [gain],
        [explained],
        holds=same([gain], [explained], 0.5),
        how=f"exp(dE/RT), to a factor of two; E_ct differ by {100 * saved / a.transfer_energies[0]:.2g} % only",
    )
