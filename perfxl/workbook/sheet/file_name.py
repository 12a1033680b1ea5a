"""Names of files, as every system takes them: what a record or a sender calls a thing may be no name of a file."""

from __future__ import annotations

import re

from perfxl.form.characters import OBEYED

_NO_NAME = re.compile(rf'[<>:"/\\|?*\x00-\x1f{OBEYED}]')
_RESERVED = re.compile(r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|COM[0-9¹²³]|LPT[0-9¹²³])\s*(?:\.|$)", re.IGNORECASE)

_MOST_SIGNS = 80
_MOST_BYTES = 235  # of 255, with room for an ending and a number


def safe_name(name: str) -> str:
    """Return a name, without its ending, as every system takes it: no sign that Windows refuses, no device, short."""
    cut = unreserved(_NO_NAME.sub("_", name))[:_MOST_SIGNS]
    return cut.encode()[:_MOST_BYTES].decode(errors="ignore").rstrip(" .") or "_"


def unreserved(name: str) -> str:
    """Return a name that is none of Windows' devices: ``_CON`` for ``CON``, ``_nul.xlsx`` for ``nul.xlsx``."""
    return f"_{name}" if is_reserved(name) else name


def is_reserved(name: str) -> bool:
    """Return True for a name that Windows takes for a device, whatever its ending is."""
    return bool(_RESERVED.match(name))
