"""The texts of a form, and their translations: ``texts/<language>.yaml`` has a translation for each source text.

A key is a text as form.yaml has it, or ``id::text`` where one text needs two translations: ``travel.mode::Mode``. What
a list shows for its entries is a text of the form, where they are spelled in form.yaml. The record has the entry itself
in every language, and each cell is read by its name in any of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from jinja2 import TemplateSyntaxError

from perfxl.errors import FormError
from perfxl.form import template
from perfxl.form.choice_list import ChoiceList
from perfxl.form.expression import Expression
from perfxl.form.form import Field, Form, FormRule, Hint, Piece, RuleWords, Sums, Table, TranslationFile
from perfxl.form.languages import Language, NumberSigns, is_known, language_of
from perfxl.form.late_pattern import late_pattern
from perfxl.form.other_lists import replace_lists
from perfxl.form.source import Node, nearest, parse
from perfxl.form.types.base import AnswerType
from perfxl.form.types.boolean import Boolean
from perfxl.form.types.choice import Choice
from perfxl.form.types.text import Text
from perfxl.form.types_in_language import with_types_in

_EXPRESSION = late_pattern(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_JINJA = late_pattern(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_CONTROL = late_pattern("[\x00-\x08\x0b-\x1f\ufffe\uffff]")  # no part of a workbook holds them
_SEPARATOR = "::"


class FormText(NamedTuple):
    """A text of a form. ``id``: whose it is, as a key of a translation names it where the text alone is not enough."""

    id: str
    text: str


Translate = Callable[[str, str], str]
"""Gives the translation of a text, which is named by whose it is and by itself."""


def all_texts(form: Form) -> tuple[FormText, ...]:
    """Return the texts of a form that can be translated, in its order, each once for each place that it has."""
    found: dict[FormText, None] = {}

    def note(id: str, text: str) -> str:
        if _needs_words(text):
            found[FormText(id, text)] = None
        return text

    _each_text(form, note)
    return tuple(found)


def missing(form: Form, lang: str) -> tuple[FormText, ...]:
    """Return the texts of a form that its file of a language does not translate. Raises FormError for no such file."""
    known = _translations(form, lang)
    return tuple(text for text in (*all_texts(form), *_language_texts(form, lang)) if _find(known, *text) is None)


def stale(form: Form, lang: str) -> tuple[FormError, ...]:
    """Return the mistakes of a language's file: what is no text of the form, and names that the form does not know."""
    _translations(form, lang)  # raises
    return _translate(form, lang).mistakes


def in_language(form: Form, lang: str) -> Form:
    """Return a form with its texts in a language; the form itself for its own language, or for none.

    Raises FormError for a language that it is not translated into, for a mistake in the translation, and where a text
    is not translated: a workbook has one language.
    """
    own = form.written or form
    if lang in ("", own.language):
        return own
    if own.translations.get(lang) is None:
        known = (own.language, *own.translations)
        raise FormError(file=own.file, line=1, what="no_translation", lang=lang, form=own.name, known=known)
    made = _translate(own, lang)
    if made.mistakes:
        raise made.mistakes[0]
    if left := missing(own, lang):
        file = own.translations[lang].name
        raise FormError(file=file, line=1, what="untranslated", count=len(left), texts=[text for _, text in left[:3]])
    return _understanding(own, lang)


def readable(form: Form, lang: str) -> Form:
    """Return a form as workbooks in a language have it: what is amiss in a translation hinders nobody from reading."""
    own = form.written or form
    return _understanding(own, lang if lang in own.translations else own.language) if own.translations else own


def in_every_language(form: Form) -> Iterator[Form]:
    """Yield the form, then its translations."""
    own = form.written or form
    yield readable(own, own.language)
    yield from (readable(own, lang) for lang in own.translations if lang != own.language)


@lru_cache(maxsize=256)
def _understanding(form: Form, lang: str) -> Form:
    """Return the translation of a form, or itself, with the names that entries have in all of its languages."""
    spoken = [form, *(_translate(form, other).form for other in form.translations if other != form.language)]
    made = next((one for one in spoken if one.language == lang), form)
    lists: dict[ChoiceList, ChoiceList] = {}
    for versions in zip(*(_spelled_lists(one) for one in (made, *spoken)), strict=True):
        (_, own), others = versions[0], [listed for _, listed in versions[1:]]
        lists[own] = replace(own, synonyms=tuple(_names(others, level) for level in range(len(own.levels))))
    return replace_lists(made, lists)


def _names(lists: Iterable[ChoiceList], level: int) -> Mapping[str, str]:
    """Return the entries of a level by what the translations of a list show for them."""
    return {listed.show(entry): entry for listed in lists for entry in listed.entries(level)}


