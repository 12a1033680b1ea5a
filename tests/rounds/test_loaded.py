"""Commands that are typed often load only the libraries they need: most of their time is the loading."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from rounds.test_round_commands import folder as folder

CODE = (
    "import sys\nfrom perfxl.cli import main\n"
    "try:\n    main(sys.argv[1:])\nexcept SystemExit as end:\n    assert not end.code, end\n"
    "print('\\n'.join(sorted(sys.modules)), file=sys.stderr)"
)
HEAVY = (
    "alembic", "jsonschema", "lxml", "multiprocessing", "openpyxl", "sqlalchemy.dialects.postgresql", "xlsxwriter",
    "perfxl.commands", "perfxl.rules", "perfxl.rounds.collect", "perfxl.workbook.ooxml", "perfxl.workbook.writing",
)  # fmt: skip
COMMANDS = [("status",), ("status", "--json"), ("status", "--only", "missing"), ("remind", "--dry-run")]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_the_board_loads_no_more_than_it_shows(words: tuple[str, ...], folder: Path) -> None:
    command = [sys.executable, "-P", "-c", CODE, "round", *words, "--in", str(folder)]
    ran = subprocess.run(command, cwd="/", capture_output=True, text=True, encoding="utf-8", check=True)
    assert "perfxl.rounds.board" in ran.stderr.split()
    assert [name for name in HEAVY if name in ran.stderr.split()] == []
