"""The 审核意见 sheet: every finding of a workbook in one list, with a link to its cell and its live state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import get_args

from perfxl import messages
from perfxl.finding import SEVERITIES
from perfxl.rules.policy import Policy
from perfxl.workbook.ooxml.edit import escape_text, quote_attribute
from perfxl.workbook.ooxml.formula import Reach, add_marker, blank_formula, column_letters, text_literal
from perfxl.workbook.ooxml.formula import quote_sheet as quoted_sheet
from perfxl.workbook.ooxml.sheet_xml import CellXml, ListXml, columns_xml, links_xml, row_xml, text_cell
from perfxl.workbook.ooxml.stylesheet import Stylesheet
from perfxl.workbook.opinions.explanation import LONGEST, refusal_formula
from perfxl.workbook.opinions.list_formats import ListFormats
from perfxl.workbook.opinions.opinion import REMARKED, Opinion, State, Typed
from perfxl.workbook.sheet import look

COLUMNS = (
    ("mark", 7.2), ("project", 16.0), ("place", 18.0), ("cell", 9.0), ("content", 16.0), ("opinion", 38.0),
    ("todo", 31.0), ("explanation", 27.0), ("decision", 16.0), ("state", 12.0),
)  # fmt: skip
"""The columns that are seen, by what stands in them, and their widths in digits. Two hidden ones follow."""

HIDDEN = ("key", "projects")
TYPED = ("mark", "project", "cell", "opinion", "todo", "decision")
"""What a reviewer types into a row below the list."""

SPARE = 6  # rows for remarks, beyond those that are used
FIRST, HEADER = 5, 4  # rows, from 1: of the first line, and of the headings
LONGEST_FORMULA = 8192  # characters


def write_opinion_sheet(
    opinions: Sequence[Opinion],
    typed: Sequence[Typed],
    projects: Sequence[str],
    heading: tuple[str, str],
    policy: Policy,
    styles: Stylesheet,
) -> bytes:
    """The sheet's part. ``projects``: of the whole book; where there are several, the list names them.

    ``heading``: what stands above it, left and right: the unit, the printed code.
    """
    return _Sheet(opinions, typed, projects, heading, policy, ListFormats(styles)).xml()


def summary(opinions: Sequence[Opinion]) -> str:
    """How many of each severity there are that nobody answered, in one line."""
    listed = [each for each in opinions if each.number]
    open_ = [each for each in listed if each.state not in ("answered", "corrected")]
    counts: dict[str, int] = {severity: sum(each.severity == severity for each in open_) for severity in SEVERITIES}
    states = {"done": "corrected", "answered": "answered"}
    counts |= {word: sum(each.state == state for each in listed) for word, state in states.items()}
    return messages.say("sheet.opinions.summary", counts)


class _Sheet:
    """The sheet being written: where everything stands, from the number of its lines."""

    def __init__(
        self,
        opinions: Sequence[Opinion],
        typed: Sequence[Typed],
        projects: Sequence[str],
        heading: tuple[str, str],
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

    def xml(self) -> bytes:
        """The whole part."""
        return ListXml(
            last_cell=f"{column_letters(len(self.at) - 1)}{max(self.last, FIRST - 1 + len(self.projects))}",
            columns=columns_xml([*(width for _, width in self.columns), *(0 for _ in self.hidden)], self.looks.locked),
            rows=self._rows(),
            merged=self._merged(),
            rest=f"{self._colours()}{self._validations()}{links_xml(self._links())}",
            footer=f"&L&8 {messages.say('sheet.opinions.footer')}&R&8 {messages.say('sheet.pages')}",
        ).part()

    def _merged(self) -> list[str]:
        last, half = column_letters(len(self.columns) - 1), len(self.columns) - 3
        refs = [f"A1:{last}1", f"A2:{column_letters(half)}2", f"{column_letters(half + 1)}2:{last}2", f"A3:{last}3"]
        refs += [f"A{row}:{last}{row}" for row in (self.note - (not self.opinions), self.note, self.note + 1)]
        return list(dict.fromkeys(refs))

    def _links(self) -> Iterator[tuple[str, str, str]]:
        column = column_letters(self.at["cell"])
        for row, each in enumerate(self.opinions, start=FIRST):
            if each.cells and each.sheet:
                yield f"{column}{row}", f"{quoted_sheet(each.sheet)}!{each.cells[0]}", each.cells[0]

    def _asking(self) -> str:
        column = column_letters(self.at["explanation"])
        return " ".join(f"{column}{row}" for row, each in enumerate(self.opinions, start=FIRST) if each.asks)

    def _colours(self) -> str:
        """An explanation that is still to be written has the colour of an optional input."""
        if not (asking := self._asking()):
            return ""
        formula = escape_text(add_marker("empty", blank_formula(self.reach.here())))
        rule = f'<cfRule type="expression" dxfId="{self.looks.asking}" priority="1"><formula>{formula}</formula>'
        return f'<conditionalFormatting sqref="{asking}">{rule}</cfRule></conditionalFormatting>'

    def _validations(self) -> str:
        """What may be typed: an explanation of so many characters; of a remark, a severity and a project."""
        say = messages.say
        words = ",".join(say(f"sheet.marks_long.{severity}") for severity in REMARKED)
        lists = {"mark": f'"{words}"'}
        if self.many:
            column = column_letters(self.at["projects"])
            lists["project"] = f"${column}${FIRST}:${column}${FIRST - 1 + len(self.projects)}"
        refused = quote_attribute(say("sheet.refused"))
        found = [
            f'<dataValidation type="list" allowBlank="1" showErrorMessage="1" errorTitle={refused} '
            f'sqref="{column_letters(self.at[id])}{self.block}:{column_letters(self.at[id])}{self.last}">'
            f"<formula1>{escape_text(source)}</formula1></dataValidation>"
            for id, source in lists.items()
        ]
        if asking := self._asking():
            too_long = quote_attribute(say("sheet.refused_length", {"limit": LONGEST}))
            found.append(
                '<dataValidation type="textLength" operator="lessThanOrEqual" allowBlank="1" showErrorMessage="1" '
                f'errorTitle={refused} error={too_long} sqref="{asking}">'
                f"<formula1>{LONGEST}</formula1></dataValidation>"
            )
        return f'<dataValidations count="{len(found)}">{"".join(found)}</dataValidations>'

    def _rows(self) -> Iterator[str]:
        say, looks, width = messages.say, self.looks, len(self.columns)
        yield self._row(1, 34, {0: text_cell(say("sheet.opinions.title"), looks.title)})
        above = {0: text_cell(self.heading[0], looks.plain), width - 2: text_cell(self.heading[1], looks.code)}
        yield self._row(2, 20, above)
        yield self._row(3, 22, {0: text_cell(summary(self.opinions), looks.summary)})
        heads = {at: say(f"sheet.opinions.headers.{id}") for id, at in self.at.items()}
        yield self._row(HEADER, 26, {at: text_cell(head, looks.header) for at, head in heads.items()})
        for row, each in enumerate(self.opinions, start=FIRST):
            yield self._opinion(row, each)
        if not self.opinions:
            yield self._row(FIRST, 26, {0: text_cell(say("sheet.opinions.none"), looks.plain)})
        yield self._sentence(self.note, say("sheet.opinions.note"), 8)
        yield self._sentence(self.note + 1, say("sheet.opinions.remarks", {"many": self.many}), 14)
        for row, each_ in enumerate([*self.typed, *[Typed({}, "text")] * SPARE], start=self.block):
            yield self._remark(row, each_)
        for row in range(self.last + 1, FIRST + len(self.projects)):
            yield self._row(row, 15, {})

    def _sentence(self, row: int, sentence: str, above: float) -> str:
        """A line of small type through all columns."""
        whole = sum(width for _, width in self.columns)
        height = look.text_height(sentence, whole, 9) + above
        return self._row(row, height, {0: text_cell(sentence, self.looks.note)})

    def _opinion(self, row: int, each: Opinion) -> str:
        looks, nothing = self.looks, each.severity != "warning" and not each.explanation
        texts = {
            "mark": messages.say(f"sheet.marks_long.{each.severity}") + (str(each.number) if each.number else ""),
            "project": each.project,
            "place": each.place,
            "cell": shown_cells(each.cells),
            "content": each.content,
            "opinion": each.what,
            "todo": each.todo,
            "explanation": messages.say("sheet.opinions.nothing") if nothing else each.explanation,
            "decision": each.decision,
            "key": each.key,
        }
        styles = {
            "mark": looks.marks[each.severity] if each.number else looks.center,
            "cell": looks.link if each.cells and each.sheet else looks.center,
            "explanation": looks.input if each.asks else looks.nothing if nothing else looks.text,
        }
        cells = {at: text_cell(texts[id], styles.get(id, looks.text)) for id, at in self.at.items() if id in texts}
        cells[self.at["state"]] = self._state(each)
        return self._row(row, self._height(texts), cells)

    def _remark(self, row: int, each: Typed) -> str:
        texts = dict(each.texts)
        if texts:
            texts["state"] = messages.say(f"sheet.opinions.unplaced.{each.why}")
        cells = {
            at: text_cell(texts.get(id, ""), self.looks.input if id in TYPED else self.looks.text)
            for id, at in self.at.items()
            if id not in HIDDEN
        }
        return self._row(row, self._height(texts), cells)

    def _height(self, texts: Mapping[str, str]) -> float:
        """Of a row: as its longest text needs."""
        long = [
            (texts[id], width)
            for id, width in self.columns
            if "\n" in texts.get(id, "") or len(texts.get(id, "")) > look.characters_that_fit(30.0, width, 10, 1)
        ]
        height = max((look.text_height(words, width, 10, indent=1) for words, width in long), default=30.0)
        return max(30.0, min(height, 409.0))

    def _state(self, each: Opinion) -> CellXml:
        """The live state, with what it says now; a text where nothing can change it."""
        say = {word: text_literal(messages.say(f"sheet.opinions.states.{word}")) for word in get_args(State)}
        now, formula = messages.say(f"sheet.opinions.states.{each.state}"), say[each.state]
        if each.asks and not each.decided and each.state != "changed":
            cell = self.reach.beside(self.at["explanation"])
            said = f"IF({refusal_formula(cell, self.policy)},{say['refused']},{say['answered']})"
            # a county may list more phrases than a formula holds: these are refused on return
            said = say["answered"] if len(said) > LONGEST_FORMULA - 500 else said
            formula = f"IF({blank_formula(cell)},{say['open']},{said})"
        if each.wrong and len(each.wrong) + len(formula) < LONGEST_FORMULA - 50:
            formula = f"IF({each.wrong},{formula},{say[each.after]})"
        if formula == say[each.state]:
            return text_cell(now, self.looks.center)
        return lambda ref: f'<c r="{ref}" s="{self.looks.center}" t="str"><f>{escape_text(formula)}</f><v>{now}</v></c>'

    def _row(self, number: int, height: float, cells: Mapping[int, CellXml]) -> str:
        if self.many and 0 <= (at := number - FIRST) < len(self.projects):
            cells = {**cells, self.at["projects"]: text_cell(self.projects[at], self.looks.text)}
        return row_xml(number, height, cells)


def shown_cells(cells: tuple[str, ...]) -> str:
    """The first cell, to which the link leads, and how many there are."""
    if len(cells) < 3:
        return "、".join(cells)
    return messages.say("places.several", {"first": cells[0], "count": len(cells)})
