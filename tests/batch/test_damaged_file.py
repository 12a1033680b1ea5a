"""A file of which a part turns out damaged while others are worked on: it is refused, the others are written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hostile.zips import parts_of, zipped
from mutations.furniture import FURNITURE
from workbook.conftest import some

import perfxl
from perfxl.errors import PackageError

# how it is damaged, and the verbs that need the part
DAMAGES: dict[str, tuple[Callable[[dict[str, bytes]], object], tuple[str, ...]]] = {
    "a list of notes": (lambda parts: parts.update({"xl/comments7.xml": b"<comments"}), ("flag", "correct")),
    "the list of types": (lambda parts: parts.update({"[Content_Types].xml": b"<Types"}), ("flag",)),
    "the styles": (lambda parts: parts.update({"xl/styles.xml": b"<styleSheet"}), ("flag", "correct")),
    "a sheet beside the form": (lambda parts: parts.update({"xl/worksheets/sheet3.xml": b"<worksheet"}), ("correct",)),
    "a drawing of notes": (lambda parts: parts.update({"xl/drawings/vmlDrawing7.vml": b"<xml"}), ("flag",)),
}  # fmt: skip


@pytest.mark.parametrize("verb", ["flag", "correct"])
@pytest.mark.parametrize("name", DAMAGES)
def test_the_others_are_written(name: str, verb: str, tmp_path: Path) -> None:
    damage, needed = DAMAGES[name]
    good = some(by="project", prefill="none")
    parts = parts_of(good)
    FURNITURE["a note without a box" if name == "a list of notes" else "a ticked box"].add(parts)
    damage(parts)
    source, output = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for at in (1, 3):
        (source / f"{at}.xlsx").write_bytes(good)
    (source / "2.xlsx").write_bytes(zipped(parts.items()))
    made = getattr(perfxl, verb)(source, output=output, errors="collect")
    refused = [error for error in made.refused if isinstance(error, PackageError)]
    if verb in needed:
        assert [Path(error.file).name for error in refused] == ["2.xlsx"]
        assert sorted(path.name for path in output.iterdir()) == ["1.xlsx", "3.xlsx"]
    else:
        assert refused == []
        assert len(list(output.iterdir())) == 3
