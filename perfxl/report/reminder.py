"""The units to remind (催报名单), and the texts to paste: one for all, one for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from perfxl import messages
from perfxl.rounds.board import TROUBLES, Trouble
from perfxl.rounds.moment import moment
from perfxl.rounds.reminders import Reminder
from perfxl.rounds.round import Round

NAMED = 8
"""So many missing projects are named in a text; of more the first."""


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
    for row in reminder_rows(reminders, lang):
        yield messages.say("rounds.remind.line", row, lang)
    texts = reminder_texts(round, reminders, now, lang)
    for heading, several in (("all", (texts.for_all,)), ("one", texts.by_unit)):
        yield ""
        yield messages.say(f"rounds.remind.heading.{heading}", {}, lang)
        yield from several


def reminder_rows(reminders: Sequence[Reminder], lang: str) -> Iterator[dict[str, str | int | None]]:
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
