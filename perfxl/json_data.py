"""JSON as perfxl keeps it: such that people who query a database of it can read it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def dumps(value: Any) -> str:
    """Return a value as JSON; half characters, which no database takes, are escaped. Raises for what JSON has not."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=_plain)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, allow_nan=False, default=_plain)
    return text


def as_kept(value: Any) -> Any:
    """Return a value as it comes back: tuples as lists, exact numbers as JSON has them."""
    return value if value is None or isinstance(value, str | int) else json.loads(dumps(value))


def digest(value: Any) -> str:
    """Return a digest of a value that is the same for it as it comes back."""
    text = json.dumps(value, allow_nan=False, default=_plain)  # escaped: two halves of a character come back as one
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _plain(value: object) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} is no JSON data")
