"""The catalogue of all checks: their requirements, the answers they concern, their settings and examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from perfxl import messages, rules
from perfxl.errors import UnknownCode
from perfxl.finding import Finding, Severity
from perfxl.form import installed
from perfxl.form.answers import without_rows
from perfxl.form.form import Field, Form, RuleWords
from perfxl.form.setting import Setting, settings
from perfxl.messages.places import label
from perfxl.rules import assertion, example
from perfxl.rules.policy import Policy, default_policy, nearest_code
from perfxl.rules.rule import Rule

MANY = 4
"""A check that concerns more answers than these is described once for all of them."""


@dataclass(frozen=True, eq=False)
class Check:
    """One check.

    ``severity``: the severity that it has by itself; ``forms``: the names of the forms that it applies to;
    ``form``: the form from which its examples are taken; ``rules``: the rules of that form under its code.
    """

    code: str
    severity: Severity
    forms: tuple[str, ...]
    form: Form
    rules: tuple[Rule, ...]

    @property
    def group(self) -> str:
        """The letters before the number: MN."""
        return self.code.partition("-")[0]

    @property
    def settings(self) -> tuple[Setting, ...]:
        """The word lists and limits that it uses."""
        return tuple(setting for setting in settings().values() if self.code in setting.rules)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the forms that it applies to."""
        return tuple(installed.load(name).label for name in self.forms)

    def title(self, lang: str = messages.DEFAULT) -> str:
        """Return its title."""
        return self.words.title if self.words else messages.say(f"rules.{self.code}.title", {}, lang)

    @property
    def words(self) -> RuleWords | None:
        """The messages that a form gives to its own check; None for a check with messages of the set it belongs to."""
        return next((line.words for line in self.form.rules if line.code == self.code), None)

    def must(self, policy: Policy, lang: str = messages.DEFAULT, form: Form | None = None) -> str:
        """Return its requirement in one sentence, with the policy's limits; empty where there is no such sentence.

        ``form``: the form whose answers it is described for, so that the sentence names that form's own answers.
        """
        if self.words:
            return assertion.plain_sentence(self.words.advice) or self.words.title
        key = f"rules.{self.code}.must"
        line = next((line for line in form.rules if line.code == self.code), None) if form else None
        facts: dict[str, Any] = {**policy.limits, "parts": [*assertion.parts(line, form)] if form and line else []}
        # records without a name are known by their key alone, whatever it is called
        facts["key"] = label(form.key, form) if form and form.key and "name" not in form.fields else ""
        return messages.say(key, facts, lang).strip() if messages.has_text(key, lang) else ""

    def why(self, lang: str = messages.DEFAULT) -> str:
        """Return the reason why it is made; empty for a form's own check."""
        return "" if self.words else messages.say(f"rules.{self.code}.why", {}, lang).strip()

    def breaking(self, lang: str = messages.DEFAULT) -> tuple[tuple[str, Any], ...]:
        """Return answers that break it, as pairs of place and value.

        A place is the one on the sheet or, for something around the answers, its name in words.
        """
        return next((tuple(_describe_example(rule.bad, self.form, lang)) for rule in self.rules if rule.bad), ())

    def findings(self) -> Iterator[Finding]:
        """Yield the findings that it makes on its own examples; none where it has none."""
        policy = default_policy()
        policy = replace(policy, severities={**policy.severities, self.code: self.severity})
        for rule in self.rules:
            if rule.bad and example.is_shown_on(self.form, rule.bad):
                subject = example.subject(self.form, {"unit.policy": policy, **rule.bad})
                yield from (finding for finding in rules.check(subject) if finding.code == self.code)

    def keeping(self, lang: str = messages.DEFAULT) -> tuple[tuple[str, Any], ...]:
        """Return similar answers that do not break it, as pairs of place and value; none where none are needed."""
        return next((tuple(_describe_example(rule.good, self.form, lang)) for rule in self.rules if rule.good), ())


@installed.BySearchPath
def checks() -> tuple[Check, ...]:
    """Return the checks of all known forms, sorted by code.

    The forms of each check are sorted: those with an example first, among them the default form first.
    """
    forms = sorted(rules.sound_forms(), key=_form_order)
    own = rules.own_severities()
    all_checks = []
    for code in own:
        concerned = [form for form in forms if code in rules.codes(form)]
        form = next((form for form in concerned if _shows_example(code, form)), concerned[0])
        same_code = tuple(rule for rule in rules.rules(form) if rule.code == code)
        names = tuple(form.name for form in concerned)
        all_checks.append(Check(code, own[code], names, form, same_code))
    return tuple(all_checks)


