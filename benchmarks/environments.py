"""The environments of the codes: femna's own, one for femna 0.1.0 from this repository's history, one for each peer
that needs more. They are made on demand below runs/bench and kept.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.cases import FIPY, OLD, PEERS
from tools.compare_commits import prepare

ROOT = Path(__file__).parents[1]
WORK = ROOT / "runs" / "bench"
OLD_COMMIT = "64394fa"
"""femna 0.1.0."""
ONE_CORE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")


class Missing(Exception):
    """A code that cannot be had here; the text says why."""


@dataclass(frozen=True)
class Environment:
    """The Python of a code and the variables of its processes."""

    python: Path
    variables: dict[str, str]


def environment(code: str, old_python: Path | None = None) -> Environment:
    """That of a code of benchmarks.cases.

    old_python: for femna 0.1.0, a Python that has its packages, instead of an environment made for it.
    Raises Missing.
    """
    here = os.environ | ONE_CORE | {"PYTHONPATH": str(ROOT)}
    try:
        if code == OLD:
            side = prepare("femna-0.1.0", OLD_COMMIT, WORK, old_python)
            return Environment(side.python, side.environment)
        if code == FIPY:
            return Environment(_own(PEERS[code][0]), here)
    except (subprocess.CalledProcessError, ImportError, OSError) as error:
        raise Missing(f"{code}: {error}") from error
    return Environment(Path(sys.executable), here)


def _own(peer: str) -> Path:
    """The Python of a peer's own environment, with the packages that benchmarks/peers/NAME.txt pins."""
    folder, pinned = WORK / peer, ROOT / "benchmarks" / "peers" / f"{peer}.txt"
    python, made = folder / "bin" / "python", folder / "made-of.txt"
    if not made.exists() or made.read_text() != pinned.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "-r", str(pinned)], check=True)
        made.write_text(pinned.read_text())
    return python
