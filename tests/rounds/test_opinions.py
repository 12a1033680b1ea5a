"""What people say of a draft: it follows findings to the next one, is decided, taken back, and never overwritten."""

from __future__ import annotations

import copy
import json
import os
import random
import sqlite3
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from rounds import stores
from rounds.stores import copy_round
from rounds.test_collect import OTHER, TOWNSHIP, UNIT, book
from rounds.test_round_commands import rows, run, state_of, tables

from perfxl import cli_round, messages
from perfxl.batch.flag import flag
from perfxl.errors import RoundError
from perfxl.finding import Finding
from perfxl.report.dossier import project_plain
from perfxl.rounds.desk import deciding
from perfxl.rounds.desk.dossier import dossier_of
from perfxl.rounds.findings import FormerDraft, follow, must_be_done, undecided_state
from perfxl.rounds.model import RegisteredUnit
from perfxl.rounds.round import FOLDERS, Round, find_round
from perfxl.rounds.store.opening import open_store
from perfxl.rounds.store.proof import check_store
from perfxl.rounds.store.rows import Explanation, KeptFinding
from perfxl.workbook.opinions import opinion_key

pytestmark = pytest.mark.store("sqlite", "postgresql")
SEEDS = range(int(os.environ.get("PERFXL_SEEDS", 2)))
STEPS = int(os.environ.get("PERFXL_STEPS", 8))
"""Of invented orders; more of both by hand."""
WRONG_PLAN = {"march": 60, "june": 50, "october": 80, "december": 100}
KEY = ("907001", "project-target", 1)
WHY = "办法正在报批，文号下达后补上。"


# Findings follow: a table ----------------------------------------------------------------------------------------------

ROWS = [
    {"level2": "数量指标", "level3": "修路", "target": "3公里", "basis": "合同"},
    {"level2": "质量指标", "level3": "验收", "target": "100%", "basis": "合同"},
]
VAGUE = Finding(
    "IN-10", "warning", ("indicators[0].target",), {"found": "3公里", "places": [["数量指标", 1, "指标值"]]}
)
LOST = Finding("PL-02", "error", ("plan.june",), {"before": 60, "after": 50})


def kept(finding: Finding, state: str) -> KeptFinding:
    return KeptFinding(finding.code, finding.severity, finding.fields, "A1", dict(finding.facts), state, 1, None, 7)


def moved(finding: Finding) -> Finding:
    """The finding after its row became the second one; its place is another in the sentence, too."""
    return Finding(
        finding.code, finding.severity, ("indicators[1].target",), {**finding.facts, "places": [["质", 2, "值"]]}
    )


def record(rows: Any = ROWS, june: int = 50) -> dict[str, Any]:
    return {"indicators": copy.deepcopy(rows), "plan": {"march": 60, "june": june}}


OTHER_TARGET = [{**ROWS[0], "target": "若干"}, ROWS[1]]
OTHER_ROW = [{**ROWS[0], "level2": "时效指标", "level3": "完工时间", "basis": "批复"}, ROWS[1]]
FOUND_OTHER = Finding(VAGUE.code, "warning", VAGUE.fields, {"found": "若干"})


def said(finding: Finding, explanation: str = "", refused: Any = "") -> Finding:
    return Finding(
        finding.code, finding.severity, finding.fields, finding.facts, explanation=explanation, refused=refused
    )


