"""A round as one file and back; a round proved against its own records and folders."""

from __future__ import annotations

import json
import random
import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rounds import stores
from rounds.stores import copy_round
from rounds.test_collect import UNIT, book, registry
from rounds.test_return import BACKWARDS, collect
from rounds.test_round_commands import run, tables

from perfxl.errors import PerfxlError
from perfxl.rounds.desk.backup import restore_backup, write_backup
from perfxl.rounds.desk.registering import import_registry
from perfxl.rounds.desk.verifying import verify
from perfxl.rounds.round import Round, create_round, open_round
from perfxl.rounds.store.opening import open_store
from perfxl.rounds.store.rows import Delivery

pytestmark = pytest.mark.store("sqlite", "postgresql")


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory, database: str) -> Path:
    """A round in which everything happened: issued, taken in, decided, returned, sent."""
    made = create_round(tmp_path_factory.mktemp("rounds") / "2024一上", 2024, "一上")
    import_registry(made, registry())
    run("round", "issue", "--in", made.folder)
    collect(made, 报=book(made, plan=BACKWARDS))
    run("round", "decide", UNIT.code, 2, "approve", "--in", made.folder)
    run("round", "return", "--in", made.folder)
    run("round", "sent", "--all", "--in", made.folder)
    return made.folder


@pytest.fixture
def round(worked: Path, tmp_path: Path) -> Round:
    return open_round(copy_round(worked, tmp_path / "2024一上"))


def contents(folder: Path) -> dict[str, bytes]:
    left = ("store.sqlite3", "收表箱")
    files = (path for path in folder.rglob("*") if path.is_file())
    named = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
    named["round.yaml"] = stores.without_store(folder)
    return {name: data for name, data in named.items() if not name.startswith(left)}


# One file ---------------------------------------------------------------------------------------------------------------


def test_a_backup_restored_is_the_round(
    round: Round, tmp_path: Path, database: str, request: pytest.FixtureRequest
) -> None:
    words = ("--store", request.getfixturevalue("postgresql").url()) if database == "postgresql" else ()
    file, other = tmp_path / "备份.zip", tmp_path / "别处" / "一上"
    status, _, err = run("round", "backup", file, "--in", round.folder)
    assert status == 0, err
    status, _, err = run("round", "restore", file, other, *words)
    assert status == 0, err
    assert contents(other) == contents(round.folder)
    assert tables(other) == tables(round.folder)
    assert run("round", "verify", "--in", other)[0] == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2024一上", "别处", "备份.zip"], (
        "nothing is left beside"
    )
    collect(open_round(other), 报=book(round, plan=BACKWARDS))
    assert tables(other) == tables(round.folder), "it is the same file again"


def test_the_same_round_gives_the_same_backup(round: Round, tmp_path: Path) -> None:
    for name in ("1.zip", "2.zip"):
        write_backup(round, tmp_path / name)
    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()


def test_a_backup_is_made_while_another_desk_writes(round: Round, tmp_path: Path) -> None:
    with open_store(round.store, write=True) as store, store.group("李芳", "2024-03-01") as group:
        group.add_run("0")
        with open_store(round.store, write=False):
            write_backup(round, tmp_path / "b.zip")
        assert verify(round) == ()
    assert len(tables(restore_backup(tmp_path / "b.zip", tmp_path / "new").folder)["run"]) == 1


def test_nothing_is_overwritten(round: Round, tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_bytes(b"mine")
    assert run("round", "backup", tmp_path / "b.zip", "--in", round.folder)[0] == 2
    assert (tmp_path / "b.zip").read_bytes() == b"mine"
    write_backup(round, tmp_path / "c.zip")
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "mine.txt").write_bytes(b"")
    assert run("round", "restore", tmp_path / "c.zip", tmp_path / "new")[0] == 2
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["mine.txt"]
    (tmp_path / "empty").mkdir()
    assert run("round", "restore", tmp_path / "c.zip", tmp_path / "empty")[0] == 0


def with_members(**members: bytes) -> Callable[[Path], None]:
    def change(file: Path) -> None:
        with zipfile.ZipFile(file, "a") as archive:
            for name, data in members.items():
                archive.writestr(name, data)

    return change


