"""Paper B, rows 11 to 22: stripping, full cells and the rest. Li et al., Nature Communications 2025."""

from __future__ import annotations

import math
from collections.abc import Iterator

from femna.audit import closed_forms as laws
from femna.audit.papers import Known
from femna.audit.row import Row, Span, check, convert, given, predict, same
from femna.mechanics.exact_stresses import Isotropic
from femna.units import FARADAY

TIN_FLUORIDE = 4570.0 / 0.156707
"""Sites of dense SnF2, mol/m^3: handbook density over molar mass."""

SODIUM_YIELD = Span(0.19e6, 0.28e6)
"""Yield stress of sodium at 1e-3/s, Pa: Wang et al., Materialia 12 (2020) 100792."""

SODIUM_PER_SITE = 5.75
"""SnF2 + 5.75 Na -> 2 NaF + 1/4 Na15Sn4."""


def areal_currents(known: Known) -> list[float]:
    """Current densities of 1C and 5C on the disc of the positive electrode.

    Args:
        known: the numbers of the papers and the library.

    Returns:
        Current densities, A/m^2.
    """
    return [current / (math.pi * known.b.diameter**2 / 4.0) for current in known.b.cell_currents]


def rate_current(known: Known) -> float:
    """Current of 1C from loading, area and specific current.

    Args:
        known: the numbers of the papers and the library.

    Returns:
        Current, A.
    """
    return known.b.loading * math.pi * known.b.diameter**2 / 4.0 * known.b.rate


def rows(known: Known) -> Iterator[Row]:
    """The rows of the cells.

    Args:
        known: the numbers of the papers and the library.

    Returns:
        The rows in their order.
    """
    yield from _stripping(known)
    yield from _full_cell(known)
    yield from _rest(known)


def _stripping(known: Known) -> Iterator[Row]:
    b = known.b
    passed = [b.stripping_current * time for time in b.stripping_times]
    yield check(
        "B11a",
        "rise of R_int before the end of stripping at 0.3 mA/cm²: NZSP (4 h), 0.6NSF (10 h)",
        "Fig. 2d-h",
        "mAh/cm²",
        b.contact_loss,
        passed,
        holds=all(rise <= end for rise, end in zip(b.contact_loss, passed, strict=True)),
        how="i t",
    )
    yield check(
        "B11b",
        "interfaces of 0.6NSF below 10 ohm cm²",
        "Fig. 2f",
        "ohm cm²",
        [10e-4],
        [2 * b.coated[1]],
        holds=2 * b.coated[1] < 10e-4,
        how="2 R_int",
    )
    held = laws.sodium_charge(b.sodium, known.of("na", "molar_volume"))
    how = "reservoir of 20 µm Na: F d/V_m"
    yield predict(
        "B12a",
        "charge at which R_int rises, 0.6NSF",
        "Fig. 2h, S32",
        "mAh/cm²",
        [held],
        f"{how}; B12c denies that the cell had 20 µm, and then this is a coincidence",
        published=b.contact_loss[1:],
    )
    yield predict(
        "B12b",
        "charge at which R_int rises, NZSP",
        "Fig. 2g, S32",
        "mAh/cm²",
        [held],
        how,
        published=b.contact_loss[:1],
    )
    yield check(
        "B12c",
        "sodium stripped in 10 h within what 20 µm hold",
        "Fig. 2e, S32",
        "mAh/cm²",
        passed[1:],
        [held],
        holds=passed[1] <= held,
        how="more than 20 µm can give: another cell, or another state",
    )
    spreads = [laws.contact_spread(b.sodium, charge, known.of("na", "molar_volume"), 1.1) for charge in b.contact_loss]
    yield given(
        "fit",
        "B12d",
        "spread of 20 µm Na by which R_int is up by 10 % at the charges of NZSP, 0.6NSF",
        "Fig. 2g, h, S32",
        "µm",
        [],
        how="theta = P(h > s), normal heights stripped in parallel; 9 µm would be nearly half of the film",
        femna=spreads,
    )
    slowest, fastest = (laws.relaxation_time(frequency) for frequency in b.frequencies)
    window = Span(fastest, slowest)
    for id, what, band in (
        ("B13a", "grain boundaries", Span(0.0, 1.6e-7)),
        ("B13b", "charge transfer", Span(1.6e-3, 1.6e-2)),
        ("B13c", "interface", Span(0.1, 10.0)),
    ):
        inside = fastest <= band.low and band.high <= slowest
        yield check(
            id,
            f"relaxation times within what 0.1 Hz to 1 MHz resolve: {what}",
            "Fig. 2g, h",
            "s",
            [band],
            [window],
            holds=inside,
            how="1/(2 pi f)",
        )
    yield given(
        "out of scope",
        "B14",
        "life, 0.6NSF and NZSP: SnF2 at 0.2; at 0.5; at 0.025 mA/cm² Na+SnF2; bare",
        "Fig. 3, S50, S63",
        "h",
        [hours * 3600.0 for hours in (6000, 100, 3600, 7, 1000, 25, 70, 3)],
        how="wear over many cycles",
    )


