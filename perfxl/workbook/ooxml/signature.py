"""Removal of digital signatures (ECMA-376 part 2, 10) from a package that is changed: they are valid no longer.

Programs show a broken signature as a warning that somebody forged the file. The signature of a macro project goes with
its macros (``macros``).
"""

from __future__ import annotations

from collections.abc import Container, Iterator

from perfxl.workbook.ooxml.edit import Splice, apply_splices, outline, to_utf8
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.relations import CONTENT_TYPES, read_relations, workbook_part

_ORIGIN = "/digital-signature/origin"  # how the type of the package's relationship to its signatures ends
_FOLDER = "_xmlsignatures/"


def is_signed(package: Package) -> bool:
    """Return True if a package is signed as a whole. Nothing but the package's own relationships is parsed for it."""
    return any(relation.kind == "origin" for relation in read_relations(package, "").values()) or any(
        name.lower().startswith(_FOLDER) for name in package.entries
    )


def remove_signature(package: Package) -> bytes:
    """Return the bytes of a package without its signatures; they are unchanged if it has none.

    Raises PackageError if a part that has to be read is damaged.
    """
    if not is_signed(package):
        return package.data
    needed = set(_needed_parts(package))
    gone = set(_signature_parts(package, needed)) - needed
    lost = {f"/{name}".lower() for name in gone}
    parts: dict[str, bytes] = {}
    for name in (package.find_part("_rels/.rels"), package.find_part(CONTENT_TYPES)):
        if name in package.entries:
            data = to_utf8(package.read(name))
            spans = [span for span in outline(data, 2, package, name) if span.depth == 2]
            own = [
                span
                for span in spans
                if span.attributes.get("Type", "").endswith(_ORIGIN)
                or span.attributes.get("PartName", "").lower() in lost
                or span.attributes.get("Extension", "").lower() == "sigs"
            ]
            parts[name] = apply_splices(data, [Splice(span.start, span.end, b"") for span in own])
    return package.replace_parts(parts, gone)


def _needed_parts(package: Package) -> Iterator[str]:
    """Yield the workbook and the parts that it or the package leads to: a false relationship cannot remove a form."""
    workbook = workbook_part(package)
    yield from (workbook, package.find_part(CONTENT_TYPES), package.find_part("_rels/.rels"))
    yield from (relation.target for relation in read_relations(package, "").values() if relation.kind != "origin")
    yield from (relation.target for relation in read_relations(package, workbook).values())


def _signature_parts(package: Package, needed: Container[str]) -> Iterator[str]:
    """Yield the names of the parts of the signatures: the origin, what it leads to, and all in the usual folder."""
    yield from (name for name in package.entries if name.lower().startswith(_FOLDER))
    for origin in read_relations(package, "").values():
        if origin.kind == "origin" and origin.target in package.entries and origin.target not in needed:
            folder, _, name = origin.target.rpartition("/")
            lists = package.find_part(f"{folder}/_rels/{name}.rels".removeprefix("/"))
            signatures = read_relations(package, origin.target).values()
            named = (origin.target, lists, *(signature.target for signature in signatures))
            yield from (name for name in named if name in package.entries)
