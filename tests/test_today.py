"""The day that ``today`` means in limits is given to every verb that checks by one option."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from form.test_inheritance import write
from rounds.test_round_commands import run

import perfxl
from perfxl.cli import main
from perfxl.cli_options import TODAY

VISIT = """\
form: visit
version: "1"
language: en
label: Visit
record: visits[]
key: number
title: "Visit {{ number }}"
fields:
  number: {type: integer, given: true, label: No}
  day: {type: date, label: Day, maximum: today}
"""
RECORDS = {"year": 2026, "unit": {"code": "1001", "name": "Mill"}, "visits": [{"number": 1, "day": "2026-06-15"}]}
COLLECT = ("round", "collect", "{file}", "--in", "{round}")
VERBS: dict[str, tuple[str, ...]] = {
    "check": ("check", "{file}"),
    "flag": ("flag", "{file}", "-o", "{out}/flagged.xlsx"),
    "correct": ("correct", "{file}", "-o", "{out}/clean.xlsx"),
    "collect": COLLECT,
}


@pytest.fixture
def places(tmp_path: Path) -> dict[str, Path]:
    write(tmp_path / "forms", {"visit": VISIT})
    file, round = tmp_path / "back.xlsx", tmp_path / "round"
    made = perfxl.generate(RECORDS, form="visit", prefill="all", phase="June", forms=[tmp_path / "forms"])
    file.write_bytes(made[0].data)
    (tmp_path / "list.csv").write_text("单位代码,单位名称,项目序号,项目名称\n1001,Mill,1,Visit 1\n", encoding="utf-8")
    forms = ("--forms", tmp_path / "forms")
    assert run("round", "new", round, "--year", 2026, "--phase", "June", "--form", "visit", *forms)[0] == 0
    assert run("round", "registry", tmp_path / "list.csv", "--in", round, *forms)[0] == 0
    return {"file": file, "round": round, "out": tmp_path}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(("today", "status"), [("2026-06-15", 0), ("2026-06-14", 1)])
def test_a_day_after_the_given_one_is_too_late(verb: str, today: str, status: int, places: dict[str, Path]) -> None:
    words = [word.format(**places) for word in VERBS[verb]]
    found, out, err = run(*words, "--today", today, "--forms", places["out"] / "forms")
    assert found == status, (out, err)


def test_it_is_one_option() -> None:
    context = click.Context(main)
    for names in (("check",), ("flag",), ("correct",), ("remarks",), ("round", "collect")):
        command: click.Command | None = main
        for name in names:
            assert isinstance(command, click.Group)
            command = command.get_command(context, name)
        assert command
        (option,) = (one for one in command.params if one.name == "today")
        (same,) = TODAY(click.Command("any", callback=lambda: None)).params
        assert option.to_info_dict() == same.to_info_dict()
