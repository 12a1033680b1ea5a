"""Recognition of files that are no current workbook, by their bytes, whatever their names are.

The signatures are from the formats' own specifications; compound files (MS-CFB) are recognised by the names in their
directory.
"""

from __future__ import annotations

from collections.abc import Collection

COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "pdf"),
    (b"\xff\xd8\xff", "picture"),
    (b"\x89PNG", "picture"),
    (b"GIF8", "picture"),
    (b"II*\0", "picture"),
    (b"MM\0*", "picture"),
    (b"Rar!", "rar"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x1f\x8b", "archive"),
    (b"BZh", "archive"),
    (b"\xfd7zXZ\0", "archive"),
    (b"{\\rtf", "rtf"),
    (b"L\0\0\0\x01\x14\x02\0", "shortcut"),
    (b"SQLite format 3\0", "database"),
    (b"\0\x01\0\0Standard ", "database"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
)

_TEXTS: tuple[tuple[bytes, str], ...] = (
    (b"{\\rtf", "rtf"),
    (b"%pdf", "pdf"),
    (b"[internetshortcut]", "shortcut"),
    (b"[desktop entry]", "shortcut"),
    (b"mime-version:", "mail"),
    (b"received:", "mail"),
    (b"return-path:", "mail"),
    (b"from:", "mail"),
)

_STREAMS: tuple[tuple[str, str], ...] = (
    ("EncryptedPackage", "encrypted"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("WordDocument", "doc"),
    ("PowerPoint Document", "ppt"),
    ("__properties_version1.0", "mail"),
)
"""The streams that identify the format of a compound file.

They are those of an encrypted package (MS-OFFCRYPTO 2.3.4.4), a workbook (MS-XLS 2.1.2; ``Book`` before Excel 97), a
Word text, a presentation and a mail (MS-OXMSG).
"""


def recognise_format(data: bytes) -> str:
    """Return the format that a file's bytes indicate: ``pdf``, ``picture`` …; empty if it is none of these.

    ``xls`` is a workbook of a version before Excel 2007; ``zeros`` is a failed download: a file that begins with
    nothing but zeros.
    """
    if data.startswith(COMPOUND):
        return next((format for name, format in _STREAMS if _has_stream(data, name)), "compound")
    if not data[:4096].strip(b"\0"):
        return "zeros"
    format = next((format for start, format in _SIGNATURES if data.startswith(start)), "")
    if format == "program" and data.startswith(b"MZ") and b"\0" not in data[:256]:
        return ""  # a text that begins with these two letters
    return format or _format_of_inner_bytes(data) or _format_of_text(data)


def _format_of_inner_bytes(data: bytes) -> str:
    """Return the format of a file that is recognised by bytes after its beginning; empty if it is none of these."""
    if data[:2] == b"BM" and data[6:10] == bytes(4):
        return "picture"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "picture"
    if data[4:8] == b"ftyp":
        return "picture" if data[8:12] in (b"heic", b"heix", b"mif1", b"avif", b"heif") else "film"
    if data[257:262] == b"ustar":
        return "archive"
    return "xls" if _is_old_sheet(data) else ""


def _is_old_sheet(data: bytes) -> bool:
    """Return True for a sheet of Excel 2 to 4.

    Such a file begins with its BOF record, without a compound file around it (OpenOffice.org's documentation of the
    format, 5.8).
    """
    return data[:2] in (b"\x09\x00", b"\x09\x02", b"\x09\x04") and data[3:4] == b"\0" and data[2] in (4, 6, 8)


def _format_of_text(data: bytes) -> str:
    """Return the format of a file whose text begins with known words; empty if it is none of these."""
    start = data[:512].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    return next((format for words, format in _TEXTS if start.startswith(words)), "")


def _has_stream(data: bytes, name: str) -> bool:
    """Return True if the directory of a compound file names a stream.

    The directory has entries of 128 bytes with names in UTF-16 (MS-CFB 2.6.1).
    """
    wanted = name.encode("utf-16-le") + b"\0\0"
    at = data.find(wanted)
    while at >= 0:
        if at % 128 == 0:
            return True
        at = data.find(wanted, at + 2)
    return False


_SHEETS = (".xlsx", ".xlsm", ".xls", ".et", ".xlsb", ".ods", ".fods", ".csv")


def is_other_zip(names: Collection[str]) -> str:
    """Return the format of a zip with these parts: ``ods``, ``xlsb``, ``ofd`` …; empty if it is none of these.

    ``zip`` is an archive with workbooks in it.
    """
    names = {name.lower() for name in names}
    if "xl/workbook.bin" in names:
        return "xlsb"
    if "content.xml" in names:
        return "ods"
    if "encrypted-package" in names and "mimetype" in names:  # ODF 1.3 part 2, 3.4, as LibreOffice 24 writes it
        return "encrypted"
    if "ofd.xml" in names:
        return "ofd"
    if "[content_types].xml" not in names and any(name.endswith(_SHEETS) for name in names):
        return "zip"
    if "index/document.iwa" in names or "index.xml" in names:
        return "numbers"
    return ""
