"""docs/forms-tutorial.md: its commands print what the page says, and what it builds is the example."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from tutorial import PAGE, Command, follow

EXAMPLE = Path(__file__).parents[1] / "examples" / "forms" / "travel"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Command]]:
    folder = tmp_path_factory.mktemp("tutorial")
    return folder, list(follow(folder, PAGE.read_text(encoding="utf-8")))


def test_every_command_prints_what_the_page_says(office: tuple[Path, list[Command]]) -> None:
    _, commands = office
    assert len(commands) > 5
    assert [command.shown for command in commands] == [command.printed for command in commands]


@pytest.mark.parametrize("file", ["form.yaml", "example.yaml"])
def test_what_is_built_is_the_example(file: str, office: tuple[Path, list[Command]]) -> None:
    assert _data(office[0] / "forms" / "travel" / file) == _data(EXAMPLE / file)


def test_the_list_is_that_of_the_example(office: tuple[Path, list[Command]]) -> None:
    built = office[0] / "forms" / "travel" / "per-diems.csv"
    assert built.read_text(encoding="utf-8") == (EXAMPLE / "per-diems.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("picture", ["travel-first", "travel-blank", "travel-flagged"])
def test_the_pages_pictures_are_there(picture: str) -> None:
    assert f"pictures/{picture}.png" in PAGE.read_text(encoding="utf-8")
    assert (PAGE.parent / "pictures" / f"{picture}.png").is_file()


def _data(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))
