"""A YAML file that a person wrote: its text under limits, and as data that keeps its line numbers for messages."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml

from perfxl.errors import FormError, reason_of
from perfxl.form.late_pattern import late_pattern

try:
    from yaml import CSafeLoader as SafeLoader
except ImportError:  # PyYAML built without libyaml
    from yaml import SafeLoader  # type: ignore[assignment]

Word = TypeVar("Word", bound=str)

MOST_BYTES = 2_000_000
"""The most bytes of a file about forms or checks."""

DEEPEST = 100
"""The most levels of lists and mappings within each other."""

LARGEST = 10**15
"""No number of more digits is taken: a workbook keeps fifteen."""

_INDENTED = late_pattern(rf"^[ ?:-]{{{DEEPEST},}}", re.MULTILINE)
_BRACES = late_pattern(r"\s*(?:- )?(?P<key>[\w.-]+):\s+(?P<text>\{\{.*)")
"""A value that begins with the braces of Jinja, which YAML takes for a mapping."""

_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Node:
    """One value of the file; the values of a mapping and the items of a list are nodes again.

    ``line``: its line, from 1; for a value of a mapping, the line of its key. ``written``: a scalar (text, number, date
    …) as it is written.
    """

    value: Any
    line: int
    file: str
    written: str = ""

    def mistake(self, what: str, **facts: object) -> FormError:
        """Return the error to raise about this node; ``what``: the kind of mistake."""
        return FormError(file=self.file, line=self.line, what=what, **facts)

    def mapping(self, example: str = "") -> Mapping[str, Node]:
        """Return the node's entries. Raises FormError, which shows the example, where it is no mapping."""
        if not isinstance(self.value, dict):
            raise self.mistake("not_a_mapping", found=_kind_of(self), example=example)
        return self.value

    def sequence(self) -> list[Node]:
        """Return the node's items. Raises FormError where it is no list."""
        if not isinstance(self.value, list):
            raise self.mistake("not_a_list", found=_kind_of(self))
        return self.value

    def text(self) -> str:
        """Return the node's text, a number as it is written. Raises FormError for a list, a mapping or nothing."""
        if isinstance(self.value, (dict, list)) or self.value is None:
            raise self.mistake("not_a_text", found=_kind_of(self))
        return self.written

    def number(self, minimum: float = 0) -> float:
        """Return the node's number. Raises FormError where it is none, not finite, or below ``minimum``."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not minimum <= value < LARGEST:
            raise self.mistake("not_a_number", found=_kind_of(self), minimum=minimum)
        return float(value)

    def count(self, minimum: int = 0) -> int:
        """Return the node's whole number. Raises FormError where it is none, or below ``minimum``."""
        if not isinstance(self.value, int):
            raise self.mistake("not_a_number", found=_kind_of(self), minimum=minimum)
        return int(self.number(minimum))

    def flag(self) -> bool:
        """Return the node's truth value. Raises FormError where it is neither true nor false."""
        if not isinstance(self.value, bool):
            raise self.mistake("not_allowed", found=self.text(), near="", allowed=("true", "false"))
        return self.value

    def one_of(self, allowed: Iterable[Word]) -> Word:
        """Return the node's text if it is one of ``allowed``. Otherwise raises FormError with a near match."""
        text, words = self.text(), tuple(allowed)
        for word in words:
            if word == text:
                return word
        raise self.mistake("not_allowed", found=text, near=nearest(text, words), allowed=words)

    def plain(self) -> Any:
        """Return the value without line numbers, as plain mappings, lists and scalars."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def entries(self, required: Iterable[str] = (), optional: Iterable[str] = ()) -> Entries:
        """Return the node's entries.

        Raises FormError for a key that is neither required nor optional, with a near match, and for a missing one.
        """
        required = tuple(required)
        allowed = (*required, *optional)
        nodes = self.mapping()
        for key, node in nodes.items():
            if key not in allowed:
                raise node.mistake("unknown_key", key=key, near=nearest(key, allowed), allowed=allowed)
        for key in required:
            if key not in nodes:
                raise self.mistake("missing_key", key=key)
        return Entries(nodes)


@dataclass(frozen=True)
class Entries:
    """The entries of a mapping.

    Each method returns an entry as one type, or a default where the key is absent; it raises FormError where the entry
    is of another type.
    """

    nodes: Mapping[str, Node]

    def __contains__(self, key: str) -> bool:
        return key in self.nodes

    def __getitem__(self, key: str) -> Node:
        return self.nodes[key]

    def text(self, key: str, default: str = "") -> str:
        """Return a text."""
        return self.nodes[key].text() if key in self.nodes else default

    def number(self, key: str, default: float) -> float:
        """Return a number that is not negative."""
        return self.nodes[key].number() if key in self.nodes else default

    def count(self, key: str, default: int, minimum: int = 0) -> int:
        """Return a whole number that is not below ``minimum``."""
        return self.nodes[key].count(minimum) if key in self.nodes else default

    def flag(self, key: str, default: bool = False) -> bool:
        """Return a truth value."""
        return self.nodes[key].flag() if key in self.nodes else default

    def one_of(self, key: str, allowed: Iterable[Word], default: Word) -> Word:
        """Return a text that is one of ``allowed``."""
        return self.nodes[key].one_of(allowed) if key in self.nodes else default

    def sequence(self, key: str) -> list[Node]:
        """Return the items of a list; empty where the key is absent."""
        return self.nodes[key].sequence() if key in self.nodes else []

    def mapping(self, key: str) -> Mapping[str, Node]:
        """Return the entries of a mapping with any keys; empty where the key is absent."""
        return self.nodes[key].mapping() if key in self.nodes else {}

    def entries(self, key: str, required: Iterable[str] = (), optional: Iterable[str] = ()) -> Entries:
        """Return the entries of a mapping with known keys; empty where the key is absent."""
        return self.nodes[key].entries(required, optional) if key in self.nodes else Entries({})


def nearest(word: str, words: Iterable[str]) -> str:
    """Return the one of ``words`` that was probably meant, or an empty text."""
    matches = difflib.get_close_matches(word, list(words), n=1)
    return matches[0] if matches else ""


def read_text(path: Path, most: int = MOST_BYTES) -> str:
    """Return the text of a file of at most ``most`` bytes. Raises FormError."""
    file = str(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(most + 1)
    except FileNotFoundError as error:
        raise FormError(file=file, line=0, what="no_file") from error
    except (OSError, ValueError) as error:
        raise FormError(file=file, line=0, what="unreadable", reason=reason_of(error)) from error
    if len(data) > most:
        raise FormError(file=file, line=0, what="too_large", limit=most)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = 0 if data.startswith(_UTF16) else data[: error.start].count(b"\n") + 1
        raise FormError(file=file, line=line, what="not_utf8") from error


def refuse_tricks(text: str, file: str) -> None:
    """Refuse aliases, which make a small file a giant, and deep nesting, which ends the interpreter. Raises FormError.

    The library's events are looked at, because its composer calls itself once a level. Raises YAMLError as it does, and
    for a tag: a file's values are what they look like, and the library falls over ``!!float ""``.
    """
    if not ("*" in text or "!" in text or text.count("[") + text.count("{") > DEEPEST or _INDENTED.search(text)):
        return
    depth = 0
    for event in yaml.parse(text, Loader=SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.AliasEvent):
            raise FormError(file=file, line=line, what="alias", key=event.anchor)
        if getattr(event, "tag", None) is not None:
            mark: Any = event.start_mark
            raise yaml.constructor.ConstructorError(None, None, "tags are not supported", mark)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise FormError(file=file, line=line, what="too_deep", limit=DEEPEST)


def parse(text: str, file: str) -> Node:
    """Parse a YAML text into nodes. Raises FormError where it is empty or no YAML, or repeats a key."""
    loader = None
    try:
        refuse_tricks(text, file)
        loader = SafeLoader(text)
        tree = loader.get_single_node()
        if tree is None:
            raise FormError(file=file, line=1, what="empty")
        return _make_node(tree, loader, file, 1)
    except yaml.YAMLError as error:
        if too_deep(error):
            raise FormError(file=file, line=1, what="too_deep", limit=DEEPEST) from error
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        for at in (line, line - 1):  # libyaml may see only in the line below that the braces were no mapping
            if braces := _BRACES.match("\n".join(text.split("\n")[at - 1 : at])):
                facts = {"key": braces["key"], "text": braces["text"].rstrip()}
                raise FormError(file=file, line=at, what="braces_without_quotes", **facts) from error
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        raise FormError(file=file, line=line, what="not_yaml", problem=problem) from error
    finally:
        if loader:
            loader.dispose()


def too_deep(error: yaml.YAMLError) -> bool:
    """Return True where libyaml itself, from 0.2.6 on, refuses what is nested too deep."""
    return "nesting depth" in str(error)


def _make_node(tree: yaml.Node, loader: Any, file: str, line: int) -> Node:
    """Return the node of a YAML tree, which stands on a line of a file: a mapping's value on that of its key."""
    if isinstance(tree, yaml.MappingNode):
        entries: dict[str, Node] = {}
        for key, value in tree.value:
            here = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise Node(None, here, file).mistake("not_yaml", problem="a key must be a text")
            word = str(key.value)
            if word in entries:
                raise Node(None, here, file).mistake("repeated_key", key=word)
            entries[word] = _make_node(value, loader, file, here)
        return Node(entries, line, file)
    if isinstance(tree, yaml.SequenceNode):
        items = [_make_node(item, loader, file, item.start_mark.line + 1) for item in tree.value]
        return Node(items, line, file)
    if tree.tag == _TEXT:  # nearly all: constructed, it would take as long as to parse the file
        return Node(tree.value, line, file, written=tree.value)
    try:
        value = loader.construct_object(tree)
        if ":" in tree.value and isinstance(value, (int, float)):  # 12:30 is no 750, as YAML 1.1 has it
            value = tree.value
    except ValueError:  # 2024-02-30: no day, so it is a text; where a day is asked for, the reader says so
        value = tree.value
    return Node(value, line, file, written=tree.value)


_TEXT = "tag:yaml.org,2002:str"


def _kind_of(node: Node) -> str:
    """Return a node's kind for a message: mapping, list, null, or the value itself."""
    if isinstance(node.value, (dict, list)):
        return "mapping" if isinstance(node.value, dict) else "list"
    return "null" if node.value is None else repr(node.value)
