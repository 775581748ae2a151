"""Frames as a film: GIF by Pillow, or MP4 by ffmpeg where the machine has it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from PIL import Image

from femna.errors import CannotGoOn
from femna.io.atomic_files import disk_errors, write_whole

Array = np.ndarray[Any, Any]

KINDS = ("gif", "mp4")


def check_film(kind: str) -> None:
    """Raise CannotGoOn where a film of a kind cannot be written on this machine."""
    if kind == "mp4" and shutil.which("ffmpeg") is None:
        raise CannotGoOn("an mp4 needs ffmpeg, which this machine does not have\ntry: install ffmpeg, or --movie gif")


def write_film(frames: Iterable[Array], path: Path, frames_per_second: int) -> Path:
    """Write a film.

    Args:
        frames: pictures (rows, columns, 3) of one size, 8 bits a colour.
        path: the file; its ending says the kind, .gif or .mp4.
        frames_per_second: speed.

    Returns:
        The path.

    Raises:
        CannotGoOn: the file cannot be written, or there is no ffmpeg for an .mp4, or it fails.
    """
    check_film(path.suffix[1:])
    # the usual coder wants even numbers of rows and columns
    even = [np.ascontiguousarray(frame[: len(frame) // 2 * 2, : frame.shape[1] // 2 * 2, :3]) for frame in frames]
    with disk_errors(path):
        write_whole(path, _mp4(even, frames_per_second) if path.suffix == ".mp4" else _gif(even, frames_per_second))
    return path


def _gif(frames: list[Array], speed: int) -> bytes:
    content = BytesIO()
    first, *others = [Image.fromarray(frame) for frame in frames]
    first.save(content, format="GIF", save_all=True, append_images=others, duration=1000 // speed, loop=0)
    return content.getvalue()


def _mp4(frames: list[Array], speed: int) -> bytes:
    rows, columns = frames[0].shape[:2]
    with TemporaryDirectory() as folder:
        aside = Path(folder) / "film.mp4"
        words = ["ffmpeg", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{columns}x{rows}"]
        words += ["-r", str(speed), "-i", "-", "-pix_fmt", "yuv420p", "-movflags", "+faststart", str(aside)]
        done = subprocess.run(words, input=b"".join(f.tobytes() for f in frames), capture_output=True, check=False)
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise CannotGoOn(f"ffmpeg could not write the film ({said[-1] if said else done.returncode})")
        return aside.read_bytes()
