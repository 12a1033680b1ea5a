"""The commands that show where a round stands and whom to remind; apart from the others, so that they begin at once."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

from perfxl import messages
from perfxl.batch import output as files
from perfxl.errors import RoundError
from perfxl.report.console import data, say, show_line
from perfxl.report.reminder import reminder_lines, reminder_texts
from perfxl.rounds.board import Board
from perfxl.rounds.desk import author, viewing
from perfxl.rounds.round import find_round


def status(only: str, unit: str, target: Path | None, force: bool, as_json: bool, folder: Path, lang: str) -> int:
    """Show the board of a round, or write it to a file."""
    check_target(target, (".xlsx", ".html"), force)
    board = viewing.status(find_round(folder), only, unit)
    if target is not None:
        files.write_file(target, _board_file(board, target, lang))
        say(messages.say("rounds.board.written", {"file": target}, lang))
    if as_json:
        data(json.dumps(board.plain(), ensure_ascii=False, indent=2))
    elif target is None:
        from perfxl.report.board_terminal import board_lines

        for line in board_lines(board, lang):
            show_line(line)
    return 0


def _board_file(board: Board, target: Path, lang: str) -> bytes:
    """Return the board as the file that the ending of its name asks for; only then is loaded what writes it."""
    if target.suffix.lower() == ".html":
        from perfxl.report.board_page import board_page

        return board_page(board, lang).encode()
    from perfxl.report.board_workbook import board_workbook

    return board_workbook(board, lang)


def check_target(target: Path | None, endings: Collection[str], force: bool) -> None:
    """Raise RoundError for a file whose ending does not say what it is to be, OutputExists for one that is there."""
    if target is None:
        return
    if target.suffix.lower() not in endings:
        raise RoundError(what="wrong_ending", file=str(target), allowed=tuple(endings))
    files.check_free([target], force)


def remind(unit: str, target: Path | None, force: bool, dry_run: bool, as_json: bool, folder: Path, lang: str) -> int:
    """Show the units that have not sent all with the texts to paste, or write them; note that they were reminded."""
    check_target(target, (".txt", ".xlsx"), force)
    round, now = find_round(folder), author.now()
    reminders = viewing.list_reminders(round, unit)
    lines = list(reminder_lines(round, reminders, now, lang))
    if target is not None:
        if target.suffix.lower() == ".txt":
            files.write_file(target, files.text_bytes("".join(f"{messages.harmless(line)}\n" for line in lines)))
        else:
            from perfxl.report.reminder_workbook import reminder_workbook

            files.write_file(target, reminder_workbook(round, reminders, now, lang))
        say(messages.say("rounds.remind.written", {"file": target}, lang))
    if as_json:
        texts = reminder_texts(round, reminders, now, lang)
        units = [{**one.plain(), "text": text} for one, text in zip(reminders, texts.by_unit, strict=True)]
        data(json.dumps({"now": now, "text": texts.for_all, "units": units}, ensure_ascii=False, indent=2))
    elif target is None:
        for line in lines:
            show_line(line)
    if reminders and not dry_run:
        viewing.note_reminders(round, reminders)
        say(messages.say("rounds.remind.noted", {"units": len(reminders)}, lang))
    elif reminders:
        say(messages.say("rounds.remind.dry", {}, lang))
    return 0
