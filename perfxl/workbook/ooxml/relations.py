"""The relationships between the parts of a package (ECMA-376 part 2, 6.5), and the search for the workbook part."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.part_cache import PartCache
from perfxl.workbook.ooxml.xml import walk_elements

RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
"""The namespace of a part that lists relationships."""

TYPES = {
    "worksheet": "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml",
    "comments": "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml",
    "vml": "application/vnd.openxmlformats-officedocument.vmlDrawing",
}
"""The content types of parts that perfxl adds to a workbook."""

CONTENT_TYPES = "[Content_Types].xml"
"""The part that lists the content types of all others (ECMA-376 part 2, 7.2.3)."""

_STRICT = {"customProperties": "custom-properties"}  # kinds of ISO 29500 strict that have other names in usual files


@dataclass(frozen=True)
class Relation:
    """One relationship of a part: its id, the last word of its type, its target part (empty if outside).

    ``outside``: the target as it is written where it is outside of the package.
    """

    id: str
    kind: str
    target: str
    outside: str = ""


def read_relations(package: Package, part: str) -> dict[str, Relation]:
    """Return a part's relationships by id; those of the package itself for an empty name."""
    folder, name = posixpath.split(part)
    source = package.find_part(posixpath.join(folder, "_rels", f"{name}.rels"))
    if source not in package.entries:
        return {}
    relations = dict(_read_relations(package, source))
    for id, relation in relations.items():
        if relation.target and relation.target not in package.entries:
            relations[id] = Relation(id, relation.kind, package.find_part(relation.target))
    return relations


def workbook_part(package: Package) -> str:
    """Return the name of the workbook part. Raises PackageError if there is none, or it is of Word or PowerPoint."""
    for relation in read_relations(package, "").values():
        if relation.kind == "officeDocument" and relation.target in package.entries:
            folder = relation.target.split("/")[0]
            if folder in ("word", "ppt"):
                raise package.refusal("not_a_workbook", kind={"word": "Word", "ppt": "PowerPoint"}[folder])
            return relation.target
    raise package.refusal("no_workbook")


@PartCache
def _read_relations(package: Package, source: str) -> dict[str, Relation]:
    """Read the part ``source``, which lists relationships. Raises PackageError for more than the limit."""
    folder = posixpath.dirname(posixpath.dirname(source))
    relations: dict[str, Relation] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship":
            outside = attributes.get("TargetMode") == "External"
            path = "" if outside else _resolve_target(folder, attributes.get("Target", ""))
            kind = attributes.get("Type", "").rsplit("/", 1)[-1]
            address = attributes.get("Target", "") if outside else ""
            id = attributes.get("Id", "")
            relations[id] = Relation(id, _STRICT.get(kind, kind), path, address)
            if len(relations) > package.limits.relations:
                raise package.refusal("too_many_relations", part=source, limit=package.limits.relations)

    walk_elements(package, source, start)
    return relations


def _resolve_target(folder: str, target: str) -> str:
    """Return the name of the part that a target means: absolute, or relative to the folder of its source part."""
    target = target.replace("\\", "/")
    path = target if target.startswith("/") else posixpath.join("/", folder, target)
    return posixpath.normpath(path).lstrip("/")
