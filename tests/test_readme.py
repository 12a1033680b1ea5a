"""The chapters of README.md that tell a job from one command to the next, each command as it stands there."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from perfxl.cli import main

ROOT = Path(__file__).parents[1]


def commands(page: str, heading: str) -> list[list[str]]:
    """The commands of the first block below a heading, each without its comment."""
    text = (ROOT / page).read_text(encoding="utf-8")
    block = text.partition(f"## {heading}\n")[2].partition("```sh")[2].partition("```")[0]
    return [line.partition("  #")[0].split()[1:] for line in block.splitlines() if line.startswith("perfxl ")]


@pytest.mark.parametrize(
    "heading",
    ["July and December", pytest.param("The document out, and in", marks=pytest.mark.office)],
)
def test_the_commands_of_a_chapter(heading: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = commands("README.md", heading)
    assert len(found) > 4
    monkeypatch.chdir(tmp_path)
    for words in found:
        places = [str(ROOT / word) if word.startswith("examples/") else word for word in words]
        result = CliRunner().invoke(main, places)
        assert result.exit_code in (0, 1), (words, result.output)
        assert result.exit_code == 0 or words[0] in ("check", "flag")


@pytest.mark.parametrize(
    ("heading", "chinese"),
    [("July and December", "年中和年底"), ("The document out, and in", "公开的文本，和上年的文本")],
)
def test_the_commands_of_both_languages_are_the_same(heading: str, chinese: str) -> None:
    assert commands("README.md", heading) == commands("README.zh-CN.md", chinese)
