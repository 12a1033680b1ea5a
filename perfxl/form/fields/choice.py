"""One entry of a list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from perfxl.form.fields.base import Kind, Raw, Understood, Validation
from perfxl.form.fields.spelling import clean_text, text_or_none, verbatim, without_ending

# 1.数量指标, （一）数量指标, ①数量指标; a bare digit before a name may belong to it
_NUMBERED = re.compile(r"(?:[0-9]{1,2}[.、)]|\([0-9一二三四五六七八九十]{1,2}\)|[①-⑳]|[一二三四五六七八九十]{1,2}、)")
_BRACKETS = str.maketrans("[{〔【〈「『﹝]}〕】〉」』﹞", "((((((((" + "))))))))")
_TRUTH = ("是", "否")


def _key(text: str) -> str:
    """By what entries are compared: width, white space and the kind of brackets make no difference."""
    return "".join(clean_text(text)[0].split()).translate(_BRACKETS)


def _other_name(name: str) -> str:
    """A name without the ending 指标, or with it; empty where nothing would be left."""
    return name.removesuffix("指标") if name.endswith("指标") else f"{name}指标"


@dataclass(frozen=True)
class Choice(Kind):
    """An entry of ``from_`` (in YAML ``from``): a list, or the word ``taxonomy``.

    ``within``: the id of the column whose entry decides which entries stand here. ``synonyms``:
    another name → entry. ``entries`` is set by the loader where they come from a taxonomy. A name
    may stand with or without the ending 指标. TRUE and FALSE are 是 and 否 where these are
    entries. What is in no list is kept verbatim, with the problem ``not_in_list``: nothing that is
    merely near an entry is taken for it.
    """

    name: ClassVar[str] = "choice"
    align: ClassVar[Literal["left", "center"]] = "center"
    from_: tuple[str, ...] | Literal["taxonomy"]
    within: str = ""
    synonyms: Mapping[str, str] = field(default_factory=dict, hash=False)
    entries: tuple[str, ...] = field(default=(), metadata={"internal": True})
    _found: Mapping[str, tuple[str, bool]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.entries and isinstance(self.from_, tuple):
            object.__setattr__(self, "entries", self.from_)
        # Made once, since every row of a county's tables asks; entries last, so that they win over synonyms.
        found = {name: (entry, True) for entry in reversed(self.entries) if (name := _other_name(_key(entry)))}
        found.update((_key(name), (entry, True)) for name, entry in self.synonyms.items() if entry in self.entries)
        found.update((_key(entry), (entry, False)) for entry in reversed(self.entries))
        object.__setattr__(self, "_found", found)

    def read(self, raw: Raw) -> Understood:
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
        """The entry that a text names, whatever numbering and punctuation it has; None where there is none."""
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
            if name in self._found:
                entry, synonym = self._found[name]
                taken = (*how, *steps)  # that brackets differ is said, too
                return Understood(entry, (*taken, "synonym") if synonym or key != bare or not taken else taken)
        return None

    def show(self, value: Any) -> str | None:
        return text_or_none(value)

    def validation(self) -> Validation:
        return Validation("list")

    def drop_down(self) -> tuple[str, ...]:
        return self.entries

    def schema(self) -> Mapping[str, Any]:
        return {"type": "string", "enum": list(self.entries)} if self.entries else {"type": "string"}

    def facts(self) -> Mapping[str, Any]:
        return {"entries": self.entries, "within": self.within}
