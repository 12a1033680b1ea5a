"""The life of findings: what a unit explains and an officer decides follows a finding to the next draft.

It follows where the finding says the same: the same check about the same answers, whichever row they stand in now.
Otherwise the finding is open anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, NamedTuple

from perfxl.finding import RULINGS, Finding
from perfxl.form import installed
from perfxl.form.answers import get, without_rows
from perfxl.json_data import as_kept, dumps
from perfxl.rounds.arrivals import Arrival
from perfxl.rounds.model import ProjectKey
from perfxl.rounds.states import NOTED, TO_DO
from perfxl.rounds.store.rows import Explanation, KeptFinding
from perfxl.rounds.unit_review import is_of_unit
from perfxl.rules.policy import Policy
from perfxl.workbook.opinions.opinion_key import finding_codes
from perfxl.workbook.opinions.replies import ReplyMatcher


@dataclass(frozen=True)
class FormerDraft:
    """The draft that counted before: its record, its findings with their states, the explanations of these by row."""

    record: Mapping[str, Any]
    findings: tuple[KeptFinding, ...] = ()
    explanations: Mapping[int, Explanation] = field(default_factory=dict)


class FollowedFinding(NamedTuple):
    """A finding of a new draft with its state, and the explanation that it has, if any."""

    finding: KeptFinding
    explanation: Explanation | None = None


def must_be_done(finding: KeptFinding) -> bool:
    """Return whether a finding must still be put right or explained: a 强制性 or 核实性 one, open or upheld."""
    return finding.severity in ("error", "warning") and finding.state in TO_DO


def add_explanations(
    arrival: Arrival, found: Mapping[int, tuple[Finding, ...]], policy: Policy
) -> dict[int, tuple[Finding, ...]]:
    """Return findings on the sheets of a file, by the places of the sheets, with what its 审核意见 explains."""
    if not arrival.entries:
        return {}
    matcher = ReplyMatcher(arrival.entries, {}, policy)
    return {
        at: tuple(matcher.add_entry(finding_codes(arrival.keys[at], finding), finding) for finding in findings)
        for at, findings in found.items()
    }


def as_finding(kept: KeptFinding) -> Finding:
    """Return a finding as it was found, for its sentence."""
    severity: Any = kept.severity
    facts = dict(kept.facts)
    suggestion = facts.pop("suggestion", None)
    return Finding(kept.code, severity, kept.fields, facts, suggestion)


def undecided_state(finding: KeptFinding, form: str, explanation: Explanation | None = None) -> str:
    """Return the state of a finding about which nobody has decided: a 核实性 one may be explained, no other."""
    if is_of_unit(finding.code, finding.fields, form):
        return NOTED
    explained = explanation is not None and not explanation.refused
    return "explained" if finding.severity == "warning" and explained else "open"


def follow(
    before: FormerDraft | None, record: Mapping[str, Any], findings: Sequence[Finding], key: ProjectKey
) -> tuple[FollowedFinding, ...]:
    """Return the findings of a new draft as they are kept.

    ``before``: the draft that counts, None for none; ``key``: the project, whose unit explains.
    """
    kept = [as_kept_finding(finding, key[1]) for finding in findings]
    owns = [
        Explanation(0, finding.explanation, finding.refused, key[0]) if finding.explanation.strip() else None
        for finding in findings
    ]
    if before is None or not before.findings:
        return tuple(_followed(finding, key[1], None, own, None) for finding, own in zip(kept, owns, strict=True))
    rows = _Rows(before.record, as_kept(record), _keys(key[1]))
    same = rows.pair(before.findings, kept, whole=True)
    alike = rows.pair(before.findings, kept, whole=False)
    return tuple(
        _followed(finding, key[1], same.get(at), own, alike.get(at), before.explanations)
        for at, (finding, own) in enumerate(zip(kept, owns, strict=True))
    )


def _followed(
    finding: KeptFinding,
    form: str,
    same: KeptFinding | None,
    own: Explanation | None,
    alike: KeptFinding | None,
    explanations: Mapping[int, Explanation] = MappingProxyType({}),
) -> FollowedFinding:
    """Return a finding with what follows it.

    ``same``: the earlier finding that says the same; ``own``: what came with it; ``alike``: the earlier one about the
    same answers, whatever it says; ``explanations``: of the earlier ones.
    """
    earlier = explanations.get(same.id) if same else None
    explanation = earlier if earlier and (own is None or own.text == earlier.text) else own
    state: str
    if same and same.state in RULINGS:
        state = same.state
    elif alike and alike.state == "upheld" and own and _says(own, explanations.get(alike.id)):
        state = "open"  # what did not satisfy the officer is no explanation of what it says now
    else:
        state = undecided_state(finding, form, explanation)
    return FollowedFinding(replace(finding, state=state, follows=same.id if same else None), explanation)


def _says(own: Explanation, earlier: Explanation | None) -> bool:
    return earlier is not None and own.text == earlier.text


def as_kept_finding(finding: Finding, form: str) -> KeptFinding:
    """Return a finding as it is kept; what it suggests is one of the facts of its sentence."""
    facts = {**({"suggestion": finding.suggestion} if finding.suggestion is not None else {}), **finding.facts}
    kept = KeptFinding(finding.code, finding.severity, finding.fields, finding.cell, facts)
    return replace(kept, state=undecided_state(kept, form))


def _keys(form: str) -> Mapping[str, str]:
    """Return the columns that name the rows of a form's tables: the path of a table's rows → the column's in a row."""
    tables = [table for table in installed.load(form).tables.values() if table.key]
    return {".".join(table.lists): table.places[table.key][1] for table in tables}


