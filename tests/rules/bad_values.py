"""Values that break the limits of a form's answers, derived from its definition, and values at their edges."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any, NamedTuple

from perfxl import rules
from perfxl.form.answers import put
from perfxl.form.form import Field, Form
from perfxl.form.types.base import AnswerType


class Bad(NamedTuple):
    """A value that breaks the limit ``code`` of the answer at ``path``."""

    code: str
    path: str
    value: Any


def breaking(asked: Field, path: str) -> Iterator[Bad]:
    """Yield a bad value for every limit of an answer."""
    limited = asked.type.limits()
    if asked.required:
        yield from (Bad("LM-01", path, blank) for blank in (None, "", "　"))
    if asked.type.name in ("time", "boolean") or asked.type.value_type in ("number", "percent", "date"):
        yield from (Bad("LM-02", path, text) for text in ("约十来个", "待定", "见附件"))
    if asked.type.name == "file":
        yield from (Bad("LM-02", path, text) for text in ("a:b.pdf", "https://example.org/a.pdf", "con"))
    if getattr(asked.type, "format", None):
        yield from (Bad("LM-05", path, text) for text in ("待定", "a@b", "无"))
    if asked.type.name == "time":
        yield from (Bad("LM-03", path, text) for text in ("06:59", "19:31"))
    elif isinstance(limited.minimum, str):
        for edge, beyond in ((limited.minimum, -1), (str(limited.maximum), 1)):
            yield Bad("LM-03", path, after(edge, beyond))
    elif limited.minimum is not None:
        yield from (Bad("LM-03", path, limited.minimum - 1), Bad("LM-03", path, float(limited.maximum or 0) + 1))
    if limited.decimals is not None:
        yield Bad("LM-03", path, 1 + 10 ** -(limited.decimals + 1))
    if limited.max_length is not None:
        text: Any = "长" * (limited.max_length + 1)
        if getattr(asked.type, "format", None):
            text = "a" * (limited.max_length + 1 - len("@example.org")) + "@example.org"
        yield Bad("LM-04", path, [text] if asked.type.value_type == "items" else text)
    if limited.max_items is not None:
        yield Bad("LM-04", path, ["甲项"] * (limited.max_items + 1))
    if limited.entries:
        yield from (Bad("LM-06", path, word) for word in ("乱写的", f"{limited.entries[0]}等", "123"))


def keeping(kind: AnswerType) -> Iterator[Any]:
    """Yield the values of a kind at the edges of its limits."""
    limited = kind.limits()
    if kind.name == "boolean":
        yield from (True, False)
    elif kind.name == "file":
        yield "照片（正面）.jpg"
    elif getattr(kind, "format", None):
        yield "a@example.org"
    elif limited.entries:
        yield from limited.entries
    elif limited.minimum is not None:
        whole = kind.name == "integer"
        yield from (
            int(edge) if whole and not isinstance(edge, str) else edge for edge in (limited.minimum, limited.maximum)
        )
    elif limited.max_items is not None:
        yield ["甲"] * limited.max_items
    elif limited.max_length is not None:
        text = "满" * (limited.max_length - (2 if kind.value_type == "items" else 0))  # 1. before the only item
        yield [text] if kind.value_type == "items" else text


def after(iso: str, steps: int) -> str:
    """The day, month or year so many steps after one."""
    if len(iso) == 4:
        return str(int(iso) + steps)
    if len(iso) == 7:
        months = int(iso[:4]) * 12 + int(iso[5:]) - 1 + steps
        return f"{months // 12}-{months % 12 + 1:02d}"
    return day(iso, steps)


def day(iso: str, days: int) -> str:
    return (datetime.date.fromisoformat(iso) + datetime.timedelta(days)).isoformat()


def paths(form: Form) -> Iterator[tuple[str, Field]]:
    """Yield every answer that is typed, a table's in its second row."""
    yield from ((id, asked) for id, asked in form.fields.items() if asked.open)
    for table in form.tables.values():
        rows = [1] * len(table.lists)
        typed = {id: asked for id, asked in table.columns.items() if asked.open and not asked.calculation}
        yield from ((table.address(id, *rows), asked) for id, asked in typed.items())


def put_at(record: dict[str, Any], path: str, value: Any) -> None:
    """Put a value, also where the row is the value itself (``measures[1]``)."""
    if path.endswith("]"):
        name, _, index = path.removesuffix("]").partition("[")
        record[name][int(index)] = value
    else:
        put(record, path, value)


def says(form: Form, finding: Any, code: str) -> bool:
    """Whether a finding is of this limit, or of a rule that says it better."""
    return finding.code == code or code in rules.find_rule(finding.code, form).limits
