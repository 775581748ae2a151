"""femna check: the resolved case, its derived groups and warnings."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from femna.cli import arguments
from femna.cli.printing import new_table, print_json, show
from femna.cli.verb import Verb

if TYPE_CHECKING:
    from femna.case import Case
    from femna.derived.parameters import DerivedParameters

JSON_KEYS = (
    "barrier_ratio",
    "interface_cells",
    "limiting_current_A_m2",
    "sand_time_s",
    "metal_thickness_m",
    "salt_conductivity_S_m",
    "ohmic_drop_V",
    "outputs",
    "least_steps",
    "warnings",
)
"""What `femna check --json` prints; scripts rely on these names."""


def run(args: argparse.Namespace) -> None:
    """Validate a case and print it with its derived parameters and warnings; nothing is built.

    Args:
        args: the arguments of the command line.
    """
    from femna.derived.parameters import derive
    from femna.validation.load import load_case
    from femna.validation.warnings import case_warnings

    case = load_case(args.case, args.sets)
    derived = derive(case)
    warnings = list(case_warnings(case, derived))
    mesh = mesh_row(case)  # refuses a front that leaves the stack, and a mesh beyond reason
    if args.json:
        values = vars(derived) | {"warnings": warnings}
        print_json({key: values[key] for key in JSON_KEYS})
        return
    print(case.to_toml())
    table = new_table("derived", "value", "unit", "what")
    for row in derived_rows(derived):
        table.add_row(*row)
    table.add_row(*mesh)
    show(table)
    for warning in warnings:
        print(f"warning: {warning}")


def mesh_row(case: Case) -> tuple[str, str, str, str]:
    """Size of the mesh and which one it is, as a row of that table. Raises BadInput."""
    from femna.mesh.grading import bearable_grading, estimate_cells
    from femna.mesh.tree.bricks import misfit
    from femna.mesh.tree.leaf_counts import bearable_leaves

    if case.numerics.adaptive_mesh and misfit(case) is None:
        return "mesh", f"{bearable_leaves(case):.2g}", "", "cells of a mesh that follows the front, were it flat, about"
    return "mesh", f"{float(estimate_cells(case, bearable_grading(case))):.2g}", "", "cells of the whole mesh, about"


def derived_rows(derived: DerivedParameters) -> list[tuple[str, str, str, str]]:
    """Derived parameters as the rows of a table.

    Args:
        derived: the parameters.

    Returns:
        Symbol, value, unit and meaning of each, as texts.
    """
    rows = [
        ("W", derived.double_well, "J/m^3", "double well, 6 energy/width"),
        ("kappa", derived.gradient_coefficient, "J/m", "gradient coefficient, 3 energy width"),
        ("L_sigma", derived.mobility, "m^3/(J s)", "interface mobility"),
        ("L_eta", derived.reaction_constant, "1/s", "reaction constant, i0/(3 l z F c_s)"),
        ("R_eta", derived.drive, "1/s", "drive at the protocol's largest voltage or current"),
        ("i_kin", derived.kinetic_current, "A/m^2", "its current density, without transport"),
        ("r", derived.barrier_ratio, "", "barrier ratio, R_eta/(L_sigma W)"),
        ("l/(6 r)", derived.curvature_cut_off, "m", "tip radius that the artificial curvature allows"),
        ("cells", derived.interface_cells, "", "elements across the front's 10-90 % width"),
        ("i_lim", derived.limiting_current_A_m2, "A/m^2", "limiting current density"),
        ("t_Sand", derived.sand_time_s, "s", "Sand's time at i_kin"),
    ]
    rows.append(("1 mAh/cm^2", derived.metal_thickness_m, "m", "thickness of the metal that it plates"))
    for layer, sigma in derived.salt_conductivity_S_m.items():
        rows.append((f"sigma {layer}", sigma, "S/m", "conductivity of its salt, (zF)^2 (D+ + D- |z-|/z) c0/(RT)"))
    for part, drop in derived.ohmic_drop_V.items():
        rows.append((f"U {part}", drop, "V", "ohmic drop at the largest current of the protocol"))
    rows.append(("outputs", derived.outputs, "", "states that are stored, about"))
    rows.append(("steps", derived.least_steps, "", "time steps at the least"))
    return [(symbol, f"{value:.4g}", unit, meaning) for symbol, value, unit, meaning in rows]


VERB = Verb(
    "check",
    "validate a case; print it, its derived groups and warnings",
    20,
    (arguments.case, arguments.sets, arguments.json_output),
    run,
)
