"""The options that many commands have, and the end of a command whose input was wrong."""

from __future__ import annotations

import datetime
import functools
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perfxl.errors import PerfxlError

if TYPE_CHECKING:
    from perfxl.form.search_path import FormPlace


def _known_language(context: click.Context, option: click.Parameter, value: str) -> str:
    """Return the language if there are words in it; they are looked up only for another one than the usual."""
    if value == "zh-CN":
        return value
    from perfxl import messages

    return click.Choice(messages.languages()).convert(value, option, context)


class PrintedText(click.types.StringParamType):
    """A text that is printed on every sheet, and no longer than the verbs take it."""

    @property
    def most(self) -> int:
        """The most characters that it may have."""
        from perfxl.batch.arguments import MOST_PRINTED  # late: `perfxl --help` must not wait for it

        return MOST_PRINTED

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text. Raises BadParameter where it is too long."""
        if len(text := str(value)) > self.most:
            self.fail("too long", param, ctx)
        return text


class LocalPath(click.Path):
    """A path of this machine or a share; a URL is none."""

    takes_urls = False

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path, or a URL as the text that was typed. Raises BadParameter for a URL where none is taken."""
        if "://" in str(value):
            from perfxl.batch.urls import is_url  # late: `perfxl --help` must not wait for it

            if is_url(value):
                return value if self.takes_urls else self.fail("a URL", param, ctx)
        return super().convert(value, param, ctx)


class Source(LocalPath):
    """A path, or the URL of what is read."""

    takes_urls = True


PRINTED = PrintedText()
FILE = LocalPath()
SOURCE = Source()
FORCE = click.option("--force", is_flag=True, help="覆盖已有的文件。 Overwrite files that exist.")
JSON = click.option("--json", "as_json", is_flag=True, help="JSON 写到标准输出。 JSON to standard output.")
SETTINGS = "perfxl.yaml"
"""The file with the settings of a working folder; see ``batch.working_folder``."""

LANG = click.option(
    "--lang",
    callback=_known_language,
    default="zh-CN",
    show_default=True,
    metavar="LANG",
    help="语言：zh-CN、en。 Language of messages: zh-CN, en.",
)
MESSAGES = click.option(
    "--messages",
    "lang",
    callback=_known_language,
    default="zh-CN",
    show_default=True,
    metavar="LANG",
    help="说话用的语言：zh-CN、en。 Language of messages: zh-CN, en.",
)
"""The language of messages where ``--lang`` is another one: that of a translation."""


def _as_day(context: click.Context, option: click.Parameter, value: datetime.datetime | None) -> datetime.date | None:
    return value.date() if value else None


TODAY = click.option(
    "--today",
    type=click.DateTime(["%Y-%m-%d"]),
    callback=_as_day,
    metavar="YYYY-MM-DD",
    help="按这一天审核“填表当天”，默认当天。 The day that today means in limits; else the day of the check.",
)
FORMS = click.option(
    "--forms",
    "form_folders",
    type=FILE,
    multiple=True,
    metavar="DIR",
    help="自己的表样所在的文件夹，可以写几次。 A folder of your own forms; more than once.",
)
CLUSTER = click.option(
    "--cluster",
    metavar="tcp://HOST:PORT",
    help="交给Dask集群办理，文件夹要共用。 Have a Dask cluster do the work; it must see the folders.",
)
"""See docs/scale.md."""

_NAMES_FOLDERS = ("paths", "sources", "records", "last", "this", "output", "folder", "form_folders")
"""The options that name what is read and written by those who do the work."""


def report_errors(command: Callable[..., int]) -> Callable[..., int]:
    """Return the command's status; a mistake in what it was given is one sentence and status 2.

    Forms are looked for in the folders that are named, then in those of ``perfxl.yaml``, whose language and checks hold
    where the call names none.
    """

    @functools.wraps(command)
    def run(*args: Any, **options: Any) -> int:
        try:
            with _settings_of_call(options), _workers_of_call(options):
                return command(*args, **options)
        except PerfxlError as error:
            return refuse(error, options["lang"])
        except BrokenPipeError:  # the reader of stdout went away: head, less; click would make it status 1
            from perfxl.report.console import abandon

            abandon(sys.stdout)
            return 2

    return run


@contextmanager
def _workers_of_call(options: dict[str, Any]) -> Iterator[None]:
    """Have the work done by the cluster that a call names, else here."""
    address = options.pop("cluster", None)
    if address is None:
        yield
        return
    from perfxl.batch.cluster import use_cluster
    from perfxl.batch.urls import is_url

    given = click.get_current_context().params
    named = [given[name] for name in _NAMES_FOLDERS if given.get(name)]
    paths = [path for one in named for path in ((one,) if isinstance(one, Path) else one)]
    with use_cluster(address, *(path for path in paths if not is_url(path))):
        yield


@contextmanager
def _settings_of_call(options: dict[str, Any]) -> Iterator[None]:
    """Look for forms where a call says, and put into its options what ``perfxl.yaml`` says and they do not."""
    folders, form, file = options.pop("form_folders", ()), options.get("form"), find_settings()
    if not folders and not form and file is None:
        yield
        return
    from perfxl.form.installed import search_path, use_search_path
    from perfxl.form.search_path import form_at, forms_in, is_form_path

    places = _take_settings(file, options) if file else ()
    named = [place for folder in folders for place in forms_in(folder)]
    by_path = [form_at(form)] if isinstance(form, str) and is_form_path(form) else []
    with use_search_path(search_path().extended((*by_path, *named, *places))):
        yield


def _take_settings(file: Path, options: dict[str, Any]) -> Sequence[FormPlace]:
    """Put the language and the checks of a ``perfxl.yaml`` into a call's options; return its forms."""
    from perfxl.batch.working_folder import read_settings

    if not _is_typed("lang"):
        options["lang"] = usual_language()  # a mistake in the forms is said in it, too
    settings = read_settings(file)
    if settings.rules and "rules" in options and options["rules"] is None:
        options["rules"] = settings.rules
    return settings.forms


def _is_typed(option: str) -> bool:
    """Return whether an option of the present call was typed."""
    source = click.get_current_context().get_parameter_source(option)
    return source is click.core.ParameterSource.COMMANDLINE


def usual_language() -> str:
    """Return the language of messages where a call names none: that of ``perfxl.yaml``, else Chinese."""
    file = find_settings()
    if file is None:
        return "zh-CN"
    from perfxl.batch.working_folder import read_language

    with suppress(PerfxlError):  # said where the call itself is right
        return read_language(file) or "zh-CN"
    return "zh-CN"


def find_settings() -> Path | None:
    """Return the nearest ``perfxl.yaml`` of this folder and those above it; None where there is none."""
    try:
        here = Path.cwd()
    except OSError:  # the folder was removed
        return None
    return next((file for folder in (here, *here.parents) if _is_file(file := folder / SETTINGS)), None)


def _is_file(path: Path) -> bool:
    """Return whether there is such a file; not where nobody may look."""
    try:
        return path.is_file()
    except OSError:
        return False


def refuse(error: PerfxlError, lang: str) -> int:
    """Say what went wrong; return the status of a call that failed."""
    from perfxl import messages
    from perfxl.report.console import say

    with suppress(OSError):  # nobody hears it where standard error is full as well
        for mistake in (error, *getattr(error, "others", ())):
            say(messages.sentence(mistake, lang))
    return 2
