"""The command `perfxl carry`: last year's texts into this year's list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from perfxl.cli_options import CLUSTER, FILE, FORCE, FORMS, LANG, report_errors


@click.command()
@click.argument("last", nargs=-1, required=True, type=FILE, metavar="LAST...")
@click.argument("this", type=FILE, metavar="LIST")
@click.option(
    "-o", "--output", required=True, type=FILE, help="数据文件，或放它们的文件夹。 A records file, or a folder."
)
@click.option("--year", type=click.IntRange(1900, 2199), metavar="YYYY", help="今年，清单里没有写的。 This year.")
@click.option("--form", default="project-target", show_default=True, metavar="NAME", help="表样。 The form.")
@click.option("--rules", type=FILE, metavar="FILE", help="本县的审核口径。 How the county checks, with its taxonomy.")
@click.option(
    "--money",
    type=click.Choice(["", "元", "千元", "万元", "百万元", "千万元", "亿元"]),
    default="",
    metavar="UNIT",
    help="名册金额的单位：元、万元；名册上写了的不用。 The money unit of a registry.",
)
@FORMS
@CLUSTER
@FORCE
@LANG
@report_errors
def carry(last: tuple[Path, ...], this: Path, output: Path, lang: str, **options: Any) -> int:
    """上年内容对到今年的清单。 Last year's texts on this year's codes, names and amounts.

    LAST是上年的数据、收到的表或批次；LIST是今年的名册或数据。 Records, workbooks or a round; a registry or records.

    \b
    perfxl carry 2024.yaml 2025名册.xlsx -o 2025.yaml
    perfxl carry 2024二上 2025名册.xlsx -o 2025              上年的批次，一个单位一个文件   last year's round
    perfxl generate 2025.yaml -o 下发 --prefill last         然后下发           then send them out
    """
    from perfxl import commands_carry

    return commands_carry.carry(last, this, output, lang, **options)
