"""The command line: what is typed, one verb, an exit status. Each command imports its verb only when it runs."""

from __future__ import annotations

import atexit
import datetime
import errno
import functools
import gc
import sys
import traceback
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perfxl.cli_carry import carry
from perfxl.cli_document import extract
from perfxl.cli_form import form_group
from perfxl.cli_options import (
    CLUSTER,
    FILE,
    FORCE,
    FORMS,
    JSON,
    LANG,
    PRINTED,
    SOURCE,
    TODAY,
    refuse,
    report_errors,
    usual_language,
)
from perfxl.cli_publish import publish
from perfxl.cli_round import round_group
from perfxl.cli_stage import stage_group

if TYPE_CHECKING:
    from perfxl.rules import Policy


def _formats() -> Collection[str]:
    """Return the formats in which findings are shown: a file ``as_….py`` each."""
    return sorted(path.stem.removeprefix("as_") for path in (Path(__file__).parent / "report").glob("as_*.py"))


SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


PATHS = click.argument("paths", nargs=-1, required=True, type=SOURCE, metavar="PATH...")
FORM = functools.partial(click.option, "--form", default="project-target", show_default=True, metavar="NAME")
RULES = click.option(
    "--rules", type=FILE, metavar="FILE", help="本县的审核口径，见 perfxl rules。 How the county checks, a .yaml file."
)
SELECT = click.option(
    "--select", default="", metavar="CODES", help="只查这些规则或组，如 MN,PL-02。 Only these checks or groups."
)
IGNORE = click.option("--ignore", default="", metavar="CODES", help="不查这些规则或组。 Not these checks or groups.")


_SELDOM = 50_000
"""New objects after which garbage is looked for: a table is many objects and no garbage, and looking took long."""


class Commands(click.Group):
    """The commands, all of which end in a status, whatever was typed and wherever their output goes."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run what is typed and end the process with its status: 2 where the call or standard output is wrong."""
        for stream in (sys.stdout, sys.stderr):  # a file's name may hold what the console cannot show
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
        gc.set_threshold(_SELDOM)
        atexit.register(gc.freeze)  # what is there at the end goes with the process, and is not gone through once more
        typed = args[0] if args else extra.get("args")
        words = list(sys.argv[1:] if typed is None else typed)
        try:
            status = self._run(words, args, extra)
        except KeyboardInterrupt:
            status = 130  # as shells have it; 1 would say that there are findings
        sys.exit(status)

    def _run(self, words: list[str], args: tuple[Any, ...], extra: dict[str, Any]) -> int:
        failure: OSError | None = None if sys.stdout else OSError(errno.EBADF, "")
        status = 2
        try:
            if failure is None:
                status = super().main(*args, **{**extra, "standalone_mode": False}) or 0
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
        except click.ClickException as error:
            from perfxl.report import console, usage

            console.say(usage.sentence(error, usage.language(words, usual_language())))
        except click.Abort:
            status = 130
        except OSError as error:
            if not _is_of_a_stream(error):
                raise
            failure = error
        return _last_look(status, failure, words)


def _is_of_a_stream(error: OSError) -> bool:
    """Return True where standard output or standard error was written to: click alone does."""
    *_, (innermost, _) = traceback.walk_tb(error.__traceback__)
    return str(innermost.f_globals.get("__name__")).startswith("click.")


def _last_look(status: int, failure: OSError | None, words: list[str]) -> int:
    """Return the status of the call: 2, with a sentence, where standard output did not take what was printed."""
    if failure is None:
        try:
            sys.stdout.flush()
        except OSError as error:
            failure = error
    if failure is None:
        return status
    from perfxl.errors import PrintFailed, reason_of
    from perfxl.report import console, usage

    console.abandon(sys.stdout)
    return refuse(PrintFailed(reason=reason_of(failure)), usage.language(words, usual_language()))


@click.group(cls=Commands, context_settings=SETTINGS)
@click.version_option(package_name="perfxl", message="perfxl %(version)s")
def main() -> None:
    """绩效目标表：下发、收表、审核、标注。 Forms that live in Excel: send, read back, check, flag.

    \b
    perfxl demo                                   先看一遍          everything once, on the examples
    perfxl extract 绩效文本.docx -o records.yaml  公开文本→项目数据 a document becomes records
    perfxl generate records.yaml -o 下发          生成空表          blank workbooks to send out
    perfxl check 收到的表                         审核报回的表      check what came back
    perfxl flag 收到的表 -o 退回                  标出问题          flag it in the workbooks
    perfxl correct 收到的表 -o 规范               规范报回的表      clean workbooks, small slips put right
    perfxl remarks 收到的表 -o 处理.xlsx          审核人逐条处理    decide on findings, add remarks
    perfxl read 收到的表 -o records.yaml          取回所填数据      filled workbooks become records
    perfxl rules --to 审核口径.xlsx               改成本县的口径    how the county checks
    perfxl round new 2024一上 --year 2024         一批从下发到收齐  a whole round, remembered
    perfxl carry 上年.yaml 名册.xlsx -o 今年.yaml 上年内容→今年     last year's texts on this year's list
    perfxl publish 审定.yaml -o 绩效文本.docx     公开的绩效文本    the document that is published
    perfxl stage monitoring 批复.yaml -o 监控表   年中监控、年底自评  the stages after approval
    perfxl form new visit                         新建自己的表样    a form of your own
    """


