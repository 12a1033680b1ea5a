"""Records files as a registry: their records are kept, go out with their projects, and come back as they went out."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from form.test_inheritance import write
from rounds.test_round_commands import run

import perfxl
from perfxl import messages
from perfxl.errors import PerfxlError, RecordsError, RegistryError
from perfxl.form import installed
from perfxl.form.answers import flatten
from perfxl.form.base_record import lay_over, needs_base
from perfxl.form.search_path import forms_in
from perfxl.records import dump
from perfxl.rounds.desk.round_store import registry_of
from perfxl.rounds.model import RegisteredProject, RegisteredUnit, Registry
from perfxl.rounds.registry.records_files import read_records_registry, records_files
from perfxl.rounds.round import find_round
from perfxl.rounds.store.opening import open_store

pytestmark = pytest.mark.store("sqlite", "postgresql")
AUDIT = """\
form: audit
version: "1"
language: en
label: Audit
record: audits[]
key: number
title: "Audit {{ number }}"
fields:
  number: {type: integer, given: true, label: No}
  code: {type: code, given: true, label: Code}
  name: {type: text, given: true, label: Name}
  spent: {type: money, unit: EUR, given: true, label: Spent}
  note: {type: text, label: Note}
tables:
  works:
    label: Works
    rows: {min: 2, spare: 2, max: 9}
    columns:
      what: {type: text, label: What, given: true}
      points: {type: integer, label: Points, given: true}
      done: {type: integer, label: Done}
