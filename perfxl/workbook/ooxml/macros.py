"""What of a workbook is a program, and the workbook without it: no macro stands in anything that perfxl writes.

Taken out are the macro project and its signatures, ActiveX controls, changes of the ribbon, and names of procedures.
Sheets of Excel 4 macros become blank ones, so that the others keep their places. Pictures and form controls stay (a box
that was ticked is an answer): they hold at most a macro's name. Links to other files stay, too; nobody follows them.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from perfxl.workbook.ooxml.edit import (
    DECLARATION,
    Span,
    Splice,
    apply_splices,
    cells_end,
    outline,
    quote_attribute,
    to_utf8,
)
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.relations import CONTENT_TYPES, TYPES, read_relations, workbook_part

# the last words of relationships' types ([MS-OFFMACRO2] 2.2; [MS-CUSTOMUI] 2.1; ECMA-376 part 1, 12.3)
_PROGRAMS = frozenset((
    "vbaProject", "vbaProjectSignature", "vbaProjectSignatureAgile", "vbaProjectSignatureV3", "wordVbaData", "control",
    "activeXControl", "activeXControlBinary", "extensibility", "userCustomization", "attachedToolbars",
))  # fmt: skip
_SHEETS = frozenset(("xlMacrosheet", "xlIntlMacrosheet"))
_NEEDED = frozenset(("officeDocument", "worksheet", "styles", "sharedStrings", "custom-properties", "customProperties"))
_NAME = re.compile(r"xl/(?:vbaProject|attachedToolbars)[^/]*|(?:xl/activeX|customUI|userCustomization)/.*", re.I)
_TYPE = re.compile(r"vbaProject|activeX|attachedToolbars|customUI", re.I)
_MAIN = re.compile(r"(?:macroEnabled|template)\.main\+xml")
# words by one of which every program is announced, or that may hide one: references, other encodings
_SIGN = re.compile(
    rb"vbaProject|wordVba|ontrol|activeX|extensib|ustomUI|ustomiz|Toolbars|acrosheet|acroEnabled|template\.main|&#|\0"
)
_PLAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_BLANK = (
    DECLARATION
    + b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>'
)
_WORKSHEET = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"


def may_hold_macros(package: Package) -> bool:
    """Whether something may be a program in a package. No only where that is certain; nothing is parsed for it."""
    lists = [name for name in (*_lists(package), package.find_part(CONTENT_TYPES)) if name in package.entries]
    return any(_SIGN.search(package.read(name)) for name in lists) or any(map(_NAME.fullmatch, package.entries))


def remove_macros(package: Package) -> bytes:
    """The bytes of a package without its programs; the same where there are none. Raises PackageError."""
    if not may_hold_macros(package):
        return package.data
    lines = [line for name in _lists(package) for line in _lines(package, name)]
    types = _spans(package, package.find_part(CONTENT_TYPES), 2)
    blank = _blank_names(package, {line.target for line in lines if line.kind in _SHEETS})
    gone = _program_parts(package, lines, types, blank)
    changes = {package.find_part(CONTENT_TYPES): [*_change_types(types, gone, blank)]}
    workbook = workbook_part(package)
    changes[workbook] = [*_procedures(_spans(package, workbook, 3))]
    for name, listed in groupby(lines, attrgetter("list")):
        changes[name] = [*_change_lines(listed, gone, blank)]
    for part, ids in _controls(package, lines).items():
        changes[part] = [*_remove_controls(package, part, ids)]
    parts = {
        name: apply_splices(to_utf8(package.read(name)), each)
        for name, each in changes.items()
        if each and name not in gone
    }
    parts |= dict.fromkeys(blank.values(), _BLANK)
    return package.replace_parts(parts, gone) if parts or gone else package.data


class _Line(NamedTuple):
    """A line of a list of relations: the list's part, its place there, the part that it names (empty if outside)."""

    list: str
    span: Span
    kind: str
    target: str


def _lists(package: Package) -> list[str]:
    return [name for name in package.entries if name.lower().endswith(".rels")]


def _spans(package: Package, part: str, depth: int) -> list[Span]:
    return outline(to_utf8(package.read(part)), depth, package, part) if part in package.entries else []


def _lines(package: Package, name: str) -> Iterator[_Line]:
    source = posixpath.join(posixpath.dirname(posixpath.dirname(name)), posixpath.basename(name)[: -len(".rels")])
    targets = {id: each.target for id, each in read_relations(package, source).items()}
    for span in _spans(package, name, 2):
        if span.name == "Relationship":
            kind = span.attributes.get("Type", "").rpartition("/")[2]
            yield _Line(name, span, kind, targets.get(span.attributes.get("Id", ""), ""))


def _blank_names(package: Package, sheets: Iterable[str]) -> dict[str, str]:
    """What the blank sheet is called that takes the place of each of these."""
    free = (f"xl/worksheets/sheet{at}.xml" for at in range(1, 2 * package.limits.parts))
    names = (name for name in free if package.find_part(name) not in package.entries)
    return dict(zip(sorted(sheets), names, strict=False))


