"""What goes back to units: flagged as the store says, in the unit's own file or in one made of several; what was sent."""

from __future__ import annotations

import io
import json
import pickle
import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from rounds.test_collect import FORM, OTHER, UNIT, book, registry
from rounds.test_round_commands import run, state_of, tables
from workbook.conftest import returned as readings_of
from workbook.other_formats.as_other_formats import xlsb

import perfxl
from perfxl import messages
from perfxl.form import installed
from perfxl.json_data import as_kept
from perfxl.rounds.desk import returning
from perfxl.rounds.desk.registering import import_registry
from perfxl.rounds.returned import _Originals, write_returned
from perfxl.rounds.returned_findings import make_finding
from perfxl.rounds.round import Round, create_round, find_round
from perfxl.rounds.store.opening import open_store
from perfxl.rounds.store.rows import Explanation, KeptDecision, KeptFinding, KeptRemark
from perfxl.rules import check, example, rules
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.opinions.replies import read_replies

pytestmark = pytest.mark.store("sqlite", "postgresql")
WRONG: dict[str, Any] = {"budget": {"total": 30, "fiscal": 10, "other": 5}, "goals": "做好工作。"}
"""Sums that do not add up, another amount than was given, goals that say nothing."""
BACKWARDS = {"march": 60, "june": 50, "october": 80, "december": 100}
"""A plan that goes down (PL-02)."""


@pytest.fixture
def round(tmp_path: Path) -> Round:
    made = create_round(tmp_path / "2024一上", 2024, "一上", deadline="2124-03-15", phone="0000-1234567")
    import_registry(made, registry())
    return made


def collect(round: Round, _status: tuple[int, ...] = (0, 1), **files: bytes) -> None:
    for name, data in files.items():
        (round.path("inbox") / f"{name}.xlsx").write_bytes(data)
    assert run("round", "collect", "--in", round.folder)[0] in _status


def give_back(round: Round, *words: object) -> list[Path]:
    status, out, err = run("round", "return", *words, "--in", round.folder)
    assert status == 0, err
    return [Path(line) for line in out.splitlines()]


def lines(path: Path | bytes) -> list[tuple[str, str]]:
    """What stands in 审核意见: the mark without its number, and the project, of every line."""
    data = path if isinstance(path, bytes) else path.read_bytes()
    entries = read_replies(Workbook(Package(data, "退回.xlsx"))).entries
    return sorted((entry.texts["mark"].rstrip("0123456789"), entry.texts.get("project", "")) for entry in entries)


# What the store says ----------------------------------------------------------------------------------------------------

ALL_RULES = [(form, rule) for form in map(installed.load, installed.names()) for rule in rules(form) if rule.bad]


@pytest.mark.parametrize("form", sorted({form.name for form, _ in ALL_RULES if example.has_example(form)}))
def test_a_finding_out_of_the_store_says_the_same(form: str) -> None:
    """In every language: its facts come back as JSON, its suggestion with them."""
    asked = installed.load(form)
    told = 0
    for rule in (rule for own, rule in ALL_RULES if own.name == form):
        for finding in check(example.subject(asked, rule.bad)):
            suggestion = {"suggestion": finding.suggestion} if finding.suggestion else {}
            kept = KeptFinding(
                finding.code, finding.severity, finding.fields, "", as_kept({**finding.facts, **suggestion})
            )
            again = replace(finding, facts=kept.facts, suggestion=kept.facts.get("suggestion"))
            for lang in ("zh-CN", "en"):
                assert messages.sentence(again, lang) == messages.sentence(finding, lang)
            told += 1
    assert told


def test_a_file_goes_back_as_perfxl_flags_it(round: Round) -> None:
    """The checks across sheets included: what the store has and what is flagged are the same."""
    data = book(round, plan=BACKWARDS, **WRONG)
    collect(round, 报=data)
    (path,) = give_back(round)
    (expected,) = perfxl.flag(data, deadline="3月15日").files
    assert path.read_bytes() == expected.data
    assert path.name == "报_1.xlsx"


