"""docs/forms-tutorial.md: its commands print what the page says, and what it builds is the example.

docs/forms.md and the readmes: each of their examples is a form without a mistake, of which workbooks are made and read
back.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tutorial import BLOCK, PAGE, Command, data, example_form, follow

from perfxl.batch.prove import prove
from perfxl.errors import FormError
from perfxl.form.installed import load, search_path, use_search_path
from perfxl.form.search_path import form_at
from perfxl.rules.lint import mistakes_of

EXAMPLE = Path(__file__).parents[1] / "examples" / "forms" / "travel"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Command]]:
    """The folder at the tutorial's end, and its commands; after every step the form was without a mistake."""
    folder = tmp_path_factory.mktemp("tutorial")
    steps: list[tuple[FormError, ...]] = []

    def lint(file: Path) -> None:
        if file.name == "form.yaml":
            steps.append(mistakes_of(form_at(file)))

    commands = list(follow(folder, PAGE.read_text(encoding="utf-8"), lint))
    assert steps == [()] * 6
    return folder, commands


def test_every_command_prints_what_the_page_says(office: tuple[Path, list[Command]]) -> None:
    _, commands = office
    assert len(commands) > 5
    shown, printed = ([_SIZE.sub("N kB", one) for one in said] for said in zip(*map(both, commands), strict=True))
    assert shown == printed


_SIZE = re.compile(r"\d+ kB")  # another zlib may pack a little tighter


def both(command: Command) -> tuple[str, str]:
    """What a command printed, and what the page says that it prints."""
    return command.shown, command.printed


@pytest.mark.parametrize("file", ["form.yaml", "example.yaml"])
def test_what_is_built_is_the_example(file: str, office: tuple[Path, list[Command]]) -> None:
    built = (office[0] / "forms" / "travel" / file).read_text(encoding="utf-8")
    assert data(built) == data((EXAMPLE / file).read_text(encoding="utf-8"))


def test_the_list_is_that_of_the_example(office: tuple[Path, list[Command]]) -> None:
    built = office[0] / "forms" / "travel" / "per-diems.csv"
    assert built.read_text(encoding="utf-8") == (EXAMPLE / "per-diems.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("picture", ["travel-first", "travel-blank", "travel-flagged"])
def test_the_pages_pictures_are_there(picture: str) -> None:
    assert f"pictures/{picture}.png" in PAGE.read_text(encoding="utf-8")
    assert (PAGE.parent / "pictures" / f"{picture}.png").is_file()


ROOT = PAGE.parents[1]
EXAMPLES = [
    block
    for page in ("docs/forms.md", "README.md", "README.zh-CN.md")
    for block in BLOCK.finditer((ROOT / page).read_text(encoding="utf-8"))
    if block["language"] == "yaml" and not block["text"].startswith("pack:")
]


@pytest.mark.parametrize("block", EXAMPLES, ids=lambda block: block["text"].split(":")[0])
def test_every_example_is_a_form(block: re.Match[str], tmp_path: Path) -> None:
    place = form_at(example_form(tmp_path, block["text"]))
    assert mistakes_of(place) == ()
    with use_search_path(search_path().extended([place])):
        assert prove(load("visits"), office=False).failures == ()
