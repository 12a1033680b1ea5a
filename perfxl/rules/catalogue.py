"""All checks that installed forms are asked: what each requires, which answers it concerns, what it is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from perfxl import messages, rules
from perfxl.errors import UnknownCode
from perfxl.finding import Severity
from perfxl.form import installed
from perfxl.form.answers import without_rows
from perfxl.form.form import Field, Form, RuleWords
from perfxl.form.setting import Setting, settings
from perfxl.rules import assertion, example
from perfxl.rules.policy import Policy, nearest_code
from perfxl.rules.rule import Rule

MANY = 4
"""A check of more answers than these is said once for all of them."""


@dataclass(frozen=True, eq=False)
class Check:
    """One check: the severity it comes with, the names of the forms that are asked it, the form's rules under its code
    from which its examples are taken."""

    code: str
    severity: Severity
    forms: tuple[str, ...]
    form: Form
    rules: tuple[Rule, ...]

    @property
    def group(self) -> str:
        """What stands before the number: MN."""
        return self.code.partition("-")[0]

    @property
    def settings(self) -> tuple[Setting, ...]:
        """The word lists and limits that it is told."""
        return tuple(each for each in settings().values() if self.code in each.rules)

    @property
    def labels(self) -> tuple[str, ...]:
        """What the forms are called that are asked it."""
        return tuple(installed.load(name).label for name in self.forms)

    def title(self, lang: str = messages.DEFAULT) -> str:
        """Its name."""
        return self.words.title if self.words else messages.say(f"rules.{self.code}.title", {}, lang)

    @property
    def words(self) -> RuleWords | None:
        """The words that stand beside a form's own check."""
        return next((line.words for line in self.form.rules if line.code == self.code), None)

    def must(self, policy: Policy, lang: str = messages.DEFAULT, form: Form | None = None) -> str:
        """What it requires, in one sentence, with the limits as they are; empty where it says nothing of that.

        ``form``: the form beside whose answers it is said, so that it can be said in that form's own words.
        """
        if self.words:
            return assertion.plain_sentence(self.words.advice or self.words.message)
        key = f"rules.{self.code}.must"
        line = next((each for each in form.rules if each.code == self.code), None) if form else None
        facts = {**policy.limits, "parts": [*assertion.parts(line, form)] if form and line else []}
        return messages.say(key, facts, lang).strip() if messages.has_text(key, lang) else ""

    def why(self, lang: str = messages.DEFAULT) -> str:
        """Why it is made; empty for a form's own check."""
        return "" if self.words else messages.say(f"rules.{self.code}.why", {}, lang).strip()

    def breaking(self, lang: str = messages.DEFAULT) -> tuple[tuple[str, Any], ...]:
        """Answers that break it: each by its place on the sheet, or in the words of what surrounds a form."""
        return next((tuple(_show_example(rule.bad, self.form, lang)) for rule in self.rules if rule.bad), ())

    def keeping(self, lang: str = messages.DEFAULT) -> tuple[tuple[str, Any], ...]:
        """Answers that are like these and do not break it; none where there is no need of an example."""
        return next((tuple(_show_example(rule.good, self.form, lang)) for rule in self.rules if rule.good), ())


@lru_cache(maxsize=1)
def checks() -> tuple[Check, ...]:
    """All checks there are, by code. A form that has an example stands before others, the first form of all first."""
    forms = sorted(map(installed.load, installed.names()), key=_first)
    own = rules.own_severities()
    found = []
    for code in own:
        asked = [form for form in forms if code in rules.codes(form)]
        same = tuple(rule for rule in rules.rules(asked[0]) if rule.code == code)
        found.append(Check(code, own[code], tuple(form.name for form in asked), asked[0], same))
    return tuple(found)


@lru_cache(maxsize=64)
def checks_of(form: Form) -> tuple[Check, ...]:
    """The checks that a form is asked, by code."""
    known = {check.code: check for check in checks() if form.name in check.forms}
    found = []
    for code in rules.codes(form):
        same = tuple(rule for rule in rules.rules(form) if rule.code == code)
        found.append(known.get(code) or Check(code, same[0].severity, (form.name,), form, same))
    return tuple(found)


def check(code: str) -> Check:
    """The check of that code, in any case. Raises UnknownCode, with the nearest."""
    wanted = code.strip().upper()
    for each in checks():
        if each.code == wanted:
            return each
    raise UnknownCode(code=code, near=nearest_code(wanted, rules.own_severities()))


def _show_example(patch: Mapping[str, Any], form: Form, lang: str) -> Iterator[tuple[str, Any]]:
    """The values of an example, each with its place in words."""
    for path, value in patch.items():
        if not _around(path):
            yield messages.place(path, form, _record(form), lang), value
            continue
        words = f"report.rules.around.{path.replace('.', '_')}"
        for place, each in _parts(path, value, form, lang):
            yield messages.say(words, {"place": place}, lang), each


def _record(form: Form) -> Mapping[str, Any]:
    return example.record(form) if example.has_example(form) else {}


def _parts(path: str, value: Any, form: Form, lang: str) -> Iterator[tuple[str, Any]]:
    """What surrounds a form, by its parts: other projects' answers, the cells of a sheet, a county's limits."""
    if (other := _form_of(path)) and isinstance(value, list):
        for patch in value:
            yield from _other(patch, other, lang)
    elif other:
        yield from _held(value, other, lang)
    elif path == "seen.doubts":  # of these a check says nothing but its own sentence
        found = rules.check(example.subject(form, {path: value}))
        yield from (("", messages.message(each, lang)) for each in found)
    elif path == "unit.limits":
        yield from ((settings()[name].about, limit) for name, limit in value.items())
    elif path.startswith("seen.") and isinstance(value, Mapping):
        for column, each in value.items():
            id = example.own_path(form, column)
            around = f"report.rules.around.{id.replace('.', '_')}"
            known = messages.say(around, {}, lang) if _around(id) else messages.place(id, form, {}, lang)
            yield known, _describe_cell(path, each, lang)
    else:
        yield "", value


