"""Records files: the content of forms, as YAML or JSON.

``load`` is strict, because such files are written by hand: a wrong key, a doubled key or a wrong type is
an error with its place. YAML is read as version 1.2 has it: ``no``, ``2024-01-01``, ``1:30`` and ``007`` are texts.
``dump`` writes what ``load`` reads back: ``load(dump(records)) == records``.
"""

from __future__ import annotations

import datetime
import difflib
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TextIO

import yaml

from perfxl.errors import FormError, RecordsError
from perfxl.form.characters import shorten
from perfxl.form.source import DEEPEST, LARGEST, read_text, refuse_tricks, too_deep

if TYPE_CHECKING:
    from perfxl.form.form import Form

_TEXT = {"type": ["string", "null"]}
_PRINTED = {**_TEXT, "maxLength": 200}  # on every sheet, in texts beside it
_UNIT = {
    "type": "object",
    "properties": {"code": _PRINTED, "name": _PRINTED, "control": {"type": ["number", "null"]}},
    "additionalProperties": False,
}
_SEVERAL = {"type": "array", "items": {"type": "object"}}
_ONE = {"type": ["object", "null"]}
_SAID = {"type": ["string", "number", "null"]}
_SHAPES: Mapping[bool | None, Any] = {True: _SEVERAL, False: _ONE, None: {"anyOf": [_SEVERAL, _ONE]}}
ENDINGS = (".yaml", ".yml", ".json")
"""The endings of the names of records files."""

FIRST = ("year", "unit")
"""The keys that stand first in a records file, before the records."""


def shape(keys: Iterable[str] = ()) -> dict[str, Any]:
    """Return the JSON Schema of the top of every records file: year, unit, and the records of every known form.

    A form knows the shape of what stands below its own top (``claims[]``, ``inventory``). ``keys``: those that are at
    the top of a file, of which issue values of known forms are taken as well.
    """
    from perfxl.form.installed import issue_names, roots  # late: writing a file needs no form

    held = {root: _SHAPES[many] for root, many in roots().items()}
    others = {*keys} - {*FIRST, *held}
    said = dict.fromkeys(others & issue_names(), _SAID) if others else {}  # the forms are only then read
    return {
        "type": "object",
        "properties": {"year": {"type": ["integer", "null"]}, "unit": _UNIT, **said, **held},
        "additionalProperties": False,
    }


_MOST_BYTES = 50_000_000
_MOST_DIGITS = 400
_LONG = 10**_MOST_DIGITS
_HALF = re.compile("[\ud800-\udfff]")

Check = Callable[[dict[str, Any]], Iterable[RecordsError]]


def load(path: str | Path, check: Check | None = None) -> dict[str, Any]:
    """Read the records in a .yaml, .yml or .json file.

    Its top is checked by :func:`shape`; ``check`` may find more (see :func:`check_shape`). The first problem
    is raised. A number where a code belongs (``code: 904001``) becomes a text.
    """
    file = str(path)
    try:
        text = _text(Path(path))
        parsed = _parse_json(text, file) if Path(path).suffix.lower() == ".json" else parse_yaml(text, file)
        if isinstance(parsed, (dict, list)):
            for unfit in find_unfit_values(parsed):
                raise RecordsError(**{**unfit.facts, "file": file})
    except FormError as error:
        raise RecordsError(place="", **error.facts) from error
    value = _codes_as_texts(parsed)
    if value is None:
        raise RecordsError(file=file, place="", what="empty")
    if not isinstance(value, dict):
        raise RecordsError(file=file, place="", what="not_a_mapping", found=kind_of(value))
    records: dict[str, Any] = value
    problems = [*check_shape(records, shape(records), file=file)] or [*(check(records) if check else ())]
    if problems:
        raise RecordsError(**{**problems[0].facts, "file": file})
    known = _roots()
    if not any(records.get(root) for root in known):
        raise RecordsError(file=file, place="", what="nothing_in_it", roots=known)
    return records


