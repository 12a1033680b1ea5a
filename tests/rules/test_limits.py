"""The law of limits: what a definition refuses, or requires and is blank, is found on return, in every form, once.

From each answer of each form a bad value is derived for every limit that its kind has, and the values at the edge.
"""

from __future__ import annotations

import datetime
import itertools
import random
from pathlib import Path
from typing import Any

import pytest
from rules.bad_values import Bad, breaking, keeping, paths, put_at, says

from perfxl import messages, rules
from perfxl.form import installed as forms
from perfxl.form import taxonomy
from perfxl.form.answers import put
from perfxl.form.form import Form
from perfxl.form.types.base import AnswerType, Raw
from perfxl.rules import limits
from perfxl.rules.policy import default_policy

EQUIPMENT = forms.load_text(Path(__file__).with_name("equipment.yaml").read_text(encoding="utf-8"))
FORMS = [*map(forms.load, forms.names()), EQUIPMENT]


def filled(form: Form) -> dict[str, Any]:
    """A record in which every answer keeps its limits, with two rows (of two) in every table."""
    record: dict[str, Any] = {}
    for table in form.tables.values():
        lay_rows(record, table.lists)
        for indices in itertools.product((0, 1), repeat=len(table.lists)):
            for id, asked in table.columns.items():
                put_at(record, table.address(id, *indices), next(keeping(asked.type)))
    for id, asked in form.fields.items():
        put(record, id, next(keeping(asked.type)))
    for table in form.tables.values():
        for id, asked in table.columns.items():
            if asked.within:
                above = next(iter(taxonomy.load(form.taxonomy).levels))
                for row in (0, 1):
                    put_at(record, table.address(asked.within, row), above)
                    put_at(record, table.address(id, row), taxonomy.load(form.taxonomy).levels[above][0])
    return record


def lay_rows(record: dict[str, Any], lists: tuple[str, ...]) -> None:
    items = record.setdefault(lists[0], [{}, {}])
    for item in items if len(lists) > 1 else ():
        lay_rows(item, lists[1:])


def found(form: Form, record: dict[str, Any]) -> list[Any]:
    unit = rules.Unit(2024, "990001", "清溪县柳河镇人民政府本级", {form.root: (record,)})
    return rules.check(rules.Subject(form, record, unit))


CASES = [
    pytest.param(form, bad, id=f"{form.name}-{bad.path}-{bad.code}-{str(bad.value)[:8]}")
    for form in FORMS
    for path, asked in paths(form)
    for bad in breaking(asked, path)
    if bad.code != "LM-01" or not path.endswith("]")  # a blank row of one column is no row
]


def test_there_are_enough() -> None:
    assert len(CASES) > 200
    assert {param.values[1].code for param in CASES} == {  # type: ignore[attr-defined]
        rule.code for rule in limits.RULES
    } - {limits.UNIQUE, limits.RELEVANT, limits.CONSTRAINT}  # tests/rules/test_answer_limits.py


@pytest.mark.parametrize(("form", "bad"), CASES)
def test_a_broken_limit_is_found_once(form: Form, bad: Bad) -> None:
    record = filled(form)
    put_at(record, bad.path, bad.value)
    of_answer = [finding for finding in found(form, record) if bad.path in finding.fields]
    of_limits = [finding for finding in of_answer if any(says(form, finding, rule.code) for rule in limits.RULES)]
    assert len(of_limits) == 1, [messages.message(finding) for finding in of_limits]
    assert says(form, of_limits[0], bad.code), messages.message(of_limits[0])
    assert of_limits[0].severity == "error"
    for lang in ("zh-CN", "en"):
        assert messages.message(of_limits[0], lang)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_no_limit_is_found_at_its_edge(form: Form) -> None:
    assert [finding for finding in found(form, filled(form)) if finding.code.startswith(limits.GROUP)] == []
    for path, asked in paths(form):
        for value in keeping(asked.type) if not asked.within else ():
            record = filled(form)
            put_at(record, path, value)
            wrong = [
                finding for finding in found(form, record) if finding.code.startswith("LM-") and path in finding.fields
            ]
            assert wrong == [], (path, value)


@pytest.mark.parametrize("form", [form for form in FORMS if form.taxonomy], ids=lambda form: form.name)
def test_an_entry_below_another_one_is_found(form: Form) -> None:
    """Every pair of entries that a cascade does not offer, and no pair that it offers."""
    tree = taxonomy.load(form.taxonomy)
    cascades = [
        (table, id, asked)
        for table in form.tables.values()
        for id, asked in table.columns.items()
        if asked.within and asked.open
    ]
    assert cascades or form.base  # in one that extends another they are given
    for table, id, asked in cascades:
        for above in tree.levels:
            for below in tree.level2:
                record = filled(form)
                put_at(record, table.address(asked.within, 1), above)
                put_at(record, table.address(id, 1), below)
                said = [
                    finding
                    for finding in found(form, record)
                    if table.address(id, 1) in finding.fields and says(form, finding, "LM-06")
                ]
                assert len(said) == (below not in tree.levels[above]), (above, below)


@pytest.mark.parametrize("word", ["乱写的", "数量指标等", "１２３", "无"])
@pytest.mark.parametrize("name", ["project-target", "central-target"])
def test_an_arbitrary_word_in_a_row_that_holds_nothing_else_is_found(name: str, word: str) -> None:
    """Such a row was not begun, so that no other check looks at it."""
    form = forms.load(name)
    column = "level2" if name == "project-target" else "year.level2"
    record = filled(form)
    record["indicators"].append({"level1": record["indicators"][0]["level1"]})
    put(record, f"indicators[2].{column}", word)
    (finding,) = [finding for finding in found(form, record) if f"indicators[2].{column}" in finding.fields]
    assert says(form, finding, "LM-06")


