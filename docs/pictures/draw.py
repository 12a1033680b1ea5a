"""Draw the pictures: ``python docs/pictures/draw.py``. Needs LibreOffice, pdftoppm and Chromium."""

from __future__ import annotations

import copy
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tests"))

from office.libreoffice import LibreOffice  # noqa: E402 - found by the line above
from rounds.invented_county import county_in_progress  # noqa: E402
from tutorial import BLOCK, PAGE, example_form, follow  # noqa: E402

import perfxl  # noqa: E402
from perfxl import records  # noqa: E402
from perfxl.form.answers import put  # noqa: E402
from perfxl.report.board_page import board_page  # noqa: E402
from perfxl.report.board_workbook import board_workbook  # noqa: E402
from perfxl.rounds.desk import viewing  # noqa: E402

MISTAKES = {
    "budget.other": 10.0,
    "plan.october": 45,
    "indicators[2].description": None,
    "indicators[7].target": "100%",
    "indicators[0].basis": "清民发【2023】8号文件",
}
DEADLINE = "11月6日17:00"


def main() -> None:
    held: Any = records.load(HERE.parents[1] / "examples" / "records.yaml")
    good = {**held, "projects": held["projects"][:1]}
    bad = copy.deepcopy(good)
    for path, value in MISTAKES.items():
        put(bad["projects"][0], path, value)
    flagged = perfxl.flag(filled(bad), deadline=DEADLINE).files[0].data
    with tempfile.TemporaryDirectory() as folder, LibreOffice(Path(folder)) as office:
        for name, data in (("filled", filled(good)), ("flagged", flagged)):
            source = Path(folder) / f"{name}.xlsx"
            source.write_bytes(data)
            office.to_pdf(source, source.with_suffix(".pdf"))
            size = ["-r", "88", "-x", "20", "-y", "50", "-W", "690", "-H", "960", "-f", "1", "-l", "1", "-singlefile"]
            subprocess.run(["pdftoppm", "-png", *size, source.with_suffix(".pdf"), HERE / name], check=True)
    draw_tutorial()
    draw_pieces()
    draw_stages()
    draw_board()
    draw_document()


TUTORIAL = {
    "travel-first": ("generate claims.yaml -o out --form travel\n", "out", 330),
    "travel-blank": ("generate claims.yaml -o out --form travel --force\n", "out", 960),
    "travel-flagged": ("flag back -o flagged", "flagged", 960),
}
"""The tutorial's pictures: the command after which a book is looked at, the book's folder, the picture's height."""


def draw_tutorial() -> None:
    """Draw the first claim as the tutorial's reader sees it, three times."""
    with tempfile.TemporaryDirectory() as folder, LibreOffice(Path(folder) / "office") as office:
        for command in follow(Path(folder), PAGE.read_text(encoding="utf-8")):
            for name, (words, books, height) in TUTORIAL.items():
                if words in command.shown:
                    (book,) = (Path(folder) / books).glob("*.xlsx")
                    pdf = Path(folder) / f"{name}.pdf"
                    office.to_pdf(book, pdf)
                    size = ["-r", "88", "-x", "20", "-y", "40", "-W", "690", "-H", str(height), "-f", "2", "-l", "2"]
                    subprocess.run(["pdftoppm", "-png", "-singlefile", *size, pdf, HERE / name], check=True)


PIECES = {"lines": ("lines:", 420), "side-by-side": ("table: [", 330)}
"""The pictures of docs/forms.md: what stands in the piece of a form that is drawn, the picture's height."""


