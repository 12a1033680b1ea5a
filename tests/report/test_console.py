"""Nothing that people wrote reaches a terminal as a command, from any place, by any command, in any format."""

from __future__ import annotations

import copy
import json
import random
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from workbook.conftest import example

from perfxl import messages
from perfxl.cli import main

BIDI = [0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x2070)]
SIGNS = [*range(0x20), *range(0x7F, 0xA0), *BIDI, 0x2028, 0x2029, 0xFEFF, 0xFFF9, 0xFFFA, 0xFFFB]
HALVES = [0xD800, 0xDBFF, 0xDC00, 0xDC80, 0xDFFF]
SCRIPTS = [
    "\x1b[31m红",
    "\x1b]8;;http://x/\x07点\x1b]8;;\x07",
    "\x9b2J",
    "\r强制性0条",
    "[red]x[/red]",
    "\u202exslx.表",
    "\x1b]0;t\x1b\\",
]


def hostile(dice: random.Random, signs: list[int]) -> str:
    """Invent a text with a few of these signs between ordinary ones."""
    pieces = [
        "甲",
        "修路3公里",
        "a",
        " ",
        "_x001B_[31m",
        "\\",
        "<b>",
        *SCRIPTS,
        *(chr(sign) for sign in dice.choices(signs, k=4)),
    ]
    dice.shuffle(pieces)
    return "".join(pieces[: dice.randint(3, 12)])


