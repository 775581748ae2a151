"""The goals of femna's speed, and which results of the full benchmark are measured against them."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.cases import FIPY, JACOBI, MULTIGRID, NEWTON, OLD

SHOWN = ("full", "quick")
"""Selections whose results stand in docs/performance.md."""
NOT_YET = "not measured yet"
Ratio = Callable[[str, str], float | None]

GOALS: tuple[tuple[str, str, str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "2D-S within 0.3 %, against finite differences, meshing included",
        "30 (22 with gmsh)",
        "at least 150",
        (("EDP-1 2D-S", JACOBI, "{:.3g}"), ("EDP-1 2D-S", MULTIGRID, "{:.3g} against those with multigrid")),
    ),
    (
        "2D-L within 0.3 %, meshing included",
        "1.6 against finite differences",
        "at least 60; FiPy 300; Newton + MUMPS 1000",
        (
            ("EDP-1 2D-L", JACOBI, "{:.3g}"),
            ("EDP-1 2D-L", MULTIGRID, "{:.3g} against those with multigrid"),
            ("EDP-1 2D-L", FIPY, "FiPy {:.3g}"),
            ("EDP-1 2D-L", NEWTON, "Newton + MUMPS {:.3g}"),
        ),
    ),
    (
        "3D EDP-1 (25 um) within 1 %, against finite differences",
        "",
        "at least 30",
        (("EDP-1 3D", JACOBI, "{:.3g}"), ("EDP-1 3D", MULTIGRID, "{:.3g} against those with multigrid")),
    ),
    (
        "3D, one potential, CPU s per step and million nodes",
        "12.1 at 913 k nodes (3.6 at 121 k)",
        "at most 1.5 with the mesh that follows, flat in size",
        (),
    ),
    ("p-na 3D as shipped, whole run, over 0.1.0", "1", "at least 15 times faster", (("p-na 3D", OLD, "{:.3g}"),)),
    (
        "mci-top 3D, whole protocol, same results to 1e-3, over 0.1.0",
        "1",
        "at least 8 times faster",
        (("mci-top 3D", OLD, "{:.3g}"),),
    ),
    ("mci-top 2D, whole protocol, over 0.1.0", "1", "at least 3 times faster", (("mci-top 2D", OLD, "{:.3g}"),)),
    (
        "halving h with a fixed front",
        "13 in 2D (c iterations), 12.2 in 3D",
        "at most 4.5 and 9; iterations flat over four sizes",
        (),
    ),
    ("1 -> 2 ranks, 300 000 nodes and more", "1.54, 1.62", "at least 1.7", ()),
    (
        "rebuild, transfer and solver set-up, us a node",
        "28-45 (dolfinx refine), more than 10 steps",
        "at most 4, at most 2 steps",
        (),
    ),
    (
        "rebuilding and transfer",
        "-",
        "at most 10 % of a 2D run; in 3D within 10 % of the best total over the buffer width",
        (),
    ),
    (
        "memory above the imports, kB a node",
        "5.3 (one), 20 (two potentials, 3D)",
        "2.5 and 5, rebuilding included",
        (),
    ),
    ("output, history, diagnostics", "4 to 8 %", "at most 5 %", ()),
    (
        "3D deposit of 50 x 50 x 40 um, l = 0.5 um, 5 cells a front width",
        "36 core-hours for 56 million nodes, estimated",
        "two hours on two cores, 16 GB",
        (),
    ),
)
"""Measure, value of 0.1.0, goal, and what is measured: case, code whose time is divided by femna's, text."""


def table(ratio: Ratio) -> str:
    """The goal table. ratio: of the times of a code and of femna in a case, None where not measured."""
    lines = ["| measure | femna 0.1.0 | goal | measured |", "| --- | --- | --- | --- |"]
    for measure, today, goal, wanted in GOALS:
        found = [(text, ratio(case, code)) for case, code, text in wanted]
        said = [text.format(value) for text, value in found if value is not None]
        lines.append(f"| {measure} | {today or NOT_YET} | {goal} | {'; '.join(said) or NOT_YET} |")
    return "\n".join(lines)
