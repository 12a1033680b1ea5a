"""Last year's texts on this year's list: which project is which, what is carried, what is said, what is refused."""

from __future__ import annotations

import copy
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

import perfxl
from perfxl import records
from perfxl.batch.carry import CarriedUnit, Origin, reader_of
from perfxl.batch.former_records import Marks, pair_records
from perfxl.cli import main
from perfxl.form import code_scheme, installed
from perfxl.form.answers import flatten, put
from perfxl.form.form import Form

ROOT = Path(__file__).parents[2]
NAMES = yaml.safe_load((Path(__file__).parent / "carried_names.yaml").read_text(encoding="utf-8"))
EXAMPLE = records.load(ROOT / "examples" / "records.yaml")
FORM = installed.load("project-target")
SCHEME = code_scheme.load("hebei-2024")
UNIT = EXAMPLE["unit"]


def code(serial: int, year: int = 25) -> str:
    bare = f"990199{year}P{serial:011d}"
    return bare + str(code_scheme.check_character(bare, SCHEME))


def project(number: int, name: str, code: str | None = None, **further: Any) -> dict[str, Any]:
    return {"number": number, "code": code, "name": name, "budget": {"total": 10.0}, **further}


def year(year: int, *projects: Mapping[str, Any], unit: Mapping[str, Any] = UNIT) -> dict[str, Any]:
    return {"year": year, "unit": unit, "projects": list(projects)}


def answered(number: int, name: str, code: str | None = None, **further: Any) -> dict[str, Any]:
    """A project of last year with the answers of the example's first."""
    given = {"number": number, "code": code, "name": name}
    return {**copy.deepcopy(EXAMPLE["projects"][0]), **given, **further}


def carried(last: Mapping[str, Any], this: Mapping[str, Any], **options: Any) -> CarriedUnit:
    made = perfxl.carry(last, this, **options)
    assert made.refused == ()
    (unit,) = made.units
    return unit


def origins(last: Mapping[str, Any], this: Mapping[str, Any]) -> list[tuple[str, int | None]]:
    """By which mark each project was found, and the number of last year's."""
    return [(one.how, one.former.number if one.former else None) for one in carried(last, this).origins]


# Which is which -----------------------------------------------------------------------------------------------------------


def test_names_alone_find_what_a_person_finds() -> None:
    """Of 69 names the right 39 of 41 are found, and 2 that a person would not take: all of these are said as doubtful."""
    pairs = [(kind, last, this) for kind, several in NAMES.items() for last, this in several]
    assert len(pairs) == 69
    former = [Marks(at, "", last) for at, (_, last, _) in enumerate(pairs)]
    listed = [Marks(at, "", this) for at, (_, _, this) in enumerate(pairs)]
    found = pair_records(listed, former, FORM, reader_of(FORM))
    right = [at for at, pair in enumerate(found) if pair.former == at and pairs[at][0] != "different"]
    wrong = {pairs[at][2] for at, pair in enumerate(found) if pair.former is not None and at not in right}
    missed = {pairs[at][2] for at, pair in enumerate(found) if pairs[at][0] != "different" and pair.former != at}
    assert wrong == {"村庄绿化", "防疫物资"}
    assert missed == {"安全生产监管经费", "动物防疫"}
    assert len(right) / (len(right) + len(wrong)) == pytest.approx(0.951, abs=0.001)  # precision
    assert len(right) / (len(right) + len(missed)) == pytest.approx(0.951, abs=0.001)  # recall
    assert {found[at].how for at in range(len(NAMES["same"]))} == {"name"}  # what is the same is no matter of likeness
    assert {found[at].how for at, pair in enumerate(pairs) if pair[2] in wrong} == {"likeness"}
    assert len({pair.former for pair in found if pair.former is not None}) == len(right) + len(wrong)  # one to one


