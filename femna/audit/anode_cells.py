"""Paper A, rows 6 to 14: plating, full cells and transport. Lu et al., Nano-Micro Lett. 2026, 18:417."""

from __future__ import annotations

import math
from collections.abc import Iterator

from femna.audit import closed_forms as laws
from femna.audit.papers import HOUR, ROOM, Known
from femna.audit.row import Row, Span, check, convert, given, predict, same
from femna.materials import nernst_einstein
from femna.units import FARADAY

PHASE_FIELD_VOLTAGE = 0.5
"""Of paper A's simulation, section 2.4.2, V."""

SEPARATORS = (675e-6, 300e-6)
"""Glass fibre (GF/D) as sold, and pressed: m, assumed."""

SURFACE_ENERGY = 0.22
"""Sodium, J/m^2: literature 0.20 to 0.26."""

THEORETICAL = 117.49 * 3600.0
"""Na3V2(PO4)3, two sodium a formula of 456.24 g/mol: C/kg."""


def planar_sodium(known: Known) -> list[float]:
    """Thickness of flat sodium plated one way until the short (P, F) or the end of the test (SFC).

    Args:
        known: the numbers of the papers and the library.

    Returns:
        Thicknesses of P, F and SFC, m.
    """
    charges = [known.a.current * time for time in known.a.plating_times]
    return [laws.sodium_thickness(charge, known.of("na", "molar_volume")) for charge in charges]


def ideal_gel(known: Known) -> float:
    """Conductivity that the gel has in femna with a binary salt: that of the diffusivities of its ions.

    Args:
        known: the numbers of the papers and the library.

    Returns:
        Conductivity, S/m.
    """
    ions = known.of("gpe", "diffusivity") + known.of("gpe", "anion_diffusivity")
    return nernst_einstein(ions, known.of("gpe", "concentration"), ROOM)


def rows(known: Known) -> Iterator[Row]:
    """The rows of the cells.

    Args:
        known: the numbers of the papers and the library.

    Returns:
        The rows in their order.
    """
    yield from _plating(known)
    yield from _full_cell(known)
    yield from _transport(known)


def _plating(known: Known) -> Iterator[Row]:
    a = known.a
    yield given(
        "fit",
        "A6a",
        "one-way plating at 0.5 mA/cm² until the short: P, F; SFC without",
        "Fig. S20",
        "h",
        a.plating_times,
        how="see A6d",
    )
    yield convert(
        "A6b", "charge passed by then", "Fig. S20", "mAh/cm²", [a.current * time for time in a.plating_times], "i t"
    )
    flat = planar_sodium(known)
    yield convert("A6c", "flat sodium of that charge", "Fig. S20", "µm", flat, "V_m Q/F")
    for id, gap in zip(("A6d", "A6e"), SEPARATORS, strict=True):
        yield given(
            "fit",
            id,
            f"speed of the tips over the flat front: P, F; SFC below; separator {gap * 1e6:g} µm",
            "Fig. S20",
            "",
            [],
            how="L/(v t), L assumed",
            femna=[gap / thickness for thickness in flat],
        )
    yield given(
        "fit",
        "A7a",
        "critical current: P, SFC",
        "Fig. 3g-i",
        "mA/cm²",
        a.critical_currents,
        how="needs the scale of heterogeneity",
    )
    yield given(
        "fit",
        "A7b",
        "its gain, SFC over P",
        "Fig. 3g-i",
        "",
        [],
        how="ratio",
        femna=[a.critical_currents[1] / a.critical_currents[0]],
    )
    yield given(
        "out of scope",
        "A8",
        "life at 0.5 (P, F, SFC), SFC at 1, at 2 mA/cm²",
        "Fig. 3j, k, S22",
        "h",
        [hours * HOUR for hours in (100, 200, 1000, 300, 180)],
        how="wear over many cycles",
    )
    yield given(
        "input",
        "A9a",
        "phase field: potential of electrode, of electrolyte",
        "section 2.4.2",
        "V",
        [0.0, 0.5],
        how="p-na, f-na, sfc-na",
    )
    salt = known.of("gpe", "concentration")
    yield given(
        "input",
        "A9b",
        "phase field: Na⁺ in electrolyte, in electrode",
        "section 2.4.2",
        "mol/L",
        [1000.0, 0.0],
        how="library",
        femna=[salt],
    )
    yield given(
        "fit",
        "A9c",
        "order of the dendrites P > F > SFC: diffusivities of the layers that give it",
        "Fig. 4f, S23",
        "m²/s",
        [],
        how="assumed, only their ratios measured: illustrated, not predicted",
        femna=[known.of(name, "diffusivity") for name in ("native-sei", "naf", "mci")],
    )


