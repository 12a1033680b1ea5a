"""A round of a stage is made of what another one approved: target, July, the year's end, in a county of four units."""

from __future__ import annotations

import copy
import json
import random
import shutil
import signal
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from rounds import stores
from rounds.killing import die_within
from rounds.stores import copy_round
from rounds.test_round_commands import run
from workbook.conftest import example

import perfxl
from perfxl.cli import main
from perfxl.form import library
from perfxl.rounds.desk.registering import import_registry
from perfxl.rounds.desk.round_store import registry_of
from perfxl.rounds.desk.unit_contents import unit_contents
from perfxl.rounds.model import RegisteredProject, RegisteredUnit, Registry
from perfxl.rounds.round import create_round, open_round
from perfxl.rounds.store.group import project_key
from perfxl.rounds.store.opening import open_store
from perfxl.rounds.store.rows import Delivery, KeptDecision, KeptSubmission
from perfxl.rounds.store.store import Store

pytestmark = pytest.mark.store("sqlite", "postgresql")
TOWNSHIP = example("project-target")["projects"][:2]
NAMES = {"907001": "第一站", "907002": "第二站", "907003": "第三站"}
LIST = "上级单位代码,上级单位名称,单位代码,单位名称,联系人,序号,项目名称,预算数（万元）,公开属性\n" + "".join(
    f"907,柳溪镇,{code},{name},王{code[-1]},{number},{name}{title},{amount},{shown}\n"
    for code, name in NAMES.items()
    for number, title, amount, shown in (
        (1, "误工补贴", 6.52, "不公开"),
        (2, "房屋修缮", 24.18, "公开"),
        (3, "值班", 2, "涉密"),
    )
    if number < 3 or code == "907001"
)
JULY, DECEMBER = (
    yaml.safe_load(library.path(form, "example.yaml").read_text(encoding="utf-8"))[root][0]
    for form, root in (("project-monitoring", "monitoring"), ("project-self-evaluation", "self_evaluations"))
)
GIVEN = ("level1", "level2", "level3", "description", "target", "points")
Fill = Callable[[dict[str, Any]], None]


def do(folder: Path, *words: object, status: int = 0) -> str:
    found, out, err = run("round", *words, "--in", folder)
    assert found == status, (words, out, err)
    return out + err


def target(unit: str) -> Fill:
    """Fill in a target table: the township's answers in the unit's own words; of 907002 the second has a gap."""

    def fill(record: dict[str, Any]) -> None:
        whole = copy.deepcopy(TOWNSHIP[record["number"] - 1])
        record |= {key: value for key, value in whole.items() if key not in ("number", "code", "name")}
        for row in record["indicators"]:
            row |= {column: f"{NAMES[unit]}{row[column]}" for column in ("level3", "description", "basis")}
        if unit == "907002" and record["number"] == 2:
            record["purpose"] = None

    return fill


def hand_in(folder: Path, unit: str, fill: Fill, numbers: tuple[int, ...] = (1, 2)) -> None:
    """Fill in the workbook that was issued to a unit, and drop it into the inbox."""
    round = open_round(folder)
    (issued,) = round.path("issued").rglob(f"{unit}*.xlsx")
    form = round.form()
    records = perfxl.read(issued).records()
    records[form.root] = [record for record in records[form.root] if record["number"] in numbers]
    for record in records[form.root]:
        fill(record)
    (book,) = perfxl.generate(records, form=form.name, prefill="all", phase=round.phase)
    (round.path("inbox") / f"{unit}.xlsx").write_bytes(book.data or b"")


def report(whole: Mapping[str, Any], **changes: str) -> Fill:
    """Fill in what is asked of the first project in July or at the year's end; ``changes``: other actual values."""

    def fill(record: dict[str, Any]) -> None:
        for key, value in whole.items():
            if key not in ("number", "code", "name", "budget", "scheme", "goals", "indicators", "july"):
                record[key] = copy.deepcopy(value)
        for row, answered in zip(record["indicators"], whole["indicators"], strict=True):
            row |= {key: value for key, value in answered.items() if key not in GIVEN}
            row["actual"] = next((value for name, value in changes.items() if name in row["level3"]), row["actual"])

    return fill