def leaks(text: str, lines: bool = True) -> set[str]:
    """Return what of a text a terminal would obey, or could not show."""
    kept = "\n\t" if lines else ""
    return {
        sign for sign in text
        if sign not in kept and (unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") or ord(sign) in BIDI or sign == "\ufeff")
    }  # fmt: skip


def test_every_sign_is_shown_and_none_is_obeyed() -> None:
    for sign in map(chr, (*SIGNS, *HALVES)):
        shown = messages.one_line(f"甲{sign}乙")
        assert leaks(shown, lines=False) == set()
        assert (shown[0], shown[-1]) == ("甲", "乙")
        assert len(shown) > 3, ascii(sign)


@pytest.mark.parametrize("seed", range(4))
def test_any_text_is_one_line_and_says_the_same_in_json(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(100):
        text = hostile(dice, [*SIGNS, *HALVES])
        assert leaks(messages.one_line(text), lines=False) == set()
        assert messages.one_line(messages.one_line(text)) == messages.one_line(text)
        assert json.loads(messages.harmless(json.dumps(text, ensure_ascii=False))) == text
        plain = "".join(sign for sign in text if sign.isprintable())
        assert messages.one_line(plain) == plain


# Commands ---------------------------------------------------------------------------------------------------------------


def texts(value: Any, dice: random.Random, key: str = "") -> Any:
    """Return records with every free text made hostile."""
    if isinstance(value, dict):
        return {name: texts(inner, dice, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [texts(inner, dice, key) for inner in value]
    if isinstance(value, str) and key not in ("code", "level1", "level2"):
        return value[: dice.randint(0, 4)] + hostile(dice, SIGNS)
    return value


class Folder:
    """A folder of hostile things: records, workbooks of them, names of files, a county's file, a form."""

    def __init__(self, path: Path, dice: random.Random) -> None:
        self.path, self.dice = path, dice
        held = example("project-target")
        held["projects"] = copy.deepcopy(held["projects"][:2])
        held = {**texts(held, dice), "unit": {"code": "907001", "name": f"镇{hostile(dice, SIGNS)}"}}
        self.records = path / self.name("r", ".json")
        self.records.write_text(json.dumps(held), encoding="utf-8")
        self.wrong = path / self.name("w", ".yaml")
        self.wrong.write_text(
            yaml.safe_dump({"year": 2024, hostile(dice, SIGNS): [hostile(dice, SIGNS)]}), encoding="utf-8"
        )
        self.county = path / self.name("c", ".yaml")
        self.county.write_text(yaml.safe_dump({"words": {hostile(dice, SIGNS): ["x"]}}), encoding="utf-8")
        self.words = path / self.name("v", ".yaml")
        self.words.write_text(yaml.safe_dump({"words": {"carried_over": [hostile(dice, SIGNS)]}}), encoding="utf-8")
        self.form = path / self.name("f", ".yaml")
        self.form.write_text(yaml.safe_dump({"form": "f", hostile(dice, SIGNS): 1}), encoding="utf-8")

    def name(self, start: str, ending: str) -> str:
        """Invent a file's name."""
        return (
            start
            + hostile(self.dice, [sign for sign in SIGNS if sign]).replace("/", "").replace("\0", "")[:40]
            + ending
        )

    def calls(self) -> Iterator[list[object]]:
        """Yield one call after another; the first makes the workbooks of the next."""
        blank, out, typed = self.path / self.name("b", ""), self.path / self.name("o", ""), hostile(self.dice, SIGNS)
        yield ["generate", self.records, "-o", blank, "--prefill", "all", "--phase", typed]
        (made,) = blank.glob("*.xlsx")
        book = made.rename(self.path / self.name("表", ".xlsx"))
        yield ["read", book]
        yield ["read", book, "--json"]
        yield ["read", self.wrong, self.path / typed]
        for form in ("text", "html", "markdown", "json"):
            yield ["check", book, self.records, self.wrong, "--format", form, "--rules", self.words]
        yield ["flag", book, "-o", out, "--deadline", typed]
        yield ["correct", book, "-o", out, "--dry-run"]
        yield ["correct", book, "-o", out, "--only", typed]
        yield ["remarks", book, "-o", self.path / self.name("m", ".xlsx")]
        yield ["check", book, "--rules", self.county]
        yield ["rules", "--rules", self.words]
        yield ["explain", typed]
        yield ["explain", "BS-02", "--rules", self.words]
        yield ["form", "show", typed]
        yield ["generate", self.records, "-o", out, "--form", self.form]
        yield ["extract", self.wrong, "-o", self.path / "x.yaml"]
        yield ["check", book, f"--{typed}"]
        yield ["check", book, "--format", typed]
        yield [typed]


@pytest.mark.skipif(sys.platform == "win32", reason="no such names of files there")
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_no_command_lets_a_text_command(lang: str, tmp_path: Path) -> None:
    folder = Folder(tmp_path, random.Random(lang))
    for words in folder.calls():
        typed = [str(word) for word in words]
        result = CliRunner().invoke(main, [*typed, *(["--lang", lang] if len(typed) > 1 else [])])
        assert result.exception is None or isinstance(result.exception, SystemExit), words
        assert result.exit_code in (0, 1, 2), words
        for shown in (result.stdout, result.stderr):
            assert leaks(shown) == set(), words
        if "--json" in typed or typed[-3:-2] == ["json"]:
            json.loads(result.stdout)
        elif typed[0] != "check" or "text" in typed:
            assert len(result.stderr.splitlines()) <= 5, words


# Streams that do not take it ------------------------------------------------------------------------------------------------

FULL = Path("/dev/full")
PERFXL = "from perfxl.cli import main; main()"
STREAMS = {
    "a full disk": (lambda words: f"{words} >/dev/full", "结果没有写全（磁盘已满），请检查标准输出写到了哪里。\n"),
    "closed": (lambda words: f"{words} >&-", "结果没有写全（已经关闭），请检查标准输出写到了哪里。\n"),
    "both full": (lambda words: f"{words} >/dev/full 2>/dev/full", ""),
    "nowhere to say it": (lambda words: f"{words} >/dev/full 2>&-", ""),
}


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full")
@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("words", ["--help", "explain MN-02"])
def test_a_stream_that_takes_nothing(words: str, stream: str, tmp_path: Path) -> None:
    redirected, said = STREAMS[stream]
    command = redirected(f'"{sys.executable}" -P -c "{PERFXL}" {words}')
    ran = subprocess.run(
        ["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (2, "", said)


@pytest.mark.parametrize("encoding", ["ascii", "gbk"])
def test_a_console_that_cannot_show_chinese(encoding: str, tmp_path: Path) -> None:
    for words in (["--help"], ["check", "没有\u202e😀.xlsx"], ["chek"]):
        ran = subprocess.run(
            [sys.executable, "-P", "-c", PERFXL, *words],
            cwd=tmp_path, capture_output=True, check=False, env={"PYTHONIOENCODING": encoding, "PATH": ""},
        )  # fmt: skip
        assert b"Traceback" not in ran.stderr
        assert ran.returncode == (2 if words[0].startswith("che") else 0)
        assert ran.stdout + ran.stderr
