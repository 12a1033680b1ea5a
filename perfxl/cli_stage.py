"""The commands of the stages after the target: `perfxl stage`."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any

import click

from perfxl.cli_options import CLUSTER, FILE, FORCE, FORMS, LANG, PRINTED, SOURCE, report_errors

SOURCES = click.argument("sources", nargs=-1, required=True, type=FILE, metavar="RECORDS|WORKBOOKS...")
OUTPUT = click.option("-o", "--output", required=True, type=FILE, help="文件夹。 The output folder.")
RULES = click.option("--rules", type=FILE, metavar="FILE", help="本县的审核口径。 How the county checks and judges.")

_MAKING: tuple[Callable[[Any], Any], ...] = (
    SOURCES,
    OUTPUT,
    click.option(
        "--scheme",
        default="",
        metavar="NAME|FILE",
        help="评分办法：cn-2015、cn-2021、execution-20、split-2022、hebei或自己的文件。 How it is judged.",
    ),
    click.option(
        "--adjusted",
        type=FILE,
        metavar="FILE.yaml",
        help="批复后经批准的调整。 What was decided after approval.",
    ),
    click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="如last_month=9。 An issue value."),
    click.option("--by", type=click.Choice(["unit", "project"]), default="unit", show_default=True,
                 help="一单位或一项目一个文件。 A file per unit or per project."),
    click.option("--phase", type=PRINTED, help="批次。 The phase."),
    click.option("--draft", type=click.IntRange(1, 99), default=1, show_default=True, metavar="N",
                 help="第几稿。 The draft."),
    click.option("--office", type=PRINTED, help="联系科室，默认财政局绩效股。 Whom to call."),
    click.option("--phone", type=PRINTED, default="", help="联系电话，印在表旁。 The telephone beside the form."),
    click.option("--password", default="", metavar="TEXT", help="工作表保护密码。 Password of the sheet protection."),
    RULES, FORMS, CLUSTER, FORCE, LANG,
)  # fmt: skip


def _making(command: Callable[..., int]) -> Callable[..., int]:
    """Return a command with the arguments and options of those that make workbooks of a stage."""
    return reduce(lambda made, option: option(made), reversed(_MAKING), command)


@click.group(name="stage")
def stage_group() -> None:
    """批复以后：年中监控、年底自评、汇总。 After approval: monitoring, self-evaluation, summary.

    \b
    perfxl stage monitoring 批复.yaml -o 监控表         7月：运行监控表      in July
    perfxl stage self-evaluation 批复.yaml -o 自评表    年底：绩效自评表     after the year's end
    perfxl stage department 批复.yaml 收到的自评表 -o 部门自评表    部门整体绩效自评表    a department's
    perfxl stage summary 收到的表 -o 汇总.xlsx          全县汇总、预警清单   the county's summary
    """


@stage_group.command()
@_making
@report_errors
def monitoring(sources: tuple[Path, ...], output: Path, lang: str, **options: Any) -> int:
    """批复的项目 → 运行监控表。 Approved projects become monitoring workbooks.

    \b
    perfxl stage monitoring 批复.yaml -o 监控表 --phone 0000-1234567
    perfxl stage monitoring 审定的表 -o 监控表 --set last_month=9      1—9月    January to September
    perfxl stage monitoring 批复.yaml -o 监控表 --adjusted 调整.yaml --scheme hebei
    """
    from perfxl import commands_stage

    return commands_stage.make("monitoring", sources, output, lang, **options)


@stage_group.command("self-evaluation")
@_making
@report_errors
def self_evaluation(sources: tuple[Path, ...], output: Path, lang: str, **options: Any) -> int:
    """批复的项目 → 绩效自评表。 Approved projects become self-evaluation workbooks.

    与年中监控的数据一起给，年底的数比年中少时会提醒。 With the records of monitoring, less than in July is found.

    \b
    perfxl stage self-evaluation 批复.yaml -o 自评表 --phone 0000-1234567
    perfxl stage self-evaluation 批复.yaml 年中.yaml -o 自评表 --scheme cn-2021
    perfxl stage self-evaluation 批复.yaml -o 自评表 --adjusted 调整.yaml
    """
    from perfxl import commands_stage

    return commands_stage.make("self-evaluation", sources, output, lang, **options)


@stage_group.command()
@_making
@report_errors
def department(sources: tuple[Path, ...], output: Path, lang: str, **options: Any) -> int:
    """部门目标和项目自评 → 部门整体绩效自评表。 Goals and self-evaluations become a department's self-evaluation.

    部门整体绩效目标在批复的数据里，项目自评是收到的表或读出的数据。 Goals as approved.

    \b
    perfxl stage department 批复.yaml 收到的自评表 -o 部门自评表 --phone 0000-1234567
    perfxl stage department 批复.yaml 自评.yaml -o 部门自评表 --scheme cn-2021
    """
    from perfxl import commands_stage

    return commands_stage.make("department", sources, output, lang, **options)


@stage_group.command()
@click.argument("sources", nargs=-1, required=True, type=SOURCE, metavar="RECORDS|WORKBOOKS...")
@click.option("-o", "--output", required=True, type=FILE, help="汇总文件，.xlsx或.html。 The summary.")
@click.option(
    "--registry", type=FILE, metavar="FILE", help="单位名册，按上下级汇总。 The units, for sums by the unit above."
)
@FORMS
@CLUSTER
@FORCE
@LANG
@report_errors
def summary(sources: tuple[str | Path, ...], output: Path, registry: Path | None, force: bool, lang: str) -> int:
    """报回的监控表、自评表 → 全县汇总。 Returned sheets become the county's summary.

    一个项目有几稿的，按最新一稿。 Of several drafts of a project the newest counts.
    工作簿也可以写网址。 Workbooks may be named by URL.

    \b
    perfxl stage summary 收到的监控表 -o 汇总.xlsx           亮灯、执行率、红黄灯清单      lights, money
    perfxl stage summary 监控表 自评表 -o 汇总.xlsx          加上得分、等级、指标对照      with scores
    perfxl stage summary 自评表 -o 汇总.html --registry 名册.xlsx
    perfxl stage summary 2024监控 -o 汇总.xlsx               一个批次              a round
    """
    from perfxl import commands_stage

    return commands_stage.summarise(sources, output, registry, force, lang)
