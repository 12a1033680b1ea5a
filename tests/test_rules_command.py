"""``perfxl rules``: listed, edited as a workbook, read back; what a county says acts everywhere. And the pages of docs/."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import resources
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from perfxl import rules
from perfxl.cli import main
from perfxl.form import installed
from perfxl.rules import catalogue
from perfxl.rules.policy import OFF, default_policy, packs

RECORDS = Path(str(resources.files("perfxl.examples"))) / "records.yaml"
ROOT = Path(__file__).parents[1]


def run(*words: object) -> Result:
    result = CliRunner().invoke(main, [str(word) for word in words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def edit(path: Path, **cells: object) -> None:
    """Types into cells, named by the tab's number and the address: ``_2G5``."""
    book = openpyxl.load_workbook(path)
    for place, value in cells.items():
        book.worksheets[int(place[1]) - 1][place[2:]] = value
    book.save(path)


def row_of(path: Path, tab: int, text: str) -> int:
    sheet = openpyxl.load_workbook(path).worksheets[tab - 1]
    return next(cell.row for row in sheet for cell in row if cell.value == text)


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_all_checks_are_listed_with_what_they_require(lang: str) -> None:
    result = run("rules", "--lang", lang)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line.split()[0].partition("　")[0] for line in lines] == list(rules.own_severities())
    for line, check in zip(lines, catalogue.checks(), strict=True):
        assert check.title(lang) in line
        assert check.must(default_policy(), lang) in line
    assert str(len(lines)) in result.stderr


def test_a_county_lists_them_as_it_makes_them(tmp_path: Path) -> None:
    county = tmp_path / "county.yaml"
    county.write_text("pack: 从严\nseverities: {MN-02: 不查}", encoding="utf-8")
    line = next(line for line in run("rules", "--rules", county).stdout.splitlines() if line.startswith("MN-02"))
    assert "不查" in line


def test_the_whole_way_of_a_county(tmp_path: Path) -> None:
    """Written as a workbook, edited, read back: it acts on the check, the explanation, the form's description."""
    book, county = tmp_path / "rules.xlsx", tmp_path / "county.yaml"
    assert run("rules", "--to", book).exit_code == 0
    sums, words = row_of(book, 2, "MN-02"), row_of(book, 3, "carried_over")
    edit(book, **{f"_2G{sums}": "不查", f"_3C{words}": "结转、延续"})
    result = run("rules", "--from", book, "-o", county)
    assert (result.exit_code, result.stdout) == (0, "")
    text = county.read_text(encoding="utf-8")
    assert "\n  MN-02: 不查  # 资金来源合计，原为强制性\n" in text
    assert "\n  carried_over: {add: [延续], without: [上年, 续建, 跨年]}\n" in text
    lines = [line for line in text.splitlines() if not line.strip().startswith("#")]
    assert (lines[0], len(lines)) == ("pack: 一般", 5)
    assert "不查" in run("explain", "MN-02", "--rules", county).stdout
    assert "结转、延续" in run("explain", "ID-04", "--rules", county).stdout
    must = catalogue.check("MN-02").must(default_policy(), form=installed.load("project-target"))
    assert must in run("form", "show", "project-target").stdout
    assert must not in run("form", "show", "project-target", "--rules", county).stdout
    # and back again: the workbook of the county's file says the same
    again, same = tmp_path / "again.xlsx", tmp_path / "same.yaml"
    assert run("rules", "--rules", county, "--to", again).exit_code == 0
    assert run("rules", "--from", again, "-o", same).exit_code == 0
    assert same.read_bytes() == county.read_bytes()


def test_a_county_file_acts_on_check_and_flag(tmp_path: Path) -> None:
    received = ROOT / "examples" / "filled"
    assert run("check", received, "--format", "json").stdout.count('"MN-02"') > 0
    county = tmp_path / "county.yaml"
    county.write_text("severities: {MN-02: 不查, BS-04: 强制性}", encoding="utf-8")
    found = run("check", received, "--format", "json", "--rules", county).stdout
    assert '"MN-02"' not in found
    assert found.count('"error"') > run("check", received, "--format", "json", "--ignore", "MN-02").stdout.count(
        '"error"'
    )
    assert run("flag", received, "-o", tmp_path / "out", "--rules", county).exit_code == 1
    for path in sorted((tmp_path / "out").rglob("*.xlsx")):
        texts = {str(cell.value) for sheet in openpyxl.load_workbook(path) for row in sheet for cell in row}
        assert not any("比预算数" in text and "财政资金" in text and "＋" in text for text in texts), path


def test_everything_wrong_in_the_workbook_is_said_and_nothing_written(tmp_path: Path) -> None:
    book, county = tmp_path / "rules.xlsx", tmp_path / "county.yaml"
    run("rules", "--to", book)
    edit(book, _1A4="一股", _2G5="可代改", _2G6="严重")
    result = run("rules", "--from", book, "-o", county)
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 3
    assert [word in result.stderr for word in ("审核口径!A4", "审核规则!G5", "审核规则!G6")] == [True] * 3
    assert not county.exists()


