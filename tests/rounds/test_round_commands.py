"""A small round from the command line, on real workbooks: made, issued, filled, collected, decided, collected again."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from rounds import stores
from rounds.test_collect import FORM, OTHER, UNIT, book

from perfxl.cli import main
from perfxl.form import installed
from perfxl.rounds.round import find_round
from perfxl.rounds.store.opening import open_store

pytestmark = pytest.mark.store("sqlite", "postgresql")


def run(*words: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


REGISTRY = "单位代码,单位名称,序号,项目编码,项目名称,预算数（万元）\n"


def rows() -> str:
    from rounds.test_collect import registry

    names = {unit.code: unit.name for unit in (UNIT, OTHER)}
    return REGISTRY + "".join(
        f"{one.unit},{names[one.unit]},{one.number},{one.code},{one.name},{one.given['budget.total']}\n"
        for one in registry().projects
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "2024一上"
    assert run("round", "new", made, "--year", 2024, "--deadline", "2024-03-15")[0] == 0
    source = tmp_path / "名册.csv"
    source.write_text(rows(), encoding="utf-8")
    status, out, err = run("round", "registry", source, "--in", made)
    assert (status, len(out.splitlines())) == (0, 10), err
    assert "2个单位、8个项目，改动10处" in err
    return made


def state_of(folder: Path, unit: str) -> dict[str, Any]:
    status, out, _ = run("round", "status", "--json", "--in", folder)
    assert status == 0
    return next(line for line in json.loads(out) if line["code"] == unit)


def tables(folder: Path) -> dict[str, list[Any]]:
    """Every row of the store but the lease's."""
    return {table: [tuple(row.values()) for row in found] for table, found in stores.rows(folder).items()}


def test_a_round(folder: Path) -> None:
    status, out, err = run("round", "issue", "--in", folder)
    assert (status, len(out.splitlines())) == (0, 2), err
    assert state_of(folder, UNIT.code)["state"] == "missing"
    inbox = folder / "收表箱"
    (inbox / "报.xlsx").write_bytes(book(find_round(folder)))
    (inbox / "现场.jpg").write_bytes(b"\xff\xd8")
    status, out, err = run("round", "collect", "--in", folder)
    assert out.startswith("收到"), out
    assert "打不开　现场.jpg" in out
    assert status == 2, "as for check, where a file cannot be read"
    before = tables(folder)
    assert len(before["submission"]) == 4
    assert "已有1" in run("round", "collect", "--in", folder)[2], "what lies there since is only counted"
    assert tables(folder) == before, "a run that takes in nothing writes nothing"
    stands = state_of(folder, UNIT.code)
    assert stands["missing"] == 0
    assert stands["review"] + stands["ready"] == 4
    assert state_of(folder, OTHER.code)["missing"] == 4


def test_what_passed_is_not_overwritten_and_every_question_can_be_answered(folder: Path) -> None:
    round, inbox = find_round(folder), folder / "收表箱"
    (inbox / "报.xlsx").write_bytes(book(round))
    run("round", "collect", "--in", folder)
    assert run("round", "decide", UNIT.code, 1, "approve", "--in", folder)[0] == 0
    assert state_of(folder, UNIT.code)["approved"] == 1
    (inbox / "又报.xlsx").write_bytes(book(round, purpose="用于发放村民小组长补贴，按季发放。"))
    status, out, err = run("round", "collect", "--in", folder)
    assert "审核通过后又报" in out, err
    assert state_of(folder, UNIT.code)["approved"] == 1, "it stays as it was passed"
    assert purpose(folder) != "用于发放村民小组长补贴，按季发放。"
    assert run("round", "decide", UNIT.code, 1, "take-back", "--why", "有误", "--in", folder)[0] == 0
    assert state_of(folder, UNIT.code)["question"] == 1
    assert run("round", "decide", UNIT.code, 1, "new", "--in", folder)[0] == 0
    assert state_of(folder, UNIT.code)["question"] == 0
    assert purpose(folder) == "用于发放村民小组长补贴，按季发放。"
    status, _, err = run("round", "decide", UNIT.code, 1, "old", "--in", folder)
    assert (status, "没有待确认的问题" in err) == (2, True)
    assert run("round", "decide", OTHER.code, 1, "approve", "--in", folder)[0] == 2


def test_a_new_sheet_that_is_let_count_has_passed_by_nobody(folder: Path) -> None:
    round, inbox = find_round(folder), folder / "收表箱"
    (inbox / "报.xlsx").write_bytes(book(round))
    run("round", "collect", "--in", folder)
    run("round", "decide", UNIT.code, 1, "approve", "--in", folder)
    (inbox / "又报.xlsx").write_bytes(book(round, purpose="用于发放村民小组长补贴，按季发放。"))
    run("round", "collect", "--in", folder)
    assert run("round", "decide", UNIT.code, 1, "new", "--in", folder)[0] == 0
    assert state_of(folder, UNIT.code)["approved"] == 0


def test_a_question_about_the_first_sheets_of_a_project_is_on_the_board(folder: Path) -> None:
    """Two sheets of which nobody knows which is the later: none counts until a person says so."""
    round, inbox = find_round(folder), folder / "收表箱"
    (inbox / "甲.xlsx").write_bytes(book(round, numbers=(1,)))
    (inbox / "乙.xlsx").write_bytes(book(round, numbers=(1,), purpose="用于发放村民小组长补贴，按季发放。"))
    for name in ("甲.xlsx", "乙.xlsx"):
        os.utime(inbox / name, (1_710_000_000, 1_710_000_000))
    run("round", "collect", "--in", folder)
    assert state_of(folder, UNIT.code)["question"] == 1
    kept = tables(folder)
    assert (len(kept["submission"]), len(kept["question"])) == (2, 1), "one question about both"
    assert stores.ask(folder, "select draft from submission order by id") == [(1,), (2,)]
    assert run("round", "decide", UNIT.code, 1, "new", "--in", folder)[0] == 0
    assert state_of(folder, UNIT.code)["question"] == 0