def reword(form: Form, words: Mapping[str, Node]) -> Reworded:
    """Return a form with other texts in the place of some of its own, which are the keys of ``words``."""
    known = {normalise(text): node for text, node in words.items()}
    texts = all_texts(form)
    sources = {normalise(text): text for _, text in texts}
    keys = {*sources, *(f"{id}{_SEPARATOR}{normalise(text)}" for id, text in texts), *_OF_LANGUAGE}
    mistakes: list[FormError] = []
    for key, node in known.items():
        if key not in keys:
            mistakes.append(node.mistake("unknown_text", text=key, near=nearest(key, keys)))
    expressions = _expressions(form)

    def say(id: str, text: str) -> str:
        node = _find(known, id, text)
        if node is None:
            return text
        problem = _problem(node, text, expressions.get((id, text)))
        if problem and problem.facts not in [mistake.facts for mistake in mistakes]:
            mistakes.append(problem)
        return text if problem else node.text()

    made = _each_text(form, say)
    mistakes += _long_hints(form, made, known)
    mistakes += _unclear_entries(form, made, known)
    mistakes += _unclear_words(form, made, known)
    return Reworded(made, tuple(sorted(mistakes, key=lambda mistake: int(mistake.line))))


class Reworded(NamedTuple):
    """A form with other texts, and the mistakes in these; what the mistakes concern is as it was."""

    form: Form
    mistakes: tuple[FormError, ...]


@lru_cache(maxsize=256)
def _translate(form: Form, lang: str) -> Reworded:
    """Return the translation of a form; nothing is translated by a file that cannot be read at all."""
    try:
        known = _translations(form, lang)
        made = reword(form, known)
    except FormError as error:
        known, made = {}, Reworded(form, (error,))
    language, mistakes = _language(lang, known)
    translated = replace(with_types_in(made.form, language), language=lang, written=form)
    return Reworded(translated, (*made.mistakes, *mistakes))


_SAMPLE = "1,234.5"
_YES, _NO, _NUMBER = _OF_LANGUAGE = ("language::Yes", "language::No", f"language::{_SAMPLE}")
"""The keys by which a translation says how its language says yes and no, and writes numbers."""

_WRITTEN = late_pattern(r"1(\D?)234(\D)5")


def _language_texts(form: Form, lang: str) -> Iterator[FormText]:
    """Yield what a translation must say of a language that is not among the known ones, as far as the form needs it."""
    if is_known(lang):
        return
    if any(isinstance(field.type, Boolean) and field.type.style == "word" for field in form.asked):
        yield from (FormText("language", _YES), FormText("language", _NO))
    if any(getattr(field.type, "decimals", 0) for field in form.asked):
        yield FormText("language", _NUMBER)


def _language(lang: str, known: Mapping[str, Node]) -> tuple[Language, tuple[FormError, ...]]:
    """Return a language, as far as a translation says it otherwise by that, and the mistake in it."""
    language = language_of(lang)
    yes, no = (known[key].text() if key in known else word for key, word in ((_YES, language.yes), (_NO, language.no)))
    language = language._replace(yes=yes, no=no)
    if _NUMBER not in known:
        return language, ()
    match = _WRITTEN.fullmatch(re.sub(r"\s", " ", known[_NUMBER].text()))
    if match is None or match[1] == match[2]:
        return language, (known[_NUMBER].mistake("not_a_sample", sample=_SAMPLE, found=known[_NUMBER].text()),)
    return language._replace(signs=NumberSigns(match[2], match[1])), ()


def _long_hints(form: Form, made: Form, known: Mapping[str, Node]) -> Iterator[FormError]:
    """Yield the translations of hints that are longer than Excel shows (ECMA-376 part 1, 18.3.1.32)."""
    for (id, source), (_, field) in zip(_answers(form), _answers(made), strict=True):
        if source.hint and field.hint:
            pairs = ((source.hint.title, field.hint.title, 32), (source.hint.text, field.hint.text, 255))
            for written, text, limit in pairs:
                if len(text) > limit and (node := _find(known, id, written)):
                    yield node.mistake("too_long", length=len(text), limit=limit)


def _unclear_entries(form: Form, made: Form, known: Mapping[str, Node]) -> Iterator[FormError]:
    """Yield the texts of entries that look like others of their level, or hold the sign that stands between several."""
    for (id, source), (_, listed) in zip(_spelled_lists(form), _spelled_lists(made), strict=True):
        signs = [sign for one in _choices(made) if one.listed is listed and (sign := one.separator.strip())]
        for level in range(len(listed.levels) if listed is not source else 0):
            seen: set[str] = set()
            for entry in listed.entries(level):
                text = listed.show(entry)
                node = _find(known, id, source.show(entry))
                if node and text in seen:
                    yield node.mistake("entry_twice", found=text)
                elif node and (sign := next((sign for sign in signs if sign in text), "")):
                    yield node.mistake("separator_in_entry", sign=sign, entry=text)
                seen.add(text)