main.add_command(round_group)
main.add_command(form_group)
main.add_command(stage_group)
main.add_command(carry)
main.add_command(extract)
main.add_command(publish)


@main.command()
@click.argument("directory", default="perfxl-demo", type=FILE)
@FORCE
@LANG
@report_errors
def demo(directory: Path, force: bool, lang: str) -> int:
    """示范：虚构乡镇的全过程。 The whole job once, on an invented township.

    \b
    perfxl demo                 写到 perfxl-demo/
    perfxl demo 示范 --force    写到 示范/，覆盖上次的
    """
    from perfxl.demo import demonstrate

    return demonstrate(directory, force, lang)


@main.command()
@click.argument("records", nargs=-1, required=True, type=FILE, metavar="RECORDS...")
@click.option("-o", "--output", required=True, type=FILE, help="文件夹。 The output folder.")
@FORM(help="表样，见 perfxl form list。 The form.")
@click.option(
    "--by",
    type=click.Choice(["unit", "project"]),
    default="unit",
    show_default=True,
    help="一单位或一项目一个文件。 A file per unit or per project.",
)
@click.option(
    "--prefill",
    type=click.Choice(["given", "last", "all"]),
    default="given",
    show_default=True,
    help="预填：只填下达数据、再加上年内容（标出，改前一直提示）、全部。"
    " Filled in already: given data, last year's too (its texts marked until changed), all.",
)
@click.option("--phase", type=PRINTED, help="批次，默认一上。 The phase, else “一上” or “round 1”.")
@click.option(
    "--draft", type=click.IntRange(1, 99), default=1, show_default=True, metavar="N", help="第几稿。 The draft."
)
@click.option("--office", type=PRINTED, help="联系科室，默认财政局绩效股。 Whom to call.")
@click.option("--phone", type=PRINTED, default="", help="联系电话，印在表旁。 The telephone printed beside the form.")
@click.option("--password", default="", metavar="TEXT", help="工作表保护密码。 Password of the sheet protection.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE",
              help="表样要的下达值，如quarter=3。 An issue value of the form.")  # fmt: skip
@click.option(
    "--book-lang", "language", metavar="LANG", help="表的语言，默认表样的。 Of the workbooks, else the form's."
)
@RULES
@FORMS
@CLUSTER
@FORCE
@LANG
@report_errors
def generate(records: tuple[Path, ...], output: Path, form: str, rules: Path | None, lang: str, **options: Any) -> int:
    """项目数据 → 加锁的表。 Records become locked workbooks.

    有一个文件写错就都不生成，所有的错一次说完。 With a mistake in one file nothing is written, and all are said.

    \b
    perfxl generate records.yaml -o 下发 --phone 0000-1234567
    perfxl generate records.yaml -o 下发 --by project
    perfxl generate records.yaml -o 核对 --prefill all
    perfxl generate records.yaml -o 下发 --form department-goals
    perfxl generate 数据 -o 下发                 一个文件夹的数据  the records of a folder
    """
    from perfxl import commands

    return commands.generate(records, output, lang, form=form, rules=_policy(rules), **options)


@main.command()
@PATHS
@JSON
@click.option("-o", "--output", type=FILE, help="数据文件，或放它们的文件夹。 A records file, or a folder of them.")
@FORMS
@CLUSTER
@FORCE
@LANG
@report_errors
def read(paths: tuple[str | Path, ...], as_json: bool, output: Path | None, force: bool, lang: str) -> int:
    """取回所填数据。 Filled workbooks become records.

    PATH：文件、文件夹、.zip，或它们的网址。 A file, a folder, a zip, or the URL of one.

    \b
    perfxl read 收到的表                    看每张表读到了什么
    perfxl read 收到的表 -o records.yaml    一个单位的表存成数据文件  of one unit
    perfxl read 收到的表 -o 数据            每个单位存一个文件        a file for each unit
    perfxl read 收到的表.xlsx --json
    """
    from perfxl import commands_read

    return commands_read.read(paths, as_json, output, force, lang)