def stage(folder: Path, former: Path, name: str, *words: object, status: int = 0) -> str:
    found, out, err = run("round", "new", folder, "--from", former, "--stage", name, *words)
    assert found == status, (out, err)
    return out + err


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, database: str) -> Path:
    """A target round: of 907001 both projects are approved, of 907002 the first, of 907003 nothing came.

    And July: the first projects are approved.
    """
    place = tmp_path_factory.mktemp("county")
    folder, july = place / "2024一上", place / "监控"
    assert run("round", "new", folder, "--year", 2024, "--phone", "7102233")[0] == 0
    (place / "名册.csv").write_text(LIST, encoding="utf-8")
    do(folder, "registry", place / "名册.csv")
    do(folder, "issue")
    for unit in ("907001", "907002"):
        hand_in(folder, unit, target(unit))
    do(folder, "collect", status=1)
    do(folder, "decide", "907001", "approve")
    do(folder, "decide", "907002", "approve")
    (place / "said").write_text(stage(july, folder, "monitoring"), encoding="utf-8")
    do(july, "issue")
    for unit in ("907001", "907002"):
        hand_in(july, unit, report(JULY), (1,))
    do(july, "collect")
    for unit in ("907001", "907002"):
        do(july, "decide", unit, "1", "approve")
    return place


@pytest.fixture
def place(made: Path, tmp_path: Path) -> Path:
    """The county, to be worked on."""
    return copy_round(made, tmp_path / "county")


def asked(folder: Path) -> list[tuple[str, int, str]]:
    return [(one.unit, one.number, one.disclosure) for one in registry_of(open_round(folder)).projects]


def base(folder: Path) -> dict[tuple[str, int], Mapping[str, Any]]:
    """The base records of a round, by unit and number."""
    with open_store(open_round(folder).store, write=False) as store:
        return {(unit, number): record for (unit, _, number), record in store.base_records(store.based()).items()}


def state(folder: Path) -> tuple[Any, ...]:
    """All that a new round is: its files but the store, its registry, its base records."""
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and "sqlite" not in path.name}
    files["round.yaml"] = stores.without_store(folder)
    folders = sorted(path.name for path in folder.iterdir() if path.is_dir())
    return files, folders, registry_of(open_round(folder)), base(folder)


def issue_anew(folder: Path) -> list[dict[str, Any]]:
    status, out, err = run("round", "issue", "--changed", "--json", "--in", folder)
    assert status == 0, err
    changes: list[dict[str, Any]] = json.loads(out)["changes"]
    return changes


ALL = [("907001", 1, "closed"), ("907001", 2, "open"), ("907002", 1, "closed"), ("907001", 3, "secret")]


def test_what_was_approved_goes_out_in_july(made: Path) -> None:
    july, said = made / "监控", (made / "said").read_text(encoding="utf-8")
    lines = said.splitlines()
    assert (lines[0][:6], "2.第二站房屋修缮（待审核）" in lines[0]) == ("907002", True), said
    assert (lines[1][:6], lines[1].count("（未报）")) == ("907003", 2), said
    assert "3个项目，没有审核通过的3个项目" in lines[2]
    assert asked(july) == ALL, "a unit without anything approved is not asked, a secret project is known as such"
    assert [(unit.code, unit.contact) for unit in registry_of(open_round(july)).units] == [
        ("907001", "王1"), ("907002", "王2"), ("907", ""),
    ]  # fmt: skip
    text = yaml.safe_load((july / "round.yaml").read_text(encoding="utf-8"))
    assert (text["stage"], text["forms"], text["year"], text["phone"]) == (
        "monitoring", ["project-monitoring"], 2024, "7102233",
    )  # fmt: skip
    assert (text["phase"], text["values"]) == ("年中", {"first_month": 1, "last_month": 7})
    (issued,) = (july / "下发").rglob("907001*.xlsx")
    first = perfxl.read(issued).records()["monitoring"][0]
    approved = perfxl.read(next((made / "2024一上" / "收表箱").rglob("907001.xlsx"))).records()["projects"][0]
    columns = ("level1", "level2", "level3", "description", "target")
    assert [[row[key] for key in columns] for row in first["indicators"]] == [
        [row[key] for key in columns] for row in approved["indicators"]
    ]
    assert (first["goals"], first["budget"]["total"]) == (approved["goals"], 6.52)
    assert do(july, "verify")


