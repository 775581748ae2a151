"""Electronic conductivities of the layers and grain boundaries of a stack."""

from __future__ import annotations

from femna.case import Case

CONDUCTS = 1e-7
"""Electronic conductivity (S/m) above which a layer conducts electrons, so that metal may grow on its upper face."""


def electronic_conductivities(case: Case) -> list[float]:
    """Electronic conductivity of each phase, S/m.

    It is 0 where the material has none. The first layer has that of the second, which fills the volume that the metal
    leaves when it is stripped.

    Returns:
        One value a phase, in the order of `case.phases`.
    """
    entries = [case.materials[case.layer[name].material].electronic_conductivity for name in case.layer_names]
    values = [0.0 if entry is None else entry.value for entry in entries]
    values[0] = values[1]
    for name, _ in case.phases[len(values) :]:  # grain boundaries
        grains = case.layer[name].grains
        assert grains is not None
        values.append(max(grains.boundary_electronic_conductivity, values[case.layer_names.index(name)]))
    return values


def conducting_layers(case: Case) -> tuple[int, ...]:
    """Numbers of the phases that conduct electrons; none with single_potential, which has no electronic potential."""
    if case.model != "two_potential":
        return ()
    return tuple(k for k, sigma in enumerate(electronic_conductivities(case)) if sigma > CONDUCTS)