def with_link(file: Path) -> None:
    info = zipfile.ZipInfo("原件/link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(info, "/etc/passwd")


def without_round(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "")


def with_other_store(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("round.yaml", "year: 2024\nphase: 一上\nforms: [project-target]\n")
        archive.writestr("store.sqlite3", b"SQLite format 3\0" + bytes(5000))


BAD: dict[str, Callable[[Path], Any]] = {
    "no zip": lambda file: file.write_bytes(b"PK\x03\x04 no zip"),
    "cut off": lambda file: file.write_bytes(file.read_bytes()[:-2000]),
    "gone": lambda file: file.unlink(),
    "above": with_members(**{"../out.txt": b""}),
    "at the root": with_members(**{"/out.txt": b""}),
    "on a drive": with_members(**{"C:/out.txt": b""}),
    "backslash": with_members(**{"..\\out.txt": b""}),
    "a device": with_members(**{"原件/nul": b""}),
    "a name twice": with_members(**{"ROUND.yaml": b""}),
    "a link": with_link,
    "another zip": without_round,
    "another store": with_other_store,
    "a mistake in it": with_members(**{"forms": b"", "forms/a": b""}),
}


@pytest.mark.store("sqlite")
@pytest.mark.parametrize("spoil", BAD.values(), ids=BAD)
def test_what_is_no_backup_is_one_sentence_and_leaves_nothing(
    spoil: Callable[[Path], Any], round: Round, tmp_path: Path
) -> None:
    file = tmp_path / "b.zip"
    write_backup(round, file)
    spoil(file)
    status, _, err = run("round", "restore", file, tmp_path / "below" / "new")
    assert (status, len(err.strip().splitlines())) == (2, 1), err
    assert not list((tmp_path / "below").iterdir()) if (tmp_path / "below").exists() else True
    assert not (tmp_path / "out.txt").exists()


@pytest.mark.store("sqlite")
def test_damage_anywhere_is_said_or_harmless(round: Round, tmp_path: Path) -> None:
    """A byte that turned never gives another round."""
    file = tmp_path / "b.zip"
    write_backup(round, file)
    sound, chance = file.read_bytes(), random.Random(5)
    before, rows = contents(round.folder), tables(round.folder)
    refused = 0
    for number in range(25):
        damaged = bytearray(sound)
        damaged[chance.randrange(len(sound))] ^= 1 << chance.randrange(8)
        file.write_bytes(damaged)
        target = tmp_path / str(number)
        try:
            restore_backup(file, target)
        except PerfxlError:
            refused += 1
            assert not target.exists()
        else:
            assert (contents(target), tables(target)) == (before, rows)
            shutil.rmtree(target)
    assert refused > 10


# Proved -----------------------------------------------------------------------------------------------------------------


def path_of(round: Round, folder: str) -> Path:
    return next(path for path in sorted(round.path(folder).rglob("*.*")) if path.is_file() and path.suffix != ".yaml")


def original(round: Round) -> Path:
    return next(path for path in round.path("originals").rglob("*") if path.is_file())


def by_hand(round: Round, statement: str) -> None:
    stores.change(round.folder, statement)


def a_secret_copy(round: Round) -> None:
    from hashlib import sha256

    data = b"secret"
    digest = sha256(data).hexdigest()
    with open_store(round.store, write=True) as store, store.group("李芳", "2024-03-01") as group:
        group.add_delivery(Delivery(group.add_run("0"), digest, "密.xlsx", "密.xlsx", "2024-03-01", "secret"))
    path = round.path("originals") / digest[:2] / digest[2:]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)


WRONG: dict[str, tuple[Callable[[Round], Any], tuple[str, str]]] = {
    "an original gone": (lambda round: original(round).unlink(), ("missing", "delivery")),
    "an original changed": (lambda round: original(round).write_bytes(b"x"), ("altered", "delivery")),
    "an issued file gone": (lambda round: path_of(round, "issued").unlink(), ("missing", "issued")),
    "an issued file changed": (lambda round: path_of(round, "issued").write_bytes(b"x"), ("altered", "issued")),
    "a returned file gone": (
        lambda round: next(round.path("returned").rglob("*_1.xlsx")).unlink(), ("missing", "returned")
    ),
    "a notice changed": (
        lambda round: next(round.path("returned").rglob("*.txt")).write_bytes(b"x"), ("altered", "returned")
    ),
    "a row changed": (
        lambda round: by_hand(round, "UPDATE finding SET state = 'accepted' WHERE id = 1"), ("differs", "finding")
    ),
    "a row gone": (lambda round: by_hand(round, "DELETE FROM decision WHERE id = 1"), ("no_row", "decision")),
    "a row put in": (
        lambda round: by_hand(round, "INSERT INTO run VALUES (99, '', '', '', false)"), ("no_event", "run")
    ),
    "a secret kept": (a_secret_copy, ("secret_kept", "delivery")),
}  # fmt: skip


@pytest.mark.parametrize(("spoil", "expected"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_found_and_said(
    spoil: Callable[[Round], Any], expected: tuple[str, str], round: Round
) -> None:
    assert verify(round) == ()
    spoil(round)
    found = [(one.what, one.about) for one in verify(round)]
    assert expected in found
    for lang in ("zh-CN", "en"):
        status, out, _ = run("round", "verify", "--lang", lang, "--in", round.folder)
        assert (status, len(out.splitlines())) == (1, len(found))
    assert len(json.loads(run("round", "verify", "--json", "--in", round.folder)[1])) == len(found)


def test_what_no_row_knows_is_a_hint(round: Round) -> None:
    (round.path("originals") / "ab").mkdir(exist_ok=True)
    (round.path("originals") / "ab" / ("0" * 62)).write_bytes(b"left by a run that was killed")
    (round.path("returned") / "mine.txt").write_bytes(b"")
    assert [(one.what, one.about) for one in verify(round)] == [("unknown", "original"), ("unknown", "returned")]
    assert run("round", "verify", "--in", round.folder)[0] == 0


def test_a_file_that_could_not_be_read_has_no_original(round: Round) -> None:
    with open_store(round.store, write=True) as store, store.group("李芳", "2024-03-01") as group:
        group.add_delivery(Delivery(group.add_run("0"), "", "大.xlsx", "大.xlsx", "2024-03-01", "unreadable"))
    assert verify(round) == ()


def test_originals_of_a_run_that_was_taken_back_are_known(round: Round) -> None:
    collect(round, 又=book(round, purpose="用于发放村民小组长补贴，按季发放。"))
    assert run("round", "undo", "--in", round.folder)[0] == 0
    assert verify(round) == ()