def test_a_round_is_summed_up(made: Path, tmp_path: Path) -> None:
    """By unit and the unit above it, with the project of which nothing came as not filled in; a secret one is not."""
    output = tmp_path / "汇总.html"
    result = CliRunner().invoke(main, ["stage", "summary", str(made / "监控"), "-o", str(output)])
    assert result.exit_code == 0, result.output
    page = output.read_text(encoding="utf-8")
    assert all(name in page for name in ("第一站", "第二站"))
    summed = perfxl.stage_summary(
        *(
            {**content.records(2024), "first_month": 1, "last_month": 7}
            for content in unit_contents(open_round(made / "监控"))
        )
    )
    assert sorted((one.unit, one.number) for one in summed.sheets) == [("907001", 1), ("907002", 1)]


def test_july_goes_along_to_the_end_of_the_year(place: Path) -> None:
    folder = place / "自评"
    said = stage(folder, place / "监控", "self-evaluation")
    assert "907001第一站　前一批次没有审核通过" in said
    assert "2.第一站房屋修缮（未报）" in said
    assert asked(folder) == ALL, "who did not report in July is asked all the same"
    records = base(folder)
    assert records["907001", 1]["july"][0] == f"第一站补贴发放人数：{JULY['indicators'][0]['actual']}"
    assert records["907001", 2].get("july") is None
    assert sum(row["points"] for row in records["907001", 2]["indicators"]) == 90
    do(folder, "issue")
    hand_in(folder, "907001", report(DECEMBER), (1,))
    hand_in(folder, "907002", report(DECEMBER, 补贴发放人数="100人"), (1,))
    do(folder, "collect", status=1)
    found = {
        content.unit.code: (content.projects[0].state, content.records(2024)["self_evaluations"][0]["score"])
        for content in unit_contents(open_round(folder))
    }
    assert (found["907001"][0], found["907002"][0]) == ("ready", "review")
    assert found["907001"][1] > found["907002"][1]
    assert "年底100人，少于年中的190人，少90人" in do(folder, "status", "907002", "1")
    do(folder, "return", "907002")
    for folders, words in (
        ("下发/*/下发通知.txt", "自评项目绩效自评表已下发"),
        ("退回/*/退回通知*.txt", "自评报来的项目绩效自评表，"),
    ):
        notices = [file.read_text(encoding="utf-8-sig") for file in folder.glob(folders)]
        assert notices
        assert all(words in notice for notice in notices)
    do(folder, "decide", "907001", "1", "approve")
    do(folder, "export", "--format", "records")
    exported = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in sorted(folder.rglob("records/*.yaml"))]
    contents = [content.records(2024) for content in unit_contents(open_round(folder))]
    assert contents == exported, "the records that count are those of an export"
    (content, _) = unit_contents(open_round(folder))
    assert [(one.state, one.record is None) for one in content.projects] == [("approved", False), ("missing", True)]
    assert content.sent(open_round(folder), "project-self-evaluation")["self_evaluations"][1]["goals"]


