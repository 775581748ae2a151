"""Heights as text: lines of numbers with commas, semicolons, tabs or blanks between them.

Commas are decimal ones where semicolons, tabs or blanks stand between the numbers. A byte order mark, and comments that
begin with # or %, are passed over; those of Gwyddion's text files tell size and unit.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from femna.quantities import shown
from femna.surfaces.height_files.height_field import Floats, HeightField, UnreadableHeights
from femna.units import UnitError, to_si

COMMENT = re.compile(r"[#%].*")
SIZE = re.compile(r"[#%]\s*(Width|Height):\s*([\d.,eE+-]+)\s*(\S+)")
UNIT = re.compile(r"[#%]\s*Value units:\s*(\S+)")
SEPARATORS = {";": "semicolons", "\t": "tabs", ",": "commas", None: "blanks"}
A_NUMBER = "a number in every field, with a decimal point or a decimal comma throughout; comments begin with #"
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Line(NamedTuple):
    """A line that holds numbers.

    Args:
        number: of the line in the file, from 1.
        text: without comments.
    """

    number: int
    text: str


def read_text(data: bytes) -> HeightField:
    """The heights of a text.

    Args:
        data: the bytes of the file.

    Raises:
        UnreadableHeights: a field is missing or no number, or the lines differ in length.
    """
    text = decoded(data)
    lines = [Line(n, kept) for n, line in enumerate(text.splitlines(), 1) if (kept := COMMENT.sub("", line).strip(" "))]
    lines = [line for line in lines if line.text.strip()]
    if not lines:
        raise UnreadableHeights("holds no numbers", A_NUMBER)
    separator = separator_of(lines)
    commas = next((line for line in lines if "," in line.text), None) if separator != "," else None
    numbers = _table(lines, separator, commas is not None)
    remarks: tuple[str, ...] = ()
    if commas is not None:
        example = next(field for field in _fields(commas.text, separator) if "," in field)
        remarks = (f"commas are decimal commas: '{example}' in line {commas.number} is {_value(example, True):g}",)
    unit, pixel = _stated(text, numbers.shape)
    return HeightField(numbers, unit=unit, pixel=pixel, remarks=remarks)


def decoded(data: bytes) -> str:
    """The text of a file: UTF-8 or UTF-16 with or without a byte order mark, else Latin-1, as older instruments write.

    Raises:
        UnreadableHeights: it is no text.
    """
    if data.startswith(UTF_16):
        return data.decode("utf-16", errors="replace")
    if b"\0" in data:
        raise UnreadableHeights("is no text, though its name says so", "text, an image or an array (.npy)")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def separator_of(lines: Sequence[Line]) -> str | None:
    """What stands between the numbers; None for blanks.

    Raises:
        UnreadableHeights: the commas may be decimal ones or stand between numbers.
    """
    texts = [line.text for line in lines]
    if any(";" in text for text in texts):
        return ";"
    if any(re.search(r",\s|\s,|,[^\s,]*,", text) for text in texts):
        return ","
    if any("\t" in text.strip() for text in texts):
        return "\t"
    if not any("," in text for text in texts) or any(re.search(r"\S\s+\S", text) for text in texts):
        return None
    return _between_or_within(lines)


def _between_or_within(lines: Sequence[Line]) -> str | None:
    """Whether single commas in lines without blanks stand between numbers (",") or within them (None)."""
    if not all("," in line.text for line in lines):
        return None  # a column in which some numbers are whole
    for line in lines:
        head, _, tail = line.text.partition(",")
        if re.search(r"[.eE]", head) or "." in tail or not tail[:1].isdigit() or not head:
            return ","
    text = f"line {lines[0].number} is '{lines[0].text}': one number with a decimal comma, or two numbers"
    raise UnreadableHeights(f"is ambiguous: {text}", "decimal points, or semicolons between the numbers")


def _table(lines: Sequence[Line], separator: str | None, commas: bool) -> Floats:
    """The numbers (lines, numbers in a line). Raises UnreadableHeights."""
    ended = len(lines) > 1 and separator is not None and all(line.text.endswith(separator) for line in lines)
    rows: list[Floats] = []
    for line in lines:
        fields = _fields(line.text.removesuffix(separator) if ended and separator else line.text, separator)
        try:
            row = np.array([field.replace(",", ".") for field in fields] if commas else fields, dtype=np.float64)
        except ValueError:
            row = np.full(len(fields), np.nan)
        if not np.isfinite(row).all() or (commas and "." in line.text):
            raise _bad_field(line, fields, commas)
        rows.append(row)
        if len(row) != len(rows[0]):
            text = f"has {len(row)} number{'s' * (len(row) != 1)} in line {line.number} and {len(rows[0])}"
            between = f"as many numbers in every line (read with {SEPARATORS[separator]} between them)"
            raise UnreadableHeights(f"{text} in line {lines[0].number}", between)
    return np.stack(rows)


def _fields(text: str, separator: str | None) -> list[str]:
    return [field.strip() for field in text.split(separator)]


def _value(field: str, commas: bool) -> float:
    """The number of a field; NaN where it is none."""
    if commas and "." in field:
        return np.nan
    try:
        return float(field.replace(",", ".") if commas else field)
    except ValueError:
        return np.nan


def _bad_field(line: Line, fields: Sequence[str], commas: bool) -> UnreadableHeights:
    """The error for the first field of a line that is no finite number."""
    position, field = next(
        ((n, f) for n, f in enumerate(fields, 1) if not np.isfinite(_value(f, commas))), (1, fields[0])
    )
    what = f"is {shown(field)}, no finite number" if field else "is missing"
    if commas and "." in field:
        what = f"is {shown(field)}, and the file has decimal commas"
    return UnreadableHeights(f"line {line.number}, field {position} {what}", A_NUMBER)


def _stated(text: str, shape: tuple[int, ...]) -> tuple[float, tuple[float, ...]]:
    """Length of a height of 1 and sizes of a pixel, m, of the comments with which Gwyddion begins a text.

    Raises:
        UnreadableHeights: the values are no lengths.
    """
    unit, sizes = 0.0, {}
    for line in _comments(text):
        if found := UNIT.match(line):
            try:
                unit = to_si(f"1 {found[1]}", "m")
            except UnitError as error:
                raise UnreadableHeights(f"holds values in {found[1]}, no heights ({error})", "heights") from None
        elif found := SIZE.match(line):
            try:
                sizes[found[1]] = to_si(f"{found[2].replace(',', '.')} {found[3]}", "m")
            except UnitError:
                continue
    counts = dict(zip(("Height", "Width"), shape, strict=True))
    if sizes.keys() != counts.keys():
        return unit, ()
    return unit, (sizes["Width"] / counts["Width"], sizes["Height"] / counts["Height"])


def _comments(text: str) -> Iterator[str]:
    """The lines of comments before the numbers."""
    for line in text.splitlines():
        if line.strip() and not COMMENT.match(line.strip()):
            return
        yield line.strip()


def is_text(path: Path, named: bool) -> bool:
    """Whether a file is lines of numbers rather than a format of an instrument.

    Args:
        path: the file.
        named: whether its name says that it is text; otherwise its first line must begin with a number.
    """
    with path.open("rb") as file:
        begin = file.read(4096)
    if not begin.startswith(UTF_16) and b"\0" in begin:
        return False
    lines = (COMMENT.sub("", line).strip() for line in decoded(begin).splitlines())
    return named or re.match(r"[+-]?[\d.,]", next((line for line in lines if line), "")) is not None
