"""docs/what-comes-back.md: what becomes of a form that people changed, change by change. Run in the folder tests:

python -m workbook.what_comes_back > ../docs/what-comes-back.md            # singles; the pairs stay as they were
python -m workbook.what_comes_back --pairs > ../docs/what-comes-back.md    # pairs counted anew, too
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from office.libreoffice import LibreOffice
from office.person import CHANGES, Change
from workbook.reading.survival import Verdict, survive
from workbook.reading.unique import CASES, Case, case

from perfxl import messages
from perfxl.rules import catalogue
from perfxl.rules.review import review

PAGE = Path(__file__).parents[3] / "docs" / "what-comes-back.md"
RESULTS = {
    "right": "全对",
    "said": "有缺，已说明",
    "refused": "拒收",
    "silent": "**未说明**",
    "impossible": "做不到",
}
NOT_DONE = "—"
HEAD = """\
# 改动过的表报回来会怎样

每一种改动都由测试在LibreOffice里照人的做法做一遍，保存，再读回来，逐格核对。表里每个答案都不相同，读到哪个值，就知道它原来是哪一格的。

- 全对：每格都读对，人删掉的除外。
- 有缺，已说明：有的格没读到或读到的存疑，审核意见里逐格说明，没有一格悄悄读错。
- 拒收：整个文件不收，说明原因。
- 做不到：LibreOffice不让做，或要改的内容已不在。
- “说明”一栏是审核意见中与读表有关的条目（[审核规则](rules.md)的RD组）；没有的不必说明。

本页由tests/workbook/reading/what_comes_back.py生成，每一行都由测试核对，不要手改。
"""
PAIRS_HEAD = """\
## 两种改动相继做

两两组合，先后各半。“未说明”必须是0。

| 工作簿 | 组合 | 全对 | 有缺，已说明 | 拒收 | 做不到 | 未说明 |
|---|---|---|---|---|---|---|
"""


def applies(name: str, change: Change) -> bool:
    """Whether a change makes sense on this workbook."""
    return CASES[name].form in change.forms


def row(change: Change, verdicts: Mapping[str, Verdict]) -> str:
    """A change's line of the table, of its verdicts by workbook."""
    words = [RESULTS[verdicts[name].result] if name in verdicts else NOT_DONE for name in CASES]
    first = next(iter(verdicts.values()))
    return f"| {change.chinese} | {' | '.join(words)} | {told(first)} |"


def told(verdict: Verdict) -> str:
    """What is said of the reading: the checks of the group RD that find something; why a file is refused."""
    if verdict.error is not None:
        return messages.sentence(verdict.error)
    if not verdict.submissions:
        return ""
    codes = {finding.code for _, findings in review(verdict.submissions) for finding in findings}
    return "；".join(f"{code} {catalogue.check(code).title()}" for code in sorted(codes) if code.startswith("RD"))


def lines(page: str) -> dict[str, list[str]]:
    """The lines of a page's tables, by their first cell."""
    found: dict[str, list[str]] = {}
    for line in page.splitlines():
        if line.startswith("| "):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            found[cells[0]] = cells[1:]
    return found


def pairs(changes: Sequence[Change]) -> Iterator[tuple[Change, Change]]:
    """Each pair once, a change with itself too; every second one the other way round."""
    for at, first in enumerate(changes):
        for back, second in enumerate(changes[at:]):
            yield (first, second) if back % 2 else (second, first)


def paired(name: str) -> list[Change]:
    """The changes of which pairs are made on a workbook."""
    wanted = [each for each in CHANGES.values() if each.pairs and applies(name, each)]
    return wanted if name == "project" else [each for each in wanted if each.id in ON_UNITS]


ON_UNITS = (
    *("row_in_table_typed", "row_above", "delete_row", "column_inside", "rename_sheet", "copy_sheet_edited"),
    *("delete_hidden_sheets", "drop_names", "split_head", "paste_values", "stack_whole", "foreign_sheet"),
    *("use_spare", "footer", "clear_key_column", "clear_code"),
)
"""Changes that may concern the other sheets of a unit's workbook, with a few of the others."""


def singles(survived: Callable[[str, Change], Verdict]) -> Iterator[str]:
    """The tables of single changes, a group a table."""
    for group, changes in groupby(CHANGES.values(), lambda change: change.group):
        yield f"\n## {group}\n"
        yield f"| 改动 | {' | '.join(kind.chinese for kind in CASES.values())} | 说明 |"
        yield "|---" * (len(CASES) + 2) + "|"
        for change in changes:
            yield row(change, {name: survived(name, change) for name in CASES if applies(name, change)})


def counted(name: str, results: Counter[str]) -> str:
    """A workbook's line of the table of pairs."""
    columns = ("right", "said", "refused", "impossible", "silent")
    numbers = [results.total(), *(results[each] for each in columns)]
    return f"| {CASES[name].chinese} | {' | '.join(map(str, numbers))} |"


def main(anew: bool) -> None:
    """Writes the page to standard output."""
    made: dict[str, Case] = {}
    with tempfile.TemporaryDirectory() as folder, LibreOffice(Path(folder) / "office") as office:

        def survived(name: str, *changes: Change) -> Verdict:
            if name not in made:
                made[name] = case(name, Path(folder))
            return survive(office, made[name], *changes)

        print(HEAD + "\n".join(singles(survived)))
        print(f"\n{PAIRS_HEAD}", end="")
        held = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
        for name in ("project", "unit"):
            if anew:
                print(counted(name, Counter(survived(name, *each).result for each in pairs(paired(name)))))
            else:
                found = re.search(rf"^\| {CASES[name].chinese} \| \d.*$", held, re.MULTILINE)
                print(found[0] if found else counted(name, Counter()))


if __name__ == "__main__":
    main("--pairs" in sys.argv[1:])
