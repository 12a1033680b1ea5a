"""Recognition of figures in running text, such as 45个, 三成 (30 %), 百分之九十 (90 %) or 14.4万元."""

from typing import NamedTuple

from perfxl.form.late_pattern import late_pattern

_NOT_FIGURES = late_pattern(
    r"(?:19|20)\d\d年|\d{1,2}月(?:\d{1,2}日)?|[〔（(\[【]\s*\d+\s*[〕）)\]】]|第?(?<!\d)\d+号|^\s*\d{1,2}[.、．)）]"
)
_FIGURE = late_pattern(r"\d|百分之|[一二三四五六七八九十]成|[二两三四五六七八九十百千][个名户条次人辆台座处项米亩]")
MONEY = late_pattern(r"(?:人民币)?\d[\d,.]*(?:亿|万|千|百)?元")
"""An amount of money."""


class Counted(NamedTuple):
    """A number of things in a clause: what stands before it, the number, its unit, and what follows."""

    before: str
    number: str
    unit: str
    after: str


COUNTED = late_pattern(
    r"([\u4e00-\u9fff]{0,12}?)(?:不少于|不低于|达到|达|约|共|共计|至少|[≥>])?(?<![\d.])(\d+(?:\.\d+)?)"
    r"(万?(?:人次|场次|公里|平方米|立方米|公顷|[人名位户辆台套件次期篇份条处座场批册张只头株棵盏所栋间眼亩吨米个家班]))"
    r"(?![/每])([\u4e00-\u9fff]{0,16})"
)
"""A number of things, with what stands around it: 新建社区老年食堂3处, or 新建3处社区老年食堂."""


def stated(text: str) -> bool:
    """Return True if a text states a figure; years, dates and the numbers of documents or items are none."""
    return bool(_FIGURE.search(_NOT_FIGURES.sub("", text)))


def is_other_rate(text: str, words: tuple[str, ...]) -> bool:
    """Return True if a text ends with a rate that need not be a share: 效率 (efficiency), but not 有效率 (success)."""
    return text.endswith(words) and not text.endswith("有效率")
