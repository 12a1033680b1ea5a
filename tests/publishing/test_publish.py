"""`perfxl publish`: a document of each unit or of all, its share, its proof."""

from __future__ import annotations

import copy
import difflib
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest
from click.testing import CliRunner
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from office.libreoffice import LibreOffice
from publishing.documents import part, township
from rounds.test_stage_rounds import NAMES
from rounds.test_stage_rounds import made as county  # noqa: F401 - a fixture

import perfxl
from perfxl import records
from perfxl.batch.libreoffice import LaidOut
from perfxl.budget.documents.extract import extract, read_document
from perfxl.budget.documents.verify import Difference, verify_document
from perfxl.cli import main
from perfxl.form.answers import put
from perfxl.publishing.wordml import w

DOCUMENTS = os.environ.get("PERFXL_DOCUMENTS")
SEED = Path(DOCUMENTS or "", "shuangwang-2024.txt")


def publish(*words: object, status: int = 0) -> str:
    result = CliRunner().invoke(main, ["publish", *map(str, words)])
    assert result.exit_code == status, result.output
    return result.output


def written(folder: Path, held: dict[str, Any], name: str = "审定.yaml") -> Path:
    records.dump(held, folder / name)
    return folder / name


def another_unit(**changes: Any) -> dict[str, Any]:
    held = township(1, unit={"code": "907002", "name": "清溪县柳溪镇综合服务中心"}, **changes)
    del held["department"]
    held["projects"][0] |= {"code": "99019924P00731299995X", "name": "值班值守"}
    return held


# Documents and their share -----------------------------------------------------------------------------------------------


def test_a_document_is_written_read_back_and_never_over_another(tmp_path: Path) -> None:
    source, target = written(tmp_path, township()), tmp_path / "绩效文本.docx"
    said = publish(source, "-o", target, "--verify")
    assert "公开2个项目、30.70万元。" in said
    count = sum(len(project["indicators"]) for project in township()["projects"])
    assert f"与审定稿逐字一致：2个项目、{count}条指标、30.70万元。" in said
    before = target.read_bytes()
    assert "已经存在" in publish(source, "-o", target, status=2)
    assert target.read_bytes() == before
    publish(source, "-o", target, "--force", "--title", "部门预算绩效目标")
    assert "部门预算绩效目标" in [paragraph.text for paragraph in docx.Document(str(target)).paragraphs]


def test_the_share_that_is_published_is_said(tmp_path: Path) -> None:
    held = township(4)
    held["projects"][1]["disclosure"], held["projects"][3]["disclosure"] = "不公开", "涉密"
    said = publish(written(tmp_path, held), "-o", tmp_path / "文本.docx", "--verify")
    amounts = [project["budget"]["total"] for project in held["projects"]]
    assert f"公开2个项目、{amounts[0] + amounts[2]:.2f}万元；全部4个、{sum(amounts):.2f}万元" in said
    assert "不公开1个，涉密1个" in said
    assert "逐字一致：2个项目" in said
    text = publish(written(tmp_path, held), "-o", tmp_path / "文本.txt", "--lang", "en")
    assert "Published: 2 projects" in text


def test_each_unit_has_a_document_of_its_own(tmp_path: Path) -> None:
    sources = written(tmp_path, township()), written(tmp_path, another_unit(), "乙.yaml")
    assert "有2个单位（907001清溪县柳溪镇人民政府本级、907002" in publish(
        *sources, "-o", tmp_path / "一.docx", status=2
    )
    said = publish(*sources, "-o", tmp_path / "公开", "--to", "txt", "--verify")
    assert sorted(path.name for path in (tmp_path / "公开").iterdir()) == [
        "907001清溪县柳溪镇人民政府本级.txt", "907002清溪县柳溪镇综合服务中心.txt",
    ]  # fmt: skip
    assert said.count("逐字一致") == 2
    assert "907002清溪县柳溪镇综合服务中心：没有部门整体绩效目标，文本只有项目部分。" in said


def test_several_units_make_one_document_in_their_order(tmp_path: Path) -> None:
    sources = written(tmp_path, township()), written(tmp_path, another_unit(), "乙.yaml")
    target = tmp_path / "全部门.docx"
    assert "逐字一致：3个项目" in publish(*sources, "-o", target, "--together", "--verify")
    titles = [
        one.text
        for one in docx.Document(str(target)).paragraphs
        if one.text.endswith("绩效目标表") and "\t" not in one.text
    ]
    assert titles == ["1.村民小组长误工补贴绩效目标表", "2.村级阵地房屋修缮绩效目标表", "3.值班值守绩效目标表"]
    tables = [table.rows[0].cells[0].text for table in docx.Document(str(target)).tables[::2]]
    assert tables == ["907001清溪县柳溪镇人民政府本级"] * 2 + ["907002清溪县柳溪镇综合服务中心"]
    both = [sources[0], written(tmp_path, {**another_unit(), "department": township()["department"]}, "乙.yaml")]
    assert "都有部门整体绩效目标" in publish(*both, "-o", target, "--together", "--force", status=2)


