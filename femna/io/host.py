"""Facts about the machine and the process that a run records."""

from __future__ import annotations

import os
import platform
import resource
import socket
import sys
from pathlib import Path
from typing import Any

MEGABYTE = 1e6
"""Bytes."""
BYTES_OF_MAXRSS = 1 if sys.platform == "darwin" else 1024
"""Unit of the operating system's figure of the largest resident memory."""


def host_facts() -> dict[str, Any]:
    """What matters about the machine for comparing wall times.

    Returns:
        `name`, `system`, `processor`, `cores`, `memory_GB` (1 GB = 10^9 bytes) and `python`.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {
        "name": socket.gethostname(),
        "system": f"{platform.system()} {platform.release()}",
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "memory_GB": round(memory, 1),
        "python": platform.python_version(),
    }


def peak_memory_MB() -> float:
    """Largest resident memory of this process so far, 1 MB = 10^6 bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * BYTES_OF_MAXRSS / MEGABYTE


def process_fingerprint() -> dict[str, Any]:
    """By what this process can be recognised later.

    Returns:
        `id`; `started_at`, see `started_at`; `machine`, a text for the machine, its boot and the process table in which
        the id means something, None where the operating system does not tell them.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        machine = f"{socket.gethostname()} {boot} {os.stat('/proc/self/ns/pid').st_ino}"
    except OSError:
        machine = None
    return {"id": os.getpid(), "started_at": started_at(os.getpid()), "machine": machine}


def started_at(process: int) -> int | None:
    """When a process was started; its id alone may be used again.

    Args:
        process: id of the process.

    Returns:
        Clock ticks since the boot; None when there is no such process.
    """
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] == "Z" else int(fields[19])


def usable_cores() -> int:
    """Cores that this process may use; where the system does not tell, those of the machine."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
