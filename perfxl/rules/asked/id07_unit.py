"""ID-07: the code and the name of the unit on the sheet are those that it was issued with."""

from collections.abc import Iterator

from perfxl.form.characters import squeeze
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Yield a hit where the sheet names another unit than it was issued to."""
    seen = subject.seen
    if seen is None or not {"unit.code", "unit.name"} & seen.issued.keys():
        return
    issued = "".join(str(seen.issued.get(key) or "") for key in ("unit.code", "unit.name"))
    found = seen.unit if seen.unit is not None else _sent_by(subject)
    if squeeze(issued) not in squeeze(found):
        yield Hit(("unit",), {"issued": issued, "found": found.strip()}, issued)


def _sent_by(subject: Subject) -> str:
    """Return the code and name of the sending unit, as far as they were issued; for a sheet that does not show them."""
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
