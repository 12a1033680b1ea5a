"""What is judged: the rules that every form is asked, the sets of checks that a form names, and its own lines."""

from __future__ import annotations

import pkgutil
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

from perfxl import extensions
from perfxl.errors import FormError, UnknownCode
from perfxl.finding import REMARK, SEVERITIES, Finding, Severity
from perfxl.form import installed
from perfxl.form.form import Form, FormRule
from perfxl.messages.places import locate
from perfxl.rules import asked, assertion, reading
from perfxl.rules.policy import OFF, Policy, default_policy, nearest_code, read_policy
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Seen, Subject, Unit

__all__ = [
    "Hit", "Policy", "Rule", "Seen", "Subject", "Unit",
    "check", "codes", "find_rule", "general_rules", "live_lines", "load_policy", "own_severities", "return_only_lines",
    "rules", "rules_of", "select_codes", "select_policy", "validation_severity",
]  # fmt: skip


@lru_cache(maxsize=1)
def general_rules() -> tuple[Rule, ...]:
    """The rules that every form is asked: what reading left in doubt, and whether it came back as it was sent."""
    return (*reading.RULES, *_rules_in(asked))


@lru_cache(maxsize=16)
def rules_of(checks: str) -> tuple[Rule, ...]:
    """The rules of a set of checks, which a form names: all that stand in the modules of its package."""
    return tuple(_rules_in(extensions.load("perfxl.checks", checks)))


def _rules_in(package: ModuleType) -> Iterator[Rule]:
    """What the modules of a package, in any folder of it, have as ``RULE`` or ``RULES``."""
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        found = import_module(module.name)
        yield from getattr(found, "RULES", ())
        if isinstance(rule := getattr(found, "RULE", None), Rule):
            yield rule


@lru_cache(maxsize=64)
def rules(form: Form) -> tuple[Rule, ...]:
    """The rules that this form is asked, by code: the general ones, those of the sets that it names, its own lines.

    A rule of answers that the form does not have is left out.

    Raises FormError for a line of the form that has no words, or a code that a set of checks keeps for itself.
    """
    assertion.refuse_wordless(form)
    known = {*form.fields, *form.tables, *(t.path(id) for t in form.tables.values() for id in t.columns)}
    named = (rule for checks in form.checks for rule in rules_of(checks))
    fitting = (rule for rule in (*general_rules(), *named) if known.issuperset(rule.needs))
    return tuple(sorted((*fitting, *assertion.rules(form)), key=lambda find_rule: find_rule.code))


def codes(form: Form | None = None) -> tuple[str, ...]:
    """All codes there are, of a form or of all rules."""
    return tuple(dict.fromkeys(find_rule.code for find_rule in (rules(form) if form else _all())))


def _all() -> tuple[Rule, ...]:
    """The rules of all sets of checks there are, by code."""
    named = (rule for checks in extensions.found("perfxl.checks") for rule in rules_of(checks))
    return tuple(sorted((*general_rules(), *named), key=lambda find_rule: find_rule.code))


_REMARK = Rule(REMARK, "warning", lambda subject: ())
"""In the place of a rule for a reviewer's own remark: its flag stands while the cell holds what it was made on."""


def find_rule(code: str, form: Form | None = None) -> Rule:
    """The first rule of that code. Raises UnknownCode."""
    wanted = code.strip().upper()
    if wanted == REMARK:
        return _REMARK
    for each in rules(form) if form else _all():
        if each.code == wanted:
            return each
    raise UnknownCode(code=code, near=nearest_code(wanted, codes(form)))


def select_codes(select: Collection[str] = (), ignore: Collection[str] = ()) -> frozenset[str]:
    """The codes of these checks alone, or of all, without those: codes, or groups of them (``MN``); ignoring wins.

    Raises UnknownCode for a code or group that no rule has.
    """
    known = own_severities()
    for code in (*select, *ignore):
        if not any(_matches(each, (code,)) for each in known):
            raise UnknownCode(code=code, near=nearest_code(code, known))
    return frozenset(code for code in known if (not select or _matches(code, select)) and not _matches(code, ignore))


def select_policy(policy: Policy, select: Collection[str] = (), ignore: Collection[str] = ()) -> Policy:
    """The policy with the selected checks alone. Raises UnknownCode."""
    off = own_severities().keys() - select_codes(select, ignore)
    return replace(policy, severities={**policy.severities, **dict.fromkeys(sorted(off), OFF)})


