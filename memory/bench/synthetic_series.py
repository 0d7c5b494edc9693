"""A long synthetic series, written straight into the tables, on which memory is measured.

It has a recurring cast, guests of one episode, locations and props; scenes that restate identities, as production does, and
change states; relations, threads, takes with key frames and vectors; and branches with scenes of their own. The same seed gives
the same series.
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
    InsertRow,
    KeyFrameRow,
    SceneRow,
    StatementRow,
    TakeRow,
    ThreadRow,
    canonical_json,
)
from memory.store import MemoryStore

__all__ = ["TEXT_ENCODER", "SyntheticSeries", "fill"]

TEXT_ENCODER: Final = "bench-text"
_DIMENSIONS: Final[dict[EmbeddingKind, int]] = {"look": 64, "motion": 64, "voice": 64, "text": 384}
_EPISODE: Final = 30
"""Scenes of an episode."""
_CHARACTERS: Final = 90
_PLACES: Final = 20
_PROPS: Final = 10
_STATES: Final = (
    *("wearing", "mood", "holding", "health", "whereabouts", "wants"),
    *("weather", "posture", "knows:secret", "promise", "gaze", "hair_now"),
)
_WORDS: Final = (
    *("red", "coat", "calm", "storm", "lantern", "broken", "kitchen", "harbour", "wet", "proud"),
    *("hidden", "letter", "tired", "silver", "night", "bridge", "empty", "laughing", "old", "map"),
)
_AT_ONCE: Final = 250
"""Scenes of one transaction."""


@dataclass(frozen=True, slots=True)
class SyntheticSeries:
    """The size of the series. `facts` and `scenes` count all branches."""

    facts: int = 1_000_000
    scenes: int = 10_000
    branches: int = 20
    seed: int = 0

    @property
    def facts_each(self) -> int:
        """The number of facts of a scene."""
        return max(1, self.facts // self.scenes)

    @property
    def own(self) -> int:
        """The number of scenes of each branch but main."""
        return max(1, self.scenes // (10 * max(1, self.branches)))

    @property
    def length(self) -> int:
        """The number of scenes of main."""
        return max(1, self.scenes - self.branches * self.own)

    def position(self, number: int) -> StoryPosition:
        """The position of scene `number` of main (from 0)."""
        return StoryPosition(1 + number // _EPISODE, 1 + number % _EPISODE)

    @property
    def end(self) -> StoryPosition:
        """The last scene of main."""
        return self.position(self.length - 1)

    def fork(self, branch: int) -> int:
        """The scene of main at which a branch (from 1) leaves it; 1 for a series of one scene."""
        return max(1, self.length * branch // (self.branches + 1))

    def name(self, branch: int) -> str:
        """The name of a branch; 0 is main."""
        return f"line-{branch}" if branch else MAIN

    def scene(self, number: int, branch: int = 0, *, facts: int | None = None, key: str = "") -> SceneRecord:
        """Scene `number` in story order on a branch, with `facts` facts (None: `facts_each`)."""
        chance = random.Random(f"{self.seed}/{branch}/{number}/{key}")
        at = self.position(number)
        entities = self._cast(chance, at.episode)
        facts_told = list(self._facts(chance, entities, at, self.facts_each if facts is None else facts))
        thread = f"t{branch}_{number // 10}"
        return SceneRecord(
            position=at,
            scene_id=f"s{at.scene:02d}",
            key=key or f"{branch}-{number}",
            branch=self.name(branch),
            title=f"Scene {number}",
            synopsis=" ".join(chance.choices(_WORDS, k=12)),
            entities=tuple(entities),
            facts=tuple(facts_told),
            opens={thread: f"Will the {chance.choice(_WORDS)} come back?"} if number % 10 == 0 else {},
            closes=(thread,) if number % 10 == 7 else (),
            takes=tuple(self._takes(chance, entities)),
            text_embedding=_vector(chance, "text"),
            text_encoder=TEXT_ENCODER,
        )

    def _cast(self, chance: random.Random, episode: int) -> list[EntityRecord]:
        """The entities of a scene: some characters recur often, most seldom."""
        # some people come often, most seldom
        people = {int(_CHARACTERS * chance.random() ** 2) for _ in range(5)}
        place = int(_PLACES * chance.random() ** 2)
        return [
            *(EntityRecord(id=f"c{number}", kind="character", character_kind="human") for number in sorted(people)),
            EntityRecord(id=f"guest_{episode}", kind="character", character_kind="human"),
            EntityRecord(id=f"p{place}", kind="location"),
            EntityRecord(id=f"o{chance.randrange(_PROPS)}", kind="prop"),
        ]

    def _facts(self, chance: random.Random, entities: list[EntityRecord], at: StoryPosition, count: int) -> Iterator[Fact]:
        """The facts of a scene: identities, relations and states."""
        facts = [fact for entity in entities for fact in _identity(entity, at)][: count * 2 // 5]
        people = [entity.id for entity in entities if entity.id[0] == "c"]
        # every character is related to a handful of others
        for subject, object_ in [
            (subject, object_) for subject in people for object_ in people if (int(subject[1:]) + int(object_[1:])) % 15 == 0
        ][:3]:
            words: list[FactValue] = list(dict.fromkeys(chance.choices(_WORDS, k=2)))
            facts.append(Fact(entity=subject, attribute=f"{RELATION}{object_}", value=words, since=at))
        pairs = [(entity.id, attribute) for entity in entities for attribute in _STATES[: 4 if entity.id[0] == "g" else None]]
        chance.shuffle(pairs)
        for entity, attribute in pairs[: max(0, count - len(facts))]:
            until = StoryPosition(at.episode, at.scene + chance.randint(1, 4)) if chance.random() < 0.05 else None
            value = " ".join(chance.choices(_WORDS, k=3))
            evidence: Evidence = "seen" if chance.random() < 0.3 else "planned"
            facts.append(Fact(entity=entity, attribute=attribute, value=value, since=at, until=until, evidence=evidence))
        yield from facts[:count]

    def _takes(self, chance: random.Random, entities: list[EntityRecord]) -> Iterator[TakeRecord]:
        """Three takes of a scene."""
        people = [entity.id for entity in entities if entity.kind == "character"]
        kinds: tuple[EmbeddingKind, ...] = ("look", "motion", "voice")
        for number in range(3):
            character = people[number % len(people)]
            artifact = f"{chance.getrandbits(256):064x}"
            seen = Sighting(box=(0.25, 0.125, 0.5, 0.875), likeness=0.9)
            yield TakeRecord(
                shot_id=f"s.{number + 1}",
                artifact=artifact,
                seed=chance.getrandbits(31),
                embeddings=tuple(
                    EmbeddingRecord(
                        kind=kind, entity=character, vector=_vector(chance, kind), encoder=f"bench-{kind}", likeness=0.9
                    )
                    for kind in kinds
                ),
                key_frames=(
                    KeyFrame(frame=12 * number, artifact=artifact, file="key-1.png", quality=0.9, shows={character: seen}),
                ),
                measures={"light": {"ambient": [52.0, 1.5, 8.0], "direction": [0.1, -0.7, 0.7]}},
            )


def _identity(entity: EntityRecord, at: StoryPosition) -> Iterator[Fact]:
    """The facts of an entity's identity; every scene restates them."""
    chance = random.Random(entity.id)
    facts: dict[str, FactValue] = {"name": entity.id.capitalize(), "description": " ".join(chance.choices(_WORDS, k=10))}
    if entity.kind != "prop":
        facts["look"] = {
            part: [round(chance.random(), 3) for _ in range(3)] for part in ("hair", "skin", "coat", "boots", "eyes")
        }
    if entity.kind == "character":
        facts["voice"] = {"pitch": round(chance.uniform(0.6, 1.4), 2), "formant": 1.0, "rate": 1.0}
        facts["motion"] = [round(chance.gauss(0, 1), 4) for _ in range(32)]
    for attribute, value in facts.items():
        yield Fact(entity=entity.id, attribute=attribute, value=value, since=at)


