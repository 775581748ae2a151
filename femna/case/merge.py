"""Merging files, overlays and settings into one case, with a record of where every key was set."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from femna.case.keys import KeyProblem, Path, Place
from femna.case.steps import PROTOCOL, counted_from_zero, is_by_number, with_steps
from femna.errors import BadInput
from femna.materials import DEFAULT_METAL
from femna.quantities import closest, either, shown
from femna.surfaces import kind_keys, surface_kinds

ALTERNATIVES: tuple[tuple[Path, Path], ...] = (
    (("interface", "mobility"), ("interface", "barrier_ratio")),
    (("numerics", "resolution"), ("numerics", "cell_size")),
)
"""Keys of which one replaces the other when it is set later; kinds of surface declare more."""

PARTS: tuple[Path, ...] = ((), ("dim1",), ("dim2",), ("dim3",))
"""Where a case may have a table: by itself, and in the overlays of a dimension."""

Data = dict[str, Any]


def merged(base: Data, update: Data) -> Data:
    """The data `base` with `update` over it.

    Tables merge, lists and values replace, and a material's {value, ..} counts as one value; a step of the protocol,
    which has a number for a name, does not. Neither argument changes.
    """
    result = dict(base)
    for key, value in update.items():
        old = result.get(key)
        is_one = isinstance(value, dict) and "value" in value and not key.isdecimal()
        if isinstance(value, dict) and isinstance(old, dict) and not is_one:
            result[key] = merged(old, value)
        else:
            result[key] = copy.deepcopy(value)
    return result


def paths(data: Data, path: Path = ()) -> Iterator[Path]:
    """The paths of all values and tables in `data`, each below `path`."""
    for key, value in data.items():
        yield (*path, key)
        if isinstance(value, dict):
            yield from paths(value, (*path, key))


def look_up(data: Data, path: Sequence[str]) -> Any:
    """The value at `path`, None where there is none."""
    node: Any = data
    for part in path:
        if not isinstance(node, dict):
            return None
        node = node.get(part)
    return node


def drop(data: Data, path: Path) -> None:
    """Remove the value at `path`, if there is one."""
    table = look_up(data, path[:-1])
    if isinstance(table, dict):
        table.pop(path[-1], None)


def origin(path: Place, origins: dict[Path, str], label: str) -> str:
    """Where the key at `path` was set, or the nearest table around it.

    Args:
        path: the key.
        origins: where keys were set, by their path.
        label: the answer where none of them was.
    """
    names = tuple(str(part) for part in path)
    around = (names[:length] for length in range(len(names), 0, -1))
    return next((origins[table] for table in around if table in origins), label)


@dataclass
class Draft:
    """A case that is being merged.

    Args:
        label: the file that errors name.
        data: the tables so far.
        origins: where a key was set last, by its path.
        materials_used: materials that a layer has or had.
        own: paths of values that the user gave, and not a shipped case.
        files: what errors call the files of which it is made, the case's own last.
        outside: files that the case's own file reads from outside its folder, in words.
    """

    label: str
    data: Data = field(default_factory=dict)
    origins: dict[Path, str] = field(default_factory=dict)
    materials_used: set[str] = field(default_factory=set)
    own: set[Path] = field(default_factory=set)
    files: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def add(self, data: Data, label: str, origins: dict[Path, str] | None = None) -> None:
        """Lay data over what is there.

        Args:
            data: tables as a case file has them.
            label: where they come from.
            origins: where single keys of them were set, if not at `label`.

        Raises:
            BadInput: a layer cannot be placed.
        """
        data = copy.deepcopy(data)
        origins = dict.fromkeys(paths(data), label) | (origins or {})
        if is_by_number(data.get(PROTOCOL)):
            origins = {counted_from_zero(path): where for path, where in origins.items()}
        self.origins |= origins
        if is_by_number(data.get(PROTOCOL)):
            try:
                data[PROTOCOL] = with_steps(self.data.get(PROTOCOL), data[PROTOCOL])
            except KeyProblem as problem:
                raise self.bad(problem) from None
        self._replace_alternatives(data)
        layers = data.pop("layer", None)
        base = {key: value for key, value in self.data.items() if key != "layer"}
        self.data = merged(base, data) | ({"layer": self.data["layer"]} if "layer" in self.data else {})
        if layers is not None:
            try:
                self.data["layer"] = placed(self.data.get("layer", {}), layers)
            except KeyProblem as problem:
                raise self.bad(problem) from None
        self._metal_or_first_layer(data, layers)
        used = [look_up(layer, ["material"]) for layer in self.data.get("layer", {}).values()]
        self.materials_used |= {name for name in used if isinstance(name, str)}

    def _metal_or_first_layer(self, data: Data, layers: Data | None) -> None:
        """`metal` and the first layer's material say the same: the one that is set later counts for both.

        Args:
            data: what was laid over the draft.
            layers: its layers.

        Raises:
            BadInput: it says both, and they differ.
        """
        first = next(iter(self.data.get("layer", {})), None)
        if first is None:
            return
        metal, material = data.get("metal"), look_up(layers or {}, (first, "material"))
        if metal is not None and material is not None and metal != material:
            allowed = "one of the two: they say the same"
            text = f"is {shown(metal)}, and layer.{first}.material {shown(material)}"
            raise self.bad(KeyProblem(("metal",), text, allowed))
        if metal is None and material is not None:
            self.data.pop("metal", None)
        elif isinstance(metal := self.data.get("metal"), str):
            self.data["layer"][first]["material"] = metal

    def _replace_alternatives(self, data: Data) -> None:
        of_kinds = [pair for kind in surface_kinds() for pair in kind.alternatives]
        for pair in (*ALTERNATIVES, *((("surface", one), ("surface", other)) for one, other in of_kinds)):
            if any(look_up(data, path) is not None for path in pair):
                for path in pair:
                    drop(self.data, path)
        kind = look_up(data, ("surface", "kind"))
        if kind is not None and kind != look_up(self.data, ("surface", "kind")):
            # so do the keys of the old kind in the overlays of the dimensions
            for key, part in itertools.product(kind_keys(), PARTS):
                drop(self.data, (*part, "surface", key))

    def bad(self, problem: KeyProblem) -> BadInput:
        """The one-line error for a problem with a key."""
        return BadInput(f"{origin(problem.path, self.origins, self.label)}: {problem}")


def placed(old: Data, new: Data) -> Data:
    """The layers `old` with `new` over them.

    A known name changes its layer; a new one is inserted above the layer that it names. The first layers of all keep
    the order in which they are written.

    Raises:
        KeyProblem: a new layer names no place, or one that does not exist.
    """
    order = list(old)
    result = dict(old)
    for name, table in new.items():
        path = ("layer", name)
        table = dict(table)
        above = table.pop("above", None)
        if name in result:
            if above is not None:
                raise KeyProblem(
                    (*path, "above"), f"is {shown(above)}, but '{name}' has its place", "only for a new layer"
                )
            result[name] = merged(result[name], table)
            continue
        if above is None and old:
            allowed = f"{either(list(old))}, or a new layer with above = the layer below it"
            raise KeyProblem(path, "is no layer of this case", allowed, closest(name, list(old)))
        if above is not None and above not in order:
            allowed = either(order) if order else "a layer written before it"
            raise KeyProblem((*path, "above"), f"is {shown(above)}", allowed, closest(str(above), order))
        order.insert(len(order) if above is None else order.index(above) + 1, name)
        result[name] = table
    return {name: result[name] for name in order}


def name_the_metal(draft: Draft) -> None:
    """Give a case its metal, the material of its first layer, or that layer its material: sodium by default."""
    first: Any = next(iter(draft.data.get("layer", {}).values()), {})
    if isinstance(first, dict):
        draft.data.setdefault("metal", first.get("material", DEFAULT_METAL))
        if isinstance(draft.data["metal"], str):
            first.setdefault("material", draft.data["metal"])
        if isinstance(first.get("material"), str):
            draft.materials_used.add(first["material"])


def unused_materials(draft: Draft) -> None:
    """Ask that every material that the case defines or changes is used.

    Raises:
        BadInput: no layer has or had it.
    """
    for name in draft.data.get("materials", {}):
        if name not in draft.materials_used:
            names = sorted(draft.materials_used)
            problem = KeyProblem(("materials", name), "is used by no layer", f"{either(names)}", closest(name, names))
            raise draft.bad(problem)
