"""The command of publication: `perfxl publish`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from perfxl.cli_options import CLUSTER, FILE, FORCE, FORMS, LANG, PRINTED, report_errors


@click.command()
@click.argument("sources", nargs=-1, required=True, type=FILE, metavar="RECORDS|WORKBOOKS|ROUND...")
@click.option("-o", "--output", type=FILE, help="文本（.docx、.txt、.pdf）或文件夹。 The document, or a folder.")
@click.option(
    "--to", type=click.Choice(["docx", "txt", "pdf"]), help="存到文件夹的格式，默认docx。 The format in a folder."
)
@click.option("--together", is_flag=True, help="几个单位合成一份。 One document of all units, in their order.")
@click.option("--pages", is_flag=True, help="由LibreOffice排版，目录写上页码。 Page numbers, laid out by LibreOffice.")
@click.option("--verify", is_flag=True, help="读回文本，逐字核对。 Read it back and compare it with what was approved.")
@click.option("--title", type=PRINTED, default="", help="封面上的标题，默认“部门预算绩效文本”。 The title.")
@click.option("--template", type=FILE, metavar="FILE.docx", help="自己的Word模板。 A template of your own.")
@click.option("--form", default="project-target", show_default=True, metavar="NAME", help="表样。 The form.")
@FORMS
@CLUSTER
@FORCE
@LANG
@report_errors
def publish(sources: tuple[Path, ...], output: Path | None, to: Any, verify: bool, lang: str, **options: Any) -> int:
    """审定的数据 → 公开的绩效文本。 What was approved becomes the document that is published.

    数据里写disclosure: 不公开或涉密的、名册里这样写的，不在文本里。 What is not open is left out.

    \b
    perfxl publish 审定.yaml -o 绩效文本.docx --pages        封面、目录、两个部分   title, contents, parts
    perfxl publish 审定.yaml -o 绩效文本.docx --verify       写完读回，逐字核对     read back and compared
    perfxl publish --verify 绩效文本.docx 审定.yaml          只核对                 compare only
    perfxl publish 2024一上 -o 公开                          一个批次，一单位一份   a round, one for each unit
    perfxl publish 审定的数据 -o 全部门.docx --together      几个单位合成一份       one of a whole department
    perfxl publish 审定.yaml -o 绩效文本.pdf                 要有LibreOffice        needs LibreOffice
    """
    from perfxl import commands_publish

    return commands_publish.publish(sources, output, to, verify, lang, **options)