def test_what_is_approved_later_is_taken_in(place: Path) -> None:
    folder, july = place / "2024一上", place / "监控"
    assert "改动0处" in do(july, "registry", "--from", folder)
    events = state(july)

    def better(record: dict[str, Any]) -> None:
        target("907002")(record)
        record["purpose"] = "用于修缮。"

    hand_in(folder, "907002", better, (2,))
    do(folder, "return")
    do(folder, "collect")
    do(folder, "decide", "907002", "2", "approve")
    assert "新增" in do(july, "registry", "--from", folder, "--dry-run")
    assert state(july) == events, "only shown"
    do(july, "registry", "--from", folder)
    assert ("907002", 2, "open") in asked(july)
    (change,) = issue_anew(july)
    assert (change["unit"], change["added"], change["anew"]) == ("907002", 1, True)
    do(folder, "decide", "907002", "1", "take-back")
    assert "去掉" in do(july, "registry", "--from", folder)
    assert ("907002", 1, "closed") not in asked(july)


DECIDED = """\
year: 2024
month: 6
projects:
- {unit: "907001", number: 1, targets: {第一站补贴发放人数: 300人}, budget: {total: 6, fiscal: 6}}
- {unit: "907001", number: 2, dropped: 项目取消}
- {unit: "907002", number: 1, scheme: 办法.yaml}
"""


def test_decisions_after_approval_stay_with_the_round(place: Path) -> None:
    folder, file = place / "九月", place / "调整.yaml"
    file.write_text(DECIDED, encoding="utf-8")
    (place / "办法.yaml").write_text("like: cn-2015\nexplain: {ahead: 30}\n", encoding="utf-8")
    said = stage(folder, place / "2024一上", "monitoring", "--adjusted", file, "--set", "last_month=9")
    assert "907001第一站　2.第一站房屋修缮不再实施（项目取消）" in said
    file.unlink()
    records = base(folder)
    assert [*records] == [("907001", 1), ("907002", 1)]
    assert "值班" not in said, "of a secret project nothing is said"
    first = records["907001", 1]
    assert (first["indicators"][0]["target"], first["budget"]["total"]) == ("300人", 6)
    assert "（原326人，6月调整为300人）" in first["indicators"][0]["description"]
    assert [record["scheme"]["months"] for record in records.values()] == [9, 9], "whatever scheme a project has"
    assert [record["scheme"]["ahead"] for record in records.values()] == [15, 30]
    do(folder, "issue")
    assert "办法.yaml" in do(folder, "registry", "--from", place / "2024一上", status=2), "it lies beside the decisions"
    (place / "办法.yaml").rename(folder / "办法.yaml")
    (folder / "adjusted.yaml").write_text(DECIDED.replace("300人", "310人"), encoding="utf-8")
    assert "326人，6月调整为310人" in do(folder, "registry", "--from", place / "2024一上")
    (change,) = issue_anew(folder)
    assert (change["unit"], change["others"]) == ("907001", 1)
    stage(place / "年底", folder, "self-evaluation")
    assert base(place / "年底")["907001", 1]["indicators"][0]["target"] == "310人", "the later stage has them, too"


def test_the_county_judges_by_its_own_scheme(place: Path) -> None:
    former = place / "2024一上"
    (former / "口径.yaml").write_text("scheme: 办法.yaml\nseverities: {MO-09: 不查}\n", encoding="utf-8")
    (former / "办法.yaml").write_text("like: cn-2015\nlabel: 县办法\nexplain: {above: 25}\n", encoding="utf-8")
    with (former / "round.yaml").open("a", encoding="utf-8") as file:
        file.write("rules: 口径.yaml\n")
    own = place / "一种.yaml"
    own.write_text("like: cn-2015\nexplain: {above: 35}\n", encoding="utf-8")
    for folder, words, above in ((place / "甲", (), 25), (place / "乙", ("--scheme", own), 35)):
        stage(folder, former, "self-evaluation", *words)
        moved = folder.rename(place / f"{folder.name}搬")
        assert base(moved)["907001", 1]["scheme"]["above"] == above
        shutil.move(former, place / "别处")
        assert "改动0处" in do(moved, "registry", "--from", place / "别处"), "the round needs nothing outside of it"
        shutil.move(place / "别处", former)


