"""What lies beside workbooks in a folder or zip is named as what it is or counted, and is no failure."""

from __future__ import annotations

import io
import random
import zipfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import pytest
from click.testing import CliRunner
from workbook.conftest import some

import perfxl
from perfxl import messages
from perfxl.batch.inbox import SHEETS, list_items
from perfxl.batch.other_files import KINDS, LEFT_BEHIND, kind_of
from perfxl.cli import main
from perfxl.errors import NothingToDo

LEFT = (
    "~$报表.xlsx", ".DS_Store", "._报表.xlsx", ".~lock.报表.xlsx#", "Thumbs.db", "desktop.ini", "DESKTOP.INI", "~WRL0003.tmp",
    "__MACOSX/报表.xlsx", "甲镇/__MACOSX/甲镇/._报表.xlsx", "$RECYCLE.BIN/报表.xlsx", ".git/objects/3a", ".报表.xlsx",
)  # fmt: skip
NAMED = {
    "照片.JPG": "照片或图片，不是工作簿。",
    "扫描件.pdf": "PDF，不是工作簿。",
    "说明.docx": "文字文档（Word、WPS），不是工作簿。",
    "读我.txt": "文本文件，不是工作簿。",
    "全部.rar": "压缩包，没有打开。里面有表格的，请先解压。",
    "全部.7z": "压缩包，没有打开。里面有表格的，请先解压。",
    "数据.yaml": "数据文件，不是工作簿。要审核，请直接写它的名字。",
    "报表.xlsx.bak": "不认识的文件，没有打开。是表格的，请另存为.xlsx。",
    "报表": "不认识的文件，没有打开。是表格的，请另存为.xlsx。",
}


def lay(folder: Path, files: Mapping[str, bytes]) -> Path:
    """A folder with these files."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def packed(files: Mapping[str, bytes]) -> bytes:
    """A zip with these files."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return held.getvalue()


def said(*words: object) -> tuple[int, list[str]]:
    result = CliRunner().invoke(main, [str(word) for word in words])
    return result.exit_code, result.stderr.splitlines()


@pytest.mark.parametrize("name", LEFT)
def test_what_programs_leave_behind(name: str) -> None:
    assert kind_of(PurePosixPath(name)) == LEFT_BEHIND


def test_each_ending_is_of_one_kind_and_of_no_workbook() -> None:
    endings = [ending for kind in KINDS.values() for ending in kind]
    assert len({*endings}) == len(endings)
    assert not {*endings} & {*SHEETS, ".zip"}


@pytest.mark.parametrize("language", messages.languages())
@pytest.mark.parametrize("kind", [*KINDS, "unknown", "empty_zip", LEFT_BEHIND])
def test_every_kind_has_its_words(kind: str, language: str) -> None:
    error = perfxl.errors.OtherFile(file="收到/这个", what=kind, count=3)
    assert messages.sentence(error, language).startswith("收到/这个")


@pytest.mark.parametrize(
    ("verb", "more"),
    [
        ("read", ()),
        ("check", ()),
        ("flag", ("-o", "out")),
        ("correct", ("-o", "out")),
        ("remarks", ("-o", "处理.xlsx")),
    ],
)
def test_every_verb_says_each_once_and_none_is_a_failure(
    verb: str, more: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    box = lay(tmp_path / "收到", {"表.xlsx": some(), **dict.fromkeys(NAMED, b"x"), **dict.fromkeys(LEFT, b"x")})
    status, lines = said(verb, "收到", *more)
    assert status == 0
    assert [line for line in lines if line.startswith("收到/")] == [
        f"收到/{name}：{NAMED[name]}" for name in sorted(NAMED)
    ]
    assert [line for line in lines if "另有" in line] == [
        f"收到：另有{len(LEFT)}个电脑自动留下的文件（~$…、Thumbs.db等），没有读取。"
    ]
    assert box.is_dir()


def test_a_file_that_is_named_is_a_failure_as_before(tmp_path: Path) -> None:
    path = tmp_path / "照片.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe0")
    assert said("read", path) == (2, [f"{path}：是图片，不是表格，请让报送单位发回原表。"])


def test_a_folder_of_other_files_alone_is_a_failure_that_names_them(tmp_path: Path) -> None:
    (lay(tmp_path / "收到", {"照片.jpg": b"x"}) / "空.zip").write_bytes(packed({}))
    status, lines = said("check", tmp_path / "收到")
    assert status == 2
    assert [line.rpartition("/")[2] for line in lines[:3]] == [
        "收到：里面没有表格文件，请核对文件夹或压缩包。", "照片.jpg：照片或图片，不是工作簿。", "空.zip：空的压缩包。",
    ]  # fmt: skip


def test_python_has_them_too(tmp_path: Path) -> None:
    box = lay(tmp_path, {"表.xlsx": some(), "照片.jpg": b"x", "Thumbs.db": b"x"})
    opened = perfxl.read(box)
    checked = perfxl.check(box)
    for others in (opened.others, checked.others, perfxl.check(opened).others, perfxl.flag(checked).others,
                   perfxl.correct(opened).others):  # fmt: skip
        assert [other.code for other in others] == ["OtherFile.picture", "OtherFile.left_behind"]
    assert not opened.refused


@pytest.mark.parametrize("seed", range(200))
def test_nothing_is_dropped_in_silence(seed: int, tmp_path: Path) -> None:
    """Invented folders, with zips in them: every file is listed as a workbook, named or counted, once."""
    draw = random.Random(seed)
    endings = [
        *SHEETS,
        *(ending for kind in KINDS.values() for ending in kind),
        "",
        ".bak",
        ".xlsx.tmp",
        ".XLSX",
        ".JPG",
    ]

    def invented(most: int) -> dict[str, bytes]:
        folders = draw.choices(["", "甲镇/", "甲镇/附件/", "__MACOSX/", ".svn/", "a.xlsx/"], [6, 3, 2, 1, 1, 1], k=most)
        starts = draw.choices(["报表", "~$报", "._报", ".报", "~报", "报 表", "IMG_2", "thumbs"], k=most)
        return {
            f"{folder}{start}{at}{draw.choice(endings)}": b"x"
            for at, (folder, start) in enumerate(zip(folders, starts, strict=True))
        }

    loose, inner = invented(draw.randrange(12)), invented(draw.randrange(1, 8))
    lay(tmp_path, {**loose, "里面.zip": packed(inner)})
    listed = list_items(tmp_path)
    expected = [*(f"{tmp_path}/{name}" for name in loose), *(f"{tmp_path}/里面.zip:{name}" for name in inner)]
    named = [item.label for item in listed.items] + [
        other.facts["file"] for other in listed.others if "count" not in other.facts
    ]
    counted = sum(other.facts.get("count", 0) for other in listed.others)
    assert not Counter(named) - Counter(expected)
    assert len(named) + counted == len(expected)
    assert [type(error) for error in listed.refused] == ([] if listed.items else [NothingToDo])
    silent = {*expected} - {*named}
    assert all(
        kind_of(PurePosixPath(path.partition(":")[2] or path.removeprefix(f"{tmp_path}/"))) == LEFT_BEHIND
        for path in silent
    )
