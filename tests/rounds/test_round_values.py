"""The issue values of a round stand in its file, and on every sheet of the forms that have them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from form.test_inheritance import write
from workbook.sheet.test_phase import without_hidden
from workbook.test_own_records import CLAIM

import perfxl
from perfxl.errors import FormError, RecordsError
from perfxl.form import installed
from perfxl.form.search_path import forms_in
from perfxl.rounds.arrivals import list_arrived
from perfxl.rounds.desk.collecting import take_in
from perfxl.rounds.desk.registering import import_registry
from perfxl.rounds.issue import IssueOrder, write_orders
from perfxl.rounds.model import RegisteredProject, RegisteredUnit, Registry
from perfxl.rounds.round import open_round

ROUND = "year: 2026\nphase: Q3\nforms: [claim]\n"
UNIT = RegisteredUnit("907001", "Mill")


@pytest.fixture(autouse=True)
def known(tmp_path: Path) -> Iterator[None]:
    write(tmp_path / "forms", {"claim": CLAIM})
    with installed.use_search_path(installed.search_path().extended(forms_in(tmp_path / "forms"))):
        yield


def order(folder: Path, text: str) -> IssueOrder:
    (folder / "round.yaml").write_text(text, encoding="utf-8")
    project = RegisteredProject("907001", "claim", 4, "", "", given={"number": 4})
    return IssueOrder(open_round(folder), UNIT, "claim", (project,), 1)


def test_the_values_of_a_round_go_out_and_come_back(tmp_path: Path) -> None:
    made = order(tmp_path, f"{ROUND}values: {{quarter: 3, place: Mill}}\n")
    assert made.given["printed"]["quarter"] == "3"
    (workbook,) = write_orders([made])
    (file,) = tmp_path.rglob(Path(workbook.file).name)
    records = perfxl.read(file).records()
    assert (records["quarter"], records["place"]) == (3, "Mill")
    assert perfxl.read(file).submissions[0].title == "Claim 4 of Mill"


@pytest.mark.store("sqlite", "postgresql")
@pytest.mark.parametrize(
    ("quarter", "hidden", "verdict"),
    [(3, True, "blank"), (4, True, "not_this"), (3, False, "blank"), (4, False, "not_this")],
)
def test_a_workbook_of_another_quarter_is_not_of_this_round(
    quarter: int, hidden: bool, verdict: str, tmp_path: Path, database: str, request: pytest.FixtureRequest
) -> None:
    store = f'store: "{request.getfixturevalue("postgresql").url()}"\n' if database == "postgresql" else ""
    order(tmp_path, f"{ROUND}{store}values: {{quarter: 3, place: Mill}}\n")
    round = open_round(tmp_path)
    project = RegisteredProject("907001", "claim", 4, "", "Claim 4")
    import_registry(round, Registry((UNIT,), (project,)))
    records = {"year": 2026, "unit": {"code": "907001", "name": "Mill"}, "claims": [{"number": 4}]}
    values: dict[str, Any] = {"quarter": quarter, "place": "Mill"}
    data = perfxl.generate(records, form="claim", values=values, phase="Q3")[0].data
    inbox = round.path("inbox")
    inbox.mkdir()
    (inbox / "back.xlsx").write_bytes(data if hidden else without_hidden(data))
    (result,) = take_in(round, list_arrived([inbox]).items).results
    assert result.verdict == verdict
    (again,) = take_in(round, list_arrived([inbox]).items).results
    assert again.verdict == ("known" if verdict == "blank" else verdict)


def test_a_value_that_no_form_has_and_one_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FormError) as unknown:
        order(tmp_path, f"{ROUND}values: {{quater: 3}}\n")
    assert (unknown.value.facts["line"], unknown.value.facts["near"]) == (4, "quarter")
    with pytest.raises(RecordsError) as missing:
        write_orders([order(tmp_path, f"{ROUND}values: {{quarter: 3}}\n")])
    assert (missing.value.facts["what"], missing.value.facts["name"]) == ("no_issue_value", "place")