def _full_cell(known: Known) -> Iterator[Row]:
    a = known.a
    yield check(
        "A10a",
        "capacity of SFC at 5C: text, abstract",
        "section 3.5, abstract",
        "mAh/g",
        [91.8 * 3600.0, 91.7 * 3600.0],
        [],
        holds=same([91.8], [91.7], 1e-4),
        how="two numbers for one",
    )
    yield given(
        "fit",
        "A10b",
        "capacity at 5C of F; SFC at 2C after 9000 cycles; at 5C, long",
        "Fig. 6a, b, f",
        "mAh/g",
        [value * 3600.0 for value in (83.8, 67.9, 89.96)],
        how="no cathode in femna",
    )
    yield given(
        "fit",
        "A10c",
        "retention at 2C (9000 cycles), 5C (1100)",
        "Fig. 6b, f",
        "%",
        [0.741, 0.943],
        how="a rate of fading could only be fitted",
    )
    yield given(
        "out of scope",
        "A10d",
        "cycles: P and F until failure, 5 mg/cm²",
        "Fig. 6b, g",
        "",
        [250, 680, 550],
        how="wear over many cycles",
    )
    first = a.last_capacity / a.retention
    yield convert("A10e", "capacity at 2C before", "Fig. 6b", "mAh/g", [first], "67.9/0.741")
    lost = a.cycles * (1.0 - a.efficiency) * first * a.loading
    held = laws.sodium_charge(a.foil, known.of("na", "molar_volume"))
    yield check(
        "A10f",
        "sodium lost in 9000 cycles at 99.95 % within what the foil of 400 µm holds",
        "section 2.1, Fig. 6b",
        "mAh/cm²",
        [],
        [lost, held],
        holds=lost <= held,
        how=f"n (1 - CE) capacity; without the excess {100 * a.efficiency**a.cycles:.2g} % would be left",
    )
    two, five = (rate * a.loading * THEORETICAL / HOUR for rate in (2.0, 5.0))
    bounds = Span(*a.critical_currents)
    yield check(
        "A10g",
        "5C (2 mg/cm²) above the critical current of P, below that of SFC, as the cells show",
        "Fig. 3g-i, 6",
        "mA/cm²",
        [bounds],
        [five],
        holds=bounds.low < five < bounds.high,
        how="loading rate 117.5 mAh/g",
    )
    pouch = a.pouch_loading * THEORETICAL / HOUR
    yield convert(
        "A10h",
        "current density: 2C, 5C (2 mg/cm²), 1C (20 mg/cm²)",
        "Fig. 6, S28",
        "mA/cm²",
        [two, five, pouch],
        "loading rate 117.5 mAh/g",
    )
    yield given("out of scope", "A11a", "degree of polymerisation", "Fig. S15", "%", [0.897], how="chemistry")
    yield given(
        "out of scope",
        "A11b",
        "molar mass of the polymer, number and weight average",
        "Fig. S15",
        "g/mol",
        [5.149, 27.616],
        how=f"polydispersity {27616 / 5149:.2f}",
    )
    yield given(
        "out of scope",
        "A12",
        "pouch cell: mAh, g/Ah, cycles",
        "Fig. S28",
        "",
        [200, 2.5, 40],
        how="wear over many cycles",
    )


def _transport(known: Known) -> Iterator[Row]:
    a, diffusivity, salt = known.a, known.of("gpe", "diffusivity"), known.of("gpe", "concentration")
    limit = laws.limiting_current(diffusivity, salt, SEPARATORS[0])
    yield check(
        "A13",
        "critical current of SFC below the limiting current of the gel",
        "Fig. 3i",
        "mA/cm²",
        [a.critical_currents[1]],
        [limit],
        holds=a.critical_currents[1] <= limit,
        how="4 F D+ c0/L, D+ assumed, separator 675 µm",
    )
    front = (a.current, ideal_gel(known), SURFACE_ENERGY, known.of("na", "molar_volume"))
    yield predict(
        "A14a",
        "shortest wave that grows at 0.5 mA/cm²",
        "Fig. 4, 5",
        "µm",
        [laws.critical_wavelength(*front)],
        "2 pi sqrt(sigma gamma V_m/(F i)), sigma of the ideal salt (S8), as femna has it; salt at c0",
    )
    fastest = [laws.fastest_wavelength(*front, laws.charge_transfer(i0, ROOM)) for i0 in (30.0, a.exchange_currents[2])]
    yield predict(
        "A14b",
        "wave that grows fastest, i0 = 3 mA/cm² and SFC's",
        "Fig. 4, 5",
        "µm",
        fastest,
        "linear stability, wide gap; sigma as in A14a",
    )
    faster = math.exp(0.5 * PHASE_FIELD_VOLTAGE / laws.thermal_voltage(ROOM))
    lengths = [FARADAY * diffusivity * salt / (i0 * faster) for i0 in a.exchange_currents]
    yield check(
        "A14c",
        "phase field at 0.5 V: depletion length of the gel at Tafel's i0, P, F, SFC; filaments need it short under P",
        "section 2.4.2, Fig. 3d",
        "µm",
        [],
        lengths,
        holds=lengths[0] < lengths[-1],
        how="F D+ c0/(i0 exp(F V/2RT)), D+ assumed; 2D runs are flat at 5.7 µm and have fingers at 0.57 µm, "
        "where ions run out between them, and no branches",
    )
