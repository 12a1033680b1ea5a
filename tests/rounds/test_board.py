"""The board adds up: every project is counted once in its unit and in all units above."""

from __future__ import annotations

import random

from perfxl.rounds.board import Standing, make_board, total
from perfxl.rounds.model import ProjectKey, RegisteredProject, RegisteredUnit, Registry
from perfxl.rounds.states import STATES


def county(rng: random.Random) -> tuple[Registry, dict[ProjectKey, Standing]]:
    codes = [f"{907000 + at}" for at in range(rng.randint(1, 40))]
    units = [
        RegisteredUnit(code, f"单位{code}", rng.choice(["", "无", *codes[: at or 1]])) for at, code in enumerate(codes)
    ]
    projects = [
        RegisteredProject(unit.code, "project-target", number, "", f"项目{number}")
        for unit in units
        for number in range(1, rng.randint(1, 5))
    ]
    standings = {
        project.key: Standing(rng.choice(STATES), "2024-03-01T08:00:00") for project in projects if rng.random() < 0.8
    }
    rng.shuffle(units)
    return Registry(tuple(units), tuple(projects)), standings


def test_the_sums_are_those_of_the_projects() -> None:
    for seed in range(200):
        registry, standings = county(random.Random(seed))
        board = make_board(registry, standings, "2024-03-15")
        assert sorted(line.code for line in board) == sorted(unit.code for unit in registry.units)
        states = [standings.get(project.key, Standing()).state for project in registry.projects]
        assert total(board) == {state: states.count(state) for state in STATES}
        for line in board:
            assert line.projects == sum(line.counts.values())


def test_units_stand_below_the_one_above_them() -> None:
    units = (RegisteredUnit("2", "所", "1"), RegisteredUnit("1", "局"), RegisteredUnit("3", "镇"))
    projects = (
        RegisteredProject("2", "project-target", 1, "", "甲"),
        RegisteredProject("3", "project-target", 1, "", "乙"),
    )
    standings = {projects[0].key: Standing("review", "2024-03-16T09:00:00")}
    board = make_board(Registry(units, projects), standings, "2024-03-15")
    assert [(line.code, line.depth, line.projects, line.state, line.late) for line in board] == [
        ("1", 0, 1, None, False), ("2", 1, 1, "review", True), ("3", 0, 1, "missing", False),
    ]  # fmt: skip


def test_a_circle_of_units_loses_none() -> None:
    units = (RegisteredUnit("1", "甲", "2"), RegisteredUnit("2", "乙", "1"), RegisteredUnit("3", "丙", "3"))
    board = make_board(Registry(units, ()), {}, "")
    assert [line.code for line in board] == ["3", "1", "2"]
