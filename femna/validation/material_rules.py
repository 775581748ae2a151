"""The properties of materials on which a run depends."""

from __future__ import annotations

from collections.abc import Iterator

from femna.case.keys import KeyProblem
from femna.case.model import Case
from femna.models.registry import properties_read


def materials(case: Case) -> Iterator[KeyProblem]:
    """Every property on which the run depends is known."""
    for name, layer in case.layer.items():
        for key in properties_read(case, name):
            if case.materials[layer.material].get(key) is None:
                allowed = f"a value in [materials.{layer.material}], or another material"
                yield KeyProblem(
                    ("materials", layer.material, key), f"is missing, and layer '{name}' needs it", allowed
                )
