"""A round whose store an earlier perfxl made: each verb that writes brings it up to date, looking at it does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from rounds import stores
from rounds.test_round_commands import REGISTRY, run
from rounds.test_store import old_store

from perfxl.rounds.round import find_round
from perfxl.rounds.store.opening import REVISIONS

pytestmark = pytest.mark.store("sqlite", "postgresql")
LIST = f"{REGISTRY}907001,柳溪镇,1,,道路硬化,10\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "round"
    assert run("round", "new", made, "--year", 2024)[0] == 0
    old_store(find_round(made).store)
    (tmp_path / "list.csv").write_text(LIST, encoding="utf-8")
    return made


def revision(folder: Path) -> str:
    ((found,),) = stores.ask(folder, "select version_num from alembic_version")
    return str(found)


@pytest.mark.parametrize(
    "words",
    [
        ("registry", "{list}"),
        ("issue",),
        ("collect",),
        ("return",),
        ("decide", "907001", "extend", "--until", "2024-04-01"),
    ],
    ids=lambda words: words[0],
)
def test_a_verb_that_writes_brings_the_store_up_to_date(
    words: tuple[str, ...], folder: Path, tmp_path: Path, database: str
) -> None:
    status, _, err = run("round", *(word.format(list=tmp_path / "list.csv") for word in words), "--in", folder)
    assert (status, revision(folder)) == (0, REVISIONS[-1]), err
    assert (folder / "store.0001.sqlite3").exists() == (database == "sqlite"), "a file is copied before"


@pytest.mark.parametrize("words", [("status",), ("status", "907001"), ("registry", "{list}", "--dry-run")], ids=str)
def test_looking_leaves_it_alone(words: tuple[str, ...], folder: Path, tmp_path: Path) -> None:
    status, _, err = run("round", *(word.format(list=tmp_path / "list.csv") for word in words), "--in", folder)
    assert (status, revision(folder)) == (2, "0001"), err
    assert "旧版本" in err
