"""A county's way of checking as a workbook, for people who know no YAML: pack, checks, word lists and limits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from perfxl import messages, rules
from perfxl.errors import ListError
from perfxl.finding import SEVERITIES
from perfxl.form import installed
from perfxl.form.setting import settings
from perfxl.form.source import nearest
from perfxl.rules.catalogue import Check, checks
from perfxl.rules.policy import (
    LONGEST,
    ORDINARY,
    Policy,
    default_policy,
    may_have_severity,
    nearest_code,
    packs,
    severity_word,
    severity_words,
    unique,
    word,
)
from perfxl.workbook.lists.plain import Column, Tab, Value, read_tab
from perfxl.workbook.ooxml.cells import Workbook

ROOM = 600
"""Characters of a word list in one cell, about a third of what a row can show; a longer list has several rows."""


def policy_tabs(policy: Policy) -> tuple[Tab, ...]:
    """The workbook's tabs, as ``lists.write`` takes them."""
    return _pack_tab(policy), _checks_tab(policy), _words_tab(policy), _limits_tab(policy)


def _tab(key: str, columns: Iterable[Column], rows: Iterable[tuple[Value, ...]]) -> Tab:
    name, title, note = (messages.say(f"sheet.rules.{key}.{part}") for part in ("tab", "title", "note"))
    return Tab(name, title, note, tuple(columns), tuple(rows))


def _head(key: str) -> str:
    return messages.say(f"sheet.rules.headers.{key}")


def _pack_tab(policy: Policy) -> Tab:
    columns = (Column(_head("pack"), 16, tuple(packs())), Column(_head("meaning"), 60, locked=True))
    return _tab("pack", columns, [(policy.pack, messages.say("sheet.rules.pack.meaning"))])


def _checks_tab(policy: Policy) -> Tab:
    fixed = [("code", 8.0), ("title", 22.0), ("must", 52.0), *((pack, 8.0) for pack in packs())]
    columns = [Column(pack if pack in packs() else _head(pack), width, locked=True) for pack, width in fixed]
    allowed = tuple(severity_word(each) for each in (*SEVERITIES, None))
    columns += [Column(_head("severity"), 12, allowed), Column(_head("forms"), 24, locked=True)]
    return _tab("checks", columns, (_check_row(check, policy) for check in checks()))


def _check_row(check: Check, policy: Policy) -> tuple[Value, ...]:
    by_pack = [severity_word(default_policy(pack).severity(check.code, check.severity)) for pack in packs()]
    here = severity_word(policy.severity(check.code, check.severity))
    changed = here != by_pack[list(packs()).index(policy.pack)]
    everywhere = len(check.forms) == len(installed.names())
    forms = messages.say("sheet.rules.all_forms") if everywhere else "、".join(check.labels)
    return check.code, check.title(), check.must(policy), *by_pack, here if changed else None, forms


def _words_tab(policy: Policy) -> Tab:
    columns = (Column(_head("about"), 34, locked=True), Column(_head("rules"), 12, locked=True),
               Column(_head("words"), 66), Column(_head("name"), 20, locked=True))  # fmt: skip
    rows = (
        (settings()[name].about, "、".join(settings()[name].rules), cell, name)
        for name, words in policy.words.items()
        for cell in _cells(words)
    )
    return _tab("words", columns, rows)


def _limits_tab(policy: Policy) -> Tab:
    columns = (Column(_head("about"), 60, locked=True), Column(_head("rules"), 16, locked=True),
               Column(_head("limit"), 12), Column(_head("name"), 22, locked=True))  # fmt: skip
    rows = ((settings()[name].about, "、".join(settings()[name].rules), _number(limit), name)
            for name, limit in policy.limits.items())  # fmt: skip
    return _tab("limits", columns, rows)


def _number(limit: Decimal) -> int | float:
    return int(limit) if limit == limit.to_integral_value() else float(limit)


def _cells(words: tuple[str, ...]) -> Iterator[str]:
    """The words joined by 、, in pieces that a row can show; those that hold a separator stand in “quotes”."""
    piece = ""
    for each in words:
        shown = f"“{each.replace('”', '””')}”" if _SEPARATOR.search(each) or each.startswith("“") else each
        if piece and len(piece) + len(shown) > ROOM:
            yield piece
            piece = ""
        piece = f"{piece}、{shown}" if piece else shown
    yield piece


_SEPARATOR = re.compile(r"[、，,；;]")
_PIECE = re.compile(r"(?:“(?:[^”]|””)*”|[^、\n])+")
_QUOTED = re.compile(r"“((?:[^”]|””)*)”")


Found = tuple[str, Any, str] | ListError
"""What a row states: the name of a check, word list or limit, its value, where that stands; or what is wrong there."""


