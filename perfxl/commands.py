"""The commands: each calls its verb, prints data to standard output and sentences to standard error.

What only one of them needs is imported when it runs: what writes workbooks costs as much as a check of one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import perfxl
from perfxl import messages
from perfxl.batch import output as files
from perfxl.batch.issue_values import split_settings
from perfxl.batch.read import ReadFiles
from perfxl.report.as_text import change_lines, tally_line
from perfxl.report.console import data, say, show_line
from perfxl.report.outcome import exit_status, say_refusals
from perfxl.report.progress import show_progress
from perfxl.rules.policy import Policy


def open_files(paths: Sequence[str | Path], lang: str) -> ReadFiles:
    """Read every file; one that cannot be read is said and does not stop the others."""
    with show_progress(lang) as progress:
        opened = perfxl.read(*paths, errors="collect", progress=progress)
    say_refusals([*opened.refused, *opened.others], lang)
    return opened


def generate(paths: Sequence[Path], output: Path, lang: str, settings: Sequence[str] = (), **options: Any) -> int:
    """Write the workbooks of records files, and say which; with a mistake in any of them, all mistakes and no more.

    ``settings``: issue values such as ``quarter=3``.
    """
    from perfxl.batch.form_records import list_records
    from perfxl.batch.generate import GeneratedFiles, generate_all
    from perfxl.batch.workers import processes

    options["values"] = split_settings(settings)
    listed = list_records(paths)
    if len(listed) == 1:
        made = GeneratedFiles(perfxl.generate(listed[0], output=output, **options))
    else:
        with show_progress(lang, "issuing") as progress, processes(len(listed)) as executor:
            made = generate_all(listed, output, executor, progress, **options)
    say_refusals(made.refused, lang)
    for workbook in made.workbooks:
        show_line(workbook.path)
    if made.refused:
        return 2
    sheets = sum(workbook.sheets for workbook in made.workbooks)
    facts = {"files": len(made.workbooks), "sheets": sheets, "output": output}
    say(messages.say("report.generated", facts, lang))
    not_given: Counter[str] = Counter()
    for workbook in made.workbooks:
        not_given.update(workbook.not_given)
    for answer, blank in not_given.items():
        say(messages.say("report.not_given", {"answer": answer, "sheets": blank}, lang))
    return 0


def check(paths: Sequence[str | Path], form: str, output_format: str, policy: Policy, lang: str) -> int:
    """Show the findings on workbooks and records files, in one of the formats of ``report``."""
    with show_progress(lang, "checking") as progress:
        checked = perfxl.check(*paths, form=form, rules=policy, errors="collect", progress=progress)
    say_refusals([*checked.refused, *checked.others], lang)
    import_module(f"perfxl.report.as_{output_format}").show(checked, lang)
    return exit_status(checked.findings, checked.refused)


def flag(paths: Sequence[str | Path], remarks: Path | None, lang: str, **options: Any) -> int:
    """Write a flagged copy of every file, and say what was found in each."""
    with show_progress(lang, "flagging") as progress:
        flagged = perfxl.flag(*paths, remarks=remarks, errors="collect", progress=progress, **options)
    say_refusals([*flagged.refused, *flagged.others], lang)
    for file in flagged.files:
        show_line(file.path)
        if file.anew:
            say(messages.say("report.flag.anew", {"file": file.anew}, lang))
        if file.disarmed:
            say(messages.say("report.flag.disarmed", {"file": file.disarmed}, lang))
        if file.unsigned:
            say(messages.say("report.flag.unsigned", {"file": file.unsigned}, lang))
        say(f"  {tally_line(file.findings, lang)}")
    for cell, why in flagged.missed.items():
        say(messages.say("report.flag.missed", {"file": remarks, "cell": cell, "why": why}, lang))
    return exit_status((finding for file in flagged.files for finding in file.findings), flagged.refused)


def correct(paths: Sequence[str | Path], policy: Policy, dry_run: bool, lang: str, **options: Any) -> int:
    """Write a clean workbook for every file, or only say what would be corrected; and what is still found in each."""
    with show_progress(lang, "checking") as progress:
        made = perfxl.correct(*paths, rules=policy, dry_run=dry_run, errors="collect", progress=progress, **options)
    say_refusals([*made.refused, *made.others], lang)
    for file in made.files:
        if dry_run:
            for line in change_lines(file, policy, lang):
                show_line(line)
        else:
            show_line(file.path)
        counts = Counter(change.corrected for change in file.changes if not change.listed)
        facts = {
            "corrected": counts[True],
            "understood": counts[False],
            "listed": sum(change.listed for change in file.changes),
            "outside": len(file.outside),
        }
        say(messages.say("report.correct.done", facts, lang))
        for sheet in file.left:
            say(messages.say("report.correct.left", {"sheet": sheet}, lang))
        say(f"  {tally_line([finding for finding in file.findings if not finding.done], lang)}")
    return exit_status((finding for file in made.files for finding in file.findings), made.refused)


def remarks(paths: Sequence[str | Path], output: Path, policy: Policy, force: bool, lang: str) -> int:
    """Write the reviewer's working list of these files."""
    from perfxl.batch.remarks import make_worklist

    files.check_free([output], force)
    with show_progress(lang, "checking") as progress:
        made = make_worklist(paths, policy, progress)
    say_refusals([*made.refused, *made.others], lang)
    if made.data is not None:
        files.write_file(output, made.data)
        say(messages.say("report.remarks.done", {"output": output, "files": made.files}, lang))
    return exit_status((), made.refused)


def list_rules(policy: Policy, output_format: str, lang: str) -> int:
    """List the checks."""
    from perfxl.report import as_markdown, describe

    if output_format == "markdown":
        data(as_markdown.checks_page(lang))
    elif output_format == "sentences":
        data(as_markdown.sentences_page(lang))
    else:
        describe.print_checks(policy, lang)
    return 0


def write_rules(policy: Policy, output: Path, force: bool, lang: str) -> int:
    """Write the checks as a workbook to edit."""
    from perfxl.workbook.lists import county
    from perfxl.workbook.lists import list_workbook as lists

    files.check_free([output], force)
    files.write_file(output, lists.write_tabs(county.policy_tabs(policy)))
    say(messages.say("report.rules.saved", {"output": output}, lang))
    return 0


def read_rules(source: Path, output: Path | None, force: bool, lang: str) -> int:
    """Read the checks back from a workbook into a county's file, or print it."""
    from perfxl.rules import own_severities
    from perfxl.rules.policy import write_policy
    from perfxl.workbook.lists import county
    from perfxl.workbook.ooxml.cells import Workbook
    from perfxl.workbook.reading.opening import open_package

    if output:
        files.check_free([output], force)
    policy, mistakes = county.read_policy_workbook(Workbook(open_package(source)))
    for mistake in mistakes:
        say(messages.sentence(mistake, lang))
    if mistakes:
        return 2
    text = write_policy(policy, own_severities(), lang)
    if output:
        files.write_file(output, text.encode())
        say(messages.say("report.rules.saved", {"output": output}, lang))
    else:
        data(text.rstrip("\n"))
    return 0
