"""How well the model of a run is verified: rows of the verification page, which the package carries along."""

from __future__ import annotations

import tomllib
from importlib import resources

from femna.report.markup import Html, joined, paragraph, table

TABLE = "verification.toml"


def rows(model: str) -> list[dict[str, str]]:
    """The rows of a model, and those that hold for all.

    Args:
        model: name of the model.

    Returns:
        Dictionaries of `problem`, `answer`, `found` and `test`, as docs/verification/README.md has them.
    """
    text = resources.files("femna.report").joinpath(TABLE).read_text(encoding="utf-8")
    known = tomllib.loads(text)
    return [*known.get(model, []), *known.get("all", [])]


def verified(model: str) -> Html:
    """The verification of a model.

    Args:
        model: name of the model.
    """
    found = rows(model)
    if not found:
        return paragraph(f"No verification of the model '{model}' is recorded: it comes from another package.")
    note = (
        "Each row is a test of femna's suite against an exact or published answer, on grids that are small. They "
        "verify the equations and their discretisation, not the values that the case assumes, nor that this "
        "run is resolved."
    )
    cells = ([row["problem"], row["answer"], row["found"], row["test"]] for row in found)
    return joined((paragraph(note), table(("problem", "answer", "femna", "test"), cells)))