def _shows_example(code: str, form: Form) -> bool:
    """Return whether a form has the answers of the bad example of one of its rules under this code."""
    bad = (rule.bad for rule in rules.rules(form) if rule.code == code and rule.bad)
    return example.has_example(form) and any(example.is_shown_on(form, patch) for patch in bad)


@installed.BySearchPath
def checks_of(form: Form) -> tuple[Check, ...]:
    """Return the checks that apply to a form, sorted by code; the form need not be a known one."""
    known = {check.code: check for check in checks() if form.name in check.forms}
    own = {line.code for line in form.rules if line.words}  # in the form's language and of its version
    form_checks = []
    for code in rules.codes(form):
        same_code = tuple(rule for rule in rules.rules(form) if rule.code == code)
        here = Check(code, same_code[0].severity, (form.name,), form, same_code)
        form_checks.append(here if code in own else known.get(code, here))
    return tuple(form_checks)


def check(code: str) -> Check:
    """Return the check with a code, in upper or lower case. Raises UnknownCode, with the nearest code."""
    wanted = code.strip().upper()
    for candidate in checks():
        if candidate.code == wanted:
            return candidate
    raise UnknownCode(code=code, near=nearest_code(wanted, rules.own_severities()))


def _describe_example(patch: Mapping[str, Any], form: Form, lang: str) -> Iterator[tuple[str, Any]]:
    """Yield the values of an example, each with its place in words."""
    for path, value in patch.items():
        if not _is_around(path):
            yield messages.place(path, form, _example_record(form), lang), value
            continue
        key = f"report.rules.around.{path.replace('.', '_')}"
        for place, part in _describe_around(path, value, form, lang):
            yield messages.say(key, {"place": place}, lang), part


def _example_record(form: Form) -> Mapping[str, Any]:
    """Return the form's example record, an empty one where it has none."""
    return example.record(form) if example.has_example(form) else {}


def _describe_around(path: str, value: Any, form: Form, lang: str) -> Iterator[tuple[str, Any]]:
    """Yield the parts of a value around the answers of a form, each with its place in words.

    ``path`` begins with ``seen.`` or ``unit.``; the parts are other projects' answers, cells of the sheet, or limits
    of the county. A value without parts is yielded as a whole, with an empty place.
    """
    if (other := _form_of_records(path)) and isinstance(value, list):
        for patch in value:
            yield from _describe_neighbour(patch, other, lang)
    elif other:
        yield from _describe_answers(value, other, lang)
    elif path == "seen.doubts":  # a doubt is described by the message of the finding that it leads to
        findings = rules.check(example.subject(form, {path: value}))
        yield from (("", messages.message(finding, lang)) for finding in findings)
    elif path == "unit.limits":
        yield from ((settings()[name].about, limit) for name, limit in value.items())
    elif path.startswith("seen.") and isinstance(value, Mapping):
        for column, cell_value in value.items():
            id = example.own_path(form, column)
            key = f"report.rules.around.{id.replace('.', '_')}"
            place = messages.say(key, {}, lang) if _is_around(id) else messages.place(id, form, {}, lang)
            yield place, _describe_cell(path, cell_value, lang)
    else:
        yield "", value


def _form_of_records(path: str) -> Form | None:
    """Return the form whose records stand at a path such as ``unit.projects``; None for any other path.

    Of several such forms it is the first in the order of ``_form_order``.
    """
    forms = sorted(rules.sound_forms(), key=_form_order)
    return next((form for form in forms if path == f"unit.{form.root}"), None)


def _describe_neighbour(patch: Mapping[str, Any], form: Form, lang: str) -> Iterator[tuple[str, Any]]:
    """Yield the answers in which another record of the unit differs from the example, or else its name and code."""
    name = patch.get("name") or _example_record(form).get("name")
    differing = {path: value for path, value in patch.items() if path not in ("name", "code")}
    answers_of_its_own = list(_describe_answers(differing, form, lang))
    for place, value in answers_of_its_own:
        yield messages.say("report.rules.around.project", {"name": name, "place": place}, lang), value
    if not answers_of_its_own:
        yield messages.say("report.rules.around.neighbour", {}, lang), " ".join(filter(None, (name, patch.get("code"))))


