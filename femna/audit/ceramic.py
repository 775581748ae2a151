"""Paper B, rows 1 to 10: the ceramic, its interfaces and their kinetics. Li et al., Nature Communications 2025."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator
from functools import partial
from statistics import mean, stdev

from femna.audit import closed_forms as laws
from femna.audit.papers import ROOM, Known
from femna.audit.row import Row, Span, check, convert, given, over, predict, same
from femna.units import FARADAY

TEMPERATURES = (303.15, 323.15, 348.15, 358.15, 373.15)
"""K, within the range of Fig. S9 (25 to 100 degC)."""


def cell_resistance(known: Known, temperature: float | None = None) -> Span:
    """Area resistance of the doped symmetric cell over the stated thicknesses: L/sigma(T) + 2 R_int.

    Args:
        known: the numbers of the papers and the library.
        temperature: temperature, K; that of the paper by default.

    Returns:
        Smallest and largest resistance, ohm m^2.
    """
    sigma = known.conductivity("nzsp-nsf", temperature or known.b.temperature)
    return over(partial(laws.symmetric_cell, conductivity=sigma, contact=known.b.coated[1]), Span(*known.b.thickness))


def implied_thickness(known: Known, resistance: float) -> float:
    """Thickness of the doped ceramic that a cell resistance would need: (R - 2 R_int) sigma(T).

    Args:
        known: the numbers of the papers and the library.
        resistance: area resistance of the cell, ohm m^2.

    Returns:
        Thickness, m.
    """
    return (resistance - 2.0 * known.b.coated[1]) * known.conductivity("nzsp-nsf", known.b.temperature)


def implied_conductivity(known: Known) -> Span:
    """Conductivity of the undoped ceramic that its polarisation implies: L/(V/i - 2 R_int).

    Args:
        known: the numbers of the papers and the library.

    Returns:
        Smallest and largest conductivity, S/m.
    """
    bulk = known.b.plain_voltage / known.b.currents[0] - 2.0 * known.b.coated[0]
    return over(lambda thickness: thickness / bulk, Span(*known.b.thickness))


def rows(known: Known) -> Iterator[Row]:
    """The rows of the ceramic.

    Args:
        known: the numbers of the papers and the library.

    Returns:
        The rows in their order.
    """
    yield from _ceramic(known)
    yield from _kinetics(known)


def _ceramic(known: Known) -> Iterator[Row]:
    b, sigma = known.b, known.of("nzsp-nsf", "ionic_conductivity")
    law = "sigma = (A/T) exp(-Ea/kT)"
    yield given(
        "input",
        "B1",
        "conductivity of NZSP-0.6NSF, 25 degC",
        "Results, Fig. S8",
        "S/cm",
        [0.13],
        how="library",
        femna=[sigma],
    )
    energy = known.of("nzsp-nsf", "activation_energy")
    yield given(
        "input",
        "B2a",
        "its activation energy",
        "Fig. S7b",
        "eV",
        [0.33 * FARADAY],
        how=f"library; {law}",
        femna=[energy],
    )
    reference = known.of("nzsp-nsf", "reference_temperature")
    yield convert(
        "B2b",
        "its prefactor A",
        "Fig. S7b",
        "S K/cm",
        [sigma * reference * math.exp(energy / (laws.thermal_voltage(reference) * FARADAY))],
        law,
    )
    values = [known.conductivity("nzsp-nsf", temperature) for temperature in TEMPERATURES]
    yield predict("B2c", "its conductivity at 30, 50, 75, 85, 100 degC", "Fig. S9", "S/cm", values, law)
    yield given(
        "fit",
        "B3",
        "interface under SnF2: NZSP, 0.6NSF",
        "Fig. 2a, Table S13",
        "ohm cm²",
        b.coated,
        how="impedance; the cases take it as contact resistance",
    )
    cell, warm = cell_resistance(known), cell_resistance(known, ROOM)
    yield predict(
        "B4a",
        "cell of 0.6NSF at 0.2 mA/cm², 30 degC: resistance",
        "Fig. 3a-d",
        "ohm cm²",
        [cell],
        "L/sigma(T) + 2 R_int, L 0.7 to 1 mm",
        published=[b.resistances[0]],
    )
    low, high = (over(partial(operator.mul, current), cell) for current in b.currents)
    yield predict(
        "B4b", "the same: polarisation", "Fig. 3a-d", "mV", [low], "i (L/sigma + 2 R_int)", published=[b.voltages[0]]
    )
    yield _thickness(known, "B4c", 0)
    yield check(
        "B4d",
        "the same, had the cell been at 25 degC",
        "Fig. 3a-d",
        "ohm cm²",
        [b.resistances[0]],
        [warm],
        holds=warm.low <= b.resistances[0] <= warm.high,
        how="L/sigma(25 degC) + 2 R_int; but the caption says 30 degC",
    )
    yield predict(
        "B5a",
        "cell of 0.6NSF at 0.5 mA/cm², 30 degC: polarisation",
        "Fig. 3e",
        "mV",
        [high],
        "as B4",
        published=[b.voltages[1]],
    )
    yield predict("B5b", "the same: resistance", "Fig. 3e", "ohm cm²", [cell], "as B4", published=[b.resistances[1]])
    yield _thickness(known, "B5c", 1)
    yield predict(
        "B5d",
        "its resistance in neither L/sigma nor R_int",
        "Fig. 3e",
        "ohm cm²",
        [over(lambda area: b.resistances[1] - area, cell)],
        "84 less B5b; growth of the interface is one candidate",
    )
    yield check(
        "B5e",
        "one resistance at 0.2 and 0.5 mA/cm² (ohmic cell)",
        "text on Fig. 3",
        "ohm cm²",
        b.resistances,
        [],
        holds=same(b.resistances[:1], b.resistances[1:]),
        how=f"they differ by {(b.resistances[1] - b.resistances[0]) * 1e4:.3g} ohm cm²",
    )
    plain = over(
        partial(laws.symmetric_cell, conductivity=known.of("nzsp", "ionic_conductivity"), contact=b.coated[0]),
        Span(*b.thickness),
    )
    yield given(
        "fit",
        "B6a",
        "cell of NZSP at 0.2 mA/cm²: resistance",
        "Fig. 3b, 32 mV",
        "ohm cm²",
        [b.plain_voltage / b.currents[0]],
        how="the library's sigma of NZSP was taken from it (L = 0.85 mm)",
        femna=[plain],
    )
    implied, doped = implied_conductivity(known), known.conductivity("nzsp-nsf", b.temperature)
    yield check(
        "B6b",
        "conductivity of NZSP that follows, below that of 0.6NSF",
        "Fig. 3b",
        "S/cm",
        [],
        [implied],
        holds=implied.high < doped,
        how=f"L/(160 - 2 R_int); 0.6NSF has {doped / 100.0:.3g}",
    )
    ohm = [voltage / current for voltage, current in zip(b.voltages, b.currents, strict=True)]
    yield check(
        "B7",
        "15 mV/0.2 and 42 mV/0.5 mA/cm²",
        "text on Fig. 3",
        "ohm cm²",
        b.resistances,
        ohm,
        holds=same(ohm, b.resistances),
        how="V/i",
    )


def _thickness(known: Known, id: str, which: int) -> Row:
    needed, told = implied_thickness(known, known.b.resistances[which]), Span(*known.b.thickness)
    return check(
        id,
        f"ceramic that {known.b.resistances[which] * 1e4:g} ohm cm² would need",
        "Methods",
        "mm",
        [told],
        [needed],
        holds=told.low <= needed <= told.high,
        how="(R - 2 R_int) sigma(30 degC)",
    )


def _kinetics(known: Known) -> Iterator[Row]:
    b = known.b
    whole = (b.plain_voltage / b.currents[0], b.resistances[0])
    apparent = [2.0 * laws.charge_transfer(current, ROOM) for current in b.exchange_currents]
    yield check(
        "B8a",
        "charge transfer at both electrodes by Tafel's j0 (0.141, 0.204 mA/cm²) within the whole cell: NZSP, 0.6NSF",
        "Fig. 2i, 3",
        "ohm cm²",
        whole,
        apparent,
        holds=all(part <= all_of_it for part, all_of_it in zip(apparent, whole, strict=True)),
        how="2 RT/(F j0): a part above the whole; j0 holds ohmic drop",
    )
    true = [laws.charge_transfer(contact, ROOM) for contact in b.coated]
    yield check(
        "B8b",
        "j0: Tafel's against that of R_int, NZSP, 0.6NSF",
        "Fig. 2a, i",
        "mA/cm²",
        b.exchange_currents,
        true,
        holds=same(b.exchange_currents, true, 0.5),
        how="RT/(F R_int); a factor of two would pass",
    )
    ratios = b.exchange_currents[1] / b.exchange_currents[0], b.coated[0] / b.coated[1]
    yield check(
        "B8c",
        "gain of j0 by doping, and of 1/R_int",
        "Fig. 2a, i",
        "",
        [],
        ratios,
        holds=same(ratios[:1], ratios[1:]),
        how="ratios",
    )
    where = "Fig. 2b, c, S51, S58"
    yield given(
        "fit",
        "B9a",
        "critical current, 30 degC: SnF2 on 0.6NSF, NZSP; Na+SnF2 on 0.6NSF; bare 0.6NSF; Na+SnF2, bare NZSP",
        where,
        "mA/cm²",
        b.critical_currents,
        how="needs the scale of heterogeneity",
    )
    coefficient, exponent, r2 = laws.power_law([r * 1e4 for r in b.interfaces], [i / 10 for i in b.critical_currents])
    yield given(
        "fit",
        "B9b",
        "critical current (mA/cm²) = a R_int^n (ohm cm²), six cells: a, n, R²",
        where,
        "",
        [],
        how="least squares of the logarithms",
        femna=[coefficient, exponent, r2],
    )
    products = [current * contact for current, contact in zip(b.critical_currents, b.interfaces, strict=True)]
    yield given(
        "fit", "B9c", "critical current times R_int, same order", where, "mV", [], how="i R_int", femna=products
    )
    middle, coated = sum(b.thickness) / 2.0, (1, 0, 1, 1, 0, 0)  # which of the six cells have 0.6NSF
    bulk = [known.conductivity(("nzsp", "nzsp-nsf")[which], b.temperature) for which in coated]
    voltages = [
        current * laws.symmetric_cell(middle, sigma, contact)
        for current, sigma, contact in zip(b.critical_currents, bulk, b.interfaces, strict=True)
    ]
    yield given(
        "fit",
        "B9d",
        "critical current times the cell's resistance: mean of six cells, their scatter",
        where,
        "mV",
        [],
        how="i (2 R_int + L/sigma), L = 0.85 mm: a voltage, from 0.25 to 13 A/m²",
        femna=[mean(voltages), stdev(voltages)],
    )
    yield given(
        "fit",
        "B10a",
        "interface before cycling: Na+SnF2 on 0.6NSF, bare 0.6NSF, Na+SnF2 on NZSP, bare NZSP",
        "Fig. 5, S57",
        "ohm cm²",
        b.interfaces[2:],
        how="impedance",
    )
    yield given(
        "fit",
        "B10b",
        "after: Na+SnF2 and bare 0.6NSF, bare NZSP; SnF2 on 0.6NSF, on NZSP (Na+SnF2 on NZSP: short)",
        "Fig. 5, S37, S57",
        "ohm cm²",
        [60.45e-4, 178.5e-4, 15640e-4, 5e-4, 19e-4],
        how="a growth law could only be fitted",
    )
