"""IN-01: the headings of a table are the form's, in its order: values under another heading are other values."""

from collections.abc import Iterator

from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject
from perfxl.rules.words import squeeze


def check(subject: Subject) -> Iterator[Hit]:
    if subject.seen is None:
        return
    order = {table.path(id): asked for table in subject.form.tables.values() for id, asked in table.columns.items()}
    found = {path: text for path, text in subject.seen.headers.items() if path in order and order[path].label}
    for path, text in found.items():
        expected = order[path].label[-1]
        if squeeze(text) != squeeze(expected):
            yield Hit((path,), {"problem": "label", "found": text.strip(), "expected": expected}, expected)
    if list(found) != [path for path in order if path in found]:
        expected_order = [order[path].label[-1] for path in order if path in found]
        yield Hit((next(iter(found)),), {"problem": "order", "found": list(found.values()), "expected": expected_order})


RULE = Rule(
    code="IN-01",
    severity="error",
    check=check,
    bad={"seen.headers": {"@table.level3": "三级指标", "@table.target": "年度指标值"}},
    good={"seen.headers": {"@table.level3": "三级 指标", "@table.target": "指标值"}},
)
