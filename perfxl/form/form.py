"""The data model of a form: its fields and tables, its layout and its own rules.

A form is read from a ``form.yaml``, which the search path finds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Literal

from perfxl.errors import FormError
from perfxl.form import code_scheme
from perfxl.form.choice_list import ChoiceList
from perfxl.form.expression import Expression, JoinedEntries, LookupList, Scope
from perfxl.form.languages import POINT, NumberSigns
from perfxl.form.limits import FieldLimit, limit_of
from perfxl.form.types.base import AnswerLimits, AnswerType, Raw, Understood, ValueType
from perfxl.form.types.choice import Choice
from perfxl.form.types.choices import TICKED, UNTICKED, Choices
from perfxl.form.types.file import File
from perfxl.form.types.spelling import clean_text
from perfxl.form.types.text import Text

Align = Literal["left", "center", "right"]
Style = Literal["label", "header", "plain", "note", "heading"]
Severity = Literal["error", "warning", "hint", "fix"]

CHINESE = "zh-CN"
"""The language of a form that names none."""

MAX_ROWS = 9_999
"""The most rows that all tables of a sheet may have together: a row key has at most four digits."""

LONG = 99
"""The most rows of tables whose cells each have a validation, and each flag a format, of their own.

In longer ones the cells of a column share them.
"""


@dataclass(frozen=True)
class Hint:
    """The message that Excel shows beside a selected cell: a title (at most 32 characters) and a text (at most 255)."""

    title: str
    text: str


@dataclass(frozen=True, eq=False)
class Calculation:
    """The calculation of an answer: its value, and the condition on given answers under which it is calculated.

    ``when``: None where the answer is calculated everywhere; where it does not hold, the answer is typed.
    ``tolerance``: how far another number may be from it, and be taken for it.
    """

    value: Expression
    when: Expression | None = None
    tolerance: float = 0


@dataclass(frozen=True, eq=False)
class Suggestions:
    """The words that a drop-down list offers for an answer that is typed.

    ``when``: the condition on given answers under which they are offered; None for everywhere.
    """

    entries: tuple[str, ...]
    when: Expression | None = None


@dataclass(frozen=True)
class Field:
    """One answer of the form: a field of its head, or a column of a table.

    ``id``: the path in the record (in a table: from the row on). ``label``: the words that label it on the sheet;
    several, outermost first, where the same words label other fields too. ``given``: the answer is filled in and locked
    when the workbook goes out. ``yearly``: it is not carried over from last year's record. ``within``: the column whose
    entry decides which entries a choice offers. ``line``: the words that begin the line of a table of fixed lines in
    which a head's field stands. ``numbering``: the pattern of the numbers that a table's rows have in this column.
    ``letter``: the letter of a table's column, printed below its header. ``calculation``: how the workbook calculates
    it, None for an answer that is filled in. ``suggest``: the words that a drop-down list offers, None for none.

    ``required``: it is, wherever it stands; ``required_where``: where this holds. ``limits``: those that its type does
    not say. ``also``: words that may stand in the place of a value, ``also_shown``: the same in the language
    of the workbook where that is another one; ``default``: the value that a blank book starts
    with, as a record has it.

    Of an answer with tick columns, ``spans``: the columns of the sheet that each cell covers, empty for ``span``; of
    one of its cells, ``of``: the answer.
    """

    id: str
    type: AnswerType
    label: tuple[str, ...] = ()
    given: bool = False
    required: bool = False
    yearly: bool = False
    hint: Hint | None = None
    within: str = ""
    span: int = 1
    repeat: Literal["shown", "hidden"] = "shown"
    align: Align = "left"
    line: str = ""
    numbering: str = ""
    letter: str = ""
    calculation: Calculation | None = None
    suggest: Suggestions | None = None
    required_where: Expression | None = None
    limits: tuple[FieldLimit, ...] = ()
    also: tuple[str, ...] = ()
    also_shown: tuple[str, ...] = ()
    default: Any = field(default=None, hash=False)
    spans: tuple[int, ...] = ()
    of: Field | None = None

    @property
    def ticks(self) -> tuple[str, ...]:
        """The entries that have a cell each on the sheet; none for an answer in one cell."""
        return self.type.ticks

    @property
    def whole(self) -> Field:
        """The answer of which this is a cell; the field itself where it is none with tick columns."""
        return self.of or self

    @cached_property
    def open(self) -> bool:
        """True where a unit fills the answer in: it is not given, and not calculated everywhere."""
        return not (self.given or (self.calculation and self.calculation.when is None))

    @property
    def carried(self) -> bool:
        """True for a text that a unit types and that goes out as last year had it, to be looked at again.

        Amounts, choices, ticks and the like that stay the same are usual, and so are words that head several rows.
        """
        asked_again = self.open and not self.yearly and not self.numbering
        return asked_again and self.type.free_text and self.repeat == "shown"

    @cached_property
    def limits_of_type(self) -> AnswerLimits:
        """The limits that its type says, made once: every answer is judged by them."""
        return self.type.limits()

    @cached_property
    def relevant(self) -> Expression | None:
        """The condition where the answer is asked for; None for everywhere."""
        limit = limit_of(self.limits, "relevant")
        return limit.condition if limit else None

    @property
    def words(self) -> tuple[str, ...]:
        """The words that may stand in the cell in the place of a value."""
        return self.also_shown or self.also

    def show(self, value: Any) -> str | float | int | None:
        """Return what is written into the cell for a record's value, or for a word in the place of one."""
        if self.also_shown and isinstance(value, str) and value in self.also:
            return self.also_shown[self.also.index(value)]
        return self.type.show(value)

    def read(self, raw: Raw) -> Understood:
        """Interpret the content of a cell, in which one of the words ``also`` may stand in any language."""
        if self.also and isinstance(raw.value, str) and not raw.error:
            words = [*zip(self.words, self.also, strict=True), *zip(self.also, self.also, strict=True)]
            for shown, word in words:
                if raw.value == shown:
                    return Understood(word)
            text, how = clean_text(raw.value)
            for shown, word in words:
                if clean_text(shown)[0].casefold() == text.casefold():
                    return Understood(word, how if clean_text(shown)[0] == text else (*how, "case"))
        return self.type.read(raw)


