"""The table of keys: every key that a ``form.yaml`` may have, by section, with what may stand there.

The reader's checks and near matches, the JSON Schema for editors, the reference page and the form that ``form new``
writes all come from this table. What a key means is said in each language's ``language.yaml``, as
``keys.<section>.<key>``. Options that only one type of answer has are the dataclass fields of that type.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Shape:
    """What may stand at a key.

    ``kind``: a plain text; a ``template`` (a text with Jinja in it); an ``expression``, or a ``condition`` (one that
    holds or not); a ``number``, or a whole one (``count``), from ``minimum`` on; a ``flag`` (true or false); one of
    ``words``; a ``list`` or a ``mapping`` of ``items``; a ``section`` with keys of its own; or anything that the reader
    of the section judges itself (``any``). ``either``: other shapes that may stand there as well.
    """

    kind: Literal[
        "text", "template", "expression", "condition", "number", "count", "flag", "word", "list", "mapping", "section",
        "any",
    ]  # fmt: skip
    words: tuple[str, ...] = ()
    minimum: int = 0
    items: Shape | None = None
    section: str = ""
    either: tuple[Shape, ...] = ()


@dataclass(frozen=True)
class Key:
    """One key of a section.

    ``default``: what holds where the key is absent, as YAML text; empty where nothing does. ``example``: a value as
    YAML text. ``required``: the key must be there.
    """

    name: str
    shape: Shape
    example: str
    default: str = ""
    required: bool = False


TEXT, TEMPLATE, FLAG, ANY = Shape("text"), Shape("template"), Shape("flag"), Shape("any")
EXPRESSION, CONDITION = Shape("expression"), Shape("condition")
NUMBER, COUNT, FROM_ONE = Shape("number"), Shape("count"), Shape("count", minimum=1)
TEXTS, NUMBERS = Shape("list", items=TEXT), Shape("list", items=NUMBER)
LABEL = Shape("text", either=(TEXTS,))


def one_of(*words: str) -> Shape:
    """Return the shape of one of these words."""
    return Shape("word", words=words)


def section(name: str, *either: Shape) -> Shape:
    """Return the shape of a section of the table; ``either``: what may stand there instead."""
    return Shape("section", section=name, either=either)


def list_of(items: Shape) -> Shape:
    """Return the shape of a list."""
    return Shape("list", items=items)


def mapping_of(items: Shape) -> Shape:
    """Return the shape of a mapping with keys of the author's own."""
    return Shape("mapping", items=items)


_SEVERITY = one_of("error", "warning", "hint", "fix")
_LIMIT_SEVERITY = one_of("error", "warning", "hint")
_ALIGN = one_of("left", "center", "right")

