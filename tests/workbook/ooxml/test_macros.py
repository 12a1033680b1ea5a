"""A sender's macros: the workbook is read as any other, and what is written of it holds none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from hostile.zips import parts_of, zipped
from judges.schema import complaints, schema_folder
from workbook.conftest import example, findings, flagged, made, submissions, workbook

from perfxl.cli import main
from perfxl.workbook.ooxml.macros import remove_macros
from perfxl.workbook.writing.stamp import stamp_book

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MICROSOFT = "http://schemas.microsoft.com/office"
BOOK, BOOK_RELS, TYPES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
SHEET, SHEET_RELS = "xl/worksheets/sheet1.xml", "xl/worksheets/_rels/sheet1.xml.rels"
PLAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
MACRO_SHEET = f'<xm:macrosheet xmlns:xm="{MICROSOFT}/excel/2006/main" {NS}><sheetData><row r="1"><c r="A1"><f>EXEC("calc")</f></c></row></sheetData></xm:macrosheet>'

Parts = dict[str, bytes]


def put(parts: Parts, name: str, before: str, new: str) -> None:
    assert before.encode() in parts[name], name
    parts[name] = parts[name].replace(before.encode(), (new + before).encode(), 1)


def related(parts: Parts, list_: str, id: str, type: str, target: str) -> None:
    empty = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
    parts[list_] = parts.get(list_, empty)
    put(parts, list_, "</Relationships>", f'<Relationship Id="{id}" Type="{type}" Target="{target}"/>')


def typed(parts: Parts, name: str, type: str) -> None:
    put(parts, TYPES, "</Types>", f'<Override PartName="/{name}" ContentType="application/{type}"/>')


def macro_book(parts: Parts) -> None:
    """As Excel says that a workbook may hold macros."""
    parts[TYPES] = parts[TYPES].replace(PLAIN.encode(), b"application/vnd.ms-excel.sheet.macroEnabled.main+xml")


def project(parts: Parts) -> None:
    """A macro project, signed, with the name of one of its procedures."""
    parts |= {"xl/vbaProject.bin": b"Sub Auto_Open()", "xl/vbaProjectSignature.bin": b"signed"}
    related(parts, BOOK_RELS, "rIdVba", f"{MICROSOFT}/2006/relationships/vbaProject", "vbaProject.bin")
    list_ = "xl/_rels/vbaProject.bin.rels"
    related(parts, list_, "rId1", f"{MICROSOFT}/2006/relationships/vbaProjectSignature", "vbaProjectSignature.bin")
    put(parts, TYPES, "<Override", '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>')
    typed(parts, "xl/vbaProjectSignature.bin", "vnd.ms-office.vbaProjectSignature")
    put(parts, BOOK, "</definedNames>", '<definedName name="Auto_Open" vbProcedure="1">#REF!</definedName>')


def ribbon(parts: Parts) -> None:
    """Buttons of its own above the sheet."""
    parts["customUI/customUI14.xml"] = (
        b'<customUI onLoad="go" xmlns="http://schemas.microsoft.com/office/2009/07/customui"/>'
    )
    related(
        parts, "_rels/.rels", "rIdUi", f"{MICROSOFT}/2007/relationships/ui/extensibility", "customUI/customUI14.xml"
    )


def control(id: str, number: int) -> str:
    """A control on a sheet as Excel writes it, for older programs a second time."""
    plain = f'<control shapeId="{number}" r:id="{id}" name="c{number}"/>'
    choice = '<mc:Choice Requires="x14">' + plain + "</mc:Choice>"
    return f"<mc:AlternateContent>{choice}<mc:Fallback>{plain}</mc:Fallback></mc:AlternateContent>"


def shown(parts: Parts, *controls: str) -> None:
    spaces = f'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:x14="{MICROSOFT}/spreadsheetml/2009/9/main" xmlns:r="{OFFICE}"'
    listed = f"<controls>{''.join(controls)}</controls>"
    xml = f'<mc:AlternateContent {spaces}><mc:Choice Requires="x14">{listed}</mc:Choice></mc:AlternateContent>'
    put(parts, SHEET, "</worksheet>", xml)


def active_x(parts: Parts) -> None:
    """A button that runs a program."""
    parts |= {
        "xl/activeX/activeX1.xml": b'<ax:ocx xmlns:ax="http://schemas.microsoft.com/office/2006/activeX"/>',
        "xl/activeX/activeX1.bin": b"ocx",
    }
    related(parts, SHEET_RELS, "rIdOcx", f"{OFFICE}/control", "../activeX/activeX1.xml")
    list_ = "xl/activeX/_rels/activeX1.xml.rels"
    related(parts, list_, "rId1", f"{MICROSOFT}/2006/relationships/activeXControlBinary", "activeX1.bin")
    typed(parts, "xl/activeX/activeX1.xml", "vnd.ms-office.activeX+xml")
    typed(parts, "xl/activeX/activeX1.bin", "vnd.ms-office.activeX")


def button(parts: Parts) -> None:
    active_x(parts)
    shown(parts, control("rIdOcx", 1025))


def button_and_box(parts: Parts) -> None:
    """Beside it a box that somebody ticked."""
    active_x(parts)
    parts["xl/ctrlProps/ctrlProp1.xml"] = (
        f'<formControlPr xmlns="{MICROSOFT}/spreadsheetml/2009/9/main" objectType="CheckBox" checked="Checked"/>'.encode()
    )
    related(parts, SHEET_RELS, "rIdBox", f"{OFFICE}/ctrlProp", "../ctrlProps/ctrlProp1.xml")
    typed(parts, "xl/ctrlProps/ctrlProp1.xml", "vnd.ms-excel.controlproperties+xml")
    shown(parts, control("rIdOcx", 1025), control("rIdBox", 1026))


def old_macros(parts: Parts) -> None:
    """A sheet of Excel 4 macros, before the last one, and the name by which it starts."""
    parts["xl/macrosheets/sheet1.xml"] = MACRO_SHEET.encode()
    related(parts, BOOK_RELS, "rIdOld", f"{MICROSOFT}/2006/relationships/xlMacrosheet", "macrosheets/sheet1.xml")
    typed(parts, "xl/macrosheets/sheet1.xml", "vnd.ms-excel.macrosheet+xml")
    put(
        parts,
        BOOK,
        "</sheets>",
        f'<sheet name="宏1" sheetId="88" state="veryHidden" r:id="rIdOld" xmlns:r="{OFFICE}"/>',
    )
    put(parts, BOOK, "</definedNames>", '<definedName name="_xlnm.Auto_Open" xlm="1">宏1!$A$1</definedName>')


def smuggled(parts: Parts) -> None:
    """In a plain workbook, without a word about it."""
    parts["xl/VBAPROJECT.BIN"] = b"Sub Auto_Open()"


def disguised(parts: Parts) -> None:
    """Called like a picture, its relation and type spelled in references."""
    parts["xl/media/image9.png"] = b"Sub Auto_Open()"
    related(parts, BOOK_RELS, "rIdVba", f"{MICROSOFT}/2006/relationships/&#118;baProject", "media/image9.png")
    put(
        parts,
        TYPES,
        "</Types>",
        '<Override PartName="/xl/media/image9.png" ContentType="application/vnd.ms-office.&#x76;baProject"></Override>',
    )


STORIES: dict[str, tuple[Callable[[Parts], None], ...]] = {
    "a project": (macro_book, project),
    "a ribbon": (macro_book, project, ribbon),
    "a button": (macro_book, button),
    "a button and a box": (macro_book, button_and_box),
    "Excel 4 macros": (macro_book, old_macros),
    "all of it": (macro_book, project, ribbon, button_and_box, old_macros),
    "smuggled": (smuggled,),
    "disguised": (disguised,),
    "a plain workbook with a project": (project,),
    "macros allowed, none there": (macro_book,),
}
WORDS = (b"baProject", b"acrosheet", b"acroEnabled", b"activeX", b"customUI", b"Auto_Open", b"EXEC", b"rIdOcx")


def armed(name: str, good: bytes) -> bytes:
    parts = parts_of(good)
    for change in STORIES[name]:
        change(parts)
    return zipped(parts.items())


@pytest.fixture(scope="module")
def good() -> bytes:
    """A workbook with something to flag."""
    records = example("project-target")
    records["projects"] = [{**records["projects"][0], "purpose": None}]
    (book,) = made("project-target", records, by="project").values()
    return stamp_book(book)


@pytest.mark.parametrize("name", STORIES)
def test_no_macro_is_kept(name: str, good: bytes) -> None:
    data = armed(name, good)
    assert submissions(data)[0].record == submissions(good)[0].record
    back = flagged(data)
    for part, held in parts_of(back).items():
        assert not [word for word in WORDS if word in held or word in part.encode()], part
        assert b"Sub " not in held
    assert findings(back) == findings(good)
    assert [entry.name for entry in workbook(back).sheets if entry.name != "审核意见"] == [
        entry.name for entry in workbook(data).sheets
    ]
    assert flagged(back) == back
    assert flagged(data) == back


@pytest.mark.parametrize("name", STORIES)
@pytest.mark.skipif(schema_folder() is None, reason="needs PERFXL_OOXML")
def test_what_is_written_is_a_plain_workbook(name: str, good: bytes) -> None:
    found = [each for each in complaints(flagged(armed(name, good))) if "controlproperties" not in each.what]
    assert found == complaints(flagged(good)) == []


def test_a_box_that_was_ticked_stays(good: bytes) -> None:
    parts = parts_of(flagged(armed("a button and a box", good)))
    assert b'checked="Checked"' in parts["xl/ctrlProps/ctrlProp1.xml"]
    assert (parts[SHEET].count(b'r:id="rIdBox"'), parts[SHEET_RELS].count(b"rIdBox")) == (2, 1)


def test_a_false_type_takes_no_form_away(good: bytes) -> None:
    """The form's own part is said to be a macro project, and a control."""
    parts = parts_of(good)
    related(parts, BOOK_RELS, "rIdVba", f"{MICROSOFT}/2006/relationships/vbaProject", "worksheets/sheet1.xml")
    related(parts, SHEET_RELS, "rIdOcx", f"{OFFICE}/control", "sheet1.xml")
    back = flagged(zipped(parts.items()))
    assert submissions(back)[0].record == submissions(good)[0].record