def test_the_notice_counts_what_the_sheet_counts(round: Round) -> None:
    collect(round, 报=book(round, plan=BACKWARDS, **WRONG))
    (path,) = give_back(round)
    text = (path.parent / "退回通知_1.txt").read_text(encoding="utf-8-sig")
    marks = [mark for mark, _ in lines(path)]
    counts = {"必改": marks.count("必改"), "需核实": marks.count("核实")}
    assert counts["必改"]
    for word, count in counts.items():
        assert (f"{word}{count}条" in text) == bool(count), text
    assert "3月15日前" in text
    assert "0000-1234567" in text
    assert text.startswith(f"{UNIT.code}{UNIT.name}：\n")


# Which workbook ---------------------------------------------------------------------------------------------------------


def test_the_whole_book_that_came_again_goes_back(round: Round) -> None:
    """Of the second file one project is new and three say the same: the second file has them all."""
    collect(round, 一=book(round, plan=BACKWARDS))
    collect(round, 二=book(round, plan=BACKWARDS, purpose="用于发放村民小组长补贴，按季发放。"))
    (path,) = give_back(round)
    assert path.name == "二_2.xlsx"


def test_one_workbook_is_made_of_several_files(round: Round) -> None:
    collect(round, 甲=book(round, numbers=(1, 3), plan=BACKWARDS), 乙=book(round, numbers=(2, 4), plan=BACKWARDS))
    before = {one.project: one.record for one in drafts(round)}
    (path,) = give_back(round)
    assert path.name.endswith("_一上_2.xlsx")
    sheets = readings_of(path)
    assert [sheet.submission.record["number"] for sheet in sheets] == [1, 2, 3, 4]
    assert [as_kept(sheet.submission.record) for sheet in sheets] == [before[key] for key in sorted(before)]
    assert {project for mark, project in lines(path) if mark == "必改"} == {
        f"{number}.{before[UNIT.code, FORM.name, number]['name']}" for number in (1, 2)
    }
    collect(round, 改好=path.read_bytes())
    assert len(tables(round.folder)["submission"]) == 4, "what was made says the same as what came"


def test_a_file_of_which_a_project_came_anew_elsewhere_does_not_go_back_whole(round: Round) -> None:
    """The older sheet must not come back as if it were the unit's."""
    collect(round, 一=book(round, plan=BACKWARDS))
    collect(round, 二=book(round, numbers=(2,), purpose="用于防汛物资储备。"))
    (path,) = give_back(round)
    sheets = {sheet.submission.record["number"]: sheet.submission.record for sheet in readings_of(path)}
    assert sheets[2]["purpose"] == "用于防汛物资储备。"
    assert sheets[1]["plan"]["june"] == sheets[1]["plan"]["june"]
    assert len(sheets) == 4


def test_a_sheet_of_another_unit_does_not_go_to_the_unit(round: Round) -> None:
    collect(round, 报=book(round, plan=BACKWARDS))
    with open_store(round.store, write=True) as store:
        (order,) = returning._Orders(round, store, (), "", "")
    other = replace(order, unit=OTHER, drafts=order.drafts[:1])
    assert _Originals(order).as_sent(order.drafts[:1]) is not None
    assert _Originals(other).as_sent(other.drafts) is None


def test_a_file_of_another_format_is_written_anew(round: Round) -> None:
    data = xlsb(book(round, plan=BACKWARDS))
    (round.path("inbox") / "报.xlsb").write_bytes(data)
    run("round", "collect", "--in", round.folder)
    found = {(one.code, one.severity) for kept in drafts(round) for one in kept.findings}
    (path,) = give_back(round)
    assert path.suffix == ".xlsx"
    assert "PL-02" in run("check", path)[1]
    assert ("PL-02", "error") in found
    assert len(readings_of(path)) == 4


def drafts(round: Round) -> tuple[Any, ...]:
    with open_store(round.store, write=False) as store:
        return store.submissions()


def edited(data: bytes, edit: Callable[[Any], None]) -> bytes:
    """The workbook after a person changed cells of its first form sheet."""
    opened = openpyxl.load_workbook(io.BytesIO(data))
    edit(opened[readings_of(data)[0].submission.sheet])
    stream = io.BytesIO()
    opened.save(stream)
    return stream.getvalue()


