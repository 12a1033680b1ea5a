"""All limits for returned files. An administrator can change them in a file that PERFXL_LIMITS names.

They are kept by ``reading/opening`` (size of the file), ``batch/inbox`` (a zip of many workbooks), ``package`` (parts
and unpacked sizes), and the modules of this folder that parse parts (elements, cells, names and so on).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

from perfxl.form.source import parse, read_text

VARIABLE = "PERFXL_LIMITS"
"""The environment variable that names a file of limits: ``seconds: 60``, one line for each limit that differs."""


@dataclass(frozen=True)
class Limits:
    """The limits that a returned file must not exceed.

    A form has 16–40 KB; the 99.9th percentile of public workbooks has 16 MB when unzipped. The limits together bound
    the memory: a file near the limits of cells, merges, styles, names and relations at once was flagged with 350 MB.

    - ``file``: bytes of the file; ``parts``: number of parts; ``part``, ``whole``: unpacked bytes of one part and of
      all parts; ``ratio``: unpacked bytes for each packed byte, checked from ``ratio_from`` unpacked bytes on.
    - ``depth``: nesting depth of elements; ``token``: bytes of one tag or text; ``words``: different names of elements
      and attributes in a part; ``elements``: elements kept in memory of a part; ``characters``:
      characters in the texts of a part.
    - ``rows``, ``cells`` (with content), ``merges``: of one sheet; ``held``: cells and merged ranges of all sheets
      that are in memory together.
    - ``strings``: shared strings; ``styles``: cell formats, and number formats; ``names``: defined names, and document
      properties; ``sheets``: sheets of the workbook; ``relations``: relationships of one part.
    - ``seconds``: CPU time for the whole work of a call on the file: reading, checking, flagging, correcting. It is
      looked at while large parts are parsed, and after each sheet and each step, since no check can be interrupted;
      ``memory``: bytes of the process that reads another format.
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
    """Return the limits in force: the usual ones with the changes of the file that PERFXL_LIMITS names.

    Raises FormError if that file is missing or wrong.
    """
    name = os.environ.get(VARIABLE, "")
    return _read_limits(name) if name else LIMITS


@lru_cache(maxsize=4)
def _read_limits(name: str) -> Limits:
    entries = parse(read_text(Path(name)), name).entries((), tuple(limit.name for limit in fields(Limits)))
    changed: Mapping[str, int] = {key: entries[key].count(1) for key in entries.nodes}
    return Limits(**changed)
