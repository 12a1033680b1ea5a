"""BS-03: a document number has the form 机关〔2016〕22号 (agency, year, serial).

The form is that of GB/T 9704-2012, 7.2.5: six-cornered brackets around the year, no 第 before the serial.
"""

from collections.abc import Iterator
from dataclasses import replace

from perfxl.budget.texts.citation import first_correction, in_form
from perfxl.rules.corrections import propose_corrections
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Find document numbers in another form, and correct them."""
    for hit in propose_corrections(subject, in_form):
        before, after = first_correction(str(hit.facts["before"]))
        yield replace(hit, facts={**hit.facts, "before": before, "after": after})


RULE = Rule(
    code="BS-03",
    severity="fix",
    check=check,
    bad={"indicators[0].basis": "清政办【2022】18号", "indicators[2].basis": "清政办2022[18]号文件"},
    good={"indicators[0].basis": "清政办〔2022〕18号", "indicators[2].basis": "村（居）民登记册2022（18）"},
)
