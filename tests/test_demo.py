"""`perfxl demo`: the whole job on the shipped examples, told in a table that an 80-column console shows whole."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len

from perfxl import messages
from perfxl.cli import main
from perfxl.cli_round import round_group
from perfxl.finding import SEVERITIES
from perfxl.rounds.desk.standings import standings_of
from perfxl.rounds.round import find_round
from perfxl.rounds.store.opening import open_store
from perfxl.rules.review import review
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.reading.opening import open_package
from perfxl.workbook.reading.read import read_submissions, read_workbook

FILLED = Path(__file__).parents[1] / "examples" / "filled"


def demo(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["demo", str(folder), *options], env={"COLUMNS": "80"})


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result, float]:
    folder = tmp_path_factory.mktemp("demo") / "示范"
    begun = time.monotonic()
    result = demo(folder)
    return folder, result, time.monotonic() - begun


def test_all_steps_are_written_and_told(shown: tuple[Path, Result, float]) -> None:
    folder, result, seconds = shown
    assert result.exit_code == 0, result.output
    assert seconds < 10
    names = sorted(path.name for path in FILLED.glob("*.xlsx"))
    assert sorted(path.name for path in (folder / "1-下发").rglob("*.xlsx")) == [
        "907001清溪县柳溪镇人民政府本级.xlsx", "部门整体绩效目标.xlsx",
    ]  # fmt: skip
    assert [path.name for path in sorted((folder / "2-报回").iterdir())] == names
    assert [path.name for path in sorted((folder / "3-退回").iterdir())] == names
    for each in ("1-下发", "2-报回", "3-退回", "4-批次"):
        assert str(folder / each) in result.stdout
    for name in names:
        assert (folder / "2-报回" / name).read_bytes() == (FILLED / name).read_bytes()
        assert (folder / "3-退回" / name).read_bytes() != (FILLED / name).read_bytes()


def test_its_counts_are_those_of_the_findings(shown: tuple[Path, Result, float]) -> None:
    _, result, _ = shown
    submissions = [
        reading.submission
        for path in sorted(FILLED.glob("*.xlsx"))
        for reading in read_workbook(Workbook(open_package(path)))
    ]
    found = [finding for _, findings in review(submissions) for finding in findings]
    total = next(line for line in result.stdout.splitlines() if line.strip().startswith("合计"))
    counts = [sum(each.severity == severity for each in found) for severity in SEVERITIES]
    assert [int(cell.strip() or 0) for cell in total.split("|")[1:]] == counts
    assert f"{len(submissions)}张表" in result.stdout


def test_its_table_fits_80_columns_of_double_width_text(shown: tuple[Path, Result, float]) -> None:
    _, result, _ = shown
    table = [line for line in result.stdout.splitlines() if "|" in line]
    assert len(table) > 10
    assert max(map(cell_len, table)) <= 80
    assert all(any(name in line for line in table) for name in (path.name for path in FILLED.glob("*.xlsx")))


def test_the_returned_workbooks_hold_what_was_filled(shown: tuple[Path, Result, float]) -> None:
    folder, _, _ = shown
    for path in FILLED.glob("*.xlsx"):
        before, after = read_submissions(path), read_submissions(folder / "3-退回" / path.name)
        assert [each.record for each in after] == [each.record for each in before]


def test_a_second_run_says_so_in_one_sentence_and_writes_nothing(shown: tuple[Path, Result, float]) -> None:
    folder, _, _ = shown
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    result = demo(folder)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert "已经存在" in result.stderr
    assert "--force" in result.stderr
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_one_folder_that_exists_keeps_the_others_from_being_written(tmp_path: Path) -> None:
    (tmp_path / "3-退回").mkdir()
    assert demo(tmp_path).exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["3-退回"]


def test_with_force_it_is_done_again(shown: tuple[Path, Result, float]) -> None:
    folder, first, _ = shown
    flagged = {path.name: path.read_bytes() for path in (folder / "3-退回").iterdir()}
    (folder / "2-报回" / "别的表.xlsx").write_bytes(b"not a workbook")
    result = demo(folder, "--force")
    assert result.exit_code == 0, result.output
    assert result.stdout == first.stdout
    assert {path.name: path.read_bytes() for path in (folder / "3-退回").iterdir()} == flagged


def test_the_round_is_played_and_told(shown: tuple[Path, Result, float]) -> None:
    """What is told of each file and state stands in the round's store; the commands that are named are there."""
    folder, result, _ = shown
    round = find_round(folder / "4-批次" / "2024一上")
    lines = [line.strip() for line in result.stdout.split("4. 批次", 1)[1].splitlines()]
    named = [line.split("　")[0].split()[1] for line in lines if line.startswith("round ")]
    assert named == ["registry", "issue", "collect", "return", "decide", "status"]
    assert {*named} <= {*round_group.commands}
    with open_store(round.store, write=False) as store:
        verdicts = {kept.name.rpartition("/")[2]: kept.verdict for kept in store.deliveries()}
        states = Counter(standing.state for standing in standings_of(store).values())
        asked = len(store.registry().projects)
    assert {*verdicts} == {path.name for path in FILLED.glob("*.xlsx")}
    for name, verdict in verdicts.items():
        assert f"{messages.say(f'rounds.verdict.{verdict}')}　{name}" in lines
    assert {*verdicts.values()} >= {"taken", "question", "blank", "not_this"}
    assert states["approved"] == 1
    assert all(
        f"{messages.say(f'rounds.state.{state}')}{count}" in lines[-1]
        for state, count in states.items()
        if state != "missing"
    )
    assert f"未报{asked - sum(count for state, count in states.items() if state != 'missing')}" in lines[-1]


def test_in_english(tmp_path: Path) -> None:
    result = demo(tmp_path, "--lang", "en")
    assert result.exit_code == 0, result.output
    assert "1 approved" in result.stdout.splitlines()[-1]
    assert (tmp_path / "4-批次" / "2024一上" / "returned").is_dir()
