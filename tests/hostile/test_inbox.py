"""What may lie in an inbox beside workbooks: pipes, links, sockets, locks, names that no line can hold."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from hostile.conftest import Judge
from hostile.zips import Entry, overlapping, written, zipped

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes and links")


def pipe(path: Path, _: bytes) -> None:
    os.mkfifo(path)


def plug(path: Path, _: bytes) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the path of a socket holds about a hundred bytes
    try:
        socket.socket(socket.AF_UNIX).bind(path.name)
    finally:
        os.chdir(here)


def link(path: Path, good: bytes) -> None:
    (path.parent / "别处").mkdir()
    (path.parent / "别处" / "原件.bin").write_bytes(good)
    path.symlink_to(path.parent / "别处" / "原件.bin")


def dead_link(path: Path, _: bytes) -> None:
    path.symlink_to("/没有/这个")


def device(path: Path, _: bytes) -> None:
    path.symlink_to("/dev/zero")


def loop(path: Path, _: bytes) -> None:
    path.symlink_to(path.parent)


def itself(path: Path, _: bytes) -> None:
    path.symlink_to(path)


NO_FILE, LINK = "不是普通文件，没有打开，请换成表格文件。", "是指向别处的链接，没有打开，请把表格文件本身放进来。"

LEFT = "另有{}个电脑自动留下的文件（~$…、Thumbs.db等），没有读取。"

# what lies there; what is said of it in a folder, and where it is named itself
ODD = {
    "a pipe": (pipe, NO_FILE, NO_FILE),
    "a socket": (plug, NO_FILE, NO_FILE),
    "a link to a file": (link, LINK, ""),
    "a dead link": (dead_link, LINK, "是链接，指向的文件已经没有了，请把表格文件本身放进来。"),
    "a link to a device": (device, LINK, NO_FILE),
    "a link to the folder": (loop, LINK, None),
    "a link to itself": (itself, LINK, "打不开（链接绕来绕去，没有尽头）。"),
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_no_file(name: str, good: bytes, judge: Judge, tmp_path: Path) -> None:
    make, in_folder, named = ODD[name]
    folder = tmp_path / "收到"
    folder.mkdir()
    (folder / "好.xlsx").write_bytes(good)
    make(folder / "怪.xlsx", good)
    answer = judge("read", folder)
    assert (answer["traceback"], answer["status"]) == ("", 2)
    assert answer["err"].splitlines()[0] == f"{folder / '怪.xlsx'}：{in_folder}"
    assert answer["seconds"] < 2
    if named is not None:
        answer = judge("read", folder / "怪.xlsx")
        assert (answer["traceback"], answer["status"]) == ("", 2 if named else 0)
        assert answer["err"] == (f"{folder / '怪.xlsx'}：{named}\n" if named else "")


def test_a_linked_folder_is_said(good: bytes, judge: Judge, tmp_path: Path) -> None:
    (tmp_path / "别处").mkdir()
    (tmp_path / "别处" / "表.xlsx").write_bytes(good)
    (tmp_path / "收到").mkdir()
    (tmp_path / "收到" / "单位一").symlink_to(tmp_path / "别处")
    answer = judge("read", tmp_path / "收到")
    assert (answer["status"], answer["err"]) == (2, f"{tmp_path / '收到' / '单位一'}：{LINK}\n")


def test_what_programs_leave_behind_is_counted(good: bytes, judge: Judge, tmp_path: Path) -> None:
    names = ("~$好.xlsx", ".~lock.好.xlsx#", ".~好.xlsx", "desktop.ini", "Thumbs.db", ".DS_Store", "._好.xlsx")
    for name in names:
        (tmp_path / name).write_bytes(b"left behind")
    (tmp_path / "好.xlsx").write_bytes(good)
    answer = judge("read", tmp_path)
    assert (answer["status"], answer["err"]) == (0, f"{tmp_path}：{LEFT.format(len(names))}\n")


NAMES = [
    "两\n行.xlsx",
    "\x1b[31m红.xlsx",
    "反\u202exslx.gpj.xlsx",
    os.fsdecode(b"\xff\xfe.xlsx"),
    "a\tb\r.xlsx",
    "\u2028.xlsx",
]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_name_is_one_line(name: str, judge: Judge, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(b"")
    for words in (("read", tmp_path), ("check", path), ("read", path), ("read", path.with_suffix(".zip"))):
        answer = judge(*words)
        first = answer["err"].split("\n")[0]
        assert (answer["traceback"], answer["status"]) == ("", 2)
        assert first.startswith(f"{tmp_path}")
        assert first.endswith("。")
        assert all(sign.isprintable() or sign == "\u3000" for sign in first)


def test_names_in_a_zip_are_one_line(good: bytes, judge: Judge, tmp_path: Path) -> None:
    path = tmp_path / "收.zip"
    path.write_bytes(written([Entry("a/两\n行\u202e:*?.xlsx".encode(), good, flags=0x800)]))
    answer = judge("flag", path, "-o", tmp_path / "out")
    assert (answer["traceback"], answer["status"]) == ("", 1)
    assert [each.name for each in (tmp_path / "out").iterdir()] == ["两_行____.xlsx"]


def test_a_zip_whose_files_share_their_bytes(good: bytes, judge: Judge, tmp_path: Path) -> None:
    path = tmp_path / "收.zip"
    path.write_bytes(overlapping(zipped([("表.xlsx", good)])))
    answer = judge("read", path)
    assert (answer["traceback"], answer["status"]) == ("", 2)
    assert "重叠" in answer["err"]


def test_a_zip_of_very_many_entries(good: bytes, judge: Judge, tmp_path: Path) -> None:
    path = tmp_path / "收.zip"
    path.write_bytes(written([], only=(Entry(b"%d.xlsx" % at, b"", 0) for at in range(200_000))))
    answer = judge("read", path)
    assert (answer["traceback"], answer["status"]) == ("", 2)
    assert "超过上限2000个" in answer["err"]
    assert answer["seconds"] < 2


def test_a_thousand_bad_files_are_each_said_once(judge: Judge, tmp_path: Path) -> None:
    for at in range(1_000):
        (tmp_path / f"{at:04}.xlsx").write_bytes(b"PK\3\4 and then nothing")
    answer = judge("read", tmp_path)
    lines = answer["err"].splitlines()
    assert (answer["traceback"], answer["status"], len(lines)) == ("", 2, 1_000)
    assert [line.partition("：")[0] for line in lines] == [str(tmp_path / f"{at:04}.xlsx") for at in range(1_000)]


def test_zips_in_a_folder_are_opened(good: bytes, judge: Judge, tmp_path: Path) -> None:
    """As mail systems hand them over: one level of zips, each by its own name; deeper ones and broken ones are said."""
    box = tmp_path / "收"
    (box / "甲镇").mkdir(parents=True)
    inner = zipped([("表.xlsx", good), ("说明.docx", b"PK"), ("~$表.xlsx", b"lock")])
    (box / "甲镇" / "乙村.zip").write_bytes(inner)
    (box / "内.zip").write_bytes(zipped([("乙村.zip", inner)]))
    (box / "图.zip").write_bytes(zipped([("照片.png", b"x")]))
    (box / "坏.zip").write_bytes(b"PK\3\4 and then nothing")
    (box / "._甲.zip").write_bytes(b"a Mac's own")
    answer = judge("flag", box, "-o", tmp_path / "out")
    assert (answer["status"], answer["out"]) == (2, f"{tmp_path / 'out' / '甲镇' / '乙村' / '表.xlsx'}\n")
    assert answer["err"].splitlines()[:2] == [
        f"{box / '内.zip'}:乙村.zip：压缩包里的压缩包没有打开，请先解压再放进来。",
        f"{box / '坏.zip'}：文件不完整，请让报送单位重新发送。",
    ]


@pytest.mark.parametrize("verb", ["read", "check"])
def test_a_folder_of_bad_files_alone(verb: str, judge: Judge, tmp_path: Path) -> None:
    """Each is said once, in the order of their names; more than are read by one process."""
    for at in range(50):
        (tmp_path / f"{at:02}.xlsx").write_bytes([b"%PDF-1.4", b"", b"PK\3\4", b"\0" * 600][at % 4])
    answer = judge(verb, tmp_path)
    lines = answer["err"].splitlines()[:50]
    assert (answer["status"], answer["traceback"]) == (2, "")
    assert [line.partition("：")[0] for line in lines] == [str(tmp_path / f"{at:02}.xlsx") for at in range(50)]
    assert len(answer["err"].splitlines()) == (50 if verb == "read" else 51)
