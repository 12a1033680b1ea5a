"""Generate workbooks from records, one a unit or one a record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

from perfxl import messages
from perfxl.batch import output as files
from perfxl.batch.arguments import Progress, check_arguments
from perfxl.batch.form_records import check_records_shape, load_records
from perfxl.batch.issue_values import issue_values
from perfxl.batch.known_forms import with_forms
from perfxl.batch.made_file import MadeFile
from perfxl.batch.sources import FormSource, RulesSource, load_form, load_rules
from perfxl.batch.targets import target_paths
from perfxl.errors import OutputFailed, PerfxlError, RecordsError
from perfxl.form.form import Form
from perfxl.form.installed import DEFAULT
from perfxl.form.texts import in_language
from perfxl.messages.places import answer_label
from perfxl.workbook.sheet.book import Book, By
from perfxl.workbook.sheet.page import Prefill
from perfxl.workbook.writing.books import issue_of, make_books
from perfxl.workbook.writing.stamp import stamp_book


@dataclass(frozen=True)
class GeneratedWorkbook(MadeFile):
    """A workbook that was generated: its name (``unit/06.name.xlsx``), the number of its form sheets, its bytes.

    ``path``: where it was written, its bytes then being there and no more kept; None where it was not. ``not_given``:
    the given answers that go out blank since the records have nothing for them: label → number of sheets.
    """

    name: str
    sheets: int
    path: Path | None = None
    kept: bytes | None = field(default=None, repr=False)
    not_given: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, book: Book, *, path: Path | None = None, kept: bytes | None = None) -> GeneratedWorkbook:
        """Return what is said of a book that was written."""
        not_given = Counter(answer_label(table, id, book.form) for page in book.pages for table, id in page.not_given)
        return cls(name, len(book.pages), path, kept, dict(not_given))


@with_forms
def generate(
    records: str | Path | Mapping[str, Any],
    *,
    form: FormSource = DEFAULT,
    by: By = "unit",
    prefill: Prefill = "given",
    phase: str | None = None,
    draft: int = 1,
    office: str | None = None,
    phone: str = "",
    password: str = "",
    values: Mapping[str, str | float] = MappingProxyType({}),
    rules: RulesSource = None,
    forms: Collection[str | Path] = (),
    language: str | None = None,
    output: str | Path | None = None,
    force: bool = False,
) -> tuple[GeneratedWorkbook, ...]:
    """Generate the locked workbooks of a records file, or of its content.

    ``by``: a workbook for each ``unit`` or each ``project``; ``prefill``: what is filled in already: ``given`` values
    alone, ``last`` year's answers too, or ``all``; ``phase``, ``draft``, ``office``, ``phone``: printed on each sheet,
    phase and office in the usual words where there is none; ``password``: of the sheet protection; ``values``: issue
    values of the form, before those of the records; ``rules``: how the county checks; ``forms``: folders of further
    forms; ``language``: one that the form is translated into, else its own; ``output``: a folder to write to, without
    which nothing is written. Raises RecordsError for a mistake in the
    records, OutputExists for a file that is there already, unless ``force``, TypeError and ValueError for a wrong
    argument.
    """
    check_arguments(output=output, force=force)
    issue = {"phase": phase, "draft": draft, "office": office, "phone": phone}
    books = books_of(
        records,
        form=form,
        by=by,
        prefill=prefill,
        password=password,
        rules=rules,
        values=values,
        language=language,
        **issue,
    )
    if output is None:
        return tuple(GeneratedWorkbook.of(name, book, kept=stamp_book(book)) for name, book in books)
    folder = Path(output)
    files.check_free([folder / name for name, _ in books], force)
    written: list[GeneratedWorkbook] = []
    for name, book in books:
        try:
            files.write_file(folder / name, stamp_book(book))
        except OutputFailed as error:
            raise files.name_written([error], [workbook.path for workbook in written])[0] from error
        written.append(GeneratedWorkbook.of(name, book, path=folder / name))
    return tuple(written)


def _usual(name: str, form: Form) -> str:
    """Return the usual phase or office, in the language of the form."""
    return messages.say(f"sheet.issue.{name}", {}, form.language)


def books_of(
    records: str | Path | Mapping[str, Any],
    form: FormSource = DEFAULT,
    by: By = "unit",
    prefill: Prefill = "given",
    password: str = "",
    rules: RulesSource = None,
    values: Mapping[str, str | float] = MappingProxyType({}),
    language: str | None = None,
    **issue: Any,
) -> list[tuple[str, Book]]:
    """Return the books of a records file with their names. Raises RecordsError, TypeError and ValueError."""
    check_arguments(by=by, prefill=prefill, password=password, language=language, **issue)
    policy = load_rules(rules)
    own = policy.form(load_form(form))
    asked = in_language(own, language) if language else own
    issue = {name: _usual(name, asked) if value is None else value for name, value in issue.items()}
    source = "" if isinstance(records, Mapping) else str(records)
    held = check_records_shape(records, asked) if isinstance(records, Mapping) else load_records(records, asked)
    try:
        sent = issue_of(held, policy=policy, values=issue_values(asked, held, values), **issue)
        books = list(make_books(held, asked, sent, by, prefill, password))
    except RecordsError as error:
        raise RecordsError(**{**error.facts, "file": source}) from error
    if not books:
        raise RecordsError(file=source, place="", what="nothing_for_form", form=asked.name)
    return books


@dataclass(frozen=True)
class GeneratedFiles:
    """The workbooks of several records files; ``refused``: what is wrong with these. Then nothing was written."""

    workbooks: tuple[GeneratedWorkbook, ...] = ()
    refused: tuple[PerfxlError, ...] = ()


def generate_all(
    paths: Sequence[Path],
    output: Path,
    executor: Executor | None = None,
    progress: Progress | None = None,
    force: bool = False,
    **options: Any,
) -> GeneratedFiles:
    """Write the workbooks of several records files; where anything is wrong with one, nothing of any is written.

    ``executor``: does the work on each file, here without one; ``options``: those of ``generate``. Raises NothingToDo
    where two workbooks would have one name, and as ``generate`` does about files that are there.
    """
    of_path: dict[int, Sequence[GeneratedWorkbook]] = {}
    refused: dict[int, PerfxlError] = {}
    # files of one size mostly hold as many projects, and books of as many sheets are written from one compiled frame
    order = sorted(range(len(paths)), key=lambda at: _size(paths[at]))
    run: Callable[..., Iterator[_Generated]] = partial(executor.map, chunksize=_chunk(len(paths))) if executor else map
    with TemporaryDirectory(prefix=files.TEMPORARY) as place:  # all are there before the first is where it belongs
        generated = run(partial(_generate_file, **options), [paths[at] for at in order])
        for done, (at, several) in enumerate(zip(order, generated, strict=True), start=1):
            if isinstance(several, PerfxlError):
                refused[at] = several
            elif not refused:
                of_path[at] = [_set_aside(one, Path(place, f"{at}-{number}")) for number, one in enumerate(several)]
            if progress:
                progress(done, len(paths))
        if refused:
            return GeneratedFiles(refused=tuple(refused[at] for at in sorted(refused)))
        made = [workbook for at in sorted(of_path) for workbook in of_path[at]]
        targets = target_paths([PurePosixPath(workbook.name) for workbook in made], output)
        files.check_free(targets, force)
        for at, (workbook, target) in enumerate(zip(made, targets, strict=True)):
            try:
                files.write_file(target, workbook.data)
            except OutputFailed as error:
                raise files.name_written([error], targets[:at])[0] from error
    written = (replace(workbook, path=target) for workbook, target in zip(made, targets, strict=True))
    return GeneratedFiles(tuple(written))


_Generated = tuple[GeneratedWorkbook, ...] | PerfxlError


def _chunk(count: int) -> int:
    """Return how many of ``count`` files a process gets at a time.

    Where they are many it gets more, since each process compiles a frame for each number of sheets that it meets.
    """
    return max(8, min(24, count // 12))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except (OSError, ValueError):  # said when it is read
        return 0


def _generate_file(path: Path, **options: Any) -> _Generated:
    """Return the workbooks of a records file, or what is wrong with it."""
    try:
        return generate(path, **options)
    except PerfxlError as error:
        return error


def _set_aside(workbook: GeneratedWorkbook, path: Path) -> GeneratedWorkbook:
    """Keep a workbook's bytes in a file for the moment."""
    path.write_bytes(workbook.data)
    return replace(workbook, path=path, kept=None)
