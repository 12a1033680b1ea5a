"""The sentences about the form language."""

from __future__ import annotations

from perfxl import messages


def language_words(key: str, lang: str) -> str:
    """Return the sentence about ``keys.<section>.<key>``, ``options.<option>`` or ``types.<type>``; empty for none."""
    whole = f"language.{key}"
    return messages.say(whole, {}, lang) if messages.has_text(whole, lang) else ""
