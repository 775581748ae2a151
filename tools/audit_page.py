"""Write docs/audit.md anew: `python tools/audit_page.py`. A test asserts that the page is what this writes."""

from __future__ import annotations

from pathlib import Path

from femna import audit

PAGE = Path(__file__).resolve().parents[1] / "docs" / "audit.md"

if __name__ == "__main__":
    PAGE.write_text(audit.page(audit.table()), encoding="utf-8")
