"""Runs an image as Docker would with --read-only and --user: by runc, from a folder that holds its root."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path


def run_read_only(
    bundle: Path, root: Path, work: Path, command: Sequence[str], user: int, environment: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run a command on a read-only root, without a network, with nothing that can be written but /work and /dev/shm.

    Args:
        bundle: an empty folder for runc's configuration.
        root: the root of the image.
        work: what is mounted as /work.
        command: program and arguments.
        user: user id; it has no entry in /etc/passwd unless it is the image's own.
        environment: "K=V" of the image and the caller; none of this process.

    Returns:
        What became of the command.
    """
    bundle.mkdir(parents=True, exist_ok=True)
    (bundle / "config.json").unlink(missing_ok=True)
    subprocess.run(["runc", "spec"], cwd=bundle, check=True)
    config = json.loads((bundle / "config.json").read_text())
    config["root"] = {"path": str(root), "readonly": True}
    config["process"] |= {
        "terminal": False,
        "args": list(command),
        "cwd": "/work",
        "user": {"uid": user, "gid": user},
        "env": list(environment),
        "noNewPrivileges": True,
        "capabilities": {},
    }
    config["mounts"].append({"destination": "/work", "type": "bind", "source": str(work), "options": ["rbind", "rw"]})
    (bundle / "config.json").write_text(json.dumps(config))
    return subprocess.run(
        ["runc", "run", f"femna-test-{bundle.name}"],
        cwd=bundle,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=1800,
        check=False,
    )
