"""A document that somebody changed gives the same records, or says what it lost: never other ones in silence.

Each change is made to the example's document as text, as a Word file, and as a web page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from budget.documents.written import text_of

from perfxl import records
from perfxl.budget.documents.content import DocumentContent
from perfxl.budget.documents.extract import Extraction, extract
from perfxl.errors import DocumentError

ROOT = Path(__file__).parents[3]
TRUTH = records.load(ROOT / "examples" / "records.yaml")
TEXT = text_of(TRUTH)
HEAD = "\t一级指标\n\t二级指标\n\t三级指标\n\t绩效指标描述\n\t指标值\n\t指标值确定依据\n"
EQUAL, SAID, REFUSED = "equal", "said", "refused"


def rows(change: Callable[[list[str]], list[str]]) -> Callable[[str], str]:
    """A change of every row of six cells: of the indicators, and of their heading."""

    def changed(text: str) -> str:
        def row(match: re.Match[str]) -> str:
            cells = [cell.strip("\n") for cell in match[0].split("\t")[1:]]
            return "".join(f"\t{cell}\n" for cell in change(cells))

        return re.sub(r"(?<=\n\n)(?:^\t[^\t\n]*\n){6}(?=\n)", row, text, flags=re.MULTILINE)

    return changed


def outcome(document: DocumentContent | str) -> tuple[str, list[tuple[str, Any, Any]], Extraction | None]:
    """How reading ended: refused, the same records, or others that a note or an unplaced line speaks of."""
    try:
        found = extract(document, 2024)
    except DocumentError:
        return REFUSED, [], None
    wrong = list(differences(TRUTH, found.records)) if len(found.units) == 1 else [("units", 1, len(found.units))]
    return (SAID if wrong or not found.is_complete else EQUAL), wrong, found


def differences(wanted: Any, found: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield each place at which two records differ."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        for key in wanted:
            yield from differences(wanted[key], found.get(key), f"{path}.{key}")
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        for at, (one, other) in enumerate(zip(wanted, found, strict=True)):
            yield from differences(one, other, f"{path}[{at}]")
    elif wanted != found:
        yield path, wanted, found


def unspoken(wrong: list[tuple[str, Any, Any]], found: Extraction) -> list[tuple[str, Any, Any]]:
    """The differences of which nothing is said: neither in a note about the project, nor by a line without a place."""
    said = "".join(f"{note.facts}" for note in found.notes) + "".join(piece.text for piece in found.unplaced)
    names = {project["name"] for project in TRUTH["projects"] if project["name"] in said}
    loud = {f".projects[{at}]" for at, project in enumerate(TRUTH["projects"]) if project["name"] in names}
    if any("section" in note.facts or note.what == "numbering" for note in found.notes):
        loud.add(".department")
    return [item for item in wrong if not any(item[0].startswith(place) for place in loud) and not found.unplaced]


def first_in(text: str, pattern: str, change: str) -> str:
    """The text with the first match replaced."""
    changed, count = re.subn(pattern, change, text, count=1, flags=re.MULTILINE)
    assert count == 1, pattern
    return changed


def every(text: str, pattern: str, change: str | Callable[[re.Match[str]], str]) -> str:
    """The text with every match replaced."""
    changed, count = re.subn(pattern, change, text, flags=re.MULTILINE)
    assert count, pattern
    return changed


FULL = str.maketrans("0123456789", "０１２３４５６７８９")
_LAST = {"level1": ""}


def repeated_level1(text: str) -> str:
    """Level 1 written out in each row."""
    last = [""]

    def row(cells: list[str]) -> list[str]:
        last[0] = cells[0] or last[0]
        return [last[0], *cells[1:]]

    return rows(row)(text)


def blank_level2(text: str) -> str:
    """A class is written in its first row only."""
    last = [""]

    def row(cells: list[str]) -> list[str]:
        same = not cells[0] and cells[1] == last[0]
        last[0] = cells[1]
        return [cells[0], "" if same else cells[1], *cells[2:]]

    return rows(row)(text)


TEXTS: dict[str, tuple[Callable[[str], str], str]] = {
    "as it is": (lambda text: text, EQUAL),
    "CRLF": (lambda text: text.replace("\n", "\r\n"), EQUAL),
    "blank lines doubled": (lambda text: text.replace("\n\n", "\n\n\n"), EQUAL),
    "trailing spaces": (lambda text: every(text, r"$", "  "), EQUAL),
    "ideographic spaces around": (lambda text: every(text, r"^(\t?)(.+)$", "\\1\u3000\\2\u3000"), EQUAL),
    "a mark in front": (lambda text: "\ufeff" + text, EQUAL),
    "bookmarks": (lambda text: every(text, r"^(\d+\..*绩效目标表)$", r"[bookmark: _Toc_1]\1"), EQUAL),
    "tabs lost": (lambda text: text.replace("\t", ""), REFUSED),
    "tabs are spaces": (lambda text: text.replace("\t", "    "), REFUSED),
    "one tab lost": (lambda text: first_in(text, r"^\t数量指标", "数量指标"), SAID),
    "a tab lost in the head": (lambda text: first_in(text, r"^\t其他资金", "其他资金"), SAID),
    "a label lost": (lambda text: first_in(text, r"^\t项目编码\n", ""), SAID),
    "full-width digits in titles": (lambda text: every(text, r"^\d+\.(?=.*绩效目标表$)", lambda m: m[0].translate(FULL)), EQUAL),
    "full-width amounts": (lambda text: every(text, r"^\t\d+\.\d\d$", lambda m: m[0].translate(FULL)), EQUAL),
    "full-width percents": (lambda text: every(text, r"(?<=\n\t\n)(?:^\t\d+%?\n){4}", lambda m: m[0].translate(FULL).replace("%", "％")), EQUAL),
    "spaces in labels": (lambda text: text.replace("其中：财政资金", "其中：财政    资金").replace("\t指标值\n", "\t指 标 值\n"), EQUAL),
    "half-width punctuation in labels": (lambda text: text.replace("资金支出计划（%）", "资金支出计划(%)").replace("单位：万元", "单位:万元"), EQUAL),
    "an extra column": (rows(lambda cells: [*cells, "备注" if cells[0] == "一级指标" else "无"]), SAID),
    "an extra column in front": (rows(lambda cells: ["序号" if cells[0] == "一级指标" else "1", *cells]), SAID),
    "columns in another order": (rows(lambda cells: [*cells[:3], cells[4], cells[3], cells[5]]), EQUAL),
    "level 1 last": (rows(lambda cells: [*cells[1:], cells[0]]), EQUAL),
    "a column is missing": (rows(lambda cells: cells[:5]), SAID),
    "the heading is missing": (lambda text: text.replace(HEAD, ""), SAID),
    "one heading is missing": (lambda text: text.replace(HEAD, "", 1), SAID),
    "the heading is repeated": (lambda text: every(text, r"\n\n(?=\t效益指标\n)", f"\n\n{HEAD}\n"), EQUAL),
    "level 1 in each row": (repeated_level1, EQUAL),
    "level 2 in the first row only": (blank_level2, EQUAL),
    "a blank basis": (lambda text: first_in(text, r"((?:^\t[^\t\n]*\n){5})^\t[^\t\n]+\n(?=\n\t\n\t质量指标)", "\\1\t\n"), SAID),
    "a note below the tables": (lambda text: every(text, r"\n(?=\d+\..*绩效目标表$)", "\n注：以上为预计数。\n\n"), SAID),
    "a note between head and indicators": (lambda text: every(text, f"^(?={HEAD})", "注：指标值为全年数。\n\n"), SAID),
    "a row above the heading": (lambda text: every(text, f"^(?={HEAD})", "\t绩效指标\n\n"), SAID),
    "goals in rows of their own": (lambda text: every(text, r"\n(?=2\..*[。；]$)", "\n\n\t\n\t"), EQUAL),
    "titles without numbers": (lambda text: every(text, r"^\d+\.(?=.*绩效目标表$)", ""), SAID),
    "titles with 项目支出": (lambda text: every(text, r"^(\d+\..*)绩效目标表$", r"\1项目支出绩效目标表"), EQUAL),
    "titles with 、": (lambda text: every(text, r"^(\d+)\.(?=.*绩效目标表$)", r"\1、"), EQUAL),
    "titles without names": (lambda text: every(text, r"^\d+\..*绩效目标表$", "项目支出绩效目标表"), SAID),
    "no titles": (lambda text: every(text, r"^\d+\..*绩效目标表\n", ""), SAID),
    "titles broken": (lambda text: every(text, r"^(\d+\..*)绩效目标表$", "\\1绩效\n目标表"), SAID),
    "titles in the table": (lambda text: every(text, r"^(\d+\..*绩效目标表)\n", "\t\\1\n\n"), EQUAL),
    "amounts in 元": (lambda text: every(text.replace("单位：万元", "单位：元"), r"^\t(\d+)\.(\d\d)$", r"\t\1\g<2>00"), EQUAL),
    "amounts with their unit": (lambda text: every(text, r"^\t(\d+\.\d\d)$", r"\t\1万元"), EQUAL),
    "amounts as words": (lambda text: first_in(text, r"^\t\d+\.\d\d$", "\t约五万"), SAID),
    "words split over lines": (lambda text: every(text, r"^(\t[^\t\n]{4})([^\t\n。]{2,}标)$", r"\1\n\2"), EQUAL),
    "page breaks": (lambda text: every(text, r"^(?=\d+\..*绩效目标表$)", "\x0c"), EQUAL),
    "goals in one line": (lambda text: every(text, r"。\n(?=2\.)", "。"), EQUAL),
    "goals numbered （1）": (lambda text: every(text, r"^(\t?)(\d)\.(?=\D|20\d\d年)(?!.*绩效目标表$)", r"\1（\2）"), EQUAL),
    "Part 1 is missing": (lambda text: text[text.index("第二部分"):], SAID),
    "Part 1 in other words": (lambda text: text.replace("二、分项绩效目标", "二、职责分类绩效目标"), SAID),
    "an area without a number": (lambda text: first_in(text, r"^（二）[、]?", ""), SAID),
    "a title page": (lambda text: "清溪县柳溪镇2024年部门预算绩效文本\n" + text, EQUAL),
    "a table of another layout": (lambda text: text + "\n\n项目支出绩效自评表\n\t自评得分\n\t90\n", SAID),
    "rows as lines": (lambda text: every(every(text, r"\n(?=\t)(?<!\n\n)", ""), r"^\t", ""), SAID),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_text(name: str) -> None:
    change, wanted = TEXTS[name]
    text = change(TEXT)
    assert name == "as it is" or text != TEXT
    ended, wrong, found = outcome(text)
    assert found is None or unspoken(wrong, found) == []
    assert ended == wanted, (wrong[:5], found and (found.notes[:5], found.unplaced[:5]))
