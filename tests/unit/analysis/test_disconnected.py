"""What a run says of metal without a path to the collector, from its case and its stored output."""

from pathlib import Path

import numpy as np
import pytest

from femna.analysis.runs import Run, open_run
from femna.io.field_store import FieldStore
from femna.io.manifest import Manifest
from femna.validation.load import load_case


def stored(folder: Path, *sets: str) -> Run:
    """`mci-top` in 1D, with 0.5 um of metal on the upper face of the layer besides the anode: ten nodes of 0.05 um."""
    case = load_case("mci-top", ["geometry.dim=1", "surface.kind=flat", *sets])
    manifest = Manifest(folder)
    manifest.start(case=case.name, model=case.model, ranks=1, command=["made up"])
    (folder / "case.toml").write_text(case.to_toml(), encoding="utf-8")
    face = case.interphase_top
    points = np.linspace(0.0, case.height, 301)[:, None]  # cells of 0.05 um
    cells = np.stack([np.arange(300), np.arange(1, 301)], axis=1)
    middle = points[cells].mean(axis=1)[:, 0]
    layer = np.searchsorted([case.interval(name)[1] for name in case.layer_names[:-1]], middle)
    z = points[:, 0]
    metal = (z < case.surface.position - 1e-9) | ((z > face - 1e-9) & (z < face + 0.45e-6 + 1e-9))
    store = FieldStore(folder, points, cells, layer)
    store.write(0, 0.0, {"xi": metal.astype(float)})
    manifest.finish("finished")
    return open_run(folder)


def test_metal_on_a_mixed_conductor_is_connected(tmp_path: Path) -> None:
    assert stored(tmp_path / "run").disconnected() == 0.0


def test_metal_on_an_insulator_is_not(tmp_path: Path) -> None:
    run = stored(tmp_path / "run", "materials.mci.electronic_conductivity=0")
    assert run.disconnected() == pytest.approx(0.5e-6, rel=1e-6)
