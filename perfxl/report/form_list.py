"""The list of the known forms: where each comes from, whom it hides, or its mistakes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from perfxl import messages
from perfxl.errors import FormError
from perfxl.form import installed
from perfxl.messages import one_line
from perfxl.rules.lint import mistakes_of


@dataclass(frozen=True)
class ListedForm:
    """A form in the list.

    ``level``: the place where it was found, a word of ``search_path.Level``; ``file``: its definition; ``hides``: the
    files of the forms of the same name at later levels; ``mistakes``: sentences, none where it can be used.
    """

    name: str
    version: str
    label: str
    level: str
    file: str
    hides: tuple[str, ...]
    mistakes: tuple[str, ...]

    def plain(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return asdict(self)


def list_forms(lang: str) -> Iterator[ListedForm]:
    """Yield the known forms by name."""
    for name in installed.names():
        first, *_ = installed.search_path().places(name)
        hides = tuple(place.file for place in installed.hidden_by(name))
        version = label = ""
        try:
            mistakes = mistakes_of(installed.place(name))
            if not mistakes:
                form = installed.load(name)
                version, label = form.version, form.label
        except FormError as error:  # two of one name
            mistakes = (error,)
        said = tuple(messages.sentence(mistake, lang) for mistake in mistakes)
        yield ListedForm(name, version, label, first.level, first.file, hides, said)


def line_of(listed: ListedForm, lang: str) -> str:
    """Return a form as a line, its parts set apart by tabulators."""
    facts = {"level": listed.level, "file": listed.file, "hides": listed.hides}
    place = messages.say("forms.place", facts, lang)
    more = {"first": listed.mistakes[0], "count": len(listed.mistakes), "name": listed.name} if listed.mistakes else {}
    said = [messages.say("forms.mistakes", more, lang)] if more else []
    return "\t".join(map(one_line, (listed.name, listed.version, listed.label, place, *said)))
