"""Files and folders that are named by a URL: on a server or in an object store, by ``fsspec``.

A URL is asked by whoever needs the file, a worker too; nothing is kept of it but what is said. No exception of another
library goes on from here: its text may hold what stands in a URL and is nobody's business.
"""

from __future__ import annotations

import datetime
import os
import queue
import re
import socket
import string
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import import_module
from pathlib import PurePosixPath
from typing import IO, Any, NamedTuple, TypeVar
from urllib.parse import quote, unquote

from perfxl.errors import PackageError, PerfxlError, reason_of
from perfxl.messages import one_line
from perfxl.workbook.ooxml.limits import Limits
from perfxl.workbook.sheet.file_name import safe_name

Answer = TypeVar("Answer")

PATIENCE = 60.0
"""Seconds in which a server answers one question, or sends the next piece of a file."""

_PIECE = 1 << 20  # bytes that are asked for at once
_DEEPEST = 40  # folders within each other: links of a server may lead in a circle
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]+)://")
_WEB = ("http", "https")
_HERE = PurePosixPath()
_LIBRARIES = ("fsspec", "aiohttp", "aiobotocore", "botocore", "s3fs", "paramiko")


def is_url(source: object) -> bool:
    """Return whether a text names a file or folder by a URL; ``C:\\表.xlsx`` and a path do not."""
    return isinstance(source, str) and bool(_URL.match(source))


def shown_url(text: str) -> str:
    """Return a URL as it may be shown: without user, password, and what stands behind ``?`` or ``#``."""
    scheme, _, rest = text.partition("://")
    scheme = scheme.lower()
    host, slash, path = rest.partition("/")
    # a password may hold a slash, where nobody wrote %2F for it; behind a host there is but a port
    while "@" in host or ("@" in path and re.search(r"^[^\[].*:(?!\d*$)", host)):
        rest = rest.partition("@")[2] if "@" in host else rest.rpartition("@")[2]
        host, slash, path = rest.partition("/")
    if scheme in _WEB:
        host, path = re.split(r"[?#]", host, maxsplit=1)[0], unquote(re.split(r"[?#]", path, maxsplit=1)[0])
    else:
        path = re.sub(r"[?#][^/]*=.*", "", path, flags=re.DOTALL)
    return one_line(f"{scheme}://{host}{slash}{path}")


class Walked(NamedTuple):
    """What lies in a folder: its name below it, where it is, and why it is not read; a folder, where that is one."""

    inside: PurePosixPath
    url: Url
    refusal: PackageError | None = None
    is_folder: bool = False


