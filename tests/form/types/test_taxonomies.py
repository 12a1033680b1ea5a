"""Taxonomies as they ship: complete, and found by every name."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perfxl.errors import FormError
from perfxl.form import installed, library, taxonomy
from perfxl.form.form import Form
from perfxl.form.sheet_form import sheet_form, with_taxonomy
from perfxl.form.source import parse
from perfxl.form.table_rows import spare_rows


@pytest.mark.parametrize("name", library.names("taxonomies"))
def test_a_taxonomy_is_whole(name: str) -> None:
    tree = taxonomy.load(name)
    assert {entry for group in tree.required for entry in group} == set(tree.level2)
    assert set(tree.synonyms.values()) <= {*tree.level1, *tree.level2}
    assert all(entry.endswith("指标") for entry in (*tree.level1, *tree.level2, *tree.synonyms))
    assert all(tree.canonical(*pair) == pair for pair in tree.pairs)
    assert hash(tree)


@pytest.mark.parametrize(
    ("name", "pair", "canonical"),
    [
        ("cn-2015", ("产出", "数量"), ("产出指标", "数量指标")),
        ("cn-2015", ("产出指标 ", "成本指标"), ("产出指标", "成本指标")),
        ("cn-2015", ("效益", "环境效益"), ("效益指标", "生态效益指标")),
        ("cn-2015", ("效益指标", "环境效益指标"), ("效益指标", "生态效益指标")),
        ("cn-2015", ("满意度", "社会公众或服务对象满意度"), ("满意度指标", "服务对象满意度指标")),
        ("cn-2015", ("效益指标", "数量指标"), None),
        ("cn-2015", ("产出指标", "数量类"), None),
        ("cn-2015", (None, "数量指标"), None),
        ("cn-2015", ("产出指标", ""), None),
        ("cn-2021", ("成本", "社会成本"), ("成本指标", "社会成本指标")),
        ("cn-2021", ("效益", "可持续影响"), None),
        ("sc-2023", ("产出", "成本"), ("产出指标", "经济成本指标")),
    ],
)
def test_a_pair_is_found_by_its_names(
    name: str, pair: tuple[str | None, str | None], canonical: tuple[str, str] | None
) -> None:
    assert taxonomy.load(name).canonical(*pair) == canonical


def test_names_are_synonyms_for_a_choice() -> None:
    tree = taxonomy.load("cn-2015")
    assert tree.names(1) == {"产出": "产出指标", "效益": "效益指标", "满意度": "满意度指标"}
    assert tree.names(2)["环境效益"] == "生态效益指标"
    assert not set(tree.names(2)) & set(tree.level2)


def test_an_unknown_taxonomy() -> None:
    with pytest.raises(FormError) as caught:
        taxonomy.load("cn-1999")
    assert caught.value.key == "FormError.unknown_taxonomy"
    assert caught.value.facts["known"] == ("cn-2015", "cn-2021", "sc-2023")


FORMS = [form for form in installed.forms() if form.taxonomy]


@st.composite
def taxonomies(draw: st.DrawFn) -> taxonomy.Taxonomy:
    """A county's own, in any words that a cell can show."""
    word = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=9)
    levels = draw(st.dictionaries(word, st.lists(word, min_size=1, max_size=4, unique=True), min_size=1, max_size=5))
    classes = sorted({entry for below in levels.values() for entry in below})
    required = draw(st.lists(st.lists(st.sampled_from(classes), min_size=1, max_size=3, unique=True), max_size=3))
    synonyms = draw(st.dictionaries(word, st.sampled_from(classes), max_size=2))
    told = {"levels": levels, "required": required, "synonyms": synonyms}
    return taxonomy.read(parse(json.dumps(told, ensure_ascii=False), "county.yaml"))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@settings(deadline=None, max_examples=40)
@given(st.one_of(st.sampled_from(taxonomy.names()).map(taxonomy.load), taxonomies()))
def test_a_form_takes_any_taxonomy(form: Form, classes: taxonomy.Taxonomy) -> None:
    again = taxonomy.load(classes.id)
    assert (again.pairs, again.required, dict(again.synonyms)) == (
        classes.pairs,
        classes.required,
        dict(classes.synonyms),
    )
    made = with_taxonomy(form, classes.id)
    assert made is sheet_form(form.name, form.version, "", classes.id)
    assert (made.taxonomy, made.own_taxonomy) == (classes.id, "" if classes.id == form.taxonomy else form.taxonomy)
    for table in made.tables.values():
        for id, column in table.columns.items():
            listed = getattr(column.type, "listed", None)
            assert listed is None or listed.name != taxonomy.LIST or listed is made.choices["taxonomy"], id
        if table.groups:
            begin = table.groups.begin
            assert [*begin] == sorted(begin, key=classes.level2.index)
            assert all(set(group) & set(begin) for group in classes.required)
            assert len(spare_rows(table.groups, len(classes.level1))) == len(classes.level1)
            assert len(table.groups.spare) <= len(classes.level1)


def test_the_form_of_a_sheet_is_made_once() -> None:
    form = installed.load("project-target")
    assert sheet_form("project-target") is form is with_taxonomy(form, "cn-2015") is with_taxonomy(form, "")
    assert with_taxonomy(form, "cn-2021") is with_taxonomy(form, "cn-2021")
    with pytest.raises(FormError) as caught:
        with_taxonomy(installed.load("department-goals"), "cn-2021")
    assert caught.value.what == "no_classes"
