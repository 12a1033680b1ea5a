"""Files that are wrong, broken or made to do harm: one sentence with the file, status 2, nothing half written."""

from __future__ import annotations

import io
import json
import os
import re
import struct
import sys
import time
import zipfile
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path
from typing import TypeVar

import pytest
import yaml
from click.testing import CliRunner
from hostile.zips import changed, parts_of, without, zipped
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perfxl import messages
from perfxl.batch.generate import generate
from perfxl.cli import main
from perfxl.errors import PackageError, UnknownWorkbook
from perfxl.rules.review import review
from perfxl.workbook.flagging.flag import flag_workbook
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.opinions.replies import Findings
from perfxl.workbook.reading.opening import open_package
from perfxl.workbook.reading.read import Reading, read_workbook

RECORDS = Path(str(resources.files("perfxl.examples"))) / "records.yaml"


def run(*words: object) -> tuple[int, str, str]:
    """Status, standard output and error; anything that is no exit is an error of perfxl's."""
    result = CliRunner().invoke(main, [str(word) for word in words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A workbook of one project, filled."""
    folder = tmp_path_factory.mktemp("good")
    held = yaml.safe_load(RECORDS.read_text("utf-8"))
    source = folder / "one.yaml"
    source.write_text(yaml.safe_dump({**held, "projects": held["projects"][:1]}, allow_unicode=True), "utf-8")
    (written,) = generate(source, output=folder, by="project", prefill="all")
    return written.path.read_bytes()


def ole(*streams: str) -> bytes:
    """The beginning of a file of before 2007, with the names of its streams as its directory spells them."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    return head + b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in ("Root Entry", *streams)).ljust(
        1024, b"\0"
    )


def lying_sizes(data: bytes, part: str, size: int) -> bytes:
    """The zip with another plain size stated for a part, in its header and in the directory."""
    name = part.encode()
    stated = bytearray(data)
    at = stated.find(b"PK\x03\x04")
    while at >= 0:
        length = struct.unpack_from("<H", stated, at + 26)[0]
        if stated[at + 30 : at + 30 + length] == name:
            struct.pack_into("<L", stated, at + 22, size)
        at = stated.find(b"PK\x03\x04", at + 4)
    at = stated.find(b"PK\x01\x02")
    while at >= 0:
        length = struct.unpack_from("<H", stated, at + 28)[0]
        if stated[at + 46 : at + 46 + length] == name:
            struct.pack_into("<L", stated, at + 24, size)
        at = stated.find(b"PK\x01\x02", at + 4)
    return bytes(stated)


def flagged_bit(data: bytes) -> bytes:
    """The zip with its parts said to be encrypted."""
    stated = bytearray(data)
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = stated.find(sign)
        while at >= 0:
            stated[at + offset] |= 1
            at = stated.find(sign, at + 4)
    return bytes(stated)


SHEET = "xl/worksheets/sheet1.xml"
GIGABYTE = 1 << 30
BULKY = b"".join(os.urandom(12) + bytes(988) for _ in range(25_000))
"""25 MB that are packed well, but not suspiciously so."""

FOREIGN_BOOK = {
    "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    "_rels/.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r"'
    b' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="%s"/></Relationships>',
    "xl/workbook.xml": b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheets/></workbook>',
}


def foreign(target: str) -> bytes:
    """A package whose main part stands there."""
    parts = {name: data.replace(b"%s", target.encode()) for name, data in FOREIGN_BOOK.items()}
    return zipped({**parts, target: parts["xl/workbook.xml"]}.items())


def another_system(good: bytes) -> bytes:
    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    sheet = book.add_worksheet("项目绩效目标表")
    sheet.write("A1", "项目绩效目标表")
    sheet.write("A2", "px|other|1")
    book.close()
    return stream.getvalue()


def nested(depth: int) -> Callable[[bytes], bytes]:
    return lambda data: data.replace(b"<sheetData>", b"<sheetData>" + b"<x>" * depth + b"</x>" * depth, 1)


def doctype(data: bytes) -> bytes:
    entities = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    return data.replace(b"?>", b"?>" + entities, 1) if data.startswith(b"<?xml") else entities + data


# name of the file, what it holds, the kind of mistake
FILES: dict[str, tuple[str, Callable[[bytes], bytes], str]] = {
    "empty": ("空.xlsx", lambda _: b"", "empty"),
    "text": ("说明.xlsx", lambda _: "项目名称\t预算数\n".encode(), "UnknownWorkbook"),
    "csv": ("表.xlsx", lambda _: "﻿项目名称,预算数\r\n村级支出,1\r\n".encode(), "UnknownWorkbook"),
    "random": ("乱.xlsx", lambda _: bytes(range(256)) * 8, "not_zip"),
    "pdf": ("表.xlsx", lambda _: b"%PDF-1.7\n%\xe2\xe3", "is_pdf"),
    "jpeg": ("拍照.xlsx", lambda _: b"\xff\xd8\xff\xe0\0\x10JFIF", "is_picture"),
    "png": ("截图.xlsx", lambda _: b"\x89PNG\r\n\x1a\n", "is_picture"),
    "rar": ("表.xlsx", lambda _: b"Rar!\x1a\x07\x01\0", "is_rar"),
    "7z": ("表.xlsx", lambda _: b"7z\xbc\xaf\x27\x1c\0\x04", "is_7z"),
    "html in gbk": ("导出.xls", lambda _: "\r\n<HTML><meta charset=gb2312>项目".encode("gbk"), "is_html"),
    "html": ("导出.xls", lambda _: "﻿<!doctype html><table>".encode(), "UnknownWorkbook"),
    "xml": ("导出.xls", lambda _: b'<?xml version="1.0"?><Workbook/>', "is_xml"),
    "xls": ("旧.xls", lambda _: ole("Workbook"), "cannot_convert"),
    "et": ("旧.et", lambda _: ole("Workbook", "ETExtData"), "cannot_convert"),
    "encrypted": ("密.xlsx", lambda _: ole("EncryptionInfo", "EncryptedPackage"), "encrypted"),
    "encrypted parts": ("密.xlsx", flagged_bit, "encrypted"),
    "word": ("文本.xlsx", lambda _: foreign("word/document.xml"), "not_a_workbook"),
    "powerpoint": ("汇报.xlsx", lambda _: foreign("ppt/presentation.xml"), "not_a_workbook"),
    "zip of pictures": ("图.xlsx", lambda _: zipped([("a.jpg", b"\xff\xd8\xff")]), "no_workbook"),
    "zip of nothing": ("无.xlsx", lambda _: zipped([]), "no_workbook"),
    "main part missing": ("表.xlsx", lambda good: without(good, "xl/workbook.xml"), "no_workbook"),
    "half": ("半.xlsx", lambda good: good[: len(good) // 2], "truncated"),
    "without its end": ("半.xlsx", lambda good: good[:-1], "truncated"),
    "too large": ("大.xlsx", lambda good: good + bytes(20_000_001 - len(good)), "too_large"),
    "too many parts": ("多.xlsx", lambda good: zipped((f"x/{n}", b"") for n in range(2_001)), "too_many_parts"),
    "doubled part": ("重.xlsx", lambda good: zipped([*parts_of(good).items(), (SHEET, b"<worksheet/>")]), "doubled_part"),
    "a part that is a bomb": ("炸.xlsx", lambda good: changed(good, SHEET, lambda data: data + bytes(50_000_000)), "inflated"),
    "a part of a gigabyte": ("炸.xlsx", lambda good: lying_sizes(good, SHEET, GIGABYTE), "part_too_large"),
    "many large parts": (
        "炸.xlsx",
        lambda good: zipped([*parts_of(good).items(), *((f"x{n}", BULKY) for n in range(4))]),
        "too_large_inside",
    ),
    "a part that says less than it is": ("谎.xlsx", lambda good: lying_sizes(good, SHEET, 100), "damaged_part"),
    "doctype in a sheet": ("声.xlsx", lambda good: changed(good, SHEET, doctype), "doctype"),
    "doctype in the workbook": ("声.xlsx", lambda good: changed(good, "xl/workbook.xml", doctype), "doctype"),
    "doctype in relationships": ("声.xlsx", lambda good: changed(good, "_rels/.rels", doctype), "doctype"),
    "deep nesting": ("深.xlsx", lambda good: changed(good, SHEET, nested(100)), "too_deep"),
    "no xml": ("坏.xlsx", lambda good: changed(good, SHEET, lambda _: b"\0\1\2"), "damaged_part"),
    "xml cut off": ("坏.xlsx", lambda good: changed(good, SHEET, lambda data: data[:-20]), "damaged_part"),
    "half a character": ("坏.xlsx", lambda good: changed(good, SHEET, lambda data: data.replace(b"\xe9", b"\xe9\xff", 1)), "damaged_part"),
    "another system": ("别的.xlsx", another_system, "UnknownWorkbook"),
    "no sheet": ("无表.xlsx", lambda _: foreign("xl/workbook.xml"), "damaged_part"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "made", "what"), FILES.values(), ids=FILES)
def test_a_file_that_cannot_be_read(
    name: str, made: Callable[[bytes], bytes], what: str, good: bytes, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(made(good))
    started = time.process_time()
    status, out, err = run("check", path)
    assert time.process_time() - started < 5
    assert (status, out) == (2, "")
    sentence, tally = err.splitlines()
    assert sentence.startswith(f"{path}：")
    assert sentence.endswith("。")
    assert tally == "有1个文件没有审核"
    with pytest.raises((PackageError, UnknownWorkbook)) as caught:
        read_workbook(Workbook(open_package(path)))
    assert caught.value.facts.get("what", caught.value.key) == what
    assert messages.sentence(caught.value, "zh-CN") == sentence
    # nothing is written for it, and nothing is left behind
    for verb, output in (("flag", "out"), ("correct", "out"), ("read", "out.yaml")):
        assert run(verb, path, "-o", tmp_path / output) == (2, "", f"{sentence}\n")
    assert [each.name for each in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["没有.xlsx", "没有.zip", "没有/表.xlsx", "长" * 100 + ".xlsx", "没有"])
def test_a_file_that_is_not_there(name: str, tmp_path: Path) -> None:
    status, out, err = run("check", tmp_path / name)
    assert (status, out) == (2, "")
    assert err.splitlines()[0].startswith(f"{tmp_path / name}：")


# Broken in every way -----------------------------------------------------------------------------------------------------


def outcome(data: bytes) -> str:
    """What becomes of a file: read and flagged, or refused in a sentence. Any other exception is an error of perfxl's."""
    read, flagged = tried(lambda: read_again(data)), ""
    if isinstance(read, tuple):
        flagged = tried(lambda: flag_workbook(read[0], judged(read[1]), "11月6日").data)
    if isinstance(flagged, bytes):
        again = tried(lambda: read_again(flagged))
        assert isinstance(again, tuple), again
        assert [each.submission.record for each in again[1]] == [each.submission.record for each in read[1]]
    return read if isinstance(read, str) else "read"


T = TypeVar("T")


def tried(work: Callable[[], T]) -> T | str:
    """What comes of it, or the key of the refusal."""
    try:
        return work()
    except (PackageError, UnknownWorkbook) as error:
        refusal = error
    assert {messages.sentence(refusal, lang)[:6] for lang in messages.languages()} == {"x.xlsx"}
    return refusal.key


def judged(found: Sequence[Reading]) -> Findings:
    said = review([each.submission for each in found])
    return [(each, tuple(findings)) for each, (_, findings) in zip(found, said, strict=True)]


def read_again(data: bytes) -> tuple[Workbook, tuple[Reading, ...]]:
    workbook = Workbook(Package(data, "x.xlsx"))
    found = tuple(read_workbook(workbook))
    for each in found:
        assert json.dumps(each.submission.plain(), ensure_ascii=False).encode()
    return workbook, found


SLOW = settings(
    max_examples=150, deadline=10_000, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@SLOW
@given(share=st.floats(0, 1))
def test_cut_off_anywhere(good: bytes, share: float) -> None:
    data = good[: int(len(good) * share)]
    assert outcome(data) != "read" or data == good


@SLOW
@given(changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8))
def test_any_bytes_changed(good: bytes, changes: list[tuple[float, int]]) -> None:
    data = bytearray(good)
    for share, byte in changes:
        data[int(len(data) * share)] = byte
    outcome(bytes(data))


WORTH_CHANGING = [
    b"<", b">", b'"', b"/", b"&#0;", b"&x;", b"\0", b"-1", b"0", b"99999999999999999999", b"1e999", b"nan", b"", b"A", b"r=\"A0\"",
    b"XFE1", b"ZZZZ1", b"t=\"s\"", b"t=\"b\"", b"t=\"e\"", b"s=\"-1\"", b"s=\"x\"", b"s=\"99999\"", b"<v/>", b"<c/>", b"<row/>", b"<is/>",
    "١".encode(), "²".encode(), "Ⅷ".encode(), b"_xFFFF_", b"]]>", b"<![CDATA[", b"<?x?>", b"<!-- -->",
]  # fmt: skip


@SLOW
@given(data=st.data())
def test_any_piece_of_xml_changed(good: bytes, data: st.DataObject) -> None:
    parts = parts_of(good)
    name = data.draw(st.sampled_from(sorted(each for each in parts if each.endswith((".xml", ".rels")))))
    changes = st.tuples(st.floats(0, 1), st.integers(0, 6), st.sampled_from(WORTH_CHANGING))
    for share, cut, piece in data.draw(st.lists(changes, min_size=1, max_size=4)):
        first = parts[name].find(b"?>") + 2  # the encoding has a test of its own
        at = first + int((len(parts[name]) - first) * share)
        parts[name] = parts[name][:at] + piece + parts[name][at + cut :]
    outcome(zipped(parts.items()))


ELEMENT = re.compile(rb"<(?![?!/])[^<>]*>")


@SLOW
@given(data=st.data())
def test_any_elements_and_attributes_moved_about(good: bytes, data: st.DataObject) -> None:
    """Tags doubled, deleted, put in another's place, and attributes of others put into them, in any of the parts."""
    parts = parts_of(good)
    names = sorted(each for each in parts if each.endswith((".xml", ".rels")))
    for _ in range(data.draw(st.integers(1, 5))):
        name, other = (data.draw(st.sampled_from(names)) for _ in range(2))
        tags, others = ([*ELEMENT.finditer(parts[each])] for each in (name, other))
        if not tags or not others:
            continue
        tag, choices = (
            tags[data.draw(st.integers(0, len(tags) - 1))],
            others[data.draw(st.integers(0, len(others) - 1))][0],
        )
        said = re.findall(rb'\s[\w:]+="[^"]*"', choices)
        attribute = said[data.draw(st.integers(0, len(said) - 1))] if said else b""
        bare = re.sub(rb'\s[\w:]+="[^"]*"', b"", tag[0], count=1)
        ending = len(tag[0]) - (2 if tag[0].endswith(b"/>") else 1)
        new = data.draw(
            st.sampled_from([b"", tag[0] * 2, choices, bare, tag[0][:ending] + attribute + tag[0][ending:]])
        )
        parts[name] = parts[name][: tag.start()] + new + parts[name][tag.end() :]
    outcome(zipped(parts.items()))


@SLOW
@given(data=st.data())
def test_any_field_of_the_zip_changed(good: bytes, data: st.DataObject) -> None:
    """The records of the zip themselves: sizes, offsets, flags, counts, lengths of names."""
    whole = bytearray(good)
    records = [
        (sign, at.start()) for sign in (b"PK\3\4", b"PK\1\2", b"PK\5\6") for at in re.finditer(re.escape(sign), good)
    ]
    for _ in range(data.draw(st.integers(1, 3))):
        sign, at = records[data.draw(st.integers(0, len(records) - 1))]
        offset = data.draw(st.integers(4, {b"PK\3\4": 28, b"PK\1\2": 44, b"PK\5\6": 20}[sign]))
        value = data.draw(st.sampled_from([0, 1, 8, 0xFFFF, 0x7FFF]) | st.integers(0, 0xFFFF))
        if at + offset + 2 <= len(whole):
            struct.pack_into("<H", whole, at + offset, value)
    outcome(bytes(whole))


@pytest.mark.parametrize("name", ["xl/workbook.xml", SHEET, "_rels/.rels"])
def test_an_encoding_that_is_none(name: str, good: bytes) -> None:
    assert (
        outcome(changed(good, name, lambda data: data.replace(b"UTF-8", b"UTF-81", 1))) == "PackageError.damaged_part"
    )


@pytest.mark.parametrize("cell", [b"_xD800_", b"_xDC00__xD800_"])
def test_half_a_character_as_an_escape(good: bytes, cell: bytes) -> None:
    sheet = next(name for name, data in parts_of(good).items() if "用于发放".encode() in data)
    half = changed(good, sheet, lambda data: data.replace("用于发放".encode(), cell, 1))
    assert outcome(half) == "read"
    (found,) = read_workbook(Workbook(Package(half, "x.xlsx")))
    assert str(found.submission.record["purpose"]).startswith(cell.decode())


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('"unit":"', '"unit":"\\ud800'),
        lambda text: text.replace('"unit.name":"', '"unit.name":"\\ud800'),
        lambda text: text.replace('"given":{', '"given":{"x":' + "[" * 100_000 + "]" * 100_000 + ","),
    ],
)
def test_a_hidden_text_that_cannot_be_taken_is_passed_over(change: Callable[[str], str], good: bytes) -> None:
    sheet = next(name for name, data in parts_of(good).items() if b'"unit.name":"' in data)
    lost = changed(good, sheet, lambda data: change(data.decode()).encode())
    assert outcome(lost) == "read"
    (found,) = read_workbook(Workbook(Package(lost, "x.xlsx")))
    assert found.submission.issued == {}


@pytest.mark.parametrize("types", [b"", b"<x/>"])
def test_flagging_where_the_list_of_types_is_broken(types: bytes, good: bytes, tmp_path: Path) -> None:
    sheet = next(name for name, data in parts_of(good).items() if "用于发放".encode() in data)
    wrong = changed(good, sheet, lambda data: re.sub("用于发放[^<]*".encode(), b"", data, count=1))
    path = tmp_path / "表.xlsx"
    path.write_bytes(wrong)
    assert run("flag", path, "-o", tmp_path / "sound")[0] == 1
    path.write_bytes(changed(wrong, "[Content_Types].xml", lambda _: types))
    status, _, err = run("flag", path, "-o", tmp_path / "broken")
    assert (status, err.startswith(str(path))) == (2, True)


def test_any_part_missing(good: bytes) -> None:
    for name in parts_of(good):
        found = outcome(without(good, name))
        needed = name in ("_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels") or "worksheets/sheet" in name
        assert found != "read" or not needed or "sheet1" not in name


def test_any_part_empty(good: bytes) -> None:
    for name in parts_of(good):
        outcome(changed(good, name, lambda _: b""))


def test_any_part_another_document(good: bytes) -> None:
    for name in parts_of(good):
        outcome(changed(good, name, lambda _: b"<x/>"))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing(good: bytes, method: int) -> None:
    data = zipped(parts_of(good).items(), method)
    assert outcome(data) == ("read" if method == zipfile.ZIP_STORED else "PackageError.damaged_part")
    for share in range(1, 20):
        broken = bytearray(data)
        at = len(broken) * share // 20
        broken[at : at + 4] = b"\0\xff\0\xff"
        outcome(bytes(broken))


# Folders and zips --------------------------------------------------------------------------------------------------------


def test_a_folder_without_workbooks(tmp_path: Path) -> None:
    (tmp_path / "读我.txt").write_text("x")
    (tmp_path / "~$表.xlsx").write_bytes(b"\x06lock")
    (tmp_path / ".表.xlsx").write_bytes(b"hidden")
    status, out, err = run("read", tmp_path)
    assert (status, out) == (2, "")
    assert err.splitlines() == [
        f"{tmp_path}：里面没有表格文件，请核对文件夹或压缩包。",
        f"{tmp_path / '读我.txt'}：文本文件，不是工作簿。",
        f"{tmp_path}：另有2个电脑自动留下的文件（~$…、Thumbs.db等），没有读取。",
    ]


def test_locks_and_other_files_in_folders_are_not_flagged(good: bytes, tmp_path: Path) -> None:
    for name in ("甲/表.xlsx", "乙.XLSX", "甲/~$表.xlsx", "甲/._表.xlsx", "甲/说明.docx"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(good)
    status, out, _ = run("flag", tmp_path, "-o", tmp_path / "out")
    assert status == 1  # one project twice
    assert sorted(Path(line).relative_to(tmp_path / "out").as_posix() for line in out.splitlines()) == [
        "乙.XLSX",
        "甲/表.xlsx",
    ]


def test_names_in_zips(good: bytes, tmp_path: Path) -> None:
    """GBK without saying so, as Chinese Windows packs; paths that lead elsewhere are names and nothing more."""
    path = tmp_path / "收.zip"
    name, stand_in = "单位一/报表.xlsx".encode("gbk"), b"PLACEHOLDER.xlsx"  # zipfile itself writes UTF-8 only
    others = ("../../out1.xlsx", "/etc/out2.xlsx", "..\\..\\out3.xlsx", "__MACOSX/._out4.xlsx", "甲/读我.txt")
    data = zipped((each, good) for each in (stand_in.decode(), *others))
    path.write_bytes(data.replace(stand_in, name))
    status, out, err = run("flag", path, "-o", tmp_path / "in" / "side")
    assert (status, len(err.splitlines())) == (1, 6)  # one project four times; what is no workbook
    names = sorted(Path(line).relative_to(tmp_path / "in" / "side").as_posix() for line in out.splitlines())
    assert names == ["out1.xlsx", "out2.xlsx", "out3.xlsx", "报表.xlsx"]
    written = sorted(each.name for each in tmp_path.rglob("*.xlsx"))
    assert written == names


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"PK\x03\x04 and then nothing", "文件不完整，请让报送单位重新发送。"),
        (b"Rar!", "文件不完整，请让报送单位重新发送。"),
        (zipped([("读我.txt", b"x")]), "里面没有表格文件，请核对文件夹或压缩包。"),
        (zipped((f"{n}.xlsx", b"") for n in range(2_001)), "里面有2001个部分，超过上限2000个，不予打开。"),
    ],
)
def test_zips_that_cannot_be_read(data: bytes, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "收.zip"
    path.write_bytes(data)
    status, out, err = run("read", path)
    assert (status, out, err.splitlines()[0]) == (2, "", f"{path}：{sentence}")


def test_a_bad_member_stops_no_other(good: bytes, tmp_path: Path) -> None:
    path = tmp_path / "收.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {"大.xlsx": bytes(20_000_001), "好.xlsx": good, "空.xlsx": b"", "书.xlsx": b"%PDF"}.items():
            archive.writestr(name, data)
    status, out, err = run("read", path)
    assert (status, len(out.splitlines())) == (2, 1)
    assert [line.partition("：")[0] for line in err.splitlines()] == [f"{path}:{name}.xlsx" for name in "书大空"]


def test_a_zip_with_a_password(good: bytes, tmp_path: Path) -> None:
    path = tmp_path / "收.zip"
    path.write_bytes(flagged_bit(zipped([("表.xlsx", good)])))
    assert run("read", path) == (2, "", f"{path}:表.xlsx：文件设了打开密码，请让报送单位取消密码再报。\n")


def test_two_files_of_one_name(good: bytes, tmp_path: Path) -> None:
    for name in ("甲", "乙"):
        (tmp_path / f"{name}.zip").write_bytes(zipped([("报表.xlsx", good)]))
    status, out, err = run("flag", tmp_path / "甲.zip", tmp_path / "乙.zip", "-o", tmp_path / "out")
    assert (status, out) == (2, "")
    assert err == f"有两个文件要写到{tmp_path / 'out' / '报表.xlsx'}，请先改名或分开处理。\n"
    assert not (tmp_path / "out").exists()


# Wrong records and documents ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "文件是空的。"),
        ("- 1", "最外层应是“键: 值”，现在是array。"),
        (
            "year: 2024\nprojekts: []",
            "没有“projekts”这一项，是不是“projects”。可以写：year、unit、department、department_self_evaluation、monitoring、projects、self_evaluations。",
        ),
        ("year: 2024\nprojects: [{budgt: {}}]", "projects[0]没有“budgt”这一项，是不是“budget”。"),
        ("projects: [{number: 1, name: x}]", "缺“year”，请补上。"),
        (
            "year: 2024",
            "没有monitoring，也没有projects，也没有self_evaluations，也没有department，也没有department_self_evaluation，不是项目数据。",
        ),
        ("year: 2024\nyear: 2025", "“year”写了两次，请留一个。"),
        ("a: *a", "不支持*a这样的引用，请写出内容。"),
        ("a: [", "写法有误"),
    ],
)
@pytest.mark.parametrize("command", ["generate", "check"])
def test_a_records_file_with_a_mistake(command: str, text: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(text, "utf-8")
    status, out, err = run("generate", path, "-o", tmp_path / "out") if command == "generate" else run("check", path)
    assert (status, out) == (2, "")
    line = err.splitlines()[0]
    assert line.startswith(f"{path}")
    assert sentence in line
    assert not (tmp_path / "out").exists()


def test_a_project_whose_number_is_a_word(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text("year: 2024\nprojects: [{number: 一, name: x}]", "utf-8")
    for form in ("project-target", "central-target"):
        status, _, err = run("generate", path, "-o", tmp_path / "out", "--form", form)
        assert (status, err) == (2, f"{path}：projects[0].number应是integer，现在是一；文字请加引号。\n")
    assert not (tmp_path / "out").exists()
    assert run("check", path)[0] == 1  # what was returned may hold anything


@pytest.mark.parametrize(
    ("project", "key"), [("{name: x}", "number"), ("{name: x, number: null}", "number"), ("{number: 1}", "name")]
)
def test_a_project_without_what_its_title_names(project: str, key: str, tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(f"year: 2024\nprojects: [{{number: 1, name: x}}, {project}]", "utf-8")
    status, _, err = run("generate", path, "-o", tmp_path / "out")
    assert (status, err) == (2, f"{path}：projects[1]缺“{key}”，请补上。\n")
    assert not (tmp_path / "out").exists()
    assert run("generate", path, "-o", tmp_path / "out", "--form", "central-target")[0] == (2 if key == "name" else 0)


def test_more_rows_than_a_table_takes(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    held = yaml.safe_load(RECORDS.read_text("utf-8"))
    project = held["projects"][0]
    indicators = [dict(row) for _ in range(15) for row in project["indicators"]]
    many = {**held, "projects": [{**project, "indicators": indicators}]}
    path.write_text(yaml.safe_dump(many, allow_unicode=True), "utf-8")
    status, _, err = run("generate", path, "-o", tmp_path / "out", "--prefill", "all")
    assert (status, err) == (
        2,
        f"{path}：projects[0].indicators有{len(indicators)}行，表里最多放60行，请合并或删减。\n",
    )
    assert not (tmp_path / "out").exists()
    assert run("generate", path, "-o", tmp_path / "out")[0] == 0  # the blanks hold none of them


def test_row_keys_have_two_digits(tmp_path: Path) -> None:
    """As many rows as a table takes, each in a group of its own."""
    path = tmp_path / "r.yaml"
    held = yaml.safe_load(RECORDS.read_text("utf-8"))
    rows = [{**held["projects"][0]["indicators"][0], "level1": f"{at}"} for at in range(60)]
    many = {**held, "projects": [{**held["projects"][0], "indicators": rows}]}
    path.write_text(yaml.safe_dump(many, allow_unicode=True), "utf-8")
    assert run("generate", path, "-o", tmp_path / "out", "--prefill", "all")[0] == 0
    (book,) = (tmp_path / "out").iterdir()
    (found,) = read_workbook(Workbook(open_package(book)))
    assert len(found.submission.record["indicators"]) == 60


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("没有.txt", None), ("空.txt", b""), ("表.docx", b"PK\x03\x04"), ("旧.doc", ole("WordDocument")), ("文.pdf", b"%PDF-1.4"),
        ("文.rtf", b"{\\rtf1"), ("乱.txt", b"\x00\x01\x02\xff" * 50), ("别的.txt", "工作总结\n一、基本情况\n".encode()),
        ("长" * 100 + ".txt", None),
    ],
)  # fmt: skip
def test_a_document_that_cannot_be_taken(name: str, data: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    status, out, err = run("extract", path, "-o", tmp_path / "r.yaml")
    assert (status, out) == (2, "")
    assert err.startswith(f"{path}：")
    assert err.count("\n") == 1
    assert not (tmp_path / "r.yaml").exists()


def test_a_form_with_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "form.yaml").write_text("form: mine\nversion: '1'\ntitel: x\n", "utf-8")
    status, out, err = run("generate", RECORDS, "-o", tmp_path / "out", "--form", tmp_path / "mine")
    assert (status, out) == (2, "")
    assert "mine/form.yaml第3行：不认识“titel”，是不是“title”？\n" in err
    assert not (tmp_path / "out").exists()


# Where it should be written ----------------------------------------------------------------------------------------------


@pytest.fixture
def book(good: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "表.xlsx"
    path.write_bytes(good)
    return path


def writing(book: Path, output: Path) -> list[tuple[object, ...]]:
    """Each command that writes, to this place."""
    return [
        ("generate", RECORDS, "-o", output),
        ("read", book, "-o", output / "r.yaml"),
        ("flag", book, "-o", output),
        ("correct", book, "-o", output),
        ("extract", RECORDS.with_name("liuxi-2024.txt"), "-o", output / "r.yaml"),
    ]


@pytest.mark.parametrize("at", range(5))
def test_what_is_there_is_not_overwritten(at: int, book: Path, tmp_path: Path) -> None:
    words = writing(book, tmp_path / "out")[at]
    assert run(*words)[0] == 0
    (written,) = (each for each in (tmp_path / "out").rglob("*") if each.is_file())
    written.write_bytes(b"mine")
    assert run(*words) == (2, "", f"{written}：已经存在。要覆盖请加--force，或换一个位置。\n")
    assert written.read_bytes() == b"mine"
    assert run(*words, "--force")[0] == 0
    assert written.read_bytes() != b"mine"
    assert [each for each in (tmp_path / "out").rglob("*") if each.is_file()] == [written]


@pytest.mark.parametrize("at", range(5))
def test_a_folder_that_is_a_file(at: int, book: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"mine")
    status, out, err = run(*writing(book, tmp_path / "out")[at])
    assert (status, out) == (2, "")
    assert err.endswith("：写不进去（路径中有一段不是文件夹），请换一个位置，或先关闭正打开它的程序。\n")
    assert (tmp_path / "out").read_bytes() == b"mine"


def test_a_file_that_is_a_folder(book: Path, tmp_path: Path) -> None:
    (tmp_path / "out.xlsx").mkdir()
    status, _, err = run("rules", "--to", tmp_path / "out.xlsx", "--force")
    assert (status, err) == (
        2,
        f"{tmp_path / 'out.xlsx'}：写不进去（是文件夹），请换一个位置，或先关闭正打开它的程序。\n",
    )


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("at", range(5))
def test_a_folder_that_is_not_mine(at: int, book: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir(mode=0o500)
    status, _, err = run(*writing(book, tmp_path / "out")[at])
    assert status == 2
    assert "写不进去（没有权限）" in err


def test_a_disk_that_is_full(book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    status, out, err = run("flag", book, "-o", tmp_path / "out")
    assert (status, out) == (2, "")
    assert "写不进去（磁盘已满）" in err
    assert [*(tmp_path / "out").iterdir()] == []


def test_one_name_for_several_files(good: bytes, book: Path, tmp_path: Path) -> None:
    other = tmp_path / "另表.xlsx"
    other.write_bytes(good)
    status, out, err = run("flag", book, other, "-o", tmp_path / "x.xlsx")
    assert (status, out, err) == (2, "", f"有2个文件，不能都写到{tmp_path / 'x.xlsx'}，请用-o给一个文件夹。\n")
    assert not (tmp_path / "x.xlsx").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no umask")
def test_written_files_may_be_read_by_others(book: Path, tmp_path: Path) -> None:
    assert run("flag", book, "-o", tmp_path / "x.xlsx")[0] == 0
    umask = os.umask(0)
    os.umask(umask)
    assert (tmp_path / "x.xlsx").stat().st_mode & 0o777 == 0o666 & ~umask
