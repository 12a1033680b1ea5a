"""A deadline: a day, to its end, or a day and a time; as ISO texts, empty for none."""

from __future__ import annotations

import datetime

EXAMPLES = ("2024-03-15", "2024-03-15 17:00")


def read_deadline(text: str) -> str:
    """Return a deadline as it is kept: ``2024-03-15`` or ``2024-03-15 17:00``. Raises ValueError for anything else."""
    if len(text) <= len("2024-03-15"):
        return datetime.date.fromisoformat(text).isoformat()
    moment = datetime.datetime.fromisoformat(text)
    if moment.tzinfo or moment.second or moment.microsecond:
        raise ValueError(text)
    return moment.isoformat(" ", "minutes")


def has_passed(deadline: str, time: str) -> bool:
    """Return True if an ISO time is after a deadline; the day, or the minute, that it names is not."""
    return bool(deadline) and time.replace("T", " ")[: len(deadline)] > deadline.replace("T", " ")


def days_left(deadline: str, now: str) -> int | None:
    """Return the days from today to a deadline's, below zero when it is over; None for no deadline."""
    if not deadline:
        return None
    return (datetime.date.fromisoformat(deadline[:10]) - datetime.date.fromisoformat(now[:10])).days
