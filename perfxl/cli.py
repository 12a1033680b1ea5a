"""The command line: what is typed, one verb, an exit status. Each command imports its verb only when it runs."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from perfxl.errors import PerfxlError

SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
PATHS = click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
FORCE = click.option("--force", is_flag=True, help="覆盖已有的文件。 Overwrite files that exist.")
LANG = click.option(
    "--lang", type=click.Choice(["zh-CN", "en"]), default="zh-CN", show_default=True, help="语言。 Language of messages."
)
FORM = click.option("--form", default="project-target", show_default=True, help="表样。 The form (see: perfxl forms).")
SELECT = click.option("--select", default="", help="只查这些，如 MN,PL-02。 Only these checks or groups, by comma.")
IGNORE = click.option("--ignore", default="", help="不查这些。 Not these checks or groups.")


def told(command: Callable[..., int]) -> Callable[..., None]:
    """Ends the process with the command's status; a mistake in input or call is one sentence and status 2."""

    @functools.wraps(command)
    def run(*args: Any, **options: Any) -> None:
        from perfxl import messages

        lang = options.get("lang", "zh-CN")
        try:
            status = command(*args, **options)
        except PerfxlError as error:
            click.echo(messages.sentence(error, lang), err=True)
            status = 2
        except BrokenPipeError:  # the reader of stdout went away: head, less
            sys.stderr.close()
            status = 2
        sys.exit(status)

    return run


@click.group(context_settings=SETTINGS)
@click.version_option(package_name="perfxl", message="%(prog)s %(version)s")
def main() -> None:
    """绩效目标表：下发、收表、审核、标注。 Forms that live in Excel: send, read back, check, flag.

    \b
    perfxl demo                                        先看一遍 everything once, on the examples
    perfxl extract 绩效文本.docx -o records.yaml       公开文本 → 项目数据
    perfxl generate records.yaml -o 下发               生成空表，发给各单位
    perfxl check 收到的表                              审核报回的表
    perfxl flag 收到的表 -o 退回                       在表上标出问题，退回修改
    perfxl read 收到的表 -o records.yaml               取回所填数据
    """


@main.command()
@click.argument("directory", default="perfxl-demo", type=click.Path(path_type=Path))
@FORCE
@LANG
@told
def demo(directory: Path, force: bool, lang: str) -> int:
    """示范：虚构乡镇的全过程。 The whole job once, on an invented township.

    \b
    perfxl demo                 写到 perfxl-demo/
    perfxl demo D:\\示范 --force
    """
    from perfxl.demo import demonstrate

    return demonstrate(directory, force, lang)


@main.command()
@click.argument("document", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="数据文件。 The records file (.yaml).")
@click.option("--year", type=int, help="年度，文本里没有时按项目编码。 The year, else the codes' majority.")
@FORCE
@LANG
@told
def extract(document: Path, output: Path, year: int | None, force: bool, lang: str) -> int:
    """公开文本（.txt、.docx）→ 项目数据。 A published document becomes records.

    \b
    perfxl extract 双柳镇2024年绩效文本.docx -o records.yaml
    perfxl extract 绩效文本.txt -o records.yaml --year 2024
    """
    from perfxl import messages, output as files, records
    from perfxl.documents.extract import extract as take
    from perfxl.documents.read import read_document

    files.free([output], force)
    taken = take(read_document(document), year, file=str(document))
    files.write(output, records.dumps(taken.records).encode())
    projects = taken.records.get("projects") or []
    facts = {
        "output": output,
        "projects": len(projects),
        "indicators": sum(len(each.get("indicators") or ()) for each in projects),
        "total": sum(each["budget"].get("total") or 0 for each in projects),
        "areas": len((taken.records.get("department") or {}).get("areas") or ()),
    }
    click.echo(messages.say("report.extract.done", facts, lang), err=True)
    for note in taken.notes:
        click.echo(messages.say(f"report.extract.notes.{note.what}", {**note.facts, "line": note.line}, lang), err=True)
    for piece in taken.unplaced:
        click.echo(messages.say("report.extract.unplaced", {"line": piece.line, "text": piece.text}, lang), err=True)
    return 0


