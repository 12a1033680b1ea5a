"""A unit's code may be anything, or missing: its sheets are known again; no two sheets of a unit bear one code."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from workbook.conftest import FORMS, example, made, submissions

import perfxl
from perfxl import messages
from perfxl.errors import NothingToDo, RecordsError
from perfxl.form import installed, library
from perfxl.workbook.sheet.identity import PRINTED, Identity, unit_of_sign, unit_sign
from perfxl.workbook.writing.books import issue_of, make_books
from perfxl.workbook.writing.stamp import stamp_book

CODES = (
    "", None, "904001", "007", "A-1/2", "ab-cd", "县-01", "清溪01", " 9 04 ", "９０４", "9|4", '9"4', "a.b", "<&>", "24-1-01-1-A",
    "x0A1B2C3D", "x" * 200, "{{ x }}", "&P", "'", "=1", "\u3000", "9\n4", "😀",
)  # fmt: skip
NAME = "清溪县柳溪镇"
# no white space at the ends, which a cell loses, and no characters that no cell may hold
WRITTEN = st.text(st.characters(exclude_categories=("Cs", "Cc", "Co", "Cn")), max_size=60).map(str.strip)


def sent(form: str, code: str | None, name: str = NAME) -> bytes:
    """The first workbook of a unit with this code, as it is sent out filled."""
    records = {**example(form), "unit": {"code": code, "name": name}}
    return stamp_book(next(iter(made(form, records).values())))


def plain(data: bytes) -> set[str]:
    """The checks that find something, and the doubts that do."""
    found = {finding.code for finding in perfxl.check(data).findings}
    return found | {doubt.kind for one in submissions(data) for doubt in one.doubts}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("code", CODES)
def test_an_untouched_sheet_of_any_unit_is_without_findings(form: str, code: str | None) -> None:
    data = sent(form, code)
    assert plain(data) == plain(sent(form, "904001"))
    assert {(one.unit_code, one.unit_name) for one in submissions(data)} == {(code or "", NAME)}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(st.sampled_from(FORMS), WRITTEN)
def test_an_invented_code_is_known_again(form: str, code: str) -> None:
    data = sent(form, code)
    assert plain(data) == plain(sent(form, "904001"))
    assert {one.unit_code for one in submissions(data)} == {code}


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60), st.integers(0, 999))
def test_the_printed_code_of_any_unit_is_one(code: str, number: int) -> None:
    printed = Identity("f", "1", 2024, code.encode("utf-8", "replace").decode(), 1, number).printed
    assert PRINTED.fullmatch(printed)


@pytest.mark.parametrize("code", CODES)
def test_a_sign_never_passes_for_a_code(code: str | None) -> None:
    sign = unit_sign(code or "")
    assert unit_of_sign(sign) == (code if sign == code else "")


def test_units_without_a_code_are_told_by_their_names() -> None:
    one, other = sent("project-target", "", "柳溪镇"), sent("project-target", "", "柳河镇")
    codes = {finding.code for finding in perfxl.check(one, other).findings}
    assert "ID-05" not in codes  # the same project in two units is no double
    with pytest.raises(NothingToDo):
        perfxl.read(one, other).records()


def numbered(*numbers: int | None) -> dict[str, Any]:
    """Invented projects of the central form, which can do without a number."""
    records = example("central-target")
    records["projects"] = [{**records["projects"][0], "name": f"项目{at}", "number": n} for at, n in enumerate(numbers)]
    return records


@pytest.mark.parametrize("numbers", [(None, None), (2, 2), (1, None, 3, None), (0, None), (1, 2, 1)])
def test_two_records_of_one_number_are_refused(numbers: tuple[int | None, ...]) -> None:
    with pytest.raises(RecordsError) as caught:
        perfxl.generate(numbered(*numbers), form="central-target")
    assert caught.value.facts["what"] == "same_number"
    for language in messages.languages():
        assert "projects[" in messages.sentence(caught.value, language)


@pytest.mark.parametrize("numbers", [(None,), (1, 2, 3), (None, 1, 2)])
def test_records_of_different_numbers_have_different_codes(numbers: tuple[int | None, ...]) -> None:
    pages = [page for book in made("central-target", numbered(*numbers)).values() for page in book.pages]
    assert len({page.identity.printed for page in pages}) == len(numbers)


def test_the_records_of_a_form_without_numbers_are_counted() -> None:
    text = library.path("central-target", "form.yaml").read_text("utf-8")
    text = "\n".join(line for line in text.splitlines() if not line.strip().startswith("number:"))
    named = re.sub(r'name: "\{\{ .项目%02d.*', 'name: "{{ name }}"', text)
    form = installed.load_text(named)
    assert form.key == ""
    ((_, book),) = make_books(numbered(None, None), form, issue_of(numbered()))
    assert [page.identity.number for page in book.pages] == [1, 2]
