"""The review of workbooks within the time that each file may take; see ``Limits.seconds``."""

from __future__ import annotations

from collections.abc import Sequence
from time import process_time

from perfxl.errors import PackageError
from perfxl.finding import Finding
from perfxl.rules.policy import Policy
from perfxl.rules.review import review
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.opinions.replies import Findings
from perfxl.workbook.reading.read import Reading


def review_workbooks(
    workbooks: Sequence[tuple[Package, Sequence[Reading]]], policy: Policy | None
) -> list[Findings | PackageError]:
    """Return the findings of each workbook by its sheets, or the error that it took too long; all are compared.

    ``workbooks``: the readings of each, with the package of the file that they are of, to which the time is counted.
    The time is looked at after each sheet: a check cannot be interrupted, but none takes long on one sheet.
    """
    packages = {id(reading.submission): package for package, readings in workbooks for reading in readings}
    slow: dict[Package, PackageError] = {}
    found: dict[int, tuple[Finding, ...]] = {}
    submissions = [reading.submission for _, readings in workbooks for reading in readings]
    started = process_time()
    for submission, findings in review(submissions, policy, lambda own: packages[id(own)] not in slow):
        package = packages[id(submission)]
        found[id(submission)] = tuple(findings)
        try:
            package.spend(process_time() - started)
        except PackageError as error:
            slow[package] = error
        started = process_time()
    return [
        slow[package] if package in slow else [(reading, found[id(reading.submission)]) for reading in readings]
        for package, readings in workbooks
    ]
