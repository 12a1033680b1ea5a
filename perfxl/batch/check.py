"""Check workbooks and records: find what is wrong, with its cell and its arithmetic."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from perfxl.batch.arguments import Errors, Progress, check_arguments
from perfxl.batch.form_records import check_records_shape, load_records
from perfxl.batch.inbox import Item
from perfxl.batch.known_forms import with_forms
from perfxl.batch.read import ReadFiles, answer_files, open_items, place_results, raise_first, start_anew
from perfxl.batch.results import Results
from perfxl.batch.sources import FormSource, RulesSource, Source, list_sources, load_form, load_rules
from perfxl.batch.urls import is_url
from perfxl.batch.workers import run_all
from perfxl.errors import OtherFile, PerfxlError, RecordsError
from perfxl.finding import Finding
from perfxl.form.form import Form
from perfxl.form.installed import DEFAULT, search_path
from perfxl.form.search_path import SearchPath
from perfxl.records import ENDINGS
from perfxl.rules import Policy, select_policy
from perfxl.rules.review import review_records

Checkable = Source | ReadFiles | Mapping[str, Any]
"""Sources that may be checked: workbooks by path, by URL or as bytes, or read ones, a records file or its content."""


@dataclass(frozen=True, eq=False)
class CheckedFiles:
    """The findings of a call, and the error of each file that could not be read.

    ``policy``: how it was checked; ``opened``, ``items``: the workbooks, as far as they are kept in memory and as
    they are named, so that ``flag`` and ``correct`` can go on with them; ``checked``: the number of files that were;
    ``others``: what lay in folders and zips beside workbooks; ``search``: where forms were looked for.
    """

    findings: Sequence[Finding]
    refused: tuple[PerfxlError, ...]
    policy: Policy = field(repr=False)
    opened: ReadFiles = field(repr=False)
    checked: int = 0
    items: tuple[Item, ...] = field(default=(), repr=False)
    others: tuple[OtherFile, ...] = ()
    search: SearchPath = field(default_factory=search_path, repr=False)


@with_forms
def check(
    *sources: Checkable,
    form: FormSource = DEFAULT,
    rules: RulesSource = None,
    select: Collection[str] = (),
    ignore: Collection[str] = (),
    forms: Collection[str | Path] = (),
    errors: Errors = "raise",
    progress: Progress | None = None,
) -> CheckedFiles:
    """Check workbooks, held against each other, and records.

    ``form``: the form that records are checked by; ``rules``: a county's way of checking; ``select``, ``ignore``:
    codes of checks, or groups of them (``MN``), that alone or not are made; ``forms``: folders of further forms;
    ``progress``: called as files are done.
    Raises as ``read`` does, RecordsError for records that are no such form's, UnknownCode for a code that no check has.
    """
    check_arguments(select=select, ignore=ignore, errors=errors, progress=progress)
    policy = select_policy(load_rules(rules), select, ignore)
    asked = policy.form(load_form(form))
    found: Results[Finding] = Results()
    opened: list[ReadFiles] = []
    paths: list[Source] = []
    for source in sources:
        if isinstance(source, ReadFiles):
            opened.append(source)
        elif isinstance(source, Mapping) or is_records_file(source):
            found.put(found.next, _check_records(source, asked, policy))
        else:
            paths.append(source)
    kept = ReadFiles(
        files=tuple(file for held in opened for file in held.files),
        refused=tuple(error for held in opened for error in held.refused),
        others=tuple(other for held in opened for other in held.others),
    )
    start_anew(kept.files)
    for answers in _answers(kept, policy):
        found.put(found.next, answers)
    before = found.refused
    listed = list_sources(paths)
    run_all(partial(check_items, policy), listed.items, found, progress)
    refused = (*kept.refused, *before, *listed.refused, *found.refused[len(before) :])
    raise_first(refused, errors)
    others = (*kept.others, *listed.others)
    return CheckedFiles(found, refused, policy, kept, found.files, tuple(listed.items), others)


def is_records_file(source: object) -> bool:
    """Return whether a path is that of a records file."""
    return isinstance(source, (str, Path)) and not is_url(source) and Path(source).suffix.lower() in ENDINGS


def _check_records(source: Any, form: Form, policy: Policy) -> Sequence[Finding | PerfxlError]:
    """Return the findings on the records of a form, or the error that there are none."""
    named = isinstance(source, Mapping)
    file = "records" if named else str(source)
    try:
        held = check_records_shape(source, form) if named else load_records(Path(source), form)
        if form.root not in held:
            raise RecordsError(file=file, place="", what="nothing_for_form", form=form.name)
        return review_records(held, form, file, policy)
    except PerfxlError as error:
        return [error]


def check_items(
    policy: Policy, items: Mapping[int, Item]
) -> tuple[dict[int, list[Finding | PerfxlError]], dict[int, PerfxlError]]:
    """Read and check files, held against each other; return findings and errors by the places of the files."""
    opened = open_items(items.values())
    return place_results(items, opened, _answers(opened, policy))


def _answers(opened: ReadFiles, policy: Policy) -> Iterator[list[Finding | PerfxlError]]:
    """Yield the findings of each file, or the error that it took too long."""
    for _, answered in answer_files(opened.files, policy):
        if isinstance(answered, PerfxlError):
            yield [answered]
        else:
            yield [finding for _, findings in answered.findings for finding in findings]