def _unclear_words(form: Form, made: Form, known: Mapping[str, Node]) -> Iterator[FormError]:
    """Yield the texts of words in cells that look like another one of the answer: what came back could be either."""
    for (id, source), (_, field) in zip(_answers(form), _answers(made), strict=True):
        calculated = source.calculation.value.words if source.calculation and isinstance(field.type, Text) else ()
        seen: set[str] = set()
        for word in calculated or source.also:
            text = str(field.show(word))
            if text in seen and (node := _find(known, id, word)):
                yield node.mistake("word_twice", found=text)
            seen.add(text)


def _translations(form: Form, lang: str) -> Mapping[str, Node]:
    """Return the entries of a language's file that say something. Raises FormError where there is no such file."""
    own = form.written or form
    file = own.translations.get(lang) or TranslationFile(f"texts/{lang}.yaml", "")
    try:
        nodes = parse(file.content, file.name).mapping()
    except FormError as error:
        if error.what == "empty" and lang in own.translations:
            return {}
        raise
    return {normalise(key): node for key, node in nodes.items() if node.value is not None and node.text().strip()}


def normalise(text: str) -> str:
    """Return a text as it is compared: the spaces within the braces of its expressions do not matter."""
    return _EXPRESSION.sub(lambda match: f"{{{{ {match[1]} }}}}", text).strip()


def _find(known: Mapping[str, Node], id: str, text: str) -> Node | None:
    """Return the translation of a text: the one for its place, else the one for all places."""
    key = normalise(text)
    return known.get(f"{id}{_SEPARATOR}{key}") or known.get(key)


def _needs_words(text: str) -> bool:
    """Return True for a text with letters of its own, beside what it is filled with."""
    return any(sign.isalpha() for sign in _JINJA.sub("", text)) or "{%" in text


def _problem(node: Node, source: str, expressions: tuple[str, ...] | None) -> FormError | None:
    """Return the mistake in a translation: it may be filled in with what its source has, and with nothing else.

    ``expressions``: those of the source, for a sentence of a check; else it is a template.
    """
    text = node.text()
    if _CONTROL.search(text):
        return node.mistake("not_yaml", problem="a control character")
    if expressions is None:
        try:
            known, used = ([use.path for use in template.uses(words)] for words in (source, text))
        except TemplateSyntaxError as error:
            return node.mistake("not_jinja", problem=error.message or "", text=text)
    else:
        known, used = list(expressions), _EXPRESSION.findall(text)
    known = list(dict.fromkeys(known))
    unknown = next((name for name in used if name not in known), None)
    if unknown is None and not known and _JINJA.search(text):
        unknown = text  # a constant: where there is nothing to be filled in, braces are not looked for
    if unknown is None:
        return None
    return node.mistake("not_in_source", name=unknown, near=nearest(unknown, known), known=known)


def _expressions(form: Form) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the expressions in sentences of the form's own checks and limits, by whose they are and by their text."""
    sentences = [
        (rule.code, sentence)
        for rule in form.rules
        if rule.words
        for sentence in (rule.words.message, rule.words.advice)
    ]
    sentences += [(id, limit.message) for id, field in _answers(form) for limit in field.limits]
    return {
        (id, _written(pieces)): tuple(piece.source for piece in pieces if isinstance(piece, Expression))
        for id, pieces in sentences
    }


def _answers(form: Form) -> Iterator[tuple[str, Field]]:
    """Yield every answer with the id by which a translation names it: ``traveller``, ``legs.nights``."""
    yield from form.fields.items()
    for table in form.tables.values():
        yield from ((f"{table.id}.{id}", column) for id, column in table.columns.items())


def _written(pieces: Iterable[str | Expression]) -> str:
    """Return a sentence as it is written in form.yaml."""
    return "".join(piece if isinstance(piece, str) else f"{{{{ {piece.source} }}}}" for piece in pieces)


def _split(text: str, source: Iterable[str | Expression]) -> tuple[str | Expression, ...]:
    """Return a translated sentence in pieces; its expressions are those of the source."""
    known = {piece.source: piece for piece in source if isinstance(piece, Expression)}
    return tuple(known[piece] if at % 2 else piece for at, piece in enumerate(_EXPRESSION.split(text)))


# Every text of a form, in its order


