"""Runs perfxl on one call after another, each in a process of its own, and says how long it took and what it needed.

    python judge.py < calls > answers

A call is a line of JSON, the words of a command line; an answer is a line of JSON: ``status``, ``out``, ``err``,
``seconds`` (CPU), ``megabytes`` (the most that was resident), ``traceback`` if there was one. It imports nothing of the
tests, so that what it measures is perfxl.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import traceback
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import perfxl.commands
from perfxl.cli import main

# every verb is loaded beforehand: what is measured is work on a file
assert all((perfxl.commands, perfxl.read, perfxl.check, perfxl.flag, perfxl.correct, perfxl.generate))


def child(words: list[str], out: Path, err: Path, trace: Path) -> None:
    status = 0
    stdout, stderr = (path.open("w", encoding="utf-8", errors="backslashreplace") for path in (out, err))
    with stdout, stderr, redirect_stdout(stdout), redirect_stderr(stderr):
        try:
            main(words, standalone_mode=True)
        except SystemExit as ended:
            status = int(ended.code or 0)
        except BaseException:
            trace.write_text(traceback.format_exc(), "utf-8")
            status = 3
    os._exit(status)


def judge(words: list[str], folder: Path) -> dict[str, object]:
    out, err, trace = (folder / word for word in ("out", "err", "trace"))
    trace.unlink(missing_ok=True)
    pid = os.fork()
    if pid == 0:
        child(words, out, err, trace)
    _, status, used = os.wait4(pid, 0)
    return {
        "status": os.waitstatus_to_exitcode(status),
        "out": out.read_text("utf-8"),
        "err": err.read_text("utf-8"),
        "seconds": used.ru_utime + used.ru_stime,
        "megabytes": used.ru_maxrss / (1024 if sys.platform == "linux" else 1 << 20),
        "traceback": trace.read_text("utf-8") if trace.exists() else "",
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        for line in sys.stdin:
            print(json.dumps(judge(json.loads(line), Path(name))), flush=True)