def _describe_answers(record: Mapping[str, Any], form: Form, lang: str) -> Iterator[tuple[str, Any]]:
    """Yield the answers of a record or a part of one, each with its place in words; blank ones are left out."""
    for path, value in _leaves("", record):
        if text_of(value).strip() and path != "number":
            yield messages.place(path, form, record, lang), value


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the path and value of every answer in nested mappings and lists of mappings."""
    if isinstance(value, Mapping):
        for key, member in value.items():
            yield from _leaves(f"{path}.{key}" if path else key, member)
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        for at, item in enumerate(value):
            yield from _leaves(f"{path}[{at}]", item)
    else:
        yield path, value


def _describe_cell(path: str, value: Any, lang: str) -> Any:
    """Return a problem or the tolerances of a cell in words; the value itself for anything else."""
    if path == "seen.problems":
        return messages.say(f"types.problem.{value}", {}, lang)
    return [messages.say(f"types.how.{word}", {}, lang) for word in value] if path == "seen.how" else value


def text_of(value: Any) -> str:
    """Return a value of an example as people write it; empty for None."""
    if isinstance(value, Mapping):
        return "，".join(f"{key}: {text_of(member)}" for key, member in value.items())
    if isinstance(value, (list, tuple)):
        return " ".join(map(text_of, value))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return messages.number(value)
    return "" if value is None else str(value)


def _form_order(form: Form) -> tuple[bool, bool, str]:
    """Return the sort key of a form: those with an example first, then the default form, then by name."""
    return not example.has_example(form), form.name != installed.DEFAULT, form.name


@installed.BySearchPath
def answers_concerned(code: str, form: Form) -> tuple[str, ...] | None:
    """Return the answers (``measures.target``) that a check of a form concerns, the one it is about first.

    They are the answers that its lines name, those in which it finds the mistake of its bad example, and others in
    which it finds the same mistake. Where the example is of another form, they are the answers concerned there or, if
    this form has none of these, all answers of the same types. Empty for a check of a table or of a whole form. None
    for a check of answers that the form does not have.
    """
    fields = answers(form)
    own = [id for rule in rules.rules(form) if rule.code == code for id in _answers_of_rule(rule, form)]
    example_form = next((check.form for check in checks() if check.code == code), form)
    if own or form is example_form:
        return tuple(dict.fromkeys(id for id in own if id in fields))
    return _corresponding_answers(answers_concerned(code, example_form) or (), example_form, form)


def _corresponding_answers(ids: tuple[str, ...], other: Form, form: Form) -> tuple[str, ...] | None:
    """Return the answers of ``form`` that correspond to some answers of another form.

    These are the answers with the same ids or, where there are none, all answers of the same types. None where there
    are none of these either; empty for no answers.
    """
    fields, other_fields = answers(form), answers(other)
    types = {_kind(other_fields[id]) for id in ids}
    same = tuple(id for id in ids if id in fields)
    alike = tuple(id for id, field in fields.items() if _kind(field) in types)
    return same or alike or (None if ids else ())


def answers(form: Form) -> Mapping[str, Field]:
    """Return the form's answers by their paths without row numbers (``measures.target``), head before tables.

    The order is that of ``form.asked``.
    """
    return form.by_path


def _answers_of_rule(rule: Rule, form: Form) -> Iterator[str]:
    """Yield the answers of a form that a rule concerns, found by its lines and by its bad example."""
    for line in rule.lines(form) if rule.lines else ():
        yield from (form.tables[line.each].path(column) if line.each else column for column in line.on)
    # a mistake of the sheet, not of an answer, concerns no answer
    if not rule.bad or not _fits(rule.bad, form) or all(path.startswith("seen.") for path in rule.bad):
        return
    for hit in rule.check(example.subject(form, rule.bad)):
        yield from map(without_rows, hit.fields)
    for path, value in _moved_mistakes(rule.bad, form):
        if any(path in hit.fields[:1] for hit in rule.check(example.subject(form, {path: value}))):
            yield without_rows(path)


def _fits(patch: Mapping[str, Any], form: Form) -> bool:
    """Return whether the form has an example and all answers of these values, so that they can be laid over it."""
    return example.has_example(form) and all(without_rows(path) in answers(form) or _is_around(path) for path in patch)


def _is_around(path: str) -> bool:
    """Return whether a path in an example is about the unit or the sheet and not about an answer."""
    return path.startswith(("unit.", "seen."))


def _moved_mistakes(bad: Mapping[str, Any], form: Form) -> Iterator[tuple[str, Any]]:
    """Yield the wrong values of a bad example with the paths of the form's other answers of the same kind.

    For a column of a table it is the path in the first row.
    """
    fields = answers(form)
    first_paths = {id: id for id in form.fields}
    for table in form.tables.values():
        first_paths |= {table.path(id): table.address(id, *[0] * len(table.lists)) for id in table.columns}
    for path, value in bad.items():
        if own := fields.get(without_rows(path)):
            for id, field in fields.items():
                if id != without_rows(path) and _kind(field) == _kind(own):
                    yield first_paths[id], value


def _kind(field: Field) -> tuple[str, bool]:
    """Return the kind of an answer, with all free texts being one kind, and whether it is given."""
    return "text" if field.type.free_text else field.type.name, field.given