@lru_cache(maxsize=1)
def own_severities() -> Mapping[str, Severity]:
    """All checks that any installed form may be asked, by code in order, each with the severity it comes with."""
    found = {each.code: each.severity for name in installed.names() for each in rules(installed.load(name))}
    return dict(sorted(found.items()))


def load_policy(path: Path | None) -> Policy:
    """A county's own way of checking, out of its file; without one the pack 一般. Raises FormError."""
    if path is None:
        return default_policy()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise FormError(file=str(path), line=0, what="no_file") from error
    except UnicodeDecodeError as error:
        raise FormError(file=str(path), line=0, what="not_utf8") from error
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        problem = getattr(error, "strerror", None) or str(error)
        raise FormError(file=str(path), line=0, what="unreadable", problem=problem) from error
    return read_policy(text, str(path), own_severities())


@lru_cache(maxsize=64)
def live_lines(form: Form, policy: Policy) -> tuple[FormRule, ...]:
    """The checks that the sheet makes itself, as lines: the gravest first, those of one code together."""
    found = [
        replace(line, severity=severity)
        for rule in rules(form)
        if rule.lines and (severity := policy.severity(rule.code, rule.severity))
        for line in rule.lines(form)
        if not assertion.reason_return_only(line, form, policy)
    ]
    return tuple(sorted(found, key=lambda line: (SEVERITIES.index(line.severity), line.code)))


def return_only_lines(form: Form, policy: Policy) -> tuple[tuple[FormRule, str], ...]:
    """The lines of a form that its sheet cannot check, each with what Excel cannot reach or calculate."""
    found = ((line, assertion.reason_return_only(line, form, policy)) for line in form.rules)
    return tuple((line, why) for line, why in found if why)


def validation_severity(kind: str, form: Form, policy: Policy) -> Severity | None:
    """How grave a wrong entry in an answer of this kind is, which the sheet refuses or warns of; None: not checked.

    A limit that no check stands behind is the form's own, and refused.
    """
    found = next((rule for rule in rules(form) if kind in rule.kinds), None)
    return policy.severity(found.code, found.severity) if found else "error"


def check(subject: Subject) -> list[Finding]:
    """All that the rules have to say about one record, the gravest first, then in the form's order."""
    policy = subject.unit.policy
    found = [
        _finding(rule, severity, hit, subject)
        for rule in rules(subject.form)
        if (severity := policy.severity(rule.code, rule.severity))
        for hit in rule.check(subject)
        if rule.code.startswith(reading.GROUP) or all(map(subject.sure, hit.fields))
    ]
    order = _order(subject.form)
    return sorted(found, key=lambda each: (SEVERITIES.index(each.severity), _place(each.field, order), each.code))


def _matches(code: str, names: Collection[str]) -> bool:
    return any(code == name or code.startswith(f"{name}-") for name in names)


def _finding(rule: Rule, severity: Severity, hit: Hit, subject: Subject) -> Finding:
    # the places in the form's own words, for the sentence made later where the form is no longer at hand
    places = [list(locate(path, subject.form, subject.record)) for path in hit.fields]
    facts = {**hit.facts, "places": places}
    return Finding(rule.code, severity, tuple(hit.fields), facts, hit.suggestion)


@lru_cache(maxsize=64)
def _order(form: Form) -> Mapping[str, int]:
    """Where each field and table column stands: fields as defined, then tables, each row by row."""
    ids = [*form.fields]
    for table in form.tables.values():
        ids += [table.id, *(table.path(id) for id in table.columns)]
    return {id: at for at, id in enumerate(dict.fromkeys(ids))}


def _place(path: str, order: Mapping[str, int]) -> tuple[int, tuple[int, ...], int]:
    id, rows = _parts(path)
    table = order.get(id.split(".")[0], order.get(id, len(order))) if rows else order.get(id, len(order))
    return table, rows, order.get(id, len(order))


@lru_cache(maxsize=4096)
def _parts(path: str) -> tuple[str, tuple[int, ...]]:
    """A path without its row numbers, and these."""
    pieces = path.replace("[", "]").split("]")
    return "".join(pieces[::2]), tuple(int(piece) for piece in pieces[1::2])
