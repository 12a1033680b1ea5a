"""Output: data to standard output, sentences to standard error."""

from __future__ import annotations

import sys

import click


def say(text: str) -> None:
    """Print a sentence to the person who typed the command."""
    click.echo(text, err=True)


def data(text: str) -> None:
    """Print data for other programs: UTF-8, whatever the console's own encoding is."""
    click.echo(text if sys.stdout.isatty() else text.encode("utf-8", "backslashreplace"))
