"""What a round holds, exported: the same records in every format as in the store, nothing secret, the approved draft."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import sqlite3
import sys
import tempfile
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import jsonschema
import openpyxl
import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rounds import stores
from rounds.stores import copy_round
from rounds.test_collect import FORM, UNIT, book
from rounds.test_round_commands import folder, rows, run

from perfxl import generate, json_data, messages
from perfxl.cli_round import STATE_WORDS
from perfxl.errors import RoundError
from perfxl.form import installed
from perfxl.form.answers import flatten
from perfxl.form.types.number import is_number
from perfxl.rounds.desk import exporting
from perfxl.rounds.desk.exporting import ExportOrder
from perfxl.rounds.export import workbook
from perfxl.rounds.export.columnar import write_duckdb, write_parquet
from perfxl.rounds.export.csv_file import csv_value, write_csv
from perfxl.rounds.export.database import write_database
from perfxl.rounds.export.project import ExportedProject
from perfxl.rounds.export.tables import export_tables
from perfxl.rounds.export.workbook import write_tables
from perfxl.rounds.round import find_round
from perfxl.rounds.states import STATES
from perfxl.rounds.store.opening import open_store
from perfxl.rounds.store.rows import Explanation
from perfxl.workbook.reading.read import read_submissions

__all__ = ["folder"]
pytestmark = pytest.mark.store("sqlite", "postgresql")
FILLED = Path(__file__).parents[2] / "examples" / "filled"
OTHER_PURPOSE = "用于发放村民小组长补贴，按季发放。"


@pytest.fixture(scope="module")
def taken_once(tmp_path_factory: pytest.TempPathFactory, database: str) -> Path:
    place = tmp_path_factory.mktemp("export")
    made = place / "2024一上"
    run("round", "new", made, "--year", 2024)
    (place / "名册.csv").write_text(rows(), encoding="utf-8")
    run("round", "registry", place / "名册.csv", "--in", made)
    (made / "收表箱" / "报.xlsx").write_bytes(book(find_round(made)))
    run("round", "collect", "--in", made)
    return made


@pytest.fixture
def taken(taken_once: Path, tmp_path: Path) -> Path:
    """A round in which the four projects of one unit came, the other's did not."""
    return copy_round(taken_once, tmp_path / taken_once.name)


def export(folder: Path, *words: object) -> list[Path]:
    status, out, err = run("round", "export", "--in", folder, *words)
    assert status == 0, err
    return [Path(line) for line in out.splitlines()]


def document(folder: Path, *words: object) -> dict[str, Any]:
    status, out, err = run("round", "export", "--json", "--in", folder, *words)
    assert status == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def records(folder: Path) -> dict[int, Any]:
    with open_store(find_round(folder).store, write=False) as store:
        return {kept.project[2]: kept.record for kept in store.submissions()}


def from_csv(text: str) -> str:
    """What was typed, by the rule of the manual: one apostrophe is taken off the beginning."""
    return text.removeprefix("'")


def rows_of_csv(path: Path) -> list[dict[str, str]]:
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def rows_of_sheet(path: Path, name: str) -> list[dict[str, Any]]:
    sheet = openpyxl.load_workbook(path)[name]
    headings, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(headings, row, strict=True)) for row in rows]


def rows_of_database(path: Path, name: str) -> list[dict[str, Any]]:
    with sqlite3.connect(path) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(f'SELECT * FROM "{name}"')]


def test_json_holds_the_records_of_the_store(taken: Path) -> None:
    found = document(taken)
    assert {project["number"]: project["record"] for project in found["projects"]} == records(taken)
    assert {project["unit"] for project in found["projects"]} == {UNIT.code}
    assert [unit["code"] for unit in found["units"]] == ["907001", "907002"]
    _, out, _ = run("round", "export", "--json-schema", "--in", taken)
    schema = json.loads(out)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(found, schema)
    found["projects"][0]["record"]["purpose"] = 5
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(found, schema)
    (path,) = export(taken, "--format", "json")
    assert json.loads(path.read_text(encoding="utf-8")) == document(taken)


