"""The lists of a definition, and the levels of them that its answers ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib.resources.abc import Traversable

from perfxl.form.choice_list import MOST_LEVELS, ChoiceLevel, ChoiceList, Path, SourceColumn, order_paths
from perfxl.form.definition.fields import check_id, require_taxonomy
from perfxl.form.definition.list_file import read_list_file
from perfxl.form.definition.mistakes import Mistakes
from perfxl.form.source import Entries, Node, nearest
from perfxl.form.taxonomy import LIST, Taxonomy


class ListReader:
    """Reads the lists of a definition.

    ``folders``: where the files are that it names, by the file that names them; ``lists``: those that were read, by
    name.
    """

    def __init__(self, top: Entries, folders: Mapping[str, Traversable | None], mistakes: Mistakes) -> None:
        self.top, self.folders, self.mistakes = top, folders, mistakes
        self.lists: dict[str, ChoiceList] = {}

    def read(self, classes: Taxonomy | None) -> Mapping[str, ChoiceList]:
        """Read the lists that have a name, that of the form's taxonomy among them."""
        if classes:
            self.lists[LIST] = classes.listed
        for name, node in self.top.mapping("choices").items():
            with self.mistakes.caught(f"choices.{name}"):
                check_id(name, node, "choices", self.mistakes)
                if name in self.lists:
                    raise node.mistake("repeated_key", key=name)
                self.lists[name] = self._read_list(name, node)
        return self.lists

    def place(self) -> Entries:
        """Return the definition with the lists themselves where its answers name or spell them.

        Answers whose list is wrong are left out.
        """
        nodes = dict(self.top.nodes)
        if "fields" in nodes:
            nodes["fields"] = replace(nodes["fields"], value=self._place(nodes["fields"].mapping()))
        if "tables" in nodes:
            tables = {}
            for id, node in nodes["tables"].mapping().items():
                columns = node.mapping()["columns"]
                placed = replace(columns, value=self._place(columns.mapping()))
                tables[id] = replace(node, value={**node.mapping(), "columns": placed})
            nodes["tables"] = replace(nodes["tables"], value=tables)
        return Entries(nodes)

    def _place(self, nodes: Mapping[str, Node]) -> dict[str, Node]:
        """Return answers with the list level that each asks for, without those of which it is wrong."""
        asked = {id: Entries(node.mapping()) for id, node in nodes.items() if _asks_choice(node)}
        found: dict[str, ChoiceList] = {}
        for id, entries in asked.items():
            with self.mistakes.caught(id):
                found[id] = self._find(entries["choices"])
        placed = {id: node for id, node in nodes.items() if id not in asked}
        for id in found:
            with self.mistakes.caught(id):
                level = self._level(id, nodes, asked, found)
                _check_separator(asked[id], found[id], level)
                _check_ticks(asked[id], found[id])
                choices = replace(asked[id]["choices"], value=ChoiceLevel(found[id], level))
                placed[id] = replace(nodes[id], value={**asked[id].nodes, "choices": choices})
        return {id: placed[id] for id in nodes if id in placed}

    def _find(self, node: Node) -> ChoiceList:
        """Return the list that an answer names or spells."""
        if isinstance(node.value, (list, dict)):
            return self._read_list("", node)
        name = node.text()
        if name not in self.lists:
            self.mistakes.require(f"choices.{name}", "choices")
            if name == LIST:
                require_taxonomy(node, None, self.mistakes)
            raise node.mistake("unknown_list", found=name, near=nearest(name, self.lists), known=tuple(self.lists))
        return self.lists[name]

    def _level(
        self, id: str, nodes: Mapping[str, Node], asked: Mapping[str, Entries], found: Mapping[str, ChoiceList]
    ) -> int:
        """Return the level that an answer asks for: one below that of the answer within whose entry it stands."""
        listed = found[id]
        level, at = 0, id
        while "within" in asked[at]:
            node = asked[at]["within"]
            above = self.mistakes.known(node, nodes)
            self.mistakes.require(above)
            level += 1
            facts = {"field": at, "within": above, "list": listed.name, "levels": listed.levels}
            if level >= len(listed.levels):
                raise asked[id]["within"].mistake("no_level_below", **facts)
            if found.get(above) is not listed:
                near = next((one for one in found if found[one] is listed and one != at), listed.levels[0])
                raise node.mistake("within_no_choice", **facts, near=near)
            at = above
        return level

    def _read_list(self, name: str, node: Node) -> ChoiceList:
        """Read a list, in any of the ways in which it can be written."""
        keys = node.value.keys() if isinstance(node.value, dict) else set()
        if keys in ({"file"}, {"file", "levels"}):
            return read_list_file(name, Entries(node.mapping()), self.folders.get(node.file))
        if keys == {"column"}:
            return ChoiceList(name, source=self._read_column(node.mapping()["column"]))
        if not isinstance(node.value, (dict, list)):
            raise node.mistake("not_a_list", found=node.text())
        return _read_entries(name, node)

    def _read_column(self, node: Node) -> SourceColumn:
        """Read the column of a table whose answers are the entries of a list."""
        tables = {id: Entries(table.mapping()).mapping("columns") for id, table in self.top.mapping("tables").items()}
        known = {f"{id}.{column}": SourceColumn(id, column) for id, columns in tables.items() for column in columns}
        table, _, column = node.text().partition(".")
        if node.text() not in known:
            self.mistakes.require(table, column, "tables")
        return known[self.mistakes.known(node, known)]


