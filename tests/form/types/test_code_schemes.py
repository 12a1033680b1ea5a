"""Project codes: shape, check character, calibration, and what a slip is put right to."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfxl.form import code_scheme

HEBEI = code_scheme.load("hebei-2024")
serials = st.text(st.sampled_from("0123456789"), min_size=11, max_size=11)


def code(serial: str, constant: int | None = None) -> str:
    """A valid code of an invented region."""
    body = f"99019924P{serial}"
    return body + str(code_scheme.check_character(body, HEBEI, constant))


codes = serials.map(code)


@given(codes)
def test_a_code_fits_and_a_wrong_character_does_not(valid: str) -> None:
    assert code_scheme.fits(valid, HEBEI)
    assert code_scheme.constant(valid, HEBEI) == 30
    assert code_scheme.check_character(valid, HEBEI) == valid[-1]
    wrong = valid[:10] + str((int(valid[10]) + 1) % 10) + valid[11:]
    assert code_scheme.matches(wrong, HEBEI)
    assert not code_scheme.fits(wrong, HEBEI)
    assert code_scheme.propose(wrong, HEBEI) is None


@pytest.mark.parametrize(
    "text", ["", "99019924P0044281025", "99019924X00442810250C", "9901992AP00442810250C", "99019924P00442810250I"]
)
def test_another_shape(text: str) -> None:
    assert not code_scheme.matches(text, HEBEI)


@given(codes, st.lists(st.sampled_from(["1I", "0O", "5S", "2Z"]), max_size=2))
def test_slips_are_put_right(valid: str, slips: list[str]) -> None:
    typed = valid
    for meant, slip in slips:
        typed = typed.replace(meant, slip, 1)
    assert code_scheme.propose(typed, HEBEI) == (None if typed == valid else valid)


@given(codes)
def test_case_and_width_are_put_right(valid: str) -> None:
    assert code_scheme.propose(valid.replace("P", "Ｐ"), HEBEI) == valid
    assert code_scheme.propose(f" {valid.lower()}", HEBEI) == valid


def test_a_single_slip_of_any_character() -> None:
    valid = code("00442810250")
    assert code_scheme.propose(valid.replace("8", "S"), HEBEI) == valid  # S is mostly 5, here 8


@given(st.lists(serials, min_size=9, max_size=9, unique=True), st.integers(0, 30))
def test_a_batch_shows_its_constant(many: list[str], constant: int) -> None:
    batch = [code(serial, constant) for serial in many]
    assert code_scheme.calibrate([*batch, code("00000000000", (constant + 1) % 31)], HEBEI) == constant
    assert code_scheme.calibrate([*batch[:4], "x"], HEBEI) is None
    assert code_scheme.calibrate([*batch[:4], code("00000000001", (constant + 1) % 31)], HEBEI) is None


def test_the_parts_of_a_code() -> None:
    valid = code("00442810250")
    assert [HEBEI.part(valid, name) for name in ("region", "year", "kind", "serial")] == [
        "990199", "24", "P", "00442810250",
    ]  # fmt: skip


def test_the_published_codes_fit() -> None:
    folder = os.environ.get("PERFXL_DOCUMENTS")
    if not folder:
        pytest.skip("PERFXL_DOCUMENTS names no folder with published documents")
    text = (Path(folder) / "shuangwang-2024.txt").read_text("utf-8")
    found = re.findall(r"^\t([0-9]{8}[A-Z][0-9]{11}[0-9A-Z])$", text, re.MULTILINE)
    assert len(found) == 16
    assert all(code_scheme.fits(each, HEBEI) for each in found)
    assert code_scheme.calibrate(found, HEBEI) == 30
