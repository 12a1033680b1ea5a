"""Tables of other layouts, told by their labels: they are named and left out, never read as the published table."""

from __future__ import annotations

from collections.abc import Iterable

from perfxl.budget.documents.content import DocumentRow, compact

LAYOUTS = ("graded", "application", "evaluation", "monitoring", "unknown")
"""The layouts that are told apart: of 2020 (优良中差), 申报表, 自评, 运行监控, and any other table."""

_LABELS = {
    "绩效指标评价标准": "graded", "评价标准确定依据": "graded", "评价标准": "graded", "职责活动": "graded",
    "主管部门及代码": "application", "实施期资金总额": "application", "年度资金总额": "application",
    "中期资金总额": "application", "实施期目标": "application", "实施期总目标": "application",
    "中期目标": "application", "年度目标": "application", "项目属性": "application", "项目期": "application",
    "自评得分": "evaluation", "得分": "evaluation", "实际完成值": "evaluation", "年度指标值": "application",
    "偏差原因分析及改进措施": "evaluation", "全年执行数": "evaluation", "年度总体目标完成情况": "evaluation",
    "全年预计完成情况": "monitoring", "1-7月执行情况": "monitoring", "1-7月执行数": "monitoring",
    "全年预计执行情况": "monitoring", "偏差原因分析": "monitoring", "完成目标可能性": "monitoring",
}  # fmt: skip
_GRADES = {"优", "良", "中", "差"}
_TITLES = {
    "申报表": "application", "绩效目标批复表": "application", "自评表": "evaluation", "自评价表": "evaluation",
    "评价表": "evaluation", "自评报告": "evaluation", "评价报告": "evaluation", "监控表": "monitoring",
    "监控情况表": "monitoring", "监控报告": "monitoring",
}  # fmt: skip
_LONGEST_TITLE = 60


def layout_of_title(text: str) -> str | None:
    """Return the layout that a title names at its end, or None."""
    words = compact(text)
    if len(words) > _LONGEST_TITLE:
        return None
    return next((layout for ending, layout in _TITLES.items() if words.endswith(ending)), None)


def layout_of(rows: Iterable[DocumentRow]) -> str | None:
    """Return the layout that the labels of a table are of, or None if none of them tells one.

    A result (得分, 自评得分) makes a self-evaluation of what otherwise looks like an application.
    """
    found: set[str] = set()
    for row in rows:
        words = {compact(cell.text) for cell in row.cells}
        found |= {_LABELS[word] for word in words & _LABELS.keys()}
        if words >= _GRADES:
            found.add("graded")
    return next((layout for layout in ("evaluation", "monitoring", "graded", "application") if layout in found), None)
