"""Code schemes: the structure of project codes and their check character, as data (templates/codes).

The formula of the check character was found on the seed's 16 codes, which are published ones (domain.md §3). With c[i]
the characters of the code without the last one, i from 0, the check character is
``alphabet[(constant − Σ index(c[i])·multiplier^i) mod modulus]``. Codes of other provinces have the same shape but do
not fit; therefore the constant belongs to the scheme, and can also be found from a batch of codes (``calibrate``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product

import yaml

from perfxl.errors import FormError
from perfxl.form import library
from perfxl.form.characters import squeeze

_MIN_CODES, _MIN_SHARE = 5, 0.9  # a batch shows its constant where it has at least 5 codes and 90 % of them agree


@dataclass(frozen=True)
class CodeScheme:
    """The structure of a code. Positions are ``(first, end)``, counted from 0, the end not included.

    ``constant``: None where it is known only from a batch of codes. ``kinds``: kind letter → its meaning. ``slips``: a
    character outside the alphabet → the characters that may have been meant, the likeliest first.
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
        """Return the ``region``, ``year``, ``kind`` or ``serial`` of a code; empty where the code is too short."""
        first, end = {
            "region": self.region,
            "year": self.year,
            "kind": (self.kind, self.kind + 1),
            "serial": self.serial,
        }[name]
        return code[first:end]


@lru_cache(maxsize=16)
def load(name: str) -> CodeScheme:
    """Load a scheme by its name. Raises FormError ``unknown_code_scheme``."""
    known = library.names("codes")
    if name not in known:
        raise FormError(file=None, line=None, what="unknown_code_scheme", name=name, known=known)
    data = yaml.safe_load(library.path("codes", f"{name}.yaml").read_text("utf-8"))
    for key in ("region", "year", "serial"):
        data[key] = tuple(data[key])
    return CodeScheme(id=name, **data)


def matches(code: str, scheme: CodeScheme) -> bool:
    """Return True if the code has the scheme's shape; its check character is not looked at."""
    return re.fullmatch(scheme.pattern, code) is not None


def _weighted_sum(code: str, scheme: CodeScheme) -> int | None:
    """Return the Σ of the module's formula, modulo ``modulus``.

    None where the code has another length than the scheme's, or a character outside its alphabet.
    """
    if len(code) != scheme.length or any(character not in scheme.alphabet for character in code):
        return None
    terms = (
        scheme.alphabet.index(character) * pow(scheme.multiplier, i, scheme.modulus)
        for i, character in enumerate(code[:-1])
    )
    return sum(terms) % scheme.modulus


def constant(code: str, scheme: CodeScheme) -> int | None:
    """Return the constant with which the code's check character is right; None for no such constant."""
    total = _weighted_sum(code, scheme)
    return None if total is None else (scheme.alphabet.index(code[-1]) + total) % scheme.modulus


def calibrate(codes: Iterable[str], scheme: CodeScheme) -> int | None:
    """Return the constant that at least 90 % of at least 5 different codes share.

    None where there is no such constant: then check characters cannot be checked.
    """
    counts = Counter(value for code in set(codes) if (value := constant(code, scheme)) is not None)
    if sum(counts.values()) < _MIN_CODES:
        return None
    best, times = counts.most_common(1)[0]
    return best if times >= _MIN_SHARE * sum(counts.values()) else None


def check_character(code: str, scheme: CodeScheme, constant: int | None = None) -> str | None:
    """Return the character in which a code must end; the code may be given with or without it.

    ``constant``: that of the batch, used in place of the scheme's. Returns None where no constant is known, or where
    the code has another length than the scheme's or a character outside its alphabet.
    """
    constant = scheme.constant if constant is None else constant
    total = _weighted_sum(code[: scheme.length - 1] + scheme.alphabet[0], scheme)
    if constant is None or total is None or len(code) > scheme.length:
        return None
    return scheme.alphabet[(constant - total) % scheme.modulus]


def fits(code: str, scheme: CodeScheme, constant: int | None = None) -> bool:
    """Return True if shape and check character are right."""
    return matches(code, scheme) and check_character(code, scheme, constant) == code[-1]


def propose(code: str, scheme: CodeScheme, constant: int | None = None) -> str | None:
    """Return the code that was probably meant; None where it is not certain.

    Put right are full-width characters, white space, lower case, and characters outside the alphabet (I, O, S, V, Z).
    These are first replaced by the scheme's table ``slips``; where a single one of them does not give a code that way,
    every character is tried in its place. A proposal is made only where exactly one candidate has the right shape and
    check character. A code of legal characters whose check character is wrong has no proposal, since any of its
    characters may be the wrong one.
    """
    bare = squeeze(code).upper()
    if bare != code and fits(bare, scheme, constant):
        return bare
    slips = [i for i, character in enumerate(bare) if character not in scheme.alphabet]
    # Six slips of two readings each give 64 candidates; with more slips it is some other text, not a mistyped code.
    if len(bare) != scheme.length or not 0 < len(slips) <= 6:
        return None
    readings = [scheme.slips.get(bare[i], "") for i in slips]
    meant = _find_only_fit(bare, slips, readings, scheme, constant)
    if not meant and len(slips) == 1:
        return _find_only_fit(bare, slips, [scheme.alphabet], scheme, constant)
    return meant


def _find_only_fit(
    code: str, places: list[int], readings: list[str], scheme: CodeScheme, constant: int | None
) -> str | None:
    """Return the one code that fits when the characters at ``places`` are replaced; None for none or several.

    ``readings``: for each place the characters to try.
    """
    fitting = []
    for characters in product(*readings):
        letters = list(code)
        for place, character in zip(places, characters, strict=True):
            letters[place] = character
        candidate = "".join(letters)
        if fits(candidate, scheme, constant):
            fitting.append(candidate)
    return fitting[0] if len(fitting) == 1 else None
