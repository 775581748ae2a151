"""Compiled loops where nothing can be written: a read-only installation, no home folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import femna


@pytest.mark.serial
def test_without_a_place_for_the_cache_a_loop_is_compiled_all_the_same(tmp_path: Path) -> None:
    module = tmp_path / "loops.py"
    module.write_text("from femna.kernels import kernel\n\n@kernel\ndef one_more(x):\n    return x + 1\n")
    blocked = tmp_path / "file"
    blocked.touch()  # a folder cannot be made in it, by root neither
    (tmp_path / "__pycache__").touch()
    environment = os.environ | {
        "NUMBA_CACHE_DIR": str(blocked / "cache"),
        "XDG_CACHE_HOME": str(blocked / "cache"),
        "HOME": str(blocked),
        "PYTHONPATH": f"{Path(femna.__file__).parents[1]}:{tmp_path}",
    }
    code = "import loops; print(loops.one_more(1)); print(len(loops.one_more.compiled().signatures))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert done.stdout.split() == ["2", "1"], done.stderr