@dataclass(frozen=True)
class Sums:
    """A row of sums: its label, the columns that are added up, and where it stands: above or below what it sums up."""

    label: str
    columns: tuple[str, ...]
    place: Literal["first", "last"] = "last"


@dataclass(frozen=True)
class Groups:
    """The fixed groups in which a table's rows stand: one for each entry of the list of the column ``by``.

    ``begin``: the rows that a blank form starts with, as values of the column ``begin_column``, whose entries are
    classes below those of ``by``; or ``rows``: the number of rows that it has in each group. ``spare``: the number of
    spare rows at the end of each group. ``subtotal``: the sums of each group, below its rows.
    """

    by: str
    begin_column: str
    begin: tuple[str, ...]
    spare: tuple[int, ...]
    rows: int = 0
    subtotal: Sums | None = None


@dataclass(frozen=True)
class Table:
    """A table of repeated rows.

    ``each``: the path of its lists in the record (``areas[].parts[]``). ``minimum``: the rows it has at least, 0 for a
    table that may stay empty; ``spare``: the spare rows added to these, up to ``maximum`` rows; a table with neither
    has the rows that are given, and no others. ``side``: the label in a cell along its left side. ``totals``: the sums
    of its rows. ``key``: the column that names a row, empty for none. ``header``: the most rows of labels in its
    header, 0 for as many as the labels have parts.
    ``inherited``: it is a table of the form that this one extends, and has that form's rows and no others.
    """

    id: str
    columns: Mapping[str, Field]
    each: str
    minimum: int = 1
    spare: int = 0
    maximum: int = 60
    groups: Groups | None = None
    side: str = ""
    label: str = ""
    totals: Sums | None = None
    key: str = ""
    header: int = 0
    inherited: bool = False

    @cached_property
    def labels(self) -> Mapping[str, tuple[str, ...]]:
        """The label of each column as its header shows it, outermost first; the id of a column without one."""
        return {id: (column.label or (id,))[-self.header :] for id, column in self.columns.items()}

    @cached_property
    def label_rows(self) -> int:
        """The number of rows of labels in the header."""
        return max(map(len, self.labels.values()), default=1)

    @cached_property
    def has_letters(self) -> bool:
        """True if a row of column letters stands below the labels."""
        return any(column.letter for column in self.columns.values())

    @cached_property
    def header_rows(self) -> int:
        """The number of rows of the whole header."""
        return self.label_rows + self.has_letters

    @cached_property
    def lists(self) -> tuple[str, ...]:
        """The names of the nested lists, outermost first."""
        return tuple(part.removesuffix("[]") for part in self.each.split("."))

    @cached_property
    def begun(self) -> tuple[str, ...]:
        """The columns of which at least one is filled in a row that was begun.

        Only columns count that the unit fills in in every row and that start empty. Where the rows stand in groups or
        share an entry, none with a drop-down list counts, since one of its words may stand there from the beginning;
        where there are no others, all count. A row's number never counts. The rows of a table
        that was taken over from another form, or has no blank ones, are begun by what is given there.
        """
        if self.only_given:
            return self.given_in_rows
        counted = {id: column for id, column in self.columns.items() if not column.numbering}
        filled = {id: column for id, column in counted.items() if not (column.given or column.calculation)} or counted
        empty = {id: column for id, column in filled.items() if column.default is None} or filled
        if not self.groups and not any(column.repeat == "hidden" for column in self.columns.values()):
            return tuple(empty)
        return tuple(id for id, column in empty.items() if not column.type.drop_down()) or tuple(empty)

    @cached_property
    def only_given(self) -> bool:
        """True where its rows are those that are given, and no others."""
        return bool(self.given_in_rows) and (self.inherited or not (self.minimum or self.spare))

    @cached_property
    def given_in_rows(self) -> tuple[str, ...]:
        """The given columns that differ from row to row: not that of the groups."""
        by = self.groups.by if self.groups else ""
        return tuple(id for id, column in self.columns.items() if column.given and id != by)

    @cached_property
    def calculated(self) -> tuple[str, ...]:
        """The columns that are calculated in every row."""
        return tuple(id for id, column in self.columns.items() if not (column.open or column.given))

    @cached_property
    def defaults(self) -> Mapping[str, Any]:
        """The values that the columns of a blank row start with."""
        return {id: column.default for id, column in self.columns.items() if column.default is not None}

    @cached_property
    def prepared(self) -> frozenset[str]:
        """The columns that hold something in a row that nobody used: that of the group, and those of numbers."""
        by = {self.groups.by} if self.groups else set()
        return frozenset(by | {id for id, column in self.columns.items() if column.numbering})

    def path(self, column: str) -> str:
        """Return a column's path from the record on, without brackets (``measures.target``)."""
        return column if column.split(".")[0] == self.lists[0] else f"{'.'.join(self.lists)}.{column}"

    def address(self, column: str, *rows: int | str) -> str:
        """Return the path of a column's value in these rows of the nested lists: ``measures[3].target``."""
        path = self.path(column).split(".")
        return ".".join(
            f"{part}[{rows[i]}]" if self.lists[i : i + 1] == (part,) and i < len(rows) else part
            for i, part in enumerate(path)
        )

    @cached_property
    def places(self) -> Mapping[str, tuple[int, str]]:
        """The place of each column's value: how many lists deep it lies, and its path from that list's item on."""
        return {column: self._find_place(self.path(column).split(".")) for column in self.columns}

    def _find_place(self, parts: list[str]) -> tuple[int, str]:
        """Split a column's path into the number of leading list names and the path after them."""
        depth = 0
        while depth < min(len(self.lists), len(parts)) and parts[depth] == self.lists[depth]:
            depth += 1
        return depth, ".".join(parts[depth:])


