"""Where forms are found: by their path, in folders that are named, by perfxl.yaml, of packages, perfxl's own."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

import perfxl
from perfxl import extensions
from perfxl.cli import main
from perfxl.errors import FormError, PerfxlError, UnknownForm, UnusableForm
from perfxl.form import installed
from perfxl.form.search_path import SearchPath, form_at, forms_in, heading

FORM = """\
form: {name}
version: "{version}"
label: {label}
record: {record}
title: "{{{{ number }}}}. Goods taken"
sheet: {{name: "Goods {{{{ number }}}}", columns: [12, 16, 12, 16], start: B2}}
fields:
  number: {{type: integer, given: true}}
  taker:  {{type: text, required: true, label: Taken by}}
  {mail}:   {{type: text, label: Mail}}
layout:
  - [{{title: true, span: 3}}, {{mark: code}}]
  - [Taken by, {{field: taker}}, Mail, {{field: {mail}}}]
rules:
  - {{code: GT-01, title: Two persons, assert: "taker != {mail}", "on": [taker, {mail}],
     severity: error, message: "The same twice.", advice: "Name two."}}
"""
UNIT = {"code": "907001", "name": "清溪县柳溪镇人民政府本级"}
TAKEN = [{"number": 1, "taker": "李青", "mail": "李青"}, {"number": 2, "taker": "王山", "mail": None}]
RECORDS: dict[str, Any] = {"year": 2024, "unit": UNIT, "lists": TAKEN}
BROKEN = "form: {name}\nversion: '1'\nrecord: lists[]\ntitle: x\nsheet: [\n"
OWN = (
    "central-target", "department-goals", "department-self-evaluation",
    "project-monitoring", "project-self-evaluation", "project-target",
)  # fmt: skip


def put(folder: Path, name: str = "goods", text: str = FORM, **facts: str) -> Path:
    """Write a form into a folder, and return the form's folder."""
    told = {"name": name, "version": "2", "label": "Goods", "record": "lists[]", "mail": "mail", **facts}
    where = folder / told.pop("at", name)
    where.mkdir(parents=True, exist_ok=True)
    (where / "form.yaml").write_text(text.format(**told), "utf-8")
    return where


def run(*words: object, status: int = 0) -> Result:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == status, (result.output, result.exception)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("records.yaml").write_text(yaml.safe_dump(RECORDS, allow_unicode=True), "utf-8")


@pytest.fixture
def known() -> Iterator[Any]:
    before = installed.search_path()
    yield lambda *places: installed.set_search_path(before.extended(places))
    installed.set_search_path(before)


# By every way, from records to a finding ------------------------------------------------------------------------------

WAYS = {
    "a folder by its path": (("--form", "forms/goods"), ("--forms", "forms"), ""),
    "a file by its path": (("--form", "forms/goods/form.yaml"), ("--forms", "forms/goods"), ""),
    "a folder of forms": (("--form", "goods", "--forms", "forms"), ("--forms", "other", "--forms", "forms"), ""),
    "perfxl.yaml": (("--form", "goods"), (), "forms: [forms]\n"),
    "perfxl.yaml with one folder": (("--form", "goods"), (), "forms: forms\n"),
}


@pytest.mark.parametrize(("generating", "reading", "settings"), WAYS.values(), ids=WAYS)
def test_an_own_form_goes_all_the_way(generating: tuple[str, ...], reading: tuple[str, ...], settings: str) -> None:
    put(Path("forms"))
    put(Path("other"), "unused", record="unused[]")
    if settings:
        Path("perfxl.yaml").write_text(settings, "utf-8")
    run("generate", "records.yaml", "-o", "out", "--prefill", "all", *generating)
    found = json.loads(run("check", "out", "--format", "json", *reading, status=1).stdout)
    assert [finding["code"] for finding in found if finding["code"] == "GT-01"] == ["GT-01"]
    run("read", "out", "-o", "back.yaml", *reading)
    assert yaml.safe_load(Path("back.yaml").read_text("utf-8"))["lists"] == TAKEN
    run("flag", "out", "-o", "flagged", *reading, status=1)
    run("correct", "out", "-o", "clean", *reading, status=1)
    assert "Two persons" in run("explain", "GT-01", *reading).stdout
    assert "GT-01" in run("rules", *reading).stdout
    assert (
        "GT-01" in json.loads(run("check", "records.yaml", "--format", "json", *generating, status=1).stdout)[0]["code"]
    )


