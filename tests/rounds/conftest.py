"""The tests of rounds run on SQLite and, those that are about what is kept, on PostgreSQL too."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from rounds.postgresql import Server, programs, server

from perfxl.rounds.round import Round

ON_BOTH = ("base_records", "batch_answers", "return", "row_keys", "undo")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.module.__name__.rpartition("test_")[2] in ON_BOTH:
        metafunc.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """PostgreSQL; skipped without it, unless PERFXL_REQUIRE_POSTGRESQL=1 demands it."""
    pytest.importorskip("psycopg")
    if programs() is None:
        if os.environ.get("PERFXL_REQUIRE_POSTGRESQL") == "1":
            pytest.fail("PERFXL_REQUIRE_POSTGRESQL is 1, but there is no PostgreSQL server")
        pytest.skip("there is no PostgreSQL server")
    with server() as running:
        yield running


@pytest.fixture(autouse=True)
def database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The database of all rounds in a test: files, or a schema each, whose name the round's folder gives."""
    kind = str(getattr(request, "param", "sqlite"))
    if kind == "postgresql":
        running: Server = request.getfixturevalue("postgresql")

        def url(round: Round) -> str:
            return running.url("s" + hashlib.sha256(str(round.folder.resolve()).encode()).hexdigest()[:20])

        monkeypatch.setattr(Round, "store", property(lambda round: round.store_url or url(round)))
    return kind
