"""The checks find in forty invented tables what officers find, and little else: see tables/README.md."""

from __future__ import annotations

from pathlib import Path

import pytest
from rules.judge_tables import Judgement, expected, judge, page, tables

from perfxl.rules import own_severities

FINDINGS = Path(__file__).parents[2] / "docs" / "findings.md"
COMMAND = "python tests/rules/judge_tables.py"


@pytest.fixture(scope="module")
def judgement() -> Judgement:
    return judge()


def test_the_tables_are_forty_of_twenty_departments() -> None:
    found = dict(tables())
    assert len(found) == 40
    assert len({content["unit"]["code"] for content in found.values()}) >= 20
    assert found.keys() == expected().keys()


def test_every_expected_finding_names_answers_and_checks() -> None:
    known = own_severities()
    for name, several in expected().items():
        for one in several:
            assert one.at, (name, one)
            assert set(one.codes) <= known.keys(), (name, one)
            assert one.severity in ("error", "warning", "hint"), (name, one)
            assert one.say.strip(), (name, one)


def test_nothing_that_must_be_put_right_is_false(judgement: Judgement) -> None:
    right, found = judgement.precision("error")
    assert (found - right, found > 10) == (0, True)


def test_what_is_to_be_explained_is_seldom_false(judgement: Judgement) -> None:
    right, found = judgement.precision("warning")
    assert found > 40
    assert right / found >= 0.95


def test_planted_faults_are_found(judgement: Judgement) -> None:
    found, planted = judgement.recall()
    assert planted == 75
    assert found / planted >= 0.9


def test_a_sound_table_has_hardly_anything_to_explain(judgement: Judgement) -> None:
    sound = [name for name, several in expected().items() if not any(one.planted for one in several)]
    assert len(sound) >= 15
    for name in sound:
        severities = [finding.severity for finding in judgement.tables[name]]
        assert "error" not in severities, name
        assert severities.count("warning") <= 2, name


def test_the_figures_stand_in_the_page(judgement: Judgement) -> None:
    held = FINDINGS.read_text(encoding="utf-8").partition("\n# 四十张表")
    assert "".join(held[1:]).strip() == page(judgement), f"docs/findings.md is behind; write its end anew: {COMMAND}"