def read_policy_workbook(workbook: Workbook) -> tuple[Policy, tuple[ListError, ...]]:
    """The policy that such a workbook states, and everything that is wrong in it.

    What does not stand in it is as in its pack.
    """
    file = workbook.package.file
    mistakes: list[ListError] = []
    pack = _taken(_pack(workbook), file, mistakes).get("pack", ORDINARY)
    base = default_policy(pack)
    severities, limits = (_taken(found, file, mistakes) for found in (_severities(workbook), _limits(workbook)))
    words: dict[str, tuple[str, ...]] = {}
    for name, each, _ in _kept(_words(workbook), mistakes):
        words[name] = unique((*words.get(name, ()), *each))
    policy = replace(
        base,
        severities={**base.severities, **severities},
        words={**base.words, **words},
        limits={**base.limits, **limits},
    )
    return policy, tuple(mistakes)


def _kept(found: Iterator[Found], mistakes: list[ListError]) -> Iterator[tuple[str, Any, str]]:
    """What is right; what is wrong goes to the mistakes."""
    try:
        for each in found:
            if isinstance(each, ListError):
                mistakes.append(each)
            else:
                yield each
    except ListError as error:  # a tab that is not there
        mistakes.append(error)


def _taken(found: Iterator[Found], file: str, mistakes: list[ListError]) -> dict[str, Any]:
    """The values by name; a name that stands there twice must have the same value."""
    taken: dict[str, Any] = {}
    for name, value, cell in _kept(found, mistakes):
        if taken.setdefault(name, value) != value:
            mistakes.append(ListError(file=file, cell=cell, what="twice", name=name))
    return taken


def _pack(workbook: Workbook) -> Iterator[Found]:
    file, known, none = workbook.package.file, tuple(packs()), True
    for row in read_tab(workbook, (_head("pack"), _head("meaning"))):
        found, cell = row.text(_head("pack")), row.cell(_head("pack"))
        if found and found not in known:
            meant = nearest(found, known)
            yield ListError(file=file, cell=cell, what="unknown_pack", found=found, near=meant, known=known)
        elif found:
            yield "pack", found, cell
        none = none and not found
    if none:
        yield ListError(file=file, what="no_pack", known=known)


def _severities(workbook: Workbook) -> Iterator[Found]:
    file, own, words = workbook.package.file, rules.own_severities(), severity_words()
    for row in read_tab(workbook, (_head("code"), _head("severity"))):
        code, found, cell = row.text(_head("code")).upper(), row.text(_head("severity")), row.cell(_head("severity"))
        if not found:
            continue
        if code not in own:
            place = row.cell(_head("code"))
            yield ListError(file=file, cell=place, what="unknown_check", code=code, near=nearest_code(code, own))
        elif found not in words:
            yield ListError(file=file, cell=cell, what="unknown_severity", found=found, near=nearest(found, words))
        elif not may_have_severity(code, words[found], own):
            yield ListError(file=file, cell=cell, what="unsafe_fix", code=code)
        else:
            yield code, words[found], cell


def _words(workbook: Workbook) -> Iterator[Found]:
    file, known = workbook.package.file, [name for name, each in settings().items() if each.limit is None]
    for row in read_tab(workbook, (_head("name"), _head("words"))):
        name, cell = row.text(_head("name")), row.cell(_head("words"))
        if name not in known:
            place = row.cell(_head("name"))
            yield ListError(file=file, cell=place, what="unknown_words", name=name, near=nearest(name, known))
            continue
        found = []
        for piece in _PIECE.findall(row.text(_head("words"))):
            quoted = _QUOTED.fullmatch(piece.strip())
            each = word(quoted[1].replace("””", "”") if quoted else piece)
            if len(each) > LONGEST:
                yield ListError(file=file, cell=cell, what="too_long", limit=LONGEST, length=len(each))
            elif not quoted and (_SEPARATOR.search(each) or each.startswith("“")):
                yield ListError(file=file, cell=cell, what="separator", word=each)
            elif each:
                found.append(each)
        yield name, tuple(found), cell


def _limits(workbook: Workbook) -> Iterator[Found]:
    file, known = workbook.package.file, [name for name, each in settings().items() if each.limit is not None]
    for row in read_tab(workbook, (_head("name"), _head("limit"))):
        name, found, cell = row.text(_head("name")), row.text(_head("limit")), row.cell(_head("limit"))
        if name not in known:
            place = row.cell(_head("name"))
            yield ListError(file=file, cell=place, what="unknown_limit", name=name, near=nearest(name, known))
        elif found and (limit := _decimal(found)) is None:
            yield ListError(file=file, cell=cell, what="not_a_number", found=found)
        elif found:
            yield name, limit, cell


def _decimal(text: str) -> Decimal | None:
    """A number from 0 on, however it is typed."""
    try:
        number = Decimal(unicodedata.normalize("NFKC", text).replace(",", ""))
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 <= number < 10**15 else None
