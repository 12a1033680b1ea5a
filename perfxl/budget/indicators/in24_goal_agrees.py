"""IN-24: a number in a goal agrees with the indicator; of two different promises one cannot be kept.

So does a number in the project's name, and one in the indicator's own name or description.

Numbers that certainly mean the same are wrong: one just behind the whole name of an indicator (准确率达到100%, accuracy
reaches 100 %), the only satisfaction of the project, and a count before the thing that an indicator counts
(326名村民小组长, 村民小组长人数: 326 group leaders, number of group leaders). To be explained is a quantity in the unit
of an indicator whose name speaks of the same thing (新建农村公路18公里), and one that keeps the bound of the
indicator: 1500人 beside ≥1000人.

Not reported: a number that is a sum or a product of the indicators' numbers, one that may belong to several indicators,
an indicator whose number the goals state anywhere, and a value that has a finding of its own (IN-14, IN-15, IN-18).
"""

from collections.abc import Iterator
from decimal import Decimal

from perfxl.budget.indicator import Indicator, indicators
from perfxl.budget.indicator_value import Value, parse
from perfxl.budget.indicators import counted
from perfxl.budget.texts.likeness import clauses
from perfxl.finding import Severity
from perfxl.form.characters import squeeze
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.numbers import excess_digits
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_AMOUNT = r"(\d+(?:\.\d+)?(?:%|‰|万元|元(?:/人)?(?:/月)?|万?平方米|公里|米|亩|年|个月|天))"
_LINK = r"(?:达到|达|为|是|在|不低于|不少于|不超过|不高于|控制在|保持|至|到|[≥≤=>])*+"
_SATISFACTION = late_pattern(rf"满意[度率](?:均|都)?{_LINK}{_AMOUNT}")
_COUNT = late_pattern(r"(?<![\d.])(\d+[个名位户辆台套处座条所间人])([\u4e00-\u9fff]{2,12})")
_STATED = late_pattern(_LINK + _AMOUNT)
_MEASURE = late_pattern(r"(?:总|的)?(?:人数|个数|户数|数量|总数|[辆台套处座条所间]数|数)")
_LONGEST_MEASURE = 3
_ANY = late_pattern(r"\d+(?:\.\d+)?")
_PART = late_pattern(r"(?:其中|新增|每|另有?|各)\D{0,4}$")
_CALCULATED = late_pattern(r"每|各|占|比例|[×*÷+＋/]|至少|[较比]")
_BEFORE = 6  # no fewer characters than _PART can match
_LONG_NAME = 4
"""Characters of a name that is looked for; shorter ones, such as 合格率 (pass rate), are parts of other names."""


def check(subject: Subject) -> Iterator[Hit]:
    """Find goals that state another number than the indicator of the same thing."""
    goals = [squeeze(text) for path, text in subject.texts if path == "goals"]
    stated = {number for goal in goals for number in map(_number, _ANY.findall(goal))}
    reported: set[int] = set()
    for row, text in (pair for goal in goals for clause in clauses(goal) for pair in _stated_values(subject, clause)):
        if row.index not in reported and _differs(row, parse(text)) and row.value and row.value.number not in stated:
            reported.add(row.index)
            yield _hit(row, text, "goals", "warning" if _is_kept(row, parse(text)) else None)
    for row, hit in (*_counted_otherwise(subject, goals), *_named_otherwise(subject)):
        if row.index not in reported:
            reported.add(row.index)
            yield hit


def _hit(row: Indicator, text: str, source: str, severity: Severity | None) -> Hit:
    """Return the finding on an indicator and another number of the same thing, from the goals, the name or its row."""
    paths = {"goals": ("goals", row.path("target")), "name": (row.path("target"), "name")}
    fields = paths.get(source, (row.path("target"), row.path(source)))
    facts = {"name": row.text("level3"), "goal": text, "found": row.text("target"), "source": source}
    return Hit(fields, facts, None, severity)


def _is_kept(row: Indicator, stated: Value) -> bool:
    """Return True if the number stated keeps the bound of the indicator, as 1500人 does ≥1000人; not for percents."""
    value = row.value
    if value is None or value.number is None or stated.number is None or value.dimension == "ratio":
        return False
    more = stated.number >= value.number
    return value.operator in (("≥", ">") if more else ("≤", "<"))


def _counted_otherwise(subject: Subject, goals: list[str]) -> Iterator[tuple[Indicator, Hit]]:
    """Yield the findings on quantities that the goals, or the project's name, give to what an indicator counts."""
    name = squeeze(str(subject.get("name") or ""))
    said = [(quantity, "goals") for goal in goals for part in clauses(goal) for quantity in counted.quantities(part)]
    said += [(quantity, "name") for quantity in counted.quantities(name)]
    in_goals: dict[str, list[Decimal]] = {}
    for quantity, _ in said:
        in_goals.setdefault(quantity.unit, []).append(quantity.number)
    for quantity, source in said:
        if counted.is_explained(subject, quantity) or not (match := counted.indicator_of(subject, quantity)):
            continue
        row, alone = match
        if counted.unit_and_number(row)[1] in set(counted.sums(in_goals[quantity.unit])) or _has_finding(row):
            continue
        certain = alone and source == "goals" and len(in_goals[quantity.unit]) == 1 and _is_exact(row)
        yield row, _hit(row, quantity.text, source, None if certain else "warning")