def test_the_flat_tables_say_in_each_format_what_the_records_say(taken: Path) -> None:
    paths = export(taken, "--format", "csv", "--format", "xlsx", "--format", "sqlite")
    assert [path.name for path in paths] == [
        "2024一上_项目绩效目标表.csv", "2024一上_项目绩效目标表·绩效指标.csv", "2024一上.xlsx", "2024一上.sqlite",
    ]  # fmt: skip
    stored = records(taken)
    for table, comma in zip(export_tables([FORM], "zh-CN"), paths, strict=False):
        sheet, queried = rows_of_sheet(paths[2], table.name), rows_of_database(paths[3], table.name)
        assert sheet == queried
        assert [{key: csv_text(value) for key, value in row.items()} for row in queried] == [
            {key: from_csv(text) for key, text in row.items()} for row in rows_of_csv(comma)
        ]
        for column in table.columns:
            if column.kind:
                assert [row[column.heading] for row in sheet] == list(answers(stored, table, column))
    (projects, indicators) = (rows_of_sheet(paths[2], table.name) for table in export_tables([FORM], "zh-CN"))
    assert len(indicators) == sum(len(record["indicators"]) for record in stored.values())
    assert sum(row["预算数（万元）"] for row in projects) == sum(
        record["budget"]["total"] for record in stored.values()
    )
    assert "预算数（万元）" not in indicators[0], "an amount in each row would be summed many times"
    assert {type(row["单位代码"]) for row in projects} == {str}
    assert {type(row["财政资金（万元）"]) for row in projects} <= {int, float}
    assert [row["行次"] for row in indicators].count(1) == len(projects)


def csv_text(value: Any) -> str:
    return "" if value is None else str(value)


def answers(stored: dict[int, Any], table: Any, column: Any) -> Iterator[Any]:
    for record in stored.values():
        found = flatten(FORM, record)
        for values in found.rows[table.table.id] if table.table else [found.head]:
            value = values[column.key]
            yield value if is_number(value) else column.kind.show(value)


def test_the_workbook_says_what_each_column_is(taken: Path) -> None:
    (path,) = export(taken)
    listed = rows_of_sheet(path, "说明")
    named = [(table.name, column.heading) for table in export_tables([FORM], "zh-CN") for column in table.columns]
    assert [(row["工作表"], row["列"]) for row in listed[:-1]] == named
    assert all(row["内容"] for row in listed)


