"""BS-04: 《》 （） “” 〔〕 【】 come in pairs.

A single mark shows that a title was cut off when it was copied.
"""

from collections.abc import Iterator

from perfxl.budget.texts.citation import in_form
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_PAIRS = (("《", "》"), ("（", "）"), ("“", "”"), ("〔", "〕"), ("【", "】"))
_MARKS = late_pattern("[《》（）()“”〔〕【】\\[\\]［］]")  # those of _PAIRS, and those of which in_form makes some
_HALF_WIDTH = str.maketrans("()", "（）")
_NUMBERING = late_pattern(r"(?:^|(?<=[\s；;。，：]))[\da-zA-Z一二三四五六七八九十]{1,3}[)）]")  # 1）  一）


def check(subject: Subject) -> Iterator[Hit]:
    """Find texts with an opening mark that is not closed, or a closing mark that was not opened."""
    paths_by_marks: dict[tuple[str, str], list[str]] = {}
    for path, text in subject.texts:
        for there, missing in _unpaired_marks(text):
            paths_by_marks.setdefault((there, missing), []).append(path)
    for (there, missing), paths in paths_by_marks.items():
        fields = tuple(dict.fromkeys(paths))
        yield Hit(fields, {"there": there, "missing": missing, "count": len(fields)})


def _unpaired_marks(text: str) -> Iterator[tuple[str, str]]:
    """Yield the marks without a counterpart in a text, each with the missing one.

    The brackets of document numbers are left to BS-03, and those of item numbers, such as 1）, do not count.
    """
    if not _MARKS.search(text):
        return
    marks = _NUMBERING.sub("", in_form(text)).translate(_HALF_WIDTH)
    for opening, closing in _PAIRS:
        difference = marks.count(opening) - marks.count(closing)
        if difference:
            yield (opening, closing) if difference > 0 else (closing, opening)


RULE = Rule(
    code="BS-04",
    severity="warning",
    check=check,
    bad={"indicators[1].basis": "清溪县村民小组长补贴发放办法》"},
    good={"indicators[1].basis": "《补贴发放办法》(试行）", "goals": ["1）按时发放补贴；2）稳定队伍。"]},
)
