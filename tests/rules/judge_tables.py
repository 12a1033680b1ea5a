"""The checks held against what experienced officers find in forty invented tables: ``python tests/rules/judge_tables.py``.

``tables/*.yaml`` are the tables; ``tables/expected.yaml`` has for each the findings that an officer would make:

    01-教育.yaml:
    - {at: [indicators[3].target, budget.total], codes: [MN-04], severity: error, planted: true, say: 标准×数量不是预算数。}

``at``: the answers that it is about, ``codes``: the checks that may say it, ``planted``: whoever wrote the table put the
fault there. A finding of a check is right where it shares an answer and the code with one of these and is no graver.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

import perfxl
from perfxl import messages
from perfxl.finding import SEVERITIES, Finding
from perfxl.rules.policy import word_for_severity

TABLES = Path(__file__).with_name("tables")


@dataclass(frozen=True)
class Expected:
    """A finding that officers would make in a table."""

    at: tuple[str, ...]
    codes: tuple[str, ...]
    severity: str
    planted: bool = False
    say: str = ""

    def is_said_by(self, finding: Finding) -> bool:
        """Return True where a finding says it."""
        graver = finding.severity in SEVERITIES[:2] and SEVERITIES.index(finding.severity) < SEVERITIES.index(
            self.severity
        )
        return (
            finding.code in self.codes
            and not graver
            and bool({*map(_answer, finding.fields)} & {*map(_answer, self.at)})
        )


def _answer(path: str) -> str:
    """Return the answer that a path is about: a check names the goals, an officer one of them."""
    return path.partition("[")[0] if path.startswith("goals") else path


@dataclass
class Judgement:
    """The findings in all tables by their codes: right, false, and the expected ones that nobody made."""

    right: list[tuple[str, Finding]] = field(default_factory=list)
    false: list[tuple[str, Finding]] = field(default_factory=list)
    missed: list[tuple[str, Expected]] = field(default_factory=list)
    found: list[tuple[str, Expected]] = field(default_factory=list)
    tables: dict[str, list[Finding]] = field(default_factory=lambda: defaultdict(list))

    def precision(self, severity: str) -> tuple[int, int]:
        """Return how many findings of a severity are right, and how many there are."""
        right = sum(finding.severity == severity for _, finding in self.right)
        return right, right + sum(finding.severity == severity for _, finding in self.false)

    def recall(self) -> tuple[int, int]:
        """Return how many planted faults were found, and how many there are."""
        found = sum(expected.planted for _, expected in self.found)
        return found, found + sum(expected.planted for _, expected in self.missed)


def tables() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the tables by the names of their files."""
    for path in sorted(TABLES.glob("[0-9]*.yaml")):
        yield path.name, yaml.safe_load(path.read_text(encoding="utf-8"))


def units() -> Iterator[tuple[list[str], dict[str, Any]]]:
    """Yield the tables of each unit as one records file, with the names of their files: a unit is checked together."""
    by_unit: dict[str, list[tuple[str, Mapping[str, Any]]]] = defaultdict(list)
    for name, content in tables():
        by_unit[content["unit"]["code"]].append((name, content))
    for several in by_unit.values():
        projects = [{**one["projects"][0], "number": at} for at, (_, one) in enumerate(several, start=1)]
        yield [name for name, _ in several], {**several[0][1], "projects": projects}


def expected() -> dict[str, list[Expected]]:
    """Return what officers would find, by the names of the tables."""
    read = yaml.safe_load((TABLES / "expected.yaml").read_text(encoding="utf-8")) or {}
    return {
        name: [Expected(**{**one, "at": tuple(one["at"]), "codes": tuple(one["codes"])}) for one in several or ()]
        for name, several in read.items()
    }


def judge() -> Judgement:
    """Check all tables, and hold the findings against the expected ones."""
    made, known = Judgement(), expected()
    for names, content in units():
        findings = perfxl.check(content).findings
        for at, name in enumerate(names):
            here = [one for one in findings if one.sheet.startswith(f"{at + 1}.") or (not one.sheet and at == 0)]
            made.tables[name] = here
            judge_table(made, name, here, known.get(name, []))
    return made


def judge_table(made: Judgement, name: str, findings: Sequence[Finding], known: Sequence[Expected]) -> None:
    """Add the findings of a table to a judgement."""
    for finding in findings:
        if finding.severity in SEVERITIES[:2]:
            is_right = any(one.is_said_by(finding) for one in known)
            (made.right if is_right else made.false).append((name, finding))
    for one in known:
        is_found = any(one.is_said_by(finding) for finding in findings)
        (made.found if is_found else made.missed).append((name, one))


def page(made: Judgement) -> str:
    """Return the judgement in Markdown: sums, a line for each check, then all that is false or missed."""
    lines = ["# 四十张表", ""]
    for severity in SEVERITIES[:2]:
        right, all_of_it = made.precision(severity)
        lines.append(
            f"- {word_for_severity(severity)}：{all_of_it}条，{right}条对，{100 * right / max(all_of_it, 1):.1f}%。"
        )
    found, planted = made.recall()
    lines += [f"- 埋下的错{planted}处，查出{found}处，{100 * found / max(planted, 1):.1f}%。", ""]
    codes = sorted(
        {finding.code for _, finding in (*made.right, *made.false)} | {one.codes[0] for _, one in made.missed}
    )
    right = Counter(finding.code for _, finding in made.right)
    false = Counter(finding.code for _, finding in made.false)
    missed = Counter(one.codes[0] for _, one in made.missed)
    lines += ["| 规则 | 对 | 不对 | 漏 |", "|---|---|---|---|"]
    lines += [f"| {code} | {right[code] or ''} | {false[code] or ''} | {missed[code] or ''} |" for code in codes]
    lines += ["", "## 不对的", ""]
    lines += [f"- {name} {finding.severity} {finding.code} {messages.message(finding)}" for name, finding in made.false]
    lines += ["", "## 漏的", ""]
    lines += [
        f"- {name} {one.codes[0]} {'、'.join(one.at)} {one.say}{'（埋）' if one.planted else ''}"
        for name, one in made.missed
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(page(judge()))