def _roots() -> list[str]:
    """Return the tops under which records may stand, those of which a unit has several first."""
    from perfxl.form.installed import roots  # late, as in shape

    return sorted(roots(), key=lambda root: roots()[root] is False)


def dump(records: Mapping[str, Any], target: str | Path | TextIO) -> None:
    """Write records as YAML: block style, keys as they come, one line a text, texts that look like numbers quoted."""
    text = dumps(records)
    if isinstance(target, (str, Path)):
        Path(target).write_text(text, encoding="utf-8", newline="\n")
    else:
        target.write(text)


def to_bytes(records: Mapping[str, Any], path: Path) -> bytes:
    """Return the bytes of a records file of this name: YAML, or JSON. Raises RecordsError for another name."""
    if path.suffix.lower() == ".json":
        return json.dumps(_plain(records), ensure_ascii=False, indent=2).encode()
    if path.suffix.lower() not in ENDINGS:
        raise RecordsError(file=str(path), place="", what="wrong_name")
    return dumps(records).encode()


def dumps(records: Mapping[str, Any]) -> str:
    """Return the YAML that :func:`dump` writes."""
    stream = io.StringIO()
    yaml.dump(
        _plain(records), stream, Dumper=_Dumper,
        allow_unicode=True, sort_keys=False, default_flow_style=False, width=2**31 - 1,
    )  # fmt: skip
    return stream.getvalue()


def check_shape(value: object, schema: Mapping[str, Any], place: str = "", *, file: str = "") -> Iterator[RecordsError]:
    """Find where ``value`` does not agree with a JSON Schema; yield an error for each, with its place.

    ``place`` is where ``value`` itself stands: ``projects[3]``. Kinds: ``unknown_key`` (key, near, allowed),
    ``missing_key`` (key), ``wrong_type`` (wanted, found, value) and ``not_allowed`` (rule, wanted, value).
    """
    from jsonschema import Draft202012Validator  # late: `perfxl --help` must not wait for it

    for found in Draft202012Validator(schema).iter_errors(value):
        # of an answer, which may be a text in place of its value: what is wrong with it as a value
        whole = [one for one in found.context or () if one.schema_path[0] == 0]
        error = whole[0] if whole else found
        where = place_of(error.absolute_path, place)
        for what, facts in _problems(str(error.validator), error.validator_value, error.instance, error.schema):
            yield RecordsError(file=file, place=where, what=what, **facts)


def schema(form: Form) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a records file with this form's records; others may stand beside them."""
    from perfxl.form.schema import record_schema  # late: reading a file needs no form

    record = {"$ref": "#/$defs/record"}
    here = {"type": "array", "items": record} if form.many else record
    top = shape()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": form.label,
        **top,
        "properties": {**dict.fromkeys(form.issue, _SAID), **top["properties"], form.root: here},
        "required": ["year"],
        "$defs": {"record": record_schema(form)},
    }


def place_of(path: Iterable[str | int], start: str = "") -> str:
    """``projects[3].budget`` for ("projects", 3, "budget"): rows counted from 0, as in the fields of findings."""
    for step in path:
        start += f"[{step}]" if isinstance(step, int) else f".{step}" if start else str(step)
    return start


def kind_of(value: object) -> str:
    """Return the name of a value's type, in JSON Schema's words."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (int, "integer"), (float, "number"), (str, "string"), (Mapping, "object"), ((list, tuple), "array"),
    )  # fmt: skip
    return next((name for kind, name in kinds if isinstance(value, kind)), type(value).__name__)


def _problems(rule: str, wanted: Any, value: Any, schema: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """One of the library's errors as words and facts of ours."""
    if rule == "additionalProperties" and wanted is False:
        allowed = list(schema.get("properties", {}))
        for key in value:
            if key not in allowed:
                near = difflib.get_close_matches(str(key), allowed, n=1)
                yield "unknown_key", {"key": str(key), "near": near[0] if near else "", "allowed": allowed}
    elif rule == "required":
        for key in wanted:
            if key not in value:
                yield "missing_key", {"key": key}
    elif rule == "type":
        kinds = [wanted] if isinstance(wanted, str) else list(wanted)
        yield "wrong_type", {"wanted": kinds, "found": kind_of(value), "value": _short(value)}
    else:
        yield "not_allowed", {"rule": rule, "wanted": wanted, "value": _short(value)}


