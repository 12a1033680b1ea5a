"""A county's own way of checking: packs, its file, its workbook; whatever it says acts, and is written as it was read."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfxl import messages, rules
from perfxl.errors import FormError
from perfxl.form import installed, taxonomy
from perfxl.form.form import Base
from perfxl.form.setting import settings as told
from perfxl.rules import catalogue, example
from perfxl.rules.policy import (
    OFF,
    Policy,
    clean_word,
    default_policy,
    may_have_severity,
    packs,
    read_policy,
    severity_by_word,
    unique,
    write_policy,
)
from perfxl.workbook.lists import county
from perfxl.workbook.lists import list_workbook as lists
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.sheet.manual import describe_answers

OWN = rules.own_severities()
LISTS = [name for name, each in told().items() if each.limit is None]
LIMITS = [name for name, each in told().items() if each.limit is not None]


def same(one: Policy, other: Policy) -> bool:
    """Do two policies check alike? What one says twice, or as it is anyway, makes no difference."""
    return (
        one.pack == other.pack
        and all(one.severity(code, own) == other.severity(code, own) for code, own in OWN.items())
        and dict(one.words) == dict(other.words)
        and dict(one.limits) == dict(other.limits)
    )


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    words = st.lists(st.text(max_size=8).map(clean_word).filter(bool), max_size=6).map(unique)
    base = default_policy(draw(st.sampled_from(list(packs()))))
    severities = draw(
        st.dictionaries(st.sampled_from(list(OWN)), st.sampled_from(["error", "warning", "hint", "fix", OFF]))
    )
    kept = st.sampled_from([True, True, False])
    changed = {
        name: unique((*(each for each in base.words[name] if draw(kept)), *draw(words)))
        for name in draw(st.sets(st.sampled_from(LISTS), max_size=3))
    }
    amounts = st.decimals(0, 10**6, places=2)
    return replace(
        base,
        severities={
            **base.severities,
            **{code: each for code, each in severities.items() if may_have_severity(code, each, OWN)},
        },
        words={**base.words, **changed},
        limits={**base.limits, **draw(st.dictionaries(st.sampled_from(LIMITS), amounts, max_size=3))},
    )


@settings(deadline=None, max_examples=60)
@given(policies())
def test_a_county_file_is_read_as_it_was_written(policy: Policy) -> None:
    for lang in messages.languages():
        assert same(read_policy(write_policy(policy, OWN, lang), "county.yaml", OWN), policy)


@settings(deadline=None, max_examples=15)
@given(policies())
def test_a_county_workbook_is_read_as_it_was_written(policy: Policy) -> None:
    data = lists.write_tabs(county.policy_tabs(policy))
    read, mistakes = county.read_policy_workbook(Workbook(Package(data, "rules.xlsx")))
    assert mistakes == ()
    assert same(read, policy)


@pytest.mark.parametrize("pack", packs())
def test_a_file_says_only_what_differs_from_its_pack(pack: str) -> None:
    assert [line for line in write_policy(default_policy(pack), OWN).splitlines() if not line.startswith("#")] == [
        f"pack: {pack}"
    ]


def test_a_word_list_says_what_is_added_and_left_out_or_all_of_it_where_the_order_is_another() -> None:
    before = default_policy().words["carried_over"]
    for words, said in (
        ((*before[1:], "延续"), f"{{add: [延续], without: [{before[0]}]}}"),
        (before[::-1], f"[{', '.join(before[::-1])}]"),
        ((), f"{{without: [{', '.join(before)}]}}"),
        (("x、y", *before), f'["x、y", {", ".join(before)}]'),
    ):
        policy = replace(default_policy(), words={**default_policy().words, "carried_over": tuple(words)})
        assert f"  carried_over: {said}\n" in write_policy(policy, OWN)


# What ships --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pack", packs())
def test_a_pack_speaks_of_checks_that_there_are(pack: str) -> None:
    for code, severity in default_policy(pack).severities.items():
        assert code in OWN
        assert may_have_severity(code, severity, OWN), code


def test_packs_differ_as_they_are_called() -> None:
    """宽松 is never stricter than 一般, nor this than 从严; what must be fixed in 一般 is not left out in 宽松."""
    order = [OFF, "hint", "fix", "warning", "error"]
    lenient, ordinary, strict = (
        [default_policy(pack).severity(code, own) or OFF for code, own in OWN.items()] for pack in packs()
    )
    for code, easy, usual, hard in zip(OWN, lenient, ordinary, strict, strict=True):
        assert order.index(easy) <= order.index(usual) <= order.index(hard), code
        assert not (usual == "error" and easy in (OFF, "hint")), code
    counts = [sum(each in ("error", "warning") for each in pack) for pack in (lenient, ordinary, strict)]
    assert counts == sorted(set(counts))


def test_a_check_has_one_severity_of_its_own() -> None:
    for name in installed.names():
        for rule in rules.rules(installed.load(name)):
            assert rule.severity == OWN[rule.code], (name, rule.code)


def test_settings_belong_to_checks_and_their_words_are_words() -> None:
    for each in told().values():
        assert set(each.rules) <= set(OWN), each.name
        assert each.about.strip(), each.name
        assert each.words == unique(map(clean_word, each.words)), each.name


@pytest.mark.parametrize("lang", messages.languages())
def test_every_check_says_what_it_requires_in_one_sentence(lang: str) -> None:
    for check in catalogue.checks():
        must = check.must(default_policy(), lang)
        assert must.endswith("." if lang == "en" else "。"), check.code
        assert "{" not in must, check.code
        assert "\n" not in must, check.code
        assert lang == "en" or must.count("。") == 1, check.code
        assert "您" not in must, check.code
        assert "！" not in must, check.code


# What is wrong in a file -------------------------------------------------------------------------------------------------

MISTAKES = [
    ("", "empty_policy", 1, ""),
    ("# nothing yet\n", "empty_policy", 1, ""),
    ("pack: 一股", "not_allowed", 1, "一般"),
    ("pack: 一般\nseverites: {}", "unknown_key", 2, "severities"),
    ("severities:\n  MN-02: 提示\n  MN-022: 提示", "unknown_check", 3, "MN-02"),
    ("severities:\n  mn-02: 提示", "unknown_check", 2, "MN-02"),
    ("severities:\n  MN-02: 强制", "unknown_severity", 2, "强制性"),
    ("severities:\n  MN-02: eror", "unknown_severity", 2, "error"),
    ("severities: {MN-02: 可代改}", "unsafe_fix", 1, "MN-02"),
    ("severities: {LM-03@project-target.plan.jun: 提示}", "unknown_place", 1, "project-target.plan.june"),
    ("severities: [MN-02]", "not_a_mapping", 1, ""),
    ("words:\n\n  carried_ower: [结转]", "unknown_words", 3, "carried_over"),
    ("words: {carried_over: 结转}", "not_a_list", 1, ""),
    ("words: {carried_over: {plus: [结转]}}", "unknown_key", 1, "add"),
    ("words: {carried_over: ['  ']}", "not_a_text", 1, ""),
    (f"words: {{carried_over: [{'长' * 101}]}}", "too_long", 1, "101"),
    ("limits: {carried_over: 2}", "unknown_limit", 1, "carried_over"),
    ("pack: 一般\npack: 从严", "repeated_key", 2, "pack"),
    ("pack: [一般\n", "not_yaml", 2, ""),
]
UNREADABLE = ("no_file", "not_utf8", "unreadable")
ITS_OWN = {
    *UNREADABLE, "empty_policy", "unknown_check", "unknown_severity", "unsafe_fix", "unknown_words", "unknown_limit",
    "unknown_place",
}  # fmt: skip
"""The kinds of mistake that only a county's file can have, not a form's definition."""


def test_every_kind_of_mistake_of_its_own_is_tried() -> None:
    assert {what for _, what, _, _ in MISTAKES} >= ITS_OWN - {*UNREADABLE}


@pytest.mark.parametrize(("text", "what", "line", "names"), MISTAKES)
def test_a_mistake_is_said_with_its_line_and_what_was_meant(text: str, what: str, line: int, names: str) -> None:
    with pytest.raises(FormError) as caught:
        read_policy(text, "county.yaml", OWN)
    assert (caught.value.facts["what"], caught.value.facts["line"]) == (what, line)
    for lang in messages.languages():
        sentence = messages.sentence(caught.value, lang)
        assert "county.yaml" in sentence
        assert names in sentence
        assert not any(word in sentence for word in ("表样", "form", "layout"))


@pytest.mark.skipif(not LIMITS, reason="no check has a limit")
@pytest.mark.parametrize("value", ["-1", "many", ".inf", "[1]", "yes"])
def test_a_limit_is_a_number_from_0_on(value: str) -> None:
    with pytest.raises(FormError) as caught:
        read_policy(f"limits: {{{LIMITS[0]}: {value}}}", "county.yaml", OWN)
    assert caught.value.facts["what"] == "not_a_number"


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "gbk.yaml").write_bytes("pack: 一般".encode("gbk"))
    for path, what in zip((tmp_path / "none.yaml", tmp_path / "gbk.yaml", tmp_path), UNREADABLE, strict=True):
        with pytest.raises(FormError) as caught:
            rules.load_policy(path)
        assert caught.value.facts["what"] == what


def test_every_word_for_a_severity_is_taken() -> None:
    for said, severity in severity_by_word().items():
        if severity != "fix":
            read = read_policy(f"severities: {{MN-02: {said}}}", "county.yaml", OWN)
            assert (read.severity("MN-02", "error") or OFF) == severity
    assert read_policy("severities: {TX-01: 可代改}", "county.yaml", OWN).severity("TX-01", "fix") == "fix"


# It acts -----------------------------------------------------------------------------------------------------------------

FORM = installed.load("project-target")


def test_what_a_county_says_acts_on_the_check_and_in_the_manual() -> None:
    patch = {"budget.other": 10.0, "indicators[7].target": "100%"}

    def found(text: str) -> dict[str, str]:
        policy = read_policy(text, "county.yaml", OWN)
        return {
            each.code: each.severity for each in rules.check(example.subject(FORM, {**patch, "unit.policy": policy}))
        }

    def manual(text: str) -> str:
        return "".join(says for _, _, says in describe_answers(FORM, read_policy(text, "county.yaml", OWN)))

    sums, satisfaction = (catalogue.check(code).must(default_policy(), form=FORM) for code in ("MN-02", "IN-15"))
    assert found("pack: 一般") == {"MN-02": "error", "IN-15": "warning"}
    assert sums in manual("pack: 一般")
    assert satisfaction in manual("pack: 一般")
    changed = "severities: {MN-02: 不查, IN-15: 提示}"
    assert found(changed) == {"IN-15": "hint"}
    assert sums not in manual(changed)
    assert satisfaction not in manual(changed)


def test_the_manual_says_each_requirement_once_and_nothing_of_what_the_bureau_fills_in() -> None:
    says: dict[str, str] = {}  # what concerns many answers stands in several entries
    for label, _, text in describe_answers(FORM):
        says[label] = says.get(label, "") + text
    whole = "".join(says.values())
    for check in catalogue.checks():
        asked = FORM.name in check.forms and check.severity in ("error", "warning") and check.group != "RD"
        assert whole.count(check.must(default_policy(), form=FORM)) <= (1 if asked else 0), check.code
    assert catalogue.check("ID-02").must(default_policy()) not in whole
    assert catalogue.check("MN-02").must(default_policy(), form=FORM) in says["财政资金"]
    assert catalogue.check("PL-03").must(default_policy()) in says["资金支出计划·12月底"]
    assert catalogue.check("IN-03").must(default_policy()) in says["各栏"]


def test_a_check_concerns_the_answers_in_which_it_finds_something() -> None:
    assert catalogue.answers_concerned("MN-02", FORM) == ("budget.fiscal", "budget.other")
    assert set(catalogue.answers_concerned("PL-01", FORM) or ()) == {
        "plan.march",
        "plan.june",
        "plan.october",
        "plan.december",
    }
    assert set(catalogue.answers_concerned("TX-01", FORM) or ()) >= {"purpose", "goals", "indicators.basis"}
    assert catalogue.answers_concerned("IN-01", FORM) == ()
    assert catalogue.answers_concerned("MN-01", installed.load("department-goals")) is None


# What is wrong in a workbook ---------------------------------------------------------------------------------------------


def edited(**cells: dict[tuple[str, int], object]) -> tuple[Policy, list[tuple[str, str]]]:
    """What is read where these cells hold other things: by tab, heading and row of the list."""
    tabs = []
    for tab in county.policy_tabs(default_policy()):
        heads = [column.heading for column in tab.columns]
        rows = [list(row) for row in tab.rows]
        for (head, row), value in cells.get(tab.name, {}).items():
            rows[row][heads.index(head)] = value
        tabs.append(replace(tab, rows=tuple(map(tuple, rows))))
    read, mistakes = county.read_policy_workbook(Workbook(Package(lists.write_tabs(tabs), "rules.xlsx")))
    for mistake in mistakes:
        for lang in messages.languages():
            assert "rules.xlsx" in messages.sentence(mistake, lang)
            assert str(mistake.facts.get("cell", "")) in messages.sentence(mistake, lang)
    return read, [(str(mistake.facts["what"]), str(mistake.facts.get("cell"))) for mistake in mistakes]


def test_everything_wrong_is_said_at_once_with_its_cell() -> None:
    _, mistakes = edited(
        审核口径={("选用的口径", 0): "一股"},
        审核规则={("规则", 0): "BS-1", ("本县性质", 0): "提示", ("本县性质", 1): "强制", ("本县性质", 4): "可代改"},
        词表={("配置名", 0): "project", ("词", 1): "工作，经费", ("词", 2): "长" * 101},
    )
    assert mistakes == [
        ("unknown_pack", "审核口径!A4"),
        ("unknown_check", "审核规则!A4"),
        ("unknown_severity", "审核规则!G5"),
        ("unsafe_fix", "审核规则!G8"),
        ("unknown_words", "词表!D4"),
        ("separator", "词表!C5"),
        ("too_long", "词表!C6"),
    ]


def test_no_pack_a_check_twice_and_a_tab_that_is_gone() -> None:
    assert edited(审核口径={("选用的口径", 0): None})[1] == [("no_pack", "None")]
    first, second = list(OWN)[:2]
    twice = {("规则", 1): first, ("本县性质", 0): "提示", ("本县性质", 1): "核实性"}
    assert edited(审核规则=twice)[1] == [("twice", "审核规则!G5")]
    assert second not in edited(审核规则=twice)[0].severities or default_policy().severities.get(second)
    tabs = county.policy_tabs(default_policy())[:2]
    _, mistakes = county.read_policy_workbook(Workbook(Package(lists.write_tabs(tabs), "rules.xlsx")))
    assert [mistake.facts["what"] for mistake in mistakes] == ["no_headings", "no_headings"]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("结转、续建", ("结转", "续建")),
        (" 结转 、\n续建、、 ", ("结转", "续建")),
        ("结转\n续建", ("结转", "续建")),
        ("“甲、乙”、丙", ("甲、乙", "丙")),
        ("““三公””经费”、/、*、-", ("“三公”经费", "/", "*", "-")),
        (None, ()),
        (12, ("12",)),
    ],
)
def test_words_as_people_type_them(typed: object, read: tuple[str, ...]) -> None:
    row = list(default_policy().words).index("carried_over") + sum(
        len(list(county._cells(words))) - 1
        for words in list(default_policy().words.values())[: LISTS.index("carried_over")]
    )
    policy, mistakes = edited(词表={("词", row): typed})
    assert mistakes == []
    assert policy.words["carried_over"] == read


@pytest.mark.skipif(not LIMITS, reason="no check has a limit")
@pytest.mark.parametrize(("typed", "read"), [("２．５", "2.5"), (" 1,200 ", "1200"), (3, "3"), (0.25, "0.25")])
def test_limits_as_people_type_them(typed: object, read: str) -> None:
    row = list(default_policy().limits).index(LIMITS[0])
    assert edited(限额={("数值", row): typed})[0].limits[LIMITS[0]] == Decimal(read)
    assert edited(限额={("数值", row): "二"})[1][0][0] == "not_a_number"
    assert edited(限额={("数值", row): None})[0].limits[LIMITS[0]] == default_policy().limits[LIMITS[0]]


# Another taxonomy --------------------------------------------------------------------------------------------------------

OURS = "{levels: {投入: [用钱], 成效: [做成, 用好]}, required: [[用钱]], synonyms: {花钱: 用钱}}"


@pytest.mark.parametrize("said", ["cn-2021", OURS, "ours.yaml"])
def test_a_taxonomy_is_read_as_it_was_written(said: str, tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text(OURS, "utf-8")
    policy = read_policy(f"taxonomy: {{project-target: {said}}}", str(tmp_path / "county.yaml"), OWN)
    (id,) = policy.taxonomies.values()
    assert id == "cn-2021" or taxonomy.load(id).levels == {"投入": ("用钱",), "成效": ("做成", "用好")}
    for lang in messages.languages():
        again = read_policy(write_policy(policy, OWN, lang), "county.yaml", OWN)
        assert (same(again, policy), again.taxonomies) == (True, policy.taxonomies)
    data = lists.write_tabs(county.policy_tabs(policy))
    read, mistakes = county.read_policy_workbook(Workbook(Package(data, "rules.xlsx")))
    assert (mistakes, read.taxonomies) == ((), policy.taxonomies)
    assert policy.form(FORM) is policy.form(FORM)
    assert policy.form(FORM).choices["taxonomy"].entries() == taxonomy.load(id).level1
    assert default_policy().form(FORM) is FORM


def test_a_form_that_extends_another_has_its_taxonomy() -> None:
    extending = replace(FORM, name="evaluation", base=Base(FORM, frozenset()))
    for said, expected in (
        ("{project-target: cn-2021}", "cn-2021"),
        ("{central-target: cn-2021}", "cn-2015"),
        ("{}", "cn-2015"),
    ):
        policy = read_policy(f"pack: 一般\ntaxonomy: {said}", "county.yaml", OWN)
        assert policy.form(extending).taxonomy == expected
    policy = replace(default_policy(), taxonomies={"project-target": "cn-2021", "evaluation": "sc-2023"})
    assert policy.form(extending).taxonomy == "sc-2023"
    assert policy.form(extending).base is extending.base


WRONG_TAXONOMIES = [
    ("project-target: cn-2012", "unknown_taxonomy", {"near": "cn-2021", "known": taxonomy.names()}),
    ("project-goal: cn-2021", "unknown_form", {"near": "project-target"}),
    ("department-goals: cn-2021", "no_classes", {"form": "department-goals"}),
    ("project-target: none.yaml", "no_file", {}),
    ("project-target: {levels: {甲: []}}", "no_entries", {}),
    ("project-target: {levels: {}}", "no_entries", {}),
    ("project-target: {levels: {甲: [乙, 乙]}}", "entry_twice", {"found": "乙"}),
    ("project-target: {levels: {甲: [乙]}, required: [[丙]]}", "not_allowed", {"found": "丙"}),
    ("project-target: {levels: {甲: [乙]}, synonyms: {丁: 丙}}", "not_allowed", {"found": "丙"}),
    ("project-target: {level: {甲: [乙]}}", "unknown_key", {"near": "levels"}),
    ("project-target: {required: [[丙]]}", "missing_key", {"key": "levels"}),
    ("project-target: {levels: {甲: [乙]}, texts: {资金用处: 用在哪}}", "unknown_text", {"near": "资金用途"}),
    (f"project-target: {{levels: {{甲: [{'长' * 6001}]}}}}", "too_long", {"limit": 6000}),
]


@pytest.mark.parametrize(
    ("said", "what", "facts"), WRONG_TAXONOMIES, ids=[f"{one[1]}-{at}" for at, one in enumerate(WRONG_TAXONOMIES)]
)
def test_a_wrong_taxonomy_has_its_line_and_what_to_do(said: str, what: str, facts: dict[str, object]) -> None:
    with pytest.raises(FormError) as raised:
        read_policy(f"pack: 一般\ntaxonomy:\n  {said}\n", "county.yaml", OWN)
    assert (raised.value.what, {name: raised.value.facts[name] for name in facts}) == (what, facts)
    if what != "no_file":
        assert raised.value.line == 3
        assert all("county.yaml" in messages.sentence(raised.value, lang) for lang in messages.languages())


def test_a_wrong_taxonomy_in_the_workbook_has_its_cell() -> None:
    assert edited(评分办法={("评分办法", 0): "cn-2014"})[1] == [("unknown_scheme", "评分办法!A4")]
    assert edited(指标分类={("指标分类", 0): "cn-2012"})[1] == [("unknown_taxonomy", "指标分类!B4")]
    assert edited(指标分类={("指标分类", 0): "cn-2021", ("配置名", 0): "central"})[1] == [
        ("unknown_form", "指标分类!C4")
    ]
    assert edited(指标分类={("指标分类", 1): "cn-2021"})[0].taxonomies == {"project-target": "cn-2021"}
    before = county.policy_tabs(default_policy())[:-1]
    assert county.read_policy_workbook(Workbook(Package(lists.write_tabs(before), "rules.xlsx")))[1] == ()
