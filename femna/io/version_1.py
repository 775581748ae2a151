"""What run folders of femna 0.1.0 hold, which declare nothing themselves: format version 1 of every file."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from femna.columns import Column
from femna.fields import Field

FIELDS = (
    Field("xi", "Order parameter", r"$\xi$", "1", "", 1.0, colour_map="bone_r", limits=(0.0, 1.0)),
    Field("c", "Na$^+$ concentration", r"$c$", "mol/m^3", "mol/L", 1e-3, colour_map="viridis", domain="electrolyte"),
    Field("phi", "Potential", r"$\phi$", "V", "V", 1.0, colour_map="cividis", least_range=2e-5),
    # 0.02 mV: a hundredth of what drives 0.1 mA/cm^2 through a ceramic
    Field(
        "phi_l",
        "Ionic potential",
        r"$\phi_l$",
        "V",
        "mV",
        1e3,
        colour_map="cividis",
        domain="electrolyte",
        least_range=0.02,
    ),
    Field(
        "phi_s",
        "Electronic potential",
        r"$\phi_s$",
        "V",
        "mV",
        1e3,
        colour_map="cividis",
        domain="electron conductors",
        least_range=0.02,
    ),
    Field("uptake", "Sodium in the layer", r"$u$", "1", "", 1.0, colour_map="YlGnBu", limits=(0.0, 1.0)),
)
"""Every field that 0.1.0 stored on the nodes."""

FIELDS_OF_MODEL = {
    "single_potential": ("xi", "c", "phi"),
    "two_potential": ("xi", "c", "phi_l", "phi_s"),
}
"""Keys of the fields of each model; `uptake` was stored besides where a layer takes up sodium."""

COLUMNS = (
    Column("Step [-]", "accepted steps so far", is_count=True, summary_key="steps"),
    Column("Time [s]", "simulated time", summary_key="time_s"),
    Column("Time step [s]", "size of the step that led here"),
    Column("Cell voltage [V]", "counter side minus anode side", summary_key="cell_voltage_V"),
    Column(
        "Current density [A.m-2]",
        "Faradaic current over the step, per projected area; positive deposits",
        summary_key="current_density_A_m2",
    ),
    Column("Collector current [A.m-2]", "current into the collector"),
    Column("Counter current [A.m-2]", "current out of the counter electrode"),
    Column("Charge density [C.m-2]", "charge deposited so far", summary_key="charge_C_m2"),
    Column("Capacity [mAh.cm-2]", "charge deposited so far"),
    Column(
        "Deposit thickness [m]",
        "integral of the metal fraction less its start, over the projected area",
        summary_key="deposit_thickness_m",
    ),
    Column("Mean height [m]", "mean height of the front above the collector plane", summary_key="height_mean_m"),
    Column("Maximum height [m]", "height of the highest point of the front", summary_key="height_max_m"),
    Column("Minimum height [m]", "height of the lowest point of the front"),
    Column("Roughness Sq [m]", "rms deviation of the height from its mean", summary_key="roughness_sq_m"),
    Column(
        "Front length ratio [-]",
        "length (2D) or area (3D) of the front over that of a flat one",
        summary_key="front_length_ratio",
    ),
    Column("Minimum concentration [mol.m-3]", "smallest concentration where xi < 1/2"),
    Column("Minimum concentration anywhere [mol.m-3]", "smallest concentration, inside the metal too"),
    Column("Maximum concentration [mol.m-3]", "largest concentration", summary_key="concentration_max_mol_m3"),
    Column(
        "Sodium balance error [-]",
        "sodium that is unaccounted for, over the sodium that has been moved",
        summary_key="sodium_balance_error",
    ),
    Column(
        "Charge balance error [-]",
        "largest difference of the currents over the largest of them",
        summary_key="charge_balance_error",
    ),
    Column("Nodes [-]", "nodes of the mesh", is_count=True, summary_key="nodes"),
    Column("Nonlinear iterations [-]", "Newton iterations of the step", is_count=True),
    Column("Linear iterations [-]", "Krylov iterations of the step", is_count=True),
    Column("Wall time [s]", "wall time since the start of the run, through every session", summary_key="wall_s"),
)
"""Columns of every history of 0.1.0, in its order."""

TWO_POTENTIAL_COLUMNS = (
    Column(
        "Top fraction [-]",
        "share of the charge plated so far that was plated above the interphase",
        "with two potentials",
        summary_key="top_fraction",
    ),
    Column(
        "Contact fraction [-]",
        "share of the collector plane that the anode's metal covers",
        "with two potentials",
        summary_key="contact_fraction",
    ),
)
"""Columns that a history with two potentials has besides."""

UPTAKE_COLUMNS = (
    Column("Uptake current [A.m-2]", "current into layers that take up sodium", "where a layer takes up sodium"),
    Column("Uptake charge [C.m-2]", "charge that such layers have taken up", "where a layer takes up sodium"),
)
"""Columns that a history has besides where a layer takes up sodium."""

RENAMED_ARRAYS = {"growth": "deposition_rate"}
"""Names of the state's arrays in a checkpoint, where they differ: in 0.1.0 -> now."""
REPLACED_SCALARS = ("layout", "held", "tally", "start")
"""Scalars of a checkpoint of 0.1.0 that `present_scalars` leaves out or gives another form."""