def test_the_same_store_gives_the_same_bytes(taken: Path, tmp_path: Path) -> None:
    words = [word for format in ("xlsx", "csv", "json", "records") for word in ("--format", format)]
    first, second = (export(taken, *words, "-o", tmp_path / name) for name in ("一", "二"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_records_generate_sheets_that_read_as_the_same_records(taken: Path, tmp_path: Path) -> None:
    (path,) = export(taken, "--format", "records")
    assert path.parent == taken / "导出" / "records"
    (made,) = generate(path, form=FORM.name, prefill="all", output=tmp_path)
    assert made.path
    assert {one.record["number"]: one.record for one in read_submissions(made.path)} == records(taken)


def test_what_passed_is_exported_as_it_passed(taken: Path) -> None:
    run("round", "decide", UNIT.code, 1, "approve", "--why", "合格", "--in", taken)
    passed = records(taken)[1]
    (taken / "收表箱" / "又报.xlsx").write_bytes(book(find_round(taken), purpose=OTHER_PURPOSE))
    run("round", "collect", "--in", taken)
    for word in ("approved", "审核通过"):
        (project,) = document(taken, "--state", word)["projects"]
        assert project["record"] == passed
    assert (project["state"], project["resubmitted"]) == ("approved", True)
    assert [(one["what"], one["why"]) for one in project["decisions"]] == [("approved", "合格")]
    (path,) = export(taken, "--state", "approved")
    (row,) = rows_of_sheet(path, FORM.label)
    assert (row["状态"], row["备注"]) == ("审核通过", "通过后又报")


def test_what_did_not_come_is_left_out_and_said_or_asked_for(taken: Path) -> None:
    _, _, err = run("round", "export", "--in", taken)
    assert "还没有一稿作数的4个项目不在内" in err
    missing = document(taken, "--state", "missing")["projects"]
    assert [(project["unit"], project["record"], project["draft"]) for project in missing] == [
        ("907002", None, None)
    ] * 4
    (path,) = export(taken, "--state", "未报", "--force")
    assert [row["状态"] for row in rows_of_sheet(path, FORM.label)] == ["未报"] * 4


def test_what_is_secret_is_never_exported_and_what_is_not_public_says_so(taken: Path, tmp_path: Path) -> None:
    """The registry says so after the sheets came: the store has them, an export has not."""
    secret = tmp_path / "名册.xlsx"
    run("round", "registry", "--to", secret, "--in", taken)
    workbook = openpyxl.load_workbook(secret)
    sheet = workbook.worksheets[1]
    heads = [cell.value for cell in sheet[3]]
    for row, word in ((4, "涉密"), (5, "不公开")):
        sheet.cell(row, heads.index("公开属性") + 1).value = word
    workbook.save(secret)
    assert run("round", "registry", secret, "--in", taken)[0] == 0
    name = records(taken)[1]["name"]
    for words in ((), ("--state", "review", "--state", "ready")):
        found = document(taken, *words)["projects"]
        assert [project["number"] for project in found] == [2, 3, 4]
        assert [project["disclosure"] for project in found] == ["closed", "open", "open"]
    paths = export(
        taken, *(word for format in ("xlsx", "csv", "json", "sqlite", "records") for word in ("--format", format))
    )
    assert "涉密的1个项目没有导出" in run("round", "export", "--in", taken, "--force")[2]
    assert not [path for path in paths if name.encode() in path.read_bytes()]
    assert [row["公开属性"] for row in rows_of_csv(paths[1])] == ["不公开", "公开", "公开"]


def test_findings_and_what_is_to_be_done(folder: Path) -> None:
    plan = {"march": 60, "june": 50, "october": 80, "december": 100}
    (folder / "收表箱" / "报.xlsx").write_bytes(book(find_round(folder), plan=plan))
    run("round", "collect", "--in", folder)
    (project, *_) = document(folder)["projects"]
    found = next(one for one in project["findings"] if one["code"] == "PL-02")
    assert (found["severity"], found["state"], found["facts"]["gap"]) == ("error", "open", 10)
    (path,) = export(folder)
    errors = sum(one["severity"] == "error" for one in project["findings"])
    assert rows_of_sheet(path, FORM.label)[0]["必改"] == errors > 0


def test_what_was_said_of_an_earlier_draft_and_stands_is_exported(folder: Path) -> None:
    """A remark is open through drafts; a decision follows its finding."""
    plan = {"march": 60, "june": 50, "october": 80, "december": 100}

    def come(name: str, **changes: Any) -> None:
        (folder / "收表箱" / name).write_bytes(book(find_round(folder), numbers=(1,), plan=plan, **changes))
        assert run("round", "collect", "--in", folder)[0] in (0, 1)

    def decide(*words: object) -> None:
        assert run("round", "decide", UNIT.code, 1, *words, "--in", folder)[0] == 0

    come("一.xlsx")
    decide("remark", "--what", "依据不明")
    decide("uphold", "--finding", 1, "--why", "应逐月递增", "--who", "李芳")
    with open_store(find_round(folder).store, write=True) as store, store.group("", "2024-03-02") as group:
        ((finding, *_),) = (kept.findings for kept in store.submissions())
        group.add_explanation(Explanation(finding.id, "按月发放。"))
    assert run("round", "return", "--in", folder)[0] == 0
    come("二.xlsx", purpose=OTHER_PURPOSE)
    (project,) = document(folder)["projects"]
    assert (project["draft"], project["state"]) == (2, "review")
    assert [(one["what"], one["state"]) for one in project["remarks"]] == [("依据不明", "open")]
    assert [one["state"] for one in project["findings"] if one["code"] == "PL-02"] == ["upheld"]
    assert [one["explanation"] for one in project["findings"] if one["code"] == "PL-02"] == ["按月发放。"]
    assert "应逐月递增" in {one["why"] for one in project["decisions"]}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "还没有一稿作数"),
        (("--state", "approved"), "没有状态为审核通过的项目"),
        (("--state", "passed"), "--state只能写missing、"),
        (("--format", "pdf"), "--format只能写xlsx、"),
    ],
)
def test_a_mistake_is_one_sentence_and_writes_nothing(words: tuple[str, ...], said: str, folder: Path) -> None:
    status, out, err = run("round", "export", "--in", folder, *words)
    assert (status, out, said in err) == (2, "", True), err
    assert len(err.strip().splitlines()) == 1
    assert [*(folder / "导出").iterdir()] == []


