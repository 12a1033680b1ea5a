"""What a monitoring sheet went out with: how its lights are given."""

from __future__ import annotations

from fractions import Fraction

from perfxl.budget.stages.lights import LightRule
from perfxl.form import scheme
from perfxl.rules.subject import Subject


def light_rule(subject: Subject) -> LightRule:
    """Return how the lights of a sheet are given; what did not come back is that of the usual scheme."""
    return subject.once(_read_rule)


def _read_rule(subject: Subject) -> LightRule:
    usual = scheme.load(scheme.DEFAULT)
    numbers = {
        name: number_of(subject, f"scheme.{name}", f"lights.{name}", usual) for name in ("yellow", "green", "blue")
    }
    months = number_of(subject, "scheme.months", "months.last", usual)
    how = subject.get("scheme.lights")
    return LightRule(
        how=str(how or usual.lights),
        share=(months or Fraction(12)) / 12,
        **{name: number or Fraction(0) for name, number in numbers.items()},
    )


def number_of(subject: Subject, path: str, name: str, usual: scheme.Scheme) -> Fraction | None:
    """Return a number of the scheme that a sheet went out with, else that of the usual scheme."""
    found = subject.number(path)
    own = found if found is not None or path in subject.record else usual.number(name)
    return Fraction(own) if own is not None else None
