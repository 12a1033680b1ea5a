"""A county's own file acts everywhere: in the sheet, on return, in the flag, in the manual."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from workbook.conftest import example, returned, some, workbook

from perfxl import messages, rules
from perfxl.cli import main
from perfxl.form import installed as forms
from perfxl.records import dumps
from perfxl.rules import Policy
from perfxl.rules.review import review
from perfxl.workbook.flagging.flag import flag_workbook
from perfxl.workbook.sheet.manual import describe_answers
from perfxl.workbook.writing.books import issue_of, make_books
from perfxl.workbook.writing.stamp import stamp_book

COUNTY = """\
pack: 一般
severities:
  PL-03: 不查
  MN-02: 核实性
  IN-02: 提示
limits: {fewest_rows: 9}
words: {stale_words: {add: [村民小组长=2020]}}
"""


@pytest.fixture
def county(tmp_path: Path) -> Policy:
    path = tmp_path / "county.yaml"
    path.write_text(COUNTY, encoding="utf-8")
    return rules.load_policy(path)


def filled(policy: Policy) -> bytes:
    """The first project's workbook with three mistakes: of the sources, of the year's end, of a word."""
    records = example("project-target")
    records["projects"] = records["projects"][:1]
    (record,) = records["projects"]
    record["budget"]["other"], record["plan"]["december"] = 1.0, 95
    ((_, book),) = make_books(records, forms.load("project-target"), issue_of(records, policy=policy), prefill="all")
    return stamp_book(book)


def test_in_the_sheet(county: Policy) -> None:
    plain, own = (
        openpyxl.load_workbook(BytesIO(filled(policy)), data_only=True) for policy in (rules.load_policy(None), county)
    )
    rows = [
        {row[1]: (row[0], row[3]) for row in each["报前自查"].iter_rows(min_row=5, values_only=True)}
        for each in (plain, own)
    ]
    end, sources = (messages.say(f"rules.{code}.title") for code in ("PL-03", "MN-02"))
    assert rows[0][end] == ("强制性", "不符合")
    assert end not in rows[1]
    assert (rows[0][sources], rows[1][sources]) == (("强制性", "不符合"), ("核实性", "不符合"))
    assert rows[1][messages.say("rules.IN-04.title")] == ("提示", "不符合")
    fills = [
        {
            rule.dxf.fill.bgColor.rgb
            for each in book.worksheets[1].conditional_formatting
            if "F6" in each.cells
            for rule in each.rules
        }
        for book in (plain, own)
    ]
    assert any(str(fill).endswith("FFD6D6") for fill in fills[0])
    assert any(str(fill).endswith("FFE9B8") for fill in fills[1])
    assert not any(str(fill).endswith("FFD6D6") for fill in fills[1])
    styles = [
        {each.errorStyle for each in book.worksheets[1].data_validations.dataValidation if each.type == "list"}
        for book in (plain, own)
    ]
    assert styles == [{None}, {"warning"}]  # to stop is the default (ECMA-376 part 1, 18.18.18)


def test_on_return_and_in_the_flag(county: Policy) -> None:
    data = filled(county)
    (reading,) = returned(data)
    ((_, found),) = review([reading.submission], county)
    severities = {each.code: each.severity for each in found}
    assert severities["MN-02"] == "warning"
    assert "PL-03" not in severities
    assert severities["TX-07"] == "hint"
    back = flag_workbook(workbook(data), [(reading, found)], policy=county)
    marks = {opinion.text.what: opinion.severity for opinion in back.opinions}
    assert {severity for what, severity in marks.items() if "财政资金" in what} == {"warning"}
    assert not any("12月底填95%" in what for what in marks)


def test_in_the_manual(county: Policy) -> None:
    form = returned(some())[0].located.form
    plain, own = (
        " ".join(says for *_, says in describe_answers(form, policy)) for policy in (rules.load_policy(None), county)
    )
    must = messages.say("rules.PL-03.must")
    assert must in plain
    assert must not in own


def test_from_the_command_line(tmp_path: Path) -> None:
    county, records = tmp_path / "county.yaml", tmp_path / "records.yaml"
    county.write_text(COUNTY, encoding="utf-8")
    records.write_text(dumps(example("project-target")), encoding="utf-8")
    run = CliRunner()
    out = str(tmp_path / "out")
    assert (
        run.invoke(main, ["generate", str(records), "-o", out, "--rules", str(county), "--prefill", "all"]).exit_code
        == 0
    )
    checked = run.invoke(main, ["check", out, "--rules", str(county)])
    assert checked.exit_code == 0
    assert "TX-07" in checked.output
    said = run.invoke(main, ["rules", "--rules", str(county)]).output
    assert "不查" in next(line for line in said.splitlines() if "PL-03" in line)
