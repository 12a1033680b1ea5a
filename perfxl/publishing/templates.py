"""The templates of a form's documents: a Word file in the folder ``documents`` of the form, or of one it extends."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from perfxl.errors import TemplateMistake, reason_of
from perfxl.form import installed
from perfxl.form.form import Form
from perfxl.publishing.document_template import DocumentTemplate, compile_template

PLACE = ("documents", "document.docx")
"""The folder and the file of a form's template."""


def load_template(form: Form, file: str | Path | None = None) -> DocumentTemplate:
    """Return the template of a form, or the one in a file. Raises TemplateMistake, also where the form has none."""
    if file is not None:
        return _compiled(_read(Path(file)), str(file))
    own: Form | None = form
    while own is not None:
        folder = installed.folder(own.name)
        found = folder.joinpath(*PLACE) if folder is not None else None
        if found is not None and found.is_file():
            return _compiled(found.read_bytes(), "/".join((own.name, *PLACE)))
        own = own.base.form if own.base else None
    raise TemplateMistake(file="/".join((form.name, *PLACE)), what="no_template", form=form.name)


@lru_cache(maxsize=8)
def _compiled(data: bytes, file: str) -> DocumentTemplate:
    return compile_template(data, file)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise TemplateMistake(file=str(path), what="no_file") from error
    except (OSError, ValueError) as error:
        raise TemplateMistake(file=str(path), what="unreadable", reason=reason_of(error)) from error
