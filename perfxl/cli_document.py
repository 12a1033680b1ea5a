"""The commands that take documents: `perfxl extract`."""

from __future__ import annotations

from pathlib import Path

import click

from perfxl.cli_options import FILE, FORCE, LANG, report_errors


@click.command()
@click.argument("document", type=FILE)
@click.option(
    "-o",
    "--output",
    required=True,
    type=FILE,
    help="数据文件（.yaml）；几个单位的写文件夹。 The records file; a folder for several units.",
)
@click.option(
    "--year",
    type=click.IntRange(1990, 2100),
    metavar="YYYY",
    help="年度；不写时按文本，再按项目编码。 The year, else the text's, else the codes'.",
)
@FORCE
@LANG
@report_errors
def extract(document: Path, output: Path, year: int | None, force: bool, lang: str) -> int:
    """公开文本（.docx、.pdf、.html、.txt）→ 项目数据。 A published document becomes records.

    \b
    perfxl extract 柳溪镇2024年绩效文本.docx -o records.yaml
    perfxl extract 绩效文本.pdf -o records.yaml --year 2024
    perfxl extract 全县绩效文本.docx -o 各单位            几个单位：一单位一个文件  a file for each unit

    退出码：0 全部归入；1 有没归入的，已逐条列出；2 读不了。 0 all placed, 1 something was not and is listed, 2 refused.
    """
    from perfxl import commands_document

    return commands_document.extract(document, output, year, force, lang)