@pytest.mark.parametrize("source", ["名册.csv", "名册.yaml"])
def test_a_unit_of_money_that_is_none_is_one_sentence(source: str, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "名册.yaml").write_text("money: 美元\nunits: [{code: '1', name: 甲镇}]\n", encoding="utf-8")
    words = ("--money", "美元") if source.endswith("csv") else ()
    status, _, err = run("round", "registry", tmp_path / source, "--in", folder, *words)
    assert (status, len(err.strip().splitlines())) == (2, 1), err


def test_an_old_draft_that_comes_again_is_a_question(folder: Path) -> None:
    round, inbox = find_round(folder), folder / "收表箱"
    (inbox / "1.xlsx").write_bytes(book(round, numbers=(1,)))
    run("round", "collect", "--in", folder)
    (inbox / "2.xlsx").write_bytes(book(round, numbers=(1,), purpose="用于发放村民小组长补贴，按季发放。"))
    run("round", "collect", "--in", folder)
    (inbox / "3.xlsx").write_bytes(book(round, numbers=(1,)))
    (inbox / "1.xlsx").unlink()
    saved = openpyxl.load_workbook(inbox / "3.xlsx")
    saved.save(inbox / "3.xlsx")  # the answers of the first draft in other bytes
    assert "可能发错了旧稿" in run("round", "collect", "--in", folder)[1]


def test_what_is_to_be_put_right_goes_back_once_and_comes_again(folder: Path) -> None:
    round, inbox = find_round(folder), folder / "收表箱"
    (inbox / "报.xlsx").write_bytes(book(round, plan={"march": 60, "june": 50, "october": 80, "december": 100}))
    run("round", "collect", "--in", folder)
    due = state_of(folder, UNIT.code)["review"]
    assert due
    status, out, err = run("round", "return", "--in", folder)
    (path,) = map(Path, out.splitlines())
    assert (status, path.is_relative_to(folder / "退回")) == (0, True), err
    assert "1.村民小组长误工补贴" in next(path.parent.glob("*.txt")).read_text(encoding="utf-8")
    assert "PL-02" in run("check", path)[1]
    assert state_of(folder, UNIT.code)["returned"] == due
    assert run("round", "return", "--in", folder)[1] == "", "a draft is returned once"
    (inbox / "改好.xlsx").write_bytes(book(round))
    run("round", "collect", "--in", folder)
    assert state_of(folder, UNIT.code)["returned"] == due - 1, "the project that was put right is looked at again"


def purpose(folder: Path) -> Any:
    """The purpose in the draft of the first project that counts."""

    with open_store(find_round(folder).store, write=False) as store:
        (counting,) = [one for one in store.submissions((UNIT.code, FORM.name, 1)) if one.counts]
    return counting.record["purpose"]


def test_originals_are_kept_as_they_came(folder: Path) -> None:
    data = book(find_round(folder))
    (folder / "收表箱" / "报.xlsx").write_bytes(data)
    run("round", "collect", "--in", folder)
    kept = [path for path in (folder / "原件").rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in kept] == [data]
    assert (folder / "收表箱" / "报.xlsx").read_bytes() == data


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("round", "status"), "不在任何批次里"),
        (("round", "collect", "--in", "{folder}/没有"), "还没有单位和项目"),
        (("round", "new", "{folder}", "--year", 2024), "已有"),
        (("round", "registry", "--in", "{folder}"), "请写明名册文件"),
        (("round", "decide", "907001", 1, "new", "--in", "{folder}"), "没有待确认的问题"),
    ],
)
def test_a_mistake_is_one_sentence(
    words: tuple[object, ...], said: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if "没有" in str(words[-1]):
        run("round", "new", folder / "没有", "--year", 2024)
    status, _, err = run(*(str(word).replace("{folder}", str(folder)) for word in words))
    assert (status, said in err) == (2, True), err
    assert len(err.strip().splitlines()) == 1


def test_what_cannot_be_listed_is_said_and_shows_in_the_status(folder: Path) -> None:
    (folder / "收表箱" / "坏.zip").write_bytes(b"PK\x03\x04")
    (folder / "收表箱" / "链接.xlsx").symlink_to(folder / "round.yaml")
    status, out, err = run("round", "collect", "--in", folder)
    assert status == 2
    assert "坏.zip" in out + err
    assert "链接.xlsx" in out + err


def test_an_inbox_that_is_empty_or_gone(folder: Path) -> None:
    for _ in range(2):
        status, out, err = run("round", "collect", "--in", folder)
        assert (status, out) == (0, ""), err
        if (folder / "收表箱").is_dir():
            (folder / "收表箱").rmdir()


def test_a_round_in_english(tmp_path: Path) -> None:
    folder = tmp_path / "round"
    status, _, err = run("round", "new", folder, "--year", 2024, "--phase", "first", "--lang", "en")
    assert (status, (folder / "inbox").is_dir()) == (0, True), err
    assert find_round(folder).form().name == installed.DEFAULT
