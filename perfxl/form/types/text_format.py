"""Formats of a text: an e-mail address, an account, an identity number. Each has one spelling, and a check of it.

The checks are those of well-kept libraries, which are imported when a format is first read. What Excel can check is
less: the length and a few characters; a wrong check digit is found on return.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from perfxl.form.late_pattern import late_pattern
from perfxl.form.types.base import Raw, Understood
from perfxl.form.types.spelling import clean_text, unreadable, verbatim, without_ending

# WHATWG HTML, 4.10.5.1.5 (input type=email), and a domain with a point
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_EMAIL = late_pattern(rf"[a-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})+", re.IGNORECASE)
_HOST = late_pattern(r"(?:[\w-]{1,63}\.)+[\w-]{2,63}|\[[0-9a-f:.]+\]", re.IGNORECASE)
_PHONE = late_pattern(r"(\+|00)?[0-9(][0-9 ()./-]{3,30}(?:\s?(?:ext\.?|x|#|转)\s?[0-9]{1,6})?", re.IGNORECASE)
# the numbering plan of the Ministry of Industry and Information Technology: mobile, fixed with its area, 400 and 800
_MOBILE = late_pattern(r"(?:\+?86)?(1[3-9][0-9]{9})")
_FIXED = late_pattern(
    r"(?:\+86-?)?(?:0(?:10|2[0-9]|[3-9][0-9]{2})-?[2-8][0-9]{6,7}|[48]00-?[0-9]{3}-?[0-9]{4})(?:[-转][0-9]{1,6})?"
)


class TextFormat(NamedTuple):
    """A format that a text may have.

    ``spell``: gives the one spelling of a text in plain characters, None where it does not have the format;
    ``problem``: the word for that; ``formula``: a condition in Excel that all spellings keep, for ``{here}``;
    ``example``: one for the sentences.
    """

    spell: Callable[[str], str | None]
    problem: str
    formula: str
    example: str


def _email(text: str) -> str | None:
    bare = re.sub("^mailto:", "", text, flags=re.IGNORECASE)
    return bare if len(bare) <= 254 and _EMAIL.fullmatch(bare) else None


def _url(text: str) -> str | None:
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        return None
    whole = parts.scheme in ("http", "https") and (_HOST.fullmatch(host) or host == "localhost")
    return text if whole and not re.search(r"\s", text) else None


def _iban(text: str) -> str | None:
    from stdnum import iban

    bare = _compact(text)
    return bare if bare.isascii() and iban.is_valid(bare) else None


def _uscc(text: str) -> str | None:
    from stdnum.cn import uscc

    bare = _compact(text)
    return bare if bare.isascii() and uscc.is_valid(bare) else None


def _cn_id(text: str) -> str | None:
    from stdnum.cn import ric

    bare = _compact(text)
    return bare if bare.isascii() and ric.is_valid(bare) else None


def _uuid(text: str) -> str | None:
    bare = "".join(text.split()).lower().removeprefix("urn:uuid:")
    bare = bare[1:-1] if bare[:1] + bare[-1:] == "{}" else bare
    whole = re.fullmatch(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", bare)
    return str(UUID(bare)) if whole else None


def _phone(text: str) -> str | None:
    import phonenumbers

    bare = " ".join(text.split())
    match, digits = _PHONE.fullmatch(bare), re.sub("[^0-9]", "", bare)
    if not match or not 5 <= len(digits) <= 21:
        return None
    if not match[1]:
        return bare
    try:
        number = phonenumbers.parse(re.sub("^00", "+", bare))
    except phonenumbers.NumberParseException:
        return None
    return bare if phonenumbers.is_possible_number(number) else None


def _phone_cn(text: str) -> str | None:
    bare = re.sub(r"^(0086|\(\+?86\))", "+86", "".join(text.split()))
    if mobile := _MOBILE.fullmatch(bare.replace("-", "")):
        return mobile[1]
    bare = re.sub(r"^\((0[0-9]{2,3})\)", r"\1-", bare)
    return bare if _FIXED.fullmatch(bare) else None


def _compact(text: str) -> str:
    """Return a code without white space and hyphens, in capital letters."""
    return re.sub(r"[\s-]", "", text).upper()


_BARE = 'SUBSTITUTE(SUBSTITUTE({here}," ",""),"-","")'
# Excel's dialog takes 255 characters of a formula: each of these says the cell's value once or twice
_EMAIL_SHAPE = 'ISNUMBER(FIND(".",{here},FIND("@",{here},2)+2))'

FormatName = Literal["email", "url", "iban", "uuid", "phone", "phone-cn", "uscc", "cn-id"]

FORMATS: Mapping[FormatName, TextFormat] = {
    "email": TextFormat(_email, "not_an_email", _EMAIL_SHAPE, "name@example.org"),
    "url": TextFormat(_url, "not_a_url", 'ISNUMBER(FIND("://",{here},5))', "https://example.org"),
    "iban": TextFormat(_iban, "not_an_iban", f"ABS(LEN({_BARE})-24.5)<10", "GB82WEST12345698765432"),
    "uuid": TextFormat(
        _uuid, "not_a_uuid", f'LEN(SUBSTITUTE({_BARE},"urn:uuid:",""))>31', "3e4666bf-d5e5-4aa7-b8ce-cefe41c7568a"
    ),
    "phone": TextFormat(_phone, "not_a_phone", "ABS(LEN({here})-22.5)<18", "+49 30 901820"),
    "phone-cn": TextFormat(_phone_cn, "not_a_phone_cn", f"LEN({_BARE})>9", "13900001111"),
    "uscc": TextFormat(_uscc, "not_a_uscc", f"LEN({_BARE})=18", "91110000600037341L"),
    "cn-id": TextFormat(_cn_id, "not_a_cn_id", f"LEN({_BARE})=18", "11010519491231002X"),
}
"""The formats by their names in form.yaml."""


def read_format(name: FormatName, raw: Raw) -> Understood:
    """Interpret the content of a cell as a text of this format; verbatim, with a problem, where it has another."""
    whole, format = verbatim(raw), FORMATS[name]
    if whole.value is None or whole.problem:
        return whole
    half, cleaned = clean_text(whole.value)
    how = list(dict.fromkeys((*whole.how, *cleaned)))
    spelled = format.spell(half)
    if spelled is None and (ended := without_ending(half)) != half:
        half, spelled = ended, format.spell(ended)
        how.append("punctuation")
    if spelled is None:
        return unreadable(raw, format.problem)
    return Understood(spelled, tuple(dict.fromkeys((*how, *_steps(half, spelled)))))


def _steps(text: str, spelled: str) -> tuple[str, ...]:
    """Return the words for what makes the one spelling of a text another than its own."""
    before, after = "".join(text.split()), "".join(spelled.split())
    steps = {
        "trimmed": text != before and text != spelled,
        # a prefix (mailto:, +86) may have gone
        "case": not _letters(before).endswith(_letters(after)),
        "separators": len(before) != len(after) or re.sub(r"\w", "", before) != re.sub(r"\w", "", after),
    }
    return tuple(word for word, is_taken in steps.items() if is_taken)


def _letters(text: str) -> str:
    """Return the letters and digits of a text."""
    return re.sub(r"[\W_]", "", text)
