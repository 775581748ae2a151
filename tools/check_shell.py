"""Runs shellcheck on every shell script of the repository, known by its first line; a step of make lint.

python tools/check_shell.py
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FIRST_LINE = re.compile(rb"#! ?/\S*(/| )(ba|da)?sh\b")
NOT_OURS = {".git", ".venv", "node_modules", "runs", "site", "build", "dist"}


def shell_scripts(root: Path) -> list[Path]:
    """The shell scripts below a folder, hidden ones included; what tools and runs put there is left out."""
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in NOT_OURS]
        for path in filter(Path.is_file, (Path(folder, name) for name in files)):
            with open(path, "rb") as file:
                if FIRST_LINE.match(file.readline(80)):
                    found.append(path)
    return sorted(found)


def main() -> int:
    """Check them all; the exit code."""
    scripts = shell_scripts(ROOT)
    program = Path(sys.executable).with_name("shellcheck")
    done = subprocess.run([str(program), *map(str, scripts)], check=False)
    if done.returncode == 0:
        print(f"shellcheck: {len(scripts)} scripts, no issues")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