@dataclass(frozen=True)
class Piece:
    """One cell of a layout row: its content, its style, and the number of columns (``span``) and rows it covers.

    ``rows``: counted in rows of the layout, so that a cell beside a table is as high as the table is. The role
    ``sign``: a place for a signature on paper, with ``text`` as its label.
    """

    role: Literal["title", "text", "mark", "field", "sign"]
    text: str = ""
    field: str = ""
    span: int = 1
    rows: int = 1
    style: Style = "label"
    align: Align | None = None
    indent: int = 0


@dataclass(frozen=True)
class LayoutRow:
    """One row of the layout, or the place of a table, or of several tables side by side.

    ``tables``: their ids from left to right, none for a row of cells; ``height``: in points; ``line``: the line in the
    definition.
    """

    pieces: tuple[Piece, ...] = ()
    tables: tuple[str, ...] = ()
    height: float = 30.0
    line: int = 0


@dataclass(frozen=True)
class SheetSetup:
    """The setup of the sheet.

    ``columns``: the columns' widths, in digits of the Normal font. ``row``, ``column``: the first cell of the layout,
    from 0. ``key``: the side on which the column of row keys stands. ``panel``: the widths of the gap and of the panel
    beside the print area, empty for none. ``header_height``, ``row_height``: of a table's header and of its rows, in
    points. ``key_label``: the words above the row keys, empty for the usual ones. ``footer``: the text at the foot of
    each printed page, None for the usual one.
    """

    name: str
    columns: tuple[float, ...]
    row: int
    column: int
    key: Literal["before", "after"]
    key_width: float
    key_label: str
    landscape: bool
    panel: tuple[float, ...]
    header_height: float
    row_height: float
    footer: str | None = None


