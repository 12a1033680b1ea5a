"""A bare 1 is 100 % or 1 %: what the other percent answers of a sheet say of it."""

from __future__ import annotations

from typing import Any

import pytest

from perfxl.form.types.base import Raw, Understood
from perfxl.form.types.percent import Percent, as_fractions

AS_FRACTION = Understood(100, ("percent_fraction",))
AS_POINTS = Understood(1, ("percent_points",))
ASKED = Understood("1", (), "ambiguous_percent")


@pytest.mark.parametrize(
    ("siblings", "fractions", "understood"),
    [
        ((0.25, 0.5, 0.75), True, AS_FRACTION),
        ((0, 0.5, 1), True, AS_FRACTION),
        (("0.25", "０.５", " 0.75"), True, AS_FRACTION),
        ((25, 50, 75), False, AS_POINTS),
        ((0, 0, 100), False, AS_POINTS),
        (("25", 50, None), False, AS_POINTS),
        ((0.25, 50, 75), None, ASKED),  # both are written here
        ((0, 1, 1), None, ASKED),
        ((None, "及时", "#REF!"), None, ASKED),
        (("25%", "50%", "百分之75"), None, ASKED),  # with a sign: nothing is said of a number without one
        (((0.25, "0%"), (0.5, "0%"), (0.75, "0%")), None, ASKED),  # a format that makes 0.25 of 25 tells nothing either
    ],
)
def test_siblings_decide_or_it_is_asked(
    siblings: tuple[Any, ...], fractions: bool | None, understood: Understood
) -> None:
    raws = [Raw(*each) if isinstance(each, tuple) else Raw(each) for each in (*siblings, 1)]
    assert as_fractions(raws) is fractions
    assert Percent().read(raws[-1], fractions) == understood


def test_a_sign_or_a_percent_format_needs_no_sibling() -> None:
    for fractions in (True, False, None):
        assert Percent().read(Raw("1%"), fractions).value == 1
        assert Percent().read(Raw(1, "0%"), fractions).value == 100
