"""A document's template: a Word file with Jinja in it, as docxtpl has it, compiled once and filled for each document.

docxtpl turns the tags of a part into Jinja (``{%tr for … %}`` repeats rows, ``{% vm %}`` merges cells downward). What
stands in a tag and what is wrong with it is found here: a mistake is named by its paragraph.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from jinja2 import Template, TemplateError, TemplateSyntaxError, UndefinedError
from lxml import etree

from perfxl.errors import TemplateMistake
from perfxl.form.characters import shorten
from perfxl.form.source import nearest
from perfxl.publishing.contents import Outline, mark_contents, outline_of
from perfxl.publishing.fill import compile_part, filled, used_names
from perfxl.publishing.wordml import parse, text_of, w

_MOST_BYTES = 20_000_000
_MOST_UNZIPPED = 96_000_000
_FILLED = re.compile(r"word/(?:document|header\d*|footer\d*|footnotes)\.xml")
_TAG = re.compile(r"\{\{|\{%|\{#|\}\}|%\}|#\}")
_ENDS = {"{{": "}}", "{%": "%}", "{#": "#}"}
BODY = "word/document.xml"
_STYLES = "word/styles.xml"
_TYPES, _RELATIONS = "[Content_Types].xml", "_rels/.rels"
_PERSONS = re.compile(r"docProps/(?:app\.xml|custom\.xml|thumbnail\..+)")


@dataclass(frozen=True)
class DocumentTemplate:
    """A template: its parts as they stand in the file, and those that are filled in, compiled.

    ``contents``: the instruction of the field of its contents (目录), empty where it has none; ``outline``: what its
    styles say of headings.
    """

    file: str
    parts: Mapping[str, bytes]
    compiled: Mapping[str, _CompiledPart]
    contents: str
    outline: Outline

    @cached_property
    def names(self) -> frozenset[str]:
        """The names that it uses and does not set itself."""
        return frozenset(name for part in self.compiled.values() for name in part.names)

    def fill(self, values: Mapping[str, Any]) -> dict[str, etree._Element]:
        """Return the parts with values filled in, by their names. Raises TemplateMistake."""
        return {name: part.fill(self.file, values) for name, part in self.compiled.items()}


@dataclass(frozen=True)
class _CompiledPart:
    """A part as Jinja; ``paragraphs``: of each line of its source the number of the paragraph; ``texts``: theirs."""

    template: Template
    paragraphs: tuple[int, ...]
    texts: tuple[str, ...]
    names: frozenset[str]

    def fill(self, file: str, values: Mapping[str, Any]) -> etree._Element:
        """Return the root of the part, filled in. Raises TemplateMistake."""
        try:
            text = filled(self.template, values)
        except UndefinedError as error:
            name, known = _undefined_name(error), _known(values)
            facts = {**self._place(error), "name": name, "near": nearest(name, known), "known": known}
            raise TemplateMistake(file=file, what="unknown_name", **facts) from error
        except (TemplateError, ArithmeticError, TypeError, ValueError, LookupError, RecursionError) as error:
            problem = shorten(str(error), 80)
            raise TemplateMistake(file=file, what="unfillable", **self._place(error), problem=problem) from error
        try:
            return parse(text)
        except etree.XMLSyntaxError as error:
            raise TemplateMistake(file=file, what="broken", problem=shorten(str(error), 80)) from error

    def _place(self, error: Exception) -> dict[str, Any]:
        """Return the number and the text of the paragraph that was being filled in when an error was raised."""
        line, walked = 0, error.__traceback__
        while walked is not None:
            if walked.tb_frame.f_code.co_filename == _LINES:
                line = walked.tb_lineno
            walked = walked.tb_next
        return _place(self.paragraphs, self.texts, line)


_LINES = "<part of a document's template>"


def compile_template(data: bytes, file: str) -> DocumentTemplate:
    """Return the template in a .docx file; ``file``: its name in messages. Raises TemplateMistake."""
    parts = _parts(data, file)
    roots = {name: _root(parts[name], file) for name in sorted(parts) if _FILLED.fullmatch(name) or name == _STYLES}
    contents = mark_contents(roots[BODY])
    outline = outline_of(roots.pop(_STYLES)) if _STYLES in roots else Outline({}, {})
    made = DocumentTemplate(file, parts, {name: _compile(roots[name], file) for name in roots}, contents, outline)
    if not any(_TAG.search(text) for part in made.compiled.values() for text in part.texts):
        raise TemplateMistake(file=file, what="no_tags")
    return made


def _parts(data: bytes, file: str) -> dict[str, bytes]:
    """Return the parts of a Word file by their names, within limits. Raises TemplateMistake."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            if len(data) > _MOST_BYTES or sum(part.file_size for part in package.infolist()) > _MOST_UNZIPPED:
                raise TemplateMistake(file=file, what="too_large", limit=_MOST_BYTES // 1_000_000)
            parts = {part.filename: package.read(part) for part in package.infolist() if not part.is_dir()}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise TemplateMistake(file=file, what="not_docx") from error
    if BODY not in parts or _TYPES not in parts:
        raise TemplateMistake(file=file, what="not_docx")
    return _without_persons(parts, file)


def _without_persons(parts: dict[str, bytes], file: str) -> dict[str, bytes]:
    """Return the parts without those that name whoever made the template, their firm, or show a picture of it."""
    left_out = {name for name in parts if _PERSONS.fullmatch(name)}
    kept = {name: data for name, data in parts.items() if name not in left_out}
    for name in (_TYPES, _RELATIONS) if left_out else ():
        root = _root(kept.get(name, b""), file)
        for child in [*root]:
            if (child.get("PartName") or child.get("Target") or "").lstrip("/") in left_out:
                root.remove(child)
        kept[name] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return kept


def _root(data: bytes, file: str) -> etree._Element:
    try:
        return parse(data)
    except etree.XMLSyntaxError as error:
        raise TemplateMistake(file=file, what="not_docx") from error


def _compile(root: etree._Element, file: str) -> _CompiledPart:
    from docxtpl import DocxTemplate  # late: `perfxl --help` must not wait for it

    texts = []
    for number, paragraph in enumerate(root.iter(w("p")), start=1):
        texts.append(text_of(paragraph))
        _check_tags(texts[-1], number, file)
        paragraph.set(_NUMBER, str(number))
    # a line for each paragraph, also for one that docxtpl takes away, so that a line tells the paragraph
    lined = re.sub(r"<w:p(?=[ >])", "\n<w:p", etree.tostring(root, encoding="unicode"))
    source, paragraphs = _numbered(DocxTemplate(None).patch_xml(lined))
    try:
        template = compile_part(source, _LINES)
    except TemplateSyntaxError as error:
        place = {**_place(paragraphs, texts, error.lineno), "problem": error.message}
        raise TemplateMistake(file=file, what="no_call" if error.message == "a call" else "syntax", **place) from error
    return _CompiledPart(template, paragraphs, tuple(texts), used_names(source))


_NUMBER = "px"
_NUMBERED = re.compile(rf'^(<w:p(?: [^>]*?)?) {_NUMBER}="(\d+)"')


def _numbered(patched: str) -> tuple[str, tuple[int, ...]]:
    """Return the source of a part without the numbers of its paragraphs, and the number of each of its lines."""
    lines, numbers = patched.split("\n"), [0]
    for at, line in enumerate(lines[1:], start=1):
        found = _NUMBERED.match(line)
        numbers.append(int(found[2]) if found else numbers[-1] + 1)
        lines[at] = _NUMBERED.sub(r"\1", line)
    return "\n".join(lines), tuple(numbers)


def _check_tags(text: str, number: int, file: str) -> None:
    """Raise TemplateMistake for a tag that begins in a paragraph and does not end in it."""
    awaited = ""
    for sign in _TAG.findall(text):
        if awaited and sign == awaited:
            awaited = ""
        elif not awaited and sign in _ENDS:
            awaited = _ENDS[sign]
    if awaited:
        raise TemplateMistake(file=file, what="not_closed", paragraph=number, text=shorten(text, 60), end=awaited)


def _place(paragraphs: Sequence[int], texts: Sequence[str], line: int) -> dict[str, Any]:
    """Return the number and the text of the paragraph that stands in a line of a part's source."""
    number = paragraphs[line - 1] if 0 < line <= len(paragraphs) else 0
    return {"paragraph": number, "text": shorten(texts[number - 1].strip(), 60) if 0 < number <= len(texts) else ""}


_UNDEFINED = re.compile(r"'([^']*)' is undefined|has no attribute '([^']*)'|has no element '?([^']*)'?$")


def _undefined_name(error: UndefinedError) -> str:
    found = _UNDEFINED.search(error.message or "")
    return next(filter(None, found.groups()), "") if found else ""


def _known(values: Mapping[str, Any]) -> list[str]:
    """Return the names that a template may use, each as it is written there."""
    return list(dict.fromkeys(_paths(values, "")))


def _paths(values: Any, above: str) -> Iterator[str]:
    if isinstance(values, Mapping):
        for name, value in values.items():
            yield from _paths(value, f"{above}.{name}" if above else str(name))
    elif isinstance(values, (list, tuple)) and values:
        yield from _paths(values[0], f"{above}[]")
    else:
        yield above