def test_in_a_workbook_made_of_several_marks_follow_their_rows(round: Round) -> None:
    """A row in the wrong place is put into its group; what was given is put back, and no longer to be put right."""
    data = book(round, numbers=(1, 3), plan=BACKWARDS)
    places = readings_of(data)[0].submission.places

    def edit(sheet: Any) -> None:
        sheet[places["budget.total"]] = 99
        sheet[places["indicators[5].basis"]] = "往年经验"
        for column in ("level2", "level3", "description", "target", "basis"):
            cells = (sheet[places[f"indicators[{row}].{column}"]] for row in (0, 5))
            first, last = cells
            first.value, last.value = last.value, first.value

    collect(round, 甲=edited(data, edit), 乙=book(round, numbers=(2, 4), plan=BACKWARDS))
    (kept,) = (one for one in drafts(round) if one.project[2] == 1)
    assert "ID-08" in {one.code for one in kept.findings}
    (path,) = give_back(round)
    sheet = next(one for one in readings_of(path) if one.submission.record["number"] == 1).submission
    assert sheet.record["budget"]["total"] != 99
    by_place = {entry.texts["place"]: entry for entry in read_replies(Workbook(Package(path.read_bytes(), ""))).entries}
    texts = [entry.texts for entry in by_place.values() if entry.texts["project"].startswith("1.")]
    assert not [one for one in texts if "99" in one["opinion"]]
    basis = next(one for one in texts if "往年经验" in one["content"])
    assert openpyxl.load_workbook(path)[sheet.sheet][basis["cell"]].value == "往年经验"


def test_an_order_goes_to_another_process(round: Round) -> None:
    collect(round, 报=book(round, plan=BACKWARDS))
    with open_store(round.store, write=True) as store:
        (order,) = returning._Orders(round, store, (), "", "")
    made = write_returned(pickle.loads(pickle.dumps(order)))
    assert pickle.loads(pickle.dumps(made)) == made


def test_a_project_that_is_asked_no_more_does_not_go_back(round: Round) -> None:
    collect(round, 甲=book(round, numbers=(1, 3), plan=BACKWARDS), 乙=book(round, numbers=(2, 4), plan=BACKWARDS))
    asked = registry()
    left = tuple(one for one in asked.projects if one.number != 1)
    import_registry(round, replace(asked, projects=left))
    (path,) = give_back(round)
    assert {project for mark, project in lines(path) if mark == "必改"} == {f"2.{name_of(round, 2)}"}


def name_of(round: Round, number: int) -> str:
    return next(str(one.record["name"]) for one in drafts(round) if one.project[2] == number)


# What people decided ----------------------------------------------------------------------------------------------------


def test_what_is_settled_is_not_coloured_and_remarks_go_along(round: Round) -> None:
    collect(round, 报=book(round, plan=BACKWARDS, **WRONG))
    found = {one.code: one for kept in drafts(round) for one in kept.findings if one.severity in ("error", "warning")}
    states = dict(zip(found, ("withdrawn", "upheld", "accepted", "explained"), strict=False))
    with open_store(round.store, write=True) as store, store.group("李芳", "2024-03-01T10:00:00") as group:
        for code, state in states.items():
            group.set_finding(found[code].id, state)
            group.add_decision(KeptDecision(state, "finding", str(found[code].id)))
            if state == "explained":
                group.add_explanation(Explanation(found[code].id, "按上年第三季度拨付文件执行，见附件第二页。"))
        group.add_remark(KeptRemark(drafts(round)[0].id, "用途写得太短", "请写明发给谁", "purpose"))
    returned = returning.give_back(round, [(UNIT.code, FORM.name, 1)])
    (path,) = (round.path("returned") / one.file for one in returned[0].workbooks)
    entries = read_replies(Workbook(Package(path.read_bytes(), ""))).entries
    texts = "\n".join(text for entry in entries for text in entry.texts.values())
    assert "用途写得太短" in texts
    assert "李芳　2024-03-01" in texts
    open_ = [entry.texts["mark"] for entry in entries if entry.decision is None and entry.texts["mark"][:2] == "必改"]
    assert len(open_) == returned[0].errors - list(states.values()).count("upheld")


def test_a_decision_follows_to_the_next_draft_and_is_returned_with_its_author(round: Round) -> None:
    collect(round, 一=book(round, plan=BACKWARDS))
    (one,) = (one for kept in drafts(round) for one in kept.findings if one.code == "PL-02")
    with open_store(round.store, write=True) as store, store.group("李芳", "2024-03-01T10:00:00") as group:
        group.set_finding(one.id, "upheld")
        group.add_decision(KeptDecision("upheld", "finding", str(one.id)))
    give_back(round)
    collect(round, 二=book(round, plan=BACKWARDS, goals="1.按月发放。"))
    (path,) = give_back(round)
    entries = read_replies(Workbook(Package(path.read_bytes(), ""))).entries
    assert any("李芳　2024-03-01" in entry.texts.get("decision", "") for entry in entries)


