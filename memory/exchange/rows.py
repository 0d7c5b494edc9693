"""The format `episodic/memory@1`: the fields of its rows, and the references between rows. Pure: no database.

A document comes from outside and is not trusted: sizes, depths, types and references are checked row by row. An error names the
row (`statements[17].since`), what is wrong with it and the remedy.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple, NoReturn, TypeVar, get_args

from memory.errors import MemoryRefusal
from memory.exchange.entries import (
    BranchEntry,
    CommitEntry,
    Document,
    EmbeddingEntry,
    EntityEntry,
    KeyFrameEntry,
    SceneEntry,
    SeriesEntry,
    StatementEntry,
    TakeEntry,
    ThreadEntry,
)
from memory.exchange.values import (
    Check,
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
)
from memory.model.canon import CHARACTER_KINDS, EntityKind
from memory.model.entities import RELATION
from memory.model.facts import Evidence, StoryPosition
from memory.model.limits import ARTIFACT_KEY, ENTITY_ID, FILE_NAME, MOST_LEVELS, InvalidValueError, check_json_size, invalid
from memory.model.records import EmbeddingKind
from memory.queries.history import RULE_NAME
from memory.schema.branch_lineage import BRANCH_NAME, MOST_FORKS
from memory.schema.tables import MAIN, CommitKind
from memory.suggestions import nearest_name

__all__ = ["FORMAT", "MOST_ROWS", "SECTIONS", "parse"]

FORMAT: Final = "episodic/memory@1"
MOST_ROWS: Final = 5_000_000
"""The largest number of rows of a section."""

_Entry = TypeVar("_Entry", bound=NamedTuple)

_NUMBER_OF_ROW: Final = whole(1, MOST_ROWS)
_BRANCH_NAME: Final = matching(BRANCH_NAME, "the name of a branch (small letters, digits, dots, dashes, underscores)")
_ARTIFACT: Final = matching(ARTIFACT_KEY, "the key of an artifact (letters, digits, _ and -, at most 128)")
_FILE: Final = matching(FILE_NAME, "the name of a file in an artifact (letters, digits, _, - and dots, at most 80; no folder)")
_ENTITY: Final = matching(ENTITY_ID, "an entity's id (small letters, digits and _, at most 40, a letter first)")

SECTIONS: Final[Mapping[str, Mapping[str, Check]]] = MappingProxyType(
    {
        "series": {"name": text_of(40, 1), "value": check_json_size},
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
            "value": check_json_size,
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
"""The sections of a document in the order of the file, each with the fields of its rows and their checks."""


def parse(document: str | Mapping[str, Any]) -> Document:
    """Check a document (its text, or the value that `json.loads` returns for it). Raises MemoryFault."""
    data = _parse_json(document) if isinstance(document, str) else document
    if not isinstance(data, Mapping) or "format" not in data:
        raise MemoryRefusal(
            f"this is no export of a memory: expected a JSON object with a format of {FORMAT!r}; name another file"
        )
    if data["format"] != FORMAT:
        raise MemoryRefusal(
            f"format: found {shown(data['format'])}, this version of episodic reads {FORMAT!r}; "
            "export again with this version, or import with the version that wrote it"
        )
    _check_names("the document", {name for name in data if name != "format"}, SECTIONS.keys())
    checked = Document(
        series=_entries(data, "series", SeriesEntry),
        branches=_entries(data, "branches", BranchEntry),
        entities=_entries(data, "entities", EntityEntry),
        scenes=_entries(data, "scenes", SceneEntry),
        commits=_entries(data, "commits", CommitEntry),
        statements=_entries(data, "statements", StatementEntry),
        threads=_entries(data, "threads", ThreadEntry),
        takes=_entries(data, "takes", TakeEntry),
        key_frames=_entries(data, "key_frames", KeyFrameEntry),
        embeddings=_entries(data, "embeddings", EmbeddingEntry),
    )
    _References(checked).check()
    return checked


def _parse_json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_no_constant)
    except json.JSONDecodeError as err:
        raise MemoryRefusal(
            f"line {err.lineno}, column {err.colno}: this is not JSON ({err.msg}); the file may be cut short: export again"
        ) from err
    except RecursionError as err:
        raise MemoryRefusal(f"this is nested too deep; values of at most {MOST_LEVELS} levels can be imported") from err
    except ValueError as err:  # a repeated name, NaN, or a number of thousands of digits
        raise MemoryRefusal(f"this cannot be read: {err}; export again, or correct it") from err


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise ValueError(f"an object has the name {twice!r} twice")
    return fields


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _check_names(where: str, names: Iterable[str], expected: Collection[str]) -> None:
    """Check that an object has exactly the expected names. Raises MemoryRefusal."""
    present, known = set(names), set(expected)
    if missing := [name for name in expected if name not in present]:
        raise MemoryRefusal(f"{where}: {missing[0]!r} is missing; every one of {', '.join(expected)} must be there")
    if strange := sorted(present - known, key=str):
        near = nearest_name(str(strange[0]), known)
        meant = f"did you mean {near!r}?" if near else f"expected {', '.join(expected)}; remove it"
        raise MemoryRefusal(f"{where}: unknown name {shown(strange[0])}; {meant}")


def _entries(data: Mapping[str, object], section: str, entry: Callable[..., _Entry]) -> list[_Entry]:
    """The checked rows of one section. Raises MemoryRefusal, which names the row."""
    rows = data[section]
    if not isinstance(rows, list):
        raise MemoryRefusal(f"{section}: expected a list of rows, found {shown(rows)}; put them in [ ]")
    if len(rows) > MOST_ROWS:
        raise MemoryRefusal(f"{section}: {len(rows):,} rows; at most {MOST_ROWS:,} can be imported")
    fields = SECTIONS[section]
    entries = []
    for number, row in enumerate(rows):
        where = f"{section}[{number}]"
        if not isinstance(row, dict):
            raise MemoryRefusal(f"{where}: expected an object {{…}}, found {shown(row)}; correct it")
        if row.keys() != fields.keys():
            _check_names(where, row, fields.keys())
        values = []
        for name, check in fields.items():
            try:
                values.append(check(row[name]))
            except InvalidValueError as err:
                raise MemoryRefusal(f"{where}.{name}: {err}") from err
        entries.append(entry(*values))
    return entries


class _References:
    """Checks the references between rows."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._names: set[str] = set()
        self._forks: dict[str, StoryPosition] = {}
        self._depths: dict[str, int] = {}
        self._entities: set[str] = set()
        self._scenes: set[tuple[str, StoryPosition]] = set()
        self._committed: set[tuple[str, StoryPosition]] = set()
        self._dimensions: dict[tuple[str, str], tuple[int, int]] = {}

    def check(self) -> None:
        """Check all sections, those first that others refer to. Raises MemoryFault."""
        document = self._document
        _check_each("series", document.series, self._check_series)
        _check_each("branches", document.branches, self._check_branch)
        if not self._forks:
            raise MemoryRefusal(f"branches: expected {MAIN!r} first, found none; export again")
        _check_each("entities", document.entities, self._check_entity)
        _check_each("scenes", document.scenes, self._check_scene)
        _check_each("commits", document.commits, self._check_commit)
        _check_each("statements", document.statements, self._check_statement)
        _check_each("threads", document.threads, self._check_thread)
        _check_each("takes", document.takes, self._check_take)
        _check_each("key_frames", document.key_frames, self._check_key_frame)
        _check_each("embeddings", document.embeddings, self._check_embedding)

    def _check_series(self, _: int, row: SeriesEntry) -> None:
        if row.name in self._names:
            invalid(f"{row.name!r} is there already", "remove one of them")
        if row.name == RULE_NAME:
            invalid(f"{RULE_NAME!r} is derived and no part of the format", "remove it")
        self._names.add(row.name)

    def _check_branch(self, number: int, row: BranchEntry) -> None:
        name, parent, fork = row.name, row.parent, row.forked_at
        if name in self._forks:
            invalid(f"there is a branch {name!r} already", "rename one of them")
        if (number == 0) != (name == MAIN):
            invalid(f"found branch {name!r}; expected {MAIN!r} first", "correct the order")
        if (parent is None) != (name == MAIN) or (fork is None) != (name == MAIN):
            invalid(f"{name!r} has parent {parent!r} and fork {fork}; all branches but {MAIN!r} have both", "correct it")
        if parent is not None and fork is not None:
            self._require_branch(parent, "branches come after those they fork from")
            if fork < max(StoryPosition(1, 1), self._forks[parent]):
                first = max(StoryPosition(1, 1), self._forks[parent])
                invalid(f"{name!r} forks at {fork}, where {parent!r} is not on its own yet", f"expected {first} or later")
            if self._depths[parent] >= MOST_FORKS:
                invalid(f"{name!r} is more than {MOST_FORKS} forks away from {MAIN!r}", "let it fork from an earlier branch")
        self._depths[name] = 0 if parent is None else self._depths[parent] + 1
        self._forks[name] = fork or StoryPosition(0, 0)

    def _check_entity(self, _: int, row: EntityEntry) -> None:
        if row.id in self._entities:
            invalid(f"there is an entity {row.id!r} already", "remove one of them")
        if (row.kind == "character") != (row.character_kind is not None):
            invalid(
                f"{row.id!r} is a {row.kind} with character_kind {row.character_kind!r}",
                "characters have one, and nothing else has",
            )
        self._entities.add(row.id)

    def _check_scene(self, _: int, row: SceneEntry) -> None:
        """Check a scene: it is on its own branch, unique, and its entities are listed."""
        self._require_own(row.branch, row.position)
        place = row.branch, row.position
        if place in self._scenes:
            invalid(f"there is a scene at {row.position} on {row.branch} already", "remove one of them")
        for entity in row.entities:
            self._require_entity(entity)
        self._scenes.add(place)

    def _check_commit(self, number: int, row: CommitEntry) -> None:
        if row.number != number + 1:
            invalid(f"has number {row.number}; commits count from 1 in order", f"expected {number + 1}")
        self._require_own(row.branch, row.position)
        if row.kind == "scene":
            self._require_scene(row.branch, row.position)
            if (row.branch, row.position) in self._committed:
                invalid(f"the scene at {row.position} on {row.branch} has a commit already", "remove one of them")
            self._committed.add((row.branch, row.position))

    def _check_statement(self, _: int, row: StatementEntry) -> None:
        branch = self._branch_of(row)
        self._require_entity(row.entity)
        if row.attribute.startswith(RELATION):
            self._require_entity(row.attribute.removeprefix(RELATION))
        self._require_own(branch, row.since)
        if row.until is not None and row.until <= row.since:
            invalid(f"holds from {row.since} until {row.until}, which is never", "until must lie after since")

    def _check_thread(self, _: int, row: ThreadEntry) -> None:
        self._require_own(self._branch_of(row), row.position)

    def _check_take(self, number: int, row: TakeEntry) -> None:
        """Check a take: it is numbered in order, and its scene is listed."""
        if row.number != number + 1:
            invalid(f"has number {row.number}; takes count from 1 in order", f"expected {number + 1}")
        self._require_branch(row.branch)
        self._require_scene(row.branch, row.scene)

    def _check_key_frame(self, _: int, row: KeyFrameEntry) -> None:
        # the entities that a frame shows may be unknown by now: no statement depends on it
        self._require_take(row.take)

    def _check_embedding(self, number: int, row: EmbeddingEntry) -> None:
        self._require_branch(row.branch)
        self._require_scene(row.branch, row.scene)
        if row.entity is not None:
            self._require_entity(row.entity)
        if row.take is not None:
            self._require_take(row.take)
            take = self._document.takes[row.take - 1]
            if (take.branch, take.scene) != (row.branch, row.scene):
                invalid(
                    f"is of scene {row.scene} on {row.branch}, its take of {take.scene} on {take.branch}",
                    "correct it",
                )
        size = len(row.vector) // 4
        usual, first = self._dimensions.setdefault((row.kind, row.encoder), (size, number))
        if size != usual:
            invalid(
                f"has {size} dimensions; embeddings[{first}] of the same kind and encoder has {usual}",
                "one encoder writes vectors of one size: export again, or remove the row",
            )

    def _branch_of(self, row: StatementEntry | ThreadEntry) -> str:
        """The branch of the commit that a row belongs to."""
        commits = self._document.commits
        if row.commit > len(commits):
            invalid(
                f"names commit {row.commit}, which is not there (there are {len(commits)})",
                "correct the number, or export again",
            )
        return commits[row.commit - 1].branch

    def _require_branch(self, name: str, remedy: str = "list it among the branches") -> None:
        if name not in self._forks:
            invalid(f"names branch {name!r}, which is not there", remedy)

    def _require_own(self, branch: str, position: StoryPosition) -> None:
        """A branch's own rows begin at its fork; what lies before is its parent's."""
        self._require_branch(branch)
        if position < self._forks[branch]:
            invalid(
                f"{position} lies before the fork of {branch} ({self._forks[branch]})", "it belongs to the branch it forks from"
            )

    def _require_entity(self, name: str) -> None:
        if name not in self._entities:
            near = nearest_name(name, sorted(self._entities))
            meant = f"did you mean {near!r}?" if near else "list it among the entities"
            invalid(f"names entity {name!r}, which is not there", meant)

    def _require_scene(self, branch: str, position: StoryPosition) -> None:
        if (branch, position) not in self._scenes:
            invalid(f"names a scene at {position} on {branch}, which is not there", "list it among the scenes, or remove the row")

    def _require_take(self, number: int) -> None:
        takes = self._document.takes
        if number > len(takes):
            invalid(f"names take {number}, which is not there (there are {len(takes)})", "correct the number, or export again")


def _check_each(section: str, entries: Iterable[_Entry], check: Callable[[int, _Entry], None]) -> None:
    """Check every row of a section; errors name the row. Raises MemoryRefusal."""
    for number, entry in enumerate(entries):
        try:
            check(number, entry)
        except InvalidValueError as err:
            raise MemoryRefusal(f"{section}[{number}]: {err}") from err
