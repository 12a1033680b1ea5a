"""An invented county goes through a round: every file and project ends as the stories say that made it.

Small here; with ``PERFXL_COUNTY=1`` 300 units and 3,000 projects, which takes minutes. The expectation is told by
examples/county_stories.py, which knows nothing of how perfxl collects.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from perfxl.examples.county import REGISTRY, make_county
from perfxl.examples.county_files import Sheet
from perfxl.examples.county_stories import AGAIN
from perfxl.examples.county_units import FORM, WORDS, YEAR, Unit, invent_county
from rounds import stores

from perfxl.cli import main
from perfxl.rounds.desk.standings import standings_of
from perfxl.rounds.round import find_round
from perfxl.rounds.store.opening import open_store
from perfxl.rules.review import review_records

FULL = os.environ.get("PERFXL_COUNTY") == "1"
UNITS, PROJECTS, SEED = (300, 3000, 7) if FULL else (33, 105, 1)


def run(*words: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["round", *map(str, words)], catch_exceptions=False)
    assert result.exit_code in (0, 1, 2), result.stderr
    return result.exit_code, result.stdout, result.stderr


class County:
    """A county on disk with its round."""

    def __init__(self, folder: Path) -> None:
        self.source = folder / "county"
        self.told = make_county(self.source, UNITS, PROJECTS, SEED)
        self.folder = folder / "2024一上"
        for verb, *words in self.told["begin"]:
            place = (self.folder,) if verb == "new" else ("--in", self.folder)
            status, _, err = run(verb, *(self.source / word if word == REGISTRY else word for word in words), *place)
            assert status == 0, err
        self.inbox = self.folder / "收表箱"

    def arrive(self, wave: Mapping[str, Any]) -> None:
        """Let the files of a wave arrive in the inbox, with the times that they have."""
        shutil.copytree(self.source / wave["folder"], self.inbox, dirs_exist_ok=True)

    def collect(self, day: str) -> dict[str, Any]:
        """Take in what lies there, on a day; return what became of each file, by the last part of its name."""
        _, out, _ = run("collect", "--json", "--arrived", f"{day}T17:00", "--in", self.folder)
        return {last_part(one["file"]): one for one in json.loads(out)}

    def states(self) -> dict[str, tuple[str, str]]:
        """Return each project's state, and the file of the draft that counts."""
        with open_store(find_round(self.folder).store, write=False) as store:
            standings = standings_of(store)
            names = {delivery.id: last_part(delivery.name) for delivery in store.deliveries()}
            counting = {kept.project: names[kept.delivery] for kept in store.submissions() if kept.counts}
            keys = [project.key for project in store.registry().projects if project.disclosure != "secret"]
        return {
            "/".join(map(str, key)): (standings[key].state if key in standings else "missing", counting.get(key, ""))
            for key in keys
        }

    def late(self) -> list[str]:
        """Return the units that were late."""
        board = json.loads(run("status", "--json", "--in", self.folder)[1])
        return sorted(line["code"] for line in board if line.get("late"))

    def rows(self) -> dict[str, list[Any]]:
        """Return every row of the store but the lease's."""
        return stores.rows(self.folder)

    def files(self) -> dict[str, str]:
        """Return the digest of every file in the round's folders but the store."""
        paths = (path for path in self.folder.rglob("*") if path.is_file() and not path.name.startswith("store"))
        return {str(path.relative_to(self.folder)): sha256(path.read_bytes()).hexdigest() for path in paths}


def last_part(name: str) -> str:
    return name.rpartition(":")[2].rpartition("/")[2]


def findings(unit: Unit, sheets: list[Sheet]) -> set[tuple[int, str]]:
    """Return the errors and warnings in some sheets of a unit, by project and code."""
    records = {
        "year": YEAR,
        "unit": {"code": unit.code, "name": unit.name},
        "projects": [one.record() for one in sheets],
    }
    return {
        (sheets[int(place[0]) - 1].project.number, finding.code)
        for finding in review_records(records, FORM, "county.yaml")
        if finding.severity in ("error", "warning") and (place := re.findall(r"\d+", finding.sheet) or ["1"])
    }


