"""Part 2 of a document, cut at its projects: a title, the head table, the indicator table.

A project begins at its title, inside the table or above it, or, where it has none, at the table in which a label of
the head comes again. A table of another layout makes a section of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from perfxl.budget.documents.content import Block, DocumentLine, DocumentRow, compact, sections
from perfxl.budget.documents.labels import HEAD_LABELS, MONEY_UNIT, UNIT, heading_of
from perfxl.budget.documents.layouts import layout_of, layout_of_title

_TITLE = re.compile(r"^(?:(\d{1,4})\s*[.．、]\s*)?(\S.*?)\s*绩效目标表$")
_BARE_TITLE = re.compile(r"^(?:(\d{1,4})\s*[.．、]\s*)?(?:项目支出|项目|预算项目)?绩效目标表$")
_BEGINNINGS = ("code", "name", "total")


@dataclass(frozen=True)
class ProjectTitle:
    """The title of a project's table: its number and the project's name, None where it has none."""

    number: int | None
    name: str | None


@dataclass(frozen=True)
class ProjectSection:
    """The blocks of one project, without its title; ``layout`` names that of a table that is not read."""

    title: ProjectTitle | None
    heading: DocumentLine | None
    blocks: tuple[Block, ...]
    layout: str | None = None


def title_of(line: DocumentLine) -> ProjectTitle | None:
    """Return what the title of a project's table says: ``6.村级支出绩效目标表``; None for any other line."""
    text = line.text.strip("《》")
    if match := _BARE_TITLE.match(text):
        return ProjectTitle(int(match[1]) if match[1] else None, None)
    match = _TITLE.match(text)
    return ProjectTitle(int(match[1]) if match[1] else None, match[2].strip()) if match else None


def is_any_title(block: Block) -> bool:
    """Return True for the title of a project's table, or of a table of another layout."""
    return isinstance(block, DocumentLine) and (title_of(block) is not None or layout_of_title(block.text) is not None)


def with_titles_out(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield the blocks with each title that is a row of its table as a line of its own."""
    for block in blocks:
        if isinstance(block, DocumentRow):
            texts = {cell.text for cell in block.cells if cell.text}
            lines = [line for cell in block.cells for line in cell.lines if line.text]
            if len(texts) == 1 and is_any_title(title := replace(lines[0], text=texts.pop())):
                yield title
                continue
        yield block


def project_sections(blocks: Sequence[Block]) -> tuple[list[ProjectSection], Sequence[Block]]:
    """Return the sections of the projects, and the blocks above the first."""
    starts = _starts(blocks)
    first = starts[0] if starts else len(blocks)
    return [_section(part) for part in sections(blocks, starts)], blocks[:first]


def _starts(blocks: Sequence[Block]) -> list[int]:
    """Return the indices at which sections begin."""
    foreign = _foreign_tables(blocks)
    starts: list[int] = []
    seen: set[str] = set()
    complete, table = False, 0
    for at, block in enumerate(blocks):
        if isinstance(block, DocumentLine):
            begins = is_any_title(block)
            back = at
        else:
            keys = {HEAD_LABELS.get(compact(cell.text)) for cell in block.cells} & set(_BEGINNINGS)
            other = block.table in foreign and block.table != table and complete
            table = block.table
            begins = other or bool(keys & seen) or not starts
            back = _first_of_head(blocks, at, starts[-1] if starts else -1) if begins else at
            complete = complete or heading_of(block) is not None
        if begins and (not starts or back > starts[-1]):
            starts.append(back)
            seen, complete = set(), isinstance(block, DocumentRow) and heading_of(block) is not None
        if isinstance(block, DocumentRow):
            seen |= {key for cell in block.cells if (key := HEAD_LABELS.get(compact(cell.text))) in _BEGINNINGS}
    return starts


def _foreign_tables(blocks: Sequence[Block]) -> set[int]:
    """Return the numbers of the tables whose labels are of another layout."""
    rows: dict[int, list[DocumentRow]] = {}
    for block in blocks:
        if isinstance(block, DocumentRow):
            rows.setdefault(block.table, []).append(block)
    return {number for number, members in rows.items() if layout_of(members)}


def _first_of_head(blocks: Sequence[Block], at: int, start: int) -> int:
    """Return the index of the first of the rows and lines above a head that hold nothing but unit and unit of money."""
    while at - 1 > start and _stands_above(blocks[at - 1]):
        at -= 1
    return at


def _stands_above(block: Block) -> bool:
    """Return True for a row or line with nothing but the unit and the unit of money."""
    texts = [block.text] if isinstance(block, DocumentLine) else [cell.text for cell in block.cells if cell.text]
    return bool(texts) and all(UNIT.match(text) or MONEY_UNIT.search(compact(text)) for text in texts)


def _section(blocks: Sequence[Block]) -> ProjectSection:
    """Return the section of some blocks."""
    first = blocks[0]
    heading = first if isinstance(first, DocumentLine) and is_any_title(first) else None
    rest = tuple(blocks[1:] if heading else blocks)
    rows = [block for block in rest if isinstance(block, DocumentRow)]
    layout = layout_of(rows) or (layout_of_title(heading.text) if heading else None)
    if not layout and rows and not any(map(_is_read, rows)):
        layout = "unknown"
    return ProjectSection(title_of(heading) if heading else None, heading, rest, layout if rows else None)


def _is_read(row: DocumentRow) -> bool:
    """Return True for a row with a label of the head, or the heading of an indicator table."""
    return heading_of(row) is not None or any(HEAD_LABELS.get(compact(cell.text)) for cell in row.cells)
