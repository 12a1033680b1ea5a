"""The checks of one form alone, written in its form.yaml: what must hold is an expression over its answers."""

import math
from collections.abc import Iterator
from functools import lru_cache, partial
from typing import Any

from perfxl.form.form import Form, FormRule
from perfxl.rules.base import Hit, Rule, Subject


@lru_cache(maxsize=64)
def rules(form: Form) -> tuple[Rule, ...]:
    """The form's lines as rules."""
    return tuple(_rule(line) for line in form.rules)


def _rule(line: FormRule) -> Rule:
    def check(subject: Subject) -> Iterator[Hit]:
        # None: nothing there to compare, or an answer that is no number, of which another rule speaks
        lookup = partial(_finite, subject)
        if line.assert_.evaluate(lookup) is False:
            facts = {name: _plain(fact.evaluate(lookup)) for name, fact in line.facts.items()}
            yield Hit(line.on, facts)

    return Rule(code=line.code, severity=line.severity, check=check, bad=line.bad, good=line.good)


def _finite(subject: Subject, path: str) -> Any:
    """The answer; a float that is none (NaN, infinite) as its text, which no expression reads."""
    value = subject.get(path)
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _plain(value: Any) -> Any:
    # sums of binary fractions: 0.1 + 0.2 is 0.3; a blank is nothing in a sum
    return round(value, 6) if isinstance(value, float) else 0 if value is None else value
