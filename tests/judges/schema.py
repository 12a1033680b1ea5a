"""Would Excel open this package without repair? The ECMA schemas, and the further rules that Excel keeps.

`complaints(path)` returns what is wrong, as sentences; an empty list is the only good answer. The schemas are found by
PERFXL_OOXML, a folder of ECMA-376 transitional .xsd files. Themes, VML, pictures and printer settings are not judged
beyond being well-formed. Every rule is a function marked with @rule, from a Package to (part, sentence) pairs.
"""

from __future__ import annotations

import os
import posixpath
import re
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache, cached_property
from io import BytesIO
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from lxml import etree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
PACKAGE_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
VARIANTS = "{http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes}"
COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
OFFICE = "application/vnd.openxmlformats-officedocument."
SHEET_TYPE = OFFICE + "spreadsheetml.worksheet+xml"

SCHEMAS = {  # the content type's last word, and the schema that judges such a part
    "sheet.main": "sml", "worksheet": "sml", "styles": "sml", "sharedStrings": "sml", "comments": "sml",
    "chartsheet": "sml", "table": "sml", "externalLink": "sml", "calcChain": "sml", "template.main": "sml",
    "drawing": "dml-spreadsheetDrawing", "chart": "dml-chart", "core-properties": "opc-coreProperties",
    "extended-properties": "shared-documentPropertiesExtended", "custom-properties": "shared-documentPropertiesCustom",
    "relationships": "opc-relationships",
}  # fmt: skip
WELL_FORMED_ONLY = {"theme", "vmlDrawing"}
COUNTED = {
    "numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles",
    "mergeCells", "dataValidations", "tableParts", "rowBreaks", "colBreaks",
    "tableColumns", "customSheetViews", "protectedRanges",
}  # fmt: skip
RELATION_TYPES = {  # what an r:id of this element must lead to
    "sheet": {"worksheet", "chartsheet", "dialogsheet"}, "legacyDrawing": {"vmlDrawing"}, "drawing": {"drawing"},
    "legacyDrawingHF": {"vmlDrawing"}, "hyperlink": {"hyperlink"}, "tablePart": {"table"}, "picture": {"image"},
    "pageSetup": {"printerSettings"}, "externalReference": {"externalLink"},
}  # fmt: skip
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384


class Complaint(NamedTuple):
    part: str
    what: str

    def __str__(self) -> str:
        return f"{self.part}: {self.what}"


class Area(NamedTuple):
    left: int
    top: int
    right: int
    bottom: int
    ref: str

    def meets(self, other: Area) -> bool:
        return (
            self.left <= other.right
            and other.left <= self.right
            and self.top <= other.bottom
            and other.top <= self.bottom
        )


Rule = Callable[["Package"], Iterable[tuple[str, str]]]
RULES: list[Rule] = []


def rule(judge: Rule) -> Rule:
    RULES.append(judge)
    return judge


def schema_folder() -> Path | None:
    """The folder of schemas, where PERFXL_OOXML names one."""
    folder = os.environ.get("PERFXL_OOXML")
    return Path(folder) if folder and (Path(folder) / "sml.xsd").is_file() else None


def complaints(workbook: Path | str | bytes) -> list[Complaint]:
    """Everything that is wrong with a package, part by part."""
    package = Package(workbook if isinstance(workbook, bytes) else Path(workbook).read_bytes())
    found = [Complaint(*each) for judge in RULES for each in judge(package)]
    return sorted(set(found), key=found.index)


