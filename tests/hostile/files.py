"""Files made to do harm, and odd ones that must be read: each with what becomes of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from hostile import zips
from hostile.zips import Entry, changed, parts_of, without, zipped

MB = 1_000_000
SHEET, BOOK, STYLES = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"
STRINGS, BOOK_RELS, SHEET_RELS = (
    "xl/sharedStrings.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/worksheets/_rels/sheet1.xml.rels",
)
NS = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'

Make = Callable[[bytes], bytes]


class File(NamedTuple):
    """How it is made of a good one; what becomes of it when it is checked, and when it is flagged.

    ``read``, or the kind of the refusal (``PackageError.<kind>``).
    """

    made: Make
    checked: str
    flagged: str = ""


@lru_cache(maxsize=2)
def noise(size: int, signs: bytes = b"0123456789abcdef") -> bytes:
    """Signs that are packed about a hundred to one: less well than a bomb is, so that they are looked at."""
    start = bytes.maketrans(b"0123456789", signs[:10])
    rest = signs * 62
    return b"".join((b"%010d" % (at * 1103515245 % 10**10)).translate(start) + rest for at in range(size // 1002 + 1))[
        :size
    ]


def sheet(edit: Callable[[bytes], bytes]) -> Make:
    return lambda good: changed(good, SHEET, edit)


def rows(xml: bytes) -> Make:
    """Rows below the form's own."""
    return sheet(lambda data: data.replace(b"</sheetData>", xml + b"</sheetData>", 1))


def cells(xml: bytes) -> Make:
    return rows(b'<row r="3001">' + xml + b"</row>")


def tail(xml: bytes) -> Make:
    """Before the margins: where validations and conditional formats stand."""
    return sheet(lambda data: data.replace(b"<pageMargins", xml + b"<pageMargins", 1))


def many(count: int, piece: str) -> bytes:
    """A piece again and again, with its number for ``#`` and one that no packer foresees for ``@``: so it is no bomb."""
    return "".join(
        piece.replace("#", str(at)).replace("@", f"{at * 2654435761 % 2**32:x}") for at in range(1, count + 1)
    ).encode()


def merges(xml: bytes) -> Make:
    return sheet(lambda data: re.sub(rb"<mergeCells[^>]*>", lambda found: found[0] + xml, data, count=1))


def part(name: str, edit: Callable[[bytes], bytes]) -> Make:
    return lambda good: changed(good, name, edit)


def whole(name: str, data: bytes) -> Make:
    return part(name, lambda _: data)


def into(name: str, before: bytes, xml: bytes) -> Make:
    return part(name, lambda data: data.replace(before, xml + before, 1))


def added(**parts: bytes) -> Make:
    return lambda good: zipped(
        {**parts_of(good), **{name.replace("__", "/"): data for name, data in parts.items()}}.items()
    )


def plus(name: str, data: bytes) -> Make:
    return lambda good: zipped([*parts_of(good).items(), (name, data)])


def renamed(change: Callable[[str], str]) -> Make:
    return lambda good: zips.each(good, lambda entry: Entry(change(entry.name.decode()).encode(), entry.data))


def one(name: str, **said: int) -> Make:
    """One entry whose directory states something else."""
    return lambda good: zips.each(
        good, lambda entry: Entry(entry.name, entry.data, central=said) if entry.name == name.encode() else entry
    )


def strings(items: bytes, head: bytes = b"") -> bytes:
    return b"<sst " + NS + head + b">" + items + b"</sst>"


def sheets(names: list[str], targets: list[str], kind: str = "worksheet") -> Make:
    """More sheets listed in the workbook."""

    def made(good: bytes) -> bytes:
        held = parts_of(good)
        listed = "".join(f'<sheet name="{name}" sheetId="{900 + at}" r:id="x{at}"/>' for at, name in enumerate(names))
        types = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        related = "".join(
            f'<Relationship Id="x{at}" Type="{types}/{kind}" Target="{target}"/>' for at, target in enumerate(targets)
        )
        held[BOOK] = held[BOOK].replace(b"</sheets>", listed.encode() + b"</sheets>")
        held[BOOK_RELS] = held[BOOK_RELS].replace(b"</Relationships>", related.encode() + b"</Relationships>")
        return zipped(held.items())

    return made


