"""The reviewer's working list of many files: every finding, with room for decisions and remarks."""

from __future__ import annotations

from collections.abc import Sequence

from perfxl import messages
from perfxl.batch.read import OpenedFile, answer_files
from perfxl.errors import PackageError
from perfxl.rules import Policy
from perfxl.rules.policy import default_policy
from perfxl.workbook.flagging.flag import make_opinions
from perfxl.workbook.lists import worklist
from perfxl.workbook.opinions.line import group_findings, sheet_title


def make_worklist(files: Sequence[OpenedFile], policy: Policy | None = None) -> bytes:
    """Return the working list of these files, as a workbook. Raises PackageError for one that takes too long."""
    books, lang = [], ""
    for file, answered in answer_files(files, policy):
        if isinstance(answered, PackageError):
            raise answered
        lines = tuple(make_opinions(answered, group_findings(answered.findings), policy or default_policy()))
        lang = lang or file.readings[0].located.form.language
        projects = tuple(sheet_title(reading) for reading in file.readings)
        books.append(worklist.WorklistBook(file.name, projects, lines))
    return worklist.write_worklist(books, lang=lang or messages.DEFAULT)
