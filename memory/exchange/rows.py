"""What a row of `episodic/memory@1` may look like, and what rows must have to do with each other. Pure, no database.

A document comes from outside. Nothing in it is believed: sizes, depths, types and references are checked row by row, and the error
names the row (`statements[17].since`), what is wrong with it and what helps.
"""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, NoReturn, get_args

from memory.errors import MemoryRefusal
from memory.exchange.values import (
    ARTIFACT_KEY,
    ENTITY_ID,
    FILE_NAME,
    MOST_LEVELS,
    Check,
    WrongError,
    any_value,
    entity_names,
    finite,
    json_object,
    matching,
    one_of,
    or_null,
    position,
    shown,
    sightings,
    text_of,
    truth,
    vector,
    whole,
    wrong,
)
from memory.model.canon import CHARACTER_KINDS, EntityKind
from memory.model.entities import RELATION
from memory.model.facts import Evidence, StoryPosition
from memory.model.records import EmbeddingKind
from memory.queries.history import RULE_NAME
from memory.schema.branch_lineage import BRANCH_NAME, MOST_FORKS
from memory.schema.tables import MAIN, CommitKind

__all__ = ["FORMAT", "MOST_ROWS", "SECTIONS", "Document", "parse"]

FORMAT: Final = "episodic/memory@1"
MOST_ROWS: Final = 5_000_000
"""A section may have so many rows."""

_Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Document:
    """A checked document: positions are StoryPosition, vectors bytes, all else as in the file."""

    sections: Mapping[str, list[_Row]]


_NUMBER_OF_ROW: Final = whole(1, MOST_ROWS)
_BRANCH_NAME: Final = matching(BRANCH_NAME, "the name of a branch (small letters, digits, dots, dashes, underscores)")
_ARTIFACT: Final = matching(ARTIFACT_KEY, "the key of an artifact (letters, digits, _ and -, at most 128)")
_FILE: Final = matching(FILE_NAME, "the name of a file in an artifact (letters, digits, _, - and dots, at most 80; no folder)")
_ENTITY: Final = matching(ENTITY_ID, "an entity's id (small letters, digits and _, at most 40, a letter first)")

SECTIONS: Final[Mapping[str, Mapping[str, Check]]] = MappingProxyType(
    {
        "series": {"name": text_of(40, 1), "value": any_value},
        "branches": {"name": _BRANCH_NAME, "parent": or_null(_BRANCH_NAME), "forked_at": or_null(position)},
        "entities": {"id": _ENTITY, "kind": one_of(*get_args(EntityKind)), "character_kind": one_of(*CHARACTER_KINDS, None)},
        "scenes": {
            "branch": _BRANCH_NAME,
            "position": position,
            "id": text_of(40),
            "title": text_of(),
            "synopsis": text_of(),
            "key": text_of(128),
            "entities": entity_names,
        },
        "commits": {
            "number": _NUMBER_OF_ROW,
            "branch": _BRANCH_NAME,
            "kind": one_of(*get_args(CommitKind)),
            "position": position,
            "note": text_of(),
        },
        "statements": {
            "commit": _NUMBER_OF_ROW,
            "entity": _ENTITY,
            "attribute": text_of(160, 1),
            "value": any_value,
            "since": position,
            "until": or_null(position),
            "evidence": one_of(*get_args(Evidence)),
            "stated_at": position,
            "ordinal": whole(0, 2**31 - 1),
        },
        "threads": {"commit": _NUMBER_OF_ROW, "thread": text_of(40), "position": position, "text": or_null(text_of())},
        "takes": {
            "number": _NUMBER_OF_ROW,
            "branch": _BRANCH_NAME,
            "scene": position,
            "shot": text_of(40),
            "artifact": _ARTIFACT,
            "seed": whole(-(2**63), 2**63 - 1),
            "accepted": whole(0, 2**31 - 1),
            "measures": json_object,
        },
        "key_frames": {
            "take": _NUMBER_OF_ROW,
            "frame": whole(0, 2**31 - 1),
            "artifact": _ARTIFACT,
            "file": _FILE,
            "quality": finite,
            "novelty": finite,
            "shows": sightings,
        },
        "embeddings": {
            "branch": _BRANCH_NAME,
            "scene": position,
            "take": or_null(_NUMBER_OF_ROW),
            "entity": or_null(_ENTITY),
            "kind": one_of(*get_args(EmbeddingKind)),
            "encoder": text_of(80),
            "vector": vector,
            "likeness": or_null(finite),
            "verified": truth,
        },
    }
)
"""The sections of a document in the order of the file, and of each the fields that every row has, with what they must be."""


def parse(document: str | Mapping[str, Any]) -> Document:
    """Check a document (its text, or what `json.loads` makes of it) from outside to inside. Raises MemoryFault."""
    data = _loaded(document) if isinstance(document, str) else document
    if not isinstance(data, Mapping) or "format" not in data:
        raise MemoryRefusal(
            f"this is no export of a memory: expected a JSON object with a format of {FORMAT!r}; name another file"
        )
    if data["format"] != FORMAT:
        raise MemoryRefusal(
            f"format: found {shown(data['format'])}, this version of episodic reads {FORMAT!r}; "
            "export again with this version, or import with the version that wrote it"
        )
    _same_names("the document", {name for name in data if name != "format"}, SECTIONS.keys())
    found = Document(MappingProxyType({section: list(_rows(section, data[section])) for section in SECTIONS}))
    _Together(found).check()
    return found


