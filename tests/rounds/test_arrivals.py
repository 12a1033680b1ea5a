"""What arrives in a round and what becomes of it, from the command line and on real workbooks of the invented township."""

from __future__ import annotations

import copy
import io
import json
import os
import random
import stat
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from rounds import stores
from rounds.stores import copy_round
from rounds.test_collect import FORM, OTHER, TOWNSHIP, UNIT, book, filled, registry
from rounds.test_round_commands import folder as made_folder
from rounds.test_round_commands import run

from perfxl import rules
from perfxl.form import installed
from perfxl.rounds import arrivals, collect
from perfxl.rounds.collect import is_older
from perfxl.rounds.desk import collecting, registering
from perfxl.rounds.desk.author import now
from perfxl.rounds.desk.siblings import let_count
from perfxl.rounds.merging import Draft, DraftHistory, count_changed, decide, typed_answers
from perfxl.rounds.model import RegisteredProject, Registry
from perfxl.rounds.round import Round, find_round
from perfxl.rounds.store.opening import open_store
from perfxl.workbook.writing.books import issue_of, make_books
from perfxl.workbook.writing.stamp import stamp_book

pytestmark = pytest.mark.store("sqlite", "postgresql")
folder = made_folder
OTHER_PURPOSE = "用于发放村民小组长补贴，按季发放。"


def packed(**files: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "."), data)
    return held.getvalue()


def lay(folder: Path, files: Mapping[str, bytes], time: int = 0) -> None:
    """Files in the inbox; ``time``: at which they were changed."""
    for name, data in files.items():
        path = folder / "收表箱" / name
        path.write_bytes(data)
        if time:
            os.utime(path, (1_710_000_000 + time, 1_710_000_000 + time))


def collected(folder: Path, *words: object) -> dict[str, Any]:
    """The files of a collect, by name."""
    _, out, err = run("round", "collect", "--json", "--in", folder, *words)
    assert out, err
    return {one["file"]: one for one in json.loads(out)}


def rows(folder: Path, query: str) -> list[Any]:
    return sorted(stores.ask(folder, query))


def counting(folder: Path) -> list[Any]:
    """What counts, what is asked, what is found: the end of it all, without numbers of rows and times."""
    drafts = rows(folder, "select project, answers, counts from submission")
    asked = rows(folder, "select project, kind from question where closed is null")
    found = rows(
        folder,
        "select s.project, f.code, f.state, cast(f.facts as text) from finding f join submission s"
        " on s.id = f.submission where s.counts and f.state != 'superseded'",
    )
    return [drafts, asked, found]


def test_every_file_has_a_verdict_a_line_and_a_row(folder: Path) -> None:
    data = book(find_round(folder), numbers=(1,))
    inner = packed(里面__xlsx=book(find_round(folder), OTHER, (1,)), 更里面__zip=packed(a__xlsx=data))
    lay(folder, {
        "照片.jpg": b"\xff\xd8\xff\xe0" + bytes(99), "扫描.pdf": b"%PDF-1.4 x", "说明.txt": "请查收".encode(),
        "数据.yaml": b"year: 2024\n", "坏.zip": b"PK\x03\x04", "外.zip": packed(中__zip=inner), "Thumbs.db": b"x",
        "~$报.xlsx": b"x", "其实是表.jpg": data,
    })  # fmt: skip
    (folder / "收表箱" / "链接.xlsx").symlink_to(folder / "round.yaml")
    (folder / "收表箱" / "链接.txt").symlink_to(folder / "round.yaml")
    found = collected(folder)
    assert {name: one["verdict"] for name, one in found.items()} == {
        "照片.jpg": "unreadable", "扫描.pdf": "unreadable", "说明.txt": "no_form", "数据.yaml": "no_form",
        "坏.zip": "unreadable", "外.zip:中.zip:里面.xlsx": "taken", "外.zip:中.zip:更里面.zip": "unreadable",
        "其实是表.jpg": "taken", "链接.xlsx": "unreadable", "链接.txt": "unreadable",
    }  # fmt: skip
    assert len(rows(folder, "select id from delivery")) == len(found)
    originals = [path.read_bytes() for path in (folder / "原件").rglob("*") if path.is_file()]
    assert (folder / "round.yaml").read_bytes() not in originals, "a link is never followed"
    status, out, err = run("round", "collect", "--in", folder)
    assert (status, "另有2个电脑自动留下的文件" in err) == (2, True), err
    line = next(line for line in out.splitlines() if "照片.jpg" in line)
    assert line.startswith("打不开　照片.jpg　是图片，不是表格，请让报送单位发回原表。"), (
        "the first verdict again, in words"
    )
    assert len(rows(folder, "select id from delivery")) == len(found), "and no further row"


