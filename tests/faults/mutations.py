"""Case files that somebody has got wrong: the shipped cases with a few things changed, each by one seed.

A mutation knows what it did in words, so that a failure tells how to make it again.
"""

from __future__ import annotations

import copy
import random
import re
import string
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from femna.case.files import chain
from femna.case.keys import allowed, leaves, tree
from femna.case.merge import merged
from femna.case.shipped import CASES
from femna.materials import PROPERTIES, load_library
from femna.quantities import EXAMPLES

Place = tuple[str | int, ...]

ODD_VALUES: tuple[Any, ...] = (
    *(True, False, 0, 1, -1, 2, 7, 10**12, 10**400, 0.5, -0.5, 1e-300, 1e300, float("nan"), float("inf")),
    *(
        "",
        " ",
        "0",
        "-1",
        "nan",
        "inf",
        "1e400 m",
        "none",
        "auto",
        "flat",
        "Ω",
        "1 μm",
        "1,5 um",
        "1.5",
        "1.5um",
        "5 %",
    ),
    *("1 um", "1 m", "1 s", "1 h", "1 V", "1 mV", "0.5 mA/cm^2", "300 K", "25 degC", "1 S/m", "1 mol/L", "1 J/m^2"),
    *("1 m^2/s", "2 um 3", "um", "1 /", "1e", "--1 um", "+1 um", "1_000 um", "\N{INFINITY} um", "\x00", "a\nb", "../x"),
    *([], {}, [1, 2], ["1 um"], {"value": "1 um"}, {"value": 1, "source": 3}, [[1]], {"a": {"b": 1}}),
)
UNITS = (
    "um",
    "nm",
    "m",
    "km",
    "s",
    "h",
    "ms",
    "V",
    "mV",
    "A",
    "A/m^2",
    "mA/cm^2",
    "S/m",
    "mS/cm",
    "K",
    "degC",
    "mol/L",
)
FACTORS = (-1.0, 0.0, 1e-12, 1e-6, 1e-3, 0.1, 0.5, 1.000001, 2.0, 10.0, 1e3, 1e6, 1e12)


@dataclass(frozen=True)
class Mutant:
    """A case file that may be wrong.

    Args:
        seed: that made it.
        base: name of the shipped case.
        text: bytes of the file.
        did: what was done to it, in words.
        changed: the places whose values were changed to others, where it is TOML with known keys.
    """

    seed: int
    base: str
    text: bytes
    did: tuple[str, ...]
    changed: tuple[Place, ...] = ()


def whole(path: Path) -> dict[str, Any]:
    """A shipped case with all that it extends, as one table."""
    data: dict[str, Any] = {}
    for layer, _ in chain(path, path.name):
        data = merged(data, layer)
    return data


def places(data: Any, path: Place = ()) -> Iterator[Place]:
    """The places of all values and tables."""
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in entries:
        yield (*path, key)
        yield from places(value, (*path, key))


def parent(data: Any, place: Place) -> Any:
    for part in place[:-1]:
        data = data[part]
    return data


def make(seed: int) -> Mutant:
    """The mutant of a seed."""
    dice = random.Random(seed)
    path = dice.choice(sorted(CASES.glob("*.toml")))
    data = copy.deepcopy(whole(path))
    did: list[str] = []
    changed: list[Place] = []
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        name, change = dice.choice(CHANGES)
        try:
            place, words = change(dice, data)
        except (AttributeError, IndexError, KeyError, TypeError):  # nothing of that kind is left to change
            continue
        did.append(f"{name}: {words}")
        if place is not None:
            changed.append(place)
    try:
        text = tomli_w.dumps(data).encode()
    except (TypeError, ValueError, AttributeError):  # TOML has no such value; nor can anybody have written it
        return make(seed + 1_000_000)
    if dice.random() < 0.15:
        text, words = broken(dice, text)
        did.append(words)
        changed = []
    return Mutant(seed, path.stem, text, tuple(did), tuple(changed))


def one_change(seed: int) -> tuple[Mutant, Place]:
    """A shipped case in one dimension, three steps long, with one more key that fits."""
    dice = random.Random(seed)
    path = dice.choice([path for path in sorted(CASES.glob("*.toml")) if path.stem != "edp-1"])
    data = copy.deepcopy(whole(path))
    if "dim1" in data:  # as load_case lays it over
        overlay = data.pop("dim1")
        if "kind" in overlay.get("surface", {}):
            data["surface"] = {key: value for key, value in data["surface"].items() if key == "position"}
        data = merged(data, overlay)
    data.setdefault("geometry", {})["dim"] = 1
    data.setdefault("surface", {})["kind"] = "flat"
    data["surface"] = {key: value for key, value in data["surface"].items() if key in ("kind", "position", "film")}
    data.setdefault("numerics", {})["max_steps"] = 3
    change = dice.choice((fitting_key, property_of_material))
    place, words = change(dice, data)
    return Mutant(seed, path.stem, tomli_w.dumps(data).encode(), (words,), (place,)), place


