"""Draw the README's pictures: ``python docs/pictures/draw.py``. Needs LibreOffice and pdftoppm."""

from __future__ import annotations

import copy
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tests"))

from office.libreoffice import LibreOffice  # noqa: E402 - found by the line above

import perfxl  # noqa: E402
from perfxl import records  # noqa: E402
from perfxl.form.answers import put  # noqa: E402

MISTAKES = {
    "budget.other": 10.0,
    "plan.october": 45,
    "indicators[2].description": None,
    "indicators[7].target": "100%",
    "indicators[0].basis": "清民发【2023】8号文件",
}
DEADLINE = "11月6日17:00"


def main() -> None:
    held: Any = records.load(HERE.parents[1] / "examples" / "records.yaml")
    good = {**held, "projects": held["projects"][:1]}
    bad = copy.deepcopy(good)
    for path, value in MISTAKES.items():
        put(bad["projects"][0], path, value)
    flagged = perfxl.flag(filled(bad), deadline=DEADLINE).files[0].data
    with tempfile.TemporaryDirectory() as folder, LibreOffice(Path(folder)) as office:
        for name, data in (("filled", filled(good)), ("flagged", flagged)):
            source = Path(folder) / f"{name}.xlsx"
            source.write_bytes(data)
            office.to_pdf(source, source.with_suffix(".pdf"))
            size = ["-r", "88", "-x", "20", "-y", "50", "-W", "690", "-H", "960", "-f", "1", "-l", "1", "-singlefile"]
            subprocess.run(["pdftoppm", "-png", *size, source.with_suffix(".pdf"), HERE / name], check=True)


def filled(held: dict[str, Any]) -> bytes:
    """Return the workbook of the records' one project, filled in."""
    (workbook,) = perfxl.generate(held, by="project", prefill="all", office="清溪县财政局绩效股", phone="0000-1234567")
    return workbook.data


if __name__ == "__main__":
    main()