def draw_pieces() -> None:
    """Draw pieces of docs/forms.md as blank workbooks."""
    page = PAGE.with_name("forms.md").read_text(encoding="utf-8")
    held = {"year": 2026, "unit": {"code": "1001", "name": "Parish of Long Marsh"}, "visits": [{"number": 1}]}
    with tempfile.TemporaryDirectory() as folder, LibreOffice(Path(folder) / "office") as office:
        for name, (words, height) in PIECES.items():
            piece = next(block["text"] for block in BLOCK.finditer(page) if words in block["text"])
            (Path(folder) / name).mkdir()
            (workbook,) = perfxl.generate(held, form=example_form(Path(folder) / name, piece))
            book, pdf = Path(folder) / f"{name}.xlsx", Path(folder) / f"{name}.pdf"
            book.write_bytes(workbook.data)
            office.to_pdf(book, pdf)
            size = ["-r", "88", "-x", "20", "-y", "40", "-W", "690", "-H", str(height), "-f", "2", "-l", "2"]
            subprocess.run(["pdftoppm", "-png", "-singlefile", *size, pdf, HERE / name], check=True)


STAGES = {"monitoring": (5, True, 640), "self-evaluation": (16, False, 640)}
"""The pictures of July and December: the page of a project, whether the book is flagged, the picture's height."""


def draw_stages() -> None:
    """Draw a project of each of the township's workbooks."""
    with tempfile.TemporaryDirectory() as folder, LibreOffice(Path(folder) / "office") as office:
        for name, (page, is_flagged, height) in STAGES.items():
            data = (HERE.parents[1] / "examples" / "stages" / f"{name}.xlsx").read_bytes()
            book, pdf = Path(folder) / f"{name}.xlsx", Path(folder) / f"{name}.pdf"
            book.write_bytes(perfxl.flag(data, deadline="8月9日17:00").files[0].data if is_flagged else data)
            office.to_pdf(book, pdf)
            size = ["-r", "88", "-x", "20", "-y", "50", "-W", "980", "-H", str(height)]
            size += ["-f", str(page), "-l", str(page)]
            subprocess.run(["pdftoppm", "-png", "-singlefile", *size, pdf, HERE / name], check=True)


def draw_board() -> None:
    """Draw the board of a round, as a workbook and as a page."""
    with tempfile.TemporaryDirectory() as folder, LibreOffice(Path(folder)) as office:
        round = county_in_progress(Path(folder) / "2024年一上", random.Random(4), units=300, projects=10)  # noqa: S311
        with patch.object(viewing, "now", return_value="2024-03-18T08:26:00"):
            viewing.note_reminders(round, viewing.list_reminders(round, "201"))
            board = viewing.status(round)
        book, page = Path(folder) / "board.xlsx", Path(folder) / "board.html"
        book.write_bytes(board_workbook(board, "zh-CN"))
        page.write_text(board_page(board, "zh-CN"), encoding="utf-8")
        office.to_pdf(book, book.with_suffix(".pdf"))
        size = ["-gray", "-r", "96", "-f", "1", "-l", "1", "-singlefile"]
        subprocess.run(["pdftoppm", "-png", *size, book.with_suffix(".pdf"), HERE / "board-xlsx"], check=True)
        size = [f"--screenshot={HERE / 'board-html.png'}", "--window-size=1366,540"]
        subprocess.run(["chromium", "--headless", "--no-sandbox", *size, page.as_uri()], check=True)


DOCUMENT = {"title": 1, "contents": 2, "goals": 3, "one-page": 16, "breaking-1": 9, "breaking-2": 10}
"""The pictures of the published document: the page of each."""


def draw_document() -> None:
    """Draw pages of the township's document."""
    held: Any = records.load(HERE.parents[1] / "examples" / "records.yaml")
    with tempfile.TemporaryDirectory() as folder:
        pdf = Path(folder) / "document.pdf"
        perfxl.publish(held, output=pdf, to="pdf", pages=True)
        for name, page in DOCUMENT.items():
            size = ["-gray", "-r", "56", "-f", str(page), "-l", str(page), "-singlefile"]
            subprocess.run(["pdftoppm", "-png", *size, pdf, HERE / f"document-{name}"], check=True)


def filled(held: dict[str, Any]) -> bytes:
    """Return the workbook of the records' one project, filled in."""
    (workbook,) = perfxl.generate(held, by="project", prefill="all", office="清溪县财政局绩效股", phone="0000-1234567")
    return workbook.data


if __name__ == "__main__":
    main()
