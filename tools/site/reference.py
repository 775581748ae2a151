"""The reference pages of the site, made from the code each time the site is built, so that none can be out of date.

Links are written as if the pages stood in docs/reference.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable, Sequence

import pages as site_pages

from femna.case import shipped_cases
from femna.case.keys import dotted, file_tree, leaves
from femna.case.modes import mode_named, mode_names
from femna.case.until import ENDS, NOUNS
from femna.cli.main import make_parser
from femna.columns import Column
from femna.diagnostics.observer import diagnostic_types
from femna.errors import BadInput, CannotGoOn
from femna.fields import Field
from femna.materials import PROPERTIES, load_library
from femna.models.registry import output_fields
from femna.runtime.record import RUN_COLUMNS
from femna.validation.load import load_case

CASE_FILE = site_pages.DOCS / "guide" / "case_file.md"
GENERATED = "This page is made from the code when the site is built.\n\n"


def cell(text: object) -> str:
    """A text as a cell of a table may have it."""
    return " ".join(str(text).split()).replace("|", r"\|")


def code(text: object) -> str:
    """A text in code type; nothing for nothing."""
    return f"`{cell(text)}`" if str(text) else ""


def plain(text: object) -> str:
    """A text in which nothing is markup, as a cell may have it: it breaks between words only."""
    return re.sub(r"([\\`*_$<\[])", r"\\\1", cell(text))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines) + "\n"


def dotted_key(path: Sequence[str]) -> str:
    """A key as case_file.md writes it, with NAME and A-B for names of one's own."""
    return dotted(path).replace("*", "A-B" if path[0] == "contacts" else "NAME")


# the command line


def command_line() -> str:
    """Every verb with its arguments, from the parser itself."""
    parser = make_parser()
    verbs = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    text = "# Command line\n\n" + GENERATED
    text += table(
        ("command", "does"),
        ((f"[`femna {verb.dest}`](#femna-{verb.dest})", cell(verb.help)) for verb in verbs._choices_actions),
    )
    for verb in verbs._choices_actions:
        sub = verbs.choices[verb.dest]
        text += f"## femna {verb.dest}\n\n{cell(verb.help)[:1].upper()}{cell(verb.help)[1:]}.\n\n"
        text += f"```text\n{sub.format_usage().removeprefix('usage: ').strip()}\n```\n\n"
        rows = [argument(action) for action in sub._actions if not isinstance(action, argparse._HelpAction)]
        text += table(("argument", "meaning", "default"), rows) if rows else ""
    text += "## Exit codes\n\n"
    codes = [
        ("0", "done; also a run that `numerics.max_steps` ended"),
        (
            str(BadInput.exit_code),
            "the case, the command line or a file is wrong: one line says what; nothing is written",
        ),
        (
            str(CannotGoOn.exit_code),
            "the solver or the machine could not go on: one line says why; the last checkpoint is intact",
        ),
        ("130, 143", "SIGINT, SIGTERM: the step is finished and a checkpoint written"),
    ]
    return text + table(("code", "meaning"), codes)


def argument(action: argparse.Action) -> tuple[str, str, str]:
    """The row of one argument of a verb: how it is written, what it means, its default."""
    names = list(action.option_strings) or [str(action.metavar or action.dest)]
    value = str(action.metavar or action.dest.upper()) if action.option_strings and action.nargs != 0 else ""
    shown = ", ".join(code(f"{name} {value}".strip()) for name in names)
    words = cell(action.help or "")
    if action.choices:
        words += f" (one of {', '.join(code(choice) for choice in action.choices)})"
    has_default = action.option_strings and action.nargs != 0 and action.default not in (None, [], argparse.SUPPRESS)
    return shown, words, code(action.default) if has_default else ""


# the case file


def told_keys() -> dict[str, tuple[str, str]]:
    """Key -> meaning and default of the tables of case_file.md, which tests hold against the code."""
    found = {}
    for line in CASE_FILE.read_text(encoding="utf-8").splitlines():
        cells = [part.strip() for part in line.strip("|").split(" |")]
        if len(cells) == 5 and re.fullmatch(r"`[\w.-]+`", cells[0]):
            meaning = re.sub(r"\]\((?=[\w]+\.md)", "](../guide/", cells[1]).replace("](#", "](../guide/case_file.md#")
            found[cells[0].strip("`")] = (meaning, cells[3])
    return found


def case_keys() -> str:
    """Every key of a case file with what it allows, by table."""
    told, known = told_keys(), file_tree()
    text = "# Keys of a case file\n\n" + GENERATED
    text += (
        "[The case file](../guide/case_file.md) explains how they go together. NAME and A-B stand for names of your "
    )
    text += "own.\n\n"
    groups: dict[str, list[tuple[str, str, str, str]]] = {}
    for path in leaves(known):
        if path[0].startswith("dim") or path[0] == "processes":
            continue  # overlays hold the same keys; tables of processes are those of other packages
        node: object = known
        for part in path:
            node = node[part]  # type: ignore[index]
        key = dotted_key(path)
        group = (
            "Top level"
            if len(path) == 1
            else f"[{dotted_key(path[: 2 if path[0] in ('layer', 'contacts', 'materials') else 1])}]"
        )
        groups.setdefault(group, []).append((code(key), *told[key], cell(node)))
    for group, rows in groups.items():
        text += f"## {group}\n\n" + table(("key", "meaning", "default", "allowed"), rows)
    text += "## Steps of the protocol\n\n"
    modes = [mode_named(name) for name in mode_names()]
    rows = [
        (
            code(mode.name),
            cell(mode.quantity.allowed) if mode.quantity else "has none",
            ", ".join(NOUNS[end] for end in mode.ends),
            ", ".join(code(model) for model in mode.models),
        )
        for mode in modes
    ]
    text += table(("mode", "value", "may end by", "models"), rows)
    rows = [(NOUNS[end], code(ENDS[end].unit), cell(ENDS[end].allowed)) for end in ENDS]
    return text + "Ends (`until`); the unit says which it is:\n\n" + table(("end", "SI unit", "allowed"), rows)


