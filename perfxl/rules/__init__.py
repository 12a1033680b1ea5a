"""The rules of a form, and the checking of a record by them.

The rules come from three places: the general ones that apply to every form, the sets of checks that a form names, and
the form's own lines.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

from perfxl import extensions
from perfxl.errors import FormError, UnknownCode
from perfxl.finding import REMARK, SEVERITIES, Finding, Severity
from perfxl.form import installed
from perfxl.form.answers import without_rows
from perfxl.form.form import Form, FormRule
from perfxl.form.source import read_text
from perfxl.form.types.base import AnswerType
from perfxl.messages.places import locate
from perfxl.rules import asked, assertion, limits, reading_doubts
from perfxl.rules.asked import at01_attachment, ca01_last_year, co01_calculated
from perfxl.rules.policy import AT, OFF, Policy, default_policy, nearest_code, one_of_equals, read_policy
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Seen, Subject, Unit

__all__ = [
    "Hit", "Policy", "Rule", "Seen", "Selection", "Subject", "Unit",
    "check", "codes", "find_rule", "general_rules", "live_lines", "load_policy", "own_severities", "return_only_lines",
    "rules", "rules_of", "select_codes", "select_policy", "sound_forms", "validation_severity",
]  # fmt: skip


@lru_cache(maxsize=1)
def general_rules() -> tuple[Rule, ...]:
    """Return the rules of every form: doubts about the reading, limits, and those of the folder ``asked``."""
    return (*reading_doubts.RULES, *limits.RULES, *_rules_in(asked))


@lru_cache(maxsize=16)
def rules_of_set(checks: str) -> tuple[Rule, ...]:
    """Return the rules of a set of checks by its name in a form: all rules in the modules of its package.

    A package within it that is a set of its own is left out.
    """
    package = extensions.load("perfxl.checks", checks)
    names = (entry.value for entry in extensions.found("perfxl.checks").values())
    return tuple(_rules_in(package, [name for name in names if name.startswith(f"{package.__name__}.")]))


def _rules_in(package: ModuleType, without: Collection[str] = ()) -> Iterator[Rule]:
    """Yield the rules named ``RULE`` and ``RULES`` in the modules of a package and its subpackages.

    A subpackage with ``RULES`` has no others, and its modules are not loaded. ``without``: the names of packages that
    are left out.
    """
    for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        if info.name in without:
            continue
        module = import_module(info.name)
        yield from getattr(module, "RULES", ())
        if isinstance(rule := getattr(module, "RULE", None), Rule):
            yield rule
        if info.ispkg and not hasattr(module, "RULES"):
            yield from _rules_in(module, without)


@lru_cache(maxsize=64)
def rules(form: Form) -> tuple[Rule, ...]:
    """Return the rules that apply to a form, sorted by code.

    These are the general ones, those of the sets of checks that it names, and its own lines. Rules about answers that
    the form does not have are left out.

    Raises FormError for a line of the form that has no words, or whose code belongs to a set of checks.
    """
    assertion.refuse_bad_codes(form)
    known = {*form.fields, *form.tables, *(t.path(id) for t in form.tables.values() for id in t.columns)}
    known |= {needs.NEEDS for needs in (at01_attachment, ca01_last_year, co01_calculated) if needs.applies_to(form)}
    known |= {"@key"} if form.many and form.key else set()
    named = (rule for checks in form.checks for rule in rules_of_set(checks))
    fitting = (rule for rule in (*general_rules(), *named) if known.issuperset(rule.needs))
    return tuple(sorted((*fitting, *assertion.rules_of_lines(form)), key=lambda rule: rule.code))


def codes(form: Form | None = None) -> tuple[str, ...]:
    """Return the codes of a form's rules; without a form, of the general rules and all sets, without lines of forms."""
    return tuple(dict.fromkeys(rule.code for rule in (rules(form) if form else _all_rules())))


def _all_rules() -> tuple[Rule, ...]:
    """Return the general rules and those of all installed sets of checks, sorted by code."""
    named = (rule for checks in extensions.found("perfxl.checks") for rule in rules_of_set(checks))
    return tuple(sorted((*general_rules(), *named), key=lambda rule: rule.code))


_REMARK = Rule(REMARK, "warning", lambda subject: ())
"""Stands in for the rule of a reviewer's own remark; its flag stays as long as the remarked cell is not changed."""


