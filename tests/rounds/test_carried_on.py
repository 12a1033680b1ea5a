"""A collect that is cut off and run again ends as one that nothing disturbed.

PERFXL_WAVES=30: more that is invented.
"""

from __future__ import annotations

import copy
import io
import os
import random
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from rounds import killing
from workbook.conftest import example

from perfxl.batch.inbox import Item
from perfxl.cli import main
from perfxl.rounds import arrivals
from perfxl.rounds.desk import collecting
from perfxl.rounds.desk.registering import import_registry
from perfxl.rounds.issue import unit_records
from perfxl.rounds.model import ProjectKey, RegisteredProject, RegisteredUnit, Registry
from perfxl.rounds.round import Round, create_round
from perfxl.workbook.writing.books import issue_of, make_books
from perfxl.workbook.writing.stamp import stamp_book

FORM = killing.FORM
PROJECTS = example("project-target")["projects"][:3]
UNITS = tuple(RegisteredUnit(f"9070{at:02}", f"清溪县柳溪镇第{at}站", control=40.0) for at in range(1, 4))
STRANGER = RegisteredUnit("908001", "清溪县文化馆")
WAVES = int(os.environ.get("PERFXL_WAVES", "1"))


def registry(units: tuple[RegisteredUnit, ...] = UNITS) -> Registry:
    """Every unit with three projects."""
    projects = (
        RegisteredProject(
            unit.code,
            FORM.name,
            one["number"],
            "",
            f"{unit.name}{one['name']}",
            {"budget.total": one["budget"]["total"]},
        )
        for unit in units
        for one in PROJECTS
    )
    return Registry(units, tuple(projects))


GONE = "gone"
CHANGES: dict[str, dict[str, Any]] = {
    # what a project says otherwise than the others of its kind
    "as it is": {},
    "empty": {"purpose": ""},
    "other": {"purpose": "用于站内设备更新。"},
    "amount": {"budget": {"total": 6.5, "fiscal": 6.5, "other": None}},
    "goals": {"goals": ["为38个村购置设备。", "群众满意度达到95%以上。"]},
    "rows": {"indicators": []},
    "code": {"code": "99019924P00731210115X"},
    "half": {},  # every second row has the unit's own words
    "gone": {},  # its sheet is deleted
}


Said = dict[int, tuple[str, str, int]]
"""Of each project its change, the unit whose words it has, and the project whose texts (its number)."""


def book(round: Round, unit: RegisteredUnit, said: Said, phase: str = "") -> bytes:
    """The workbook of a unit, in which these projects were issued."""
    everything = registry((*UNITS, STRANGER)).projects
    records = unit_records(round, unit, FORM.name, [one for one in everything if one.unit == unit.code])
    issue = issue_of(records, phase=phase or round.phase, draft=round.draft)
    records["projects"] = [record for record in records["projects"] if record["number"] in said]
    for record in records["projects"]:
        change, words, like = said[record["number"]]
        whole = copy.deepcopy(PROJECTS[like - 1])
        record |= {key: value for key, value in whole.items() if key not in ("number", "code", "name", "budget")}
        record["budget"] = copy.deepcopy(PROJECTS[record["number"] - 1]["budget"])
        for at, row in enumerate(record["indicators"]):
            whose = unit.name if change == "half" and at % 2 else words
            row |= {column: f"{whose}{row[column]}" for column in ("level3", "description", "basis")}
        record |= CHANGES[change]
    ((_, made),) = make_books(records, FORM, issue, "unit", "all")
    return without(stamp_book(made), {f"项目{number:02}" for number, (change, *_) in said.items() if change == GONE})


def without(data: bytes, gone: set[str]) -> bytes:
    """A workbook of which somebody deleted these sheets, given by how they begin."""
    if not gone:
        return data
    opened, saved = openpyxl.load_workbook(io.BytesIO(data)), io.BytesIO()
    for name in [name for name in opened.sheetnames if name[:4] in gone]:
        del opened[name]
    opened.save(saved)
    return saved.getvalue()


