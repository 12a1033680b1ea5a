"""The arguments of the verbs that are no files: checked when a verb is called, so that a mistake is named at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from perfxl.batch.urls import is_url, shown_url
from perfxl.errors import NothingToDo

Errors = Literal["raise", "collect"]
"""What becomes of a file that cannot be read: its error is raised, or stands beside what the other files hold."""

Ending = Literal["docx", "txt", "pdf"]
ENDINGS: tuple[Ending, ...] = get_args(Ending)
"""The formats of a document, as its name ends."""

Progress = Callable[[int, int], None]
"""Called with the number of files that are done, and of all."""

MOST_DRAFTS = 99
"""A sheet's printed code has two digits for the number of its draft."""


MOST_PRINTED = 200
"""The most characters of a text that is printed on every sheet."""


def _is_codes(value: object) -> bool:
    return (
        isinstance(value, Collection)
        and not isinstance(value, (str, bytes, Mapping))
        and all(isinstance(code, str) for code in value)
    )


_TEXT = (str, "a text")
_PRINTED = ("phase", "office", "phone", "deadline")
_BOOL = (bool, "True or False")
_TYPES: Mapping[str, tuple[Any, str]] = {
    "phase": ((str, type(None)), "a text or None"),
    "office": ((str, type(None)), "a text or None"),
    "language": ((str, type(None)), "a language or None"),
    "phone": _TEXT,
    "password": _TEXT,
    "deadline": _TEXT,
    "draft": (int, f"a number from 1 to {MOST_DRAFTS}"),
    "title": _TEXT,
    "year": ((int, type(None)), "a year or None"),
    "template": ((str, Path, type(None)), "a path or None"),
    "proof": ((Callable, type(None)), "a function or None"),
    "together": _BOOL,
    "pages": _BOOL,
    "force": _BOOL,
    "dry_run": _BOOL,
    "output": ((str, Path, type(None)), "a path or None"),
    "remarks": ((str, Path, bytes, type(None)), "a path, bytes or None"),
    "progress": ((Callable, type(None)), "a function or None"),
}
"""The type of each argument, and the words for it."""

_CODES = ("select", "ignore", "only", "leave")


def _choices(name: str) -> tuple[str, ...]:
    """Return the words that an argument may be; none for one of another kind."""
    match name:
        case "errors":
            return get_args(Errors)
        case "to":
            return ENDINGS
        case "by":
            from perfxl.workbook.sheet.book import By

            return get_args(By)
        case "prefill":
            from perfxl.workbook.sheet.page import Prefill

            return get_args(Prefill)
    return ()


def check_arguments(**arguments: object) -> None:
    """Raise TypeError for an argument of another type than its name asks for, ValueError for a value out of bounds.

    Raises NothingToDo for an output or a list by URL: nothing is written there, and a list is a file at hand.
    """
    for name, value in arguments.items():
        if choices := _choices(name):
            if value not in choices:
                raise ValueError(f"{name} is one of {', '.join(map(repr, choices))}, not {value!r}")
        elif name in _CODES:
            if not _is_codes(value):
                raise TypeError(f'{name} is a list of codes such as ["MN", "PL-02"], not {value!r}')
        elif not isinstance(value, _TYPES[name][0]) or (isinstance(value, bool) and _TYPES[name] != _BOOL):
            raise TypeError(f"{name} is {_TYPES[name][1]}, not {value!r}")
        elif name in ("output", "remarks", "template") and is_url(value):
            raise NothingToDo(what="path_only", file=shown_url(str(value)))
        elif name in _PRINTED and isinstance(value, str) and len(value) > MOST_PRINTED:
            raise ValueError(f"{name} is a text of at most {MOST_PRINTED} characters, not {len(value)}")
        elif name == "draft" and value not in range(1, MOST_DRAFTS + 1):
            raise ValueError(f"{name} is {_TYPES[name][1]}, not {value!r}")
