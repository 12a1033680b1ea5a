"""Recognition of figures in running text, such as 45个, 三成 (30 %) or 百分之九十 (90 %)."""

import re

_NOT_FIGURES = re.compile(
    r"(?:19|20)\d\d年|\d{1,2}月(?:\d{1,2}日)?|[〔（(\[【]\s*\d+\s*[〕）)\]】]|第?(?<!\d)\d+号|^\s*\d{1,2}[.、．)）]"
)
_FIGURE = re.compile(r"\d|百分之|[一二三四五六七八九十]成|[二两三四五六七八九十百千][个名户条次人辆台座处项米亩]")


def stated(text: str) -> bool:
    """Return True if a text states a figure; years, dates and the numbers of documents or items are none."""
    return bool(_FIGURE.search(_NOT_FIGURES.sub("", text)))
