"""Forms that live in Excel: send out locked workbooks, read them back, check them, flag what is wrong.

The verbs and the types that people name are here; docs/api.md shows them at work. They are loaded when they are first
asked for, so that ``import perfxl`` costs nothing. Nothing is printed, and nothing is written unless asked.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from perfxl.batch.carry import CarriedRecords as CarriedRecords
    from perfxl.batch.carry import carry as carry
    from perfxl.batch.check import CheckedFiles as CheckedFiles
    from perfxl.batch.check import check as check
    from perfxl.batch.cluster import use_cluster as use_cluster
    from perfxl.batch.correct import CorrectedFile as CorrectedFile
    from perfxl.batch.correct import CorrectedFiles as CorrectedFiles
    from perfxl.batch.correct import correct as correct
    from perfxl.batch.flag import FlaggedFile as FlaggedFile
    from perfxl.batch.flag import FlaggedFiles as FlaggedFiles
    from perfxl.batch.flag import flag as flag
    from perfxl.batch.generate import GeneratedWorkbook as GeneratedWorkbook
    from perfxl.batch.generate import generate as generate
    from perfxl.batch.publish import PublishedFiles as PublishedFiles
    from perfxl.batch.publish import publish as publish
    from perfxl.batch.read import ReadFiles as ReadFiles
    from perfxl.batch.read import read as read
    from perfxl.batch.sources import load_form as load_form
    from perfxl.batch.sources import load_rules as load_rules
    from perfxl.batch.stage import StagedWorkbooks as StagedWorkbooks
    from perfxl.batch.stage import stage as stage
    from perfxl.batch.stage_summary import StageSummary as StageSummary
    from perfxl.batch.stage_summary import stage_summary as stage_summary
    from perfxl.budget.documents.extract import Extraction as Extraction
    from perfxl.budget.documents.source import extract as extract
    from perfxl.errors import PerfxlError as PerfxlError
    from perfxl.finding import Finding as Finding
    from perfxl.form.form import Form as Form
    from perfxl.messages import sentence as sentence
    from perfxl.rules.policy import Policy as Policy
    from perfxl.submission import Submission as Submission

__version__ = "0.1.0"

_PLACES = {
    "CarriedRecords": "batch.carry",
    "CheckedFiles": "batch.check",
    "CorrectedFile": "batch.correct",
    "CorrectedFiles": "batch.correct",
    "Extraction": "budget.documents.extract",
    "Finding": "finding",
    "FlaggedFile": "batch.flag",
    "FlaggedFiles": "batch.flag",
    "Form": "form.form",
    "GeneratedWorkbook": "batch.generate",
    "PerfxlError": "errors",
    "Policy": "rules.policy",
    "PublishedFiles": "batch.publish",
    "ReadFiles": "batch.read",
    "StageSummary": "batch.stage_summary",
    "StagedWorkbooks": "batch.stage",
    "Submission": "submission",
    "carry": "batch.carry",
    "check": "batch.check",
    "correct": "batch.correct",
    "extract": "budget.documents.source",
    "flag": "batch.flag",
    "generate": "batch.generate",
    "load_form": "batch.sources",
    "load_rules": "batch.sources",
    "publish": "batch.publish",
    "read": "batch.read",
    "sentence": "messages",
    "stage": "batch.stage",
    "stage_summary": "batch.stage_summary",
    "use_cluster": "batch.cluster",
}
"""The module of each public name."""

__all__ = [*_PLACES, "__version__"]


def __getattr__(name: str) -> Any:
    """Load a public name from where it stands."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
