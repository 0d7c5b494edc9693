"""The plan file: `episodic/plan@1` in YAML, in and out. All faults are reported at once, as `FILE:LINE:COLUMN: …`."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from io import StringIO
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from planners.errors import PlanError, PlanTooNew
from planners.plan.cross_references import Fault, check_references
from planners.plan.model import PLAN_FORMAT, EpisodePlan
from planners.plan_file.error_messages import drop_empty_keys, explain_errors
from planners.plan_file.yaml_tree import MAX_BYTES, Node, Place, read_tree, with_quotes

__all__ = [
    "UPGRADES",
    "edit_plan",
    "head_comments",
    "plan_text",
    "read_plan",
    "read_plan_text",
    "write_plan",
    "write_plan_text",
    "yaml_text",
]

_FAMILY, _, _VERSION = PLAN_FORMAT.partition("@")
_FAULTS_SHOWN: Final = 20
_WIDTH: Final = 118
_ENDLESS: Final = 2**24
"""Texts are not folded: one line of dialogue is one line of the file and of its diffs."""

PlanData = dict[str, object]
"""A plan file as YAML data."""
Upgrade = Callable[[PlanData], PlanData]

UPGRADES: Final[Mapping[int, Upgrade]] = {}
"""By version: the function that upgrades plan data of that version to the next. Empty while there is only one version."""


def read_plan(path: Path, *, open_threads: Collection[str] | None = None) -> EpisodePlan:
    """Read and check a plan file.

    `open_threads`: threads that earlier episodes left open, or None if they are not known, so that any thread may be closed.
    Raises PlanError with every fault (up to 20), PlanTooNew.
    """
    try:
        if path.is_file() and path.stat().st_size > MAX_BYTES:
            raise PlanError(f"{path}:1:1: the file has more than {MAX_BYTES // 2**20} MiB; expected a plan")
        raw = path.read_bytes()
    except OSError as err:
        raise PlanError(f"{path}: the plan cannot be read: {err.strerror or err}") from err
    return read_plan_text(_decode(raw, str(path)), str(path), open_threads=open_threads)


def read_plan_text(text: str, name: str, *, open_threads: Collection[str] | None = None) -> EpisodePlan:
    """Read and check a plan from `text`, as `read_plan` does. `name`: the file name in error messages."""
    tree, wrong = read_tree(text)
    if wrong:
        raise _error(name, ((fault.place, fault.message) for fault in wrong))
    if tree is None or (tree.value is None and tree.entries is None and tree.items is None):
        raise _error(name, [(Place(1, 1), f"the plan is empty; expected a plan that begins with `format: {PLAN_FORMAT}`")])
    data = _upgrade(tree, name)
    plan, faults = _check(data, open_threads)
    if plan is None:
        raise _error(name, ((_place_of(tree, fault), fault.message) for fault in faults))
    return plan


def write_plan(path: Path, plan: EpisodePlan, comments: Iterable[str] = ()) -> None:
    """Write `plan` to `path` atomically, under comments. Raises PlanError if it cannot be written."""
    write_plan_text(path, plan_text(plan, comments))


def write_plan_text(path: Path, text: str) -> None:
    """Write the text of a plan atomically. Raises PlanError if it cannot be written."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with unfinished.open("w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as err:
        raise PlanError(f"{path}: the plan cannot be written: {err.strerror or err}; nothing was changed") from err


def plan_text(plan: EpisodePlan, comments: Iterable[str] = ()) -> str:
    """The plan as a user would write it: in the order of the format, without defaults. `comments`: lines at its head."""
    head = "".join(f"# {_printable(line)}".rstrip() + "\n" for line in comments)
    return head + yaml_text({"format": plan.format} | plan.model_dump(mode="json", exclude_defaults=True))


def yaml_text(data: Mapping[str, object]) -> str:
    """JSON values as YAML in the layout of a plan file, for users to edit."""
    return _dump(CommentedMap((key, _with_layout(value, (key,))) for key, value in data.items()), _yaml(offset=2))


def head_comments(text: str) -> list[str]:
    """The comment lines at the head of a plan, without their marks."""
    lines = itertools.takewhile(lambda line: line.startswith("#"), text.removeprefix("\ufeff").splitlines())
    return [line.removeprefix("#").removeprefix(" ") for line in lines]


