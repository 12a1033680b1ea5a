"""How a project code is built, as data (templates/codes), and its check character.

Found on the seed's 16 codes (domain.md §3): with c[i] the characters but the last, i from 0, the
check character is ``alphabet[(constant − Σ index(c[i])·multiplier^i) mod modulus]``. Other
provinces' codes of the same shape do not fit, so the constant belongs to the scheme, and a batch of
codes can show its own (``calibrate``).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product

import yaml

from perfxl.errors import FormError
from perfxl.form import library

_FEWEST, _SHARE = 5, 0.9  # a batch of at least 5 codes, of which 90 % agree, shows its constant


@dataclass(frozen=True)
class CodeScheme:
    """One way of building codes. Positions are ``(first, end)`` counted from 0, the end not included.

    ``constant`` is None where only a batch can tell. ``kinds``: what the kind letter means.
    ``slips``: a character outside the alphabet → what was meant, the likeliest first.
    """

    id: str
    length: int
    pattern: str
    alphabet: str
    multiplier: int
    modulus: int
    constant: int | None
    region: tuple[int, int]
    year: tuple[int, int]
    kind: int
    serial: tuple[int, int]
    kinds: Mapping[str, str] = field(default_factory=dict, hash=False)
    slips: Mapping[str, str] = field(default_factory=dict, hash=False)

    def part(self, code: str, name: str) -> str:
        """The ``region``, ``year``, ``kind`` or ``serial`` of a code; empty where the code is too short."""
        first, end = {
            "region": self.region,
            "year": self.year,
            "kind": (self.kind, self.kind + 1),
            "serial": self.serial,
        }[name]
        return code[first:end]


@lru_cache(maxsize=16)
def load(name: str) -> CodeScheme:
    """The scheme of that name; raises FormError ``unknown_code_scheme``."""
    known = library.names("codes")
    if name not in known:
        raise FormError(file=None, line=None, what="unknown_code_scheme", name=name, known=known)
    data = yaml.safe_load(library.path("codes", f"{name}.yaml").read_text("utf-8"))
    for key in ("region", "year", "serial"):
        data[key] = tuple(data[key])
    return CodeScheme(id=name, **data)


def matches(code: str, scheme: CodeScheme) -> bool:
    """Whether the code has the scheme's shape; says nothing of its check character."""
    return re.fullmatch(scheme.pattern, code) is not None


def _sum(code: str, scheme: CodeScheme) -> int | None:
    """Σ over all characters but the last; None where the code has another length or a foreign character."""
    if len(code) != scheme.length or any(character not in scheme.alphabet for character in code):
        return None
    return (
        sum(
            scheme.alphabet.index(character) * pow(scheme.multiplier, i, scheme.modulus)
            for i, character in enumerate(code[:-1])
        )
        % scheme.modulus
    )


def constant(code: str, scheme: CodeScheme) -> int | None:
    """The constant that would make the code's check character right; None where none could."""
    total = _sum(code, scheme)
    return None if total is None else (scheme.alphabet.index(code[-1]) + total) % scheme.modulus


def calibrate(codes: Iterable[str], scheme: CodeScheme) -> int | None:
    """The constant that at least 90 % of at least 5 different codes share, None otherwise: then nothing is checked."""
    found = Counter(each for code in set(codes) if (each := constant(code, scheme)) is not None)
    if sum(found.values()) < _FEWEST:
        return None
    best, times = found.most_common(1)[0]
    return best if times >= _SHARE * sum(found.values()) else None


def check_character(code: str, scheme: CodeScheme, constant: int | None = None) -> str | None:
    """What the last character of the code must be; the code may stand with or without it.

    ``constant``: the batch's, in place of the scheme's. None where no constant is known or the code
    has another length or a foreign character.
    """
    constant = scheme.constant if constant is None else constant
    total = _sum(code[: scheme.length - 1] + scheme.alphabet[0], scheme)
    if constant is None or total is None or len(code) > scheme.length:
        return None
    return scheme.alphabet[(constant - total) % scheme.modulus]


def fits(code: str, scheme: CodeScheme, constant: int | None = None) -> bool:
    """Whether shape and check character are right."""
    return matches(code, scheme) and check_character(code, scheme, constant) == code[-1]


def propose(code: str, scheme: CodeScheme, constant: int | None = None) -> str | None:
    """The code that was meant where width, case, or an I, O, S, V, Z slipped in; None where it is not certain.

    First every slip is put right by the scheme's table; then, for a code with a single slip, any
    character in its place. A proposal is made only where shape and check character single one out.
    A code of nothing but legal characters with a wrong check character has no proposal: any one of
    its characters may be the wrong one.
    """
    bare = "".join(unicodedata.normalize("NFKC", code).split()).upper()
    if bare != code and fits(bare, scheme, constant):
        return bare
    slips = [i for i, character in enumerate(bare) if character not in scheme.alphabet]
    # Six slips of two readings each are 64 candidates; with more it is no slip but another text.
    if len(bare) != scheme.length or not 0 < len(slips) <= 6:
        return None
    readings = [scheme.slips.get(bare[i], "") for i in slips]
    return _only_fit(bare, slips, readings, scheme, constant) or (
        _only_fit(bare, slips, [scheme.alphabet], scheme, constant) if len(slips) == 1 else None
    )


def _only_fit(
    code: str, places: list[int], readings: list[str], scheme: CodeScheme, constant: int | None
) -> str | None:
    """The one code that fits among all readings of the characters at these places."""
    found = []
    for characters in product(*readings):
        letters = list(code)
        for place, character in zip(places, characters, strict=True):
            letters[place] = character
        candidate = "".join(letters)
        if fits(candidate, scheme, constant):
            found.append(candidate)
    return found[0] if len(found) == 1 else None
