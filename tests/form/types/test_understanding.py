"""The page of what is understood is the one that the cases make."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_page_is_up_to_date() -> None:
    script = "tests/form/types/understanding.py"
    made = subprocess.run(
        [sys.executable, script], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True
    )
    held = (ROOT / "docs" / "understanding.md").read_text("utf-8")
    assert held == made.stdout, f"behind; write it anew: python {script} > docs/understanding.md"