def _program_parts(package: Package, lines: Iterable[_Line], types: Sequence[Span], blank: Collection[str]) -> set[str]:
    """The parts that are programs by their relations, types or names, with their own relations.

    What perfxl itself reads by stays: a false relation or type takes no form away.
    """
    own = {_part(span): span.attributes.get("ContentType", "") for span in types if span.name == "Override"}
    of_kind = {
        span.attributes.get("Extension", "").lower(): span.attributes.get("ContentType", "")
        for span in types
        if span.name == "Default"
    }
    found = {line.target for line in lines if line.kind in _PROGRAMS} | {*blank}
    for name in package.entries:
        type = own.get(name.lower(), of_kind.get(name.rpartition(".")[2].lower(), ""))
        if _NAME.fullmatch(name) or _TYPE.search(type):
            found.add(name)
    found -= {line.target for line in lines if line.kind in _NEEDED}
    found |= {posixpath.join(posixpath.dirname(each), "_rels", f"{posixpath.basename(each)}.rels") for each in found}
    return {each for each in map(package.find_part, found) if each in package.entries}


def _part(span: Span) -> str:
    """The part that a content type is of, in small letters."""
    return span.attributes.get("PartName", "").removeprefix("/").lower()


def _change_types(types: Iterable[Span], gone: Collection[str], blank: Mapping[str, str]) -> Iterator[Splice]:
    """The list of types without what is gone, the workbook a plain one, and with the blank sheets."""
    lost = {each.lower() for each in gone}
    for span in types:
        type = span.attributes.get("ContentType", "")
        if span.depth == 1:
            new = (f'<Override PartName="/{name}" ContentType="{TYPES["worksheet"]}"/>' for name in blank.values())
            prefix = span.tag.rpartition(":")[0]
            xml = "".join(each.replace("<", f"<{prefix}:") if prefix else each for each in new)
            yield Splice(span.close, span.close, xml.encode())
        elif _part(span) in lost or (span.name == "Default" and _TYPE.search(type)):
            yield Splice(span.start, span.end, b"")
        elif _MAIN.search(type):
            yield _rewrite_element(span, ContentType=_PLAIN)
        elif "macrosheet" in type.lower() or _TYPE.search(type):
            yield _rewrite_element(span, ContentType=TYPES["worksheet"])


def _change_lines(lines: Iterable[_Line], gone: Collection[str], blank: Mapping[str, str]) -> Iterator[Splice]:
    for line in lines:
        if line.kind in _SHEETS:
            yield _rewrite_element(line.span, Type=_WORKSHEET, Target=f"/{blank[line.target]}", TargetMode="Internal")
        elif line.kind in _PROGRAMS or line.target in gone:
            yield Splice(line.span.start, line.span.end, b"")


def _rewrite_element(span: Span, **attributes: str) -> Splice:
    """An element that holds nothing, with some attributes otherwise."""
    held = {**span.attributes, **attributes}
    tag = f"<{span.tag} {' '.join(f'{key}={quote_attribute(value)}' for key, value in held.items())}/>"
    return Splice(span.start, span.end, tag.encode())


def _procedures(spans: Sequence[Span]) -> Iterator[Splice]:
    """The workbook's names that stand for a procedure go, and the list of names where none is left."""
    names = [span for span in spans if span.name == "definedName"]
    ours = [each for each in names if {each.attributes.get(key) for key in ("xlm", "vbProcedure")} & {"1", "true"}]
    listed = [span for span in spans if span.name == "definedNames"]
    for span in listed if ours and len(ours) == len(names) else ours:
        yield Splice(span.start, span.end, b"")


def _controls(package: Package, lines: Iterable[_Line]) -> dict[str, set[str]]:
    """The sheets that show a control, with the relations' ids."""
    found: dict[str, set[str]] = {}
    for line in lines:
        if line.kind == "control":
            folder, name = posixpath.split(line.list)
            part = package.find_part(posixpath.join(posixpath.dirname(folder), name[: -len(".rels")]))
            found.setdefault(part, set()).add(line.span.attributes.get("Id", ""))
    return {part: ids for part, ids in found.items() if part in package.entries}


def _remove_controls(package: Package, part: str, ids: Collection[str]) -> Iterator[Splice]:
    """Takes controls out of a sheet: what follows the cells is parsed alone."""
    data = to_utf8(package.read(part))
    found = re.search(rb"<((?:\w+:)?)worksheet[\s>]", data)
    prefix = found[1] if found else b""
    start = max(cells_end(data, prefix), 0)
    root = b"<" + prefix + b"worksheet>" if start else b""
    spans = outline(root + data[start:], 9, package, part)
    shift = start - len(root)
    for listed in (at for at, span in enumerate(spans) if span.name == "controls"):
        entries = [at for at, span in enumerate(spans) if span.parent == listed]
        gone = {
            _above(spans, at, listed)
            for at, span in enumerate(spans)
            if span.name == "control" and _id(span) in ids and _above(spans, at, listed) in entries
        }
        for at in {_above(spans, listed, 0)} if gone == {*entries} else gone:
            yield Splice(spans[at].start + shift, spans[at].end + shift, b"")


def _id(span: Span) -> str:
    return next((value for key, value in span.attributes.items() if key.rpartition(":")[2] == "id"), "")


def _above(spans: Sequence[Span], at: int, parent: int) -> int:
    """The element right inside ``parent`` that holds this one, or is it; -1 where none does."""
    while at >= 0 and spans[at].parent != parent:
        at = spans[at].parent
    return at