def doctype(inside: str) -> Make:
    return sheet(lambda data: data.replace(b"<worksheet", f"<!DOCTYPE worksheet {inside}><worksheet".encode(), 1))


def encoded(name: str, codec: str, said: str) -> Make:
    def edit(data: bytes) -> bytes:
        text = re.sub(r"^<\?xml[^>]*\?>", f'<?xml version="1.0" encoding="{said}"?>', data.decode())
        return text.encode(codec, "xmlcharrefreplace")

    return part(name, edit)


def wide(good: bytes) -> bytes:
    """The strings' texts in signs of four bytes each."""
    return changed(
        good,
        STRINGS,
        lambda data: data.replace(
            b"</sst>", many(24, "<si><t>\U0001f600" + noise(900_000).decode() + "</t></si>") + b"</sst>"
        ),
    )


BILLION = '[<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]'
CIRCLE = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type='
    b'"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="sheet1.xml"/></Relationships>'
)

ZIPS: dict[str, File] = {
    "entries that share their bytes": File(zips.overlapping, "overlapping_parts"),
    "an entry within another": File(zips.quoted, "overlapping_parts"),
    "a name twice": File(plus(SHEET, b"<worksheet/>"), "doubled_part"),
    "a name twice in other letters": File(plus("XL/Worksheets/SHEET1.xml", b"<worksheet/>"), "doubled_part"),
    "a name that ends at a zero": File(
        lambda good: zips.written([*zips.entries(good), Entry(SHEET.encode() + b"\0.txt", b"")]), "doubled_part"
    ),
    "names with backslashes": File(renamed(lambda name: name.replace("/", "\\")), "read"),
    "absolute names": File(renamed(lambda name: f"/{name}"), "read"),
    "names in capitals": File(renamed(str.upper), "read"),
    "a part that leads elsewhere": File(plus("../../etc/passwd", b"root::0:0"), "read"),
    "folders, one named as a part": File(lambda good: zips.written([Entry(b"xl/", b""), Entry(f"{SHEET}/".encode(), b""), *zips.entries(good)]), "read"),
    "sizes that the parts themselves deny": File(
        lambda good: zips.each(good, lambda entry: Entry(entry.name, entry.data, local={"packed": 1, "size": 1 << 31})), "read"
    ),
    "less than there is": File(one(SHEET, size=100), "damaged_part"),
    "more than there is": File(one(SHEET, size=900_000), "damaged_part"),
    "fewer packed bytes": File(one(SHEET, packed=100), "damaged_part"),
    "a part of four gigabytes": File(one(SHEET, size=0xFFFFFFF0), "part_too_large"),
    "a false checksum": File(one(SHEET, crc=1), "damaged_part"),
    "a part beyond the end": File(one(SHEET, at=50 * MB), "damaged_part"),
    "sizes after the bytes": File(lambda good: zips.each(good, zips.described), "read"),
    "fields of zip64": File(zips.zip64, "read"),
    "stored, not packed": File(lambda good: zips.each(good, lambda entry: Entry(entry.name, entry.data, method=0)), "read"),
    "a program before it": File(lambda good: zips.written(zips.entries(good), before=b"MZ" + bytes(5000)), "is_program"),
    "something before it": File(lambda good: zips.written(zips.entries(good), before=b"PK..before"), "read"),
    "something after it": File(lambda good: good + b"\r\n-- \r\nsent by mail\r\n", "read"),
    "a count of one": File(lambda good: zips.written(zips.entries(good), count=1), "read"),
    "a count of very many": File(lambda good: zips.written(zips.entries(good), count=65_535), "read"),
    "a directory that stands elsewhere": File(lambda good: zips.written(zips.entries(good), at=5), "damaged_part"),
    "a directory of no bytes": File(lambda good: zips.written(zips.entries(good), size=0), "no_workbook"),
    "65,536 entries": File(lambda good: zips.written([*zips.entries(good), *(Entry(b"x/%d" % at, b"", 0) for at in range(65_536))]), "too_many_parts"),
    "300,000 entries in a directory alone": File(
        lambda good: zips.written(zips.entries(good), only=(Entry(b"%d" % at, b"", 0) for at in range(300_000))), "too_many_parts"
    ),
    "a part that nobody can unpack": File(lambda good: zips.written(Entry(entry.name, entry.data, 99) for entry in zips.entries(good)), "damaged_part"),
    "a part with a password": File(lambda good: zips.each(good, lambda entry: Entry(entry.name, entry.data, flags=1)), "encrypted"),
}  # fmt: skip