def test_a_form_by_its_path_is_known_to_the_whole_call() -> None:
    put(Path("forms"))
    found = run("check", "records.yaml", "--form", "forms/goods", "--select", "GT", "--format", "json", status=1)
    assert {finding["code"] for finding in json.loads(found.stdout)} == {"GT-01"}
    assert "GT-01" in run("form", "show", "forms/goods").stdout
    assert "lists" in run("form", "schema", "--records", "forms/goods").stdout


def test_a_library_names_folders(tmp_path: Path) -> None:
    folder = put(tmp_path / "forms").parent
    (made,) = perfxl.generate(RECORDS, form="goods", forms=[folder], prefill="all")
    assert perfxl.generate(RECORDS, form=folder / "goods", prefill="all")[0].data == made.data
    with pytest.raises(UnusableForm):
        perfxl.read(made.data)
    returned = perfxl.read(made.data, forms=[str(folder)])
    assert returned.records()["lists"] == TAKEN  # what was read knows its forms
    checked = perfxl.check(returned)
    assert "GT-01" in {finding.code for finding in checked.findings}
    assert perfxl.flag(checked).files[0].data == perfxl.flag(made.data, forms=[folder]).files[0].data
    assert perfxl.correct(returned).files
    assert perfxl.load_form("goods", forms=[folder]).version == "2"
    assert installed.names() == OWN  # nothing stays known
    for wrong in ("forms", 3, [3], {"a": 1}):
        with pytest.raises(TypeError, match="forms is a list of paths"):
            perfxl.read(made.data, forms=wrong)  # type: ignore[arg-type]


def test_further_processes_know_the_forms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("perfxl.batch.workers.MANY", 2)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    folder = put(tmp_path / "forms").parent
    for unit in ("907001", "907002"):
        held = {**RECORDS, "unit": {**UNIT, "code": unit}}
        perfxl.generate(held, form="goods", forms=[folder], prefill="all", output=tmp_path / "out")
    checked = perfxl.check(tmp_path / "out", forms=[folder], errors="collect")
    assert (checked.refused, checked.checked) == ((), 2)


# Which of several -----------------------------------------------------------------------------------------------------

LEVELS = ("path", "option", "working_folder")


@pytest.mark.parametrize("seed", range(12))
def test_the_first_level_wins_and_two_of_one_are_a_mistake(seed: int, tmp_path: Path, known: Any) -> None:
    chance = random.Random(seed)
    names = ("goods", "travel", "project-target")
    places, stood = [], []
    for number in range(chance.randint(1, 7)):
        name, level = chance.choice(names), chance.choice(LEVELS)
        folder = put(tmp_path / str(number), name, label=f"no {number}")
        places.append(form_at(folder, level))  # type: ignore[arg-type]
        stood.append((LEVELS.index(level), name, f"no {number}"))
    chance.shuffle(places)
    known(*places)
    assert installed.names() == tuple(sorted({*OWN, *(name for _, name, _ in stood)}))
    for name in names:
        own = [(level, label) for level, asked, label in stood if asked == name]
        first = [label for level, label in own if level == min(own)[0]]
        if not own and name not in OWN:
            with pytest.raises(UnknownForm):
                installed.load(name)
        elif len(first) > 1:
            with pytest.raises(FormError) as caught:
                installed.load(name)
            assert caught.value.facts["what"] == "two_forms"
            assert len(caught.value.facts["files"]) == len(first)
        else:
            assert installed.load(name).label == (first[0] if own else "项目绩效目标表")
            hidden = len(own) - len(first) + (name in OWN) if own else 0
            assert len(installed.hidden_by(name)) == hidden