@dataclass(frozen=True)
class RuleWords:
    """The words of a form's own check: its name, the message that says what is wrong, and advice.

    ``message`` and ``advice`` are sentences in pieces: texts, and the expressions whose values stand between them.
    """

    title: str
    message: tuple[str | Expression, ...]
    advice: tuple[str | Expression, ...] = ()


@dataclass(frozen=True)
class FormRule:
    """A check that is one expression.

    ``assert_``: the condition that must hold; ``on``: the answers it concerns; ``facts``: the values that its message
    needs. ``bad``, ``good``: paths and values that, laid over an example record, break the check, or pass it.
    ``each``: the table whose rows that were begun are checked one by one, ``on`` then being its columns; empty for a
    check of the head's answers. ``words``: its message, where no set of checks has one for its code. ``line``: the line
    in the definition, 0 for a check that a rule derives from a form.
    """

    code: str
    severity: Severity
    assert_: Expression
    on: tuple[str, ...]
    facts: Mapping[str, Expression] = field(default_factory=dict)
    bad: Mapping[str, Any] = field(default_factory=dict)
    good: Mapping[str, Any] = field(default_factory=dict)
    line: int = 0
    each: str = ""
    words: RuleWords | None = None


def scope_of(
    fields: Mapping[str, Field],
    tables: Mapping[str, Table],
    row: str = "",
    issue: tuple[str, ...] = (),
    today: bool = False,
) -> Scope:
    """Return the names that the rules of such a form may use.

    ``row``: the table whose rows they check, or empty; ``issue``: the names of the issue values, which are numbers;
    ``today``: the day of filling in may be used, as in limits.
    """
    head = {("", id): answer for id, answer in fields.items()}
    columns = {(id, name): column for id, table in tables.items() for name, column in table.columns.items()}
    places = head | columns
    choices = {place: kind for place, answer in places.items() if isinstance(kind := answer.type, Choice)}
    return Scope(
        answers={**dict.fromkeys(issue, "number"), **{id: answer.type.value_type for id, answer in fields.items()}},
        tables={
            id: {name: column.type.value_type for name, column in table.columns.items()} for id, table in tables.items()
        },
        begun={id: table.begun for id, table in tables.items()},
        row=row,
        schemes={
            id: code_scheme.load(name) for id, answer in fields.items() if (name := getattr(answer.type, "scheme", ""))
        },
        parts={place: answer.type for place, answer in places.items() if answer.type.parts},
        calculated=frozenset(place for place, answer in places.items() if not (answer.open or answer.given)),
        today=today,
        lists={place: _lookup_list(kind.listed) for place, kind in choices.items() if kind.looked_up},
        joined={place: _joined_entries(kind) for place, kind in choices.items() if isinstance(kind, Choices)},
        shown={place: shown for place, answer in places.items() if (shown := shown_values(answer.type))},
    )


def shown_values(kind: AnswerType) -> Mapping[str, str]:
    """Return what the cell of an answer shows for a value, where that is not the value itself."""
    if isinstance(kind, Choice):
        return kind.listed.shown
    return kind.shown if isinstance(kind, Text) else {}


@lru_cache(maxsize=256)
def _lookup_list(listed: ChoiceList) -> LookupList:
    """Return a list with further columns as expressions look its entries up."""
    rows = {
        row[-1]: {heading: values[at] for heading, values in listed.columns.items()}
        for at, row in enumerate(listed.rows)
    }
    types: dict[str, ValueType] = {heading: listed.column_type(heading) for heading in listed.columns}
    return LookupList(listed.name, types, rows)


