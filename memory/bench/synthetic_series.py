"""A long made-up series, written straight into the tables: what memory is measured on.

A cast that comes back, guests of one episode, places and props; scenes that repeat who is in them, as production does, and change how
they are; relations, threads, takes with key frames and vectors; branches with scenes of their own. The same seed gives the same series.
"""

from __future__ import annotations

import random
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Text, bindparam, insert

from memory.changes.derive_spans import derive_all
from memory.model.entities import RELATION
from memory.model.facts import Evidence, Fact, FactValue, StoryPosition
from memory.model.records import EmbeddingKind, EmbeddingRecord, EntityRecord, KeyFrame, SceneRecord, Sighting, TakeRecord
from memory.schema.tables import (
    MAIN,
    AppearanceRow,
    BranchRow,
    CommitRow,
    EmbeddingRow,
    EntityRow,
    KeyFrameRow,
    SceneRow,
    StatementRow,
    TakeRow,
    ThreadRow,
    canonical_json,
)
from memory.store import MemoryStore

__all__ = ["TEXT_ENCODER", "MadeUpSeries", "fill"]

TEXT_ENCODER: Final = "bench-text"
_DIMENSIONS: Final[dict[EmbeddingKind, int]] = {"look": 64, "motion": 64, "voice": 64, "text": 384}
_EPISODE: Final = 30
"""Scenes of an episode."""
_CHARACTERS: Final = 90
_PLACES: Final = 20
_PROPS: Final = 10
_STATES: Final = (
    "wearing", "mood", "holding", "health", "whereabouts", "wants", "weather", "posture", "knows:secret", "promise", "gaze", "hair_now",
)  # fmt: skip
_WORDS: Final = (
    "red", "coat", "calm", "storm", "lantern", "broken", "kitchen", "harbour", "wet", "proud", "hidden", "letter", "tired", "silver",
    "night", "bridge", "empty", "laughing", "old", "map",
)  # fmt: skip
_AT_ONCE: Final = 250
"""Scenes to one transaction."""


