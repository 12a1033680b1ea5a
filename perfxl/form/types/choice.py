"""An answer that is one entry of a list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from perfxl.form.types.base import AnswerType, Raw, Understood, Validation
from perfxl.form.types.number import text_or_none
from perfxl.form.types.spelling import clean_text, verbatim, without_ending

# 1.数量指标, （一）数量指标, ①数量指标; a digit without punctuation may belong to the name itself
_NUMBERED = re.compile(r"(?:[0-9]{1,2}[.、)]|\([0-9一二三四五六七八九十]{1,2}\)|[①-⑳]|[一二三四五六七八九十]{1,2}、)")
_BRACKETS = str.maketrans("[{〔【〈「『﹝]}〕】〉」』﹞", "((((((((" + "))))))))")
_TRUTH = ("是", "否")  # yes and no


def _key(text: str) -> str:
    """Return the form in which entries are compared: width, white space and the kind of brackets make no difference."""
    return "".join(clean_text(text)[0].split()).translate(_BRACKETS)


def _other_name(name: str) -> str:
    """Return a name without its ending 指标, or with it added; empty where nothing would be left."""
    return name.removesuffix("指标") if name.endswith("指标") else f"{name}指标"


@dataclass(frozen=True)
class Choice(AnswerType):
    """An entry of ``choices`` (in YAML ``from``): a list of entries, or the word ``taxonomy``.

    ``within``: the id of the column whose entry decides which entries may be chosen here. ``synonyms``:
    another name → entry. ``entries`` is set by the loader where they come from a taxonomy.

    A name may be written with or without the ending 指标. TRUE and FALSE are read as 是 (yes) and 否 (no) where these
    are entries. A text that is not in the list is kept verbatim, with the problem ``not_in_list``; it is never taken
    for an entry that is merely similar.
    """

    name: ClassVar[str] = "choice"
    align: ClassVar[Literal["left", "center"]] = "center"
    choices: tuple[str, ...] | Literal["taxonomy"]
    within: str = ""
    synonyms: Mapping[str, str] = field(default_factory=dict, hash=False)
    entries: tuple[str, ...] = field(default=(), metadata={"internal": True})
    _by_key: Mapping[str, tuple[str, bool]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.entries and isinstance(self.choices, tuple):
            object.__setattr__(self, "entries", self.choices)
        # Key → the entry, and whether the key is another name for it. Built once, since it is looked up for every row
        # of a county's tables. The entries come last, so that they win over synonyms.
        by_key = {name: (entry, True) for entry in reversed(self.entries) if (name := _other_name(_key(entry)))}
        by_key.update((_key(name), (entry, True)) for name, entry in self.synonyms.items() if entry in self.entries)
        by_key.update((_key(entry), (entry, False)) for entry in reversed(self.entries))
        object.__setattr__(self, "_by_key", by_key)

    def read(self, raw: Raw) -> Understood:
        """Return the entry that the cell names; its text with the problem ``not_in_list`` where there is none."""
        whole = verbatim(raw)
        if whole.value is None or whole.problem:
            return whole
        text: str = whole.value
        if text in self.entries or not self.entries:
            return whole
        if isinstance(raw.value, bool) and set(_TRUTH) <= set(self.entries):
            return Understood(_TRUTH[0 if raw.value else 1], ("logical",))
        return self._find(text, whole.how) or Understood(text, whole.how, "not_in_list")

    def _find(self, text: str, how: tuple[str, ...]) -> Understood | None:
        """Return the entry that a text names, ignoring numbering and punctuation; None where it names no entry.

        ``how``: the tolerances that were needed for the text so far.
        """
        half, cleaned = clean_text(text)
        key = _key(text)
        bare = "".join(half.split())
        how = (*how, *(word for word in cleaned if word not in how))
        if bare != half and "trimmed" not in how:
            how = ("trimmed", *how)
        ended = without_ending(key).rstrip(":")
        for name, steps in (
            (key, ()),
            (ended, ("punctuation",)),
            (_NUMBERED.sub("", key, count=1), ("numbering",)),
            (_NUMBERED.sub("", ended, count=1), ("punctuation", "numbering")),
        ):
            if name in self._by_key:
                entry, synonym = self._by_key[name]
                tolerances = (*how, *steps)
                if synonym or key != bare or not tolerances:  # key != bare: other brackets are reported, too
                    tolerances = (*tolerances, "synonym")
                return Understood(entry, tolerances)
        return None

    def show(self, value: Any) -> str | None:
        """Return what is written into the cell for a record's value."""
        return text_or_none(value)

    def validation(self) -> Validation:
        """Return the validation of the cell in Excel."""
        return Validation("list")

    def drop_down(self) -> tuple[str, ...]:
        """Return all entries, in the order of the form."""
        return self.entries

    def schema(self) -> Mapping[str, Any]:
        """Return the JSON Schema of the record's value."""
        return {"type": "string", "enum": list(self.entries)} if self.entries else {"type": "string"}

    def facts(self) -> Mapping[str, Any]:
        """Return the values that the sentences about this type need."""
        return {"entries": self.entries, "within": self.within}
