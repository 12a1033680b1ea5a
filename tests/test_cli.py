"""The command line as it is typed: help, exit statuses, what goes where, the way there and back."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from click.testing import CliRunner, Result

from perfxl.cli import main
from perfxl.form import installed as forms

RECORDS = Path(str(resources.files("perfxl.examples"))) / "records.yaml"
COMMANDS = sorted(main.commands)
CHINESE = re.compile(r"[㐀-鿿]")


def run(*words: object) -> Result:
    result = CliRunner().invoke(main, [str(word) for word in words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def records() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(RECORDS.read_text(encoding="utf-8"))
    return loaded


def write(path: Path, held: dict[str, Any]) -> Path:
    path.write_text(yaml.safe_dump(held, allow_unicode=True), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one unit's workbook, filled as the examples are."""
    folder = tmp_path_factory.mktemp("filled")
    assert run("generate", RECORDS, "-o", folder, "--prefill", "all").exit_code == 0
    return folder


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook as it goes out, of two projects."""
    folder = tmp_path_factory.mktemp("blank")
    held = {**records(), "projects": records()["projects"][:2]}
    result = run("generate", write(folder / "two.yaml", held), "-o", folder)
    return Path(result.stdout.strip())


# Help -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches_by_example(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f"\n  perfxl {command}" in result.stdout
    assert CHINESE.search(result.stdout)
    assert max(map(len, result.stdout.splitlines())) <= 100
    for option in main.commands[command].params:
        assert getattr(option, "help", "") or option.param_type_name == "argument", option.name


def test_the_first_page_names_every_command() -> None:
    text = run("-h").stdout
    assert all(re.search(rf"^  {command} ", text, re.MULTILINE) for command in COMMANDS)


def test_version() -> None:
    assert re.fullmatch(r"perfxl \d+\.\d+\.\d+\n", run("--version").stdout)


def imported(*words: str) -> set[str]:
    """What is imported when this is typed."""
    code = (
        "import sys\nfrom perfxl.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "print('\\n'.join(sorted(sys.modules)), file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-P", "-c", code, *words],
        cwd="/",
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )  # not in the checkout: its folder would be imported in the place of what is installed
    return set(ran.stderr.split())


HEAVY = {"yaml", "jinja2", "jsonschema", "xlsxwriter", "openpyxl", "rich", "docx", "zipfile", "hashlib"}
HEAVY |= {"sqlalchemy", "alembic", "psutil", "lxml", "pdfplumber", "docxtpl", "rapidfuzz"}


@pytest.mark.parametrize("words", [("--help",), ("check", "--help"), ("generate", "--help")])
def test_help_imports_nothing_but_click(words: tuple[str, ...]) -> None:
    """It takes no longer than the interpreter and click themselves."""
    found = imported(*words)
    assert not HEAVY & found
    own = {name for name in found if name.startswith("perfxl")}
    assert own == {
        "perfxl",
        "perfxl.cli",
        "perfxl.cli_document",
        "perfxl.cli_form",
        "perfxl.cli_stage",
        "perfxl.cli_publish",
        "perfxl.cli_options",
        "perfxl.cli_carry",
        "perfxl.cli_round",
        "perfxl.errors",
    }


def test_the_checks_load_nothing_of_documents() -> None:
    found = imported("rules")
    assert "perfxl.budget.money.mn04_unit_cost" in found
    assert not {"docx", "docxtpl", "lxml", "pdfplumber", "perfxl.budget.documents.extract", "perfxl.publishing"} & found


def test_a_command_imports_its_own_verb_only() -> None:
    for words in (("form", "lint", "project-target"), ("explain", "MN-02")):
        assert not {"xlsxwriter", "docx", "rich", "openpyxl", "perfxl.workbook"} & imported(*words)


# Exit statuses, and what goes where -----------------------------------------------------------------------------------


def test_nothing_found(filled: Path) -> None:
    result = run("check", filled)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "强制性0条　核实性0条　可代改0条　提示0条\n"


def test_something_found(blank: Path) -> None:
    result = run("check", blank)
    assert result.exit_code == 1
    assert "　F6　财政资金：未填金额。" in result.stdout
    assert re.fullmatch(r"强制性\d+条　.*\n", result.stderr)


@pytest.mark.parametrize(
    "words",
    [
        ("check",), ("check", "x", "--format", "pdf"), ("chek",), ("check", "x", "--lang", "fr"), ("generate", "x.yaml"),
        ("generate", "x", "-o", "y", "--by", "town"), ("generate", "x", "-o", "y", "--draft", "0"), ("form", "show", "a", "b"),
        ("extract", "x", "-o", "y", "--year", "24"), ("explain",), ("flag", "x"),
    ],
)  # fmt: skip
def test_a_wrong_call(words: tuple[str, ...]) -> None:
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert re.fullmatch(r".+。用法见main( \w+)* --help。\n", result.stderr)
    assert not re.search("[A-Z][a-z]+ ", result.stderr)


def test_one_unreadable_file_stops_no_other(blank: Path, tmp_path: Path) -> None:
    bad = tmp_path / "坏.xlsx"
    bad.write_bytes(b"%PDF-1.4")
    missing = tmp_path / "没有.yaml"
    empty = tmp_path / "空"
    empty.mkdir()
    result = run("check", bad, missing, empty, blank, RECORDS)
    assert result.exit_code == 2
    assert [line.split("：")[0] for line in result.stderr.splitlines()[:-1]] == [str(missing), str(empty), str(bad)]
    assert "财政资金：未填金额。" in result.stdout


@pytest.mark.parametrize("form", ["text", "html", "markdown", "json"])
def test_what_was_not_checked_is_no_pass(form: str, filled: Path, tmp_path: Path) -> None:
    missing = tmp_path / "没有.xlsx"
    result = run("check", missing, "--format", form)
    assert result.exit_code == 2
    assert "0条" not in result.stdout + result.stderr
    said = f"{missing}：没有这个文件。"
    assert said in result.stderr
    assert (said.replace("_", "\\_") if form == "markdown" else said) in result.stdout or form in ("text", "json")
    assert ("有1个文件没有审核" in result.stderr) == (form == "text")
    both = run("check", missing, filled)
    assert both.stderr.endswith("强制性0条　核实性0条　可代改0条　提示0条　有1个文件没有审核\n")


@pytest.mark.parametrize("verb", ["read", "flag", "correct", "remarks"])
def test_a_records_file_is_no_workbook(verb: str, tmp_path: Path) -> None:
    output = [] if verb == "read" else ["-o", tmp_path / "x.xlsx"]
    result = run(verb, RECORDS, *output)
    assert result.exit_code == 2
    assert result.stderr == f"{RECORDS}：是数据文件，不是表格。审核用perfxl check，生成表格用perfxl generate。\n"
    assert run("read", tmp_path / "no.yaml").stderr == f"{tmp_path / 'no.yaml'}：没有这个文件。\n"


def test_a_given_amount_that_is_a_word(tmp_path: Path) -> None:
    held = records()
    held["projects"][0]["budget"]["total"] = "abc"
    result = run("generate", write(tmp_path / "r.yaml", held), "-o", tmp_path / "out")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "projects[0].budget.total应是number，现在是abc" in result.stderr
    assert not (tmp_path / "out").exists()


def test_workbooks_and_records_files_together(blank: Path, tmp_path: Path) -> None:
    held = records()
    held["projects"][0]["budget"]["other"] = 10
    result = run("check", write(tmp_path / "r.yaml", held), blank, "--select", "MN", "--format", "json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert {Path(each["file"]).name for each in found} == {"r.yaml", blank.name}
    assert [each["code"] for each in found if each["file"].endswith(".yaml")] == ["MN-02"]


def test_json_of_check(blank: Path) -> None:
    result = run("check", blank, "--format", "json", "--select", "MN-01")
    assert result.exit_code == 1
    first, *_ = json.loads(result.stdout)
    assert list(first)[:9] == ["file", "sheet", "cell", "field", "code", "severity", "message", "suggestion", "facts"]
    assert (first["field"], first["code"], first["severity"]) == ("budget.fiscal", "MN-01", "error")
    assert first["cell"] == f"{first['sheet']}!F6"
    assert "\\u" not in result.stdout


def test_html_of_check(blank: Path) -> None:
    result = run("check", blank, "--format", "html", "--select", "mn-01，PL")
    assert result.exit_code == 1
    assert result.stdout.startswith("<!DOCTYPE html>")
    assert result.stdout.count("<tr") == 1 + 4
    assert result.stderr == ""


@pytest.mark.parametrize(("option", "codes"), [("--select", {"IN-03", "IN-06"}), ("--ignore", {"MN-01", "PL-01"})])
def test_select_and_ignore(blank: Path, option: str, codes: set[str]) -> None:
    found = json.loads(run("check", blank, option, "IN", "--format", "json").stdout)
    assert {each["code"] for each in found} == codes


@pytest.mark.parametrize(
    ("lang", "four", "two"), [("zh-CN", "　C9等4处　", "　G17、D6　"), ("en", "  C9 and 3 more  ", "  G17, D6  ")]
)
def test_of_many_cells_the_first_is_said_and_how_many(lang: str, four: str, two: str) -> None:
    found = run("check", next(RECORDS.parent.glob("filled/07*.xlsx")), "--lang", lang).stdout.splitlines()
    assert [four in line for line in found if "PL-04" in line] == [True]
    assert [two in line for line in found if "MN-09" in line] == [True]


def test_a_check_that_is_none(blank: Path) -> None:
    result = run("check", blank, "--select", "MN-2")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "没有审核规则“MN-2”，是不是“MN-02”。\n"


@pytest.mark.parametrize("form_at", ["text", "json"])
def test_a_reader_that_goes_away_hears_no_complaint(blank: Path, form_at: str) -> None:
    """perfxl check … | head -0"""
    reader, writer = os.pipe()
    os.close(reader)
    words = [
        sys.executable,
        "-P",
        "-c",
        "from perfxl.cli import main; main()",
        "check",
        str(blank),
        "--format",
        form_at,
    ]
    ran = subprocess.run(words, cwd=blank.parent, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert ran.returncode == 2
    assert "Traceback" not in ran.stderr
    assert "Broken" not in ran.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="file names are not bytes there")
def test_a_name_that_the_console_cannot_show(blank: Path, tmp_path: Path) -> None:
    """Zips of Chinese Windows, unpacked elsewhere, leave names in GBK."""
    path = Path(os.fsdecode(os.fsencode(tmp_path) + "/表.xlsx".encode("gbk")))
    path.write_bytes(blank.read_bytes())
    for words in (["check", path], ["read", path], ["read", path, "--json"], ["flag", path, "-o", tmp_path / "o"]):
        ran = subprocess.run(
            [sys.executable, "-P", "-c", "from perfxl.cli import main; main()", *words],
            cwd=blank.parent, capture_output=True, check=False,
        )  # fmt: skip
        assert ran.returncode in (0, 1)
        assert b"Traceback" not in ran.stderr
        assert ran.stdout.decode("utf-8")


# There and back ---------------------------------------------------------------------------------------------------------


def test_generate_says_what_it_wrote(blank: Path) -> None:
    result = run("generate", blank.parent / "two.yaml", "-o", blank.parent / "p", "--by", "project")
    unit = "907001清溪县柳溪镇人民政府本级"
    names = [f"{unit}/01.村民小组长误工补贴.xlsx", f"{unit}/02.村级阵地房屋修缮.xlsx"]
    assert result.stdout.splitlines() == [str(blank.parent / "p" / name) for name in names]
    assert result.stderr == f"已生成2个文件、2张表，在{blank.parent / 'p'}。\n"


def test_read_generate_read_is_the_identity(filled: Path, tmp_path: Path) -> None:
    once, twice = tmp_path / "1.yaml", tmp_path / "2.yaml"
    assert run("read", filled, "-o", once).exit_code == 0
    assert run("generate", once, "-o", tmp_path / "again", "--prefill", "all").exit_code == 0
    assert run("read", tmp_path / "again", "-o", twice).exit_code == 0
    assert twice.read_bytes() == once.read_bytes()
    assert yaml.safe_load(once.read_text("utf-8"))["projects"] == records()["projects"]


def test_both_forms_of_a_unit_make_one_records_file(filled: Path, tmp_path: Path) -> None:
    department = tmp_path / "department"
    words = ("generate", RECORDS, "-o", department, "--form", "department-goals", "--prefill", "all")
    assert run(*words).exit_code == 0
    result = run("read", filled, department, "-o", tmp_path / "r.yaml")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "已读取17张表" in result.stderr
    back = yaml.safe_load((tmp_path / "r.yaml").read_text("utf-8"))
    assert back["projects"] == records()["projects"]
    assert back["department"]["areas"] == records()["department"]["areas"]
    assert (back["year"], back["unit"]) == (records()["year"], records()["unit"])


def test_json_of_read(blank: Path) -> None:
    found = json.loads(run("read", blank, "--json").stdout)
    words = "file sheet form version year unit phase draft record notes lost disputed doubts unplaced"
    assert [list(each) for each in found] == [words.split()] * 2
    assert (found[1]["phase"], found[1]["draft"]) == ("一上", 1)
    assert found[1]["unit"] == {"code": "907001", "name": "清溪县柳溪镇人民政府本级"}


def test_read_shows_each_form(blank: Path) -> None:
    result = run("read", blank)
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 2


def test_a_project_that_comes_twice_is_not_saved(filled: Path, blank: Path, tmp_path: Path) -> None:
    result = run("read", filled, blank, "-o", tmp_path / "r.yaml")
    assert result.exit_code == 2
    assert "各有一份" in result.stderr
    assert not (tmp_path / "r.yaml").exists()


def test_units_are_not_mixed(filled: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "o.yaml", {**records(), "unit": {"code": "907002", "name": "乙镇"}})
    assert run("generate", other, "-o", tmp_path / "other").exit_code == 0
    result = run("read", filled, tmp_path / "other", "-o", tmp_path / "r.yaml")
    assert (result.exit_code, (tmp_path / "r.yaml").exists()) == (2, False)
    assert "2024 907001清溪县柳溪镇人民政府本级、2024 907002乙镇" in result.stderr


def test_flag(blank: Path, tmp_path: Path) -> None:
    result = run("flag", blank, "-o", tmp_path / "退回", "--deadline", "11月6日17:00")
    assert result.exit_code == 1
    assert result.stdout == f"{tmp_path / '退回' / blank.name}\n"
    again = run("flag", tmp_path / "退回", "-o", tmp_path / "再退.xlsx", "--deadline", "11月6日17:00")
    assert again.exit_code == 1
    assert (tmp_path / "再退.xlsx").read_bytes() == (tmp_path / "退回" / blank.name).read_bytes()


def test_extract(tmp_path: Path) -> None:
    source = RECORDS.with_name("liuxi-2024.txt")
    result = run("extract", source, "-o", tmp_path / "r.yaml")
    assert (result.exit_code, result.stdout) == (0, "")
    assert (tmp_path / "r.yaml").read_bytes() == RECORDS.read_bytes()
    assert "16个项目、111条指标" in result.stderr


# What is asked of perfxl itself -----------------------------------------------------------------------------------------


def test_forms() -> None:
    assert [line.split("\t")[0] for line in run("form", "list").stdout.splitlines()] == list(forms.names())


@pytest.mark.parametrize("name", forms.names())
def test_a_form_described(name: str) -> None:
    lines = run("form", "show", name).stdout.splitlines()
    form = forms.load(name)
    # what the checks require stands deeper, and at the end what is checked on return only
    answers = [line for line in lines[1:] if not line.startswith(" " * 6) and "form.yaml" not in line]
    assert len(answers) == len(form.fields) + sum(len(table.columns) for table in form.tables.values()) + 1
    assert answers[-1].strip() == "各栏或整张表"


def test_what_the_sheet_cannot_check_is_said() -> None:
    assert any(
        "MN-10" in line and "budget.control" in line
        for line in run("form", "show", "project-target").stdout.splitlines()
    )


@pytest.mark.parametrize("name", ["project-target", "department-goals"])
def test_the_examples_agree_with_the_schema(name: str) -> None:
    schema = json.loads(run("form", "schema", "--records", name).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(records(), schema, cls=jsonschema.Draft202012Validator)
    broken = records()
    broken["projects"][0]["budget"]["totl"] = broken["department"]["overal"] = 1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, schema, cls=jsonschema.Draft202012Validator)


def test_a_schema_of_no_form() -> None:
    result = run("form", "schema", "--records", "projct-target")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "project-target" in result.stderr


def test_explain_speaks_of_the_project_form_first() -> None:
    assert run("explain", " mn-02 ").stdout.splitlines()[0].startswith("MN-02　资金来源合计　强制性　项目绩效目标表")


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_every_rule_is_explained(lang: str) -> None:
    from perfxl import rules

    for code in {code for name in forms.names() for code in rules.codes(forms.load(name))}:
        result = run("explain", code, "--lang", lang)
        assert result.exit_code == 0
        assert result.stdout.startswith(f"{code}{'  ' if lang == 'en' else '　'}")
        assert len(result.stdout.splitlines()) >= 2


def test_a_rule_that_is_none() -> None:
    result = run("explain", "MN-2", "--lang", "en")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "There is no check “MN-2”, did you mean “MN-02”?\n"


def test_a_form_that_is_none(tmp_path: Path) -> None:
    for words in (
        ("form", "show", "project"),
        ("generate", RECORDS, "-o", tmp_path, "--form", "project"),
        ("check", RECORDS, "--form", "x"),
    ):
        result = run(*words)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith("没有表样")


def test_english_is_english_but_for_names_and_values(blank: Path, tmp_path: Path) -> None:
    """Of the sentences only: what is quoted, the form's own labels and the tables' words stay as they are."""
    held = records()
    held["projects"][0]["plan"]["june"] = "一半"
    source = write(tmp_path / "r.yaml", held)
    assert run("generate", source, "-o", tmp_path / "all", "--prefill", "all").exit_code == 0
    # signs of Chinese sentences
    chinese = re.compile(r"[。，；：（）、　]|请|未填|没有|识别为|应")
    calls = [
        ("check", blank), ("check", source), ("check", tmp_path / "all"), ("read", blank), ("read", tmp_path / "all"),
        ("explain", "MN-02"), ("explain", "IN-03"), ("form", "show", "project-target"), ("form", "show", "central-target"), ("form", "show", "nope"),
        ("generate", source, "-o", tmp_path / "all"), ("flag", blank, "-o", tmp_path / "flagged"),
        ("extract", RECORDS.with_name("liuxi-2024.txt"), "-o", tmp_path / "x.yaml"),
    ]  # fmt: skip
    for words in calls:
        result = run(*words, "--lang", "en")
        for line in f"{result.stdout}{result.stderr}".splitlines():
            bare = re.sub(r"“[^”]*”|\"[^\"]*\"|≥95%|一、[一-鿿]+|[一-鿿]+(资金总额|规模)：", "", line)
            bare = re.sub(r"(资金支出计划|项目资金|中期资金总额|年度资金总额|预算规模及)[一-鿿（）%·]*", "", bare)
            assert not chinese.search(bare), line
