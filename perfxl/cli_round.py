"""The commands of a round, as typed: ``perfxl round …``, in the folder of the round or anywhere below it."""

from __future__ import annotations

from pathlib import Path

import click

from perfxl.cli_options import FILE, LANG, report_errors

IN = click.option(
    "--in", "folder", type=FILE, default=".", metavar="DIR", help="批次的文件夹，默认就在其中。 The round's folder."
)
JSON = click.option("--json", "as_json", is_flag=True, help="JSON 写到标准输出。 JSON to standard output.")


@click.group(name="round")
def round_group() -> None:
    """一个批次：下发、收表、看进度。 A round: send out, take in, see where everybody stands.

    \b
    perfxl round new 2024一上 --year 2024 --phase 一上 --deadline 2024-03-15
    cd 2024一上
    perfxl round registry 名册.xlsx     单位和项目        units and projects
    perfxl round issue                  各单位的空表      a workbook for each unit
    perfxl round collect                收进“收表箱”里的  take in what lies in the inbox
    perfxl round return                 标出问题，退回      flag it, for sending back
    perfxl round status                 谁报了、谁没报    who has sent, who has not
    perfxl round decide 907001 6 approve  审核通过        a person passes a table
    """


@round_group.command("new")
@click.argument("folder", type=FILE)
@click.option("--year", required=True, type=click.IntRange(2000, 2100), metavar="YYYY", help="预算年度。 The year.")
@click.option("--phase", default="一上", show_default=True, metavar="TEXT", help="批次，印在表上。 The phase.")
@click.option("--form", "forms", multiple=True, metavar="NAME", help="表样，可以写几次。 A form; more than once.")
@click.option("--deadline", default="", metavar="YYYY-MM-DD", help="上报期限。 When it is due.")
@click.option("--office", default="", metavar="TEXT", help="联系科室。 Whom to call.")
@click.option("--phone", default="", metavar="TEXT", help="联系电话。 The telephone.")
@LANG
@report_errors
def new(
    folder: Path, year: int, phase: str, forms: tuple[str, ...], deadline: str, office: str, phone: str, lang: str
) -> int:
    """新建一个批次的文件夹。 Make the folder of a round.

    \b
    perfxl round new 2024一上 --year 2024 --phase 一上 --deadline 2024-03-15 --phone 0000-1234567
    perfxl round new 2024二上 --year 2024 --phase 二上 --form project-target --form department-goals
    """
    from perfxl import commands_round

    return commands_round.new(folder, year, phase, forms, deadline, office, phone, lang)


@round_group.command("registry")
@click.argument("source", type=FILE, required=False)
@click.option("--form", default="", metavar="NAME", help="项目填哪张表样，默认第一张。 The form of the projects.")
@click.option(
    "--money",
    type=click.Choice(["", "元", "千元", "万元", "百万元", "千万元", "亿元"]),
    default="",
    metavar="UNIT",
    help="金额的单位：元、万元；名册上写了的不用。 The money unit.",
)
@click.option("--to", "target", type=FILE, metavar="FILE.xlsx", help="把现有名册存成表来改。 Write it out for editing.")
@click.option("--dry-run", is_flag=True, help="只看会改什么。 Only show what would change.")
@IN
@LANG
@report_errors
def registry(
    source: Path | None, form: str, money: str, target: Path | None, dry_run: bool, folder: Path, lang: str
) -> int:
    """导入单位和项目的名册，或取出来改。 Import the registry of units and projects, or write it out.

    SOURCE：.xlsx、.xls、.csv、.yaml，表头的次序不限。 The headings may stand in any order.

    \b
    perfxl round registry 名册.xlsx
    perfxl round registry 名册.csv --money 元 --dry-run
    perfxl round registry --to 名册.xlsx
    """
    from perfxl import commands_round

    return commands_round.registry(source, form, money, target, dry_run, folder, lang)


@round_group.command("issue")
@IN
@LANG
@report_errors
def issue(folder: Path, lang: str) -> int:
    """生成各单位的空表，已有的不动。 Write each unit's workbook; those that are there stay as they are.

    \b
    perfxl round issue
    perfxl round issue --in 2024一上
    """
    from perfxl import commands_round

    return commands_round.issue(folder, lang)


@round_group.command("collect")
@JSON
@IN
@LANG
@report_errors
def collect(as_json: bool, folder: Path, lang: str) -> int:
    """收进收表箱里的文件，原件另存，一个也不改。 Take in what lies in the inbox; nothing there is changed.

    再运行一次不会重复收。 Run again, it takes nothing twice.

    \b
    perfxl round collect
    perfxl round collect --json

    退出码同 perfxl check。 The exit status is that of check.
    """
    from perfxl import commands_round

    return commands_round.collect(as_json, folder, lang)


@round_group.command("return")
@IN
@LANG
@report_errors
def give_back(folder: Path, lang: str) -> int:
    """标注要退回修改的表，放进“退回”，附退回通知。 Flag what is to be put right, for sending back.

    每一稿只退一次；没有问题的表不动。 A draft is returned once; tables without findings are left alone.

    \b
    perfxl round return
    """
    from perfxl import commands_round

    return commands_round.give_back(folder, lang)


@round_group.command("status")
@JSON
@IN
@LANG
@report_errors
def status(as_json: bool, folder: Path, lang: str) -> int:
    """各单位报到哪一步了。 Where every unit stands.

    \b
    perfxl round status
    perfxl round status --json
    """
    from perfxl import commands_round

    return commands_round.status(as_json, folder, lang)


@round_group.command("decide")
@click.argument("unit", metavar="UNIT")
@click.argument("number", type=click.IntRange(0, 9999), metavar="NUMBER")
@click.argument("what", type=click.Choice(["approve", "take-back", "new", "old"]))
@click.option("--form", default="", metavar="NAME", help="表样，默认第一张。 The form, else the round's first.")
@click.option("--why", default="", metavar="TEXT", help="理由。 The reason.")
@IN
@LANG
@report_errors
def decide(unit: str, number: int, what: str, form: str, why: str, folder: Path, lang: str) -> int:
    """审定一个项目，或回答待确认的问题。 Pass a project's table, or answer an open question.

    UNIT 是单位代码，NUMBER 是项目序号，部门表写 0。 UNIT: the unit's code; NUMBER: the project's, 0 for a unit's
    own form.

    \b
    perfxl round decide 907001 6 approve              审核通过            it passes
    perfxl round decide 907001 6 take-back --why 有误 取消通过            it does not after all
    perfxl round decide 907001 6 new                  待确认：以新的为准  the new sheet counts
    perfxl round decide 907001 6 old                  待确认：原来的不变  the old one goes on counting
    """
    from perfxl import commands_round

    return commands_round.decide(unit, number, what, form, why, folder, lang)


@round_group.command("take-over")
@IN
@LANG
@report_errors
def take_over(folder: Path, lang: str) -> int:
    """接手：对方的电脑已关机或断网，过一分钟由这里办理。 Take over from a machine that is off or cut off.

    同一台电脑上中断的，下次运行自动接上，不用这条。 What was cut off on this machine needs no such word.

    \b
    perfxl round take-over
    """
    from perfxl import commands_round

    return commands_round.take_over(folder, lang)