class Package:
    """A package taken apart: its parts as trees, their content types, their relationships."""

    def __init__(self, data: bytes):
        self.zip = zipfile.ZipFile(BytesIO(data))
        self.names = [entry.filename for entry in self.zip.infolist() if not entry.is_dir()]
        self.trees: dict[str, etree._Element] = {}
        self.broken: list[tuple[str, str]] = []
        for name in dict.fromkeys(self.names):
            if name.endswith((".xml", ".rels", ".vml")):
                try:
                    self.trees[name] = etree.fromstring(self.zip.read(name), etree.XMLParser(resolve_entities=False))
                except (etree.XMLSyntaxError, zipfile.BadZipFile) as error:
                    self.broken.append((name, f"is not well-formed: {error}"))

    @cached_property
    def overrides(self) -> dict[str, str]:
        return {node.get("PartName", "").lstrip("/"): node.get("ContentType", "") for node in self._types("Override")}

    @cached_property
    def defaults(self) -> dict[str, str]:
        return {node.get("Extension", "").lower(): node.get("ContentType", "") for node in self._types("Default")}

    def content_type(self, part: str) -> str | None:
        return self.overrides.get(part) or self.defaults.get(part.rpartition(".")[2].lower())

    @cached_property
    def relations(self) -> dict[str, list[etree._Element]]:
        """The relationships of each part ('' is the package itself)."""
        found = {}
        for name, tree in self.trees.items():
            folder, file = posixpath.split(name)
            if name.endswith(".rels") and posixpath.basename(folder) == "_rels":
                source = posixpath.join(posixpath.dirname(folder), file.removesuffix(".rels"))
                found[source] = list(tree.iter(PACKAGE_RELATIONS + "Relationship"))
        return found

    def target(self, source: str, relation: etree._Element) -> str:
        target = unquote(relation.get("Target", ""))
        joined = target if target.startswith("/") else posixpath.join("/", posixpath.dirname(source), target)
        return posixpath.normpath(joined).lstrip("/")

    @cached_property
    def workbook(self) -> etree._Element:
        return self._only("sheet.main+xml")

    @cached_property
    def workbook_part(self) -> str:
        return next((part for part in self.trees if (self.content_type(part) or "").endswith("sheet.main+xml")), "")

    @cached_property
    def styles(self) -> etree._Element:
        return self._only("spreadsheetml.styles+xml")

    @cached_property
    def strings(self) -> etree._Element | None:
        part = next((p for p in self.trees if (self.content_type(p) or "").endswith("sharedStrings+xml")), None)
        return None if part is None else self.trees[part]

    @cached_property
    def sheets(self) -> dict[str, etree._Element]:
        return {part: tree for part, tree in self.trees.items() if self.content_type(part) == SHEET_TYPE}

    @cached_property
    def sheet_names(self) -> list[str]:
        return [sheet.get("name", "") for sheet in self.workbook.iter(MAIN + "sheet")]

    def part_of(self, tree: etree._Element) -> str:
        return next((part for part, each in self.trees.items() if each is tree), "")

    def formulas(self) -> Iterator[tuple[str, str, str]]:
        """(part, where, formula) of every formula in the package."""
        for part, sheet in self.sheets.items():
            for cell in sheet.iter(MAIN + "c"):
                yield from ((part, cell.get("r", ""), node.text or "") for node in cell.iter(MAIN + "f"))
            for block, names in (("conditionalFormatting", ["formula"]), ("dataValidation", ["formula1", "formula2"])):
                for node in sheet.iter(MAIN + block):
                    for name in names:
                        for formula in node.iter(MAIN + name):
                            yield part, f"{block} {node.get('sqref', '')}", formula.text or ""
        for node in self.workbook.iter(MAIN + "definedName"):
            yield self.workbook_part, f"the name {node.get('name', '')}", node.text or ""

    def _types(self, kind: str) -> list[etree._Element]:
        tree = self.trees.get("[Content_Types].xml")
        return [] if tree is None else list(tree.iter(TYPES + kind))

    def _only(self, ending: str) -> etree._Element:
        found = [tree for part, tree in self.trees.items() if (self.content_type(part) or "").endswith(ending)]
        return found[0] if found else etree.Element("missing")


# The zip, and how its parts hang together