"""
WORKS = [{"what": "ditch", "points": 0}, {"what": "bridge", "points": 5}]
MILL: dict[str, Any] = {
    "year": 2026,
    "unit": {"code": "1001", "name": "Mill"},
    "audits": [
        {"number": 1, "name": "Roads", "spent": 2.5, "note": "typed before", "works": WORKS},
        {"number": 3, "name": "Wells", "works": [{"what": "well", "points": 9}]},
    ],
}
MARSH: dict[str, Any] = {
    "year": 2026,
    "unit": {"code": "1002", "name": "Marsh"},
    "audits": [{"number": 1, "name": "Dykes", "works": WORKS[:1]}],
}


@pytest.fixture(autouse=True)
def known(tmp_path: Path) -> Iterator[None]:
    write(tmp_path / "forms", {"audit": AUDIT})
    with installed.use_search_path(installed.search_path().extended(forms_in(tmp_path / "forms"))):
        yield


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "round"
    assert run("round", "new", made, "--year", 2026, "--phase", "July", "--form", "audit")[0] == 0
    return made


def file(path: Path, records: Mapping[str, Any], **unit: Any) -> Path:
    path.parent.mkdir(exist_ok=True)
    dump({**records, "unit": {**records["unit"], **unit}}, path)
    return path


def take(folder: Path, source: Path, *words: object) -> dict[str, Any]:
    status, out, err = run("round", "registry", source, "--json", *words, "--in", folder)
    assert status == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def issue(folder: Path, *words: object) -> dict[str, Any]:
    status, out, err = run("round", "issue", "--json", *words, "--in", folder)
    assert status == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def sent(folder: Path, nth: int = -1) -> dict[str, Any]:
    workbook = sorted(folder.rglob("1001*.xlsx"), key=lambda path: len(path.name))[nth]
    return perfxl.read(workbook).records()


def works(record: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    return [(row["what"], row["points"], row["done"]) for row in record["works"]]


def test_records_go_out_with_their_projects(folder: Path, tmp_path: Path) -> None:
    file(tmp_path / "records" / "mill.yaml", MILL)
    (tmp_path / "records" / "marsh.json").write_text(json.dumps(MARSH), encoding="utf-8")
    found = take(folder, tmp_path / "records")
    assert (found["units"], found["projects"], len(found["changes"])) == (2, 3, 5)
    assert take(folder, tmp_path / "records")["changes"] == []
    issued = issue(folder)
    assert (len(issued["workbooks"]), issued["unbased"]) == (2, [])
    first, second = sent(folder)["audits"]
    assert (first["name"], first["spent"], first["note"]) == ("Roads", 2.5, None), "only what is given"
    assert works(first) == [("ditch", 0, None), ("bridge", 5, None)]
    assert works(second) == [("well", 9, None)]
    assert run("round", "verify", "--in", folder)[0] == 0


def test_changed_records_go_out_anew_with_what_was_filled_in(folder: Path, tmp_path: Path) -> None:
    take(folder, file(tmp_path / "mill.yaml", MILL))
    issue(folder)
    back = sent(folder)
    first = back["audits"][0]
    first["note"], first["works"][1]["done"] = "seen", 7
    first["works"].append({"what": None, "points": None, "done": 3})
    book = perfxl.generate(back, form="audit", prefill="all", phase="July")[0]
    (folder / "收表箱" / "back.xlsx").write_bytes(book.data)
    assert run("round", "collect", "--in", folder)[0] == 0
    later = copy.deepcopy(MILL)
    later["audits"][0]["works"] = [{"what": "wall", "points": 1}, {"what": "bridge", "points": 5}]
    changes = take(folder, file(tmp_path / "later.yaml", later))["changes"]
    assert [(one["path"], one["before"], one["after"]) for one in changes] == [
        ("works[0].what", "ditch", "wall"),
        ("works[0].points", 0, 1),
    ]
    (change,) = issue(folder, "--changed")["changes"]
    assert (change["others"], change["reported"], change["anew"]) == (1, 2, True)
    again = sent(folder)["audits"][0]
    assert works(again) == [("wall", 1, None), ("bridge", 5, 7), (None, None, 3)]
    assert again["note"] == "seen"


def test_what_the_files_do_not_name_stays(folder: Path, tmp_path: Path) -> None:
    listed = tmp_path / "list.csv"
    listed.write_text(
        "单位代码,单位名称,联系人,项目序号,项目名称,公开属性\n"
        "1001,Mill,Ann,1,Roads,公开\n1001,Mill,Ann,3,Wells,涉密\n1003,Moor,Eve,1,Paths,公开\n",
        encoding="utf-8",
    )
    take(folder, listed)
    issued = issue(folder)
    assert issued["workbooks"] == []
    assert [(one["unit"], one["number"]) for one in issued["unbased"]] == [("1001", 1), ("1003", 1)]
    changes = take(folder, file(tmp_path / "mill.yaml", MILL))["changes"]
    assert [(one["kind"], one["path"]) for one in changes] == [("changed", "spent"), ("changed", "record")]
    asked = registry_of(find_round(folder))
    assert asked.unit("1001") == RegisteredUnit("1001", "Mill", contact="Ann")
    assert [(one.unit, one.number, one.disclosure) for one in asked.projects] == [
        ("1001", 1, "open"), ("1001", 3, "secret"), ("1003", 1, "open"),
    ]  # fmt: skip
    with open_store(find_round(folder).store, write=False) as store:
        assert store.based() == {("1001", "audit", 1)}, "of a secret project nothing is kept"
    assert [one["unit"] for one in issue(folder)["unbased"]] == ["1003"]


def wrong(at: str, **change: Any) -> dict[str, Any]:
    records = copy.deepcopy(MILL)
    records["audits"][1] |= change
    return {at: records}


KNOWN = [RegisteredProject("1001", "audit", 1, "", "Roads"), RegisteredProject("1001", "audit", 2, "X2", "Old road")]
MISTAKES: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "a number twice": (wrong("a.yaml", number=1), ("project_twice",)),
    "no number": (wrong("a.yaml", number=None), ("number_missing",)),
    "the number of a project that is no more": (wrong("a.yaml", number=2, code="X9"), ("number_taken",)),
    "another number than it had": (wrong("a.yaml", number=4, name="Old road"), ("number_differs",)),
    "a unit in two files": ({"a.yaml": MILL, "b.yaml": MILL}, ("unit_twice",)),
    "no unit": ({"a.yaml": {**MILL, "unit": {}}}, ("missing_key",)),
    "records of another form": ({"a.yaml": {"year": 2026, "unit": MILL["unit"], "projects": [{}]}}, ("nothing_for_form",)),
    "a key that the form has not": (wrong("a.yaml", colour="red"), ("unknown_key",)),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_its_line(name: str, tmp_path: Path) -> None:
    records, kinds = MISTAKES[name]
    for at, one in records.items():
        dump(one, tmp_path / at)
    files = tuple(tmp_path / at for at in records)
    with pytest.raises((RecordsError, RegistryError)) as caught:
        read_records_registry(files, installed.load("audit"), known=KNOWN)
    found: list[PerfxlError] = [*caught.value.facts.get("mistakes", (caught.value,))]
    assert tuple(one.facts["what"] for one in found) == kinds
    for one in found:
        if "row" in one.facts:
            line = (tmp_path / "a.yaml").read_text(encoding="utf-8").splitlines()[one.facts["row"] - 1]
            assert line.startswith("- number:"), "the record begins there"
    for lang in messages.languages():
        assert "{" not in messages.sentence(caught.value, lang)


@pytest.mark.parametrize(
    ("text", "is_records"),
    [
        ("year: 2026\nunit: {code: '1'}\naudits: []\n", True),
        ("# from the county\nunit:\n  code: '1'\n", True),
        ("money: 元\nunits:\n- {code: '1', name: Mill, projects: [{name: Roads, year: 2026}]}\n", False),
        ("", False),
    ],
)
def test_a_records_file_is_told_from_a_list(text: str, is_records: bool, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    assert bool(records_files(tmp_path / "a.yaml")) is is_records


def test_a_unit_without_a_code_and_records_without_names(tmp_path: Path) -> None:
    records = {"year": 2026, "unit": {"name": "Mill"}, "audits": [{"number": 7}]}
    found = read_records_registry((file(tmp_path / "a.yaml", records),), installed.load("audit"))
    assert found == Registry((RegisteredUnit("Mill", "Mill"),), (RegisteredProject("Mill", "audit", 7, "", "Audit 7"),))


@pytest.mark.parametrize("seed", range(40))
def test_given_rows_are_those_of_the_base_and_answers_stay_in_their_rows(seed: int) -> None:
    """Laws of invented tables: what is given is the base's, an answer stays beside what it was given for."""
    form, invent = installed.load("audit"), random.Random(seed)
    names = [f"w{at}" for at in range(6)]
    base = {"name": "b", "works": [{"what": name, "points": invent.randrange(3)} for name in invent.sample(names, 4)]}
    rows = [dict(row, done=at) for at, row in enumerate(base["works"])]
    own = [{"what": None, "points": None, "done": 100 + at} for at in range(invent.randrange(3))]
    answered = {"name": "a", "note": "n", "works": invent.sample(rows, invent.randrange(5)) + own}
    made = lay_over(form, base, answered)
    given = [(row.get("what"), row.get("points")) for row in made["works"]]
    assert given == [(row["what"], row["points"]) for row in base["works"]] + [(None, None)] * len(own)
    assert (made["name"], made["note"]) == ("b", "n")
    kept = {(row["what"], row["done"]) for row in answered["works"]}
    assert {(row.get("what"), row["done"]) for row in made["works"] if "done" in row} == kept
    assert flatten(form, lay_over(form, base, made)) == flatten(form, made)


def test_the_forms_that_come_with_perfxl_need_no_base() -> None:
    assert not any(
        needs_base(installed.load(name)) for name in ("project-target", "department-goals", "central-target")
    )