def test_a_package_comes_before_perfxl_and_its_two_are_a_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from importlib.metadata import EntryPoint, EntryPoints

    from perfxl.form import search_path

    put(tmp_path / "site", "project_target", text=FORM.replace("{name}", "project-target", 1), label="theirs")
    (tmp_path / "site" / "project_target" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    entries = [EntryPoint("project-target", "project_target", "perfxl.forms")]
    monkeypatch.setattr(extensions, "entry_points", lambda: EntryPoints(entries))

    def forget() -> None:
        for kept in (extensions._entry_points, extensions.found, search_path._shipped_places, search_path._places_by_name, installed.load,
                     installed._load_extending):  # fmt: skip
            kept.cache_clear()  # type: ignore[attr-defined]

    forget()
    try:
        assert installed.load("project-target").label == "theirs"
        assert [place.level for place in installed.hidden_by("project-target")] == ["perfxl"]
        entries.append(EntryPoint("project-target", "elsewhere", "perfxl.forms"))
        forget()
        with pytest.raises(FormError, match="2份") as caught:
            installed.load("project-target")
        assert caught.value.facts["what"] == "two_forms"
    finally:
        monkeypatch.undo()
        forget()


def test_a_form_in_a_zip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import EntryPoint

    put(tmp_path / "site", at="zipped_goods")
    (tmp_path / "site" / "zipped_goods" / "__init__.py").touch()
    packed = shutil.make_archive(str(tmp_path / "packed"), "zip", tmp_path / "site")
    monkeypatch.syspath_prepend(packed)
    found = {"goods": EntryPoint("goods", "zipped_goods", "perfxl.forms")}
    monkeypatch.setattr(extensions, "found", lambda group: found if group == "perfxl.forms" else {})
    folder = extensions.form_folder("goods")
    assert folder is not None
    assert installed.load_text((folder / "form.yaml").read_text(encoding="utf-8")).name == "goods"


def test_the_same_form_by_two_ways_is_one(tmp_path: Path, known: Any) -> None:
    put(tmp_path / "forms")
    (tmp_path / "link").symlink_to(tmp_path / "forms", target_is_directory=True)
    known(*forms_in("forms"), *forms_in("./forms"), *forms_in(tmp_path / "link"), form_at("forms/goods"))
    assert installed.load("goods").file == str(Path("forms/goods/form.yaml"))


def test_an_edited_form_is_read_anew(tmp_path: Path) -> None:
    folder = put(tmp_path / "forms").parent
    assert perfxl.load_form("goods", forms=[folder]).label == "Goods"
    put(folder, label="Edited goods")
    assert perfxl.load_form("goods", forms=[folder]).label == "Edited goods"


def test_search_paths_are_not_mixed(tmp_path: Path, known: Any) -> None:
    from perfxl import rules
    from perfxl.rules import catalogue

    put(tmp_path / "forms")
    before = rules.own_severities(), len(catalogue.checks()), installed.roots()
    known(*forms_in("forms"))
    assert "GT-01" in rules.own_severities()
    assert "GT-01" in {check.code for check in catalogue.checks()}
    assert installed.roots() == {
        "department": False, "department_self_evaluation": False, "lists": True,
        "monitoring": True, "projects": True, "self_evaluations": True,
    }  # fmt: skip
    known()
    installed.set_search_path(SearchPath())
    assert (rules.own_severities(), len(catalogue.checks()), installed.roots()) == before


@pytest.mark.parametrize(("record", "held"), [("projects", {"taker": "李青"}), ("inventory", {"taker": "王山"})])
def test_the_root_of_an_own_form_is_taken(record: str, held: dict[str, Any], tmp_path: Path) -> None:
    folder = put(tmp_path / "forms", record=record)  # though perfxl's own forms have several under `projects`
    assert perfxl.check({"year": 2024, "unit": UNIT, record: held}, form=folder).checked == 1


HEADINGS = {
    'form: a\nrecord: "b[]"\n': {"form": "a", "record": "b[]"},
    "{form: a, record: 'b[]', title: [": {"form": "a", "record": "b[]"},
    "# form: x\nversion: {form: y, z: [form]}\n'form': a # b\nrecord: b\n": {"form": "a", "record": "b"},
    "sheet:\n  form: x\nform: a\n": {"form": "a"},
    "- form: a\n": {},
    "form: [a]\nrecord: b\n": {"record": "b"},
    "form: a\nrecord: b\nsheet: [\n\tx: %": {"form": "a", "record": "b"},
    "form: a\n\tx": {"form": "a"},
    "": {},
    "just a text": {},
}


@pytest.mark.parametrize(("text", "found"), HEADINGS.items())
def test_a_heading_is_read_as_far_as_it_goes(text: str, found: dict[str, str]) -> None:
    assert heading(text) == found


# Mistakes -------------------------------------------------------------------------------------------------------------

WRONG_CALLS = {
    "a folder that is missing": (("--forms", "none"), "", "none：没有这个文件夹"),
    "a file in place of a folder": (("--forms", "records.yaml"), "", "records.yaml：没有这个文件夹"),
    "a folder without forms": (("--forms", "empty"), "", "empty：里面没有表样"),
    "a folder that perfxl.yaml names and is missing": ((), "language: en\nforms: [none]\n", "perfxl.yaml, line 2: none: there is no such folder"),
    "a key that is unknown": ((), "form: [forms]\n", "是不是“forms”"),
    "a language that nobody speaks": ((), "language: xx\n", "“xx”不能用在这里"),
    "no YAML": ((), "forms: [\n", "perfxl.yaml第"),
    "giant settings": ((), "#" * 200_000, "perfxl.yaml：超过100000字节"),
    "another encoding": ((), "forms: [\udcff]\n", "不是UTF-8编码"),
    "checks that are missing": ((), "rules: county.yaml\n", "county.yaml：没有这个文件"),
    "the way out of a nest": ((), "forms: " + "[" * 200 + "]" * 200, "嵌套超过"),
}  # fmt: skip


@pytest.mark.parametrize(("words", "settings", "said"), WRONG_CALLS.values(), ids=WRONG_CALLS)
def test_a_wrong_call_is_one_sentence(words: tuple[str, ...], settings: str, said: str) -> None:
    Path("empty").mkdir()
    if settings:
        Path("perfxl.yaml").write_text(settings, "utf-8", errors="surrogateescape")
    result = run("check", "records.yaml", *words, status=2)
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_perfxl_yaml_says_the_usual_and_a_call_may_differ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "forms")
    Path("county.yaml").write_text("severities: {GT-01: off}\n", "utf-8")
    Path("perfxl.yaml").write_text("forms: forms\nlanguage: en\nrules: county.yaml\n", "utf-8")
    below = tmp_path / "deep" / "below"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    run("generate", tmp_path / "records.yaml", "-o", "out", "--form", "goods", "--prefill", "all")
    codes = {finding["code"] for finding in json.loads(run("check", "out", "--format", "json").stdout)}
    assert "GT-01" not in codes
    Path("other.yaml").write_text("pack: 一般\n", "utf-8")
    run("check", "out", "--rules", "other.yaml", status=1)
    assert "there is no such file" in run("check", "none.xlsx", status=2).stderr
    assert "没有这个文件" in run("check", "none.xlsx", "--lang", "zh-CN", status=2).stderr
    assert "--frm" in run("check", "--frm", status=2).stderr
    assert not any("一" <= sign <= "鿿" for sign in run("check", "--frm", status=2).stderr)
    (tmp_path / "perfxl.yaml").write_text("# nothing yet\n", "utf-8")
    run("check", "none.xlsx", status=2)


