"""Figures in a running text: 45个, 三成, 百分之九十; a year or a document's number is none."""

import re

_NONE = re.compile(
    r"(?:19|20)\d\d年|\d{1,2}月(?:\d{1,2}日)?|[〔（(\[【]\s*\d+\s*[〕）)\]】]|第?\d+号|^\s*\d{1,2}[.、．)）]"
)
_FIGURE = re.compile(r"\d|百分之|[一二三四五六七八九十]成|[二两三四五六七八九十百千]+[个名户条次人辆台座处项米亩]")


def stated(text: str) -> bool:
    """Is there a figure in it?"""
    return bool(_FIGURE.search(_NONE.sub("", text)))