def _vector(chance: random.Random, kind: EmbeddingKind) -> tuple[float, ...]:
    """Numbers from -1 to 1, uniformly distributed: much faster to draw than a normal distribution."""
    numbers = array("h", chance.randbytes(2 * _DIMENSIONS[kind]))
    return tuple(number / 32768 for number in numbers)


def fill(store: MemoryStore, series: SyntheticSeries, listen: Callable[[str], None] = lambda _: None) -> None:
    """Write the whole series into an empty memory. `listen` is called with messages about the progress."""
    writer = _Writer(store)
    writer.begin(series)
    scenes = [(number, 0) for number in range(series.length)]
    for branch in range(1, series.branches + 1):
        scenes += [(series.fork(branch) + number, branch) for number in range(series.own)]
    for first in range(0, len(scenes), _AT_ONCE):
        writer.write([series.scene(number, branch) for number, branch in scenes[first : first + _AT_ONCE]])
        if first % (10 * _AT_ONCE) == 0:
            listen(f"{first:,} of {len(scenes):,} scenes written")
    listen("deriving spans")
    with store._writing() as (connection, tree):
        derive_all(connection, tree)


_ADD_STATEMENT: Final = insert(StatementRow).values(value=bindparam("spelled", type_=Text))


_TABLES: Final[tuple[type[Any], ...]] = (
    *(EntityRow, SceneRow, CommitRow, AppearanceRow, StatementRow),
    *(ThreadRow, TakeRow, KeyFrameRow, EmbeddingRow),
)
"""The tables, those first that others refer to."""
_Rows = dict[type[Any], list[InsertRow]]


