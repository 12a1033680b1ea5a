"""The commands of a round, as typed: ``perfxl round …``, in the folder of the round or anywhere below it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from perfxl.cli_options import CLUSTER, FILE, FORCE, FORMS, JSON, LANG, PRINTED, SOURCE, TODAY, report_errors
from perfxl.errors import RoundError

IN = click.option(
    "--in", "folder", type=FILE, default=".", metavar="DIR", help="批次的文件夹，默认就在其中。 The round's folder."
)

STORE = click.option(
    "--store",
    default="",
    metavar="URL",
    help="存放记载的数据库，默认是文件。 A database for its store.",
)


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
@click.option("--year", type=click.IntRange(2000, 2100), metavar="YYYY", help="预算年度。 The year.")
@click.option(
    "--phase", type=PRINTED, default="", metavar="TEXT", help="批次，印在表上，默认为一上。 The phase, else 一上."
)
@click.option("--form", "forms", multiple=True, metavar="NAME", help="表样，可以写几次。 A form; more than once.")
@click.option("--deadline", default="", metavar="YYYY-MM-DD[ HH:MM]", help="上报期限。 When it is due.")
@click.option("--office", type=PRINTED, default="", metavar="TEXT", help="联系科室。 Whom to call.")
@click.option("--phone", type=PRINTED, default="", metavar="TEXT", help="联系电话。 The telephone.")
@STORE
@click.option("--from", "former", type=FILE, metavar="DIR", help="用哪个批次通过的数据。 Of what that one approved.")
@click.option("--stage", default="", metavar="NAME", help="哪个阶段：monitoring、self-evaluation。 The stage.")
@click.option("--scheme", default="", metavar="NAME|FILE", help="评分办法，默认按本县口径。 How it is judged.")
@click.option("--adjusted", type=FILE, metavar="FILE.yaml", help="批复后的调整。 What was decided after approval.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="如last_month=9。 An issue value.")
@FORMS
@LANG
@report_errors
def new(folder: Path, year: int | None, forms: tuple[str, ...], former: Path | None, lang: str, **given: Any) -> int:
    """新建一个批次的文件夹。 Make the folder of a round.

    批复以后的阶段由前一批次审核通过的数据来做。 That of a later stage is made of what a former round approved.

    \b
    perfxl round new 2024一上 --year 2024 --phase 一上 --deadline 2024-03-15 --phone 0000-1234567
    perfxl round new 2024一下 --year 2024 --phase 一下 --deadline "2024-11-06 17:00"
    perfxl round new 2024二上 --year 2024 --phase 二上 --form project-target --form department-goals
    perfxl round new 2024监控 --from 2024一上 --stage monitoring              7月  in July
    perfxl round new 2024自评 --from 2024监控 --stage self-evaluation         年底  after the year's end
    perfxl round new 2024监控 --from 2024一上 --stage monitoring --adjusted 调整.yaml --set last_month=9
    perfxl round new 2024一上 --year 2024 --store "postgresql+psycopg://desk@server/county?schema=y2024"
    """
    from perfxl import commands_round

    _check_stage(year, forms, former, given)
    if former is None:
        return commands_round.new(folder, year or 0, forms, given, lang)
    return commands_round.new_of_stage(folder, former, year, given, lang)


def _check_stage(year: int | None, forms: Sequence[str], former: Path | None, given: Mapping[str, Any]) -> None:
    """Refuse the options of a stage without --from, and what cannot stand beside it: nothing is ignored."""
    context = click.get_current_context()
    options = {str(option.name): option for option in context.command.params}
    missing = "stage" if former and not given["stage"] else "year" if not former and year is None else ""
    of_stage = () if former else ("stage", "scheme", "adjusted", "settings")
    for name in of_stage:
        if given[name]:
            raise RoundError(what="needs", option=max(options[name].opts, key=len), other="--from")
    if missing:
        raise click.MissingParameter(ctx=context, param=options[missing])
    if former and forms:
        raise RoundError(what="not_together", option="--form", verb="--from")


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
@click.option("--from", "former", type=FILE, metavar="DIR", help="那个批次又通过的。 What that one approved since.")
@click.option("--dry-run", is_flag=True, help="只看会改什么。 Only show what would change.")
@JSON
@IN
@FORMS
@LANG
@report_errors
def registry(source: Path | None, former: Path | None, folder: Path, lang: str, **options: Any) -> int:
    """导入单位和项目的名册，或取出来改。 Import the registry of units and projects, or write it out.

    SOURCE：.xlsx、.xls、.csv、.yaml，表头的次序不限。也可以是数据文件或一个文件夹的数据文件，数据随表下达。
    The headings may stand in any order. Or records files, or a folder of them, whose records go out with the forms.

    \b
    perfxl round registry 名册.xlsx
    perfxl round registry 名册.csv --money 元 --dry-run
    perfxl round registry ../2024一上/导出/records   上一批通过的数据  what passed in an earlier round
    perfxl round registry --from ../2024一上         监控、自评：后来又通过的  of a stage: approved since
    perfxl round registry --to 名册.xlsx
    perfxl round registry --json
    """
    from perfxl import commands_round

    if former is not None:
        others = {"SOURCE": source, "--to": options["target"], "--form": options["form"], "--money": options["money"]}
        for option in (option for option, value in others.items() if value):
            raise RoundError(what="not_together", option=option, verb="--from")
        return commands_round.stage_registry(former, options["dry_run"], options["as_json"], folder, lang)
    return commands_round.registry(source, folder=folder, lang=lang, **options)


@round_group.command("issue")
@click.option("--unit", "units", multiple=True, metavar="CODE", help="只发这个单位，可以写几次。 Only this unit.")
@click.option("--changed", is_flag=True, help="名册改过的单位重新下发，稿次加1。 Anew where the registry has changed.")
@click.option("--zip", "zips", is_flag=True, help="每个主管部门另存一个压缩包。 A zip for each department, too.")
@JSON
@IN
@FORMS
@CLUSTER
@LANG
@report_errors
def issue(units: tuple[str, ...], changed: bool, zips: bool, as_json: bool, folder: Path, lang: str) -> int:
    """生成各单位的空表，已有的不动。 Write each unit's workbook; those that are there stay as they are.

    旁边有清单和下发通知。 A manifest and notices to paste stand beside them.

    \b
    perfxl round issue
    perfxl round issue --zip              另存各部门的压缩包  and a zip for each department
    perfxl round issue --changed          改过的重新下发      anew where the registry has changed
    perfxl round issue --unit 907001 --changed
    """
    from perfxl import commands_exchange

    return commands_exchange.issue(units, changed, zips, as_json, folder, lang)


@round_group.command("collect")
@click.argument("paths", type=SOURCE, nargs=-1, metavar="[PATH]...")
@click.option(
    "--arrived", default="", metavar="TIME", help="实际收到的时间，默认是现在。 When they really came, else now."
)
@click.option("--watch", is_flag=True, help="一直看着，来了就收，按Ctrl-C结束。 Go on as files come, until Ctrl-C.")
@click.option(
    "--every", type=click.FloatRange(0.1, 3600), metavar="SECONDS", help="隔几秒看一次，默认5。 How often, else 5."
)
@TODAY
@JSON
@IN
@FORMS
@CLUSTER
@LANG
@report_errors
def collect(
    paths: tuple[str | Path, ...],
    arrived: str,
    watch: bool,
    every: float | None,
    today: datetime.date | None,
    as_json: bool,
    folder: Path,
    lang: str,
) -> int:
    """收进收表箱里的文件，原件另存，一个也不改。 Take in what lies in the inbox; nothing there is changed.

    写了PATH（文件、文件夹、压缩包，或它们的网址）的，只收这些。再运行一次不会重复收。 With PATH (files, folders, zips,
    or their URLs) these are taken in and not the inbox. Run again, it takes nothing twice.

    \b
    perfxl round collect
    perfxl round collect /media/U盘/柳溪镇.zip                      直接收，不用先拷进收表箱  without the inbox
    perfxl round collect 柳溪镇.xlsx --arrived 2024-03-15T17:30     更正收到的时间            it came then
    perfxl round collect --watch                                    守着收表箱              as they come
    perfxl round collect --cluster tcp://10.0.0.5:8786              几台电脑一起办理          on several machines
    perfxl round collect --json

    退出码同 perfxl check。 The exit status is that of check.
    """
    from perfxl import commands_exchange

    if every is not None and not watch:
        raise RoundError(what="needs", option="--every", other="--watch")
    for option, given in (("--arrived", arrived), ("--json", as_json)):
        if watch and given:
            raise RoundError(what="not_together", option=option, verb="--watch")
    if watch:
        return commands_exchange.watch(paths, today, every or 5.0, folder, lang)
    return commands_exchange.collect(paths, arrived, today, as_json, folder, lang)


@round_group.command("return")
@click.argument("unit", default="", metavar="[UNIT]")
@click.argument("numbers", type=click.IntRange(0, 9999), nargs=-1, metavar="[NUMBER]...")
@click.option("--form", default="", metavar="NAME", help="表样，默认第一张。 The form, else the round's first.")
@click.option(
    "--deadline", default="", metavar="TEXT", help="重报期限，印在表上，默认为上报期限。 When it is due again."
)
@JSON
@IN
@FORMS
@CLUSTER
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
    from perfxl import commands_exchange

    return commands_exchange.give_back(unit, numbers, form, deadline, as_json, folder, lang)


@round_group.command("status")
@click.argument("unit", metavar="[UNIT", required=False)
@click.argument("number", type=click.IntRange(0, 9999), metavar="[NUMBER]]", required=False)
@click.option("--form", default="", metavar="NAME", help="项目的表样，默认有它的。 The project's form.")
@click.option(
    "--only",
    type=click.Choice([
        "missing", "partial", "question", "review", "ready", "returned", "late", "blank", "unreadable", "difference",
        "unsent",
    ]),
    help="只看某一类单位。 Some units only.",
)  # fmt: skip
@click.option("--unit", "below", default="", metavar="CODE", help="只看一个单位和它下面的。 A unit and those below it.")
@click.option("--to", "target", type=FILE, metavar="FILE", help="存成 .xlsx（A4 横排）或 .html。 Write it there.")
@FORCE
@JSON
@IN
@FORMS
@LANG
@report_errors
def status(unit: str | None, number: int | None, as_json: bool, folder: Path, lang: str, **given: Any) -> int:
    """各单位报到哪一步了；一个单位、一个项目的来稿和意见。 Where every unit stands; what is known of one.

    \b
    perfxl round status
    perfxl round status --only missing       未报齐的单位      units that have not sent all
    perfxl round status --only late          逾期的            those that were late, or are
    perfxl round status --unit 201           一个主管部门      a department and the units below it
    perfxl round status --to 报送进度.xlsx   打印的表          a table to print
    perfxl round status --to 报送进度.html   一个网页，不联网  one page, without network
    perfxl round status --json
    \b
    perfxl round status 907001               没改好的意见      what must still be done in its projects
    perfxl round status 907001 6             编了号的意见      drafts, question, numbered findings

    \b
    --only  missing 未报齐  partial 部分报送  question 待确认  review 待审核  ready 待审定  returned 退回修改
            late 逾期  blank 空表  unreadable 打不开  difference 差额不符  unsent 退回待发
    """
    takes: tuple[str, ...] = ("form",) if unit else ("only", "below", "target", "force")
    for name, option in (("form", "--form"), ("only", "--only"), ("below", "--unit"), ("target", "--to")):
        if given[name] and name not in takes:
            raise RoundError(what="not_together", option=option, verb=f"status {unit or ''}".strip())
    if unit:
        from perfxl import commands_decide

        return commands_decide.show_dossier(unit, number, given["form"], as_json, folder, lang)
    from perfxl import commands_board

    return commands_board.status(
        given["only"] or "", given["below"], given["target"], given["force"], as_json, folder, lang
    )


@round_group.command("decide")
@click.argument("words", nargs=-1, metavar="UNIT [NUMBER] WHAT")
@click.option("--finding", type=click.IntRange(1), metavar="N", help="第几条意见，见 status。 The finding.")
@click.option("--remark", type=click.IntRange(1), metavar="N", help="人工意见几，见 status。 The remark.")
@click.option("--draft", type=click.IntRange(1), metavar="N", help="第几稿，默认最新的。 The draft, else the newest.")
@click.option("--what", "text", default="", metavar="TEXT", help="人工意见：有什么问题。 What is wrong.")
@click.option("--todo", default="", metavar="TEXT", help="人工意见：怎么改。 What to do about it.")
@click.option("--field", "place", default="", metavar="PLACE", help="人工意见：单元格或栏目。 A cell or a field.")
@click.option("--unit", "other", default="", metavar="CODE", help="是哪个单位的表，或907002/3。 Whose sheet it is.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="延到哪天。 The new deadline.")
@click.option("--list", "source", type=FILE, metavar="FILE.xlsx", help="收回填好的处理表。 Take in a list filled in.")
@click.option("--to", "target", type=FILE, metavar="FILE.xlsx", help="写出处理表来填。 Write a list to fill in.")
@click.option("--form", default="", metavar="NAME", help="表样，默认有这个项目的。 The form, else the project's.")
@click.option("--why", default="", metavar="TEXT", help="理由。 The reason.")
@click.option("--who", default="", metavar="NAME", help="经办人，默认登录的人。 By whom, else the one logged in.")
@JSON
@IN
@FORMS
@LANG
@report_errors
def decide(words: tuple[str, ...], as_json: bool, folder: Path, lang: str, **given: Any) -> int:
    """审定项目、处理意见、回答待确认的问题。 Pass tables, decide on findings, answer open questions.

    UNIT 是单位代码，NUMBER 是项目序号，部门表写 0。 UNIT: the unit's code; NUMBER: the project's, 0 for a unit's
    own form.

    \b
    perfxl round decide 907001 6 approve                审核通过            it passes
    perfxl round decide 907001 6 7 8 approve            几个项目一起通过    several pass
    perfxl round decide 907001 approve                  待审定的都通过      all pass that wait for it
    perfxl round decide 907001 6 take-back --why 有误   取回上一个决定      the last decision is taken back
    perfxl round decide 907001 6 return                 没有问题也退回      send it back all the same
    \b
    perfxl round decide 907001 6 new                    待确认：以新的为准  the new sheet counts
    perfxl round decide 907001 6 old                    待确认：原来的不变  the old one goes on counting
    perfxl round decide 907001 6 aside                  先放着，问单位      put it aside, ask the unit
    perfxl round decide 907001 6 unit --unit 907002     是那个单位的表      it is that unit's
    \b
    perfxl round decide 907001 6 uphold --finding 3     维持，仍要改        it stays to be put right
    perfxl round decide 907001 6 accept --finding 3     采纳说明            the explanation is accepted
    perfxl round decide 907001 6 withdraw --finding 3   撤销这条意见        there is nothing to it
    perfxl round decide 907001 6 take-back --finding 3  取回对它的处理      that decision is taken back
    \b
    perfxl round decide 907001 6 remark --what 依据不明 --todo 请附文件 --field H13
    perfxl round decide 907001 6 done --remark 1        人工意见已改        the remark is done
    perfxl round decide 907001 6 take-back --remark 1   取回                taken back
    \b
    perfxl round decide 907001 extend --until 2024-03-20 --why 停电
    perfxl round decide 907001 take-back                取回延期            the extension is taken back
    perfxl round decide --to 处理.xlsx --unit 907001    写出处理表来填      a list to fill in
    perfxl round decide --list 处理.xlsx                收回填好的处理表    take it in
    """
    from perfxl import commands_decide

    if given["source"] or given["target"]:
        _check_options("--list" if given["source"] else "--to", given, words)
        return commands_decide.decide_by_list(given, as_json, folder, lang)
    spoken = _read_words(words)
    of_unit = spoken["number"] is None and spoken["what"] == "take-back"
    _check_options("take-back UNIT" if of_unit else spoken["what"], given)
    if len(spoken["numbers"]) != 1 and spoken["what"] == "approve":
        return commands_decide.approve({**given, **spoken}, as_json, folder, lang)
    return commands_decide.decide({**given, **spoken}, as_json, folder, lang)


_NUMBER = click.Argument(["number"], type=click.IntRange(0, 9999), metavar="NUMBER")
_FINDING = {"finding": True}
DECISIONS: dict[str, dict[str, bool]] = {
    "approve": {},
    "return": {},
    "take-back": {"finding": False, "remark": False},
    "new": {"draft": False},
    "old": {},
    "aside": {},
    "unit": {"other": True},
    "uphold": _FINDING,
    "accept": _FINDING,
    "withdraw": _FINDING,
    "remark": {"text": False, "todo": False, "place": False},
    "done": {"remark": True},
    "extend": {"until": True, "why": False, "who": False},
}
"""What a person may decide, each with the options that it takes: those that must be given are True."""

_WITHOUT_PROJECT: dict[str, dict[str, bool]] = {
    "--list": {"source": True, "who": False},
    "--to": {"target": True, "other": False},
    "take-back UNIT": {"why": False, "who": False},
}
_WHAT = click.Argument(["what"], type=click.Choice([*DECISIONS]), metavar="WHAT")
_OF_PROJECTS = {"form": False, "why": False, "who": False}


def _read_words(words: Sequence[str]) -> dict[str, Any]:
    """Return the unit, the number, None for a decision about the unit or several projects, and what is decided."""
    context = click.get_current_context()
    if len(words) < 2:
        raise click.MissingParameter(ctx=context, param=_WHAT if words else click.Argument(["unit"], metavar="UNIT"))
    what = _WHAT.type_cast_value(context, words[-1])
    if len(words) > 3 and what != "approve":
        raise click.UsageError(f"Got unexpected extra arguments ({' '.join(words[2:-1])})", context)
    if len(words) == 2 and what not in ("extend", "take-back", "approve"):
        raise click.MissingParameter(ctx=context, param=_NUMBER)
    if len(words) == 3 and what == "extend":
        raise click.UsageError(f"Got unexpected extra arguments ({words[1]})", context)
    numbers = [_NUMBER.type_cast_value(context, word) for word in words[1:-1]]
    return {"unit": words[0], "number": numbers[0] if len(numbers) == 1 else None, "numbers": numbers, "what": what}


def _check_options(what: str, given: Mapping[str, Any], words: Sequence[str] = ()) -> None:
    """Refuse an option that a decision needs and has not, or has and does not take: nothing is ignored."""
    context = click.get_current_context()
    if words:
        raise click.UsageError(f"Got unexpected extra arguments ({' '.join(words)})", context)
    takes = _WITHOUT_PROJECT.get(what) or DECISIONS[what]
    takes = takes if what in (*_WITHOUT_PROJECT, "extend") else {**_OF_PROJECTS, **takes}
    for option in context.command.params:
        name = str(option.name)
        if given.get(name) and name not in takes:
            raise RoundError(what="not_together", option=max(option.opts, key=len), verb=what)
        if takes.get(name) and not given[name]:
            raise click.MissingParameter(ctx=context, param=option)


@round_group.command("take-over")
@IN
@FORMS
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
@FORMS
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
@FORMS
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
    from perfxl import commands_exchange

    return commands_exchange.sent(units, all_units, undo, as_json, folder, lang)


@round_group.command("undo")
@click.option(
    "--run", "number", type=click.IntRange(1), metavar="N", help="第几次收表，写明更稳妥。 Which run, to be sure."
)
@IN
@FORMS
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
    from perfxl import commands_exchange

    return commands_exchange.undo(number, folder, lang)


@round_group.command("backup")
@click.argument("target", type=FILE, metavar="FILE.zip")
@IN
@FORMS
@LANG
@report_errors
def backup(target: Path, folder: Path, lang: str) -> int:
    """把整个批次备份成一个文件，办理时也可以备份。 Write the whole round as one file, even while it is worked on.

    有名册、下发的、原件、退回的和全部记载；收表箱里还没有收的不在内。 What was issued, what came, what went back and
    all that is known; what lies in the inbox and was not taken in yet is not in it.

    \b
    perfxl round backup D:\\备份\\2024一上.zip
    """
    from perfxl import commands_keep

    return commands_keep.backup(target, folder, lang)


@round_group.command("restore")
@click.argument("source", type=FILE, metavar="FILE.zip")
@click.argument("target", type=FILE, metavar="FOLDER")
@STORE
@LANG
@report_errors
def restore(source: Path, target: Path, store: str, lang: str) -> int:
    """把备份恢复到一个新文件夹。 Make a new folder of a backup.

    \b
    perfxl round restore 2024一上.zip 2024一上
    perfxl round restore 2024一上.zip 2024一上 --store "postgresql+psycopg://desk@server/county?schema=y2024"
    """
    from perfxl import commands_keep

    return commands_keep.restore(source, target, store, lang)


@round_group.command("verify")
@JSON
@IN
@FORMS
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
    from perfxl import commands_keep

    return commands_keep.verify(as_json, folder, lang)


STATE_WORDS = {
    "未报": "missing", "退回修改": "returned", "待确认": "question", "待审核": "review", "待审定": "ready",
    "审核通过": "approved",
}  # fmt: skip
"""The states of a project by the words of the board; both may be typed."""


@round_group.command("export")
@click.option(
    "--format",
    "formats",
    type=click.Choice(["xlsx", "csv", "json", "sqlite", "records", "duckdb", "parquet"]),
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
@JSON
@click.option("--json-schema", is_flag=True, help="那份 JSON 的 JSON Schema。 The JSON Schema of that document.")
@IN
@FORMS
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
    duckdb   同样的表，列分类型，供分析          the same tables with types, for analysis (perfxl[duckdb])
    parquet  每张表一个文件，多县可以一起查      a file for each, many counties queried together

    涉密项目不导出。 Secret projects are never exported.

    \b
    perfxl round export
    perfxl round export --state 审核通过 --format csv --format json
    perfxl round export --format parquet -o 汇总/907
    perfxl round export --json | jq '.projects[].record'
    """
    from perfxl import commands_keep
    from perfxl.rounds.desk.exporting import ExportOrder

    wanted: dict[Any, None] = dict.fromkeys(STATE_WORDS.get(state, state) for state in states)
    order = ExportOrder(tuple(dict.fromkeys(formats)), tuple(wanted), lang, force)
    return commands_keep.export(folder, output, as_json, json_schema, order)