def of_year(place: Path) -> None:
    text = (place / "2024一上" / "round.yaml").read_text(encoding="utf-8")
    (place / "2024一上" / "round.yaml").write_text(text.replace("year: 2024", "year: 2025"), encoding="utf-8")


def newer(place: Path) -> None:
    stores.change(place / "2024一上", "UPDATE alembic_version SET version_num = '9999'")


def unapproved(place: Path) -> None:
    for unit, number in (("907001", 1), ("907001", 2), ("907002", 1)):
        do(place / "2024一上", "decide", unit, number, "take-back")


def other_form(place: Path) -> None:
    text = (place / "2024一上" / "round.yaml").read_text(encoding="utf-8")
    (place / "2024一上" / "round.yaml").write_text(text.replace("project-target", "department-goals"), encoding="utf-8")


def unbegun(place: Path) -> None:
    shutil.rmtree(place / "2024一上")
    assert run("round", "new", place / "2024一上", "--year", 2024)[0] == 0


def adjusted(text: str) -> Callable[[Path], None]:
    return lambda place: place.joinpath("调整.yaml").write_text(f"year: 2024\n{text}", encoding="utf-8") and None


BY_FILE = ("--adjusted", "{place}/调整.yaml")
ADDED = TOWNSHIP[0] | {"unit": "907001", "code": None}
WRONG: dict[str, tuple[Callable[[Path], None] | None, tuple[str, ...], str]] = {
    "no former round": (lambda place: shutil.rmtree(place / "2024一上"), (), "不是一个批次"),
    "a file in its place": (None, ("--from", "{place}/名册.csv"), "不是一个批次"),
    "nothing approved": (unapproved, (), "还没有审核通过的项目（没有通过的6个）"),
    "another year": (None, ("--year", "2025"), "2024年度的批次，这里是2025年度"),
    "another form": (other_form, (), "不能由它做项目绩效运行监控表"),
    "a newer store": (newer, (), "更新版本"),
    "no registry": (unbegun, (), "还没有单位和项目"),
    "no such stage": (None, ("--stage", "audit"), "没有阶段“audit”"),
    "no stage": (None, ("--stage", ""), "缺--stage"),
    "a form": (None, ("--form", "project-target"), "--form和--from不能一起写"),
    "no such scheme": (None, ("--scheme", "cn-2020"), "cn-2015"),
    "months": (None, ("--set", "last_month=13"), "1至13"),
    "no month": (None, ("--set", "last_month=七"), "1至七"),
    "no such value": (None, ("--set", "lastmonth=7"), "lastmonth"),
    "decisions of another unit": (adjusted("projects: [{unit: '907009', number: 1, dropped: 停}]\n"), BY_FILE, "写了单位907009"),
    "decisions of no unit": (adjusted("projects: [{number: 1, dropped: 停}]\n"), BY_FILE, "没有写是哪个单位的"),
    "decisions of a project that is not": (adjusted("projects: [{unit: '907002', number: 2, dropped: 停}]\n"), BY_FILE, "没有第2号项目"),
    "a number twice": (adjusted(yaml.safe_dump({"added": [ADDED]}, allow_unicode=True)), BY_FILE, "有几个项目的序号都是1"),
    "no decisions": (None, BY_FILE, "调整.yaml"),
}  # fmt: skip


@pytest.mark.store("sqlite")
@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_one_sentence_and_nothing_is_made(name: str, place: Path) -> None:
    change, words, sentence = WRONG[name]
    if change:
        change(place)
    given = ["--from", str(place / "2024一上"), "--stage", "monitoring", *(word.format(place=place) for word in words)]
    for lang in ("en", "zh-CN"):
        status, out, err = run("round", "new", place / "新", *given, "--lang", lang)
        assert (status, "{" in out + err) == (2, False), (out, err)
    assert sentence in out + err
    assert not (place / "新").exists()


