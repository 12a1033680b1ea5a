"""The one door to the terminal: data to standard output, sentences to standard error, nothing in them obeyed.

Whatever a sender, an officer or a file name brings must be no command to a terminal: control characters, escapes, marks
that turn the direction of writing and halves of characters are shown as ``\\u001b``, on any way out.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import TextIO

import click

from perfxl.messages import harmless, one_line


def say(text: str) -> None:
    """Print a sentence to the person who typed the command."""
    click.echo(one_line(text), err=True)


def show_line(text: object) -> None:
    """Print a line of a command's result."""
    click.echo(one_line(str(text)))


def data(text: str, more: bool = False) -> None:
    """Print data for other programs, which may be of many lines: UTF-8, whatever the console's own encoding is.

    In JSON, and in YAML's double quotes, what is made harmless still means the same. ``more``: its line goes on.
    """
    shown = harmless(text)
    click.echo(shown if sys.stdout.isatty() else shown.encode("utf-8", "backslashreplace"), nl=not more)


def data_list(items: Iterable[str]) -> None:
    """Print JSON texts, each with an indentation of two, as one list; they are not held together."""
    before = "["
    for item in items:
        data(before + "\n  " + item.replace("\n", "\n  "), more=True)
        before = ","
    data("[]" if before == "[" else "\n]")


def abandon(stream: TextIO | None) -> None:
    """Print nothing to a stream any more, so that the interpreter does not complain of it at the end."""
    if stream is not None:
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