def test_states_are_typed_by_the_words_of_the_board() -> None:
    assert {state: messages.say(f"rounds.state.{state}") for state in STATES} == {
        state: word for word, state in STATE_WORDS.items()
    }


def test_a_file_that_is_there_is_not_written_over_without_a_word(taken: Path) -> None:
    (path,) = export(taken)
    path.write_bytes(b"mine")
    status, out, err = run("round", "export", "--format", "json", "--format", "xlsx", "--in", taken)
    assert (status, out, "--force" in err) == (2, "", True)
    assert path.read_bytes() == b"mine"
    assert [one.name for one in (taken / "导出").iterdir()] == [path.name], "none of the others either"
    assert export(taken, "--force") == [path]


def test_a_store_is_only_read(taken: Path) -> None:
    before = stores.rows(taken)
    export(taken, "--format", "json")
    assert stores.rows(taken) == before


def test_a_finding_that_names_a_secret_project_loses_its_facts(taken: Path, tmp_path: Path) -> None:
    ((name,),) = stores.ask(taken, "SELECT name FROM project WHERE unit = '907001' AND number = 1")
    ((submission,),) = stores.ask(taken, "SELECT id FROM submission WHERE project LIKE '907001/%/2'")
    insert = "INSERT INTO finding (id, submission, code, severity, cell, state, fields, facts) VALUES (:id, :of, 'BS-05', 'warning', '', 'open', '[]', :facts)"
    for id, other in enumerate((name, "别的项目"), start=900):
        stores.change(taken, insert, id=id, of=submission, facts=json.dumps({"other": [other]}))
    stores.change(taken, "UPDATE project SET disclosure = 'secret' WHERE unit = '907001' AND number = 1")
    found = {one["id"]: one["facts"] for one in document(taken)["projects"][0]["findings"]}
    assert (found[900], found[901]) == ({}, {"other": ["别的项目"]})


def test_it_can_be_exported_while_somebody_else_writes(taken: Path) -> None:
    with open_store(find_round(taken).store, write=True):
        assert len(export(taken)) == 1


def test_progress_goes_up_to_all(taken: Path) -> None:
    told: list[tuple[int, int]] = []
    exporting.export(find_round(taken), ExportOrder(("xlsx", "records")), progress=lambda *done: told.append(done))
    assert told == sorted(told)
    assert told[-1] == (4, 4)
    assert {count for _, count in told} == {4}


