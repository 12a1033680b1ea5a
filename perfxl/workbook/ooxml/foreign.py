"""What a file is that is no workbook of today: known by its bytes, whatever it is called.

Signatures from the formats' own specifications; of compound files (MS-CFB) by the names in their directory.
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
"""The streams that tell what a compound file is: an encrypted package (MS-OFFCRYPTO 2.3.4.4), a workbook (MS-XLS 2.1.2;
``Book`` before Excel 97), a Word text, a presentation, a mail (MS-OXMSG)."""


def recognise_format(data: bytes) -> str:
    """What a file's first bytes say that it is: ``pdf``, ``picture`` …; ``xls`` for a workbook before 2007; else empty.

    ``zeros`` is a download that never came: a file of nothing but zeros.
    """
    if data.startswith(COMPOUND):
        return next((what for name, what in _STREAMS if _has_stream(data, name)), "compound")
    if not data[:4096].strip(b"\0"):
        return "zeros"
    found = next((what for start, what in _SIGNATURES if data.startswith(start)), "")
    if found == "program" and data.startswith(b"MZ") and b"\0" not in data[:256]:
        return ""  # a text that begins with these two letters
    if found:
        return found
    if data[:2] == b"BM" and data[6:10] == bytes(4):
        return "picture"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "picture"
    if data[4:8] == b"ftyp":
        return "picture" if data[8:12] in (b"heic", b"heix", b"mif1", b"avif", b"heif") else "film"
    if data[257:262] == b"ustar":
        return "archive"
    # a sheet of Excel 2 to 4: its BOF record stands bare (OpenOffice.org's documentation of the format, 5.8)
    if data[:2] in (b"\x09\x00", b"\x09\x02", b"\x09\x04") and data[3:4] == b"\0" and data[2] in (4, 6, 8):
        return "xls"
    start = data[:512].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    return next((what for begin, what in _TEXTS if start.startswith(begin)), "")


def _has_stream(data: bytes, name: str) -> bool:
    """Whether the directory of a compound file names a stream: entries of 128 bytes, names in UTF-16 (MS-CFB 2.6.1)."""
    wanted = name.encode("utf-16-le") + b"\0\0"
    at = data.find(wanted)
    while at >= 0:
        if at % 128 == 0:
            return True
        at = data.find(wanted, at + 2)
    return False


_SHEETS = (".xlsx", ".xlsm", ".xls", ".et", ".xlsb", ".ods", ".fods", ".csv")


def is_other_zip(names: Collection[str]) -> str:
    """What a zip of these parts is that is no package of Microsoft's: ``ods``, ``xlsb``, ``ofd`` …; else empty."""
    if "xl/workbook.bin" in names:
        return "xlsb"
    if "content.xml" in names:
        return "ods"
    if "encrypted-package" in names and "mimetype" in names:  # ODF 1.3 part 2, 3.4, as LibreOffice 24 writes it
        return "encrypted"
    if "OFD.xml" in names:
        return "ofd"
    if "[Content_Types].xml" not in names and any(name.lower().endswith(_SHEETS) for name in names):
        return "zip"
    if "Index/Document.iwa" in names or "index.xml" in names:
        return "numbers"
    return ""
