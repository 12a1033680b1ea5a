"""The board on its four faces: each says what the value says, whatever the units are called."""

from __future__ import annotations

import io
import json
import random
import re
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from lxml import html
from rich.cells import cell_len
from rounds.invented_county import county_in_progress
from rounds.test_board import county, project, source

from perfxl.cli import main
from perfxl.report.board_page import board_page
from perfxl.report.board_table import group_lines, make_table, moment, plain_text
from perfxl.report.board_terminal import board_lines
from perfxl.report.board_workbook import board_workbook
from perfxl.rounds.board import FILTERS, Board, BoardSource, Standing, make_board
from perfxl.rounds.desk.standings import standings_of
from perfxl.rounds.desk.viewing import guess_unit, status
from perfxl.rounds.model import RegisteredUnit
from perfxl.rounds.round import Round, create_round
from perfxl.rounds.states import GROUPS, STATES
from perfxl.rounds.store.group import project_key
from perfxl.rounds.store.opening import open_store
from perfxl.rounds.store.rows import Delivery, KeptDecision, KeptFinding, KeptRemark, KeptSubmission, Question

NASTY = (
    "<script>alert(1)</script>",
    'a"b&c',
    "=1+1",
    "甲\u202e镇",
    "\x1b[31m红",
    "名" * 60,
    "a\nb",
    "'); DROP TABLE unit",
)


def nasty() -> BoardSource:
    units = [
        RegisteredUnit(f"{at}", name, contact=name, phone="0", control=1.0) for at, name in enumerate(NASTY, start=1)
    ]
    projects = [project(unit.code) for unit in units]
    return replace(source(units, projects, {}, amounts={one.key: Decimal(2) for one in projects}), name=NASTY[0])


def boards() -> list[Board]:
    return [make_board(county(random.Random(seed))) for seed in range(12)] + [make_board(nasty())]


def cells_of(page: str) -> list[list[str]]:
    tree = html.document_fromstring(page)
    return [[cell.text_content() for cell in row] for row in tree.xpath("//tbody/tr")]


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
@pytest.mark.parametrize("board", boards())
def test_the_page_shows_the_table(board: Board, lang: str) -> None:
    table, page = make_table(board, lang), board_page(board, lang)
    columns = [key for key in table.headings if key != "note"]
    kinds = {"amount": "money", "control": "money", "difference": "difference", "punctual": "rate"}
    for row, cells in zip(table.rows, cells_of(page), strict=True):
        for key, cell in zip(columns, cells, strict=True):
            value = row.values.get(key)
            shown = plain_text(value, kinds.get(key, "count")) if not isinstance(value, str) else value  # type: ignore[arg-type]
            assert re.sub(r"\\u[0-9a-f]{4}", "", cell) == re.sub("[\x1b\u202e]", "", shown)


def test_the_page_needs_nothing_else_and_obeys_no_name() -> None:
    page = board_page(make_board(nasty()), "zh-CN")
    tree = html.document_fromstring(page)
    assert len(tree.xpath("//script")) == 1
    assert "alert" not in tree.xpath("//script")[0].text
    assert tree.xpath("//@src | //@href") == []
    assert "http:" not in page
    assert "https:" not in page
    assert "default-src 'none'" in tree.xpath("//meta[@http-equiv]/@content")[0]
    assert {*tree.xpath("//thead//th/@scope")} == {"col"}
    assert len(tree.xpath("//tbody//th[@scope='row']")) == len(NASTY) + 1
    assert tree.xpath("//title")[0].text.startswith(NASTY[0])
    assert "\u202e" not in page


def test_a_page_of_a_county_is_small() -> None:
    """300 units with all columns filled; design: below 500 KB."""
    units = [
        RegisteredUnit(f"{at:06d}", f"清溪县第{at}事业发展中心", "", "欧阳建国", "7102233", 999999.99)
        for at in range(300)
    ]
    projects = [project(unit.code) for unit in units]
    standings = {
        one.key: Standing("review", "2024-03-16T08:00:00", "2024-03-16T08:00:00", 2, 9, 9, True, True)
        for one in projects
    }
    board = make_board(source(units, projects, standings, amounts={one.key: Decimal("1234567.89") for one in projects}))
    assert len(board_page(board, "zh-CN").encode()) < 500_000


