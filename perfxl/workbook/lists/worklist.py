"""The reviewer's working list: every open opinion on some workbooks with room for a decision, and rows for remarks.

It is written from the workbooks that came back, filled in by the reviewer, and read again when these workbooks are
flagged. Only decisions from this list are trusted: the sheet 审核意见 (review opinions) is in the unit's hands, too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, partial

from perfxl import messages
from perfxl.errors import ListError
from perfxl.finding import RULINGS, Decision
from perfxl.workbook.lists import list_workbook as lists
from perfxl.workbook.lists.list_workbook import Column, ListRow, Tab
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.opinions import opinion_key
from perfxl.workbook.opinions.opinion import REMARKED, Opinion
from perfxl.workbook.opinions.opinion_sheet import shown_cells
from perfxl.workbook.opinions.remarks import Remark
from perfxl.workbook.opinions.replies import Orders, Ruled, by_code, read_decision

SPARE = 30  # rows for remarks

_LINES = (
    ("file", 22.0), ("project", 16.0), ("place", 16.0), ("cell", 10.5), ("mark", 7.0), ("opinion", 40.0),
    ("explanation", 28.0), ("decision", 11.0), ("by", 9.0), ("at", 12.0), ("key", 0.0),
)  # fmt: skip
_REMARKS = (
    ("file", 22.0), ("project", 16.0), ("cell", 10.5), ("mark", 7.0), ("what", 40.0), ("todo", 40.0), ("by", 9.0),
    ("at", 12.0),
)  # fmt: skip
_FILLED_IN = ("decision", "by", "at")
_DECIDED = (*_FILLED_IN, "key")


@dataclass(frozen=True)
class WorklistBook:
    """One workbook of the list: its name there, its projects and its opinions."""

    file: str
    projects: tuple[str, ...]
    opinions: tuple[Opinion, ...]


@dataclass(frozen=True)
class Worklist:
    """The list as it was filled in: decisions, and remarks by their cells, each with the file that it names.

    ``problems``: the reason why an entry cannot be used, by the entry's cell.
    """

    ruled: tuple[Ruled, ...]
    remarks: Mapping[str, tuple[str, Remark]]
    problems: Mapping[str, str]

    def orders(self, file: str, alone: bool) -> Orders:
        """Return the decisions and remarks for one workbook.

        All decisions are returned, since their keys identify the lines, in one mapping for all workbooks; remarks are
        selected by the file they name. ``alone``: this is the only workbook; then a remark need not name it.
        """
        remarks = {
            cell: remark for cell, (named, remark) in self.remarks.items() if _names_workbook(named, file, alone)
        }
        return Orders(self._ruled_by_code, remarks)

    @cached_property
    def _ruled_by_code(self) -> Mapping[str, Sequence[Ruled]]:
        return by_code(self.ruled)

    def missed(self, by_file: Iterable[tuple[Collection[str], Mapping[str, str]]]) -> dict[str, str]:
        """Return the reasons why entries of the list could not be applied to any workbook, by the entries' cells.

        ``by_file``: for each workbook the cells it followed, and those of remarks it could not apply (cell → reason).
        """
        reasons = {cell: "file" if named else "which" for cell, (named, _) in self.remarks.items()}
        for at, (followed, missed) in enumerate(by_file):
            if at == 0:  # where no workbook was flagged, it is not known whether a finding is gone
                reasons |= {ruled.cell: "gone" for ruled in self.ruled}
            reasons |= {cell: why for cell, why in missed.items() if reasons[cell]}
            reasons |= dict.fromkeys(followed, "")
        return {**self.problems, **{cell: reason for cell, reason in reasons.items() if reason}}


def write_worklist(books: Sequence[WorklistBook], notes: str = "sheet.worklist", lang: str = messages.DEFAULT) -> bytes:
    """Return the list as the bytes of a workbook. The same opinions give the same bytes.

    ``notes``: the key of the words that say what to do with the list; ``lang``: the list's language.
    """
    say = partial(messages.say, lang=lang)
    rulings = tuple(say(f"sheet.decisions.{ruling}") for ruling in RULINGS)
    marks = tuple(say(f"sheet.marks_long.{severity}") for severity in REMARKED)
    files = tuple(book.file for book in books)
    projects = tuple(dict.fromkeys(project for book in books for project in book.projects))
    choices = {"decision": rulings, "mark": marks, "file": files, "project": projects}
    lines = tuple(
        _opinion_row(book.file, opinion, lang)
        for book in books
        for opinion in book.opinions
        if opinion.live.state != "done"
    )
    return lists.write_tabs(
        (
            _make_tab(
                "lines", _LINES, lines, {"decision": rulings}, say(f"{notes}.lines.note"), lang, locked=_FILLED_IN
            ),
            _make_tab("remarks", _REMARKS, (), choices, say(f"{notes}.remarks.note"), lang, spare=SPARE),
        )
    )


def read_worklist(workbook: Workbook) -> Worklist:
    """Read a list that was filled in. Raises ListError if neither of its tabs is there."""
    rows: dict[str, list[ListRow]] = {}
    lang = messages.DEFAULT
    for tab, columns in (("lines", _DECIDED), ("remarks", [id for id, _ in _REMARKS])):
        for spoken in messages.languages():
            with suppress(ListError):
                rows[tab] = lists.read_tab(workbook, [_heading(id, spoken) for id in columns])
                lang = spoken
                break
    if not rows:
        lists.read_tab(workbook, [_heading(id, lang) for id in _DECIDED])  # raises the error
    problems: dict[str, str] = {}
    ruled = tuple(_read_decisions(rows.get("lines", ()), lang, problems))
    typed = (
        row for row in rows.get("remarks", ()) if any(_cell_text(row, id, lang) for id in ("cell", "what", "todo"))
    )
    remarks = {
        row.cell(_heading("what", lang)): (_cell_text(row, "file", lang), _make_remark(row, lang)) for row in typed
    }
    return Worklist(ruled, remarks, problems)


def _make_tab(
    id: str,
    columns: Sequence[tuple[str, float]],
    rows: tuple[tuple[str, ...], ...],
    choices: Mapping[str, tuple[str, ...]],
    note: str,
    lang: str,
    locked: Sequence[str] = (),
    spare: int = 0,
) -> Tab:
    """Build the tab ``lines`` or ``remarks``.

    ``columns``: their ids and widths; ``choices``: drop-downs by column id; ``locked``: the ids of the columns that
    stay open while all others are locked; if it is empty, no column is locked.
    """
    tab_columns = tuple(
        Column(_heading(column, lang), width, choices.get(column, ()), bool(locked) and column not in locked)
        for column, width in columns
    )
    name, title = (messages.say(f"sheet.worklist.{id}.{part}", {}, lang) for part in ("tab", "title"))
    return Tab(name, title, note, tab_columns, rows, spare, lang=lang)


def _heading(id: str, lang: str) -> str:
    return messages.say(f"sheet.worklist.headers.{id}", {}, lang)


def _opinion_row(file: str, opinion: Opinion, lang: str) -> tuple[str, ...]:
    """Return the row of an opinion, in the order of the columns."""
    decision = read_decision(opinion.replies.decision.split("\n")[-1])
    word = messages.say(f"sheet.decisions.{decision.ruling}", {}, lang) if decision else ""
    texts = {
        "file": file,
        "project": opinion.where.project,
        "place": opinion.where.place,
        "cell": shown_cells(opinion.where.cells, lang),
        "mark": messages.say(f"sheet.marks_long.{opinion.severity}", {}, lang),
        "opinion": opinion.text.what,
        "explanation": opinion.replies.explanation,
        "decision": word,
        "by": decision.by if decision else "",
        "at": decision.at if decision else "",
        "key": opinion.key,
    }
    return tuple(texts[id] for id, _ in _LINES)


def _cell_text(row: ListRow, id: str, lang: str) -> str:
    return row.text(_heading(id, lang))


def _read_decisions(rows: Sequence[ListRow], lang: str, problems: dict[str, str]) -> Iterator[Ruled]:
    """Yield the decisions, and put those with an unknown word or a damaged key into ``problems``."""
    words = messages.ids_by_word("sheet.decisions", RULINGS)
    for row in rows:
        if not (word := _cell_text(row, "decision", lang)):
            continue
        cell = row.cell(_heading("decision", lang))
        key = opinion_key.parse_key(_cell_text(row, "key", lang))
        if word in words and key:
            by, at = _cell_text(row, "by", lang), _normalise_date(_cell_text(row, "at", lang))
            yield Ruled(key, Decision(words[word], by, at), cell)
        else:
            problems[cell] = "key" if word in words else "word"


def _make_remark(row: ListRow, lang: str) -> Remark:
    texts = {id: _cell_text(row, id, lang) for id, _ in _REMARKS}
    parts = [part for part in (texts["by"], _normalise_date(texts["at"])) if part]
    by = messages.say("sheet.decision", {"items": parts}, lang)
    return Remark(texts["mark"], texts["project"], texts["cell"], texts["what"], texts["todo"], by)


def _normalise_date(text: str) -> str:
    """Return an ISO date for Excel's serial number of a day, and any other text as it is."""
    if re.fullmatch(r"[3-6]\d{4}", text):
        return (date(1899, 12, 30) + timedelta(days=int(text))).isoformat()
    return text


def _names_workbook(named: str, file: str, alone: bool) -> bool:
    """Return True if a remark is about this workbook: it gives its name, with or without folder and extension.

    ``alone``: there is no other workbook; then a remark without a name is about this one.
    """
    short = file.rpartition("/")[2]
    return named in (file, short, short.rpartition(".")[0]) or (alone and not named)
