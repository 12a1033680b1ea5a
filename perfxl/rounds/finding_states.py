"""The states that a finding of a round can have beside ``open`` and ``explained``, and when something is left to do."""

from __future__ import annotations

from perfxl.finding import RULINGS
from perfxl.rounds.store.rows import Explanation, KeptFinding

NOTED, SUPERSEDED = "noted", "superseded"
"""States of a finding: about a book or a unit, so that no project answers for it; no longer found."""
TO_DO = ("open", "upheld")
"""The states of an error or warning that must still be put right or explained."""
DECIDED: tuple[str, ...] = RULINGS
"""The states that a person gives a finding: 维持 upheld, 采纳说明 accepted, 撤销 withdrawn."""


def must_be_done(finding: KeptFinding) -> bool:
    """Return whether a finding must still be put right or explained: a 强制性 or 核实性 one, open or upheld."""
    return finding.severity in ("error", "warning") and finding.state in TO_DO


def undecided_state(severity: str, explanation: Explanation | None) -> str:
    """Return the state of a finding about which nobody has decided: a 核实性 one may be explained, no other."""
    explained = explanation is not None and not explanation.refused
    return "explained" if severity == "warning" and explained else "open"