@pytest.mark.store("sqlite")
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("new", "{place}/新", "--stage", "monitoring"), "--stage要和--from一起写"),
        (("new", "{place}/新"), "缺--year"),
        (("registry", "--from", "{place}/监控", "--in", "{place}/2024一上"), "不是由前一批次做的"),
        (("registry", "{place}/名册.csv", "--from", "{place}/2024一上", "--in", "{place}/监控"), "不能一起写"),
    ],
)
def test_a_call_that_makes_no_sense(words: tuple[str, ...], sentence: str, place: Path) -> None:
    status, out, err = run("round", *(word.format(place=place) for word in words))
    assert (status, sentence in out + err) == (2, True), (out, err)


def test_a_later_year_is_said_when_taken_in_again(place: Path) -> None:
    of_year(place)
    assert "这里是2024年度" in do(place / "监控", "registry", "--from", place / "2024一上", status=2)


@pytest.mark.parametrize("share", [0.1, 0.4, 0.7, 0.95])
def test_a_round_that_was_cut_off_is_made_whole_by_the_next_call(
    share: float, place: Path, database: str, request: pytest.FixtureRequest
) -> None:
    words: tuple[str, ...] = ("new", "新", "--from", "2024一上", "--stage", "monitoring")
    status, count = die_within(words, place)
    expected = state(place / "新")
    assert status == 0
    shutil.rmtree(place / "新")
    if database == "postgresql":
        words = (*words, "--store", request.getfixturevalue("postgresql").url())
    assert die_within(words, place, 1 + int(share * (count - 1)), "killed")[0] == -signal.SIGKILL
    if (place / "新" / "round.yaml").exists():
        assert state(place / "新") == expected, "its file is the last"
        return
    assert die_within(words, place)[0] == 0
    found = state(place / "新")
    assert found == expected


@pytest.mark.parametrize("former", ["监控", "自评"])
def test_a_second_monitoring_grows_from_what_a_later_round_went_out_with(former: str, place: Path) -> None:
    stage(place / "自评", place / "监控", "self-evaluation")
    said = stage(place / "九月", place / former, "monitoring", "--set", "last_month=9", "--phase", "9月")
    assert ("不带前一批次的数" in said, asked(place / "九月")) == (True, ALL)
    do(place / "九月", "issue")
    (issued,) = (place / "九月").rglob("907002*.xlsx")
    (again,) = (place / "监控" / "下发").rglob("907002*.xlsx")
    first, second = (perfxl.read(file).records()["monitoring"][0] for file in (again, issued))
    assert (first["scheme"]["months"], second["scheme"]["months"]) == (7, 9)
    assert first | {"scheme": {}} == second | {"scheme": {}}


# Counties that are invented, in their stores alone -----------------------------------------------------------------------

APPROVED, SECRET, OTHERS = "approved", "secret", ("missing", "came", "taken back", "newer")
WAYS = (APPROVED, APPROVED, APPROVED, SECRET, *OTHERS)


def invent_county(invent: random.Random) -> Registry:
    """Some units, some below others, with projects."""
    codes = [f"{at}" for at in range(1, invent.randint(2, 6))]
    units = tuple(
        RegisteredUnit(code, f"单位{code}", invent.choice(["", *codes[at + 1 :]]), f"王{code}", deadline="2024-03-01")
        for at, code in enumerate(codes)
    )
    projects = [
        RegisteredProject(unit.code, "project-target", number, "", f"{unit.name}项目{number}")
        for unit in units
        for number in sorted(invent.sample(range(1, 9), invent.randint(0, 3)))
    ]
    return Registry(units, tuple(projects) or (RegisteredProject(codes[0], "project-target", 1, "", "一"),))


