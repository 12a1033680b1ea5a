"""Points: those of a class shared by its rows, and none lost or gained."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfxl.budget.stages.points import classes_without_rows, share_points
from perfxl.form import scheme, taxonomy

CLASSES = taxonomy.load("cn-2015")
OUTPUT, BENEFIT, CONTENT = "产出指标", "效益指标", "满意度指标"
PAIRS = [
    (OUTPUT, "数量指标"),
    (OUTPUT, "质量指标"),
    (OUTPUT, "时效指标"),
    (OUTPUT, "成本指标"),
    (BENEFIT, "社会效益指标"),
    (CONTENT, "服务对象满意度指标"),
]


def rows(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"level1": level1, "level2": level2} for level1, level2 in pairs]


# by scheme and rows, with the points of each
SHARES: dict[str, tuple[str, list[tuple[str, str]], list[str | None]]] = {
    "what is left is the last row's": ("cn-2015", [PAIRS[0]] * 3 + [PAIRS[4], PAIRS[5]], ["16.67", "16.67", "16.66", "30", "10"]),
    "seven of fifty": ("cn-2015", [PAIRS[0]] * 7, ["7.14"] * 6 + ["7.16"]),
    "the last row of a class, wherever it stands": ("cn-2015", [PAIRS[0], PAIRS[4], PAIRS[1], PAIRS[5], PAIRS[2]], ["16.67", "30", "16.67", "10", "16.66"]),
    "so many rows that half a cent more on each would be too much": ("cn-2015", [PAIRS[5]] * 60, ["0.16"] * 59 + ["0.56"]),
    "classes of level 2": ("split-2022", [*PAIRS[:4], PAIRS[0], *PAIRS[4:]], ["10", "10", "10", "10", "10", "30", "10"]),
    "a class that has no points": ("cn-2015", [("投入指标", "资金指标"), PAIRS[0]], [None, "50"]),
}  # fmt: skip


@pytest.mark.parametrize(("name", "pairs", "points"), SHARES.values(), ids=SHARES)
def test_the_points_of_rows(name: str, pairs: list[tuple[str, str]], points: list[str | None]) -> None:
    found = share_points(rows(*pairs), scheme.load(name), CLASSES)
    assert found == [Decimal(share) if share else None for share in points]


@given(st.lists(st.sampled_from(PAIRS), max_size=60), st.sampled_from(scheme.names()))
def test_no_point_is_lost(pairs: list[tuple[str, str]], name: str) -> None:
    used = scheme.load(name)
    shared = share_points(rows(*pairs), used, CLASSES)
    left = sum(used.weights[without] for without in classes_without_rows(rows(*pairs), used, CLASSES))
    assert sum(share for share in shared if share is not None) + left == 100 - used.execution
    assert all(share is None or share >= 0 for share in shared)


def test_a_class_without_rows_is_named() -> None:
    assert classes_without_rows(rows(*PAIRS[:4]), scheme.load("cn-2015"), CLASSES) == (BENEFIT, CONTENT)
    assert classes_without_rows(rows(*PAIRS), scheme.load("split-2022"), CLASSES) == ()
