"""The units to remind (催报名单), and the texts to paste: one for all, one for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from perfxl import messages
from perfxl.report.board_table import two_lines
from perfxl.rounds.board import TROUBLES, Trouble
from perfxl.rounds.moment import moment
from perfxl.rounds.reminders import Reminder
from perfxl.rounds.round import Round
from perfxl.workbook.lists.list_workbook import Column, Tab, Value, write_tabs

NAMED = 8
"""So many missing projects are named in a text; of more the first."""

_WIDTHS: Mapping[str, float] = {
    "serial": 5, "code": 10, "name": 26, "projects": 6, "missing": 6, "listed": 40, "deadline": 12, "left": 9,
    "instead": 16, "contact": 13, "reminded": 6,
}  # fmt: skip
_CENTRED = ("serial", "code", "projects", "missing", "reminded")


@dataclass(frozen=True)
class ReminderTexts:
    """The texts to paste: for all units together, and for each by itself."""

    for_all: str
    by_unit: tuple[str, ...]


def reminder_texts(round: Round, reminders: Sequence[Reminder], now: str, lang: str) -> ReminderTexts:
    """Return the texts to paste. ``now``: the ISO time as of which all has been counted."""
    own = {"name": "", "office": round.office, "phone": round.phone, "round": round.name, "now": moment(now, lang)}
    every = [_in_list(reminder, round, lang) for reminder in reminders]
    over = all(reminder.over for reminder in reminders if reminder.deadline == round.deadline)
    facts = {**own, "units": len(reminders), "listed": messages.say("rounds.board.list", {"words": every}, lang)}
    facts |= {"deadline": moment(round.deadline, lang), "over": over}
    texts = [messages.say("rounds.remind.one", {**own, **_facts(reminder, lang)}, lang) for reminder in reminders]
    return ReminderTexts(messages.say("rounds.remind.all", facts, lang) if reminders else "", tuple(texts))


def _in_list(reminder: Reminder, round: Round, lang: str) -> str:
    """Return a unit as the text for all has it; a deadline of its own is said."""
    facts = _facts(reminder, lang)
    if reminder.deadline == round.deadline or reminder.over:
        facts["deadline"] = ""
    return messages.say("rounds.remind.in_list", facts, lang)


def _facts(reminder: Reminder, lang: str) -> dict[str, Any]:
    named = [_project(one.number, one.name, lang) for one in reminder.missing[:NAMED]]
    instead = [_instead(kind, lang) for kind in TROUBLES if kind in reminder.troubles]
    return {
        "name": reminder.unit.name,
        "count": len(reminder.missing),
        "projects": reminder.projects,
        "listed": messages.say("rounds.board.list", {"words": named}, lang),
        "more": len(reminder.missing) > NAMED,
        "instead": messages.say("rounds.board.list", {"words": [words for words in instead if words]}, lang),
        "deadline": moment(reminder.deadline, lang),
        "days": reminder.days,
        "over": reminder.over,
    }


def _project(number: int, name: str, lang: str) -> str:
    return messages.say("rounds.remind.project", {"number": number, "name": name}, lang)


def _instead(kind: Trouble, lang: str) -> str:
    """Return what came in place of the workbook, as it is said to the unit; empty for what concerns the office."""
    key = f"rounds.remind.instead.{kind}"
    return messages.say(key, {}, lang) if messages.has_text(key, lang) else ""


def reminder_lines(round: Round, reminders: Sequence[Reminder], now: str, lang: str) -> Iterator[str]:
    """Yield the list, and below it the texts to paste: the lines of the terminal and of a text file."""
    if not reminders:
        yield messages.say("rounds.remind.none", {}, lang)
        return
    yield messages.say("rounds.remind.title", {"name": round.name}, lang)
    for row in _rows(reminders, lang):
        yield messages.say("rounds.remind.line", row, lang)
    texts = reminder_texts(round, reminders, now, lang)
    for heading, several in (("all", (texts.for_all,)), ("one", texts.by_unit)):
        yield ""
        yield messages.say(f"rounds.remind.heading.{heading}", {}, lang)
        yield from several


def _rows(reminders: Sequence[Reminder], lang: str) -> Iterator[dict[str, Value]]:
    """Yield the values of the list, by column."""
    for number, reminder in enumerate(reminders, start=1):
        facts = _facts(reminder, lang)
        words = [_project(one.number, one.name, lang) for one in reminder.missing]
        yield {
            "serial": number,
            "code": reminder.unit.code,
            "name": reminder.unit.name,
            "projects": reminder.projects,
            "missing": len(reminder.missing),
            "listed": messages.say("rounds.board.list", {"words": words}, lang),
            "deadline": facts["deadline"],
            "left": messages.say("rounds.remind.left", facts, lang),
            "instead": facts["instead"],
            "contact": " ".join(filter(None, (reminder.unit.contact, reminder.unit.phone))),
            "reminded": reminder.reminded or None,
        }


def reminder_workbook(round: Round, reminders: Sequence[Reminder], now: str, lang: str) -> bytes:
    """Return an .xlsx with the list, and with the texts on a second tab."""
    title = messages.say("rounds.remind.title", {"name": round.name}, lang)
    missing = sum(len(reminder.missing) for reminder in reminders)
    note = messages.say("rounds.remind.summary", {"units": len(reminders), "projects": missing}, lang)
    columns = tuple(_column(key, width, lang) for key, width in _WIDTHS.items())
    rows = tuple(tuple(row[key] for key in _WIDTHS) for row in _rows(reminders, lang))
    texts = reminder_texts(round, reminders, now, lang)
    everybody = messages.say("rounds.remind.everybody", {}, lang)
    sent = ((everybody, texts.for_all), *zip((one.unit.name for one in reminders), texts.by_unit, strict=True))
    to, text = _column("to", 26, lang), _column("text", 96, lang)
    names = [messages.say(f"rounds.remind.tab.{key}", {}, lang) for key in ("list", "texts")]
    return write_tabs([Tab(names[0], title, note, columns, rows), Tab(names[1], title, note, (to, text), sent)])


def _column(key: str, width: float, lang: str) -> Column:
    heading = messages.say(f"rounds.remind.column.{key}", {}, lang)
    return Column(two_lines(heading) if width < 8 else heading, width, align="center" if key in _CENTRED else "")