def test_one_bad_form_harms_nobody(tmp_path: Path) -> None:
    put(tmp_path / "forms")
    run("generate", "records.yaml", "-o", "in", "--form", "goods", "--forms", "forms", "--prefill", "all")
    put(tmp_path / "forms", "other", record="others[]")
    Path("others.yaml").write_text(
        yaml.safe_dump({**RECORDS, "lists": [], "others": TAKEN}, allow_unicode=True), "utf-8"
    )
    run("generate", "others.yaml", "-o", "in/2", "--form", "other", "--forms", "forms", "--prefill", "all")
    (tmp_path / "forms" / "goods" / "form.yaml").write_text(BROKEN.format(name="goods"), "utf-8")
    result = run("check", "in", "--format", "json", "--forms", "forms", status=2)
    assert all("2" in Path(finding["file"]).parts for finding in json.loads(result.stdout))
    assert json.loads(result.stdout)
    (said,) = result.stderr.splitlines()
    assert "它有错" in said
    assert f"{Path('forms/goods/form.yaml')}第" in said
    (said,) = run("check", "in", "--forms", "forms", "--lang", "en", status=2).stderr.splitlines()[:1]
    assert "which has a mistake; put that right first: " in said
    assert "MN-02" in run("rules", "--forms", "forms").stdout
    listed = [line.split("\t") for line in run("form", "list", "--forms", "forms").stdout.splitlines()]
    assert [line[0] for line in listed] == sorted([*OWN, "goods", "other"])
    assert {line[0]: len(line) for line in listed} == {**dict.fromkeys(OWN, 4), "goods": 5, "other": 4}
    assert "form.yaml" in next(line[4] for line in listed if line[0] == "goods")
    run("generate", "records.yaml", "-o", "new", "--form", "goods", "--forms", "forms", status=2)


