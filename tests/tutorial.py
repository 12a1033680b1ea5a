"""The tutorial, done as its reader does it: files are written, pieces are put into them, commands are run.

    python tests/tutorial.py        writes what the commands print into the page

A block names its file behind its language; with a ``+`` behind it, it is a piece that is laid over what is there.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from perfxl.cli import main
from perfxl.form.source import parse

PAGE = Path(__file__).parents[1] / "docs" / "forms-tutorial.md"
BLOCK = re.compile(r"^```(?P<language>\w+) ?(?P<file>\S*)(?P<piece> \+)?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Command:
    """A block of commands: as the page has it, and as it was when they were run."""

    shown: str
    printed: str


def follow(folder: Path, page: str, written: Callable[[Path], object] = lambda file: None) -> Iterator[Command]:
    """Do what the page says in this folder, block by block; ``written``: is told each file that was written."""
    for block in BLOCK.finditer(page):
        if block["language"] == "console":
            yield Command(block["text"], "".join(_run(folder, line) for line in _commands(block["text"])))
        else:
            _write(folder / block["file"], block["text"], piece=bool(block["piece"]))
            written(folder / block["file"])


def _commands(text: str) -> list[str]:
    return [line[2:] for line in text.splitlines() if line.startswith("$ ")]


def _run(folder: Path, line: str) -> str:
    name, *words = shlex.split(line)
    assert name == "perfxl"
    with contextlib.chdir(folder):
        result = CliRunner().invoke(main, words)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return f"$ {line}\n{result.output}"


def _write(file: Path, text: str, piece: bool) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    if piece:
        joined = laid_over(data(file.read_text(encoding="utf-8")), data(text))
        text = json.dumps(joined, ensure_ascii=False, indent=1)  # JSON is YAML, too
    file.write_text(text, encoding="utf-8")


def data(text: str) -> Any:
    """Return what stands in a YAML text, as perfxl reads it; days are texts."""
    return json.loads(json.dumps(parse(text, PAGE.name).plain(), default=str))


def laid_over(there: Any, piece: Any) -> Any:
    """Return what is there with the piece's keys replaced; all other keys stay."""
    if not (isinstance(there, dict) and isinstance(piece, dict)):
        return piece
    return there | {key: laid_over(there.get(key), value) for key, value in piece.items()}


BARE = {
    "form": "visits",
    "version": "1",
    "language": "en",
    "label": "Visits",
    "record": "visits[]",
    "key": "number",
    "title": "Visit {{ number }}",
    "fields": {"number": {"type": "integer", "given": True, "label": "Number"}},
}
"""A form that asks for nothing but its number."""


def example_form(folder: Path, piece: str) -> Path:
    """Write the form of which docs/forms.md shows a piece; return its folder."""
    (folder / "visits").mkdir()
    form = json.dumps(laid_over(BARE, data(piece)), ensure_ascii=False)
    (folder / "visits" / "form.yaml").write_text(form, encoding="utf-8")
    return folder / "visits"


def rewrite() -> None:
    """Write what the commands print into the page."""
    with tempfile.TemporaryDirectory() as folder:
        for command in follow(Path(folder), PAGE.read_text(encoding="utf-8")):
            page = PAGE.read_text(encoding="utf-8")
            page = page.replace(f"```console\n{command.shown}```", f"```console\n{command.printed}```", 1)
            PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    os.environ["COLUMNS"] = "120"
    rewrite()