def _full_cell(known: Known) -> Iterator[Row]:
    b = known.b
    densities = areal_currents(known)
    yield given(
        "fit",
        "B15a",
        "capacity at 1C, 5C",
        "Fig. 4",
        "mAh/g",
        [110.32 * 3600.0, 100.11 * 3600.0],
        how="no cathode in femna",
    )
    yield given(
        "fit",
        "B15b",
        "retention: 1C 2500, 5C 1200 cycles, NZSP 1C 200; Coulombic efficiency",
        "Fig. 4",
        "%",
        [0.875, 0.961, 0.655, 0.9996],
        how="a rate of fading could only be fitted",
    )
    yield predict(
        "B15c",
        "ohmic loss at 1C, 5C",
        "Fig. 4",
        "mV",
        [density * b.resistances[0] for density in densities],
        "i times the measured 75 ohm cm²",
    )
    one = rate_current(known)
    yield check(
        "B16a",
        "1C, 5C from 117 mA/g, 1.53 mg/cm², disc of 10 mm",
        "Methods",
        "mA",
        b.cell_currents,
        [one, 5 * one],
        holds=same(b.cell_currents, [one, 5 * one]),
        how="loading area rate",
    )
    yield convert("B16b", "current density at 1C, 5C", "Methods", "mA/cm²", densities, "current over the disc")
    bounds = Span(b.critical_currents[1], b.critical_currents[0])
    yield check(
        "B16c",
        "5C above the critical current of NZSP, below that of 0.6NSF, as the rate tests show",
        "Fig. 2b, c, 4",
        "mA/cm²",
        [bounds],
        densities[1:],
        holds=bounds.low < densities[1] < bounds.high,
        how="B16b against B9a",
    )
    capacity = one * 3600.0
    yield check(
        "B17a",
        "cut-off capacities at 0.2, 0.5, 1, 2, 3C within what the cell holds",
        "Methods",
        "mAh",
        [cutoff * 3.6 for cutoff in b.cutoffs],
        [capacity],
        holds=max(b.cutoffs) * 3.6 <= capacity * 1.01,
        how="loading area 117 mAh/g",
    )
    currents = [rate * one for rate in b.cutoff_rates]
    yield check(
        "B17b",
        "the same numbers as currents in mA",
        "Methods",
        "mA",
        [cutoff * 1e-3 for cutoff in b.cutoffs],
        currents,
        holds=same([cutoff * 1e-3 for cutoff in b.cutoffs], currents),
        how="rate times 1C: that is what they are",
    )