XML: dict[str, File] = {
    "an attribute of 50 MB": File(lambda good: cells(b'<c r="A3001" x="' + noise(50 * MB) + b'"/>')(good), "token_too_long"),
    "a text of 50 MB": File(lambda good: cells(b'<c r="A3001" t="str"><v>' + noise(50 * MB) + b"</v></c>")(good), "token_too_long"),
    "a comment of 50 MB": File(lambda good: cells(b"<!--" + noise(50 * MB) + b"-->")(good), "token_too_long"),
    "a comment of 50 MB, full of tags": File(lambda good: cells(b"<!--" + noise(50 * MB, b"<abcdefghijklmno") + b"-->")(good), "token_too_long"),
    "an instruction of 50 MB": File(lambda good: cells(b"<?x " + noise(50 * MB, b"<abcdefghijklmno") + b"?>")(good), "token_too_long"),
    "a section of 40 MB": File(lambda good: cells(b"<x><![CDATA[" + noise(40 * MB, b"<abcdefghijklmno") + b"]]></x>")(good), "read"),
    "100 levels": File(rows(b"<x>" * 100 + b"</x>" * 100), "too_deep"),
    "a million levels": File(lambda good: rows(many(MB, '<x a="@">') + b"</x>" * MB)(good), "too_deep"),
    "a million levels after the cells": File(lambda good: tail(many(MB, '<x a="@">') + b"</x>" * MB)(good), "too_deep"),
    "a million levels in the workbook": File(lambda good: into(BOOK, b"<sheets>", many(MB, '<x a="@">') + b"</x>" * MB)(good), "too_deep"),
    "a million levels of strings": File(lambda good: whole(STRINGS, strings(many(MB, '<x a="@">') + b"</x>" * MB))(good), "too_deep"),
    "a million levels of styles": File(lambda good: into(STYLES, b"<fonts", many(MB, '<x a="@">') + b"</x>" * MB)(good), "too_deep"),
    "two million names of elements": File(lambda good: rows(many(2 * MB, "<a#@/>"))(good), "too_many_words"),
    "a million names of attributes": File(lambda good: rows(many(MB, '<x a#@=""/>'))(good), "too_many_words"),
    "100,000 attributes": File(lambda good: rows(b"<x " + many(100_000, 'a#="@" ') + b"/>")(good), "too_many_words"),
    "a billion laughs": File(doctype(BILLION), "doctype"),
    "a file from outside": File(doctype('[<!ENTITY x SYSTEM "file:///etc/passwd">]'), "doctype"),
    "a declaration from outside": File(doctype('SYSTEM "http://127.0.0.1/x.dtd"'), "doctype"),
    "a declaration of nothing": File(doctype(""), "doctype"),
    "utf-7": File(encoded(SHEET, "utf-7", "UTF-7"), "damaged_part"),
    "no such encoding": File(encoded(SHEET, "utf-8", "x-unknown"), "damaged_part"),
    "gb18030": File(encoded(SHEET, "gb18030", "GB18030"), "damaged_part"),
    "utf-16 that says so": File(encoded(SHEET, "utf-16", "UTF-16"), "read"),
    "utf-16 without a sign": File(encoded(SHEET, "utf-16-le", "UTF-16"), "read"),
    "latin-1": File(encoded(SHEET, "latin-1", "ISO-8859-1"), "read"),
    "no utf-8": File(sheet(lambda data: data.replace(b"<sheetData>", b"<sheetData><!--\xff\xfe-->", 1)), "damaged_part"),
    "a zero": File(sheet(lambda data: data.replace(b"<sheetData>", b"<sheetData>\0", 1)), "damaged_part"),
    "two roots": File(sheet(lambda data: data + b"<worksheet/>"), "damaged_part"),
}  # fmt: skip