def invent_file(invent: random.Random, round: Round) -> bytes:
    """Some file that comes: mostly a unit's, with some of its projects."""
    kind = invent.random()
    if kind < 0.1:
        return invent.choice((b"\xff\xd8\xff\xe0", b"PK\x03\x04", b"a,b\n1,2\n"))
    unit = STRANGER if kind < 0.15 else invent.choice(UNITS)
    numbers = invent.sample((1, 2, 3), invent.choice((1, 1, 2, 3)))
    said = {}
    for number in sorted(numbers):
        words = invent.choice((unit, unit, unit, *UNITS)).name
        like = invent.choice((number, number, number, 1, 2))
        said[number] = invent.choice((*["as it is"] * 3, *CHANGES)), words, like
    return book(round, unit, said, "一下" if invent.random() < 0.05 else "")


def drop(invent: random.Random, round: Round, wave: int, count: int) -> None:
    """Put files into the inbox: some are copies of one another, some have the same time, or times that disagree."""
    made: list[bytes] = []
    for at in range(count):
        time = killing.NOON + 100 * wave + invent.randint(0, count)
        data = invent.choice(made) if made and invent.random() < 0.15 else invent_file(invent, round)
        if data not in made:
            data = killing.saved_at(data, time)
        made.append(data)
        path = round.path("inbox") / f"{wave}-{at}.xlsx"
        path.write_bytes(data)
        changed = time if invent.random() < 0.7 else time + invent.randint(-3, 3)
        os.utime(path, (changed, changed))


class CutOff(Exception):
    """The process ends here."""


