"""The person at this machine, and its time, as the store notes them."""

from __future__ import annotations

import datetime
import getpass


def now() -> str:
    """Return the time of this machine, to the second, as an ISO text."""
    return datetime.datetime.now().replace(microsecond=0).isoformat()


def whoever() -> str:
    """Return the name of the person at this machine, as the system has it."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a process without a user
        return ""
