"""``perfxl form``: what each command prints, its exit status, and the files that it writes."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from click.testing import CliRunner, Result

from perfxl.cli import main
from perfxl.cli_form import form_group
from perfxl.form import installed
from perfxl.report.form_reference import reference_page


def run(*words: object, status: int = 0) -> Result:
    result = CliRunner().invoke(main, ["form", *map(str, words)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == status, result.output
    return result


OWN = (
    "central-target", "department-goals", "department-self-evaluation",
    "project-monitoring", "project-self-evaluation", "project-target",
)  # fmt: skip
"""The forms that come with perfxl."""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a new form, as it is written."""
    monkeypatch.chdir(tmp_path)
    run("new", "visit", "--lang", "en")
    return tmp_path


def edit(folder: Path, old: str, new: str, name: str = "visit") -> None:
    file = folder / "forms" / name / "form.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")


# new --------------------------------------------------------------------------------------------------------------------


def test_a_new_form_is_a_folder_for_editors_too(here: Path) -> None:
    folder = here / "forms" / "visit"
    assert sorted(file.name for file in folder.iterdir()) == ["example.yaml", "form.schema.json", "form.yaml"]
    text = (folder / "form.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=form.schema.json\n")
    jsonschema.Draft7Validator.check_schema(json.loads((folder / "form.schema.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_what_new_writes_passes_lint_and_prove(lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run("new", "goods-list", "--lang", lang, "--dir", "ours")
    run("lint", "ours")
    proved = run("prove", "ours/goods-list", "--no-office", "--lang", "en")
    assert "all went well" in proved.stderr
    assert len(proved.stdout.splitlines()) == 8


def test_a_form_like_another_is_a_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run("new", "county-goals", "--like", "department-goals")
    run("lint", "forms/county-goals")
    assert (tmp_path / "forms" / "county-goals" / "example.yaml").is_file()
    run("new", "x", "--like", "department-gaols", status=2)


def test_nothing_is_overwritten_unasked(here: Path) -> None:
    edit(here, "label: Visits", "label: Visitors")
    run("new", "visit", status=2)
    assert "Visitors" in (here / "forms" / "visit" / "form.yaml").read_text(encoding="utf-8")
    run("new", "visit", "--force")


def test_a_name_that_no_form_can_have(here: Path) -> None:
    result = run("new", "Visit List", "--lang", "en", status=2)
    assert "“Visit List” cannot name a form" in result.stderr
    assert not (here / "forms" / "Visit List").exists()


# lint -------------------------------------------------------------------------------------------------------------------


def test_lint_tells_all_with_file_and_line(here: Path) -> None:
    edit(here, "max_length: 40", "max_lenght: 40")
    edit(here, "VI-01", "MN-77")
    result = run("lint", "forms/visit", "--lang", "en", status=1)
    first, second = result.stdout.splitlines()
    assert first.startswith("forms/visit/form.yaml, line ")
    assert "did you mean “max_length”?" in first
    assert "such as VI-77" in second
    assert result.stderr == "1 form, 2 mistakes.\n"
    told = json.loads(run("lint", "forms/visit", "--json", status=1).stdout)
    assert [(mistake["file"], mistake["what"]) for mistake in told] == [
        ("forms/visit/form.yaml", "unknown_key"), ("forms/visit/form.yaml", "code_of_a_set"),
    ]  # fmt: skip


def test_lint_takes_names_paths_folders_and_nothing(here: Path) -> None:
    run("new", "other", "--lang", "en")
    edit(here, "max_length: 40", "max_length: forty", "other")
    for words, forms, status in (
        (("forms",), 2, 1), (("forms/visit",), 1, 0), (("forms/other/form.yaml",), 1, 1), (("project-target",), 1, 0),
        (("other", "visit", "--forms", "forms"), 2, 1), ((), len(OWN), 0), (("--forms", "forms"), len(OWN) + 2, 1),
    ):  # fmt: skip
        assert run("lint", *words, "--lang", "en", status=status).stderr.startswith(f"{forms} form"), words


@pytest.mark.parametrize("word", ["forms/none", "none", "forms/none/form.yaml"])
def test_lint_of_nothing(word: str, here: Path) -> None:
    result = run("lint", word, "--lang", "en", status=2)
    assert word in result.stderr


# list, show, schema -----------------------------------------------------------------------------------------------------


def test_the_list_says_where_whom_and_what(here: Path) -> None:
    run("new", "project-target", "--like", "project-target")
    edit(here, "max_length: 40", "max_lenght: 40")
    listed = {
        line.split("\t")[0]: line.split("\t")
        for line in run("list", "--forms", "forms", "--lang", "en").stdout.splitlines()
    }
    assert sorted(listed) == [*OWN, "visit"]
    assert listed["project-target"][3] == "--forms: forms/project-target/form.yaml (hides project-target/form.yaml)"
    assert listed["visit"][1:3] == ["", ""]
    assert "did you mean “max_length”?" in listed["visit"][4]
    assert len(listed["central-target"]) == 4
    plain = json.loads(run("list", "--forms", "forms", "--json").stdout)
    assert [form["level"] for form in plain] == [*["perfxl"] * (len(OWN) - 1), "option", "option"]
    assert [form["name"] for form in plain if form["mistakes"]] == ["visit"]


def test_a_form_is_shown(here: Path) -> None:
    shown = run("show", "forms/visit", "--lang", "en").stdout
    assert "(required; Excel refuses anything else) A text of at most 40 characters." in shown
    assert "VI-01  must fix  Correct an amount, or leave out what is not paid for.  [sheet and return]" in shown
    assert "RD-16" in shown
    plain = json.loads(run("show", "forms/visit", "--json", "--lang", "en").stdout)
    answers = {answer["path"]: answer for answer in plain["answers"]}
    assert [answers["number"][key] for key in ("type", "need", "excel")] == ["integer", "given", "locked"]
    (check,) = (check for check in answers["limit"]["checks"] if check["code"] == "VI-01")
    assert (check["sheet"], check["why"]) == (True, "")
    assert {check["why"] for check in plain["common"] if not check["sheet"]} <= {"file", "others", "words"}


def test_what_excel_cannot_check_is_shown_with_the_reason() -> None:
    plain = json.loads(run("show", "project-target", "--json").stdout)
    checks = {
        check["code"]: check for holder in (*plain["answers"], plain) for check in holder.get("checks", plain["common"])
    }
    assert checks["MN-10"]["why"] == "budget.control"
    assert checks["ID-05"]["why"] == "others"


def test_a_schema_of_the_language_and_of_records(here: Path) -> None:
    schema = json.loads(run("schema", "--lang", "en").stdout)
    assert schema["properties"]["version"]["description"].startswith("The version")
    records = json.loads(run("schema", "--records", "forms/visit").stdout)
    example = yaml.safe_load(
        (here / "forms/visit/example.yaml")
        .read_text(encoding="utf-8")
        .replace("2026-03-02", '"2026-03-02"')
        .replace("2026-03-03", '"2026-03-03"')
    )
    jsonschema.validate({"year": 2026, "visit": [example]}, records, cls=jsonschema.Draft202012Validator)


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_the_page_has_every_key_of_the_table(lang: str) -> None:
    from perfxl.form.definition.keys import SECTIONS

    page = reference_page(lang)
    parts = page.split("\n## ")[1:]
    assert len(parts) == len(SECTIONS) + 2
    for part, keys in zip(parts, SECTIONS.values(), strict=False):
        for key in keys:
            assert f"| `{key.name}`" in part
    width = {line.count(" | ") for line in parts[0].splitlines() if line.startswith("| `")}
    assert width == {4}


# prove, texts -----------------------------------------------------------------------------------------------------------


def test_prove_keeps_its_workbooks_where_it_is_told(here: Path) -> None:
    run("prove", "forms/visit", "--no-office", "-o", "tried")
    assert sorted(file.name for file in (here / "tried").iterdir()) == [
        "blank.xlsx",
        "filled.xlsx",
        "highest.xlsx",
        "lowest.xlsx",
    ]
    run("prove", "forms/visit", "--no-office", "-o", "tried", status=2)


def test_prove_tells_what_does_not_hold(here: Path) -> None:
    edit(here, "bad: {limit: 1}", "bad: {limit: 900}")
    result = run("prove", "forms/visit", "--no-office", "--lang", "en", status=1)
    assert "does not break VI-01" in result.stdout
    assert "1 thing does not hold" in result.stderr
    plain = json.loads(run("prove", "forms/visit", "--no-office", "--json", "--lang", "en", status=1).stdout)
    assert [len(step["failures"]) for step in plain["steps"] if step["what"] == "checks"] == [1]
    edit(here, "max_length: 40", "max_lenght: 40")
    run("prove", "forms/visit", "--no-office", status=2)


def test_texts_are_added_and_marked(here: Path) -> None:
    file = here / "forms" / "visit" / "texts" / "fr.yaml"
    run("texts", "forms/visit", "--lang", "fr", "--messages", "en")
    first = file.read_text(encoding="utf-8")
    waiting = yaml.safe_load(first)
    assert {"Visits", "Name", "Correct an amount, or leave out what is not paid for."} <= waiting.keys()
    assert set(waiting.values()) == {None}
    file.write_text(first.replace('"Name":', '"Name": Nom'), encoding="utf-8")
    edit(here, "label: Paid on}", "label: Paid when}")
    result = run("texts", "forms/visit", "--lang", "fr", "--messages", "en")
    second = file.read_text(encoding="utf-8")
    counted, untold = result.stderr.splitlines()
    assert counted == f"1 added, {len(waiting) - 1} to be translated, 0 no longer used."
    assert "perfxl itself has no words in fr" in untold
    assert '"Paid when":' in second
    assert '"Name": Nom\n' in second
    file.write_text(second.replace('"Paid on":', '"Paid on": Jour'), encoding="utf-8")
    for _ in range(2):  # what is marked once is marked once
        assert "1 no longer used" in run("texts", "forms/visit", "--lang", "fr", "--messages", "en").stderr
        assert (
            file.read_text(encoding="utf-8").count('# perfxl: the form has no such text any more\n"Paid on": Jour') == 1
        )
    edit(here, "label: Paid when}", "label: Paid on}")
    run("texts", "forms/visit", "--lang", "fr")
    assert "\n# perfxl" not in file.read_text(encoding="utf-8").split('"Paid on": Jour')[0][-60:]


def test_a_mistake_in_a_translation_is_told(here: Path) -> None:
    file = here / "forms" / "visit" / "texts" / "fr.yaml"
    run("texts", "forms/visit", "--lang", "fr")
    text = file.read_text(encoding="utf-8").replace(
        '"Visits {{ number }}":', '"Visits {{ number }}": "Visites {{ numero }}"'
    )
    file.write_text(text, encoding="utf-8")
    assert "numero" in run("texts", "forms/visit", "--lang", "fr", status=1).stderr


@pytest.mark.parametrize(("name", "lang"), [("forms/visit", "en"), ("forms/visit", "f/r"), ("project-target", "fr")])
def test_a_translation_that_cannot_be(name: str, lang: str, here: Path) -> None:
    run("texts", name, "--lang", lang, status=2)


# help -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", sorted(form_group.commands))
def test_help_teaches_by_example_in_both_languages(command: str) -> None:
    text = run(command, "--help").stdout
    assert text.count(f"perfxl form {command}") >= 2
    assert any("一" <= sign <= "鿿" for sign in text)
    assert any(word in text for word in (" form", " forms", "The "))


def test_the_forms_that_are_known_are_those_of_perfxl() -> None:
    assert installed.names() == OWN