@pytest.mark.parametrize(
    ("last", "this", "found"),
    [
        pytest.param([("河道清淤", 7)], [("河道清淤", 7)], [("code_and_name", 1)], id="the serial and the name"),
        pytest.param([("河道清淤", 7)], [("水系连通", 7)], [("renamed", 1)], id="renamed"),
        pytest.param([("河道清淤", 7)], [("2025年河道清淤", 8)], [("name", 1)], id="another serial"),
        pytest.param([("河道清淤", 7)], [("河道清淤工程", None)], [("likeness", 1)], id="alike"),
        pytest.param([("河道清淤", 7)], [("路灯照明", 8)], [("new", None)], id="new"),
        pytest.param(
            [("河道清淤", 7), ("路灯照明", 8)], [("路灯照明", 7)], [("code_or_name", None)], id="the code of one, the name of another"
        ),
        pytest.param(
            [("河道清淤", 7)], [("水系连通", 7), ("河道清淤", 8)], [("renamed", 1), ("taken", None)], id="its code goes on, its name too"
        ),
        pytest.param(
            [("厕所管护", None)], [("公厕所管护", None), ("新厕所管护", None)], [("several", None)] * 2, id="divided"
        ),
        pytest.param(
            [("东片厕所管护", None), ("西片厕所管护", None)], [("厕所管护", None)], [("several", None)], id="joined"
        ),
        pytest.param(
            [("2023年道路养护", None), ("2024年道路养护", None)], [("道路养护", None)], [("several", None)], id="two of last year"
        ),
        pytest.param(
            [("河道清淤", 7), ("路灯照明", 7)], [("路灯照明", 7)], [("name", 2)], id="a serial that two have is no mark"
        ),
        pytest.param(
            [("河道清淤", 7), ("路灯照明", 8), ("厕所管护", 9)], [("路灯照明", 7), ("厕所管护", 8), ("河道清淤", 9)],
            [("name", 2), ("name", 3), ("name", 1)], id="serials given anew are no marks",
        ),
        pytest.param([("东沟村桥梁维修", None)], [("西沟村桥梁维修", None)], [("new", None)], id="another village"),
        pytest.param([("灌区改造一期", None)], [("灌区改造二期", None)], [("new", None)], id="another phase"),
        pytest.param([("灌区改造一期", None)], [("灌区改造第一期工程", None)], [("likeness", 1)], id="the same phase"),
    ],
)  # fmt: skip
def test_the_surest_mark_decides(last: list[Any], this: list[Any], found: list[Any]) -> None:
    before = [project(at, name, code(serial, 24) if serial else None) for at, (name, serial) in enumerate(last, 1)]
    now = [project(at, name, code(serial) if serial else None) for at, (name, serial) in enumerate(this, 1)]
    assert origins(year(2024, *before), year(2025, *now)) == found


def test_a_code_of_no_scheme_is_compared_whole() -> None:
    last, this = project(1, "甲事", "A-1"), project(1, "乙物", "a－1")
    (pair,) = pair_records([Marks(1, "a－1", "乙物")], [Marks(1, "A-1", "甲事")], FORM, reader_of(FORM))
    assert pair.how == "renamed"
    assert last["name"] != this["name"]


def test_projects_of_another_unit_are_never_taken() -> None:
    other = {"code": "907002", "name": "清溪县柳溪镇综合服务中心"}
    made = perfxl.carry(
        [year(2024, project(1, "河道清淤")), year(2024, project(1, "路灯照明"), unit=other)],
        [year(2025, project(1, "路灯照明")), year(2025, project(1, "河道清淤"), unit=other)],
    )
    assert [one.how for unit in made.units for one in unit.origins] == ["new", "new"]


def test_units_are_known_by_name_where_one_year_has_no_code() -> None:
    nameless = {"name": UNIT["name"]}
    assert origins(year(2024, project(1, "河道清淤"), unit=nameless), year(2025, project(1, "河道清淤"))) == [
        ("name", 1)
    ]
    same_name = {"code": "907009", "name": UNIT["name"]}
    made = perfxl.carry(year(2024, project(1, "河道清淤"), unit=same_name), year(2025, project(1, "河道清淤")))
    assert [error.code for error in made.refused] == ["CarryError.no_common_unit"]


