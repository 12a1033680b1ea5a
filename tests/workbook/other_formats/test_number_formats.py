"""Number formats come over from other formats: by section, and under a built-in id what the file states itself."""

from __future__ import annotations

import random
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from office.libreoffice import ODS, XLS, LibreOffice
from workbook.other_formats import as_other_formats

from perfxl.form.types.base import Raw
from perfxl.form.types.number_format import nature, shown_text
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.limits import LIMITS
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.parts import BUILTIN
from perfxl.workbook.other_formats.__main__ import convert
from perfxl.workbook.other_formats.odf_number_format import NumberStyle
from perfxl.workbook.other_formats.values import ForeignFile
from perfxl.workbook.reading.opening import open_bytes

TESTS = Path(__file__).parents[2]
OLD = (TESTS / "returned" / "formats" / "xlwt写的.xls").read_bytes()
TABLE: list[dict[str, Any]] = yaml.safe_load((TESTS / "form" / "types" / "number_formats.yaml").read_text("utf-8"))
CELLS = [(row["format"], shown[0]) for group in TABLE for row in group["rows"] for shown in row["shown"]]
# LibreOffice in English does not know these and saves others in their place
FOREIGN = re.compile("F800|通用|红色|颜色|黑色|上午|!|%%|^e/|aaa$|;\\[<-1\\]|;\\[>100\\]|^\\[>0\\]0;0")


def _converted(kind: str, data: bytes) -> Workbook:
    return Workbook(Package(convert(kind, ForeignFile(data, "a", LIMITS)), "a"))


def _with_cells(cells: list[tuple[str, float]]) -> bytes:
    """A workbook with a number under a format in each row."""
    book = openpyxl.Workbook()
    for row, (code, number) in enumerate(cells, start=1):
        cell = book.worksheets[0].cell(row, 1, number)
        cell.number_format = code
    book.save(stream := BytesIO())
    return stream.getvalue()


@pytest.mark.parametrize(("kind", "suffix", "filter"), [("ods", ".ods", ODS), ("xls", ".xls", XLS)])
def test_what_libreoffice_saves_shows_the_same(
    kind: str, suffix: str, filter: str, office: LibreOffice, tmp_path: Path
) -> None:
    (source := tmp_path / "表.xlsx").write_bytes(_with_cells(CELLS))
    workbook = _converted(kind, office.convert(source, tmp_path / f"表{suffix}", filter).read_bytes())
    original = Workbook(open_bytes(source.read_bytes(), "表.xlsx"))
    for row, (code, number) in enumerate(CELLS):
        if not FOREIGN.search(code):
            before, after = (book.sheet(book.sheets[0]).raw(row, 0) for book in (original, workbook))
            assert before.value == number
            assert (shown_text(after), nature(after)) == (shown_text(before), nature(before)), (code, after)


@pytest.mark.parametrize("id", [*range(5, 9), *range(14, 59)])
def test_a_format_record_of_an_xls_wins_over_the_built_in_one(id: int) -> None:
    stated = OLD.replace(b"\x1e\x04\x1b\x00\xa5\x00", b"\x1e\x04\x1b\x00" + bytes((id, 0)))
    for data, code in ((stated, 'yyyy"年"m"月"'), (OLD, BUILTIN.get(id, "General"))):
        used = re.sub(rb"(\xe0\x00\x14\x00..)\xa5\x00", lambda found: found[1] + bytes((id, 0)), data)
        assert used != OLD
        workbook = _converted("xls", used)
        assert workbook.sheet(workbook.sheets[0]).raw(3, 0).format == code


def test_a_format_record_of_an_xlsb_wins_over_the_built_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(44)
    numbers = [
        (code, number) for code, number in CELLS if not nature(Raw(number, code)).date
    ]  # openpyxl makes datetimes
    for _ in range(20):
        cells = chance.sample(numbers, 40)
        monkeypatch.setattr(as_other_formats, "FIRST_FORMAT", chance.randint(1, 18))
        workbook = _converted("xlsb", as_other_formats.xlsb(_with_cells(cells)))
        sheet = workbook.sheet(workbook.sheets[0])
        assert [sheet.raw(row, 0).format for row in range(40)] == [code for code, _ in cells]


