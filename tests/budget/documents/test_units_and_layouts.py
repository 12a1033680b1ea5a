"""Documents of several units, and of other layouts: each unit by itself, each other layout by its name."""

from __future__ import annotations

from pathlib import Path

import pytest
from budget.documents.written import text_of
from click.testing import CliRunner, Result

from perfxl import records
from perfxl.budget.documents.content import NOTES
from perfxl.budget.documents.extract import extract
from perfxl.budget.documents.layouts import LAYOUTS, layout_of_title
from perfxl.cli import main
from perfxl.errors import DocumentError

WHOLE = records.load(Path(__file__).parents[3] / "examples" / "records.yaml")
ONE = {**WHOLE, "projects": WHOLE["projects"][:2]}
OTHER = {**WHOLE, "unit": {"code": "907002", "name": "清溪县柳溪镇综合服务中心"}, "projects": WHOLE["projects"][2:4],
         "department": {**WHOLE["department"], "overall": "服务中心的总体目标。"}}  # fmt: skip
PART2 = "第二部分"

GRADED = """1.文化广场维护绩效目标表
\t907001清溪县柳溪镇人民政府本级

\t绩效目标
\t1.维护广场。

\t绩效指标
\t绩效指标描述
\t绩效指标评价标准
\t评价标准确定依据

\t优
\t良
\t中
\t差

\t产出指标
\t完好率
\t设施完好率
\t95%
\t90%
\t80%
\t80%
\t实际需要
"""
APPLICATION = """项目支出绩效目标申报表
（2024年度）
\t项目名称
\t文化广场维护

\t主管部门及代码
\t907清溪县柳溪镇
\t实施单位
\t清溪县柳溪镇人民政府

\t项目资金（万元）
\t年度资金总额：
\t20.00

\t年度目标
\t维护广场。

\t一级指标
\t二级指标
\t三级指标
\t指标值

\t产出指标
\t数量指标
\t广场数
\t3个
"""
EVALUATION = """项目支出绩效自评表
\t项目名称
\t文化广场维护

\t一级指标
\t二级指标
\t三级指标
\t年度指标值
\t实际完成值
\t分值
\t得分

\t产出指标
\t数量指标
\t广场数
\t3个
\t3个
\t10
\t10
"""
MONITORING = """项目支出绩效目标执行监控表
\t项目名称
\t文化广场维护

\t一级指标
\t二级指标
\t三级指标
\t年度指标值
\t1-7月执行情况
\t全年预计完成情况

\t产出指标
\t数量指标
\t广场数
\t3个
\t3个
\t3个
"""
LAYOUT = {"graded": GRADED, "application": APPLICATION, "evaluation": EVALUATION, "monitoring": MONITORING}


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


# Several units -----------------------------------------------------------------------------------------------------------


def test_each_unit_has_its_part_1() -> None:
    found = extract(text_of(ONE) + "\n" + text_of(OTHER), 2024, file="全县.txt")
    assert found.units == (ONE, OTHER)
    assert (found.unplaced, found.notes, found.is_complete) == ((), (), True)
    with pytest.raises(DocumentError) as caught:
        found.records  # noqa: B018
    assert (caught.value.facts["what"], caught.value.facts["file"]) == ("several_units", "全县.txt")


def test_one_part_1_for_several_units_is_said() -> None:
    text = text_of(ONE) + text_of(OTHER)[text_of(OTHER).index("3.") :]
    text = text_of(ONE) + text_of(OTHER).partition(PART2)[2]
    found = extract(text, 2024)
    assert [unit["department"] is None for unit in found.units] == [False, True]
    assert [note.what for note in found.notes] == ["shared_goals"]


def test_title_pages_between_units() -> None:
    pages = [f"{unit['unit']['name']}2024年部门预算绩效文本\n{text_of(unit)}" for unit in (ONE, OTHER)]
    found = extract("\n".join(pages))
    assert found.units == (ONE, OTHER)
    assert found.unplaced == ()


def test_tables_of_units_in_turns() -> None:
    """A unit whose tables stand in two places has one file."""
    second = text_of({**ONE, "projects": WHOLE["projects"][4:5]}).partition(PART2)[2]
    found = extract(text_of(ONE) + text_of(OTHER).partition(PART2)[2] + second, 2024)
    assert [[project["number"] for project in unit["projects"]] for unit in found.units] == [[1, 2, 5], [3, 4]]


def test_a_table_without_unit_goes_to_the_one_before_and_is_said() -> None:
    text = text_of(ONE) + text_of(OTHER)
    at = text.rindex("\t907002清溪县柳溪镇综合服务中心\n")
    found = extract(text[:at] + text[at + len("\t907002清溪县柳溪镇综合服务中心\n") :], 2024)
    assert [len(unit["projects"]) for unit in found.units] == [2, 2]
    assert [note.what for note in found.notes] == ["unit_missing"]


def test_a_code_with_two_names_and_a_project_twice() -> None:
    text = text_of(ONE)
    at = text.rindex("柳溪镇人民政府本级")
    found = extract(text[:at] + "柳溪镇" + text[at + 9 :] + text_of(ONE).partition(PART2)[2], 2024)
    assert [note.what for note in found.notes] == ["several_names", "repeated_project", "repeated_project"]