NOTHING = (
    (["-o", "文本.doc"], "可以存成.docx、.txt、.pdf"),
    ([], "请写明要核对的文本"),
    (["--verify"], "请写明要核对的文本"),
    (["-o", "文本.docx", "--form", "travel"], "没有表样“travel”"),
    (["-o", "文本.docx", "--form", "project-monitoring"], "没有可公开的内容"),
)


@pytest.mark.parametrize(("words", "sentence"), NOTHING, ids=range(len(NOTHING)))
def test_a_call_that_makes_nothing_says_why(
    words: list[str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, township(1))
    monkeypatch.chdir(tmp_path)
    assert sentence in publish("审定.yaml", *words, status=2)
    assert [path.name for path in tmp_path.iterdir()] == ["审定.yaml"]


def test_a_mistake_in_the_records_is_said_with_its_file(tmp_path: Path) -> None:
    held = another_unit()
    held["projects"][0]["disclosure"] = "保密"
    sources = written(tmp_path, township(1)), written(tmp_path, held, "乙.yaml")
    assert "乙.yaml：projects[0].disclosure的值保密应是" in publish(*sources, "-o", tmp_path / "公开", status=2)


def test_a_unit_without_anything_to_publish_is_named(tmp_path: Path) -> None:
    held = another_unit()
    held["projects"][0]["disclosure"] = "不公开"
    sources = written(tmp_path, township(1)), written(tmp_path, held, "乙.yaml")
    said = publish(*sources, "-o", tmp_path / "文本.docx")
    assert "907002清溪县柳溪镇综合服务中心：没有公开的项目" in said
    assert "没有可公开的内容" in publish(sources[1], "-o", tmp_path / "乙.docx", status=2)


def test_workbooks_that_came_back_are_published(tmp_path: Path) -> None:
    (book,) = perfxl.generate(township(), prefill="all")
    (tmp_path / "报回.xlsx").write_bytes(book.data)
    assert "逐字一致：2个项目" in publish(tmp_path / "报回.xlsx", "-o", tmp_path / "文本.docx", "--verify")


@pytest.mark.store("sqlite", "postgresql")
def test_a_round_publishes_what_is_approved_and_open(county: Path, tmp_path: Path) -> None:  # noqa: F811
    """Of 907001 both projects are approved, the first is not for publication, a third is secret; of 907002 the first."""
    said = publish(county / "2024一上", "-o", tmp_path / "公开", "--verify")
    (target,) = (tmp_path / "公开").iterdir()
    assert target.name == "907001第一站.docx"
    assert "公开1个项目、24.18万元；全部4个、39.22万元，按金额公开61.7%，不公开2个，涉密1个。" in said
    assert "2024一上：还有3个项目没有审核通过" in said
    assert "逐字一致：1个项目" in said
    (project,) = extract(read_document(target)).records["projects"]
    assert (project["number"], project["name"]) == (1, f"{NAMES['907001']}房屋修缮")


def test_the_registry_takes_the_word_from_the_records(tmp_path: Path) -> None:
    held = township(2)
    held["projects"][0]["disclosure"] = "不公开"
    records.dump(held, tmp_path / "数据.yaml")
    runner = CliRunner()
    for words in (["new", "一上", "--year", "2024"], ["registry", "数据.yaml", "--in", "一上"]):
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(tmp_path)
            result = runner.invoke(main, ["round", *words])
            assert result.exit_code == 0, result.output
    from perfxl.rounds.desk.round_store import registry_of
    from perfxl.rounds.round import open_round

    assert [one.disclosure for one in registry_of(open_round(tmp_path / "一上")).projects] == ["closed", "open"]


# The proof ---------------------------------------------------------------------------------------------------------------

Change = Callable[[dict[str, Any]], object]
CHANGES: tuple[tuple[Change, Difference], ...] = (
    (lambda held: put(held["projects"][0], "budget.total", 6.53), Difference("村民小组长误工补贴", "预算数", "6.53", "6.52")),
    (lambda held: put(held["projects"][0], "plan.june", 60), Difference("村民小组长误工补贴", "资金支出计划·6月底", "60", "50")),
    (
        lambda held: put(held["projects"][0], "indicators[2].target", "≥99%"),
        Difference("村民小组长误工补贴", "质量指标第1条·指标值", "≥99%", "100%"),
    ),
    (lambda held: put(held["projects"][1], "code", "X"), Difference("村级阵地房屋修缮", "项目编码", "X", "99019924P00731210116H")),
    (
        lambda held: put(held["department"], "areas[0].parts[0].name", "队伍建设"),
        Difference("", "子领域", "队伍建设", "村组队伍建设"),
    ),
    (lambda held: held["unit"].update(name="清溪县柳河镇"), Difference("", "", "清溪县柳河镇", "清溪县柳溪镇人民政府本级", "name")),
    (lambda held: held.update(year=2025), Difference("", "", "2025", "2024", "year")),
    (lambda held: held["projects"].pop(1), Difference("村级阵地房屋修缮", "项目绩效目标表", "", "村级阵地房屋修缮")),
)  # fmt: skip


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("published") / "文本.docx"
    perfxl.publish(township(), output=target)
    return target


@pytest.mark.parametrize(("change", "difference"), CHANGES, ids=range(len(CHANGES)))
def test_the_proof_names_each_answer_that_differs(
    change: Change, difference: Difference, document: Path, tmp_path: Path
) -> None:
    held = township()
    change(held)
    found = verify_document(document, [held]).differences
    shown = [(one.project, one.label.split("·")[-1], one.approved, one.published) for one in found]
    wanted = (difference.project, difference.label.split("·")[-1], difference.approved, difference.published)
    assert shown == [wanted], found
    assert found[0].label.endswith(difference.label), found
    assert found[0].kind == difference.kind
    said = publish("--verify", document, written(tmp_path, held), status=1)
    assert "有1处不同" in said
    assert f"审定“{difference.approved}”，文本“{difference.published}”" in said


def test_the_proof_finds_what_was_typed_into_the_document(document: Path, tmp_path: Path) -> None:
    opened = docx.Document(str(document))
    opened.paragraphs[-1].insert_paragraph_before("另有两个项目不在本文本内。")
    opened.tables[1].rows[1].cells[4].paragraphs[0].runs[0].text = "327人"
    opened.save(str(tmp_path / "改过.docx"))
    found = verify_document(tmp_path / "改过.docx", [township()]).differences
    assert [one.published[-13:] for one in found] == ["327人", "另有两个项目不在本文本内。"], found
    said = publish("--verify", tmp_path / "改过.docx", written(tmp_path, township()), status=1)
    assert re.search(r"\n  第\d+段，没有归入任何一栏：审定“”，文本“另有两个项目不在本文本内。”", said)


def test_the_proof_says_that_a_document_holds_more_than_its_text(document: Path, tmp_path: Path) -> None:
    opened = docx.Document(str(document))
    run = opened.tables[1].rows[1].cells[4].paragraphs[0].runs[0]._r
    run.addnext(parse_xml(f'<w:del {nsdecls("w")} w:id="1"><w:r><w:delText>涉密数</w:delText></w:r></w:del>'))
    opened.save(str(tmp_path / "改过.docx"))
    said = publish("--verify", tmp_path / "改过.docx", written(tmp_path, township()))
    assert "有1处修订" in said
    assert "逐字一致" in said


def test_the_proof_says_in_words_that_a_number_differs(document: Path, tmp_path: Path) -> None:
    held = township()
    held["projects"].pop(0)
    said = publish("--verify", document, written(tmp_path, held), status=1)
    assert "村级阵地房屋修缮　序号：审定“1”，文本“2”" in said


def test_an_amount_that_is_no_number_is_not_left_out_in_silence(tmp_path: Path) -> None:
    held = township(2)
    held["projects"][0]["budget"]["total"] = "约50万"
    said = publish(written(tmp_path, held), "-o", tmp_path / "文本.docx")
    assert "1个项目的金额没有填或不是数字，没有计入" in said


def test_goals_from_a_file_join_the_projects_of_a_round(county: Path, tmp_path: Path) -> None:  # noqa: F811
    held = township(1)
    held.pop("projects")
    publish(county / "2024一上", written(tmp_path, held), "-o", tmp_path / "文本.txt")
    text = (tmp_path / "文本.txt").read_text(encoding="utf-8-sig")
    assert held["department"]["overall"] in text
    assert f"1.{NAMES['907001']}房屋修缮绩效目标表" in text


def test_the_proof_of_a_pdf_or_a_foreign_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "文本.docx").write_bytes(b"no document at all \x00\x01")
    assert "文本.docx" in publish("--verify", tmp_path / "文本.docx", written(tmp_path, township()), status=2)