SECTIONS: Mapping[str, tuple[Key, ...]] = {
    "form": (
        Key("form", TEXT, "travel", required=True),
        Key("version", TEXT, '"2026.1"', required=True),
        Key("language", TEXT, "en", "zh-CN"),
        Key("label", TEXT, "Travel claim"),
        Key("extends", TEXT, "project-target@2024.1"),
        Key("drop", TEXTS, "[purpose, legs.note]"),
        Key("labels", mapping_of(LABEL), "{legs.nights: Nights approved}"),
        Key("record", TEXT, "claims[]"),
        Key("key", TEXT, "number"),
        Key("issue", TEXTS, "[year, quarter]"),
        Key("title", TEMPLATE, '"Travel claim {{ number }}"'),
        Key("sheet", section("sheet"), "{name: Claim, columns: [18, 18, 18], start: B2}"),
        Key("taxonomy", TEXT, "cn-2015"),
        Key("choices", mapping_of(ANY), "{mode: [train, plane, own car]}"),
        Key("fields", mapping_of(section("field")), "{traveller: {type: text}}"),
        Key("tables", mapping_of(section("table")), "{legs: {columns: {nights: {type: integer}}}}"),
        Key("overview", TEXTS, "[number, traveller, payable]"),
        Key("layout", list_of(ANY), "[[{title: true, span: 3}]]"),
        Key("checks", TEXTS, "[budget]"),
        Key("rules", list_of(section("rule")), '[{code: TR-01, assert: "total >= 0", on: [total]}]'),
        Key("help", list_of(TEMPLATE), "[One row for each night away.]"),
    ),
    "sheet": (
        Key("name", TEMPLATE, '"Claim {{ number }}"'),
        Key("columns", NUMBERS, "[19, 17, 15]"),
        Key("start", TEXT, "B2", "B2"),
        Key("paper", one_of("A4"), "A4", "A4"),
        Key("fit", one_of("width"), "width", "width"),
        Key("orientation", one_of("portrait", "landscape"), "landscape", "portrait"),
        Key("footer", TEMPLATE, '"Claim of {{ unit.name }}"'),
        Key("marks", section("marks"), "{side: after}"),
        Key("panel", NUMBERS, "[0.8, 37]"),
        Key("heights", section("heights"), "{header: 30, row: 34}"),
    ),
    "marks": (
        Key("side", one_of("before", "after"), "after", "before"),
        Key("width", NUMBER, "3.6", "3.6"),
        Key("label", TEXT, "Row"),
    ),
    "heights": (
        Key("header", NUMBER, "30", "30"),
        Key("row", NUMBER, "34", "34"),
    ),
    "field": (
        Key("type", TEXT, "date", required=True),
        Key("label", LABEL, "Departed on"),
        Key("after", TEXT, "target"),
        Key("given", FLAG, "true", "false"),
        Key("required", section("limit", CONDITION, FLAG), "direct == false", "false"),
        Key("relevant", section("limit", CONDITION), 'mode == "own car"'),
        Key("calculation", section("calculation", EXPRESSION), "nights * rate"),
        Key("minimum", section("limit", EXPRESSION), "departed"),
        Key("maximum", section("limit", EXPRESSION), "departed + 60"),
        Key("min_length", section("limit", EXPRESSION), "20"),
        Key("max_length", section("limit", EXPRESSION), "300"),
        Key("min_items", section("limit", COUNT), "1"),
        Key("max_items", section("limit", COUNT), "3"),
        Key("pattern", section("limit", EXPRESSION), '{value: "[A-Z]{2}[0-9]{4}", message: Such as IT0042.}'),
        Key("constraint", section("limit", EXPRESSION), "{value: a + b <= 24, message: A day has 24 hours.}"),
        Key("unique", section("limit", TEXT), "true"),
        Key("also", TEXTS, "[N/A, unknown]"),
        Key("default", ANY, "0"),
        Key("suggest", section("suggest", TEXTS), "[by train, by bus]"),
        Key("yearly", FLAG, "true", "false"),
        Key("hint", section("hint", TEXT), "The day on which you left home."),
        Key("span", FROM_ONE, "2", "1"),
        Key("repeat", one_of("shown", "hidden"), "hidden", "shown"),
        Key("align", _ALIGN, "center"),
        Key("times", FROM_ONE, "31"),
        Key("numbering", TEXT, "AWARD-0000"),
        Key("letter", TEXT, "5=3/1"),
    ),
    "calculation": (
        Key("value", EXPRESSION, "nights * rate", required=True),
        Key("when", CONDITION, 'kind == "number"'),
        Key("tolerance", NUMBER, "0.01", "0"),
    ),
    "suggest": (
        Key("entries", TEXTS, "[by train, by bus]", required=True),
        Key("when", CONDITION, "distance is filled"),
    ),
    "limit": (
        Key("value", EXPRESSION, "500", required=True),
        Key("severity", _LIMIT_SEVERITY, "warning", "error"),
        Key("message", TEMPLATE, "More than 500 of one thing is rare; please look again."),
    ),
    "hint": (
        Key("title", TEXT, "Departed on", required=True),
        Key("text", TEXT, "The day on which you left home.", required=True),
    ),
    "table": (
        Key("columns", mapping_of(section("field")), "{nights: {type: integer}}", required=True),
        Key("each", TEXT, '"areas[].parts[]"'),
        Key("rows", section("rows"), "{min: 3, spare: 2, max: 12}"),
        Key("groups", section("groups"), "{by: area, spare: [2, 1]}"),
        Key("side", TEXT, "Legs"),
        Key("label", TEXT, "Where you stayed"),
        Key("required", one_of("all"), "all"),
        Key("totals", section("sums"), "{label: Total, sum: [nights]}"),
        Key("key", TEXT, "tag"),
        Key("lines", mapping_of(ANY), '{women: {item: Women, code: "02"}, pay: {heading: Pay}}'),
        Key("header", FROM_ONE, "1"),
    ),
    "sums": (
        Key("label", TEXT, "Total", required=True),
        Key("sum", TEXTS, "[nights, allowance]", required=True),
        Key("place", one_of("first", "last"), "first", "last"),
    ),
    "heading": (Key("heading", TEMPLATE, "Pay", required=True),),
    "rows": (
        Key("min", COUNT, "3", "1"),
        Key("spare", COUNT, "2", "0"),
        Key("max", FROM_ONE, "12", "60"),
    ),
    "groups": (
        Key("by", TEXT, "area", required=True),
        Key("begin", mapping_of(TEXTS), "{part: [Rooms, Meals]}"),
        Key("rows", FROM_ONE, "3"),
        Key("spare", Shape("count", either=(list_of(COUNT),)), "2", "1"),
        Key("max", FROM_ONE, "60", "60"),
        Key("subtotal", section("sums"), "{label: Subtotal, sum: [nights]}"),
    ),
    "row": (
        Key("cells", list_of(section("cell", TEMPLATE)), "[Traveller, {field: traveller}]", required=True),
        Key("height", NUMBER, "40", "30"),
    ),
    "table_row": (Key("table", Shape("text", either=(TEXTS,)), "[assets, debts]", required=True),),
    "cell": (
        Key("title", FLAG, "true"),
        Key("text", TEMPLATE, "Traveller"),
        Key("field", TEXT, "traveller"),
        Key("ask", TEXT, "traveller"),
        Key("sign", TEMPLATE, "Approved by"),
        Key("mark", one_of("code"), "code"),
        Key("span", FROM_ONE, "3", "1"),
        Key("rows", FROM_ONE, "2", "1"),
        Key("indent", COUNT, "1", "0"),
        Key("style", one_of("label", "header", "plain", "note", "heading"), "plain", "label"),
        Key("align", _ALIGN, "right"),
    ),
    "rule": (
        Key("code", TEXT, "TR-01", required=True),
        Key("title", TEXT, "Nights fit the dates"),
        Key("assert", CONDITION, "returned >= departed", required=True),
        Key("on", TEXTS, "[returned]", required=True),
        Key("each", TEXT, "legs"),
        Key("across", TEXT, "pay"),
        Key("severity", _SEVERITY, "warning", "error"),
        Key("message", TEMPLATE, '"{{ returned }} lies before {{ departed }}."'),
        Key("advice", TEMPLATE, "Correct one of the two dates."),
        Key("facts", mapping_of(EXPRESSION), "{total: budget.total}"),
        Key("bad", mapping_of(ANY), "{returned: 2026-01-01}"),
        Key("good", mapping_of(ANY), "{returned: 2026-12-31}"),
    ),
}
"""The sections by name, each with its keys in the order in which a person would write them."""

