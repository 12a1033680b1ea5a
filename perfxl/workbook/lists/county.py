"""A county's checking policy as a workbook: rule pack, checks, word lists and limits.

It lets people who know no YAML edit the policy in Excel.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from perfxl import messages, rules
from perfxl.errors import FormError, ListError
from perfxl.finding import SEVERITIES
from perfxl.form import installed, scheme, taxonomy
from perfxl.form.characters import fold
from perfxl.form.setting import settings
from perfxl.form.source import nearest
from perfxl.form.types.number import whole_or_float
from perfxl.rules.catalogue import Check, checks
from perfxl.rules.policy import (
    MAX_WORD_LENGTH,
    ORDINARY,
    Policy,
    clean_word,
    default_policy,
    may_have_severity,
    nearest_code,
    packs,
    severity_by_word,
    unique,
    word_for_severity,
)
from perfxl.workbook.lists.list_workbook import Column, Tab, Value, read_tab
from perfxl.workbook.ooxml.cells import Workbook

ROOM = 600
"""The most characters of a word list in one cell, about a third of what a row can show.

A longer list is spread over several rows.
"""


def policy_tabs(policy: Policy) -> tuple[Tab, ...]:
    """Return the tabs of the policy workbook, for ``plain.write_tabs``."""
    tabs = (_pack_tab, _checks_tab, _words_tab, _limits_tab, _taxonomy_tab, _scheme_tab)
    return tuple(make(policy) for make in tabs)


def _make_tab(key: str, columns: Iterable[Column], rows: Iterable[tuple[Value, ...]]) -> Tab:
    """Build a tab whose name, title and note are the messages below ``sheet.rules.<key>``."""
    name, title, note = (messages.say(f"sheet.rules.{key}.{part}") for part in ("tab", "title", "note"))
    return Tab(name, title, note, tuple(columns), tuple(rows))


def _heading(key: str) -> str:
    return messages.say(f"sheet.rules.headers.{key}")


def _pack_tab(policy: Policy) -> Tab:
    columns = (Column(_heading("pack"), 16, tuple(packs())), Column(_heading("meaning"), 60, locked=True))
    return _make_tab("pack", columns, [(policy.pack, messages.say("sheet.rules.pack.meaning"))])


def _checks_tab(policy: Policy) -> Tab:
    fixed = [("code", 8.0), ("title", 22.0), ("must", 52.0), *((pack, 8.0) for pack in packs())]
    columns = [Column(pack if pack in packs() else _heading(pack), width, locked=True) for pack, width in fixed]
    allowed = tuple(word_for_severity(severity) for severity in (*SEVERITIES, None))
    columns += [Column(_heading("severity"), 12, allowed), Column(_heading("forms"), 24, locked=True)]
    return _make_tab("checks", columns, (_check_row(check, policy) for check in checks()))


def _check_row(check: Check, policy: Policy) -> tuple[Value, ...]:
    by_pack = [word_for_severity(default_policy(pack).severity(check.code, check.severity)) for pack in packs()]
    here = word_for_severity(policy.severity(check.code, check.severity))
    changed = here != by_pack[list(packs()).index(policy.pack)]
    everywhere = len(check.forms) == len(rules.sound_forms())
    forms = messages.say("sheet.rules.all_forms") if everywhere else "、".join(check.labels)
    return check.code, check.title(), check.must(policy), *by_pack, here if changed else None, forms


def _words_tab(policy: Policy) -> Tab:
    columns = (Column(_heading("about"), 34, locked=True), Column(_heading("rules"), 12, locked=True),
               Column(_heading("words"), 66), Column(_heading("name"), 20, locked=True))  # fmt: skip
    rows = (
        (settings()[name].about, "、".join(settings()[name].rules), cell, name)
        for name, words in policy.words.items()
        for cell in _cells(words)
    )
    return _make_tab("words", columns, rows)


def _limits_tab(policy: Policy) -> Tab:
    columns = (Column(_heading("about"), 60, locked=True), Column(_heading("rules"), 16, locked=True),
               Column(_heading("limit"), 12), Column(_heading("name"), 22, locked=True))  # fmt: skip
    rows = ((settings()[name].about, "、".join(settings()[name].rules), whole_or_float(limit), name)
            for name, limit in policy.limits.items())  # fmt: skip
    return _make_tab("limits", columns, rows)


def _taxonomy_tab(policy: Policy) -> Tab:
    columns = (Column(_heading("forms"), 34, locked=True), Column(_heading("taxonomy"), 30, taxonomy.names()),
               Column(_heading("name"), 22, locked=True))  # fmt: skip
    rows = (
        (form.label, policy.taxonomies.get(form.name), form.name)
        for form in installed.forms()
        if form.name in policy.taxonomies or form.has_own_classes
    )
    return _make_tab("taxonomy", columns, rows)


def _scheme_tab(policy: Policy) -> Tab:
    columns = (Column(_heading("scheme"), 30, scheme.names()), Column(_heading("meaning"), 60, locked=True))
    return _make_tab("scheme", columns, [(policy.scheme or None, messages.say("sheet.rules.scheme.meaning"))])


def _cells(words: tuple[str, ...]) -> Iterator[str]:
    """Yield the words joined by 、, in pieces of at most ``ROOM`` characters where the words allow it.

    A word that contains a separator, or begins with a quotation mark, is put in “quotes”.
    """
    piece = ""
    for entry in words:
        shown = f"“{entry.replace('”', '””')}”" if _SEPARATOR.search(entry) or entry.startswith("“") else entry
        if piece and len(piece) + len(shown) > ROOM:
            yield piece
            piece = ""
        piece = f"{piece}、{shown}" if piece else shown
    yield piece


_SEPARATOR = re.compile(r"[、，,；;]")
_PIECE = re.compile(r"(?:“(?:[^”]|””)*”|[^、\n])+")
_QUOTED = re.compile(r"“((?:[^”]|””)*)”")


Found = tuple[str, Any, str] | ListError
"""The content of one row: a name (of a check, word list or limit), its value and the value's cell; or a mistake."""


