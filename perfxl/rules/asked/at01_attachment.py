"""AT-01: a file that an answer names came with the workbook: in its folder, or in one zip with it."""

from collections.abc import Iterator
from difflib import get_close_matches

from perfxl.form.form import Form
from perfxl.form.types.file import File, is_file_name
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

NEEDS = "@file"
"""Stands for an answer that names a file, which a form must have for this rule."""


def applies_to(form: Form) -> bool:
    """Return whether a form asks for the name of a file."""
    return form.names_files


def check(subject: Subject) -> Iterator[Hit]:
    """Yield a hit for each file that is named and did not come; small and capital letters are the same."""
    if subject.seen is None or subject.seen.beside is None:
        return
    came = {name.casefold(): name for name in subject.seen.beside}
    for path, asked, value in subject.cells:
        named = isinstance(asked.type, File) and isinstance(value, str) and is_file_name(value)
        if named and value.casefold() not in came:
            near = get_close_matches(value.casefold(), came, n=1, cutoff=0.8)
            yield Hit((path,), {"found": value, "near": came[near[0]] if near else ""})


RULE = Rule(code="AT-01", severity="warning", check=check, needs=(NEEDS,))
