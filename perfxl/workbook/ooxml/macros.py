"""Detection and removal of programs in a workbook: nothing that perfxl writes contains a macro.

Removed are the macro project and its signatures, ActiveX controls, changes of the ribbon, and names of procedures.
Sheets of Excel 4 macros become blank ones, so that the others keep their places. Pictures and form controls stay (a
ticked box is an answer): they hold at most a macro's name. Links to other files stay, too; perfxl never follows them.
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
# a list of relationships or content types that names a program has one of these words, or hides it by character
# references or another encoding
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
    """Return False only if it is certain that a package contains no program. Nothing is parsed for it."""
    lists = [name for name in (*_relation_lists(package), package.find_part(CONTENT_TYPES)) if name in package.entries]
    return any(_SIGN.search(package.read(name)) for name in lists) or any(map(_NAME.fullmatch, package.entries))


def remove_macros(package: Package) -> bytes:
    """Return the bytes of a package without its programs; they are unchanged if it has none.

    Raises PackageError if a part that has to be read is damaged.
    """
    if not may_hold_macros(package):
        return package.data
    lines = [line for name in _relation_lists(package) for line in _read_lines(package, name)]
    types = _spans(package, package.find_part(CONTENT_TYPES), 2)
    blank = _blank_names(package, {line.target for line in lines if line.kind in _SHEETS})
    gone = _program_parts(package, lines, types, blank)
    changes = {package.find_part(CONTENT_TYPES): [*_change_types(types, gone, blank)]}
    workbook = workbook_part(package)
    changes[workbook] = [*_remove_procedures(_spans(package, workbook, 3))]
    for name, listed in groupby(lines, attrgetter("list")):
        changes[name] = [*_change_lines(listed, gone, blank)]
    for part, ids in _sheets_with_controls(package, lines).items():
        changes[part] = [*_remove_controls(package, part, ids)]
    parts = {
        name: apply_splices(to_utf8(package.read(name)), splices)
        for name, splices in changes.items()
        if splices and name not in gone
    }
    parts |= dict.fromkeys(blank.values(), _BLANK)
    return package.replace_parts(parts, gone) if parts or gone else package.data


class _Line(NamedTuple):
    """One relationship: the part that lists it, its place there, its kind and its target (empty if outside)."""

    list: str
    span: Span
    kind: str
    target: str


def _relation_lists(package: Package) -> list[str]:
    """Return the names of all parts that list relationships."""
    return [name for name in package.entries if name.lower().endswith(".rels")]


def _spans(package: Package, part: str, depth: int) -> list[Span]:
    """Return the outline of a part down to ``depth``; nothing for a part that is not there."""
    return outline(to_utf8(package.read(part)), depth, package, part) if part in package.entries else []


def _read_lines(package: Package, name: str) -> Iterator[_Line]:
    """Yield the relationships of one list."""
    source = posixpath.join(posixpath.dirname(posixpath.dirname(name)), posixpath.basename(name)[: -len(".rels")])
    targets = {id: relation.target for id, relation in read_relations(package, source).items()}
    for span in _spans(package, name, 2):
        if span.name == "Relationship":
            kind = span.attributes.get("Type", "").rpartition("/")[2]
            yield _Line(name, span, kind, targets.get(span.attributes.get("Id", ""), ""))


def _blank_names(package: Package, sheets: Iterable[str]) -> dict[str, str]:
    """Return for each of these sheets the name of the part with the blank sheet that replaces it."""
    free = (f"xl/worksheets/sheet{at}.xml" for at in range(1, 2 * package.limits.parts))
    names = (name for name in free if package.find_part(name) not in package.entries)
    return dict(zip(sorted(sheets), names, strict=False))


def _program_parts(package: Package, lines: Iterable[_Line], types: Sequence[Span], blank: Collection[str]) -> set[str]:
    """Return the parts that are programs by their relationships, types or names, with their lists of relationships.

    A part that perfxl itself reads stays: a false relationship or type cannot remove a form.
    """
    own = {_part_name(span): span.attributes.get("ContentType", "") for span in types if span.name == "Override"}
    of_kind = {
        span.attributes.get("Extension", "").lower(): span.attributes.get("ContentType", "")
        for span in types
        if span.name == "Default"
    }
    programs = {line.target for line in lines if line.kind in _PROGRAMS} | {*blank}
    for name in package.entries:
        type = own.get(name.lower(), of_kind.get(name.rpartition(".")[2].lower(), ""))
        if _NAME.fullmatch(name) or _TYPE.search(type):
            programs.add(name)
    programs -= {line.target for line in lines if line.kind in _NEEDED}
    programs |= {
        posixpath.join(posixpath.dirname(part), "_rels", f"{posixpath.basename(part)}.rels") for part in programs
    }
    return {part for part in map(package.find_part, programs) if part in package.entries}


def _part_name(span: Span) -> str:
    """Return the name, in small letters, of the part whose content type this element states."""
    return span.attributes.get("PartName", "").removeprefix("/").lower()


def _change_types(types: Iterable[Span], gone: Collection[str], blank: Mapping[str, str]) -> Iterator[Splice]:
    """Yield the changes of the list of content types.

    The parts that are ``gone`` are removed, the ``blank`` sheets added, and the workbook's type becomes the plain one.
    """
    lost = {name.lower() for name in gone}
    for span in types:
        type = span.attributes.get("ContentType", "")
        if span.depth == 1:
            new = (f'<Override PartName="/{name}" ContentType="{TYPES["worksheet"]}"/>' for name in blank.values())
            prefix = span.tag.rpartition(":")[0]
            xml = "".join(element.replace("<", f"<{prefix}:") if prefix else element for element in new)
            yield Splice(span.close, span.close, xml.encode())
        elif _part_name(span) in lost or (span.name == "Default" and _TYPE.search(type)):
            yield Splice(span.start, span.end, b"")
        elif _MAIN.search(type):
            yield _rewrite_element(span, ContentType=_PLAIN)
        elif "macrosheet" in type.lower() or _TYPE.search(type):
            yield _rewrite_element(span, ContentType=TYPES["worksheet"])


def _change_lines(lines: Iterable[_Line], gone: Collection[str], blank: Mapping[str, str]) -> Iterator[Splice]:
    """Yield the changes of a list of relationships: sheets of macros become blank ones, programs are removed."""
    for line in lines:
        if line.kind in _SHEETS:
            yield _rewrite_element(line.span, Type=_WORKSHEET, Target=f"/{blank[line.target]}", TargetMode="Internal")
        elif line.kind in _PROGRAMS or line.target in gone:
            yield Splice(line.span.start, line.span.end, b"")


def _rewrite_element(span: Span, **attributes: str) -> Splice:
    """Return the change that writes an element as an empty tag with some attributes changed."""
    merged = {**span.attributes, **attributes}
    tag = f"<{span.tag} {' '.join(f'{key}={quote_attribute(value)}' for key, value in merged.items())}/>"
    return Splice(span.start, span.end, tag.encode())


def _remove_procedures(spans: Sequence[Span]) -> Iterator[Splice]:
    """Yield the changes that remove defined names of procedures, or the whole list of names if no others are left."""
    names = [span for span in spans if span.name == "definedName"]
    procedures = [
        span for span in names if {span.attributes.get(key) for key in ("xlm", "vbProcedure")} & {"1", "true"}
    ]
    listed = [span for span in spans if span.name == "definedNames"]
    for span in listed if procedures and len(procedures) == len(names) else procedures:
        yield Splice(span.start, span.end, b"")


def _sheets_with_controls(package: Package, lines: Iterable[_Line]) -> dict[str, set[str]]:
    """Return the sheets that show an ActiveX control, with the ids of these controls' relationships."""
    ids_by_part: dict[str, set[str]] = {}
    for line in lines:
        if line.kind == "control":
            folder, name = posixpath.split(line.list)
            part = package.find_part(posixpath.join(posixpath.dirname(folder), name[: -len(".rels")]))
            ids_by_part.setdefault(part, set()).add(line.span.attributes.get("Id", ""))
    return {part: ids for part, ids in ids_by_part.items() if part in package.entries}