@dataclass(frozen=True)
class Url:
    """A file or folder by its URL.

    ``text``: as it was typed; ``path``: where it is, as its filesystem says; ``shown``: as people may see it;
    ``asked``: the nanosecond at which it was named, so that what was fetched for one call is not taken for another;
    ``changed``: the second since 1970 at which it was changed, None where that is not known.
    """

    text: str = field(repr=False)
    path: str = field(repr=False)
    shown: str
    asked: int = field(default_factory=time.time_ns, repr=False)
    changed: float | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return self.shown

    @property
    def name(self) -> str:
        """The name of the file, as every system takes it."""
        return _name_of(self.shown)

    @property
    def suffix(self) -> str:
        """The ending of its name."""
        return PurePosixPath(self.name).suffix

    def matches(self) -> list[Url]:
        """Return what is named with ``*`` or ``[…]`` in the path, by name, or this where nothing is.

        Raises PackageError.
        """
        signs = r"\*" if self._is_web else r"[*\[]"  # ? begins what is no name, for most of them
        sign = re.search(signs, self.shown.partition("://")[2])
        if not sign or (not self._is_web and self._state() is not None):
            return [self]
        found = self._ask(lambda system: sorted(system.glob(self.path)), 10 * PATIENCE)
        inside = len(self.path[: re.search(signs, self.path).start()].rpartition("/")[0])  # type: ignore[union-attr]
        above = re.split(signs, self.shown, maxsplit=1)[0].rpartition("/")[0]
        named = [(self._sent(path), f"{above}{self._plain(path[inside:])}") for path in found]
        return [replace(self, path=path, shown=shown) for path, shown in named] or [self]

    def look(self) -> tuple[Url, bool]:
        """Return this with the time of its change, and whether it is a folder. Raises PackageError.

        On the web a folder's URL ends in a slash. What is not there is no folder.
        """
        if self._is_web:
            return self, self.shown.endswith("/")
        state = self._state() or {}
        return replace(self, changed=_time_of(state)), state.get("type") == "directory"

    def walk(self, inside: PurePosixPath = _HERE) -> Iterator[Walked]:
        """Yield the files in this folder and the folders in it.

        A link is reported and not followed, a folder in it that cannot be listed is reported. Raises PackageError where
        this folder cannot be listed.
        """
        for name, entry in sorted(self._entries(), key=lambda found: found[0]):
            url = replace(
                self,
                path=self._sent(str(entry["name"])),
                shown=f"{self.shown}{'' if self.shown.endswith('/') else '/'}{one_line(name)}",
                changed=_time_of(entry),
            )
            below = inside / _name_of(name)
            kind = entry.get("type")
            if entry.get("islink") or kind == "link":
                # few systems say what it leads to: by its name a folder has no ending
                leads_to_folder = kind == "directory" or (kind != "file" and not below.suffix)
                yield Walked(below, url, PackageError(file=url.shown, what="link"), leads_to_folder)
            elif kind == "directory":
                try:
                    yield from url.walk(below)
                except PackageError as error:
                    yield Walked(below, url, error, is_folder=True)
            else:
                yield Walked(below, url, None if kind == "file" else PackageError(file=url.shown, what="no_plain_file"))

    def read(self, limits: Limits) -> bytes:
        """Return the file's bytes. Raises PackageError for one that cannot be had, or is too large."""
        pieces = []
        size = 0
        for piece in self._pieces():
            pieces.append(piece)
            size += len(piece)
            if size > limits.file:
                raise PackageError(file=self.shown, what="too_large", size=size, limit=limits.file)
        return b"".join(pieces)

    def fetched(self) -> IO[bytes]:
        """Return the file, fetched once by this process for this call; it is not to be closed. Raises PackageError."""
        stream = _fetch(self, os.getpid())
        stream.seek(0)
        return stream

    def beside(self) -> frozenset[str] | None:
        """Return the names of the files in its folder; None where it cannot be looked into."""
        path = re.split(r"[?#]", self.path, maxsplit=1)[0] if self._is_web else self.path
        above = path.rstrip("/").rpartition("/")[0]
        return _names_in(replace(self, path=f"{above}/" if self._is_web else above, changed=None), os.getpid())

    @property
    def _is_web(self) -> bool:
        return self.shown.partition("://")[0] in _WEB

    def _plain(self, path: str) -> str:
        return unquote(path) if self._is_web else one_line(path)

    def _sent(self, path: str) -> str:
        return _quoted(path) if self._is_web else path

    def _state(self) -> Mapping[str, Any] | None:
        """Return what the server knows of it, None where it is not there. Raises PackageError."""
        try:
            state: Mapping[str, Any] = self._ask(lambda system: system.info(self.path))
            return state
        except PackageError as error:
            if error.facts["what"] == "no_file":
                return None
            raise

    def _entries(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield what is in this folder, with its name. Raises PackageError."""
        if self.path.count("/") > _DEEPEST + self.text.count("/"):
            raise PackageError(file=self.shown, what="unreadable", reason="too_many_links")
        for entry in self._ask(lambda system: system.ls(self.path, detail=True)):
            path = str(entry["name"])
            if self._is_web and re.search(r"[?#]", path.removeprefix(self.path)):  # it sorts a server's list
                continue
            name = self._plain(path.rstrip("/").rpartition("/")[2])
            if name not in ("", ".", "..") and path.strip("/") != self.path.strip("/"):
                yield name, entry

    def _pieces(self) -> Iterator[bytes]:
        # of the web in one go: not every server gives a part, and a signature may be for this request alone
        whole = {"block_size": 0, "size": 1} if self._is_web else {}
        stream = self._ask(lambda system: system.open(self.path, "rb", **whole))
        try:
            while piece := self._ask(lambda _: stream.read(_PIECE)):
                yield piece
        finally:
            with suppress(Exception):
                stream.close()

    def _ask(self, work: Callable[[Any], Answer], patience: float | None = None) -> Answer:
        """Return what the filesystem answers. Raises PackageError."""
        kind = _kind_of_system(self.text, self.shown)
        try:
            return _in_time(lambda: work(_system(kind, self.text)), patience or PATIENCE)
        except PerfxlError:
            raise
        except Exception as error:  # whatever another library raises
            refusal = _refusal(error, self.shown)
        if refusal.facts["what"] != "no_file":
            kind.clear_instance_cache()  # the next question is asked of a new connection
        raise refusal


def parse_url(text: str) -> Url:
    """Return what a URL names; the server is not asked.

    Raises PackageError where fsspec, or what it needs for this kind of URL, is not installed, or nobody knows the kind.
    """
    shown = shown_url(text)
    kind = _kind_of_system(text, shown)
    text = re.sub(_URL, lambda scheme: scheme[0].lower(), text, count=1)
    try:
        path = _quoted(text.partition("#")[0]) if shown.startswith(("http:", "https:")) else kind._strip_protocol(text)
        return Url(text, str(path), shown)
    except Exception:  # it is none, as by a port that is no number
        refusal = PackageError(file=shown, what="unreadable", reason="bad_name")
    raise refusal


def _kind_of_system(text: str, shown: str) -> Any:
    """Return the class of fsspec for a URL. Raises PackageError."""
    scheme = text.partition("://")[0].lower()
    refusal: PackageError
    try:
        fsspec = import_module("fsspec")  # late, and only here: it is no part of what is installed always
    except ImportError:
        raise PackageError(file=shown, what="no_urls") from None
    _quieten(_LIBRARIES)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return fsspec.get_filesystem_class(scheme)
    except ImportError as error:
        known = import_module("fsspec.registry").known_implementations.get(scheme, {}).get("class", scheme)
        missing = error.name or getattr(error.__cause__, "name", None) or known.partition(".")[0]
        library = _PACKAGES.get(missing, missing)
        refusal = PackageError(file=shown, what="no_library", scheme=scheme, library=library)
    except ValueError:
        refusal = PackageError(file=shown, what="unknown_scheme", scheme=scheme)
    raise refusal


def _quieten(libraries: Iterable[str]) -> None:
    """Let none of these libraries write to standard error."""
    import logging  # late: it costs a hundredth of a check of one file

    for name in libraries:
        if not logging.getLogger(name).handlers:
            logging.getLogger(name).addHandler(logging.NullHandler())


_PACKAGES = {"smbclient": "smbprotocol", "libarchive": "libarchive-c"}  # by the modules in them, where these differ


def _system(kind: Any, text: str) -> Any:
    """Return the filesystem that a URL is of, which knows nothing of before."""
    options = kind._get_kwargs_from_urls(text)
    if text.startswith(("http:", "https:")):
        # a signature holds for what was typed; but the name of a host is written otherwise
        options = {**options, "encoded": text.split("/")[2].isascii()}
    system = kind(**options)
    system.invalidate_cache()
    return system


def _quoted(text: str) -> str:
    """Return a URL of the web as it is sent: what is no ASCII as ``%E6…``, all else as it was typed."""
    scheme, mark, rest = text.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host}{slash}{quote(path, safe=string.punctuation)}"


def _in_time(work: Callable[[], Answer], patience: float) -> Answer:
    """Return what the work gives. Raises TimeoutError where it takes too long; its thread is left to itself then."""
    helper: _Helper | None = getattr(_OF_THREAD, "helper", None)
    if helper is None or helper.process != os.getpid():  # threads do not come along into a process that is forked
        helper = _OF_THREAD.helper = _Helper()
    done: _Done = queue.SimpleQueue()
    helper.tasks.put((work, done))
    try:
        answer, error = done.get(timeout=patience)
    except queue.Empty:
        del _OF_THREAD.helper
        raise TimeoutError from None
    if error:
        raise error
    return answer  # type: ignore[no-any-return]


_Done = queue.SimpleQueue[tuple[Any, BaseException | None]]
_OF_THREAD = threading.local()


class _Helper:
    """A thread that asks servers for another one, and all its questions: fsspec keeps connections by thread."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.tasks: queue.SimpleQueue[tuple[Callable[[], Any], _Done] | None] = queue.SimpleQueue()
        threading.Thread(target=_help, args=(self.tasks,), daemon=True).start()

    def __del__(self) -> None:
        self.tasks.put(None)


def _help(tasks: queue.SimpleQueue[tuple[Callable[[], Any], _Done] | None]) -> None:
    while task := tasks.get():
        work, done = task
        try:
            done.put((work(), None))
        except BaseException as error:  # it is raised where it is waited for
            done.put((None, error))
        del task, work, done  # what was read is not held until the next question


@lru_cache(maxsize=4)  # the entries of a zip are read one after the other, those of a unit may lie in several
def _fetch(url: Url, process: int) -> IO[bytes]:
    """Return a file that was fetched, for one process: of a file from before a fork the place is shared."""
    stream: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - it is closed when nobody needs it
    for piece in url._pieces():
        try:
            stream.write(piece)
        except OSError as error:
            raise PackageError(file=url.shown, what="unreadable", reason=reason_of(error)) from None
    return stream


@lru_cache(maxsize=4)
def _names_in(folder: Url, process: int) -> frozenset[str] | None:
    try:
        return frozenset(name for name, _ in folder._entries())
    except PackageError:
        return None


def _name_of(path: str) -> str:
    """Return the last part of a path as a name that every system takes."""
    name = PurePosixPath(path.partition("://")[2] or path).name.replace("\\", "_")
    last = PurePosixPath(name)
    return f"{safe_name(last.stem)}{last.suffix}"


def _time_of(state: Mapping[str, Any]) -> float | None:
    """Return when a file was changed, as its filesystem says: each has another word for it."""
    for word in ("mtime", "LastModified", "last_modified", "modified", "updated", "created"):
        said = state.get(word)
        if isinstance(said, datetime.datetime):
            return said.timestamp()
        if isinstance(said, (int, float)):
            return float(said)
    return None


_DENIED = {"AuthenticationException", "BadAuthenticationType", "NoCredentialsError", "PartialCredentialsError"}
_UNTRUSTED = {"SSLCertVerificationError", "ClientConnectorCertificateError", "BadHostKeyException"}
_UNREACHABLE = {"ClientConnectorError", "EndpointConnectionError", "ConnectTimeoutError", "NoValidConnectionsError"}
_BROKEN = {"ClientPayloadError", "IncompleteReadError", "ResponseStreamingError", "SSHException"}
_REASONS: tuple[tuple[str, tuple[type[BaseException], ...], set[str], tuple[int, ...]], ...] = (
    ("no_access", (PermissionError,), _DENIED, (401, 403, 407)),
    ("untrusted", (), _UNTRUSTED, ()),
    ("no_answer", (TimeoutError,), {"ReadTimeoutError"}, (408, 504)),
    ("unreachable", (ConnectionRefusedError, socket.gaierror), _UNREACHABLE, ()),
    ("disk_error", (ConnectionError, EOFError), _BROKEN, ()),
)
"""Why a server gave no file: a key of a language's ``system.yaml``, the errors of Python and of libraries, HTTP's."""


def _refusal(error: Exception, shown: str) -> PackageError:
    """Return why a file cannot be had."""
    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    status = next((said for one in causes if isinstance(said := getattr(one, "status", None), int)), 0)
    if isinstance(error, FileNotFoundError) or status in (404, 410):
        return PackageError(file=shown, what="no_file")
    names = {kind.__name__ for one in causes for kind in type(one).__mro__}
    for reason, kinds, words, statuses in _REASONS:
        if status in statuses or names & words or any(isinstance(one, kinds) for one in causes):
            return PackageError(file=shown, what="unreadable", reason=reason)
    reason = reason_of(error) if isinstance(error, (OSError, ValueError)) else "other"
    return PackageError(file=shown, what="unreadable", reason=reason)
