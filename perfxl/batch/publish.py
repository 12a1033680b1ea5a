"""Publish records as documents: one for each unit, or one of several units together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

from perfxl import messages
from perfxl.batch import output as files
from perfxl.batch.arguments import ENDINGS, Ending, check_arguments
from perfxl.batch.form_records import check_records_shape
from perfxl.batch.known_forms import with_forms
from perfxl.batch.libreoffice import lay_out
from perfxl.batch.made_file import MadeFile
from perfxl.batch.sources import FormSource, load_form
from perfxl.batch.spool import Spool, spool
from perfxl.batch.targets import check_distinct
from perfxl.batch.unit_records import gather_units
from perfxl.errors import PerfxlError, PublishingError, RecordsError
from perfxl.form.answers import flatten
from perfxl.form.calculation import values_of
from perfxl.form.form import Form
from perfxl.form.installed import DEFAULT
from perfxl.publishing.document import PublishedDocument
from perfxl.publishing.document_template import DocumentTemplate
from perfxl.publishing.document_values import document_values
from perfxl.publishing.selection import PublishedShare, number_records, select_published
from perfxl.publishing.templates import load_template
from perfxl.records import unit_label
from perfxl.workbook.sheet.file_name import safe_name
from perfxl.workbook.sheet.self_check import count_unfilled

Proof = Callable[[Path, Sequence[Mapping[str, Any]]], Any]
"""Called with a document that was written and the records in it, unit by unit; what it returns is kept."""

_AT_ONCE = 12
"""So many documents are laid out at one start of LibreOffice, which takes longer than a document."""


@dataclass(frozen=True)
class PublishedFile(MadeFile):
    """A document: its name, the units and the number of records in it, its bytes.

    ``path``: where it was written, its bytes then being there and no more kept; ``proof``: what the proof of it says.
    """

    name: str
    units: tuple[str, ...]
    records: int
    path: Path | None = None
    kept: bytes | None = field(default=None, repr=False)
    proof: Any = None


@dataclass(frozen=True)
class PublishedFiles:
    """The documents that were made; ``share``: how much of all is published; ``notes``: what is to be known beside.

    ``refused``: why nothing was made.
    """

    files: tuple[PublishedFile, ...] = ()
    share: PublishedShare = field(default_factory=PublishedShare)
    notes: tuple[PerfxlError, ...] = ()
    refused: tuple[PerfxlError, ...] = ()


@dataclass(frozen=True)
class _Plan:
    """The documents to make: their names and how many units each has, which stand in a spool one after the other."""

    named: tuple[tuple[str, int], ...]
    share: PublishedShare
    notes: tuple[PerfxlError, ...]


@with_forms
def publish(
    *sources: str | Path | Mapping[str, Any],
    form: FormSource = DEFAULT,
    template: str | Path | None = None,
    title: str = "",
    together: bool = False,
    to: Ending | None = None,
    pages: bool = False,
    forms: Collection[str | Path] = (),
    output: str | Path | None = None,
    force: bool = False,
    proof: Proof | None = None,
) -> PublishedFiles:
    """Make the documents of records files, of their content, or of returned workbooks.

    ``template``: a Word file in place of the form's own; ``title``: on the title page; ``together``: one document of
    all units in their order; ``to``: the format, else that in which the output's name ends, docx for a folder;
    ``pages``: LibreOffice lays the document out, and the numbers of the pages stand in its contents; ``output``: a
    file, or a folder, without which nothing is written; ``proof``: asked about each document that was written. Raises
    TemplateMistake for a mistake in the template, PublishingError for an output of another format, OutputExists for a
    file that is there already, unless ``force``.
    """
    with spool() as kept:
        gathered = gather_units(sources, kept)
        if gathered.refused:
            return PublishedFiles(refused=gathered.refused)
        named = [unit.file for unit in gathered.units]
        return publish_contents(
            gathered.contents(), named=named, form=form, template=template, title=title, together=together, to=to,
            pages=pages, output=output, force=force, proof=proof,
        )  # fmt: skip


def publish_contents(
    contents: Iterable[Mapping[str, Any]],
    *,
    named: Sequence[str] = (),
    form: FormSource = DEFAULT,
    template: str | Path | None = None,
    title: str = "",
    together: bool = False,
    to: Ending | None = None,
    pages: bool = False,
    output: str | Path | None = None,
    force: bool = False,
    proof: Proof | None = None,
) -> PublishedFiles:
    """Make the documents of the contents of records files, which are gone through once; the rest as ``publish``.

    ``named``: the file of each content, for messages.
    """
    check_arguments(title=title, template=template, together=together, pages=pages, proof=proof)
    check_arguments(to=to or "docx", output=output, force=force)
    target = Path(output) if output is not None else None
    to = document_format(to, target)
    asked = load_form(form)
    used = load_template(asked, template)
    with spool() as kept:
        plan = _plan(zip_longest(contents, named, fillvalue=""), asked, together, to, kept)
        if isinstance(plan, tuple):
            return PublishedFiles(refused=plan)
        paths = _targets(plan, target, to)
        files.check_free([path for path in paths if path], force)
        words = title or messages.say("publishing.title", {}, asked.language)
        made = partial(_document, form=asked, template=used, title=words)
        dropped: list[PerfxlError] = []
        written: list[PublishedFile] = []
        for at, (own, data) in enumerate(_laid_out(_groups(plan, kept), made, to, pages, dropped)):
            written.append(_written(plan.named[at][0], own, data, paths[at], asked, proof))
    return PublishedFiles(tuple(written), plan.share, (*plan.notes, *dropped))


def document_format(to: Ending | None, output: Path | None) -> Ending:
    """Return the format of documents: the one asked for, else that of the output's name; docx for a folder.

    Raises PublishingError for a name that ends in no format, or in another one than is asked for.
    """
    named = "" if output is None or files.is_folder(output) else output.suffix.lower().lstrip(".")
    allowed = (to,) if to else ENDINGS
    for ending in allowed:
        if named in ("", ending) or (to and named not in ENDINGS):  # a folder may have a dot in its name
            return ending
    raise PublishingError(what="wrong_ending", file=str(output), allowed=[f".{ending}" for ending in allowed])


def published_units(contents: Iterable[Mapping[str, Any]], form: Form, together: bool = False) -> list[dict[str, Any]]:
    """Return of each unit what is published, numbered as in its document, or in one of all units together."""
    units: list[dict[str, Any]] = []
    count = 0
    for content in contents:
        own, _ = select_published(check_records_shape(content, form), form)
        if form.many:
            own[form.root] = number_records(own[form.root], form, count + 1)
            count += len(own[form.root]) if together else 0
        units.append(own)
    return units


def _plan(
    contents: Iterable[tuple[Any, str]], form: Form, together: bool, to: Ending, kept: Spool
) -> _Plan | tuple[PerfxlError, ...]:
    """Put what is published of each unit into the spool; return what is to be made of it, or what is wrong."""
    refused: list[PerfxlError] = []
    notes: list[PerfxlError] = []
    share, names = PublishedShare(), []
    for content, file in contents:
        try:
            own, part = select_published(check_records_shape(content, form), form)
        except RecordsError as error:
            refused.append(RecordsError(**{**error.facts, "file": file}))
            continue
        share += part
        if not form.records(own):
            notes.append(PublishingError(what="nothing_published", unit=unit_label(own)))
            continue
        if blank := _blank_answers(own, form):
            notes.append(PublishingError(what="blank_answers", unit=unit_label(own), **blank))
        kept.put(own)
        names.append(unit_label(own))
    if not refused and not names:
        facts = {"form": form.label, "closed": share.closed, "secret": share.secret}
        refused.append(PublishingError(what="nothing_at_all", **facts))
    if refused:
        return tuple(refused)
    if together:
        return _Plan(((f"{safe_name(names[0])}.{to}", len(names)),), share, tuple(notes))
    return _Plan(tuple((f"{safe_name(name)}.{to}", 1) for name in names), share, tuple(notes))


def _blank_answers(content: Mapping[str, Any], form: Form) -> dict[str, int]:
    """Return how many required answers are blank in how many records; nothing where none is."""
    answers = [flatten(form, record) for _, record in form.records(content)]
    counts = [count for one in answers if (count := count_unfilled(form, one, values_of(one, content)))]
    return {"count": sum(counts), "records": len(counts)} if counts else {}


def _targets(plan: _Plan, output: Path | None, to: Ending) -> list[Path | None]:
    """Return the path of each document; None for one that is not written. Raises NothingToDo, PublishingError."""
    if output is None:
        return [None] * len(plan.named)
    if output.suffix.lower() == f".{to}" and not files.is_folder(output):
        if len(plan.named) > 1:
            units = [name.rpartition(".")[0] for name, _ in plan.named[:3]]
            raise PublishingError(what="one_file", count=len(plan.named), file=str(output), units=units)
        return [output]
    paths = [output / name for name, _ in plan.named]
    check_distinct(paths)
    return [*paths]


def _groups(plan: _Plan, kept: Spool) -> Iterator[list[dict[str, Any]]]:
    """Yield the units of each document."""
    units = kept.all()
    for _, count in plan.named:
        yield [next(units) for _ in range(count)]


_Made = Callable[[list[dict[str, Any]], list[PerfxlError]], tuple[PublishedDocument, list[dict[str, Any]]]]


def _laid_out(
    groups: Iterator[list[dict[str, Any]]], make: _Made, to: Ending, pages: bool, notes: list[PerfxlError]
) -> Iterator[tuple[list[dict[str, Any]], bytes]]:
    """Yield the units of each document as they are numbered in it, and its bytes."""
    if to == "txt" or (to == "docx" and not pages):
        for group in groups:
            document, own = make(group, notes)
            yield own, document.docx() if to == "docx" else files.text_bytes(document.text())
        return
    while batch := [make(group, notes) for group in islice(groups, _AT_ONCE)]:
        counted = lay_out([document.docx() for document, _ in batch])
        whole = []
        for (document, own), laid in zip(batch, counted, strict=True):
            fits = len(laid.pages) == len(document.headings)
            if not fits:
                facts = {"unit": unit_label(own[0]), "entries": len(document.headings), "found": len(laid.pages)}
                notes.append(PublishingError(what="no_pages", **facts))
            whole.append(document.docx(laid.pages if fits else ()))
        yield from zip(
            [own for _, own in batch],
            whole if to == "docx" else [laid.pdf for laid in lay_out(whole, pdf=True)],
            strict=True,
        )


def _document(
    units: list[dict[str, Any]], notes: list[PerfxlError], form: Form, template: DocumentTemplate, title: str
) -> tuple[PublishedDocument, list[dict[str, Any]]]:
    """Return the document of units, and their content as it is numbered in it; what is to be known goes to the notes.

    Raises PublishingError, TemplateMistake.
    """
    filled = document_values(units, form, template.names, title)
    notes += filled.notes
    return PublishedDocument(template, filled.values), filled.units


def _written(
    name: str, units: list[dict[str, Any]], data: bytes, path: Path | None, form: Form, proof: Proof | None
) -> PublishedFile:
    """Write a document and ask for its proof; return what is said of it."""
    told = tuple(unit_label(unit) for unit in units)
    count = sum(len(form.records(unit)) for unit in units)
    if path is None:
        return PublishedFile(name, told, count, kept=data)
    files.write_file(path, data)
    return PublishedFile(name, told, count, path, proof=proof(path, units) if proof else None)