def test_command_writes_a_folder(tmp_path: Path) -> None:
    source = tmp_path / "两个单位.txt"
    source.write_text(text_of(ONE) + text_of(OTHER), encoding="utf-8")
    refused = run("extract", source, "-o", tmp_path / "r.yaml")
    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)
    assert "907001清溪县柳溪镇人民政府本级、907002清溪县柳溪镇综合服务中心" in refused.stderr
    assert not (tmp_path / "r.yaml").exists()
    done = run("extract", source, "-o", tmp_path / "各单位", "--year", 2024)
    assert done.exit_code == 0
    written = sorted((tmp_path / "各单位").iterdir())
    assert [path.name for path in written] == [
        "907001清溪县柳溪镇人民政府本级.yaml",
        "907002清溪县柳溪镇综合服务中心.yaml",
    ]
    assert [records.load(path) for path in written] == [ONE, OTHER]
    again = run("extract", source, "-o", tmp_path / "各单位")
    assert again.exit_code == 2
    assert run("extract", source, "-o", tmp_path / "各单位", "--force").exit_code == 0


def test_command_writes_one_unit_into_a_folder_that_is_there(tmp_path: Path) -> None:
    source = tmp_path / "一.txt"
    source.write_text(text_of(ONE), encoding="utf-8")
    (tmp_path / "出").mkdir()
    assert run("extract", source, "-o", tmp_path / "出").exit_code == 0
    assert [path.name for path in (tmp_path / "出").iterdir()] == ["907001清溪县柳溪镇人民政府本级.yaml"]


# Other layouts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", LAYOUT)
def test_a_document_of_another_layout_is_refused_by_name(layout: str, tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as caught:
        extract(LAYOUT[layout])
    assert (caught.value.facts["what"], caught.value.facts["layout"]) == ("other_layout", layout)
    source = tmp_path / "别的.txt"
    source.write_text(LAYOUT[layout], encoding="utf-8")
    result = run("extract", source, "-o", tmp_path / "r.yaml")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert not (tmp_path / "r.yaml").exists()


@pytest.mark.parametrize("layout", LAYOUT)
@pytest.mark.parametrize("first", [True, False])
def test_a_mixed_document_is_read_and_the_other_table_named(layout: str, first: bool, tmp_path: Path) -> None:
    text = text_of(ONE)
    other = LAYOUT[layout]
    at = text.index("2." + ONE["projects"][1]["name"] + "绩效目标表")
    mixed = text[:at] + other + "\n\n" + text[at:] if first else text + "\n\n" + other
    found = extract(mixed, 2024)
    assert found.records == ONE
    assert [(note.what, note.facts["layout"]) for note in found.notes] == [("other_layout", layout)]
    assert not found.is_complete
    source = tmp_path / "混.txt"
    source.write_text(mixed, encoding="utf-8")
    result = run("extract", source, "-o", tmp_path / "r.yaml")
    assert result.exit_code == 1
    assert "没有读取" in result.stderr


def test_an_unknown_table_is_listed_line_by_line() -> None:
    found = extract(text_of(ONE) + "\n附表\n\t序号\n\t金额\n\n\t1\n\t2\n", 2024)
    assert found.records == ONE
    assert [piece.text for piece in found.unplaced] == ["附表", "序号", "金额", "1", "2"]
    assert not found.is_complete


@pytest.mark.parametrize(
    ("title", "layout"),
    [
        ("2023年度部门整体支出绩效自评报告", "evaluation"),
        ("项目支出绩效目标申报表", "application"),
        ("1.村级支出绩效目标表", None),
    ],
)
def test_titles(title: str, layout: str | None) -> None:
    assert layout_of_title(title) == layout
    if layout:
        with pytest.raises(DocumentError) as caught:
            extract(f"{title}\n一、基本情况\n项目完成较好，得分95分。\n")
        assert caught.value.facts["layout"] == layout


def test_prose_is_no_goal() -> None:
    text = text_of(ONE).replace("\t一级指标\n", "本单位高度重视绩效管理工作。\n\n\t一级指标\n", 1)
    found = extract(text, 2024)
    assert found.records == ONE
    assert [piece.text for piece in found.unplaced] == ["本单位高度重视绩效管理工作。"]


# Words -------------------------------------------------------------------------------------------------------------------


def test_sentences_have_no_path_of_a_record(tmp_path: Path) -> None:
    source = tmp_path / "缺.txt"
    text = (
        text_of(ONE)
        .replace("\t3月底\n", "")
        .replace(f"\t{ONE['projects'][0]['code']}\n", "\t\n")
        .replace("（二）、", "（四）、")
    )
    source.write_text(text.replace("绩效目标：", "目标：", 1), encoding="utf-8")
    said = run("extract", source, "-o", tmp_path / "r.yaml").stderr.replace(str(tmp_path), "")
    assert "3月底" in said
    assert "项目编码" in said
    assert not any(word in said for word in ("plan", "march", "code", "indicators", "areas", "goal", "None"))


def test_every_note_has_its_words() -> None:
    from perfxl import messages

    keys = {key.removeprefix("documents.notes.") for key in messages.text_keys("documents") if ".notes." in key}
    assert keys == set(NOTES)
    layouts = {key.removeprefix("documents.layouts.") for key in messages.text_keys("documents") if ".layouts." in key}
    assert layouts == set(LAYOUTS)
