"""femna summary: the numbers of a run."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any, cast

from femna.cli import arguments
from femna.cli.printing import new_table, print_json, show
from femna.cli.verb import Verb
from femna.units import COULOMB_PER_MAH_CM2

LISTED_STEPS = 20
"""Steps of a protocol that are printed; of more, the first and the last. `--json` has them all."""
STEP_COLUMNS = ("step", "holds", "time", "voltage (V)", "current (mA/cm2)", "charge (mAh/cm2)", "deposit (um)")


def run(args: argparse.Namespace) -> None:
    """Print the summary of a finished, running or interrupted run.

    Args:
        args: the arguments of the command line.
    """
    from femna.analysis.runs import open_run
    from femna.analysis.verdict import verdict_lines

    values = open_run(args.directory).summary()
    if args.json:
        print_json(values)
        return
    steps = cast(list[dict[str, Any]], values.pop("protocol_steps", []))
    table = new_table("quantity", "value")
    for key, value in values.items():
        text = "-" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
        table.add_row(key, text)
    show(table)
    if steps:
        show_steps(steps)
    for line in verdict_lines(values):
        print(line)


def show_steps(steps: Sequence[Mapping[str, Any]]) -> None:
    """Print the steps of the protocol, each with its ends; of many the first and the last.

    Args:
        steps: as the summary has them.
    """
    table = new_table(*STEP_COLUMNS)
    several = len(steps) > LISTED_STEPS
    chosen = [*steps[: LISTED_STEPS // 2], *steps[-LISTED_STEPS // 2 :]] if several else steps
    for step in chosen:
        if several and step is steps[-LISTED_STEPS // 2]:
            table.add_row(*[".."] * len(STEP_COLUMNS))
        held = step["mode"] if step["value"] is None else f"{step['mode']} {step['value']:.4g} {step['unit']}"
        cells = (
            str(step["number"]),
            held if step["is_over"] else f"{held}, not over",
            f"{step['duration_s']:.4g} s, to {step['end_s']:.6g} s",
            _from_to(step["voltage_start_V"], step["voltage_end_V"]),
            _from_to(step["current_start_A_m2"], step["current_end_A_m2"], 0.1),
            f"{_number(step['capacity_mAh_cm2'])}, to {_number(step['charge_end_C_m2'], 1.0 / COULOMB_PER_MAH_CM2)}",
            f"{_number(step['deposit_m'], 1e6)}, to {_number(step['deposit_end_m'], 1e6)}",
        )
        table.add_row(*cells)
    show(table)


def _number(value: float | None, scale: float = 1.0) -> str:
    return "-" if value is None else f"{value * scale:.4g}"


def _from_to(start: float | None, end: float | None, scale: float = 1.0) -> str:
    return _number(start, scale) if start == end else f"{_number(start, scale)} to {_number(end, scale)}"


VERB = Verb("summary", "the numbers of a run", 60, (arguments.directory, arguments.json_output), run)
