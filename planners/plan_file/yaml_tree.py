"""Read the YAML subset of the plan file into a tree with line and column of every value.

Plain YAML 1.2 only: no tags, anchors or second document. Size, depth and number of values are bounded before anything is built.
All faults that can be separated are reported together. One extension: in `{kind: human, description: old keeper, grey braid}` the
words after the second comma have no colon, so they continue the text before them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_NODES", "Node", "Place", "YamlFault", "read_tree", "with_quotes"]

MAX_BYTES: Final = 4 * 2**20
MAX_DEPTH: Final = 40
MAX_NODES: Final = 200_000

_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL: Final[dict[str, bool | float | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_TAB = re.compile(r"^ *(\t)", re.MULTILINE)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in a file; line and column count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class YamlFault:
    """A place where the text is not YAML, or not the allowed subset."""

    place: Place
    message: str


@dataclass(slots=True)
class Node:
    """A value and where it stands: a scalar (`value`), a mapping (`entries`) or a list (`items`)."""

    place: Place
    value: bool | int | float | str | None = None
    entries: dict[str, Node] | None = None
    keys: dict[str, Place] = field(default_factory=dict)
    """Places of the keys of `entries`."""
    items: list[Node] | None = None

    def data(self) -> Any:
        """The value as dicts, lists and scalars."""
        if self.entries is not None:
            return {key: node.data() for key, node in self.entries.items()}
        if self.items is not None:
            return [node.data() for node in self.items]
        return self.value

    def place_at(self, path: Iterable[str | int]) -> Place:
        """The place of the deepest part of a path of keys and indices that the file contains; of a key if the path ends with it."""
        node = self
        place = self.place
        for step in path:
            if node.entries is not None and step in node.entries:
                node, place = node.entries[str(step)], node.keys[str(step)]
            elif node.items is not None and isinstance(step, int) and step < len(node.items):
                node = node.items[step]
                place = node.place
            else:
                break
        return place


class _Stop(Exception):
    """Raised after a fault that ends reading."""


def read_tree(text: str, *, max_nodes: int = MAX_NODES) -> tuple[Node | None, list[YamlFault]]:
    """Read one document. The tree is None if reading had to stop, and may be incomplete if there are faults."""
    faults = _unreadable(text)
    if faults:
        return None, faults
    reader = _Reader(text, max_nodes)
    try:
        tree = reader.read()
    except _Stop:
        return None, reader.faults
    return tree, reader.faults


def with_quotes(text: str) -> str:
    """`text` with quotes around unquoted values with commas inside `{…}`, so that any YAML reader agrees with `read_tree`."""
    reader = _Reader(text)
    reader.read()
    for start, end in sorted(reader.loose.items(), reverse=True):
        inside = text[start:end].replace("\\", "\\\\").replace('"', '\\"')
        text = f'{text[:start]}"{inside}"{text[end:]}'
    return text


def _unreadable(text: str) -> list[YamlFault]:
    """Faults of the raw text: its size, control characters and tabs."""
    if len(text.encode(errors="surrogatepass")) > MAX_BYTES:
        return [
            YamlFault(
                Place(1, 1), f"the file has more than {MAX_BYTES // 2**20} MiB; a plan is text, and a long episode's has 0.3"
            )
        ]
    faults = [
        YamlFault(_position_of(text, match.start()), f"found the control character U+{ord(match[0]):04X}; delete it")
        for match, _ in zip(_CONTROL.finditer(text), range(20), strict=False)
    ]
    faults += [
        YamlFault(_position_of(text, match.start(1)), "found a tab at the beginning of the line; expected spaces")
        for match, _ in zip(_TAB.finditer(text), range(20), strict=False)
    ]
    return sorted(faults, key=lambda fault: fault.place)


def _position_of(text: str, index: int) -> Place:
    return Place(text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index))


class _Reader:
    """Builds the tree from parser events, so that no more than the bounds allow is built."""

    def __init__(self, text: str, max_nodes: int = MAX_NODES) -> None:
        self.faults: list[YamlFault] = []
        self._lines = text.split("\n")
        self._events = self._parse(text)
        self._nodes = 0
        self._max_nodes = max_nodes
        self.loose: dict[int, int] = {}
        """Start and end index of every unquoted value with commas inside `{…}`."""

    def read(self) -> Node | None:
        root: Node | None = None
        documents = 0
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if event.version or event.tags:
                    self._fault(event, "directives (%…) are not allowed; delete the line")
                if documents > 1:
                    self._stop(event, "a second document begins here (---); expected one plan in a file")
            elif isinstance(event, NodeEvent):
                root = self._node(event, 1)
        return root

    def _parse(self, text: str) -> Iterator[Event]:
        try:
            yield from YAML(typ="safe", pure=True).parse(text)
        except MarkedYAMLError as err:
            mark = err.problem_mark or err.context_mark
            place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
            self.faults.append(YamlFault(place, self._explain(err, place)))
            raise _Stop from err
        except (YAMLError, RecursionError, ValueError) as err:
            self.faults.append(YamlFault(Place(1, 1), f"this is not YAML: {str(err).splitlines()[0]}"))
            raise _Stop from err

    def _explain(self, err: MarkedYAMLError, place: Place) -> str:
        """The parser's problem in the user's terms."""
        line = self._lines[place.line - 1] if place.line <= len(self._lines) else ""
        problem = (err.problem or "it does not parse").strip()
        rest = line[place.column - 1 :].lstrip()
        if "mapping values are not allowed" in problem:
            return 'found ‘: ’ inside a text, which YAML reads as another key; put the text in quotes: "…"'
        if "cannot start any token" in problem:
            return f'a text cannot begin with ‘{rest[:1]}’; put the text in quotes: "…"'
        if "alias" in problem or "anchor" in problem:
            return (
                f'a text cannot begin with ‘{rest[:1] or "*"}’ (anchors and aliases are not allowed); put the text in quotes: "…"'
            )
        if "could not find expected ':'" in problem:
            return "expected ‘key: value’; a key without its colon, or a text that goes on in a line that is not indented, stands before this"
        if "quoted scalar" in (err.context or ""):
            begins = err.context_mark.line + 1 if err.context_mark else place.line
            return f"the quotes opened in line {begins} are never closed"
        if "expected <block end>" in problem:
            return (
                f"found ‘{rest[:20]}’ where a new line of the same depth was expected; indent it like its neighbours, "
                'or, if it belongs to a text, put the whole text in quotes: "…"'
            )
        return f"{problem[0].lower()}{problem[1:]}" + (f" {err.context}" if err.context else "")

    def _next(self) -> Event:
        """The next parser event."""
        return next(self._events)

    def _node(self, event: Event, depth: int) -> Node:
        """Build the node that begins with `event`."""
        self._nodes += 1
        place = _start(event)
        if self._nodes > self._max_nodes:
            self._stop(event, f"more than {self._max_nodes:,} values; a long episode's plan has 20,000")
        if depth > MAX_DEPTH:
            self._stop(event, f"nested more than {MAX_DEPTH} deep; a plan needs 8")
        if not isinstance(event, NodeEvent):
            self._stop(event, f"expected a value, found {type(event).__name__}")
        if isinstance(event, AliasEvent):
            self._fault(
                event, f"the alias *{event.anchor} is not allowed: a plan spells everything out; if it is text, put it in quotes"
            )
            return Node(place)
        if event.anchor:
            self._fault(
                event, f"the anchor &{event.anchor} is not allowed: a plan spells everything out; if it is text, put it in quotes"
            )
        if isinstance(event, MappingStartEvent | SequenceStartEvent | ScalarEvent) and event.ctag:
            self._fault(
                event,
                f"the tag {str(event.ctag).replace('tag:yaml.org,2002:', '!!')} is not allowed: a plan holds plain values; if it is text, put it in quotes",
            )
        if isinstance(event, MappingStartEvent):
            return self._mapping(event, depth)
        if isinstance(event, SequenceStartEvent):
            items = []
            while not isinstance(inner := self._next(), SequenceEndEvent):
                items.append(self._node(inner, depth + 1))
            return Node(place, items=items)
        text = str(event.value) if isinstance(event, ScalarEvent) else ""
        return Node(place, value=_resolved(text) if _is_plain(event) else text)

    def _mapping(self, start: MappingStartEvent, depth: int) -> Node:
        """Build a mapping up to its end event."""
        entries: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        before: tuple[str, ScalarEvent] | None = None
        while not isinstance(event := self._next(), MappingEndEvent):
            name = self._node(event, depth + 1)
            value_event = self._next()
            value = self._node(value_event, depth + 1)
            if not isinstance(event, ScalarEvent):
                if not isinstance(event, AliasEvent):
                    self._fault(event, "found a list or mapping as a key; expected a name")
                continue
            key = str(event.value)
            if start.flow_style and before is not None and _is_loose(event, value_event):
                first, text = before
                entries[first].value = f"{text.value}, {key}"
                self.loose[text.start_mark.index] = event.end_mark.index
                before = (first, ScalarEvent(None, None, (True, False), entries[first].value, text.start_mark, event.end_mark))
                continue
            if key in entries:
                self._fault(event, f"the key ‘{key}’ is there twice (first in line {keys[key].line}); delete one")
                continue
            if isinstance(value_event, ScalarEvent) and _is_plain(value_event) and not value_event.value:
                # the parser places an absent value at the next token
                value.place = Place(event.end_mark.line + 1, event.end_mark.column + 1)
            entries[key], keys[key] = value, name.place
            before = (
                (key, value_event)
                if isinstance(value_event, ScalarEvent) and _is_plain(value_event) and value_event.value
                else None
            )
        return Node(_start(start), entries=entries, keys=keys)

    def _fault(self, event: Event, message: str) -> None:
        """Record a fault at an event's place."""
        self.faults.append(YamlFault(_start(event), message))

    def _stop(self, event: Event, message: str) -> NoReturn:
        """Record a fault after which reading cannot continue. Raises _Stop."""
        self._fault(event, message)
        raise _Stop


def _is_plain(event: Event) -> bool:
    return isinstance(event, ScalarEvent) and event.style in (None, "")


def _is_loose(key: ScalarEvent, value: Event) -> bool:
    """Whether `key` continues the text before it: words after a comma without a colon."""
    return _is_plain(key) and isinstance(value, ScalarEvent) and not value.value and value.start_mark.index == key.end_mark.index


def _start(event: Event) -> Place:
    """Where an event of the parser begins in the text, counted from 1."""
    return Place(event.start_mark.line + 1, event.start_mark.column + 1)


def _resolved(text: str) -> bool | int | float | str | None:
    """Resolve a plain scalar by the core schema of YAML 1.2, in which `yes`, `12:30` and dates are texts."""
    if text in _SPECIAL:
        return _SPECIAL[text]
    if _INT.fullmatch(text) and len(text) < 40:
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if text.lstrip("+-").lower() in (".inf", ".nan"):
        return float(text.replace(".", "", 1))
    return text
