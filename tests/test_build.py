"""The package as it is built."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_nothing_of_an_earlier_build_comes_back(tmp_path: Path) -> None:
    """A form that was deleted lies in build/ until somebody clears it away."""
    pytest.importorskip("setuptools")
    for name in ("setup.py", "setup.cfg", "pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("perfxl", "templates", "examples"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    stale = tmp_path / "build" / "lib" / "perfxl" / "templates" / "old-form" / "form.yaml"
    stale.parent.mkdir(parents=True)
    stale.write_text("form: old-form\n", encoding="utf-8")
    command = [sys.executable, "-P", "setup.py", "-q", "build_py"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    built = tmp_path / "build" / "lib" / "perfxl"
    assert (built / "templates" / "project-target" / "form.yaml").is_file()
    assert (built / "budget" / "messages" / "en" / "types.yaml").is_file()
    assert (built / "rounds" / "store" / "migrations" / "versions" / "v0001_tables.py").is_file()
    assert not stale.exists()