@rule
def entries_are_sound(package: Package) -> Iterator[tuple[str, str]]:
    for name, count in Counter(name.lower() for name in package.names).items():
        if count > 1:
            yield name, f"stands {count} times in the zip"
    for entry in package.zip.infolist():
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or entry.flag_bits & 1:
            yield entry.filename, "is neither stored nor deflated, or is encrypted"
        if (
            entry.is_dir()
            or entry.filename.startswith("/")
            or "\\" in entry.filename
            or ".." in entry.filename.split("/")
        ):
            yield entry.filename, "is no legal name of a part"
    damaged = package.zip.testzip()
    if damaged:
        yield damaged, "has a wrong checksum"
    if "[Content_Types].xml" not in package.names:
        yield "[Content_Types].xml", "is missing"


@rule
def parts_are_well_formed(package: Package) -> Iterator[tuple[str, str]]:
    yield from package.broken
    for part, tree in package.trees.items():
        if tree.getroottree().docinfo.doctype:
            yield part, "has a DOCTYPE"


@rule
def every_part_has_a_type_and_every_type_a_part(package: Package) -> Iterator[tuple[str, str]]:
    types = "[Content_Types].xml"
    for part in package.names:
        if part != types and package.content_type(part) is None:
            yield part, "has no content type"
    for part in package.overrides.keys() - set(package.names):
        yield types, f"has an override for /{part}, which is not there"
    for kind, attribute in (("Override", "PartName"), ("Default", "Extension")):
        for value, count in Counter(node.get(attribute, "").lower() for node in package._types(kind)).items():
            if count > 1:
                yield types, f"has {count} times {kind} {value}"
    if not package.workbook_part:
        yield types, "names no workbook part"


@rule
def relationships_lead_somewhere(package: Package) -> Iterator[tuple[str, str]]:
    for source, relations in package.relations.items():
        holder = posixpath.join(posixpath.dirname(source), "_rels", posixpath.basename(source) + ".rels")
        if source and source not in package.names:
            yield holder, f"belongs to {source}, which is not there"
        for name, count in Counter(relation.get("Id", "") for relation in relations).items():
            if count > 1:
                yield holder, f"has {count} relationships with the id {name}"
        for relation in relations:
            target = package.target(source, relation)
            if relation.get("TargetMode") != "External" and target not in package.names:
                yield holder, f"{relation.get('Id')} leads to {target}, which is not there"


@rule
def every_part_is_reached(package: Package) -> Iterator[tuple[str, str]]:
    reached = {package.target(source, each) for source, relations in package.relations.items() for each in relations}
    for part in package.names:
        if part != "[Content_Types].xml" and not part.endswith(".rels") and part not in reached:
            yield part, "is reached by no relationship"


@rule
def relationship_ids_in_parts_exist(package: Package) -> Iterator[tuple[str, str]]:
    for part, tree in package.trees.items():
        known = {relation.get("Id", ""): relation for relation in package.relations.get(part, [])}
        for node in tree.iter(etree.Element):
            for name, value in node.attrib.items():
                if not str(name).startswith(RELATION):
                    continue
                local = etree.QName(node).localname
                if value not in known:
                    yield part, f"<{local}> refers to the relationship {value}, which is not there"
                    continue
                kind = posixpath.basename(known[str(value)].get("Type", ""))
                if kind not in RELATION_TYPES.get(local, {kind}):
                    yield part, f"<{local}> refers to the relationship {value}, which is a {kind}"


@rule
def notes_have_their_drawing(package: Package) -> Iterator[tuple[str, str]]:
    for part, sheet in package.sheets.items():
        kinds = {posixpath.basename(relation.get("Type", "")) for relation in package.relations.get(part, [])}
        if "comments" in kinds and sheet.find(MAIN + "legacyDrawing") is None:
            yield part, "has notes but no legacyDrawing"


# The schemas


