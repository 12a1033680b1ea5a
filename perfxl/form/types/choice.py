"""An answer that is one entry of a list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Literal

from perfxl.form.choice_list import ChoiceLevel, ChoiceList
from perfxl.form.late_pattern import late_pattern
from perfxl.form.types.base import AnswerLimits, AnswerType, Raw, Understood, Validation
from perfxl.form.types.number import text_or_none
from perfxl.form.types.spelling import clean_text, verbatim, without_ending

# 1.数量指标, （一）数量指标, ①数量指标; a digit without punctuation may belong to the name itself
_NUMBERED = late_pattern(r"(?:[0-9]{1,2}[.、)]|\([0-9一二三四五六七八九十]{1,2}\)|[①-⑳]|[一二三四五六七八九十]{1,2}、)")
_BRACKETS = str.maketrans("[{〔【〈「『﹝]}〕】〉」』﹞", "((((((((" + "))))))))")
_TRUTH = ("是", "否")  # yes and no

TOLD = 12
"""The most entries that a sentence lists."""


def _key(text: str) -> str:
    """Return the form in which entries are compared: width, white space and the kind of brackets make no difference."""
    return "".join(clean_text(text)[0].split()).translate(_BRACKETS)


def _other_name(name: str) -> str:
    """Return a name without its ending 指标, or with it added; empty where nothing would be left."""
    return name.removesuffix("指标") if name.endswith("指标") else f"{name}指标"


def _in_small_letters(own: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, bool]]]:
    """Yield the keys of entries in small letters, as other names; without those that two entries share."""
    times = Counter(key.casefold() for key in own)
    return ((key.casefold(), (entry, True)) for key, entry in own.items() if times[key.casefold()] == 1)


@dataclass(frozen=True)
class Choice(AnswerType):
    """An entry of ``choices``: a list of entries, or a level of a list, which the loader puts in the place of its name.

    ``within``: the id of the answer whose entry decides which entries may be chosen here. ``synonyms``: another name →
    entry. ``multiple``, ``style``, ``separator``, ``max_items``: see ``Choices``.

    A cell has what the list shows for an entry, the record the entry itself. A name may be written with or without the
    ending 指标, and in capitals or small letters. TRUE and FALSE are read as 是 (yes) and 否 (no) where these are
    entries. A text that is not in the list is kept verbatim, with the problem ``not_in_list``; it is never taken for an
    entry that is merely similar. A list whose entries are answers of a table takes any text, which is judged on return.
    """

    name: ClassVar[str] = "choice"
    align: ClassVar[Literal["left", "center"]] = "center"
    choices: tuple[str, ...] | ChoiceLevel
    within: str = ""
    synonyms: Mapping[str, str] = field(default_factory=dict, hash=False)
    multiple: bool = False
    style: Literal["joined", "boxes", "columns"] = "joined"
    separator: str = ""
    max_items: int | None = None

    @cached_property
    def listed(self) -> ChoiceList:
        """The list with its entries."""
        if isinstance(self.choices, ChoiceLevel):
            return self.choices.listed
        return ChoiceList("", rows=tuple((entry,) for entry in self.choices))

    @property
    def level(self) -> int:
        """The level of the list that is asked for, from 0."""
        return self.choices.level if isinstance(self.choices, ChoiceLevel) else 0

    @property
    def looked_up(self) -> bool:
        """True if each entry stands for a row of a list with further columns."""
        return bool(self.listed.columns) and self.level == len(self.listed.levels) - 1

    @property
    def combined(self) -> bool:
        """True if the drop-down list offers combinations of entries, not the entries themselves."""
        return False

    @cached_property
    def entries(self) -> tuple[str, ...]:
        """All entries that there are, as the record has them."""
        return self.listed.entries(self.level)

    @cached_property
    def known(self) -> frozenset[str]:
        """The entries, to look one up."""
        return frozenset(self.entries)

    @cached_property
    def _by_text(self) -> Mapping[str, str]:
        """What the cell shows for an entry → the entry."""
        return {self.listed.show(entry): entry for entry in reversed(self.entries)}

    @cached_property
    def _by_key(self) -> Mapping[str, tuple[str, bool]]:
        """Key → the entry, and whether the key is another name for it.

        Made once, since it is looked up for every row of a county's tables. The later names win over the earlier ones.
        """
        listed, entries = self.listed, self.entries[::-1]
        own = {_key(listed.show(entry)): entry for entry in entries}
        named = {**listed.other_names(self.level), **self.synonyms}
        others = {_key(name): entry for name, entry in named.items() if entry in self.known}
        by_key = {name: (entry, True) for key, entry in own.items() if (name := _other_name(key))}
        by_key.update(_in_small_letters(others))
        by_key.update(_in_small_letters(own))
        by_key.update((_key(entry), (entry, True)) for entry in entries)
        by_key.update((key, (entry, True)) for key, entry in others.items())
        by_key.update((key, (entry, False)) for key, entry in own.items())
        return by_key

    def read(self, raw: Raw) -> Understood:
        """Return the entry that the cell names; its text with the problem ``not_in_list`` where there is none."""
        whole = verbatim(raw)
        if whole.value is None or whole.problem:
            return whole
        text: str = whole.value
        if not self.entries or self._by_text.get(text) == text:
            return whole
        if text in self._by_text:
            return Understood(self._by_text[text], whole.how)
        if isinstance(raw.value, bool) and set(_TRUTH) <= self._by_text.keys():
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
            found = self._by_key.get(name) or self._by_key.get(name.casefold())
            if found:
                entry, synonym = found
                synonym = synonym or name not in self._by_key
                tolerances = (*how, *steps)
                if synonym or key != bare or not tolerances:  # key != bare: other brackets are reported, too
                    tolerances = (*tolerances, "synonym")
                return Understood(entry, tolerances)
        return None

    def show(self, value: Any) -> str | None:
        """Return what is written into the cell for a record's value."""
        return self.listed.show(value) if isinstance(value, str) and value else text_or_none(value)

    def validation(self) -> Validation:
        """Return the validation of the cell in Excel."""
        return Validation("list")

    def limits(self) -> AnswerLimits:
        """Return the entries, as the record has them."""
        return AnswerLimits(entries=self.entries)

    def drop_down(self) -> tuple[str, ...]:
        """Return what is shown for all entries, in the order of the form."""
        return self._offered

    @cached_property
    def _offered(self) -> tuple[str, ...]:
        """What the drop-down list offers, made once: it is asked for every row."""
        return self.listed.show_all(self.entries)

    def schema(self) -> Mapping[str, Any]:
        """Return the JSON Schema of the record's value."""
        return {"type": "string", "enum": list(self.entries)} if self.entries else {"type": "string"}

    def facts(self) -> Mapping[str, Any]:
        """Return the values that the sentences about this type need; entries only where there are few.

        ``above``: the label of the answer ``within``, which whoever knows the form puts there.
        """
        told = self.listed.show_all(self.entries) if len(self.entries) <= TOLD else ()
        return {"entries": told, "within": self.within, "above": "", "multiple": self.multiple}
