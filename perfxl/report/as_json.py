"""Findings as JSON for other programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from perfxl import messages
from perfxl.batch.check import CheckedFiles
from perfxl.finding import Finding
from perfxl.report.console import data_list


def show(checked: CheckedFiles, lang: str) -> None:
    """Print a list of findings, each with its facts and its sentence."""
    data_list(json.dumps(_plain(finding, lang), ensure_ascii=False, indent=2) for finding in checked.findings)


def _plain(finding: Finding, lang: str) -> dict[str, Any]:
    """Return a finding as JSON data."""
    facts = {key: value for key, value in finding.facts.items() if key not in ("places", "own_words")}
    return {
        "file": finding.file,
        "sheet": finding.sheet,
        "cell": finding.cell,
        "field": finding.field,
        "code": finding.code,
        "severity": finding.severity,
        "message": messages.message(finding, lang),
        "suggestion": finding.suggestion,
        "facts": json.loads(json.dumps(facts, default=_number)),
        "cells": list(finding.cells),
        "fields": list(finding.fields),
        "explanation": finding.explanation,
        "answered": finding.answered,
        "decision": asdict(finding.decision) if finding.decision else None,
    }


def _number(value: Any) -> Any:
    """Return a decimal as a number, anything else as its text."""
    return float(value) if isinstance(value, Decimal) else str(value)
