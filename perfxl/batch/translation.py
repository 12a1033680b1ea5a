"""The file of a form's translation, brought up to date: what is missing is added, what is not used is marked."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace

from perfxl import messages
from perfxl.errors import FormError
from perfxl.form import texts
from perfxl.form.form import Form, TranslationFile

_MARK = "# perfxl: "
_LONGEST_KEY = 1_000  # YAML lets a plain key be no longer


@dataclass(frozen=True)
class UpdatedTranslation:
    """A language's file as it should be.

    ``added``: texts that were missing; ``waiting``: all that are not yet translated; ``stale``: entries that the form
    no longer has; ``mistakes``: what is wrong in the others.
    """

    content: str
    added: int
    waiting: int
    stale: int
    mistakes: tuple[FormError, ...]


def update_translation(form: Form, target: str, lang: str) -> UpdatedTranslation:
    """Return the translation of a form into ``target``, with comments in ``lang``. Raises FormError for no YAML."""
    held = form.translations.get(target) or TranslationFile(f"texts/{target}.yaml", "")
    lines = [line for line in held.content.splitlines() if not line.startswith(_MARK)]
    bare = TranslationFile(held.name, "".join(f"{line}\n" for line in lines))
    known = replace(form, translations={**form.translations, target: bare})
    mistakes = texts.stale(known, target)
    stale = {error.line for error in mistakes if error.what == "unknown_text"}
    waiting = list(dict.fromkeys(texts.normalise(text) for _, text in texts.missing(known, target)))
    added = [text for text in waiting if _key(text) not in bare.content]
    note = messages.say("forms.texts.stale", {}, lang)
    marked = [part for at, line in enumerate(lines, 1) for part in ([_MARK + note] if at in stale else []) + [line]]
    if not lines:
        head = messages.say("forms.texts.head", {"label": form.label, "lang": target}, lang)
        marked = [f"# {line}" for line in head.splitlines()]
    content = "".join(f"{line}\n" for line in (*marked, *map(_key, added)))
    others = tuple(error for error in mistakes if error.what != "unknown_text")
    return UpdatedTranslation(content, len(added), len(waiting), len(stale), others)


def _key(text: str) -> str:
    """Return the line of an entry that waits for its translation."""
    quoted = json.dumps(text, ensure_ascii=False)
    return f"{quoted}:" if len(quoted) <= _LONGEST_KEY else f"? {quoted}\n:"


def is_language(word: str) -> bool:
    """Return whether a word may name a language: fr, pt-BR, zh-Hant."""
    return bool(re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", word))