def read_policy_workbook(workbook: Workbook) -> tuple[Policy, tuple[ListError, ...]]:
    """Read a policy workbook. Returns the policy and everything that is wrong in the workbook.

    Settings that the workbook does not contain are those of its rule pack.
    """
    file = workbook.package.file
    mistakes: list[ListError] = []
    pack = _values_by_name(_read_pack(workbook), file, mistakes).get("pack", ORDINARY)
    base = default_policy(pack)
    severities, limits = (
        _values_by_name(rows, file, mistakes) for rows in (_read_severities(workbook), _read_limits(workbook))
    )
    words: dict[str, tuple[str, ...]] = {}
    for name, entries, _ in _valid_rows(_read_words(workbook), mistakes):
        words[name] = unique((*words.get(name, ()), *entries))
    taxonomies = _values_by_name(_read_taxonomies(workbook), file, mistakes)
    policy = replace(
        base,
        taxonomies=taxonomies,
        scheme=_values_by_name(_read_scheme(workbook), file, mistakes).get("scheme", ""),
        severities={**base.severities, **severities},
        words={**base.words, **words},
        limits={**base.limits, **limits},
    )
    return policy, tuple(mistakes)


def _valid_rows(rows: Iterator[Found], mistakes: list[ListError]) -> Iterator[tuple[str, Any, str]]:
    """Yield the valid rows and append the others to ``mistakes``."""
    try:
        for row in rows:
            if isinstance(row, ListError):
                mistakes.append(row)
            else:
                yield row
    except ListError as error:  # a missing tab
        mistakes.append(error)


def _values_by_name(rows: Iterator[Found], file: str, mistakes: list[ListError]) -> dict[str, Any]:
    """Return the values by name; a name that occurs twice with different values is a mistake."""
    values: dict[str, Any] = {}
    for name, value, cell in _valid_rows(rows, mistakes):
        if values.setdefault(name, value) != value:
            mistakes.append(ListError(file=file, cell=cell, what="twice", name=name))
    return values


def _read_pack(workbook: Workbook) -> Iterator[Found]:
    """Yield the rule pack that the workbook names; a mistake if it is unknown or missing."""
    file, known, none = workbook.package.file, tuple(packs()), True
    for row in read_tab(workbook, (_heading("pack"), _heading("meaning"))):
        found, cell = row.text(_heading("pack")), row.cell(_heading("pack"))
        if found and found not in known:
            meant = nearest(found, known)
            yield ListError(file=file, cell=cell, what="unknown_pack", found=found, near=meant, known=known)
        elif found:
            yield "pack", found, cell
        none = none and not found
    if none:
        yield ListError(file=file, what="no_pack", known=known)


