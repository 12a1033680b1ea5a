"""BS-03: a document number has the form 机关〔2016〕22号 (GB/T 9704-2012, 7.2.5): six-cornered brackets, no 第."""

import re
from collections.abc import Iterator
from dataclasses import replace

from perfxl.rules.corrections import corrections
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_OPEN, _SHUT = r"[【\[(（［〔]", r"[】\])）］〕]"
_YEAR = r"((?:19|20)\d\d)"
_NUMBERS = re.compile(
    rf"(?<=[\u4e00-\u9fff])\s*(?:{_OPEN}\s*{_YEAR}\s*年?\s*{_SHUT}\s*第?\s*(\d+)|{_YEAR}\s*{_OPEN}\s*(\d+)\s*{_SHUT})\s*号"
)
_AGENCY = re.compile(r"(?:依据|根据|按照)?([\u4e00-\u9fff]{1,6}?)$")


def check(subject: Subject) -> Iterator[Hit]:
    for hit in corrections(subject, in_form):
        before, after = _first(str(hit.facts["before"]))
        yield replace(hit, facts={**hit.facts, "before": before, "after": after})


def in_form(text: str) -> str:
    """A text with its document numbers in form."""
    return _NUMBERS.sub(_number, text) if "号" in text else text


def _number(found: "re.Match[str]") -> str:
    return f"〔{found[1] or found[3]}〕{found[2] or found[4]}号"


def _first(text: str) -> tuple[str, str]:
    """The first number not in form, with its agency, and the same in form."""
    found = next(number for number in _NUMBERS.finditer(text) if number[0] != _number(number))
    match = _AGENCY.search(text[: found.start()])
    agency = match[1] if match else ""
    return agency + found[0].strip(), agency + _number(found)


RULE = Rule(
    code="BS-03",
    severity="fix",
    check=check,
    bad={"indicators[0].basis": "清政办【2022】18号", "indicators[2].basis": "清政办2022[18]号文件"},
    good={"indicators[0].basis": "清政办〔2022〕18号", "indicators[2].basis": "村（居）民登记册2022（18）"},
)
