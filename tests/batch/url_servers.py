"""Servers that give files by URL, started by the tests on this machine: HTTP, SFTP, S3, and ones that do not do their job."""

from __future__ import annotations

import base64
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import paramiko

USER, PASSWORD = "ganbu", "mima-7431"


class _Handler(SimpleHTTPRequestHandler):
    """Gives the files of a folder; those below ``内部/`` to whoever has the password, those below ``断/`` by half."""

    asked: list[tuple[str, str]]

    def log_message(self, format: str, *args: Any) -> None: ...

    def send_head(self) -> Any:
        self.asked.append((self.command, self.path))
        proof = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        path = self.translate_path(self.path)
        if "内部" in path and self.headers.get("Authorization") != f"Basic {proof}":
            self.send_error(HTTPStatus.UNAUTHORIZED)
            return None
        return super().send_head()

    def copyfile(self, source: Any, outputfile: Any) -> None:
        if "断" in self.translate_path(self.path):
            outputfile.write(source.read(1000))
            self.close_connection = True
        else:
            super().copyfile(source, outputfile)


@contextmanager
def web(folder: Path) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield the URL of a server of this folder, and what it is asked: the method and the path."""
    asked: list[tuple[str, str]] = []
    handler = type("Handler", (_Handler,), {"asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


@contextmanager
def silent() -> Iterator[str]:
    """Yield the URL of a server that takes every question and answers none."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def nobody() -> str:
    """Return a URL at which nobody answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


@contextmanager
def bucket(folder: Path) -> Iterator[str]:
    """Yield the URL of a bucket with the files of a folder, of an S3 of this machine."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    _, port = server.get_host_and_port()
    settings = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "ganbu",
        "AWS_SECRET_ACCESS_KEY": "mima-7431",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    before = {name: os.environ.get(name) for name in settings}
    os.environ |= settings
    try:
        import fsspec

        system = fsspec.filesystem("s3")
        system.mkdir("shoubiao")
        system.put(f"{folder}/", "shoubiao/", recursive=True)
        yield "s3://shoubiao"
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)
        server.stop()


class _Door(paramiko.ServerInterface):
    """Lets in whoever has the password."""

    def check_auth_password(self, username: str, password: str) -> int:
        return paramiko.AUTH_SUCCESSFUL if (username, password) == (USER, PASSWORD) else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


class _Files(paramiko.SFTPServerInterface):
    """Gives the files of a folder."""

    def __init__(self, server: paramiko.ServerInterface, folder: Path) -> None:
        super().__init__(server)
        self._folder = folder

    def list_folder(self, path: str) -> Any:
        try:
            return [paramiko.SFTPAttributes.from_stat(one.lstat(), one.name) for one in self._path(path).iterdir()]
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    def stat(self, path: str) -> Any:
        return self._state(path, follow=True)

    def lstat(self, path: str) -> Any:
        return self._state(path, follow=False)

    def open(self, path: str, flags: int, attr: Any) -> Any:
        try:
            handle = paramiko.SFTPHandle(flags)
            handle.readfile = self._path(path).open("rb")  # type: ignore[attr-defined]
            return handle
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    def _path(self, path: str) -> Path:
        return Path(f"{self._folder}{self.canonicalize(path)}")

    def _state(self, path: str, follow: bool) -> Any:
        try:
            return paramiko.SFTPAttributes.from_stat(self._path(path).stat(follow_symlinks=follow))
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)


@contextmanager
def sftp(folder: Path) -> Iterator[str]:
    """Yield the URL of a server of SFTP of this folder, with its user and password."""
    key = paramiko.RSAKey.generate(2048)
    lines: list[paramiko.Transport] = []

    def serve() -> None:
        with suppress(OSError):  # it was closed
            while True:
                line = paramiko.Transport(server.accept()[0])
                line.add_server_key(key)
                line.set_subsystem_handler("sftp", paramiko.SFTPServer, _Files, folder)
                with suppress(EOFError, paramiko.SSHException):
                    line.start_server(server=_Door())
                    lines.append(line)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, daemon=True).start()
        yield f"sftp://{USER}:{PASSWORD}@127.0.0.1:{server.getsockname()[1]}"
        for line in lines:
            line.close()
