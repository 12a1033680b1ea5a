"""Every sentence: the same in all languages, said somewhere, complete with the facts that the code gives."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2 import meta

import perfxl
from perfxl import errors, messages
from perfxl.batch.other_files import KINDS, LEFT_BEHIND
from perfxl.errors import PerfxlError

PACKAGE = Path(perfxl.__file__).parent
LANGUAGES = messages.languages()
FILES = sorted({path.stem for path in PACKAGE.glob("messages/*-*/*") if path.name[0] != "_"})


def texts(file: str, lang: str) -> dict[str, str]:
    return {key: messages._entry(key, lang) for key in messages.text_keys(file, lang)}


def test_there_are_two_languages() -> None:
    assert LANGUAGES == ("en", "zh-CN")


@pytest.mark.parametrize("file", FILES)
def test_all_languages_say_the_same(file: str) -> None:
    first, *others = (messages.text_keys(file, lang) for lang in LANGUAGES)
    for other in others:
        assert other == first


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("file", FILES)
def test_every_text_is_a_template(file: str, lang: str) -> None:
    for key, text in texts(file, lang).items():
        assert isinstance(text, str), key
        assert text.strip(), key
        messages._environment().from_string(text)


@pytest.mark.parametrize("file", ["errors", "report", "system", "usage", "sheet"])
def test_english_sentences_are_english(file: str) -> None:
    chinese = {key for key, text in texts(file, "en").items() if re.search(r"[㐀-鿿，。：；（）]", text)}
    # the unit of money, the tables' Chinese title, the opinions' sheet, the separator of a form's own items
    assert chinese <= {
        "errors.DocumentError.nothing_found", "report.demo.flagged", "report.read.note", "sheet.rules.pack.meaning", "sheet.rules.words.note",
    }  # fmt: skip


@pytest.mark.parametrize("file", ["errors", "forms", "report", "system", "usage"])
def test_chinese_sentences_are_chinese(file: str) -> None:
    for key, text in texts(file, "zh-CN").items():
        bare = re.sub(r"{[{%].*?[%}]}", "", text)
        assert not re.search(r"[,;!?]", bare), key
        assert "您" not in bare, key
        if key.startswith("errors."):
            assert bare.endswith("。"), key


# What the code gives -----------------------------------------------------------------------------------------------------


class Given(ast.NodeVisitor):
    """Every place of the code where a mistake is made: its key and the names of its facts."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.found: list[tuple[str, set[str], bool]] = []

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        name = (
            node.func.id
            if isinstance(node.func, ast.Name)
            else node.func.attr
            if isinstance(node.func, ast.Attribute)
            else ""
        )
        words = {each.arg: each.value for each in node.keywords if each.arg}
        whole = len(words) == len(node.keywords)
        if isinstance(getattr(errors, name, None), type):
            kinds = [] if not whole and "what" not in words else kinds_of(words.pop("what", None))
            self.found += [(f"{name}.{kind}" if kind else name, {*words, "what"}, whole) for kind in kinds]
        elif name == "mistake" and node.args:
            self.found += [(f"FormError.{kind}", {"file", "line", *words}, whole) for kind in kinds_of(node.args[0])]
        elif name == "refusal" and node.args:
            self.found += [(f"PackageError.{kind}", {"file", *words}, whole) for kind in kinds_of(node.args[0])]