def test_a_table_without_a_row_is_found() -> None:
    record = filled(EQUIPMENT)
    record["checks"] = []
    (finding,) = found(EQUIPMENT, record)
    assert (finding.code, finding.fields) == ("LM-01", ("checks",))
    assert "一行也没有填" in messages.message(finding)


def test_a_table_of_too_many_rows_is_found() -> None:
    record = filled(EQUIPMENT)
    record["checks"] *= 5
    (finding,) = found(EQUIPMENT, record)
    assert (finding.code, finding.fields) == ("LM-04", ("checks",))
    assert "共10行，多出1行（最多9行）" in messages.message(finding)
    assert "10 rows, 1 too many" in messages.message(finding, "en")


def test_what_the_validation_of_a_kind_refuses_its_limits_refuse() -> None:
    """Over seeded values of every kind: a value that Excel's validation does not let in breaks a limit."""
    rng = random.Random(11)
    refused = 0
    for form in FORMS:
        for path, asked in paths(form):
            for value in invented(rng, asked.type):
                if is_refused(asked.type, value) and not is_understood(asked.type, value):
                    refused += 1
                    record = filled(form)
                    put_at(record, path, value)
                    assert any(path in finding.fields and says(form, finding, code) for finding in found(form, record)
                               for code in ("LM-02", "LM-03", "LM-04", "LM-06")), (path, value)  # fmt: skip
    assert refused > 200


def is_understood(kind: AnswerType, value: Any) -> bool:
    """Whether a text that the list of a yes or no does not have is read as one of the two."""
    return kind.name == "boolean" and not kind.read(Raw(value)).problem


def invented(rng: random.Random, kind: AnswerType) -> list[Any]:
    numbers = [rng.choice([-1, 1]) * rng.random() * 10 ** rng.randint(-3, 15) for _ in range(9)]
    texts = ["".join(rng.choices("甲乙丙0123 .%", k=rng.choice([1, 5, 13, 61, 130, 1100]))) for _ in range(9)]
    days = [datetime.date.fromordinal(rng.randint(600_000, 800_000)).isoformat() for _ in range(9)]
    if kind.name == "time":
        return [
            f"{hour:02d}:{minute:02d}" for hour, minute in ((rng.randrange(24), rng.randrange(60)) for _ in range(9))
        ]
    if kind.value_type in ("number", "percent"):
        return [round(number) if kind.name == "integer" else round(number, 3) for number in numbers]
    if kind.name == "date":
        return [one[: len(str(kind.limits().minimum))] for one in days]
    return days if kind.value_type == "date" else [[text] for text in texts] if kind.value_type == "items" else texts


def is_refused(kind: AnswerType, value: Any) -> bool:
    """Whether Excel's data validation refuses the value in its cell (ECMA-376 part 1, 18.3.1.33)."""
    check, shown = kind.validation(), kind.show(value)
    assert check is not None
    if kind.read(Raw(shown)).value is None:
        return False
    if check.kind == "list":
        return shown not in kind.drop_down()
    if check.kind == "custom":  # judged by LibreOffice: tests/form/test_pattern.py
        return False
    if check.kind == "time":
        return not (isinstance(shown, float) and str(check.minimum) <= value <= str(check.maximum))
    if check.kind == "text_length":
        return len(str(shown)) > float(check.maximum or 0)
    if check.kind == "date":
        return not (isinstance(shown, int) and str(check.minimum) <= value <= str(check.maximum))
    if not isinstance(shown, (int, float)):
        return True
    most = float(check.maximum or 0)
    if check.kind == "percent":
        return not (0 <= shown <= most / 100 or 2 <= shown <= most)
    return not float(check.minimum or 0) <= shown <= most


def test_a_county_that_lowers_a_limit_lowers_what_the_sheet_does() -> None:
    """The severity of a finding is that of the validation."""
    policy = default_policy()
    lowered = rules.Policy(
        policy.pack, {**policy.severities, "LM-04": "warning", "LM-06": "off"}, policy.words, policy.limits
    )
    by_kind = {getattr(asked.type, "format", None) or asked.type.name: asked.type for asked in EQUIPMENT.asked}
    severities = {name: rules.validation_severity(kind, EQUIPMENT, lowered) for name, kind in by_kind.items()}
    assert severities == {
        "text": "warning", "code": "warning", "items": "warning", "paragraph": "warning", "choice": None,
        "integer": "error", "money": "error", "percent": "error", "date": "error",
        "decimal": "error", "time": "error", "boolean": "error", "file": "error", "email": "error",
    }  # fmt: skip


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_the_flag_says_the_limit_in_the_words_of_the_manual(lang: str) -> None:
    record = filled(EQUIPMENT) | {"name": "长" * 13, "count": 61, "state": "闲置", "bought": "2999-01-01"}
    sentences = {finding.field: messages.message(finding, lang) for finding in found(EQUIPMENT, record)}
    assert sentences.keys() == {"name", "count", "state", "bought"}
    for id, sentence in sentences.items():
        kind = EQUIPMENT.fields[id].type
        assert messages.say(f"types.describe.{kind.name}", kind.facts(), lang) in sentence