def _short(value: object) -> str:
    return shorten(str(value), 40)


def find_unfit_values(value: object, path: tuple[str | int, ...] = ()) -> Iterator[RecordsError]:
    """Yield an error for each value that no workbook and no file can hold, with its place.

    ``not_a_number`` (value): infinity, what is no number, one of more digits than a workbook keeps, unless it stands
    for a code; ``half_character``: a text with half of a character; ``too_deep``.
    """
    place = place_of(path)
    if len(path) > DEEPEST:
        yield RecordsError(file="", place="", what="too_deep", limit=DEEPEST)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if isinstance(key, str) and _HALF.search(key):
                yield RecordsError(file="", place=place, what="half_character", value=_short(key))
            yield from find_unfit_values(inner, (*path, str(key)))
    elif isinstance(value, (list, tuple)):
        for at, inner in enumerate(value):
            yield from find_unfit_values(inner, (*path, at))
    elif isinstance(value, str):
        if _HALF.search(value):
            yield RecordsError(file="", place=place, what="half_character", value=_short(value))
    elif isinstance(value, (int, float)) and not _is_kept(value, path):
        shown = _short(value) if isinstance(value, float) or abs(value) < _LONG else f"10^{_MOST_DIGITS}"
        yield RecordsError(file="", place=place, what="not_a_number", line=0, value=shown)


def _is_kept(number: float, path: tuple[str | int, ...]) -> bool:
    """Return True for a number whose digits a workbook keeps, and for a code, which becomes a text."""
    return -LARGEST < number < LARGEST or (path[-1:] == ("code",) and isinstance(number, int) and abs(number) < _LONG)


def _codes_as_texts(value: Any) -> Any:
    """Return the data with every whole number under a key ``code`` as a text."""
    if isinstance(value, dict):
        return {
            key: str(item) if key == "code" and kind_of(item) == "integer" else _codes_as_texts(item)
            for key, item in value.items()
        }
    return [_codes_as_texts(item) for item in value] if isinstance(value, list) else value


def unit_label(content: Mapping[str, Any]) -> str:
    """Return the code and the name of a records file's unit as one text: 907001柳溪镇; empty where it has neither.

    A code that is the name stands once.
    """
    unit = content.get("unit") or {}
    code, name = (str(unit.get(key) or "") for key in ("code", "name"))
    return name if code == name else code + name


def in_order(value: Any, keys: Sequence[str]) -> Any:
    """Return the data with these keys of every mapping first, in this order; other keys keep theirs."""
    if isinstance(value, Mapping):
        ranked = sorted(value, key=lambda key: keys.index(key) if key in keys else len(keys))
        return {key: in_order(value[key], keys) for key in ranked}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [in_order(item, keys) for item in value]
    return value


def with_dates_as_texts(value: Any, levels: int = 20) -> Any:
    """Return records with their dates and times as texts, as files have them: 2026-03-02, 08:30.

    ``levels``: how deep to look; no form asks anything deeper, while records may lie within themselves.
    """
    if isinstance(value, Mapping) and levels:
        return {key: with_dates_as_texts(item, levels - 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)) and levels:
        return [with_dates_as_texts(item, levels - 1) for item in value]
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value.strftime("%H:%M") if isinstance(value, datetime.time) else value


def _plain(records: Mapping[str, Any]) -> dict[str, Any]:
    """Return the records as dicts and lists, year and unit first."""
    first = {key: records[key] for key in FIRST if key in records}
    whole: dict[str, Any] = in_order({**first, **records}, ())
    return whole


def _text(path: Path) -> str:
    text = read_text(path, _MOST_BYTES)
    if not text.strip():
        raise FormError(file=str(path), what="empty")
    return text


