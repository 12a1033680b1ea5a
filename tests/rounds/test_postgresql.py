"""A round whose store is in PostgreSQL: the same rows as in a file, one sentence for whatever is wrong with a server."""

from __future__ import annotations

import datetime
import random
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from rounds import stores
from rounds.invented_county import county_in_progress
from rounds.postgresql import Server
from rounds.test_collect import UNIT, book
from rounds.test_return import run
from rounds.test_round_commands import rows as registry_lines
from rounds.test_store import NOON, registry, submission
from rounds.test_store import delivery as arrived

from perfxl import messages
from perfxl.errors import StoreError
from perfxl.rounds.desk import author
from perfxl.rounds.round import Round, find_round
from perfxl.rounds.store.opening import backup, open_store, restore
from perfxl.rounds.store.proof import check_store
from perfxl.rounds.store.store import Store


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands still, so that two rounds may be compared."""
    stopped = SimpleNamespace(now=lambda: datetime.datetime(2024, 3, 1, 9, 0))
    monkeypatch.setattr(author, "datetime", SimpleNamespace(datetime=stopped))


def play(folder: Path, store: str = "") -> Round:
    """A round from its registry to what goes back: taken in, decided, taken in anew, taken back."""

    def say(*words: object, status: tuple[int, ...] = (0, 1)) -> None:
        ended, out, err = run("round", *words)
        assert ended in status, (words, out, err)

    named = ("--store", store) if store else ()
    say("new", folder, "--year", 2024, "--phase", "一上", *named)
    list_of_units = folder.parent / f"{folder.name}.csv"
    list_of_units.write_text(registry_lines(), encoding="utf-8")
    say("registry", list_of_units, "--in", folder)
    say("issue", "--in", folder)
    (folder / "收表箱" / "报.xlsx").write_bytes(book(find_round(folder)))
    say("collect", "--in", folder)
    say("return", "--in", folder)
    say("decide", UNIT.code, 1, "return", "--why", "请核对预算数。", "--in", folder, status=(0, 1, 2))
    say("undo", "--in", folder, status=(0, 1, 2))
    say("export", "--in", folder)
    return find_round(folder)


def test_the_same_round_has_the_same_rows_in_both(tmp_path: Path, postgresql: Server, still: None) -> None:
    folders = [tmp_path / "文件" / "2024一上", tmp_path / "库" / "2024一上"]
    for folder, url in zip(folders, ("", postgresql.url()), strict=True):
        folder.parent.mkdir()
        play(folder, url)
    assert not (folders[1] / "store.sqlite3").exists()
    kept = []
    for folder in folders:
        with open_store(find_round(folder).store, write=False) as store:
            assert check_store(store) == ()
        kept.append(stores.rows(folder))
    assert kept[0] == kept[1]
    assert all(kept[0][name] for name in ("unit", "issued", "delivery", "submission", "event", "decision"))


def test_a_county_goes_from_a_file_into_a_database_and_back(tmp_path: Path, postgresql: Server) -> None:
    round = county_in_progress(tmp_path / "2024一上", random.Random(5), units=30, projects=5)
    url, copy = postgresql.url(), tmp_path / "备份.sqlite3"
    restore(round.store if isinstance(round.store, Path) else Path(), url)
    backup(url, copy)
    found = []
    for where in (round.store, url, copy):
        with open_store(where, write=False) as store:
            assert check_store(store) == ()
        found.append(stores.rows(where))
    assert found[0] == found[1] == found[2]
    with pytest.raises(StoreError) as caught:
        restore(copy, url)
    assert caught.value.what == "taken"


def test_any_text_is_kept_verbatim(postgresql: Server) -> None:
    odd = "\0半\ud83d 'a\"b\\ json: \u200b 𠮷\n"
    url = postgresql.url()
    with open_store(url, write=True, make=True) as store, store.group(odd, NOON) as group:
        group.put_registry(registry(1, 1))
        delivered = group.add_delivery(arrived(group.add_run("0.1.0"), name=odd, reason={odd: [odd, 1.5, None]}))
        group.add_submission(submission(delivered, record={"name": odd, "≥95%": {"b": 1, "a": 0.1 + 0.2}}))
    with open_store(url, write=False) as store:
        assert check_store(store) == ()
        (file,), (draft,) = store.deliveries(), store.submissions()
    assert (file.name, file.reason) == (odd, {odd: [odd, 1.5, None]})
    assert draft.record == {"name": odd, "≥95%": {"b": 1, "a": 0.1 + 0.2}}
    assert [*draft.record["≥95%"]] == ["b", "a"], "in the order in which they were kept"


def test_one_desk_writes_and_another_sees_one_moment(postgresql: Server) -> None:
    url = postgresql.url()
    with open_store(url, write=True, make=True) as store:
        with pytest.raises(StoreError) as caught:
            open_store(url, write=True)
        assert caught.value.what == "locked_by"
        with open_store(url, write=False) as looking, looking.snapshot():
            assert looking.runs() == ()
            with store.group("王五", NOON) as group:
                group.add_run("0.1.0")
            assert looking.runs() == (), "what was written since is not of this moment"
        with open_store(url, write=False) as looking:
            assert len(looking.runs()) == 1
            with pytest.raises(StoreError) as caught, looking.group("王五", NOON):
                pass
            assert caught.value.what == "read_only"
    open_store(url, write=True).close()


def test_a_group_that_fails_leaves_nothing(postgresql: Server) -> None:
    url = postgresql.url()
    with open_store(url, write=True, make=True) as store:
        with suppress(ZeroDivisionError), store.group("王五", NOON) as group:
            group.put_registry(registry())
            raise ZeroDivisionError
        assert store.registry().units == ()


# What is wrong with a server -------------------------------------------------------------------------------------------


@pytest.fixture
def refused(postgresql: Server, tmp_path: Path) -> Iterator[dict[str, str]]:
    """URLs that lead to no store, by what is said of them."""
    postgresql.sql("CREATE ROLE guest LOGIN")
    postgresql.sql("CREATE SCHEMA other CREATE TABLE t (a int)")
    postgresql.sql("GRANT USAGE ON SCHEMA other TO desk; GRANT SELECT ON other.t TO desk")
    newer = postgresql.url("newer")
    open_store(newer, write=True, make=True).close()
    postgresql.sql("UPDATE newer.alembic_version SET version_num = '9999'")
    socket = f"?host={postgresql.folder}"
    yield {
        newer: "newer",
        postgresql.url("other"): "others",
        postgresql.url("rights", who="guest"): "no_rights",
        postgresql.url(database="province"): "no_database",
        postgresql.url(who="nobody_known"): "refused",
        "postgresql+psycopg://desk@127.0.0.1:1/county": "unreachable",
        f"postgresql+psycopg://desk@/county?host={tmp_path}": "unreachable",
        f"postgresql+psycopg://desk:geheim@/county{socket}": "password",
        f"postgresql+psycopg://desk@/county{socket}&password=geheim": "password",
        f"postgresql+psycopg://desk@/county{socket}&schema=a%22b": "bad_url",
        "postgresql+psycopg://desk:geheim@server:port/county": "bad_url",
        "mysql://desk:geheim@server/county": "password",
        "mysql://desk@server/county": "bad_url",
        "geheim": "bad_url",
    }
    postgresql.sql("DROP SCHEMA newer CASCADE; DROP SCHEMA other CASCADE; DROP ROLE guest")


def test_a_url_that_leads_nowhere_is_one_sentence(refused: dict[str, str], tmp_path: Path) -> None:
    for at, (url, what) in enumerate(refused.items()):
        status, out, err = run("round", "new", tmp_path / f"{at}", "--year", 2024, "--store", url)
        assert (status, out, len(err.splitlines())) == (2, "", 1), (url, err)
        assert url == "geheim" or "geheim" not in err, "no password is printed"
        assert messages.sentence(StoreError(what=what, file="…", example=""), "zh-CN").partition("：")[2][:8] in err
        assert not (tmp_path / f"{at}").exists(), "nor kept"


def test_without_its_driver_it_is_said_what_to_install(
    postgresql: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    status, _, err = run("round", "new", tmp_path / "2024", "--year", 2024, "--store", postgresql.url())
    assert (status, len(err.splitlines())) == (2, 1)
    assert "perfxl[postgresql]" in err


def test_a_server_that_goes_away_leaves_nothing_half(postgresql: Server) -> None:
    url = postgresql.url()
    with open_store(url, write=True, make=True) as store, store.group("王五", NOON) as group:
        group.put_registry(registry(1, 1))
    before = stores.rows(url)
    store = open_store(url, write=True)
    with pytest.raises(StoreError) as caught:
        _write_while_it_stops(store, postgresql)
    assert caught.value.what == "unreachable"
    postgresql.start()
    store.close()
    open_store(url, write=True).close()  # the lease of this process, which no release could give back
    assert stores.rows(url) == before


def _write_while_it_stops(store: Store, server: Server) -> None:
    with store.group("王五", NOON) as group:
        group.add_run("0.1.0")
        server.stop()
        group.add_run("0.1.0")
