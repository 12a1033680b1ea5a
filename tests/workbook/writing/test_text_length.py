"""A text that no cell holds is one sentence with its place, said before anything is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from rules.bad_values import paths, put_at
from workbook.conftest import FORMS, example

from perfxl import generate, records, sentence
from perfxl.cli import main
from perfxl.errors import RecordsError
from perfxl.form import installed as forms
from perfxl.workbook.writing.books import LONGEST, issue_of, make_books

ANSWERS = [(name, path) for name in FORMS for path, _ in paths(forms.load(name)) if not path.endswith("]")]


@pytest.mark.parametrize("text", ["字" * (LONGEST + 1), "😀" * (LONGEST // 2 + 1)], ids=["one unit", "two units"])
@pytest.mark.parametrize(("name", "path"), ANSWERS, ids=lambda value: str(value))
def test_a_text_that_no_cell_holds_is_named(name: str, path: str, text: str) -> None:
    form, held = forms.load(name), example(name)
    (top, record), *_ = form.records(held)
    held[form.root] = [record] if form.many else record
    put_at(record, path, text)
    with pytest.raises(RecordsError) as caught:
        list(make_books(held, form, issue_of(held), "unit", "all"))
    facts = caught.value.facts
    if facts["what"] == "wrong_type":  # a title cannot calculate with it
        return
    assert facts["what"] == "too_long"
    assert facts["place"].startswith(top)
    assert facts["place"].rpartition(".")[2] in path
    assert facts["limit"] == LONGEST < facts["length"] <= LONGEST + 20


@pytest.mark.parametrize("name", FORMS)
def test_a_text_that_is_not_filled_in_may_be_as_long_as_it_likes(name: str) -> None:
    form, held = forms.load(name), example(name)
    (_, record), *_ = form.records(held)
    asked = next(id for id, asked in form.fields.items() if not asked.given and asked.required)
    put_at(record, asked, "字" * (LONGEST + 1))
    assert list(make_books(held, form, issue_of(held), "unit", "given"))


def test_nothing_is_written_where_a_later_record_has_one(tmp_path: Path) -> None:
    held = example("project-target")
    held["projects"][1]["purpose"] = "字" * 40_000
    source = tmp_path / "records.yaml"
    records.dump(held, source)
    words = ["generate", str(source), "-o", str(tmp_path / "out"), "--by", "project", "--prefill", "all"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 2
    assert result.stderr.endswith("projects[1].purpose有40000个字符，一个单元格最多放32767个，请缩短。\n")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("key", ["code", "name"])
def test_a_unit_has_a_name_that_fits_on_the_sheet(key: str) -> None:
    held = example("project-target")
    held["unit"][key] = "9" * 40_000
    with pytest.raises(RecordsError, match="maxLength") as caught:
        generate(held)
    assert f"unit.{key}" in sentence(caught.value, "en")


@pytest.mark.parametrize("option", ["phase", "office", "phone"])
def test_what_is_printed_on_every_sheet_is_short(option: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"{option} is a text of at most 200 characters, not 201"):
        generate(example("project-target"), **{option: "话" * 201})  # type: ignore[arg-type]
    result = CliRunner().invoke(main, ["generate", "x.yaml", "-o", str(tmp_path), f"--{option}", "话" * 201])
    assert (result.exit_code, f"--{option}最多写200个字符" in result.stderr) == (2, True)