@pytest.mark.parametrize("board", boards())
def test_the_bar_has_every_project_once(board: Board) -> None:
    tree = html.document_fromstring(board_page(board, "zh-CN"))
    words = tree.xpath("//svg/text/text()")
    assert sum(int(text.split()[-1]) for text in words if " " in text) == board.total.projects
    rects = [(float(one.get("x")), float(one.get("width"))) for one in tree.xpath("//svg/rect")]
    assert all(first + wide <= second for (first, wide), (second, _) in pairwise(rects))
    assert all(first + wide <= 1330 for first, wide in rects)


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
@pytest.mark.parametrize("board", boards())
def test_the_terminal_has_lines_of_a_hundred(board: Board, lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    lines = list(board_lines(board, lang))
    table = lines[2 + len(GROUPS) :]
    assert max(map(cell_len, table)) <= 100
    numbers = next(line for line in table if re.search(r"\d", line) and line.startswith(("合计", "Sum")))
    assert f"{board.total.projects:,}" in numbers.split()
    assert not re.search("[\x00-\x1f\u202e]", "".join(lines))


@pytest.mark.parametrize("board", boards())
def test_the_workbook_holds_the_numbers(board: Board) -> None:
    book = openpyxl.load_workbook(io.BytesIO(board_workbook(board, "zh-CN")))
    sheet = book.active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    headings = [str(text).replace("\n", "") for text in rows[0] if text]
    total = dict(zip(headings, rows[len(board.lines) + 1], strict=False))
    assert str(total["单位名称"]).startswith("合计")
    assert total["应报项目"] == (board.total.projects or None)
    for state, word in (("missing", "未报"), ("review", "待审核"), ("approved", "审核通过")):
        assert total[word] == (board.total.counts.get(state) or None)
    if "预算数合计" in total:
        assert Decimal(str(total["预算数合计"] or 0)).quantize(Decimal("0.01")) == board.total.amount
    fonts = {sheet.cell(4 + at, 3).font.name for at, line in enumerate(board.lines) if line.level == "group"}
    assert fonts | {sheet.cell(4 + len(board.lines), 3).font.name} == {"黑体"}, "sums are set off"
    assert {sheet.cell(4 + at, 3).font.name for at, line in enumerate(board.lines) if line.level == "unit"} <= {"宋体"}
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.print_title_rows == "$3:$3"
    assert "截至3月12日10:26" in str(sheet["A2"].value)


def test_json_has_the_whole_first() -> None:
    for board in boards():
        whole, *lines = json.loads(json.dumps(board.plain()))
        assert (whole["level"], whole["projects"]) == ("total", board.total.projects)
        assert sum(line["projects"] for line in lines if line["level"] == "unit") == whole["projects"]
        assert sum(line["missing"] for line in lines if line["depth"] == 0) == whole["missing"]
        assert all({*STATES} <= line.keys() for line in lines)


def test_the_three_groups_are_all() -> None:
    for board in boards():
        said = [int(line.split("　")[1].split("个")[0]) for line in group_lines(board.total, "zh-CN")]
        assert sum(said) == board.total.projects


@pytest.mark.parametrize(
    ("time", "zh", "en"),
    [
        ("2024-11-03T10:26:00", "11月3日10:26", "2024-11-03 10:26"),
        ("2024-11-06", "11月6日", "2024-11-06"),
        ("", "", ""),
    ],
)
def test_times_in_words(time: str, zh: str, en: str) -> None:
    assert (moment(time, "zh-CN"), moment(time, "en")) == (zh, en)


UNITS = (RegisteredUnit("907001", "柳溪镇本级"), RegisteredUnit("907", "柳溪镇"), RegisteredUnit("201", "教育局"))


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("907001.jpg", "907001"), ("柳溪镇本级/扫描.pdf", "907001"), ("柳溪镇.jpg", "907"), ("IMG_20240201.jpg", ""),
        ("教育局和柳溪镇.jpg", ""), ("201_表.doc", "201"), ("扫描.jpg", ""),
    ],
)  # fmt: skip
def test_the_unit_of_a_file_that_cannot_be_read_is_told_by_its_name(name: str, code: str) -> None:
    assert guess_unit(name, UNITS) == code


# A store in use -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def round(tmp_path_factory: pytest.TempPathFactory, database: str) -> Round:
    return county_in_progress(tmp_path_factory.mktemp("county") / "2024一上", random.Random(5), units=40, projects=5)


