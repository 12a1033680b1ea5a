"""Files by URL: what is found in them is what is found by path, they come to no harm, and no password is shown."""

from __future__ import annotations

import copy
import json
import os
import pickle
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import fsspec
import pytest
from batch import url_servers
from batch.dask_cluster import running
from batch.url_servers import PASSWORD, USER
from click.testing import CliRunner
from workbook.conftest import example

import perfxl
from perfxl.batch import urls, workers
from perfxl.batch.inbox import list_items, places_of
from perfxl.batch.urls import Url, is_url, parse_url, shown_url
from perfxl.cli import main
from perfxl.errors import NothingToDo, PackageError
from perfxl.rounds.arrivals import list_arrived

UNITS = 3


@pytest.fixture(scope="module")
def share(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of filled workbooks with mistakes: in folders, in a zip, damaged, with other files beside them."""
    folder = tmp_path_factory.mktemp("share")
    for at in range(1, UNITS + 1):
        held = copy.deepcopy(dict(example("project-target")))
        held["unit"] = {"code": f"9070{at:02}", "name": f"单位{at}"}
        held["projects"] = held["projects"][:2]
        held["projects"][0]["purpose"] = "同上。。" if at % 2 else ""
        perfxl.generate(held, prefill="all", output=folder / "收到的表" / f"第{at}批")
    inbox = folder / "收到的表"
    with zipfile.ZipFile(inbox / "压缩.zip", "w") as archive:
        for file in sorted((inbox / "第3批").iterdir()):
            archive.write(file, f"里面/{file.name}")
            file.unlink()
    with zipfile.ZipFile(folder / "包.zip", "w") as archive:
        archive.write(inbox / "压缩.zip", "压缩.zip")
    (inbox / "第3批").rmdir()
    (inbox / "坏的.xlsx").write_bytes(b"PK\x03\x04")
    (inbox / "照片.jpg").write_bytes(b"\xff\xd8")
    (inbox / "数据.yaml").write_text("year: 2024\n", encoding="utf-8")
    (folder / "空的").mkdir()
    for name in ("内部", "断"):
        (folder / name).mkdir()
        (folder / name / "表.xlsx").write_bytes(next((inbox / "第1批").iterdir()).read_bytes())
    return folder


@pytest.fixture(scope="module")
def places(share: Path) -> Iterator[dict[str, str]]:
    """The share by URL: by kind, without a slash at its end."""
    memory = fsspec.filesystem("memory")
    for path in share.rglob("*"):
        if path.is_file():
            memory.pipe(f"/share/{path.relative_to(share).as_posix()}", path.read_bytes())
    with url_servers.web(share) as (web, _), url_servers.sftp(share) as sftp, url_servers.bucket(share) as s3:
        yield {"memory": "memory://share", "file": f"file://{share}", "http": web, "sftp": sftp, "s3": s3}


KINDS = ("memory", "file", "http", "sftp", "s3")


@pytest.fixture(params=KINDS)
def base(request: pytest.FixtureRequest, places: dict[str, str]) -> str:
    """The URL of the share, of each kind."""
    return places[request.param]


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, words, catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


SOURCES = {
    "a folder": ("收到的表/",),
    "a folder in it": ("收到的表/第1批/", "收到的表/第2批/"),
    "a zip": ("收到的表/压缩.zip",),
    "a file that is none": ("收到的表/坏的.xlsx", "收到的表/没有.xlsx"),
}


@pytest.mark.parametrize("names", SOURCES.values(), ids=SOURCES)
def test_a_check_finds_by_url_what_it_finds_by_path(names: tuple[str, ...], base: str, share: Path) -> None:
    by_path = run("check", *(str(share / name) for name in names), "--format", "json")
    by_url = run("check", *(f"{base}/{name}" for name in names), "--format", "json")
    status, out, err = (one.replace(str(share), shown_url(base)) if isinstance(one, str) else one for one in by_path)
    assert (status, json.loads(out), err) == (by_url[0], json.loads(by_url[1]), by_url[2])


def test_a_glob_names_what_a_shell_would(base: str, share: Path) -> None:
    files = sorted(str(path) for path in (share / "收到的表").glob("第*/*.xlsx"))
    assert len(files) == UNITS - 1
    by_path, by_url = run("read", *files, "--json"), run("read", f"{base}/收到的表/第*/*.xlsx", "--json")
    assert by_url == (by_path[0], by_path[1].replace(str(share), shown_url(base)), by_path[2])
    status, _, err = run("flag", f"{base}/收到的表/没有*.xlsx", "-o", "退回")
    assert (status, err) == (2, f"{shown_url(base)}/收到的表/没有*.xlsx：没有这个文件。\n")


def test_what_is_written_is_the_same(base: str, share: Path, tmp_path: Path) -> None:
    for verb, target in (("flag", "退回"), ("correct", "规范"), ("read", "数据")):
        by_path = run(verb, f"{share}/收到的表", "-o", str(tmp_path / "path" / target))
        by_url = run(verb, f"{base}/收到的表/", "-o", str(tmp_path / "url" / target))
        assert by_url[0] == by_path[0] == 2, verb  # a file is damaged
        assert contents(tmp_path / "url" / target) == contents(tmp_path / "path" / target) != {}
    run("remarks", f"{share}/收到的表", "-o", str(tmp_path / "path" / "处理.xlsx"))
    run("remarks", f"{base}/收到的表/", "-o", str(tmp_path / "url" / "处理.xlsx"))
    assert contents(tmp_path / "url") == contents(tmp_path / "path")


def test_workers_open_urls_themselves(base: str, share: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "MANY", 2)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    status, out, err = run("check", f"{share}/收到的表", "--format", "json")
    by_url = run("check", f"{base}/收到的表/", "--format", "json")
    assert by_url == (
        status,
        out.replace(str(share), shown_url(base)),
        err.replace(str(share), shown_url(base)),
    )
    listed = list_items(*places_of(f"{base}/收到的表/"))
    assert len(listed.items) == UNITS + 1
    for item in listed.items:
        assert len(pickle.dumps(item)) < 2000  # what goes to a worker is the URL


def test_a_round_takes_in_the_same(base: str, share: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {}
    for name, source in (("path", f"{share}/收到的表"), ("url", f"{base}/收到的表/")):
        assert run("round", "new", str(tmp_path / name), "--year", "2024", "--phase", "一上")[0] == 0
        monkeypatch.chdir(tmp_path / name)
        (tmp_path / name / "名册.yaml").write_text(
            "units:\n" + "".join(f"- {{code: '9070{at:02}', name: 单位{at}}}\n" for at in range(1, UNITS + 1)),
            encoding="utf-8",
        )
        status, _, err = run("round", "registry", "名册.yaml")
        assert status == 0, err
        taken = run("round", "collect", source, "--json")
        said[name] = taken[0], json.loads(taken[1])
    assert said["url"] == said["path"]
    assert not any(PASSWORD.encode() in data for data in contents(tmp_path / "url").values())
    assert run("round", "collect", f"{base}/收到的表/")[0] == said["url"][0]  # nothing is taken twice
    status, _, err = run("round", "collect", "--watch", f"{base}/收到的表/")
    assert (status, err.count("\n")) == (2, 1)


def test_a_zip_in_a_zip_is_opened_for_a_round(base: str, share: Path) -> None:
    by_path = list_arrived([share / "包.zip"]).items
    by_url = list_arrived([f"{base}/包.zip"]).items
    assert [item.content() for item in by_url] == [item.content() for item in by_path]
    assert [item.label.replace(shown_url(base), str(share)) for item in by_url] == [item.label for item in by_path]
    assert [item.time() for item in by_url] == [item.time() for item in by_path]


def test_limits_of_size_hold(base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "限.yaml").write_text("file: 5000\n", encoding="utf-8")
    monkeypatch.setenv("PERFXL_LIMITS", str(tmp_path / "限.yaml"))
    status, _, err = run("check", f"{base}/收到的表/第1批/")
    assert status == 2
    assert "上限5000字节" in err


def test_every_file_of_the_web_is_asked_for_once(share: Path) -> None:
    """A signature may be for GET alone, and a server may give no parts."""
    with url_servers.web(share) as (web, asked):
        file = next((share / "收到的表" / "第1批").iterdir())
        assert run("check", f"{web}/收到的表/第1批/{file.name}?X-Amz-Signature=0a%2Fb%2Bc")[0] in (0, 1)
        ((method, path),) = asked
        assert method == "GET"
        assert path.endswith("?X-Amz-Signature=0a%2Fb%2Bc")
        asked.clear()
        run("check", f"{web}/收到的表/压缩.zip")
        assert len(asked) == 1


FAULTS = {
    "nobody": ("{nobody}/表.xlsx", "连不上服务器"),
    "a folder of nobody": ("{nobody}/收到的表/", "连不上服务器"),
    "no such host": ("http://host.invalid/表.xlsx", "连不上服务器"),
    "silent": ("{silent}/表.xlsx", "没有按时回应"),
    "missing": ("{http}/没有.xlsx", "没有这个文件"),
    "missing in memory": ("{memory}/没有/没有.xlsx", "没有这个文件"),
    "missing bucket": ("s3://meiyou/没有.xlsx", "没有这个文件"),
    "a missing folder": ("{http}/没有/", "没有这个文件"),
    "no password": ("{http}/内部/表.xlsx", "用户名、密码和权限"),
    "missing on sftp": ("{sftp}/没有.xlsx", "没有这个文件"),
    "a wrong password": ("sftp://ganbu:falsch@{sftp_host}/收到的表/", "用户名、密码和权限"),
    "broken off": ("{http}/断/表.xlsx", "磁盘或网络出错"),
    "unknown": ("gopher://host/表.xlsx", "不认识gopher://"),
    "no library": ("webhdfs-x+y://host/表.xlsx", "不认识"),
    "not installed": ("smb://host/share/表.xlsx", "pip install smbprotocol"),
    "no port": ("http://host:port/表.xlsx", "打不开"),
    "records": ("{http}/收到的表/数据.yaml", "先存到本机"),
    "an empty zip": ("{http}/空的.zip", "没有这个文件"),
}


@pytest.mark.parametrize(("url", "words"), FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("verb", ["check", "flag"])
def test_a_fault_is_one_sentence(
    verb: str, url: str, words: str, places: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "{silent}" in url:
        monkeypatch.setattr(urls, "PATIENCE", 0.5)
    with url_servers.silent() as silent:
        full = url.format(
            **places, sftp_host=places["sftp"].rpartition("@")[2], silent=silent, nobody=url_servers.nobody()
        )
        status, _, err = run(verb, full, *(("-o", str(tmp_path / "退回")) if verb == "flag" else ()))
    said, *tally = err.splitlines()
    assert (status, tally) == (2, ["有1个文件没有审核"] if verb == "check" else [])
    assert words in said
    assert said.startswith(shown_url(full))
    assert list(tmp_path.iterdir()) == []


def test_a_password_opens_and_is_never_shown(
    places: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    web = places["http"].replace("http://", f"http://{USER}:{PASSWORD}@")
    wrong = places["http"].replace("http://", "http://ganbu:cuode-9@")
    monkeypatch.chdir(tmp_path)
    assert run("round", "new", "批次", "--year", "2024", "--phase", "一上")[0] == 0
    said = [
        run("check", f"{web}/内部/表.xlsx?X-Amz-Signature=qianming", "--format", "json"),
        run("check", f"{web}/内部/", "--format", "html"),
        run("read", f"{web}/内部/表.xlsx", "--json"),
        run("flag", f"{web}/内部/表.xlsx", "-o", "退回"),
        run("correct", f"{web}/内部/表.xlsx", "-o", "规范"),
        run("remarks", f"{web}/内部/表.xlsx", "-o", "处理.xlsx"),
        run("check", f"{wrong}/内部/表.xlsx?token=qianming"),
        run("check", f"{web}/没有/表.xlsx"),
        run("round", "collect", f"{web}/内部/表.xlsx?X-Amz-Signature=qianming", "--in", "批次"),
        run("round", "collect", f"{wrong}/内部/表.xlsx", "--in", "批次"),
        run("round", "export", "--in", "批次"),
        run("flag", f"{web}/内部/表.xlsx", "-o", f"s3://{USER}:{PASSWORD}@b/退回"),
        run("generate", f"{web}/内部/数据.yaml", "-o", "下发"),
        run("check", f"{web}/内部/", "--forms", f"{web}/表样"),
    ]
    assert [status for status, _, _ in said[:6]] == [said[0][0]] * 2 + [0] + [said[0][0]] * 3
    assert said[0][0] in (0, 1)
    secret = re.compile(f"{PASSWORD}|{USER}|cuode-9|qianming".encode())
    for status, out, err in said:
        assert not secret.search(f"{out}{err}".encode()), (status, err)
    for path, data in contents(tmp_path).items():
        inside = [data]
        if zipfile.is_zipfile(tmp_path / path):
            with zipfile.ZipFile(tmp_path / path) as archive:
                inside += [archive.read(name) for name in archive.namelist()]
        assert not any(secret.search(one) for one in inside), path
    with pytest.raises(PackageError) as raised:
        perfxl.read(f"{wrong}/内部/表.xlsx?token=qianming")
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None
    assert not secret.search(repr(raised.value).encode())
    assert not secret.search(repr(list_items(*places_of(f"{web}/内部/")).items).encode())


SHOWN = {
    "https://u:p@h:80/a/b.xlsx?X=1#f": "https://h:80/a/b.xlsx",
    "https://token@h/b.xlsx": "https://h/b.xlsx",
    "HTTPS://h?token=1": "https://h",
    "https://h/%E6%9F%B3%0A.xlsx?a=/b@c": "https://h/柳\\n.xlsx",
    "https://h:8000/a@b.xlsx": "https://h:8000/a@b.xlsx",
    "http://[::1]:8000/a@b.xlsx": "http://[::1]:8000/a@b.xlsx",
    "sftp://u:p?#x@h/b.xlsx": "sftp://h/b.xlsx",
    "sftp://u@x:p/a@h/b.xlsx": "sftp://h/b.xlsx",
    "sftp://u:p/a@h/b.xlsx": "sftp://h/b.xlsx",
    "s3://b/a@b?.xlsx": "s3://b/a@b?.xlsx",
    "abfs://acc/x.xlsx?sv=1&sig=a/b": "abfs://acc/x.xlsx",
}


@pytest.mark.parametrize(("text", "shown"), SHOWN.items())
def test_a_url_is_shown_without_what_lets_one_in(text: str, shown: str) -> None:
    assert shown_url(text) == shown


def test_files_of_the_root_are_named_below_it() -> None:
    fsspec.filesystem("memory").pipe("/root.xlsx", b"x")
    for source in ("memory://", "memory:///", "memory:///root.xlsx"):
        assert "memory://root.xlsx" in {
            item.label.replace(":///", "://") for item in list_items(*places_of(source)).items
        }


def test_what_is_a_url_and_what_a_path(tmp_path: Path) -> None:
    assert [is_url(one) for one in ("s3://b", "memory://x", "C:\\表.xlsx", "C://表.xlsx", "表.xlsx", b"a://", Path("s3:/b"))] == [
        True, True, False, False, False, False, False,
    ]  # fmt: skip
    assert places_of("表.xlsx") == [Path("表.xlsx")]
    with pytest.raises(TypeError, match="as a text") as raised:
        perfxl.read(Path("sftp://u:mima@host/表.xlsx"))
    assert "mima" not in str(raised.value)


def test_a_name_that_leads_elsewhere_leads_nowhere() -> None:
    memory = fsspec.filesystem("memory")
    for name in ("x\\..\\..\\出.xlsx", "a:b.xlsx", "CON.xlsx"):
        memory.pipe(f"/names/{name}", b"x")
    names = [item.name for item in list_items(*places_of("memory://names")).items]
    assert names == [PurePosixPath(name) for name in ("_CON.xlsx", "a_b.xlsx", "x_.._.._出.xlsx")]
    assert Url("", "", "https://h/..").name == "_"


def test_nothing_is_written_to_a_url(tmp_path: Path, share: Path) -> None:
    for words in (
        ("flag", f"{share}/收到的表", "-o", "s3://bucket/退回"),
        ("correct", f"{share}/收到的表", "-o", "memory://规范.xlsx"),
        ("read", f"{share}/收到的表", "-o", "file:///tmp/数据.yaml"),
        ("generate", "数据.yaml", "-o", "s3://bucket/下发"),
    ):
        status, out, err = run(*words)
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert "不能写网址" in err
    for verb in (perfxl.flag, perfxl.correct):
        with pytest.raises(NothingToDo, match="不能写网址"):
            verb(share / "收到的表", output="s3://u:mima@bucket/退回")
    with pytest.raises(NothingToDo, match="不能写网址") as raised:
        perfxl.generate("https://u:mima@host/数据.yaml", output=tmp_path / "下发")
    assert "mima" not in str(raised.value)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "表").mkdir()
    (tmp_path / "表" / "表.xlsx").symlink_to("/etc/hostname")
    (tmp_path / "表" / "圈").symlink_to(tmp_path)
    for source in (str(tmp_path), f"file://{tmp_path}"):
        listed = list_items(*places_of(source))
        assert [(item.name.as_posix(), item.refusal and item.refusal.what) for item in listed.items] == [
            ("表/圈", "link"), ("表/表.xlsx", "link"),
        ], source  # fmt: skip


def test_without_the_extra_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "fsspec.py").write_text("raise ImportError('fsspec')\n", encoding="utf-8")
    for words in (["check", "s3://bucket/表.xlsx"], ["read", "s3://bucket/表/", "--lang", "en"]):
        code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from perfxl.cli import main; main({words!r})"
        made = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=False
        )
        assert made.returncode == 2
        assert "Traceback" not in made.stderr
        assert "pip install 'perfxl[urls]'" in made.stderr


def test_paths_alone_load_nothing_of_it(share: Path) -> None:
    file = next((share / "收到的表" / "第1批").iterdir())
    code = f"import sys, perfxl; perfxl.check({str(file)!r}); print([m for m in ('fsspec', 'aiohttp') if m in sys.modules])"
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert made.stdout == "[]\n"


def test_a_url_is_asked_anew_in_every_call() -> None:
    memory = fsspec.filesystem("memory")
    for count in (1, 2):
        with memory.open("/new/包.zip", "wb") as stream, zipfile.ZipFile(stream, "w") as archive:
            for at in range(count):
                archive.writestr(f"{at}.xlsx", b"x")
        assert len(list_items(*places_of("memory://new/包.zip")).items) == count
    assert parse_url("memory://new/包.zip") != parse_url("memory://new/包.zip")


@pytest.mark.skipif(os.name == "nt", reason="processes that are killed")
def test_workers_of_a_cluster_open_urls_themselves(
    places: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(workers, "MANY", 2)
    source = f"{places['http']}/收到的表/"
    for verb, target in (("flag", "退回"), ("remarks", "处理.xlsx")):
        run(verb, source, "-o", f"alone/{target}")
    with running(tmp_path / "cluster") as cluster:
        for verb, target in (("flag", "退回"), ("remarks", "处理.xlsx")):
            status, _, err = run(verb, source, "-o", f"there/{target}", "--cluster", cluster.address)
            assert status == 2, err
    assert contents(tmp_path / "there") == contents(tmp_path / "alone") != {}