def test_what_does_not_come_again_is_listed_with_what_is_like_it() -> None:
    last = year(2024, project(1, "厕所管护", code(1, 24)), project(2, "厕所管护补助"), project(3, "秸秆禁烧"))
    unit = carried(last, year(2025, project(1, "厕所管护", code(1))))
    assert [(ended.marks.name, [one.name for one in ended.near]) for ended in unit.ended] == [
        ("厕所管护补助", ["厕所管护"]),
        ("秸秆禁烧", []),
    ]


# What is carried ----------------------------------------------------------------------------------------------------------


def test_this_years_given_values_and_last_years_texts() -> None:
    last = EXAMPLE
    this = year(
        2025,
        *(
            {"number": one["number"], "code": one["code"], "name": one["name"], "budget": {"total": 99.0}}
            for one in last["projects"]
        ),
    )
    unit = carried(last, this)
    for record, before in zip(unit.records["projects"], last["projects"], strict=True):
        now, old = flatten(FORM, record), flatten(FORM, before)
        for id, asked in FORM.fields.items():
            wanted = 99.0 if id == "budget.total" else None if asked.yearly else old.head[id]
            assert now.head[id] == wanted, id
        for row, former in zip(now.rows["indicators"], old.rows["indicators"], strict=True):
            assert row == {**former, "target": None}
    rows = [row for record in last["projects"] for row in record["indicators"]]
    # purpose and goals; all columns but that of the targets
    assert sum(origin.answers for origin in unit.origins) == 16 * 2 + len(rows) * 5


def test_what_the_list_says_itself_stands() -> None:
    own = project(1, "河道清淤", budget={"total": 3.0, "fiscal": 2.5}, purpose="另写", goals=["另写"])
    unit = carried(year(2024, answered(1, "河道清淤")), year(2025, own))
    record = unit.records["projects"][0]
    assert (record["purpose"], record["goals"], record["budget"]) == ("另写", ["另写"], {"total": 3.0, "fiscal": 2.5})
    assert len(record["indicators"]) == 8
    rows = [{"level1": "产出指标", "level2": "数量指标", "level3": "另写"}]
    unit = carried(year(2024, answered(1, "河道清淤")), year(2025, {**own, "indicators": rows}))
    assert [row["level3"] for row in unit.records["projects"][0]["indicators"]] == ["另写"]
    assert unit.origins[0].answers == 0


def test_pieces_of_last_year_are_pointed_at_and_stay() -> None:
    before = answered(
        1, "河道清淤", goals=["2024年11月底前清淤10公里", "投入６.52万元"], purpose="依据清水字〔2023〕28号"
    )
    unit = carried(year(2024, before), year(2025, project(1, "河道清淤")))
    found = [(one.path, one.kind, one.text) for one in unit.origins[0].old_texts]
    assert found == [
        ("purpose", "document", "清水字〔2023〕28号"),
        ("goals", "year", "2024年11月"),
        ("goals", "same_amount", "６.52万元"),
    ]
    assert unit.records["projects"][0]["goals"] == before["goals"]


def row(**further: Any) -> dict[str, Any]:
    return {
        "level1": "产出指标",
        "level2": "数量指标",
        "level3": "长度",
        "description": "清淤长度",
        "basis": "台账",
        **further,
    }


@pytest.mark.parametrize(
    ("change", "left_out"),
    [
        ({"colour": "红"}, [("unknown_key", "colour", "红")]),
        ({"plan": {"march": 1, "may": 2}}, [("unknown_key", "plan.may", "2")]),
        ({"goals": {"a": 1}}, [("unfit", "goals", "1")]),
        ({"purpose": ["一", "二"]}, [("unfit", "purpose", "一、二")]),
        ({"goals": ["一", 2, "三"]}, [("unfit", "goals[1]", "2")]),
        ({"indicators": "无"}, [("unfit", "indicators", "无")]),
        ({"indicators": [row(), 5, row(note="x")]}, [("unfit", "indicators[1]", "5"), ("unknown_key", "indicators[2].note", "x")]),
        ({"indicators": [row(level2="经济成本指标")]}, [("not_in_list", "indicators[0].level2", "经济成本指标")]),
        ({"indicators": [row(level1=None)]}, []),
        ({"indicators": [row(level2="环境效益", level1="效益")]}, []),
        ({"indicators": [row(level1="其他", level2="别的")]}, [("group", "indicators[0]", "其他、别的、长度、清淤长度、台账")]),
        ({"indicators": [row()] * 61}, [("too_many", "indicators[60]", "产出指标、数量指标、长度、清淤长度、台账")]),
    ],
)  # fmt: skip
def test_what_this_years_form_does_not_take_is_said(change: dict[str, Any], left_out: list[Any]) -> None:
    unit = carried(year(2024, answered(1, "河道清淤", **change)), year(2025, project(1, "河道清淤")))
    told = unit.origins[0].left_out
    order = [(one.why, one.path, one.text) for one in told]
    assert sorted(order) == sorted(left_out)
    perfxl.generate(unit.records, prefill="last")


