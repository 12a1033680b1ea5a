"""What the cell shows is what is read: struck-out text is not the answer, and 10³ is not 103."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from workbook.conftest import part, returned, reviewed, some, with_parts

from perfxl.form.types.base import HOW
from perfxl.submission import Doubt, Submission
from perfxl.workbook.ooxml.rich_text import Run, Runs, plain_text
from perfxl.workbook.reading.formatting import show_runs

SHEET, STYLES = "xl/worksheets/sheet1.xml", "xl/styles.xml"
SENT = some(1, by="project")
TARGET = "indicators[0].target"  # in G12


def runs(text: str) -> Runs:
    """The runs of a text in a small notation: -struck out-, ^raised^, _lowered_; a | begins a run without a format."""
    pieces = re.findall(r"-[^-]+-|\^[^^]+\^|_[^_]+_|\|?[^-^_|]+", text)
    formats: dict[str, dict[str, Any]] = {
        "-": {"struck": True},
        "^": {"struck": False, "raised": 1},
        "_": {"struck": False, "raised": -1},
    }
    return tuple(
        Run(piece[1:-1], **formats[piece[0]]) if piece[0] in formats else Run(piece.lstrip("|")) for piece in pieces
    )


def xml_of(text: Runs) -> str:
    """The runs as they stand in a file."""
    found = ""
    for run in text:
        raised = {1: '<vertAlign val="superscript"/>', -1: '<vertAlign val="subscript"/>', 0: ""}[run.raised]
        properties = (
            f'<rPr><sz val="11"/>{"<strike/>" if run.struck else ""}{raised}</rPr>' if run.struck is not None else ""
        )
        found += f'<r>{properties}<t xml:space="preserve">{run.text}</t></r>'
    return found


# what is shown, and the other reading where there is a doubt
SHOWN = [
    ("2150米", "2150米", None),
    ("-2100米-2150米", "2150米", "2100米2150米"),
    ("2150米-2100米-", "2150米", "2150米2100米"),
    ("2-1-50米", "250米", "2150米"),
    ("-2100-|2150|米", "2150米", "21002150米"),
    ("- -2150米", " 2150米", None),
    ("-2150米-", "2150米", ""),
    ("8.6×10^3^平方米", "8.6×10³平方米", "8.6×103平方米"),
    ("10^-3^", "10⁻³", "10-3"),
    ("10^3^", "10³", "103"),
    ("217人^1^", "217人¹", "217人1"),
    ("217人^注^", "217人注", "217人"),
    ("500m^2^", "500m²", None),
    ("500km^2^", "500km²", None),
    ("3米^3^", "3米³", None),
    ("m^2^", "m²", None),
    ("500m^2^5", "500m²5", "500m25"),
    ("5cm^4^", "5cm⁴", "5cm4"),
    ("CO_2_排放量", "CO2排放量", None),
    ("PM_2.5_", "PM2.5", None),
    ("7_2_人", "7₂人", "72人"),
    ("log_2_8", "log₂8", "log28"),
    ("品牌^®^", "品牌®", None),
    ("95^%^", "95%", None),
]


@pytest.mark.parametrize(("text", "shown", "other"), SHOWN)
def test_what_a_text_shows(text: str, shown: str, other: str | None) -> None:
    found = show_runs(runs(text))
    assert (found.text, found.other if found.doubt else None) == (shown, other)
    assert set(found.how) <= set(HOW)
    assert bool(found.how) == (found.text != plain_text(runs(text)))


def invented(count: int) -> Iterator[Runs]:
    """Texts in runs, the same in every run of the tests."""
    dice = random.Random(3)
    words = ("2100米", "2150米", "≥95%", "217", "人", " ", "10", "3", "m", "CO", "2", "、", "《办法》", "8.6×")
    formats = (Run(""), Run("", False), Run("", True), Run("", False, 1), Run("", False, -1))
    for _ in range(count):
        yield tuple(dice.choice(formats)._replace(text=dice.choice(words)) for _ in range(dice.randint(1, 5)))


def test_no_text_is_silently_another_one() -> None:
    """Laws over 2,000 texts: nothing struck out is taken in silence, no digit moves to another without a doubt."""
    for text in invented(2_000):
        found = show_runs(text)
        whole = plain_text(text)
        if any(run.struck and run.text.strip() for run in text):
            assert found.doubt == "struck_out", text
            assert found.text in (whole, "".join(run.text for run in text if not run.struck)), text
        elif found.doubt:
            assert found.text != found.other, text
            assert whole in (found.text, found.other), text
        else:
            assert found.text == whole or found.how == ("raised",), text
            # digits of different heights are side by side in no text that is believed
            plain = [(sign, run.raised) for run in text for sign in run.text]
            for (sign, height), (after, next_height) in itertools.pairwise(plain):
                assert not (sign in "0123456789" and after in "0123456789" and height != next_height), text


def in_cell(text: Runs, cell: str = "G12", shared: bool = False) -> bytes:
    """The workbook with these runs in a cell: as an inline text, or as a shared string."""
    sheet = part(SENT, SHEET)
    kind, inner = ("s", "<v>0</v>") if shared else ("inlineStr", f"<is>{xml_of(text)}</is>")
    new, count = re.subn(
        rf'<c r="{cell}" (s="\d+")[^>]*?(?:/>|>.*?</c>)', rf'<c r="{cell}" \1 t="{kind}">{inner}</c>', sheet, count=1
    )
    assert count == 1
    changes = {SHEET: new}
    if shared:
        main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        changes["xl/sharedStrings.xml"] = f'<sst xmlns="{main}"><si>{xml_of(text)}</si></sst>'
        relation = '<Relationship Id="rIdS" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/>'
        changes["xl/_rels/workbook.xml.rels"] = part(SENT, "xl/_rels/workbook.xml.rels").replace(
            "</Relationships>", relation + "</Relationships>"
        )
    return with_parts(SENT, changes)


def the(data: bytes) -> Submission:
    (reading,) = returned(data)
    return reading.submission


def doubts(found: Submission) -> list[Doubt]:
    return [doubt for doubt in found.doubts if doubt.kind in ("struck_out", "raised")]


@pytest.mark.parametrize("shared", [False, True])
def test_in_a_workbook(shared: bool) -> None:
    for text, shown, other in SHOWN:
        found = the(in_cell(runs(text), shared=shared))
        (said,) = doubts(found) or [None]
        assert found.record["indicators"][0]["target"] == shown.strip(), text
        if other is None:
            assert said is None, text
        else:
            assert said is not None, text
            assert (said.fields, said.unsure) == ((TARGET,), True)
            assert said.facts["readings"] == ([shown, other] if other else [])


def test_a_doubtful_answer_is_judged_by_nothing_else() -> None:
    ((_, found),) = reviewed(in_cell(runs("-2100米-2150米")))
    assert {finding.code for finding in found if TARGET in finding.fields} == {"RD-29"}
    ((_, found),) = reviewed(in_cell(runs("8.6×10^3^平方米")))
    assert {finding.code for finding in found if TARGET in finding.fields} == {"RD-30"}


@pytest.mark.parametrize("number", [True, False])
def test_a_cell_whose_font_is_struck_out(number: bool) -> None:
    """The whole cell, of a text or of a number: what was typed is kept, and asked about."""
    cell, path, held = ("F6", "budget.fiscal", 6.52) if number else ("G12", TARGET, None)
    styles, sheet = part(SENT, STYLES), part(SENT, SHEET)
    fonts = re.search(r'<fonts count="(\d+)"', styles)
    formats = re.search(r'<cellXfs count="(\d+)">(.*?)</cellXfs>', styles, re.DOTALL)
    style = re.search(rf'<c r="{cell}" s="(\d+)"', sheet)
    assert fonts
    assert formats
    assert style
    own = re.findall(r"<xf [^>]*/>|<xf .*?</xf>", formats[2])[int(style[1])]
    struck = re.sub(r'fontId="\d+"', f'fontId="{fonts[1]}"', own)
    styles = styles.replace("</fonts>", '<font><strike/><sz val="11"/></font></fonts>').replace(
        "</cellXfs>", struck + "</cellXfs>"
    )
    sheet = sheet.replace(f'<c r="{cell}" s="{style[1]}"', f'<c r="{cell}" s="{formats[1]}"')
    before, found = the(SENT), the(with_parts(SENT, {STYLES: styles, SHEET: sheet}))
    assert found.record == before.record
    assert held is None or found.record["budget"]["fiscal"] == held
    assert [(doubt.kind, doubt.fields, doubt.facts) for doubt in found.doubts] == [
        ("struck_out", (path,), {"pieces": [], "readings": []})
    ]