def test_a_deadline_that_was_extended_is_the_units(round: Round) -> None:
    collect(round, 报=book(round, plan=BACKWARDS))
    status, _, err = run("round", "decide", UNIT.code, "extend", "--until", "2124-04-02", "--in", round.folder)
    assert status == 0, err
    (path,) = give_back(round)
    assert "于4月2日前" in next(path.parent.glob("*.txt")).read_text(encoding="utf-8-sig")


def test_a_finding_that_is_gone_is_not_flagged(round: Round) -> None:
    """As one that rested on the former draft of another project."""
    collect(round, 报=book(round, plan=BACKWARDS, **WRONG))
    gone = next(one for kept in drafts(round) for one in kept.findings if one.code == "PL-02")
    with open_store(round.store, write=True) as store, store.group("", "2024-03-01") as group:
        group.set_finding(gone.id, "superseded")
    (path,) = give_back(round)
    stands = [mark for mark, _ in lines(path) if mark == "必改"]
    (whole,) = perfxl.flag(book(round, plan=BACKWARDS, **WRONG)).files
    assert len(stands) == [mark for mark, _ in lines(whole.data)].count("必改") - 1


def test_what_is_said_of_the_book_goes_back_with_it(round: Round) -> None:
    """It holds no project back, but the unit is told; once the sheet came in another file it is not."""
    whole = openpyxl.load_workbook(io.BytesIO(book(round, plan=BACKWARDS)))
    del whole[next(name for name in whole.sheetnames if name.startswith("项目02"))]
    stream = io.BytesIO()
    whole.save(stream)
    collect(round, 缺一张=stream.getvalue())
    (path,) = give_back(round)
    assert ("核实", "") in lines(path), "of no project"
    assert "整个文件" in next(path.parent.glob("*.txt")).read_text(encoding="utf-8-sig")
    collect(round, 补=book(round, numbers=(2,)))
    (path,) = give_back(round, UNIT.code, 1)
    assert ("核实", "") not in lines(path)


def test_a_decision_that_the_store_has_taken_back_is_gone_from_the_sheet(round: Round) -> None:
    """Of what stands in the unit's 审核意见 the explanations count, not decisions of an earlier return."""
    collect(round, 报=book(round, plan=BACKWARDS))
    (one,) = (one for kept in drafts(round) for one in kept.findings if one.code == "PL-02")
    with open_store(round.store, write=True) as store, store.group("李芳", "2024-03-01T10:00:00") as group:
        group.set_finding(one.id, "withdrawn")
    first = returning.give_back(round, [(UNIT.code, FORM.name, 1)])
    data = (round.path("returned") / first[0].workbooks[0].file).read_bytes()
    changed = openpyxl.load_workbook(io.BytesIO(data))
    stream = io.BytesIO()
    changed.save(stream)
    with open_store(round.store, write=True) as store, store.group("李芳", "2024-03-02T10:00:00") as group:
        group.set_finding(one.id, "open")
    again = returning.give_back(round, [(UNIT.code, FORM.name, 1)])
    assert (first[0].errors, again[0].errors) == (0, 1)
    assert first[0].workbooks[0].file != again[0].workbooks[0].file, "what was returned stays"


# Once, and whole --------------------------------------------------------------------------------------------------------


def files_of(round: Round) -> dict[str, bytes]:
    folder = round.path("returned")
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_draft_goes_back_once(round: Round) -> None:
    collect(round, 报=book(round, plan=BACKWARDS))
    give_back(round)
    written, rows = files_of(round), tables(round.folder)
    assert give_back(round) == []
    assert (files_of(round), tables(round.folder)) == (written, rows)


def test_a_file_that_goes_back_again_keeps_its_name(round: Round) -> None:
    collect(round, 报=book(round, plan=BACKWARDS))
    (first,) = give_back(round)
    collect(round, **{first.stem: book(round, plan=BACKWARDS, purpose="另有安排。")})
    (second,) = give_back(round)
    assert (first.name, second.name) == ("报_1.xlsx", "报_2.xlsx")