def _remove_controls(package: Package, part: str, ids: Collection[str]) -> Iterator[Splice]:
    """Yield the changes that remove controls from a sheet. Only the elements after the cells are parsed."""
    data = to_utf8(package.read(part))
    match = re.search(rb"<((?:\w+:)?)worksheet[\s>]", data)
    prefix = match[1] if match else b""
    start = max(cells_end(data, prefix), 0)
    root = b"<" + prefix + b"worksheet>" if start else b""
    spans = outline(root + data[start:], 9, package, part)
    shift = start - len(root)
    for listed in (at for at, span in enumerate(spans) if span.name == "controls"):
        entries = [at for at, span in enumerate(spans) if span.parent == listed]
        gone = {
            _ancestor_below(spans, at, listed)
            for at, span in enumerate(spans)
            if span.name == "control" and _relation_id(span) in ids and _ancestor_below(spans, at, listed) in entries
        }
        for at in {_ancestor_below(spans, listed, 0)} if gone == {*entries} else gone:
            yield Splice(spans[at].start + shift, spans[at].end + shift, b"")


def _relation_id(span: Span) -> str:
    """Return the element's attribute ``id`` in any namespace; empty if it has none."""
    return next((value for key, value in span.attributes.items() if key.rpartition(":")[2] == "id"), "")


def _ancestor_below(spans: Sequence[Span], at: int, parent: int) -> int:
    """Return the direct child of ``parent`` that contains the element ``at`` or is it; -1 if there is none.

    All elements are given by their index in the outline.
    """
    while at >= 0 and spans[at].parent != parent:
        at = spans[at].parent
    return at
