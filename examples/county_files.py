"""The files of an invented county as they are sent: workbooks made by perfxl, then treated as programs and people do.

A file is a plain value until it is written, so that a county's are made on all cores.
"""

from __future__ import annotations

import copy
import datetime
import io
import os
import re
import shutil
import struct
import subprocess
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from perfxl.examples.county_units import DEADLINE, FORM, OFFICE, PHASE, PHONE, YEAR, Project, Unit

from perfxl.batch.flag import flag
from perfxl.batch.workers import processes
from perfxl.form.answers import put
from perfxl.workbook.reading.opening import open_bytes
from perfxl.workbook.writing.books import issue_of, make_books
from perfxl.workbook.writing.stamp import stamp_book

CORE, RELATIONS, TYPES = "docProps/core.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
Treatment = Literal["", "packed", "cut", "encrypted", "xls"]
"""Nothing; its zip packed anew; cut off in the middle; with a password; saved in Excel's old format."""


@dataclass(frozen=True)
class Sheet:
    """A project's sheet as it is sent.

    ``answers``: the record that is typed in, None for none: it stays as it was issued; ``typed``: what stands there
    instead, by its path; ``wrong``: something in it is to be put right or explained.
    """

    project: Project
    answers: Mapping[str, Any] | None
    typed: Mapping[str, Any] = field(default_factory=dict)
    wrong: bool = False

    def record(self) -> dict[str, Any]:
        """Return the record of the sheet."""
        project = self.project
        own = {"number": project.number, "code": project.code, "name": project.name}
        total = project.record["budget"]["total"]
        if self.answers is None:
            return {**own, "budget": {"total": total}}
        record = {**copy.deepcopy(dict(self.answers)), **own}
        record["budget"]["total"] = total
        for path, value in self.typed.items():
            put(record, path.replace("[-1]", f"[{len(record['indicators']) - 1}]"), value)
        return record


@dataclass(frozen=True)
class SentWorkbook:
    """A workbook that a unit sends.

    ``saved``: when it was saved, as an ISO text; ``treatment``: what became of its bytes; ``explained``: what is typed
    as the explanation of every warning into the flagged copy of the workbook, empty for none;
    ``beside``: a second sheet of its first project, put in as people copy a sheet; ``deleted``: sheets of the unit that
    were deleted in the workbook.
    """

    unit: Unit
    sheets: tuple[Sheet, ...]
    saved: str
    year: int = YEAR
    phase: str = PHASE
    treatment: Treatment = ""
    explained: str = ""
    beside: Sheet | None = None
    deleted: tuple[Sheet, ...] = ()

    def data(self) -> bytes:
        """Return its bytes."""
        made = self._stamp(sorted((*self.sheets, *self.deleted), key=lambda sheet: sheet.project.number))
        if self.explained:
            (flagged,) = flag(made, deadline=DEADLINE).files
            made = _explain(flagged.data, self.explained)
        if self.beside:
            made = _add_sheet(made, self._stamp((self.beside,)), self.beside.project.number)
        for sheet in self.deleted:
            made = _delete_sheet(made, sheet.project.number)
        return _treat(_save(made, self.saved), self.treatment)

    def _stamp(self, sheets: Sequence[Sheet]) -> bytes:
        records = {
            "year": self.year,
            "unit": {"code": self.unit.code, "name": self.unit.name, "control": self.unit.control},
            "projects": [sheet.record() for sheet in sheets],
        }
        issue = issue_of(records, phase=self.phase, office=OFFICE, phone=PHONE)
        prefill: Any = "all" if any(sheet.answers for sheet in sheets) else "given"
        ((_, book),) = make_books(records, FORM, issue, "unit", prefill)
        return stamp_book(book)


