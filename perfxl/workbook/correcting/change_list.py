"""代改清单: every answer that was changed, as it was and as it is, with the reason; read back when it returns."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jinja2

from perfxl import messages, rules
from perfxl.finding import Finding
from perfxl.rules import catalogue
from perfxl.rules.policy import Policy
from perfxl.workbook.correcting import listing
from perfxl.workbook.correcting.change import (
    UNDERSTOOD,
    Step,
    Trace,
    Traces,
    add_steps,
    cell_of,
    correction_step,
    step_sentence,
    text_at,
)
from perfxl.workbook.correcting.listing import Listing, ListLine
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.formula import address
from perfxl.workbook.ooxml.stylesheet import Stylesheet
from perfxl.workbook.opinions import opinion_key
from perfxl.workbook.opinions.line import FindingGroup as Numbered
from perfxl.workbook.opinions.line import mark_text, sheet_title
from perfxl.workbook.reading.read import Reading

WORDS = "sheet.corrections"
COLUMNS = (
    ("mark", 10.0), ("project", 18.0), ("place", 24.0), ("cell", 9.0), ("before", 43.0), ("after", 43.0),
    ("basis", 43.0), ("key", 0.0),
)  # fmt: skip
PUT_BACK = ("ID-07", "ID-08")
"""The checks of what was issued: it is put back, whatever else is corrected."""


@dataclass(frozen=True)
class ListedChange:
    """One answer that was changed: where it stands now, as it was and is, why; its numbers in 审核意见.

    ``listed``: it was changed before, as a list in the workbook says.
    """

    reading: Reading
    path: str
    before: str
    after: str
    steps: tuple[Step, ...]
    numbers: tuple[int, ...] = ()
    listed: bool = False

    @property
    def cell(self) -> str:
        """Its address; empty where it is not on the sheet."""
        place = cell_of(self.reading, self.path)
        return address(*place) if place else ""

    @property
    def corrected(self) -> bool:
        """Whether it is more than spelled as it was understood."""
        return any(correction_step.code != UNDERSTOOD for correction_step in self.steps)

    def place(self, lang: str = messages.DEFAULT) -> str:
        """Where it stands, in the form's words."""
        return messages.place(self.path, self.reading.located.form, self.reading.submission.record, lang)

    def basis(self, policy: Policy, lang: str = messages.DEFAULT) -> str:
        """Why it was changed: what the checks require, or how it was understood."""
        return "\n".join(dict.fromkeys(_basis(correction_step, policy, lang) for correction_step in self.steps))


Past = Mapping[str, str]
"""A line of an earlier list whose answer was changed again since, or is gone: its texts by column."""


def write_change_list(
    changes: Sequence[ListedChange], past: Sequence[Past], many: bool, unit: str, policy: Policy, styles: Stylesheet
) -> bytes:
    """The sheet's part. ``many``: there are several projects, so that each line names its own."""
    facts = {"corrected": sum(each.corrected for each in changes)}
    facts["understood"] = len(changes) - facts["corrected"]
    columns = tuple(each for each in COLUMNS if many or each[0] != "project")
    lines = (*(_line(each, policy) for each in changes), *(ListLine({**each, "mark": _past()}) for each in past))
    summary, note = messages.say("sheet.corrections.summary", facts), messages.say("sheet.corrections.note")
    return listing.write_listing(Listing(WORDS, unit, summary, note, columns, lines), styles)


def read_change_list(workbook: Workbook, readings: Sequence[Reading]) -> tuple[list[dict[str, Trace]], list[Past]]:
    """The changes of each sheet that an earlier list tells and that still stand; and its other lines."""
    traces: list[dict[str, Trace]] = [{} for _ in readings]
    past: list[Past] = []
    known: dict[str, list[_Reason]] = {}
    for texts in listing.read_listing(workbook, WORDS, [id for id, _ in COLUMNS], "basis"):
        known = known or _known(readings)
        steps = _steps(texts.get("key", ""), known)
        still = (
            (sheet, path)
            for sheet, path in steps
            if path not in traces[sheet] and _said(text_at(readings[sheet], path)) == texts.get("after", "")
        )
        if place := next(still, None):
            traces[place[0]][place[1]] = Trace(texts.get("before", ""), steps[place], listed=True)
        else:
            past.append({id: texts[id] for id, _ in COLUMNS if id in texts and id != "key"})
    return traces, past