CELLS: dict[str, File] = {
    "the first and the last cell of all": File(rows(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), "read"),
    "a row of number 0": File(rows(b'<row r="0"><c r="A0"><v>1</v></c></row>'), "damaged_part"),
    "a row too far down": File(rows(b'<row r="1048577"><c r="A1048577"><v>1</v></c></row>'), "damaged_part"),
    "a row of number 10^30": File(rows(b'<row r="1' + b"0" * 30 + b'"><c><v>1</v></c></row>'), "damaged_part"),
    "a row of 5,000 digits": File(rows(b'<row r="1' + b"0" * 5000 + b'"><c><v>1</v></c></row>'), "damaged_part"),
    "a row of another number": File(rows('<row r="²"><c><v>1</v></c></row>'.encode()), "damaged_part"),
    "a column beyond the last": File(cells(b'<c r="XFE3001"><v>1</v></c>'), "damaged_part"),
    "a column of another alphabet": File(cells('<c r="А3001"><v>1</v></c>'.encode()), "damaged_part"),
    "16,385 cells that do not say where": File(cells(b"<c><v>1</v></c>" * 16_385), "damaged_part"),
    "rows in no order": File(rows(b'<row r="3002"><c r="A3002"><v>1</v></c></row><row r="3001"><c r="A3001"><v>1</v></c></row>'), "read"),
    "a row in two pieces": File(rows(b'<row r="3001"><c r="A3001"><v>1</v></c></row><row r="3001"><c r="B3001"><v>1</v></c></row>'), "read"),
    "a cell twice": File(cells(b'<c r="A3001"><v>1</v></c><c r="A3001"><v>2</v></c>'), "doubled_cell"),
    "a row twice": File(rows(b'<row r="3001"><c r="A3001"><v>1</v></c></row><row r="3001"><c r="A3001"><v>1</v></c></row>'), "doubled_cell"),
    "cells in a cell": File(cells(b'<c r="A3001"><c r="B3001"><v>1</v></c></c>'), "read"),
    "a format that is not there": File(cells(b'<c r="A3001" s="99999"><v>1</v></c><c r="B3001" s="-99999"><v>1</v></c>'), "read"),
    "a format that is no number": File(cells(b'<c r="A3001" s="x"><v>1</v></c>'), "damaged_part"),
    "a shared string that is not there": File(cells(b'<c r="A3001" t="s"><v>99999</v></c>'), "damaged_part"),
    "a shared string of number -1": File(cells(b'<c r="A3001" t="s"><v>-1</v></c>'), "damaged_part"),
    "a shared string of another number": File(cells('<c r="A3001" t="s"><v>²</v></c>'.encode()), "damaged_part"),
    "numbers that are none": File(cells("".join(f"<c><v>{text}</v></c>" for text in ("1e400", "nan", "-inf", "-0", "１２", "1_0", "0x1", "", " ")).encode()), "read"),
    "truths and dates": File(cells(b'<c t="b"><v>TRUE</v></c><c t="b"><v>x</v></c><c t="d"><v>2024-10-31T00:00:00Z</v></c><c t="d"><v>9999999-1</v></c>'), "read"),
    "a type that is none": File(cells(b'<c t="zz"><v>1</v></c>'), "read"),
    "a merge over the whole sheet": File(merges(b'<mergeCell ref="A1:XFD1048576"/>'), "read"),
    "merges over each other": File(merges(b'<mergeCell ref="A1:F9"/>' * 50), "read"),
    "merges that are none": File(merges(b'<mergeCell ref="#REF!"/><mergeCell/><mergeCell ref="A0:B0"/>'), "read"),
    "50,001 merges": File(lambda good: merges(many(50_001, '<mergeCell ref="A#:B#"/>'))(good), "too_many_merges"),
    "a million cells": File(lambda good: rows(many(MB, '<row r="#"><c r="ZZ#"><v>@</v></c></row>'))(good), "too_many_cells"),
    "a million blank cells": File(lambda good: rows(many(400_000, '<row><c s="1" x="@"/><c s="1"/></row>'))(good), "read"),
    "400,000 hidden rows": File(lambda good: rows(many(400_000, '<row hidden="1" x="@"/>'))(good), "read"),
    "two million rows": File(lambda good: rows(many(2 * MB, '<row x="@"/>'))(good), "too_many_rows"),
    "a million rows over and over": File(lambda good: rows(many(MB, '<row r="3001" x="@"/>'))(good), "too_many_rows"),
    "a million empty formulas": File(lambda good: rows(many(MB, '<row r="#" x="@"><c r="ZZ#"><f/></c></row>'))(good), "too_many_cells"),
    "a million validations": File(lambda good: tail(b"<dataValidations>" + many(MB, '<dataValidation sqref="A#" x="@"/>') + b"</dataValidations>")(good), "read", "too_many_elements"),
    "a million conditional formats": File(lambda good: tail(many(MB, '<conditionalFormatting sqref="A@"/>'))(good), "read", "too_many_elements"),
    "16,384 columns": File(sheet(lambda data: re.sub(rb"<cols>.*</cols>", b"<cols>" + many(16_384, '<col min="#" max="#" width="9" hidden="1"/>') + b"</cols>", data)), "read"),
    "a column hidden again and again": File(sheet(lambda data: data.replace(b"<sheetData>", b"<cols>" + b'<col min="1" max="16384" hidden="1"/>' * 9 + b"</cols><sheetData>", 1)), "damaged_part"),
    "strings in no end": File(lambda good: whole(STRINGS, strings(many(MB, "<si><t>@</t></si>")))(good), "too_many_strings"),
    "12 million strings of nothing": File(lambda good: whole(STRINGS, strings(many(250_000, "<si/>" * 48 + "<!--@-->")))(good), "too_many_strings"),
    "a count of four thousand million": File(part(STRINGS, lambda data: re.sub(rb"<sst [^>]*>", b"<sst " + NS + b' count="4000000000" uniqueCount="4000000000">', data)), "read"),
    "texts of 20 million characters, four bytes each": File(wide, "too_many_characters"),
}  # fmt: skip

