"""The labels of the published table, and the texts that stand above it."""

from __future__ import annotations

import re

from perfxl.budget.documents.content import DocumentRow, compact

UNIT = re.compile(r"^(?:(?:预算)?(?:单位|部门)(?:名称)?\s*[：:]\s*)?(\d{6})\s*[-—]?\s*(\D.*)$")
MONEY_UNIT = re.compile(r"(?:金额)?单位:(?:人民币)?(万元|元)$")
MONTH = re.compile(r"^(\d{1,2})月底(?:前)?(?:\(%\))?$")
MONTHS = {3: "march", 6: "june", 10: "october", 12: "december"}
HEAD_LABELS = {
    "项目编码": "code", "项目代码": "code", "项目名称": "name", "预算规模及资金用途": "scope", "预算数": "total",
    "其中:财政资金": "fiscal", "财政资金": "fiscal", "其他资金": "other", "其它资金": "other",
    "资金支出计划(%)": "plan", "资金支出计划": "plan",
    "绩效目标": "goals", "预算数(万元)": "total", "资金用途": "purpose",
}  # fmt: skip
"""The labels of the head, as ``compact`` gives them; scope and plan are followed by further labels."""

COLUMNS = {
    "一级指标": "level1", "二级指标": "level2", "三级指标": "level3", "绩效指标描述": "description",
    "指标描述": "description", "指标值": "target", "绩效指标值": "target", "指标值确定依据": "basis",
    "绩效指标值确定依据": "basis", "确定依据": "basis",
}  # fmt: skip
_LEAST_COLUMNS = 3


def heading_of(row: DocumentRow) -> list[str | None] | None:
    """Return the keys of an indicator table's columns if the row is its heading, else None.

    A label that stands twice is that of the first column; the other has no key.
    """
    keys = [COLUMNS.get(compact(cell.text)) for cell in row.cells]
    keys = [None if key in keys[:at] else key for at, key in enumerate(keys)]
    return keys if sum(key is not None for key in keys) >= _LEAST_COLUMNS else None
