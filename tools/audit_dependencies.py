"""Asks pip-audit whether the packages of constraints.txt have known vulnerabilities, where its data are reachable.

    python tools/audit_dependencies.py     # a step of make lint

Exit code 1 when a package has one. A registry that serves packages without their vulnerability data, or no network at
all, is no fault of the code: one line then says what was not audited, and the exit code is 0.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PINNED = ROOT / "constraints.txt"
TIMEOUT = 300
"""Seconds for all packages; they are asked for one by one."""


def main() -> int:
    """Audit the pinned packages, say in words what came of it; the exit code."""
    command = [str(Path(sys.executable).with_name("pip-audit")), "--requirement", str(PINNED), "--no-deps"]
    options = ["--disable-pip", "--format", "json", "--progress-spinner", "off", "--timeout", "5"]
    try:
        done = subprocess.run([*command, *options], capture_output=True, text=True, check=False, timeout=TIMEOUT)
        answer = json.loads(done.stdout)["dependencies"]
    except FileNotFoundError:
        return not_audited("pip-audit is not installed; the extra femna[dev] brings it")
    except subprocess.TimeoutExpired:
        return not_audited(f"no answer within {TIMEOUT} s")
    except ValueError:
        *_, last = ["no answer", *done.stderr.split("\n")[:-1]]
        return not_audited(last)
    text, code = verdict(answer)
    print(text)
    return code


def not_audited(why: str) -> int:
    """Say that nothing was audited, and why; the exit code."""
    print(f"dependencies: not audited ({why})")
    return 0


def verdict(answer: list[dict[str, Any]]) -> tuple[str, int]:
    """What pip-audit found, in words.

    Args:
        answer: its `dependencies`: `name`, `version` and `vulns` of each package, or a `skip_reason`.

    Returns:
        The text, one line and one more for each vulnerability; the exit code.
    """
    asked = [package for package in answer if "skip_reason" not in package]
    skipped = [package["name"] for package in answer if "skip_reason" in package]
    if not asked:
        return f"dependencies: not audited (the registry has no vulnerability data of the {len(answer)} packages)", 0
    rest = f"; not audited: {', '.join(skipped)}" if skipped else ""
    found = [
        f"{package['name']} {package['version']}: {flaw['id']}, mended in {', '.join(flaw['fix_versions']) or 'none'}"
        for package in asked
        for flaw in package["vulns"]
    ]
    count = f"{len(found)} known vulnerabilities" if found else "no known vulnerability"
    return "\n".join([f"dependencies: {count} in {len(asked)} packages{rest}", *found]), int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
