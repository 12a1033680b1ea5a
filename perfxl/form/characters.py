"""Characters that show nothing, and characters that show the same as others; by Unicode's data.

What a cell shows is what is read: everything that compares, searches or understands a text does it by these functions.

White space is what Unicode calls so: Zs, Zl, Zp, and the controls that move on. Invisible are the other controls
(Cc), the format characters (Cf) but for the signs that enclose numbers, what Unicode calls Default_Ignorable_Code_Point
(variation selectors, Hangul fillers), and a few signs whose glyph is blank though their category says otherwise.

Alike are a character and its decomposition in Unicode's data, where that changes the code and not the meaning:
ideographs that are encoded again as radicals or for compatibility (⽣ is 生), and letters and digits of a mathematical
font. Folding takes full-width, half-width, small and vertical forms as well. Superscripts, fractions, circled numbers
and squared units mean something else than their decomposition and stay: 10³ is not 103, ㎡ is not m2.
"""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import category, decomposition, normalize

# DerivedCoreProperties.txt, Default_Ignorable_Code_Point, as far as the category is not Cf; these ranges are stable.
_IGNORABLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
# Braille blank, the place of an object, blanks of musical and Khitan writing; then what is no character at all
_GLYPHLESS = re.compile("[\u2800\ufffc\U0001d159\U00016fe4\ufdd0-\ufdef]")
_MOVES = "\t\n\v\f\r\x85"  # PropList.txt, White_Space, as far as the category is Cc
# PropList.txt, Prepended_Concatenation_Mark: format characters that are drawn around the number behind them
_DRAWN = re.compile("[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd]")

# EquivalentUnifiedIdeograph.txt of the Unicode Character Database: the radicals of the CJK Radicals Supplement, which
# but for two have no decomposition, and the unified ideographs that look the same. Kangxi radicals have one.
_RADICALS = dict(zip(
    "⺁⺂⺃⺄⺅⺆⺇⺈⺉⺊⺋⺌⺍⺎⺏⺐⺑⺒⺓⺔⺕⺖⺗⺘⺙⺛⺜⺝⺞⺟⺠⺡⺢⺣⺤⺥⺦⺧⺨⺩⺪⺫⺬⺭⺮⺯⺰⺱⺲⺳⺴⺵⺶⺷⺸⺹⺺⺻"
    "⺼⺽⺾⺿⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻕⻖⻗⻘⻙⻚⻛⻜⻝⻞⻟⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳",
    "厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣尢𡯂巳幺彑彐忄心扌攵旡日月歺母民氵氺灬爫爫丬牛犭王𤴔目示礻𥫗糹纟罓罒㓁冗𦉫羊𦍌𦍋耂肀聿"
    "肉𦥑艹艹艹虎衤覀西见角𧢲讠贝𧾷车辶辶辶邑钅長镸长门𨸏阝雨青韦页风飞食𩙿飠饣𩠐马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟",
    strict=True,
)) | {"\u2f3e": "户", "\u2fad": "青"}  # fmt: skip
# the last two are Kangxi radicals of which Unicode has the old shape (戶, 靑), while simplified Chinese shows these

_SAME_SHAPE = frozenset(("", "<font", "<initial", "<medial", "<final", "<isolated"))  # "": canonically equivalent
_OTHER_WIDTH = frozenset(("<wide", "<narrow", "<small", "<vertical", "<noBreak"))
OBEYED = "\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
"""For a class of a regular expression: what a terminal obeys, what turns the words around it, halves of characters."""

_MINUS = "\u2212"  # has no decomposition; what it means is typed as -


def is_invisible(sign: str) -> bool:
    """Return True for a character that shows nothing and is no white space."""
    kind = category(sign)
    if kind == "Cc":
        return sign not in _MOVES
    if kind == "Cf":
        return not _DRAWN.match(sign)
    return bool(_IGNORABLE.match(sign) or _GLYPHLESS.match(sign)) or ord(sign) & 0xFFFE == 0xFFFE


