"""The commands about forms of one's own, as typed: ``perfxl form …``."""

from __future__ import annotations

from pathlib import Path

import click

from perfxl.cli_options import FILE, FORCE, FORMS, JSON, LANG, MESSAGES, report_errors

RULES = click.option("--rules", type=FILE, metavar="FILE", help="本县的审核口径。 How the county checks, a .yaml file.")


@click.group(name="form")
def form_group() -> None:
    """表样：新建、查错、试用、说明。 Forms of your own: begin one, find its mistakes, try it, describe it.

    \b
    perfxl form new visit            新建forms/visit       a small form that works, with comments
    perfxl form lint forms/visit     一次说完所有的错      all its mistakes at once
    perfxl form prove forms/visit    试用                  tries limits, lists, checks, locks, pages
    perfxl form list                 有哪些表样            all known forms, and where they are
    perfxl form show visit           填什么、查什么        what it asks, what it checks
    perfxl form texts visit --lang fr  译成别的语言        a file of its texts, to be translated
    perfxl form schema               编辑器用的JSON Schema  for editors
    """


@form_group.command("list")
@JSON
@FORMS
@LANG
@report_errors
def list_forms(as_json: bool, lang: str) -> int:
    """有哪些表样，在哪里，哪些有错。 The known forms, where each is, whom it hides, or its mistake.

    \b
    perfxl form list
    perfxl form list --forms 本县表样
    perfxl form list --json
    """
    from perfxl import commands_form

    return commands_form.list_forms(as_json, lang)


@form_group.command("lint")
@click.argument("forms", nargs=-1, metavar="[PATH|NAME]...")
@JSON
@FORMS
@LANG
@report_errors
def lint(forms: tuple[str, ...], as_json: bool, lang: str) -> int:
    """表样里所有的错，一次说完。 All mistakes of forms at once, each with its file and line.

    PATH：表样的文件夹、form.yaml，或放着几张表样的文件夹；不写就查所有的。
    A form's folder, its form.yaml, or a folder of forms; all known forms without one.

    \b
    perfxl form lint forms/visit
    perfxl form lint visit
    perfxl form lint

    退出码：0 没有错，1 有，2 没有这个文件或命令写错。
    Exit status: 0 no mistake, 1 some, 2 no such file, or the call was wrong.
    """
    from perfxl import commands_form

    return commands_form.lint(forms, as_json, lang)


@form_group.command("new")
@click.argument("name")
@click.option("--like", "model", default="", metavar="NAME", help="照着已有的表样。 Like a form that is there.")
@click.option("--dir", "folder", type=FILE, default="forms", show_default=True, metavar="DIR", help="放在哪里。 Where.")
@FORCE
@FORMS
@LANG
@report_errors
def new(name: str, model: str, folder: Path, force: bool, lang: str) -> int:
    """新建一张表样：一个文件夹，里面的form.yaml能用，每个键有注释。 Begin a form: a folder with a form that works.

    \b
    perfxl form new visit
    perfxl form new visit --lang en
    perfxl form new county-target --like project-target
    """
    from perfxl import commands_form_files

    return commands_form_files.new(name, model, folder, force, lang)


@form_group.command("schema")
@click.option("--records", "records_of", default="", metavar="NAME", help="一张表样的数据文件的。 Of a form's data.")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["json", "markdown"]),
    default="json",
    show_default=True,
    help="JSON Schema，或参考页。 The JSON Schema, or a page to read.",
)
@FORMS
@LANG
@report_errors
def schema(records_of: str, output_format: str, lang: str) -> int:
    """表样写法的JSON Schema（draft-07），编辑器用。 The JSON Schema of form.yaml, for editors.

    \b
    perfxl form schema > form.schema.json
    perfxl form schema --records visit > visit.schema.json
    perfxl form schema --format markdown --lang en > form-reference.md
    """
    from perfxl import commands_form

    return commands_form.schema(records_of, output_format, lang)


@form_group.command("show")
@click.argument("form", metavar="NAME|PATH")
@JSON
@RULES
@FORMS
@LANG
@report_errors
def show(form: str, as_json: bool, rules: Path | None, lang: str) -> int:
    """一张表样填什么、表上查什么、收回才查什么。 What a form asks, and what is checked where.

    \b
    perfxl form show project-target
    perfxl form show forms/visit --lang en
    perfxl form show visit --json
    """
    from perfxl import commands_form

    return commands_form.show(form, as_json, rules, lang)


@form_group.command("prove")
@click.argument("form", metavar="NAME|PATH")
@click.option("-o", "--output", type=FILE, metavar="DIR", help="把试用的工作簿留在这里。 Keep the workbooks there.")
@click.option("--no-office", is_flag=True, help="不用LibreOffice试。 Do without LibreOffice.")
@JSON
@FORCE
@FORMS
@LANG
@report_errors
def prove(form: str, output: Path | None, no_office: bool, as_json: bool, force: bool, lang: str) -> int:
    """试用一张表样。 Try a form.

    生成空表和填好的表，读回；每个限额的两边、每个选项、每条规则的bad和good；锁、页宽、文件大小；有LibreOffice的，复算公式，
    再把限额两边的值试填到格里，与收回时比较。
    A blank and a filled workbook are made and read back; every limit on both sides, every entry of a list, the bad and
    good of every check; locks, page width, size; where there is LibreOffice, it calculates all formulas anew
    and says which values at the limits the cells refuse; what sheet and return disagree about is told.

    \b
    perfxl form prove forms/visit
    perfxl form prove visit -o 试用

    退出码：0 都通过，1 有没通过的，2 表样有错或命令写错。
    Exit status: 0 all went well, 1 something did not, 2 the form has a mistake, or the call was wrong.
    """
    from perfxl import commands_form_files

    return commands_form_files.prove(form, output, not no_office, as_json, force, lang)


@form_group.command("texts")
@click.argument("form", metavar="NAME|PATH")
@click.option("--lang", "target", required=True, metavar="LANG", help="译成哪种语言。 The language, such as fr.")
@MESSAGES
@FORMS
@report_errors
def texts(form: str, target: str, lang: str) -> int:
    """表样的文字译成别的语言：添上没译的，标出没用的。 The texts of a form in another language.

    写到表样文件夹的texts/LANG.yaml；译好一条填一条。 What is missing is added, what is no longer used is marked.

    \b
    perfxl form texts visit --lang fr
    perfxl form texts forms/visit --lang en --messages en
    """
    from perfxl import commands_form_files

    return commands_form_files.texts(form, target, lang)