def _value(dice: random.Random, data: Any) -> Place:
    return dice.choice([place for place in places(data) if not isinstance(parent(data, place)[place[-1]], dict)])


def odd_value(dice: random.Random, data: Any) -> tuple[Place, str]:
    place = _value(dice, data)
    value = copy.deepcopy(dice.choice(ODD_VALUES))
    parent(data, place)[place[-1]] = value
    return place, f"{place} = {value!r}"


def other_unit(dice: random.Random, data: Any) -> tuple[Place, str]:
    texts = [p for p in places(data) if isinstance(v := parent(data, p)[p[-1]], str) and v[:1].isdigit() and " " in v]
    place = dice.choice(texts)
    number = parent(data, place)[place[-1]].split(" ", 1)[0]
    value = f"{number} {dice.choice(UNITS)}" if dice.random() < 0.8 else number
    parent(data, place)[place[-1]] = value
    return place, f"{place} = {value!r}"


def other_size(dice: random.Random, data: Any) -> tuple[Place, str]:
    place = _value(dice, data)
    old, factor = parent(data, place)[place[-1]], dice.choice(FACTORS)
    if isinstance(old, str) and old[:1].isdigit() and " " in old:
        number, unit = old.split(" ", 1)
        value: Any = f"{float(number) * factor:g} {unit}"
    elif type(old) is float or (type(old) is int and factor != 1.000001):
        value = type(old)(old * factor)
    else:
        raise KeyError(place)
    parent(data, place)[place[-1]] = value
    return place, f"{place} = {value!r} (was {old!r})"


def dropped(dice: random.Random, data: Any) -> tuple[None, str]:
    place = dice.choice([p for p in places(data) if isinstance(p[-1], str)])
    del parent(data, place)[place[-1]]
    return None, f"{place}"


def misspelt(dice: random.Random, data: Any) -> tuple[None, str]:
    place = dice.choice([p for p in places(data) if isinstance(p[-1], str)])
    table, key = parent(data, place), str(place[-1])
    n = dice.randrange(len(key))
    new = dice.choice(
        (key[:n] + key[n + 1 :], key[:n] + dice.choice(string.ascii_letters) + key[n:], key.upper(), key + "_")
    )
    table[new] = table.pop(key)
    return None, f"{place} -> {new!r}"


def unknown_key(dice: random.Random, data: Any) -> tuple[None, str]:
    tables = [(), *(p for p in places(data) if isinstance(parent(data, p)[p[-1]], dict))]
    place = dice.choice(tables)
    key = "".join(dice.choices(string.ascii_lowercase + " .-é", k=dice.randrange(1, 12)))
    table = parent(data, (*place, ""))
    table[key] = dice.choice(ODD_VALUES[:10])
    return None, f"{place}: {key!r}"


def known_key(dice: random.Random, data: Any) -> tuple[Place, str]:
    """A key that exists, given a value that may fit."""
    leaf = dice.choice(sorted(leaves(tree())))
    names = {"layer": list(data.get("layer", {"anode": 0})), "materials": list(load_library())}
    place = tuple(dice.choice(names.get(leaf[0], ["anode-electrolyte"])) if part == "*" else part for part in leaf)
    table = data
    for part in place[:-1]:
        table = table.setdefault(part, {})
    table[place[-1]] = copy.deepcopy(dice.choice(ODD_VALUES))
    return place, f"{place} = {table[place[-1]]!r}"


def fitting_key(dice: random.Random, data: Any) -> tuple[Place, str]:
    """A key that exists, given a value of the kind that it takes."""
    leaf = dice.choice([leaf for leaf in sorted(leaves(tree())) if leaf[0] not in ("materials", "protocol", "name")])
    names = list(data["layer"])
    lower = dice.randrange(max(len(names) - 1, 1))
    contact = "-".join(names[lower : lower + 2])
    place = tuple((contact if leaf[0] == "contacts" else dice.choice(names)) if part == "*" else part for part in leaf)
    value = fitting(dice, allowed(leaf))
    table = data
    for part in place[:-1]:
        table = table.setdefault(part, {})
    table[place[-1]] = value
    return place, f"{place} = {value!r}"


def fitting(dice: random.Random, allows: str) -> Any:
    """A value of the kind that a key's text says it allows."""
    if found := re.match(r"a quantity in (\S+)", allows):
        example = EXAMPLES.get(found[1], f"1 {found[1]}")
        number, unit = example.split(" ", 1)
        return f"{float(number) * dice.choice((0.3, 0.9, 1.0, 1.7)):g} {unit}"
    if words := re.findall(r"'([^']+)'", allows):
        return dice.choice(words)
    if "true or false" in allows:
        return dice.choice((True, False))
    if "whole number" in allows or re.match(r"\d", allows):
        return dice.choice((1, 2, 3, 5))
    return dice.choice(("some text", 0.37, 1.4))