@main.command()
@click.argument("records", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="文件夹。 The output folder.")
@FORM
@click.option("--by", type=click.Choice(["unit", "project"]), default="unit", show_default=True, help="一单位或一项目一个文件。")
@click.option(
    "--prefill",
    type=click.Choice(["given", "last", "all"]),
    default="given",
    show_default=True,
    help="预填：下达数据／上年内容／全部。 What is filled in already.",
)
@click.option("--stage", default="一上", show_default=True, help="批次。 The stage of the round.")
@click.option("--draft", type=click.IntRange(1, 99), default=1, show_default=True, help="第几稿。 The draft.")
@click.option("--office", default="财政局绩效股", show_default=True, help="联系科室。 Whom to call.")
@click.option("--phone", default="", help="联系电话。 The telephone printed beside the form.")
@click.option("--password", default="", help="保护密码。 Password of the sheet protection.")
@FORCE
@LANG
@told
def generate(records: Path, output: Path, form: str, by: str, prefill: str, force: bool, lang: str, **issue: str) -> int:
    """项目数据 → 加锁的表。 Records become locked workbooks.

    \b
    perfxl generate records.yaml -o 下发 --phone 0000-1234567
    perfxl generate records.yaml -o 下发 --by project
    perfxl generate records.yaml -o 核对 --prefill all
    perfxl generate records.yaml -o 下发 --form department-goals
    """
    from perfxl import report
    from perfxl.workbook.generate import generate as make

    password = issue.pop("password")
    written = make(records, output, form, by=by, prefill=prefill, force=force, password=password, **issue)  # type: ignore[arg-type]
    report.generated(written, output, lang)
    return 0


@main.command()
@PATHS
@click.option("--json", "as_json", is_flag=True, help="JSON 写到标准输出。 JSON to standard output.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="数据文件。 A records file that generate takes.")
@FORCE
@LANG
@told
def read(paths: tuple[Path, ...], as_json: bool, output: Path | None, force: bool, lang: str) -> int:
    """取回所填数据。 Filled workbooks become records.

    \b
    perfxl read 收到的表                    看每张表读到了什么
    perfxl read 收到的表 -o records.yaml    存成数据文件
    perfxl read 收到的表.xlsx --json
    """
    from perfxl import report

    return report.read(paths, as_json, output, force, lang)


@main.command()
@PATHS
@FORM
@click.option("--format", "form_at", type=click.Choice(["text", "json", "html"]), default="text", show_default=True)
@SELECT
@IGNORE
@LANG
@told
def check(paths: tuple[Path, ...], form: str, form_at: str, select: str, ignore: str, lang: str) -> int:
    """审核报回的表，或数据文件。 Check filled workbooks, or a records file.

    退出码：0 没有强制性问题；1 有；2 有文件打不开。 Exit status 1: findings that must be fixed; 2: unreadable files.

    \b
    perfxl check 收到的表
    perfxl check records.yaml
    perfxl check 收到的表 --select MN,PL --format html > 审核.html
    """
    from perfxl import report

    return report.check(paths, form, form_at, _codes(select), _codes(ignore), lang)


@main.command()
@PATHS
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="文件夹，或 .xlsx 文件。")
@click.option("--deadline", default="", help="重报期限，印在表上。 When it is due again, printed on the sheet.")
@SELECT
@IGNORE
@FORCE
@LANG
@told
def flag(
    paths: tuple[Path, ...], output: Path, deadline: str, select: str, ignore: str, force: bool, lang: str
) -> int:
    """在报回的表上标出问题。 Mark the findings in the sender's own workbooks.

    改好的格颜色自动消失；再标一次，旧标记换成新的。

    \b
    perfxl flag 收到的表 -o 退回 --deadline 11月6日17:00
    perfxl flag 收到的表.xlsx -o 退回.xlsx
    """
    from perfxl import report

    return report.flag(paths, output, deadline, _codes(select), _codes(ignore), force, lang)


@main.command()
@click.argument("code")
@LANG
@told
def explain(code: str, lang: str) -> int:
    """一条审核规则是什么意思。 What a check is about.

    \b
    perfxl explain MN-02
    """
    from perfxl import report

    click.echo(report.explained(code, lang))
    return 0


@main.command()
@click.argument("form", default="")
@click.option("--json-schema", is_flag=True, help="该表样的 JSON Schema。 The JSON Schema of its record.")
@LANG
@told
def forms(form: str, json_schema: bool, lang: str) -> int:
    """有哪些表样；一张表样填什么。 The installed forms, or one form described.

    \b
    perfxl forms
    perfxl forms project-target
    perfxl forms project-target --json-schema
    """
    from perfxl import report

    click.echo(report.forms(form, json_schema, lang))
    return 0


def _codes(text: str) -> tuple[str, ...]:
    return tuple(code.strip().upper() for code in text.split(",") if code.strip())