def take_in(round: Round, cut: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Take in what lies in the inbox; cut off after some of the files. Return how many there were."""
    count, add = 0, collecting._Writer.add

    def counted(writer: Any, result: Any) -> Any:
        nonlocal count
        made = add(writer, result)
        count += 1
        if count == cut:
            raise CutOff
        return made

    items: list[Item] = arrivals.list_arrived([round.path("inbox")]).items
    with monkeypatch.context() as patch:
        patch.setattr(collecting._Writer, "add", counted)
        with suppress(CutOff):
            collecting.take_in(round, items)
    return count


def decide_some(invent: random.Random, round: Round) -> None:
    """What people decide between two waves."""
    keys: list[ProjectKey] = [one.key for one in registry().projects]
    for key in invent.sample(keys, 5):
        what = invent.choice(("approve", "return", "new", "old", "aside"))
        words = ["round", "decide", key[0], str(key[2]), what, "--in", str(round.folder)]
        assert CliRunner().invoke(main, words, catch_exceptions=False).exit_code in (0, 2)


def own(unit: RegisteredUnit, *numbers: int, change: str = "as it is") -> Said:
    return {number: (change, unit.name, number) for number in numbers}


A, B, _ = UNITS
PHOTO = RegisteredUnit("", "")
COPY: Said = {1: ("amount", B.name, 2), 2: ("amount", B.name, 1)}
CASES: dict[str, tuple[list[tuple[RegisteredUnit, Said, int]], ...]] = {
    # the waves: of each file the unit, what it says, when it was saved; none: of the same bytes as the one before
    "the same again beside one of the same time": (
        [(A, own(A, 1, 2, 3), 1)],
        [(A, own(A, 1), 9), (A, own(A, 1, change="other"), 9), (B, own(B, 1), 7), (B, own(B, 1, change="goals"), 7)],
    ),
    "the rest of a unit of which something is asked": (
        [
            (A, own(A, 1, change="other"), 1),
            (A, own(A, 1, change="goals"), 1),
            (A, own(A, 2) | own(A, 1, change=GONE), 3),
            (A, own(A, 3) | own(A, 1, 2, change=GONE), 4),
        ],
    ),
    "a copy, the original, and the copier's own": (
        [
            (A, COPY, 1),
            (B, own(B, 1, 2), 2),
            (B, own(B, 1, 2, change="other"), 3),
            (A, {1: ("half", B.name, 2), 2: ("half", B.name, 1)}, 4),
        ],
        [(A, own(A, 1, 2, change="goals"), 5), (B, own(B, 1, 2, change="rows"), 6)],
    ),
    "bytes of a stranger that come twice": (
        [(STRANGER, own(STRANGER, 1, 2), 1), (STRANGER, {}, 1), (A, own(A, 1), 2), (A, {}, 2)],
    ),
    "a photo that comes twice": ([(PHOTO, {}, 1), (PHOTO, {}, 2), (A, own(A, 1), 3)],),
    "siblings that change one after the other": (
        [(A, {1: ("as it is", A.name, 1), 2: ("as it is", A.name, 1), 3: ("code", A.name, 1)}, 1)],
        [
            (A, {1: ("goals", A.name, 1)}, 2),
            (A, {2: ("amount", A.name, 1)}, 3),
            (A, {3: ("empty", A.name, 1)}, 4),
            (A, {1: ("other", A.name, 1)}, 5),
        ],
    ),
}


@pytest.mark.parametrize("waves", CASES.values(), ids=CASES)
def test_what_comes_one_after_the_other_is_decided_as_if_it_came_at_once(
    waves: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    round = make_round(tmp_path, monkeypatch)
    for number, wave in enumerate(waves):
        before = b""
        for at, (unit, said, saved) in enumerate(wave):
            time = killing.NOON + 100 * number + saved
            if said or unit == PHOTO:
                before = killing.saved_at(book(round, unit, said), time) if said else b"\xff\xd8\xff\xe0"
            path = round.path("inbox") / f"{number}-{at}.xlsx"
            path.write_bytes(before)
            os.utime(path, (time, time))
        assert cut_everywhere(round, monkeypatch) == []


@pytest.mark.parametrize("seed", range(WAVES))
def test_a_run_that_was_cut_off_and_the_next_are_one_run(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    invent, round = random.Random(seed), make_round(tmp_path, monkeypatch)
    for wave in (1, 2):
        drop(invent, round, wave, 7)
        assert cut_everywhere(round, monkeypatch) == []
        decide_some(invent, round)


def make_round(work: Path, monkeypatch: pytest.MonkeyPatch) -> Round:
    """A round with a registry, whose files are read only once."""
    round = create_round(work / "2024一上", 2024, "一上")
    import_registry(round, registry())
    read_once(round, monkeypatch)
    return round


def cut_everywhere(round: Round, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Take in what is in the inbox, cut off after every group; return where it ends otherwise than undisturbed.

    The round is left as the undisturbed run leaves it.
    """
    before, after = round.folder.parent / "before", round.folder.parent / "after"
    put(round.folder, before)
    count = take_in(round, 0, monkeypatch)
    expected = killing.state(round.folder)
    put(round.folder, after)
    differ = []
    for cut in range(1, count):
        put(before, round.folder)
        take_in(round, cut, monkeypatch)
        take_in(round, 0, monkeypatch)
        killing.prove(round.folder)
        found = killing.state(round.folder)
        names = sorted({*found, *expected})
        differ += [(cut, at) for name in names if (at := killing.difference(name, expected.get(name), found.get(name)))]
    put(after, round.folder)
    return differ


def put(folder: Path, target: Path) -> None:
    """Have a folder as another one is."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(folder, target)


def read_once(round: Round, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read every file once: what is tried is not how they are read."""
    read, known = arrivals._read_arrival, {}

    def reading(listed: Any) -> Any:
        key = listed[0].label, listed[1]
        if key not in known:
            known[key] = read(listed)
        return known[key]

    monkeypatch.setattr(arrivals, "_read_arrival", reading)