@pytest.mark.parametrize(
    ("typed", "words"),
    [("11月6日17:00", "11月6日17:00"), ("2124-11-06 17:00", "11月6日17:00"), ("2124-11-06", "11月6日")],
)
def test_a_deadline_is_typed_as_a_date_or_in_words(typed: str, words: str, round: Round) -> None:
    collect(round, 报=book(round, plan=BACKWARDS))
    (path,) = give_back(round, "--deadline", typed)
    (notice,) = path.parent.glob("*.txt")
    assert f"于{words}前报回" in notice.read_text(encoding="utf-8-sig")


def test_a_run_that_was_killed_before_it_noted_anything_is_run_again(
    round: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    collect(round, 报=book(round, plan=BACKWARDS))
    with monkeypatch.context() as patched:
        patched.setattr(returning, "_note_return", _die)
        with pytest.raises(KeyboardInterrupt):
            returning.give_back(round)
    left = files_of(round)
    assert len(left) == 2
    give_back(round)
    assert {name: data for name, data in files_of(round).items() if not name.startswith("待发")} == left


def _die(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_file_that_is_no_return_is_not_overwritten(round: Round) -> None:
    collect(round, 报=book(round, plan=BACKWARDS))
    folder = round.path("returned") / f"{UNIT.code}{UNIT.name}"
    folder.mkdir()
    (folder / "报_1.xlsx").write_bytes(b"mine")
    (path,) = give_back(round)
    assert path.name == "报_1-2.xlsx"
    assert (folder / "报_1.xlsx").read_bytes() == b"mine"


def test_an_original_that_is_gone_is_said_and_stops_no_other_unit(round: Round) -> None:
    collect(round, 一=book(round, plan=BACKWARDS))
    shutil.rmtree(round.path("originals"))
    collect(round, 二=book(round, OTHER, plan=BACKWARDS))
    status, out, err = run("round", "return", "--in", round.folder)
    assert (status, len(out.splitlines())) == (2, 1)
    assert "原件没有了" in err
    assert OTHER.name in out


# Named by a person ------------------------------------------------------------------------------------------------------


def test_a_clean_project_goes_back_where_it_is_named(round: Round) -> None:
    collect(round, 报=book(round))
    assert state_of(round.folder, UNIT.code)["returned"] == 0
    (path,) = give_back(round, UNIT.code, 3)
    assert state_of(round.folder, UNIT.code)["returned"] >= 1
    assert "3." in next(path.parent.glob("*.txt")).read_text(encoding="utf-8-sig")
    with open_store(round.store, write=False) as store:
        words = [one.what for one in store.decisions() if one.key.endswith("/3")]
    assert words == ["to_return", "returned"]


def test_what_an_officer_decided_goes_back_with_her_reason(round: Round) -> None:
    collect(round, 报=book(round))
    (three,) = (kept for kept in drafts(round) if kept.project[2] == 3)
    with open_store(round.store, write=True) as store, store.group("李芳", "2024-03-01") as group:
        key = f"{UNIT.code}/{FORM.name}/3"
        group.add_decision(KeptDecision("to_return", "project", key, three.id, three.id, "依据文件已作废"))
    (path,) = give_back(round)
    assert "（依据文件已作废）" in next(path.parent.glob("*.txt")).read_text(encoding="utf-8-sig")


def test_a_decision_to_return_that_was_taken_back_returns_nothing(round: Round) -> None:
    collect(round, 报=book(round))
    (three,) = (kept for kept in drafts(round) if kept.project[2] == 3)
    with open_store(round.store, write=True) as store, store.group("李芳", "2024-03-01") as group:
        for what in ("to_return", "taken_back"):
            group.add_decision(KeptDecision(what, "project", f"{UNIT.code}/{FORM.name}/3", None, three.id))
    assert give_back(round) == []


@pytest.mark.parametrize(
    ("deadline", "now", "words"),
    [
        ("", "2024-03-14T09:00:00", ""),
        ("2024-03-15", "2024-03-14T09:00:00", "3月15日"),
        ("2024-03-15", "2024-03-15T23:59:59", "3月15日"),
        ("2024-03-15", "2024-03-16T00:00:00", ""),
        ("2024-11-06 17:00", "2024-11-06T16:59:00", "11月6日17:00"),
        ("2024-11-06 17:00", "2024-11-06T17:01:00", ""),
    ],
)
def test_a_deadline_in_words_is_never_one_that_is_over(
    deadline: str, now: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(returning, "now", lambda: now)
    assert returning._in_words(deadline) == words


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (lambda folder: (UNIT.code, 9), "还没有报来"),
        (lambda folder: run("round", "decide", UNIT.code, 1, "approve", "--in", folder) and (UNIT.code, 1), "取消通过"),
        (lambda folder: ("999999",), "没有单位999999"),
    ],
)
def test_what_cannot_be_returned_is_one_sentence(
    prepare: Callable[[Path], tuple[object, ...]], said: str, round: Round
) -> None:
    collect(round, 报=book(round))
    words = prepare(round.folder)
    rows = tables(round.folder)
    status, _, err = run("round", "return", *words, "--in", round.folder)
    assert (status, said in err, len(err.strip().splitlines())) == (2, True, 1), err
    assert tables(round.folder) == rows


# 已发 --------------------------------------------------------------------------------------------------------------------


def waiting(round: Round, *words: object) -> Mapping[str, str]:
    status, out, err = run("round", "sent", *words, "--json", "--in", round.folder)
    assert status == 0, err
    return {entry["unit"]: entry["sent"] for entry in json.loads(out)}


def test_the_list_of_what_is_to_be_sent_is_ticked_and_the_tick_taken_back(round: Round) -> None:
    collect(round, 一=book(round, plan=BACKWARDS), 二=book(round, OTHER, plan=BACKWARDS))
    give_back(round)
    assert waiting(round) == {UNIT.code: "", OTHER.code: ""}
    ticked = waiting(round, UNIT.code)
    assert (bool(ticked[UNIT.code]), ticked[OTHER.code]) == (True, "")
    with open_store(round.store, write=False) as store:
        assert [entry.unit.code for entry in returning.unsent(store)] == [OTHER.code]
    sheet = openpyxl.load_workbook(round.path("returned") / "待发清单.xlsx").active
    assert [(row[0].value, row[1].value) for row in sheet.iter_rows(min_row=4)] == [
        ("√", UNIT.code),
        ("□", OTHER.code),
    ]
    assert run("round", "sent", UNIT.code, "--in", round.folder)[0] == 2
    assert waiting(round, UNIT.code, "--undo") == {UNIT.code: "", OTHER.code: ""}
    assert run("round", "sent", UNIT.code, "--undo", "--in", round.folder)[0] == 2
    assert all(waiting(round, "--all").values())


def test_what_a_newer_draft_made_idle_is_not_sent_any_more(round: Round) -> None:
    collect(round, 一=book(round, numbers=(1,), plan=BACKWARDS))
    give_back(round)
    collect(round, 二=book(round, numbers=(1,)))
    with open_store(round.store, write=False) as store:
        assert returning.unsent(store) == ()


def test_in_an_english_round_files_have_english_names(tmp_path: Path) -> None:
    made = create_round(tmp_path / "round", 2024, "一上", lang="en")
    import_registry(made, registry())
    collect(made, a=book(made, plan=BACKWARDS))
    give_back(find_round(made.folder))
    names = {Path(name).name for name in files_of(made)}
    assert names == {"a_1.xlsx", "notice_1.txt", "to-send.xlsx"}


def test_a_finding_of_the_store_stands_in_the_cell_of_its_field(round: Round) -> None:
    sheet = readings_of(book(round, plan=BACKWARDS))[0]
    made = make_finding(KeptFinding("PL-02", "error", ("plan.june", "plan.march")), sheet)
    assert made.cells == tuple(
        f"{sheet.submission.sheet}!{sheet.submission.places[path]}" for path in ("plan.june", "plan.march")
    )


def test_no_more_orders_are_made_than_keep_the_processes_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """The records of all units together take much memory."""
    made: list[int] = []

    def make_order(number: int) -> int:
        made.append(number)
        return number

    monkeypatch.setattr(returning, "write_returned", str)
    with ThreadPoolExecutor(1) as pool:
        results = returning._write_all(map(make_order, range(100)), pool)  # type: ignore[arg-type]
        assert (next(results), len(made)) == ("0", returning.GROUP + 1)
        assert [*results] == [str(number) for number in range(1, 100)]