def find_rule(code: str, form: Form | None = None) -> Rule:
    """Return the first rule with a code, of a form or of all rules. Raises UnknownCode."""
    wanted = code.strip().upper()
    if wanted == REMARK:
        return _REMARK
    for rule in rules(form) if form else _all_rules():
        if rule.code == wanted:
            return rule
    raise UnknownCode(code=code, near=nearest_code(wanted, codes(form)))


@dataclass(frozen=True)
class Selection:
    """Some checks, by codes or groups of codes (``MN``): the selected ones, or all if none is, but for the ignored."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def __contains__(self, code: object) -> bool:
        chosen = isinstance(code, str) and (not self.select or _matches(code, self.select))
        return chosen and not _matches(str(code), self.ignore)


def select_codes(select: Collection[str] = (), ignore: Collection[str] = ()) -> Selection:
    """Return a selection of checks. Raises UnknownCode for a code or group that no rule of a known form has."""
    for code in (*select, *ignore):
        known = own_severities()
        if not any(_matches(known_code, (code,)) for known_code in known):
            raise UnknownCode(code=code, near=nearest_code(code, known))
    return Selection(tuple(select), tuple(ignore))


def select_policy(policy: Policy, select: Collection[str] = (), ignore: Collection[str] = ()) -> Policy:
    """Return the policy with all checks but the selected ones turned off; see ``select_codes``. Raises UnknownCode."""
    chosen = select_codes(select, ignore)
    if not select and not ignore:  # all: no need to load every form for the codes of its own checks
        return policy
    off = [code for code in own_severities() if code not in chosen]
    return replace(policy, severities={**policy.severities, **dict.fromkeys(off, OFF)})


@installed.BySearchPath
def own_severities() -> Mapping[str, Severity]:
    """Return the severity that every check of any known form has by itself, sorted by code."""
    severities = {rule.code: rule.severity for form in sound_forms() for rule in rules(form)}
    return dict(sorted(severities.items()))


@installed.BySearchPath
def sound_forms() -> tuple[Form, ...]:
    """Return the known forms that have a mistake neither in their definition nor in their checks, by name.

    A form with a mistake is no concern of what is about all forms.
    """
    return tuple(form for form in installed.forms() if _has_sound_checks(form))


def _has_sound_checks(form: Form) -> bool:
    try:
        rules(form)
    except FormError:
        return False
    return True


def load_policy(path: Path | None) -> Policy:
    """Read a county's own policy from its file; without a path return the pack 一般 (ordinary). Raises FormError."""
    if path is None:
        return default_policy()
    return one_of_equals(read_policy(read_text(path), str(path), own_severities()))


@lru_cache(maxsize=64)
def live_lines(form: Form, policy: Policy) -> tuple[FormRule, ...]:
    """Return the checks that the sheet makes itself, as lines; the gravest first, those of one code together."""
    lines = [
        replace(line, severity=severity)
        for rule in rules(form)
        if rule.lines and (severity := policy.severity(rule.code, rule.severity))
        for line in rule.lines(form)
        if not assertion.part_beyond_excel(line, form, policy)
    ]
    return tuple(sorted(lines, key=lambda line: (SEVERITIES.index(line.severity), line.code)))


@lru_cache(maxsize=64)
def return_only_lines(form: Form, policy: Policy) -> tuple[tuple[FormRule, str], ...]:
    """Return the lines of a form that its sheet cannot check, each with the part that is beyond Excel's reach."""
    reasons = ((line, assertion.part_beyond_excel(line, form, policy)) for line in form.rules)
    return tuple((line, reason) for line, reason in reasons if reason)


def validation_severity(kind: AnswerType, form: Form, policy: Policy, path: str = "") -> Severity | None:
    """Return the severity of a wrong entry in an answer of this kind, which the sheet refuses or warns about.

    It is the severity of the rule about this kind or, without one, of the check of the limit; None where the policy
    makes neither. ``path``: the answer, for which a policy may have a severity of its own.
    """
    behind = next((rule for rule in rules(form) if kind.name in rule.types), None)
    if behind:
        return policy.severity(behind.code, behind.severity)
    check = kind.validation()
    if check is None:
        return None
    return policy.severity_at(limits.code_of_refusal(kind, check), limits.SEVERITY, f"{form.name}.{path}")


