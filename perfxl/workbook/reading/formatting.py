"""The meaning of a text of which parts are struck out, raised or lowered: what the cell shows is what is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from perfxl.workbook.ooxml.rich_text import Run, Runs, plain_text


class Shown(NamedTuple):
    """A formatted text as it is understood.

    ``text``: the text that the cell shows, without what is struck out, with ³ for a raised 3; ``how``: the words of
    ``types.base.HOW`` for this; ``doubt``: the kind of doubt that remains, empty for none; ``other``: the text that it
    may be instead; ``pieces``: the pieces of the text that are in doubt.
    """

    text: str
    how: tuple[str, ...] = ()
    doubt: str = ""
    other: str = ""
    pieces: tuple[str, ...] = ()


_SUPERSCRIPTS = str.maketrans("0123456789+-−=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾")
_SUBSCRIPTS = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
_SIGNS = re.compile("[0-9+−=()-]+")
_UNIT = re.compile(r"(?:\b|[0-9])[kcdm]?m$|米$")
"""A unit of length at the end of a text; a raised 2 or 3 behind it makes it one of area or volume."""


def show_runs(runs: Runs) -> Shown:
    """Return what a formatted text shows.

    Struck-out text is no part of the answer, but who struck it out may have meant something else. Raised text is an
    exponent behind a unit; elsewhere it may be an exponent or a note. Lowered text only matters where it is a digit
    beside other digits: CO₂ is CO2, but 7₂ is not 72.
    """
    whole = plain_text(runs)
    struck = tuple(run.text for run in runs if run.struck and run.text.strip())
    if struck:
        rest = "".join(run.text for run in runs if not run.struck)
        if not rest.strip():  # nothing is left: what was typed is kept
            return Shown(whole, (), "struck_out", "", struck)
        return Shown(rest, ("struck_out",), "struck_out", whole, struck)
    doubtful = tuple(runs[at].text for at in range(len(runs)) if _is_doubtful(runs, at))
    shown = "".join(_shown_run(runs, at) for at in range(len(runs)))
    how = ("raised",) if shown != whole else ()
    if not doubtful:
        return Shown(shown, how)
    return Shown(shown, how, "raised", whole if shown != whole else _without_raised(runs), doubtful)


def _is_doubtful(runs: Runs, at: int) -> bool:
    """Return True if it matters that a run is raised or lowered, and it is not certain what it means."""
    run = runs[at]
    if not run.raised or not re.search(r"\w", run.text):
        return False
    before, after = (plain_text(part) for part in (runs[:at], runs[at + 1 :]))
    if run.raised < 0:
        return bool(re.search(r"[0-9]$", before) and re.match(r"[0-9]", run.text)) or bool(
            re.search(r"[0-9]$", run.text) and re.match(r"[0-9]", after)
        )
    return not (run.text in ("2", "3") and _UNIT.search(before) and not re.match(r"[0-9]", after))


def _shown_run(runs: Runs, at: int) -> str:
    """Return the text of a run, in Unicode's raised or lowered signs where it matters and there are such signs."""
    run = runs[at]
    if run.raised > 0 and _SIGNS.fullmatch(run.text) and re.search("[0-9]", run.text):
        return run.text.translate(_SUPERSCRIPTS)
    if run.raised < 0 and _SIGNS.fullmatch(run.text) and _is_doubtful(runs, at):
        return run.text.translate(_SUBSCRIPTS)
    return run.text


def _without_raised(runs: Runs) -> str:
    return "".join(run.text for run in runs if not run.raised)


def join_runs(parts: list[Runs]) -> Runs:
    """Return the runs of several texts as those of one text, each part on a line of its own."""
    return tuple(run for at, part in enumerate(parts) for run in _after_line_end(part, at > 0))


def _after_line_end(part: Runs, ends: bool) -> Iterator[Run]:
    if ends:
        yield Run("\n")
    yield from part