# materials


def materials() -> str:
    """The properties that a material may have, and the library with its sources."""
    text = (
        "# Materials\n\n"
        + GENERATED
        + "[What a case does with them](../guide/case_file.md#materials).\n\n## Properties\n\n"
    )
    rows = [(code(p.name), cell(p.meaning), code(p.unit), cell(p.quantity.allowed)) for p in PROPERTIES.values()]
    text += table(("property", "meaning", "SI unit", "allowed"), rows)
    text += (
        "With an `activation_energy` the diffusivities, and the product of ionic conductivity and temperature, follow "
    )
    text += "Arrhenius' law.\n\n"
    for name, properties in load_library().items():
        text += f"## {name}\n\n"
        rows = [
            (code(key), plain(entry["value"]), cell(entry["provenance"]), plain(entry["source"]))
            for key, entry in properties.items()
        ]
        text += table(("property", "value", "provenance", "source"), rows)
    return text


# what a run writes


def columns() -> list[Column]:
    """Every column that a history may have, in the order in which diagnostics declare them."""
    declared = [column for kind in diagnostic_types() for column in getattr(kind, "columns", ())]
    return [*RUN_COLUMNS, *declared]


def history() -> str:
    """The columns of history.csv."""
    text = "# Columns of the history\n\n" + GENERATED
    text += "[The run folder](../guide/run_folder.md) tells more of each, and of the other files.\n\n"
    rows = [
        (code(column.name), cell(column.meaning), cell(column.present_when) or "always", code(column.summary_key))
        for column in columns()
    ]
    text += table(("column", "meaning", "there", "key of `femna summary`"), rows)
    return text + "A process that conserves another quantity than sodium adds the column of its balance.\n"


def fields() -> str:
    """The fields that runs of the shipped cases store."""
    found: dict[str, Field] = {}
    where: dict[str, list[str]] = {}
    for shipped in shipped_cases():
        for field in output_fields(load_case(shipped.name)):
            found.setdefault(field.key, field)
            where.setdefault(field.key, []).append(shipped.name)
    every = {shipped.name for shipped in shipped_cases()}
    text = "# Fields\n\n" + GENERATED
    text += "Arrays on the points of every file in `fields/`; `material` on the cells is the number of the "
    text += "layer from below, from 0.\n\n"
    rows = [
        (
            code(field.key),
            plain_label(field.label),
            code(field.unit) if field.unit != "1" else "none",
            field.domain,
            "all" if set(where[key]) == every else ", ".join(code(name) for name in where[key]),
        )
        for key, field in found.items()
    ]
    return text + table(("array", "what", "unit", "has a meaning in", "shipped cases"), rows)


def plain_label(label: str) -> str:
    """A label of a picture without TeX: "Na$^+$" as "Na+"."""
    return cell(re.sub(r"\$\^?\{?([^$}]*)\}?\$", r"\1", label))


# Python


PYTHON = """# Python

{generated}[A worked example](../guide/python.md).

## femna

```{{eval-rst}}
.. automodule:: femna
   :members: load_case, run, resume, open_run
```

## Runs

```{{eval-rst}}
.. autoclass:: femna.analysis.Run
   :members:
   :inherited-members:
```

## Pictures

```{{eval-rst}}
.. autofunction:: femna.render.render

.. autofunction:: femna.render.compare
```

## Errors

```{{eval-rst}}
.. automodule:: femna.errors
   :members:
   :show-inheritance:
```
"""

PLUGIN = """# Plug-ins

{generated}[Adding a process](../developer/adding_a_process.md) shows one from outside, step by step.

```{{eval-rst}}
.. automodule:: femna.plugin
```

{members}"""


def python() -> str:
    """The facade."""
    return PYTHON.format(generated=GENERATED.strip() + " ")


def plugin() -> str:
    """What femna.plugin exports, one class or function a heading."""
    import femna.plugin as exported

    members = ""
    for name in exported.__all__:
        thing = getattr(exported, name)
        home = getattr(thing, "__module__", "")
        if not home.startswith("femna"):
            continue  # a name for an annotation
        kind = "autoclass" if isinstance(thing, type) else "autofunction"
        inside = "   :members:\n" if kind == "autoclass" and name not in ("Case", "Section") else ""
        members += f"## {name}\n\n```{{eval-rst}}\n.. {kind}:: {home}.{thing.__qualname__}\n{inside}```\n\n"
    return PLUGIN.format(generated=GENERATED.strip() + " ", members=members)


TITLES: dict[str, tuple[str, Callable[[], str]]] = {
    "reference/command_line.md": ("Command line", command_line),
    "reference/case_keys.md": ("Keys of a case file", case_keys),
    "reference/materials.md": ("Materials", materials),
    "reference/history.md": ("Columns of the history", history),
    "reference/fields.md": ("Fields", fields),
    "reference/python.md": ("Python", python),
    "reference/plugin.md": ("Plug-ins", plugin),
}
"""Place on the site -> title in the navigation, and what writes the page."""


def pages() -> dict[str, str]:
    """Place on the site -> text of every page of the reference."""
    return {place: write() for place, (_, write) in TITLES.items()}
