"""LibreOffice, driven as a person would: open a workbook, type, look, save. One soffice for a whole test session.

    with LibreOffice(folder) as office, office.open(path) as workbook:
        workbook.type_text("表一", "C5", "60")
        assert workbook.visible_color("表一", "C5") == "#FF0000"

The work is done by driver.py in a Python that has `uno`; the two speak JSON lines. Nothing here waits without a limit.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from perfxl.batch.libreoffice import find_soffice, find_uno_python

DRIVER = Path(__file__).with_name("driver.py")
FONTS = Path(__file__).with_name("fonts.conf")
XLSX, XLS, ODS = "Calc MS Excel 2007 XML", "MS Excel 97", "calc8"
PDF = "calc_pdf_Export"
CSV = "Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false"
"""The first sheet as a text with commas, in UTF-8, every cell as it is shown."""


class OfficeError(Exception):
    """LibreOffice could not do what was asked."""


class OfficeHung(OfficeError):
    """LibreOffice gave no answer in time and was killed."""

    def __init__(self, word: str, seconds: float):
        super().__init__(f"soffice did not answer {word!r} within {seconds:g} s; it was killed")


@dataclass(frozen=True)
class Cell:
    """What a cell holds: value (number, text, or None for an error), the text shown, its formula, its error's name."""

    value: float | str | None
    text: str
    formula: str | None
    error: str | None


EMPTY = Cell("", "", None, None)


@dataclass(frozen=True)
class Look:
    """How a cell looks with its conditional formats: colours as #RRGGBB, None where there is none.

    A conditional format's own number format is not seen here; it is in `printed_text`.
    """

    text: str
    background: str | None
    color: str | None
    bold: bool
    italic: bool


def missing() -> str | None:
    """Why LibreOffice cannot judge here, or None."""
    if not find_soffice():
        return "soffice (LibreOffice Calc) is not installed"
    if not find_uno_python():
        return "no Python with the module `uno` is installed (Debian: python3-uno)"
    return None