CARRIED: dict[str, tuple[tuple[Finding, str, str], dict[str, Any], Finding, tuple[str, str, bool]]] = {
    # name: (found before, its state, its explanation), the new record, found now → (state, explanation, it follows)
    "new, nothing said": ((LOST, "open", ""), record(), VAGUE, ("open", "", False)),
    "new, explained": ((LOST, "open", ""), record(), said(VAGUE, WHY), ("explained", WHY, False)),
    "new, refused": ((LOST, "open", ""), record(), said(VAGUE, "无", "stock"), ("open", "无", False)),
    "an error is never explained": ((VAGUE, "open", ""), record(), said(LOST, WHY), ("open", WHY, False)),
    "open": ((VAGUE, "open", ""), record(), VAGUE, ("open", "", True)),
    "explained before": ((VAGUE, "explained", WHY), record(), VAGUE, ("explained", WHY, True)),
    "explained before, in a row that moved": (
        (VAGUE, "explained", WHY), record(ROWS[::-1]), moved(VAGUE), ("explained", WHY, True),
    ),
    "explained anew": ((VAGUE, "open", ""), record(), said(VAGUE, WHY), ("explained", WHY, True)),
    "upheld": ((VAGUE, "upheld", ""), record(), VAGUE, ("upheld", "", True)),
    "upheld, though explained anew": ((VAGUE, "upheld", "无"), record(), said(VAGUE, WHY), ("upheld", WHY, True)),
    "accepted": ((VAGUE, "accepted", WHY), record(), VAGUE, ("accepted", WHY, True)),
    "withdrawn": ((LOST, "withdrawn", ""), record(), LOST, ("withdrawn", "", True)),
    "withdrawn, in a row that moved": (
        (VAGUE, "withdrawn", ""), record(ROWS[::-1]), moved(VAGUE), ("withdrawn", "", True),
    ),
    "accepted of another value": (
        (VAGUE, "accepted", WHY), record(OTHER_TARGET), FOUND_OTHER, ("open", "", False),
    ),
    "the same value in another row": ((VAGUE, "accepted", WHY), record(OTHER_ROW), VAGUE, ("open", "", False)),
    "withdrawn, other numbers": (
        (LOST, "withdrawn", ""), record(june=40), Finding("PL-02", "error", LOST.fields, {"before": 60, "after": 40}),
        ("open", "", False),
    ),
    "graver now": (
        (VAGUE, "accepted", WHY), record(), Finding(VAGUE.code, "error", VAGUE.fields, VAGUE.facts), ("open", "", False),
    ),
    "upheld, the same words for another value": (
        (VAGUE, "upheld", WHY), record(OTHER_TARGET), said(FOUND_OTHER, WHY), ("open", WHY, False),
    ),
    "upheld, other words for another value": (
        (VAGUE, "upheld", "无"), record(OTHER_TARGET), said(FOUND_OTHER, WHY), ("explained", WHY, False),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CARRIED)
def test_what_follows_a_finding_to_the_next_draft(case: str) -> None:
    (found, state, text), after, now, expected = CARRIED[case]
    explained = {7: Explanation(7, text, who="907001", at="2024-01-02")} if text else {}
    (one,) = follow(FormerDraft(record(), (kept(found, state),), explained), after, [now], KEY)
    followed = one.finding.follows == 7
    assert (one.finding.state, one.explanation.text if one.explanation else "", followed) == expected


@pytest.mark.parametrize(("code", "fields"), [("ID-05", ("code",)), ("RD-16", ())])
def test_what_concerns_a_unit_or_a_book_is_nobodys_to_put_right_again(code: str, fields: tuple[str, ...]) -> None:
    """As where a decision on it is taken back, or it was explained."""
    finding, explanation = KeptFinding(code, "warning", fields, state="upheld"), Explanation(7, WHY)
    assert undecided_state(finding, KEY[1]) == undecided_state(finding, KEY[1], explanation) == "noted"


def test_of_rows_alike_each_keeps_its_own() -> None:
    """Two findings that say the same in two rows: what was decided of each stays with its row, wherever that moves."""
    rows = [{"level3": name, "target": "100%", "basis": basis} for name, basis in (("甲", "一"), ("乙", "二"))]
    both = [Finding("IN-15", "warning", (f"indicators[{at}].target",), {"found": "100%"}) for at in (0, 1)]
    states = ("withdrawn", "open")
    before = [KeptFinding(one.code, one.severity, one.fields, "", one.facts, state, 1, None, at) for at, (one, state) in enumerate(zip(both, states, strict=True), 1)]  # fmt: skip
    for order in (rows, rows[::-1], [{"level3": "新", "target": "100%", "basis": "三"}, *rows]):
        findings = [
            Finding("IN-15", "warning", (f"indicators[{at}].target",), {"found": "100%"}) for at in range(len(order))
        ]
        found = follow(FormerDraft(record(rows), tuple(before)), record(order), findings, KEY)
        expected = {"甲": "withdrawn", "乙": "open", "新": "open"}
        assert [one.finding.state for one in found] == [expected[row["level3"]] for row in order]


@pytest.mark.parametrize("state", ["open", "explained", "upheld", "accepted", "withdrawn"])
@pytest.mark.parametrize("severity", ["error", "warning", "fix", "hint"])
def test_what_must_still_be_done(severity: str, state: str) -> None:
    expected = severity in ("error", "warning") and state in ("open", "upheld")
    assert must_be_done(KeptFinding("MN-01", severity, state=state)) == expected


def invented(chance: random.Random) -> dict[str, str]:
    """A row of an invented table."""
    return {
        name: "".join(chance.choices("甲乙丙丁戊己庚辛", k=6)) for name in ("level3", "description", "target", "basis")
    }


@pytest.mark.parametrize("seed", range(20))
def test_any_rows_moved_added_and_changed_keep_what_was_decided_of_those_that_are_the_same(seed: int) -> None:
    chance = random.Random(seed)
    rows = [invented(chance) for _ in range(chance.randint(1, 8))]
    columns = ("target", "basis")

    def found(table: list[dict[str, str]]) -> list[tuple[Finding, str]]:
        """What a check of every cell says, without saying what the cell holds, with the name of its row."""
        return [
            (Finding("TX-05", "warning", (f"indicators[{at}].{column}",), {"n": 1}), row["level3"])
            for at, row in enumerate(table)
            for column in columns
        ]

    states = [chance.choice(("open", "explained", "upheld", "accepted", "withdrawn")) for _ in found(rows)]
    before = tuple(
        KeptFinding(one.code, one.severity, one.fields, "", one.facts, state, 1, None, id)
        for id, ((one, _), state) in enumerate(zip(found(rows), states, strict=True), start=1)
    )
    told = {kept_.id: Explanation(kept_.id, WHY) for kept_ in before if kept_.state == "explained"}
    decided = {
        (name, one.fields[0].rpartition(".")[2]): state for (one, name), state in zip(found(rows), states, strict=True)
    }
    later = [dict(row) for row in rows if chance.random() < 0.9]
    changed_cells = {(row["level3"], "target") for row in later if chance.random() < 0.3}
    for row in later:
        row["target"] += "改" if (row["level3"], "target") in changed_cells else ""
    later += [invented(chance) for _ in range(chance.randint(0, 3))]
    chance.shuffle(later)
    now = found(later)
    followed = follow(FormerDraft(record(rows), before, told), record(later), [one for one, _ in now], KEY)
    for (one, name), kept_now in zip(now, followed, strict=True):
        cell = name, one.fields[0].rpartition(".")[2]
        assert kept_now.finding.state == ("open" if cell in changed_cells else decided.get(cell, "open"))


# A round ---------------------------------------------------------------------------------------------------------------


def changed(**columns: str) -> list[dict[str, Any]]:
    """The indicators of the first project; the last one differs."""
    rows = [dict(row) for row in TOWNSHIP["projects"][0]["indicators"]]
    rows[-1] |= columns
    return rows


WRONG = "清政办〔2022〕18号《清溪县村民小组长补贴发放办法"
HIGH = changed(target="100%")
"""A target that is worth a question, at 核实性."""


ROUND = Round(Path(), "2024一上", 2024, "一上", ("project-target",), "2024-03-15", "", "", "", 1, FOLDERS["zh-CN"])


@cache
def made(changes: str = "{}", unit: RegisteredUnit = UNIT, number: int = 1) -> bytes:
    """The workbook of a project; ``changes``: its other answers, as JSON."""
    return book(ROUND, unit, (number,), **json.loads(changes))


def drop(folder: Path, name: str, **changes: Any) -> bytes:
    """A workbook of the first project in the inbox."""
    return drop_bytes(folder, name, made(json.dumps(changes)))


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory, database: str) -> Path:
    """A round with its registry."""
    folder = tmp_path_factory.mktemp("start") / "2024一上"
    assert run("round", "new", folder, "--year", 2024, "--deadline", "2024-03-15")[0] == 0
    source = folder.parent / "名册.csv"
    source.write_text(rows(), encoding="utf-8")
    go(folder, "registry", source)
    return folder