@dataclass(frozen=True)
class SentFile:
    """A file that arrives, with its name below the inbox, ``zip:member`` for one in a zip.

    ``arrived``: when it came, as an ISO text; ``content``: a workbook, or the bytes of anything else.
    """

    name: str
    arrived: str
    content: SentWorkbook | bytes

    def data(self) -> bytes:
        """Return its bytes."""
        return self.content if isinstance(self.content, bytes) else self.content.data()


def write_files(sent: Iterable[SentFile], folder: Path) -> None:
    """Write files into a folder with the times at which they came, those of a zip into it."""
    parcels: dict[str, list[SentFile]] = {}
    for one in sent:
        parcels.setdefault(one.name.partition(":")[0], []).append(one)
    orders = [(folder / name, tuple(files)) for name, files in parcels.items()]
    with processes(len(orders)) as executor:
        for _ in executor.map(_write_parcel, orders, chunksize=4) if executor else map(_write_parcel, orders):
            pass


def _write_parcel(order: tuple[Path, tuple[SentFile, ...]]) -> None:
    """Write one file, or one zip of files."""
    path, sent = order
    path.parent.mkdir(parents=True, exist_ok=True)
    members = [(one.name.partition(":")[2], one) for one in sent]
    path.write_bytes(zip_files(members) if path.suffix == ".zip" else sent[0].data())
    time = datetime.datetime.fromisoformat(sent[0].arrived).timestamp()
    os.utime(path, (time, time))


def zip_files(members: Sequence[tuple[str, SentFile]]) -> bytes:
    """Return a zip as Chinese Windows packs it, with names in GBK; members of ``inner.zip:name`` in a zip within."""
    inner = {name.partition(":")[0] for name, _ in members if ":" in name}
    files = [(name, one.arrived, one.data()) for name, one in members if ":" not in name]
    for name in sorted(inner):
        own = [(whole.partition(":")[2], one) for whole, one in members if whole.startswith(f"{name}:")]
        files.append((name, own[0][1].arrived, zip_files(own)))
    stream, names = io.BytesIO(), {}
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for at, (name, arrived, data) in enumerate(files):
            encoded = name.encode("gb18030")
            names[stand_in := f"@{at:03d}".encode().ljust(len(encoded), b"_")] = encoded
            when = datetime.datetime.fromisoformat(arrived).timetuple()[:6]
            archive.writestr(zipfile.ZipInfo(stand_in.decode(), when), data)
    packed = stream.getvalue()
    for stand_in, encoded in names.items():  # of the same length, in both of its headers
        packed = packed.replace(stand_in, encoded)
    return packed


def _save(data: bytes, saved: str) -> bytes:
    """Return a workbook with the time at which a program saved it."""
    package = open_bytes(data, "")
    core = _MODIFIED.sub(rf"\g<1>{saved}Z".encode(), package.read(CORE))
    return package.replace_parts({CORE: core})


_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")


def _explain(flagged: bytes, text: str) -> bytes:
    """Return a flagged workbook with an explanation beside every warning in its 审核意见."""
    package = open_bytes(flagged, "")
    part = [name for name in package.names if name.startswith("xl/worksheets/sheet")][-1]
    cell = rf'<c r="H\g<1>"\g<2> t="inlineStr"><is><t>{text}</t></is></c>'.encode()

    def explain(row: re.Match[bytes]) -> bytes:
        is_warning = "核实".encode() in row[0].partition(b"</c>")[0]
        return _BLANK.sub(cell, row[0]) if is_warning else row[0]

    return package.replace_parts({part: _ROW.sub(explain, package.read(part))})


_ROW = re.compile(rb"<row .*?</row>", re.DOTALL)
_BLANK = re.compile(rb'<c r="H(\d+)"( s="\d+")/>')


