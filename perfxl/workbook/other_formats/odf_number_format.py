"""A number format of OpenDocument, a tree of elements (ODF 1.3 part 3, 16.29), as a code in Excel's notation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from perfxl.workbook.ooxml.xml import whole_number

STYLES = tuple(f"{kind}-style" for kind in ("number", "percentage", "date", "time", "currency", "text", "boolean"))
"""The elements that are number formats."""

_LONG = {"year": ("yy", "yyyy"), "month": ("m", "mm"), "day": ("d", "dd"), "hours": ("h", "hh"), "minutes": ("m", "mm")}
_LETTERS = {**_LONG, "seconds": ("s", "ss"), "am-pm": ("AM/PM", "AM/PM"), "day-of-week": ("ddd", "dddd")}
_BARE = ("", "/", "-", ":", " ", ".", ",")
_USUAL = ([">=0"], [">0", "<0"], [">0", "<0", "=0"])
"""The conditions of sections that Excel does not spell out."""
_MOST = 30  # places of a number; Excel has as many

Attributes = Mapping[str, str]


@dataclass
class NumberStyle:
    """A number format being read.

    ``kind``: its element; ``elapsed``: its first unit of time counts beyond a day; ``maps``: condition and name of each
    number format that is used instead; ``number``, ``inside``: the attributes of the number being read, and the texts
    between its digits by their distance from the point.
    """

    kind: str
    name: str
    elapsed: bool = False
    code: str = ""
    maps: list[tuple[str, str]] = field(default_factory=list)
    number: Attributes = field(default_factory=dict)
    inside: dict[int, str] = field(default_factory=dict)
    position: int = 0

    def start(self, tag: str, attributes: Attributes) -> None:
        """Handle the start of an element within the number format."""
        if tag == "number":
            self.number = attributes
            self.inside.clear()
        elif tag == "scientific-number":
            decimals = min(whole_number(attributes.get("decimal-places"), -1), _MOST)
            self.code += f"{_places(1, decimals, decimals)}E+00" if decimals >= 0 else "General"
        elif tag == "fraction":
            self.code += "# ?/?"
        elif tag in _LETTERS:
            letters = _LETTERS[tag][attributes.get("style") == "long"] if attributes.get("textual") != "true" else "mmm"
            self.code += f"[{letters}]" if self.elapsed else letters
            self.elapsed = False
        elif tag == "text-content":
            self.code += "@"
        elif tag == "embedded-text":
            self.position = min(whole_number(attributes.get("position"), 0), _MOST)
        elif tag == "text-properties" and "color" in attributes:
            self.code += "[Red]"  # which colour makes no difference
        elif tag == "map":
            condition = attributes.get("condition", "").replace("value()", "").replace(" ", "").replace("!=", "<>")
            self.maps.append((condition, attributes.get("apply-style-name", "")))

    def end(self, tag: str, text: str) -> None:
        """Handle the end of an element within the number format; ``text``: the text in it."""
        if tag == "number":
            self.code += "".join(self._digits())
        elif tag == "text" and self.kind == "percentage-style" and "%" in text and "%" not in self.code:
            before, _, after = text.partition("%")  # in any other number format it is a sign like any other
            self.code += _literal(before) + "%" + _literal(after)
        elif tag == "text":
            self.code += _literal(text)
        elif tag == "currency-symbol":
            self.code += _literal(text or "¥")
        elif tag == "embedded-text":
            self.inside[self.position] = _literal(text)

    def _digits(self) -> Iterator[str]:
        """Yield the number being read as a run of digits, in pieces where texts stand between them."""
        stated = self.number
        decimals = min(whole_number(stated.get("decimal-places"), -1), _MOST)
        least = min(whole_number(stated.get("min-integer-digits"), 1), _MOST)
        if decimals < 0 and not self.inside and least < 2 and stated.get("grouping") != "true":
            yield "General"
            return
        whole = _places(least, 0, 0).rjust(max(self.inside, default=0) + 1, "#")
        if stated.get("grouping") == "true":
            whole = f"#,{whole.rjust(4, '#')[-3:]}" if least < 4 else f"{whole[:-3]},{whole[-3:]}"
        for at, text in sorted(self.inside.items(), reverse=True):
            yield whole[: len(whole) - at]
            yield text
            whole = whole[len(whole) - at :]
        fewest = min(whole_number(stated.get("min-decimal-places"), max(decimals, 0)), max(decimals, 0))
        yield whole + _places(0, fewest, decimals).removeprefix("#")
        yield "," * min((len(stated.get("display-factor", "1").partition(".")[0]) - 1) // 3, 4)

    def joined(self, codes: Mapping[str, str]) -> str:
        """Return the code; ``codes``: those of the number formats that were read before, by their names."""
        own = self.code + ("%" if self.kind == "percentage-style" and "%" not in self.code else "")
        if not self.maps:
            return own
        usual = [condition for condition, _ in self.maps] in _USUAL
        sections = (("" if usual else f"[{condition}]") + codes.get(name, "") for condition, name in self.maps)
        return ";".join((*sections, own))


def _places(whole: int, fewest: int, most: int) -> str:
    """Return a run of digits: so many before the point at least, and so many after it at least and at most."""
    return ("0" * whole or "#") + ("." + "0" * fewest + "#" * (most - fewest) if most > 0 else "")


def _literal(text: str) -> str:
    """Return a text in a number format's code, quoted where needed."""
    return text if text in _BARE else '"' + text.replace('"', "”") + '"'