def test_what_is_there_is_not_overwritten_and_other_calls_are_one_sentence(tmp_path: Path) -> None:
    book = tmp_path / "rules.xlsx"
    run("rules", "--to", book)
    before = book.read_bytes()
    for words in (
        ("--to", book),
        ("--from", book, "-o", book),
        ("--from", book, "--to", tmp_path / "other.xlsx"),
        ("--from", tmp_path / "none.xlsx"),
        ("--from", RECORDS),
        ("--rules", tmp_path / "none.yaml"),
        ("--from", next((ROOT / "examples" / "filled").glob("*.xlsx"))),
    ):
        result = run("rules", *words)
        assert result.exit_code == 2, words
        assert result.stderr.strip(), words
        assert "Traceback" not in result.stderr
    assert book.read_bytes() == before
    assert run("rules", "--to", book, "--force").exit_code == 0
    assert book.read_bytes() == before
    assert run("rules", "--from", book).stdout.splitlines()[-1] == "pack: 一般"


@pytest.mark.parametrize("code", rules.own_severities())
def test_every_check_is_explained_with_what_it_requires_and_is_told(code: str) -> None:
    check = catalogue.check(code)
    for lang in ("zh-CN", "en"):
        said = run("explain", code, "--lang", lang).stdout
        assert check.must(default_policy(), lang) in said
        assert check.why(lang) in said
        assert all(each.name in said for each in check.settings)


# Pages -------------------------------------------------------------------------------------------------------------------

PAGES = {
    "docs/rules.md": "perfxl rules --format markdown",
    "docs/sentences.md": "perfxl rules --format sentences",
    "docs/form-reference.md": "perfxl form schema --format markdown --lang en",
    "docs/form-reference.zh-CN.md": "perfxl form schema --format markdown --lang zh-CN",
    "docs/findings.md": "perfxl check examples/records.yaml examples/filled --format markdown",
}


@pytest.mark.parametrize("page", PAGES)
def test_a_generated_page_is_up_to_date(page: str) -> None:
    command = PAGES[page]
    program = "import sys; from perfxl.cli import main; main(sys.argv[1:])"
    words = [sys.executable, "-P", "-c", program, *command.split()[1:]]
    made = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    assert made.stdout, made.stderr
    held = (ROOT / page).read_text(encoding="utf-8") if (ROOT / page).exists() else ""
    held = held.partition("\n# 四十张表")[0]  # see tests/rules/test_tables.py
    assert held == made.stdout, f"{page} is behind; write it anew: {command} > {page}"


def test_the_page_of_sentences_is_complete() -> None:
    page = (ROOT / "docs" / "sentences.md").read_text(encoding="utf-8")
    codes = [line.split()[1] for line in page.splitlines() if re.match(r"\| [A-Z]{2}-\d\d ", line)]
    assert [*dict.fromkeys(codes)] == list(rules.own_severities())
    rows = [line.split(" | ") for line in page.splitlines() if re.match(r"\| [A-Z]{2}-\d\d ", line)]
    assert all(len(row) == 4 for row in rows)
    assert all(row[3].strip("* |").isdecimal() for row in rows if row[2] not in titles())


def titles() -> set[str]:
    return {check.title() for check in catalogue.checks() if not [*check.findings()]}


def test_the_page_of_checks_is_complete() -> None:
    page = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    heads = [line.split()[1] for line in page.splitlines() if line.startswith("### ")]
    assert heads == list(rules.own_severities())
    for section, check in zip(page.split("\n### ")[1:], catalogue.checks(), strict=True):
        assert "- 要求：" in section, check.code
        assert "- 为什么查：" in section, check.code
        # no form with an example asks for what these judge and leaves it to them: see tests/rules/test_limits.py
        assert "- 查出：" in section or check.code in (
            "AT-01",
            "CO-01",
            "LM-03",
            "LM-05",
            "LM-06",
            "LM-07",
            "LM-08",
            "LM-09",
        ), check.code
        assert all(each.about.split("_")[0] in section for each in check.settings), check.code
    for code, own in rules.own_severities().items():
        row = next(line for line in page.splitlines() if line.startswith(f"| [{code}]"))
        assert row.count("|") == 7, code
        for pack in packs():
            assert (default_policy(pack).severity(code, own) or OFF) in ("error", "warning", "hint", "fix", "off")


@pytest.mark.parametrize(("page", "words"), [("README.md", "{} checks"), ("README.zh-CN.md", "{}条")])
def test_the_readme_counts_the_checks(page: str, words: str) -> None:
    counted = re.findall(words.format(r"(\d{3})"), (ROOT / page).read_text(encoding="utf-8"))
    assert {*counted} == {str(len(rules.own_severities()))}
