"""In a part of which it is known that it is plain and well-formed, texts are found by patterns as expat finds them."""

import codecs
from xml.parsers import expat

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from perfxl.errors import PackageError
from perfxl.workbook.ooxml import parts
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.xml import decode_references, is_plain
from perfxl.workbook.ooxml.zip_file import pack, write_zip

PIECES = st.sampled_from(
    [*("甲", "a", " ", "\n", "\t", "?", "&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&#10;", "&#13;", "&#x7532;"),
     *("&#38;lt;", "&amp;#65;", "]", ">", "<!-- x -->", "<![CDATA[<]]>", "\r\n", "<?x y?>", "_x000D_", "😀")]
)  # fmt: skip
HEADS = st.sampled_from(
    ["", '<?xml version="1.0"?>', "<?xml version='1.0' encoding='utf-8' standalone='yes'?>\r\n", "<?x y?>", "<!-- -->"]
)


@settings(max_examples=500)
@given(head=HEADS, mark=st.sampled_from([b"", codecs.BOM_UTF8]), pieces=st.lists(PIECES, max_size=6))
def test_the_text_of_a_plain_part_is_what_stands_between_its_tags(head: str, mark: bytes, pieces: list[str]) -> None:
    data = mark + f"{head}<a>{''.join(pieces)}</a>".encode()
    assume(is_plain(data) and b"]]>" not in data)  # the latter is not well-formed (XML 1.0, 2.4)
    texts: list[str] = []
    reader = expat.ParserCreate()
    reader.CharacterDataHandler = texts.append
    reader.Parse(data, True)
    text = data.decode()
    assert decode_references(text[text.index("<a>") + 3 : -4]) == "".join(texts)


@pytest.mark.parametrize(
    "data",
    [
        '<?xml version="1.0" encoding="GB18030"?><a>甲</a>'.encode("gb18030"),
        "<a>甲</a>".encode("utf-16"),
        b"<a><?x y?></a>",
        b"<a><!-- b --></a>",
        b"<a>" + b"b" * 100 + b"\r\n</a>",
        b"",
    ],
    ids=["encoding", "utf-16", "instruction", "comment", "carriage return", "nothing"],
)
def test_what_is_not_plain(data: bytes) -> None:
    assert not is_plain(data)


STRING = st.sampled_from(
    [*("<si><t>甲</t></si>", '<si><t xml:space="preserve"> 乙\n</t></si>', "<si><t/></si>", "<si><t></t></si>", "<si/>"),
     *("<si><t>a&amp;b&#10;</t><phoneticPr fontId='1'/></si>", '<si><t>x</t><phoneticPr fontId="1"/></si>', "<si></si>"),
     *("<si><r><t>丙</t></r><r><rPr><strike/><sz val='9'/></rPr><t xml:space='preserve'> 丁</t></r></si>",),
     *('<si><r><rPr><vertAlign val="superscript"/></rPr><t xml:space="preserve">2</t></r><r><t>m&lt;</t></r></si>',),
     *("<si><t>音</t><rPh sb='0' eb='1'><t>yin</t></rPh></si>", "<si><t>a</t>b</si>", "<si><x><t>c</t></x></si>"),
     *("<si><t>_x0041_</t></si>", "<si><t>d<x/>e</t></si>", "\n<si>\n<t>f</t>\n</si>", "<si><t>g</t><t>h</t></si>")]
)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(strings=st.lists(STRING, max_size=5), tail=st.sampled_from(["", "\n", "<extLst><ext/></extLst>"]))
def test_strings_are_the_same_by_either_way(strings: list[str], tail: str) -> None:
    name = "xl/sharedStrings.xml"
    data = f"<sst>{''.join(strings)}{tail}</sst>".encode()
    package = Package(write_zip([pack(name, data)]), "some.xlsx")
    found, names = parts._read_strings_any(package, name, data)
    if usual := parts._read_strings_usual(package, name, data):
        assert usual[0] == found
        assert usual[1] & parts.RICH == names & parts.RICH
    assert parts.read_strings(package, name).texts == [parts.unescape_text(text) for text in found]


def test_damaged_strings_are_refused() -> None:
    name = "xl/sharedStrings.xml"
    for data in (b"<sst><si><t>a</v></si></sst>", b"<sst><si><t>a</t></si>", b"<sst><si><t>\xff</t></si></sst>"):
        package = Package(write_zip([pack(name, data)]), "some.xlsx")
        with pytest.raises(PackageError):
            parts.read_strings(package, name)
