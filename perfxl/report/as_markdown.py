"""Pages in Markdown: all checks with their examples; all their sentences; the findings of a call as a table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby
from operator import attrgetter
from typing import Any

from perfxl import messages
from perfxl.batch.check import CheckedFiles
from perfxl.finding import SEVERITIES, Finding
from perfxl.form.setting import Setting
from perfxl.report.as_text import sheet_words
from perfxl.report.console import data
from perfxl.rules import catalogue
from perfxl.rules.catalogue import Check
from perfxl.rules.policy import default_policy, packs, word_for_severity


def show(checked: CheckedFiles, lang: str) -> None:
    """Print the findings as a page, and what could not be checked."""
    refused = [f"- {plain(messages.sentence(refusal, lang))}" for refusal in checked.refused]
    for line in chain(findings_page(checked.findings, lang), [""] if refused else [], refused):
        data(line)


def checks_page(lang: str) -> str:
    """Return all checks by their groups: an overview, then each with its requirement, its reason, its examples."""
    say = _Say(lang)
    groups: dict[str, list[Check]] = {}
    for check in catalogue.checks():
        groups.setdefault(check.group, []).append(check)
    lines = [f"# {say('title')}", "", say("intro", {"count": len(catalogue.checks())})]
    for group, members in groups.items():
        lines += ["", f"## {_heading(group, lang)}", ""]
        head = [say("code"), say("name"), *packs(), say("forms")]
        lines += _table([head, *(_overview(check, lang) for check in members)])
        for check in members:
            lines += ["", f"### {check.code} {check.title(lang)}", "", *_details(check, say)]
    return "\n".join(lines)


_NOTE = 60
"""A note beside a cell is easily read up to so many characters."""


def sentences_page(lang: str) -> str:
    """Return what each check says of its own example: the severity, the sentence, the length of a cell's note."""
    say = _Say(lang)
    shown = {check: [*check.findings()] for check in catalogue.checks()}
    count = sum(map(len, shown.values()))
    lines = [f"# {say('sentences')}", "", say("sentences_intro", {"count": count, "most": _NOTE})]
    for group in dict.fromkeys(check.group for check in shown):
        lines += ["", f"## {_heading(group, lang)}", ""]
        said = (row for check, found in shown.items() if check.group == group for row in _said(check, found, say))
        lines += _table([[say("code"), say("severity"), say("sentence"), say("note")], *said])
    return "\n".join(lines)


def _said(check: Check, found: Sequence[Finding], say: _Say) -> Iterator[list[str]]:
    """Yield a row of the page for each sentence of a check; one row without a sentence where it has no example."""
    for finding in dict.fromkeys(messages.message(each, say.lang) for each in found):
        of_it = next(each for each in found if messages.message(each, say.lang) == finding)
        words = messages.words(of_it, say.lang)
        length = len(words.ended + words.todo)
        note = f"**{length}**" if length > _NOTE else str(length)
        yield [check.code, word_for_severity(of_it.severity, say.lang), plain(finding), note]
    if not found:
        yield [check.code, word_for_severity(check.severity, say.lang), plain(check.title(say.lang)), ""]


def _heading(group: str, lang: str) -> str:
    key = f"report.rules.groups.{group}"
    return f"{group} {messages.say(key, {}, lang)}" if messages.has_text(key, lang) else group


class _Say:
    """The words of the pages in one language."""

    def __init__(self, lang: str) -> None:
        self.lang = lang

    def __call__(self, key: str, facts: Mapping[str, Any] | None = None) -> str:
        return messages.say(f"report.handbook.{key}", facts or {}, self.lang)


def _overview(check: Check, lang: str) -> list[str]:
    by_pack = (default_policy(pack).severity(check.code, check.severity) for pack in packs())
    severities = [word_for_severity(severity, lang) for severity in by_pack]
    link = f"[{check.code}](#{check.code.lower()}-{_anchor(check.title(lang))})"
    return [link, check.title(lang), *severities, "、".join(check.labels)]


def _anchor(title: str) -> str:
    """Return the end of a heading's anchor: what is no letter, number, - or _ is left out, a space becomes -."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _details(check: Check, say: _Say) -> Iterator[str]:
    if must := check.must(default_policy(), say.lang):
        yield f"- {say('must')}{plain(must)}"
    yield f"- {say('why')}{plain(check.why(say.lang))}"
    for key, example in (("bad", check.breaking(say.lang)), ("good", check.keeping(say.lang))):
        if example:
            places = [{"place": place, "value": catalogue.text_of(value)} for place, value in example]
            yield f"- {plain(say(key, {'places': places}))}"
    for setting in check.settings:
        yield f"- {_setting(setting, say)}"


def _setting(setting: Setting, say: _Say) -> str:
    held = messages.number(setting.limit) if setting.limit is not None else "、".join(setting.words)
    return plain(say("setting", {"name": setting.name, "about": setting.about, "held": held}))


def findings_page(found: Iterable[Finding], lang: str) -> Iterator[str]:
    """Yield for each file a table of checks and sheets with the numbers of findings, and the sentences, as lines."""
    say = _Say(lang)
    yield from (f"# {say('findings')}", "", say("legend"))
    for file, of_file in groupby(found, key=attrgetter("file")):
        here = list(of_file)
        sheets = list(dict.fromkeys(sheet_words(finding, lang) for finding in here))
        yield from ("", f"## {plain(file)}", "", *_table(_matrix(here, sheets, say)), "")
        yield from (f"{number}. {plain(sheet)}" for number, sheet in enumerate(sheets, start=1))
        yield ""
        yield from (_sentence(finding, sheets, say) for finding in sorted(here, key=_gravest_first))


def _matrix(found: Sequence[Finding], sheets: Sequence[str], say: _Say) -> Iterator[list[str]]:
    numbers = (str(number) for number, _ in enumerate(sheets, start=1))
    yield [say("code"), say("name"), say("severity"), *numbers, say("sum")]
    counts = Counter((finding.code, sheet_words(finding, say.lang)) for finding in found)
    kinds = {finding.code: finding for finding in sorted(found, key=_gravest_first)}
    for code, finding in kinds.items():
        row = [counts[code, sheet] for sheet in sheets]
        name = plain(messages.words(finding, say.lang).title)
        yield [code, name, word_for_severity(finding.severity, say.lang), *(str(n or "") for n in row), str(sum(row))]


def _gravest_first(finding: Finding) -> tuple[int, str]:
    return SEVERITIES.index(finding.severity), finding.code


def _sentence(finding: Finding, sheets: Sequence[str], say: _Say) -> str:
    number = sheets.index(sheet_words(finding, say.lang)) + 1
    return f"- {finding.code}（{number}）{plain(messages.message(finding, say.lang))}"


def _table(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    for at, row in enumerate(rows):
        yield f"| {' | '.join(row)} |"
        if at == 0:
            yield f"|{'---|' * len(row)}"


def plain(text: str) -> str:
    """Return a text in which nothing is Markdown, on one line."""
    return re.sub(r"([\\`*_<>|\[\]#])", r"\\\1", " ".join(text.split()))
