"""A day, or a day and a time, as people say it."""

from __future__ import annotations

import datetime

from perfxl import messages


def moment(time: str, lang: str = messages.DEFAULT) -> str:
    """Return an ISO day, or day and time, in words: 11月3日10:26; empty for none."""
    if not time:
        return ""
    found = datetime.datetime.fromisoformat(time)
    clock = f"{found:%H:%M}" if len(time) > len("2024-03-15") else ""
    facts = {"month": found.month, "day": found.day, "clock": clock, "date": found.date().isoformat()}
    return messages.say("rounds.moment", facts, lang)
