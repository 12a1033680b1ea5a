"""The names in an expression, found and replaced in its text before it is parsed."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from perfxl.form.late_pattern import late_pattern

_TOKEN = late_pattern(r"""("[^"]*"|'[^']*')|(?<![\w.])([A-Za-z_]\w*)(?!\w)""")
_EXPRESSION = late_pattern(r"\{\{(.*?)\}\}", re.DOTALL)
_WORDS = frozenset({
    "and", "or", "not", "in", "is", "if", "else", "none", "true", "false", "None", "True", "False", "blank", "filled",
    "limits", "words", "today",
})  # fmt: skip
"""The words of the language that are no names of answers."""


def rename(text: str, names: Mapping[str, str]) -> str:
    """Return an expression with these names replaced: those of answers that stand without a prefix, not in quotes."""

    def replaced(match: re.Match[str]) -> str:
        name = match[2]
        return names[name] if name in names and _is_answer(match) else match[0]

    return _TOKEN.sub(replaced, text)


def rename_in_sentence(text: str, names: Mapping[str, str]) -> str:
    """Return a sentence with these names replaced in its expressions."""
    return _EXPRESSION.sub(lambda match: "{{" + rename(match[1], names) + "}}", text)


def unknown_names(text: str, known: Collection[str]) -> tuple[str, ...]:
    """Return the names of answers in an expression whose first part is not known, in order, without repetition."""
    found = [match[2] for match in _TOKEN.finditer(text) if match[2] and _is_answer(match)]
    return tuple(dict.fromkeys(name for name in found if name not in known and name not in _WORDS))


def _is_answer(match: re.Match[str]) -> bool:
    """Return True if a word may name an answer: no function follows it, no filter's bar stands before it."""
    before, after = match.string[: match.start()].rstrip(), match.string[match.end() :].lstrip()
    return not before.endswith("|") and not after.startswith("(")
