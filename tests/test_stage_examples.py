"""July and December of the invented township: perfxl finds in examples/stages what was planted there, and no more.

When a form has changed and this fails, make them again: python examples/fill_stages.py
"""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

import perfxl
from perfxl import records
from perfxl.form.calculation import calculate_record
from perfxl.form.installed import load

EXAMPLES = Path(__file__).parents[1] / "examples"
FOLDER = EXAMPLES / "stages"


def _fill() -> ModuleType:
    spec = importlib.util.spec_from_file_location("examples_fill_stages", EXAMPLES / "fill_stages.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


fill = _fill()
PLANTED = {"monitoring": fill.JULY, "self-evaluation": fill.DECEMBER}
TOLD = {"MO-17"}
"""What is only told: a remark in the place of a value, of which the tables are full."""


@pytest.mark.parametrize("stage", PLANTED)
def test_exactly_what_was_planted_is_found(stage: str) -> None:
    checked = perfxl.check(FOLDER / fill.FILES[stage])
    found = Counter((int(one.sheet[2:4]), one.code) for one in checked.findings if one.code not in TOLD)
    assert found == Counter((slip.project, slip.code) for slip in PLANTED[stage])


@pytest.mark.parametrize("stage", PLANTED)
def test_what_is_read_is_what_the_script_reports(stage: str) -> None:
    root = {"monitoring": "monitoring", "self-evaluation": "self_evaluations"}[stage]
    read = perfxl.read(FOLDER / fill.FILES[stage]).records()[root]
    reported = fill.filled(stage)[root]
    assert [one["number"] for one in read] == [one["number"] for one in reported]
    for one, other in zip(read, reported, strict=True):
        assert one["spent"]["fiscal"] == other["spent"]["fiscal"]
        values = [[row.get("actual") for row in record["indicators"]] for record in (one, other)]
        assert values[0] == values[1]


def test_the_list_of_what_was_planted_is_the_scripts() -> None:
    assert (FOLDER / "README.md").read_text(encoding="utf-8") == fill.readme()


def test_the_files_of_the_page_are_taken(tmp_path: Path) -> None:
    page = (EXAMPLES.parent / "docs" / "stages.md").read_text(encoding="utf-8")
    decisions, way = (block.partition("```")[0] for block in page.split("```yaml\n")[1:])
    for name, text in (("decisions.yaml", decisions), ("way.yaml", way)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    made = perfxl.stage(
        "self-evaluation",
        EXAMPLES / "records.yaml",
        scheme=str(tmp_path / "way.yaml"),
        adjusted=tmp_path / "decisions.yaml",
    )
    assert not made.refused
    assert [workbook.sheets for workbook in made.workbooks] == [15]


def test_what_was_reported_in_july_is_not_taken_as_approved(tmp_path: Path) -> None:
    july = tmp_path / "july.yaml"
    july.write_text(records.dumps(perfxl.read(FOLDER / "monitoring.xlsx").records()), encoding="utf-8")
    made = perfxl.stage("self-evaluation", EXAMPLES / "records.yaml", july)
    assert made.from_records == (str(EXAMPLES / "records.yaml"),)


WORKED = {
    "a count": ("46个", "40个", None, 8.7),
    "more than asked for": ("≥95%", "97%", None, 10),
    "too dear": ("≤19.75万元", "20.86万元", None, 9.47),
    "too dear, by the other rule": ("≤19.75万元", "20.86万元", "linear", 9.44),
}


@pytest.mark.parametrize(("target", "actual", "less", "score"), WORKED.values(), ids=WORKED)
def test_the_worked_numbers_of_the_page(target: str, actual: str, less: str | None, score: float) -> None:
    page = (EXAMPLES.parent / "docs" / "stages.md").read_text(encoding="utf-8")
    assert f"| {target} | {actual} | 10 |" in page
    form = load("project-self-evaluation")
    row = {"level1": "产出指标", "level2": "数量指标", "level3": "x", "target": target, "actual": actual, "points": 10}
    record = {"number": 1, "scheme": {"less": less or "ratio"}, "execution": {"points": 10}, "indicators": [row]}
    whole, _ = calculate_record(form, record)
    assert whole["indicators"][0]["score"] == score
    assert f"{score:g}" in page
