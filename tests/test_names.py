"""Names and sentences of the code: one name for one thing, docstrings that say plainly what is there."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import perfxl

PACKAGE = Path(perfxl.__file__).parent
# an installed package also has the examples in it
_PATHS = (path for path in sorted(PACKAGE.rglob("*.py")) if path.parent != PACKAGE / "examples")
MODULES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in _PATHS}
RIDDLE = re.compile(r"(What|Whether|How|Where|Who|Why|Those|That)\b")
"""Words with which a docstring makes a riddle instead of a statement."""


def nodes(*kinds: type[ast.AST]) -> Iterator[tuple[Path, ast.AST]]:
    for path, tree in MODULES.items():
        yield from ((path, node) for node in ast.walk(tree) if isinstance(node, kinds))


def public_functions() -> Iterator[tuple[Path, ast.FunctionDef]]:
    """Functions of modules and methods of classes, but for what stands inside a function or a private class."""
    for path, tree in MODULES.items():
        stack: list[ast.AST] = [tree]
        while stack:
            for node in ast.iter_child_nodes(stack.pop()):
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    stack.append(node)
                elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    yield path, node
                elif isinstance(node, ast.If):
                    stack.append(node)


def test_no_public_class_name_stands_twice() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path, node in nodes(ast.ClassDef):
        assert isinstance(node, ast.ClassDef)
        if not node.name.startswith("_"):
            places[node.name].append(str(path.relative_to(PACKAGE)))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_loop_variables_say_what_they_are() -> None:
    bound = [
        path
        for path, node in nodes(ast.Name)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == "each"
    ]
    assert len(bound) <= 20


def test_docstrings_are_statements() -> None:
    found = [
        (path.relative_to(PACKAGE), text)
        for path, node in [*((path, tree) for path, tree in MODULES.items()), *nodes(ast.ClassDef, ast.FunctionDef)]
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and (text := ast.get_docstring(node))
    ]
    riddles = [(str(path), text.splitlines()[0]) for path, text in found if RIDDLE.match(text)]
    assert len(riddles) < 0.03 * len(found), riddles


def test_public_functions_have_docstrings() -> None:
    functions = list(public_functions())
    bare = [
        f"{path.relative_to(PACKAGE)}:{node.lineno} {node.name}"
        for path, node in functions
        if not ast.get_docstring(node)
    ]
    assert len(bare) <= 0.05 * len(functions), bare


def test_functions_are_short() -> None:
    lengths = {
        f"{path.relative_to(PACKAGE)} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path, node in nodes(ast.FunctionDef)
        if isinstance(node, ast.FunctionDef)
    }
    assert {name: length for name, length in lengths.items() if length > 60} == {}


def test_the_glossary_names_things_that_are_there() -> None:
    """Every class that the glossary of the architecture names is one of the code's."""
    page = Path(__file__).parents[1] / "docs" / "architecture.md"
    table = page.read_text(encoding="utf-8").split("## Glossary")[1].split("\n## ")[0]
    named = set(re.findall(r"`([A-Z]\w+)`", table))
    known = {node.name for _, node in nodes(ast.ClassDef) if isinstance(node, ast.ClassDef)}
    assert named - known == set()
    assert len(table.splitlines()) > 25


def test_the_engine_speaks_of_no_indicator() -> None:
    """Indicators are what a budget asks for: the word is for ``budget`` alone."""
    others = [PACKAGE / name for name in ("budget", "examples", "templates")]
    files = [
        path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".yaml") and not set(others) & {*path.parents}
    ]
    assert len(files) > 100
    assert [path for path in files if "indicator" in path.read_text(encoding="utf-8").lower()] == []


def test_programs_beside_the_package_name_what_is_there() -> None:
    """What the benchmarks, the examples and the pictures import from perfxl: they are run by hand, and rarely."""
    root = Path(__file__).parents[1]
    named = [
        (path.name, node.module, alias.name)
        for folder in ("benchmarks", "docs", "examples")
        for path in sorted((root / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] == "perfxl"
        for alias in node.names
    ]
    assert len(named) > 10
    assert [each for each in named if not _is_there(each[1], each[2])] == []


def _is_there(module: str, name: str) -> bool:
    return hasattr(import_module(module), name) or find_spec(f"{module}.{name}") is not None