def _parse_json(text: str, file: str) -> Any:
    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise RecordsError(file=file, place="", what="duplicate_key", key=key, line=0)
            found[key] = value
        return found

    def constant(word: str) -> NoReturn:
        raise RecordsError(file=file, place="", what="not_a_number", line=0, value=word)

    def integer(digits: str) -> int:
        if len(digits) > _MOST_DIGITS:
            raise RecordsError(file=file, place="", what="not_a_number", line=0, value=_short(digits))
        return int(digits)

    try:
        return json.loads(text, object_pairs_hook=mapping, parse_constant=constant, parse_int=integer)
    except json.JSONDecodeError as error:
        facts = {"line": error.lineno, "column": error.colno, "problem": error.msg}
        raise RecordsError(file=file, place="", what="syntax", **facts) from error
    except RecursionError as error:
        raise RecordsError(file=file, place="", what="too_deep", limit=DEEPEST) from error


def parse_yaml(text: str, file: str) -> Any:
    """Return the data of a YAML text, as version 1.2 has it: dates are texts. Raises RecordsError, or FormError."""
    try:
        refuse_tricks(text, file)
        return yaml.load(text, Loader=_Loader)  # noqa: S506  (a safe loader's child)
    except _DuplicateKeyError as error:
        raise RecordsError(file=file, place="", what="duplicate_key", key=error.name, line=_line(error)) from error
    except _NumberError as error:
        facts = {"line": _line(error), "value": _short(error.digits)}
        raise RecordsError(file=file, place="", what="not_a_number", **facts) from error
    except yaml.YAMLError as error:
        if too_deep(error):
            raise RecordsError(file=file, place="", what="too_deep", limit=DEEPEST) from error
        mark = getattr(error, "problem_mark", None)
        facts = {
            "line": _line(error), "column": mark.column + 1 if mark else 0,
            "problem": getattr(error, "problem", None) or str(error),
        }  # fmt: skip
        raise RecordsError(file=file, place="", what="syntax", **facts) from error


def _line(error: yaml.YAMLError) -> int:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return mark.line + 1 if mark else 0


class _NumberError(yaml.constructor.ConstructorError):
    """A whole number of so many digits that Python does not take it."""

    def __init__(self, digits: str, mark: Any) -> None:
        super().__init__(None, None, "too many digits", mark)
        self.digits = digits


class _DuplicateKeyError(yaml.constructor.ConstructorError):
    """A key that stands twice in one mapping."""

    def __init__(self, name: str, mark: Any) -> None:
        super().__init__(None, None, f"duplicate key {name!r}", mark)
        self.name = name


_BaseLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BaseDumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Loader(_BaseLoader):  # type: ignore[misc]
    """PyYAML's safe loader without YAML 1.1's surprises, and strict about doubled keys."""

    yaml_implicit_resolvers: ClassVar[dict[Any, Any]] = {}

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """Return a mapping whose keys are texts, each of them once."""
        found: set[str] = set()
        for key_node, _ in node.value:
            key = key_node.value
            if not isinstance(key, str):
                raise yaml.constructor.ConstructorError(None, None, "a key must be a text", key_node.start_mark)
            if key in found:
                raise _DuplicateKeyError(key, key_node.start_mark)
            found.add(key)
        pairs = ((key.value, self.construct_object(item, deep=deep)) for key, item in node.value)
        return dict(pairs)

    def construct_yaml_int(self, node: Any) -> int:
        """Return a whole number."""
        if len(node.value) > _MOST_DIGITS:
            raise _NumberError(node.value, node.start_mark)
        return int(node.value)


_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_yaml_int)


class _Dumper(_BaseDumper):  # type: ignore[misc]
    """PyYAML's safe dumper: its YAML 1.1 ideas of numbers and dates make it quote what other readers may misread."""

    def ignore_aliases(self, data: object) -> bool:
        """Never write an alias."""
        return True


_DECIMAL = r"(?:[-+]?[0-9]+\.[0-9]*|\.[0-9]+)"
for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("float", rf"{_DECIMAL}(?:[eE][-+][0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", "-+.0123456789"),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), [c.strip("\0") for c in _first]
    )