def _read_severities(workbook: Workbook) -> Iterator[Found]:
    """Yield the checks with a severity of their own (``off`` for a check that is not made)."""
    file, own, words = workbook.package.file, rules.own_severities(), severity_by_word()
    for row in read_tab(workbook, (_heading("code"), _heading("severity"))):
        code, found, cell = (
            row.text(_heading("code")).upper(),
            row.text(_heading("severity")),
            row.cell(_heading("severity")),
        )
        if not found:
            continue
        if code not in own:
            place = row.cell(_heading("code"))
            yield ListError(file=file, cell=place, what="unknown_check", code=code, near=nearest_code(code, own))
        elif found not in words:
            yield ListError(file=file, cell=cell, what="unknown_severity", found=found, near=nearest(found, words))
        elif not may_have_severity(code, words[found], own):
            yield ListError(file=file, cell=cell, what="unsafe_fix", code=code)
        else:
            yield code, words[found], cell


def _read_words(workbook: Workbook) -> Iterator[Found]:
    """Yield the word list of every row; a list that is spread over several rows comes several times."""
    file, known = workbook.package.file, [name for name, setting in settings().items() if setting.limit is None]
    for row in read_tab(workbook, (_heading("name"), _heading("words"))):
        name, cell = row.text(_heading("name")), row.cell(_heading("words"))
        if name not in known:
            place = row.cell(_heading("name"))
            yield ListError(file=file, cell=place, what="unknown_words", name=name, near=nearest(name, known))
            continue
        entries = []
        for piece in _PIECE.findall(row.text(_heading("words"))):
            quoted = _QUOTED.fullmatch(piece.strip())
            entry = clean_word(quoted[1].replace("””", "”") if quoted else piece)
            if len(entry) > MAX_WORD_LENGTH:
                yield ListError(file=file, cell=cell, what="too_long", limit=MAX_WORD_LENGTH, length=len(entry))
            elif not quoted and (_SEPARATOR.search(entry) or entry.startswith("“")):
                yield ListError(file=file, cell=cell, what="separator", word=entry)
            elif entry:
                entries.append(entry)
        yield name, tuple(entries), cell


def _read_limits(workbook: Workbook) -> Iterator[Found]:
    """Yield the limits; an empty cell leaves the limit of the rule pack."""
    file, known = workbook.package.file, [name for name, setting in settings().items() if setting.limit is not None]
    for row in read_tab(workbook, (_heading("name"), _heading("limit"))):
        name, found, cell = row.text(_heading("name")), row.text(_heading("limit")), row.cell(_heading("limit"))
        if name not in known:
            place = row.cell(_heading("name"))
            yield ListError(file=file, cell=place, what="unknown_limit", name=name, near=nearest(name, known))
        elif found and (limit := _parse_limit(found)) is None:
            yield ListError(file=file, cell=cell, what="not_a_number", found=found)
        elif found:
            yield name, limit, cell


def _read_taxonomies(workbook: Workbook) -> Iterator[Found]:
    """Yield the taxonomies that replace those of forms; none from a workbook of before there was such a list."""
    file, known = workbook.package.file, [form.name for form in installed.forms() if form.taxonomy]
    try:
        rows = read_tab(workbook, (_heading("taxonomy"), _heading("name")))
    except ListError:
        return
    for row in rows:
        name, found = row.text(_heading("name")), row.text(_heading("taxonomy"))
        try:
            if found and name not in known:
                place = row.cell(_heading("name"))
                yield ListError(file=file, cell=place, what="unknown_form", form=name, near=nearest(name, known))
            elif found:
                yield name, taxonomy.load(found).id, row.cell(_heading("taxonomy"))
        except FormError:
            facts = {"name": found, "near": nearest(found, taxonomy.names()), "known": taxonomy.names()}
            yield ListError(file=file, cell=row.cell(_heading("taxonomy")), what="unknown_taxonomy", **facts)


def _read_scheme(workbook: Workbook) -> Iterator[Found]:
    """Yield the scheme of the county; none from a workbook of before there was such a list."""
    file = workbook.package.file
    try:
        rows = read_tab(workbook, (_heading("scheme"), _heading("meaning")))
    except ListError:
        return
    for row in rows:
        found, cell = row.text(_heading("scheme")), row.cell(_heading("scheme"))
        try:
            if found:
                yield "scheme", scheme.load(found).id, cell
        except FormError:
            known = scheme.names()
            yield ListError(
                file=file, cell=cell, what="unknown_scheme", name=found, near=nearest(found, known), known=known
            )


def _parse_limit(text: str) -> Decimal | None:
    """Parse a number of at least 0 and below 10**15; None for anything else.

    Full-width digits and thousands separators are accepted.
    """
    try:
        number = Decimal(fold(text).replace(",", ""))
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 <= number < 10**15 else None