class LibreOffice:
    """A running soffice with its own profile folder. After a hang the next `open` starts a fresh one."""

    def __init__(self, folder: Path | str | None = None, timeout: float = 60):
        self.timeout = timeout
        self.version = ""
        self._folder = Path(folder) if folder else None
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str | None] = queue.Queue()
        self._starts = 0
        self._rest = contextlib.ExitStack()

    def __enter__(self) -> LibreOffice:
        if self._folder is None:
            self._folder = Path(self._rest.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            with contextlib.suppress(OfficeError):
                self.ask("end", timeout=20)
            self._kill()
        self._rest.close()

    def open(self, path: Path | str, password: str | None = None, hidden: bool = False) -> Document:
        """Open a workbook; ``hidden``: without a window, which is quicker."""
        if self._process is None:
            self._start()
        return Document(self, self.ask("open", path=_absolute(path), password=password, hidden=hidden), self._starts)

    def new(self) -> Document:
        """An empty workbook of one sheet."""
        if self._process is None:
            self._start()
        return Document(self, self.ask("new"), self._starts)

    def to_pdf(self, source: Path | str, target: Path | str) -> Path:
        with self.open(source) as document:
            return document.to_pdf(target)

    def convert(self, source: Path | str, target: Path | str, filter: str = XLSX) -> Path:
        """Open and save as another program would."""
        with self.open(source) as document:
            return document.save_as(target, filter)

    def render(self, source: Path | str, target: Path | str, page: int = 1, resolution: int = 96) -> Path:
        """One printed page as a PNG."""
        with self.open(source) as document:
            return document.render(target, page, resolution)

    def ask(self, word: str, timeout: float | None = None, **order: Any) -> Any:
        """One order, one answer; a hung soffice is killed and OfficeHung raised."""
        if self._process is None or self._process.stdin is None:
            raise OfficeError("soffice is not running: it was killed after it hung, or was never started")
        seconds = self.timeout if timeout is None else timeout
        try:
            self._process.stdin.write(json.dumps({"do": word, **order}) + "\n")
            self._process.stdin.flush()
            line = self._answers.get(timeout=seconds)
        except queue.Empty:
            self._kill()
            raise OfficeHung(word, seconds) from None
        except OSError:
            line = None
        if line is None:
            self._kill()
            raise OfficeError(f"soffice's driver ended while it was asked to {word!r}")
        answer = json.loads(line)
        if "bridge already disposed" in answer.get(
            "error", ""
        ):  # soffice has fallen over: the next `open` starts another
            self._kill()
        if "error" in answer:
            raise OfficeError(f"{word}: {answer['error']}")
        return answer["result"]

    @property
    def running(self) -> bool:
        """Whether soffice is there: it is not after it hung or fell over, until something is opened."""
        return self._process is not None

    @property
    def group(self) -> int:
        """The process group of the driver and its soffice."""
        if self._process is None:
            raise OfficeError("soffice is not running")
        return self._process.pid

    def _start(self) -> None:
        python, soffice = find_uno_python(), find_soffice()
        if not python or not soffice or self._folder is None:
            raise OfficeError(missing() or "use LibreOffice in a with statement")
        self._starts += 1
        profile = self._folder.resolve() / f"profile-{self._starts}"
        profile.mkdir(parents=True)
        environment = {**os.environ, "HOME": str(profile), "LC_ALL": "C.UTF-8", "SAL_USE_VCLPLUGIN": "svp"}
        environment["FONTCONFIG_FILE"] = str(FONTS)
        environment.pop("DISPLAY", None)
        self._answers = queue.Queue()
        self._process = subprocess.Popen(
            [python, "-I", str(DRIVER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(profile / "driver.log").open("w"),
            encoding="utf-8",
            env=environment,
            start_new_session=True,  # so that driver and soffice can be killed together
        )
        threading.Thread(target=_listen, args=(self._process, self._answers), daemon=True).start()
        self.version = self.ask("start", timeout=120, soffice=soffice, profile=str(profile))["version"]

    def _kill(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


def _listen(process: subprocess.Popen[str], answers: queue.Queue[str | None]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        answers.put(line)
    answers.put(None)


class Document:
    """One open workbook. Rows are counted from 1, cells named as in Excel."""

    def __init__(self, office: LibreOffice, handle: int, start: int):
        self._office, self._handle, self._start = office, handle, start

    def __enter__(self) -> Document:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._office._process is not None and self._office._starts == self._start:
            self.close()

    def sheets(self) -> list[str]:
        return list(self._ask("sheets"))

    def visible(self, sheet: str) -> bool:
        return bool(self._ask("visible", sheet=sheet))

    def used(self, sheet: str) -> str:
        """The range in use, as A1:H40."""
        return str(self._ask("used", sheet=sheet))

    def cells(self, sheet: str, range: str | None = None) -> dict[str, Cell]:
        """The cells that hold something, by address."""
        return {place: Cell(**cell) for place, cell in self._ask("cells", sheet=sheet, range=range).items()}

    def cell(self, sheet: str, address: str) -> Cell:
        return self.cells(sheet, address).get(address, EMPTY)

    def values(self, sheet: str, range: str) -> list[list[float | str | None]]:
        """A rectangle of values, row by row: "" for an empty cell, None for an error."""
        return list(self._ask("values", sheet=sheet, range=range))

    def type_text(self, sheet: str, cell: str, text: str, insist: bool = False) -> Cell:
        """Type as a person does, and see what the cell then holds: locks and validations are obeyed.

        A validation that only warns is answered by taking the entry back; `insist` answers by keeping it
        (and passes by validations that refuse, as pasting does). It never passes by a lock.
        """
        self._ask("type_text", sheet=sheet, cell=cell, text=text, insist=insist)
        return self.cell(sheet, cell)

    def clear(self, sheet: str, range: str) -> None:
        """Press Delete on a selection. LibreOffice leaves it whole when one of its cells is locked."""
        self._ask("clear", sheet=sheet, range=range)

    def copy(self, sheet: str, source: str, target: str, target_sheet: str | None = None) -> None:
        """Copy and paste, with formats and validations, as a person does: nothing is pasted onto locked cells."""
        self._ask("copy", sheet=sheet, source=source, target=target, target_sheet=target_sheet)

    def drag(self, sheet: str, source: str, target: str) -> None:
        """Move cells onto others, as dragging does: references follow."""
        self._ask("drag", sheet=sheet, source=source, target=target)

    def show_invalid(self, sheet: str) -> list[str]:
        """The cells that data validation marks as invalid (at most 1,000; LibreOffice marks no more)."""
        return list(self._ask("show_invalid", sheet=sheet))

    def looks(self, sheet: str) -> dict[str, Look]:
        """How each used or conditionally formatted cell looks, hidden ones too; of a merge only its first cell."""
        return {place: Look(**look) for place, look in self._ask("looks", sheet=sheet).items()}

    def visible_color(self, sheet: str, cell: str) -> str | None:
        """A cell's fill as shown, conditional formats included: #RRGGBB, or None for no fill."""
        looks = self.looks(sheet)
        if cell not in looks:
            raise OfficeError(f"{cell} is not a cell in the used range of {sheet}, or lies under a merge")
        return looks[cell].background

    def calculate_later(self) -> None:
        """No formula is calculated until `recalculate` is asked for: many changes one after the other are quicker."""
        self._ask("calculate_later")

    def recalculate(self, hard: bool = True) -> None:
        self._ask("recalculate", hard=hard)

    def insert_rows(self, sheet: str, row: int, count: int = 1) -> None:
        """Insert rows before `row`, as the menu does: a lock that forbids it is obeyed, silently."""
        self._ask("insert_rows", sheet=sheet, row=row, count=count)

    def delete_rows(self, sheet: str, row: int, count: int = 1) -> None:
        """Delete rows, as the menu does: a lock that forbids it is obeyed, silently."""
        self._ask("delete_rows", sheet=sheet, row=row, count=count)

    def look_over(self, sheet: str) -> dict[tuple[int, int], float | str | None]:
        """What stands in the used area, by row and column from 0; a person's eye knows no addresses."""
        top, left, rows = self._ask("look_over", sheet=sheet)
        return {
            (top + down, left + right): value
            for down, row in enumerate(rows)
            for right, value in enumerate(row)
            if value != ""
        }

    def write(self, sheet: str, cell: str, rows: list[list[float | str]]) -> None:
        """Values into a block of cells, as pasting from another program does: no lock, no validation is asked."""
        self._ask("write", sheet=sheet, cell=cell, rows=rows)

    def insert_cells(self, sheet: str, range: str, way: str) -> None:
        """Insert cells before a range: way is DOWN, RIGHT, ROWS or COLUMNS. On a protected sheet nothing happens."""
        self._ask("insert_cells", sheet=sheet, range=range, way=way)

    def delete_cells(self, sheet: str, range: str, way: str) -> None:
        """Delete the cells of a range: way is UP, LEFT, ROWS or COLUMNS. On a protected sheet nothing happens."""
        self._ask("delete_cells", sheet=sheet, range=range, way=way)

    def merges(self, sheet: str, range: str | None = None) -> list[str]:
        """The merged ranges that begin in a range, else in the used area."""
        return list(self._ask("merges", sheet=sheet, range=range))

    def merge(self, sheet: str, range: str, on: bool = True) -> None:
        """Merge a range, or split all that is merged in it."""
        self._ask("merge", sheet=sheet, range=range, on=on)

    def paste(
        self, sheet: str, range: str, to: Document, target_sheet: str, target: str, flags: str | None = None
    ) -> None:
        """Copy a range into another workbook, or this one. ``flags``: what is pasted, by Calc's letters SVDFNT."""
        order = {"to": to._handle, "target_sheet": target_sheet, "target": target, "flags": flags}
        self._ask("paste", sheet=sheet, range=range, **order)

    def names(self) -> list[tuple[str, str | None, str]]:
        """The defined names: name, its sheet (None for the workbook's own), what it stands for."""
        return [(name, sheet, content) for name, sheet, content in self._ask("names")]

    def drop_name(self, sheet: str | None, name: str) -> None:
        self._ask("drop_name", sheet=sheet, name=name)

    def point_name(self, sheet: str | None, name: str, content: str) -> None:
        """Let a defined name stand for something else."""
        self._ask("point_name", sheet=sheet, name=name, content=content)

    def annotate(self, sheet: str, cell: str, text: str) -> None:
        self._ask("annotate", sheet=sheet, cell=cell, text=text)

    def add_sheet(self, name: str, at: int) -> None:
        self._ask("add_sheet", name=name, at=at)

    def remove_sheet(self, sheet: str) -> None:
        self._ask("remove_sheet", sheet=sheet)

    def move_sheet(self, sheet: str, at: int) -> None:
        """Move a sheet before the sheet that stands at ``at``, from 0."""
        self._ask("move_sheet", sheet=sheet, at=at)

    def show_sheet(self, sheet: str, visible: bool) -> None:
        self._ask("show_sheet", sheet=sheet, visible=visible)

    def hidden_rows(self, sheet: str) -> list[int]:
        """The rows of the used area that are not shown."""
        return list(self._ask("hidden_rows", sheet=sheet))

    def rename(self, sheet: str, name: str) -> None:
        self._ask("rename", sheet=sheet, name=name)

    def copy_sheet(self, sheet: str, name: str, to: Document | None = None) -> None:
        """Copy a sheet to the end of this workbook, or of another."""
        self._ask("copy_sheet", sheet=sheet, name=name, to=to and to._handle)

    def protected(self, sheet: str) -> bool:
        return bool(self._ask("protected", sheet=sheet))

    def unprotect(self, sheet: str, password: str = "") -> None:
        self._ask("unprotect", sheet=sheet, password=password)

    def sort(self, sheet: str, range: str, column: int = 0, descending: bool = False) -> None:
        """Sort the rows of a range by its column (counted from 0 within the range)."""
        self._ask("sort", sheet=sheet, range=range, column=column, descending=descending)

    def save_as(self, path: Path | str, filter: str = XLSX) -> Path:
        self._ask("save_as", path=_absolute(path), filter=filter)
        return Path(path)

    def to_pdf(self, path: Path | str) -> Path:
        return self.save_as(path, PDF)

    def render(self, target: Path | str, page: int = 1, resolution: int = 96) -> Path:
        """One printed page as a PNG."""
        target = Path(target)
        with tempfile.TemporaryDirectory() as folder:
            pdf = self.to_pdf(Path(folder) / "page.pdf")
            pages = ["-f", str(page), "-l", str(page), "-r", str(resolution)]
            _poppler(["pdftoppm", "-png", *pages, "-singlefile", str(pdf), str(target.with_suffix(""))])
        made = target.with_suffix(".png")
        return made if made == target else made.replace(target)

    def printed_text(self) -> str:
        """The text of all printed pages, laid out: what number formats, conditional ones too, make of the values."""
        with tempfile.TemporaryDirectory() as folder:
            pdf = self.to_pdf(Path(folder) / "page.pdf")
            return _poppler(["pdftotext", "-layout", str(pdf), "-"])

    def close(self) -> None:
        self._ask("close")

    def _ask(self, word: str, **order: Any) -> Any:
        if self._office._starts != self._start:
            raise OfficeError("this workbook was lost when soffice hung and was killed")
        return self._office.ask(word, document=self._handle, **order)


def _absolute(path: Path | str) -> str:
    return str(Path(path).resolve())


def _poppler(command: list[str]) -> str:
    if shutil.which(command[0]) is None:
        raise OfficeError(f"{command[0]} is not installed (Debian: poppler-utils)")
    done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, encoding="utf-8", timeout=60)
    if done.returncode:
        raise OfficeError(f"{command[0]} ended with status {done.returncode}: {done.stderr.strip()}")
    return done.stdout