def _joined_entries(kind: Choices) -> JoinedEntries:
    """Return how the entries of an answer stand in its cell."""
    separator = "" if kind.style == "boxes" else kind.sign
    return JoinedEntries(kind.entries, separator, TICKED, UNTICKED, kind.listed.shown, bool(kind.ticks))


@dataclass(frozen=True)
class TranslationFile:
    """A file that translates a form's texts: its name, as messages give it, and its content, read when needed."""

    name: str
    content: str


@dataclass(frozen=True, eq=False)
class Base:
    """The form that another one extends.

    ``answers``: the ids of the head's answers and the paths of the columns that were taken over.
    """

    form: Form
    answers: frozenset[str]


@dataclass(frozen=True, eq=False)
class Form:
    """A complete form definition that has been checked.

    ``file``: the file it was read from, as messages name it. ``record``: the place of its records in a records file:
    ``projects[]`` where a unit has several, ``department`` where it has one only. ``key``: the field that numbers a
    unit's records, empty for none; the fields ``code`` and ``name`` identify a record, where the form has them.
    ``checks``: the sets of checks that apply to it, beside those that apply to every form and its own ``rules``.
    ``taxonomy``: the id of its taxonomy, empty for none; ``own_taxonomy``: that of the definition, where another one
    has taken its place. ``base``: the form that it extends, whose answers are filled in and locked; None for none.
    ``issue``: the names of the values that are said of a sending when it goes out, such as its quarter. ``overview``:
    the answers that the first sheet of a unit's workbook shows of each record; empty for number, name and amount.
    ``choices``: its lists by name, that of its taxonomy among them.
    ``language``: that of its texts, and of all words in its workbooks; ``translations``: by language, the files that
    translate its texts; ``written``: the form as it is defined, of which this one is a translation; ``signs``: those by
    which its language writes numbers.
    """

    name: str
    version: str
    label: str
    record: str
    title: str
    sheet: SheetSetup
    taxonomy: str
    fields: Mapping[str, Field]
    tables: Mapping[str, Table]
    layout: tuple[LayoutRow, ...]
    rules: tuple[FormRule, ...] = ()
    help: tuple[str, ...] = ()
    file: str = ""
    key: str = ""
    checks: tuple[str, ...] = ()
    base: Base | None = None
    issue: tuple[str, ...] = ()
    overview: tuple[str, ...] = ()
    choices: Mapping[str, ChoiceList] = field(default_factory=dict)
    language: str = CHINESE
    translations: Mapping[str, TranslationFile] = field(default_factory=dict)
    written: Form | None = None
    own_taxonomy: str = ""
    signs: NumberSigns = POINT

    @cached_property
    def root(self) -> str:
        """The top-level key of a records file under which the form's records stand: ``projects``."""
        return self.record.removesuffix("[]")

    @cached_property
    def many(self) -> bool:
        """True if a unit may have several records of this form."""
        return self.record.endswith("[]")

    def mistake(self, what: str, line: int, **facts: object) -> FormError:
        """Return the error to raise about a line of the definition; ``what``: the kind of mistake."""
        return FormError(file=self.file, line=line, what=what, **facts)

    def records(self, records: Mapping[str, Any]) -> tuple[tuple[str, Mapping[str, Any]], ...]:
        """Return the form's records in a records file's content, each with its place: ``projects[3]``."""
        content = records.get(self.root)
        if self.many:
            return tuple((f"{self.root}[{index}]", record) for index, record in enumerate(content or ()))
        return ((self.root, content),) if content else ()

    @cached_property
    def numbered(self) -> bool:
        """True if its records go out with a number by which they are known."""
        key = self.fields.get(self.key)
        return self.many and key is not None and key.given and key.type.value_type == "number"

    def number(self, record: Mapping[str, Any]) -> int:
        """Return the record's number among the unit's records; 0 where it has no whole number."""
        number = record.get(self.key) if self.many else None
        if isinstance(number, int) or (isinstance(number, float) and number.is_integer()):
            return max(0, int(number))
        return 0

    def code(self, record: Mapping[str, Any]) -> str:
        """Return the record's code; empty where it has none, or where a unit has only one record."""
        return str(record.get("code") or "") if self.many else ""

    def aboves(self, asked: Field) -> tuple[Field, ...]:
        """Return the answers whose entries decide which entries an answer may have, outermost first."""
        if not asked.within:
            return ()
        beside = [self.fields, *(table.columns for table in self.tables.values())]
        fields = next((fields for fields in beside if fields.get(asked.id) is asked), self.fields)
        aboves: list[Field] = []
        while asked.within and (above := fields.get(asked.within)):
            aboves.insert(0, above)
            asked = above
        return tuple(aboves)

    @cached_property
    def shown(self) -> frozenset[str]:
        """The ids of the head's fields that stand on the sheet; the other fields, all given, are in the record only."""
        return frozenset(piece.field for row in self.layout for piece in row.pieces if piece.field)

    @property
    def has_own_classes(self) -> bool:
        """True for a form with a taxonomy, unless it only has that of the form that it extends."""
        return bool(self.taxonomy) and not (self.base and self.base.form.taxonomy == self.taxonomy)

    @cached_property
    def unseen(self) -> tuple[str, ...]:
        """The ids of the head's given fields that do not stand on the sheet, and with which its answers are judged."""
        used = {id for answer in self.asked for expression in _expressions_of(answer) for id in expression.fields}
        return tuple(id for id, field in self.fields.items() if id in used - self.shown and field.given)

    @cached_property
    def side_by_side(self) -> Mapping[str, tuple[str, ...]]:
        """The tables that stand in one row of the layout, from left to right, by each of them; only several ones."""
        return {table: row.tables for row in self.layout if len(row.tables) > 1 for table in row.tables}

    def rank(self, table: str) -> int:
        """Return the place of a table among those side by side, from 0 on the left; 0 for one that stands alone."""
        beside = self.side_by_side.get(table, ())
        return beside.index(table) if beside else 0

    def truth_words(self, table: str, path: str) -> tuple[str, str]:
        """Return the words for true and false in the cells of an answer; ``table``: empty for the head."""
        yes, no = (self.tables[table].columns if table else self.fields)[path].type.drop_down()
        return yes, no

    @cached_property
    def also(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
        """The words that may stand in the place of a value, by the table (empty for the head) and the answer."""
        asked = {"": self.fields, **{id: table.columns for id, table in self.tables.items()}}
        return {
            table: {id: answer.also for id, answer in answers.items() if answer.also}
            for table, answers in asked.items()
        }

    @cached_property
    def calculated_issue(self) -> frozenset[str]:
        """The issue values with which a check, a limit or a calculation works."""
        used = {id for expression in self.expressions for id in expression.fields}
        return frozenset(used & {*self.issue})

    @property
    def expressions(self) -> Iterator[Expression]:
        """Yield the expressions of the form's checks, limits and calculations."""
        for line in self.rules:
            yield from (line.assert_, *line.facts.values())
        for answer in self.asked:
            yield from _expressions_of(answer)

    @cached_property
    def has_spare_rows(self) -> bool:
        """True if a table may have more rows than those that are filled in beforehand."""
        return not self.tables or any(not (table.inherited or table.only_given) for table in self.tables.values())

    @cached_property
    def names_files(self) -> bool:
        """True if an answer is the name of a file that is sent along."""
        return any(isinstance(answer.type, File) for answer in self.asked)

    @cached_property
    def given(self) -> Mapping[str, Field]:
        """The given answers: ids of the head's, paths of columns."""
        return {path: answer for path, answer in self.by_path.items() if answer.given}

    @cached_property
    def by_path(self) -> Mapping[str, Field]:
        """Every answer by its path without row numbers (``measures.target``), in the order of ``asked``."""
        columns = {table.path(id): column for table in self.tables.values() for id, column in table.columns.items()}
        return {**self.fields, **columns}

    @property
    def asked(self) -> Iterator[Field]:
        """Yield every field of the form: those of the head, then the columns of each table."""
        yield from self.fields.values()
        for table in self.tables.values():
            yield from table.columns.values()


def _expressions_of(answer: Field) -> Iterator[Expression]:
    """Yield the expressions of an answer's limits, calculation and suggestions."""
    yield from (limit.condition for limit in answer.limits if limit.condition is not None)
    yield from (answer.required_where,) if answer.required_where is not None else ()
    if answer.calculation is not None:
        yield answer.calculation.value
        yield from (answer.calculation.when,) if answer.calculation.when is not None else ()
    if answer.suggest is not None and answer.suggest.when is not None:
        yield answer.suggest.when
