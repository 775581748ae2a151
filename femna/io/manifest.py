"""`manifest.json`: who ran what, where and how far it came."""

from __future__ import annotations

import json
import os
import platform
import resource
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from femna.errors import BadInput
from femna.io.atomic_files import write_whole
from femna.io.package_versions import femna_version, loaded_versions
from femna.io.run_folder import MANIFEST_FILE

SESSION_KEYS = (
    *("command", "ranks", "host", "versions", "peak_memory_MB"),
    *("started", "updated", "wall_s", "steps", "status", "reason"),
)

Status = Literal["running", "finished", "interrupted", "failed"]


class Manifest:
    """The manifest of the run in `directory`, rewritten whole at each call; `data` holds what is on the disk.

    Recorded here: `femna` (its version), `versions` (of the packages in use), `host` (name, system, processor, cores,
    memory_GB, python), `process` (id and fingerprint of rank 0, by which a killed run is told from a running one),
    `started` and `updated` (UTC), `wall_s` (of all sessions so far), `sessions` (what earlier ones recorded of
    themselves, oldest first), `status`.

    Given by the main loop, to `start`: `case`, `model`, `ranks`, `command` (list of words), and freely more, such as
    `versions` of libraries ({"PETSc": "3.24.1"}) that are merged with those found. To `update` (with each checkpoint)
    and `finish`: `steps` (accepted), `rejected_steps` (both counted through every session), `nodes`, `cells`,
    `peak_memory_MB` (list, one value a rank, 1 MB = 10^6 bytes, see `peak_memory_MB()`), `time_s`; to `finish` also
    `reason` (one line: why it ended so).
    """

    def __init__(self, directory: Path | str) -> None:
        self.path = Path(directory) / MANIFEST_FILE
        self.data: dict[str, Any] = read_manifest(directory) if self.path.exists() else {}
        self._clock = time.monotonic()
        self._wall_before = float(self.data.get("wall_s") or 0.0)

    def start(self, *, case: str, model: str, ranks: int, command: Sequence[str], **more: Any) -> None:
        """Record a new session, the first or a resumed one, with status `running`. Raises CannotGoOn."""
        if self.data:
            earlier = {key: self.data[key] for key in SESSION_KEYS if key in self.data}
            earlier["status"] = true_status(self.data)
            self.data["sessions"] = [*self.data.get("sessions", []), earlier]
            self.data.pop("reason", None)
        self._clock = time.monotonic()
        versions = loaded_versions() | dict(more.pop("versions", {}))
        self.data |= {"femna": femna_version(), "case": case, "model": model, "status": "running", "ranks": ranks}
        self.data |= {"command": list(command), "versions": versions, "host": host_facts(), "process": _process()}
        self.data |= {"started": _now(), **more}
        self._write()

    def update(self, **values: Any) -> None:
        """Record `values` and the wall time so far. Raises CannotGoOn."""
        self.data |= values
        self._write()

    def finish(self, status: Status, **values: Any) -> None:
        """Record how the session ended. Raises CannotGoOn."""
        self.update(status=status, **values)

    def _write(self) -> None:
        self.data |= {"updated": _now(), "wall_s": self._wall_before + time.monotonic() - self._clock}
        write_whole(self.path, json.dumps(self.data, indent=1, default=_plain).encode() + b"\n")


def read_manifest(directory: Path | str) -> dict[str, Any]:
    """The manifest of the run in `directory`. Raises BadInput when there is none that can be read."""
    directory = Path(directory)
    path = directory / MANIFEST_FILE
    if not directory.is_dir():
        raise BadInput(f"{directory}: there is no such folder")
    try:
        data = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise BadInput(f"{directory}: is not a run folder (it has no {MANIFEST_FILE})") from error
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise BadInput(f"{path}: is damaged ({error})") from error
    if not isinstance(data, dict) or not {"femna", "status"} <= set(data):
        raise BadInput(f"{path}: was not written by femna")
    return data


def true_status(manifest: Mapping[str, Any]) -> str:
    """The recorded status, but `interrupted` for a run whose process is known to be gone (killed, power cut)."""
    status = str(manifest["status"])
    return "interrupted" if status == "running" and is_alive(manifest) is False else status


def is_alive(manifest: Mapping[str, Any]) -> bool | None:
    """Whether the process that runs the case is there; None where that cannot be told (another machine)."""
    process = manifest.get("process") or {}
    here = _process()
    if not process or process.get("machine") != here["machine"] or here["machine"] is None:
        return None
    return _started_at(int(process["id"])) == process.get("started_at")


def peak_memory_MB() -> float:
    """Largest resident memory of this process so far, 1 MB = 10^6 bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def host_facts() -> dict[str, Any]:
    """What matters about the machine for comparing wall times."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {
        "name": socket.gethostname(),
        "system": f"{platform.system()} {platform.release()}",
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "memory_GB": round(memory, 1),
        "python": platform.python_version(),
    }


def _process() -> dict[str, Any]:
    """This process, and the machine, boot and process table in which its id means anything."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        machine = f"{socket.gethostname()} {boot} {os.stat('/proc/self/ns/pid').st_ino}"
    except OSError:
        machine = None
    return {"id": os.getpid(), "started_at": _started_at(os.getpid()), "machine": machine}


def _started_at(process: int) -> int | None:
    """Start of a process in clock ticks since the boot (a process id alone may be used again); None when it is gone."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] == "Z" else int(fields[19])


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    return str(value)
