"""Struck-out and raised text in other formats: the runs arrive in the plain package."""

from __future__ import annotations

import pytest

from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.reading.formatting import show_runs
from perfxl.workbook.reading.opening import open_bytes

PAGE = "<html><head><style>.x1{{text-decoration:line-through}}</style></head><body><table>{}</table></body></html>"
SHEET = (
    '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
    'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" xmlns:html="http://www.w3.org/TR/REC-html40">'
    '<Styles><Style ss:ID="s1"><Font ss:StrikeThrough="1"/></Style></Styles>'
    '<Worksheet ss:Name="A"><Table><Row>{}</Row></Table></Worksheet></Workbook>'
)
FLAT = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" office:mimetype="application/vnd.oasis.opendocument.spreadsheet">'
    '<office:automatic-styles><style:style style:name="T1" style:family="text"><style:text-properties '
    'style:text-line-through-style="solid"/></style:style><style:style style:name="T2" style:family="text">'
    '<style:text-properties style:text-position="super 58%"/></style:style><style:style style:name="T3" style:family="text">'
    '<style:text-properties style:text-position="33% 58%"/></style:style><style:style style:name="ce1" '
    'style:family="table-cell"><style:text-properties style:text-line-through-style="solid"/></style:style>'
    "</office:automatic-styles><office:body><office:spreadsheet><table:table table:name=\"A\"><table:table-row>{}"
    "</table:table-row></table:table></office:spreadsheet></office:body></office:document>"
)  # fmt: skip


def page(*cells: str) -> str:
    return PAGE.format("<tr>" + "".join(cells) + "</tr>")


def ods(style: str, inner: str) -> str:
    return f'<table:table-cell table:style-name="{style}" office:value-type="string"><text:p>{inner}</text:p></table:table-cell>'


CASES = [
    ("表.xls", page("<td><s>2100米</s>2150米</td>"), "2150米", "struck_out"),
    ("表.xls", page("<td><del>2100米</del> 2150米</td>"), "2150米", "struck_out"),
    ("表.xls", page("<td>8.6×10<sup>3</sup>平方米</td>"), "8.6×10³平方米", "raised"),
    ("表.xls", page("<td>500m<sup>2</sup></td>"), "500m²", ""),
    ("表.xls", page("<td>CO<sub>2</sub></td>"), "CO2", None),
    ("表.xls", page('<td class="x1">2150米</td>'), "2150米", "struck_out"),
    ("表.xls", SHEET.format('<Cell><ss:Data ss:Type="String"><html:S>2100米</html:S>2150米</ss:Data></Cell>'), "2150米", "struck_out"),
    ("表.xls", SHEET.format('<Cell><ss:Data ss:Type="String">10<html:Sup>3</html:Sup></ss:Data></Cell>'), "10³", "raised"),
    # as Excel writes it: HTML is the default namespace within the text
    ("表.xls", SHEET.format('<Cell><ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40">500<Font html:Size="11">m</Font><Sup>2</Sup></ss:Data></Cell>'), "500m²", ""),
    ("表.xls", SHEET.format('<Cell ss:StyleID="s1"><Data ss:Type="String">2150米</Data></Cell>'), "2150米", "struck_out"),
    ("表.fods", FLAT.format(ods("", '<text:span text:style-name="T1">2100米</text:span>2150米')), "2150米", "struck_out"),
    ("表.fods", FLAT.format(ods("", '8.6×10<text:span text:style-name="T2">3</text:span>')), "8.6×10³", "raised"),
    ("表.fods", FLAT.format(ods("", '8.6×10<text:span text:style-name="T3">3</text:span>')), "8.6×10³", "raised"),
    ("表.fods", FLAT.format(ods("ce1", "2150米")), "2150米", "struck_out"),
    ("表.fods", FLAT.format(ods("", "2150米")), "2150米", None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "shown", "doubt"), CASES)
def test_a_formatted_text(name: str, text: str, shown: str, doubt: str | None) -> None:
    workbook = Workbook(open_bytes(text.encode(), name))
    sheet = workbook.sheet(workbook.sheets[0])
    if doubt is None and (0, 0) not in sheet.formatted:
        assert sheet.value(0, 0) == shown
        return
    found = show_runs(sheet.formatted[0, 0])
    assert (found.text.strip(), found.doubt) == (shown, doubt or "")
