"""One entry of a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from perfxl.form.fields.base import Kind, Raw, Understood, Validation
from perfxl.form.fields.spelling import half_width, text_or_none, trim, verbatim


def _key(text: str) -> str:
    """By what entries are compared: width and white space make no difference."""
    return "".join(half_width(trim(text)).split())


@dataclass(frozen=True)
class Choice(Kind):
    """An entry of ``from_`` (in YAML ``from``): a list, or the word ``taxonomy``.

    ``within``: the id of the column whose entry decides which entries stand here. ``synonyms``:
    another name → entry. ``entries`` is set by the loader where they come from a taxonomy. What is
    in no list is kept verbatim, with the problem ``not_in_list``.
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
        found = {_key(name): (entry, True) for name, entry in self.synonyms.items() if entry in self.entries}
        found.update((_key(entry), (entry, False)) for entry in reversed(self.entries))
        object.__setattr__(self, "_found", found)

    def read(self, raw: Raw) -> Understood:
        whole = verbatim(raw)
        if whole.value is None or whole.problem:
            return whole
        text: str = whole.value
        if text in self.entries or not self.entries:
            return whole
        found = self._found.get(_key(text))
        if found is None:
            return Understood(text, whole.how, "not_in_list")
        entry, synonym = found
        bare = "".join(trim(text).split())
        how = list(whole.how)
        if bare != text:
            how.append("trimmed")
        if half_width(bare) != bare:
            how.append("full_width")
        return Understood(entry, (*how, "synonym") if synonym else tuple(how))

    def show(self, value: Any) -> str | None:
        return text_or_none(value)

    def validation(self) -> Validation:
        return Validation("list")

    def schema(self) -> Mapping[str, Any]:
        return {"type": "string", "enum": list(self.entries)} if self.entries else {"type": "string"}

    def facts(self) -> Mapping[str, Any]:
        return {"entries": self.entries, "within": self.within}
