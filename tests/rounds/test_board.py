"""The board adds up: every project is counted once in its unit and in all units above."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import reduce
from typing import Any

import pytest

from perfxl.rounds.board import FILTERS, Board, BoardLine, BoardSource, Standing, Tally, UnitNews, make_board
from perfxl.rounds.deadline import days_left, has_passed, read_deadline
from perfxl.rounds.model import ProjectKey, RegisteredProject, RegisteredUnit, Registry
from perfxl.rounds.states import STATES, ProjectFacts, ProjectState, project_state, punctuality, unit_state

NOW, DEADLINE = "2024-03-12T10:26:00", "2024-03-15"


def source(
    units: Sequence[RegisteredUnit], projects: Sequence[RegisteredProject], standings: dict[ProjectKey, Standing],
    **other: Any,
) -> BoardSource:  # fmt: skip
    return BoardSource(
        "2024年一上", Registry(tuple(units), tuple(projects)), standings, deadline=DEADLINE, now=NOW, **other
    )


def project(unit: str, number: int = 1, **other: Any) -> RegisteredProject:
    return RegisteredProject(unit, "project-target", number, "", f"项目{number}", **other)


def county(rng: random.Random) -> BoardSource:
    """Units in any tree, circles and lost parents among them, with projects in any state."""
    codes = [f"{907000 + at}" for at in range(rng.randint(1, 40))]
    units = [
        RegisteredUnit(
            code, f"单位{code}", rng.choice(["", "无", *codes[: at or 1], *codes[-1:]]),
            control=rng.choice([None, 10.5, 20.0]), deadline=rng.choice(["", "2024-03-10 09:00"]),
        )
        for at, code in enumerate(codes)
    ]  # fmt: skip
    projects = [
        project(unit.code, number, disclosure=rng.choice(["open", "open", "open", "secret"]))
        for unit in units
        for number in range(1, rng.randint(1, 5))
    ]
    standings = {
        one.key: Standing(
            state=rng.choice(STATES), first=f"2024-03-{rng.randint(8, 20):02d}T08:00:00", draft=rng.randint(1, 3),
            errors=rng.randint(0, 3), warnings=rng.randint(0, 3), asked=rng.random() < 0.2, unsent=rng.random() < 0.2,
        )
        for one in projects
        if rng.random() < 0.8
    }  # fmt: skip
    rng.shuffle(units)
    amounts = {one.key: Decimal(rng.randint(0, 1000)) / 100 for one in projects}
    news = {code: UnitNews({"blank": 1}, "2024-03-11T08:00:00", 2) for code in codes if rng.random() < 0.1}
    return source(units, projects, standings, amounts=amounts, news=news)


def added(lines: Sequence[BoardLine], depth: int) -> Tally:
    return reduce(Tally.__add__, (line.tally for line in lines if line.depth == depth), Tally())


def below(board: Board, at: int) -> list[BoardLine]:
    """The lines below a group."""
    lower = []
    for line in board.lines[at + 1 :]:
        if line.depth <= board.lines[at].depth:
            break
        lower.append(line)
    return lower


def without_control(tally: Tally) -> Tally:
    return replace(tally, control=None)


@pytest.mark.parametrize("seed", range(60))
def test_every_sum_is_that_of_what_is_below(seed: int) -> None:
    made = county(random.Random(seed))
    board = make_board(made)
    shown, below_others = {line.unit.code for line in board.lines}, {unit.parent for unit in made.registry.units}
    asked = {one.unit for one in made.registry.projects}
    assert {unit.code for unit in made.registry.units if unit.code in asked or unit.code not in below_others} <= shown
    own = Counter(line.unit.code for line in board.units)
    assert max(own.values()) == 1, "no unit counts twice"
    for at, line in enumerate(board.lines):
        if line.level == "group":
            summed = added(below(board, at), line.depth + 1)
            assert without_control(line.tally) == without_control(summed)
        assert line.tally.projects == sum(line.tally.counts.values())
    assert without_control(board.total) == without_control(reduce(Tally.__add__, (one.tally for one in board.units)))


@pytest.mark.parametrize("seed", range(60))
def test_the_whole_is_what_the_registry_asks(seed: int) -> None:
    made = county(random.Random(seed))
    total = make_board(made).total
    asked = [one for one in made.registry.projects if one.disclosure != "secret"]
    states = Counter(made.standings.get(one.key, Standing()).state for one in asked)
    assert {state: count for state, count in total.counts.items() if count} == dict(states)
    assert total.amount == sum(made.amounts.values(), Decimal(0)), "of secret projects the amounts count"
    assert total.troubles.get("secret", 0) == len(made.registry.projects) - len(asked)
    assert total.errors == sum(made.standings[one.key].errors for one in asked if one.key in made.standings)
    assert total.submitted == sum(states.values()) - states["missing"]


@pytest.mark.parametrize("only", FILTERS)
def test_a_filter_shows_its_units_and_sums_them(only: str) -> None:
    for seed in range(20):
        made = county(random.Random(seed))
        whole, part = make_board(made), make_board(made, only)
        wanted = {line.unit.code: line.tally for line in whole.units if FILTERS[only](line)}
        assert {line.unit.code: line.tally for line in part.units} == wanted
        assert part.total.projects == sum(tally.projects for tally in wanted.values())


def test_a_part_of_the_tree() -> None:
    for seed in range(20):
        made = county(random.Random(seed))
        whole = make_board(made)
        for at, line in enumerate(whole.lines):
            if line.level == "group" and line.depth == 0:
                part = make_board(made, below=line.unit.code)
                assert part.total == line.tally
                assert part.lines == (line, *below(whole, at))


def test_units_stand_below_the_one_above_them() -> None:
    units = (RegisteredUnit("2", "所", "1"), RegisteredUnit("1", "局"), RegisteredUnit("3", "镇"))
    projects = (project("2"), project("3"))
    board = make_board(source(units, projects, {projects[0].key: Standing("review", "2024-03-16T09:00:00")}))
    assert [(one.level, one.unit.code, one.depth, one.tally.projects, one.state, one.punctuality) for one in board.lines] == [
        ("group", "1", 0, 1, None, None), ("unit", "2", 1, 1, "review", "late"), ("unit", "3", 0, 1, "missing", None),
    ]  # fmt: skip


def test_a_circle_of_units_loses_none() -> None:
    units = (RegisteredUnit("1", "甲", "2"), RegisteredUnit("2", "乙", "1"), RegisteredUnit("3", "丙", "3"))
    projects = [project(unit.code) for unit in units]
    board = make_board(source(units, projects, {}))
    assert [(line.level, line.unit.code) for line in board.lines] == [
        ("unit", "3"), ("group", "1"), ("unit", "1"), ("unit", "2"),
    ]  # fmt: skip
    assert board.total.projects == 3


CONTROLS = [
    # of the department, of its two units with 10.00 each; the department's control total and difference
    ((None, 10.0, 9.5), (Decimal("19.5"), Decimal("0.5"))),
    ((None, 10.0, None), (None, None)),
    ((25.0, None, None), (Decimal("25.0"), Decimal("-5.0"))),
    ((25.0, 10.0, 9.5), (Decimal("25.0"), Decimal("-5.0"))),
]


@pytest.mark.parametrize(("given", "shown"), CONTROLS)
def test_a_difference_is_shown_where_every_control_total_is_known(given: Any, shown: Any) -> None:
    units = [
        RegisteredUnit(code, code, "" if code == "1" else "1", control=control)
        for code, control in zip("123", given, strict=True)
    ]
    projects = [project("2"), project("3")]
    board = make_board(source(units, projects, {}, amounts={one.key: Decimal(10) for one in projects}))
    assert (board.total.control, board.total.difference) == shown
    assert make_board(source(units, projects, {}), "missing").total.control != 25, "stated for all, not for a part"


def test_a_question_about_a_project_that_was_never_asked_is_on_the_board() -> None:
    units = [RegisteredUnit("1", "镇")]
    board = make_board(source(units, [project("1")], {("1", "project-target", 9): Standing("question", asked=True)}))
    assert board.total.troubles["question"] == 1
    assert [
        line.unit.code
        for line in make_board(source(units, [], {("1", "x", 9): Standing(asked=True)}), "question").units
    ] == ["1"]


def test_what_passed_and_came_again_is_marked() -> None:
    made = source(
        [RegisteredUnit("1", "镇")], [project("1")], {project("1").key: Standing("approved", NOW, asked=True)}
    )
    (line,) = make_board(made).lines
    assert (line.state, line.tally.troubles["approved_again"], line.tally.troubles.get("question", 0)) == (
        "approved",
        1,
        0,
    )


# States ----------------------------------------------------------------------------------------------------------------

FACTS: list[tuple[dict[str, Any], ProjectState]] = [
    ({}, "missing"),
    ({"questions": 1}, "question"),
    ({"drafts": 1}, "ready"),
    ({"drafts": 1, "todo": 2}, "review"),
    ({"drafts": 1, "todo": 2, "sent_back": True}, "returned"),
    ({"drafts": 1, "sent_back": True}, "ready"),  # all that was found was accepted since
    ({"drafts": 1, "sent_back": True, "named": True}, "returned"),  # clean, but a person named it
    ({"drafts": 1, "named": True}, "ready"),  # named, not yet returned
    ({"drafts": 2, "todo": 1, "sent_back": True, "questions": 1}, "question"),
    ({"drafts": 2, "questions": 1, "approved": True}, "approved"),
]


@pytest.mark.parametrize(("facts", "state"), FACTS)
def test_the_state_of_a_project(facts: dict[str, Any], state: ProjectState) -> None:
    assert project_state(ProjectFacts(**facts)) == state


@pytest.mark.parametrize(
    ("states", "unit"),
    [
        (["missing", "missing"], "missing"),
        (["missing", "approved"], "partial"),
        (["approved", "question", "returned"], "returned"),
        (["approved", "review", "question"], "question"),
        (["approved", "ready"], "ready"),
        (["approved"], "approved"),
    ],
)
def test_the_state_of_a_unit(states: list[ProjectState], unit: str) -> None:
    assert unit_state(states) == unit


IN_TIME, TOO_LATE = "2024-03-15T17:00:59", "2024-03-15T17:01:00"


@pytest.mark.parametrize(
    ("first", "deadline", "now", "kept"),
    [
        ([IN_TIME], "2024-03-15 17:00", TOO_LATE, "on_time"),  # the minute itself is in time
        ([IN_TIME, TOO_LATE], "2024-03-15 17:00", TOO_LATE, "late"),
        ([IN_TIME, TOO_LATE], "2024-03-15", TOO_LATE, "on_time"),  # a day is in time to its end
        (["2024-03-16T00:00:00"], "2024-03-15", NOW, "late"),
        ([IN_TIME, None], "2024-03-15", "2024-03-15T23:59:59", None),
        ([IN_TIME, None], "2024-03-15", "2024-03-16T00:00:00", "overdue"),
        ([None], "2024-03-15 17:00", TOO_LATE, "overdue"),
        ([TOO_LATE], "", NOW, None),
        ([], "2024-03-15", "2024-04-01", None),
    ],
)
def test_a_unit_keeps_its_deadline_or_not(first: list[str | None], deadline: str, now: str, kept: str | None) -> None:
    assert punctuality(first, deadline, now) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("2024-03-15", "2024-03-15"), ("2024-03-15 17:00", "2024-03-15 17:00"), ("2024-03-15T17:00", "2024-03-15 17:00"),
        ("2024-03-15 17:00:00", "2024-03-15 17:00"), ("2024-02-30", None), ("2024-03-15 25:00", None), ("明天", None),
        ("2024-03-15 17:00:30", None), ("2024-03-15T17:00+08:00", None), ("", None),
    ],
)  # fmt: skip
def test_a_deadline_is_a_day_or_a_minute(text: str, kept: str | None) -> None:
    if kept is None:
        with pytest.raises(ValueError, match=r"(?i)iso|2024|day|hour|month"):
            read_deadline(text)
    else:
        assert read_deadline(text) == kept
        assert not has_passed(kept, f"{kept[:10]}T00:00:00")
        assert (days_left(kept, "2024-03-12T23:00:00"), days_left(kept, "2024-03-16T01:00:00")) == (3, -1)
