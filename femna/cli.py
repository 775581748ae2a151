"""The command line: every verb reads its arguments and calls one function.

Exit codes: 0 done, 2 bad input, 3 the solver or the machine could not go on, 128 + n after signal n.
"""

from __future__ import annotations

import argparse
import difflib
import json
import math
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from femna.errors import BadInput, FemnaError

if TYPE_CHECKING:
    from femna.derived.parameters import DerivedParameters

CHECK_KEYS = ("barrier_ratio", "interface_cells", "limiting_current_A_m2", "sand_time_s", "warnings")
"""What `femna check --json` prints; scripts rely on these names."""

VERBS = ("list", "check", "mesh", "run", "resume", "summary", "render", "compare", "audit", "doctor")

RANK_VARIABLES = ("PMI_RANK", "OMPI_COMM_WORLD_RANK")
"""Where launchers say which rank a process is."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. An error is told once, by rank 0, without a traceback."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        chosen = _parser().parse_args(arguments)
        chosen.command = ["femna", *arguments]
        code = chosen.verb(chosen)
        sys.stdout.flush()
        return int(code or 0)
    except FemnaError as error:
        if _tells():
            text = " ".join(str(error).split()) if isinstance(error, BadInput) else str(error)
            print(f"femna: {text}", file=sys.stderr, flush=True)
        return error.exit_code
    except BrokenPipeError:  # `femna list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130


def _tells() -> bool:
    return all(os.environ.get(name, "0") == "0" for name in RANK_VARIABLES)


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line, like every other error."""

    def error(self, message: str) -> NoReturn:
        found = re.search(r"invalid choice: '([^']*)'", message)
        near = difflib.get_close_matches(found[1], VERBS, 1, 0.0) if found else []
        raise BadInput(f"{message}; {f'closest: {near[0]}; ' if near else ''}see: {self.prog} --help")


def _parser() -> argparse.ArgumentParser:
    from femna import __version__

    parser = _Parser(prog="femna", description="Electrodeposition of sodium metal at solid-electrolyte interphases.")
    parser.add_argument("--version", action="version", version=f"femna {__version__}")
    verbs = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)

    def verb(name: str, function: Callable[[argparse.Namespace], int | None], text: str) -> argparse.ArgumentParser:
        sub = verbs.add_parser(name, help=text, description=text, allow_abbrev=False)
        sub.set_defaults(verb=function)
        return sub

    def add(sub: argparse.ArgumentParser, *names: str) -> None:
        for name in names:
            flags, options = OPTIONS[name]
            sub.add_argument(*flags, **options)

    add(verb("list", list_cases, "the shipped cases"), "json")
    add(verb("check", check, "validate a case; print it, its derived groups and warnings"), "case", "set", "json")
    add(verb("mesh", mesh, "write the gmsh mesh of a case's stack"), "case", "set", "mesh file")
    add(verb("run", run, "run a case, also under mpirun"), "case", "set", "run folder", "force")
    add(verb("resume", resume, "go on from the newest intact checkpoint"), "directory", "resume set")
    add(verb("summary", summary, "the numbers of a run"), "directory", "json")
    add(verb("render", render, "pictures from a run folder"), "directory", "figures", "time", "movie")
    add(verb("compare", compare, "runs side by side: one figure, one table"), "directories", "comparison")
    add(verb("audit", audit, "the two papers' numbers against femna's"), "runs", "json")
    verb("doctor", doctor, "what this machine has and lacks")
    return parser


OPTIONS: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "case": (("case",), {"metavar": "CASE", "help": "a shipped case's name, or a path to a .toml file"}),
    "directory": (("directory",), {"metavar": "DIR", "help": "a run folder"}),
    "directories": (("directories",), {"metavar": "DIR", "nargs": "+", "help": "run folders"}),
    "set": (
        ("--set",),
        {"metavar": "K=V", "action": "append", "default": [], "dest": "sets", "help": "change a key (repeatable)"},
    ),
    "resume set": (
        ("--set",),
        {
            "metavar": "K=V",
            "action": "append",
            "default": [],
            "dest": "sets",
            "help": "change a key of protocol, numerics (not its mesh) or output (repeatable)",
        },
    ),
    "json": (("--json",), {"action": "store_true", "help": "print JSON"}),
    "runs": (("--runs",), {"metavar": "DIR", "help": "a folder with finished runs of shipped cases"}),
    "force": (("--force",), {"action": "store_true", "help": "clear a run folder that is not empty"}),
    "movie": (("--movie",), {"action": "store_true", "help": "a movie too"}),
    "time": (("--time",), {"metavar": "T", "help": 'simulated time: "30 s", or a number of seconds (the last output)'}),
    "mesh file": (("-o", "--output"), {"metavar": "FILE.msh", "required": True, "help": "the mesh file"}),
    "run folder": (("-o", "--output"), {"metavar": "DIR", "help": "the run folder (runs/CASE)"}),
    "figures": (("-o", "--output"), {"metavar": "DIR", "help": "folder of the pictures (DIR/figures)"}),
    "comparison": (("-o", "--output"), {"metavar": "DIR", "required": True, "help": "folder of figure and table"}),
}
"""The arguments that verbs share."""


