"""Records files: strict to read, and what is written is read back."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from perfxl import records
from perfxl.errors import RecordsError

WORDS = """
904001 0 1.50 .5 1e5 1.5e+3 no Yes ~ null 1:30 2024-01-01 = << 0x1F 1_000 # ' *a &a !a % @ ` 100% ≥95% 〔2023〕
" 😀 true .inf +.inf .nan [x] {x} | > --- ...
"""
LINES = ("", " ", "- a", "a: b", "# x", "甲\n乙", "\n", "a\n\n b ", "\ufeff", "\x85", "\u2028", "x" * 200)
HARD = [*WORDS.split(), *LINES]
"""Texts that YAML writers and readers are known to stumble over."""

TEXT = st.text(st.characters(codec="utf-8"), max_size=30) | st.sampled_from(HARD)
NUMBER = st.floats(-1e14, 1e14) | st.integers(-(10**14), 10**14)
VALUE = st.recursive(
    st.none() | st.booleans() | NUMBER | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
)
CODE = {"code": st.none() | TEXT, "name": st.none() | TEXT}
PROJECTS = st.lists(st.dictionaries(TEXT, VALUE, min_size=1, max_size=5), min_size=1, max_size=3)
RECORDS = st.fixed_dictionaries(
    {"projects": PROJECTS},
    optional={"year": st.none() | st.integers(1900, 2100), "unit": st.fixed_dictionaries({}, optional=CODE)},
)


def no_numeric_codes(value: Any) -> bool:
    """Whole numbers under ``code`` become texts on purpose."""
    if isinstance(value, dict):
        return not isinstance(value.get("code"), int) and all(map(no_numeric_codes, value.values()))
    return all(map(no_numeric_codes, value)) if isinstance(value, list) else True


def write(folder: Path, text: str | bytes, name: str = "r.yaml") -> Path:
    path = folder / name
    path.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
    return path


@given(RECORDS.filter(no_numeric_codes))
def test_what_is_dumped_is_loaded(tmp_path_factory: pytest.TempPathFactory, value: dict[str, Any]) -> None:
    path = tmp_path_factory.mktemp("r") / "r.yaml"
    records.dump(value, path)
    assert records.load(path) == value


@given(RECORDS.filter(no_numeric_codes))
def test_json_is_loaded(tmp_path_factory: pytest.TempPathFactory, value: dict[str, Any]) -> None:
    path = tmp_path_factory.mktemp("r") / "r.json"
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    assert records.load(path) == value


@given(st.lists(TEXT, max_size=10))
def test_texts_stay_texts_for_other_readers(texts: list[str]) -> None:
    dumped = records.dumps({"projects": [{"goals": texts}]})
    assert yaml.safe_load(dumped)["projects"][0]["goals"] == texts


def test_dump_is_readable() -> None:
    stream = io.StringIO()
    project = {"name": "桥梁养护" * 40, "z": 1, "a": 2, "number": 1, "code": "904001"}
    records.dump({"projects": [project], "unit": {"name": "东山镇"}, "year": 2024}, stream)
    assert stream.getvalue() == (
        f"year: 2024\nunit:\n  name: 东山镇\nprojects:\n- name: {'桥梁养护' * 40}\n"
        "  z: 1\n  a: 2\n  number: 1\n  code: '904001'\n"
    )


def test_shared_values_are_written_out() -> None:
    shared = {"total": 1.0}
    assert "&" not in records.dumps({"projects": [{"budget": shared}, {"budget": shared}]})


def test_yaml_is_read_as_1_2(tmp_path: Path) -> None:
    project = "{code: 0012, a: 1:30, b: 2024-01-01, c: 1.5, d: true, e: }"
    path = write(tmp_path, f"unit: {{code: 904001, name: no}}\nprojects: [{project}]")
    assert records.load(path) == {
        "unit": {"code": "904001", "name": "no"},
        "projects": [{"code": "0012", "a": "1:30", "b": "2024-01-01", "c": 1.5, "d": True, "e": None}],
    }


@pytest.mark.parametrize(
    "code", ["904001", "'904001'", "9901992400731210115", "99019924P00731210115X", "99019924E00731210115"]
)
def test_codes_are_texts(tmp_path: Path, code: str) -> None:
    path = write(tmp_path, f"projects: [{{code: {code}}}]")
    assert records.load(path)["projects"][0]["code"] == code.strip("'")


@pytest.mark.parametrize(
    ("text", "what", "facts"),
    [
        ("", "empty", {}),
        ("# nothing\n", "empty", {}),
        ("year: 2024", "nothing_in_it", {}),
        ("- 1", "not_a_mapping", {"found": "array"}),
        (b"year: \xb2\xbb", "not_utf8", {"line": 1}),
        ("a: [", "syntax", {"line": 2}),
        ("a: 1\n\tb: 2", "syntax", {"line": 2}),
        ("a: !!python/name:os.system", "syntax", {"line": 1}),
        ("? [a]\n: 1", "syntax", {"line": 1}),
        ("a: 1\n---\nb: 1", "syntax", {"line": 2}),
        ("year: 1\nunit: {}\nyear: 2", "duplicate_key", {"key": "year", "line": 3}),
        ("projects: [{a: 1, a: 2}]", "duplicate_key", {"key": "a", "line": 1}),
        ("a: &b [x]\nc: *b", "alias", {"key": "b", "line": 2}),
        ("[" * 100_000, "too_deep", {}),
        ("- " * 100_000, "too_deep", {}),
        ("".join(" " * depth + "-\n" for depth in range(2000)), "too_deep", {}),
        ("project: []", "unknown_key", {"key": "project", "near": "projects", "place": ""}),
        (
            "unit: {nam: x}",
            "unknown_key",
            {"key": "nam", "near": "name", "allowed": ["code", "name", "control"], "place": "unit"},
        ),
        ("year: 二〇二四", "wrong_type", {"place": "year", "wanted": ["integer", "null"], "found": "string"}),
        ("projects: [{a: 1}, 2]", "wrong_type", {"place": "projects[1]", "wanted": ["object"], "found": "integer"}),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str | bytes, what: str, facts: dict[str, Any]) -> None:
    path = write(tmp_path, text)
    with pytest.raises(RecordsError) as caught:
        records.load(path)
    assert caught.value.facts.items() >= {"what": what, "file": str(path), **facts}.items()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('{"year": 1, "year": 2}', "duplicate_key"),
        ('{"a": NaN}', "not_a_number"),
        ("[" * 100_000, "too_deep"),
        ('{"a":}', "syntax"),
    ],
)
def test_what_is_refused_in_json(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(RecordsError) as caught:
        records.load(write(tmp_path, text, "r.json"))
    assert caught.value.facts["what"] == what


def test_absent_file(tmp_path: Path) -> None:
    with pytest.raises(RecordsError) as caught:
        records.load(tmp_path / "none.yaml")
    assert caught.value.facts["what"] == "no_file"


PROJECT = {
    "type": "object",
    "properties": {
        "number": {"type": "integer", "minimum": 1},
        "budget": {
            "type": "object",
            "properties": {"total": {"type": ["number", "null"]}},
            "additionalProperties": False,
        },
        "goals": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["number"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("value", "what", "place"),
    [
        ({"number": 1, "buget": {}}, "unknown_key", "projects[3]"),
        ({"number": 1, "budget": {"totl": 1}}, "unknown_key", "projects[3].budget"),
        ({"number": 1, "budget": {"total": "1"}}, "wrong_type", "projects[3].budget.total"),
        ({"number": 1, "goals": ["a", 2]}, "wrong_type", "projects[3].goals[1]"),
        ({"number": 0}, "not_allowed", "projects[3].number"),
        ({}, "missing_key", "projects[3]"),
    ],
)
def test_check_shape(value: dict[str, Any], what: str, place: str) -> None:
    (error,) = records.check_shape(value, PROJECT, "projects[3]", file="f.yaml")
    assert (error.facts["what"], error.facts["place"], error.facts["file"]) == (what, place, "f.yaml")
    assert error.facts.get("near") in (None, "budget", "total")


def test_check_shape_names_everything_at_once() -> None:
    assert len([*records.check_shape({"x": 1, "y": 2, "goals": 3}, PROJECT)]) == 4
    assert [*records.check_shape({"number": 1, "budget": {"total": None}, "goals": []}, PROJECT)] == []


def test_load_asks_the_caller(tmp_path: Path) -> None:
    path = write(tmp_path, "projects: [{number: 1}, {nummer: 2, number: 2}]")
    schema = {"properties": {"projects": {"items": PROJECT}}}
    with pytest.raises(RecordsError) as caught:
        records.load(path, lambda found: records.check_shape(found, schema))
    facts = caught.value.facts
    assert (facts["file"], facts["place"]) == (str(path), "projects[1]")
    assert (facts["key"], facts["near"]) == ("nummer", "number")


@pytest.mark.parametrize("name", ["r.yaml", "r.yml", "r.json"])
def test_what_is_written_is_loaded(tmp_path: Path, name: str) -> None:
    held = {
        "year": 2024,
        "unit": {"code": "907001", "name": "柳溪镇"},
        "projects": [{"name": "=1", "budget": {"total": 1.5}}],
    }
    (tmp_path / name).write_bytes(records.to_bytes(held, tmp_path / name))
    assert records.load(tmp_path / name) == held


def test_records_are_written_to_no_workbook(tmp_path: Path) -> None:
    with pytest.raises(RecordsError) as caught:
        records.to_bytes({}, tmp_path / "r.xlsx")
    assert caught.value.facts["what"] == "wrong_name"
