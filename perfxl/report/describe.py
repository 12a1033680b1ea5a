"""Descriptions of the checks."""

from __future__ import annotations

from collections import Counter

from perfxl import messages
from perfxl.finding import SEVERITIES
from perfxl.report.console import say, show_line
from perfxl.rules import Policy, catalogue
from perfxl.rules.policy import OFF, word_for_severity


def explain_check(code: str, policy: Policy, lang: str) -> str:
    """Return a check in words: what it requires, why, how grave it is here, what breaks it, what it is told.

    Raises UnknownCode.
    """
    check = catalogue.check(code)
    facts = {
        "code": check.code,
        "title": check.title(lang),
        "severity": word_for_severity(policy.severity(check.code, check.severity), lang),
        "must": check.must(policy, lang),
        "why": check.why(lang),
        "forms": check.labels,
        "bad": [{"place": place, "value": catalogue.text_of(value)} for place, value in check.breaking(lang)],
        "settings": [
            {
                "name": setting.name,
                "about": setting.about,
                "words": policy.words.get(setting.name, ()),
                "limit": policy.limits.get(setting.name),
            }
            for setting in check.settings
        ],
    }
    return messages.say("report.explained", facts, lang).rstrip()


def print_checks(policy: Policy, lang: str) -> None:
    """Print all checks, one a line, with their severity and requirement; then the number of each severity."""
    counts = Counter(policy.severity(check.code, check.severity) or OFF for check in catalogue.checks())
    for check in catalogue.checks():
        facts = {
            "code": check.code,
            "severity": word_for_severity(policy.severity(check.code, check.severity), lang),
            "title": check.title(lang),
            "must": check.must(policy, lang),
        }
        show_line(messages.say("report.rules.check", facts, lang))
    tally: dict[str, object] = {severity: counts[severity] for severity in (*SEVERITIES, OFF)}
    say(messages.say("report.rules.tally", {**tally, "checks": len(catalogue.checks()), "pack": policy.pack}, lang))
