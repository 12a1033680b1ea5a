"""A YAML file as plain data that remembers its lines, so that a mistake can be shown where it stands."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from perfxl.errors import FormError

try:
    from yaml import CSafeLoader as SafeLoader
except ImportError:  # PyYAML built without libyaml
    from yaml import SafeLoader  # type: ignore[assignment]


@dataclass(frozen=True)
class Node:
    """One value of the file (a mapping's values and a list's items are nodes again) and its line, from 1."""

    value: Any
    line: int
    file: str

    def mistake(self, what: str, **facts: object) -> FormError:
        """The error to raise about this node: ``what`` is the kind of mistake."""
        return FormError(file=self.file, line=self.line, what=what, **facts)

    def mapping(self) -> Mapping[str, Node]:
        """The node's entries; raises FormError where it is no mapping."""
        if not isinstance(self.value, dict):
            raise self.mistake("not_a_mapping", found=_kind_of(self))
        return self.value

    def sequence(self) -> list[Node]:
        """The node's items; raises FormError where it is no list."""
        if not isinstance(self.value, list):
            raise self.mistake("not_a_list", found=_kind_of(self))
        return self.value

    def text(self) -> str:
        """The node's text, numbers as they are written; raises FormError where it is a list or mapping."""
        if isinstance(self.value, (dict, list)) or self.value is None:
            raise self.mistake("not_a_text", found=_kind_of(self))
        return str(self.value)

    def plain(self) -> Any:
        """The value without lines."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def only(self, allowed: Iterable[str]) -> Mapping[str, Node]:
        """The node's entries, all of whose keys are ``allowed``; raises FormError with a near match."""
        entries = self.mapping()
        allowed = tuple(allowed)
        for key, node in entries.items():
            if key not in allowed:
                raise node.mistake("unknown_key", key=key, near=near(key, allowed), allowed=allowed)
        return entries


def near(word: str, words: Iterable[str]) -> str:
    """The one of ``words`` that was probably meant, or an empty text."""
    found = difflib.get_close_matches(word, list(words), n=1)
    return found[0] if found else ""


def parse(text: str, file: str) -> Node:
    """The file's data with lines. Raises FormError where the text is no YAML or repeats a key."""
    loader = SafeLoader(text)
    try:
        tree = loader.get_single_node()
        if tree is None:
            raise FormError(file=file, line=1, what="empty")
        return _node(tree, loader, file)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or ""
        raise FormError(file=file, line=line, what="not_yaml", problem=problem) from error
    finally:
        loader.dispose()


def _node(tree: yaml.Node, loader: Any, file: str) -> Node:
    line = tree.start_mark.line + 1
    if isinstance(tree, yaml.MappingNode):
        entries: dict[str, Node] = {}
        for key, value in tree.value:
            word = str(key.value)
            if word in entries:
                raise FormError(file=file, line=key.start_mark.line + 1, what="repeated_key", key=word)
            entries[word] = _node(value, loader, file)
        return Node(entries, line, file)
    if isinstance(tree, yaml.SequenceNode):
        return Node([_node(item, loader, file) for item in tree.value], line, file)
    return Node(loader.construct_object(tree), line, file)


def _kind_of(node: Node) -> str:
    value = node.value
    return "mapping" if isinstance(value, dict) else "list" if isinstance(value, list) else repr(value)