@main.command()
@PATHS
@FORM(help="数据文件按哪张表样查。 The form that records files are checked by.")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(_formats()),
    default="text",
    show_default=True,
    help="写到标准输出的样子。 What standard output gets.",
)
@RULES
@FORMS
@CLUSTER
@SELECT
@IGNORE
@TODAY
@LANG
@report_errors
def check(
    paths: tuple[str | Path, ...],
    form: str,
    output_format: str,
    rules: Path | None,
    select: str,
    ignore: str,
    today: datetime.date | None,
    lang: str,
) -> int:
    """审核报回的表，或数据文件。 Check filled workbooks, or records files.

    PATH：文件、文件夹、.zip，或它们的网址；数据文件（.yaml、.json）。 A file, folder, zip, or its URL; a records file.

    \b
    perfxl check 收到的表
    perfxl check records.yaml
    perfxl check 收到的表 --select MN,PL --format html > 审核.html
    perfxl check 收到的表 --cluster tcp://10.0.0.5:8786      几台电脑一起审核    on several machines

    退出码：0 没有强制性问题，1 有，2 有文件打不开或命令写错。文件夹和压缩包里的照片、文档等只列出，不影响退出码。
    Exit status: 0 nothing that must be fixed, 1 something, 2 a file could not be read or the call was wrong. What
    is no workbook in a folder or zip is named, and does not change it.
    """
    from perfxl import commands

    return commands.check(paths, form, output_format, _policy(rules, select, ignore, today), lang)


@main.command()
@PATHS
@click.option("-o", "--output", required=True, type=FILE, help="文件夹，或 .xlsx 文件。 A folder, or an .xlsx file.")
@click.option("--deadline", type=PRINTED, default="", help="重报期限，印在表上。 When it is due again, printed.")
@click.option(
    "--remarks",
    type=FILE,
    metavar="FILE.xlsx",
    help="填好的处理意见和人工意见，见 perfxl remarks。 Decisions and remarks, filled in.",
)
@RULES
@FORMS
@CLUSTER
@SELECT
@IGNORE
@TODAY
@FORCE
@LANG
@report_errors
def flag(
    paths: tuple[str | Path, ...],
    output: Path,
    deadline: str,
    remarks: Path | None,
    rules: Path | None,
    select: str,
    ignore: str,
    today: datetime.date | None,
    force: bool,
    lang: str,
) -> int:
    """在报回的表上标出问题。 Mark the findings in the sender's own workbooks.

    改好的格颜色自动消失；再标一次，旧标记换成新的。 A flag goes away when its cell is put right.
    单位写的出错说明、审核人写的人工意见，每次标注都保留。 Explanations and remarks are kept every time.
    PATH：文件、文件夹、.zip，或它们的网址。 A file, a folder, a zip, or the URL of one.

    \b
    perfxl flag 收到的表 -o 退回 --deadline 11月6日17:00
    perfxl flag 收到的表.xlsx -o 退回.xlsx
    perfxl flag 收到的表 -o 退回 --remarks 处理.xlsx
    """
    from perfxl import commands

    policy = _policy(rules, select, ignore, today)
    return commands.flag(paths, remarks, lang, output=output, deadline=deadline, rules=policy, force=force)


@main.command()
@PATHS
@click.option("-o", "--output", required=True, type=FILE, help="文件夹，或 .xlsx 文件。 A folder, or an .xlsx file.")
@click.option("--only", default="", metavar="CODES", help="只代改这些，如 BS-03,TX。 Correct only this.")
@click.option("--except", "leave", default="", metavar="CODES", help="不代改这些。 Leave this alone.")
@click.option("--dry-run", "dry", is_flag=True, help="只列出要改的，不写文件。 List the corrections, write nothing.")
@click.option("--deadline", type=PRINTED, default="", help="重报期限，印在表上。 When it is due again, printed.")
@RULES
@TODAY
@FORMS
@CLUSTER
@FORCE
@LANG
@report_errors
def correct(
    paths: tuple[str | Path, ...],
    output: Path,
    only: str,
    leave: str,
    dry: bool,
    deadline: str,
    rules: Path | None,
    today: datetime.date | None,
    force: bool,
    lang: str,
) -> int:
    """按表样重写报回的表，代改有把握的小错。 Clean workbooks from the template, small slips put right.

    所填内容都在：改过的列在“代改清单”，不在任何一栏的列在“表外内容”，其余问题照样标出。
    Nothing is lost: what was changed, and what belongs to no field, stands on a sheet of its own.
    PATH：文件、文件夹、.zip，或它们的网址。 A file, a folder, a zip, or the URL of one.

    \b
    perfxl correct 收到的表 -o 规范 --dry-run
    perfxl correct 收到的表 -o 规范 --deadline 11月6日17:00
    perfxl correct 收到的表.xlsx -o 规范.xlsx --except TX-04
    perfxl correct 收到的表 -o 规范 --only BS-03,TX
    """
    from perfxl import commands
    from perfxl.rules import select_codes

    policy = _policy(rules, today=today)
    select_codes(_codes(only), _codes(leave))  # a wrong code is said before any file is read
    return commands.correct(
        paths, policy, dry, lang, output=output, only=_codes(only), leave=_codes(leave), deadline=deadline, force=force
    )


