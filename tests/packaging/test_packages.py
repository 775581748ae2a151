"""The sdist and the wheel: what is in them, and that the wheel runs in an empty environment.

They are made as `make dist` makes them, by the build backend that pyproject.toml names, the wheel from the sdist; in a
copy of the repository, because the backend writes beside the package.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.serial
ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("benchmarks", "docs", "femna", "meshes", "tests", "tools")
FILES = (
    *("CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "LICENSE", "Makefile", "MANIFEST.in", "README.md"),
    *("constraints.txt", "pyproject.toml"),
)
"""What the sdist holds besides; left out are .ci, .github, .gitignore and .pre-commit-config.yaml."""


def files(folder: Path) -> set[str]:
    """Of a tree, by path within it; caches do not count."""
    found = (file.relative_to(folder) for file in folder.rglob("*") if file.is_file())
    return {str(file) for file in found if "__pycache__" not in file.parts and file.suffix != ".pyc"}


def build(kind: str, source: Path, out: Path) -> Path:
    """One package, by the backend."""
    program = f"from setuptools import build_meta; build_meta.build_{kind}({str(out)!r})"
    done = subprocess.run([sys.executable, "-c", program], cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    (package,) = out.glob("*.tar.gz" if kind == "sdist" else "*.whl")
    return package


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> tuple[set[str], Path]:
    """The files of the sdist, and the wheel."""
    folder = tmp_path_factory.mktemp("packages")
    copy, out = folder / "copy", folder / "dist"
    copy.mkdir()
    for name in FOLDERS:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, copy)
    with tarfile.open(build("sdist", copy, out)) as archive:
        archive.extractall(folder, filter="data")
    (source,) = (path for path in folder.iterdir() if path.name.startswith("femna-"))
    return files(source), build("wheel", source, out)


def test_the_sdist_holds_what_the_repository_holds(packages: tuple[set[str], Path]) -> None:
    found, _ = packages
    wanted = {f"{folder}/{file}" for folder in FOLDERS for file in files(ROOT / folder)} | {*FILES}
    assert sorted(wanted - found) == []
    made = {"PKG-INFO", "setup.cfg"} | {file for file in found if file.startswith("femna.egg-info/")}
    assert sorted(found - wanted - made) == []


def test_the_wheel_holds_the_package_and_nothing_else(packages: tuple[set[str], Path]) -> None:
    with zipfile.ZipFile(packages[1]) as archive:
        found = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert found == {f"femna/{file}" for file in files(ROOT / "femna")}


@pytest.mark.slow
def test_the_wheel_runs_in_an_empty_environment(packages: tuple[set[str], Path], tmp_path: Path) -> None:
    """Installed with what it declares, by the pins of constraints.txt; the current folder is empty."""
    venv, work = tmp_path / "venv", tmp_path / "work"
    work.mkdir()
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "LD_LIBRARY_PATH")}
    environment |= {"OMP_NUM_THREADS": "1", "XDG_CACHE_HOME": str(tmp_path / "cache")}

    def call(*words: str | Path) -> str:
        command = [str(word) for word in words]
        done = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}: {done.stderr[-3000:]}"
        return done.stdout

    call(sys.executable, "-m", "venv", venv)
    call(venv / "bin/pip", "install", "--constraint", ROOT / "constraints.txt", f"{packages[1]}[wheel]")
    femna = venv / "bin/femna"
    shipped = {case["name"] for case in json.loads(call(femna, "list", "--json"))}
    assert shipped == {path.stem for path in (ROOT / "femna" / "cases").glob("*.toml")}
    program = "import femna, femna.materials as m; print(femna.__file__); print(*m.load_library())"
    where, materials = call(venv / "bin/python", "-c", program).splitlines()
    assert Path(where).is_relative_to(venv)
    assert set(materials.split()) == {path.stem for path in (ROOT / "femna" / "materials").glob("*.toml")}
    call(venv / "bin/mpirun", "-n", "2", femna, "run", "planar", "--set", "protocol.1.until=2 min")
    summary = json.loads(call(femna, "summary", "runs/planar", "--json"))
    assert (summary["status"], summary["ranks"], summary["time_s"]) == ("finished", 2, 120.0)
    assert summary["sodium_balance_error"] < 1e-8
    call(femna, "render", "runs/planar")
    assert {path.name for path in (work / "runs/planar/figures").iterdir()} >= {"history.png", "profiles.png"}