def declared_fields(model: str, columns: Collection[str]) -> tuple[Field, ...]:
    """Declarations of the fields that a run may have stored.

    Args:
        model: name of the model.
        columns: names of the columns of its history.

    Returns:
        The declarations, in the order in which 0.1.0 stored the fields; none for a model that it did not have.
    """
    keys = set(FIELDS_OF_MODEL.get(model, ()))
    if UPTAKE_COLUMNS[0].name in columns:
        keys.add("uptake")
    return tuple(field for field in FIELDS if field.key in keys)


def declared_columns(names: Iterable[str]) -> tuple[Column, ...]:
    """Declarations of the columns of a history.

    Args:
        names: names in the header.

    Returns:
        The declarations in the order of 0.1.0; unknown names are left out.
    """
    wanted = set(names)
    every = (*COLUMNS, *TWO_POTENTIAL_COLUMNS, *UPTAKE_COLUMNS)
    return tuple(column for column in every if column.name in wanted)


def present_array_name(name: str) -> str:
    """The present name of an array in a checkpoint of 0.1.0.

    Args:
        name: name of a variable followed by the number of the stored state, 0 for the newest: "growth2".

    Returns:
        The same with the present name of the variable: "deposition_rate2".
    """
    variable, number = re.fullmatch(r"(.*?)(\d*)", name).groups()  # type: ignore[union-attr]  # it matches any text
    return f"{RENAMED_ARRAYS.get(variable, variable)}{number}"


def present_scalars(scalars: Mapping[str, Any]) -> dict[str, Any]:
    """The scalars of a checkpoint of 0.1.0 as the loop has them now (see femna.runtime.resume_point.LoopState).

    Args:
        scalars: name -> value, as stored.

    Returns:
        The same, with `held` (mode, value) as `control`, `tally` as `totals`, and the amounts of `start` by their
        present names.
    """
    present = {key: value for key, value in scalars.items() if key not in REPLACED_SCALARS}
    if "held" in scalars:
        mode, value = scalars["held"]
        present["control"] = {"quantity": "voltage" if mode == "voltage" else "current", "value": value}
    if "tally" in scalars:
        present["totals"] = scalars["tally"]
    if "start" in scalars:
        start = scalars["start"]
        present["start"] = {
            "metal": start["content"],
            "above": start["above"],
            "stored_charge": start["taken_up"],
            "conserved": {"sodium": start["inventory"]},
        }
    return present