@rule
def parts_obey_their_schemas(package: Package) -> Iterator[tuple[str, str]]:
    for part, tree in package.trees.items():
        kind = "contentTypes" if part == "[Content_Types].xml" else kind_of(package.content_type(part) or "")
        name = "opc-contentTypes" if kind == "contentTypes" else SCHEMAS.get(kind)
        if name is None:
            if kind not in WELL_FORMED_ONLY and part.endswith(".xml"):
                yield part, f"is of the type {package.content_type(part)}, for which there is no judge"
            continue
        schema = load_schema(name)
        if not schema.validate(plain(tree)):
            for error in schema.error_log:
                yield part, re.sub(r"\{[^}]*\}", "", error.message)


def kind_of(content_type: str) -> str:
    """application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml → worksheet"""
    match = re.fullmatch(
        r"application/vnd\.openxmlformats-(?:officedocument|package)\.(?:\w+ml\.)?(.*?)(?:\+xml)?", content_type
    )
    return match[1] if match else content_type


def plain(tree: etree._Element) -> etree._Element:
    """A copy as a reader that knows the standard alone sees it: without what may be ignored, and `xml:space`."""
    copy = etree.fromstring(etree.tostring(tree))
    ignorable = copy.attrib.pop(COMPATIBILITY + "Ignorable", "")
    spaces = {copy.nsmap.get(prefix) for prefix in str(ignorable).split()} | {COMPATIBILITY[1:-1]}
    for node in list(copy.iter(etree.Element)):
        for name in list(node.attrib):
            space = etree.QName(name).namespace
            if space in spaces or (space or "").endswith("/XML/1998/namespace"):
                del node.attrib[name]
        parent = node.getparent()
        if parent is not None and etree.QName(node).namespace in spaces:
            parent.remove(node)
    return copy


@cache
def load_schema(name: str) -> etree.XMLSchema:
    folder = schema_folder()
    if folder is None:
        raise LookupError("PERFXL_OOXML names no folder with the ECMA schemas")
    if name != "opc-coreProperties":
        return etree.XMLSchema(etree.parse(str(folder / f"{name}.xsd")))
    with tempfile.TemporaryDirectory() as place:  # it imports schemas from the network, and one from nowhere
        text = (folder / f"{name}.xsd").read_text(encoding="utf-8")
        text = re.sub(r'schemaLocation="[^"]*/(\w+\.xsd)"', r'schemaLocation="\1"', text)
        text = text.replace('<xs:import id="xml"', '<xs:import schemaLocation="xml.xsd"')
        (Path(place) / "core.xsd").write_text(text, encoding="utf-8")
        for file, stub in CORE_STUBS.items():
            (Path(place) / file).write_text(stub, encoding="utf-8")
        return etree.XMLSchema(etree.parse(str(Path(place) / "core.xsd")))


def stub(space: str, body: str) -> str:
    spaces = f'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="{space}" targetNamespace="{space}"'
    return f"<xs:schema {spaces}>{body}</xs:schema>"


CORE_STUBS = {
    "xml.xsd": stub("http://www.w3.org/XML/1998/namespace", '<xs:attribute name="lang" type="xs:language"/>'),
    "dc.xsd": stub("http://purl.org/dc/elements/1.1/", "".join(
        f'<xs:element name="{name}" type="xs:string"/>'
        for name in ("creator", "description", "identifier", "language", "subject", "title"))),
    "dcterms.xsd": stub("http://purl.org/dc/terms/", (
        '<xs:complexType name="any" abstract="true"/><xs:complexType name="W3CDTF"><xs:simpleContent>'
        '<xs:extension base="xs:dateTime"/></xs:simpleContent></xs:complexType>'
        '<xs:element name="created" type="W3CDTF"/><xs:element name="modified" type="W3CDTF"/>')),
}  # fmt: skip


# Workbook and styles