def test_what_is_invented_is_right_and_every_mistake_is_found() -> None:
    mistakes = WORDS["mistakes"]
    for unit in invent_county(6, 50, SEED).asked:
        right = [Sheet(project, project.record) for project in unit.projects]
        assert findings(unit, right) == set()
        for name, mistake in mistakes.items():
            first = Sheet(unit.projects[0], unit.projects[0].record, mistake["typed"], wrong=True)
            found = {code for _, code in findings(unit, [first, *right[1:]])}
            assert found & set(mistake["codes"]), (unit.name, name, found)
            assert found <= set(mistake["codes"]), (unit.name, name, found)


def test_the_same_seed_makes_the_same_county(tmp_path: Path) -> None:
    told = [make_county(tmp_path / name, 4, 14, SEED) for name in ("one", "other")]
    assert told[0] == told[1]
    one, other = (
        {path.name: path.read_bytes() for path in (tmp_path / name).rglob("*.xls*")} for name in ("one", "other")
    )
    assert {name for name in one if one[name] != other[name]} <= {REGISTRY}, (
        "XlsxWriter notes when it wrote the registry"
    )


def test_a_county(tmp_path: Path) -> None:
    county = County(tmp_path)
    differences: list[str] = []
    for at, wave in enumerate(county.told["waves"], start=1):
        county.arrive(wave)
        differences += [
            f"wave {at}: {line}"
            for line in file_differences(wave["files"], county.collect(wave["arrived"]), county.told)
        ]
        differences += [
            f"wave {at}: {line}" for line in state_differences(wave["collected"], county.states(), county.told)
        ]
        if county.late() != wave["late"]:
            differences.append(f"wave {at}: late {set(county.late()) ^ set(wave['late'])}")
        before = county.rows(), county.files()
        again = county.collect(wave["arrived"])
        assert {one["verdict"] for one in again.values()} <= {"known", *AGAIN}
        assert (county.rows(), county.files()) == before, "a second run changes nothing"
        for verb, *words in wave["acts"]:
            status, _, err = run(verb, *words, "--in", county.folder)
            if status:
                differences.append(f"wave {at}: {verb} {words}: {err.strip()}")
        differences += [
            f"decided {at}: {line}" for line in state_differences(wave["decided"], county.states(), county.told)
        ]
    assert not differences, "\n".join([f"{len(differences)} differences", *differences[: None if FULL else 80]])


def file_differences(expected: Mapping[str, Any], found: Mapping[str, Any], told: Mapping[str, Any]) -> Iterator[str]:
    """Yield what became of files otherwise than the stories say."""
    wanted = {last_part(name): one for name, one in expected.items()}
    for name in sorted({*wanted, *found}):
        one, other = wanted.get(name), found.get(name)
        if one is None or other is None:
            yield f"{name}: {'not expected' if one is None else 'no verdict'}"
            continue
        if one["verdict"] != other["verdict"]:
            yield f"{name}: {other['verdict']} instead of {one['verdict']} {other['reason'] or ''}"
        yield from (f"{name}: {line}" for line in sheet_differences(one["sheets"], other["sheets"], told))


def sheet_differences(expected: Any, found: Any, told: Mapping[str, Any]) -> Iterator[str]:
    """Yield what became of sheets otherwise than the stories say; which question it is only where they say it."""
    for sheet in found if expected else ():
        same = [one for one in expected if (one["unit"], one["number"]) == (sheet["unit"], sheet["number"])]
        if not same:
            yield f"{sheet['unit']}/{sheet['number']} not expected"
        elif (same[0]["verdict"], same[0]["question"] or sheet["question"]) != (sheet["verdict"], sheet["question"]):
            told_of, verdict = told["stories"].get(sheet["unit"]), f"{sheet['verdict']}:{sheet['question']}"
            yield f"{told_of} {sheet['unit']}/{sheet['number']}: {verdict} instead of {same[0]['verdict']}:{same[0]['question']}"


def state_differences(
    expected: Mapping[str, Any], found: Mapping[str, tuple[str, str]], told: Mapping[str, Any]
) -> Iterator[str]:
    """Yield the projects that stand otherwise than the stories say."""
    for key, one in expected.items():
        state, file = found.get(key, ("", ""))
        if (state, file) != (one["state"], last_part(one["file"])):
            yield f"{told['stories'][key.partition('/')[0]]} {key}: {state} {file} instead of {one['state']} {last_part(one['file'])}"
