"""MO-03 to MO-05, SE-08, SE-19: what was reached is of the kind that the approved value asks for."""

from collections.abc import Callable, Iterable, Iterator

from perfxl.budget.stages.checks import EVALUATION, MONITORING
from perfxl.budget.stages.progress import State, rows
from perfxl.form.types.number import decimal
from perfxl.rules.numbers import plain_number
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def _in_state(state: State) -> Callable[[Subject], Iterable[Hit]]:
    """Return a check that yields a hit for every row whose actual value is in a state."""

    def check(subject: Subject) -> Iterator[Hit]:
        for row in rows(subject):
            if row.state == state:
                found = row.text("actual")
                facts = {
                    "target": row.text("target"),
                    "found": found,
                    "kind": row.target.kind,
                    "negative": found[:1] in "-－−",
                }
                yield Hit((row.path("actual"),), facts)

    return check


def check_fraction(subject: Subject) -> Iterator[Hit]:
    """Yield a hit for every percentage that was written as a fraction, 0.8 for 80%."""
    for row in rows(subject):
        if row.fraction and row.number is not None:
            read = plain_number(decimal(float(row.number)))
            yield Hit((row.path("actual"),), {"found": row.text("actual"), "read": f"{read}%"}, f"{read}%")


_TEXT = {"indicators[0].actual": "运转正常"}
_NUMBER = {"indicators[0].actual": "200"}
_BEYOND = {"indicators[2].actual": "105%"}

RULES = (
    Rule(code="MO-03", severity="error", check=_in_state("unread"), needs=MONITORING, bad=_TEXT, good=_NUMBER),
    Rule(code="MO-04", severity="warning", check=check_fraction, needs=MONITORING, bad={"indicators[2].actual": "0.9"}),
    Rule(code="MO-05", severity="error", check=_in_state("impossible"), needs=MONITORING, bad=_BEYOND),
    Rule(code="SE-08", severity="error", check=_in_state("unread"), needs=EVALUATION, bad=_TEXT),
    Rule(code="SE-19", severity="error", check=_in_state("impossible"), needs=EVALUATION, bad=_BEYOND),
)  # fmt: skip
