"""The options that many commands have, and the end of a command whose input was wrong."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from perfxl.errors import PerfxlError


def _known_language(context: click.Context, option: click.Parameter, value: str) -> str:
    """Return the language if there are words in it; they are looked up only for another one than the usual."""
    if value == "zh-CN":
        return value
    from perfxl import messages

    return click.Choice(messages.languages()).convert(value, option, context)


class PrintedText(click.types.StringParamType):
    """A text that is printed on every sheet, and no longer than the verbs take it."""

    @property
    def most(self) -> int:
        """The most characters that it may have."""
        from perfxl.batch.arguments import MOST_PRINTED  # late: `perfxl --help` must not wait for it

        return MOST_PRINTED

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text. Raises BadParameter where it is too long."""
        if len(text := str(value)) > self.most:
            self.fail("too long", param, ctx)
        return text


PRINTED = PrintedText()
FILE = click.Path(path_type=Path)
LANG = click.option(
    "--lang",
    callback=_known_language,
    default="zh-CN",
    show_default=True,
    metavar="LANG",
    help="语言：zh-CN、en。 Language of messages: zh-CN, en.",
)


def report_errors(command: Callable[..., int]) -> Callable[..., int]:
    """Return the command's status; a mistake in what it was given is one sentence and status 2."""

    @functools.wraps(command)
    def run(*args: Any, **options: Any) -> int:
        try:
            return command(*args, **options)
        except PerfxlError as error:
            return refuse(error, options["lang"])
        except BrokenPipeError:  # the reader of stdout went away: head, less; click would make it status 1
            from perfxl.report.console import abandon

            abandon(sys.stdout)
            return 2

    return run


def refuse(error: PerfxlError, lang: str) -> int:
    """Say what went wrong; return the status of a call that failed."""
    from perfxl import messages
    from perfxl.report.console import say

    with suppress(OSError):  # nobody hears it where standard error is full as well
        for mistake in (error, *getattr(error, "others", ())):
            say(messages.sentence(mistake, lang))
    return 2