# ODF 1.3 part 3, 16.29: (element, attributes or text)... within a number format, and the code in Excel's notation
ELEMENTS: dict[str, tuple[str, list[tuple[str, Any]], str]] = {
    "General": ("number-style", [("number", {"min-integer-digits": "1"})], "General"),
    "leading zeros": ("number-style", [("number", {"decimal-places": "0", "min-integer-digits": "6"})], "000000"),
    "grouping": ("number-style", [("number", {"decimal-places": "2", "grouping": "true"})], "#,##0.00"),
    "zero as nothing": ("number-style", [("number", {"decimal-places": "0", "min-integer-digits": "0"})], "#"),
    "grouping alone": ("number-style", [("number", {"decimal-places": "0", "min-integer-digits": "0", "grouping": "true"})], "#,###"),
    "decimals if any": ("number-style", [("number", {"decimal-places": "3", "min-decimal-places": "1"})], "0.0##"),
    "scaled": ("number-style", [("number", {"decimal-places": "2", "display-factor": "1000000"})], "0.00,,"),
    "a unit": ("number-style", [("number", {"decimal-places": "0"}), ("text", "人")], '0"人"'),
    "a percent sign": ("number-style", [("number", {"decimal-places": "0"}), ("text", "%")], '0"%"'),
    "a percentage": ("percentage-style", [("number", {"decimal-places": "1"}), ("text", "%以上")], '0.0%"以上"'),
    "a percentage without sign": ("percentage-style", [("number", {"decimal-places": "0"})], "0%"),
    "money": ("currency-style", [("currency-symbol", "￥"), ("number", {"decimal-places": "0"})], '"￥"0'),
    "money of the country": ("currency-style", [("currency-symbol", ""), ("number", {"decimal-places": "0"})], '"¥"0'),
    "a colour": ("number-style", [("text-properties", {"color": "#ff0000"}), ("number", {"decimal-places": "0"})], "[Red]0"),
    "a fraction": ("number-style", [("fraction", {}), ("text", "亩")], '# ?/?"亩"'),
    "a power of ten": ("number-style", [("scientific-number", {"decimal-places": "2"})], "0.00E+00"),
    "a date": ("date-style", [("year", {"style": "long"}), ("text", "年"), ("month", {}), ("text", "月")], 'yyyy"年"m"月"'),
    "elapsed time": ("time-style", [("hours", {}), ("text", ":"), ("minutes", {"style": "long"})], "[h]:mm"),
    "a text": ("text-style", [("text", "第"), ("text-content", {}), ("text", "号")], '"第"@"号"'),
    "two sections": ("number-style", [("text", "-"), ("number", {"decimal-places": "0"}),
        ("map", {"condition": "value()>=0", "apply-style-name": "N1P0"})], '0"多";-0'),
    "a condition": ("number-style", [("number", {"decimal-places": "0"}),
        ("map", {"condition": "value()>=100", "apply-style-name": "N1P0"})], '[>=100]0"多";0'),
    "unlike": ("number-style", [("number", {"decimal-places": "0"}),
        ("map", {"condition": "value() != 5", "apply-style-name": "N1P0"})], '[<>5]0"多";0'),
}  # fmt: skip


@pytest.mark.parametrize("name", ELEMENTS)
def test_a_number_format_of_opendocument_as_a_code(name: str) -> None:
    kind, elements, code = ELEMENTS[name]
    style = NumberStyle(kind, "N1", elapsed=kind == "time-style")
    for tag, held in elements:
        style.start(tag, held if isinstance(held, dict) else {})
        style.end(tag, held if isinstance(held, str) else "")
    assert style.joined({"N1P0": '0"多"'}) == code


def test_texts_between_digits_stand_at_their_places() -> None:
    style = NumberStyle("number-style", "N1")
    style.start("number", {"decimal-places": "0", "min-integer-digits": "11"})
    for position in ("8", "4"):
        style.start("embedded-text", {"position": position})
        style.end("embedded-text", "-")
    style.end("number", "")
    assert style.joined({}) == "000-0000-0000"
