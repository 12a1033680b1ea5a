"""The units to remind as a workbook: the list, and the texts to paste."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from perfxl import messages
from perfxl.report.board_table import two_lines
from perfxl.report.reminder import reminder_rows, reminder_texts
from perfxl.rounds.reminders import Reminder
from perfxl.rounds.round import Round
from perfxl.workbook.lists.list_workbook import Column, Tab, write_tabs

_WIDTHS: Mapping[str, float] = {
    "serial": 5, "code": 10, "name": 26, "projects": 6, "missing": 6, "listed": 40, "deadline": 12, "left": 9,
    "instead": 16, "contact": 13, "reminded": 6,
}  # fmt: skip
_CENTRED = ("serial", "code", "projects", "missing", "reminded")


def reminder_workbook(round: Round, reminders: Sequence[Reminder], now: str, lang: str) -> bytes:
    """Return an .xlsx with the list, and with the texts on a second tab."""
    title = messages.say("rounds.remind.title", {"name": round.name}, lang)
    missing = sum(len(reminder.missing) for reminder in reminders)
    note = messages.say("rounds.remind.summary", {"units": len(reminders), "projects": missing}, lang)
    columns = tuple(_column(key, width, lang) for key, width in _WIDTHS.items())
    rows = tuple(tuple(row[key] for key in _WIDTHS) for row in reminder_rows(reminders, lang))
    texts = reminder_texts(round, reminders, now, lang)
    everybody = messages.say("rounds.remind.everybody", {}, lang)
    sent = ((everybody, texts.for_all), *zip((one.unit.name for one in reminders), texts.by_unit, strict=True))
    to, text = _column("to", 26, lang), _column("text", 96, lang)
    names = [messages.say(f"rounds.remind.tab.{key}", {}, lang) for key in ("list", "texts")]
    return write_tabs([Tab(names[0], title, note, columns, rows), Tab(names[1], title, note, (to, text), sent)])


def _column(key: str, width: float, lang: str) -> Column:
    heading = messages.say(f"rounds.remind.column.{key}", {}, lang)
    return Column(two_lines(heading) if width < 8 else heading, width, align="center" if key in _CENTRED else "")
