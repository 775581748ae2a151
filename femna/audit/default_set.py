"""Numbers for a first case with sodium, and how they hang together."""

from __future__ import annotations

import math
from collections.abc import Iterator

from femna.audit import closed_forms as laws
from femna.audit.anode_cells import PHASE_FIELD_VOLTAGE, SURFACE_ENERGY, ideal_gel
from femna.audit.papers import ROOM, Known
from femna.audit.row import Row, Span, check, convert, given, over, predict, same
from femna.units import FARADAY

WIDTHS = Span(0.25e-6, 0.75e-6)
"""Interface width l of xi = 1/2 (1 - tanh(n/l)), m."""


def rows(known: Known) -> Iterator[Row]:
    """The rows of the set.

    Args:
        known: the numbers of the papers and the library.

    Returns:
        The rows in their order.
    """
    molar_volume = known.of("na", "molar_volume")
    apparent = known.a.exchange_currents
    yield convert("S1", "sites of the metal", "library", "mol/m³", [1.0 / molar_volume], "1/V_m")
    yield convert(
        "S2", "flat sodium of 1 mAh/cm²", "library", "µm", [laws.sodium_thickness(3.6e4, molar_volume)], "V_m Q/F"
    )
    where = "0.22 J/m², l 0.25 to 0.75 µm"
    yield convert("S3", "double well W", where, "J/m³", [over(lambda l: 6.0 * SURFACE_ENERGY / l, WIDTHS)], "6 gamma/l")
    yield convert(
        "S4", "gradient coefficient", where, "J/m", [over(lambda l: 3.0 * SURFACE_ENERGY * l, WIDTHS)], "3 gamma l"
    )
    how = "from Tafel, apparent (A3c)"
    yield given("fit", "S5", "i0 of paper A: P, F, SFC", "Fig. 3d", "mA/cm²", apparent, how=how)
    contacts = [laws.charge_transfer(contact, ROOM) for contact in known.b.coated]
    yield given(
        "fit",
        "S6",
        "i0 from paper B's interfaces: NZSP, 0.6NSF",
        "Fig. 2a",
        "mA/cm²",
        [],
        how="RT/(F R_int)",
        femna=contacts,
    )
    rates = [i0 * molar_volume / (3.0 * FARADAY * l) for i0 in (*apparent, *contacts) for l in WIDTHS]
    constants = [Span(min(rates), max(rates))]
    yield convert("S7", "reaction constant over all of these", where, "1/s", constants, "i0/(3 l F c_s)")
    ideal, sigma = ideal_gel(known), known.of("gpe", "ionic_conductivity")
    yield check(
        "S8",
        "conductivity of the gel: library, ideal salt",
        "library",
        "S/cm",
        [sigma],
        [ideal],
        holds=same([sigma], [ideal], 0.1),
        how="F²(D+ + D-)c0/(R T), which a binary salt has in femna; the library's is lower, for ion pairs",
    )
    kinetic = apparent[2] * math.exp(0.5 * PHASE_FIELD_VOLTAGE / laws.thermal_voltage(ROOM))
    yield predict("S9", "what 0.5 V asks of SFC's i0", "section 2.4.2", "mA/cm²", [kinetic], "i0 exp(F V/(2RT))")
