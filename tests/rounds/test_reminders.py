"""Units that have not sent all are reminded: whom, of what, in words to paste, and how often."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from rounds.invented_county import county_in_progress
from rounds.test_board import county, project, source
from rounds.test_collect import OTHER, UNIT, book, registry

from perfxl.cli import main
from perfxl.report.reminder import NAMED, reminder_lines, reminder_texts
from perfxl.report.reminder_workbook import reminder_workbook
from perfxl.rounds.board import Standing, UnitNews, make_board
from perfxl.rounds.desk.registering import import_registry
from perfxl.rounds.desk.viewing import status
from perfxl.rounds.issue import list_orders, write_orders
from perfxl.rounds.model import RegisteredUnit
from perfxl.rounds.reminders import Reminder, make_reminders
from perfxl.rounds.round import Round, create_round

NOW = "2024-03-12T10:26:00"


def reminders(made: Any, only: str = "missing") -> tuple[Reminder, ...]:
    return make_reminders(made, make_board(made, only))


@pytest.mark.parametrize("seed", range(30))
def test_everything_that_is_missing_is_on_the_list_once(seed: int) -> None:
    made = county(random.Random(seed))
    found = reminders(made)
    missing = [
        one.key
        for one in made.registry.projects
        if one.disclosure != "secret" and made.standings.get(one.key, Standing()).state == "missing"
    ]
    assert sorted(one.key for reminder in found for one in reminder.missing) == sorted(missing)
    counts = [len(reminder.missing) for reminder in found]
    assert counts == sorted(counts, reverse=True)
    assert all(reminder.over == (reminder.deadline == "2024-03-10 09:00") for reminder in found)


@pytest.fixture
def round(tmp_path: Path) -> Round:
    return create_round(
        tmp_path / "2024年一上", 2024, "一上", deadline="2024-03-15 17:00", office="绩效股", phone="7102233"
    )


def townships(**other: Any) -> Any:
    units = [
        RegisteredUnit("1", "柳溪镇", contact="赵海燕", phone="7180016"),
        RegisteredUnit("2", "石门镇"),
        RegisteredUnit("3", "马营乡", deadline="2024-03-20"),
        RegisteredUnit("4", "赵庄乡", deadline="2024-03-11"),
    ]
    projects = [project(unit.code, number) for unit in units for number in range(1, 2 + int(unit.code))]
    standings = {projects[0].key: Standing("review", NOW, NOW, 1)}
    made = source(units, projects, standings, news={"2": UnitNews({"blank": 3}, NOW, 2)})
    return replace(made, deadline="2024-03-15 17:00", **other)


def test_the_texts_to_paste(round: Round) -> None:
    texts = reminder_texts(round, reminders(townships()), NOW, "zh-CN")
    assert texts.for_all == (
        "截至3月12日10:26，以下4个单位未报齐：赵庄乡（5个）、马营乡（4个，延至3月20日）、石门镇（3个，报来的是空表）、柳溪镇（1个）。"
        "请于3月15日17:00前将财政局下发的原表格文件报回。联系电话：绩效股7102233。"
    )
    assert texts.by_unit[2:] == (
        "石门镇：你单位2024年一上应报3个项目，截至3月12日10:26还有3个未报：1.项目1、2.项目2、3.项目3（报来的是空表）。"
        "请于3月15日17:00前将财政局下发的原表格文件报回。联系电话：绩效股7102233。",
        "柳溪镇：你单位2024年一上应报2个项目，截至3月12日10:26还有1个未报：2.项目2。"
        "请于3月15日17:00前将财政局下发的原表格文件报回。联系电话：绩效股7102233。",
    )  # fmt: skip
    assert "请于3月20日前" in texts.by_unit[1]
    assert "请尽快" in texts.by_unit[0], "its deadline is over"
    english = reminder_texts(round, reminders(townships()), NOW, "en")
    assert "4 units have not sent all" in english.for_all
    assert "until 2024-03-20" in english.for_all


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_after_the_deadline_soon_is_asked_for(round: Round, lang: str) -> None:
    texts = reminder_texts(round, reminders(townships(now="2024-03-15T17:01:00")), NOW, lang)
    assert ("请尽快" in texts.for_all) or ("soon" in texts.for_all)
    (line, *_) = (
        one
        for one in reminder_lines(round, reminders(townships(now="2024-03-18T08:00:00")), NOW, lang)
        if "柳溪镇" in one
    )
    assert "已过3天" in line or "3 days over" in line


def test_of_many_projects_the_first_are_named(round: Round) -> None:
    made = source([RegisteredUnit("1", "镇")], [project("1", number) for number in range(1, NAMED + 3)], {})
    (text,) = reminder_texts(round, reminders(made), NOW, "zh-CN").by_unit
    assert f"{NAMED}.项目{NAMED}等。" in text
    assert f"还有{NAMED + 2}个未报" in text


def test_the_list_as_a_workbook_has_every_project(round: Round) -> None:
    listed = reminders(county(random.Random(3)))
    sheets = openpyxl.load_workbook(io.BytesIO(reminder_workbook(round, listed, NOW, "zh-CN"))).worksheets
    rows = list(sheets[0].iter_rows(min_row=4, values_only=True))
    assert [row[1] for row in rows] == [reminder.unit.code for reminder in listed]
    assert [str(row[5]).count("项目") for row in rows] == [len(reminder.missing) for reminder in listed]
    assert sheets[1].max_row == 3 + 1 + len(listed)


# From the command line ------------------------------------------------------------------------------------------------------


def run(folder: Path, *words: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["round", *map(str, words), "--in", str(folder)], catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


def reminded(folder: Path) -> Sequence[int]:
    return [line["reminded"] for line in json.loads(run(folder, "status", "--json")[1]) if line["level"] == "unit"]


@pytest.mark.store("sqlite", "postgresql")
def test_a_reminder_is_noted_once_a_day(tmp_path: Path) -> None:
    folder = county_in_progress(tmp_path / "批", random.Random(2), units=12, projects=2).folder
    assert set(reminded(folder)) == {0}
    assert run(folder, "remind", "--dry-run")[0] == 0
    assert set(reminded(folder)) == {0}
    code, out, err = run(folder, "remind", "--json")
    units = json.loads(out)["units"]
    assert (code, f"已记下催报{len(units)}个单位" in err) == (0, True)
    assert sum(reminded(folder)) == len(units) > 2
    for name in ("催.txt", "催.xlsx"):
        assert run(folder, "remind", "--to", tmp_path / name)[:2] == (0, "")
    assert sum(reminded(folder)) == len(units), "in another form on the same day it is the same reminder"
    told = (tmp_path / "催.txt").read_bytes()
    assert told.startswith(b"\xef\xbb\xbf")
    assert all(unit["text"] in told.decode() for unit in units)
    code, _, err = run(folder, "remind", "--to", tmp_path / "催.txt")
    assert (code, "已经存在" in err) == (2, True)
    assert run(folder, "remind", "--to", tmp_path / "催.docx")[0] == 2


@pytest.mark.store("sqlite", "postgresql")
def test_from_issue_to_reminder_on_real_workbooks(tmp_path: Path) -> None:
    """One unit sends all but one of its projects, and that one blank; a photo has the other's name."""
    made = create_round(tmp_path / "批", 2024, "一上", deadline="2024-03-15")
    import_registry(made, registry())
    issued = write_orders([*list_orders(made, registry())])
    inbox = made.path("inbox")
    (inbox / "报.xlsx").write_bytes(book(made, numbers=(1, 2)))
    blank = next(one for one in issued if one.unit == UNIT.code)
    (inbox / "空.xlsx").write_bytes((made.path("issued") / blank.file).read_bytes())
    (inbox / f"{OTHER.name}扫描.xlsx").write_bytes(b"%PDF-1.4")
    run(made.folder, "collect")
    board = status(made)
    first, second = board.units
    assert (first.state, first.tally.submitted, first.tally.troubles["blank"]) == ("partial", 2, 2)
    assert (second.state, second.tally.troubles.get("unreadable", 0)) == ("missing", 1)
    assert second.tally.last, "a file came of which nothing could be taken"
    assert (first.punctuality, board.total.punctual) == ("overdue", 0.0)
    code, out, _ = run(made.folder, "remind", "--unit", UNIT.code)
    assert (code, "报来的是空表" in out, OTHER.name in out) == (0, True, False)
    (inbox / "补.xlsx").write_bytes(book(made, numbers=(3, 4)))
    run(made.folder, "collect")
    assert status(made).units[0].tally.submitted == 4
    assert status(made).units[0].punctuality == "late"
    assert "没有要催的单位" in run(made.folder, "remind", "--unit", UNIT.code)[1]