def test_the_one_form_of_a_unit(tmp_path: Path) -> None:
    """A form of several tables, of which a unit has one record and which has no groups."""
    made = tmp_path / "部门"
    run("round", "new", made, "--year", 2024, "--form", "department-goals")
    (tmp_path / "名册.csv").write_text("单位代码,单位名称\n907001,清溪县柳溪镇人民政府本级\n", encoding="utf-8")
    run("round", "registry", tmp_path / "名册.csv", "--in", made)
    shutil.copy(FILLED / "部门整体绩效目标.xlsx", made / "收表箱")
    assert run("round", "collect", "--in", made)[1].startswith("收到")
    (project,) = document(made)["projects"]
    assert (project["number"], len(project["record"]["areas"])) == (0, 8)
    (path,) = export(made)
    assert openpyxl.load_workbook(path).sheetnames == [
        "部门整体绩效目标", "部门整体绩效目标·分项绩效目标", "部门整体绩效目标·工作保障措施", "说明",
    ]  # fmt: skip
    assert [row["工作保障措施"] for row in rows_of_sheet(path, "部门整体绩效目标·工作保障措施")] == project["record"][
        "measures"
    ]
    (written,) = export(made, "--format", "records")
    assert yaml.safe_load(written.read_text(encoding="utf-8"))["department"] == project["record"]


def test_in_english(taken: Path) -> None:
    (path,) = export(taken, "--lang", "en")
    assert openpyxl.load_workbook(path).sheetnames[-1] == "Columns"
    assert rows_of_sheet(path, FORM.label)[0]["State"] in ("to be reviewed", "to be approved")


# A form of several tables, values that nobody understood ------------------------------------------------------------------


def project(form: str, number: int, record: Any) -> ExportedProject:
    return ExportedProject("907001", "柳溪镇", "", form, number, "001", "甲", "open", "ready", record=record)


def test_every_form_has_tables_whose_headings_differ() -> None:
    for form in map(installed.load, installed.names()):
        tables = export_tables([form], "zh-CN")
        assert len(tables) == 1 + len(form.tables)
        for table in tables:
            headings = [column.heading.casefold() for column in table.columns]
            assert len({*headings}) == len(headings)
            assert not [heading for heading in headings if not heading or re.search(r"\s", heading)]
            asked = form.tables[table.table.id].columns if table.table else form.fields
            own = {form.key, "code", "name"} if form.many and not table.table else set()
            assert [column.key for column in table.columns if column.kind] == [id for id in asked if id not in own]


def test_forms_of_one_label_have_tables_of_their_own() -> None:
    twin = replace(FORM, name="twin")
    names = [table.name for table in export_tables([FORM, twin], "zh-CN")]
    assert names == ["项目绩效目标表", "项目绩效目标表·绩效指标", "项目绩效目标表2", "项目绩效目标表·绩效指标2"]


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        (("a/b:c*", "A_B_C_"), ["a_b_c_", "A_B_C_2"]),
        (("表" * 40, "表" * 40), ["表" * 31, "表" * 30 + "2"]),
        (("𠀀" * 20, ""), ["𠀀" * 15, "_"]),
        (("'引'!", "说明"), ["_引__", "说明"]),
    ],
)
def test_sheets_and_files_can_have_the_names_of_tables(
    labels: tuple[str, ...], found: list[str], tmp_path: Path
) -> None:
    tables = export_tables([replace(FORM, label=label, tables={}) for label in labels], "zh-CN")
    assert [table.name for table in tables] == found
    stream = io.BytesIO()
    write_tables(tables, lambda _: [], stream)
    assert openpyxl.load_workbook(stream).sheetnames == [*found, "说明2" if "说明" in found else "说明"]
    write_database(tables, lambda _: [], tmp_path / "x.sqlite")
    assert [rows_of_database(tmp_path / "x.sqlite", name) for name in found] == [[], []]


def test_a_sheet_that_is_full_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)
    tables = export_tables([FORM], "zh-CN")
    one = project(FORM.name, 1, {})
    write_tables(tables, lambda _: [one] * 2, io.BytesIO())
    with pytest.raises(RoundError, match="2"):
        write_tables(tables, lambda _: [one] * 3, io.BytesIO())


