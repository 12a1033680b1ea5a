"""The command that carries last year's texts into this year's list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import perfxl
from perfxl import messages
from perfxl.batch.carry import CarriedRecords, CarriedUnit, Origin, listed_records
from perfxl.batch.former_records import DOUBTFUL, Marks
from perfxl.batch.sources import load_form, load_rules
from perfxl.form.characters import squeeze
from perfxl.form.form import Form
from perfxl.records import unit_label
from perfxl.report.console import say, show_line
from perfxl.report.outcome import say_refusals

if TYPE_CHECKING:
    from perfxl.rounds.model import Registry


def carry(
    last: Sequence[Path],
    this: Path,
    output: Path,
    lang: str,
    form: str,
    rules: Path | None = None,
    money: str = "",
    **options: Any,
) -> int:
    """Write this year's records with last year's texts; say of each project where they come from."""
    policy = load_rules(rules)
    asked = policy.form(load_form(form))
    listed = _read_list(this, asked, money, lang)
    former = [content for source in last for content in _read_last(source)]
    made = perfxl.carry(former, listed, form=form, rules=policy, output=output, **options)
    say_refusals([*made.refused, *made.notes], lang)
    if made.refused:
        return 2
    for unit in made.units:
        for line in _unit_lines(unit, asked, lang):
            show_line(line)
    say(messages.say("carry.done", {**_tally(made), "year": made.year, "output": output}, lang))
    if old := sum(len(origin.old_texts) for unit in made.units for origin in unit.origins):
        say(messages.say("carry.old_texts", {"count": old}, lang))
    return 0


def _read_last(source: Path) -> list[Path | Mapping[str, Any]]:
    """Return what a source of last year's texts holds: of a round the records that count in it."""
    from perfxl.rounds.round import is_round, open_round

    if not is_round(source):
        return [source]
    from perfxl.rounds.desk.unit_contents import round_records

    return [*round_records(open_round(source))]


def _read_list(source: Path, form: Form, money: str, lang: str) -> list[Path | Mapping[str, Any]]:
    """Return what this year asks for: records files, or for each unit of a registry or round the content of one."""
    from perfxl.rounds.desk.round_store import registry_of
    from perfxl.rounds.registry.reading import read_registry
    from perfxl.rounds.registry.records_files import records_files
    from perfxl.rounds.round import is_round, open_round

    if is_round(source):
        round = open_round(source)
        registry, year = registry_of(round), {"year": round.year}
    elif found := records_files(source):
        return [*found]
    else:
        registry, year = read_registry(source, form, money), {}
    if registry.ignored:
        say(messages.say("rounds.registry.ignored", {"headings": registry.ignored}, lang))
    if secret := [project.name for project in registry.projects if project.disclosure == "secret"]:
        say(messages.say("carry.secret", {"projects": secret}, lang))
    return [{**year, **content} for content in _contents(registry, form)]


def _contents(registry: Registry, form: Form) -> Iterator[dict[str, Any]]:
    """Yield the content of a records file for each unit of a registry, without secret projects."""
    from perfxl.rounds.issue import issued_record

    projects = [one for one in registry.projects if one.form == form.name and one.disclosure != "secret"]
    for unit in registry.units:
        made = [issued_record(form, project) for project in projects if project.unit == unit.code]
        if made or not form.many:
            yield {"unit": unit.told, form.root: made if form.many else (made or [{}])[0]}


def _tally(made: CarriedRecords) -> dict[str, int]:
    """Return how many projects there are, how many have last year's texts, and what of that is doubtful."""
    origins = [origin for unit in made.units for origin in unit.origins]
    carried = [origin for origin in origins if origin.answers]
    return {
        "projects": len(origins),
        "carried": len(carried),
        "doubtful": sum(origin.how in DOUBTFUL for origin in carried),
        "unsure": sum(origin.how in DOUBTFUL for origin in origins if not origin.former),
        "new": sum(origin.how == "new" for origin in origins),
        "ended": sum(len(unit.ended) for unit in made.units),
    }


def _unit_lines(unit: CarriedUnit, form: Form, lang: str) -> Iterator[str]:
    """Yield the lines about a unit: each project, with where its texts come from and what to look at in them."""
    yield unit_label(unit.records)
    for origin, record in zip(unit.origins, listed_records(unit.records, form), strict=True):
        yield _origin_line(origin, form, lang)
        left_out: dict[tuple[str, str], list[str]] = {}
        for left in origin.left_out:
            place = messages.place(left.path, form, _former(unit, origin, form), lang) if left.path else ""
            left_out.setdefault((place, left.why), []).append(left.text)
        for (place, reason), texts in left_out.items():
            facts = {"place": place, "why": reason, "text": texts[0], "count": len(texts)}
            yield messages.say("carry.left_out", facts, lang)
        places: dict[tuple[str, str], dict[str, None]] = {}
        for path, kind, text in origin.old_texts:
            places.setdefault((kind, text), {})[messages.place(path, form, record, lang)] = None
        for (sort, text), where in places.items():
            facts = {"place": next(iter(where)), "places": len(where), "text": text}
            yield messages.say(f"carry.pieces.{sort}", facts, lang)
    for ended in unit.ended:
        facts = {"project": _shown(ended.marks), "near": [*map(_shown, ended.near)]}
        yield messages.say("carry.ended", facts, lang)


def _origin_line(origin: Origin, form: Form, lang: str) -> str:
    """Return the line of a project: its name, last year's, and the mark by which that was found."""
    former = origin.former
    facts = {
        "project": _shown(origin.marks) if form.many else form.label,
        "former": _shown(former) if former else "",
        "number": origin.marks.number,
        "rivals": [*map(_shown, origin.rivals)],
        "beside": [*map(_shown, origin.beside)],
        "likeness": round(origin.likeness),
        "coded": former is not None and bool(former.code and origin.marks.code),
        "exact": former is not None and squeeze(former.name) == squeeze(origin.marks.name),
    }
    line = messages.say(f"carry.how.{origin.how}", facts, lang)
    return line if origin.answers or not former else line + messages.say("carry.nothing", {}, lang)


def _former(unit: CarriedUnit, origin: Origin, form: Form) -> Mapping[str, Any]:
    """Return last year's record of a project."""
    records = [record for _, record in form.records(unit.former or {})]
    return records[origin.former_at] if records and origin.former_at is not None else {}


def _shown(marks: Marks) -> str:
    return f"{marks.number}.{marks.name or marks.code}"
