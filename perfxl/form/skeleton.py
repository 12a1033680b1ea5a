"""A new form to begin with: a small one that works, with a comment on every key that it uses."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from string import Template

from perfxl.form.language_schema import Say
from perfxl.form.late_pattern import late_pattern

SCHEMA_FILE = "form.schema.json"
"""The schema that stands beside the form, for editors."""

SCHEMA_LINE = f"# yaml-language-server: $schema={SCHEMA_FILE}\n"

_NAME = late_pattern(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")
_COMMENT = late_pattern(r"^( *(?:- )?)#: ?(\S*)\n", re.MULTILINE)
_WIDTH = 100

_FORM = """\
#: form.form
form: $name
#: form.version
version: "1"
#: form.language
language: $language
#: form.label
label: $label
#: form.record
record: $root[]
#: form.key
key: number
#: form.title
title: "$label {{ number }}"
#: form.sheet
sheet:
  #: sheet.name
  name: "$tab {{ number }}"
  #: sheet.columns
  columns: [14, 18, 14, 18]
  #: sheet.start
  start: B2

#: form.fields
fields:
  number: {type: integer, given: true}
  person:
    #: field.type
    type: text
    #: field.label
    label: $person
    #: options.max_length
    max_length: 40
    #: field.required
    required: true
  day: {type: date, label: $day, required: true}
  reason:
    type: choice
    label: $reason
    #: options.choices
    choices: [$reasons]
    required: true
  limit:
    type: money
    #: options.unit
    unit: $unit
    label: $limit
    required: true
    #: field.hint
    hint: $hint
  remark: {type: paragraph, label: $remark, max_length: 500}

#: form.tables
tables:
  costs:
    #: table.label
    label: $costs
    #: table.rows
    rows: {min: 3, spare: 2, max: 20}
    #: table.columns
    columns:
      what: {type: text, label: $what, max_length: 60, span: 2, required: true}
      paid: {type: date, label: $paid}
      amount: {type: money, unit: $unit, label: $amount, required: true}

#: form.layout
layout:
  - {height: 32, cells: [{title: true, span: 4}]}
  #: cell.mark
  - [{text: "{{ unit.name }}", style: plain, span: 2}, {mark: code, span: 2}]
  #: cell.ask
  - [{ask: person}, {ask: day}]
  - [{ask: reason}, {ask: limit}]
  - {table: costs}
  - {height: 60, cells: [{ask: remark, span: 3}]}
  #: cell.sign
  - {height: 36, cells: [{sign: $approved, span: 4}]}

#: form.rules
rules:
  #: rule.code
  - code: $letters-01
    #: rule.title
    title: $check
    #: rule.assert
    assert: (costs | sum(amount)) <= limit
    #: rule.on
    on: [limit]
    #: rule.severity
    severity: error
    #: rule.message
    message: "$message"
    #: rule.advice
    advice: $advice
    #: rule.bad
    bad: {limit: 1}
    #: rule.good
    good: {limit: 1000}

#: form.help
help:
  - $help
"""

_EXAMPLE = """\
number: 1
person: $name_of_person
day: 2026-03-02
reason: $first_reason
limit: 200
remark: $remark_text
costs:
  - {what: $thing, paid: 2026-03-02, amount: 120.5}
  - {what: $other_thing, paid: 2026-03-03, amount: 48}
"""


def is_form_name(name: str) -> bool:
    """Return whether a form may be called so: small letters, digits, and hyphens between them."""
    return bool(_NAME.fullmatch(name)) and len(name) <= _LONGEST


_LONGEST = 40


def new_form(name: str, letters: str, language: str, words: Mapping[str, str], say: Say) -> str:
    """Return the definition of a new form.

    ``letters``: those of its checks' codes; ``words``: the words in it, by the names that they have here; ``say``:
    gives the sentence about a key, which stands above it as a comment.
    """
    facts = {**words, "name": name, "root": name.replace("-", "_"), "letters": letters, "language": language}
    commented = _COMMENT.sub(lambda found: _comment(found[1], found[2], say), _FORM)
    return SCHEMA_LINE + Template(commented).safe_substitute(facts)


def example_of_new_form(words: Mapping[str, str]) -> str:
    """Return the example record of a new form."""
    return Template(_EXAMPLE).safe_substitute(words)


def _comment(indent: str, key: str, say: Say) -> str:
    """Return the lines of a comment on a key; no line where there is no sentence."""
    sentence = say(key if key.startswith("options.") else f"keys.{key}")
    lines = textwrap.wrap(sentence.replace("$", "$$"), _WIDTH - len(indent), break_long_words=False)
    return "".join(f"{indent}# {line}\n" for line in lines)


def renamed(definition: str, name: str) -> str:
    """Return a definition under another name, as the beginning of a form like it."""
    text = re.sub(r"^form:.*$", f"form: {name}", definition, count=1, flags=re.MULTILINE)
    return text if text.startswith("# yaml-language-server") else SCHEMA_LINE + text
