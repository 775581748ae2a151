"""What the documentation shows of femna's output: run it, compare it, and write it anew.

    python tools/doc_samples.py README.md docs/guide/first_run.md    # writes what is printed now into the pages
    python tools/doc_samples.py --all README.md                      # what takes minutes too

A block of `console` holds commands (`$ femna ...`) and, below each, lines of what it prints: any of them, in order.
`..` stands for whatever changes from run to run, such as wall times; numbers agree to NUMBERS or their last digit. The
cases that a page shows (blocks of `toml` whose first line is a comment that begins with the name of a file) lie in the
current folder. Examples in Python are run too, and print what a block of `text` below them shows.
tests/unit/test_doc_samples.py checks it all.
"""

from __future__ import annotations

import math
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NUMBERS = 2e-3
"""Largest relative difference of two numbers that are the same; one in the last digit shown is no difference either."""
NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
MINUTES = ("femna run cell-gpe\n", "femna run demo\n")
"""Commands that take minutes."""
BLOCK = re.compile(r"^```(console|python|toml)\n(.*?)^```(?:\n\n[^\n`]+\n\n```text\n(.*?)^```)?", flags=re.M | re.S)
"""A block, and what a block of `text` below a line of prose shows of its output."""

Block = tuple[str, str, str]
"""Language, content, and shown output of a block."""


def run_blocks(page: Path) -> list[tuple[list[Block], bool]]:
    """The blocks of a page that belong together, in order, and whether they take minutes.

    Blocks of one section (`##`) share a folder with its cases and runs; in a page without `console` all blocks do.
    """
    text = page.read_text(encoding="utf-8")
    sections = re.split(r"^(?=## )", text, flags=re.M) if "```console\n" in text else [text]
    found = []
    for section in sections:
        blocks: list[Block] = BLOCK.findall(section)
        if any(language != "toml" for language, _, _ in blocks):
            found.append((blocks, any(command in content for _, content, _ in blocks for command in MINUTES)))
    return found


def samples(content: str) -> list[tuple[str, list[str]]]:
    """The commands of a block of console, each with the lines shown below it."""
    found: list[tuple[str, list[str]]] = []
    for line in content.replace("\\\n", " ").splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found and line.strip() not in ("", ".."):
            found[-1][1].append(line)
    return found


def alike(shown: str, printed: str) -> bool:
    """Whether two lines are the same but for their numbers, and for what `..` stands for."""
    texts = [" ".join(NUMBER.sub("0", line).split()) for line in (shown.replace("..", "\0"), printed)]
    return bool(re.fullmatch(re.escape(texts[0]).replace("\0", ".*"), texts[1]))


def same(shown: str, printed: str) -> bool:
    """Whether a printed line is the one that is shown."""
    if ".." in shown:  # which numbers are which is not known: they are those that are shown
        exact = re.escape(" ".join(shown.split())).replace(re.escape(".."), ".*")
        return bool(re.fullmatch(exact, " ".join(printed.split())))
    numbers = (
        zip(NUMBER.findall(shown), NUMBER.findall(printed), strict=True) if alike(shown, printed) else [("0", "1")]
    )
    return all(math.isclose(float(a), float(b), rel_tol=NUMBERS, abs_tol=_last_digit(a)) for a, b in numbers)


def _last_digit(number: str) -> float:
    """One in the last digit of a number with a decimal point, by which rounding may differ; 0 of a whole number."""
    mantissa, _, exponent = number.partition("e")
    decimals = mantissa.partition(".")[2]
    return 1.01 * 10.0 ** (int(exponent or 0) - len(decimals)) if decimals else 0.0


def missing(shown: list[str], printed: str) -> str | None:
    """The first of the shown lines that is not among the printed ones, in order."""
    rest = iter(printed.splitlines())
    return next((line for line in shown if not any(same(line, other) for other in rest)), None)


def outputs(blocks: list[Block], folder: Path) -> list[tuple[str, list[str], str]]:
    """Run the blocks in a folder, each example in a process of its own.

    Returns:
        Of each example its first line, the lines shown, and all that it printed.

    Raises:
        RuntimeError: an example ended with another exit code than 0, or than 2 where an error is shown.
    """
    done = []
    for language, content, output in blocks:
        if language == "toml" and (named := re.match(r"# ([\w-]+\.toml)\b", content)):
            (folder / named[1]).write_text(content, encoding="utf-8")
        elif language == "python":
            words, first = ["-c", content], content.splitlines()[0]
            done.append((first, output.splitlines(), _run(words, folder, 0)))
        for command, shown in samples(content) if language == "console" else []:
            words = ["-m", *shlex.split(command, comments=True)]
            done.append((command, shown, _run(words, folder, 2 if shown and shown[0].startswith("femna: ") else 0)))
    return done


def _run(words: list[str], folder: Path, code: int) -> str:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "COLUMNS": "160"}
    command = [sys.executable, *words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    printed = done.stdout + done.stderr
    if done.returncode != code:
        raise RuntimeError(f"{words}: exit code {done.returncode} in place of {code}\n{printed[-3000:]}")
    return printed


def renewed(text: str, ran: list[tuple[str, list[str], str]]) -> str:
    """A page with its shown lines as they are printed now; lines with `..`, and those not found, stay."""
    for command, shown, printed in ran:
        rest = iter(printed.splitlines())
        for line in shown:
            now = next((other for other in rest if alike(line, other)), None)
            if now is None:
                print(f"{command}: prints no line like '{line}'")
                rest = iter(printed.splitlines())
            elif ".." not in line:
                text = text.replace(line, now.rstrip())
            elif not same(line, now):
                print(f"{command}: '{line}' is '{now}' now")
    return text


def main(arguments: list[str]) -> None:
    """Write the pages anew."""
    for page in (Path(argument) for argument in arguments if argument != "--all"):
        for blocks, slow in run_blocks(page):
            if slow and "--all" not in arguments:
                continue
            with tempfile.TemporaryDirectory() as folder:
                ran = outputs(blocks, Path(folder))
            text = page.read_text(encoding="utf-8")
            page.write_text(renewed(text, ran), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