class _Rows:
    """The rows of two drafts of a record, by which findings of the one are found again in the other.

    ``keys``: the columns that name rows (see ``_keys``): of such a table, rows of one name are the same.
    """

    def __init__(self, before: Mapping[str, Any], after: Mapping[str, Any], keys: Mapping[str, str]) -> None:
        self.before, self.after, self.keys = before, after, keys

    def pair(self, before: Sequence[KeptFinding], after: Sequence[KeptFinding], whole: bool) -> dict[int, KeptFinding]:
        """Return for findings of the later draft, by their places, those of the earlier about the same answers.

        ``whole``: what they say is the same, too. Each is paired once; of several rows the one most alike is taken.
        """
        known: dict[tuple[Any, ...], list[KeptFinding]] = {}
        for old in before:
            known.setdefault(_kind(old, whole), []).append(old)
        pairs: list[tuple[float, int, int, KeptFinding]] = []
        for at, new in enumerate(after):
            for old in known.get(_kind(new, whole), ()):
                if alike := self._likeness(old, new, whole):
                    moved = int(old.fields != new.fields)
                    pairs.append((-alike, moved, at, old))
        found: dict[int, KeptFinding] = {}
        used: set[int] = set()
        for _, _, at, old in sorted(pairs, key=lambda pair: (*pair[:3], pair[3].id)):
            if at not in found and old.id not in used:
                found[at] = old
                used.add(old.id)
        return found

    def _likeness(self, old: KeptFinding, new: KeptFinding, whole: bool) -> float:
        """Return how far two findings are about the same answers, from 0 (others) to 1."""
        fields = [*zip(old.fields, new.fields, strict=True)]
        if whole and any(get(self.before, was) != get(self.after, now) for was, now in fields):
            return 0
        shares = [self._share(was, now) for was, now in fields if "[" in was]
        share = min(shares, default=1.0)
        return share if share >= _SAME_ROW else 0

    def _share(self, was: str, now: str) -> float:
        """Return how far the rows of two paths are the same: by their name, else by what stands in them."""
        before, after = _row(self.before, was), _row(self.after, now)
        key = self.keys.get(without_rows(was[: was.rindex("]") + 1]), "")
        if key and (name := get(before, key)) is not None:
            return float(get(after, key) == name)
        return _share(before, after)


_SAME_ROW = 0.5  # of what stood in a row, so much still stands in it


def _kind(finding: KeptFinding, whole: bool) -> tuple[Any, ...]:
    """Return what findings about the same answers have in common; ``whole``: and what they say, but for its place."""
    kind = finding.code, finding.severity, tuple(map(without_rows, finding.fields))
    facts = {name: fact for name, fact in finding.facts.items() if name != "places"} if whole else {}
    return *kind, dumps(dict(sorted(facts.items())))


def _row(record: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """Return what stands in the row of a path, without what is blank."""
    row = get(record, path[: path.rindex("]") + 1])
    return {name: value for name, value in row.items() if value not in (None, "", [])} if isinstance(row, dict) else {}


def _share(before: Mapping[str, Any], after: Mapping[str, Any]) -> float:
    """Return which part of a row still stands in another; all of it for a blank one that is still blank."""
    if not before:
        return float(not after)
    still = [name for name, value in before.items() if after.get(name) == value]
    return len(still) / len(before)