def test_a_workbook_without_macros_is_given_back_as_it_is(good: bytes) -> None:
    assert remove_macros(workbook(good).package) == good


def test_the_command_says_so(good: bytes, tmp_path: Path) -> None:
    source = tmp_path / "柳溪镇.xlsm"
    source.write_bytes(armed("all of it", good))
    result = CliRunner().invoke(main, ["flag", str(source), "-o", str(tmp_path / "out")])
    assert result.stdout == f"{tmp_path / 'out' / '柳溪镇.xlsx'}\n"
    assert f"  {source}是启用宏的工作簿，宏和ActiveX控件已去掉，存为普通的.xlsx；填报内容没有改动。\n" in result.stderr
    assert CliRunner().invoke(main, ["check", str(source)]).exit_code == result.exit_code


def test_two_books_of_one_name_are_not_written_over_each_other(good: bytes, tmp_path: Path) -> None:
    for name in ("a.xlsm", "a.xlsx"):
        (tmp_path / name).write_bytes(good)
    result = CliRunner().invoke(main, ["flag", str(tmp_path), "-o", str(tmp_path / "out")])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "a.xlsx" in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("verb", ["flag", "correct"])
def test_no_book_of_macros_is_written(verb: str, good: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(good)
    result = CliRunner().invoke(main, [verb, str(tmp_path / "a.xlsx"), "-o", str(tmp_path / "b.xlsm")])
    assert (result.exit_code, result.stderr) == (2, f"{tmp_path / 'b.xlsm'}：写出的表不带宏，请改用.xlsx作文件名。\n")
