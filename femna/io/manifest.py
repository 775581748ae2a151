"""`manifest.json`: who ran what, where and how far it came."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from femna.columns import Column
from femna.errors import BadInput
from femna.fields import Field
from femna.io import version_1
from femna.io.atomic_files import write_whole
from femna.io.declarations import as_json, read_columns, read_fields
from femna.io.formats import FIRST_VERSION, FORMATS, check_versions, refuse_newer, stated_version
from femna.io.history_table import read_history
from femna.io.host import host_facts, process_fingerprint, started_at
from femna.io.package_versions import femna_version, loaded_versions
from femna.io.run_folder import HISTORY_FILE, MANIFEST_FILE
from femna.io.unreadable import why_unusable

SESSION_KEYS = (
    *("command", "ranks", "host", "versions", "peak_memory_MB", "checkpoint_s"),
    *("started", "updated", "wall_s", "steps", "status", "reason"),
)

CRC = "crc32"
"""Key of the checksum of all other entries, the last one."""

Status = Literal["running", "finished", "interrupted", "failed"]


class Manifest:
    """The manifest of a run, rewritten as a whole at each call; `data` holds what is on the disk.

    Recorded here: `formats` (versions of the files, see femna.io.formats), `femna` (its version), `versions` (of the
    packages in use), `host` (name, system, processor, cores, memory_GB, python), `process` (id and fingerprint of rank
    0, by which a killed run is told from a running one), `started` and `updated` (UTC), `wall_s` (of all sessions so
    far), `sessions` (what earlier ones recorded of themselves, oldest first), `status`.

    Given to `start`: `case`, `model`, `ranks`, `command`, and more. Given to `declare`: the tables `fields` and
    `columns`. Given to `update` (with each checkpoint) and `finish`: `steps` (accepted), `rejected_steps` (both counted
    through every session), `nodes`, `cells`, `peak_memory_MB` (one value a rank, 1 MB = 10^6 bytes, see
    femna.io.host.peak_memory_MB), `time_s`, `checkpoint_s` (wall time of the session's checkpoints); to `finish` also
    `reason` (one line: why it ended so).

    Args:
        directory: the run folder.

    Raises:
        BadInput: there is a manifest that cannot be read or was written by a newer femna.
    """

    def __init__(self, directory: Path | str) -> None:
        self.path = Path(directory) / MANIFEST_FILE
        self.data: dict[str, Any] = read_manifest(directory) if self.path.exists() else {}
        self._clock = time.monotonic()
        self._wall_before = float(self.data.get("wall_s") or 0.0)

    def start(
        self,
        *,
        case: str,
        model: str,
        ranks: int,
        command: Sequence[str],
        **more: Any,
    ) -> None:
        """Record a new session, the first or a resumed one, with status `running`.

        Args:
            case: name of the case.
            model: name of the model.
            ranks: number of MPI ranks.
            command: words of the command line.
            **more: further entries; `versions` of libraries ({"PETSc": "3.24.1"}) are merged with those found.

        Raises:
            CannotGoOn: the manifest cannot be written.
        """
        fields, columns = run_declarations(self.path.parent, self.data) if self.data else ((), ())
        if self.data:
            earlier = {key: self.data[key] for key in SESSION_KEYS if key in self.data}
            earlier["status"] = true_status(self.data)
            self.data["sessions"] = [*self.data.get("sessions", []), earlier]
            self.data.pop("reason", None)
            self.data.pop("history", None)  # its end is cut off next
        self._clock = time.monotonic()
        versions = loaded_versions() | dict(more.pop("versions", {}))
        self.data |= {"femna": femna_version(), "case": case, "model": model, "status": "running", "ranks": ranks}
        self.data |= {
            "command": list(command),
            "versions": versions,
            "host": host_facts(),
            "process": process_fingerprint(),
        }
        self.data |= {"formats": dict(FORMATS), "started": _now(), **more}
        self.data |= {"fields": as_json(fields), "columns": as_json(columns)}
        self._write()

    def declare(self, fields: Sequence[Field], columns: Sequence[Column]) -> None:
        """Declare what the run stores from now on. What earlier sessions declared besides stays declared.

        Args:
            fields: the stored fields.
            columns: the columns of the history.

        Raises:
            CannotGoOn: the manifest cannot be written.
        """
        earlier = run_declarations(self.path.parent, self.data)
        keys, names = {field.key for field in fields}, {column.name for column in columns}
        self.data |= {
            "fields": as_json([*fields, *(field for field in earlier[0] if field.key not in keys)]),
            "columns": as_json([*columns, *(column for column in earlier[1] if column.name not in names)]),
        }
        self._write()

    def update(self, **values: Any) -> None:
        """Record values and the wall time so far.

        Args:
            **values: entries of the manifest.

        Raises:
            CannotGoOn: the manifest cannot be written.
        """
        self.data |= values
        self._write()

    def finish(self, status: Status, **values: Any) -> None:
        """Record how the session ended.

        Args:
            status: the status of the run from now on.
            **values: further entries of the manifest.

        Raises:
            CannotGoOn: the manifest cannot be written.
        """
        self.update(status=status, **values)

    def _write(self) -> None:
        self.data |= {"updated": _now(), "wall_s": self._wall_before + time.monotonic() - self._clock}
        self.data.pop(CRC, None)
        text = _text(self.data)
        self.data[CRC] = zlib.crc32(text.encode())
        write_whole(self.path, _text(self.data).encode() + b"\n")


def read_manifest(directory: Path | str) -> dict[str, Any]:
    """The content of the manifest of a run.

    Args:
        directory: the run folder.

    Returns:
        The entries by their names (see `Manifest`).

    Raises:
        BadInput: there is no manifest that can be read, or a newer femna wrote it.
    """
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
        raise BadInput(f"{path}: {why_unusable(path, damaged=f'is damaged ({error})')}") from error
    if isinstance(data, dict) and CRC in data and data.pop(CRC) != zlib.crc32(_text(data).encode()):
        damaged = f"is damaged or was edited (its checksum is another); to use it as it is, take out '{CRC}'"
        raise BadInput(f"{path}: {why_unusable(path, damaged=damaged)}")
    if isinstance(data, dict):
        check_versions(path, data)
        refuse_newer(path, "manifest", stated_version(data, "manifest"))
    if not isinstance(data, dict) or not {"femna", "status"} <= set(data):
        raise BadInput(f"{path}: was not written by femna")
    return data


def run_declarations(
    directory: Path | str, manifest: Mapping[str, Any]
) -> tuple[tuple[Field, ...], tuple[Column, ...]]:
    """What a run declares of its fields and columns.

    Args:
        directory: the run folder.
        manifest: content of its manifest.

    Returns:
        The fields that it stores and the columns of its history; for a run of femna 0.1.0, which declares none, what
        that version wrote.
    """
    if stated_version(manifest, "manifest") > FIRST_VERSION:
        return read_fields(manifest.get("fields")), read_columns(manifest.get("columns"))
    history = read_history(Path(directory) / HISTORY_FILE)
    return version_1.declared_fields(manifest.get("model", ""), history), version_1.declared_columns(history)


def identity(manifest: Mapping[str, Any]) -> str:
    """By which a run is told from every other, also after a resume.

    Args:
        manifest: content of its manifest.

    Returns:
        Its `id`; of a run of femna 0.1.0, which has none, when its first session started.
    """
    sessions = manifest.get("sessions") or [manifest]
    return str(manifest.get("id") or sessions[0].get("started"))


def true_status(manifest: Mapping[str, Any]) -> str:
    """The status of a run.

    Args:
        manifest: content of its manifest.

    Returns:
        The recorded status, but `interrupted` where it is `running` and the process is known to be gone (killed, power
        cut).
    """
    status = str(manifest["status"])
    return "interrupted" if status == "running" and is_alive(manifest) is False else status


def is_alive(manifest: Mapping[str, Any]) -> bool | None:
    """Whether the process that runs the case exists.

    Args:
        manifest: content of the manifest.

    Returns:
        The answer; None where it cannot be told, on another machine.
    """
    process = manifest.get("process") or {}
    here = process_fingerprint()
    if not process or process.get("machine") != here["machine"] or here["machine"] is None:
        return None
    return started_at(int(process["id"])) == process.get("started_at")


def is_going_on(manifest: Mapping[str, Any]) -> bool:
    """Whether a run is in the hands of another process that is known to exist.

    A run that this process has begun is none of those: where its end could not be recorded (a full disk) it stays
    `running` as long as the process lives, and only the lock of the folder tells (see femna.io.folder_lock).

    Args:
        manifest: content of its manifest.
    """
    own = process_fingerprint() == manifest.get("process")
    return manifest["status"] == "running" and not own and bool(is_alive(manifest))


def _text(data: Mapping[str, Any]) -> str:
    return json.dumps(data, indent=1, default=_plain)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    return str(value)
