"""SE-03, SE-04, SE-06: points as the scheme shares them, and no score beyond its points or outside its band."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from perfxl.budget.indicator import taxonomy_of
from perfxl.budget.stages.checks import EVALUATION
from perfxl.budget.stages.points import CENT, class_of
from perfxl.budget.stages.progress import Row, Word, rows
from perfxl.errors import FormError
from perfxl.form import scheme
from perfxl.rules.numbers import to_number
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check_classes(subject: Subject) -> Iterator[Hit]:
    """Yield a hit for every class whose rows have other points together than the scheme gives it.

    Points that came back as they were sent out are the county's decision.
    """
    if _are_as_issued(subject):
        return
    try:
        known = scheme.load(str(subject.get("scheme.name") or scheme.DEFAULT))
    except FormError:
        return  # a scheme that is not here: its weights are not known
    classes = taxonomy_of(subject)
    sums: dict[str, Decimal] = {}
    first: dict[str, str] = {}
    for row in rows(subject):
        name, points = class_of(row.cells, known, classes), subject.number(row.path("points"))
        if points is not None:
            sums[name] = sums.get(name, Decimal(0)) + points
            first.setdefault(name, row.path("points"))
    for name, total in sums.items():
        weight = known.weights.get(name, Decimal(0))
        if total != weight:
            yield Hit((first[name],), {"class": name, "found": float(total), "weight": float(weight)})


def _are_as_issued(subject: Subject) -> bool:
    """Return True where a sheet came back with the very points that it went out with."""
    issued = subject.seen.issued if subject.seen else {}
    paths = [row.path("points") for row in rows(subject)]
    return all(path in issued and to_number(issued[path]) == subject.number(path) for path in paths)


def check_limit(subject: Subject) -> Iterator[Hit]:
    """Yield a hit for a score that is larger than its points."""
    for row in rows(subject):
        score, points = subject.number(row.path("score")), subject.number(row.path("points"))
        typed = row.aim is None  # a calculated one that is another number is said with its arithmetic
        if typed and score is not None and points is not None and score > points:
            yield Hit((row.path("score"),), {"found": float(score), "points": float(points)})


def check_band(subject: Subject) -> Iterator[Hit]:
    """Yield a hit for a score outside the band of its word, whose upper limit belongs to the next one."""
    for row in rows(subject):
        score, points = subject.number(row.path("score")), subject.number(row.path("points"))
        band = band_of(row, subject)
        if band is None or score is None or points is None:
            continue
        low, high = band
        if score > points or low <= score < high or score == high == points:
            continue  # more than the points is said by SE-04
        facts = {
            "word": _word_of(row),
            "low": float(low),
            "high": float(high),
            "found": float(score),
            "date": row.state == "date",
            "late": row.late,
        }
        yield Hit((row.path("score"),), facts)


def band_of(row: Row, subject: Subject) -> tuple[Decimal, Decimal] | None:
    """Return the lowest score of a row's word and the limit below which it ends; None for a row without a word."""
    word, points = _word_of(row), subject.number(row.path("points"))
    met, partly = (subject.number(f"scheme.{name}") for name in ("met", "partly"))
    if word is None or points is None or met is None or partly is None:
        return None
    upper, lower = ((points * share / 100).quantize(CENT, ROUND_HALF_UP) for share in (met, partly))
    if row.late:
        return Decimal(0), upper  # partly or not, as the unit judges
    return {"met": (upper, points), "partly": (lower, upper), "missed": (Decimal(0), lower)}[word]


def _word_of(row: Row) -> Word | None:
    """Return the word of a row; a late date counts as partly, another one as met."""
    if row.state == "date":
        return "partly" if row.late else "met"
    return row.word


RULES = (
    Rule(
        code="SE-03",
        severity="error",
        check=check_classes,
        needs=EVALUATION,
        bad={"indicators[0].points": 9.33, "indicators[6].points": 29},
    ),
    Rule(
        code="SE-04",
        severity="error",
        check=check_limit,
        needs=EVALUATION,
        limits=("LM-03",),
        bad={"indicators[4].score": 9},
    ),
    Rule(
        code="SE-06",
        severity="error",
        check=check_band,
        beside=("actual",),
        needs=EVALUATION,
        bad={"indicators[4].score": 5},
    ),
)
