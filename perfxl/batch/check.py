"""Checks: the findings on workbooks and on records files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from perfxl.batch.generate import load_records
from perfxl.batch.inbox import Item
from perfxl.batch.opened import answer_files, open_items, place_results
from perfxl.errors import PerfxlError
from perfxl.finding import Finding
from perfxl.form import installed as forms
from perfxl.rules import Policy
from perfxl.rules.review import review_records


def check_records(path: Path, form: str, policy: Policy | None = None) -> list[Finding]:
    """The findings on a records file. Raises RecordsError."""
    asked = forms.load(form)
    return review_records(load_records(path, asked), asked, str(path), policy)


def check_items(policy: Policy, items: Mapping[int, Item]) -> tuple[dict[int, list[Finding]], dict[int, PerfxlError]]:
    """Reads and checks files, which are held against each other; by their places."""
    inbox = open_items(items.values())
    found = ([each for _, own in heard.findings for each in own] for _, heard in answer_files(inbox.opened, policy))
    return place_results(items, inbox, found)
