"""The public API: the page about it runs as it stands, verbs take what verbs give, wrong arguments are named."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import perfxl
from perfxl import errors

PAGE = Path(__file__).parents[1] / "docs" / "api.md"
EXAMPLE = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
RECORDS: dict[str, Any] = {
    "year": 2024,
    "unit": {"code": "907001", "name": "清溪县柳溪镇人民政府本级"},
    "projects": [{"number": 1, "name": "村民小组长误工补贴", "budget": {"total": 6.52}}],
}


def test_the_page_runs_as_it_stands() -> None:
    (script,) = EXAMPLE
    assert len([line for line in script.splitlines() if line.strip()]) < 30
    exec(compile(script, str(PAGE), "exec"), {})


def test_the_page_is_typed(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    (tmp_path / "page.py").write_text(EXAMPLE[0], encoding="utf-8")
    command = [sys.executable, "-P", "-m", "mypy", "--strict", "--follow-imports=silent", "page.py"]
    # mypy finds an installed perfxl by itself, one that is installed to be edited by this path
    environment = {**os.environ, "MYPYPATH": str(Path(perfxl.__file__).parents[1])}
    if "site-packages" in environment["MYPYPATH"]:
        del environment["MYPYPATH"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout


def test_every_public_name_is_there_and_typed_alike() -> None:
    for name in perfxl.__all__:
        assert getattr(perfxl, name) is not None
    source = Path(perfxl.__file__).read_text(encoding="utf-8")
    typed = set(re.findall(r"^    from perfxl\.\S+ import (\w+) as \1$", source, re.MULTILINE))
    assert typed == set(perfxl.__all__) - {"__version__"} == set(perfxl._PLACES)
    with pytest.raises(AttributeError, match="no_such_verb"):
        _ = perfxl.no_such_verb


def test_importing_it_costs_nothing() -> None:
    code = "import sys, perfxl; print(sorted(name for name in sys.modules if name.startswith(('perfxl', 'yaml', 'jinja2'))))"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['perfxl']"


def test_what_verbs_give_verbs_take() -> None:
    (blank,) = perfxl.generate(RECORDS)
    returned = perfxl.read(blank.data)
    checked = perfxl.check(returned, ignore=["IN"])
    assert {finding.code[:2] for finding in checked.findings} == {"MN", "PL"}
    assert [finding.fields for finding in checked.findings] == [
        finding.fields for finding in perfxl.check(blank.data, ignore=["IN"]).findings
    ]
    by_each = [perfxl.flag(source).files[0].data for source in (blank.data, returned, perfxl.check(returned))]
    assert by_each[0] == by_each[1] == by_each[2]
    # what was left out of the check is not flagged either
    assert {finding.code[:2] for finding in perfxl.flag(checked).files[0].findings} == {"MN", "PL"}
    assert perfxl.correct(checked).files[0].data == perfxl.correct(blank.data, rules=checked.policy).files[0].data
    assert perfxl.check(returned.records()).findings
    assert perfxl.generate(returned.records())[0].name == blank.name


def test_nothing_is_written_unless_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (blank,) = perfxl.generate(RECORDS)
    perfxl.correct(perfxl.check(perfxl.read(blank.data)))
    perfxl.flag(blank.data)
    assert list(tmp_path.iterdir()) == []
    (written,) = perfxl.generate(RECORDS, output=str(tmp_path / "issued"))
    assert written.path is not None
    assert written.path.read_bytes() == written.data == blank.data
    flagged = perfxl.flag(tmp_path / "issued", output=tmp_path / "returned").files[0]
    assert flagged.path == tmp_path / "returned" / written.name
    with pytest.raises(errors.OutputExists):
        perfxl.flag(tmp_path / "issued", output=tmp_path / "returned")


def test_a_form_by_its_path(tmp_path: Path) -> None:
    definition = Path(str(perfxl.load_form("project-target").file))
    assert definition.name == "form.yaml"
    folder = tmp_path / "project-target"
    folder.mkdir()
    text = Path(perfxl.__file__).parents[1] / "templates" / "project-target" / "form.yaml"
    if not text.is_file():  # an installed perfxl has its templates below itself
        text = Path(perfxl.__file__).parent / "templates" / "project-target" / "form.yaml"
    (folder / "form.yaml").write_text(
        text.read_text(encoding="utf-8").replace('绩效目标表"', '目标表"'), encoding="utf-8"
    )
    (made,) = perfxl.generate(RECORDS, form=folder, by="project")
    assert made.data != perfxl.generate(RECORDS, by="project")[0].data
    assert perfxl.generate(RECORDS, form=str(folder / "form.yaml"), by="project") == (made,)


WRONG: dict[str, tuple[Any, type[Exception], str]] = {
    "a workbook that is none": (lambda: perfxl.read(3), TypeError, "path"),  # type: ignore[arg-type]
    "a file of nothing": (lambda: perfxl.read(b""), errors.PackageError, "文件是空的"),
    "records that are none": (lambda: perfxl.generate(3), TypeError, "records"),  # type: ignore[arg-type]
    "a form that is none": (lambda: perfxl.generate(RECORDS, form=3), TypeError, "form"),  # type: ignore[arg-type]
    "rules that are none": (lambda: perfxl.check(RECORDS, rules=3), TypeError, "rules"),  # type: ignore[arg-type]
    "by that is none": (lambda: perfxl.generate(RECORDS, by="town"), ValueError, "'unit', 'project'"),  # type: ignore[arg-type]
    "prefill that is none": (lambda: perfxl.generate(RECORDS, prefill="x"), ValueError, "prefill"),  # type: ignore[arg-type]
    "errors that is none": (lambda: perfxl.read("x", errors="skip"), ValueError, "errors"),  # type: ignore[arg-type]
    "a phone that is none": (lambda: perfxl.generate(RECORDS, phone=123), TypeError, "phone"),  # type: ignore[arg-type]
    "a draft that is a text": (lambda: perfxl.generate(RECORDS, draft="2"), TypeError, "draft"),  # type: ignore[arg-type]
    "a draft that is true": (lambda: perfxl.generate(RECORDS, draft=True), TypeError, "draft"),
    "a draft of three digits": (lambda: perfxl.generate(RECORDS, draft=200), ValueError, "from 1 to 99"),
    "force that is a text": (lambda: perfxl.generate(RECORDS, force="x"), TypeError, "force"),  # type: ignore[arg-type]
    "a place that is a number": (lambda: perfxl.generate(RECORDS, output=3), TypeError, "output"),  # type: ignore[arg-type]
    "codes that are one text": (lambda: perfxl.check(RECORDS, select="MN"), TypeError, '["MN", "PL-02"]'),
    "codes that are numbers": (lambda: perfxl.flag(ignore=[3]), TypeError, "ignore"),  # type: ignore[list-item]
    "a deadline that is a number": (lambda: perfxl.flag(deadline=5), TypeError, "deadline"),  # type: ignore[arg-type]
    "remarks that are none": (lambda: perfxl.flag(remarks={}), TypeError, "remarks"),  # type: ignore[arg-type]
    "progress that cannot be called": (lambda: perfxl.correct(progress=3), TypeError, "progress"),  # type: ignore[arg-type]
    "a format of documents that is none": (
        lambda: perfxl.publish(RECORDS, to="odt"),
        ValueError,
        "'docx', 'txt', 'pdf'",
    ),  # type: ignore[arg-type]
    "a title that is a number": (lambda: perfxl.publish(RECORDS, title=5), TypeError, "title"),  # type: ignore[arg-type]
    "a proof that cannot be called": (lambda: perfxl.publish(RECORDS, proof=3), TypeError, "proof"),  # type: ignore[arg-type]
    "a year that is a text": (lambda: perfxl.carry(RECORDS, RECORDS, year="x"), TypeError, "year"),  # type: ignore[arg-type]
    "a generated workbook itself": (lambda: perfxl.check(*perfxl.generate(RECORDS)), TypeError, "``data``"),  # type: ignore[arg-type]
    "a language that is not there": (lambda: perfxl.sentence(perfxl.PerfxlError(), "fr"), ValueError, "'en'"),
    "a sentence of a number": (lambda: perfxl.sentence(3), TypeError, "int"),  # type: ignore[arg-type]
    "a file that is not there": (lambda: perfxl.read("none.xlsx"), errors.PackageError, "没有这个文件"),
    "a form that is not there": (lambda: perfxl.load_form("none"), errors.UnknownForm, "none"),
    "a key that no form has": (
        lambda: perfxl.check({"year": 2024, "projects": [{"nam": 1}]}),
        errors.RecordsError,
        "nam",
    ),
    "a code that no check has": (lambda: perfxl.check(RECORDS, select=["MN-77"]), errors.UnknownCode, "MN-77"),
}


@pytest.mark.parametrize(("call", "kind", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_argument_is_named(call: Any, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=re.escape(said)):
        call()


def test_what_verbs_give_is_shown_without_its_bytes() -> None:
    (blank,) = perfxl.generate(RECORDS)
    checked = perfxl.check(perfxl.read(blank.data))
    given: tuple[object, ...] = (blank, checked.opened, perfxl.flag(checked).files[0], perfxl.correct(checked).files[0])
    assert all("PK" not in repr(each) for each in given)
    assert all(len(repr(each)) < 1000 for each in (blank, checked.opened))


def test_an_error_is_its_sentence_and_its_facts() -> None:
    with pytest.raises(perfxl.PerfxlError) as caught:
        perfxl.read("none.xlsx")
    assert str(caught.value) == perfxl.sentence(caught.value) == "none.xlsx：没有这个文件。"
    assert perfxl.sentence(caught.value, "en").startswith("none.xlsx")
    assert (caught.value.code, caught.value.file) == ("PackageError.no_file", "none.xlsx")
    with pytest.raises(AttributeError, match="no_such_fact"):
        _ = caught.value.no_such_fact


def test_errors_may_be_collected(tmp_path: Path) -> None:
    (blank,) = perfxl.generate(RECORDS)
    returned = perfxl.read(blank.data, tmp_path / "none.xlsx", errors="collect")
    assert len(returned.submissions) == len(returned.refused) == 1
    seen: list[tuple[int, int]] = []
    perfxl.check(blank.data, blank.data, progress=lambda done, count: seen.append((done, count)))
    assert seen[-1] == (2, 2)
