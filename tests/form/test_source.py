"""Every YAML and JSON file that a person wrote is read under limits: what cannot be taken is one sentence, at once."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import perfxl
from perfxl import messages, records
from perfxl.batch.sources import load_form
from perfxl.errors import FormError, PerfxlError
from perfxl.form.source import MOST_BYTES, read_text
from perfxl.rules import load_policy
from perfxl.workbook.ooxml import limits


def read_limits(path: Path) -> object:
    return limits._read_limits.__wrapped__(str(path))


READERS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "records": ("r.yaml", records.load),
    "records as JSON": ("r.json", records.load),
    "a county's checks": ("c.yaml", load_policy),
    "a form": ("form.yaml", load_form),
    "limits": ("l.yaml", read_limits),
}


def read(kind: str, data: bytes, folder: Path) -> PerfxlError | None:
    """Read a file; return the error, whose sentences are checked."""
    name, work = READERS[kind]
    path = folder / name
    path.write_bytes(data)
    began = time.process_time()
    try:
        work(path)
    except PerfxlError as error:
        for lang in ("zh-CN", "en"):
            sentence = messages.sentence(error, lang)
            assert sentence.startswith(str(path)), sentence
            assert sentence.isprintable() or "\u3000" in sentence, ascii(sentence)
            assert len(sentence) < 1_000, sentence
        return error
    finally:
        assert time.process_time() - began < 2, data[:80]
    return None


BOMB = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{at}: &a{at} [{','.join([f'*a{at - 1}'] * 9)}]\n" for at in range(1, 12)
)
REFUSED: dict[str, tuple[str | bytes, str]] = {
    "aliases of aliases": (BOMB, "alias"),
    "an alias of itself": ("a: &a [*a]\n", "alias"),
    "a merge key": ("a: &a {b: 1}\nc: {<<: *a}\n", "alias"),
    "brackets": ("a: " + "[" * 50_000, "too_deep"),
    "lists in lists": ("- " * 50_000, "too_deep"),
    "not UTF-8": ("a: 中".encode("gbk"), "not_utf8"),
    "UTF-16": ("a: 中".encode("utf-16"), "not_utf8"),
}  # fmt: skip


@pytest.mark.parametrize("kind", [kind for kind in READERS if "JSON" not in kind])
@pytest.mark.parametrize("case", REFUSED)
def test_what_no_yaml_file_may_hold(case: str, kind: str, tmp_path: Path) -> None:
    text, what = REFUSED[case]
    error = read(kind, text if isinstance(text, bytes) else text.encode(), tmp_path)
    assert error is not None
    assert error.facts["what"] == what


def test_a_file_of_any_size(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_bytes(b"#" * (MOST_BYTES + 1))
    for work in (read_text, load_policy, load_form, read_limits):
        with pytest.raises(FormError) as caught:
            work(path)
        assert (caught.value.what, caught.value.limit) == ("too_large", MOST_BYTES)
    for name in ("no.yaml", "x" * 300, "a\0b"):
        with pytest.raises(FormError) as caught:
            read_text(tmp_path / name)
        assert caught.value.what in ("no_file", "unreadable")


NUMBERS = ["9" * 5_000, "-" + "9" * 5_000, "1e999", "-1e400", "1e15", str(10**15), "1" * 401]
JSON_ONLY = ["NaN", "Infinity", "-Infinity"]
YAML_ONLY = [".inf", "-.INF", ".nan"]


@pytest.mark.parametrize("number", [*NUMBERS, *JSON_ONLY, *YAML_ONLY])
@pytest.mark.parametrize(
    "place", ['"year": {0}, "projects": []', '"year": 2024, "projects": [{{"budget": {{"total": {0}}}}}]']
)
def test_a_number_that_is_none(number: str, place: str, tmp_path: Path) -> None:
    text = "{" + place.format(number) + "}"
    kinds = (["records as JSON"] if number not in YAML_ONLY else []) + (["records"] if number not in JSON_ONLY else [])
    for kind in kinds:
        error = read(kind, text.encode(), tmp_path)
        if kind == "records" and "e" in number:  # YAML 1.2 has no number of this kind without a dot
            continue
        assert error is not None
        assert error.facts["what"] == "not_a_number"


def test_half_a_character(tmp_path: Path) -> None:
    for half in (r"\ud800", r"\udfff", r"\udc00\ud800"):
        for text in (f'{{"projects": [{{"name": "a{half}"}}]}}', f'{{"projects": [{{"{half}": 1}}]}}'):
            error = read("records as JSON", text.encode(), tmp_path)
            assert error is not None
            assert error.facts["what"] == "half_character"
    assert read("records as JSON", rb'{"projects": [{"name": "\ud83d\ude00"}]}', tmp_path) is None


MADE: dict[str, tuple[dict[str, Any], str]] = {
    "no number": ({"projects": [{"budget": {"total": float("nan")}}]}, "not_a_number"),
    "very many digits": ({"year": 10**5_000, "projects": [{}]}, "not_a_number"),
    "half a character": ({"projects": [{"name": "\ud800"}]}, "half_character"),
    "an unknown key": ({"projects": [{"nmae": "x"}], "year": 2024}, "unknown_key"),
}


@pytest.mark.parametrize("case", MADE)
def test_records_that_are_no_file(case: str) -> None:
    held, what = MADE[case]
    for verb in (perfxl.check, perfxl.generate):
        with pytest.raises(PerfxlError) as caught:
            verb(held)  # type: ignore[operator]
        assert caught.value.what == what
        assert str(caught.value).startswith("给出的数据：")
        assert messages.sentence(caught.value, "en").startswith("the records given: ")


def test_records_within_themselves() -> None:
    held: dict[str, Any] = {"year": 2024, "projects": []}
    held["projects"].append(held)
    with pytest.raises(PerfxlError) as caught:
        perfxl.check(held)
    assert caught.value.what == "too_deep"


TOKENS = [
    "a", "year", "projects", "words", "limits", "severities", "pack", "form", ":", ": ", "\n", "\n  ", "\n- ", "\t", "-", "- ",
    "[", "]", "{", "}", ",", "&a ", "*a", "!!python/object/apply:os.system ", "!x ", "!!int ", "!!float ", "!!binary ",
    "!!timestamp ", "!!set ", "!!omap ", "!!merge ", "|\n", ">-\n", '"', "'", "\\u0000", "\\ud800", "#", "? ", "<<", "---\n",
    "...\n", "%YAML 1.1\n", "\ufeff", "\x85", "\u2028", "\u202e", "\x1b", "\0", "9" * 30, "9" * 4_400, "1e999", ".nan",
    "0x" + "f" * 400, "1:30:" * 40, "2024-02-30", "0b101", "null", "~", "true", "〔2023〕", "[" * 60, "{a: " * 60, "- " * 60, "NaN",
]  # fmt: skip


@pytest.mark.parametrize("kind", READERS)
def test_anything_that_may_stand_in_a_file(kind: str, tmp_path: Path) -> None:
    dice = random.Random(kind)
    starts = ["", "projects: ", "year: ", "words: {carried_over: ", "limits: {trivial_amount: ", "cells: ", "form: "]
    if "JSON" in kind:
        starts = ["", '{"projects": [', '{"year": ', '{"projects": [{"name": "']
    for _ in range(60):
        text = dice.choice(starts) + "".join(dice.choices(TOKENS, k=dice.randint(1, 12)))
        read(kind, text.encode("utf-8", "surrogatepass"), tmp_path)


def test_json_of_any_shape(tmp_path: Path) -> None:
    dice = random.Random(7)
    shapes = [
        "[" * 200,
        '{"a":' * 200,
        '{"projects":[' + '{"a":' * 120 + "1" + "}" * 120 + "]}",
        '{"a":1,"a":2}',
        "1",
        '"a"',
        "null",
    ]
    for text in [*shapes, *("".join(dice.choices('{}[]",:0123456789eE.-+ truefalsn\\ud', k=30)) for _ in range(60))]:
        read("records as JSON", text.encode(), tmp_path)
    deep = json.dumps({"projects": [{"a": 1}]}).replace("1", "[" * 110 + "]" * 110)
    error = read("records as JSON", deep.encode(), tmp_path)
    assert error is not None
    assert error.facts["what"] == "too_deep"