def test_another_taxonomy_this_year(tmp_path: Path) -> None:
    county = tmp_path / "county.yaml"
    county.write_text("taxonomy: {project-target: cn-2021}\n", encoding="utf-8")
    unit = carried(year(2024, answered(1, "河道清淤")), year(2025, project(1, "河道清淤")), rules=county)
    assert [(one.why, one.text) for one in unit.origins[0].left_out] == [("not_in_list", "成本指标")]
    kept = unit.records["projects"][0]["indicators"]
    assert len(kept) == 8
    assert [row.get("level2") for row in kept].count(None) == 1
    perfxl.generate(unit.records, prefill="last", rules=county)


FORMS = {
    "project-target": {}, "department-goals": {}, "equipment": {}, "travel": {}, "staff-and-pay": {}, "quarterly": {"quarter": 1},
    "project-monitoring": {"first_month": 1, "last_month": 7}, "project-self-evaluation": {}, "department-self-evaluation": {},
}  # fmt: skip
FOLDERS = [str(ROOT / "examples" / "forms")]


def given_alone(form: Form, record: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for id, value in flatten(form, record).head.items():
        if form.fields[id].given and value is not None:
            put(made, id, value)
    return made


@pytest.mark.parametrize("name", FORMS)
def test_every_form_can_be_carried(name: str) -> None:
    """What is carried goes out and comes back as it is."""
    file = next(one for one in ROOT.glob("*/**/example.yaml") if one.parent.name == name)
    record = yaml.safe_load(file.read_text(encoding="utf-8"))
    form = perfxl.load_form(name, forms=FOLDERS)
    full = dict(form.records(record)).get(unit_place(form)) or record
    given = given_alone(form, full)
    last = {"year": 2024, "unit": UNIT, form.root: [full] if form.many else full}
    this = {"year": 2025, "unit": UNIT, form.root: [given] if form.many else given}
    made = perfxl.carry(last, this, form=name, forms=FOLDERS)
    assert made.refused == ()
    (unit,) = made.units
    assert unit.origins[0].former is not None
    assert {one.why for one in unit.origins[0].left_out} <= {"not_given"}
    (book,) = perfxl.generate(unit.records, form=name, forms=FOLDERS, prefill="last", values=FORMS[name])
    (sheet,) = perfxl.read(book.data, forms=FOLDERS).submissions
    sent = flatten(form, dict(form.records(unit.records))[unit_place(form)])
    came = flatten(form, sheet.record)
    for id, asked in form.fields.items():
        if asked.open and not asked.yearly and asked.default is None:
            assert came.head[id] == sent.head[id], id


def unit_place(form: Form) -> str:
    return f"{form.root}[0]" if form.many else form.root


def test_projects_without_numbers_get_some() -> None:
    listed = [{"name": "河道清淤"}, {"name": "路灯照明", "number": 7}, {"name": "厕所管护"}]
    unit = carried(year(2024, answered(1, "河道清淤")), year(2025, *listed))
    assert [one["number"] for one in unit.records["projects"]] == [8, 7, 9]
    assert len(perfxl.generate(unit.records, prefill="last")) == 1


ODD = [
    None,
    "",
    " ",
    0,
    -1,
    1e12,
    True,
    [],
    {},
    [1],
    {"a": 1},
    "长" * 5000,
    "2024年",
    "\x00",
    "甲\n乙",
    ["甲", None, 3],
    [[]],
    [{}],
]


@pytest.mark.parametrize("seed", range(40))
def test_any_record_of_last_year_is_carried_or_said(seed: int) -> None:
    chance = random.Random(seed)
    last = year(2024, *copy.deepcopy(EXAMPLE["projects"][:2]))
    for _ in range(chance.randint(1, 6)):
        place: Any = last["projects"][chance.randrange(2)]
        while True:
            key = chance.choice([*(place if isinstance(place, dict) else range(len(place))), "odd"])
            if key == "odd" or not isinstance(place[key], (dict, list)) or not place[key] or chance.random() < 0.3:
                break
            place = place[key]
        if isinstance(place, list):
            place[0 if key == "odd" else key] = copy.deepcopy(chance.choice(ODD))
        else:
            place[key] = copy.deepcopy(chance.choice(ODD))
    this = year(2025, *(project(one["number"], one["name"], one["code"]) for one in EXAMPLE["projects"][:2]))
    unit = carried(last, this)
    perfxl.generate(unit.records, prefill="last")


# The whole line -----------------------------------------------------------------------------------------------------------


def run(*words: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


def write(path: Path, content: Mapping[str, Any]) -> Path:
    records.dump(content, path)
    return path


def test_from_a_registry_to_what_comes_back(tmp_path: Path) -> None:
    """carry → generate --prefill last → read, untouched → check; then a unit fills some of it in."""
    registry = tmp_path / "名册.csv"
    text = (ROOT / "examples" / "registry.csv").read_text(encoding="utf-8-sig").split("907002")[0]
    for one in EXAMPLE["projects"]:
        text = text.replace(one["code"], code(int(one["code"][9:20])))
    registry.write_text(text, encoding="utf-8")
    status, lines, said = run("carry", ROOT / "examples" / "records.yaml", registry, "-o", tmp_path / "2025.yaml")
    assert status == 0, said
    assert lines.splitlines()[1] == "  1.村民小组长误工补贴　编码（不计年份）和名称与上年相同。"
    assert "绩效目标：“2024年5月”是上年的时间。" in lines
    assert "按项目编码取2025年（16个编码中16个）" in said
    assert "2025年16个项目，16个填入了上年内容。" in said
    assert not {"indicators", "budget.", "goals"} & set(lines.replace("[", " ").split())
    assert run("generate", tmp_path / "2025.yaml", "-o", tmp_path / "out", "--prefill", "last")[0] == 0
    read = perfxl.read(tmp_path / "out")
    held = records.load(tmp_path / "2025.yaml")
    assert held["year"] == 2025
    for sheet, record in zip(read.submissions, held["projects"], strict=True):
        assert flatten(FORM, sheet.record) == flatten(FORM, record)
    codes = {finding.code for finding in perfxl.check(read).findings if finding.severity == "error"}
    assert codes == {"MN-01", "PL-01", "IN-06"}  # the blanks that are asked anew every year
    filled = [copy.deepcopy(dict(sheet.record)) for sheet in read.submissions]
    for record, before in zip(filled, EXAMPLE["projects"], strict=True):
        record["plan"] = before["plan"]
        record["budget"] |= {"fiscal": before["budget"]["fiscal"], "other": before["budget"]["other"]}
        for new, old in zip(record["indicators"], before["indicators"], strict=True):
            new["target"] = old["target"]
    found = perfxl.check({**held, "projects": filled}).findings
    assert {finding.code for finding in found if finding.severity == "error"} == set()


def test_workbooks_that_came_back_are_last_year(tmp_path: Path) -> None:
    perfxl.generate(EXAMPLE, prefill="all", output=tmp_path / "2024")
    this = write(
        tmp_path / "list.yaml",
        year(2025, *(project(one["number"], one["name"], one["code"]) for one in EXAMPLE["projects"])),
    )
    status, _, said = run("carry", tmp_path / "2024", this, "-o", tmp_path / "2025.json")
    assert status == 0, said
    assert len(records.load(tmp_path / "2025.json")["projects"][0]["goals"]) == 2


@pytest.mark.store("sqlite", "postgresql")
def test_a_round_is_last_year_and_a_list(tmp_path: Path) -> None:
    perfxl.generate(EXAMPLE, prefill="all", output=tmp_path / "came")
    for when in (2024, 2025):
        folder = tmp_path / str(when)
        assert run("round", "new", folder, "--year", when)[0] == 0
        assert run("round", "registry", ROOT / "examples" / "records.yaml", "--in", folder)[0] == 0
    assert run("round", "issue", "--in", tmp_path / "2024")[0] == 0
    assert run("round", "collect", tmp_path / "came", "--in", tmp_path / "2024")[0] == 0
    status, lines, said = run("carry", tmp_path / "2024", tmp_path / "2025", "-o", tmp_path / "2025.yaml")
    assert status == 0, said
    assert lines.count("编码（不计年份）和名称与上年相同") == 16
    made = records.load(tmp_path / "2025.yaml")
    assert (made["year"], made["projects"][0]["purpose"]) == (2025, EXAMPLE["projects"][0]["purpose"])


def test_several_units_are_a_folder(tmp_path: Path) -> None:
    other = {"code": "907002", "name": "清溪县柳溪镇综合服务中心"}
    last, this = tmp_path / "2024", tmp_path / "list"
    for folder, when in ((last, 2024), (this, 2025)):
        folder.mkdir()
        write(folder / "a.yaml", year(when, answered(1, "河道清淤")))
        write(folder / "b.yaml", year(when, answered(1, "路灯照明"), unit=other))
    status, lines, _ = run("carry", last, this, "-o", tmp_path / "2025")
    assert status == 0
    assert [path.name for path in sorted((tmp_path / "2025").iterdir())] == [
        "907001清溪县柳溪镇人民政府本级.yaml",
        "907002清溪县柳溪镇综合服务中心.yaml",
    ]
    assert [line for line in lines.splitlines() if not line.startswith(" ")] == [
        "907001清溪县柳溪镇人民政府本级",
        "907002清溪县柳溪镇综合服务中心",
    ]
    status, _, said = run("carry", last, this, "-o", tmp_path / "2025.yaml")
    assert (status, "请用-o给一个文件夹" in said) == (2, True)


def test_secret_projects_are_left_out(tmp_path: Path) -> None:
    registry = tmp_path / "名册.csv"
    registry.write_text(
        "单位代码,单位名称,项目名称,预算数（万元）,是否涉密\n907001,柳溪镇,村民小组长误工补贴,7,是\n,,柳溪河道清淤,8,否\n",
        encoding="utf-8",
    )
    status, _, said = run("carry", ROOT / "examples" / "records.yaml", registry, "-o", tmp_path / "2025.yaml")
    assert status == 0
    assert "涉密项目没有放进数据文件，上年的同一项目会列为今年没有：村民小组长误工补贴。" in said
    assert [one["name"] for one in records.load(tmp_path / "2025.yaml")["projects"]] == ["柳溪河道清淤"]
    assert "清单里没有年度，按上年的下一年取2025年" in said


ONE = project(1, "河道清淤", code(1))
REFUSED: dict[str, tuple[Mapping[str, Any], Mapping[str, Any], str]] = {
    "the same year": (year(2025, answered(1, "河道清淤")), year(2025, ONE), "上年的数据是2025年的，清单是2025年的，上年的应该更早。请核对是否给反了或给了同一年的。"),
    "a later year": (year(2026, answered(1, "河道清淤")), year(2025, ONE), "上年的数据是2026年的，清单是2025年的，上年的应该更早。请核对是否给反了。"),
    "another form": ({"year": 2024, "unit": UNIT, "department": {"overall": "强村富民"}}, year(2025, ONE), "上年的数据里没有项目绩效目标表（projects），只有department，请核对文件，或用--form写明表样。"),
    "no year": ({"unit": UNIT, "projects": [answered(1, "河道清淤")]}, year(2025, ONE), "上年的项目绩效目标表没有写年度，请在数据文件的开头写上year，如year: 2024。"),
    "a code twice": (year(2024, answered(1, "河道清淤")), year(2025, ONE, {**ONE, "number": 2, "name": "清淤"}), "907001清溪县柳溪镇人民政府本级：今年的清单里“清淤”有两次（第1号、第2号），请只留一个。"),
    "a name twice": (year(2024, answered(1, "河道清淤")), year(2025, project(1, "河道清淤"), project(2, "河道 清淤")), "907001清溪县柳溪镇人民政府本级：今年的清单里“河道 清淤”有两次（第1号、第2号），请只留一个。"),
    "no unit in common": (year(2024, answered(1, "河道清淤")), year(2025, ONE, unit={"code": "1", "name": "别处"}), "两年没有同一个单位：上年是907001清溪县柳溪镇人民政府本级，今年是1别处。请核对文件和单位代码。"),
    "nothing of this form": (year(2024, answered(1, "河道清淤")), {"year": 2025, "unit": UNIT, "department": {"overall": "强村富民"}}, "今年的清单里没有项目绩效目标表的项目，请核对文件。"),
    "a mistake in the list": (year(2024, answered(1, "河道清淤")), year(2025, {**ONE, "colour": 1}), "list.yaml：projects[0]没有“colour”这一项"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input_is_one_sentence(case: str, tmp_path: Path) -> None:
    last, this, sentence = REFUSED[case]
    files = write(tmp_path / "last.yaml", last), write(tmp_path / "list.yaml", this)
    status, lines, said = run("carry", *files, "-o", tmp_path / "out.yaml")
    assert (status, lines) == (2, "")
    assert len(said.splitlines()) == 1
    assert sentence in said
    assert not (tmp_path / "out.yaml").exists()
    status, _, english = run("carry", *files, "-o", tmp_path / "out.yaml", "--lang", "en")
    assert status == 2
    assert english.strip()


def test_nothing_is_written_over(tmp_path: Path) -> None:
    files = (
        write(tmp_path / "last.yaml", year(2024, answered(1, "河道清淤"))),
        write(tmp_path / "list.yaml", year(2025, ONE)),
    )
    out = tmp_path / "2025.yaml"
    out.write_text("mine", encoding="utf-8")
    status, _, said = run("carry", *files, "-o", out)
    assert (status, out.read_text(encoding="utf-8")) == (2, "mine")
    assert "已经存在" in said
    assert run("carry", *files, "-o", out, "--force")[0] == 0
    assert run("carry", *files, "-o", tmp_path / "2025.txt")[0] == 2


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_everything_is_said(lang: str, tmp_path: Path) -> None:
    last = [
        answered(1, "河道清淤", code(1, 24)), answered(2, "路灯照明", code(2, 24)), answered(3, "2023年义务兵优待金"), answered(4, "厕所管护"),
        answered(5, "秸秆禁烧"), answered(6, "垃圾清运", code(6, 24)), answered(7, "水系连通", code(7, 24)), answered(8, "村医补助", goals=["2024年，10元，清发〔2023〕1号，6.52万元"], colour=1),
    ]  # fmt: skip
    this = [
        project(1, "河道清淤", code(1)), project(2, "路灯亮化", code(2)), project(3, "2024年义务兵优待金"), project(4, "公厕所管护"), project(5, "新厕所管护"),
        project(6, "水系连通", code(6)), project(7, "村医补助金和村医培训"), project(8, "饮水安全"), project(9, "路灯照明", code(19)), project(10, "村医补助项目"),
    ]  # fmt: skip
    files = write(tmp_path / "last.yaml", year(2024, *last)), write(tmp_path / "list.yaml", year(2025, *this))
    del last[7]["colour"]
    status, lines, said = run("carry", *files, "-o", tmp_path / "out.yaml", "--lang", lang)
    assert status == 0, said
    unit = carried(records.load(files[0]), records.load(files[1]))
    hows = [one.how for one in unit.origins]
    assert hows == [
        "code_and_name",
        "renamed",
        "name",
        "several",
        "several",
        "code_or_name",
        "new",
        "new",
        "taken",
        "likeness",
    ]
    assert len(lines.splitlines()) == 1 + len(hows) + 1 + 5
    assert all(str(one.number) + "." + one.name in lines for one in map(marks_of, unit.origins))


def marks_of(origin: Origin) -> Marks:
    return origin.marks
