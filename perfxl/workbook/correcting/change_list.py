"""The sheet 代改清单 (list of corrections made): every changed answer with old text, new text and reason.

When the workbook returns, the list is read back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jinja2

from perfxl import messages, rules
from perfxl.finding import Finding
from perfxl.messages.places import Place, locate
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
from perfxl.workbook.opinions import opinion_key
from perfxl.workbook.opinions.line import FindingGroup as Numbered
from perfxl.workbook.opinions.line import mark_text, sheet_title
from perfxl.workbook.opinions.list_formats import ListFormats
from perfxl.workbook.reading.read import Reading

WORDS = "sheet.corrections"
COLUMNS = (
    ("mark", 10.0), ("project", 18.0), ("place", 24.0), ("cell", 9.0), ("before", 43.0), ("after", 43.0),
    ("basis", 43.0), ("key", 0.0),
)  # fmt: skip
PUT_BACK = ("CO-01", "ID-07", "ID-08")
"""The checks of the values that were issued: these are put back, whatever else is corrected."""


@dataclass(frozen=True)
class ListedChange:
    """One answer that was changed.

    ``sheet``: the tab it stands on now; ``path``, ``cell``: where it stands there, the cell empty where it is not
    shown; ``located``: the same in the form's words; ``before`` and ``after``: its texts; ``steps``: the reasons;
    ``numbers``: its numbers in 审核意见 (review comments); ``listed``: it was changed before, as a list in the workbook
    says.
    """

    sheet: str
    path: str
    cell: str
    located: Place
    before: str
    after: str
    steps: tuple[Step, ...]
    numbers: tuple[int, ...] = ()
    listed: bool = False

    @property
    def corrected(self) -> bool:
        """True if it was corrected, not only spelled as it was understood."""
        return any(step.code != UNDERSTOOD for step in self.steps)

    def place(self, lang: str = messages.DEFAULT) -> str:
        """Return the answer's place in the words of the form."""
        return messages.place_words(self.located, lang)

    def basis(self, policy: Policy, lang: str = messages.DEFAULT) -> str:
        """Return the reasons for the change, a line each: what the checks require, or how it was understood."""
        return "\n".join(dict.fromkeys(_step_basis(step, policy, lang) for step in self.steps))


Past = Mapping[str, str]
"""A line of an earlier list whose answer was changed again since then, or is gone: its texts by column."""


def write_change_list(
    changes: Sequence[tuple[Reading, ListedChange]],
    past: Sequence[Past],
    many: bool,
    unit: str,
    policy: Policy,
    looks: ListFormats,
) -> bytes:
    """Return the sheet's part. ``many``: there are several projects, so that each line names its own."""
    facts = {"corrected": sum(change.corrected for _, change in changes)}
    facts["understood"] = len(changes) - facts["corrected"]
    columns = tuple(column for column in COLUMNS if many or column[0] != "project")
    past_mark, note = (messages.say(f"sheet.corrections.{word}", {}, looks.lang) for word in ("past", "note"))
    lines = (
        *(_change_line(reading, change, policy, looks.lang) for reading, change in changes),
        *(ListLine({**texts, "mark": past_mark}) for texts in past),
    )
    summary = messages.say("sheet.corrections.summary", facts, looks.lang)
    return listing.write_listing(Listing(WORDS, unit, summary, note, columns, lines), looks)


def read_change_list(workbook: Workbook, readings: Sequence[Reading]) -> tuple[list[dict[str, Trace]], list[Past]]:
    """Return the changes that an earlier list tells and that still stand, for each sheet; and the list's other lines.

    A change still stands where the answer's present text is the one that the list shows as new.
    """
    traces: list[dict[str, Trace]] = [{} for _ in readings]
    past: list[Past] = []
    known: dict[str, list[_Reason]] = {}
    for texts in listing.read_listing(workbook, WORDS, [id for id, _ in COLUMNS], "basis"):
        known = known or _known_codes(readings)
        steps = _read_key(texts.get("key", ""), known)
        standing = (
            (sheet, path)
            for sheet, path in steps
            if path not in traces[sheet] and texts.get("after", "") in _shown_texts(text_at(readings[sheet], path))
        )
        if place := next(standing, None):
            traces[place[0]][place[1]] = Trace(texts.get("before", ""), steps[place], listed=True)
        else:
            past.append({id: texts[id] for id, _ in COLUMNS if id in texts and id != "key"})
    return traces, past


def changes_by_rewriting(reading: Reading, findings: Sequence[Finding], before: Traces) -> Traces:
    """Return the traces with what writing a sheet anew changes by itself.

    That is: given values that differ from what was issued are put back, answers are spelled as they were understood.
    """
    steps: dict[str, Step] = {}
    for note in reading.submission.notes:
        if note.how and note.field not in before:
            steps[note.field] = Step(UNDERSTOOD, {"how": list(note.how)})
    steps |= {finding.field: correction_step(finding) for finding in findings if finding.code in PUT_BACK}
    return add_steps(before, {path: text_at(reading, path) for path in steps}, steps)