def edit_plan(text: str, change: Callable[[Any], None], name: str = "plan.yaml") -> str:
    """Change a plan and keep the user's comments, order and quotes.

    `change` receives the plan's mapping as it stands in the file and alters it in place; comments inside a value that it replaces
    are lost. Raises PlanError if `text` is not a valid plan before or after the change.
    """
    read_plan_text(text, name)
    text = with_quotes(text)
    yaml = _yaml(_offset(text))
    document = yaml.load(text)
    change(document)
    edited = _dump(document, yaml)
    read_plan_text(edited, f"{name} (edited)")
    return edited


def _printable(line: str) -> str:
    """A line of a comment: whatever could end it or cannot be read is a question mark."""
    return "".join(letter if letter.isprintable() else "?" for letter in line)


def _decode(raw: bytes, name: str) -> str:
    """Decode the bytes of a plan file. Raises PlanError at the first byte that is not UTF-8."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        before = raw[: err.start].decode("utf-8-sig", errors="replace")
        place = Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
        message = f"found the byte 0x{raw[err.start]:02X}, which is not UTF-8; save the file in the encoding UTF-8"
        raise _error(name, [(place, message)]) from err


def _upgrade(tree: Node, name: str) -> Any:
    """The data of the file, upgraded to the newest version of the format. Raises PlanError, PlanTooNew."""
    data = tree.data()
    if not isinstance(data, dict):
        raise _error(name, [(tree.place, f"expected `key: value` lines that begin with `format: {PLAN_FORMAT}`")])
    if "format" not in data:
        raise _error(name, [(Place(1, 1), f"the plan does not say its format; add the line `format: {PLAN_FORMAT}` at the top")])
    place = _place_of(tree, Fault(("format",), ""))
    match = re.fullmatch(rf"{re.escape(_FAMILY)}@([1-9][0-9]{{0,8}})", str(data["format"]))
    if match is None:
        raise _error(name, [(place, f"unknown format ‘{data['format']}’; expected `{PLAN_FORMAT}`")])
    version, newest = int(match[1]), int(_VERSION)
    if version > newest:
        problem = f"the plan has the format {data['format']}, and this version of episodic reads up to {PLAN_FORMAT}"
        raise PlanTooNew(
            f"{name}:{place.line}:{place.column}: {problem}; install the newer version: pip install --upgrade episodic"
        )
    for step in range(version, newest):
        data = UPGRADES[step](data)
    return drop_empty_keys(data)


def _check(data: Any, open_threads: Collection[str] | None) -> tuple[EpisodePlan | None, list[Fault]]:
    """The plan where `data` has no fault, otherwise None and every fault."""
    try:
        plan = EpisodePlan.model_validate(data)
    except ValidationError as err:
        faults = explain_errors(err)
        return None, faults + _further_faults(data, faults, open_threads)
    faults = check_references(plan, open_threads)
    return (None if faults else plan), faults


def _further_faults(data: Any, faults: Iterable[Fault], open_threads: Collection[str] | None) -> list[Fault]:
    """Reference faults of a plan that fails validation: reported if the plan is valid once its invalid entries are removed."""
    for path in {fault.path for fault in faults}:
        if not path:
            return []
        *outer, last = path
        inside = _value_at(data, outer)
        if last == "emotion" and outer[-2:-1] == ["lines"] and isinstance(inside, dict) and len(inside) == 1:
            ((key, text),) = inside.items()
            inside.clear()
            inside[key.partition("(")[0].strip()] = text
        elif isinstance(inside, dict) and last in inside and (path[0] == "scenes" or len(path) != 2):
            del inside[last]
        else:  # removing a list entry shifts the others, and removing an id breaks every reference to it
            return []
    try:
        return check_references(EpisodePlan.model_validate(data), open_threads)
    except ValidationError:
        return []


def _value_at(data: Any, path: Iterable[str | int]) -> Any:
    """The value at a path of keys and indices, or None if there is none."""
    try:
        for step in path:
            data = data[step]
    except (KeyError, IndexError, TypeError):
        return None
    return data


def _place_of(tree: Node, fault: Fault) -> Place:
    """The place of a fault in the file: the deepest part of its path that the file contains."""
    node = tree
    place = tree.place
    for index, step in enumerate(fault.path):
        last = index == len(fault.path) - 1
        if node.entries is not None and step in node.entries:
            place = node.keys[str(step)] if last and fault.place == "key" else node.entries[str(step)].place
            node = node.entries[str(step)]
        elif node.items is not None and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
            place = node.place
        elif node.entries and last and step in ("speaker", "emotion", "text"):
            # a line of dialogue: `speaker (emotion): text`
            (key, at), *_ = node.keys.items()
            opened = key.find("(") + 1 if step == "emotion" else 0
            place = node.entries[key].place if step == "text" else Place(at.line, at.column + opened)
    return place


def _error(name: str, faults: Iterable[tuple[Place, str]]) -> PlanError:
    lines = [f"{name}:{place.line}:{place.column}: {message}" for place, message in sorted(dict.fromkeys(faults))]
    more = len(lines) - _FAULTS_SHOWN
    return PlanError("\n".join(lines[:_FAULTS_SHOWN] + ([f"… and {more} more"] if more > 0 else [])))


_LIKE_A_NUMBER: Final = re.compile(r"[\d:.]+")
"""`16:9` is a number to readers of YAML 1.1."""
_ESCAPED: Final = re.compile(r"[^ -~\xa1-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029]|^ | $|^[-?:]")
"""Text that only double quotes preserve, wherever it stands."""
_QUOTED: Final = re.compile(r""": |:$| #|^[-?:,\[\]{}#&*!|>'"%@`]|[,\[\]{}]""")
_LITERAL: Final = re.compile(
    r"(?:[!-~\xa1-\u2027\u2030-\ufefe](?:[ -~\xa1-\u2027\u2030-\ufefe]*[!-~\xa1-\u2027\u2030-\ufefe])?(?:\n(?!\Z)|\Z)){2,}"
)
"""Several lines, none of them empty, indented or ending in spaces."""
_FLOW: Final = re.compile(
    r"look|(cast|locations|props)/\w+(/voice)?|scenes/\d+/(lighting|present|closes|relations|because)|scenes/\d+/(relations|because)/\d+"
    r"|scenes/\d+/shots/\d+/(focus|action)"
)