def check(subject: Subject) -> list[Finding]:
    """Return the findings of all rules on one record, those on the file, then the gravest, in the form's order.

    Only the checks of the reading (RD) may report on answers that are not sure. A check of a limit is silent about the
    answers about which another rule says it better, even where the policy does not make that rule.
    """
    hits = [
        (rule, hit)
        for rule in subject.unit.once(_judging, subject.form)
        for hit in rule.check(subject)
        if rule.code.startswith(reading_doubts.GROUP) or all(map(subject.sure, hit.fields))
    ]
    better = frozenset((code, path) for rule, hit in hits for code in rule.limits for path in hit.fields)
    findings = [
        _finding(rule, severity, left, subject)
        for rule, hit in hits
        if (left := _leave_out(hit, rule.code, better)) and (severity := _severity(rule, left, subject))
    ]
    order = _order(subject.form)

    def rank(finding: Finding) -> tuple[bool, int, tuple[int, tuple[int, ...], int], str]:
        return bool(finding.fields), SEVERITIES.index(finding.severity), _sort_key(finding.field, order), finding.code

    return sorted(findings, key=rank)


def _judging(unit: Unit, form: Form) -> tuple[Rule, ...]:
    """Return the rules of a form that are asked under a unit's policy.

    One that it does not make may still say something of single answers, or in the place of a limit.
    """
    policy = unit.policy
    return tuple(
        rule
        for rule in rules(form)
        if policy.severity(rule.code, rule.severity) or rule.limits or rule.code in policy.judged_places
    )


def _severity(rule: Rule, hit: Hit, subject: Subject) -> Severity | None:
    """Return the severity of a hit: that of its limit or of its rule, as the policy changes it; None for no finding."""
    policy = subject.unit.policy
    if hit.severity is None and rule.code not in policy.judged_places:
        return policy.severity(rule.code, rule.severity)
    place = f"{subject.form.name}.{without_rows(hit.fields[0])}" if hit.fields else ""
    if hit.severity is None and f"{rule.code}{AT}{place}" not in policy.severities:
        return policy.severity(rule.code, rule.severity)
    return policy.severity_at(rule.code, hit.severity or rule.severity, place)


def _matches(code: str, names: Collection[str]) -> bool:
    """Return whether a code is one of these codes or belongs to one of these groups."""
    return any(code == name or code.startswith(f"{name}-") for name in names)


def _leave_out(hit: Hit, code: str, better: Collection[tuple[str, str]]) -> Hit | None:
    """Return a hit without the fields about which another rule says it better; None where none is left."""
    fields = tuple(path for path in hit.fields if (code, path) not in better)
    return hit if len(fields) == len(hit.fields) else replace(hit, fields=fields) if fields else None


def _finding(rule: Rule, severity: Severity, hit: Hit, subject: Subject) -> Finding:
    """Return the finding of a hit."""
    # the places in the form's own words: the sentence is made later, where the form is no longer at hand
    places = [list(locate(path, subject.form, subject.record)) for path in hit.fields]
    facts = {**hit.facts, "places": places}
    return Finding(rule.code, severity, tuple(hit.fields), facts, hit.suggestion)


@lru_cache(maxsize=64)
def _order(form: Form) -> Mapping[str, int]:
    """Return the position of every field, table and column: fields as defined, then the tables with their columns."""
    ids = [*form.fields]
    for table in form.tables.values():
        ids += [table.id, *(table.path(id) for id in table.columns)]
    return {id: at for at, id in enumerate(dict.fromkeys(ids))}


def _sort_key(path: str, order: Mapping[str, int]) -> tuple[int, tuple[int, ...], int]:
    """Return the sort key of a path in the form's order; the answers of a table are sorted row by row."""
    id, rows = _split_path(path)
    table = order.get(id.split(".")[0], order.get(id, len(order))) if rows else order.get(id, len(order))
    return table, rows, order.get(id, len(order))


@lru_cache(maxsize=4096)
def _split_path(path: str) -> tuple[str, tuple[int, ...]]:
    """Return a path without its row numbers, and these numbers."""
    pieces = path.replace("[", "]").split("]")
    return "".join(pieces[::2]), tuple(int(piece) for piece in pieces[1::2])
