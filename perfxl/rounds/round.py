"""A round on disk: the folder with its ``round.yaml``, and the folders in it.

Nothing outside of the folder is needed, so that a round can be moved, copied to a stick and opened at another desk.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from perfxl import extensions
from perfxl.batch import output as files
from perfxl.errors import OutputFailed, RoundError, reason_of
from perfxl.form import installed
from perfxl.form.characters import OBEYED
from perfxl.form.form import Form
from perfxl.form.source import Entries, Node, nearest, parse, read_text
from perfxl.rounds.deadline import EXAMPLES, read_deadline
from perfxl.workbook.sheet.file_name import safe_name

FILE = "round.yaml"
"""The file that makes a folder a round's."""

FOLDERS: Mapping[str, Mapping[str, str]] = {
    "zh-CN": {"issued": "下发", "inbox": "收表箱", "originals": "原件", "returned": "退回", "exports": "导出"},
    "en": {word: word for word in ("issued", "inbox", "originals", "returned", "exports")},
}
"""The names of the folders in a round by language; ``round.yaml`` says which a round has."""

STORE = "store.sqlite3"
"""The file of a round's store."""

_PLANNED = f"{files.TEMPORARY}{FILE}"
"""The same file while the round is being made: a call that goes on with it knows by it that the store is its own."""

_UNPRINTABLE = re.compile(rf"[\x00-\x1f{OBEYED}]")
_KEYS = ("year", "phase", "forms")
_OPTIONAL = (
    "name", "deadline", "office", "phone", "rules", "draft", "folders", "values", "stage", "scheme", "adjusted",
    "store",
)  # fmt: skip


@dataclass(frozen=True)
class Round:
    """One sending out and taking in.

    ``phase``: its words, such as 一上; ``draft``: the number of the issue, raised by issuing anew; ``deadline``: a day,
    or a day and a time, empty for none; ``rules``: the county's file of checks, empty for none; ``folders``: the names
    of its folders; ``values``: the issue values of its forms. ``stage``: the stage that it is a round of, empty for
    none; ``scheme``: a name, or a file in the folder, by which that stage judges, empty for that of the rules;
    ``adjusted``: the file of what was decided after approval, empty for none; ``store_url``: of the database in which
    its store is, empty for a file in the folder.
    """

    folder: Path
    name: str
    year: int
    phase: str
    forms: tuple[str, ...]
    deadline: str
    office: str
    phone: str
    rules: str
    draft: int
    folders: Mapping[str, str]
    values: Mapping[str, Any] = field(default_factory=dict)
    stage: str = ""
    scheme: str = ""
    adjusted: str = ""
    store_url: str = ""

    def path(self, folder: str) -> Path:
        """Return a folder of the round; ``folder``: a key of FOLDERS."""
        return self.folder / self.folders[folder]

    @property
    def store(self) -> str | Path:
        """Its store: a file in the folder, or the URL of a database."""
        return self.store_url or self.folder / STORE

    @property
    def rules_file(self) -> Path | None:
        """The county's file of checks; None for the pack 一般 (ordinary)."""
        return self.folder / self.rules if self.rules else None

    def values_of(self, form: Form) -> dict[str, Any]:
        """Return the issue values of one of its forms."""
        return {name: value for name, value in self.values.items() if name in form.issue}

    def form(self, name: str = "") -> Form:
        """Return a form of the round, the first one without a name."""
        return installed.load(name or self.forms[0])

    def labels(self, names: Collection[str]) -> tuple[str, ...]:
        """Return what some of its forms are called, in the round's order; all of them where none is named."""
        return tuple(installed.load(name).label for name in self.forms if name in names or not names)


def language_of(round: Round) -> str:
    """Return the language of a round's folders, in which the files in them are named."""
    named = (lang for lang, names in FOLDERS.items() if names["returned"] == round.folders["returned"])
    return next(named, "zh-CN")


def create_round(
    folder: Path,
    year: int,
    phase: str,
    forms: tuple[str, ...] = (installed.DEFAULT,),
    deadline: str = "",
    office: str = "",
    phone: str = "",
    lang: str = "zh-CN",
    store: str = "",
) -> Round:
    """Make the folder of a round. ``store``: the URL of a database for its store, empty for a file in the folder.

    Raises what ``plan_round`` raises, OutputFailed where nothing can be written.
    """
    told = {"forms": list(forms), "deadline": deadline, "office": office, "phone": phone, "store": store}
    return write_round(*plan_round(folder, year, phase, lang, told))


def plan_round(folder: Path, year: int, phase: str, lang: str, told: Mapping[str, Any]) -> tuple[Round, str]:
    """Return a round that is to be made, and the text of its file; nothing is written. ``told``: other keys of it.

    Raises RoundError where one is there already, for a name that not every system takes, and for a text that cannot be
    printed; FormError for an unknown form; StoreError where its store cannot be made at the URL that is told.
    """
    if (folder / FILE).exists():
        raise RoundError(what="exists", file=str(folder / FILE))
    name = folder.absolute().name
    if name != safe_name(name):
        raise RoundError(what="bad_name", file=str(folder), near=safe_name(name))
    if not phase.strip():
        raise RoundError(what="no_phase", file=str(folder))
    for key in ("phase", "office", "phone"):
        text = phase if key == "phase" else str(told.get(key, ""))
        if _UNPRINTABLE.search(text):
            raise RoundError(what="unprintable", file=str(folder), option=key, found=text)
    for form in told["forms"]:
        installed.load(form)
    if told.get("store") and told["store"] != _planned_store(folder):
        from perfxl.rounds.store.opening import check_new  # late: it brings the library of databases

        check_new(told["store"])
    folders = dict(FOLDERS.get(lang, FOLDERS["en"]))
    whole = {"name": name, "year": year, "phase": phase.strip(), **told, "draft": 1, "folders": folders}
    kept = {key: value for key, value in whole.items() if value not in ("", {})}
    text = yaml.safe_dump(kept, allow_unicode=True, sort_keys=False, width=2**31 - 1)
    return _read(text, folder), text  # what cannot be read again is not written