def test_what_is_named_is_taken_without_the_inbox(folder: Path, tmp_path: Path) -> None:
    round = find_round(folder)
    lay(folder, {"没点到.xlsx": book(round, OTHER)})
    there = tmp_path / "U盘"
    there.mkdir()
    (there / "报.xlsx").write_bytes(book(round, numbers=(1,)))
    (tmp_path / "包.zip").write_bytes(packed(二__xlsx=book(round, numbers=(2,))))
    status, out, err = run(
        "round", "collect", there, tmp_path / "包.zip", "--arrived", "2024-03-14T17:30", "--in", folder
    )
    assert [line[:2] for line in out.splitlines() if not line.startswith(" ")] == ["收到", "收到"], err
    assert rows(folder, "select distinct arrived from delivery") == [("2024-03-14T17:30:00",)]
    assert not list((folder / "收表箱").glob("报*")), "it is copied nowhere but to the originals"
    for words in ((there, "--arrived", "昨天"), (tmp_path / "没有.xlsx",)):
        status, _, err = run("round", "collect", *words, "--in", folder)
        assert (status, len(err.strip().splitlines())) == (2, 1), err


def test_a_delivery_came_when_a_run_first_saw_it(folder: Path) -> None:
    lay(folder, {"报.xlsx": book(find_round(folder), numbers=(1,))}, time=1)
    before = now()
    collected(folder)
    ((arrived,),) = rows(folder, "select arrived from delivery")
    assert before <= arrived <= now()
    again = collected(folder)["报.xlsx"]
    assert (again["verdict"], again["earlier"]["file"], again["earlier"]["own"]) == ("known", "报.xlsx", True)
    lay(folder, {"改.xlsx": book(find_round(folder), numbers=(1,), purpose=OTHER_PURPOSE)}, time=9)
    collected(folder)
    assert run("round", "collect", "--in", folder)[1] == "", "what lies there since is only counted"
    named = folder / "收表箱" / "报.xlsx"
    assert "项目1现在以第2稿为准" in run("round", "collect", named, "--in", folder)[1]


