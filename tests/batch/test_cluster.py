"""Many files on a Dask cluster: the same is made of them as alone, whoever dies; what does not fit is said before."""

from __future__ import annotations

import copy
import os
import pickle
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath

import pytest
from batch.dask_cluster import Cluster, Counted, at_progress, places_at, running
from click.testing import CliRunner
from distributed import Client
from workbook.conftest import example

import perfxl
from perfxl import commands, records
from perfxl.batch import workers
from perfxl.batch.cluster import ClusterWorkers
from perfxl.batch.inbox import Item
from perfxl.cli import main
from perfxl.errors import ClusterError
from perfxl.rules.policy import default_policy

pytestmark = pytest.mark.skipif(os.name == "nt", reason="processes that are killed")
UNITS = 10


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Alone it is done by processes of this machine, as with the files of a county."""
    monkeypatch.setattr(workers, "MANY", 2)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running(tmp_path_factory.mktemp("cluster")) as found:
        yield found


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The records and the filled workbooks of some units, with mistakes."""
    folder = tmp_path_factory.mktemp("office")
    (folder / "数据").mkdir()
    for at in range(1, UNITS + 1):
        held = copy.deepcopy(dict(example("project-target")))
        held["unit"]["code"], held["projects"] = f"9070{at:02}", held["projects"][:2]
        held["projects"][0]["purpose"] = "同上。。" if at % 2 else ""
        (folder / "数据" / f"{at}.yaml").write_text(records.dumps(held), encoding="utf-8")
        perfxl.generate(held, prefill="all", output=folder / "收到的表")
    (folder / "别的").mkdir()
    (folder / "别的" / "坏的.xlsx").write_bytes(b"PK\x03\x04")
    (folder / "本县.yaml").write_text("severities: {TX-05: 强制性}\n", encoding="utf-8")
    return folder