def write_round(round: Round, text: str) -> Round:
    """Make the folder of a round that was planned. Raises OutputFailed."""
    begin_round(round, text)
    return finish_round(round)


def begin_round(round: Round, text: str) -> None:
    """Make the folder of a round that was planned, which ``finish_round`` makes one. Raises OutputFailed."""
    make_folders(round)
    files.write_file(round.folder / _PLANNED, text.encode())


def finish_round(round: Round) -> Round:
    """Give the file that makes a folder a round's its name, which is the last thing to be done. Raises OutputFailed."""
    try:
        (round.folder / _PLANNED).replace(round.folder / FILE)
    except OSError as error:
        raise OutputFailed(file=str(round.folder / FILE), reason=reason_of(error), written=()) from error
    return open_round(round.folder)


def _planned_store(folder: Path) -> str:
    """Return the URL of the store of a round whose making was cut off; empty for none."""
    file = folder / _PLANNED
    return _read(read_text(file), folder).store_url if file.is_file() else ""


def text_with_store(text: str, url: str) -> str:
    """Return the text of a round's file with its store at a URL, or in the folder where that is empty."""
    kept = re.sub(r"^store:.*\n?", "", text, flags=re.MULTILINE)
    line = yaml.safe_dump({"store": url}, allow_unicode=True, width=2**31 - 1) if url else ""
    return f"{kept if kept.endswith(chr(10)) or not kept else kept + chr(10)}{line}"


def make_folders(round: Round) -> None:
    """Make the folders of a round, as far as they are not there. Raises OutputFailed."""
    try:
        for name in round.folders.values():
            (round.folder / name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputFailed(file=str(round.folder), reason=reason_of(error), written=()) from error


def is_round(folder: Path) -> bool:
    """Return True for the folder of a round."""
    return (folder / FILE).is_file()


def find_round(start: Path) -> Round:
    """Return the round whose folder this is, or lies above. Raises RoundError where there is none."""
    for folder in (start.absolute(), *start.absolute().parents):
        if is_round(folder):
            return open_round(folder)
    raise RoundError(what="no_round", file=str(start))


def open_round(folder: Path) -> Round:
    """Return the round of a folder. Raises FormError for a mistake in its file."""
    return _read(read_text(folder / FILE), folder)


def _read(text: str, folder: Path) -> Round:
    entries = parse(text, str(folder / FILE)).entries(_KEYS, _OPTIONAL)
    forms = tuple(map(_read_form_name, entries.sequence("forms")))
    if not forms:
        raise entries["forms"].mistake("missing_key", key="forms")
    return Round(
        folder=folder,
        name=entries.text("name", folder.name),
        year=entries.count("year", 0, minimum=2000),
        phase=entries.text("phase"),
        forms=forms,
        deadline=_read_deadline(entries),
        office=entries.text("office"),
        phone=entries.text("phone"),
        rules=entries.text("rules"),
        draft=entries.count("draft", 1, minimum=1),
        folders=_read_folders(entries),
        values=_read_values(entries, forms),
        stage=_read_stage(entries),
        scheme=entries.text("scheme"),
        adjusted=entries.text("adjusted"),
        store_url=entries.text("store"),
    )


def _read_stage(entries: Entries) -> str:
    """Return the name of the round's stage, which must be known; empty for none."""
    name, known = entries.text("stage"), tuple(extensions.found("perfxl.stages")) if "stage" in entries else ()
    if name and name not in known:
        raise entries["stage"].mistake("not_allowed", found=name, near=nearest(name, known), allowed=known)
    return name


def _read_values(entries: Entries, forms: tuple[str, ...]) -> dict[str, Any]:
    """Return the issue values, each of which one of the forms must have."""
    nodes = entries.mapping("values")
    known = tuple(name for form in forms for name in installed.load(form).issue) if nodes else ()
    for name, node in nodes.items():
        if name not in known:
            raise node.mistake("unknown_key", key=name, near=nearest(name, known), allowed=known)
    return {name: node.text() for name, node in nodes.items()}


def _read_form_name(node: Node) -> str:
    """Return the name of a form, which must be known."""
    name, known = node.text(), installed.names()
    if name not in known:
        raise node.mistake("unknown_form", form=name, near=nearest(name, known), known=known)
    return name


def _read_deadline(entries: Entries) -> str:
    """Return the deadline as it is kept; empty for none."""
    if "deadline" not in entries:
        return ""
    node = entries["deadline"]
    written = node.written
    try:
        return read_deadline(written)
    except ValueError as error:
        raise node.mistake("not_allowed", found=written, near="", allowed=EXAMPLES) from error


_NAME = re.compile(r"[^/\\:*?\"<>|.][^/\\:*?\"<>|]*")


def _read_folders(entries: Entries) -> dict[str, str]:
    """Return the names of the folders; each is one folder in the round's own."""
    named = dict(FOLDERS["zh-CN"])
    for key, node in entries.entries("folders", (), tuple(named)).nodes.items():
        if not _NAME.fullmatch(node.text()):
            raise node.mistake("not_allowed", found=node.text(), near="", allowed=tuple(named.values()))
        named[key] = node.text()
    return named