@dataclass(frozen=True, slots=True)
class MadeUpSeries:
    """How long the series is. `facts` and `scenes` count all branches."""

    facts: int = 1_000_000
    scenes: int = 10_000
    branches: int = 20
    seed: int = 0

    @property
    def facts_each(self) -> int:
        """Facts of a scene."""
        return max(1, self.facts // self.scenes)

    @property
    def own(self) -> int:
        """Scenes of each branch but main."""
        return max(1, self.scenes // (10 * max(1, self.branches)))

    @property
    def length(self) -> int:
        """Scenes of main."""
        return max(1, self.scenes - self.branches * self.own)

    def position(self, number: int) -> StoryPosition:
        """Where scene `number` of main (from 0) is."""
        return StoryPosition(1 + number // _EPISODE, 1 + number % _EPISODE)

    @property
    def end(self) -> StoryPosition:
        """The last scene of main."""
        return self.position(self.length - 1)

    def fork(self, branch: int) -> int:
        """The scene of main at which a branch (from 1) leaves it; 1 for a series of one scene."""
        return max(1, self.length * branch // (self.branches + 1))

    def name(self, branch: int) -> str:
        """The name of a branch, 0 is main."""
        return f"line-{branch}" if branch else MAIN

    def scene(self, number: int, branch: int = 0, *, facts: int | None = None, key: str = "") -> SceneRecord:
        """Scene `number` in story order as the branch tells it, with as many facts as it is asked for."""
        chance = random.Random(f"{self.seed}/{branch}/{number}/{key}")
        at = self.position(number)
        who = self._cast(chance, at.episode)
        told = list(self._facts(chance, who, at, self.facts_each if facts is None else facts))
        thread = f"t{branch}_{number // 10}"
        return SceneRecord(
            position=at,
            scene_id=f"s{at.scene:02d}",
            key=key or f"{branch}-{number}",
            branch=self.name(branch),
            title=f"Scene {number}",
            synopsis=" ".join(chance.choices(_WORDS, k=12)),
            entities=tuple(who),
            facts=tuple(told),
            opens={thread: f"Will the {chance.choice(_WORDS)} come back?"} if number % 10 == 0 else {},
            closes=(thread,) if number % 10 == 7 else (),
            takes=tuple(self._takes(chance, who)),
            text_embedding=_vector(chance, "text"),
            text_encoder=TEXT_ENCODER,
        )

    def _cast(self, chance: random.Random, episode: int) -> list[EntityRecord]:
        # some people come often, most seldom
        people = {int(_CHARACTERS * chance.random() ** 2) for _ in range(5)}
        place = int(_PLACES * chance.random() ** 2)
        return [
            *(EntityRecord(id=f"c{one}", kind="character", character_kind="human") for one in sorted(people)),
            EntityRecord(id=f"guest_{episode}", kind="character", character_kind="human"),
            EntityRecord(id=f"p{place}", kind="location"),
            EntityRecord(id=f"o{chance.randrange(_PROPS)}", kind="prop"),
        ]

    def _facts(self, chance: random.Random, who: list[EntityRecord], at: StoryPosition, count: int) -> Iterator[Fact]:
        told = [fact for one in who for fact in _identity(one, at)][: count * 2 // 5]
        people = [one.id for one in who if one.id[0] == "c"]
        # everybody has to do with a handful of others
        for one, other in [(one, other) for one in people for other in people if (int(one[1:]) + int(other[1:])) % 15 == 0][:3]:
            words: list[FactValue] = list(dict.fromkeys(chance.choices(_WORDS, k=2)))
            told.append(Fact(entity=one, attribute=f"{RELATION}{other}", value=words, since=at))
        pairs = [(one.id, attribute) for one in who for attribute in _STATES[: 4 if one.id[0] == "g" else None]]
        chance.shuffle(pairs)
        for entity, attribute in pairs[: max(0, count - len(told))]:
            until = StoryPosition(at.episode, at.scene + chance.randint(1, 4)) if chance.random() < 0.05 else None
            value = " ".join(chance.choices(_WORDS, k=3))
            evidence: Evidence = "seen" if chance.random() < 0.3 else "planned"
            told.append(Fact(entity=entity, attribute=attribute, value=value, since=at, until=until, evidence=evidence))
        yield from told[:count]

    def _takes(self, chance: random.Random, who: list[EntityRecord]) -> Iterator[TakeRecord]:
        people = [one.id for one in who if one.kind == "character"]
        kinds: tuple[EmbeddingKind, ...] = ("look", "motion", "voice")
        for number in range(3):
            one = people[number % len(people)]
            artifact = f"{chance.getrandbits(256):064x}"
            seen = Sighting(box=(0.25, 0.125, 0.5, 0.875), likeness=0.9)
            yield TakeRecord(
                shot_id=f"s.{number + 1}",
                artifact=artifact,
                seed=chance.getrandbits(31),
                embeddings=tuple(
                    EmbeddingRecord(kind=kind, entity=one, vector=_vector(chance, kind), encoder=f"bench-{kind}", likeness=0.9)
                    for kind in kinds
                ),
                key_frames=(KeyFrame(frame=12 * number, artifact=artifact, file="key-1.png", quality=0.9, shows={one: seen}),),
                measures={"light": {"ambient": [52.0, 1.5, 8.0], "direction": [0.1, -0.7, 0.7]}},
            )


def _identity(one: EntityRecord, at: StoryPosition) -> Iterator[Fact]:
    """Who somebody is; every scene says it again."""
    chance = random.Random(one.id)
    told: dict[str, FactValue] = {"name": one.id.capitalize(), "description": " ".join(chance.choices(_WORDS, k=10))}
    if one.kind != "prop":
        told["look"] = {part: [round(chance.random(), 3) for _ in range(3)] for part in ("hair", "skin", "coat", "boots", "eyes")}
    if one.kind == "character":
        told["voice"] = {"pitch": round(chance.uniform(0.6, 1.4), 2), "formant": 1.0, "rate": 1.0}
        told["motion"] = [round(chance.gauss(0, 1), 4) for _ in range(32)]
    for attribute, value in told.items():
        yield Fact(entity=one.id, attribute=attribute, value=value, since=at)


def _vector(chance: random.Random, kind: EmbeddingKind) -> tuple[float, ...]:
    """Numbers from -1 to 1, evenly spread: much quicker to draw than a normal distribution."""
    numbers = array("h", chance.randbytes(2 * _DIMENSIONS[kind]))
    return tuple(one / 32768 for one in numbers)


def fill(store: MemoryStore, series: MadeUpSeries, listen: Callable[[str], None] = lambda _: None) -> None:
    """Write the whole series into an empty memory. `listen` hears how far it is."""
    writer = _Writer(store)
    writer.begin(series)
    every = [(number, 0) for number in range(series.length)]
    for branch in range(1, series.branches + 1):
        every += [(series.fork(branch) + number, branch) for number in range(series.own)]
    for first in range(0, len(every), _AT_ONCE):
        writer.write([series.scene(number, branch) for number, branch in every[first : first + _AT_ONCE]])
        if first % (10 * _AT_ONCE) == 0:
            listen(f"{first:,} of {len(every):,} scenes written")
    listen("deriving what holds when")
    with store._writing() as (connection, tree):
        derive_all(connection, tree)


_SAY: Final = insert(StatementRow).values(value=bindparam("spelled", type_=Text))


class _Writer:
    """Rows of many scenes at once, as `memory.changes.commit` would write them one by one."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._ids: dict[Any, int] = {}
        self._entities: dict[str, int] = {}
        self._branches: dict[str, int] = {}
        self._spelled: dict[str, str] = {}

    def begin(self, series: MadeUpSeries) -> None:
        """Fork all branches."""
        self._branches[MAIN] = 1
        rows = []
        for branch in range(1, series.branches + 1):
            self._branches[series.name(branch)] = 1 + branch
            at = series.position(series.fork(branch))
            rows.append({"id": 1 + branch, "name": series.name(branch), "parent_id": 1, "forked_at": at})
        with self._store._writing() as (connection, tree):
            self._branches[MAIN] = tree.id_of(MAIN)
            for row in rows:
                connection.execute(insert(BranchRow), [row | {"parent_id": tree.id_of(MAIN)}])

    def write(self, records: list[SceneRecord]) -> None:
        """Add scenes, in one transaction."""
        rows: dict[Any, list[dict[str, Any]]] = {
            table: []
            for table in (
                EntityRow, SceneRow, CommitRow, AppearanceRow, StatementRow, ThreadRow, TakeRow, KeyFrameRow, EmbeddingRow,
            )
        }  # fmt: skip
        for record in records:
            self._add(rows, record)
        with self._store._writing() as (connection, _):
            for table, some in rows.items():
                if some:
                    connection.execute(_SAY if table is StatementRow else insert(table), some)

    def _next(self, table: Any) -> int:
        self._ids[table] = self._ids.get(table, 0) + 1
        return self._ids[table]

    def _add(self, rows: dict[Any, list[dict[str, Any]]], record: SceneRecord) -> None:
        branch, at = self._branches[record.branch], record.position
        scene, commit = self._next(SceneRow), self._next(CommitRow)
        told = {name: getattr(record, name) for name in ("scene_id", "title", "synopsis", "key")}
        rows[SceneRow].append({"id": scene, "branch_id": branch, "position": at, **told})
        rows[CommitRow].append(
            {"id": commit, "branch_id": branch, "kind": "scene", "position": at, "scene_id": scene, "note": ""}
        )
        for one in record.entities:
            if one.id not in self._entities:
                self._entities[one.id] = self._next(EntityRow)
                kinds = {"kind": one.kind, "character_kind": one.character_kind}
                rows[EntityRow].append({"id": self._entities[one.id], "slug": one.id, **kinds})
            entity = self._entities[one.id]
            rows[AppearanceRow].append({"scene_id": scene, "entity_id": entity, "branch_id": branch, "position": at})
        for number, fact in enumerate(record.facts):
            rows[StatementRow].append(
                {
                    "id": self._next(StatementRow),
                    "branch_id": branch,
                    "entity_id": self._entities[fact.entity],
                    "attribute": fact.attribute,
                    "spelled": canonical_json(fact.value),
                    "since": fact.since,
                    "stated_end": fact.until,
                    "evidence": fact.evidence,
                    "commit_id": commit,
                    "stated_at": at,
                    "ordinal": number,
                    "reach": fact.until,
                    "overruled": None,
                }
            )
        for thread, text in (*record.opens.items(), *((one, None) for one in record.closes)):
            event = {"commit_id": commit, "branch_id": branch, "position": at, "thread": thread, "text": text}
            rows[ThreadRow].append({"id": self._next(ThreadRow), **event})
        self._add_takes(rows, scene, record)

    def _add_takes(self, rows: dict[Any, list[dict[str, Any]]], scene: int, record: SceneRecord) -> None:
        for take in record.takes:
            row = self._next(TakeRow)
            told = {"shot_id": take.shot_id, "artifact": take.artifact, "seed": take.seed, "measures": dict(take.measures)}
            rows[TakeRow].append({"id": row, "scene_id": scene, "accepted": row, **told})
            for frame in take.key_frames:
                shows = {
                    name: {"box": list(one.box), "likeness": one.likeness, "verified": True} for name, one in frame.shows.items()
                }
                told = {name: getattr(frame, name) for name in ("frame", "artifact", "file", "quality", "novelty")}
                rows[KeyFrameRow].append({"id": self._next(KeyFrameRow), "take_id": row, **told, "shows": shows})
            for one in take.embeddings:
                self._add_vector(rows, scene, row, self._entities[one.entity], one)
        text = EmbeddingRecord(kind="text", entity="", vector=record.text_embedding, encoder=record.text_encoder)
        self._add_vector(rows, scene, None, None, text)

    def _add_vector(self, rows: Any, scene: int, take: int | None, entity: int | None, one: EmbeddingRecord) -> None:
        told = {"kind": one.kind, "encoder": one.encoder, "likeness": one.likeness, "verified": one.verified}
        row = {"id": self._next(EmbeddingRow), "scene_id": scene, "take_id": take, "entity_id": entity, **told}
        rows[EmbeddingRow].append({**row, "vector": array("f", one.vector).tobytes()})