def test_nested_lists_repeat_what_is_outside() -> None:
    form = installed.load("department-goals")
    record = {
        "areas": [{"name": "农业", "parts": [{"name": "甲", "indicators": ["一", "二"]}, {"name": "乙"}]}],
        "measures": ["统筹"],
    }
    _, areas, measures = export_tables([form], "zh-CN")
    assert [row[-5:-2] for row in areas.rows(project(form.name, 0, record))] == [
        ("农业", "甲", None),
        ("农业", "乙", None),
    ]
    assert [row[-1] for row in measures.rows(project(form.name, 0, record))] == ["统筹"]


@settings(max_examples=100, deadline=None)
@given(
    st.text(max_size=12)
    | st.sampled_from("=+-@＝＋－＠'\t\r\n　").flatmap(lambda sign: st.text(max_size=6).map(lambda text: sign + text))
)
def test_no_text_in_a_csv_file_is_a_formula_and_each_can_be_had_back(text: str) -> None:
    written = csv_value(text)
    assert isinstance(written, str)
    assert not re.match(r"\s*[=+\-@＝＋－＠\t\r]", written)
    assert from_csv(written) == text


@settings(max_examples=25, deadline=None)
@example("", 2**63)
@given(
    purpose=st.text(st.characters(codec="utf-8"), max_size=20),
    amount=st.none() | st.floats(0, 1e9) | st.integers(0, 10**30) | st.text(st.characters(codec="utf-8"), max_size=8),
)
def test_what_was_typed_stands_in_every_cell(purpose: str, amount: Any) -> None:
    (table, _) = export_tables([FORM], "zh-CN")
    one = project(FORM.name, 1, {"purpose": purpose, "budget": {"fiscal": amount}})
    headings = [column.heading for column in table.columns]
    (row,) = (dict(zip(headings, values, strict=True)) for values in table.rows(one))
    assert row["资金用途"] == (purpose or None)
    assert row["财政资金（万元）"] == (pytest.approx(amount, rel=1e-15, abs=0) if is_number(amount) else amount or None)
    stream = io.BytesIO()
    write_csv(table, [one], stream)
    (found,) = csv.DictReader(io.StringIO(stream.getvalue().decode("utf-8-sig"), newline=""))
    assert from_csv(found["资金用途"]) == purpose
    with tempfile.TemporaryDirectory() as place:
        write_database([table], lambda _: [one], Path(place) / "x.sqlite")
        (found,) = rows_of_database(Path(place) / "x.sqlite", table.name)
    assert (found["资金用途"], found["财政资金（万元）"]) == (row["资金用途"], row["财政资金（万元）"])
    kept = ExportedProject(**json.loads(json_data.dumps(one.plain())))
    assert kept == replace(one, findings=[], remarks=[], questions=[], decisions=[])


def test_half_a_character_stops_no_export(tmp_path: Path) -> None:
    tables = export_tables([FORM], "zh-CN")
    one = project(FORM.name, 1, {"purpose": "半\ud800个", "indicators": [{"level3": "\udfff"}]})
    assert json.loads(json_data.dumps(one.plain()).encode())["record"]["purpose"] == "半\ud800个"
    stream = io.BytesIO()
    write_tables(tables, lambda _: [one], stream)
    assert "半\\ud800个" in {cell.value for cell in openpyxl.load_workbook(stream).worksheets[0][2]}
    write_csv(tables[0], [one], io.BytesIO())
    write_database(tables, lambda _: [one], tmp_path / "x.sqlite")
    assert rows_of_database(tmp_path / "x.sqlite", FORM.label)[0]["资金用途"] == "半\\ud800个"


