"""Records files: the content of forms, as YAML or JSON.

``load`` is strict, because such files are written by hand: a wrong key, a doubled key or a wrong type is
an error with its place. YAML is read as version 1.2 has it: ``no``, ``2024-01-01``, ``1:30`` and ``007`` are texts.
``dump`` writes what ``load`` reads back: ``load(dump(records)) == records``.
"""

from __future__ import annotations

import difflib
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TextIO

import yaml

from perfxl.errors import RecordsError, reason_of

if TYPE_CHECKING:
    from perfxl.form.form import Form

_TEXT = {"type": ["string", "null"]}
_UNIT = {
    "type": "object",
    "properties": {"code": _TEXT, "name": _TEXT, "control": {"type": ["number", "null"]}},
    "additionalProperties": False,
}
_SEVERAL = {"type": "array", "items": {"type": "object"}}
_ONE = {"type": ["object", "null"]}
FIRST = ("year", "unit")
"""The keys that stand first in a records file, before the records."""


def shape() -> dict[str, Any]:
    """Return the JSON Schema of the top of every records file: year, unit, and the records of every installed form.

    A form knows the shape of what stands below its own top (``projects[]``, ``department``).
    """
    from perfxl.form.installed import roots  # late: writing a file needs no form

    held = {root: _SEVERAL if many else _ONE for root, many in roots().items()}
    return {
        "type": "object",
        "properties": {"year": {"type": ["integer", "null"]}, "unit": _UNIT, **held},
        "additionalProperties": False,
    }


_DEEPEST = 100
_INDENTED = re.compile(rf"^[ ?:-]{{{_DEEPEST},}}", re.MULTILINE)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")

Check = Callable[[dict[str, Any]], Iterable[RecordsError]]


def load(path: str | Path, check: Check | None = None) -> dict[str, Any]:
    """Read the records in a .yaml, .yml or .json file.

    Its top is checked by :func:`shape`; ``check`` may find more (see :func:`check_shape`). The first problem
    is raised. A number where a code belongs (``code: 904001``) becomes a text.
    """
    file = str(path)
    text = _text(Path(path), file)
    try:
        parsed = _parse_json(text, file) if Path(path).suffix.lower() == ".json" else _parse_yaml(text, file)
        value = _codes_as_texts(parsed)
    except RecursionError as error:
        raise RecordsError(file=file, place="", what="too_deep", limit=_DEEPEST) from error
    if value is None:
        raise RecordsError(file=file, place="", what="empty")
    if not isinstance(value, dict):
        raise RecordsError(file=file, place="", what="not_a_mapping", found=kind_of(value))
    records: dict[str, Any] = value
    problems = [*check_shape(records, shape(), file=file)] or [*(check(records) if check else ())]
    if problems:
        raise RecordsError(**{**problems[0].facts, "file": file})
    if not any(records.get(root) for root in records if root not in FIRST):
        raise RecordsError(file=file, place="", what="nothing_in_it", roots=_roots())
    return records


def _roots() -> list[str]:
    """Return the tops under which records may stand, those of which a unit has several first."""
    from perfxl.form.installed import roots  # late, as in shape

    return sorted(roots(), key=lambda root: not roots()[root])


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
    if path.suffix.lower() not in (".yaml", ".yml"):
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

    for error in Draft202012Validator(schema).iter_errors(value):
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
        "properties": {**top["properties"], form.root: here},
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
    text = str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _codes_as_texts(value: Any) -> Any:
    """Return the data with every whole number under a key ``code`` as a text."""
    if isinstance(value, dict):
        return {
            key: str(item) if key == "code" and kind_of(item) == "integer" else _codes_as_texts(item)
            for key, item in value.items()
        }
    return [_codes_as_texts(item) for item in value] if isinstance(value, list) else value


def in_order(value: Any, keys: Sequence[str]) -> Any:
    """Return the data with these keys of every mapping first, in this order; other keys keep theirs."""
    if isinstance(value, Mapping):
        ranked = sorted(value, key=lambda key: keys.index(key) if key in keys else len(keys))
        return {key: in_order(value[key], keys) for key in ranked}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [in_order(item, keys) for item in value]
    return value


def _plain(records: Mapping[str, Any]) -> dict[str, Any]:
    """Return the records as dicts and lists, year and unit first."""
    first = {key: records[key] for key in FIRST if key in records}
    whole: dict[str, Any] = in_order({**first, **records}, ())
    return whole


def _text(path: Path, file: str) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise RecordsError(file=file, place="", what="no_file") from error
    except OSError as error:
        raise RecordsError(file=file, place="", what="unreadable", reason=reason_of(error)) from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise RecordsError(file=file, place="", what="not_utf8", line=0 if data.startswith(_UTF16) else line) from error
    if not text.strip():
        raise RecordsError(file=file, place="", what="empty")
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
        raise RecordsError(file=file, place="", what="syntax", line=0, column=0, problem=word)

    try:
        return json.loads(text, object_pairs_hook=mapping, parse_constant=constant)
    except json.JSONDecodeError as error:
        facts = {"line": error.lineno, "column": error.colno, "problem": error.msg}
        raise RecordsError(file=file, place="", what="syntax", **facts) from error


def _parse_yaml(text: str, file: str) -> Any:
    try:
        if _is_suspicious(text):
            _refuse_tricks(text, file)
        return yaml.load(text, Loader=_Loader)  # noqa: S506  (a safe loader's child)
    except _DuplicateKeyError as error:
        raise RecordsError(file=file, place="", what="duplicate_key", key=error.name, line=_line(error)) from error
    except yaml.YAMLError as error:
        if "nesting depth" in str(error):  # libyaml 0.2.6 and later have a limit of their own
            raise RecordsError(file=file, place="", what="too_deep", limit=_DEEPEST) from error
        mark = getattr(error, "problem_mark", None)
        facts = {
            "line": _line(error), "column": mark.column + 1 if mark else 0,
            "problem": getattr(error, "problem", None) or str(error),
        }  # fmt: skip
        raise RecordsError(file=file, place="", what="syntax", **facts) from error
    except ValueError as error:  # a whole number of thousands of digits
        raise RecordsError(file=file, place="", what="syntax", line=0, column=0, problem=str(error)) from error


def _is_suspicious(text: str) -> bool:
    """Return True if there could be an alias, or collections nested too deep, by brackets or by indentation."""
    return "*" in text or text.count("[") + text.count("{") > _DEEPEST or bool(_INDENTED.search(text))


def _refuse_tricks(text: str, file: str) -> None:
    """Refuse aliases, which can make a small file a giant, and deep nesting, which ends the interpreter itself.

    The library's events are looked at, because its composer calls itself once a level.
    """
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            line = event.start_mark.line + 1 if event.start_mark else 0
            raise RecordsError(file=file, place="", what="alias", key=event.anchor, line=line)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise RecordsError(file=file, place="", what="too_deep", limit=_DEEPEST)


def _line(error: yaml.YAMLError) -> int:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return mark.line + 1 if mark else 0


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
