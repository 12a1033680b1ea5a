"""The shape of what a stage is made of: approved projects, and what was reported in July.

What stands in them besides is the approved form's, and no concern of the stage.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from perfxl.budget.stages.decisions import FUNDS
from perfxl.errors import RecordsError
from perfxl.records import check_shape

_TEXT = {"type": ["string", "null"]}
_NUMBER = {"type": ["number", "null"]}
_COLUMNS = ("level1", "level2", "level3", "description", "target", "actual")
_RECORD: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "number": {"type": ["integer", "null"]},
        "code": _TEXT,
        "name": _TEXT,
        "budget": {"type": ["object", "null"], "properties": dict.fromkeys(FUNDS, _NUMBER)},
        "indicators": {
            "type": ["array", "null"],
            "items": {"type": "object", "properties": dict.fromkeys(_COLUMNS, _TEXT)},
        },
    },
}


def misshapen(records: Mapping[str, Any], *roots: str, file: str = "") -> Iterator[RecordsError]:
    """Yield what is wrong with the shape of the records that stand under these tops of a file."""
    for root in roots:
        yield from check_shape(records.get(root), {"type": ["array", "null"], "items": _RECORD}, root, file=file)
