"""ID-07: the sheet is the unit's own: code and name of the unit stand there as they were issued."""

from collections.abc import Iterator

from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject
from perfxl.rules.words import squeeze


def check(subject: Subject) -> Iterator[Hit]:
    seen = subject.seen
    if seen is None or not {"unit.code", "unit.name"} & seen.issued.keys():
        return
    issued = "".join(str(seen.issued.get(key) or "") for key in ("unit.code", "unit.name"))
    found = seen.unit if seen.unit is not None else _sent_by(subject)
    if squeeze(issued) not in squeeze(found):
        yield Hit(("unit",), {"issued": issued, "found": found.strip()}, issued)


def _sent_by(subject: Subject) -> str:
    """The unit as far as the sheet does not show it, by the parts that were issued."""
    issued = subject.seen.issued if subject.seen else {}
    return "".join(str(subject.get(key) or "") for key in ("unit.code", "unit.name") if key in issued)


RULE = Rule(
    code="ID-07",
    severity="error",
    check=check,
    bad={
        "seen.unit": "990002清溪县柳河镇综合服务中心",
        "seen.issued": {"unit.code": "990001", "unit.name": "清溪县柳河镇人民政府本级"},
    },
    good={
        "seen.unit": "９９０００１ 清溪县柳河镇人民政府本级",
        "seen.issued": {"unit.code": "990001", "unit.name": "清溪县柳河镇人民政府本级"},
    },
)