def _each_text(form: Form, say: Translate) -> Form:
    """Return a form in which every text is replaced."""
    made = replace(
        form,
        label=say("form", form.label),
        title=say("title", form.title),
        sheet=replace(
            form.sheet,
            name=say("sheet.name", form.sheet.name),
            key_label=say("sheet.marks", form.sheet.key_label),
            footer=form.sheet.footer and say("sheet.footer", form.sheet.footer),
        ),
        fields={id: _field(id, field, say) for id, field in form.fields.items()},
        tables={id: _table(table, say) for id, table in form.tables.items()},
        layout=tuple(replace(row, pieces=tuple(_pieces(row.pieces, say))) for row in form.layout),
        rules=tuple(_rule(rule, say) for rule in form.rules),
        help=tuple(say("help", text) for text in form.help),
    )
    return replace_lists(made, {listed: _entries(id, listed, say) for id, listed in _spelled_lists(form)})


def _spelled_lists(form: Form) -> Iterator[tuple[str, ChoiceList]]:
    """Yield the lists whose entries are spelled in the definition, each with its id: its name, or of whom it is."""
    named = {listed: f"choices.{name}" for name, listed in form.choices.items()}
    asked = {choice.listed: id for id, choice in _choices_by_id(form)}
    yield from ((id, listed) for listed, id in {**asked, **named}.items() if listed.spelled)


def _choices(form: Form) -> Iterator[Choice]:
    """Yield the types of the answers that are entries of lists."""
    return (choice for _, choice in _choices_by_id(form))


def _choices_by_id(form: Form) -> Iterator[tuple[str, Choice]]:
    return ((id, field.type) for id, field in _answers(form) if isinstance(field.type, Choice))


def _entries(id: str, listed: ChoiceList, say: Translate) -> ChoiceList:
    """Return a list with other texts for its entries."""
    entries = dict.fromkeys(entry for row in listed.rows for entry in row)
    shown = {entry: say(id, listed.show(entry)) for entry in entries}
    return listed if all(text == listed.show(entry) for entry, text in shown.items()) else replace(listed, shown=shown)


def _field(id: str, field: Field, say: Translate) -> Field:
    hint = field.hint and Hint(say(id, field.hint.title), say(id, field.hint.text))
    line = say("layout", field.line) if field.line else ""
    limits = tuple(
        replace(limit, message=_split(say(id, _written(limit.message)), limit.message)) if limit.message else limit
        for limit in field.limits
    )
    label, also = (tuple(say(id, part) for part in parts) for parts in (field.label, field.also))
    suggest = field.suggest and replace(field.suggest, entries=tuple(say(id, word) for word in field.suggest.entries))
    made = replace(field, type=_type(id, field, say), label=label, hint=hint, line=line, limits=limits, suggest=suggest)
    return made if also == field.also else replace(made, also_shown=also)


def _type(id: str, field: Field, say: Translate) -> AnswerType:
    """Return the type of an answer with its example, and the words of its calculation, in other words."""
    kind = replace(field.type, example=say(id, field.type.example)) if field.type.example else field.type
    if field.calculation is None or not isinstance(kind, Text):
        return kind
    words = {word: say(id, word) for word in field.calculation.value.words}
    shown = {word: text for word, text in words.items() if text != word}
    return replace(kind, shown=shown) if shown else kind


def _table(table: Table, say: Translate) -> Table:
    groups = table.groups
    if groups and groups.subtotal:
        groups = replace(groups, subtotal=_sums(table.id, groups.subtotal, say))
    return replace(
        table,
        label=say(table.id, table.label) if table.label != table.id else table.label,
        side=say(table.id, table.side),
        columns={id: _field(f"{table.id}.{id}", column, say) for id, column in table.columns.items()},
        groups=groups,
        totals=table.totals and _sums(table.id, table.totals, say),
    )


def _sums(id: str, sums: Sums, say: Translate) -> Sums:
    return replace(sums, label=say(id, sums.label))


def _pieces(pieces: tuple[Piece, ...], say: Translate) -> Iterator[Piece]:
    """Yield the cells of a row; a text before a field is named by that field."""
    for at, piece in enumerate(pieces):
        beside = pieces[at + 1].field if at + 1 < len(pieces) else ""
        yield replace(piece, text=say(beside or "layout", piece.text)) if piece.text else piece


def _rule(rule: FormRule, say: Translate) -> FormRule:
    if rule.words is None:
        return rule
    words, code = rule.words, rule.code
    return replace(
        rule,
        words=RuleWords(
            title=say(code, words.title),
            message=_split(say(code, _written(words.message)), words.message),
            advice=_split(say(code, _written(words.advice)), words.advice),
        ),
    )
