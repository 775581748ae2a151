"""The contract of femna's rooms, checked by `make lint`: `python tools/check_rooms.py` prints each breach and exits 1.

A room is a package or a module directly below femna. It may import what stands to its left in ORDER; rooms of one
group may import one another in one direction. Every import counts: inside a function, under TYPE_CHECKING, relative.
No modules of femna, and no rooms, import one another in a circle. No file is longer than MAX_LINES, no two files have
the same name, and no call has more than MAX_POSITIONAL positional arguments.

It reads the syntax trees itself. import-linter (BSD licence) counts the same imports and would do for the order and
the circles; this needs neither another two packages nor an importable femna, and has the rules on files beside them.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1] / "femna"
FACADE = ("__init__", "__main__")
ORDER = """
    errors units quantities kernels fields columns launcher parallel | materials io volumes surfaces | case | geometry |
    mesh | contract | linear_solvers physics | models | derived | validation | timestepping | diagnostics | circuit |
    runtime | morphology | analysis render audit tomography | sweep | cli | __init__ __main__ plugin
"""
MAX_LINES = 400
MAX_POSITIONAL = 6
Graph = Mapping[str, set[str]]
"""Of each module or room, by name, those that it imports."""


def modules(root: Path) -> dict[str, Path]:
    """Dotted names below the package ("case.model"; a package by its own name, femna itself "__init__") and files."""
    found = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)] = path
    return found


def imports(path: Path, name: str, known: Mapping[str, Path], package: str) -> Iterator[str]:
    """The modules of `known` that a file imports, wherever in it; `from femna.case import Case` is one of "case"."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            targets = [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                inside = [] if name in FACADE else name.split(".")
                ups = node.level - (path.name == "__init__.py")
                base = ".".join([package, *inside[: len(inside) - ups], *([base] if base else [])])
            targets = [(base, alias.name) for alias in node.names]
        else:
            targets = []
        for base, member in targets:
            if base == package or base.startswith(f"{package}."):
                within = base.removeprefix(package).lstrip(".")
                deeper = f"{within}.{member}".strip(".")
                yield deeper if deeper in known else within or "__init__"


def crowded_calls(path: Path) -> list[int]:
    """Lines of a file with a call of more than MAX_POSITIONAL positional arguments."""
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    return [call.lineno for call in calls if len(call.args) > MAX_POSITIONAL]


def circles(graph: Graph) -> list[tuple[str, ...]]:
    """The sets of nodes that reach one another, each sorted; a node that imports itself is one, too."""
    reached: dict[str, set[str]] = {}
    for start in graph:
        reached[start], todo = set(), list(graph[start])
        while todo:
            node = todo.pop()
            if node not in reached[start]:
                reached[start].add(node)
                todo += graph.get(node, ())
    return sorted({tuple(sorted(b for b in reached[a] if a in reached.get(b, ()))) for a in graph if a in reached[a]})


def violations(root: Path = ROOT) -> list[str]:
    """One line for each breach of the contract by the package in the folder `root`."""
    known = modules(root)
    rank = {room: number for number, group in enumerate(ORDER.split("|")) for room in group.split()}
    graph = {name: set(imports(path, name, known, root.name)) for name, path in known.items()}
    rooms: dict[str, set[str]] = defaultdict(set)
    places: dict[str, list[str]] = defaultdict(list)
    found = []
    for name, path in known.items():
        room = name.split(".")[0]
        if room not in rank:
            found.append(f"{name} is in no room of the order")
            continue
        for target in sorted(graph[name]):
            other = target.split(".")[0]
            rooms[room] |= {other} - {room}
            if rank.get(other, 0) > rank[room]:
                found.append(f"{name} imports {target}, to its right")
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > MAX_LINES:
            found.append(f"{name} has {lines} lines, more than {MAX_LINES}")
        found += [
            f"{name}, line {line}: more than {MAX_POSITIONAL} arguments by position" for line in crowded_calls(path)
        ]
        if path.name != "__init__.py":
            places[path.name].append(name)
    found += [f"circle of modules: {', '.join(circle)}" for circle in circles(graph)]
    found += [f"circle of rooms: {', '.join(circle)}" for circle in circles(rooms)]
    return found + [f"one file name twice: {', '.join(names)}" for names in places.values() if len(names) > 1]


if __name__ == "__main__":
    sys.exit("\n".join(violations()) or None)
