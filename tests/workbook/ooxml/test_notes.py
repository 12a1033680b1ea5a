"""Notes of perfxl beside those of people: an author of its own, a box for each note, conversations left alone."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping

import pytest
from hostile.zips import parts_of, zipped
from lxml import etree
from mutations.furniture import A_NOTE, FURNITURE, MAIN, SPACES, box
from workbook.conftest import findings, flagged, some
from workbook.flagging.test_flag import notes as notes_on
from workbook.flagging.test_flag import opened

from perfxl import messages
from perfxl.errors import PackageError
from perfxl.workbook.ooxml import notes
from perfxl.workbook.ooxml.formula import Place, address
from perfxl.workbook.ooxml.package import Package

OURS, START = messages.say("sheet.note.author"), messages.say("sheet.note.start")
PACKAGE = Package(zipped([("x", b"")]), "表.xlsx")
WORDS = notes.NoteWords("——审核意见——", "审核意见", "宋体")
SIGNS = ["请核", "<甲>", "a & b", '"引"', "第一行\n第二行", "甲_x000D_乙", " 前后 ", "——", ""]


def change(comments: bytes | None, drawing: bytes | None, ours: Mapping[Place, str]) -> tuple[bytes, bytes]:
    made = notes.change_notes((comments, drawing), ours, PACKAGE, "xl/comments1.xml", 1, WORDS)
    assert made.comments is not None
    assert made.drawing is not None
    return made.comments, made.drawing


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def invented(chance: random.Random) -> tuple[bytes | None, bytes | None, dict[Place, str], dict[Place, str]]:
    """Two parts as some program writes them, the texts of people in them, and those that perfxl is to add."""
    places = chance.sample([(row, column) for row in range(1, 9) for column in range(1, 6)], 8)
    own = {at: chance.choice(SIGNS[:-1]) for at in places[: chance.randrange(5)]}
    ours = {at: chance.choice(SIGNS[:5]) for at in chance.sample(places, chance.randrange(1, 5))}
    if not own and chance.random() < 0.5:
        return None, None, own, ours
    authors = [chance.choice(["甲", "", "王 & 李", OURS]) for _ in range(chance.randrange(1, 4))]
    listed = "".join(
        f'<comment ref="{address(*at)}" authorId="{chance.randrange(len(authors))}"><text>'
        + chance.choice(["<t>{}</t>", "<r><t>{}</t></r>", '<r><rPr><b/></rPr><t xml:space="preserve">{}</t></r>']).format(escaped(text))
        + "</text></comment>"
        for at, text in own.items()
    )  # fmt: skip
    named = "".join(f"<author>{escaped(name)}</author>" for name in authors)
    comments = f"<comments><authors>{named}</authors><commentList>{listed}</commentList></comments>"
    comments = comments.replace(
        "<commentList></commentList>", chance.choice(["<commentList/>", "<commentList></commentList>"])
    )
    prefix = chance.choice(["", "p:"])
    comments = re.sub(r"<(/?)(?=\w)", rf"<\1{prefix}", comments)
    comments = comments.replace("comments>", f'comments xmlns{":p" if prefix else ""}="{MAIN}">', 1)
    if chance.random() < 0.3:
        comments = re.sub(r"=\"([^\"']*)\"", r"='\1'", comments)
    shapes = "".join(
        box(*at, 2001 + number, *chance.choice([("v", "x"), ("v", "x"), ("ns0", "ns2")]))
        for number, at in enumerate(own)
        if chance.random() < 0.7
    )
    shapes += '<v:shape id="_x0000_s1031" type="#_x0000_t201"><x:ClientData ObjectType="Checkbox"><x:Row>1</x:Row><x:Column>1</x:Column></x:ClientData></v:shape>'
    more = 'xmlns:ns0="urn:schemas-microsoft-com:vml" xmlns:ns2="urn:schemas-microsoft-com:office:excel"'
    drawing = chance.choice(
        [None, f"<xml {SPACES} {more}>{shapes}</xml>", f"<xml {SPACES}/>", f"<xml {SPACES} {more}>{shapes}</xml>"]
    )
    return comments.encode(), drawing.encode() if drawing else None, own, ours


def held(comments: bytes) -> tuple[dict[Place, str], dict[Place, str]]:
    """The texts of the notes and their authors, by cell, as another reader finds them."""
    tree = etree.fromstring(comments)
    authors = [author.text or "" for author in tree.iter(f"{{{MAIN}}}author")]
    texts: dict[Place, str] = {}
    by: dict[Place, str] = {}
    for note in tree.iter(f"{{{MAIN}}}comment"):
        column, row = re.fullmatch(r"([A-Z])(\d+)", note.get("ref", "")).groups()  # type: ignore[union-attr]
        at = (int(row) - 1, ord(column) - 65)
        assert at not in texts
        texts[at] = "".join(piece.text or "" for piece in note.iter(f"{{{MAIN}}}t"))
        by[at] = authors[int(note.get("authorId", "-1"))]
    return texts, by


def boxes(drawing: bytes) -> list[Place]:
    """The cells of the notes' boxes, by the names of the namespaces: a prefix that is not declared is an error."""
    space = "{urn:schemas-microsoft-com:office:excel}"
    data = [node for node in etree.fromstring(drawing).iter(f"{space}ClientData") if node.get("ObjectType") == "Note"]
    return [(int(node.findtext(f"{space}Row") or -1), int(node.findtext(f"{space}Column") or -1)) for node in data]


