"""A damaged package is refused in one sentence, or read as it was: never a blank form, and never other answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from hostile.zips import parts_of, zipped
from workbook.conftest import FORMS, example, made, part, with_parts

from perfxl.cli import main
from perfxl.errors import PackageError
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.zip_file import pack, write_zip
from perfxl.workbook.reading.opening import open_bytes
from perfxl.workbook.reading.read import read_workbook
from perfxl.workbook.writing.compile import compile_book

Parts = dict[str, bytes]
RELS, BOOK, SHEET, TYPES = (
    "xl/_rels/workbook.xml.rels",
    "xl/workbook.xml",
    "xl/worksheets/sheet1.xml",
    "[Content_Types].xml",
)
NS = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


@cache
def good(form: str) -> bytes:
    """One sheet of a form, filled in, with shared strings."""
    records = example(form)
    if "projects" in records:
        records["projects"] = records["projects"][:1]
    book = next(iter(made(form, records, by="project" if "projects" in records else "unit").values()))
    return write_zip(pack(name, data) for name, data in compile_book(book).items())


def records_of(data: bytes) -> list[object]:
    return [dict(reading.submission.record) for reading in read_workbook(Workbook(open_bytes(data, "表.xlsx")))]


# What may happen to a part: its bytes afterwards, or None if it is gone
DAMAGES: dict[str, Callable[[bytes], bytes | None]] = {
    "gone": lambda data: None,
    "empty": lambda data: b"",
    "blank": lambda data: b" \n",
    "zeros": lambda data: bytes(len(data)),
    "cut in the middle": lambda data: data[: len(data) // 2],
    "cut near the end": lambda data: data[:-9],
    "without its beginning": lambda data: data[60:],
    "a page of the web": lambda data: b"<html><body>404 Not Found</body></html>",
    "within another root": lambda data: b"<x>" + re.sub(rb"<\?xml[^>]*\?>", b"", data) + b"</x>",
    "a root alone": lambda data: b"<worksheet " + NS + b"/>",
    "a list of strings": lambda data: b"<sst " + NS + b"/>",
    "twice over": lambda data: data + data,
}  # fmt: skip

# What may happen to a relationship
LOSSES: dict[str, tuple[str, str]] = {
    "no relationship": (r"<Relationship [^>]*{target}[^>]*/>", ""),
    "another id": (r'Id="[^"]*"([^>]*{target})', r'Id="rId999"\1'),
    "another target": (r'Target="([^"]*{target})', r'Target="lost/\1'),
    "outside": (r'Target="([^"]*{target})', r'TargetMode="External" Target="\1'),
    "no target": (r'Target="[^"]*{target}"', 'Target=""'),
    "no type": (r'Type="[^"]*"([^>]*{target})', r'Type=""\1'),
    "another type": (r'Type="[^"]*"([^>]*{target})', r'Type="http://example.org/x"\1'),
}


def damaged(form: str) -> Iterator[tuple[str, bytes]]:
    """Every part damaged in every way, every relationship lost in every way."""
    whole = parts_of(good(form))
    for name in whole:
        for way, change in DAMAGES.items():
            new = change(whole[name])
            kept = {other: data for other, data in whole.items() if other != name}
            yield f"{name}: {way}", zipped((kept if new is None else {**kept, name: new}).items())
    for list_ in (name for name in whole if name.endswith(".rels")):
        for target in re.findall(rb'Target="([^"]*)"', whole[list_]):
            for way, (pattern, new_text) in LOSSES.items():
                found = pattern.format(target=re.escape(target.decode()))
                changed = re.sub(found, new_text, whole[list_].decode()).encode()
                yield f"{list_}: {target.decode()}: {way}", zipped({**whole, list_: changed}.items())


@pytest.mark.parametrize("form", FORMS)
def test_a_damaged_package_is_refused_or_read_as_it_was(form: str) -> None:
    wanted = records_of(good(form))
    refused: dict[str, str] = {}
    for name, data in damaged(form):
        try:
            assert records_of(data) == wanted, name
        except PackageError as error:
            refused[name] = str(error)
    assert len(refused) > 100
    assert [name for name, said in refused.items() if "表.xlsx：" not in said or "\n" in said or "“”" in said] == []


SENTENCES = {
    "the relationship of the form's sheet is gone": ({RELS: (r'<Relationship [^>]*sheet1\.xml"/>', "")}, "内容不在文件里，文件已损坏"),
    "the sheet names a relationship that is not there": ({BOOK: (r'r:id="rId1"', 'r:id="rId77"')}, "内容不在文件里，文件已损坏"),
    "the sheet names none": ({BOOK: (r' r:id="rId1"', "")}, "内容不在文件里，文件已损坏"),
    "no strings": ({RELS: (r'<Relationship [^>]*sharedStrings\.xml"/>', "")}, "“sharedStrings.xml”已损坏"),
    "no styles": ({RELS: (r'<Relationship [^>]*styles\.xml"/>', "")}, "缺少“styles.xml”，文件已损坏"),
    "no rows": ({SHEET: (r"(?s)<sheetData>.*</sheetData>", "")}, "sheet1.xml”已损坏"),
    "no sheets": ({BOOK: (r"(?s)<sheets>.*</sheets>", "<sheets/>")}, "workbook.xml”已损坏"),
}  # fmt: skip


@pytest.mark.parametrize("name", SENTENCES)
def test_the_sentence_says_that_the_file_is_damaged(name: str) -> None:
    changes, said = SENTENCES[name]
    data = good("project-target")
    edited = {at: re.sub(pattern, new, part(data, at)) for at, (pattern, new) in changes.items()}
    assert edited != {at: part(data, at) for at in changes}
    with pytest.raises(PackageError) as refused:
        records_of(with_parts(data, edited))
    assert said in str(refused.value)


@pytest.mark.parametrize("verb", ["read", "check", "flag", "correct"])
def test_nothing_is_written_over_answers_that_cannot_be_read(verb: str, tmp_path: Path) -> None:
    """Read as a blank, the form would be written anew as a blank."""
    data = good("project-target")
    path, output = tmp_path / "表.xlsx", tmp_path / "out"
    path.write_bytes(with_parts(data, {RELS: re.sub(r"<Relationship [^>]*sheet1[^>]*/>", "", part(data, RELS))}))
    told = CliRunner().invoke(main, [verb, str(path), *(["-o", str(output)] if verb in ("flag", "correct") else [])])
    assert told.exit_code == 2
    assert "文件已损坏，请让报送单位重新发送原表" in told.output + told.stderr
    assert not output.exists()


NAMES: dict[str, Callable[[str], str]] = {
    "in capitals": str.upper,
    "in small letters": str.lower,
    "in turns": lambda name: "".join(sign.upper() if at % 2 else sign for at, sign in enumerate(name)),
    "from the root": lambda name: f"/{name}",
    "with backslashes": lambda name: name.replace("/", "\\"),
    "percent-encoded": lambda name: name.replace("sheet", "%73heet"),
}


@pytest.mark.parametrize("way", NAMES)
@pytest.mark.parametrize("form", FORMS)
def test_names_of_parts_are_one_however_they_are_spelled(form: str, way: str) -> None:
    whole = parts_of(good(form))
    assert records_of(zipped((NAMES[way](name), data) for name, data in whole.items())) == records_of(good(form))
