"""The page on rounds names what there is: every command, folder, verdict, question and state, by the program's words."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from perfxl import messages
from perfxl.cli_round import round_group
from perfxl.rounds.collect import VERDICTS
from perfxl.rounds.desk.exporting import FORMATS
from perfxl.rounds.export.project import ExportedProject
from perfxl.rounds.merging import QuestionKind
from perfxl.rounds.registry.words import registry_words
from perfxl.rounds.round import FOLDERS
from perfxl.rounds.states import STATES

PAGE = (Path(__file__).parents[2] / "docs" / "rounds.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    return PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("The folder", [f"`{name}`" for folders in FOLDERS.values() for name in folders.values()]),
        (
            "The registry",
            [headings[0] for headings in registry_words().headings.values()],
        ),
        ("Export", [f"`{name}`" for name in (*FORMATS, *ExportedProject.__dataclass_fields__, *STATES)]),
    ],
)
def test_a_section_names_all(heading: str, words: list[str]) -> None:
    assert [word for word in words if word not in section(heading)] == []


def test_every_command_is_named() -> None:
    assert [name for name in round_group.commands if f"round {name}" not in PAGE] == []


@pytest.mark.parametrize(("heading", "group", "keys"), [("Collect", "verdict", VERDICTS), ("States", "state", STATES)])
def test_a_table_has_a_row_for_each_in_both_languages(heading: str, group: str, keys: tuple[str, ...]) -> None:
    for key in keys:
        chinese, english = (messages.say(f"rounds.{group}.{key}", {}, lang) for lang in ("zh-CN", "en"))
        assert f"| {chinese} | {english} |" in section(heading)


def test_every_question_has_a_row() -> None:
    rows = [line for line in section("Questions").splitlines() if line.startswith("| ")][1:]
    assert len(rows) == len(get_args(QuestionKind))