@rule
def sheets_are_named_lawfully(package: Package) -> Iterator[tuple[str, str]]:
    part, sheets = package.workbook_part, list(package.workbook.iter(MAIN + "sheet"))
    for name in package.sheet_names:
        if not 1 <= len(utf16(name)) <= 31 or re.search(r"[\[\]:*?/\\]|^'|'$", name):
            yield part, f"{name!r} is no legal name of a sheet"
    for what, values in (("name", [name.casefold() for name in package.sheet_names]),
                         ("sheetId", [sheet.get("sheetId", "") for sheet in sheets])):  # fmt: skip
        for value, count in Counter(values).items():
            if count > 1:
                yield part, f"has {count} sheets with the {what} {value}"
    if sheets and all(sheet.get("state", "visible") != "visible" for sheet in sheets):
        yield part, "has no visible sheet"


@rule
def defined_names_are_lawful(package: Package) -> Iterator[tuple[str, str]]:
    part = package.workbook_part
    nodes = list(package.workbook.iter(MAIN + "definedName"))
    for node in nodes:
        name, sheet = node.get("name", ""), node.get("localSheetId")
        if not legal_name(name):
            yield part, f"{name!r} is no legal name"
        if sheet is not None and not int(sheet) < len(package.sheet_names):
            yield part, f"the name {name} belongs to sheet number {sheet}, which is not there"
    for (name, sheet), count in Counter((n.get("name", "").casefold(), n.get("localSheetId")) for n in nodes).items():
        if count > 1:
            yield part, f"the name {name} stands {count} times" + (f" for sheet number {sheet}" if sheet else "")


def legal_name(name: str) -> bool:
    if name.startswith("_xlnm."):
        return True
    if not re.fullmatch(r"[^\W\d][\w.?\\]*|\\[\w.?\\]*", name) or len(name) > 255:
        return False
    cell = re.fullmatch(r"([A-Za-z]{1,3})(\d{1,7})", name)
    if cell and column_number(cell[1]) <= LAST_COLUMN and 1 <= int(cell[2]) <= LAST_ROW:
        return False
    return not re.fullmatch(r"[Rr]\d*|[Cc]\d*|[Rr]\d*[Cc]\d*", name)


@rule
def sheets_in_formulas_are_there(package: Package) -> Iterator[tuple[str, str]]:
    known = {name.casefold() for name in package.sheet_names}
    for part, where, formula in package.formulas():
        bare = re.sub(r'"(?:[^"]|"")*"', '""', formula)
        for quoted, simple in re.findall(r"'((?:[^']|'')+)'!|([\w.]+(?::[\w.]+)?)!", bare):
            named = [quoted.replace("''", "'")] if quoted and ":" not in quoted else (quoted or simple).split(":")
            for name in named:
                if name.casefold() not in known and not name.startswith("[") and name != "REF":
                    yield part, f"{where} refers to the sheet {name}, which is not there"


@rule
def formulas_keep_excels_limits(package: Package) -> Iterator[tuple[str, str]]:
    for part, where, formula in package.formulas():
        literals = re.findall(r'"((?:[^"]|"")*)"', re.sub(r"'(?:[^']|'')*'", "", formula))
        longest = max((len(utf16(literal.replace('""', '"'))) for literal in literals), default=0)
        if longest > 255:
            yield part, f"{where} has a text of {longest} characters in a formula; at most 255"
        if len(utf16(formula)) > 8192:
            yield part, f"{where} has a formula of {len(formula)} characters; at most 8192"
        if formula.startswith("="):
            yield part, f"{where} has a formula that begins with '='"


@rule
def stated_counts_are_true(package: Package) -> Iterator[tuple[str, str]]:
    for part, tree in package.trees.items():
        for node in tree.iter(etree.Element):
            name, stated = etree.QName(node).localname, node.get("count") or node.get("size")
            own = str(node.tag) in {MAIN + each for each in COUNTED} | {VARIANTS + "vector"}
            if own and stated is not None and int(stated) != len(children(node)):
                yield part, f"<{name}> says {stated} and holds {len(children(node))}"
    if package.strings is None:
        return
    part, held = package.part_of(package.strings), len(children(package.strings))
    used = sum(cell.get("t") == "s" for sheet in package.sheets.values() for cell in sheet.iter(MAIN + "c"))
    for attribute, real in (("uniqueCount", held), ("count", used)):
        stated = package.strings.get(attribute)
        if stated is not None and int(stated) != real:
            yield part, f"{attribute} says {stated}, and it is {real}"


