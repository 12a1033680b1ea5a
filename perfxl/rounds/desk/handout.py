"""The files that go along with issued workbooks: the manifest, the notices, a zip for each department."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from perfxl import messages
from perfxl.batch import output as files
from perfxl.rounds.department_zip import fits_old_windows, write_zip_of
from perfxl.rounds.desk.issuing import IssuedRound
from perfxl.rounds.issue import WrittenWorkbook
from perfxl.rounds.manifest import write_manifest
from perfxl.rounds.model import RegisteredUnit, Registry
from perfxl.rounds.moment import moment
from perfxl.rounds.round import Round
from perfxl.workbook.sheet.file_name import safe_name


@dataclass(frozen=True)
class Handout:
    """The files beside the workbooks: the manifest, the zips, and the names in these that Windows 7 cannot show."""

    manifest: Path
    zips: tuple[Path, ...] = ()
    unshown: tuple[str, ...] = ()


def write_handout(round: Round, issued: IssuedRound, zips: bool = False) -> Handout:
    """Write the manifest and the notices, and a zip for each department where it is asked for, or there already.

    They tell of what stands, and are written anew where that has changed. Raises OutputFailed.
    """
    folder = round.path("issued")
    standing = [one for one in issued.workbooks if one.state != "blocked"]
    manifest = folder / f"{messages.say('rounds.manifest.tab')}.xlsx"
    _write_new(manifest, write_manifest(round, issued.registry, standing))
    by_unit: dict[str, list[WrittenWorkbook]] = {}
    for one in standing:
        by_unit.setdefault(one.unit, []).append(one)
    notice = messages.say("rounds.issue.notice_file")
    units = {unit.code: unit for unit in issued.registry.units}
    notices = {code: _notice(round, units[code], several) for code, several in by_unit.items()}
    for code, several in by_unit.items():
        _write_new((folder / several[0].file).parent / notice, notices[code])
    if standing:
        _write_new(folder / notice, _notice(round, None, standing))
    made: list[Path] = []
    unshown: list[str] = []
    for top, codes in _departments(issued.registry, [*by_unit]):
        path = folder / f"{safe_name(f'{top.label}_{round.name}')}.zip"
        if not zips and not path.exists():  # one that is there must not hold what is void
            continue
        members = dict(_members(folder, [(by_unit[code], notices[code]) for code in codes], notice))
        _write_new(path, write_zip_of(members))
        made.append(path)
        unshown += [name for name in members if not fits_old_windows(name)]
    return Handout(manifest, tuple(made), tuple(unshown))


def _members(
    folder: Path, units: Sequence[tuple[Sequence[WrittenWorkbook], bytes]], notice: str
) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a zip by their names: the workbooks of each unit, its notice beside them."""
    for workbooks, text in units:
        for one in workbooks:
            yield one.file, (folder / one.file).read_bytes()
        yield f"{workbooks[0].file.rpartition('/')[0]}/{notice}", text


def _departments(registry: Registry, codes: Sequence[str]) -> list[tuple[RegisteredUnit, list[str]]]:
    """Return the uppermost units, each with the codes of those below it for which there is something."""
    units = {unit.code: unit for unit in registry.units}
    found: dict[str, list[str]] = {}
    for code in codes:
        top, steps = code, 0
        while units[top].parent in units and steps < len(units):
            top, steps = units[top].parent, steps + 1
        found.setdefault(top, []).append(code)
    return [(units[top], several) for top, several in found.items()]


def _notice(round: Round, unit: RegisteredUnit | None, workbooks: Sequence[WrittenWorkbook]) -> bytes:
    """Return the text to send along with the workbooks of a unit, or of all where none is given."""
    facts: Mapping[str, object] = {
        "unit": unit.name if unit else "",
        "round": round.name,
        "forms": round.labels({one.form for one in workbooks}),
        "files": [one.file.rpartition("/")[2] for one in workbooks],
        "sheets": sum(len(one.numbers) for one in workbooks),
        "draft": max(one.draft for one in workbooks),
        "deadline": moment((unit.deadline if unit else "") or round.deadline),
        "office": round.office,
        "phone": round.phone,
    }
    return files.text_bytes(f"{messages.say('rounds.issue.notice', facts)}\n")


def _write_new(path: Path, data: bytes) -> None:
    """Write a file unless it stands there with this content."""
    if not path.is_file() or path.read_bytes() != data:
        files.write_file(path, data)