PARTS: dict[str, File] = {
    "a number format of 1 MB": File(lambda good: into(STYLES, b"<fonts", b'<numFmts count="1"><numFmt numFmtId="200" formatCode="' + noise(MB) + b'"/></numFmts>')(good), "read"),
    "a million cell formats": File(lambda good: part(STYLES, lambda data: re.sub(rb"<cellXfs[^>]*>", lambda found: found[0] + many(MB, '<xf numFmtId="@"/>'), data))(good), "too_many_styles"),
    "60,000 cell formats": File(lambda good: part(STYLES, lambda data: data.replace(b"</cellXfs>", many(60_000, '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" x="@"/>') + b"</cellXfs>"))(good), "read"),
    "100,000 lists of fonts": File(lambda good: part(STYLES, lambda data: data.replace(b"</styleSheet>", many(100_000, '<fonts x="@"/>') + b"</styleSheet>"))(good), "read"),
    "a name of 1 MB": File(lambda good: into(BOOK, b"</definedNames>", b'<definedName name="a">' + noise(MB) + b"</definedName>")(good), "read"),
    "a name that is #REF!": File(into(BOOK, b"</definedNames>", b'<definedName name="px.purpose" localSheetId="0">#REF!</definedName>'), "read"),
    "a name of a sheet that is none": File(into(BOOK, b"</definedNames>", '<definedName name="px.x" localSheetId="²">A1</definedName>'.encode()), "damaged_part"),
    "a million names": File(lambda good: into(BOOK, b"</definedNames>", many(MB, '<definedName name="n@">1</definedName>'))(good), "too_many_names"),
    "a million relations": File(lambda good: part(BOOK_RELS, lambda data: data.replace(b"</Relationships>", many(MB // 4, '<Relationship Id="n@#" Type="x" Target="y"/>') + b"</Relationships>"))(good), "too_many_relations"),
    "501 sheets": File(sheets([f"s{at}" for at in range(501)], [f"worksheets/s{at}.xml" for at in range(501)]), "too_many_sheets"),
    "a sheet that is not there": File(sheets(["缺"], ["worksheets/none.xml"]), "missing_sheet"),
    "two sheets of one part": File(sheets(["一", "二"], ["worksheets/sheet1.xml", "/xl/worksheets/sheet1.xml"]), "doubled_sheet"),
    "a sheet without a relation": File(into(BOOK, b"</sheets>", '<sheet name="无" sheetId="99"/>'.encode()), "missing_sheet"),
    "a chart as a sheet": File(sheets(["图"], ["chartsheets/sheet1.xml"], "chartsheet"), "read"),
    "macros as a sheet": File(sheets(["宏"], ["macrosheets/sheet1.xml"], "xlMacrosheet"), "read"),
    "a dialog as a sheet": File(sheets(["框"], ["dialogsheets/sheet1.xml"], "dialogsheet"), "read"),
    "a sheet that is another workbook's": File(sheets(["外"], ["https://example.org/sheet1.xml"], "worksheet"), "missing_sheet"),
    "relations in a circle": File(added(xl__worksheets___rels__sheet1_xml_rels=CIRCLE), "read"),
    "a sheet related to itself": File(lambda good: zipped({**parts_of(good), SHEET_RELS: CIRCLE}.items()), "read"),
    "a part that leads to a file": File(part(BOOK_RELS, lambda data: data.replace(b"worksheets/sheet1.xml", b"../../../etc/passwd")), "missing_sheet"),
    "no styles": File(lambda good: without(good, STYLES), "missing_part"),
    "no list of types": File(lambda good: without(good, "[Content_Types].xml"), "read", "missing_part"),
    "no strings": File(lambda good: without(good, STRINGS), "missing_part"),
}  # fmt: skip

SLOW: dict[str, File] = {
    "shared strings as attributes": File(lambda good: plus("xl/worksheets/sheet90.xml", b"<worksheet><sheetData/><x a='" + b't="s"' * 200_000 + b"'/></worksheet>")(sheets(["x"], ["worksheets/sheet90.xml"])(good)), "read"),
    "drawings in a comment": File(lambda good: tail(b"<!--" + many(60_000, "<legacyDrawing x@ ") + b"-->")(good), "read"),
    "relations in a comment": File(lambda good: part(BOOK_RELS, lambda data: data.replace(b"</Relationships>", b"<!--" + many(100_000, "<Relationship x@ ") + b"--></Relationships>"))(good), "read"),
    "rows in a comment": File(lambda good: rows(b"<!--" + many(200_000, "<row x@ ") + b"-->")(good), "read"),
    "ends of cells in a comment": File(lambda good: tail(b"<!--" + many(60_000, "<cfRule perfxl:x@ ") + b"-->")(good), "read"),
    "a flag of 100,000 rules": File(lambda good: tail(b'<conditionalFormatting sqref="A1">' + many(50_000, '<cfRule type="expression" priority="#"><formula>N("perfxl:@")=0</formula></cfRule>') + b"</conditionalFormatting>")(good), "read"),
    "spaces in a tag": File(lambda good: rows(b"<x" + b" \n\t  " * 300_000 + b"/>")(good), "read"),
}  # fmt: skip

ALL = {**ZIPS, **XML, **CELLS, **PARTS, **SLOW}
