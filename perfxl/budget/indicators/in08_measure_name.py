"""IN-08: level 3 names what is measured (补贴发放人数, number of persons paid).

It is no sentence, and no action (提高…, to raise …). A name that begins like an action and ends in a measure is a name:
保障办公人数, 促进就业人数. So are short ones in which the verb is a noun (保障水平, level of support).
"""

from collections.abc import Iterator

from perfxl.budget.indicator import indicators
from perfxl.form.characters import squeeze
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_STOP = late_pattern(r"(?<!\d)[，,。；;](?=\s*\S)|[，。；;](?=\s*\S)")  # one at the end is left to TX-03
_LONG_ENOUGH = 4
"""The fewest characters behind a verb that make a name an action."""


def check(subject: Subject) -> Iterator[Hit]:
    """Find names that are sentences or actions."""
    names_by_problem: dict[str, list[tuple[str, str]]] = {}
    for row in indicators(subject):
        name = row.text("level3")
        if problem := _problem(subject, name):
            names_by_problem.setdefault(problem, []).append((row.path("level3"), name))
    for problem, places in names_by_problem.items():
        facts = {"problem": problem, "name": places[0][1], "count": len(places)}
        yield Hit(tuple(path for path, _ in places), facts)


def _problem(subject: Subject, name: str) -> str:
    """Return "sentence" or "action" for a text that is no name; "" for a name."""
    if _STOP.search(name) or any(word in name for word in subject.words("sentence_words")):
        return "sentence"
    bare = squeeze(name)
    measures = subject.words("measure_endings")
    if bare.endswith(measures):
        return ""
    if any(bare.startswith(verb) and len(bare) >= len(verb) + _LONG_ENOUGH for verb in subject.words("action_verbs")):
        return "action"
    manner = bare.startswith(subject.words("action_manners")) and not bare.endswith("性")
    return "action" if manner else ""


RULE = Rule(
    code="IN-08",
    severity="hint",
    check=check,
    needs=("indicators.level3",),
    bad={"indicators[6].level3": "提高村民小组长履职积极性"},
    good={"indicators[6].level3": "保障履职村民小组长人数"},
)