@pytest.fixture
def stand(office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Stands in a copy of the office's folder, in which no worker does."""

    def stand_in(name: str) -> Path:
        shutil.copytree(office, tmp_path / name)
        monkeypatch.chdir(tmp_path / name)
        return tmp_path / name

    return stand_in


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, words, catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


VERBS: dict[str, tuple[str, ...]] = {
    "check": ("check", "收到的表", "别的", "--rules", "本县.yaml", "--format", "json"),
    "read": ("read", "收到的表", "别的", "--json"),
    "read into a folder": ("read", "收到的表", "别的", "-o", "数据二"),
    "flag": ("flag", "收到的表", "别的", "-o", "退回", "--rules", "本县.yaml"),
    "correct": ("correct", "收到的表", "别的", "-o", "规范"),
    "remarks": ("remarks", "收到的表", "别的", "-o", "处理.xlsx"),
    "generate": ("generate", "数据", "-o", "下发", "--rules", "本县.yaml"),
    "stage": ("stage", "monitoring", "收到的表", "-o", "监控表"),
    "publish": ("publish", "收到的表", "-o", "公开"),
}


@pytest.mark.parametrize("words", VERBS.values(), ids=VERBS)
def test_a_verb_makes_the_same_on_a_cluster(
    words: tuple[str, ...], stand: Callable[[str], Path], cluster: Cluster
) -> None:
    alone, before = stand("一"), contents(stand("二"))
    os.chdir(alone)
    said = run(*words)
    os.chdir(alone.parent / "二")
    assert run(*words, "--cluster", cluster.address) == said
    made = contents(alone.parent / "二")
    assert made == contents(alone)
    assert made != before or words[0] in ("check", "read")


# Whoever dies -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", range(1, 6))
def test_what_a_dead_worker_had_is_done_again(
    place: int, stand: Callable[[str], Path], cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = stand("一")
    said = run(*VERBS["flag"])
    stand("二")
    monkeypatch.setattr(commands, "show_progress", at_progress(place, cluster.kill_worker))
    assert run(*VERBS["flag"], "--cluster", cluster.address) == said
    assert contents(alone.parent / "二") == contents(alone)


def items_of(folder: Path, count: int) -> list[Item]:
    (folder / "表.xlsx").write_bytes(b"PK")
    return [Item(str(at), PurePosixPath(f"{at}.xlsx"), folder / "表.xlsx") for at in range(count)]


def test_a_unit_that_ends_every_worker_is_done_at_the_desk(tmp_path: Path, cluster: Cluster) -> None:
    with perfxl.use_cluster(cluster.address, tmp_path):
        done = [*workers.run_by_unit(partial(places_at, os.getpid()), items_of(tmp_path, 6))]
    assert sorted(done) == [(at,) for at in range(6)]


@pytest.mark.parametrize("place", range(1, 6))
def test_without_its_scheduler_a_call_ends_and_can_be_run_again(
    place: int, stand: Callable[[str], Path], tmp_path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = stand("一")
    said = run(*VERBS["flag"])
    second, before = stand("二"), contents(alone)
    with running(tmp_path / "他") as dying:
        monkeypatch.setattr(commands, "show_progress", at_progress(place, dying.kill_scheduler))
        status, out, err = run(*VERBS["flag"], "--cluster", dying.address)
    assert (status, out, len(err.splitlines())) == (2, "", 1)
    assert dying.address in err
    left = contents(second)
    assert {name: before[name] for name in left} == left, "every file that was written is whole"
    monkeypatch.setattr(commands, "show_progress", at_progress(0, lambda: None))
    assert run(*VERBS["flag"], "--force", "--cluster", cluster.address) == said
    assert contents(second) == before


def test_where_nobody_is_left_to_work_a_call_ends(
    stand: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("perfxl.batch.cluster.ABSENCE", 1)
    stand("一")
    with running(tmp_path / "他") as dying:
        monkeypatch.setattr(commands, "show_progress", at_progress(1, dying.kill_workers))
        status, out, err = run(*VERBS["check"], "--cluster", dying.address)
    assert (status, out, len(err.splitlines())) == (2, "", 1)
    assert dying.address in err


# What is the same for all -------------------------------------------------------------------------------------------------


def test_a_client_that_is_closed_takes_nothing_back_and_says_nothing(cluster: Cluster) -> None:
    """As when a scheduler's death is noticed while the call that heard of it is ending."""
    with Client(cluster.address) as client:
        given = ClusterWorkers(client, cluster.address)
        given.submit(pow, 2, 3)
    given.shutdown(cancel_futures=True)


def test_work_goes_to_each_worker_once(tmp_path: Path, cluster: Cluster) -> None:
    with perfxl.use_cluster(cluster.address, tmp_path):
        done = [*workers.run_by_unit(Counted(tmp_path / "notes"), items_of(tmp_path, 40))]
    unpacked = (tmp_path / "notes").read_text().split()
    assert len(done) == 40
    assert len(unpacked) == len({*unpacked}) == len({*done}) == 2


def test_an_equal_policy_is_one_policy() -> None:
    policy = replace(default_policy(), severities={"MN-02": "off"})
    one, other = (pickle.loads(pickle.dumps(policy)) for _ in range(2))
    assert one is other
    assert (one, hash(one)) == (policy, hash(policy))
    assert one not in (default_policy(), replace(policy, scheme="cn-2021"), replace(policy, severities={}))


# What does not fit --------------------------------------------------------------------------------------------------------


def refused(cluster: str, *folders: str) -> ClusterError:
    with pytest.raises(ClusterError) as found, perfxl.use_cluster(cluster, *folders):
        pytest.fail("it began")
    return found.value


def test_an_address_without_a_scheduler_is_one_sentence(
    stand: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("perfxl.batch.cluster.PATIENCE", 1)
    before = contents(stand("一"))
    status, out, err = run(*VERBS["flag"], "--cluster", "tcp://127.0.0.1:9")
    assert (status, out, len(err.splitlines())) == (2, "", 1)
    assert "tcp://127.0.0.1:9" in err
    status, out, err = run(*VERBS["flag"], "--cluster", "tcp://anna:secret@127.0.0.1:9", "--lang", "en")
    assert (status, out, len(err.splitlines())) == (2, "", 1)
    assert "secret" not in err
    assert contents(Path()) == before


def test_what_listens_and_is_no_scheduler_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("perfxl.batch.cluster.PATIENCE", 1)
    with socket.create_server(("127.0.0.1", 0)) as other:
        assert refused(f"tcp://127.0.0.1:{other.getsockname()[1]}").what == "unreachable"


def test_without_the_library_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert refused("tcp://127.0.0.1:9").what == "not_installed"


def test_a_folder_that_workers_do_not_see_is_named(cluster: Cluster, stand: Callable[[str], Path]) -> None:
    stand("一")
    there = "/proc/self/cwd/收到的表"  # another folder for each process
    status, out, err = run("flag", there, "-o", "退回", "--cluster", cluster.address)
    assert (status, out, len(err.splitlines())) == (2, "", 1)
    assert there in err
    assert not Path("退回").exists()
    assert refused(cluster.address, "/proc/self/cwd/收到的表/不在/也不在").folder == there


OTHER = """
import sys
import importlib.metadata as metadata
import perfxl
perfxl.__version__ = {version!r}  # as former versions of Dask ask for it
if {version!r} is None:
    sys.modules["perfxl"] = None
found = metadata.version
def version(name):
    if name == "perfxl":
        if {version!r} is None:
            raise metadata.PackageNotFoundError(name)
        return {version!r}
    return found(name)
metadata.version = version
"""
PYTHON = """
from distributed import versions
found = versions.get_system_info()
versions.get_system_info = lambda: {**found, "python": "3.8.1.final.0"}
"""
DIFFERENT = {
    "other_perfxl": OTHER.format(version="0.0.9"),
    "without_perfxl": OTHER.format(version=None),
    "other_python": PYTHON,
}


@pytest.mark.parametrize("what", DIFFERENT)
def test_a_worker_that_differs_is_said_before_any_work(what: str, tmp_path: Path) -> None:
    with running(tmp_path, workers=1, before=DIFFERENT[what]) as cluster:
        assert refused(cluster.address).what == what


def test_a_cluster_without_workers_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("perfxl.batch.cluster.PATIENCE", 1)
    with running(tmp_path, workers=0) as cluster:
        assert refused(cluster.address).what == "no_workers"