def test_what_could_not_be_taken_is_opened_again_only_for_another_perfxl_or_registry(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A book with a sheet of a unit that is not in the round: the others are taken, once."""
    round, asked = find_round(folder), registry()
    opened: list[str] = []
    real = arrivals._read_arrival
    monkeypatch.setattr(arrivals, "_read_arrival", lambda listed: (opened.append(listed[0].label), real(listed))[1])
    registering.import_registry(round, Registry((UNIT,), tuple(one for one in asked.projects if one.unit == UNIT.code)))
    lay(folder, {"两家.xlsx": joined(round), "坏.xlsx": b"PK", "照片.png": b"\x89PNG" + bytes(9)})
    first = collected(folder)
    assert (first["两家.xlsx"]["verdict"], len(rows(folder, "select id from submission"))) == ("not_ours", 1)
    lay(folder, {"改.xlsx": book(round, numbers=(1,), purpose=OTHER_PURPOSE)}, time=9)
    collected(folder)
    assert sorted(opened) == ["两家.xlsx", "坏.xlsx", "改.xlsx", "照片.png"]
    opened.clear()
    again = collected(folder)
    assert (opened, again["坏.xlsx"]["verdict"], again["坏.xlsx"]["reason"]) == (
        [], "unreadable", first["坏.xlsx"]["reason"],
    )  # fmt: skip
    registering.import_registry(round, asked)
    third = collected(folder)["两家.xlsx"]
    assert [sheet["verdict"] for sheet in third["sheets"]] == ["known", "taken"], (
        "the one that was taken is no old draft"
    )
    assert not rows(folder, "select id from question")
    opened.clear()
    monkeypatch.setattr("perfxl.rounds.desk.drafts.__version__", "99")
    collected(folder)
    assert sorted(opened) == ["坏.xlsx", "照片.png"]


def joined(round: Round) -> bytes:
    """A book with a sheet of each of the two units."""
    pages: list[Any] = []
    for unit, number in ((UNIT, 1), (OTHER, 2)):  # two sheets of one name are no book
        records = filled(round, unit, (number,))
        options = {"phase": round.phase, "draft": round.draft, "office": round.office, "phone": round.phone}
        ((_, made),) = make_books(records, FORM, issue_of(records, **options), "unit", "all")
        pages += [*made.pages]
    return stamp_book(replace(made, pages=tuple(pages)))


def test_sheets_of_two_units_go_each_to_its_own(folder: Path) -> None:
    lay(folder, {"两家.xlsx": joined(find_round(folder))})
    (one,) = collected(folder).values()
    assert [(sheet["unit"], sheet["verdict"]) for sheet in one["sheets"]] == [("907001", "taken"), ("907002", "taken")]


@pytest.mark.parametrize("text", ["机密★10年", "秘密 ★", "绝密★"])
def test_a_secret_is_neither_kept_nor_read(text: str, folder: Path) -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(book(find_round(folder), numbers=(1,))))
    workbook.create_sheet("附表")["B2"] = text
    workbook.save(folder / "收表箱" / "密.xlsx")
    lay(folder, {"没有星.xlsx": book(find_round(folder), numbers=(2,), purpose="机密文件柜的购置")})
    first = {name: one["verdict"] for name, one in collected(folder).items()}
    assert first == {"密.xlsx": "secret", "没有星.xlsx": "taken"}
    assert len([path for path in (folder / "原件").rglob("*") if path.is_file()]) == 1
    assert rows(folder, "select length(digest) from delivery where verdict = 'secret'") == [(64,)]
    assert collected(folder)["密.xlsx"]["verdict"] == "secret"


def test_an_older_form_that_reads_well_is_taken_and_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(folder, {"旧.xlsx": book(find_round(folder), numbers=(1,))})
    monkeypatch.setattr(collect, "is_older", lambda version, than: version == FORM.version == than)
    out = run("round", "collect", "--in", folder)[1]
    assert out.startswith("旧表样　旧.xlsx　1张表　表样是旧版的，已照收"), out
    assert rows(folder, "select counts from submission") == [(1,)]
    assert [is_older(*pair) for pair in (("2024.1", "2024.2"), ("2024.10", "2024.9"), ("", "2024.1"))] == [
        True, False, False,
    ]  # fmt: skip


def test_a_file_that_changes_while_it_is_read_is_left_for_the_next_look(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = book(find_round(folder), numbers=(1,))
    lay(folder, {"慢.xlsx": data[:2000]})
    real = arrivals._read_arrival

    def grows(listed: Any) -> Any:
        lay(folder, {"慢.xlsx": data})
        return real(listed)

    monkeypatch.setattr(arrivals, "_read_arrival", grows)
    assert collected(folder)["慢.xlsx"]["verdict"] == "growing"
    assert not rows(folder, "select id from delivery")
    monkeypatch.undo()
    assert collected(folder)["慢.xlsx"]["verdict"] == "taken"


def wrong() -> dict[str, Any]:
    """Answers of another unit's first project: they do not add up to the amount."""
    return {"plan": {"march": 60, "june": 50, "october": 80, "december": 100}}


@pytest.mark.parametrize("first", ["copier", "owner"])
def test_the_copy_is_asked_about_whichever_came_first(first: str, folder: Path) -> None:
    round = find_round(folder)
    own = {"owner": book(round, numbers=(1,)), "copier": copied(round)}
    lay(folder, {"1.xlsx": own.pop(first)}, time=1)
    collected(folder)
    lay(folder, {"2.xlsx": own.popitem()[1]}, time=9)
    collected(folder)
    assert rows(folder, "select project, kind from question") == [(f"{OTHER.code}/{FORM.name}/1", "copied")]
    assert (UNIT.code in rows(folder, "select cast(facts as text) from question")[0][0]) is True
    assert rows(folder, f"select counts from submission where project like '{UNIT.code}%'") == [(1,)]
    lay(folder, {"3.xlsx": book(round, numbers=(1,), purpose=OTHER_PURPOSE)}, time=20)
    collected(folder)
    assert len(rows(folder, "select id from question")) == 1, "it is asked once"


def copied(round: Round) -> bytes:
    """The other unit's workbook with the answers of the first one, which do not fit."""
    records = filled(round, OTHER, (1,))
    whole = copy.deepcopy(dict(TOWNSHIP["projects"][0]))
    records["projects"][0] |= {key: value for key, value in whole.items() if key not in ("number", "code", "name")}
    records["projects"][0] |= wrong()
    ((_, made),) = make_books(records, FORM, issue_of(records, phase=round.phase, draft=round.draft), "unit", "all")
    return stamp_book(made)


def test_what_is_found_across_sheets_follows_the_drafts_that_count(folder: Path) -> None:
    """A sibling that holds the same answers is found; when it is put right, the finding on the first one is gone."""
    round = find_round(folder)
    found = "select f.state from finding f join submission s on s.id = f.submission where f.code = 'TX-08'"
    own = f" and s.project like '%/1' and s.project like '{UNIT.code}%'"
    same = {key: TOWNSHIP["projects"][0][key] for key in ("purpose", "goals")}
    both = filled(round, UNIT, (1, 2))
    both["projects"][1] |= copy.deepcopy(same)
    lay(folder, {"1.xlsx": book(round, numbers=(1,))}, time=1)
    collected(folder)
    assert not rows(folder, found + own)
    ((_, made),) = make_books(both, FORM, issue_of(both, phase=round.phase, draft=round.draft), "unit", "all")
    lay(folder, {"2.xlsx": stamp_book(made)}, time=5)
    collected(folder)
    assert rows(folder, found + own) == [("open",)] * len(rows(folder, found + own)) != [], "the sibling changed it"
    count = len(rows(folder, "select id from finding"))
    collected(folder)
    assert len(rows(folder, "select id from finding")) == count
    both["projects"][1] |= {key: TOWNSHIP["projects"][1][key] for key in ("purpose", "goals")}
    ((_, made),) = make_books(both, FORM, issue_of(both, phase=round.phase, draft=round.draft), "unit", "all")
    lay(folder, {"3.xlsx": stamp_book(made)}, time=9)
    assert collected(folder)["3.xlsx"]["verdict"] == "taken"
    assert {state for (state,) in rows(folder, found + own)} == {"superseded"}


def test_what_concerns_a_book_or_a_unit_holds_no_project_back(folder: Path) -> None:
    """A book lacks a sheet, and two projects have one code: noted and shown, nobody's to put right."""
    round = find_round(folder)
    whole = openpyxl.load_workbook(io.BytesIO(book(round)))
    del whole[next(name for name in whole.sheetnames if name.startswith("项目02") or "02" in name)]
    whole.save(folder / "收表箱" / "缺一张.xlsx")
    assert "另：" in run("round", "collect", "--in", folder)[1]
    assert rows(folder, "select state from finding where code in ('RD-16', 'ID-05')") == [("noted",)]
    lay(folder, {"补.xlsx": book(round, numbers=(2,))})
    collected(folder)
    assert len(rows(folder, "select id from finding where code = 'RD-16'")) == 1, "nothing is missing any more"


def test_a_further_draft_while_a_question_is_open_is_part_of_it(folder: Path) -> None:
    round = find_round(folder)
    lay(folder, {"甲.xlsx": book(round, numbers=(1,)), "乙.xlsx": book(round, numbers=(1,), purpose=OTHER_PURPOSE)}, 5)
    collected(folder)
    lay(folder, {"丙.xlsx": book(round, numbers=(1,), purpose="用于其他补贴，按年发放给小组长。")}, 9)
    assert collected(folder)["丙.xlsx"]["verdict"] == "question"
    ((asked,),) = rows(folder, "select cast(submissions as text) from question")
    assert len(json.loads(asked)) == 3
    assert not rows(folder, "select id from submission where counts"), "only a person closes a question"


def test_a_clock_that_runs_backwards_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(folder, {"报.xlsx": book(find_round(folder), numbers=(1,))})
    monkeypatch.setattr(collecting, "now", lambda: "2124-03-01T00:00:00")
    collected(folder)
    monkeypatch.undo()
    assert "本机时间比上次收表的时间（2124-03-01T00:00:00）还早" in run("round", "collect", "--in", folder)[2]


def waves(round: Round) -> dict[str, tuple[bytes, int]]:
    """Drafts of some projects, one after the other, two of them at the same time, a blank one, a copy of another's."""
    changed = [f"用于发放村民小组长补贴，第{at}次修改。" for at in range(3)]
    return {
        "a": (book(round, numbers=(1, 2, 3)), 1), "b": (book(round, numbers=(1,), purpose=changed[0]), 2),
        "c": (book(round, numbers=(1,), purpose=changed[1]), 3), "d": (book(round, numbers=(2,), purpose=changed[2]), 4),
        "e": (book(round, numbers=(3,), purpose=changed[0]), 5), "f": (book(round, numbers=(3,), purpose=changed[1]), 5),
        "g": (copied(round), 6), "h": (book(round, OTHER, (1, 2)), 7), "i": (joined(round), 8), "j": (book(round), 9),
    }  # fmt: skip


def test_the_end_depends_neither_on_names_nor_on_when_a_run_is_ended(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Shuffled names; ended after some of the files were written and run again: the same drafts, questions, findings."""
    came = waves(find_round(folder))
    ends = []
    for seed in range(3):
        rng, there = random.Random(seed), tmp_path / f"{seed}"
        copy_round(folder, there)
        names = [f"{at}.xlsx" for at in range(len(came))]
        rng.shuffle(names)
        for name, (data, time) in zip(names, came.values(), strict=True):
            lay(there, {name: data}, time)
        if seed:
            with monkeypatch.context() as patched:
                patched.setattr(collecting, "_write_result", ending_after(rng.randrange(1, len(came) - 1)))
                with pytest.raises(_EndedError):
                    run("round", "collect", "--in", there)
        collected(there)
        ends.append(counting(there))
    assert ends[0][0]
    assert ends[1:] == [ends[0]] * 2


class _EndedError(Exception):
    """The process ended."""


def ending_after(count: int) -> Callable[..., None]:
    real, left = collecting._write_result, [count]

    def write(*words: Any) -> None:
        if not left[0]:
            raise _EndedError
        left[0] -= 1
        real(*words)

    return write


def test_values_exchanged_between_rows_are_a_change() -> None:
    """Whatever column: rows are compared as wholes; a row that moved is none."""
    rng = random.Random(7)
    record = TOWNSHIP["projects"][0]
    before = Draft(typed_answers(FORM, record))
    for _ in range(100):
        changed = copy.deepcopy(dict(record))
        one, other = rng.sample(changed["indicators"], 2)
        column = rng.choice(["level3", "description", "target", "basis"])
        one[column], other[column] = other[column], one[column]
        rng.shuffle(changed["indicators"])
        after = typed_answers(FORM, changed)
        differ = one[column] != other[column]
        assert count_changed(before.typed, after) == (2 if differ else 0)
        assert decide(DraftHistory(counting=before), Draft(after)).fate == ("draft" if differ else "same")


TOOL = """#!{python}
import sys, zipfile
words = sys.argv[1:]
target = next(word[2:] for word in words if word.startswith("-o"))
try:
    zipfile.ZipFile(words[-1]).extractall(target)
except Exception:
    sys.exit(2)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a tool that is a script")
def test_archives_are_unpacked_where_a_tool_is_there(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in for 7-Zip, which unpacks zips."""
    lay(
        folder,
        {"全镇.7z": packed(报__xlsx=book(find_round(folder), numbers=(1,)), 图__png=b"\x89PNG"), "锁.rar": b"Rar!"},
    )
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert {one["verdict"] for one in collected(folder).values()} == {"unreadable"}, "no tool: it says so"
    (tmp_path / "bin").mkdir()
    tool = tmp_path / "bin" / "7zz"
    tool.write_text(TOOL.format(python=sys.executable), encoding="utf-8")
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    found = {name: one["verdict"] for name, one in collected(folder).items()}
    assert found == {"全镇.7z:报.xlsx": "taken", "全镇.7z:图.png": "unreadable", "锁.rar": "unreadable"}
    monkeypatch.setenv("PERFXL_LIMITS", str(tmp_path / "limits.yaml"))
    (tmp_path / "limits.yaml").write_text("whole: 20000\n", encoding="utf-8")
    assert "20000" in collected(folder)["全镇.7z"]["reason"]


def test_two_projects_of_one_code_are_the_units_affair() -> None:
    from perfxl import rules

    of_unit = {rule.code for rule in rules.rules(FORM) if rule.of_unit}
    assert {"ID-05", "MN-08"} <= of_unit
    assert "ID-06" not in of_unit


def test_a_sheet_without_its_number_is_found_by_its_code_or_name() -> None:
    asked = Registry((UNIT,), (RegisteredProject(UNIT.code, FORM.name, 9, "", "森林防火巡护经费"),))
    fates = object.__new__(collect._Fates)
    fates.registry, fates.projects = asked, {one.key: one for one in asked.projects}
    sheet = arrivals.ArrivedSheet(
        "1", FORM.name, "", 2024, "", UNIT.code, 0, "", "森林 防火巡护经费", typed_answers(FORM, {}), b""
    )
    assert fates._key(sheet) == (UNIT.code, FORM.name, 9)


def collect_likes(folder: Path, round: Round) -> None:
    """Collect two projects of a unit that say the same."""
    both = filled(round, UNIT, (1, 2))
    both["projects"][1] |= {key: TOWNSHIP["projects"][0][key] for key in ("purpose", "goals")}
    ((_, made),) = make_books(both, FORM, issue_of(both, phase=round.phase, draft=round.draft), "unit", "all")
    lay(folder, {"1.xlsx": stamp_book(made)}, time=5)
    collected(folder)


def test_a_decision_changes_what_is_found_on_siblings_as_a_collect_does(folder: Path) -> None:
    round = find_round(folder)
    collect_likes(folder, round)
    found = (
        f"select f.state from finding f join submission s on s.id = f.submission where s.project like '{UNIT.code}%/1'"
    )
    assert rows(folder, f"{found} and f.code = 'TX-08'") == [("open",)]
    key = (UNIT.code, FORM.name, 2)
    with open_store(round.store, write=True) as store:
        (kept,) = store.submissions(key)
        own = {name: TOWNSHIP["projects"][1][name] for name in ("purpose", "goals")}
        with store.group("甲", "2024-03-16T08:00:00") as group:
            changed = replace(kept, record={**kept.record, **own}, counts=False, draft=2, findings=())
            other = group.add_submission(changed)
            let_count(round, store, group, key, other)
    assert rows(folder, f"{found} and f.code = 'TX-08'") == [("superseded",)]


def test_a_check_whose_examples_have_siblings_is_one_that_compares() -> None:
    roots = {f"unit.{installed.load(name).root}" for name in installed.names()}
    for rule in (rule for name in installed.names() for rule in rules.rules(installed.load(name))):
        assert rule.compares or rule.of_unit or roots.isdisjoint(rule.bad), rule.code


@pytest.mark.parametrize("copies", ["draft", "sibling"])
def test_a_draft_that_waited_counts_with_what_is_found_beside_the_siblings_of_now(copies: str, folder: Path) -> None:
    """What was found when it came may be gone, or found since, where a sibling changed while a question was open."""
    round = find_round(folder)
    second = {name: TOWNSHIP["projects"][1][name] for name in ("purpose", "goals")}
    new = {"purpose": "用于偿还清溪桥修缮工程的尾款，一次付清。", "goals": "全镇十二座桥的修缮款在十月底以前全部付清。"}
    lay(folder, {"1.xlsx": book(round, numbers=(1,)), "2.xlsx": book(round, numbers=(2,))}, time=1)
    collected(folder)
    assert run("round", "decide", UNIT.code, 1, "remark", "--what", "依据不明", "--in", folder)[0] == 0
    waiting, sibling = (second, new) if copies == "draft" else (new, new)
    lay(folder, {"3.xlsx": book(round, numbers=(1,), **waiting)}, time=9)
    assert collected(folder)["3.xlsx"]["verdict"] == "question"
    both = filled(round, UNIT, (2,))
    both["projects"][0] |= sibling
    ((_, made),) = make_books(both, FORM, issue_of(both, phase=round.phase, draft=round.draft), "unit", "all")
    lay(folder, {"4.xlsx": stamp_book(made)}, time=19)
    assert collected(folder)["4.xlsx"]["verdict"] == "taken"
    assert run("round", "decide", UNIT.code, 1, "new", "--in", folder)[0] == 0
    found = "select f.state from finding f join submission s on s.id = f.submission where f.code = 'TX-08' and s.counts"
    assert rows(folder, f"{found} and s.project like '{UNIT.code}%/1'") == [
        ("superseded" if copies == "draft" else "open",)
    ]
    assert run("round", "decide", UNIT.code, 1, "take-back", "--in", folder)[0] == 0
    assert not rows(folder, f"{found} and f.state = 'open'")


@pytest.mark.parametrize("state", ["open", "explained", "withdrawn", "accepted"])
def test_a_finding_that_is_found_again_has_the_state_it_had(state: str, folder: Path) -> None:
    """Also where its state followed it from an earlier draft, so that no decision names this very finding."""
    round = find_round(folder)
    collect_likes(folder, round)
    first, key = (UNIT.code, FORM.name, 1), (UNIT.code, FORM.name, 2)
    with open_store(round.store, write=True) as store:
        (found,) = (one for kept in store.submissions(first) for one in kept.findings if one.code == "TX-08")
        (kept,) = store.submissions(key)
        with store.group("甲", "2024-03-16T08:00:00") as group:
            group.set_finding(found.id, state)
            own = {name: TOWNSHIP["projects"][1][name] for name in ("purpose", "goals")}
            other = group.add_submission(
                replace(kept, record={**kept.record, **own}, counts=False, draft=2, findings=())
            )
        for submission in (other, kept.id):
            with store.group("甲", "2024-03-17T08:00:00") as group:
                let_count(round, store, group, key, submission)
        states = [one.state for draft in store.submissions(first) for one in draft.findings if one.code == "TX-08"]
    assert states == [state]


def test_no_name_writes_outside_of_the_round(folder: Path) -> None:
    data = book(find_round(folder), numbers=(1,))
    names = ("../../逃.xlsx", "/绝对.xlsx", "C:\\盘\\符.xlsx", "a\nb\x1b[31m.xlsx", "'; drop table unit; --.xlsx")
    before = sorted(str(path) for path in folder.parent.rglob("*"))
    lay(
        folder,
        {"包.zip": packed(**{name.replace(".xlsx", "__xlsx"): data + bytes(at) for at, name in enumerate(names)})},
    )
    _, out, err = run("round", "collect", "--in", folder)
    new = {Path(path) for path in map(str, folder.parent.rglob("*")) if path not in before}
    assert {path.relative_to(folder).parts[0] for path in new} == {"收表箱", "原件"}, err
    assert "\x1b" not in out
    assert len(out.splitlines()) >= len(names)


def test_names_of_chinese_windows_are_shown_rightly(folder: Path) -> None:
    held = packed(XXXX__xlsx=book(find_round(folder), numbers=(1,)))
    lay(folder, {"包.zip": held.replace(b"XXXX", "柳溪".encode("gbk"))})
    assert list(collected(folder)) == ["包.zip:柳溪.xlsx"]


def test_what_is_said_in_english(folder: Path) -> None:
    lay(
        folder,
        {"a.jpg": b"\xff\xd8\xff\xe0", "b.xlsx": book(find_round(folder), numbers=(1,)), "c.xlsx": other_years(folder)},
    )
    for _ in range(2):
        out = run("round", "collect", "--lang", "en", "--in", folder)[1]
        said = out.replace("一上", "").replace(FORM.label, "")  # data, whatever the language
        assert not any("\u4e00" <= sign <= "\u9fff" for sign in said), out


def other_years(folder: Path) -> bytes:
    return book(Round(**{**vars(find_round(folder)), "year": 2023}))
