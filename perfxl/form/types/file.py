"""The name of a file that is sent along with the workbook."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from perfxl.form.characters import trim_text, without_invisible
from perfxl.form.late_pattern import late_pattern
from perfxl.form.types.base import AnswerType, Raw, Understood, Validation
from perfxl.form.types.number import text_or_none
from perfxl.form.types.spelling import verbatim

_LONGEST = 120
_LINK = late_pattern(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
# what Windows takes in no file's name, and the names of its devices
_FORBIDDEN = late_pattern(r'[\x00-\x1f<>:"/\\|?*]|[. ]$|^\.+$')
_DEVICE = late_pattern(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE | re.DOTALL)


def is_file_name(text: str) -> bool:
    """Return whether a text can name a file on any system: no folder, no sign that one of them refuses."""
    return bool(text) and not _FORBIDDEN.search(text) and not _DEVICE.fullmatch(text) and len(text) <= _LONGEST


@dataclass(frozen=True)
class File(AnswerType):
    """The name of a file, such as count.pdf, that is sent beside the workbook or in one zip with it.

    A workbook cannot hold the file itself. Of a path the name is read; a link to the web names no file that was sent.
    """

    name: ClassVar[str] = "file"

    def read(self, raw: Raw) -> Understood:
        """Interpret the content of a cell as a file's name."""
        whole = verbatim(raw)
        if whole.value is None or whole.problem:
            return whole
        text: str = whole.value
        drawn = without_invisible(text)
        bare = trim_text(drawn)
        unquoted = bare[1:-1].strip() if len(bare) > 2 and (bare[0], bare[-1]) in (('"', '"'), ("“", "”")) else bare
        named = unquoted if _LINK.match(unquoted) and not unquoted.startswith("file:") else _last_part(unquoted)
        if not is_file_name(named):
            return Understood(text, problem="not_a_file_name")
        steps = {"trimmed": bare != drawn, "invisible": drawn != text, "path": named != bare}
        taken = (step for step, is_taken in steps.items() if is_taken)
        return Understood(named, tuple(dict.fromkeys((*whole.how, *taken))))

    def show(self, value: Any) -> str | None:
        """Return what is written into the cell for a record's value."""
        return text_or_none(value)

    def validation(self) -> Validation:
        """Return the validation of the cell in Excel: a path may be pasted, of which the name is read."""
        return Validation("custom", formula="LEN({here})<=255")

    def schema(self) -> Mapping[str, Any]:
        """Return the JSON Schema of the record's value."""
        return {"type": "string", "maxLength": _LONGEST}

    def facts(self) -> Mapping[str, Any]:
        """Return the values that the sentences about this type need."""
        return {"max_length": _LONGEST, "example": self.example or "scan.pdf"}


def _last_part(path: str) -> str:
    """Return the last part of a path of any system."""
    return re.split(r"[/\\]", path)[-1]
