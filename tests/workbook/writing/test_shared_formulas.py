"""A formula of a long column stands once in the sheet, shared by the cells below each other, and says the same."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from workbook.conftest import submissions
from workbook.long_table import FORM, installed_form, records
from workbook.writing.test_stamp import parts_of, same

from perfxl.form.form import Form
from perfxl.workbook.sheet.book import Book
from perfxl.workbook.writing import finish
from perfxl.workbook.writing.books import issue_of, make_books
from perfxl.workbook.writing.compile import compile_book
from perfxl.workbook.writing.finish import MANY, share_formulas
from perfxl.workbook.writing.stamp import stamp_book

CALCULATED = FORM.replace(
    "{type: money, unit: 元, label: 原值}", "{type: money, unit: 元, label: 原值, calculation: count * price}"
)
FIRST, VALUE = 5, "G"
"""The first row of the table on the sheet, as people count, and the column that is calculated."""

# The law: what is shared, written out again, is what was there

FORMULAS = ["ROW()", "$A$1+1", 'IF($A$1=1,"a &lt; b","")', "'其他'!$A$1", "px.v.total*2"]
WRITTEN_OUT = re.compile(r'<f t="shared" (?:ref="[A-Z]+\d+:[A-Z]+\d+" )?si="(\d+)"(?:/>|>([^<]*)</f>)')


def written_out(sheet: str) -> str:
    """A sheet with every formula written where it applies."""
    formulas: dict[str, str] = {}

    def formula(match: re.Match[str]) -> str:
        return f"<f>{formulas.setdefault(match[1], match[2])}</f>"

    return WRITTEN_OUT.sub(formula, sheet)


@st.composite
def sheets(draw: st.DrawFn) -> str:
    """Columns of runs of formulas, with rows that hold none between them."""
    runs = st.lists(st.tuples(st.sampled_from([*FORMULAS, ""]), st.integers(1, 6)), max_size=5)
    columns = {column: draw(runs) for column in draw(st.sampled_from([("A",), ("Z", "AA"), ("B", "C", "BB")]))}
    filled = {
        column: [formula for formula, count in column_runs for _ in range(count)]
        for column, column_runs in columns.items()
    }
    cells = []
    for row in range(max(map(len, filled.values()), default=0)):
        for column, formulas in filled.items():
            if row < len(formulas):
                content = f"<f>{formulas[row]}</f><v>1</v>" if formulas[row] else "<v>1</v>"
                cells.append(f'<c r="{column}{row + 1}" s="3">{content}</c>')
    return f"<sheetData>{''.join(cells)}</sheetData>"


@given(sheets())
def test_what_is_shared_says_what_stood_there(sheet: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finish, "MANY", 3)
        shared = share_formulas(sheet)
    assert written_out(shared) == sheet
    for ref, si in re.findall(r'ref="([A-Z]+\d+:[A-Z]+\d+)" si="(\d+)"', shared):
        column, first, last = re.fullmatch(r"([A-Z]+)(\d+):\1(\d+)", ref).groups()  # type: ignore[union-attr]
        cells = re.findall(rf'<c r="([A-Z]+)(\d+)" s="3"><f t="shared"(?: ref="[^"]*")? si="{si}"', shared)
        assert cells == [(column, str(row)) for row in range(int(first), int(last) + 1)]
        assert len(cells) >= 3
    assert not re.search(r"<f t=[^>]*>[^<]*(?:!|px\.)", shared)


def test_few_cells_share_nothing() -> None:
    cells = "".join(f'<c r="A{row}"><f>ROW()</f><v>0</v></c>' for row in range(1, MANY))
    assert share_formulas(cells) == cells


# A workbook whose column is calculated


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Form]:
    with installed_form(tmp_path_factory.mktemp("assets"), CALCULATED) as loaded:
        yield loaded


def book(form: Form, count: int) -> Book:
    held = records(count)
    (made,) = dict(make_books(held, form, issue_of(held), "unit", "all")).values()
    return made


def formulas(data: bytes, count: int) -> list[str]:
    sheet = openpyxl.load_workbook(io.BytesIO(data))["资产1"]
    return [str(sheet[f"{VALUE}{row}"].value) for row in range(FIRST, FIRST + count)]


def test_a_long_column_has_in_every_row_the_formula_of_a_short_one(form: Form) -> None:
    count = MANY + 20
    small, large = (stamp_book(book(form, rows)) for rows in (5, count))
    (formula,) = {*formulas(small, 5)}
    same_place = re.sub(r"\$\d+", "$", formula)
    assert {re.sub(r"\$\d+", "$", one) for one in formulas(large, count)} == {same_place}
    sheet = next(part for part in parts_of(large).values() if b"ref=" in part and b'"shared"' in part).decode()
    assert sheet.count('<f t="shared"') == count
    assert sheet.count(f'ref="{VALUE}{FIRST}:{VALUE}{FIRST + count - 1}" si="0">') == 1


def test_stamping_writes_what_xlsxwriter_writes(form: Form) -> None:
    made = book(form, MANY + 20)
    same(stamp_book(made), compile_book(made))


def test_it_is_read_as_a_short_one_is_and_a_changed_cell_is_seen(form: Form) -> None:
    count = MANY + 20
    data = stamp_book(book(form, count))
    (found,) = submissions(data)
    assert found.record["assets"] == records(count)["lists"][0]["assets"]
    assert (found.doubts, found.unplaced, found.miscalculated) == ((), (), ())
    workbook = openpyxl.load_workbook(io.BytesIO(data))
    workbook["资产1"][f"{VALUE}{FIRST + MANY}"] = 1
    workbook.save(changed := io.BytesIO())
    (found,) = submissions(changed.getvalue())
    assert [(one.field, one.found) for one in found.miscalculated] == [(f"assets[{MANY}].value", "1.00")]
    assert found.record["assets"] == records(count)["lists"][0]["assets"]


def test_the_package_is_valid(form: Form, complaints: object) -> None:
    assert complaints(stamp_book(book(form, MANY + 20))) == []  # type: ignore[operator]