def _named_otherwise(subject: Subject) -> Iterator[tuple[Indicator, Hit]]:
    """Yield the findings on indicators whose own name, or description, gives the quantity with another number."""
    for row in (row for row in indicators(subject) if row.belongs("数量") and not _has_finding(row)):
        unit, number = counted.unit_and_number(row)
        for column in ("level3", "description"):
            text = squeeze(row.text(column))
            same = [quantity for quantity in counted.quantities(text) if quantity.unit == unit]
            alone = len(same) == 1 and len(_ANY.findall(text)) == 1 and not _CALCULATED.search(text)
            if alone and same[0].number != number:
                exact = column == "level3" and _is_exact(row)
                yield row, _hit(row, same[0].text, column, None if exact else "warning")
                break


def _is_exact(row: Indicator) -> bool:
    return row.value is not None and row.value.operator in ("", "=")


def _number(text: str) -> Decimal | None:
    """Return a number as the value of an indicator has it, so that 95.0 equals 95."""
    return parse(text).number


def _stated_values(subject: Subject, clause: str) -> Iterator[tuple[Indicator, str]]:
    """Yield the indicators whose values a clause states, each with the number and unit stated."""
    for row, name in subject.once(_names):
        if stated := _stated_behind(name, clause):
            yield row, stated
    satisfactions = [row for row in indicators(subject) if row.belongs("服务对象满意度")]
    if len(satisfactions) == 1:
        yield from ((satisfactions[0], match[1]) for match in _SATISFACTION.finditer(clause))
    for match in _COUNT.finditer(clause):
        rows = (
            []
            if _PART.search(clause[max(0, match.start() - _BEFORE) : match.start()])
            else _indicators_counting(subject, match[2])
        )
        if len(rows) == 1:
            yield rows[0], match[1]


def _stated_behind(name: str, clause: str) -> str:
    """Return the first number with its unit that stands just behind a name in a clause; "" where there is none."""
    at = clause.find(name)
    while at >= 0:
        if match := _STATED.match(clause, at + len(name)):
            return match[1]
        at = clause.find(name, at + 1)
    return ""


def _names(subject: Subject) -> tuple[tuple[Indicator, str], ...]:
    """Return the indicators whose names are looked for, each with its name."""
    named = ((row, squeeze(row.text("level3"))) for row in indicators(subject))
    return tuple((row, name) for row, name in named if len(name) >= _LONG_NAME)


def _counting(subject: Subject) -> tuple[tuple[Indicator, str], ...]:
    """Return each indicator with its name, and with its description, as far as it stands before 人数, 总数 and such."""
    texts = ((row, squeeze(row.text(column))) for row in indicators(subject) for column in ("level3", "description"))
    return tuple(
        (row, text[:at])
        for row, text in texts
        for at in range(max(0, len(text) - _LONGEST_MEASURE), len(text))
        if _MEASURE.fullmatch(text, at)
    )


def _indicators_counting(subject: Subject, thing: str) -> list[Indicator]:
    """Return the indicators that count a thing.

    ``thing`` is the text behind a count; its longest beginning that any indicator counts is taken.
    """
    for length in range(len(thing), 1, -1):
        counted = thing[:length]
        counting = {
            row.index: row
            for row, text in subject.once(_counting)
            if text.endswith(counted) and (len(text) == length or text[-length - 1] == "的")
        }
        if counting:
            return list(counting.values())
    return []


def _differs(row: Indicator, stated: Value) -> bool:
    """Return True if the value of an indicator and the one stated are different numbers of one unit.

    False also for a value that cannot be compared, or that has a finding of its own.
    """
    value = row.value
    if value is None or value.kind != "number" or value.number is None or stated.number is None:
        return False
    return not _has_finding(row) and _unit(value) == _unit(stated) and value.number != stated.number


def _has_finding(row: Indicator) -> bool:
    """Return True if the value of an indicator has a finding of its own."""
    value = row.value
    if value is None or value.number is None:
        return True
    return bool(
        (value.dimension == "count" and excess_digits(value.number))
        or (value.unit == "%" and value.number > 100)
        or (row.belongs("服务对象满意度") and value.number == 100)
    )


def _unit(value: Value) -> str:
    """Return the unit for comparing: 人 for 名 and 位 (persons), and of a count the first character, 个 for 个村."""
    unit = value.unit if value.dimension != "count" or value.unit[:1] in "万亿" else value.unit[:1]
    return "人" if unit in ("名", "位") else unit


RULE = Rule(
    code="IN-24",
    severity="error",
    check=check,
    needs=("goals", "indicators.target"),
    bad={"goals": ["为38个村的336名村民小组长足额发放误工补贴，补贴发放准确率达到100%。"]},
    good={"goals": ["为326名村民小组长足额发放误工补贴，其中12名村民小组长为新任。"]},
    together=True,
)
