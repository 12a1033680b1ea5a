"""A signed workbook: what flagging breaks is taken out and said, what it leaves as it was stays signed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from hostile.zips import parts_of, zipped
from judges.schema import complaints, schema_folder
from workbook.conftest import findings, flagged, some, submissions
from workbook.ooxml.test_macros import Parts, related, typed

from perfxl.cli import main
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.signature import remove_signature

SIGNATURES = "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature"


def signed(folder: str = "_xmlsignatures", count: int = 1, name: str = "sig{}.xml") -> Callable[[Parts], None]:
    """Signed by as many people, as Excel writes it."""

    def sign(parts: Parts) -> None:
        parts[f"{folder}/origin.sigs"] = b""
        related(parts, "_rels/.rels", "rIdSig", f"{SIGNATURES}/origin", f"{folder}/origin.sigs")
        typed(parts, f"{folder}/origin.sigs", "vnd.openxmlformats-package.digital-signature-origin")
        for number in range(1, count + 1):
            part = f"{folder}/{name.format(number)}"
            parts[part] = b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo/></Signature>'
            list_ = f"{folder}/_rels/origin.sigs.rels"
            related(parts, list_, f"rId{number}", f"{SIGNATURES}/signature", f"/{part}")
            typed(parts, part, "vnd.openxmlformats-package.digital-signature-xmlsignature+xml")

    return sign


WAYS = {
    "once": signed(),
    "three times": signed(count=3),
    "in another folder": signed("package/services/digital-signature", 2, "xml-signature/{}.psdsxs"),
    "in capitals": signed("_XMLSIGNATURES"),
}


def book(sign: Callable[[Parts], None], blank: bool = False) -> bytes:
    parts = parts_of(some(prefill="none" if blank else "all"))
    sign(parts)
    return zipped(parts.items())


@pytest.mark.parametrize("way", WAYS)
def test_a_signature_that_flagging_breaks_is_taken_out(way: str) -> None:
    data = book(WAYS[way], blank=True)
    back = flagged(data)
    assert {name for name in parts_of(data) if "ignature" in name or "IGNATURE" in name}
    left = parts_of(back)
    assert not [name for name in left if "signature" in name.lower()]
    assert not [name for name, held in left.items() if b"digital-signature" in held]
    assert submissions(back)[0].record == submissions(data)[0].record
    if schema_folder():
        assert complaints(back) == []


def test_a_file_without_a_finding_stays_signed() -> None:
    data = book(signed())
    assert findings(data) == set()
    assert flagged(data) == data


def test_what_is_no_signature_is_not_taken_out() -> None:
    """A relationship that calls the workbook a signature removes no form."""
    parts = parts_of(some())
    related(parts, "_rels/.rels", "rIdSig", f"{SIGNATURES}/origin", "xl/workbook.xml")
    data = zipped(parts.items())
    assert parts_of(remove_signature(Package(data, "表.xlsx"))).keys() == parts.keys()


@pytest.mark.parametrize(("sign", "said"), [(True, True), (False, False)])
def test_the_command_says_so(sign: bool, said: bool, tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(book(signed() if sign else lambda _: None, blank=True))
    told = CliRunner().invoke(main, ["flag", str(path), "-o", str(tmp_path / "out.xlsx")])
    assert ("带有数字签名，标注以后签名不再有效，已去掉" in told.output + told.stderr) == said
