"""The known keys of a case file as a tree, with what each allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from femna.case.material import Material
from femna.case.model import Case
from femna.case.sections import Layer, Surface
from femna.case.tables import OpenSection
from femna.quantities import closest, either, shown

Path = tuple[str, ...]
Place = tuple[str | int, ...]
"""A path that may go into a list."""

Tree = dict[str, "Tree | str"]

ANY = "*"
"""Stands for a name that the user chooses: a layer's, a material's, a contact's."""

OVERLAYS = ("dim1", "dim2", "dim3")
"""Tables that are merged over the case when geometry.dim has that value."""


SYMBOLS: dict[str, str] = {
    symbol: key
    for key, symbols in {
        "kinetics.exchange_current_density": "i0 i_0 j0 j_0 exchange_current",
        "kinetics.transfer_coefficient": "alpha alpha_c beta symmetry_factor",
        "kinetics.standard_potential": "e0 e_0 u0 u_0 u ocv equilibrium_potential",
        "interface.energy": "gamma surface_energy surface_tension interfacial_energy",
        "interface.width": "l interface_width",
        "interface.barrier_ratio": "r",
        "interface.mobility": "l_sigma",
        "materials.*.diffusivity": "d d+ d_plus diffusion_coefficient",
        "materials.*.anion_diffusivity": "d- d_minus",
        "materials.*.transference_number": "t+ t_plus tplus transport_number",
        "materials.*.ionic_conductivity": "sigma conductivity sigma_ion",
        "materials.*.electronic_conductivity": "sigma_e sigma_el",
        "materials.*.concentration": "c c0 c_0",
        "materials.*.molar_volume": "vm v_m",
        "materials.*.activation_energy": "ea e_a barrier",
        "materials.*.youngs_modulus": "e elastic_modulus",
        "materials.*.poisson_ratio": "nu",
        "contacts.*.resistance": "asr",
        "temperature": "t temp",
        "random_seed": "seed",
        "numerics.cell_size": "dx mesh_size",
        "numerics.dt_max": "dt max_dt time_step",
        "numerics.tolerance": "tol rtol",
    }.items()
    for symbol in symbols.split()
}
"""The symbols by which papers and other programs call a key."""


class KeyProblem(Exception):
    """Something is wrong with a key.

    Args:
        path: the key.
        text: what is wrong with it, in words that follow its name.
        allowed: what is allowed.
        closest: the closest word that is allowed.
    """

    def __init__(self, path: Place, text: str, allowed: str = "", closest: str | None = None) -> None:
        text += f"; allowed: {allowed}" if allowed else ""
        text += f"; closest: {closest}" if closest else ""
        super().__init__(f"{dotted(path)} {text}")
        self.path = path


def dotted(path: Sequence[str | int]) -> str:
    """A path as errors show it: "geometry.dim", or "protocol step 2: value" for a place in a list."""
    word = "step" if path and path[0] == "protocol" else "item"
    text = ""
    for part in path:
        if isinstance(part, int):
            text = f"{text.removesuffix(': steps')}{',' if f' {word} ' in text else ''} {word} {part + 1}"
        elif text:
            text = f"{text}: {part}" if f" {word} " in text else f"{text}.{part}"
        else:
            text = part
    return text


def tree() -> Tree:
    """The keys of a case file: tables as trees, values as the text that says what they allow."""
    return _tree(Surface.model(), Material.model())


@cache
def _tree(*models: type[OpenSection]) -> Tree:
    """The tree with these models of the open tables."""
    layer: Tree = {**_of_model(Layer), "above": "the name of the layer below a new one"}
    return {**_of_model(Case), "layer": {ANY: layer}}


def file_tree() -> Tree:
    """The keys of a file as written: those of a case, `extends` and the overlays."""
    return {**tree(), "extends": "a shipped case's name or a path", **{name: tree() for name in OVERLAYS}}


def _of_model(model: type[BaseModel]) -> Tree:
    return {name: _of_field(field) for name, field in model.model_fields.items()}


def _of_field(field: FieldInfo) -> Tree | str:
    for note in field.metadata:
        if hasattr(note, "allowed"):
            return str(note.allowed)
    return _of_type(field.annotation)


def _of_type(kind: Any) -> Tree | str:
    arguments = get_args(kind)
    if isinstance(kind, type) and issubclass(kind, OpenSection):
        return _of_model(kind.model())
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _of_model(kind)
    if get_origin(kind) is dict:
        return {ANY: _of_type(arguments[1])}
    if get_origin(kind) is Literal:
        return either(arguments)
    if get_origin(kind) in (Union, UnionType):
        return next(_of_type(argument) for argument in arguments if argument is not type(None))
    if get_origin(kind) is tuple:
        return "a list"
    return {bool: "true or false", str: "text"}.get(kind, "a value")


def allowed(path: Sequence[str | int]) -> str:
    """What the key at `path` allows, in words; "" for a place that the tree does not hold."""
    node: Tree | str = tree()
    for part in path:
        if isinstance(node, str):
            return ""
        node = node.get(str(part), node.get(ANY, ""))
    return node if isinstance(node, str) else f"a table of {', '.join(key for key in node if key != ANY) or 'names'}"


def leaves(node: Tree, path: Path = ()) -> Iterator[Path]:
    """The paths of all values of a tree, each below `path`."""
    for key, below in node.items():
        if isinstance(below, dict):
            yield from leaves(below, (*path, key))
        else:
            yield (*path, key)


def closest_key(path: Path, siblings: Sequence[str]) -> str:
    """The known key that was probably meant: one of the same table, or one of a similar name elsewhere.

    Args:
        path: the key that is not known.
        siblings: the known keys of its table.
    """
    if near := closest(path[-1], siblings, 0.7):
        return dotted((*path[:-1], near))
    meant = SYMBOLS.get(path[-1].casefold())
    if meant is not None:
        name = meant.rpartition(".")[2]
        return dotted((*path[:-1], name)) if name in siblings else meant.replace(ANY, "NAME")
    everywhere = {dotted(leaf): leaf for leaf in leaves(tree())}
    by_name = {leaf[-1]: name for name, leaf in reversed(everywhere.items())}
    if near := closest(path[-1], list(by_name), 0.8):
        return by_name[near].replace(ANY, "NAME")
    if near := closest(path[-1], siblings, 0.4):
        return dotted((*path[:-1], near))
    return str(closest(dotted(path), list(everywhere))).replace(ANY, "NAME")


def check_known(data: dict[str, Any], known: Tree, path: Path = ()) -> None:
    """Ask that every key of some data is known.

    Args:
        data: tables as a case file has them.
        known: the known keys.
        path: of `data` in the case.

    Raises:
        KeyProblem: a key is not known, or a value stands where a table belongs.
    """
    for key, value in data.items():
        here = (*path, key)
        node = known.get(key, known.get(ANY))
        if node is None:
            given = "" if isinstance(value, dict) else f" (given: {shown(value)})"
            names = [name for name in known if name not in OVERLAYS]
            choice = f"{', '.join(names)}{f' in {dotted(path)}' if path else ''}"
            raise KeyProblem(here, f"is not a known key{given}", choice, closest_key(here, names))
        if isinstance(node, dict):
            if not isinstance(value, dict):
                raise KeyProblem(here, f"is {shown(value)}", allowed(here))
            check_known(value, node, here)
