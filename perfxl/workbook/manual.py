"""What 填表说明 says of a form's answers: generated, so that it never differs from what the sheet lets in."""

from __future__ import annotations

from collections.abc import Iterator

from perfxl import messages
from perfxl.form.form import Field, Form


def described(form: Form) -> Iterator[tuple[str, str, str]]:
    """Every answer that the form asks for: its label, whether it must be filled in, what may be."""
    for asked in form.asked:
        parts = asked.label or (label_of(form, asked),)
        label = "·".join(part.removeprefix("其中：").rstrip("：").replace("\n", "") for part in parts)
        if label:
            need = "given" if asked.given else "required" if asked.required else "optional"
            says = messages.say(f"kinds.describe.{asked.kind.name}", asked.kind.facts())
            yield label, messages.say(f"sheet.help.{need}"), says


def label_of(form: Form, asked: Field) -> str:
    """The words that stand before a head field in its row, empty where there are none."""
    for row in form.layout:
        before = ""
        for piece in row.pieces:
            if piece.role == "field" and piece.field == asked.id:
                return before
            before = piece.text if piece.role == "text" and piece.style == "label" else ""
    return ""