def test_a_form_whose_checks_have_no_words_harms_nobody(tmp_path: Path) -> None:
    put(tmp_path / "forms", text=FORM.replace("title: Two persons, ", ""))
    assert "GT-01" not in run("rules", "--forms", "forms").stdout
    run("form", "show", "goods", "--forms", "forms", status=2)


# Forms and versions that are not here ---------------------------------------------------------------------------------


def issued(**facts: str) -> bytes:
    folder = put(Path("elsewhere"), **facts)
    (made,) = perfxl.generate({**RECORDS, "lists": [{"number": 1, "taker": "李青", facts.get("mail", "mail"): "a@b"}]},
                              form=folder, prefill="all")  # fmt: skip
    return made.data


def test_a_form_that_nobody_knows_is_named() -> None:
    book = issued()
    Path("in.xlsx").write_bytes(book)
    said = run("check", "in.xlsx", status=2).stderr
    assert "“goods”2版" in said
    assert "--forms" in said
    said = run("check", "in.xlsx", "--lang", "en", status=2).stderr
    assert "“goods”, version 2, which is not known here" in said
    assert "--forms" in said


def test_an_older_sheet_is_read_by_its_own_version_or_if_nothing_of_it_is_lost() -> None:
    old = issued(version="1", mail="post")
    now = put(Path("forms"))
    with pytest.raises(UnusableForm) as caught:
        perfxl.read(old, forms=["forms"])
    assert (caught.value.what, caught.value.version, caught.value.here) == ("version", "1", "2")
    assert caught.value.fields == ("post",)
    assert all(word in perfxl.sentence(caught.value, "en") for word in ("version 1", "post", "--forms"))
    put(now, text=FORM, at="versions", version="1", mail="post")
    (now / "versions" / "form.yaml").rename(now / "versions" / "1.yaml")
    returned = perfxl.read(old, forms=["forms"])
    assert returned.submissions[0].record == {"number": 1, "taker": "李青", "post": "a@b"}
    assert not [finding for finding in perfxl.check(returned).findings if finding.severity == "error"]
    assert perfxl.correct(returned).files[0].data
    (same,) = perfxl.read(issued(version="1"), forms=["forms"]).submissions
    assert same.version == "1"