# The real document -------------------------------------------------------------------------------------------------------


def _bare(text: str) -> str:
    """A text without Word's marks and white space; the names of indicators are separated by ；, where extract splits."""
    unmarked = re.sub(r"\[bookmark: [^\]\n]*\]|\s", "", text)
    return re.sub(r"(?<=绩效指标：)[^：；。]*。", lambda found: found[0].replace("、", "；"), unmarked)


@pytest.mark.skipif(not DOCUMENTS, reason="needs PERFXL_DOCUMENTS")
@pytest.mark.parametrize("ending", ["docx", "txt"])
def test_the_real_document_is_published_again(ending: str, tmp_path: Path) -> None:
    held = extract(SEED.read_text(encoding="utf-8")).records
    target = tmp_path / f"文本.{ending}"
    said = publish(written(tmp_path, held), "-o", target, "--verify")
    assert "逐字一致：16个项目、104条指标、975.30万元" in said
    again = extract(read_document(target), held["year"]).records
    assert again == held
    if ending == "txt":
        mine, theirs = (_bare(one.read_text(encoding="utf-8-sig")) for one in (target, SEED))
        assert mine == theirs, [*difflib.unified_diff([theirs], [mine])]


# LibreOffice -------------------------------------------------------------------------------------------------------------


def test_pages_are_those_of_the_pdf(office: LibreOffice, tmp_path: Path) -> None:
    source = written(tmp_path, township(4))
    publish(source, "-o", tmp_path / "文本.docx", "--pages")
    publish(source, "-o", tmp_path / "文本.pdf", "--pages")
    data = (tmp_path / "文本.docx").read_bytes()
    assert part(data, "word/settings.xml").find(w("updateFields")) is None, "nothing is left to be asked"
    lines = [one.text for one in docx.Document(str(tmp_path / "文本.docx")).paragraphs if "\t" in one.text]
    entries = dict(line.split("\t") for line in lines)
    assert len(entries) == 9
    pages = subprocess.run(
        ["pdftotext", str(tmp_path / "文本.pdf"), "-"], capture_output=True, check=True, encoding="utf-8"
    ).stdout.split("\f")
    front = 2  # the title page and the contents have no number
    for title, page in entries.items():
        text = re.sub(r"\s", "", pages[front + int(page) - 1])
        assert re.sub(r"\s", "", title) in text, (title, page)
        assert f"—{page}—" in text