@rule
def styles_hang_together(package: Package) -> Iterator[tuple[str, str]]:
    part, styles = package.part_of(package.styles), package.styles
    formats = {int(node.get("numFmtId", "0")) for node in styles.iterfind(f"{MAIN}numFmts/{MAIN}numFmt")}
    sizes = {name: len(children(styles.find(MAIN + name))) for name in ("fonts", "fills", "borders", "cellStyleXfs")}
    holders = {"fontId": "fonts", "fillId": "fills", "borderId": "borders", "xfId": "cellStyleXfs"}
    for kind in ("cellStyleXfs", "cellXfs", "cellStyles"):
        for index, node in enumerate(children(styles.find(MAIN + kind))):
            for attribute, holder in holders.items():
                value = node.get(attribute)
                if value is not None and int(value) >= sizes[holder]:
                    yield part, f"{kind}[{index}] has {attribute} {value}, and there are {sizes[holder]} {holder}"
            number = int(node.get("numFmtId", "0"))
            if number >= 164 and number not in formats:
                yield part, f"{kind}[{index}] has numFmtId {number}, which is not there"


# Sheets


@rule
def styles_of_cells_are_there(package: Package) -> Iterator[tuple[str, str]]:
    cells = len(children(package.styles.find(MAIN + "cellXfs")))
    differential = len(children(package.styles.find(MAIN + "dxfs")))
    holders = (("c", "s", cells, "r"), ("row", "s", cells, "r"), ("col", "style", cells, "min"),
               ("cfRule", "dxfId", differential, "priority"))  # fmt: skip
    for part, sheet in package.sheets.items():
        for tag, attribute, size, place in holders:
            for node in sheet.iter(MAIN + tag):
                value = node.get(attribute)
                if value is not None and int(value) >= size:
                    yield part, f"<{tag} {place}={node.get(place)}> has the style {value}, and there are {size}"


@rule
def rows_and_cells_ascend(package: Package) -> Iterator[tuple[str, str]]:
    for part, sheet in package.sheets.items():
        above = 0
        for row in sheet.iter(MAIN + "row"):
            number = int(row.get("r") or above + 1)
            if not above < number <= LAST_ROW:
                yield part, f"row {number} comes after row {above}"
            above, before = number, 0
            for cell in row.iter(MAIN + "c"):
                place = area(cell.get("r") or f"{column_name(before + 1)}{number}")
                if place.top != number:
                    yield part, f"cell {place.ref} stands in row {number}"
                if not before < place.left <= LAST_COLUMN:
                    yield part, f"cell {place.ref} comes after column {column_name(before)}"
                before = place.left


@rule
def columns_do_not_overlap(package: Package) -> Iterator[tuple[str, str]]:
    for part, sheet in package.sheets.items():
        before = 0
        for column in sheet.iter(MAIN + "col"):
            first, last = int(column.get("min", "0")), int(column.get("max", "0"))
            if not before < first <= last <= LAST_COLUMN:
                yield part, f"<col min={first} max={last}> comes after column {before}"
            before = last


@rule
def strings_are_there(package: Package) -> Iterator[tuple[str, str]]:
    held = 0 if package.strings is None else len(children(package.strings))
    for part, sheet in package.sheets.items():
        for cell in sheet.iter(MAIN + "c"):
            value = cell.findtext(MAIN + "v")
            if cell.get("t") == "s" and value is not None and int(value) >= held:
                yield part, f"cell {cell.get('r')} has the shared string {value}, and there are {held}"
    for part, tree in package.trees.items():
        for node in tree.iter(MAIN + "si", MAIN + "is"):
            length = len(utf16("".join(text.text or "" for text in node.iter(MAIN + "t"))))
            if length > 32_767:
                yield part, f"a text has {length} characters; at most 32767"


