"""Files are written whole or not at all: on a full disk, where a process is killed, over links, under names of devices."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest
from click.testing import CliRunner
from workbook.conftest import example

import perfxl
from perfxl.batch import output as files
from perfxl.batch.targets import check_distinct, target_path
from perfxl.cli import main
from perfxl.errors import NothingToDo, OutputExists, OutputFailed
from perfxl.workbook.sheet.file_name import is_reserved, safe_name

POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no limits, signals and links of this kind")


@pytest.fixture(scope="module")
def returned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with four workbooks, each of a project, the third the largest."""
    folder = tmp_path_factory.mktemp("returned")
    held = example("project-target")
    held["projects"] = held["projects"][:4]
    for book in perfxl.generate(held, by="project", prefill="all"):
        (folder / PurePosixPath(book.name).name).write_bytes(book.data)
    return folder


def run(*words: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


# A full disk ------------------------------------------------------------------------------------------------------------

LIMITED = (
    "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
    "resource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0})); from perfxl.cli import main; main(sys.argv[1:])"
)


@POSIX
@pytest.mark.parametrize("verb", ["flag", "correct"])
def test_the_files_that_were_written_are_named(verb: str, returned: Path, tmp_path: Path) -> None:
    """A limit of the size of a file stands for a disk on which one of four files has no room."""
    assert run(verb, returned, "-o", tmp_path / "all")[0] in (0, 1)
    sizes = {path.name: path.stat().st_size for path in (tmp_path / "all").iterdir()}
    largest = max(sizes, key=lambda name: sizes[name])
    code = LIMITED.format(sizes[largest] - 1)
    words = [sys.executable, "-P", "-c", code, verb, str(returned), "-o", str(tmp_path / "out")]
    ran = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", check=False)
    others = sorted(sizes.keys() - {largest})
    failed = f"{tmp_path / 'out' / largest}：写不进去（超过允许的文件大小），请换一个位置，或先关闭正打开它的程序。"
    named = "、".join(str(tmp_path / "out" / name) for name in others)
    assert ran.returncode == 2
    assert ran.stderr.startswith(f"{failed}已写好3个文件：{named}。\n")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == others


@POSIX
def test_generate_names_what_it_wrote_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = files.write_file

    def full(path: Path, data: bytes) -> None:
        if path.name.startswith("03"):
            raise OutputFailed(file=str(path), reason="no_space", written=())
        written(path, data)

    monkeypatch.setattr(files, "write_file", full)
    with pytest.raises(OutputFailed) as caught:
        perfxl.generate(example("project-target"), by="project", output=tmp_path)
    assert [Path(path).name[:2] for path in caught.value.written] == ["01", "02"]


# What a killed process leaves ---------------------------------------------------------------------------------------------

STOPPED = """
import sys, time
from pathlib import Path
from perfxl.batch import output
Path.replace = lambda *_: (print("here", flush=True), time.sleep(60))
output.write_file(Path(sys.argv[1]) / "a.xlsx", b"x" * 1000)
"""


@POSIX
def test_what_a_killed_process_left_is_gone_after_the_next(tmp_path: Path) -> None:
    words = [sys.executable, "-P", "-c", STOPPED, str(tmp_path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == b"here\n"
        (left,) = tmp_path.iterdir()
        files.check_free([tmp_path / "b.xlsx"], force=False)
        assert left.exists(), "its process lives"
        killed.send_signal(signal.SIGKILL)
        killed.wait(10)
    other = tmp_path / left.name.replace(".perfxl-", ".perfxl-0")
    other.write_bytes(b"another machine's")
    for _ in range(50):
        files.check_free([tmp_path / "b.xlsx"], force=False)
        if not left.exists():
            break
        time.sleep(0.1)
    assert [*tmp_path.iterdir()] == [other]


# Links, and what is no file ------------------------------------------------------------------------------------------------


def to_nothing(path: Path) -> None:
    path.symlink_to(path.with_name("nothing"))


def to_a_file(path: Path) -> None:
    path.with_name("mine").write_bytes(b"mine")
    path.symlink_to(path.with_name("mine"))


@POSIX
@pytest.mark.parametrize("make", [to_nothing, to_a_file])
def test_a_link_is_replaced_with_leave_alone(make: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    make(path)
    with pytest.raises(OutputExists):
        files.check_free([path], force=False)
    assert path.is_symlink()
    files.check_free([path], force=True)
    files.write_file(path, b"new")
    assert (path.is_symlink(), path.read_bytes()) == (False, b"new")
    assert not (tmp_path / "nothing").exists()
    assert make is to_nothing or (tmp_path / "mine").read_bytes() == b"mine"


REFUSED = {
    "a pipe": (lambda folder: os.mkfifo(folder / "p.xlsx"), "p.xlsx", "no_plain_file"),
    "a folder that is a link to nothing": (lambda folder: to_nothing(folder / "d"), "d/a.xlsx", "link_to_nothing"),
    "a folder that is a file": (lambda folder: (folder / "f").write_bytes(b""), "f/a.xlsx", "no_folder"),
    "a name of 300 characters": (lambda _: None, f"{'x' * 300}.xlsx", "name_too_long"),
    "a device of Windows": (lambda _: None, "nul.xlsx", "bad_name"),
    "a device as a folder": (lambda _: None, "COM1/a.xlsx", "bad_name"),
}


@POSIX
@pytest.mark.parametrize("case", REFUSED)
def test_a_place_that_takes_no_file(case: str, returned: Path, tmp_path: Path) -> None:
    make, name, reason = REFUSED[case]
    make(tmp_path)
    with pytest.raises(OutputFailed) as caught:
        files.check_free([tmp_path / name], force=True)
    assert caught.value.reason == reason
    before = sorted(tmp_path.iterdir())
    book = next(returned.iterdir())
    status, out, err = run("flag", book, "-o", tmp_path / name, "--force")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "写不进去" in err
    assert sorted(tmp_path.iterdir()) == before


# Names ------------------------------------------------------------------------------------------------------------------

DEVICES = ["CON", "PRN", "AUX", "NUL", "CONIN$", "COM0", "COM1", "COM9", "LPT1", "LPT9", "COM¹", "con", "Nul"]
ENDS = ["", ".", " ", ".xlsx", ".2024.", "  .x"]
PARTS = ["甲", "\U00020000", "\0", "/", "\\", ":", "?", "\x1b", "\x9b", "\u202e", "\ud800", " ", ".", "..", *DEVICES]


def test_no_name_is_a_device_or_too_long() -> None:
    dice = random.Random(1)
    invented = ["".join(dice.choices(PARTS, k=dice.choice([0, 1, 2, 3, 50, 300]))) for _ in range(300)]
    for name in [*(device + end for device in DEVICES for end in ENDS), *invented]:
        for made_of in (safe_name(name), f"{safe_name(name)}.xlsx"):
            assert 0 < len(os.fsencode(made_of)) <= 255, ascii(name)
            assert not is_reserved(made_of), ascii(name)
            assert not set(made_of) & set('<>:"/\\|?*\0\x1b\x9b\u202e\ud800'), ascii(name)
        assert safe_name(name)[-1] not in " .", ascii(name)
        assert safe_name(safe_name(name)) == safe_name(name), ascii(name)


def test_an_ordinary_name_stays() -> None:
    for name in ("907001清溪县柳溪镇人民政府本级", "05.清财农〔2023〕91号", "CONTROL", "com10", "空 格"):
        assert safe_name(name) == name
        assert target_path(PurePosixPath(f"{name}.xlsx"), Path("o")) == Path(f"o/{name}.xlsx")


def test_files_that_were_sent_under_names_of_devices(returned: Path, tmp_path: Path) -> None:
    (tmp_path / "in" / "aux").mkdir(parents=True)
    book = next(returned.iterdir()).read_bytes()
    (tmp_path / "in" / "aux" / "con.xlsx").write_bytes(book)
    assert run("flag", tmp_path / "in", "-o", tmp_path / "out")[0] in (0, 1)
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("out/**/*.xlsx")] == ["out/_aux/_con.xlsx"]


@pytest.mark.parametrize(
    ("unit", "name"),
    [({"name": "CON"}, "_CON.xlsx"), (None, "项目绩效目标表.xlsx"), ({"name": " "}, "项目绩效目标表.xlsx")],
)
def test_what_a_unit_s_workbook_is_called(unit: dict[str, str] | None, name: str) -> None:
    held = {key: value for key, value in {**example("project-target"), "unit": unit}.items() if value is not None}
    assert [book.name for book in perfxl.generate(held)] == [name]


def test_a_text_to_paste_is_shown_by_old_notepads() -> None:
    assert files.text_bytes("甲镇：\n请报回。\n") == b"\xef\xbb\xbf" + "甲镇：\r\n请报回。\r\n".encode()


def test_two_files_do_not_get_one_name(tmp_path: Path) -> None:
    """On many systems a name is the same in other letters' case."""
    check_distinct([tmp_path / "a.yaml", tmp_path / "b.yaml"])
    with pytest.raises(NothingToDo) as caught:
        check_distinct([tmp_path / "b.yaml", tmp_path / "a.yaml", tmp_path / "A.yaml"])
    assert caught.value.facts["file"] == str(tmp_path / "A.yaml")