def _shown(sign: str, folded: bool) -> str:
    """Return the character, or characters, that one is shown as; ``folded``: in any width."""
    if is_invisible(sign):
        return ""
    if sign in _RADICALS:
        return _RADICALS[sign]
    kind, _, codes = decomposition(sign).rpartition("> ")
    parts = "".join(chr(int(code, 16)) for code in codes.split())
    if kind == "<compat":
        # one ideograph for another (⽣); or a space, a letter: but a Roman number is a sign of its own, as … and ℃ are
        alike = len(parts) == 1 and (_is_ideograph(parts) or (folded and category(sign)[0] != "N"))
    else:
        alike = kind in _SAME_SHAPE or (folded and kind in _OTHER_WIDTH)
    if not parts or not alike:
        return "-" if folded and sign == _MINUS else sign
    return "".join(_shown(part, folded) for part in parts)


def _is_ideograph(sign: str) -> bool:
    return "\u3400" <= sign <= "\u9fff" or "\U00020000" <= sign <= "\U0003ffff"


class _Table(dict[int, str]):
    """A table for ``str.translate`` that learns each character when it is first met."""

    def __init__(self, folded: bool) -> None:
        self.folded = folded

    def __missing__(self, code: int) -> str:
        self[code] = _shown(chr(code), self.folded)
        return self[code]


_SHOWN, _FOLDED = _Table(folded=False), _Table(folded=True)
# what nearly all texts begin with and are made of, and what is shown as itself
_begins_drawn = re.compile("[!-~\u4e00-\u9fff]").match
_ordinary = re.compile("[ -~\n\u4e00-\u9fff\u3000-\u301f\uff01-\uff5e“”‘’—…·×≥≤]*").fullmatch


def without_invisible(text: str) -> str:
    """Return a text without its invisible characters, else as it was typed."""
    return text if _ordinary(text) else "".join(sign for sign in text if _SHOWN[ord(sign)])


def visible_text(text: str) -> str:
    """Return a text as it is shown: without invisible characters, each other one by the code that people type.

    It is the same object where nothing differs.
    """
    if _ordinary(text):
        return text
    shown = _compose(text.translate(_SHOWN))
    return text if shown == text else shown


def fold(text: str) -> str:
    """Return a text as it is compared: as it is shown, in half-width characters."""
    return text if text.isascii() and text.isprintable() else _compose(text.translate(_FOLDED))


def _compose(text: str) -> str:
    """Return a text in Unicode's composed form, made in pieces: the time grows with the square of a run of marks."""
    if len(text) <= _PIECE:
        return normalize("NFC", text)
    return "".join(normalize("NFC", text[at : at + _PIECE]) for at in range(0, len(text), _PIECE))


_PIECE = 1000  # characters


_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def in_half_width(text: str) -> str:
    """Return a text with half-width digits and signs, every character in its place."""
    return text.translate(_HALF_WIDTH)


def utf16_length(text: str) -> int:
    """Return the length of a text as Excel counts it, in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def squeeze(text: str) -> str:
    """Return a text folded and without white space: two texts are the same words where this is the same."""
    return (_squeeze_cached if len(text) <= _SHORT else _squeeze_long)(text)


def _squeeze(text: str) -> str:
    return "".join(fold(text).split())


_SHORT = 1000  # characters: labels, answers and goals are compared again and again; longer texts are rare
_squeeze_cached = lru_cache(maxsize=4096)(_squeeze)
_squeeze_long = lru_cache(maxsize=256)(_squeeze)  # the texts of one project, if all of them are long


def trim_text(text: str) -> str:
    """Return the text without white space and invisible characters at its ends; what is inside stays as it is."""
    bare = text.strip()
    while bare and not (_SHOWN[ord(bare[0])] and _SHOWN[ord(bare[-1])]):
        start = next((at for at, sign in enumerate(bare) if _is_seen(sign)), len(bare))
        end = next((at for at, sign in enumerate(reversed(bare)) if _is_seen(sign)), 0)
        bare = bare[start : len(bare) - end]
    return bare


def _is_seen(sign: str) -> bool:
    return not sign.isspace() and _SHOWN[ord(sign)] != ""


def is_blank_text(text: str) -> bool:
    """Return True for a text that shows nothing."""
    return not _begins_drawn(text) and not trim_text(text)


def invisible_signs(text: str) -> list[str]:
    """Return the invisible characters of a text by their codes in Unicode (U+200B), each once."""
    signs = [] if _ordinary(text) else [sign for sign in text if not _SHOWN[ord(sign)]]
    return [f"U+{ord(sign):04X}" for sign in dict.fromkeys(signs)]


def shorten(text: str, most: int) -> str:
    """Return a text as messages quote it: of one longer than ``most`` characters the beginning, with … at its end."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