def property_of_material(dice: random.Random, data: Any) -> tuple[Place, str]:
    name = dice.choice([layer["material"] for layer in data["layer"].values()])
    key = dice.choice(list(PROPERTIES))
    unit = PROPERTIES[key].quantity.unit
    value: Any = f"{10 ** dice.uniform(-12, 6):.3g} {unit}".strip()
    if dice.random() < 0.3:
        value = {
            "value": value,
            "source": dice.choice(("a paper", "", 7)),
            "provenance": dice.choice(("measured", "guess")),
        }
    data.setdefault("materials", {}).setdefault(name, {})[key] = value
    return ("materials", name, key), f"materials.{name}.{key} = {value!r}"


def other_layers(dice: random.Random, data: Any) -> tuple[None, str]:
    names = list(data["layer"])
    kind = dice.randrange(4)
    if kind == 0:
        dice.shuffle(names)
        data["layer"] = {name: data["layer"][name] for name in names}
        return None, f"order {names}"
    if kind == 1:
        gone = dice.choice(names)
        del data["layer"][gone]
        return None, f"without {gone}"
    if kind == 2:
        material = dice.choice([*load_library(), "unobtainium"])
        name = dice.choice(names)
        data["layer"][name]["material"] = material
        return None, f"{name} of {material}"
    data["layer"]["extra"] = {"material": dice.choice(list(load_library())), "thickness": "1 um", "above": names[0]}
    return None, "an extra layer"


def other_model(dice: random.Random, data: Any) -> tuple[None, str]:
    key, value = dice.choice(
        (
            (("geometry", "dim"), dice.choice((0, 1, 2, 3, 4, "3", 2.0))),
            (("model",), dice.choice(("single_potential", "two_potential", "three"))),
            (("transport", "kind"), dice.choice(("binary", "single_ion", "nernst_planck", "fick"))),
            (("counter", "kind"), dice.choice(("metal", "ideal", "intercalation"))),
            (("surface", "kind"), dice.choice(("flat", "random", "cosine", "bump", "nuclei", "heightmap", "volume"))),
            (("interface", "curvature"), dice.choice(("artificial", "physical"))),
            (("interface", "interpolation"), dice.choice(("quintic", "cubic"))),
            (("numerics", "solver"), dice.choice(("auto", "gamg", "direct", "hypre", "lu"))),
            (("extends",), dice.choice(("p-na", "nzsp", ".", "case.toml", "none.toml", "/etc/hostname", 3))),
        )
    )
    table = data
    for part in key[:-1]:
        table = table.setdefault(part, {})
    table[key[-1]] = value
    return None, f"{key} = {value!r}"


def other_protocol(dice: random.Random, data: Any) -> tuple[None, str]:
    modes = ("voltage", "current", "rest", "sweep", "Current")
    values = ("0.5 V", "-0.5 V", "5 V", "0 V", "0.5 mA/cm^2", "-2 mA/cm^2", "1e4 A/m^2", "0 A/m^2", 1, None)
    untils = ("1 s", "1 h", "0 s", "-1 s", "0.1 mAh/cm^2", "10 mAh/cm^2", "0.3 V", "12 um", "1 km", "", 5, None)
    steps: list[Any] = []
    for _ in range(dice.choice((0, 1, 1, 2, 4))):
        step = {"mode": dice.choice(modes), "value": dice.choice(values), "until": dice.choice(untils)}
        steps.append({key: value for key, value in step.items() if value is not None})
    if steps and dice.random() < 0.3:
        steps = [{"repeat": dice.choice((0, 1, 3, 10**6, -1, 2.5)), "steps": steps}]
    data["protocol"] = steps
    return None, f"{steps}"


CHANGES: tuple[tuple[str, Callable[[random.Random, Any], tuple[Place | None, str]]], ...] = (
    ("odd value", odd_value),
    ("odd value", odd_value),
    ("unit", other_unit),
    ("size", other_size),
    ("size", other_size),
    ("dropped", dropped),
    ("misspelt", misspelt),
    ("unknown key", unknown_key),
    ("known key", known_key),
    *(("fitting", fitting_key),) * 4,
    ("material", property_of_material),
    ("material", property_of_material),
    ("layers", other_layers),
    ("model", other_model),
    ("protocol", other_protocol),
)


def broken(dice: random.Random, text: bytes) -> tuple[bytes, str]:
    """A file that an editor or a disk has got wrong."""
    kind, n = dice.randrange(6), dice.randrange(len(text))
    if kind == 0:
        return text[:n], f"cut off after {n} bytes"
    if kind == 1:
        odd = bytes([dice.randrange(256)])
        return text[:n] + odd + text[n:], f"byte {odd!r} at {n}"
    if kind == 2:
        return text[:n] + text[n + 1 :], f"without byte {n}"
    lines = text.splitlines(keepends=True)
    line = dice.randrange(len(lines))
    if kind == 3:
        return b"".join([*lines[:line], lines[line], *lines[line:]]), f"line {line + 1} twice"
    if kind == 4:
        return b"".join(lines).replace(b"\n", b"\r\n"), "lines end by CR LF"
    return b"".join(lines).decode().encode("utf-16"), "UTF-16"


def parses(mutant: Mutant) -> dict[str, Any] | None:
    """Its tables, or None where it is no TOML."""
    try:
        return tomllib.loads(mutant.text.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        return None