def _rest(known: Known) -> Iterator[Row]:
    b = known.b
    moduli = [known.of(name, "youngs_modulus") for name in ("nzsp", "nzsp-nsf")]
    yield given(
        "input",
        "B18a",
        "Young's modulus of NZSP, 0.6NSF",
        "Fig. S13",
        "GPa",
        [75.05e9, 90.58e9],
        how="library",
        femna=moduli,
    )
    yield given(
        "out of scope", "B18b", "hardness of NZSP, 0.6NSF", "Fig. S13", "GPa", [4.83e9, 6.37e9], how="no plasticity"
    )
    shear = [
        Isotropic(known.of(name, "youngs_modulus"), known.of(name, "poisson_ratio")).shear_modulus
        for name in ("nzsp", "nzsp-nsf", "na")
    ]
    yield convert(
        "B18c",
        "shear modulus of NZSP, 0.6NSF over sodium's",
        "Fig. S13",
        "",
        [shear[0] / shear[2], shear[1] / shear[2]],
        how="far above Monroe and Newman's threshold of about 2: no critical current follows from moduli",
    )
    per_charge = known.of("na", "molar_volume") / FARADAY
    yield convert(
        "B18d",
        "overpotential by the stress that sodium bears",
        "Fig. S13",
        "mV",
        [Span(2.0 / 3.0 * per_charge * SODIUM_YIELD.low, per_charge * SODIUM_YIELD.high)],
        how="(V_m/F) sigma, 2/3 to all of a yield stress of 0.19 to 0.28 MPa: stress acts by contact and fracture",
    )
    yield given(
        "input",
        "B19a",
        "thickness of SnF2 coat, of sodium",
        "Fig. S24, S32",
        "µm",
        [b.coating, b.sodium],
        how="B12, B19b, c",
    )
    molar_volume = known.of("na", "molar_volume")
    eaten = b.coating * TIN_FLUORIDE * SODIUM_PER_SITE * FARADAY
    how = "dense, SnF2 + 5.75 Na -> 2 NaF + 1/4 Na15Sn4"
    yield predict("B19b", "charge that the coat takes up", "Fig. S24", "mAh/cm²", [eaten], f"{how}; see `nzsp-uptake`")
    yield predict(
        "B19c", "sodium that the coat takes up", "Fig. S24", "µm", [laws.sodium_thickness(eaten, molar_volume)], how
    )
    yield check(
        "B20a",
        "Na on NZSP-NSF 'more negative' than on NZSP",
        "Results, Fig. S29",
        "J/m²",
        [-1.36, -2.40],
        [],
        holds=-1.36 < -2.40,
        how="it is the less negative one",
    )
    yield check(
        "B20b",
        "retention on 0.6NSF 'markedly higher' than on NZSP",
        "Fig. S61, S62",
        "%",
        [0.7285, 0.9762],
        [],
        holds=0.7285 > 0.9762,
        how="the two are exchanged",
    )
    half = b.currents[1] * 1800.0
    yield check(
        "B20c",
        "'3600 h at 0.5 mAh cm⁻²': half cycle of 0.5 h",
        "Introduction, Fig. 3e",
        "mAh/cm²",
        [0.5 * 3.6e4],
        [half],
        holds=same([0.5 * 3.6e4], [half]),
        how="0.5 mA/cm² is meant; the charge is 0.25",
    )
    yield given(
        "out of scope",
        "B21a",
        "P-O bond in NZSP, NZSP-NSF (angstrom)",
        "Fig. 6",
        "",
        [1.54, 1.50],
        how="electronic structure",
    )
    yield given(
        "out of scope",
        "B21b",
        "its ICOHP",
        "Fig. 6e, f",
        "eV",
        [9.72 * FARADAY, 10.53 * FARADAY],
        how="electronic structure",
    )
    yield given("out of scope", "B21c", "fluorine found (mg/L)", "Fig. S21, S22", "", [0.0063], how="chemical analysis")
    parts = [share / sum(b.slurry) for share in b.slurry]
    yield check(
        "B22",
        "slurry 7:2:1 from 105, 30, 500 mg at 3 %",
        "Methods",
        "%",
        [0.7, 0.2, 0.1],
        parts,
        holds=same(parts, [0.7, 0.2, 0.1]),
        how="mass shares",
    )