@main.command()
@PATHS
@click.option("-o", "--output", required=True, type=FILE, help="工作表格。 The list, an .xlsx file.")
@RULES
@FORMS
@CLUSTER
@SELECT
@IGNORE
@TODAY
@FORCE
@LANG
@report_errors
def remarks(
    paths: tuple[str | Path, ...],
    output: Path,
    rules: Path | None,
    select: str,
    ignore: str,
    today: datetime.date | None,
    force: bool,
    lang: str,
) -> int:
    """审核人的工作表格：逐条处理，另写人工意见。 The reviewer's list: decisions, and remarks of her own.

    每条意见选维持、采纳说明或撤销；填好后用 perfxl flag --remarks 带上。 Filled in, it goes to flag --remarks.
    PATH：文件、文件夹、.zip，或它们的网址。 A file, a folder, a zip, or the URL of one.

    \b
    perfxl remarks 收到的表 -o 处理.xlsx
    perfxl flag 收到的表 -o 退回 --remarks 处理.xlsx
    """
    from perfxl import commands

    return commands.remarks(paths, output, _policy(rules, select, ignore, today), force, lang)


@main.command()
@click.argument("code")
@RULES
@FORMS
@LANG
@report_errors
def explain(code: str, rules: Path | None, lang: str) -> int:
    """一条审核规则是什么意思。 What a check is about.

    \b
    perfxl explain MN-02
    perfxl explain mn-02 --lang en
    perfxl explain BS-02 --rules 本县.yaml
    """
    from perfxl.report import console, describe

    for line in describe.explain_check(code, _policy(rules), lang).splitlines():
        console.show_line(line)
    return 0


@main.command("rules")
@RULES
@FORMS
@click.option("--to", type=FILE, metavar="FILE.xlsx", help="写成可以改的表格。 Write them as a workbook to edit.")
@click.option("--from", "source", type=FILE, metavar="FILE.xlsx", help="从改好的表格读回。 Read such a workbook back.")
@click.option("-o", "--output", type=FILE, metavar="FILE.yaml", help="读回的存到这里。 Where what was read back goes.")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "markdown", "sentences"]),
    default="text",
    show_default=True,
    help="写到标准输出的样子：逐条、整页、每条怎么说。 What standard output gets: a list, a page, every sentence.",
)
@FORCE
@LANG
@report_errors
def list_rules(
    rules: Path | None,
    to: Path | None,
    source: Path | None,
    output: Path | None,
    output_format: str,
    force: bool,
    lang: str,
) -> int:
    """有哪些审核规则；改成本县的口径。 All checks; and how the county makes them.

    \b
    perfxl rules                                  各条规则和要求
    perfxl rules --to 审核口径.xlsx               写成表格，改性质、词表、限额
    perfxl rules --from 审核口径.xlsx -o 本县.yaml  存成口径文件，只写与口径不同的
    perfxl rules --rules 本县.yaml                按本县的口径列出
    perfxl check 收到的表 --rules 本县.yaml
    """
    from perfxl import commands
    from perfxl.errors import NothingToDo

    policy = _policy(rules)
    if to and source:
        raise NothingToDo(what="to_and_from")
    if source:
        return commands.read_rules(source, output, force, lang)
    if to:
        return commands.write_rules(policy, to, force, lang)
    return commands.list_rules(policy, output_format, lang)


def _policy(file: Path | None, select: str = "", ignore: str = "", today: datetime.date | None = None) -> Policy:
    """Return the way of checking: the county's file, or the pack 一般, with the checks that were selected.

    ``today``: the day that ``today`` means in limits, None for the day of the check.
    """
    from perfxl import rules

    policy = rules.select_policy(rules.load_policy(file), _codes(select), _codes(ignore))
    return policy if today is None else replace(policy, today=today)


def _codes(text: str) -> tuple[str, ...]:
    return tuple(code.strip().upper() for code in text.replace("，", ",").split(",") if code.strip())
