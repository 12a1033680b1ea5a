"""What was said of a row that a key names follows that row, however much of it changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from perfxl.finding import Finding
from perfxl.form import installed as forms
from perfxl.form.search_path import forms_in
from perfxl.rounds.findings import FormerDraft, as_kept_finding, follow
from perfxl.rounds.model import ProjectKey


@pytest.fixture(autouse=True)
def known() -> Iterator[None]:
    """The forms of the workbook tests are found."""
    places = forms_in(Path(__file__).parents[1] / "workbook" / "forms")
    with forms.use_search_path(forms.search_path().extended(places)):
        yield


def row(task: str, number: int, money: float, reason: str) -> dict[str, Any]:
    return {"area": "民生", "task": task, "plan": {"number": number, "money": money}, "kind": None, "reason": reason}


def finding(index: int) -> Finding:
    return Finding("LM-03", "warning", (f"works[{index}].plan.number",), {"found": "7"})


@pytest.mark.parametrize(
    ("after", "index", "follows"),
    [
        ([row("新建水窖", 7, 1, "乙")], 0, False),
        ([row("新建水窖", 7, 60.1, "甲"), row("改造危房", 7, 2, "丙")], 1, True),
        ([row("新建水窖", 7, 60.1, "甲"), row("改造危房", 7, 2, "丙")], 0, False),
    ],
)
def test_a_finding_follows_the_row_that_its_key_names(after: list[dict[str, Any]], index: int, follows: bool) -> None:
    before = {"works": [row("改造危房", 7, 60.1, "甲")]}
    kept = replace(as_kept_finding(finding(0), "quarterly"), id=5, state="accepted")
    key: ProjectKey = ("907001", "quarterly", 0)
    (followed,) = follow(FormerDraft(before, (kept,)), {"works": after}, [finding(index)], key)
    assert (followed.finding.follows == 5) is follows
