"""What is to be put right is returned: flagged copies of the senders' own files, with a notice to send along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from perfxl import messages
from perfxl.batch import output as files
from perfxl.batch.flag import flag
from perfxl.rounds.desk.author import now, whoever
from perfxl.rounds.desk.originals import original_path
from perfxl.rounds.desk.standings import count_open, standings_of
from perfxl.rounds.round import Round
from perfxl.rounds.store.group import project_key
from perfxl.rounds.store.opening import open_store
from perfxl.rounds.store.rows import Delivery, KeptDecision, KeptSubmission
from perfxl.workbook.sheet.file_name import safe_name


@dataclass(frozen=True)
class ReturnedWorkbook:
    """A flagged copy that goes back to a unit: where it is, and the numbers of the projects for whose sake it goes."""

    unit: str
    path: Path
    numbers: tuple[int, ...]
    findings: int


def give_back(round: Round) -> tuple[ReturnedWorkbook, ...]:
    """Write the flagged copy of every workbook in which a project is to be put right, and note that it was returned.

    Due are the projects that wait for a review with something open in them. The sender's own file is flagged; beside
    it stands a text to send along. A draft is returned once.
    """
    returned: list[ReturnedWorkbook] = []
    with open_store(round.store, write=True) as store:
        standings = standings_of(store)
        names = {unit.code: unit.name for unit in store.registry().units}
        deliveries = {delivery.id: delivery for delivery in store.deliveries()}
        due: dict[tuple[str, int], list[KeptSubmission]] = {}
        for kept in store.submissions():
            if kept.counts and standings[kept.project].state == "review":
                due.setdefault((kept.project[0], kept.delivery), []).append(kept)
        for (unit, delivery), drafts in due.items():
            made = _flag_original(round, deliveries[delivery], f"{unit}{names.get(unit, '')}", drafts)
            with store.group(whoever(), now()) as group:
                for kept in drafts:
                    group.add_decision(KeptDecision("returned", "project", project_key(kept.project), kept.id, kept.id))
            returned.append(made)
    return tuple(returned)


def _flag_original(round: Round, delivery: Delivery, unit: str, drafts: Sequence[KeptSubmission]) -> ReturnedWorkbook:
    """Write the flagged copy of a file that came, and the text to send along with it."""
    source = original_path(round, delivery.digest).read_bytes()
    (flagged, *others) = flag(source, deadline=round.deadline, rules=round.rules_file).files
    folder = round.path("returned") / safe_name(unit)
    name = PurePosixPath(delivery.name.replace("\\", "/").rpartition(":")[2]).name
    target = folder / f"{safe_name(PurePosixPath(name).stem)}_{delivery.id}.xlsx"
    for at, piece in enumerate((flagged, *others)):
        files.write_file(target if not at else target.with_stem(f"{target.stem}-{at + 1}"), piece.data)
    numbers = tuple(sorted(kept.project[2] for kept in drafts))
    count = sum(map(count_open, drafts))
    facts = {"unit": unit, "round": round.name, "file": target.name, "numbers": list(numbers), "count": count}
    text = messages.say("rounds.return.notice", {**facts, "deadline": round.deadline, "phone": round.phone})
    files.write_file(folder / f"退回通知_{delivery.id}.txt", f"\ufeff{text}\n".encode())
    return ReturnedWorkbook(drafts[0].project[0], target, numbers, count)
