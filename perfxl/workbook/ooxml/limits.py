"""How much a file may be: every limit in one place; an administrator's own stand in a file that PERFXL_LIMITS names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

from perfxl.errors import FormError
from perfxl.form.source import parse

VARIABLE = "PERFXL_LIMITS"
"""The environment's variable that names a file of limits: ``seconds: 60``, a line for each that is otherwise."""


@dataclass(frozen=True)
class Limits:
    """What a returned file may be at most. A form is 16–40 KB; public workbooks' 99.9th percentile unzips to 16 MB.

    Together they bound the memory: a file near the limits of cells, merges, styles, names and relations at once was
    flagged with 350 MB. ``memory``: bytes of the process that reads another format.

    ``file``: bytes of a file; ``part``, ``whole``: of a part and of all, unpacked; ``ratio``: unpacked bytes for a
    packed one, asked from ``ratio_from`` bytes on; ``parts``: how many there are. ``depth``: how deep elements stand in
    each other; ``token``: bytes of one tag or text; ``words``: names of elements and attributes in a part;
    ``elements``: how many are kept of a part that is changed; ``characters``: in the texts of a part. ``rows``,
    ``cells`` (that hold something), ``merges``: of a sheet; ``held``: cells and merged ranges of all sheets that are
    looked at together. ``strings``: that are shared; ``styles``: cell formats, and number formats; ``relations``: of
    one part; ``seconds``: CPU time for parsing a file's large parts.
    """

    file: int = 20_000_000
    parts: int = 2_000
    part: int = 64_000_000
    whole: int = 96_000_000
    ratio: int = 200
    ratio_from: int = 1_000_000
    depth: int = 64
    token: int = 2_000_000
    words: int = 20_000
    elements: int = 200_000
    rows: int = 500_000
    cells: int = 200_000
    held: int = 300_000
    merges: int = 50_000
    strings: int = 500_000
    characters: int = 16_000_000
    styles: int = 65_536
    names: int = 20_000
    sheets: int = 500
    relations: int = 100_000
    seconds: int = 20
    memory: int = 400_000_000


LIMITS = Limits()


def current_limits() -> Limits:
    """The limits that hold here: the usual ones, and what the file that PERFXL_LIMITS names says otherwise.

    Raises FormError for a file that is missing or wrong.
    """
    name = os.environ.get(VARIABLE, "")
    return _read_limits(name) if name else LIMITS


@lru_cache(maxsize=4)
def _read_limits(name: str) -> Limits:
    try:
        text = Path(name).read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise FormError(file=name, what="no_file") from error
    except UnicodeDecodeError as error:
        raise FormError(file=name, what="not_utf8") from error
    except OSError as error:
        raise FormError(file=name, what="unreadable", problem=error.strerror or "") from error
    entries = parse(text, name).entries((), tuple(each.name for each in fields(Limits)))
    told: Mapping[str, int] = {key: entries[key].count(1) for key in entries.nodes}
    return Limits(**told)