def test_contents_that_libreoffice_makes_otherwise_are_left_to_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("perfxl.batch.publish.lay_out", lambda documents: [LaidOut(("1", "2"), b"")] * len(documents))
    said = publish(written(tmp_path, township()), "-o", tmp_path / "文本.docx", "--pages")
    assert "目录有7项，LibreOffice排出的目录有2项" in said
    assert part((tmp_path / "文本.docx").read_bytes(), "word/settings.xml").find(w("updateFields")) is not None


def test_many_documents_are_laid_out_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[int] = []

    def lay_out(documents: list[bytes]) -> list[LaidOut]:
        called.append(len(documents))
        return [LaidOut(tuple("1234567"), b"")] * len(documents)

    monkeypatch.setattr("perfxl.batch.publish.lay_out", lay_out)
    units = [township(unit={"code": str(907001 + at), "name": "站"}) for at in range(14)]
    made = perfxl.publish(*units, pages=True)
    assert [file.units for file in made.files] == [(f"{907001 + at}站",) for at in range(14)]
    assert called == [12, 2]


def test_without_libreoffice_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("perfxl.batch.libreoffice.find_soffice", lambda: "")
    said = publish(written(tmp_path, township(1)), "-o", tmp_path / "文本.pdf", status=2)
    assert "这台电脑上没有找到" in said
    assert [path.name for path in tmp_path.iterdir()] == ["审定.yaml"]


def test_a_cell_as_long_as_a_chapter_is_laid_out(office: LibreOffice, tmp_path: Path) -> None:
    held = copy.deepcopy(township(1))
    held["projects"][0]["purpose"] = "渠" * 30_000
    publish(written(tmp_path, held), "-o", tmp_path / "文本.pdf")
    text = subprocess.run(
        ["pdftotext", str(tmp_path / "文本.pdf"), "-"], capture_output=True, check=True, encoding="utf-8"
    ).stdout
    assert text.count("渠") >= 30_000


def test_what_is_not_filled_in_is_said(tmp_path: Path) -> None:
    held = township(2)
    held["projects"][0]["purpose"] = None
    held["projects"][1]["indicators"][0]["basis"] = ""
    source = written(tmp_path, held)
    assert "2个项目有2处必填的内容没有填" in publish(source, "-o", tmp_path / "a.docx")
    assert "必填" not in publish(written(tmp_path, township(2), "乙.yaml"), "-o", tmp_path / "b.docx")


def test_a_document_is_no_source_of_another(tmp_path: Path) -> None:
    source, old = written(tmp_path, township(1)), tmp_path / "旧.docx"
    publish(source, "-o", old)
    assert "不是数据" in publish(source, old, "-o", tmp_path / "新.docx", status=2)
    assert not (tmp_path / "新.docx").exists()
