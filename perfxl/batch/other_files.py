"""Files beside workbooks in a folder or zip, by their names: named as what they are, or counted as left behind."""

from __future__ import annotations

from pathlib import PurePosixPath

from perfxl.records import ENDINGS

KINDS: dict[str, tuple[str, ...]] = {
    "picture": (".jpg", ".jpeg", ".jfif", ".png", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".webp", ".svg", ".psd"),
    "pdf": (".pdf",),
    "ofd": (".ofd",),
    "word": (".doc", ".docx", ".docm", ".dot", ".dotx", ".wps", ".wpt", ".rtf", ".odt"),
    "slides": (".ppt", ".pptx", ".pps", ".ppsx", ".dps", ".odp"),
    "text": (".txt", ".md", ".log"),
    "records": ENDINGS,
    "archive": (".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".cab", ".iso"),
    "film": (".mp4", ".mov", ".avi", ".wmv", ".mkv", ".mp3", ".m4a", ".wav", ".amr"),
    "mail": (".eml", ".msg", ".mht"),
    "shortcut": (".lnk", ".url", ".desktop", ".webloc"),
    "program": (".exe", ".msi", ".bat", ".cmd", ".com", ".scr", ".vbs", ".js", ".ps1", ".sh", ".py", ".apk"),
}
"""The endings of the names of each kind of file."""

LEFT_BEHIND = "left_behind"
"""The kind of files that programs leave, which nobody means to send: they are counted."""

_LEFT_BEHIND = ("thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r")
_LEFT_FOLDERS = ("__macosx", "$recycle.bin", "system volume information")


def kind_of(path: PurePosixPath) -> str:
    """Return the kind of a file that is no workbook, by its name; ``unknown`` for an ending of no kind.

    ``path``: below the folder or in the zip that is listed.
    """
    if is_left_behind(path) or any(part.startswith(".") and part.strip(".") for part in path.parts[:-1]):
        return LEFT_BEHIND
    ending = PurePosixPath(path.name.lower().rstrip()).suffix
    return next((kind for kind, endings in KINDS.items() if ending in endings), "unknown")


def is_left_behind(path: PurePosixPath) -> bool:
    """Return True for a file that programs leave behind: locks of open files, thumbnails, a Mac's own, hidden ones."""
    *folders, name = (part.lower() for part in path.parts)
    return (
        name.startswith(("~$", "."))
        or name.endswith(".tmp")
        or name in _LEFT_BEHIND
        or any(part in _LEFT_FOLDERS for part in folders)
    )
