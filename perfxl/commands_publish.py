"""The command of publication: documents of what was approved, and their proof."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perfxl import messages
from perfxl.batch.arguments import ENDINGS, Ending
from perfxl.batch.publish import PublishedFiles, document_format, publish_contents, published_units
from perfxl.batch.sources import load_form
from perfxl.batch.spool import spool
from perfxl.batch.unit_records import gather_units
from perfxl.errors import PublishingError
from perfxl.form.characters import shorten
from perfxl.records import unit_label
from perfxl.report.console import say, show_line
from perfxl.report.outcome import say_refusals
from perfxl.workbook.sheet.file_name import safe_name

if TYPE_CHECKING:
    from perfxl.budget.documents.verify import Difference, DocumentProof
    from perfxl.rounds.desk.approved import ApprovedRecords

_SHOWN = 80  # characters of a text that differs


def publish(
    sources: Sequence[Path], output: Path | None, to: Ending | None, verify: bool, lang: str, **options: Any
) -> int:
    """Write documents and say which and what share they publish; or compare documents that are there.

    The status is 1 where a document differs from what was approved.
    """
    documents = [source for source in sources if source.suffix.lower().lstrip(".") in ENDINGS]
    records = [source for source in sources if source not in documents]
    if not records:
        raise PublishingError(what="no_sources")
    rounds, others = _split_rounds(records)
    if output is None:
        if not verify or not documents:
            raise PublishingError(what="no_document")
        return _verify(documents, rounds, others, lang, **options)
    if documents:
        raise PublishingError(what="document_given", file=str(documents[0]), output=str(output))
    options["to"] = document_format(to, output)
    options["proof"] = _prove if verify else None
    with spool() as kept:
        gathered = gather_units(chain(*rounds, others), kept)
        made = PublishedFiles(refused=gathered.refused)
        if not gathered.refused:
            made = publish_contents(
                gathered.contents(), named=[unit.file for unit in gathered.units], output=output, **options
            )
    say_refusals(_waiting(rounds), lang)
    return _tell(made, output, options, lang)


def _split_rounds(sources: Sequence[Path]) -> tuple[list[ApprovedRecords], list[Path]]:
    """Return what is approved in the rounds among the sources, and the other sources."""
    from perfxl.rounds.desk.approved import ApprovedRecords
    from perfxl.rounds.round import is_round, open_round

    folders = [source for source in sources if is_round(source)]
    return [ApprovedRecords(open_round(folder)) for folder in folders], [one for one in sources if one not in folders]


def _waiting(rounds: Iterable[ApprovedRecords]) -> list[PublishingError]:
    return [
        PublishingError(what="not_approved", file=round.name, count=round.waiting) for round in rounds if round.waiting
    ]


def _tell(made: PublishedFiles, output: Path, options: Mapping[str, Any], lang: str) -> int:
    say_refusals([*made.refused, *made.notes], lang)
    if made.refused:
        return 2
    for file in made.files:
        facts = {"file": file.path, "units": len(file.units), "projects": file.records}
        show_line(messages.say("publishing.written", facts, lang))
    say(messages.say("publishing.done", {"files": len(made.files), "output": output}, lang))
    share = made.share
    percent = round(share.amount / share.of_amount * 100, 1) if share.of_amount else 0
    say(messages.say("publishing.share", {**vars(share), "percent": percent}, lang))
    if options["to"] == "docx" and not options.get("pages"):
        say(messages.say("publishing.unnumbered", {}, lang))
    proofs = [_say_proof(file.path, file.proof, lang) for file in made.files if file.proof is not None]
    return 0 if all(proofs) else 1


def _prove(path: Path, units: Sequence[Mapping[str, Any]]) -> DocumentProof:
    from perfxl.budget.documents.verify import verify_document

    proof = verify_document(path, units)
    gc.collect(0)  # a document that was read holds itself, and garbage is seldom looked for (see cli.Commands)
    return proof


def _verify(
    documents: Sequence[Path], rounds: Sequence[ApprovedRecords], others: Sequence[Path], lang: str, **options: Any
) -> int:
    """Compare documents with all that is published of the sources, each with that of its own unit."""
    with spool() as kept:
        gathered = gather_units(chain(*rounds, others), kept)
        say_refusals(gathered.refused, lang)
        if gathered.refused:
            return 2
        together = options["together"] or len(documents) == 1
        units = published_units(gathered.contents(), load_form(options["form"]), together)
    agreed = []
    for document in documents:
        own = units if len(documents) == 1 else [unit for unit in units if _names(document, unit)] or units
        agreed.append(_say_proof(document, _prove(document, own), lang))
    return 0 if all(agreed) else 1


def _names(document: Path, unit: Mapping[str, Any]) -> bool:
    """Return whether a document has the name under which a unit's is written."""
    return document.stem == safe_name(unit_label(unit))


def _say_proof(path: Path | None, proof: DocumentProof, lang: str) -> bool:
    """Say what came of a proof; return whether the document agrees."""
    for note in proof.notes:
        say(messages.say(f"documents.notes.{note.what}", dict(note.facts), lang))
    if not proof.differences:
        say(messages.say("documents.verified", {"file": path, **vars(proof)}, lang))
        return True
    say(messages.say("documents.differs", {"file": path, "count": len(proof.differences)}, lang))
    for one in proof.differences:
        texts = {"approved": shorten(one.approved, _SHOWN), "published": shorten(one.published, _SHOWN)}
        heading = {"project": one.project, "label": _what_differs(one, lang), "department": not one.kind}
        show_line(messages.say("documents.difference", {**heading, **texts}, lang))
    return False


def _what_differs(one: Difference, lang: str) -> str:
    """Return the words for what a document has otherwise: the label of an answer, or what else it is, and its place."""
    if not one.kind:
        return one.label
    place = one.where
    where = messages.say(f"documents.places.{place.kind}", place._asdict(), lang) if place else ""
    return messages.say(f"documents.differences.{one.kind}", {"where": where}, lang)