def test_many_rows_take_no_more_memory() -> None:
    """Ten times the rows: what is held at once stays."""
    record = {"indicators": [{"level1": "产出指标", "level3": "补贴人数", "target": "326人"}] * 20}
    tables = export_tables([FORM], "zh-CN")
    peaks = []
    for count in (10, 100):
        projects = [project(FORM.name, 1, record)] * count
        stream = io.BytesIO()
        tracemalloc.start()
        write_tables(tables, lambda _: iter(projects), stream)  # noqa: B023
        peaks.append(tracemalloc.get_traced_memory()[1] - len(stream.getvalue()))
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5 + 300_000


def test_the_json_document_is_a_line_for_each_project(taken: Path) -> None:
    (path,) = export(taken, "--format", "json")
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [line[:9] for line in islice(lines, 0, None)].count('{"unit": ') == 4
    assert yaml.safe_load("".join(lines)) == json.loads("\n".join(lines))


# For analysis -----------------------------------------------------------------------------------------------------------


def test_duckdb_and_parquet_hold_the_same_rows_with_types(taken: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    words = [word for format in ("sqlite", "duckdb", "parquet") for word in ("--format", format)]
    lite, duck, *parquets = export(taken, *words)
    assert [path.name for path in (duck, *parquets)] == [
        "2024一上.duckdb", "2024一上_项目绩效目标表.parquet", "2024一上_项目绩效目标表·绩效指标.parquet",
    ]  # fmt: skip
    for table, parquet in zip(export_tables([FORM], "zh-CN"), parquets, strict=True):
        with sqlite3.connect(lite) as connection:
            kept = connection.execute(f'SELECT * FROM "{table.name}"').fetchall()
        with duckdb.connect(str(duck), read_only=True) as connection:
            found = connection.execute(f'SELECT * FROM "{table.name}"').fetchall()
            types = {row[0]: row[1] for row in connection.execute(f'DESCRIBE "{table.name}"').fetchall()}
            assert connection.execute("SELECT * FROM read_parquet(?)", [str(parquet)]).fetchall() == found
        assert types["单位代码"] == "VARCHAR"
        assert types["项目序号"] == "BIGINT"
        numeric = [column.numeric for column in table.columns]
        for old, new in zip(kept, found, strict=True):
            wrong = json.loads(new[-1] or "{}")
            pairs = zip(old, numeric, strict=True)
            texts = [value if isinstance(value, str) and of_number else None for value, of_number in pairs]
            assert [*wrong.values()] == [text for text in texts if text is not None]
            assert [value for value, text in zip(new, texts, strict=False) if text is None] == [
                value for value, text in zip(old, texts, strict=True) if text is None
            ]


def test_texts_of_any_kind_and_columns_without_a_value(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    table = export_tables([FORM], "zh-CN")[0]
    odd = "一行\n二行 \"引\" 'a' 😀 \\ \ud83d,;"
    record = {"name": odd, "budget": {"total": "约5万", "fiscal": None, "other": 1.5}}
    one = replace(project(FORM.name, 1, record), name=odd)
    write_duckdb([table], lambda _: [one], tmp_path / "a.duckdb")
    write_parquet(table, [], tmp_path / "none.parquet")
    with duckdb.connect(str(tmp_path / "a.duckdb")) as connection:
        (row,) = connection.execute(f'SELECT * FROM "{table.name}"').fetchall()
        empty = connection.execute("SELECT count(*) FROM read_parquet(?)", [str(tmp_path / "none.parquet")])
        assert empty.fetchone() == (0,)
    named = dict(zip((column.heading for column in table.columns), row, strict=False))
    assert named["项目名称"] == odd.replace("\ud83d", "\\ud83d")
    assert (named["预算数（万元）"], json.loads(row[-1])) == (None, {"预算数（万元）": "约5万"})


def test_without_duckdb_it_is_said_what_to_install(taken: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    status, out, err = run("round", "export", "--format", "parquet", "--in", taken)
    assert (status, out, len(err.splitlines())) == (2, "", 1)
    assert "perfxl[duckdb]" in err