OLD_WORDS: Mapping[tuple[str, str], str] = {
    ("field", "kind"): "type",
    ("field", "from"): "choices",
    ("field", "prompt"): "hint",
    ("sheet", "key"): "marks",
}
"""Keys that were called otherwise before: (section, old key) → the key that it is now."""


MEANT_KEYS: Mapping[tuple[str, str], str] = {
    ("field", "currency"): "unit", ("field", "options"): "choices", ("field", "enum"): "choices",
    ("field", "formula"): "calculation", ("field", "min"): "minimum", ("field", "max"): "maximum",
    ("field", "regex"): "pattern", ("field", "locked"): "given", ("field", "readonly"): "given",
    ("rule", "text"): "message", ("rule", "condition"): "assert", ("rule", "check"): "assert",
}  # fmt: skip
"""Keys of other form languages: (section, key) → the key that is probably meant."""

MEANT_TYPES: Mapping[str, str] = {
    "string": "text", "str": "text", "number": "decimal", "float": "decimal", "int": "integer", "bool": "boolean",
    "checkbox": "boolean", "select": "choice", "dropdown": "choice", "list": "choice", "textarea": "paragraph",
    "currency": "money", "amount": "money", "percentage": "percent", "day": "date", "attachment": "file",
}  # fmt: skip
"""Types of other form languages, each with the type that is probably meant."""


def keys_of(name: str) -> Mapping[str, Key]:
    """Return the keys of a section by name."""
    return {key.name: key for key in SECTIONS[name]}
