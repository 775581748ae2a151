"""The properties of materials on which a run depends."""

from __future__ import annotations

from collections.abc import Iterator

from femna.case.keys import KeyProblem
from femna.case.metal_volume import FROM
from femna.case.model import Case
from femna.case.salt_conductivity import DIFFUSIVITIES, GIVEN_INSTEAD
from femna.models.registry import properties_read
from femna.physics.ion_transport.kinds import kind_of


def materials(case: Case) -> Iterator[KeyProblem]:
    """Every property on which the run depends is known."""
    for name, layer in case.layer.items():
        for key in properties_read(case, name):
            if case.materials[layer.material].get(key) is None:
                allowed = f"a value in [materials.{layer.material}], or another material"
                if key in DIFFUSIVITIES and kind_of(case).holds_salt(case, name):
                    allowed += f", or {' and '.join(GIVEN_INSTEAD)} in place of the diffusivities"
                if key == "molar_volume":
                    allowed += f", or {' and '.join(FROM)} of this metal"
                yield KeyProblem(
                    ("materials", layer.material, key), f"is missing, and layer '{name}' needs it", allowed
                )