class _Writer:
    """Writes the rows of many scenes at once, the same rows that `memory.changes.commit` writes for each."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._ids: dict[Any, int] = {}
        self._entities: dict[str, int] = {}
        self._branches: dict[str, int] = {}
        self._spelled: dict[str, str] = {}

    def begin(self, series: SyntheticSeries) -> None:
        """Fork all branches."""
        self._branches[MAIN] = 1
        forks: list[InsertRow] = []
        for branch in range(1, series.branches + 1):
            self._branches[series.name(branch)] = 1 + branch
            at = series.position(series.fork(branch))
            forks.append({"id": 1 + branch, "name": series.name(branch), "parent_id": 1, "forked_at": at})
        with self._store._writing() as (connection, tree):
            self._branches[MAIN] = tree.id_of(MAIN)
            for row in forks:
                connection.execute(insert(BranchRow), [row | {"parent_id": tree.id_of(MAIN)}])

    def write(self, records: list[SceneRecord]) -> None:
        """Add scenes, in one transaction."""
        rows: _Rows = {table: [] for table in _TABLES}
        for record in records:
            self._add(rows, record)
        with self._store._writing() as (connection, _):
            for table, new in rows.items():
                if new:
                    connection.execute(_ADD_STATEMENT if table is StatementRow else insert(table), new)

    def _next(self, table: Any) -> int:
        """The next free id of a table."""
        self._ids[table] = self._ids.get(table, 0) + 1
        return self._ids[table]

    def _add(self, rows: _Rows, record: SceneRecord) -> None:
        """Add the rows of one scene."""
        branch, at = self._branches[record.branch], record.position
        scene, commit = self._next(SceneRow), self._next(CommitRow)
        rows[SceneRow].append(
            {
                "id": scene,
                "branch_id": branch,
                "position": at,
                "scene_id": record.scene_id,
                "title": record.title,
                "synopsis": record.synopsis,
                "key": record.key,
            }
        )
        rows[CommitRow].append(
            {"id": commit, "branch_id": branch, "kind": "scene", "position": at, "scene_id": scene, "note": ""}
        )
        for entity in record.entities:
            if entity.id not in self._entities:
                row = self._entities[entity.id] = self._next(EntityRow)
                rows[EntityRow].append(
                    {"id": row, "slug": entity.id, "kind": entity.kind, "character_kind": entity.character_kind}
                )
            appearance = {"scene_id": scene, "entity_id": self._entities[entity.id], "branch_id": branch, "position": at}
            rows[AppearanceRow].append({**appearance})
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
        for thread, text in (*record.opens.items(), *((thread, None) for thread in record.closes)):
            event = {"commit_id": commit, "branch_id": branch, "position": at, "thread": thread, "text": text}
            rows[ThreadRow].append({"id": self._next(ThreadRow), **event})
        self._add_takes(rows, scene, record)

    def _add_takes(self, rows: _Rows, scene: int, record: SceneRecord) -> None:
        """Add the rows of a scene's takes, key frames and vectors."""
        for take in record.takes:
            row = self._next(TakeRow)
            rows[TakeRow].append(
                {
                    "id": row,
                    "scene_id": scene,
                    "accepted": row,
                    "shot_id": take.shot_id,
                    "artifact": take.artifact,
                    "seed": take.seed,
                    "measures": dict(take.measures),
                }
            )
            for frame in take.key_frames:
                shows = {
                    name: {"box": list(sighting.box), "likeness": sighting.likeness, "verified": True}
                    for name, sighting in frame.shows.items()
                }
                rows[KeyFrameRow].append(
                    {
                        "id": self._next(KeyFrameRow),
                        "take_id": row,
                        "frame": frame.frame,
                        "artifact": frame.artifact,
                        "file": frame.file,
                        "quality": frame.quality,
                        "novelty": frame.novelty,
                        "shows": shows,
                    }
                )
            for embedding in take.embeddings:
                self._add_vector(rows, scene, row, self._entities[embedding.entity], embedding)
        text = EmbeddingRecord(kind="text", entity="", vector=record.text_embedding, encoder=record.text_encoder)
        self._add_vector(rows, scene, None, None, text)

    def _add_vector(self, rows: _Rows, scene: int, take: int | None, entity: int | None, embedding: EmbeddingRecord) -> None:
        rows[EmbeddingRow].append(
            {
                "id": self._next(EmbeddingRow),
                "scene_id": scene,
                "take_id": take,
                "entity_id": entity,
                "kind": embedding.kind,
                "encoder": embedding.encoder,
                "likeness": embedding.likeness,
                "verified": embedding.verified,
                "vector": array("f", embedding.vector).tobytes(),
            }
        )
