"""The steps of make lint that are tools of our own: which scripts shellcheck is given, what an audit comes to."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]

pytestmark = pytest.mark.serial

SOUND = {"name": "h5py", "version": "3.16.0", "vulns": []}
FLAWED = {"name": "old", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1", "2.0"]}]}
HOPELESS = {"name": "lost", "version": "3", "vulns": [{"id": "PYSEC-2", "fix_versions": []}]}
UNKNOWN = {"name": "own", "skip_reason": "not found"}


def tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("answer", "text", "code"),
    [
        ([SOUND], "dependencies: no known vulnerability in 1 packages", 0),
        ([SOUND, UNKNOWN], "dependencies: no known vulnerability in 1 packages; not audited: own", 0),
        ([UNKNOWN] * 3, "dependencies: not audited (the registry has no vulnerability data of the 3 packages)", 0),
        (
            [SOUND, FLAWED, UNKNOWN, HOPELESS],
            "dependencies: 2 known vulnerabilities in 3 packages; not audited: own\n"
            "old 1.0: PYSEC-1, mended in 1.1, 2.0\nlost 3: PYSEC-2, mended in none",
            1,
        ),
    ],
)
def test_what_an_audit_comes_to(answer: list[dict[str, object]], text: str, code: int) -> None:
    assert tool("audit_dependencies").verdict(answer) == (text, code)


@pytest.mark.parametrize(
    ("script", "text", "code"),
    [
        (None, "dependencies: not audited (pip-audit is not installed; the extra femna[dev] brings it)\n", 0),
        ("echo trace >&2; echo 'no route to host' >&2; exit 1", "dependencies: not audited (no route to host)\n", 0),
        ("exec sleep 60", "dependencies: not audited (no answer within 1 s)\n", 0),
        (f"echo '{json.dumps({'dependencies': [FLAWED]})}'; exit 1", "PYSEC-1, mended in 1.1, 2.0\n", 1),
    ],
)
def test_an_audit_that_cannot_be_made_is_no_fault(
    script: str | None,
    text: str,
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    audit = tool("audit_dependencies")
    monkeypatch.setattr(audit.sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(audit, "TIMEOUT", 1)
    if script is not None:
        (tmp_path / "pip-audit").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "pip-audit").chmod(0o755)
    assert audit.main() == code
    assert capsys.readouterr().out.endswith(text)


def test_scripts_are_known_by_their_first_line(tmp_path: Path) -> None:
    shell = {"a": "#!/bin/sh\n", "b.sh": "#!/usr/bin/env bash\n", ".ci/run": "#! /bin/dash -e\n"}
    other = {"c": "#!/usr/bin/env python3\n", "d.sh": "echo\n", "e": "text\n#!/bin/sh\n", "f": "#!/bin/fish\n"}
    other |= {".venv/bin/g": "#!/bin/sh\n", ".git/hooks/h": "#!/bin/sh\n"}
    for name, text in (shell | other).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "gone").symlink_to("nowhere")
    found = tool("check_shell").shell_scripts(tmp_path)
    assert {path.relative_to(tmp_path).as_posix() for path in found} == set(shell)


def test_the_repository_s_own_scripts_are_among_them() -> None:
    found = {path.relative_to(ROOT).as_posix() for path in tool("check_shell").shell_scripts(ROOT)}
    assert {".ci/run", "tools/find-python", "containers/install/femna-anywhere", "findings/strip_patchelf.sh"} <= found