def kinds_of(node: ast.expr | None) -> list[str]:
    """The words a kind may be: one, of two, or none where it is worked out."""
    if node is None:
        return [""]
    if isinstance(node, ast.IfExp):
        return [*kinds_of(node.body), *kinds_of(node.orelse)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def given() -> list[tuple[str, set[str], bool]]:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        visitor = Given(path.stem)
        visitor.visit(ast.parse(path.read_text(encoding="utf-8")))
        found += visitor.found
    return found


GIVEN = given()
MADE = {
    # kinds that the code works out: of a foreign file's first bytes, of a JSON Schema's complaints, of documents
    *(f"PackageError.{word}" for word in (
        "encrypted", "truncated", "not_zip", "unfinished", "is_html", "html_frames", "too_much_memory",
        *(f"is_{kind}" for kind in (
            "pdf", "picture", "film", "rar", "7z", "zip", "archive", "rtf", "ofd", "mail", "shortcut", "database", "program",
            "numbers", "compound", "xml",
        )),
    )),
    *(f"OtherFile.{kind}" for kind in (*KINDS, "unknown", "empty_zip", LEFT_BEHIND)),
    *(f"RecordsError.{word}" for word in ("unknown_key", "missing_key", "wrong_type", "not_allowed")),
    *(f"RecordsError.{word}" for word in ("no_file", "unreadable", "not_utf8", "alias", "too_large")),  # of any text file
    *(f"UnusableForm.{word}" for word in ("unknown", "broken", "version", "taxonomy")),
    *(f"DocumentError.{word}" for word in ("old_doc", "rtf", "mhtml", "picture")),
}  # fmt: skip


def test_every_mistake_has_its_sentence_and_every_sentence_its_mistake() -> None:
    keys = {key.removeprefix("errors.") for key in messages.text_keys("errors")}
    said = {key for key, _, _ in GIVEN} - {"PerfxlError"}
    assert said - keys == set()
    assert keys - said - MADE == set()


def placeholders(text: str) -> set[str]:
    return meta.find_undeclared_variables(messages._environment().parse(text))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_sentence_needs_no_fact_that_the_code_does_not_give(lang: str) -> None:
    for key, facts, whole in GIVEN:
        needed = placeholders(messages._entry(f"errors.{key}", lang) or "") if whole else set()
        added = {"file"} if key.startswith("RecordsError.") else set()  # a check's: load adds it
        added |= {"word"} if "reason" in facts else set()  # of which the reason is the text
        added |= {"title"} if "title_of" in facts else set()  # of the check with that code
        assert needed <= facts | added, key


FACTS: dict[str, Any] = {
    "steps": [{"field": "total", "line": 3}],
    "width": 8, "parts": 5,
    "file": "a.xlsx", "line": 3, "column": 7, "place": "projects[2]", "near": "name", "known": ("a", "b"), "allowed": ("a", "b"),
    "wanted": ["string", "null"], "units": ["2024 907001柳溪镇"], "count": 2, "limit": 1, "size": 3, "side": "before",
    "reason": "no_space", "written": ["b.xlsx"], "total": 90, "execution": 10, "found": "80",
}  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_error_renders(lang: str) -> None:
    for key in messages.text_keys("errors", lang):
        text = messages._entry(key, lang)
        facts = {name: FACTS.get(name, name) for name in placeholders(text)}
        name, _, what = key.removeprefix("errors.").partition(".")
        error = getattr(errors, name)(**{**facts, "what": what})
        assert isinstance(error, PerfxlError)
        assert f"errors.{error.key}" == key
        sentence = messages.sentence(error, lang)
        assert "{{" not in sentence.replace("begins with {{", "").replace("以{{", "")
        assert "{%" not in sentence
        assert "\n" not in sentence
        assert "file" not in facts or "a.xlsx" in sentence


REPORT_WORDS = {"severity"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_text_of_the_report_is_said(lang: str) -> None:
    code, rules = (
        "".join(path.read_text(encoding="utf-8") for path in PACKAGE.glob(files))
        for files in ("**/*.py", "rules/**/*.py")
    )
    for key in messages.text_keys("report", lang):
        group, _, rest = key.removeprefix("report.").partition(".")
        known = f'"{key}"' in code or group in REPORT_WORDS
        if group == "html":
            known = f'"{rest}"' in code
        if group == "rules" and "." in rest:  # groups of checks, and what surrounds a form in their examples
            known = f"report.rules.{rest.split('.')[0]}." in code + rules
        elif group == "rules":
            known = known or f'"{key}"' in rules or f"'{key}'" in rules
        if group == "handbook":
            known = f'"{rest}"' in code or f"'{rest}'" in code
        if group == "demo":  # said by a helper that knows the beginning of the key
            known = known or f'"{rest.split(".")[-1]}"' in code
        assert known, key


def test_files_are_yaml_without_doubled_keys() -> None:
    class Strict(yaml.SafeLoader):
        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            keys = [key.value for key, _ in node.value]
            assert len(keys) == len(set(keys)), keys
            return super().construct_mapping(node, deep)

    for path in PACKAGE.glob("messages/**/*.yaml"):
        yaml.load(path.read_text(encoding="utf-8"), Loader=Strict)