def _loaded(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_no_constant)
    except json.JSONDecodeError as err:
        raise MemoryRefusal(
            f"line {err.lineno}, column {err.colno}: this is no JSON ({err.msg}); the file may be cut short: export again"
        ) from err
    except RecursionError as err:
        raise MemoryRefusal(f"this is nested too deep; values of at most {MOST_LEVELS} levels can be imported") from err
    except ValueError as err:  # a repeated name, NaN, or a number of thousands of digits
        raise MemoryRefusal(f"this cannot be read: {err}; export again, or correct it") from err


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise ValueError(f"an object has the name {twice!r} twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _same_names(where: str, found: Iterable[str], expected: Collection[str]) -> None:
    there, wanted = set(found), set(expected)
    if missing := [one for one in expected if one not in there]:
        raise MemoryRefusal(f"{where}: {missing[0]!r} is missing; every one of {', '.join(expected)} must be there")
    if strange := sorted(there - wanted, key=str):
        near = difflib.get_close_matches(str(strange[0]), wanted, 1)
        meant = f"did you mean {near[0]!r}?" if near else f"expected {', '.join(expected)}; remove it"
        raise MemoryRefusal(f"{where}: unknown name {shown(strange[0])}; {meant}")


def _rows(section: str, rows: Any) -> Iterator[_Row]:
    if not isinstance(rows, list):
        raise MemoryRefusal(f"{section}: expected a list of rows, found {shown(rows)}; put them in [ ]")
    if len(rows) > MOST_ROWS:
        raise MemoryRefusal(f"{section}: {len(rows):,} rows; at most {MOST_ROWS:,} can be imported")
    fields = SECTIONS[section]
    for number, row in enumerate(rows):
        where = f"{section}[{number}]"
        if not isinstance(row, dict):
            raise MemoryRefusal(f"{where}: expected an object {{…}}, found {shown(row)}; correct it")
        if row.keys() != fields.keys():
            _same_names(where, row, fields.keys())
        checked: _Row = {}
        for name, check in fields.items():
            try:
                checked[name] = check(row[name])
            except WrongError as err:
                raise MemoryRefusal(f"{where}.{name}: {err}") from err
        yield checked


class _Together:
    """Checks what rows have to do with each other."""

    def __init__(self, document: Document) -> None:
        self._sections = document.sections
        self._names: set[str] = set()
        self._forks: dict[str, StoryPosition] = {}
        self._depths: dict[str, int] = {}
        self._known: set[str] = set()
        self._scenes: set[tuple[str, StoryPosition]] = set()
        self._told: set[tuple[str, StoryPosition]] = set()
        self._dimensions: dict[tuple[str, str], tuple[int, int]] = {}

    def check(self) -> None:
        """Check all sections, those first that others point to. Raises MemoryFault."""
        checks: Mapping[str, Callable[[int, _Row], None]] = {
            "series": self._series,
            "branches": self._branch,
            "entities": self._entity,
            "scenes": self._scene,
            "commits": self._commit,
            "statements": self._statement,
            "threads": self._thread,
            "takes": self._take,
            "key_frames": self._key_frame,
            "embeddings": self._embedding,
        }
        for section, check in checks.items():
            for number, row in enumerate(self._sections[section]):
                try:
                    check(number, row)
                except WrongError as err:
                    raise MemoryRefusal(f"{section}[{number}]: {err}") from err
            if section == "branches" and not self._forks:
                raise MemoryRefusal(f"branches: expected {MAIN!r} first, found none; export again")

    def _series(self, _: int, row: _Row) -> None:
        if row["name"] in self._names:
            wrong(f"{row['name']!r} is there already", "remove one of them")
        if row["name"] == RULE_NAME:
            wrong(f"{RULE_NAME!r} is derived and no part of the format", "remove it")
        self._names.add(row["name"])

    def _branch(self, number: int, row: _Row) -> None:
        name, parent, fork = row["name"], row["parent"], row["forked_at"]
        if name in self._forks:
            wrong(f"there is a branch {name!r} already", "rename one of them")
        if (number == 0) != (name == MAIN):
            wrong(f"found branch {name!r}; expected {MAIN!r} first", "correct the order")
        if (parent is None) != (name == MAIN) or (fork is None) != (name == MAIN):
            wrong(f"{name!r} has parent {parent!r} and fork {fork}; all branches but {MAIN!r} have both", "correct it")
        if parent is not None:
            self._require_branch(parent, "branches come after those they fork from")
            if fork < max(StoryPosition(1, 1), self._forks[parent]):
                first = max(StoryPosition(1, 1), self._forks[parent])
                wrong(f"{name!r} forks at {fork}, where {parent!r} is not on its own yet", f"expected {first} or later")
            if self._depths[parent] >= MOST_FORKS:
                wrong(f"{name!r} is more than {MOST_FORKS} forks away from {MAIN!r}", "let it fork from an earlier branch")
        self._depths[name] = 0 if parent is None else self._depths[parent] + 1
        self._forks[name] = fork or StoryPosition(0, 0)

    def _entity(self, _: int, row: _Row) -> None:
        if row["id"] in self._known:
            wrong(f"there is an entity {row['id']!r} already", "remove one of them")
        if (row["kind"] == "character") != (row["character_kind"] is not None):
            wrong(
                f"{row['id']!r} is a {row['kind']} with character_kind {row['character_kind']!r}",
                "characters have one, and nothing else has",
            )
        self._known.add(row["id"])

    def _scene(self, _: int, row: _Row) -> None:
        self._require_own(row["branch"], row["position"])
        place = row["branch"], row["position"]
        if place in self._scenes:
            wrong(f"there is a scene at {row['position']} on {row['branch']} already", "remove one of them")
        for entity in row["entities"]:
            self._require_entity(entity)
        self._scenes.add(place)

    def _commit(self, number: int, row: _Row) -> None:
        if row["number"] != number + 1:
            wrong(f"has number {row['number']}; commits count from 1 in order", f"expected {number + 1}")
        self._require_own(row["branch"], row["position"])
        if row["kind"] == "scene":
            self._require_scene(row["branch"], row["position"])
            if (row["branch"], row["position"]) in self._told:
                wrong(f"the scene at {row['position']} on {row['branch']} has a commit already", "remove one of them")
            self._told.add((row["branch"], row["position"]))

    def _statement(self, _: int, row: _Row) -> None:
        branch = self._branch_of(row)
        self._require_entity(row["entity"])
        if row["attribute"].startswith(RELATION):
            self._require_entity(row["attribute"].removeprefix(RELATION))
        self._require_own(branch, row["since"])
        if row["until"] is not None and row["until"] <= row["since"]:
            wrong(f"holds from {row['since']} until {row['until']}, which is never", "until must lie after since")

    def _thread(self, _: int, row: _Row) -> None:
        self._require_own(self._branch_of(row), row["position"])

    def _take(self, number: int, row: _Row) -> None:
        if row["number"] != number + 1:
            wrong(f"has number {row['number']}; takes count from 1 in order", f"expected {number + 1}")
        self._require_branch(row["branch"])
        self._require_scene(row["branch"], row["scene"])

    def _key_frame(self, _: int, row: _Row) -> None:
        # whom a frame shows need not be known any more: nothing that is said hangs on it
        self._require_take(row["take"])

    def _embedding(self, number: int, row: _Row) -> None:
        self._require_branch(row["branch"])
        self._require_scene(row["branch"], row["scene"])
        if row["entity"] is not None:
            self._require_entity(row["entity"])
        if row["take"] is not None:
            self._require_take(row["take"])
            take = self._sections["takes"][row["take"] - 1]
            if (take["branch"], take["scene"]) != (row["branch"], row["scene"]):
                wrong(
                    f"is of scene {row['scene']} on {row['branch']}, its take of {take['scene']} on {take['branch']}",
                    "correct it",
                )
        size = len(row["vector"]) // 4
        usual, first = self._dimensions.setdefault((row["kind"], row["encoder"]), (size, number))
        if size != usual:
            wrong(
                f"has {size} dimensions; embeddings[{first}] of the same kind and encoder has {usual}",
                "one encoder writes vectors of one size: export again, or remove the row",
            )

    def _branch_of(self, row: _Row) -> str:
        """The branch of the commit that a row belongs to."""
        commits = self._sections["commits"]
        if row["commit"] > len(commits):
            wrong(
                f"names commit {row['commit']}, which is not there (there are {len(commits)})",
                "correct the number, or export again",
            )
        branch: str = commits[row["commit"] - 1]["branch"]
        return branch

    def _require_branch(self, name: str, remedy: str = "list it among the branches") -> None:
        if name not in self._forks:
            wrong(f"names branch {name!r}, which is not there", remedy)

    def _require_own(self, branch: str, position: StoryPosition) -> None:
        """A branch's own rows begin at its fork; what lies before is its parent's."""
        self._require_branch(branch)
        if position < self._forks[branch]:
            wrong(
                f"{position} lies before the fork of {branch} ({self._forks[branch]})", "it belongs to the branch it forks from"
            )

    def _require_entity(self, name: str) -> None:
        if name not in self._known:
            near = difflib.get_close_matches(name, sorted(self._known), 1)
            meant = f"did you mean {near[0]!r}?" if near else "list it among the entities"
            wrong(f"names entity {name!r}, which is not there", meant)

    def _require_scene(self, branch: str, position: StoryPosition) -> None:
        if (branch, position) not in self._scenes:
            wrong(f"names a scene at {position} on {branch}, which is not there", "list it among the scenes, or remove the row")

    def _require_take(self, number: int) -> None:
        takes = self._sections["takes"]
        if number > len(takes):
            wrong(f"names take {number}, which is not there (there are {len(takes)})", "correct the number, or export again")
