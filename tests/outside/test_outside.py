"""A form, a type of answer, a check and a language that another package brings: no file of perfxl knows of them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

SITE = Path(__file__).with_name("site")
CLAIMS: dict[str, Any] = {
    "year": 2024,
    "unit": {"code": "907001", "name": "清溪县柳溪镇人民政府本级"},
    "claims": [
        {"claim": 1, "traveller": "李青", "car": "冀a·12345", "days": 3, "allowance": 350,
         "legs": [{"town": "清溪县城", "distance": 1200}, {"town": "柳溪镇", "distance": 35}]},
        {"claim": 2, "traveller": "王山", "car": None, "days": 2, "allowance": 200,
         "legs": [{"town": "清溪县城", "distance": 40}]},
    ],
}  # fmt: skip


def run(*words: object, status: int = 0, site: Path = SITE) -> subprocess.CompletedProcess[str]:
    """perfxl in a process of its own, in which the package is installed."""
    environment = {**os.environ, "PYTHONPATH": str(site), "PYTHONUTF8": "1"}
    command = [sys.executable, "-P", "-c", "from perfxl.cli import main; main()", *map(str, words)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == status, done.stderr
    return done


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("claims")
    (folder / "claims.yaml").write_text(yaml.safe_dump(CLAIMS, allow_unicode=True), encoding="utf-8")
    run("generate", folder / "claims.yaml", "-o", folder / "issued", "--form", "travel", "--prefill", "all")
    return folder / "issued"


def findings(folder: Path, *options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run("check", folder, "--format", "json", *options, status=1).stdout)
    return found


def test_its_check_speaks_in_the_words_beside_it(issued: Path) -> None:
    found = {each["code"]: each for each in findings(issued)}
    assert set(found) == {"AL-01", "TR-01"}
    assert found["AL-01"]["message"] == "补助等2处：补助350元，3天最多300元，多50元。请按每天100元核对。"
    assert found["AL-01"]["fields"] == ["allowance", "days"]
    assert found["TR-01"]["message"] == "第1条·公里：单程1200公里，超过1000公里。请核对里程。"


def test_its_kind_reads_what_people_write(issued: Path) -> None:
    first, second = json.loads(run("read", issued, "--json").stdout)
    assert (first["form"], first["record"]["car"], second["record"]["car"]) == ("travel", "冀A12345", None)
    assert [(note["field"], note["raw"]) for note in first["notes"]] == [("car", "冀a·12345")]


def test_its_records_come_back(issued: Path, tmp_path: Path) -> None:
    run("read", issued, "-o", tmp_path / "back.yaml")
    back = yaml.safe_load((tmp_path / "back.yaml").read_text(encoding="utf-8"))
    assert [claim["traveller"] for claim in back["claims"]] == ["李青", "王山"]


def test_it_speaks_french_and_chinese_where_the_french_is_missing(issued: Path) -> None:
    found = {each["code"]: each["message"] for each in findings(issued, "--lang", "fr")}
    assert "L'étape fait 1200 km" in found["TR-01"]
    assert "多50元" in found["AL-01"]
    done = run("check", issued / "nothing.xlsx", "--lang", "fr", status=2)
    assert done.stderr.splitlines()[0].endswith("ce fichier n'existe pas.")


def test_it_is_flagged_and_the_flag_goes_away_when_the_rule_holds(issued: Path, tmp_path: Path) -> None:
    run("flag", issued, "-o", tmp_path, status=1)
    again = findings(tmp_path)
    assert {each["code"] for each in again} == {"AL-01", "TR-01"}


def test_its_manual_knows_no_budget(issued: Path) -> None:
    said = run("form", "show", "travel").stdout
    codes = set(re.findall(r"[A-Z]{2}-\d\d", said))
    assert {code for code in codes if code[:2] not in ("RD", "LM")} == {
        "AL-01",
        "CA-01",
        "ID-06",
        "TR-01",
        "TX-01",
        "ID-07",
        "ID-08",
        "IN-01",
    }
    assert "车牌号" in said
    assert not re.search("依据|六角括号|绩效", said)


def test_it_is_explained(issued: Path) -> None:
    assert "补助标准" in run("explain", "AL-01").stdout
    assert "单程一千公里" in run("explain", "TR-01").stdout


WORDLESS = "    title: 补助标准\n"
MISTAKES = {
    "a check without a name": (WORDLESS, "", "“title: …”"),
    "a check without any words": (
        re.compile(r"    title: 补助标准\n|    message: .*\n|    advice: .*\n"), "", "AL-01",
    ),
    "a code with the letters of a budget's checks": (re.compile("AL-01"), "MN-77", "MN-77"),
    "a code of a set that the form does not name": (
        re.compile(r"AL-01\n    title: 补助标准\n|    message: .*\n|    advice: .*\n"),
        lambda found: "MN-02\n" if found[0].startswith("AL") else "", "MN-02",
    ),
    "a set of checks that nobody brings": (re.compile(r"checks: \[travel\]"), "checks: [travels]", "travels"),
    "an answer in a sentence that is none": (re.compile("补助{{ allowance }}元"), "补助{{ allowanse }}元", "allowanse"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_a_sentence_with_its_line(tmp_path: Path, old: Any, new: Any, said: str) -> None:
    site = tmp_path / "site"
    for path in SITE.rglob("*"):
        if path.is_file() and path.suffix != ".pyc":
            (site / path.relative_to(SITE)).parent.mkdir(parents=True, exist_ok=True)
            (site / path.relative_to(SITE)).write_bytes(path.read_bytes())
    form = site / "travel_forms" / "form.yaml"
    text = form.read_text(encoding="utf-8")
    changed = old.sub(new, text) if isinstance(old, re.Pattern) else text.replace(old, new)
    assert changed != text
    form.write_text(changed, encoding="utf-8")
    (tmp_path / "claims.yaml").write_text(yaml.safe_dump(CLAIMS, allow_unicode=True), encoding="utf-8")
    done = run("generate", tmp_path / "claims.yaml", "-o", tmp_path / "out", "--form", "travel", status=2, site=site)
    assert re.match(r"travel/form\.yaml第\d+行", done.stderr), done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
