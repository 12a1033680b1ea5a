"""The limits of an answer's own in words, as the manual and the refusals of Excel say them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from perfxl import messages
from perfxl.form.expression.tree import MOMENTS
from perfxl.form.form import Field, Form
from perfxl.form.limits import FieldLimit, Sentence, limit_of
from perfxl.form.types.base import AnswerType
from perfxl.form.types.number import spelled
from perfxl.messages.conditions import condition_facts, in_words, label_of_answer


def describe_limits(field: Field, form: Form, lang: str = "") -> Iterator[str]:
    """Yield a sentence for each limit of an answer's own, for its words and for the value it starts with.

    ``lang``: the language; empty for that of the form, in which its own messages are in any case.
    """
    lang = lang or form.language
    for limit in field.limits:
        if limit.name == "unique":  # its author's words are said where it stands twice
            limit = replace(limit, message=())
        if limit.name not in ("required", "relevant") and (text := describe_limit(limit, field.type, form, lang)):
            yield text
    if field.suggest:
        facts = {"words": field.suggest.entries, "somewhere": field.suggest.when is not None}
        yield messages.say("conditions.describe.suggest", facts, lang)
    if field.also:
        yield messages.say("conditions.describe.also", {"words": field.words}, lang)
    if field.default is not None:
        value = field.default if field.type.value_type in MOMENTS else field.show(field.default)
        shown = spelled(messages.number(value), form.signs) if isinstance(value, (int, float)) else value
        yield messages.say("conditions.describe.default", {"value": shown}, lang)
    if field.relevant is not None:
        yield describe_relevant(field, form, lang)
    required = limit_of(field.limits, "required")
    if required and required.message:
        yield plain_message(required.message, form)
    elif required and required.condition:
        facts = {"condition": _words(condition_facts(required.condition.tree, form), lang)}
        yield messages.say("conditions.describe.required", facts, lang)


def joined(sentences: Iterable[str]) -> str:
    """Return sentences as one text, with a space where a language has one between sentences."""
    whole = ""
    for sentence in sentences:
        whole += f" {sentence}" if whole and whole[-1].isascii() and not whole[-1].isspace() else sentence
    return whole


def describe_limit(limit: FieldLimit, answer_type: AnswerType, form: Form, lang: str = "") -> str:
    """Return the sentence of a limit: its author's, with the labels of answers for their values, or perfxl's own."""
    lang = lang or form.language
    if limit.message:
        return plain_message(limit.message, form)
    if limit.name == "unique":
        return messages.say("conditions.describe.unique", {"within": limit.within}, lang)
    facts: dict[str, object] = {"date": answer_type.value_type in MOMENTS, "bound": limit.items}
    if limit.value is not None:
        facts["bound"] = _words(condition_facts(limit.value.tree, form), lang)
    return messages.say(f"conditions.describe.{limit.name}", facts, lang) if limit.items or limit.value else ""


def describe_relevant(field: Field, form: Form, lang: str = "") -> str:
    """Return where an answer is asked for."""
    lang = lang or form.language
    limit = limit_of(field.limits, "relevant")
    if limit is None or limit.condition is None:
        return ""
    if limit.message:
        return plain_message(limit.message, form)
    facts = {"condition": _words(condition_facts(limit.condition.tree, form), lang)}
    return messages.say("conditions.describe.relevant", facts, lang)


def plain_message(message: Sentence, form: Form) -> str:
    """Return a sentence whose expressions are answers, named by their labels; … for what is calculated."""
    pieces = (piece if isinstance(piece, str) else label_of_answer(piece.tree, form) or "…" for piece in message)
    return "".join(pieces)


def _words(facts: object, lang: str) -> str:
    """Return a condition or a value in words."""
    assert isinstance(facts, list)
    return in_words(facts, lambda key, inner: messages.say(key, inner, lang))