@rule
def merges_do_not_overlap(package: Package) -> Iterator[tuple[str, str]]:
    for part, sheet in package.sheets.items():
        merges = [area(node.get("ref", "")) for node in sheet.iter(MAIN + "mergeCell")]
        yield from ((part, f"the merge {one.ref} is of one cell") for one in merges if one[:2] == one[2:4])
        yield from ((part, f"the merges {one.ref} and {two.ref} overlap") for one, two in overlaps(merges))


@rule
def no_cell_has_two_validations(package: Package) -> Iterator[tuple[str, str]]:
    for part, sheet in package.sheets.items():
        areas = [area(ref) for node in sheet.iter(MAIN + "dataValidation") for ref in node.get("sqref", "").split()]
        yield from ((part, f"the validations of {one.ref} and {two.ref} overlap") for one, two in overlaps(areas))


@rule
def validations_keep_excels_limits(package: Package) -> Iterator[tuple[str, str]]:
    limits = {"promptTitle": 32, "prompt": 255, "errorTitle": 32, "error": 225}
    for part, sheet in package.sheets.items():
        for node in sheet.iter(MAIN + "dataValidation"):
            holder = f"the validation of {node.get('sqref')}"
            for attribute, limit in limits.items():
                length = len(utf16(node.get(attribute, "")))
                if length > limit:
                    yield part, f"{holder} has {length} characters of {attribute}; at most {limit}"
            formulas = [
                formula for formula in (node.findtext(MAIN + "formula1"), node.findtext(MAIN + "formula2")) if formula
            ]
            if any(len(utf16(formula)) > 255 + 2 * (formula.startswith('"')) for formula in formulas):
                yield part, f"{holder} has a formula of more than 255 characters"


@rule
def notes_are_lawful(package: Package) -> Iterator[tuple[str, str]]:
    for part, tree in package.trees.items():
        if etree.QName(tree).localname != "comments":
            continue
        authors = len(list(tree.iter(MAIN + "author")))
        notes = list(tree.iter(MAIN + "comment"))
        for ref, count in Counter(note.get("ref", "") for note in notes).items():
            if count > 1:
                yield part, f"{ref} has {count} notes"
        for note in notes:
            if int(note.get("authorId", "0")) >= authors:
                yield part, f"the note of {note.get('ref')} has author {note.get('authorId')}, and there are {authors}"


# Words


def children(node: etree._Element | None) -> list[etree._Element]:
    return (
        []
        if node is None
        else [each for each in node.iterchildren(etree.Element) if not str(each.tag).endswith("}extLst")]
    )


def utf16(text: str) -> list[int]:
    """Excel counts characters in units of UTF-16."""
    return [unit for char in text for unit in ([0, 0] if ord(char) > 0xFFFF else [0])]


def overlaps(areas: list[Area]) -> Iterator[tuple[Area, Area]]:
    open_areas: list[Area] = []
    for one in sorted(areas, key=lambda each: (each.top, each.left)):
        open_areas = [other for other in open_areas if other.bottom >= one.top]
        yield from ((other, one) for other in open_areas if other.meets(one))
        open_areas.append(one)


def area(ref: str) -> Area:
    first, _, last = ref.replace("$", "").partition(":")
    (left, top), (right, bottom) = corner(first, 1, 1), corner(last or first, LAST_COLUMN, LAST_ROW)
    return Area(left, top, right, bottom, ref)


def corner(ref: str, column: int, row: int) -> tuple[int, int]:
    match = re.fullmatch(r"([A-Za-z]*)(\d*)", ref)
    letters, digits = match.groups() if match else ("", "")
    return column_number(letters) if letters else column, int(digits) if digits else row


def column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def column_name(number: int) -> str:
    name = ""
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name
