"""Lists of a form: in its definition, in files beside it, by levels; and each mistake in them, with its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from perfxl import messages
from perfxl.errors import FormError
from perfxl.form.choice_list import ChoiceList, SourceColumn
from perfxl.form.form import Form
from perfxl.form.installed import load_text
from perfxl.form.types.choice import Choice

FOLDER = Path(__file__).parent / "trip"
TEXT = (FOLDER / "form.yaml").read_text("utf-8")


def trip(text: str = TEXT, folder: Path | None = FOLDER) -> Form:
    return load_text(text, "trip/form.yaml", folder)


def test_a_list_in_a_file() -> None:
    places = trip().choices["places"]
    assert places.levels == ("region", "country")
    assert places.entries(0) == ("Asia", "Europe", "A* (other, small)")
    assert places.below(("Europe",)) == ("Georgia (EU)", "France")
    assert places.rows[1] == ("Asia", "Japan")  # the rows of a region stand together
    assert places.columns == {
        "per_diem": (58.5, 120.0, 70.0, 95.0, None),
        "currency": ("CNY", "JPY", "EUR", "EUR", None),
    }


def test_a_list_of_levels() -> None:
    area = trip().choices["area"]
    assert area.paths(2) == (("平原县", "柳溪镇"), ("平原县", "清河镇"), ("山区县", "石桥镇"))
    assert area.entries(2) == ("东村", "西村", "南村", "*村")
    assert area.below(("平原县", "清河镇")) == ("东村",)
    assert area.below(("平原县", "石桥镇")) == ()


@pytest.mark.parametrize(
    ("field", "level", "entries"),
    [
        ("county", 0, ("平原县", "山区县")),
        ("town", 1, ("柳溪镇", "清河镇", "石桥镇")),
        ("village", 2, ("东村", "西村", "南村", "*村")),
    ],
)
def test_an_answer_asks_for_the_level_below_the_one_within_which_it_stands(
    field: str, level: int, entries: tuple[str, ...]
) -> None:
    kind = trip().fields[field].type
    assert isinstance(kind, Choice)
    assert (kind.level, kind.entries) == (level, entries)


def test_the_answers_above() -> None:
    form = trip()
    assert [above.id for above in form.aboves(form.fields["village"])] == ["county", "town"]
    assert [above.id for above in form.aboves(form.tables["trips"].columns["country"])] == ["region"]
    assert form.aboves(form.fields["county"]) == ()


def test_answers_of_a_column_are_a_list() -> None:
    form = trip()
    assert form.choices["refs"].source == SourceColumn("trips", "ref")
    assert form.tables["costs"].columns["trip"].type.drop_down() == ()


def test_a_taxonomy_is_a_list() -> None:
    from perfxl.form import installed, taxonomy

    form, tree = installed.load("project-target"), taxonomy.load("cn-2015")
    listed = form.choices["taxonomy"]
    assert (listed.entries(0), listed.rows) == (tree.level1, tree.pairs)
    level2 = form.tables["indicators"].columns["level2"].type
    assert isinstance(level2, Choice)
    assert level2.listed is listed
    assert level2.level == 1


def test_what_is_shown_is_not_what_the_record_has() -> None:
    kind = trip().tables["trips"].columns["purpose"].type
    assert kind.drop_down() == ("信息化", "家具", "其他")
    assert (kind.show("IT"), kind.limits().entries) == ("信息化", ("IT", "FU", "OT"))
    assert kind.schema()["enum"] == ["IT", "FU", "OT"]


def test_a_list_of_thousands() -> None:
    rows = tuple((f"p{at // 100:02}", f"c{at:04}") for at in range(5000))
    listed = ChoiceList("many", rows, ("province", "county"))
    assert len(listed.entries(1)) == 5000
    assert listed.below(("p49",))[-1] == "c4999"


# name → what is written instead of what (in form.yaml, or as the list's file), the mistake, its line, some of its facts
MISTAKES: dict[str, tuple[tuple[str, str] | str, str, tuple[int, dict[str, Any]]]] = {
    "a list that is none": (("choices: mode,", "choices: mod,"), "unknown_list", (20, {"near": "mode"})),
    "a list that is broken": (("mode: [火车,", "mode: [火车, 火车,"), "entry_twice", (13, {"found": "火车"})),
    "a name that is none": (("  refs: {", "  Refs: {"), "bad_id", (15, {"id": "Refs"})),
    "two that look alike": (("FU: 家具", "FU: 信息化"), "entry_twice", (14, {"found": "信息化"})),
    "a number": (("[火车, 飞机", "[2026, 飞机"), "number_in_list", (13, {"found": "2026"})),
    "nothing in it": (("mode: [火车, 飞机, 自驾（含租车）]", "mode: []"), "no_entries", (13, {})),
    "an entry of nothing": (("OT: 其他", 'OT: " "'), "not_a_text", (14, {})),
    "a text": (("mode: [火车, 飞机, 自驾（含租车）]", "mode: 火车"), "not_a_list", (13, {"found": "火车"})),
    "uneven levels": (("石桥镇: [南村, \"*村\"]", "石桥镇: {南村: [a]}"), "uneven_levels", (10, {"entry": "a"})),
    "too many levels": (("mode: [火车, 飞机, 自驾（含租车）]", "mode: {a: {b: {c: {d: [e]}}}}"), "too_many_levels", (13, {"found": 5})),
    "a column that is none": (("{column: trips.ref}", "{column: trips.rf}"), "unknown_field", (15, {"near": "trips.ref"})),
    "within a choice of another list": (
        ("within: county", "within: mode"), "within_no_choice",
        (18, {"list": "area", "levels": ("1", "2", "3"), "within": "mode"}),
    ),
    "within a text": (("within: region", "within: ref"), "within_no_choice", (28, {"near": "region", "levels": ("region", "country")})),
    "within a field that is none": (("within: region", "within: regoin"), "unknown_field", (28, {"near": "region"})),
    "within itself": (("within: region", "within: country"), "no_level_below", (28, {"field": "country"})),
    "within the last level": (("choices: area, label: 县", "choices: area, within: village, label: 县"), "no_level_below", (17, {})),
    "a separator in an entry": (
        ("multiple: true, label: 需要", "multiple: true, separator: 仪, label: 需要"), "separator_in_entry", (21, {"entry": "投影仪"}),
    ),
    "no such file": (("{file: regions.csv", "{file: region.csv"), "no_form_file", (9, {"name": "region.csv"})),
    "a file elsewhere": (("{file: regions.csv", "{file: ../test_lists.py"), "outside_of_form", (9, {})),
    "a level twice": (("[region, country]}", "[region, region]}"), "too_many_levels", (9, {})),
    "no such column": ("Region,country\na,b\n", "list_no_column", (1, {"heading": "region", "near": "Region"})),
    "no rows": ("region,country\n\n", "list_no_entries", (1, {})),
    "a heading twice": ("region,country,x,x\na,b,1,2\n", "list_heading_twice", (1, {"heading": "x"})),
    "more cells than headings": ("region,country\na,b\n\na,b,c\n", "list_wide_row", (4, {"found": 3, "headings": 2})),
    "a quote that does not close": ('region,country\na,"b\n', "list_not_csv", (2, {})),
    "an empty cell": ("region,country,x\na,b,1\na,,2\n", "list_empty_cell", (3, {"heading": "country"})),
    "a long entry": (f"region,country\na,{'b' * 256}\n", "list_long_entry", (2, {"length": 256})),
    "a row twice": ("region,country\na,b\nc,b\na,b\n", "list_twice", (4, {"found": "a · b", "other": 2})),
    "an entry of two regions with columns": ("region,country,x\na,b,1\nc,b,2\n", "list_twice", (3, {"found": "b", "above": ["c", "a"]})),
}  # fmt: skip


@pytest.mark.parametrize(("wrong", "what", "where"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake(wrong: tuple[str, str] | str, what: str, where: tuple[int, dict[str, Any]], tmp_path: Path) -> None:
    (tmp_path / "regions.csv").write_text(wrong if isinstance(wrong, str) else "region,country\na,b\n", "utf-8")
    text, file = TEXT, "trip/regions.csv" if what.startswith("list_") else "trip/form.yaml"
    if not isinstance(wrong, str):
        assert text.count(wrong[0]) == 1
        text = text.replace(*wrong)
    with pytest.raises(FormError) as caught:
        trip(text, tmp_path)
    error = caught.value
    assert not error.others, [str(other) for other in error.others]
    line, facts = where
    assert (error.facts["what"], error.facts["file"], error.facts["line"]) == (what, file, line), str(error)
    assert {key: error.facts[key] for key in facts} == facts
    for sentence, word in (
        (messages.sentence(error, "en"), f"{file}, line {line}: "),
        (str(error), f"{file}第{line}行："),
    ):
        assert sentence.startswith(word)
        assert "None" not in sentence


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_file_as_programs_write_it(separator: str, tmp_path: Path) -> None:
    text = "region,country,n\r\nAsia,Japan,1\r\n,,\r\nAsia,China,007\r\n".replace(",", separator)
    (tmp_path / "regions.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    places = trip(TEXT, tmp_path).choices["places"]
    assert (places.rows, places.columns) == ((("Asia", "Japan"), ("Asia", "China")), {"n": ("1", "007")})
