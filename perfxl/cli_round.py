"""The commands of a round, as typed: ``perfxl round …``, in the folder of the round or anywhere below it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from perfxl.cli_options import FILE, LANG, report_errors

IN = click.option(
    "--in", "folder", type=FILE, default=".", metavar="DIR", help="批次的文件夹，默认就在其中。 The round's folder."
)
FORCE = click.option("--force", is_flag=True, help="覆盖已有的文件。 Overwrite files that exist.")
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
    perfxl round remind                 催报              whom to remind, with the text
    perfxl round decide 907001 6 approve  审核通过        a person passes a table
    perfxl round export                 导出数据          the records, for pivot tables and programs
    """


@round_group.command("new")
@click.argument("folder", type=FILE)
@click.option("--year", required=True, type=click.IntRange(2000, 2100), metavar="YYYY", help="预算年度。 The year.")
@click.option("--phase", default="一上", show_default=True, metavar="TEXT", help="批次，印在表上。 The phase.")
@click.option("--form", "forms", multiple=True, metavar="NAME", help="表样，可以写几次。 A form; more than once.")
@click.option("--deadline", default="", metavar="YYYY-MM-DD[ HH:MM]", help="上报期限。 When it is due.")
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
    perfxl round new 2024一下 --year 2024 --phase 一下 --deadline "2024-11-06 17:00"
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
@click.argument("unit", default="", metavar="[UNIT]")
@click.argument("numbers", type=click.IntRange(0, 9999), nargs=-1, metavar="[NUMBER]...")
@click.option("--form", default="", metavar="NAME", help="表样，默认第一张。 The form, else the round's first.")
@click.option(
    "--deadline", default="", metavar="TEXT", help="重报期限，印在表上，默认为上报期限。 When it is due again."
)
@JSON
@IN
@LANG
@report_errors
def give_back(
    unit: str, numbers: tuple[int, ...], form: str, deadline: str, as_json: bool, folder: Path, lang: str
) -> int:
    """标注要退回修改的表，放进“退回”，附退回通知。 Flag what is to be put right, for sending back.

    每一稿只退一次；没有问题的项目不退，除非写明它的序号。 A draft is returned once; a project without findings is left
    alone, unless its NUMBER is named.

    \b
    perfxl round return                          所有待审核、有意见的  all that has something open
    perfxl round return 907001                   只退一个单位          of one unit alone
    perfxl round return 907001 6 9               项目6、9也退          and its projects 6 and 9
    perfxl round return --deadline 11月6日17:00  写明重报期限          when it is due again
    """
    from perfxl import commands_round

    return commands_round.give_back(unit, numbers, form, deadline, as_json, folder, lang)


@round_group.command("status")
@click.option(
    "--only",
    type=click.Choice([
        "missing", "partial", "question", "review", "ready", "returned", "late", "blank", "unreadable", "difference",
        "unsent",
    ]),
    help="只看某一类单位。 Some units only.",
)  # fmt: skip
@click.option("--unit", default="", metavar="CODE", help="只看一个单位和它下面的。 A unit and those below it.")
@click.option("--to", "target", type=FILE, metavar="FILE", help="存成 .xlsx（A4 横排）或 .html。 Write it there.")
@FORCE
@JSON
@IN
@LANG
@report_errors
def status(
    only: str | None, unit: str, target: Path | None, force: bool, as_json: bool, folder: Path, lang: str
) -> int:
    """各单位报到哪一步了。 Where every unit stands.

    \b
    perfxl round status
    perfxl round status --only missing       未报齐的单位      units that have not sent all
    perfxl round status --only late          逾期的            those that were late, or are
    perfxl round status --unit 201           一个主管部门      a department and the units below it
    perfxl round status --to 报送进度.xlsx   打印的表          a table to print
    perfxl round status --to 报送进度.html   一个网页，不联网  one page, without network
    perfxl round status --json

    \b
    --only  missing 未报齐  partial 部分报送  question 待确认  review 待审核  ready 待审定  returned 退回修改
            late 逾期  blank 空表  unreadable 打不开  difference 差额不符  unsent 退回待发
    """
    from perfxl import commands_board

    return commands_board.status(only or "", unit, target, force, as_json, folder, lang)


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


@round_group.command("remind")
@click.option("--unit", default="", metavar="CODE", help="只催一个单位和它下面的。 A unit and those below it.")
@click.option("--to", "target", type=FILE, metavar="FILE", help="存成 .txt 或 .xlsx。 Write it there.")
@FORCE
@click.option("--dry-run", is_flag=True, help="只看，不记为催报。 Look only; note no reminder.")
@JSON
@IN
@LANG
@report_errors
def remind(unit: str, target: Path | None, force: bool, dry_run: bool, as_json: bool, folder: Path, lang: str) -> int:
    """催报：谁没报齐，差什么，还有几天，和可以直接粘贴的文字。 Who is to be reminded, with texts to paste.

    催了几次记在报送进度里，同一天只记一次。 The board says on how many days a unit was reminded.

    \b
    perfxl round remind
    perfxl round remind --to 催报.xlsx
    perfxl round remind --to 催报.txt --unit 201
    perfxl round remind --dry-run --json
    """
    from perfxl import commands_board

    return commands_board.remind(unit, target, force, dry_run, as_json, folder, lang)


