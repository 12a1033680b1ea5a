"""What fifteen kinds of real forms must be able to say: a small form of each, made, read back and judged.

Five whole ones are among the examples: travel claim, equipment, quarterly report, statistics, self-evaluation. What
cannot be said yet: totals by the value of another column (the programmes of federal awards), and a form that refers to
another one of the same workbook.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import perfxl
from perfxl.form import installed
from perfxl.form.answers import flatten
from perfxl.form.calculation import calculate_record
from perfxl.form.invented import invented_record
from perfxl.form.search_path import forms_in
from perfxl.rules import lint

HERE = Path(__file__).parent / "demands"
NAMES = sorted(path.stem for path in HERE.glob("*.yaml"))


@pytest.mark.parametrize("name", NAMES)
def test_a_kind_of_form_can_be_said(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "forms" / name
    folder.mkdir(parents=True)
    shutil.copy(HERE / f"{name}.yaml", folder / "form.yaml")
    (place,) = forms_in(folder)
    assert lint.mistakes_of(place) == ()
    form = installed.load_at(place)
    record = {**invented_record(form), **({form.key: 1} if form.many else {})}
    records = {"year": 2026, **dict.fromkeys({*form.issue} - {"year"}, 3), "unit": {"code": "3", "name": "Tree Lane"}}
    records |= {form.root: [record] if form.many else record}
    known = [tmp_path / "forms"]
    for prefill in ("given", "all"):
        output = tmp_path / prefill
        (made,) = perfxl.generate(records, form=folder, prefill=prefill, output=output, forms=known)
        (sheet,) = perfxl.read(output / made.name, forms=known).submissions
        assert (sheet.form, sheet.disputed, sheet.doubts, sheet.unplaced) == (name, (), (), ())
    sent, _ = calculate_record(form, record, {"year": 2026, "month": 3})
    assert flatten(form, sheet.record) == flatten(form, sent)
