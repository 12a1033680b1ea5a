"""Invented records of the forms in this folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from perfxl.form.search_path import SearchPath, forms_in

FORMS = SearchPath(forms_in(Path(__file__).parent))

WORKS = [
    {
        "area": area,
        "task": f"{area}任务{at}",
        "plan": {"number": 10 + at, "money": 100.5 + at},
        "done": {"number": 5 + at, "money": 50.25 + at},
        "rate": {"number": 50.0, "money": 49.0},
        "reason": f"原因{at}",
    }
    for at, area in enumerate(["民生", "产业", "生态"], start=1)
]

RECORDS: dict[str, dict[str, Any]] = {
    "quarterly": {
        "reporter": "赵一",
        "phone": "0319-0000000",
        "filled": "2026-07-01",
        "summary": "各项工作按期推进。",
        "opinion": "附件另送。",
        "works": WORKS,
        "staff": [{"who": "钱二", "days": 11}, {"who": "孙三", "days": 12}],
    },
    "travel": {
        "number": 1,
        "traveller": "Ann Lee",
        "departed": "2026-03-02",
        "returned": "2026-03-05",
        "purpose": "Met the partners.",
        "mode": "train",
        "km": 12,
        "advance": 30,
        "legs": [
            {"country": "France", "nights": 2, "rate": 80, "allowance": 160},
            {"country": "Spain", "nights": 1, "rate": 70, "allowance": 70},
        ],
        "costs": [{"day": "2026-03-02", "what": "tram", "amount": 3.5}],
    },
    "course": {
        "number": 1,
        "title": "First aid",
        "teacher": "Bo Kim",
        "begins": "2026-02-02",
        "ends": "2026-02-06",
        "place": "school",
        "cost": 250.5,
        "passed": 90,
        "aims": "To help before help comes.",
        "remark": "Next year again.",
        "days": [
            {"day": "2026-02-02", "topic": "Burns", "kind": "lecture", "hours": 2, "present": 14},
            {"day": "2026-02-03", "topic": "Bandages", "kind": "exercise", "hours": 3, "present": 12},
        ],
        "books": [{"what": "First aid at work", "price": 19.9}],
    },
}


def records_of(name: str, root: str, many: bool) -> dict[str, Any]:
    """A records file with the record of a form."""
    record = RECORDS[name]
    return {"year": 2026, "unit": {"code": "904001", "name": "望山镇"}, root: [record] if many else record}
