"""Numbers of runs in the table, the page and the printed table."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from femna import audit
from femna.audit.table import RUNS
from femna.errors import BadInput
from femna.io.history import History
from femna.io.manifest import Manifest, Status
from femna.io.version_1 import COLUMNS, TWO_POTENTIAL_COLUMNS

ROOT = Path(__file__).resolve().parents[3]


def make(folder: Path, case: str, status: Status = "finished", **values: float) -> None:
    """A run folder with one step."""
    manifest = Manifest(folder / case)
    manifest.start(case=case, model="two_potential", ranks=1, command=["made up"])
    columns = (*COLUMNS, *TWO_POTENTIAL_COLUMNS)
    row = dict.fromkeys((column.name for column in columns), 0.0)
    with History(folder / case / "history.csv", columns) as history:
        history.append(row | values)
    manifest.finish(status)


def cell(voltage: float, current: float) -> dict[str, float]:
    return {"Cell voltage [V]": voltage, "Current density [A.m-2]": current}


def test_finished_runs_stand_beside_the_closed_forms(tmp_path: Path) -> None:
    make(tmp_path, "nzsp-nsf", **cell(0.0116, 2.0))
    make(tmp_path, "nzsp", **cell(-0.032, -2.0))
    make(tmp_path, "mci-top", **{"Top fraction [-]": 0.9})
    rows = audit.table(tmp_path)
    assert {row.id: row.run for row in rows if row.run is not None} == pytest.approx(
        {"B4a": 58.0, "B6a": 160.0, "A1g": 0.9}
    )
    assert [row.verdict for row in rows] == [row.verdict for row in audit.table()]
    assert "| run |" in audit.page(rows)


def test_runs_under_way_are_left_out(tmp_path: Path) -> None:
    make(tmp_path, "nzsp", **cell(0.032, 2.0))
    make(tmp_path, "mci-top", "interrupted", **{"Top fraction [-]": 0.9})
    assert [row.id for row in audit.table(tmp_path) if row.run is not None] == ["B6a"]


def test_folders_that_will_not_do(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is not a folder"):
        audit.table(tmp_path / "nowhere")
    with pytest.raises(BadInput, match="holds no finished run of mci-top, nzsp, nzsp-nsf"):
        audit.table(tmp_path)
    (tmp_path / "nzsp").mkdir()
    with pytest.raises(BadInput, match="nzsp"):
        audit.table(tmp_path)
    make(tmp_path, "nzsp", **cell(0.0, 0.0))
    with pytest.raises(BadInput, match="ends without current"):
        audit.table(tmp_path)


def test_a_run_without_a_layer_has_no_top(tmp_path: Path) -> None:
    make(tmp_path, "mci-top", **{"Top fraction [-]": float("nan")})
    with pytest.raises(BadInput, match="no top fraction"):
        audit.table(tmp_path)


def test_rows_that_runs_serve_exist() -> None:
    assert set(RUNS) <= {row.id for row in audit.table()}


def test_page_is_up_to_date() -> None:
    """If this fails: python tools/audit_page.py."""
    assert (ROOT / "docs" / "audit.md").read_text(encoding="utf-8") == audit.page(audit.table())


def test_page_has_every_row_once() -> None:
    page = audit.page(audit.table())
    for row in audit.table():
        lines = [line for line in page.splitlines() if line.startswith(f"| {row.id} |")]
        assert len(lines) == 1
        assert lines[0].count(" | ") == 8, lines[0]
    assert "| B4a | cell of 0.6NSF at 0.2 mA/cm², 30 degC: resistance |" in page
    assert "| 75 | 48.3 to 67.28 | **missed (1.11 x)** |" in page


def test_printed_table_fits_a_hundred_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make(tmp_path, "nzsp", **cell(0.032, 2.0))
    for rows in (audit.table(), audit.table(tmp_path)):
        audit.show(rows)
        printed = capsys.readouterr().out
        assert max(map(len, printed.splitlines())) <= 100
        words = set(printed.split())
        assert {row.id for row in rows} <= words
        assert {"missed", "inconsistent", "fitted", "untested"} <= words
        assert "…" not in printed
    assert "run" in words


def test_rows_as_json() -> None:
    rows = json.loads(json.dumps([asdict(row) for row in audit.table()]))
    found = next(row for row in rows if row["id"] == "B4a")
    assert found["published"] == [[75.0, 75.0]]
    assert (found["kind"], found["verdict"], found["unit"], found["run"]) == ("predict", "missed", "ohm cm²", None)


@pytest.mark.serial
def test_audit_needs_neither_petsc_nor_mpi() -> None:
    code = "import sys; from femna import audit; audit.page(audit.table()); print([m for m in sys.modules if m in "
    code += "('petsc4py', 'mpi4py', 'dolfinx', 'matplotlib', 'pyvista')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
