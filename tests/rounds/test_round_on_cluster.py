"""A round on a Dask cluster, in PostgreSQL or on both holds what it holds when it is done alone in SQLite.

Also where a worker or the scheduler dies.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from batch.dask_cluster import Cluster, at_piece, at_progress, running
from click.testing import CliRunner
from rounds import killing, test_county
from rounds.postgresql import rounds_in

from perfxl import commands_exchange
from perfxl.batch import workers
from perfxl.cli import main
from perfxl.rounds.desk import returning
from perfxl.rounds.round import create_round

pytestmark = pytest.mark.skipif(os.name == "nt", reason="processes that are killed")
WITH_WORKERS = ("issue", "collect", "return")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running(tmp_path_factory.mktemp("cluster")) as found:
        yield found


@pytest.fixture(autouse=True, scope="module")
def few_are_many() -> Iterator[None]:
    """Every step is given away; moments between two transactions are among those at which somebody dies."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers, "MANY", 2)
        patch.setattr(returning, "GROUP", 2)
        patch.setattr(test_county, "UNITS", 18)
        patch.setattr(test_county, "PROJECTS", 60)
        yield


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory, few_are_many: None) -> dict[str, Any]:
    """What the round of test_county.py holds when it is done alone and its store is a file."""
    found = killing.state(play(tmp_path_factory.mktemp("alone")))
    assert all(found[table] for table in ("unit", "project", "issued", "submission", "finding", "decision", "event"))
    return found


@pytest.mark.parametrize(
    ("store", "with_cluster"), [("file", True), ("postgresql", False), ("postgresql", True)], ids=str
)
def test_a_county(
    store: str, with_cluster: bool, alone: dict[str, Any], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The whole of test_county.py holds there, too, and every row, file and export is the same."""
    cluster: Cluster | None = request.getfixturevalue("cluster") if with_cluster else None
    with rounds_in(request.getfixturevalue("postgresql")) if store == "postgresql" else nullcontext():
        folder = play(tmp_path, cluster.address if cluster else "")
    assert (folder / "store.sqlite3").exists() == (store == "file")
    assert differences(alone, folder) == []


def play(place: Path, cluster: str = "") -> Path:
    """Take a county through its round, and export what came of it; return the folder of the round."""
    run = test_county.run

    def run_there(*words: object) -> tuple[int, str, str]:
        return run(*words, *(("--cluster", cluster) if cluster and words[0] in WITH_WORKERS else ()))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(test_county, "run", run_there)
        test_county.test_a_county(place)
    formats = [word for name in ("xlsx", "csv", "sqlite", "records") for word in ("--format", name)]
    assert run("export", *formats, "--in", place / "2024一上")[0] == 0
    return place / "2024一上"


def differences(expected: dict[str, Any], folder: Path) -> list[tuple[Any, ...]]:
    """What a round holds otherwise than expected, but for times: rows of every table, bytes of every file."""
    killing.prove(folder)
    found = killing.state(folder)
    names = sorted({*expected, *found})
    return [*filter(None, (killing.difference(name, expected.get(name), found.get(name)) for name in names))]


# Whoever dies -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, int, dict[str, Any]]]:
    """For each step: the folder of a round before it, the step's status, and what the round holds after it."""
    work = tmp_path_factory.mktemp("steps")
    folder = work / "2024一上"
    round = create_round(folder, 2024, "一上", deadline="2024-03-15")
    killing.hand_in_registry(round)
    assert run_in(folder, "registry", str(folder / "名册.csv"))[0] == 0
    found = {}
    for step in WITH_WORKERS:
        if step == "collect":
            killing.drop_first(round)
        shutil.copytree(folder, work / step)
        status, _ = run_in(folder, step)
        found[step] = work / step, status, killing.state(folder)
    return found


def run_in(folder: Path, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["round", *words, "--in", str(folder)], catch_exceptions=False)
    return result.exit_code, result.stderr


MOMENTS = [("issue", 1), ("issue", 5), ("collect", 1), ("collect", 9), ("return", 2)]


@pytest.mark.parametrize(("step", "place"), MOMENTS)
def test_a_step_goes_on_without_a_worker(
    step: str, place: int, steps: Any, tmp_path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, status, expected = steps[step]
    folder = shutil.copytree(before, tmp_path / "2024一上")
    monkeypatch.setattr(commands_exchange, "show_progress", at_progress(place, cluster.kill_worker))
    assert run_in(folder, step, "--cluster", cluster.address)[0] == status
    assert differences(expected, folder) == []


@pytest.mark.parametrize(
    ("step", "piece"), [("issue", 0), ("issue", 1), ("collect", 0), ("collect", 12), ("return", 3)]
)
def test_a_step_whose_scheduler_died_is_run_again(
    step: str, piece: int, steps: Any, tmp_path: Path, cluster: Cluster
) -> None:
    before, status, expected = steps[step]
    folder = shutil.copytree(before, tmp_path / "2024一上")
    with running(tmp_path / "他") as dying, at_piece(piece, dying.kill_scheduler):
        ended, err = run_in(folder, step, "--cluster", dying.address)
    assert (ended, len(err.splitlines())) == (2, 1)
    assert dying.address in err
    killing.prove(folder)
    assert run_in(folder, step, "--cluster", cluster.address)[0] == status
    assert differences(expected, folder) == []