def _asks_choice(node: Node) -> bool:
    """Return whether an answer is chosen from a list."""
    entries = node.mapping()
    return "choices" in entries and "type" in entries and entries["type"].written == "choice"


def _check_separator(asked: Entries, listed: ChoiceList, level: int) -> None:
    """Raise FormError where the sign between several entries is part of one of them."""
    sign = asked.text("separator").strip()
    for entry in listed.show_all(listed.entries(level)) if sign else ():
        if sign in entry:
            raise asked["separator"].mistake("separator_in_entry", sign=sign, entry=entry)


MOST_TICKS = 20
"""The most entries that have a tick column each."""

_NOT_TICKED = ("within", "separator", "also", "calculation", "repeat", "unique")
"""What cannot be said of an answer with tick columns."""


def _check_ticks(asked: Entries, listed: ChoiceList) -> None:
    """Raise FormError where an answer has tick columns and its entries cannot be ticked one by one."""
    if asked.text("style") != "columns":
        return
    if not asked.flag("multiple"):
        raise asked["style"].mistake("ticks_of_one")
    if key := next((key for key in _NOT_TICKED if key in asked), ""):
        raise asked[key].mistake("beside_ticks", key=key)
    if listed.source or len(listed.levels) > 1:
        raise asked["style"].mistake("no_plain_list")
    if len(listed.rows) > MOST_TICKS:
        raise asked["style"].mistake("too_many_ticks", found=len(listed.rows), limit=MOST_TICKS)


def _read_entries(name: str, node: Node) -> ChoiceList:
    """Read a list whose entries are written in the definition."""
    shown: dict[str, str] = {}
    rows = list(_paths(node, (), shown))
    if not rows:
        raise node.mistake("no_entries")
    depth = len(rows[0])
    if depth > MOST_LEVELS:
        raise node.mistake("too_many_levels", found=depth, limit=MOST_LEVELS)
    if uneven := next((row for row in rows if len(row) != depth), None):
        raise node.mistake("uneven_levels", entry=uneven[-1], other=rows[0][-1])
    levels = tuple(str(level) for level in range(1, depth + 1))
    ordered = tuple(rows[at] for at in order_paths(rows))
    listed = ChoiceList(name, rows=ordered, levels=levels, shown=shown, spelled=True)
    _check_shown(node, listed)
    return listed


def _paths(node: Node, above: Path, shown: dict[str, str]) -> Iterator[Path]:
    """Yield the paths of the entries below ``above``, and note what is shown for them."""
    if isinstance(node.value, list):
        for item in node.sequence():
            if isinstance(item.value, (int, float)) and not isinstance(item.value, bool):
                raise item.mistake("number_in_list", found=item.written)
            yield (*above, _entry(item))
        if len(written := [item.text() for item in node.sequence()]) > len(set(written)):
            twice = next(item for at, item in enumerate(node.sequence()) if item.text() in written[:at])
            raise twice.mistake("entry_twice", found=twice.text())
        return
    for entry, below in node.mapping().items():
        if isinstance(below.value, (dict, list)):
            yield from _paths(below, (*above, entry), shown)
        else:
            text = _entry(below)
            if shown.setdefault(entry, text) != text:
                raise below.mistake("entry_twice", found=entry)
            yield (*above, entry)


def _entry(node: Node) -> str:
    """Return the text of an entry. Raises FormError where it shows nothing."""
    text = node.text()
    if not text.strip():
        raise node.mistake("not_a_text", found=repr(text))
    return text


def _check_shown(node: Node, listed: ChoiceList) -> None:
    """Raise FormError where two entries of a level look alike in a cell."""
    for level in range(len(listed.levels)):
        seen: set[str] = set()
        for text in listed.show_all(listed.entries(level)):
            if text in seen:
                raise node.mistake("entry_twice", found=text)
            seen.add(text)
