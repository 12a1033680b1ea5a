"""Who is asked and what is issued: a project keeps its number, what was issued stays, what has changed is said."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from rounds.invented_registries import invent
from rounds.test_collect import UNIT, book
from rounds.test_round_commands import rows as township_rows
from rounds.test_round_commands import run

from perfxl.errors import RegistryError
from perfxl.form import installed
from perfxl.rounds.department_zip import write_zip_of
from perfxl.rounds.desk.registering import import_registry, preview
from perfxl.rounds.model import RegisteredProject
from perfxl.rounds.registry.pairing import ProjectMarks, number_projects
from perfxl.rounds.registry.reading import read_registry
from perfxl.rounds.registry.workbook import write_registry
from perfxl.rounds.round import find_round

pytestmark = pytest.mark.store("sqlite", "postgresql")
FORM = installed.load("project-target")
HEAD = "单位代码,单位名称,主管部门,控制数（万元）,项目编码,项目名称,预算数（万元）,公开属性\n"
FIRST = (
    "907,柳溪镇,,100,,,,",
    "907001,柳溪镇本级,907,20,A1,路灯,6.5,",
    "907001,柳溪镇本级,,,A2,修路,9.5,",
    "907001,柳溪镇本级,,,,清淤,1,",
    "907002,白果站,907,,,植树,4,",
    "907002,白果站,907,,,值守,4,涉密",
)


def known(*marks: tuple[int, str, str]) -> list[RegisteredProject]:
    return [RegisteredProject("907001", FORM.name, number, code, name) for number, code, name in marks]


NUMBERED: list[tuple[str, list[tuple[str, str, int | None]], list[int], list[int]]] = [
    ("the same in another order", [("A2", "修路", None), ("A1", "路灯", None), ("", "清淤", None)], [2, 1, 3], []),
    ("one put in between", [("A1", "路灯", None), ("", "防火", None), ("A2", "修路", None)], [1, 5, 2], []),
    ("renamed", [("A1", "路灯二期", None)], [1], []),
    ("another code", [("A9", "路灯", None)], [1], []),
    ("a code goes before a name", [("A2", "路灯", None), ("A1", "修路", None)], [2, 1], []),
    ("a dropped one returns", [("", "旧项目", None)], [4], []),
    ("a number names what has no code", [("", "清淤工程", 3)], [3], []),
    ("a number of another project", [("B1", "防火", 2)], [2], [0]),
    ("a free number of the list", [("B1", "防火", 9), ("B2", "防汛", None)], [9, 10], []),
]


@pytest.mark.parametrize(
    ("listed", "numbers", "holders"), [one[1:] for one in NUMBERED], ids=[one[0] for one in NUMBERED]
)
def test_a_project_keeps_its_number(
    listed: list[tuple[str, str, int | None]], numbers: list[int], holders: list[int]
) -> None:
    projects = known((1, "A1", "路灯"), (2, "A2", "修路"), (3, "", "清淤"), (4, "A4", "旧项目"))
    found = number_projects(projects, [ProjectMarks(*marks) for marks in listed])
    assert (list(found.numbers), [*found.holders]) == (numbers, holders)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "2024一上"
    assert run("round", "new", made, "--year", 2024, "--deadline", "2024-03-15", "--phone", "0000-1234567")[0] == 0
    take(made, *FIRST)
    return made


def take(folder: Path, *lines: str, head: str = HEAD) -> dict[str, Any]:
    source = folder.parent / "名册.csv"
    source.write_text(head + "".join(f"{line}\n" for line in lines), encoding="gb18030")
    status, out, err = run("round", "registry", source, "--json", "--in", folder)
    assert status == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def issue(folder: Path, *words: object) -> dict[str, Any]:
    status, out, err = run("round", "issue", "--json", *words, "--in", folder)
    assert status == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def changes(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (one["kind"], one["project"]["name"] if one["project"] else one["unit"], one["path"])
        for one in found["changes"]
    ]


@pytest.mark.store("sqlite")
@pytest.mark.parametrize("seed", range(0, 120, 15))
def test_what_was_written_for_editing_changes_nothing(seed: int, tmp_path: Path) -> None:
    round = find_round(_new(tmp_path))
    registry = invent(seed)
    import_registry(round, registry)
    target = tmp_path / "名册.xlsx"
    target.write_bytes(write_registry(registry, FORM))
    again = preview(round, target, FORM)
    assert (again.changes, again.registry) == ((), registry)


def _new(tmp_path: Path) -> Path:
    run("round", "new", tmp_path / "批次", "--year", 2024)
    return tmp_path / "批次"


def test_a_row_put_in_between_renames_no_project(folder: Path) -> None:
    found = take(folder, *FIRST[:2], "907001,柳溪镇本级,,,,防火,2,", *FIRST[2:])
    assert changes(found) == [("added", "防火", "")]
    assert found["changes"][0]["project"]["number"] == 4
    assert changes(take(folder, *FIRST)) == [("dropped", "防火", "")]
    back = take(folder, *FIRST[:5], "907001,柳溪镇本级,,,,防火,2,", FIRST[5])
    assert [one["project"]["number"] for one in back["changes"]] == [4], "what returns has the number that it had"


def test_a_number_that_contradicts_is_a_mistake_with_its_place(folder: Path, tmp_path: Path) -> None:
    source = tmp_path / "改.csv"
    head = "单位代码,单位名称,项目序号,项目编码,项目名称,预算数（万元）\n"
    source.write_text(f"{head}907001,柳溪镇本级,2,A1,路灯,6.5\n907001,柳溪镇本级,1,B1,防火,2\n", encoding="utf-8")
    with pytest.raises(RegistryError) as caught:
        preview(find_round(folder), source, FORM)
    assert [(one.what, one.row, one.column) for one in caught.value.mistakes] == [
        ("number_differs", 2, "C"),
        ("number_taken", 3, "C"),
    ]


def test_the_projects_of_another_form_stay(folder: Path) -> None:
    source = folder.parent / "部门.csv"
    source.write_text("单位代码,单位名称\n907001,柳溪镇本级\n", encoding="utf-8")
    found = preview(find_round(folder), source, installed.load("department-goals"))
    assert [one.kind for one in found.changes if one.project] == ["added"]
    assert len(found.registry.projects) == 6


def test_what_is_dropped_although_it_was_handed_in_is_said(tmp_path: Path) -> None:
    folder = _new(tmp_path)
    lines = township_rows().splitlines()
    take(folder, *lines[1:], head=f"{lines[0]}\n")
    (folder / "收表箱" / "报.xlsx").write_bytes(book(find_round(folder)))
    run("round", "collect", "--in", folder)
    found = take(folder, *lines[2:], head=f"{lines[0]}\n")
    assert [one["reported"] for one in found["changes"]] == [True]


def test_issuing_again_makes_nothing_twice_and_what_has_changed_is_said(folder: Path) -> None:
    first = issue(folder)
    assert [(one["code"], one["state"], one["draft"]) for one in first["workbooks"]] == [
        ("907001", "written", 1),
        ("907002", "written", 1),
    ]
    assert [one["name"] for one in first["secret"]] == ["值守"]
    before = {path: path.read_bytes() for path in (folder / "下发").rglob("*.xlsx")}
    assert {one["state"] for one in issue(folder)["workbooks"]} == {"kept"}
    take(
        folder,
        FIRST[0],
        "907001,柳溪镇本级,907,20,A1,路灯二期,7,",
        FIRST[3],
        "907001,柳溪镇本级,,,,防火,2,",
        *FIRST[4:],
    )
    (said,) = issue(folder)["changes"]
    counts = {
        key: said[key] for key in ("unit", "draft", "added", "dropped", "amounts", "names", "others", "head", "anew")
    }
    assert counts == {
        "unit": "907001", "draft": 1, "added": 1, "dropped": 1, "amounts": 1, "names": 1, "others": 0, "head": False,
        "anew": False,
    }  # fmt: skip
    assert {path: path.read_bytes() for path in before} == before, "nothing that was issued is overwritten"
    assert len([*(folder / "下发").rglob("*.xlsx")]) == len(before)
    anew = issue(folder, "--changed")
    assert [(one["code"], one["state"], one["draft"]) for one in anew["workbooks"]] == [
        ("907001", "written", 2),
        ("907002", "kept", 1),
    ]
    assert "第2稿" in anew["workbooks"][0]["file"]
    older = [path for path in before if path.name != "下发清单.xlsx"]
    assert {path: path.read_bytes() for path in older} == {path: before[path] for path in older}
    assert issue(folder, "--changed")["changes"] == [], "issued anew once"


def test_what_was_filled_in_goes_out_again(tmp_path: Path) -> None:
    folder = _new(tmp_path)
    lines = township_rows().splitlines()
    take(folder, *lines[1:], head=f"{lines[0]}\n")
    issue(folder)
    (folder / "收表箱" / "报.xlsx").write_bytes(book(find_round(folder), purpose="用于发放村民小组长补贴，按季发放。"))
    run("round", "collect", "--in", folder)
    more = [*lines[1:], f"{UNIT.code},{UNIT.name},9,,防火物资,3"]
    take(folder, *more, head=f"{lines[0]}\n")
    found = issue(folder, "--changed")
    (said,) = found["changes"]
    assert (said["added"], said["reported"]) == (1, 4)
    sheet = openpyxl.load_workbook(folder / "下发" / found["workbooks"][0]["file"])
    texts = {cell.value for tab in sheet.worksheets for row in tab.iter_rows() for cell in row}
    assert "用于发放村民小组长补贴，按季发放。" in texts


def test_another_file_in_the_way_is_left_alone(folder: Path) -> None:
    path = folder / "下发" / "907001柳溪镇本级" / f"907001柳溪镇本级_2024{FORM.label}_一上.xlsx"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"mine")
    status, _, err = run("round", "issue", "--in", folder)
    assert (status, "没有覆盖" in err, path.read_bytes()) == (2, True, b"mine")
    path.unlink()
    assert [one["state"] for one in issue(folder)["workbooks"]] == ["written", "kept"]


def test_a_file_that_is_gone_is_written_again(folder: Path) -> None:
    (file, _) = (folder / "下发" / one["file"] for one in issue(folder)["workbooks"])
    data = file.read_bytes()
    file.unlink()
    issue(folder)
    assert file.read_bytes() == data


def test_some_units_are_issued(folder: Path) -> None:
    assert [one["code"] for one in issue(folder, "--unit", "907002")["workbooks"]] == ["907002"]
    status, _, err = run("round", "issue", "--unit", "907003", "--in", folder)
    assert (status, "907003" in err) == (2, True)


def test_the_manifest_has_a_line_for_each_workbook_and_the_sums(
    folder: Path, complaints: Callable[[bytes], list[Any]]
) -> None:
    issue(folder)
    path = folder / "下发" / "下发清单.xlsx"
    sheet = openpyxl.load_workbook(path).worksheets[0]
    rows = [*sheet.iter_rows(values_only=True)]
    assert {(cell.number_format, cell.alignment.horizontal) for cell in sheet["F"][3:]} == {("#,##0.00", "right")}
    assert [row[:1] + row[4:8] for row in rows[-3:]] == [
        ("907001", 3, 17, 20, 3),
        ("907002", 1, 4, None, None),
        ("合计", 4, 21, 20, 3),
    ]
    assert complaints(path.read_bytes()) == []
    assert "于3月15日前" in (folder / "下发" / "下发通知.txt").read_text(encoding="utf-8")


def names_in(path: Path) -> list[str]:
    return [entry.extra[9:].decode() for entry in zipfile.ZipFile(path).infolist()]


def test_a_zip_for_each_department(folder: Path) -> None:
    assert issue(folder, "--zip")["zips"] == ["907柳溪镇_2024一上.zip"]
    path = folder / "下发" / "907柳溪镇_2024一上.zip"
    data = path.read_bytes()
    issue(folder, "--zip")
    assert path.read_bytes() == data, "the same workbooks, the same bytes"
    take(folder, *FIRST[:4], "907002,白果站,907,,,植树,5,", FIRST[5])
    issue(folder, "--changed")
    assert any("第2稿" in name for name in names_in(path)), "a zip never holds what is void"
    listed = subprocess.run(
        ["unzip", "-l", path], capture_output=True, text=True, check=False, env={"LC_ALL": "C.UTF-8"}
    )
    assert f"907002白果站_2024{FORM.label}_一上_第2稿.xlsx" in listed.stdout


@pytest.mark.parametrize(
    ("name", "encoding"), [("柳溪镇/表.xlsx", "gbk"), ("𬭎𰻝镇.xlsx", "utf-8"), ("plain.txt", "ascii")]
)
def test_names_in_a_zip_are_read_by_old_and_new(name: str, encoding: str) -> None:
    data = write_zip_of({name: b"content"})
    archive = zipfile.ZipFile(io.BytesIO(data))
    (entry,) = archive.infolist()
    assert archive.read(entry) == b"content"
    assert archive.testzip() is None
    raw = name.encode(encoding)
    assert (raw in data, bool(entry.flag_bits & 0x800)) == (True, encoding == "utf-8")
    if encoding == "gbk":
        kind, length, version, check = struct.unpack_from("<HHBL", entry.extra)
        assert (kind, length, version, check) == (0x7075, len(entry.extra) - 4, 1, zlib.crc32(raw))
        assert entry.extra[9:].decode() == name


LISTS: dict[str, tuple[list[str], dict[str, float]]] = {
    "an upper heading in 元 over 总额 and 财政": (
        ["单位代码,单位名称,项目名称,预算数（元）,", ",,,总额,财政", "907001,柳溪镇,路灯,65000,60000"],
        {"budget.total": 6.5, "budget.fiscal": 6.0}),
    "an unknown upper heading over a sum": (
        ["单位代码,单位名称,项目名称,资金来源（万元）,", ",,,合计,其他", "907001,柳溪镇,路灯,6.5,0.5"],
        {"budget.total": 6.5, "budget.other": 0.5}),
    "the unit of money at the right top": (
        ["项目表,,,单位：元", "单位代码,单位名称,项目名称,预算数", "907001,柳溪镇,路灯,65000"], {"budget.total": 6.5}),
}  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_headings_of_amounts_in_two_rows(name: str, tmp_path: Path) -> None:
    lines, given = LISTS[name]
    path = tmp_path / "名册.csv"
    path.write_text("\n".join(lines), encoding="gb18030")
    (project,) = read_registry(path, FORM).projects
    assert project.given == given


REFUSED = {
    "amount_unknown": ["单位代码,单位名称,项目名称,申报数（万元）", "907001,柳溪镇,路灯,6.5"],
    "part_of_another": ["单位代码,单位名称,项目名称,预算数（万元）", "907001,柳溪镇,路灯,6.5", ",,其中：一期,3"],
    "no_money_unit": ["单位代码,单位名称,项目名称,预算数", "907001,柳溪镇,路灯,65000"],
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_would_be_read_wrongly_is_refused(what: str, tmp_path: Path) -> None:
    path = tmp_path / "名册.csv"
    path.write_text("\n".join(REFUSED[what]), encoding="utf-8")
    with pytest.raises(RegistryError) as caught:
        read_registry(path, FORM)
    assert [mistake.what for mistake in caught.value.mistakes] == [what]
    if what == "no_money_unit":
        facts = caught.value.mistakes[0].facts
        assert (facts["as_wan"], facts["as_yuan"]) == ("65000", "6.5"), "both consequences are said"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("con",), "_con"),
        (('x"y',), "x_y"),
        (("r", "--phase", " "), "--phase"),
        (("r", "--phase", "一\n上"), "印不出来"),
        (("r", "--phone", "1" * 201), "200"),
    ],
)
def test_a_round_that_could_not_be_moved_or_printed_is_not_made(
    words: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    status, _, err = run("round", "new", tmp_path / words[0], "--year", 2024, *words[1:])
    assert (status, said in err, len(err.strip().splitlines())) == (2, True, 1), err
    assert [*tmp_path.iterdir()] == []


def test_names_that_need_care(tmp_path: Path) -> None:
    for name in ("2024 一上", "‘2024’一上", "2024一上."[:-1]):
        assert run("round", "new", f"{tmp_path / name}/", "--year", 2024)[0] == 0
        assert find_round(tmp_path / name).name == name