def test_an_older_sheet_of_the_same_answers_is_read() -> None:
    put(Path("forms"))
    assert perfxl.read(issued(version="1"), forms=["forms"]).submissions[0].record["mail"] == "a@b"


@pytest.mark.parametrize("other", ["form: else", "version: '3'"])
def test_a_released_version_of_something_else_is_a_mistake(other: str) -> None:
    now = put(Path("forms"))
    text = FORM.format(name="goods", version="1", label="x", record="lists[]", mail="mail")
    text = text.replace("form: goods", other) if other.startswith("form") else text.replace('version: "1"', other)
    (now / "versions").mkdir()
    (now / "versions" / "1.yaml").write_text(text, "utf-8")
    with pytest.raises(UnusableForm, match="应是表样“goods”的1版"):
        perfxl.read(issued(version="1"), forms=["forms"])


@pytest.mark.parametrize("version", ["../../x", "..", "", "1/2", "a" * 300, "1\x00", "C:x", "con", "２"])
def test_a_version_from_a_workbook_is_no_path(version: str, known: Any) -> None:
    put(Path("forms"))
    Path("x.yaml").write_text("form: x\n", "utf-8")
    known(*forms_in("forms"))
    assert installed.load("goods", version).version == "2"


def test_a_round_of_an_own_form(tmp_path: Path) -> None:
    put(tmp_path / "forms")
    Path("perfxl.yaml").write_text("forms: forms\n", "utf-8")
    run("round", "new", "round", "--year", "2024", "--form", "goods")
    Path("units.yaml").write_text(
        yaml.safe_dump({"units": [{**UNIT, "projects": [{"number": 1, "name": "麻袋"}]}]}), "utf-8"
    )
    run("round", "registry", "units.yaml", "--in", "round")
    run("round", "status", "--in", "round")
    Path("perfxl.yaml").unlink()
    said = run("round", "status", "--in", "round", status=2).stderr
    assert "没有表样“goods”" in said
    assert "--forms" in said
    run("round", "status", "--in", "round", "--forms", "forms")


def test_a_round_tries_a_form_anew_that_could_not_be_used(tmp_path: Path) -> None:
    put(tmp_path / "forms")
    (made,) = perfxl.generate(RECORDS, form="goods", forms=["forms"], prefill="all")
    run("round", "new", "round", "--year", "2024")
    Path("units.yaml").write_text(yaml.safe_dump({"units": [{**UNIT, "projects": [{"number": 1, "name": "麻袋"}]}]}))
    run("round", "registry", "units.yaml", "--in", "round")
    Path("in.xlsx").write_bytes(made.data)
    for _ in range(2):
        assert "“goods”2版，这里没有" in run("round", "collect", "in.xlsx", "--in", "round").output
    put(tmp_path / "broken", text=BROKEN.replace("'1'", "'2'"))
    for _ in range(2):  # the second time out of the store
        said = run("round", "collect", "in.xlsx", "--in", "round", "--forms", "broken").output
        assert "它有错" in said
    said = run("round", "collect", "in.xlsx", "--in", "round", "--forms", "forms").output
    assert "“goods”" not in said


def test_every_error_has_its_sentence(tmp_path: Path) -> None:
    errors: list[PerfxlError] = []
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(FormError) as caught:
            forms_in(path)
        errors.append(caught.value)
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(FormError) as caught:
        form_at(loop)
    errors.append(caught.value)
    for lang in ("zh-CN", "en"):
        assert all(perfxl.sentence(error, lang).startswith(str(tmp_path)) for error in errors)
