"""Taxonomies as they ship: complete, and found by every name."""

from __future__ import annotations

import pytest

from perfxl.errors import FormError
from perfxl.form import library, taxonomy


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