def list_cases(args: argparse.Namespace) -> None:
    """femna list."""
    from femna.case import shipped_cases

    found = shipped_cases()
    if args.json:
        print(json.dumps([vars(case) for case in found], indent=2))
        return
    table = _table("case", "what", "source", "minutes")
    for case in found:
        table.add_row(case.name, case.title, case.source, f"{case.minutes:g}" if case.minutes else "")
    _show(table)


def check(args: argparse.Namespace) -> None:
    """femna check: the resolved case, its groups and warnings; builds nothing."""
    from femna.derived.parameters import derive
    from femna.mesh.grading import bearable_grading, estimate_cells
    from femna.validation.load import load_case
    from femna.validation.warnings import case_warnings

    case = load_case(args.case, args.sets)
    groups = derive(case)
    warnings = list(case_warnings(case, groups))
    # says no to a front that leaves the stack and to a mesh beyond reason
    sizes = bearable_grading(case)
    if args.json:
        values = vars(groups) | {"warnings": warnings}
        print(json.dumps({key: _json_safe(values[key]) for key in CHECK_KEYS}, indent=2))
        return
    print(case.to_toml())
    table = _table("derived", "value", "unit", "what")
    for row in _group_rows(groups):
        table.add_row(*row)
    table.add_row("mesh", f"{float(estimate_cells(case, sizes)):.2g}", "", "cells of the whole mesh, about")
    _show(table)
    for warning in warnings:
        print(f"warning: {warning}")


def mesh(args: argparse.Namespace) -> None:
    """femna mesh."""
    from femna.validation.load import load_case

    case, path = load_case(args.case, args.sets), Path(args.output)
    if path.suffix != ".msh":
        raise BadInput(f"-o {path}: is not a gmsh mesh file; allowed: a name that ends in .msh")
    if not path.parent.is_dir():
        raise BadInput(f"-o {path}: the folder {path.parent} does not exist; allowed: an existing one")
    from femna.mesh.stack import write_msh

    write_msh(case, path)


def run(args: argparse.Namespace) -> None:
    """femna run."""
    from femna.validation.load import load_case

    case = load_case(args.case, args.sets)
    directory = Path("runs", case.name) if args.output is None else Path(args.output)
    from femna.runtime.run import run

    run(case, directory, force=args.force, command=args.command)


def resume(args: argparse.Namespace) -> None:
    """femna resume."""
    from femna.runtime.run import resume

    resume(Path(args.directory), args.sets)


def summary(args: argparse.Namespace) -> None:
    """femna summary."""
    from femna.analysis.runs import open_run

    values = open_run(Path(args.directory)).summary()
    if args.json:
        print(json.dumps({key: _json_safe(value) for key, value in values.items()}, indent=2))
        return
    table = _table("quantity", "value")
    for key, value in values.items():
        text = "-" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
        table.add_row(key, text)
    _show(table)


def render(args: argparse.Namespace) -> None:
    """femna render."""
    from femna.quantities import seconds
    from femna.render import render

    time = None if args.time is None else seconds(args.time, "--time")
    for path in render(args.directory, args.output, time=time, movie=args.movie) or ():
        print(path)


def compare(args: argparse.Namespace) -> None:
    """femna compare."""
    from femna.analysis.compare import compare

    compare(args.directories, args.output)


def audit(args: argparse.Namespace) -> None:
    """femna audit: the two papers' numbers, femna's, and the verdict."""
    from dataclasses import asdict

    from femna.audit import show, table

    rows = table(args.runs)
    if args.json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
        return
    show(rows)


def doctor(args: argparse.Namespace) -> int:
    """femna doctor."""
    from femna.runtime.doctor import main

    return main()


def _group_rows(groups: DerivedParameters) -> list[tuple[str, str, str, str]]:
    rows = [
        ("W", groups.double_well, "J/m^3", "double well, 6 energy/width"),
        ("kappa", groups.gradient_coefficient, "J/m", "gradient coefficient, 3 energy width"),
        ("L_sigma", groups.mobility, "m^3/(J s)", "interface mobility"),
        ("L_eta", groups.reaction_constant, "1/s", "reaction constant, i0/(3 l F c_s)"),
        ("R_eta", groups.drive, "1/s", "drive at the protocol's largest voltage or current"),
        ("i_kin", groups.kinetic_current, "A/m^2", "its current density, without transport"),
        ("r", groups.barrier_ratio, "", "barrier ratio, R_eta/(L_sigma W)"),
        ("l/(6 r)", groups.curvature_cut_off, "m", "tip radius that the artificial curvature allows"),
        ("cells", groups.interface_cells, "", "elements across the front's 10-90 % width"),
        ("i_lim", groups.limiting_current_A_m2, "A/m^2", "limiting current density"),
        ("t_Sand", groups.sand_time_s, "s", "Sand's time at i_kin"),
    ]
    return [(symbol, f"{value:.4g}", unit, what) for symbol, value, unit, what in rows]


def _json_safe(value: Any) -> Any:
    """JSON knows no infinity and no NaN."""
    if isinstance(value, tuple | list):
        return [_json_safe(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _table(*columns: str) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column in ("case", "derived", "value"))
    return table


def _show(table: Any) -> None:
    from rich.console import Console

    # a file or a pipe has no width of its own
    Console(width=None if sys.stdout.isatty() else 160, highlight=False).print(table)
