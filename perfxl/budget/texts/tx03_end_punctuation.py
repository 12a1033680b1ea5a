"""TX-03: a name, a value or a basis is no sentence and ends without 。 or ；, which is safe to remove.

With the sign and without it, the same entry would count as two. A text of several sentences keeps its last 。, and so
does one that ends in …….
"""

from collections.abc import Iterator

from perfxl.form.late_pattern import late_pattern
from perfxl.rules.corrections import correct_columns
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

NAMES = ("indicators.level3", "areas.name", "areas.parts.name", "areas.parts.indicators")
"""The columns of the forms that hold names; a name is no sentence."""

_COLUMNS = (*NAMES, "indicators.target", "indicators.basis")
_END = late_pattern(r"(?<=[\u4e00-\u9fff）)》”〕】%％\w])(?:[。；，、;,：:]+|(?<=[\u4e00-\u9fff）)》”])[.．]+)(?=\s*$)")
_SIGNS = tuple("。；，、;,：:.．")  # those of _END
_SENTENCES = late_pattern(r"[。\n](?=.)")


def check(subject: Subject) -> Iterator[Hit]:
    """Find names, values and bases that end with a punctuation mark, and propose them without it."""
    return correct_columns(subject, _COLUMNS, _strip_end)


def _strip_end(text: str) -> str:
    """Return a text without the punctuation at its end, unless it has several sentences."""
    if not text.rstrip().endswith(_SIGNS) or _SENTENCES.search(text.strip()):
        return text
    return _END.sub("", text)


RULE = Rule(
    code="TX-03",
    severity="fix",
    check=check,
    bad={"indicators[1].basis": "清溪县行政区划统计表。", "indicators[4].target": "年中及年末发放；"},
    good={"indicators[1].description": "设有村民小组并发放误工补贴的行政村个数。"},
)