def copy_of(folder: Path, target: Path) -> Path:
    return copy_round(folder, target / folder.name)


@pytest.fixture
def folder(start: Path, tmp_path: Path) -> Path:
    return copy_of(start, tmp_path)


def drop_bytes(folder: Path, name: str, data: bytes) -> bytes:
    path = folder / "收表箱" / name
    path.write_bytes(data)
    time = 1_710_000_000 + 60 * len(list(path.parent.iterdir()))
    os.utime(path, (time, time))
    return data


def go(folder: Path, *words: object, status: int = 0) -> str:
    found, out, err = run("round", *words, "--in", folder)
    assert found == status, out + err
    return out + err


def decide(folder: Path, *words: object, status: int = 0) -> str:
    return go(folder, "decide", UNIT.code, 1, *words, status=status)


def collect(folder: Path, *words: object) -> str:
    found, out, err = run("round", "collect", *words, "--in", folder)
    assert found in (0, 1), out + err
    return out


def dossier(folder: Path, unit: str = UNIT.code) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(go(folder, "status", unit, 1, "--json"))
    return found


def states(folder: Path) -> dict[str, str]:
    """The states of what is found, but for what openpyxl does to a file."""
    return {one["code"]: one["state"] for one in dossier(folder)["findings"] if not one["code"].startswith("RD")}


def explained(data: bytes, text: str, mark: str = "核实") -> bytes:
    """The flagged copy of a workbook, as a unit sends it again with an explanation typed in."""
    workbook = openpyxl.load_workbook(BytesIO(flag(data).files[0].data))
    sheet = workbook["审核意见"]
    heads = {str(cell.value): cell.column for cell in sheet[4]}
    column = next(at for head, at in heads.items() if head.startswith("出错说明"))
    for row in range(5, sheet.max_row + 1):
        listed = opinion_key.parse_key(str(sheet.cell(row, heads["意见码"]).value or ""))
        if listed and str(sheet.cell(row, heads["标记"]).value).startswith(mark):
            sheet.cell(row, column).value = text
    stream = BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def test_an_explanation_typed_into_the_flagged_file_settles_its_finding(folder: Path) -> None:
    data = drop(folder, "1.xlsx", indicators=HIGH, plan=WRONG_PLAN)
    collect(folder)
    assert states(folder) == {"IN-15": "open", "PL-02": "open"}
    drop_bytes(folder, "2.xlsx", explained(data, "无"))
    assert collect(folder).count("收到") == 1, "an explanation alone is a draft"
    assert states(folder) == {"IN-15": "open", "PL-02": "open"}, "a stock phrase explains nothing"
    drop_bytes(folder, "3.xlsx", explained(data, f" {WHY}\n"))
    collect(folder)
    found = dossier(folder)
    assert states(folder) == {"IN-15": "explained", "PL-02": "open"}
    assert [one["explanation"] for one in found["findings"]][:2] == ["", f" {WHY}\n"], "verbatim"
    drop(folder, "4.xlsx", indicators=HIGH)
    collect(folder)
    assert states(folder) == {"IN-15": "explained"}, "the next draft comes without 审核意见"
    drop_bytes(folder, "5.xlsx", explained(made(json.dumps({"indicators": HIGH})), f" {WHY}\n"))
    assert collect(folder).count("收到") == 0, "nothing in it is new"
    drop(folder, "6.xlsx", indicators=changed(target="99.9%"))
    collect(folder)
    assert "explained" not in states(folder).values()


