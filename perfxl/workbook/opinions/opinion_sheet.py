"""The sheet 审核意见 (review opinions): every finding of a workbook with a link to its cell and its live state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import get_args

from perfxl import messages
from perfxl.finding import SEVERITIES
from perfxl.rules.policy import Policy
from perfxl.workbook.ooxml.edit import escape_text, quote_attribute
from perfxl.workbook.ooxml.formula import Reach, add_marker, blank_formula, column_letters, text_literal
from perfxl.workbook.ooxml.formula import quote_sheet as quoted_sheet
from perfxl.workbook.ooxml.sheet_writer import (
    CellXml,
    ListXml,
    columns_xml,
    formula_cell,
    links_xml,
    row_xml,
    text_cell,
)
from perfxl.workbook.opinions.explanation import LONGEST, refusal_formula
from perfxl.workbook.opinions.list_formats import ListFormats
from perfxl.workbook.opinions.opinion import REMARKED, Opinion, State, Typed
from perfxl.workbook.sheet import look

COLUMNS = (
    ("mark", 7.2), ("project", 16.0), ("place", 18.0), ("cell", 9.0), ("content", 16.0), ("opinion", 38.0),
    ("todo", 31.0), ("explanation", 27.0), ("decision", 16.0), ("state", 12.0),
)  # fmt: skip
"""The visible columns, by what stands in them, and their widths in digits. Two hidden ones follow."""

HIDDEN = ("key", "projects")
TYPED = ("mark", "project", "cell", "opinion", "todo", "decision")
"""The columns of a row below the list into which a reviewer types."""

SPARE = 6  # rows for remarks, beyond those that are used
FIRST, HEADER = 5, 4  # rows, from 1: of the first line, and of the headings
LONGEST_FORMULA = 8192  # characters
LEAST_HEIGHT, MOST_HEIGHT = 30.0, 409.0  # of a line, in points; Excel allows no more


def write_opinion_sheet(
    opinions: Sequence[Opinion],
    typed: Sequence[Typed],
    projects: Sequence[str],
    heading: tuple[str, str, str],
    policy: Policy,
    looks: ListFormats,
) -> bytes:
    """Return the sheet's part as XML.

    ``typed``: the rows that stay below the list, since no finding could be made of them; ``projects``: those of the
    whole workbook; where there are several, the list has a column for them; ``heading``: the title, and below it, left
    and right, the unit and the printed code; ``looks``: the formats of the list, and its language.
    """
    return _Sheet(opinions, typed, projects, heading, policy, looks).xml()


def summary(opinions: Sequence[Opinion], lang: str) -> str:
    """Return a sentence that counts the opinions of each severity that nobody answered, and those that are settled."""
    listed = [opinion for opinion in opinions if opinion.number]
    open_ = [opinion for opinion in listed if opinion.live.state not in ("answered", "corrected")]
    counts: dict[str, int] = {
        severity: sum(opinion.severity == severity for opinion in open_) for severity in SEVERITIES
    }
    states = {"done": "corrected", "answered": "answered"}
    counts |= {word: sum(opinion.live.state == state for opinion in listed) for word, state in states.items()}
    return messages.say("sheet.opinions.summary", counts, lang)


_EXPLAINED: tuple[State, ...] = ("open", "refused", "answered")


class _Sheet:
    """The sheet being written; the positions of its parts follow from the number of its lines."""

    def __init__(
        self,
        opinions: Sequence[Opinion],
        typed: Sequence[Typed],
        projects: Sequence[str],
        heading: tuple[str, str, str],
        policy: Policy,
        looks: ListFormats,
    ) -> None:
        self.opinions, self.typed, self.projects, self.heading = opinions, typed, projects, heading
        self.policy, self.looks = policy, looks
        self.many = len(projects) > 1
        self.columns = [(id, width) for id, width in COLUMNS if self.many or id != "project"]
        self.hidden = HIDDEN if self.many else HIDDEN[:1]
        self.at = {id: at for at, id in enumerate([*(id for id, _ in self.columns), *self.hidden])}
        self.note = FIRST + max(len(opinions), 1)  # the row below the list
        self.block = self.note + 2  # the first row for remarks
        self.last = self.block + len(typed) + SPARE - 1
        self.reach = Reach(self.last - 1, len(self.columns) - 1, HEADER - 1, 0)
        # how many characters fit into a row of the least height
        self.fitting = {
            id: look.characters_that_fit(LEAST_HEIGHT, width, 10, 1, 0, looks.lang) for id, width in self.columns
        }
        self.marks = {severity: self.say(f"sheet.marks_long.{severity}") for severity in SEVERITIES}
        self.states = {state: self.say(f"sheet.opinions.states.{state}") for state in get_args(State)}

    def say(self, key: str, **facts: object) -> str:
        """Return words in the language of the list."""
        return messages.say(key, facts, self.looks.lang)

    def xml(self) -> bytes:
        """Return the whole part."""
        return ListXml(
            last_cell=f"{column_letters(len(self.at) - 1)}{max(self.last, FIRST - 1 + len(self.projects))}",
            columns=columns_xml([*(width for _, width in self.columns), *(0 for _ in self.hidden)], self.looks.locked),
            rows=self._rows(),
            merged=self._merged_ranges(),
            rest=f"{self._conditional_formats()}{self._validations()}{links_xml(self._links())}",
            footer=f"&L&8 {self.say('sheet.opinions.footer')}&R&8 {self.say('sheet.pages')}",
        ).part()

    def _merged_ranges(self) -> list[str]:
        last, half = column_letters(len(self.columns) - 1), len(self.columns) - 3
        refs = [f"A1:{last}1", f"A2:{column_letters(half)}2", f"{column_letters(half + 1)}2:{last}2", f"A3:{last}3"]
        refs += [f"A{row}:{last}{row}" for row in (self.note - (not self.opinions), self.note, self.note + 1)]
        return list(dict.fromkeys(refs))

    def _links(self) -> Iterator[tuple[str, str, str]]:
        """Yield the links from the list to the flagged cells: the linking cell, the target, the text."""
        column = column_letters(self.at["cell"])
        for row, opinion in enumerate(self.opinions, start=FIRST):
            where = opinion.where
            if where.cells and where.sheet:
                yield f"{column}{row}", f"{quoted_sheet(where.sheet)}!{where.cells[0]}", where.cells[0]

    def _explanation_cells(self) -> str:
        """Return the cells in which the unit may explain a finding, as an ``sqref``."""
        column = column_letters(self.at["explanation"])
        rows = (row for row, opinion in enumerate(self.opinions, start=FIRST) if opinion.replies.asks)
        return " ".join(f"{column}{row}" for row in rows)

    def _conditional_formats(self) -> str:
        """Return the formats that give an explanation still to be written the colour of an optional input."""
        if not (asking := self._explanation_cells()):
            return ""
        formula = escape_text(add_marker("empty", blank_formula(self.reach.here())))
        rule = f'<cfRule type="expression" dxfId="{self.looks.asking}" priority="1"><formula>{formula}</formula>'
        return f'<conditionalFormatting sqref="{asking}">{rule}</cfRule></conditionalFormatting>'

    def _validations(self) -> str:
        """Return the limits on what may be typed.

        An explanation is limited in length, the severity and the project of a remark are chosen from lists.
        """
        say = self.say
        words = ",".join(self.marks[severity] for severity in REMARKED)
        lists = {"mark": f'"{words}"'}
        if self.many:
            column = column_letters(self.at["projects"])
            lists["project"] = f"${column}${FIRST}:${column}${FIRST - 1 + len(self.projects)}"
        refused = quote_attribute(say("sheet.refused"))
        validations = [
            f'<dataValidation type="list" allowBlank="1" showErrorMessage="1" errorTitle={refused} '
            f'sqref="{column_letters(self.at[id])}{self.block}:{column_letters(self.at[id])}{self.last}">'
            f"<formula1>{escape_text(source)}</formula1></dataValidation>"
            for id, source in lists.items()
        ]
        if asking := self._explanation_cells():
            too_long = quote_attribute(say("sheet.refused_length", limit=LONGEST))
            validations.append(
                '<dataValidation type="textLength" operator="lessThanOrEqual" allowBlank="1" showErrorMessage="1" '
                f'errorTitle={refused} error={too_long} sqref="{asking}">'
                f"<formula1>{LONGEST}</formula1></dataValidation>"
            )
        return f'<dataValidations count="{len(validations)}">{"".join(validations)}</dataValidations>'

    def _rows(self) -> Iterator[str]:
        say, looks, width = self.say, self.looks, len(self.columns)
        yield self._row(1, 34, {0: text_cell(self.heading[0], looks.title)})
        above = {0: text_cell(self.heading[1], looks.plain), width - 2: text_cell(self.heading[2], looks.code)}
        yield self._row(2, 20, above)
        yield self._row(3, 22, {0: text_cell(summary(self.opinions, looks.lang), looks.summary)})
        heads = {at: say(f"sheet.opinions.headers.{id}") for id, at in self.at.items()}
        yield self._row(HEADER, 26, {at: text_cell(head, looks.header) for at, head in heads.items()})
        for row, opinion in enumerate(self.opinions, start=FIRST):
            yield self._opinion_row(row, opinion)
        if not self.opinions:
            yield self._row(FIRST, 26, {0: text_cell(say("sheet.opinions.none"), looks.plain)})
        yield self._note_row(self.note, say("sheet.opinions.note"), 8)
        yield self._note_row(self.note + 1, say("sheet.opinions.remarks", many=self.many), 14)
        blank = self._remark_cells({})
        for row, typed in enumerate(self.typed, start=self.block):
            texts = {**typed.texts, "state": say(f"sheet.opinions.unplaced.{typed.why}")} if typed.texts else {}
            yield self._row(row, self._row_height(texts), self._remark_cells(texts))
        for row in range(self.last + 1 - SPARE, self.last + 1):
            yield self._row(row, LEAST_HEIGHT, blank)
        for row in range(self.last + 1, FIRST + len(self.projects)):
            yield self._row(row, 15, {})

    def _note_row(self, row: int, sentence: str, above: float) -> str:
        """Return a row with a sentence in small type across all columns, and ``above`` points of space."""
        whole = sum(width for _, width in self.columns)
        height = look.text_height(sentence, whole, 9, lang=self.looks.lang) + above
        return self._row(row, height, {0: text_cell(sentence, self.looks.note)})

    def _opinion_row(self, row: int, opinion: Opinion) -> str:
        looks, where, replies = self.looks, opinion.where, opinion.replies
        nothing = opinion.severity != "warning" and not replies.explanation  # there is nothing to explain
        mark = self.marks[opinion.severity]
        texts = {
            "mark": self._numbered(mark, opinion.number),
            "project": where.project,
            "place": where.place,
            "cell": shown_cells(where.cells, looks.lang),
            "content": where.content,
            "opinion": opinion.text.what,
            "todo": opinion.text.todo,
            "explanation": self.nothing if nothing else replies.explanation,
            "decision": replies.decision,
            "key": opinion.key,
        }
        unasked = looks.nothing if nothing else looks.text
        styles = {
            "mark": looks.marks[opinion.severity] if opinion.number else looks.center,
            "cell": looks.link if where.cells and where.sheet else looks.center,
            "explanation": looks.input if replies.asks else unasked,
        }
        cells = {at: text_cell(texts[id], styles.get(id, looks.text)) for id, at in self.at.items() if id in texts}
        cells[self.at["state"]] = self._state_cell(opinion)
        return self._row(row, self._row_height(texts), cells)

    def _numbered(self, mark: str, number: int) -> str:
        return messages.say_again("sheet.numbered", self.looks.lang, word=mark, number=number) if number else mark

    def _remark_cells(self, texts: Mapping[str, str]) -> dict[int, CellXml]:
        """Return the cells of a row for a remark: one that was typed and could not be followed, or empty."""
        return {
            at: text_cell(texts.get(id, ""), self.looks.input if id in TYPED else self.looks.text)
            for id, at in self.at.items()
            if id not in HIDDEN
        }

    def _row_height(self, texts: Mapping[str, str]) -> float:
        """Return the height that the longest text of a row needs, in points."""
        height = LEAST_HEIGHT
        for id, width in self.columns:
            words = texts.get(id, "")
            if len(words) > self.fitting[id] or "\n" in words:
                height = max(height, look.text_height(words, width, 10, 1, 0, self.looks.lang))
        return min(height, MOST_HEIGHT)

    def _state_cell(self, opinion: Opinion) -> CellXml:
        """Return the live state as a formula with its present result; as a text where nothing can change it."""
        live, replies = opinion.live, opinion.replies
        now = self.states[live.state]
        formula = unchanging = text_literal(now)
        if replies.asks and not replies.decided and live.state != "changed":
            formula = self.explained
        if live.wrong and len(live.wrong) + len(formula) < LONGEST_FORMULA - 50:
            formula = f"IF({live.wrong},{formula},{text_literal(self.states[live.after])})"
        if formula == unchanging:
            return text_cell(now, self.looks.center)
        return formula_cell(formula, now, self.looks.center)

    @cached_property
    def nothing(self) -> str:
        """The words in place of an explanation where there is nothing to explain."""
        return self.say("sheet.opinions.nothing")

    @cached_property
    def explained(self) -> str:
        """The formula of the state of a finding that may be explained: open, refused or answered."""
        open_, refused, answered = (text_literal(self.states[state]) for state in _EXPLAINED)
        cell = self.reach.beside(self.at["explanation"])
        said = f"IF({refusal_formula(cell, self.policy, self.looks.lang)},{refused},{answered})"
        # a county may list more phrases than a formula holds: these are refused on return
        said = answered if len(said) > LONGEST_FORMULA - 500 else said
        return f"IF({blank_formula(cell)},{open_},{said})"

    def _row(self, number: int, height: float, cells: Mapping[int, CellXml]) -> str:
        """Return a row; the rows from the first line on also hold the choices of projects, in a hidden column."""
        if self.many and 0 <= (at := number - FIRST) < len(self.projects):
            cells = {**cells, self.at["projects"]: text_cell(self.projects[at], self.looks.text)}
        return row_xml(number, height, cells)


def shown_cells(cells: tuple[str, ...], lang: str) -> str:
    """Return the cells as the list shows them: up to two; of more, the first (where the link leads) and the count."""
    if len(cells) < 3:
        return messages.say_again("sheet.items", lang, items=cells)
    return messages.say_again("places.several", lang, first=cells[0], count=len(cells))