def _with_layout(value: Any, path: tuple[str | int, ...]) -> Any:
    """`value` with the layout of a plan file: cast entries and short lists on one line, texts on lines of their own."""
    if isinstance(value, dict):
        styled: Any = CommentedMap((key, _with_layout(inner, (*path, key))) for key, inner in value.items())
    elif isinstance(value, list):
        styled = CommentedSeq(_with_layout(item, (*path, index)) for index, item in enumerate(value))
    else:
        return _text(value, path) if isinstance(value, str) else value
    # a rough length, with room for the key and the indentation
    if _FLOW.fullmatch("/".join(map(str, path))) and len(str(value)) + 2 * len(path) < _WIDTH - 20:
        styled.fa.set_flow_style()
    return styled


def _text(value: str, path: tuple[str | int, ...]) -> str:
    """Choose the YAML scalar style of a text."""
    styled = value
    if path == ("prompt",) and _LITERAL.fullmatch(value):
        styled = LiteralScalarString(value)
    elif _ESCAPED.search(value) or _LIKE_A_NUMBER.fullmatch(value) or ("'" in value and _QUOTED.search(value)):
        styled = DoubleQuotedScalarString(value)
    return styled


def _offset(text: str) -> int:
    """Indentation of list dashes in the file, in columns."""
    match = re.search(r"^scenes:[ \t]*(?:#.*)?\n(?:[ \t]*(?:#.*)?\n)*( *)- ", text, re.MULTILINE)
    return len(match[1]) if match else 2


def _yaml(offset: int) -> YAML:
    yaml = YAML(typ="rt", pure=True)
    yaml.indent(mapping=2, sequence=offset + 2, offset=offset)
    yaml.width = _ENDLESS
    yaml.preserve_quotes = True
    yaml.allow_unicode = True
    return yaml


def _dump(document: Any, yaml: YAML) -> str:
    """A YAML document as text."""
    stream = StringIO()
    yaml.dump(document, stream)
    return stream.getvalue()