def test_an_explanation_is_a_draft_of_its_project_alone(folder: Path) -> None:
    data = book(ROUND, UNIT, (1, 2), indicators=HIGH)
    drop_bytes(folder, "1.xlsx", data)
    collect(folder)
    drop_bytes(folder, "2.xlsx", explained(data, WHY))
    collect(folder)
    drafts = [json.loads(go(folder, "status", UNIT.code, number, "--json"))["drafts"] for number in (1, 2)]
    assert [len(one) for one in drafts] == [2, 1]


def test_one_explanation_is_about_all_cells_of_its_finding(folder: Path) -> None:
    rows = [{**row, "basis": WRONG} if at < 3 else row for at, row in enumerate(changed())]
    data = drop(folder, "1.xlsx", indicators=rows)
    collect(folder)
    drop_bytes(folder, "2.xlsx", explained(data, WHY))
    collect(folder)
    (found,) = [one for one in dossier(folder)["findings"] if one["code"] == "BS-04"]
    assert (found["state"], len(found["fields"])) == ("explained", 3)
    assert state_of(folder, UNIT.code)["ready"] == 1


@pytest.fixture(scope="module")
def came(start: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copy_of(start, tmp_path_factory.mktemp("came"))
    drop_bytes(folder, "1.xlsx", explained(made(json.dumps({"indicators": HIGH, "plan": WRONG_PLAN})), WHY))
    collect(folder)
    return folder


@pytest.fixture
def reviewed(came: Path, tmp_path: Path) -> Path:
    """A round in which the first project came: an error as finding 1, a warning that is explained as finding 2."""
    return copy_of(came, tmp_path)


ORDERS: Mapping[str, tuple[tuple[object, ...], tuple[object, ...]]] = {
    "uphold": (("uphold", "--finding", 2), ("take-back", "--finding", 2)),
    "accept": (("accept", "--finding", 2), ("take-back", "--finding", 2)),
    "withdraw": (("withdraw", "--finding", 1), ("take-back", "--finding", 1)),
    "remark": (("remark", "--what", "依据不明"), ("take-back", "--remark", 1)),
    "return": (("return",), ("take-back",)),
}


def meaning(folder: Path) -> dict[str, Any]:
    """What a project's rows mean, but for the list of what was decided."""
    found = dossier(folder)
    return {name: value for name, value in found.items() if name != "decisions"}


@pytest.mark.parametrize("order", ORDERS)
def test_what_is_decided_and_taken_back_is_as_it_was(order: str, reviewed: Path) -> None:
    before = meaning(reviewed)
    words, back = ORDERS[order]
    for _ in range(2):
        decide(reviewed, *words, "--who", "李芳")
        after = meaning(reviewed)
        assert after != before or order == "return"
        decide(reviewed, *back)
        assert meaning(reviewed) == before
        if order == "remark":
            break
    assert "还没有处理过" in decide(reviewed, *back, status=2) or order in ("remark", "return")
    with open_store(find_round(reviewed).store, write=False) as store:
        assert check_store(store) == ()


def test_a_decision_follows_to_the_next_draft_and_can_be_taken_back_there(reviewed: Path) -> None:
    decide(reviewed, "accept", "--finding", 2, "--who", "李芳")
    decide(reviewed, "remark", "--what", "依据不明", "--who", "李芳")
    go(reviewed, "return")
    drop(reviewed, "2.xlsx", indicators=HIGH)
    collect(reviewed)
    (finding,) = dossier(reviewed)["findings"]
    assert (finding["state"], finding["explanation"], finding["decision"]["who"]) == ("accepted", WHY, "李芳")
    assert dossier(reviewed)["state"] == "review", "the remark is open still"
    found = stores.ask(reviewed, "SELECT open_remarks, open_warnings FROM current_draft WHERE submission IS NOT NULL")
    assert found == [(1, 0)]
    assert "没有别的决定" in decide(reviewed, "take-back", status=2), "the draft that was returned counts no longer"
    decide(reviewed, "take-back", "--finding", 1)
    assert dossier(reviewed)["findings"][0]["state"] == "explained"
    assert dossier(reviewed)["findings"][0]["decision"] is None
    decide(reviewed, "done", "--remark", 1)
    assert dossier(reviewed)["state"] == "ready"
    decide(reviewed, "take-back", "--remark", 1)
    assert dossier(reviewed)["remarks"][0]["state"] == "open"


def test_nothing_passes_while_something_is_to_be_done(reviewed: Path) -> None:
    decide(reviewed, "uphold", "--finding", 2)
    decide(reviewed, "remark", "--todo", "请附文件", "--field", "H13")
    refused = decide(reviewed, "approve", "--why", "急", status=2)
    assert all(words in refused for words in ("必改1条没有改好（第1条）", "核实1条", "第2条", "人工意见1条"))
    assert "只用于核实" in decide(reviewed, "accept", "--finding", 1, status=2), "an error cannot be explained"
    decide(reviewed, "withdraw", "--finding", 1)
    decide(reviewed, "accept", "--finding", 2)
    decide(reviewed, "done", "--remark", 1)
    decide(reviewed, "approve", "--who", "王五")
    assert dossier(reviewed)["decisions"][-1]["who"] == "王五"
    for words in (
        ("take-back", "--finding", 1),
        ("take-back", "--remark", 1),
        ("remark", "--what", "再看"),
        ("return",),
    ):
        assert "先取消通过" in decide(reviewed, *words, status=2), "it rests on that"
    decide(reviewed, "take-back")
    assert dossier(reviewed)["state"] == "ready"


REVIEWS = [("uphold", "--finding", 2), ("remark", "--what", "依据不明"), ("return",)]


@pytest.mark.parametrize("words", REVIEWS, ids=lambda words: words[0])
def test_a_review_in_progress_is_not_overwritten(words: tuple[object, ...], reviewed: Path) -> None:
    decide(reviewed, *words)
    before = [draft["counts"] for draft in dossier(reviewed)["drafts"]]
    drop(reviewed, "2.xlsx", indicators=HIGH)
    assert "正在审核" in collect(reviewed)
    found = dossier(reviewed)
    assert [draft["counts"] for draft in found["drafts"]] == [*before, False]
    assert "有一个问题待确认" in decide(reviewed, "approve", status=2)
    assert found["question"]["kind"] == "in_review"


def test_what_was_taken_back_is_no_review(reviewed: Path) -> None:
    decide(reviewed, "uphold", "--finding", 2)
    decide(reviewed, "take-back", "--finding", 2)
    drop(reviewed, "2.xlsx", indicators=HIGH)
    assert "待确认" not in collect(reviewed)


# Questions -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def came_again(came: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copy_of(came, tmp_path_factory.mktemp("again"))
    decide(folder, "uphold", "--finding", 2)
    drop(folder, "2.xlsx", indicators=HIGH)
    collect(folder)
    return folder


@pytest.fixture
def asked(came_again: Path, tmp_path: Path) -> Path:
    """A round in which a second draft came while the first was reviewed."""
    return copy_of(came_again, tmp_path)


@pytest.mark.parametrize(("answer", "counts"), [("new", 2), ("old", 1), ("aside", 1)])
def test_a_question_is_answered_and_the_answer_taken_back(answer: str, counts: int, asked: Path) -> None:
    before = meaning(asked)
    decide(asked, answer)
    found = dossier(asked)
    assert (found["question"], [draft["draft"] for draft in found["drafts"] if draft["counts"]]) == (None, [counts])
    assert len(found["put_aside"]) == (answer == "aside")
    assert "upheld" in states(asked).values(), "what was decided follows"
    decide(asked, "take-back")
    assert meaning(asked) == before
    decide(asked, answer)


def test_of_sheets_that_nobody_can_order_any_may_count(folder: Path) -> None:
    for name, day in (("甲", "按月"), ("乙", "按季"), ("丙", "按年")):
        drop(folder, f"{name}.xlsx", purpose=f"用于发放村民小组长补贴，{day}发放。")
        os.utime(folder / "收表箱" / f"{name}.xlsx", (1_710_000_000, 1_710_000_000))
    collect(folder)
    for words, draft in ((("old",), 2), (("new",), 3), (("new", "--draft", 1), 1)):
        decide(folder, *words)
        assert [one["draft"] for one in dossier(folder)["drafts"] if one["counts"]] == [draft]
        decide(folder, "take-back")
        assert (dossier(folder)["state"], [one for one in dossier(folder)["drafts"] if one["counts"]]) == (
            "question",
            [],
        )
    assert "没有能改为作数的第4稿" in decide(folder, "new", "--draft", 4, status=2)


def test_what_was_decided_while_a_question_is_open_follows_too(asked: Path) -> None:
    decide(asked, "accept", "--finding", 2)
    decide(asked, "new")
    assert states(asked) == {"IN-15": "accepted"}


def test_an_answer_on_which_something_rests_is_not_taken_back(asked: Path) -> None:
    decide(asked, "new")
    decide(asked, "remark", "--what", "依据不明")
    assert "写过人工意见" in decide(asked, "take-back", status=2)
    decide(asked, "take-back", "--remark", 1)
    decide(asked, "take-back", "--finding", 1)
    decide(asked, "withdraw", "--finding", 1)
    assert "处理过这一稿的意见" in decide(asked, "take-back", status=2)
    decide(asked, "take-back", "--finding", 1)
    drop(asked, "3.xlsx", indicators=HIGH, purpose="用于发放村民小组长补贴，按季发放。")
    collect(asked)
    assert "又报来了新稿" in decide(asked, "take-back", status=2)


def test_a_sheet_that_is_another_units_becomes_its_draft(asked: Path) -> None:
    before = meaning(asked)
    assert "没有项目99" in decide(asked, "unit", "--unit", f"{OTHER.code}/99", status=2)
    assert "作为那里的新稿" in decide(asked, "unit", "--unit", OTHER.code)
    theirs = dossier(asked, OTHER.code)
    assert [(draft["counts"], draft["file"]) for draft in theirs["drafts"]] == [
        (True, dossier(asked)["drafts"][1]["file"])
    ]
    assert "RD-16" in {one["code"] for one in theirs["findings"]} or theirs["findings"], "it is judged as that unit's"
    assert dossier(asked)["question"] is None
    decide(asked, "take-back")
    assert meaning(asked) == before
    assert not any(draft["counts"] for draft in dossier(asked, OTHER.code)["drafts"])
    with open_store(find_round(asked).store, write=False) as store:
        assert check_store(store) == ()


def test_a_sheet_that_is_another_units_is_asked_again_there(asked: Path) -> None:
    drop_bytes(asked, "那边.xlsx", made(unit=OTHER))
    collect(asked)
    run("round", "decide", OTHER.code, 1, "remark", "--what", "再看", "--in", asked)
    said_ = decide(asked, "unit", "--unit", OTHER.code)
    assert "那里还要确认" in said_
    theirs = dossier(asked, OTHER.code)
    assert [draft["counts"] for draft in theirs["drafts"]] == [True, False]
    assert theirs["question"]["kind"] == "in_review"
    decide(asked, "take-back")
    assert (dossier(asked)["question"]["kind"], dossier(asked, OTHER.code)["question"]) == ("in_review", None)
    assert "没有别的决定" in go(asked, "decide", OTHER.code, 1, "take-back", status=2)
    decide(asked, "unit", "--unit", OTHER.code)
    run("round", "decide", OTHER.code, 1, "old", "--in", asked)
    assert "已经处理过" in decide(asked, "take-back", status=2)


# Any orders ------------------------------------------------------------------------------------------------------------

BACKS = {"uphold": "finding", "accept": "finding", "withdraw": "finding", "remark": "remark", "done": "remark"}
"""What is named to take a decision back; of any other nothing is."""


def invent(chance: random.Random) -> deciding.Order:
    """Any order, with numbers that there are and that there are not."""
    what = chance.choice([*deciding.VERBS, "accept", "uphold", "withdraw", "done"])
    number = chance.choice((1, 1, 2, 2, 3, 9))
    named = BACKS.get(what) or (chance.choice(("finding", "remark", "")) if what == "take-back" else "")
    unit = chance.choice((OTHER.code, OTHER.code, UNIT.code, "999")) if what == "unit" else ""
    text = chance.choice(("依据不明", "")) if what == "remark" else ""
    numbers: dict[str, Any] = {named: number} if named and what != "remark" else {}
    return deciding.Order(what, unit=unit, text=text, **numbers)


def back(order: deciding.Order, made: deciding.Decided) -> deciding.Order:
    """The order that takes one back."""
    named = BACKS.get(order.what, "")
    numbers: dict[str, Any] = {named: made.facts.get("remark", order.finding)} if named else {}
    return deciding.Order("take-back", **numbers)


def known(folder: Path) -> dict[str, Any]:
    """What the round knows of both units' first projects: what counts, what stands."""
    found = {}
    for unit in (UNIT.code, OTHER.code):
        plain = project_plain(dossier_of(find_round(folder), unit, 1), "zh-CN")
        plain["drafts"] = [draft for draft in plain["drafts"] if draft["counts"]]
        found[unit] = {name: value for name, value in plain.items() if name != "decisions"}
    return found


def follow_order(folder: Path, order: deciding.Order) -> deciding.Decided | None:
    """Give an order; one that is refused changes nothing."""
    before, refused = tables(folder), None
    try:
        return deciding.decide(find_round(folder), UNIT.code, 1, order)
    except RoundError as error:
        refused = error
    assert messages.sentence(refused, "en") != messages.sentence(refused)
    assert tables(folder) == before, (order, refused)
    return None


@pytest.mark.parametrize("seed", SEEDS)
def test_any_orders_can_be_taken_back_and_overwrite_nothing(seed: int, reviewed: Path) -> None:
    chance = random.Random(seed)
    for step in range(STEPS):
        if chance.random() < 0.12:
            was, state = known(reviewed)[UNIT.code], dossier(reviewed)
            held = state["state"] == "approved"
            drop(reviewed, f"{step + 2}.xlsx", indicators=HIGH, purpose=f"用于发放第{step}批误工补贴，按季发放。")
            collect(reviewed)
            if held:
                now_ = known(reviewed)[UNIT.code]
                assert (now_["drafts"], now_["state"], now_["question"]["kind"]) == (
                    was["drafts"],
                    "approved",
                    "after_approval",
                )
        order = invent(chance)
        before = known(reviewed)
        made = follow_order(reviewed, order)
        after = known(reviewed)
        if made and order.what != "take-back":
            assert follow_order(reviewed, back(order, made)), order
            assert known(reviewed) == before, order
            if chance.random() < 0.6:
                follow_order(reviewed, order)
        project = after[UNIT.code]
        open_ones = [one for one in project["findings"] if one["must_be_done"]]
        assert project["state"] != "approved" or (
            not open_ones and all(one["state"] == "done" for one in project["remarks"])
        )
    with open_store(find_round(reviewed).store, write=False) as store:
        assert check_store(store) == ()


# A unit, a list, the words ---------------------------------------------------------------------------------------------


def test_an_extension_is_a_decision(folder: Path) -> None:
    for number in (1, 2, 3, 4):
        drop_bytes(folder, f"{number}.xlsx", made(number=number))
    collect(folder, "--arrived", "2024-03-16T08:00")
    assert state_of(folder, UNIT.code)["late"]
    go(folder, "decide", UNIT.code, "extend", "--until", "2024-03-20", "--why", "停电")
    assert not state_of(folder, UNIT.code)["late"]
    assert json.loads(go(folder, "status", UNIT.code, "--json"))["deadline"] == "2024-03-20"
    assert "不比它晚" in go(folder, "decide", UNIT.code, "extend", "--until", "2024-03-18", status=2)
    go(folder, "decide", UNIT.code, "take-back")
    assert state_of(folder, UNIT.code)["late"]


def test_a_list_is_written_filled_in_and_taken_in(reviewed: Path) -> None:
    target = reviewed / "处理.xlsx"
    assert "3条意见" in go(reviewed, "decide", "--to", target)
    workbook = openpyxl.load_workbook(target)
    lines, remarks = (workbook[messages.say(f"sheet.worklist.{tab}.tab")] for tab in ("lines", "remarks"))
    fill(lines, 0, {"处理": "维持", "审核人": "李芳"})
    fill(lines, 1, {"处理": "采纳说明", "审核人": "李芳"})
    fill(remarks, 0, {"项目": "1", "意见": "依据不明", "单元格": "H13", "审核人": "李芳"})
    fill(remarks, 1, {"项目": "99", "意见": "没有这个项目"})
    workbook.save(target)
    said_ = go(reviewed, "decide", "--list", target, status=1)
    assert "处理2条、人工意见1条" in said_
    assert "没有这个项目" in said_
    found = dossier(reviewed)
    assert [(one["state"], one["decision"]["who"]) for one in found["findings"][:2]] == [
        ("upheld", "李芳"),
        ("accepted", "李芳"),
    ]
    assert [(one["what"], one["cell"], one["who"]) for one in found["remarks"]] == [("依据不明", "H13", "李芳")]
    assert "处理0条、人工意见0条；3条" in go(reviewed, "decide", "--list", target, status=1), "once"
    go(reviewed, "return")
    drop(reviewed, "2.xlsx", indicators=HIGH)
    collect(reviewed)
    fill(lines, 0, {"处理": "撤销"})
    fill(lines, 1, {"处理": "撤销"})
    workbook.save(target)
    said_ = go(reviewed, "decide", "--list", target, status=1)
    assert "已经不在作数的一稿里" in said_
    assert states(reviewed) == {"IN-15": "withdrawn"}, "the row is about the finding that follows"


def fill(sheet: Any, at: int, texts: Mapping[str, str]) -> None:
    """Fill a row of a list in, by its headings."""
    (head,) = [
        row for row in range(1, 8) if sheet.cell(row, 1).value and sheet.cell(row, 2).value and sheet.cell(row, 3).value
    ][:1]
    columns = {str(cell.value): cell.column for cell in sheet[head]}
    for heading, text in texts.items():
        sheet.cell(head + 1 + at, next(at for name, at in columns.items() if name.startswith(heading))).value = text


def test_the_dossier_says_what_a_decision_needs(asked: Path) -> None:
    for lang in messages.languages():
        shown = go(asked, "status", UNIT.code, 1, "--lang", lang)
        assert all(f"perfxl round decide {UNIT.code} 1 {word}" in shown for word in ("new", "old", "aside", "unit"))
        assert WHY in shown
    assert "资金支出计划" in go(asked, "status", UNIT.code)


@pytest.mark.store("sqlite")
@pytest.mark.parametrize(
    "words",
    [
        (UNIT.code, 1, "approve", "--finding", 1),
        (UNIT.code, "take-back", "--finding", 1),
        (UNIT.code, 1, "new", "--unit", OTHER.code),
        (UNIT.code, "extend", "--until", "2024-03-20", "--form", "project-target"),
        ("--list", "处理.xlsx", "--why", "有误"),
        ("--to", "处理.xlsx", "--finding", 1),
    ],
    ids=lambda words: " ".join(map(str, words)),
)
def test_an_option_that_a_decision_does_not_take_is_refused(words: tuple[object, ...], folder: Path) -> None:
    assert "不能一起写" in go(folder, "decide", *words, status=2)


@pytest.mark.store("sqlite")
@pytest.mark.parametrize(
    "words",
    [(UNIT.code,), (UNIT.code, 1, "uphold"), (UNIT.code, "extend"), (UNIT.code, "return"), (UNIT.code, 1, "unit"), ()],
    ids=lambda words: " ".join(map(str, words)),
)
def test_what_a_decision_needs_is_asked_for(words: tuple[object, ...], folder: Path) -> None:
    assert go(folder, "decide", *words, status=2).startswith("缺")


def test_several_projects_pass_at_once_and_one_that_cannot_holds_up_no_other(reviewed: Path) -> None:
    assert "没有待审定的项目" in go(reviewed, "decide", UNIT.code, "approve", status=2)
    decide(reviewed, "withdraw", "--finding", 1)
    decide(reviewed, "accept", "--finding", 2)
    assert go(reviewed, "decide", UNIT.code, "approve") == f"{UNIT.code}　项目1：审核通过。\n"
    decide(reviewed, "take-back")
    said = go(reviewed, "decide", UNIT.code, 2, 1, "approve", status=2).splitlines()
    assert said[0] == f"{UNIT.code}　项目1：审核通过。"
    assert f"{UNIT.code}的项目2" in said[1]
    assert dossier(reviewed)["state"] == "approved"
    assert go(reviewed, "decide", UNIT.code, 1, 2, "old", status=2).startswith("多写了")
    assert "名册里没有单位" in go(reviewed, "decide", "999", "approve", status=2)


@pytest.mark.store("sqlite")
@pytest.mark.parametrize("place", ["H13", "budget.total", "预算数", "indicators[7].target", "社会效益指标第1条·指标值"])
def test_a_remark_is_on_a_place_as_people_name_it(place: str, reviewed: Path) -> None:
    decide(reviewed, "remark", "--what", "请核对", "--field", place)
    (remark,) = dossier(reviewed)["remarks"]
    assert bool(remark["cell"]) == (place == "H13")
    assert bool(remark["field"]) == (place != "H13")
    assert "找不到“没有的栏目”" in decide(reviewed, "remark", "--what", "请核对", "--field", "没有的栏目", status=2)


def test_every_verb_is_offered_and_has_its_words() -> None:
    assert set(cli_round.DECISIONS) == {*deciding.VERBS, "extend"}
    extra = {f"take-back-{word}" for word in ("finding", "answer", "return", "remark", "done")}
    for lang in messages.languages():
        keys = {
            key.split(".")[2] for key in messages.text_keys("decisions", lang) if key.startswith("decisions.decided.")
        }
        assert keys == ({*deciding.VERBS} | extra), lang


@pytest.mark.store("sqlite")
def test_a_store_of_the_schema_before_is_migrated_and_proved(reviewed: Path) -> None:
    """The events of its findings say nothing of what they follow."""
    file = reviewed / "store.sqlite3"
    with sqlite3.connect(file) as store:
        store.execute("DROP TABLE base")
        store.execute("DROP INDEX ix_finding_follows")
        store.execute("ALTER TABLE finding DROP COLUMN follows")
        store.execute("UPDATE event SET facts = json_remove(facts, '$.after.follows') WHERE about = 'finding'")
        store.execute("UPDATE alembic_version SET version_num = '0002'")
    with open_store(file, write=True) as opened:
        assert check_store(opened) == ()
    decide(reviewed, "uphold", "--finding", 2)
    with sqlite3.connect(file) as store:
        found = store.execute(
            "SELECT open_errors, open_warnings FROM current_draft WHERE number = 1 AND submission"
        ).fetchall()
    assert found == [(1, 1)], "what is upheld is open"


def test_what_was_explained_of_a_finding_that_is_gone_stands_beside_the_remarks(reviewed: Path) -> None:
    """It may be about one of them."""
    decide(reviewed, "remark", "--what", "依据不明")
    go(reviewed, "return")
    drop(reviewed, "2.xlsx", plan=WRONG_PLAN)
    collect(reviewed)
    assert dossier(reviewed)["other_explanations"] == [WHY]
    assert f"另有出错说明：{WHY}" in go(reviewed, "status", UNIT.code, 1)
