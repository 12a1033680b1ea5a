"""Patterns of modules, compiled when they are first used.

The checks hold some hundred patterns, of which a run of a few files uses half; to compile one that names the ideographs
takes as long as to import a module.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any, cast


def late_pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """Return a pattern that is compiled when one of its methods is first asked for, and from then on is as fast.

    ``text``, ``flags``: as ``re.compile`` has them; an error in the text is raised at the first use.
    """
    return cast("re.Pattern[str]", _LatePattern(text, flags))


class _LatePattern:
    def __init__(self, text: str, flags: int) -> None:
        self._text, self._flags = text, flags

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self._text, self._flags)

    def __getattr__(self, name: str) -> Any:
        """Return a method of the compiled pattern, and keep it: the next time it is found without this one."""
        found = getattr(self._compiled, name)
        setattr(self, name, found)
        return found
