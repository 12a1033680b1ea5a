"""TR-01: nobody drives a thousand kilometres in a leg."""

from collections.abc import Iterator

from perfxl.rules import Hit, Rule, Subject


def check(subject: Subject) -> Iterator[Hit]:
    for at, leg in enumerate(subject.get("legs") or ()):
        if isinstance(leg.get("distance"), int) and leg["distance"] > 1000:
            yield Hit((f"legs[{at}].distance",), {"distance": leg["distance"]})


RULE = Rule(
    code="TR-01",
    severity="warning",
    check=check,
    needs=("legs.distance",),
    bad={"legs[0].distance": 1200},
    good={"legs[0].distance": 999},
)