def _add_sheet(data: bytes, other: bytes, number: int) -> bytes:
    """Return a workbook with the form sheet of another one put in at its end, as Excel copies a sheet."""
    package, source = open_bytes(data, ""), open_bytes(other, "")
    sheets = [source.read(name) for name in source.names if name.startswith("xl/worksheets/sheet")]
    listed = package.read("xl/workbook.xml")
    entry = f'<sheet name="项目{number:02d} (2)" sheetId="99" r:id="rId99"/></sheets>'.encode()
    relation = (
        b'<Relationship Id="rId99" Target="worksheets/sheet99.xml" Type="http://schemas.openxmlformats.org/'
        b'officeDocument/2006/relationships/worksheet"/></Relationships>'
    )
    kind = (
        b'<Override PartName="/xl/worksheets/sheet99.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        b'spreadsheetml.worksheet+xml"/></Types>'
    )
    return package.replace_parts({
        "xl/workbook.xml": listed.replace(b"</sheets>", entry),
        RELATIONS: package.read(RELATIONS).replace(b"</Relationships>", relation),
        TYPES: package.read(TYPES).replace(b"</Types>", kind),
        "xl/worksheets/sheet99.xml": max(sheets, key=len),  # no other is as long as the form
    })  # fmt: skip


def _delete_sheet(data: bytes, number: int) -> bytes:
    """Return a workbook without a project's sheet, as Excel deletes one: with its part and the names of the sheet."""
    package = open_bytes(data, "")
    listed = package.read("xl/workbook.xml").decode()
    tags = re.findall(r"<sheet [^>]*>", listed)
    at, tag = next((at, tag) for at, tag in enumerate(tags) if f'name="项目{number:02d}' in tag)
    id = re.search(r'r:id="([^"]*)"', tag)
    relations = package.read(RELATIONS).decode()
    relation = next(one for one in re.findall(r"<Relationship [^>]*>", relations) if id and f'Id="{id[1]}"' in one)
    part = re.search(r'Target="/?(?:xl/)?([^"]*)"', relation)
    assert part

    def renumber(name: re.Match[str]) -> str:
        sheet = int(name[2])
        return "" if sheet == at else f"{name[1]}{sheet - (sheet > at)}{name[3]}"

    names = re.compile(r'(<definedName [^>]*localSheetId=")(\d+)("[^>]*>[^<]*</definedName>)')
    kind = re.compile(rf'<Override PartName="/xl/{part[1]}"[^>]*>')
    changed = {
        "xl/workbook.xml": names.sub(renumber, listed.replace(tag, "")),
        RELATIONS: relations.replace(relation, ""),
        TYPES: kind.sub("", package.read(TYPES).decode()),
    }
    return package.replace_parts({name: text.encode() for name, text in changed.items()}, [f"xl/{part[1]}"])


def _treat(data: bytes, treatment: Treatment) -> bytes:
    """Return what became of a workbook's bytes."""
    if treatment == "packed":
        stream = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as package, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
            for name in package.namelist():
                packed.writestr(zipfile.ZipInfo(name), package.read(name), zipfile.ZIP_DEFLATED, 9)
        return stream.getvalue()
    if treatment == "xls":
        return _save_as_xls(data)
    if treatment == "encrypted":  # what Excel puts around an encrypted workbook begins so (MS-CFB 2.2)
        return bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<4H", 0x3E, 3, 0xFFFE, 9) + data[:4096]
    return data[: len(data) // 2] if treatment == "cut" else data


def has_office() -> bool:
    """Return True if LibreOffice is there, by which workbooks are saved in the old format."""
    return shutil.which("soffice") is not None


def _save_as_xls(data: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "a.xlsx"
        source.write_bytes(data)
        words = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "xls"]
        subprocess.run([*words, "--outdir", folder, str(source)], check=True, capture_output=True)
        return source.with_suffix(".xls").read_bytes()


def picture() -> bytes:
    """Return a small photograph (PNG), as of a stamped page."""
    size = 8
    rows = b"".join(b"\x00" + bytes([240, 240, 255] * size) for _ in range(size))

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">L", len(body)) + kind + body + struct.pack(">L", zlib.crc32(kind + body))

    head = struct.pack(">LL5B", size, size, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


SCAN = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"
"""A scan (PDF) without a page."""
