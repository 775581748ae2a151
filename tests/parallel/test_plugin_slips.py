"""A slip in a plug-in ends in one line that names it, on every rank, also where one rank alone notices.

Each slip is the plug-in of docs/developer/adding_a_process.md with one thing changed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from . import launch as launching
from .launch import CASE, launch, run_words

pytestmark = pytest.mark.serial

DECAY = (Path(__file__).parents[1] / "plugins" / "first_order_decay.py").read_text()
TABLE = "processes.decay={layer='interphase', rate='2e4 1/s', diffusivity='4e-9 m^2/s'}"
ON_RANK_1 = "(1 if __import__('os').environ.get('PMI_RANK') == '1' else 0)"


def slip(folder: Path, ranks: int, old: str, new: str) -> tuple[int, str]:
    """Exit code and error of a run with the plug-in in which a text is replaced."""
    assert DECAY.count(old) == 1
    package = folder / "plugins"
    (package / "slip-1.0.dist-info").mkdir(parents=True)
    (package / "slip-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: slip\nVersion: 1.0\n")
    (package / "slip-1.0.dist-info" / "entry_points.txt").write_text("[femna.plugins]\nslip = slipped\n")
    (package / "slipped.py").write_text(DECAY.replace(old, new))
    with pytest.MonkeyPatch.context() as patch:
        path = os.pathsep.join([launching.ENVIRONMENT["PYTHONPATH"], str(package)])
        patch.setitem(launching.ENVIRONMENT, "PYTHONPATH", path)
        done = launch(*run_words(folder / "run", 1, TABLE, "numerics.max_steps=2"), ranks=ranks)
    return done.returncode, done.stderr


BUILD = "    def build(cls, case: fp.Case, grid: fp.Grid) -> Self:"
NODES = "grid.layer_volume(self.number)"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param(
            BUILD,
            BUILD.replace("build", "make"),
            "femna: slip: its entry point slip = slipped of femna.plugins cannot be loaded (ValueError: the process "
            "slipped.FirstOrderDecay lacks build)\n",
            id="no build",
        ),
        pytest.param(
            '    name = "decay"\n',
            "",
            "femna: slip: its entry point slip = slipped of femna.plugins cannot be loaded (ValueError: the process "
            "slipped.FirstOrderDecay lacks name)\n",
            id="no name",
        ),
        pytest.param(
            'fp.Column("Tracer left [-]",',
            'fp.Column("Tracer, left [-]",',
            "femna: slip: its entry point slip = slipped of femna.plugins cannot be loaded (BadInput: the diagnostic "
            "slipped.TracerLeft declares the column 'Tracer, left [-]'; allowed in a name is all but commas, double "
            "quotes and line breaks)\n",
            id="comma",
        ),
        pytest.param(
            'return (fp.Conserved("tracer", "mol.m-2", self.held, lambda state: -state.scalars["decayed"]),)',
            'return tuple(fp.Conserved("tracer", u, self.held, self.held) for u in ("mol.m-2", "C.m-2"))',
            "femna: processes declare the conserved amount 'tracer' in mol.m-2 and in C.m-2\n",
            id="units",
        ),
        pytest.param(
            "layers=(fp.process_keys(case, cls, DecayKeys).layer,)",
            "layers=('interfase',)",
            "femna: CASE, --set TABLE: processes.decay declares the field 'tracer' in the layer 'interfase', which is "
            "not there; allowed: anode, interphase, electrolyte; closest: interphase\n",
            id="layer",
        ),
        pytest.param(
            'return {"tracer": np.where',
            'return {"tracker": np.where',
            "femna: the process 'decay': what initial() gives for 'tracker' is of no declared variable; allowed: xi, "
            "c, content, phi, tracer\n",
            id="initial's name",
        ),
        pytest.param(
            "np.cos(np.pi * s), 0.0)}",
            "np.cos(np.pi * s), 0.0)[1:]}",
            "femna: the process 'decay': what initial() gives for 'tracer' has the shape (N-1,); allowed: (N,), one "
            "value a node, ghosts included\n",
            id="initial's shape",
        ),
        pytest.param(
            "fp.EdgeTerm(conductance, conductance)",
            "fp.EdgeTerm(conductance, conductance[1:])",
            "femna: the process 'decay': q of the term 'diffusion' in the equation of tracer has the shape (N-2,); "
            "allowed: (N-1,), one value an edge\n",
            id="edges",
        ),
        pytest.param(
            "(-self.rate * u, np.full_like(u, -self.rate))",
            "-self.rate * u",
            "femna: the process 'decay': what rate of the term 'decay' returns in the equation of tracer has the "
            "shape (N,); allowed: a pair, the rate and its derivative by the variable, of (N,) each\n",
            id="rate",
        ),
        pytest.param(
            "np.zeros(self.grid.size)),)",
            "np.zeros(3)),)",
            "femna: the process 'decay': fixed_values in the equation of tracer has the shape (3,); allowed: (N,), "
            "one value a node, ghosts included\n",
            id="fixed values",
        ),
        pytest.param(
            'fp.Equation("tracer", terms',
            'fp.Equation("tracker", terms',
            "femna: the process 'decay': it gives an equation of 'tracker', which it does not declare; declared: "
            "tracer\n",
            id="equation's name",
        ),
    ],
)
def test_a_slip_is_told_in_a_line(old: str, new: str, told: str, tmp_path: Path) -> None:
    code, error = slip(tmp_path, 1, old, new)
    words = {"CASE": str(CASE), "TABLE": TABLE, "(N-2,)": "(40,)", "(N-1,)": "(41,)", "(N,)": "(42,)"}
    for word, stands_for in words.items():
        told = told.replace(word, stands_for)
    assert (code, error) == (2, told)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param(
            "import numpy as np\n",
            f"import numpy as np\n\n1 / (1 - {ON_RANK_1})\n",
            "slip: its entry point slip = slipped of femna.plugins cannot be loaded (ZeroDivisionError: division by "
            "zero)\n",
            id="import",
        ),
        pytest.param(
            "np.cos(np.pi * s), 0.0)}",
            f"np.cos(np.pi * s), 0.0)[{ON_RANK_1}:]}}",
            "the process 'decay': what initial() gives for 'tracer' has the shape (",
            id="initial's shape",
        ),
        pytest.param(
            "fp.EdgeTerm(conductance, conductance)",
            f"fp.EdgeTerm(conductance, conductance[{ON_RANK_1}:])",
            "the process 'decay': q of the term 'diffusion' in the equation of tracer has the shape (",
            id="edges",
        ),
    ],
)
def test_a_slip_on_one_rank_leaves_no_other_waiting(old: str, new: str, told: str, tmp_path: Path) -> None:
    """Ranks that wait would be killed by `launch` as hanging. Rank 0 alone writes the line."""
    code, error = slip(tmp_path, 2, old, new)
    assert code == 2
    assert error.count("femna: ") == 1
    assert f"femna: {told}" in error
