"""Every pattern that is compiled at its first use can be compiled, and does what a compiled one does."""

import importlib
import pkgutil
import re

import perfxl
from perfxl.form.late_pattern import late_pattern

_LATE = type(late_pattern(""))


def test_every_late_pattern_compiles() -> None:
    """A mistake in a pattern would else be raised in the middle of a check."""
    modules = [
        importlib.import_module(found.name)
        for found in pkgutil.walk_packages(perfxl.__path__, "perfxl.")
        if found.name.startswith(("perfxl.form.", "perfxl.rules.", "perfxl.budget."))
    ]
    late = [value for module in modules for value in vars(module).values() if isinstance(value, _LATE)]
    assert len(late) > 100
    for pattern in late:
        assert isinstance(pattern.pattern, str)


def test_it_does_what_a_compiled_pattern_does() -> None:
    """Methods, flags and groups are those of ``re.compile``."""
    late, compiled = (
        late_pattern(r"(?P<word>[a-z]+)(\d)", re.IGNORECASE),
        re.compile(r"(?P<word>[a-z]+)(\d)", re.IGNORECASE),
    )
    text = "AB1 cd2"
    assert late.findall(text) == compiled.findall(text) == [("AB", "1"), ("cd", "2")]
    assert late.sub(r"\2\1", text) == compiled.sub(r"\2\1", text)
    assert (late.pattern, late.flags, late.groups) == (compiled.pattern, compiled.flags, compiled.groups)
    found = late.search(text)
    assert found is not None
    assert found["word"] == "AB"
