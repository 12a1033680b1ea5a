"""Every query that the documentation shows runs, and finds something in a round in which everything happened."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import duckdb
import pytest
from rounds import stores
from rounds.test_collect import UNIT, book
from rounds.test_round_commands import run

from perfxl.rounds.round import find_round

DOCS = Path(__file__).parents[2] / "docs"


def blocks() -> str:
    pages = (page.read_text(encoding="utf-8") for page in sorted(DOCS.glob("rounds*.md")))
    return "".join(block for page in pages for block in re.findall(r"```sql\n(.*?)```", page, re.DOTALL))


def queries() -> dict[str, str]:
    """The queries by the comment above each."""
    return dict(re.findall(r"^-- (.+)\n((?:(?!--).*\n)+)", blocks(), re.MULTILINE))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, database: str) -> tuple[Path, Path]:
    """The folder of a round, and what is exported of it."""
    from rounds.test_round_commands import rows

    place = tmp_path_factory.mktemp("queries")
    folder = place / "2024一上"
    run("round", "new", folder, "--year", 2024)
    (place / "名册.csv").write_text(rows(), encoding="utf-8")
    run("round", "registry", place / "名册.csv", "--in", folder)
    plan = {"march": 60, "june": 50, "october": 80, "december": 100}
    (folder / "收表箱" / "报.xlsx").write_bytes(book(find_round(folder), plan=plan))
    (folder / "收表箱" / "坏.xlsx").write_bytes(b"PK\x03\x04")
    run("round", "collect", "--in", folder)
    assert run("round", "return", "--in", folder)[1]
    run("round", "decide", UNIT.code, 4, "approve", "--in", folder)
    status, out, err = run("round", "export", "--format", "sqlite", "--in", folder)
    assert status == 0, err
    assert run("round", "export", "--format", "parquet", "-o", place / "汇总" / "907", "--in", folder)[0] == 0
    return folder, Path(out.strip())


@pytest.mark.store("sqlite", "postgresql")
@pytest.mark.parametrize("comment", queries())
def test_a_query_finds_something(comment: str, files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    if "read_parquet" in queries()[comment]:
        monkeypatch.chdir(files[0].parent)
        with duckdb.connect() as analysis:
            assert analysis.execute(queries()[comment]).fetchall()
        return
    if comment.startswith("exported: "):
        with sqlite3.connect(f"file:{files[1]}?mode=ro", uri=True) as connection:
            assert connection.execute(queries()[comment]).fetchall()
        return
    assert stores.ask(files[0], queries()[comment])


def test_every_query_has_a_comment() -> None:
    assert len(queries()) == blocks().count(";\n") >= 9
