"""A layer is a fixed strip: metal that would have lifted it by much of its thickness is warned of."""

from pathlib import Path

import pytest

import femna
from femna.validation.load import load_case

pytestmark = pytest.mark.serial


@pytest.mark.parametrize(("charge", "told"), [("0.03", False), ("0.05", True)])
def test_much_metal_below_a_layer_is_told_once(tmp_path: Path, charge: str, told: bool) -> None:
    """1 um of layer: 0.27 um below it are bearable, 0.44 um are not."""
    step = f"protocol=[{{mode='current', value='0.5 mA/cm^2', until='{charge} mAh/cm^2'}}]"
    case = load_case("ici-bottom", ["geometry.dim=1", "surface.kind=flat", step])
    result = femna.run(case, tmp_path / "run")
    assert result.status == "finished"
    assert (result.directory / "log.txt").read_text().count("would have lifted") == told
