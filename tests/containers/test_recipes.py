"""The recipes of the images agree with one another and with what femna doctor asks of a machine; no build is made."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from femna.cli.machine import GL_LIBRARIES, GMSH_LIBRARIES

CONTAINERS = Path(__file__).resolve().parents[2] / "containers"
INSTALL = CONTAINERS / "install"
DOCKERFILE = (CONTAINERS / "Dockerfile").read_text()
APPTAINER = (CONTAINERS / "femna.def").read_text()
CALL = r"(packages\.sh build|packages\.sh run|python\.sh|femna\.sh packages|femna\.sh femna)"


def test_both_recipes_run_the_same_scripts_in_the_same_order() -> None:
    calls = re.sub(r"^COPY .*$|^ +\S+ /opt/.*$", "", f"{DOCKERFILE}\n---\n{APPTAINER}", flags=re.M)
    docker, apptainer = (re.findall(CALL, text) for text in calls.split("\n---\n"))
    expected = ["packages.sh build", "python.sh", "femna.sh packages", "femna.sh femna", "packages.sh run"]
    assert docker == apptainer == expected


def test_both_recipes_see_the_same_files_and_set_the_same_variables() -> None:
    ignore = (CONTAINERS.parent / ".dockerignore").read_text().splitlines()
    allowed = {line[1:] for line in ignore if line.startswith("!")}
    copied = set(re.findall(r"^    (\S+) /src/\S+$", APPTAINER, flags=re.M))
    assert copied == allowed
    assert all((CONTAINERS.parent / path).exists() for path in allowed)
    variables = re.findall(r"(?:NUMBA_CPU_NAME|HYDRA_LAUNCHER|PYTHONDONTWRITEBYTECODE)=\S+", DOCKERFILE)
    assert len(variables) == 3
    assert all(item in APPTAINER for item in variables)


def test_every_section_of_the_apptainer_recipe_is_shell() -> None:
    sections = dict(
        re.findall(r"^%(setup|post|environment|runscript)\n(.*?)(?=^%|^Bootstrap|\Z)", APPTAINER, flags=re.M | re.S)
    )
    assert len(sections) == 4
    for name, text in sections.items():
        assert subprocess.run(["sh", "-n"], input=text, text=True, check=False).returncode == 0, name


def test_what_doctor_calls_lacking_is_installed() -> None:
    packages = re.search(r"^libraries='([^']*)'", (INSTALL / "packages.sh").read_text(), flags=re.M)
    assert packages is not None
    assert {*GMSH_LIBRARIES.values(), *GL_LIBRARIES.values()} <= set(packages[1].split())


def test_no_host_is_named() -> None:
    """Where packages come from is the base's and the builder's business."""
    for path in [file for file in CONTAINERS.rglob("*") if file.is_file() and file.suffix != ".md"]:
        assert re.findall(r"https?://\S+|\b[\w-]+\.(?:org|com|net|io)\b(?!\.)", path.read_text()) == [], path


@pytest.fixture
def anywhere(tmp_path: Path) -> Path:
    """The image's `femna`, with an image in `tmp_path` whose femna prints where the caches are."""
    home = tmp_path / "image"
    (home / "bin").mkdir(parents=True)
    (home / "share" / "numba").mkdir(parents=True)
    (home / "share" / "numba" / "kernel.nbc").touch()
    bare = home / "bin" / "femna-bare"
    bare.write_text('#!/bin/sh\necho "$NUMBA_CACHE_DIR $HOME $(ls "$NUMBA_CACHE_DIR")" "$@"\n')
    script = tmp_path / "femna"
    script.write_text((INSTALL / "femna-anywhere").read_text().replace("image=/opt/femna", f"image={home}"))
    bare.chmod(0o755)
    script.chmod(0o755)
    return script


def called(script: Path, **variables: str) -> list[str]:
    environment = {"PATH": os.environ["PATH"], **variables}
    done = subprocess.run([script, "list"], capture_output=True, text=True, check=True, env=environment)
    return done.stdout.split()


def test_caches_go_to_a_folder_of_the_user_s_own_with_what_is_compiled(anywhere: Path, tmp_path: Path) -> None:
    cache = tmp_path / f".femna-cache-{os.getuid()}"
    for _ in range(2):
        assert called(anywhere, TMPDIR=str(tmp_path)) == [f"{cache}/numba", str(cache), "kernel.nbc", "list"]
    assert cache.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in cache.iterdir()] == ["numba"]
    assert called(anywhere, TMPDIR=str(tmp_path), HOME=str(tmp_path))[1] == str(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to make another user's folder")
def test_a_folder_that_somebody_else_has_laid_out_is_not_trusted(anywhere: Path, tmp_path: Path) -> None:
    trap = tmp_path / f".femna-cache-{os.getuid()}"
    trap.mkdir(mode=0o777)
    os.chown(trap, 12345, 12345)
    other = tmp_path / "other"
    other.mkdir()
    assert called(anywhere, FEMNA_CACHE=str(tmp_path), TMPDIR=str(other))[0].startswith(str(other))
