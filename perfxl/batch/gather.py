"""What many submissions make together: a records file, a reviewer's working list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from perfxl.batch.opened import OpenedFile, answer_files
from perfxl.errors import NothingToDo
from perfxl.form import installed as forms
from perfxl.rules import Policy
from perfxl.rules.policy import default_policy
from perfxl.submission import Submission
from perfxl.workbook.flagging.flag import make_opinions
from perfxl.workbook.lists import worklist
from perfxl.workbook.opinions.line import group_findings, sheet_title


def gather_records(submissions: Sequence[Submission]) -> dict[str, Any]:
    """The records file that these submissions make.

    Raises NothingToDo for none, for more than one unit or year, or where a record comes twice.
    """
    if not submissions:
        raise NothingToDo(what="nothing_read")
    senders = sorted({(each.year, each.unit_code, each.unit_name) for each in submissions}, key=str)
    if len({sender[:2] for sender in senders}) > 1:
        raise NothingToDo(what="several_units", units=[f"{year} {code}{name}" for year, code, name in senders])
    year, code, name = senders[0]
    whole: dict[str, Any] = {"year": year, "unit": {"code": code, "name": name}}
    found: dict[Any, Submission] = {}
    for submission in submissions:
        key = _key(submission)
        if key in found:
            raise NothingToDo(what="twice", sheet=submission.sheet, first=found[key].file, second=submission.file)
        found[key] = submission
    return {**whole, **_by_root(found.values())}


def _key(submission: Submission) -> tuple[Any, ...]:
    """What no two records of a file share: for one of several its number, and its code or name."""
    form, record = forms.load(submission.form), submission.record
    return (form.root, record.get(form.key), form.code(record) or record.get("name")) if form.many else (form.root,)


def _by_root(submissions: Iterable[Submission]) -> dict[str, Any]:
    """The records under the tops of the file: those of which a unit has one first, the others by their numbers."""
    single: dict[str, Any] = {}
    several: dict[str, list[Any]] = {}
    for submission in submissions:
        form = forms.load(submission.form)
        if form.many:
            several.setdefault(form.root, []).append((form.number(submission.record), submission.record))
        else:
            single[form.root] = submission.record
    ordered = {root: sorted(held, key=itemgetter(0)) for root, held in several.items()}
    return {**single, **{root: [record for _, record in held] for root, held in ordered.items()}}


def make_worklist(opened: Sequence[OpenedFile], policy: Policy | None = None) -> bytes:
    """The reviewer's working list of these files, as a workbook."""
    books = []
    for file, heard in answer_files(opened, policy):
        lines = tuple(make_opinions(heard, group_findings(heard.findings), policy or default_policy()))
        projects = tuple(sheet_title(reading) for reading in file.readings)
        books.append(worklist.WorklistBook(file.item.name.as_posix(), projects, lines))
    return worklist.write_worklist(books)
