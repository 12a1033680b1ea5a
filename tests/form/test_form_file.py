"""The files of a form beside its definition: its folder is its world."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from perfxl import messages
from perfxl.errors import FormError
from perfxl.form.form_file import form_file
from perfxl.form.source import Node


def named(name: str) -> Node:
    return Node(name, 7, "f/form.yaml", name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A form's folder, with files beside it, and links that lead in and out."""
    form = tmp_path / "forms" / "travel"
    (form / "texts").mkdir(parents=True)
    (form / "per-diems.csv").write_bytes("\ufeffcountry,amount\nIT,40\n".encode())
    (form / "texts" / "fr.yaml").write_text("a: b\n", "utf-8")
    (form / "large.csv").write_bytes(b"x" * 5001)
    (form / "latin.csv").write_bytes(b"a\nb\n\xe9\n")
    (tmp_path / "secret.csv").write_text("secret", "utf-8")
    (form / "out.csv").symlink_to(tmp_path / "secret.csv")
    (form / "up").symlink_to(tmp_path, target_is_directory=True)
    (form / "in.csv").symlink_to("per-diems.csv")
    (form / "loop.csv").symlink_to("loop.csv")
    return form


def test_a_file_in_the_folder(folder: Path, tmp_path: Path) -> None:
    assert form_file(folder, named("per-diems.csv")) == "country,amount\nIT,40\n"
    assert form_file(folder, named("in.csv")).endswith("IT,40\n")
    assert form_file(folder, named("texts/fr.yaml")) == "a: b\n"
    (tmp_path / "link").symlink_to(folder, target_is_directory=True)
    assert form_file(tmp_path / "link", named("texts/fr.yaml")) == "a: b\n"


WRONG = {
    "../../secret.csv": "outside_of_form", "..": "outside_of_form", ".": "outside_of_form", "": "outside_of_form",
    "/etc/passwd": "outside_of_form", "texts/../../../secret.csv": "outside_of_form", "texts//fr.yaml": "outside_of_form",
    "C:\\x.csv": "outside_of_form", "..\\secret.csv": "outside_of_form", "C:secret.csv": "outside_of_form",
    "a\x00b": "outside_of_form", "out.csv": "outside_of_form", "up/secret.csv": "outside_of_form",
    "loop.csv": ("outside_of_form", "no_form_file", "unreadable_form_file"),
    "none.csv": "no_form_file", "texts": "no_form_file", "a" * 300: ("no_form_file", "unreadable_form_file"),
    "large.csv": "large_form_file", "latin.csv": "form_file_not_utf8",
}  # fmt: skip


@pytest.mark.parametrize(("name", "what"), WRONG.items())
def test_a_file_that_is_not_taken(name: str, what: str | tuple[str, ...], folder: Path) -> None:
    with pytest.raises(FormError) as caught:
        form_file(folder, named(name), most=5000)
    assert caught.value.facts["what"] in what
    assert messages.sentence(caught.value, "zh-CN").startswith("f/form.yaml第7行：")
    assert messages.sentence(caught.value, "en").startswith("f/form.yaml, line 7: ")


def test_a_form_without_a_folder() -> None:
    with pytest.raises(FormError) as caught:
        form_file(None, named("x.csv"))
    assert caught.value.facts["what"] == "no_form_folder"
    assert "7" in messages.sentence(caught.value, "en")


def test_a_form_in_a_zip(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("travel/texts/fr.yaml", "a: b\n")
    folder = zipfile.Path(tmp_path / "a.zip", "travel/")
    assert form_file(folder, named("texts/fr.yaml")) == "a: b\n"
    with pytest.raises(FormError):
        form_file(folder, named("texts/de.yaml"))