def _form_of(path: str) -> Form | None:
    """The form of the unit's records at ``unit.projects``, the first of all that has such; None for anything else."""
    forms = sorted(map(installed.load, installed.names()), key=_first)
    return next((form for form in forms if path == f"unit.{form.root}"), None)


def _other(patch: Mapping[str, Any], form: Form, lang: str) -> Iterator[tuple[str, Any]]:
    """Another record of an example's unit: what it holds of its own, or else that it is there."""
    name = patch.get("name") or _record(form).get("name")
    own = list(_held({path: each for path, each in patch.items() if path not in ("name", "code")}, form, lang))
    for place, each in own:
        yield messages.say("report.rules.around.project", {"name": name, "place": place}, lang), each
    if not own:
        yield messages.say("report.rules.around.neighbour", {}, lang), " ".join(filter(None, (name, patch.get("code"))))


def _held(value: Mapping[str, Any], form: Form, lang: str) -> Iterator[tuple[str, Any]]:
    """The answers that a record, or a part of one, holds; blank ones left out."""
    for path, each in _leaves("", value):
        if text_of(each).strip() and path != "number":
            yield messages.place(path, form, value, lang), each


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _leaves(f"{path}.{key}" if path else key, each)
    elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        for at, each in enumerate(value):
            yield from _leaves(f"{path}[{at}]", each)
    else:
        yield path, value


def _describe_cell(path: str, value: Any, lang: str) -> Any:
    """What a sheet's reader says of a cell, in words."""
    if path == "seen.problems":
        return messages.say(f"kinds.problem.{value}", {}, lang)
    return [messages.say(f"kinds.how.{word}", {}, lang) for word in value] if path == "seen.how" else value


def text_of(value: Any) -> str:
    """A value of an example as people write it; empty for nothing."""
    if isinstance(value, Mapping):
        return "，".join(f"{key}: {text_of(each)}" for key, each in value.items())
    if isinstance(value, (list, tuple)):
        return " ".join(map(text_of, value))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return messages.number(value)
    return "" if value is None else str(value)


def _first(form: Form) -> tuple[bool, bool, str]:
    return not example.has_example(form), form.name != installed.DEFAULT, form.name


@lru_cache(maxsize=512)
def answers_concerned(code: str, form: Form) -> tuple[str, ...] | None:
    """The answers (``measures.target``) that a check of a form concerns, the one it is about first.

    They are those that a line names; those in which a rule finds what its bad example has wrong; and others that it
    finds the same in. Where the example is of another form, they are the same ones, or those of the same kinds. Of a
    table or of a whole form: none. None for a check of answers that the form does not have.
    """
    asked = answers(form)
    own = [id for rule in rules.rules(form) if rule.code == code for id in _answers(rule, form)]
    elsewhere = next((check.form for check in checks() if check.code == code), form)
    if own or form is elsewhere:
        return tuple(dict.fromkeys(id for id in own if id in asked))
    known = answers_concerned(code, elsewhere)
    others = answers(elsewhere)
    kinds = {(_family(others[id]), others[id].given) for id in known or ()}
    same = [id for id in known or () if id in asked]
    alike = [id for id, each in asked.items() if (_family(each), each.given) in kinds]
    return tuple(same or alike) if same or alike or not known else None


def answers(form: Form) -> Mapping[str, Field]:
    """The form's answers by the ends of their paths (``measures.target``), in the order of ``form.asked``."""
    columns = {table.path(id): each for table in form.tables.values() for id, each in table.columns.items()}
    return {**form.fields, **columns}


def _answers(rule: Rule, form: Form) -> Iterator[str]:
    for line in rule.lines(form) if rule.lines else ():
        yield from (form.tables[line.each].path(column) if line.each else column for column in line.on)
    # what is wrong with a sheet, not with an answer, is of no one answer
    if not rule.bad or not _fits(rule.bad, form) or all(path.startswith("seen.") for path in rule.bad):
        return
    for hit in rule.check(example.subject(form, rule.bad)):
        yield from map(without_rows, hit.fields)
    for path, value in _elsewhere(rule.bad, form):
        if any(path in hit.fields[:1] for hit in rule.check(example.subject(form, {path: value}))):
            yield without_rows(path)


def _fits(patch: Mapping[str, Any], form: Form) -> bool:
    """Are these values to be laid over this form's example?"""
    return example.has_example(form) and all(without_rows(path) in answers(form) or _around(path) for path in patch)


def _around(path: str) -> bool:
    return path.startswith(("unit.", "seen."))


def _elsewhere(bad: Mapping[str, Any], form: Form) -> Iterator[tuple[str, Any]]:
    """The wrong values of a bad example in the form's other answers of their kind, of a table in its first row."""
    asked = answers(form)
    firsts = {id: id for id in form.fields}
    for table in form.tables.values():
        firsts |= {table.path(id): table.address(id, *[0] * len(table.lists)) for id in table.columns}
    for path, value in bad.items():
        if own := asked.get(without_rows(path)):
            for id, each in asked.items():
                if id != without_rows(path) and (_family(each), each.given) == (_family(own), own.given):
                    yield firsts[id], value


def _family(asked: Field) -> str:
    """The kind of an answer; whatever holds free text is of one kind."""
    return "text" if asked.kind.free_text else asked.kind.name