def changes_by_rewriting(reading: Reading, findings: Sequence[Finding], before: Traces) -> Traces:
    """What writing a sheet anew changes by itself: given values that differ from what was issued, other spellings."""
    steps: dict[str, Step] = {}
    for note in reading.submission.notes:
        if note.how and note.field not in before:
            steps[note.field] = Step(UNDERSTOOD, {"how": list(note.how)})
    steps |= {each.field: correction_step(each) for each in findings if each.code in PUT_BACK}
    return add_steps(before, {path: text_at(reading, path) for path in steps}, steps)


def list_changes(reading: Reading, traces: Traces) -> Iterator[ListedChange]:
    """What is otherwise now than it was, in the sheet's order."""
    for path, trace in sorted(traces.items(), key=lambda item: (cell_of(reading, item[0]) or (-1, -1), item[0])):
        after = text_at(reading, path)
        if after != trace.before:
            yield ListedChange(reading, path, trace.before, after, trace.steps, listed=trace.listed)


def opinion_numbers(change: ListedChange, lines: Sequence[Numbered]) -> tuple[int, ...]:
    """The numbers under which 审核意见 has a change."""
    return tuple(
        line.number
        for line in lines
        if line.number and any(each.done and change.path in each.fields for each in line.findings)
        if correction_step(line.first).code in {each.code for each in change.steps}
    )


def _line(change: ListedChange, policy: Policy) -> ListLine:
    sheet = change.reading.located.sheet.name
    marks = [mark_text("fix", number) for number in change.numbers]
    texts = {
        "mark": "、".join(marks) or messages.say("sheet.corrections.understood"),
        "project": sheet_title(change.reading),
        "place": change.place(),
        "cell": change.cell,
        "before": _said(change.before),
        "after": _said(change.after),
        "basis": change.basis(policy),
        "key": _key(change),
    }
    looks: dict[str, listing.Look] = {"mark": "corrected" if marks else "nothing", "cell": "link"}
    return ListLine(texts, looks, sheet)


def _said(text: str) -> str:
    return text or messages.say("sheet.opinions.empty")


def _past() -> str:
    return messages.say("sheet.corrections.past")


def _basis(step: Step, policy: Policy, lang: str) -> str:
    if step.code == UNDERSTOOD:
        how = [messages.say(f"kinds.how.{word}", {}, lang) for word in step.facts.get("how", ())]
        return messages.say("kinds.understood", {"how": how}, lang)
    check = catalogue.check(step.code)
    return check.must(policy, lang) or check.title(lang)


def _key(change: ListedChange) -> str:
    """By what the line is known again, and the facts that its sentences need: a hidden column."""
    steps = [[_code(change.reading, change.path, step.code), step.facts] for step in change.steps]
    return json.dumps(steps, ensure_ascii=False, separators=(",", ":"))


def _code(reading: Reading, path: str, code: str) -> str:
    return opinion_key.field_code(reading, path, "corrected", code)


_Reason = tuple[int, str, str]
"""Of which sheet, which path, by which check."""


def _known(readings: Sequence[Reading]) -> dict[str, list[_Reason]]:
    """The key of every change that could be; a sheet may be there twice."""
    codes = [code for code, severity in rules.own_severities().items() if severity == "fix"]
    found: dict[str, list[_Reason]] = {}
    for sheet, reading in enumerate(readings):
        for path in dict.fromkeys((*reading.submission.places, *reading.submission.issued)):
            for code in (*codes, *PUT_BACK, UNDERSTOOD):
                found.setdefault(_code(reading, path, code), []).append((sheet, path, code))
    return found


def _steps(key: str, known: Mapping[str, Sequence[_Reason]]) -> dict[tuple[int, str], tuple[Step, ...]]:
    """The steps that a hidden key tells, for each place that it may mean; none where a person has changed it."""
    try:
        found: dict[tuple[int, str], tuple[Step, ...]] = {}
        read: Any = json.loads(key)
        for letters, facts in read:
            for sheet, path, code in known[letters]:
                found[sheet, path] = (*found.get((sheet, path), ()), _checked_step(Step(code, dict(facts))))
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError, jinja2.TemplateError):
        return {}
    return {place: steps for place, steps in found.items() if len(steps) == len(read)}


def _checked_step(step: Step) -> Step:
    """The step; raises where its facts are not those that its sentence needs."""
    if step.code != UNDERSTOOD:
        step_sentence(step)
    elif not all(messages.has_text(f"kinds.how.{word}") for word in step.facts.get("how", ())):
        raise ValueError(step)
    return step
