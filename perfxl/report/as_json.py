"""Findings as JSON for other programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from perfxl import messages
from perfxl.finding import Finding
from perfxl.report.console import data


def show(found: Sequence[Finding], lang: str) -> None:
    """Prints a list of findings, each with its facts and its sentence."""
    data(json.dumps([_plain(finding, lang) for finding in found], ensure_ascii=False, indent=2))


def _plain(each: Finding, lang: str) -> dict[str, Any]:
    """A finding as JSON data."""
    facts = {key: value for key, value in each.facts.items() if key not in ("places", "own_words")}
    return {
        "file": each.file,
        "sheet": each.sheet,
        "cell": each.cell,
        "field": each.field,
        "code": each.code,
        "severity": each.severity,
        "message": messages.message(each, lang),
        "suggestion": each.suggestion,
        "facts": json.loads(json.dumps(facts, default=_number)),
        "cells": list(each.cells),
        "fields": list(each.fields),
        "explanation": each.explanation,
        "answered": each.answered,
        "decision": asdict(each.decision) if each.decision else None,
    }


def _number(value: Any) -> Any:
    """Decimals as numbers, anything else as its text."""
    return float(value) if isinstance(value, Decimal) else str(value)
