"""The board of a round as one HTML page that needs nothing else: no network, and scripts for its filters alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from perfxl import messages
from perfxl.report.board_table import KINDS, group_words, make_table, plain_text, two_lines
from perfxl.report.html_page import html_page
from perfxl.rounds.board import FILTERS, Board, Tally
from perfxl.rounds.states import GROUPS

_FILLS: Mapping[str, tuple[str, str]] = {
    "missing": ("#FFFFFF", "#1F2328"),
    "returned": ("url(#hatch)", "#1F2328"),
    "question": ("#E3E5E7", "#1F2328"),
    "review": ("#C9CDD1", "#1F2328"),
    "ready": ("#A6ABB1", "#1F2328"),
    "approved": ("#1F2328", "#FFFFFF"),
}
"""The fill and the ink of each state in the bar."""

_WIDE, _GAP, _LEAST_GROUP, _LEAST = 1330, 6, 180, 104
"""The width of the bar, between its groups, of its narrowest group and part, such that their words fit."""

_FIRST_OF_GROUP = ("projects", "question", "amount", "errors", "draft", "last")
"""The columns before which a line is drawn."""


@dataclass(frozen=True)
class Segment:
    """A part of the bar: where it begins, how wide it is, its words and colours."""

    x: float
    width: float
    words: str
    fill: str = ""
    ink: str = ""


def board_page(board: Board, lang: str) -> str:
    """Return the board as an HTML page."""
    made = make_table(board, lang)
    table = replace(made, headings={key: words for key, words in made.headings.items() if key != "note"})
    headings, segments = _bar(board.total, lang)
    lines = [key for key in _FIRST_OF_GROUP if key in table.headings]
    if "draft" in lines and "last" in lines:
        lines.remove("last")
    return html_page(
        "board_page.html",
        lang,
        table=table,
        kinds=KINDS,
        lines=lines,
        groups=headings,
        segments=segments,
        wide=_WIDE,
        chips=list(_chips(board, lang)),
        shown=plain_text,
        split=two_lines,
        words={key: messages.say(f"rounds.board.{key}", {}, lang) for key in ("find", "none", "footer", "wan")},
    )


def _chips(board: Board, lang: str) -> Iterator[tuple[str, str, int]]:
    """Yield the filters that hold for any unit: the key, the words, the number of units."""
    yield "", messages.say("rounds.board.only.all", {}, lang), len(board.units)
    for key, holds in FILTERS.items():
        if count := sum(map(holds, board.units)):
            yield key, messages.say(f"rounds.board.only.{key}", {}, lang), count


def _bar(total: Tally, lang: str) -> tuple[list[Segment], list[Segment]]:
    """Return the groups and the segments of the bar: as wide as their projects are many, but none too narrow."""
    shown = {group: [state for state in states if total.counts.get(state)] for group, states in GROUPS.items()}
    least = {group: max(_LEAST_GROUP, _LEAST * len(states)) for group, states in shown.items()}
    left = _WIDE - _GAP * (len(GROUPS) - 1) - sum(least.values())
    heads, segments, start = [], [], 0.0
    for group, words in group_words(total, lang).items():
        count = sum(total.counts[state] for state in shown[group])
        width = least[group] + left * count / max(total.projects, 1)
        heads.append(Segment(round(start, 1), round(width, 1), words))
        x, inner = start, width - _LEAST * len(shown[group])
        for state in shown[group]:
            own = _LEAST + inner * total.counts[state] / count
            said = f"{messages.say(f'rounds.state.{state}', {}, lang)} {total.counts[state]}"
            segments.append(Segment(round(x, 1), round(own, 1), said, *_FILLS[state]))
            x += own
        start += width + _GAP
    return heads, segments