@round_group.command("sent")
@click.argument("units", nargs=-1, metavar="[UNIT]...")
@click.option("--all", "all_units", is_flag=True, help="所有待发的单位。 All units that wait.")
@click.option("--undo", is_flag=True, help="取消打的勾。 Take the tick back.")
@JSON
@IN
@LANG
@report_errors
def sent(units: tuple[str, ...], all_units: bool, undo: bool, as_json: bool, folder: Path, lang: str) -> int:
    """退回的表发出后打勾，看待发清单。 Tick what was sent back, and see what is to be sent.

    \b
    perfxl round sent                        待发清单      what is to be sent
    perfxl round sent 907001 907002          已发给两个单位  these two have it
    perfxl round sent --all                  都已发出      all have it
    perfxl round sent 907001 --undo          打错了        it was not sent after all
    """
    from perfxl import commands_round

    return commands_round.sent(units, all_units, undo, as_json, folder, lang)


@round_group.command("undo")
@click.option(
    "--run", "number", type=click.IntRange(1), metavar="N", help="第几次收表，写明更稳妥。 Which run, to be sure."
)
@IN
@LANG
@report_errors
def undo(number: int | None, folder: Path, lang: str) -> int:
    """撤销最近一次收表；文件都留着，再收时重新办理。 Take the last collect back; its files stay and are taken in anew.

    收表后已有人审核、退回的，不能撤销，会写明是谁、何时办理的。 Where people have decided on what it brought, it is not
    taken back, and they are named.

    \b
    perfxl round undo
    perfxl round undo --run 3
    """
    from perfxl import commands_round

    return commands_round.undo(number, folder, lang)


@round_group.command("backup")
@click.argument("target", type=FILE, metavar="FILE.zip")
@IN
@LANG
@report_errors
def backup(target: Path, folder: Path, lang: str) -> int:
    """把整个批次备份成一个文件，办理时也可以备份。 Write the whole round as one file, even while it is worked on.

    有名册、下发的、原件、退回的和全部记载；收表箱里还没有收的不在内。 What was issued, what came, what went back and
    all that is known; what lies in the inbox and was not taken in yet is not in it.

    \b
    perfxl round backup D:\\备份\\2024一上.zip
    """
    from perfxl import commands_round

    return commands_round.backup(target, folder, lang)


@round_group.command("restore")
@click.argument("source", type=FILE, metavar="FILE.zip")
@click.argument("target", type=FILE, metavar="FOLDER")
@LANG
@report_errors
def restore(source: Path, target: Path, lang: str) -> int:
    """把备份恢复到一个新文件夹。 Make a new folder of a backup.

    \b
    perfxl round restore 2024一上.zip 2024一上
    """
    from perfxl import commands_round

    return commands_round.restore(source, target, lang)


@round_group.command("verify")
@JSON
@IN
@LANG
@report_errors
def verify(as_json: bool, folder: Path, lang: str) -> int:
    """检查批次：库和文件夹对不对得上，有没有丢的、改过的。 Prove a round: nothing is lost, and nothing was changed.

    只看，不改；别人正在办理时也可以检查。有问题时退出码为1。 It only reads, also while another desk writes; the exit
    status is 1 where something is wrong.

    \b
    perfxl round verify
    perfxl round verify --json
    """
    from perfxl import commands_round

    return commands_round.verify(as_json, folder, lang)


STATE_WORDS = {
    "未报": "missing", "退回修改": "returned", "待确认": "question", "待审核": "review", "待审定": "ready",
    "审核通过": "approved",
}  # fmt: skip
"""The states of a project by the words of the board; both may be typed."""


@round_group.command("export")
@click.option(
    "--format",
    "formats",
    type=click.Choice(["xlsx", "csv", "json", "sqlite", "records"]),
    multiple=True,
    default=("xlsx",),
    show_default=True,
    help="可以写几次。 More than once.",
)
@click.option(
    "--state",
    "states",
    type=click.Choice([*STATE_WORDS.values(), *STATE_WORDS]),
    multiple=True,
    metavar="STATE",
    help="只要这些状态的项目：approved、审核通过……默认是报来的全部。 Only projects in this state; else all that came.",
)
@click.option("-o", "--output", type=FILE, metavar="DIR", help="默认放进“导出”。 Else into the round's exports.")
@click.option("--force", is_flag=True, help="已有的文件，覆盖。 Write over files that are there.")
@click.option("--json", "as_json", is_flag=True, help="JSON 写到标准输出。 JSON to standard output.")
@click.option("--json-schema", is_flag=True, help="那份 JSON 的 JSON Schema。 The JSON Schema of that document.")
@IN
@LANG
@report_errors
def export(
    formats: tuple[Any, ...],
    states: tuple[str, ...],
    output: Path | None,
    force: bool,
    as_json: bool,
    json_schema: bool,
    folder: Path,
    lang: str,
) -> int:
    """把项目表的数据导出来。 Export the records of the round.

    \b
    xlsx     做透视表用，数字是数字，编码是文本  for pivot tables: numbers are numbers, codes are text
    csv      同样的表，每张一个文件              the same tables, a file for each
    json     全部内容：记录、意见、决定          everything: records, findings, decisions
    sqlite   同样的表，可以用SQL查               the same tables, to be queried
    records  每个单位一个数据文件，可再生成表    a records file for each unit, for perfxl generate

    涉密项目不导出。 Secret projects are never exported.

    \b
    perfxl round export
    perfxl round export --state 审核通过 --format csv --format json
    perfxl round export --json | jq '.projects[].record'
    """
    from perfxl import commands_round
    from perfxl.rounds.desk.exporting import ExportOrder

    wanted: dict[Any, None] = dict.fromkeys(STATE_WORDS.get(state, state) for state in states)
    order = ExportOrder(tuple(dict.fromkeys(formats)), tuple(wanted), lang, force)
    return commands_round.export(folder, output, as_json, json_schema, order)