def run(round: Round, *words: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, [*map(str, words), "--in", str(round.folder)], catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.store("sqlite", "postgresql")
def test_counts_agree_with_the_records_in_the_store(round: Round) -> None:
    """The board counts in the database what going through every record gives."""
    with open_store(round.store, write=False) as store:
        kept = {one.project: one for one in store.submissions()}
        standings = standings_of(store)
    assert len(kept) > 30
    for key, one in kept.items():
        found = [finding.severity for finding in one.findings if finding.state in ("open", "upheld")]
        assert (standings[key].errors, standings[key].warnings) == (found.count("error"), found.count("warning"))
    total = status(round).total
    assert total.submitted == sum(standings[key].state != "missing" for key in standings)
    assert all(total.counts.get(state) for state in STATES)


@pytest.mark.store("sqlite", "postgresql")
@pytest.mark.parametrize("name", ["板.xlsx", "板.html"])
def test_a_face_is_written_once(round: Round, tmp_path: Path, name: str) -> None:
    target = tmp_path / name
    assert run(round, "round", "status", "--to", target)[:2] == (0, "")
    before = target.read_bytes()
    code, _, err = run(round, "round", "status", "--only", "late", "--to", target)
    assert (code, "已经存在" in err, target.read_bytes()) == (2, True, before)
    assert run(round, "round", "status", "--only", "late", "--to", target, "--force")[0] == 0
    assert target.read_bytes() != before


@pytest.mark.store("sqlite", "postgresql")
@pytest.mark.parametrize(
    ("words", "said"),
    [(("--to", "板.pdf"), "只能存成.xlsx、.html"), (("--unit", "没有"), "名册里没有单位没有"), (("--only", "x"), "")],
)
def test_a_mistake_in_the_call_is_one_sentence(round: Round, words: tuple[str, ...], said: str) -> None:
    code, out, err = run(round, "round", "status", *words)
    assert (code, out, said in err) == (2, "", True), err


def test_the_command_takes_the_filters_of_the_board() -> None:
    option = next(one for one in main.commands["round"].commands["status"].params if one.name == "only")  # type: ignore[attr-defined]
    assert sorted(option.type.choices) == sorted(FILTERS)


def draft(delivery: int, number: int, *findings: KeptFinding, **other: Any) -> KeptSubmission:
    key = ("907001", "project-target", number)
    return replace(KeptSubmission(delivery, key, 1, "表", {}, "ab", (), True, findings), **other)


@pytest.mark.store("sqlite", "postgresql")
def test_where_a_project_stands_follows_what_was_decided(tmp_path: Path) -> None:
    """One project each: todo by the state of its findings, lateness by what counts as its first draft."""
    from perfxl.rounds.model import Registry

    states = ("open", "upheld", "explained", "accepted", "withdrawn")
    where = create_round(tmp_path / "批", 2024, "一上").store
    registry = Registry((RegisteredUnit("907001", "镇"),), tuple(project("907001", number) for number in range(1, 12)))
    with (
        open_store(where, write=True, make=True) as store,
        store.group("王敏", "2024-03-20T08:00:00") as group,
    ):
        group.put_registry(registry)
        run = group.add_run("0.1.0")
        early, later = (
            group.add_delivery(Delivery(run, f"{day}", "表.xlsx", "", f"2024-03-{day}T08:00:00", "taken"))
            for day in (10, 18)
        )
        for number, state in enumerate(states, start=1):
            group.add_submission(draft(early, number, KeptFinding("IN-06", "warning", state=state)))
        returned = group.add_submission(draft(early, 6, KeptFinding("MN-02", "error", state="withdrawn")))
        key = project_key(("907001", "project-target", 6))
        group.add_decision(KeptDecision("returned", "project", key, returned, returned))
        remarked = group.add_submission(draft(early, 7))
        group.add_remark(KeptRemark(remarked, "名称不规范"))
        wrong = group.add_submission(draft(early, 8, counts=False))
        question = group.add_question(Question(("907001", "project-target", 8), (wrong,), "copied"))
        made = group.add_decision(KeptDecision("old_counts", "project", project_key(("907001", "project-target", 8))))
        group.close_question(question, made)
        group.add_submission(draft(later, 8, draft=2))
        group.add_submission(draft(early, 9))
        group.add_submission(draft(later, 9, draft=2))
    with open_store(where, write=False) as store:
        found = standings_of(store)
    stands = [found[("907001", "project-target", number)] for number in range(1, 10)]
    assert [one.state for one in stands] == [
        "review",
        "review",
        "ready",
        "ready",
        "ready",
        "ready",
        "review",
        "ready",
        "ready",
    ]
    assert stands[7].first == "2024-03-18T08:00:00", "a sheet that was put aside was no draft"
    assert stands[8].first == "2024-03-10T08:00:00", "a correction is never late"
    assert [one.draft for one in stands[7:]] == [2, 2]


@pytest.mark.store("sqlite", "postgresql")
def test_what_a_run_brought_that_was_undone_is_not_on_the_board(tmp_path: Path) -> None:
    made = county_in_progress(tmp_path / "批", random.Random(3), units=8, projects=3)
    before = status(made).total
    with open_store(made.store, write=True, make=True) as store, store.group("王敏", "2024-03-17T08:00:00") as group:
        group.undo_run(1)
    after = status(made).total
    assert before.submitted > after.submitted == 0
    assert (after.last, after.errors, after.troubles.get("unreadable", 0), after.troubles.get("blank", 0)) == (
        "",
        0,
        0,
        0,
    )
    assert after.counts == {"missing": after.projects}
