"""Runs inside a Python that has `uno`: starts a headless soffice, obeys JSON lines; libreoffice.py is the other end.

Each line in is {"do": name, ...}; each line out {"result": ...} or {"error": sentence}.
It imports nothing but the standard library and `uno`, since it runs outside the project's environment.
"""

import importlib.util
import json
import os
import signal
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path

import uno
from com.sun.star.awt import Point, Size
from com.sun.star.table import TableSortField

_SCRIPT = Path(__file__).parents[2] / "perfxl" / "batch" / "libreoffice_driver.py"
_SPEC = importlib.util.spec_from_file_location("libreoffice_driver", _SCRIPT)
driver = importlib.util.module_from_spec(_SPEC)  # perfxl itself is not there
_SPEC.loader.exec_module(driver)
properties = driver.properties

MORE = 200  # rows or columns beyond the used ones in which conditional formats are looked at


def letters(column: int) -> str:
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def address(column: int, row: int) -> str:
    return f"{letters(column)}{row + 1}"


class Tables(HTMLParser):
    """Calc's HTML export shows each cell in the colours of the conditional format that holds, kept here by place."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: dict = {}  # by the sheet's number (None, where it is the only one): {(row, column): look}
        self.sheet = None
        self.look = None
        self.note = False

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "a" and (given.get("name") or "").startswith("table"):
            self.sheet = int(given["name"].removeprefix("table"))
        elif tag == "table":
            self.tables[self.sheet] = self.table = {}
            self.taken, self.row = set(), -1
        elif tag == "tr":
            self.row, self.column = self.row + 1, 0
        elif tag == "td":
            while (self.row, self.column) in self.taken:
                self.column += 1
            self.look = {"text": "", "background": (given.get("bgcolor") or "").upper() or None, "color": None}
            self.look.update({"bold": False, "italic": False})
            for row in range(self.row, self.row + int(given.get("rowspan", 1))):
                for column in range(self.column, self.column + int(given.get("colspan", 1))):
                    self.taken.add((row, column))
            self.table[self.row, self.column] = self.look
        elif self.look is not None:
            if tag == "font" and given.get("color"):
                self.look["color"] = given["color"].upper()
            elif tag == "comment":
                self.note = True
            elif tag in ("b", "i"):
                self.look["bold" if tag == "b" else "italic"] = True
            elif tag == "br" and self.look["text"]:
                self.look["text"] += "\n"

    def handle_endtag(self, tag):
        if tag == "td":
            self.look = None
        elif tag == "comment":
            self.note = False

    def handle_data(self, data):
        if self.look is not None and not self.note:
            self.look["text"] += data.strip("\n\t")


class Office:
    """One method for each word that may stand under "do"."""

    def __init__(self, soffice: str, profile: str):
        self.process, context = driver.start(soffice, Path(profile))
        create = context.ServiceManager.createInstanceWithContext
        self.desktop = create("com.sun.star.frame.Desktop", context)
        self.dispatcher = create("com.sun.star.frame.DispatchHelper", context)
        configuration = create("com.sun.star.configuration.ConfigurationProvider", context)
        node = properties(nodepath="/org.openoffice.Setup/Product")
        setup = configuration.createInstanceWithArguments("com.sun.star.configuration.ConfigurationAccess", node)
        self.version = setup.getByName("ooSetupVersionAboutBox")
        self.documents: dict = {}

    def hello(self):
        return {"version": self.version}

    def open(self, path, password=None, hidden=False):
        given = {"Password": password} if password else {}
        given |= {"Hidden": True} if hidden else {}
        document = self.desktop.loadComponentFromURL(Path(path).as_uri(), "_blank", 0, properties(**given))
        if document is None:
            raise ValueError(f"LibreOffice cannot open {path}")
        if not document.supportsService("com.sun.star.sheet.SpreadsheetDocument"):
            document.close(True)
            raise ValueError(f"LibreOffice does not take {path} for a workbook")
        return self._handle(document)

    def new(self):
        """An empty workbook of one sheet."""
        return self._handle(self.desktop.loadComponentFromURL("private:factory/scalc", "_blank", 0, properties()))

    def _handle(self, document):
        handle = max(self.documents, default=0) + 1
        self.documents[handle] = document
        return handle

    def close(self, document):
        self.documents.pop(document).close(True)

    def sheets(self, document):
        return list(self.documents[document].Sheets.ElementNames)

    def visible(self, document, sheet):
        return self._sheet(document, sheet).IsVisible

    def used(self, document, sheet):
        left, top, right, bottom = self._used(self._sheet(document, sheet))
        return f"{address(left, top)}:{address(right, bottom)}"

    def cells(self, document, sheet, range=None):
        table = self._sheet(document, sheet)
        part = table.getCellRangeByName(range) if range else table.getCellRangeByPosition(*self._used(table))
        start = part.RangeAddress
        formulas = set()
        for each in part.queryContentCells(16).RangeAddresses:  # 16: formulas
            formulas |= {(row, column) for row in _span(each.StartRow, each.EndRow)
                         for column in _span(each.StartColumn, each.EndColumn)}  # fmt: skip
        cells = {}
        for row, values in enumerate(part.getDataArray()):
            for column, value in enumerate(values):
                place = (start.StartRow + row, start.StartColumn + column)
                if value == "" and place not in formulas:
                    continue
                cell = part.getCellByPosition(column, row)
                failed = place in formulas and cell.getError() != 0
                cells[address(place[1], place[0])] = {
                    "value": None if failed else value,
                    "text": cell.String,
                    "formula": cell.Formula if place in formulas else None,
                    "error": cell.String if failed else None,
                }
        return cells

    def values(self, document, sheet, range):
        return [list(row) for row in self._sheet(document, sheet).getCellRangeByName(range).getDataArray()]

    def look_over(self, document, sheet):
        """The used area: its first row and column from 0, and its values row by row."""
        left, top, right, bottom = self._used(self._sheet(document, sheet))
        part = self._sheet(document, sheet).getCellRangeByPosition(left, top, right, bottom)
        return [top, left, [list(row) for row in part.getDataArray()]]

    def write(self, document, sheet, cell, rows):
        """Values into a block of cells, as pasting from a program does: nothing is judged; "" leaves a cell empty."""
        start = self._sheet(document, sheet).getCellRangeByName(cell).RangeAddress
        for down, row in enumerate(rows):
            for right, value in enumerate(row):
                target = self._sheet(document, sheet).getCellByPosition(
                    start.StartColumn + right, start.StartRow + down
                )
                driver.write(target, value)

    def type_text(self, document, sheet, cell, text, insist=False):
        frame = self._select(document, sheet, cell)
        if insist:
            self._dispatch(frame, "EnterString", StringName=text)
        elif text[:1] in (
            "=",
            "+",
            "-",
        ):  # the input line takes a move of the cursor for a reference: enter, judge, take back
            target = self._sheet(document, sheet).getCellRangeByName(cell)
            before = target.Formula
            self._dispatch(frame, "EnterString", StringName=text)
            judged = target.Formula != before and target.Validation.ShowErrorMessage
            if judged and target.AbsoluteName in self._invalid(document, sheet):
                self._dispatch(frame, "Undo")
        else:
            self._dispatch(frame, "EnterString", StringName=text, DontCommit=True)
            self._dispatch(frame, "JumpToNextCell")

    def clear(self, document, sheet, range):
        self._dispatch(self._select(document, sheet, range), "ClearContents")

    def copy(self, document, sheet, source, target, target_sheet=None):
        self._dispatch(self._select(document, sheet, source), "Copy")
        self._dispatch(self._select(document, target_sheet or sheet, target), "Paste")

    def drag(self, document, sheet, source, target):
        table = self._sheet(document, sheet)
        table.moveRange(table.getCellRangeByName(target).getCellByPosition(0, 0).CellAddress,
                        table.getCellRangeByName(source).RangeAddress)  # fmt: skip

    def show_invalid(self, document, sheet):
        return [address(column, row) for row, column in sorted(self._invalid(document, sheet).values())]

    def _invalid(self, document, sheet):
        return driver.refused_cells(self.documents[document], self._sheet(document, sheet))

    def looks(self, document, sheet):
        """What the HTML export says of each cell, to the last one used or conditionally formatted.

        The export leaves hidden rows and columns out, so they are shown for its time; and it ends with the last
        content or drawing, so a drawing is put there for its time.
        """
        table = self._sheet(document, sheet)
        left, top, right, bottom = self._used(table)
        for format in table.ConditionalFormats.getConditionalFormats():
            for each in format.Range.RangeAddresses:
                left, top = min(left, each.StartColumn), min(top, each.StartRow)
                right = max(right, min(each.EndColumn, right + MORE))
                bottom = max(bottom, min(each.EndRow, bottom + MORE))
        corners = [(left, top), (right, bottom)]
        hidden = [line for lines, first, last in ((table.Rows, 0, bottom), (table.Columns, 0, right))
                  for line in (lines.getByIndex(index) for index in _span(first, last))
                  if not line.IsVisible]  # fmt: skip
        added = []
        sheet_hidden = not table.IsVisible
        try:
            table.IsVisible = True
            for line in hidden:
                line.IsVisible = True
            if any(not line.IsVisible for line in hidden):
                raise ValueError(f"the hidden rows or columns of {sheet} cannot be shown: unprotect it first")
            for column, row in corners:
                cell = table.getCellByPosition(column, row)
                shape = self.documents[document].createInstance("com.sun.star.drawing.RectangleShape")
                table.DrawPage.add(shape)
                added.append(shape)
                middle = Point(X=cell.Position.X + cell.Size.Width // 2, Y=cell.Position.Y + cell.Size.Height // 2)
                shape.Position, shape.Size = middle, Size(Width=10, Height=10)
            with tempfile.TemporaryDirectory() as folder:
                page = Path(folder) / "page.html"
                chosen = properties(FilterName="HTML (StarCalc)", FilterOptions="UTF-8")
                self.documents[document].storeToURL(page.as_uri(), chosen)
                parser = Tables()
                parser.feed(page.read_text(encoding="utf-8"))
        finally:
            for shape in added:
                table.DrawPage.remove(shape)
            for line in hidden:
                line.IsVisible = False
            if sheet_hidden:
                table.IsVisible = False
        looks = parser.tables.get(self.sheets(document).index(sheet))  # an empty sheet has no table
        if looks is None and set(parser.tables) == {None}:
            looks = parser.tables[None]
        return {address(left + column, top + row): look for (row, column), look in (looks or {}).items()}

    def calculate_later(self, document):
        """No formula is calculated until `recalculate` is asked for: many changes one after the other are quicker."""
        self.documents[document].enableAutomaticCalculation(False)

    def recalculate(self, document, hard=True):
        found = self.documents[document]
        found.calculateAll() if hard else found.calculate()

    def save_as(self, document, path, filter):
        name, _, options = filter.partition(":")  # as in soffice --convert-to: "Text - txt - csv (StarCalc):44,34,76"
        named = properties(FilterName=name, FilterOptions=options, Overwrite=True)
        self.documents[document].storeToURL(Path(path).as_uri(), named)

    def insert_rows(self, document, sheet, row, count=1):
        self._dispatch(self._select(document, sheet, f"{row}:{row + count - 1}"), "InsertRows")

    def delete_rows(self, document, sheet, row, count=1):
        self._dispatch(self._select(document, sheet, f"{row}:{row + count - 1}"), "DeleteRows")

    def insert_cells(self, document, sheet, range, way):
        """Insert cells before a range: way is DOWN, RIGHT, ROWS or COLUMNS."""
        table = self._sheet(document, sheet)
        table.insertCells(table.getCellRangeByName(range).RangeAddress, _mode("CellInsertMode", way))

    def delete_cells(self, document, sheet, range, way):
        """Delete the cells of a range: way is UP, LEFT, ROWS or COLUMNS."""
        table = self._sheet(document, sheet)
        table.removeRange(table.getCellRangeByName(range).RangeAddress, _mode("CellDeleteMode", way))

    def merges(self, document, sheet, range=None):
        """The merged ranges that begin in a range, else in the used area."""
        table = self._sheet(document, sheet)
        waiting, found = [self._used(table)], []
        if range is not None:
            part = table.getCellRangeByName(range).RangeAddress
            left, top, right, bottom = waiting.pop()
            right, bottom = min(right, part.EndColumn), min(bottom, part.EndRow)
            if part.StartColumn <= right and part.StartRow <= bottom:
                waiting.append((part.StartColumn, part.StartRow, right, bottom))
        while waiting:  # halved again and again: asking cell by cell takes seconds
            left, top, right, bottom = waiting.pop()
            if not table.getCellRangeByPosition(left, top, right, bottom).getIsMerged():
                continue
            if (left, top) == (right, bottom):
                cursor = table.createCursorByRange(table.getCellByPosition(left, top))
                cursor.collapseToMergedArea()
                at = cursor.RangeAddress
                found.append(f"{address(at.StartColumn, at.StartRow)}:{address(at.EndColumn, at.EndRow)}")
            elif bottom - top > right - left:
                middle = (top + bottom) // 2
                waiting += [(left, top, right, middle), (left, middle + 1, right, bottom)]
            else:
                middle = (left + right) // 2
                waiting += [(left, top, middle, bottom), (middle + 1, top, right, bottom)]
        return sorted(found)

    def merge(self, document, sheet, range, on=True):
        self._sheet(document, sheet).getCellRangeByName(range).merge(on)

    def paste(self, document, sheet, range, to, target_sheet, target, flags=None):
        """Copy a range into another workbook; flags: what is pasted (SVDFNT: texts, numbers, dates, formulas, notes,
        formats), all without."""
        self._select(document, sheet, range)
        carried = self.documents[document].CurrentController.getTransferable()
        frame = self._select(to, target_sheet, target)
        if flags is None:
            self.documents[to].CurrentController.insertTransferable(carried)
            return
        self._dispatch(self._select(document, sheet, range), "Copy")
        frame = self._select(to, target_sheet, target)
        self._dispatch(frame, "InsertContents", Flags=flags, FormulaCommand=0, SkipEmptyCells=False, Transpose=False,
                       AsLink=False, MoveMode=4)  # fmt: skip

    def names(self, document):
        """The defined names, each with its sheet (None for the workbook's own) and what it stands for."""
        found = []
        for sheet, held in self._names(document):
            found += [[name, sheet, held.getByName(name).Content] for name in held.ElementNames]
        return found

    def drop_name(self, document, sheet, name):
        dict(self._names(document))[sheet].removeByName(name)

    def point_name(self, document, sheet, name, content):
        """Let a defined name stand for something else."""
        dict(self._names(document))[sheet].getByName(name).setContent(content)

    def _names(self, document):
        yield None, self.documents[document].NamedRanges
        for sheet in self.sheets(document):
            yield sheet, self._sheet(document, sheet).NamedRanges

    def annotate(self, document, sheet, cell, text):
        table = self._sheet(document, sheet)
        table.Annotations.insertNew(table.getCellRangeByName(cell).CellAddress, text)

    def add_sheet(self, document, name, at):
        self.documents[document].Sheets.insertNewByName(name, at)

    def remove_sheet(self, document, sheet):
        self._sheet(document, sheet)
        self.documents[document].Sheets.removeByName(sheet)

    def move_sheet(self, document, sheet, at):
        self._sheet(document, sheet)
        self.documents[document].Sheets.moveByName(sheet, at)

    def show_sheet(self, document, sheet, visible):
        self._sheet(document, sheet).IsVisible = visible

    def hidden_rows(self, document, sheet):
        """The rows of the used area that are not shown, from 1."""
        table = self._sheet(document, sheet)
        _, top, _, bottom = self._used(table)
        return [row + 1 for row in _span(top, bottom) if not table.Rows.getByIndex(row).IsVisible]

    def rename(self, document, sheet, name):
        self._sheet(document, sheet).Name = name

    def copy_sheet(self, document, sheet, name, to=None):
        source, target = self.documents[document], self.documents[to or document]
        if target is source:
            source.Sheets.copyByName(sheet, name, source.Sheets.Count)
        else:
            place = target.Sheets.importSheet(source, sheet, target.Sheets.Count)
            target.Sheets.getByIndex(place).Name = name

    def protected(self, document, sheet):
        return self._sheet(document, sheet).isProtected()

    def unprotect(self, document, sheet, password=""):
        table = self._sheet(document, sheet)
        table.unprotect(password)
        if table.isProtected():
            raise ValueError(f"{sheet} is still protected: another password is wanted")

    def sort(self, document, sheet, range, column, descending=False):
        part = self._sheet(document, sheet).getCellRangeByName(range)
        field = TableSortField()
        field.Field, field.IsAscending = column, not descending
        fields = uno.Any("[]com.sun.star.table.TableSortField", (field,))
        part.sort(properties(SortFields=fields, ContainsHeader=False, IsSortColumns=False))

    def end(self):
        for document in list(self.documents):
            self.close(document)
        driver.end(self.process, self.desktop)

    def _sheet(self, document, sheet):
        sheets = self.documents[document].Sheets
        if not sheets.hasByName(sheet):
            raise ValueError(f"there is no sheet {sheet!r}; there are {', '.join(sheets.ElementNames)}")
        return sheets.getByName(sheet)

    def _used(self, table):
        cursor = table.createCursor()
        cursor.gotoStartOfUsedArea(False)
        start = cursor.RangeAddress
        cursor.gotoEndOfUsedArea(False)
        end = cursor.RangeAddress
        return start.StartColumn, start.StartRow, end.EndColumn, end.EndRow

    def _select(self, document, sheet, range):
        controller = self.documents[document].CurrentController
        table = self._sheet(document, sheet)
        if not table.IsVisible:
            raise ValueError(f"{sheet} is hidden: nothing can be selected there")
        controller.setActiveSheet(table)
        controller.select(table.getCellRangeByName(range))
        return controller.Frame

    def _dispatch(self, frame, command, **arguments):
        self.dispatcher.executeDispatch(frame, f".uno:{command}", "", 0, properties(**arguments))


def _mode(kind, way):
    return uno.Enum(f"com.sun.star.sheet.{kind}", way)


def _span(first, last):
    return range(first, last + 1)


def main() -> None:
    office = None
    for line in sys.stdin:
        order = json.loads(line)
        word = order.pop("do")
        try:
            if word == "start":
                office = Office(order["soffice"], order["profile"])
                result = office.hello()
            else:
                result = getattr(office, word)(**order)
            answer = {"result": result}
        except Exception as error:
            answer = {"error": " ".join(str(getattr(error, "Message", "") or error).split()) or type(error).__name__}
        print(json.dumps(answer), flush=True)
        if word == "end":
            return
    if office is not None:  # the tests have gone: so goes soffice
        office.end()


if __name__ == "__main__":
    try:
        main()
    finally:  # whatever happened, nothing is left running: this process leads the group that soffice is in
        if os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)
