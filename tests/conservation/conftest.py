"""Shipped cases, run whole in a box of a few hundred nodes: seconds for all of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

import femna
from femna.analysis.runs import Run
from femna.case import shipped_cases
from femna.validation.load import load_case

STACK = ["layer.anode.thickness=1.5 um", "layer.interphase.thickness=1.5 um", "layer.electrolyte.thickness=4 um"]
BOX = ["geometry.width=4 um", *STACK, "numerics.resolution=3"]
LAYER = [
    "geometry.width=1 um",
    "geometry.front_zone=2.5 um",
    "layer.anode.thickness=0.6 um",
    "layer.interphase.thickness=0.6 um",
    "layer.electrolyte.thickness=3 um",
    "numerics.resolution=3",
    "output.interval=10 s",
]
CERAMIC = ["geometry.width=3 um", "numerics.resolution=3", "output.interval=60 s"]
SMALLER = {
    "p-na": BOX,
    "f-na": BOX,
    "sfc-na": BOX,
    "demo": BOX,
    "edp-1": [
        "geometry.width=6 um",
        "geometry.front_zone=12 um",
        "layer.electrolyte.thickness=8 um",
        "numerics.resolution=3",
    ],
    # after 60 steps it has a deposit of 3 pm, within rounding of its sodium
    "planar": ["numerics.max_steps=150"],
    "mci-top": LAYER,
    "ici-bottom": LAYER,
    "mci-nuclei": [*LAYER, "surface.positions=[0.4e-6]", "surface.radius=0.3 um"],
    **dict.fromkeys(("nzsp", "nzsp-nsf", "nzsp-bare", "nzsp-mixed", "nzsp-nsf-bare", "nzsp-nsf-mixed"), CERAMIC),
    "nzsp-uptake": CERAMIC,
    "staircase-nzsp": ["output.interval=100 s"],
    "staircase-gpe": ["output.interval=100 s"],
}
"""What makes a shipped case one of seconds; a new case is shrunk here, or runs as it is."""

STEPS = 60
"""Up to growth that one sees, in each of them."""

TWO_POTENTIAL = [info.name for info in shipped_cases() if load_case(info.name).model == "two_potential"]
SINGLE_POTENTIAL = [info.name for info in shipped_cases() if load_case(info.name).model == "single_potential"]


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Run]:
    """The shrunk run of a shipped case by its name."""
    folder = tmp_path_factory.mktemp("small")

    @cache
    def make(name: str) -> Run:
        case = load_case(name, ["output.interval=5 ms", f"numerics.max_steps={STEPS}", *SMALLER.get(name, [])])
        return femna.run(case, folder / name)

    return make
