"""The commands of the documentation's shell blocks, run page by page by a shell in an empty folder (slow).

All `sh` and `console` blocks of a page run in their order as one script that ends at the first failure. Beforehand lie
in the folder: the files that the page shows (blocks of `toml` whose first line is a comment that begins with a name),
and the runs that it takes from another page (TRIALS). Three things differ from what a reader types:

- a shipped case ends after STEPS steps, and so does every run of a sweep: as shipped they take minutes, and
  tests/conservation runs them whole;
- programs of OTHERS are left out: what installs, tests or starts jobs elsewhere;
- each rank computes with one thread.

A page takes half a minute of processor time or more; on a busy machine give pytest `-o faulthandler_timeout=0`, which
otherwise ends it after five minutes.

tests/unit/test_docs.py asks of every command, in every run of the tests, whether femna would take it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .test_docs import PAGES, ROOT, blocks, name

pytestmark = [pytest.mark.slow, pytest.mark.serial]

STEPS = 12
PATIENCE = 1200
"""Seconds after which a page is taken to hang."""
OTHERS = {
    *(".", "cd", "export", "git", "make", "module", "pip", "python"),
    *("apptainer", "buildah", "conda", "docker", "podman", "spack"),
    *("sbatch", "scancel", "snakemake", "squeue", "srun"),
}
"""Programs that no page's test runs."""

SQUARE = (
    '--set geometry.width="5 um" --set layer.electrolyte.thickness="6 um" --set numerics.cell_size="0.2 um" '
    "--set numerics.max_steps=30"
)
CUBE = '--set geometry.dim=3 --set geometry.width="2 um" --set geometry.depth="2 um" --set numerics.cell_size="0.25 um"'
TRIALS = {
    "trial": f"p-na {SQUARE}",
    "trial-native": f"p-na {SQUARE}",
    "trial-naf": f"f-na {SQUARE}",
    "trial-mci": f"sfc-na {SQUARE}",
    "trial-3d": f"p-na {CUBE} --set numerics.max_steps={STEPS}",
}
"""Runs that pages take from one another, and their cases."""

FEMNA = """#!/bin/sh
case "$*" in
    *max_steps* | "run "*.toml*) exec "{python}" -m femna "$@" ;;
    "run "* | "sweep "*) exec "{python}" -m femna "$@" --set numerics.max_steps={steps} ;;
    *) exec "{python}" -m femna "$@" ;;
esac
"""
"""What the word femna runs."""

BLOCK = re.compile(r"^```(sh|console)\n(.*?)^```", flags=re.M | re.S)


def commands(page: Path) -> list[str]:
    """The commands of a page in order, one a line; of a console block those after a $."""
    found = []
    for language, content in BLOCK.findall(page.read_text(encoding="utf-8")):
        for line in content.replace("\\\n", " ").splitlines():
            if language == "console" and line.startswith("femna: ") and found:
                found[-1] = f"! {found[-1]}"  # what is shown is an error
            words = line if language == "sh" else line.removeprefix("$ ") if line.startswith("$ ") else ""
            first = re.sub(r"^(\w+=\S* +)*(\S*mpirun +-n +\d+ +)?", "", words.strip()).split()
            if first and not first[0].startswith("#") and first[0].rsplit("/")[-1] not in OTHERS:
                found.append(words)
    return found


def borrowed(page: Path, lines: list[str]) -> list[str]:
    """The commands that make the runs which a page takes from another."""
    text = "\n".join(lines)
    words = set(re.findall(r"(?<![\w/])trial[\w-]*", text))
    needed = {word for word in words if not re.search(rf"-o {word}(?![\w-])", text)}
    return [f"femna run {TRIALS[word]} -o {word}" for word in sorted(needed & TRIALS.keys())]


def pages() -> list[Path]:
    return [page for page in PAGES if blocks(page, "sh") and commands(page)]


@pytest.mark.parametrize("page", pages(), ids=name)
def test_commands_run(page: Path, tmp_path: Path) -> None:
    lines, programs = commands(page), tmp_path / "bin"
    programs.mkdir()
    femna = programs / "femna"
    femna.write_text(FEMNA.format(python=sys.executable, steps=STEPS))
    femna.chmod(0o755)
    work = tmp_path / "work"
    work.mkdir()
    for content in blocks(page, "toml"):
        if named := re.match(r"# ([\w-]+\.toml)\b", content):
            (work / named[1]).write_text(content, encoding="utf-8")
    script = "\n".join(["set -ex", *borrowed(page, lines), *lines])
    path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        ["bash", "-c", script], cwd=work, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, f"{script}\n\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}"


def test_most_pages_of_the_guide_have_commands() -> None:
    assert len(pages()) >= 6
