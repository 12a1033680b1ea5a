"""Web pages: of a site, and what Word, WPS or LibreOffice saves as one."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import pytest
from budget.documents.written import HEADINGS, KEYS, head_rows, text_of

from perfxl import records
from perfxl.budget.documents.extract import Extraction, extract, read_document
from perfxl.errors import DocumentError

WHOLE = records.load(Path(__file__).parents[3] / "examples" / "records.yaml")
TRUTH = {**WHOLE, "projects": WHOLE["projects"][:3]}


def page(records: dict[str, Any], charset: str = "utf-8") -> str:
    """A page as Word saves it: a class for each paragraph, cells with their spans, level 1 merged downward."""
    front = text_of({**records, "projects": []}).split("\n")
    body = [f"<p class=MsoNormal><span lang=EN-US>{escape(line)}</span></p>" for line in front]
    for project in records["projects"]:
        body.append(
            f"<p class=MsoTitle>{project['number']}.<b>{escape(project['name'])}</b>绩效目标表</p><table border=1>"
        )
        rows = head_rows(project, records["unit"])
        for at, row in enumerate(rows):
            body.append("<tr>")
            for nth, (text, span) in enumerate(row):
                if nth or text:
                    down = " rowspan=2" if not nth and rows[at + 1 : at + 2] and not rows[at + 1][0][0] else ""
                    cell = "".join(f"<p class=MsoNormal>{escape(line)}</p>" for line in text.split("\n"))
                    body.append(f"<td colspan={span}{down}>\n  {cell}\n  </td>")
            body.append("</tr>")
        body.append(
            "</table><p>&nbsp;</p><table><thead><tr>"
            + "".join(f"<th>{text}</th>" for text in HEADINGS)
            + "</tr></thead>"
        )
        indicators = project["indicators"]
        for at, row in enumerate(indicators):
            cells = [escape(row[key]) for key in KEYS]
            first = not at or indicators[at - 1]["level1"] != row["level1"]
            count = sum(other["level1"] == row["level1"] for other in indicators)
            merged = f"<td rowspan={count}>{cells[0]}</td>" if first else ""
            body.append(f"<tr>{merged}" + "".join(f"<td>{cell}</td>" for cell in cells[1:]) + "</tr>")
        body.append("</table>")
    return (
        f'<html><head><meta charset="{charset}"><style>p{{}}</style></head><body>' + "\n".join(body) + "</body></html>"
    )


def read(text: str, tmp_path: Path, encoding: str = "utf-8") -> Extraction:
    path = tmp_path / "x.htm"
    path.write_bytes(text.encode(encoding))
    return extract(read_document(path), 2024)


CODE = TRUTH["projects"][0]["code"]
CHANGES: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "a comment of the editor": lambda text: "<!-- saved from url -->\n<!DOCTYPE html>" + text,
    "an XML declaration": lambda text: '<?xml version="1.0" encoding="utf-8"?>\n' + text,
    "upper case": lambda text: re.sub(r"</?(?:table|tr|td)\b", lambda tag: tag[0].upper(), text),
    "ends left out": lambda text: re.sub(r"</t[dr]>", "", text),
    "scripts": lambda text: text.replace(CODE, f"<script>var x = '项目编码'</script>{CODE}"),
    "links": lambda text: text.replace(CODE, f'<a href="x"><span>{CODE[:5]}</span>{CODE[5:]}</a>'),
    "contents": lambda text: text.replace("<body>", "<body><p class=MsoToc1>一、总体绩效目标 1</p>"),
    "a frame of a table": lambda text: re.sub("(<table border=1>.*?</table>)", r"<table><tr><td>\1</td></tr></table>", text, flags=re.S),
    "line breaks": lambda text: text.replace("</p><p class=MsoNormal>2.", "<br>2."),
    "broken source lines": lambda text: text.replace("误工补贴", "误工\n    补贴"),
    "a menu": lambda text: text.replace("<body>", "<body><nav>首页 | 政务公开</nav>"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_pages(name: str, tmp_path: Path) -> None:
    found = read(CHANGES[name](page(TRUTH)), tmp_path)
    assert found.records == TRUTH
    assert (found.unplaced, found.notes) == ((), ())


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("gb2312", "gbk"), ("gbk", "gb18030"), ("utf-8", "utf-8-sig"), ("utf-8", "gb18030"), ("gb2312", "utf-8"), ("unicode", "utf-16")],
)  # fmt: skip
def test_encodings(charset: str, encoding: str, tmp_path: Path) -> None:
    assert read(page(TRUTH, charset), tmp_path, encoding).records == TRUTH


@pytest.mark.parametrize(
    ("piece", "what"),
    [
        ("<del>旧码</del><ins></ins>", "tracked_changes"),
        ("<span style='display:none'>看不见</span>", "hidden_text"),
        ("<span style='mso-hide:all'>看不见</span>", "hidden_text"),
        ("<span style='mso-element:comment'>批注</span>", "comments"),
        ("<img src=x>", "pictures"),
    ],
)
def test_what_is_kept_out_is_said(piece: str, what: str, tmp_path: Path) -> None:
    found = read(page(TRUTH).replace(CODE, CODE + piece), tmp_path)
    assert found.records == TRUTH
    assert [note.what for note in found.notes] == [what]


def test_a_page_without_a_table(tmp_path: Path) -> None:
    path = tmp_path / "x.html"
    path.write_text("<html><body><p>通知</p></body></html>", encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        extract(read_document(path), file=str(path))
    assert caught.value.facts["what"] == "nothing_found"