def come(store: Store, project: RegisteredProject, way: str, invent: random.Random) -> None:
    """Have a project's draft come, and be decided on, in this way."""
    if way in ("missing", SECRET):
        return
    with store.group("甲", "2024-03-01T00:00:00") as group:
        run = group.add_run("1")
        for at in range(2 if way == "newer" else 1):
            amount = invent.randint(1, 99)
            record = copy.deepcopy(TOWNSHIP[invent.randint(0, 1)])
            record |= {"number": project.number, "name": project.name, "code": None}
            record["budget"] = {"total": amount, "fiscal": amount}
            delivery = group.add_delivery(Delivery(run, f"{amount}", "一.xlsx", "", "2024-03-01T00:00:00", "taken"))
            kept = KeptSubmission(delivery, project.key, at + 1, "项目01", record, f"{amount}", counts=True)
            id, key = group.add_submission(kept), project_key(project.key)
            if way != "came" and not at:
                group.add_decision(KeptDecision("approved", "project", key, None, id))
            if way == "taken back":
                group.add_decision(KeptDecision("taken_back", "project", key, id, None))


@pytest.mark.store("sqlite")
@pytest.mark.parametrize("seed", range(12))
def test_only_what_is_approved_goes_on_and_taken_in_again_is_as_made_anew(seed: int, tmp_path: Path) -> None:
    invent = random.Random(seed)
    county = invent_county(invent)
    ways = {project.key: invent.choice(WAYS) for project in county.projects}
    published = {key: "secret" if way == SECRET else invent.choice(("open", "closed")) for key, way in ways.items()}
    projects = tuple(replace(one, disclosure=published[one.key]) for one in county.projects)  # type: ignore[arg-type]
    former = create_round(tmp_path / "2024一上", 2024, "一上")
    import_registry(former, replace(county, projects=projects))
    with open_store(former.store, write=True) as store:
        for project in projects:
            come(store, project, ways[project.key], invent)
    approved = {(unit, number) for (unit, _, number), way in ways.items() if way == APPROVED}
    if not approved:
        assert "还没有审核通过" in stage(tmp_path / "监控", former.folder, "monitoring", status=2)
        return
    said = stage(tmp_path / "监控", former.folder, "monitoring")
    found = {(unit, number): shown for unit, number, shown in asked(tmp_path / "监控")}
    secret = {(unit, number) for (unit, _, number), way in ways.items() if way == SECRET}
    assert found == {(key[0], key[2]): published[key] for key in published if (key[0], key[2]) in approved | secret}
    assert set(base(tmp_path / "监控")) == approved
    for project in projects:
        assert (f"{project.number}.{project.name}（" in said) == (ways[project.key] in OTHERS)
    units = {unit.code: unit for unit in registry_of(open_round(tmp_path / "监控")).units}
    assert {unit for unit, _ in found} <= {*units}
    assert all(unit.parent in ("", *units) and not unit.deadline for unit in units.values())
    with open_store(former.store, write=True) as store:
        for project in invent.sample(projects, len(projects) // 2):
            if ways[project.key] != SECRET:
                come(store, project, invent.choice((APPROVED, *OTHERS)), invent)
    if do_any(tmp_path / "监控", former.folder):
        stage(tmp_path / "新", former.folder, "monitoring")
        made, again = (registry_of(open_round(tmp_path / name)) for name in ("新", "监控"))
        assert {*map(repr, made.projects)} == {*map(repr, again.projects)}
        assert {unit.code for unit in made.units} == {unit.code for unit in again.units}
        still = {(one.unit, one.number) for one in made.projects}
        assert {key: one for key, one in base(tmp_path / "监控").items() if key in still} == base(tmp_path / "新")
        assert do(tmp_path / "监控", "verify")


@pytest.mark.store("postgresql")
def test_the_largest_of_them_in_postgresql(tmp_path: Path) -> None:
    seed = max(range(12), key=lambda seed: len(invent_county(random.Random(seed)).projects))
    test_only_what_is_approved_goes_on_and_taken_in_again_is_as_made_anew(seed, tmp_path)


def do_any(folder: Path, former: Path) -> bool:
    """Take in what is approved since; False where nothing is any more."""
    status, _, err = run("round", "registry", "--from", former, "--in", folder)
    assert status == 0 or "还没有审核通过" in err
    return not status
