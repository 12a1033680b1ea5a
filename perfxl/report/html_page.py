"""A page of HTML that needs nothing else: no network, and scripts for its search and filters alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from perfxl.messages import harmless

_STYLE = Path(__file__).with_name("page_style.html")
"""The style that all pages have."""


def html_page(template: str, lang: str, **values: Any) -> str:
    """Return a page; ``template``: the name of a Jinja template beside this file, which gets ``values``."""
    from jinja2 import Environment, StrictUndefined  # late: most commands make no page

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    text = Path(__file__).with_name(template).read_text(encoding="utf-8")
    style = _STYLE.read_text(encoding="utf-8").rstrip()
    return harmless(environment.from_string(text).render(lang=lang, style=style, **values))