@pytest.mark.parametrize("start", range(0, 400, 100))
def test_the_law_of_notes(start: int) -> None:
    for seed in range(start, start + 100):
        comments, drawing, own, ours = invented(random.Random(seed))
        _, by_before = held(comments) if comments else ({}, {})
        made = change(comments, drawing, ours)
        texts, by = held(made[0])
        assert texts.keys() == own.keys() | ours.keys(), seed
        for at, text in texts.items():
            assert text.startswith(own.get(at, "")), (seed, at)
            assert text.endswith(f"{START}\n{ours[at]}" if at in ours else own[at]), (seed, at)
            assert by[at] == (by_before[at] if at in own else OURS), (seed, at)
        assert sorted(boxes(made[1])) == sorted(texts), seed
        ids = re.findall(rb'\bid="(_x0000_s\d+)"', made[1])
        assert len(ids) == len(set(ids)), seed
        if drawing and b"Checkbox" in drawing:
            assert b"Checkbox" in made[1], seed
        assert change(*made, ours) == made, seed
        assert held(change(*made, {(20, 2): "x"})[0])[0].keys() == own.keys() | {(20, 2)}, seed
        settled = change(*made, {})
        assert held(settled[0])[0] == (held(comments)[0] if comments else {}), seed
        assert set(boxes(settled[1])) == own.keys(), seed


NOTES = [name for name, furniture in FURNITURE.items() if furniture.said == A_NOTE]


@pytest.mark.parametrize("name", NOTES)
def test_a_flagged_sheet_has_a_box_for_every_note_and_an_author_for_ours(name: str) -> None:
    parts = parts_of(some(by="project", prefill="none"))
    FURNITURE[name].add(parts)
    data = zipped(parts.items())
    assert findings(data)
    back = parts_of(flagged(data))
    _, by = held(back["xl/comments7.xml"])
    assert len(by) > 2
    assert {author for at, author in by.items() if at != (5, 3)} == {OURS}
    assert by[5, 3] in ("甲", "")
    assert set(boxes(back["xl/drawings/vmlDrawing7.vml" if "xl/drawings/vmlDrawing7.vml" in back else "xl/drawings/vmlDrawing1.vml"])) >= by.keys()  # fmt: skip


def test_a_conversation_is_left_alone_and_what_was_found_is_listed() -> None:
    """Excel shows a threaded comment in the place of its note: a text of ours there would be lost, or break it."""
    parts = parts_of(some(by="project", prefill="none"))
    place = min(cell.rpartition("!")[2] for _, cells in findings(zipped(parts.items())) for cell in cells)
    FURNITURE["a threaded comment"].add(parts)
    for name in ("xl/comments7.xml", "xl/threadedComments/threadedComment1.xml"):
        parts[name] = parts[name].replace(b'"D6"', f'"{place}"'.encode())
    data = zipped(parts.items())
    back = flagged(data)
    thread = "xl/threadedComments/threadedComment1.xml"
    assert parts_of(back)[thread] == parts[thread]
    name = opened(data).sheetnames[0]
    assert notes_on(opened(back)[name])[place] == notes_on(opened(data)[name])[place]
    listed = " ".join(str(value) for row in opened(back)["审核意见"].iter_rows(values_only=True) for value in row)
    assert place in listed


@pytest.mark.parametrize("drawing", [b"<shapes/>", b"</xml><xml>", b"<xml"])
def test_a_drawing_without_a_root_is_damaged(drawing: bytes) -> None:
    with pytest.raises(PackageError):
        notes.change_notes((None, drawing), {(1, 1): "x"}, PACKAGE, "xl/comments1.xml", 1, WORDS)
