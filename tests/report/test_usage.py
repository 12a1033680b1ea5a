"""What is wrong with a call is one sentence in the language that was asked for, whatever was typed."""

from __future__ import annotations

import random
import re

import pytest
from click.testing import CliRunner

from perfxl.cli import main

SAID = {
    ("chek",): ("没有命令“chek”。用法见perfxl --help。", "There is no command 'chek'. See perfxl --help."),
    ("check",): ("缺PATH...，请补上。用法见perfxl check --help。", "PATH... is missing. See perfxl check --help."),
    ("flag", "x"): ("缺--output，请补上。用法见perfxl flag --help。", "--output is missing. See perfxl flag --help."),
    ("check", "x", "--fom", "y"): (
        "没有选项--fom，是不是--form、--forms、--format。用法见perfxl check --help。",
        "There is no option --fom; did you mean --form, --forms, --format. See perfxl check --help.",
    ),
    ("generate", "x", "-o", "y", "--by", "town"): (
        "--by只能写unit、project。用法见perfxl generate --help。", "--by is one of unit, project. See perfxl generate --help.",
    ),
    ("generate", "x", "-o", "y", "--draft", "0"): (
        "--draft要写1到99的整数。用法见perfxl generate --help。",
        "--draft is a whole number from 1 to 99. See perfxl generate --help.",
    ),
    ("extract", "x", "-o", "y", "--year", "二四"): (
        "--year要写1990到2100的整数。用法见perfxl extract --help。",
        "--year is a whole number from 1990 to 2100. See perfxl extract --help.",
    ),
    ("explain", "a", "b", "c"): ("多写了“b c”。用法见perfxl explain --help。", "'b c' is not expected here. See perfxl explain --help."),
    ("read", "x", "--json=1"): ("--json后面不能写内容。用法见perfxl --help。", "--json takes no value. See perfxl --help."),
    ("flag", "x", "-o"): ("-o后面要写内容。用法见perfxl --help。", "-o needs a value. See perfxl --help."),
}  # fmt: skip


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, list(words), prog_name="perfxl")
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize("words", SAID, ids=" ".join)
def test_what_is_wrong_with_a_call(words: tuple[str, ...]) -> None:
    chinese, english = SAID[words]
    command, *rest = words
    assert run(*words) == (2, "", f"{chinese}\n")
    if len(words) > 1:  # before the command there is no option --lang
        assert run(command, "--lang", "en", *rest) == (2, "", f"{english}\n")
        assert run(command, "--lang=en", *rest) == (2, "", f"{english}\n")


def test_a_language_that_is_none() -> None:
    assert run("check", "x", "--lang", "fr") == (2, "", "--lang只能写en、zh-CN。用法见perfxl check --help。\n")


WORDS = ["-", "---", "-x", "-ofoo", "--o", "--=", "--force=1", "--lang", "--lang=", "-h1", "--form", "", "甲", "\x1b[31m",
         "--\u202e", "check", "--json", "-o", "--draft", "99999999999999999999", "1e5", "'", "--by", "=", "\n"]  # fmt: skip


def test_any_call_that_is_wrong() -> None:
    dice = random.Random(3)
    for _ in range(250):
        words = [dice.choice(sorted(main.commands)), *dice.choices(WORDS, k=dice.randint(1, 4)), "--force", "--nothing"]
        status, out, err = run(*words)
        assert (status, out) == (2, ""), words
        assert re.fullmatch(r".+用法见perfxl( \w+)? --help。\n", err), words
        assert not re.search(r"[A-Za-z]{3,} [a-z]{2,} [a-z]+|[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", err), words