def list_changes(reading: Reading, traces: Traces) -> Iterator[ListedChange]:
    """Yield the answers whose text differs from what it was at first, in the sheet's order."""
    for path, trace in sorted(traces.items(), key=lambda item: (cell_of(reading, item[0]) or (-1, -1), item[0])):
        after = text_at(reading, path)
        if after != trace.before:
            place, located = cell_of(reading, path), locate(path, reading.located.form, reading.submission.record)
            yield ListedChange(
                sheet=reading.submission.sheet,
                path=path,
                cell=address(*place) if place else "",
                located=located,
                before=trace.before,
                after=after,
                steps=trace.steps,
                listed=trace.listed,
            )


def opinion_numbers(change: ListedChange, lines: Sequence[Numbered]) -> tuple[int, ...]:
    """Return the numbers of the lines of 审核意见 that are about a change."""
    codes = {step.code for step in change.steps}
    return tuple(
        line.number
        for line in lines
        if line.number and any(finding.done and change.path in finding.fields for finding in line.findings)
        if correction_step(line.first).code in codes
    )


def _change_line(reading: Reading, change: ListedChange, policy: Policy, lang: str) -> ListLine:
    marks = [mark_text("fix", number, lang) for number in change.numbers]
    empty = messages.say("sheet.opinions.empty", {}, lang)
    texts = {
        "mark": messages.say("sheet.items", {"items": marks}, lang)
        or messages.say("sheet.corrections.understood", {}, lang),
        "project": sheet_title(reading),
        "place": change.place(lang),
        "cell": change.cell,
        "before": change.before or empty,
        "after": change.after or empty,
        "basis": change.basis(policy, lang),
        "key": _write_key(reading, change),
    }
    looks: dict[str, listing.Look] = {"mark": "corrected" if marks else "nothing", "cell": "link"}
    return ListLine(texts, looks, change.sheet)


def _shown_texts(text: str) -> frozenset[str]:
    """Return a text as lists of any language show it."""
    return frozenset({text}) if text else messages.spellings("sheet.opinions.empty")


def _step_basis(step: Step, policy: Policy, lang: str) -> str:
    if step.code == UNDERSTOOD:
        how = [messages.say(f"types.how.{word}", {}, lang) for word in step.facts.get("how", ())]
        return messages.say("types.understood", {"how": how}, lang)
    check = catalogue.check(step.code)
    return check.must(policy, lang) or check.title(lang)


def _write_key(reading: Reading, change: ListedChange) -> str:
    """Return the text of the hidden column: for each step the code by which it is known again, and its facts."""
    steps = [[_step_code(reading, change.path, step.code), step.facts] for step in change.steps]
    return json.dumps(steps, ensure_ascii=False, separators=(",", ":"))


def _step_code(reading: Reading, path: str, code: str) -> str:
    return opinion_key.field_code(opinion_key.sheet_keys(reading), path, "corrected", code)


_Reason = tuple[int, str, str]
"""A possible step: the sheet's number, the path, the check's code."""


def _known_codes(readings: Sequence[Reading]) -> dict[str, list[_Reason]]:
    """Return the code of every possible step with the steps that it may mean; the same sheet may be there twice."""
    codes = [code for code, severity in rules.own_severities().items() if severity == "fix"]
    known: dict[str, list[_Reason]] = {}
    for sheet, reading in enumerate(readings):
        for path in dict.fromkeys((*reading.submission.places, *reading.submission.issued)):
            for code in (*codes, *PUT_BACK, UNDERSTOOD):
                known.setdefault(_step_code(reading, path, code), []).append((sheet, path, code))
    return known


def _read_key(key: str, known: Mapping[str, Sequence[_Reason]]) -> dict[tuple[int, str], tuple[Step, ...]]:
    """Return the steps that a text of the hidden column tells, for each sheet and path that it may mean.

    Empty where the text is not as ``_write_key`` makes it: a person may have changed it.
    """
    try:
        by_place: dict[tuple[int, str], tuple[Step, ...]] = {}
        entries: Any = json.loads(key)
        for letters, facts in entries:
            for sheet, path, code in known[letters]:
                step = _check_step(Step(code, dict(facts)))
                by_place[sheet, path] = (*by_place.get((sheet, path), ()), step)
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError, jinja2.TemplateError):
        return {}
    return {place: steps for place, steps in by_place.items() if len(steps) == len(entries)}


def _check_step(step: Step) -> Step:
    """Return the step. Raises an error where its facts are not those that its sentence needs."""
    if step.code != UNDERSTOOD:
        step_sentence(step)
    elif not all(messages.has_text(f"types.how.{word}") for word in step.facts.get("how", ())):
        raise ValueError(step)
    return step
