"""From a case's name, file or text to the typed, resolved case, without asking whether its parts go together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from femna.case import keys
from femna.case.defaults import resolved, with_defaults
from femna.case.files import SHIPPED, anchor, chain, find, known, parse
from femna.case.given import GivenKeys, values
from femna.case.keys import OVERLAYS, KeyProblem, check_known, dotted, tree
from femna.case.merge import Data, Draft, look_up, merged, name_the_metal, origin, unused_materials
from femna.case.metal_volume import without_replaced_volume
from femna.case.model import Case
from femna.case.problems import first_problem
from femna.case.salt_conductivity import without_replaced
from femna.case.settings import Settings, from_mapping, from_texts
from femna.errors import BadInput
from femna.materials import load_library
from femna.quantities import closest, either
from femna.surfaces import file_keys


def read_case(
    name_or_path: str | Path, sets: Sequence[str] = (), overrides: Mapping[str, Any] | None = None
) -> tuple[Case, Draft]:
    """The case of a shipped name or a .toml file, with settings over it.

    Args:
        name_or_path: name of a shipped case, or path of a file.
        sets: "K=V" texts as on the command line.
        overrides: values by dotted key, "__" standing for "."; they are applied after `sets`.

    Returns:
        The resolved case, and the draft, which knows where each key was set and words the errors.

    Raises:
        BadInput: a file cannot be read, or a key or a value is wrong.
    """
    path, label = find(name_or_path)
    draft = Draft(label)
    for data, where in chain(path, label):
        draft.add(data, where)
        draft.files.append(where)
        if not where.endswith(SHIPPED):
            draft.own |= set(values(data))
    draft.outside = _outside(draft, path)
    settings = Settings(label)
    from_texts([sets] if isinstance(sets, str) else sets, settings)
    from_mapping(overrides or {}, settings)
    return _build(draft, settings), draft


def _outside(draft: Draft, path: Path) -> list[str]:
    """The files, besides shipped ones, that a case file reads from outside the folder in which it lies."""
    if draft.label.endswith(SHIPPED):
        return []
    home = path.resolve().parent
    named = [("extends", where) for where in draft.files[:-1] if not where.endswith(SHIPPED)]
    for table in ("", *OVERLAYS):
        data = draft.data.get(table, {}) if table else draft.data
        for key in file_keys():
            if isinstance(file := look_up(data, ("surface", key)), str):
                named.append((dotted((*([table] if table else []), "surface", key)), file))
    return [f"{key}: {file}" for key, file in named if not Path(file).resolve().is_relative_to(home)]


def read_copy(text: str, label: str, sets: Sequence[str] = (), only: Sequence[str] = ()) -> tuple[Case, Draft]:
    """The case of a resolved copy, as `Case.to_toml` writes it, with settings over it.

    Args:
        text: the copy.
        label: what errors call it.
        sets: "K=V" texts as on the command line.
        only: the tables that `sets` may change (all, if none is named).

    Returns:
        The resolved case and its draft, as `read_case` does.

    Raises:
        BadInput: a key or a value is wrong, or may not be changed.
    """
    data = parse(text, label)
    known(data, tree(), label)
    draft = Draft(label)
    draft.add(data, label)
    settings = Settings(label)
    from_texts(sets, settings, only)
    return _build(draft, settings), draft


def read_case_text(text: str, label: str) -> Case:
    """The case of a resolved copy, as `Case.to_toml` writes it.

    Nobody asks whether this version can run it, so that any run folder can be looked at.

    Args:
        text: the copy.
        label: what errors call it.

    Raises:
        BadInput: a key or a value is wrong.
    """
    return read_copy(text, label)[0]


def _build(draft: Draft, settings: Settings) -> Case:
    """The typed case. Raises BadInput."""
    overlaid = _apply(draft, settings)
    name_the_metal(draft)
    if (count := len(draft.data.get("layer", {}))) < 2:
        allowed = "two or more, such as [layer.anode] and [layer.electrolyte]"
        raise draft.bad(KeyProblem(("layer",), f"has {count} layer{'s' * (count != 1)}", allowed))
    unused_materials(draft)
    draft.data["materials"] = _materials(draft)
    try:
        case = resolved(Case.model_validate(with_defaults(draft.data)))
    except ValidationError as error:
        raise draft.bad(first_problem(error)) from None
    return case.with_given(GivenKeys(frozenset(draft.own), tuple(draft.outside), overlaid))


def _apply(draft: Draft, settings: Settings) -> dict[keys.Path, str]:
    """Lay the overlay of the case's dimension and the settings over the draft.

    Returns:
        The values of the user's that a shipped overlay replaces, and no setting after it: path -> the overlay's key.

    Raises:
        BadInput: a setting has an unknown key, or a layer cannot be placed.
    """
    overlays = {name: draft.data.pop(name, {}) for name in OVERLAYS}
    dim = look_up(settings.data, ("geometry", "dim")) or look_up(draft.data, ("geometry", "dim"))
    overlay = overlays.get(f"dim{dim}") if isinstance(dim, int) else None
    overlaid: dict[keys.Path, str] = {}
    if overlay:
        table = f"dim{dim}"
        laid = set(values(overlay))
        users = {path for path in laid if (table, *path) in draft.own}
        set_later = set(values(settings.data))
        overlaid = {
            path: dotted((table, *path)) for path in laid & draft.own if path not in users and path not in set_later
        }
        draft.own |= users
        own = {path[1:]: where for path, where in draft.origins.items() if path[0] == f"dim{dim}" and path[1:]}
        draft.add(overlay, draft.label, own)
    if settings.data:
        try:
            check_known(settings.data, tree())
        except KeyProblem as problem:
            raise BadInput(f"{origin(problem.path, settings.origins, settings.label)}: {problem}") from None
        anchor(settings.data, Path())
        draft.add(settings.data, draft.label, settings.origins)
        draft.own |= set(values(settings.data))
    draft.own = {path for path in draft.own if path[0] not in OVERLAYS}
    return overlaid


def _materials(draft: Draft) -> Data:
    """The materials of the stack: the library's properties with the case's over them, as raw tables."""
    library = load_library()
    own = draft.data.get("materials", {})
    kind = look_up(with_defaults(draft.data), ("transport", "kind"))
    result: Data = {}
    for name, layer in draft.data.get("layer", {}).items():
        material = layer.get("material")
        if not isinstance(material, str) or material in result:
            continue
        if material not in library and material not in own:
            names = list(dict.fromkeys([*library, *own]))
            allowed = f"{either(names)}, or a material that [materials] defines"
            place: tuple[str, ...] = ("layer", name, "material")
            if material == draft.data.get("metal") and ("metal",) in draft.origins:
                names = [metal for metal, table in library.items() if "valence" in table]
                allowed = f"{either(names)}, or a material of [materials] with density, molar_mass and valence"
                place = ("metal",)
            raise draft.bad(KeyProblem(place, f"is '{material}'", allowed, closest(material, names)))
        written = own.get(material, {})
        properties = merged(library.get(material, {}), written)
        users = {path[2] for path in draft.own if path[:2] == ("materials", material) and len(path) > 2}
        table = without_replaced(properties, users, written, kind)
        result[material] = without_replaced_volume(table, users)
    return result
