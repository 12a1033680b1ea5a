"""Where words go: data to standard output, sentences to standard error."""

from __future__ import annotations

import sys

import click


def say(text: str) -> None:
    """A sentence to the person who typed the command."""
    click.echo(text, err=True)


def data(text: str) -> None:
    """Data for other programs: UTF-8, whatever the console's own encoding is."""
    click.echo(text if sys.stdout.isatty() else text.encode("utf-8", "backslashreplace"))
