"""The line on the terminal while many files are worked on."""

from __future__ import annotations

import io
import sys
import time
from typing import get_args

import pytest

from perfxl.messages import languages
from perfxl.report.progress import Doing, progress_line, show_progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        (("collecting", 41, 65, 7.0), "正在收表　41／65个文件　每秒5.9个　约还需5秒"),
        (("issuing", 0, 300, 0.0), "正在生成　0／300个单位"),
        (("exporting", 3000, 3000, 2.0), "正在导出　3000／3000个项目　每秒1500个　约还需0秒"),
        (("reading", 50, 1000, 60.0), "正在读取　50／1000个文件　每秒0.8个　约还需19分钟"),
    ],
)
def test_words(facts: tuple[Doing, int, int, float], line: str) -> None:
    assert progress_line(*facts, "zh-CN") == line


def test_every_work_has_words_in_every_language() -> None:
    for lang in languages():
        assert len({progress_line(doing, 1, 30, 1.0, lang) for doing in get_args(Doing)}) == len(get_args(Doing))


@pytest.mark.parametrize("count", [20, 21])
def test_it_shows_on_a_terminal_while_many_are_worked_on(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    shown, clock = Terminal(), iter(range(1000))
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    with show_progress("zh-CN", "collecting") as progress:
        for done in range(1, count + 1):
            progress(done, count)
    assert ("正在收表　7／21个文件　每秒1.0个　约还需14秒" in shown.getvalue()) == (count > 20)


def test_it_says_nothing_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    monkeypatch.setattr(sys, "stderr", shown)
    with show_progress("zh-CN") as progress:
        progress(1, 100)
        progress(100, 100)
    assert shown.getvalue() == ""
