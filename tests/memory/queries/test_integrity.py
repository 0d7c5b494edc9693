"""Verification finds every kind of damage with its row, and no fault in what the store wrote."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from memory.errors import MemoryFault
from memory.model.facts import Fact, StoryPosition
from memory.model.records import EmbeddingRecord, EntityRecord, KeyFrame, SceneRecord, Sighting, TakeRecord
from memory.queries.embeddings import HashingEncoder
from memory.queries.integrity import Fault, verify
from memory.schema.connection import Database
from memory.store import MemoryStore

MARA = EntityRecord(id="mara", kind="character", character_kind="human")
STORM = EntityRecord(id="storm", kind="character", character_kind="spirit")


def at(scene: int, episode: int = 1) -> StoryPosition:
    return StoryPosition(episode, scene)


def says(value: str, since: StoryPosition, until: StoryPosition | None = None) -> Fact:
    return Fact(entity="mara", attribute="wearing", value=value, since=since, until=until)


def scene(number: int, *facts: Fact, branch: str = "main", key: str = "k") -> SceneRecord:
    encoder = HashingEncoder()
    look = EmbeddingRecord(kind="look", entity="mara", vector=(0.5, 0.5), encoder="look-1")
    frame = KeyFrame(frame=1, artifact=f"a{number}", file="key.png", shows={"mara": Sighting(box=(0.0, 0.0, 1.0, 1.0))})
    return SceneRecord(
        position=at(number),
        scene_id=f"s{number}",
        key=key,
        branch=branch,
        entities=(MARA, STORM),
        facts=facts,
        takes=(TakeRecord(shot_id=f"s{number}.1", artifact=f"a{number}", embeddings=(look,), key_frames=(frame,)),),
        opens={f"t{number}": "Why?"},
        text_embedding=tuple(encoder.encode(["the lamp"])[0].tolist()),
        text_encoder=encoder.name,
    )


def tell(store: MemoryStore) -> None:
    store.commit(scene(1, says("yellow", at(1))))
    store.commit(scene(2, says("red", at(2), at(4))))
    store.commit(scene(5, says("blue", at(5))))
    store.branch("what-if", at(3))
    store.set_fact(says("green", at(4)), branch="what-if")
    store.commit(scene(4, says("grey", at(4)), branch="what-if"))


@pytest.fixture
def whole_memory(location: str) -> str:
    with MemoryStore.open(location) as store:
        tell(store)
    return location


@contextmanager
def reading(location: str) -> Iterator[Connection]:
    database = Database(location)
    try:
        with database.reading() as connection:
            yield connection
    finally:
        database.close()


def faults(location: str, **lookups: Any) -> tuple[Fault, ...]:
    with reading(location) as connection:
        return verify(connection, **lookups)


def damage(location: str, *statements: str) -> None:
    """Change rows directly, with constraints off."""
    database = Database(location)
    try:
        with database.writing() as session:
            connection = session.connection()
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL session_replication_role = replica"))
            for statement in statements:
                connection.execute(text(statement))
    finally:
        database.close()


def unhinged(location: str, *statements: str) -> None:
    """Change rows with SQLite's foreign keys off, which only its own driver can do."""
    if "://" in location:
        damage(location, *statements)
        return
    import sqlite3

    connection = sqlite3.connect(location)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_memory_written_by_the_store_has_no_faults(whole_memory: str) -> None:
    assert faults(whole_memory, artifacts=lambda _: True, files=lambda *_: True) == ()


def test_an_empty_memory_has_no_faults(location: str) -> None:
    assert faults(location) == ()


@pytest.mark.parametrize("seed", range(3))
def test_no_sequence_of_changes_leaves_a_fault(location: str, seed: int) -> None:
    chance = random.Random(seed)
    with MemoryStore.open(location) as store:
        branches = ["main"]
        for step in range(25):
            branch, number = chance.choice(branches), chance.randint(6, 9)
            until = at(number + chance.randint(1, 3)) if chance.random() < 0.4 else None
            value = chance.choice(["red", "blue", "green"])
            what = chance.random()
            if what < 0.6 or step < 3:
                store.commit(scene(number, says(value, at(number), until), branch=branch, key=str(step)))
            elif what < 0.8:
                store.set_fact(says(value, at(number), until), branch=branch)
            elif what < 0.9 and len(branches) < 4:
                branches.append(f"b{step}")
                store.branch(branches[-1], at(min(6, number)), parent="main")
            elif branch != "main":
                store.rollback(at(number), branch=branch)
    assert faults(location) == ()


Damage = tuple[str, ...]

BAD: dict[str, tuple[Damage, str, str]] = {
    "a span that ends too late": (
        ("UPDATE spans SET ends = 1000009 WHERE id = 1",),
        "spans 1",
        "which does not follow|of the same attribute",
    ),
    "a span of another value": (
        ("UPDATE spans SET value = '\"pink\"' WHERE id = 1",),
        "spans 1",
        'says "pink" from 1:1 until 1:2, which does',
    ),
    "a span that is gone": (
        ("DELETE FROM spans WHERE id = 1",),
        "branch main",
        'wearing of entity 1 is "yellow" from 1:1 until 1:2, and no span',
    ),
    "a span off its node": (("UPDATE spans SET node = node + 1 WHERE id = 1",), "spans 1", "of the interval tree; expected"),
    "a span of another statement": (
        ("UPDATE spans SET statement_id = 3 WHERE id = 1",),
        "spans 1",
        "statement 3 as its beginning",
    ),
    "a statement's reach": (
        ("UPDATE statements SET reach = 1000003 WHERE id = 1",),
        "statements 1",
        "reach 1:3 and overruled by None; the rule gives 1:5",
    ),
    "a forgotten conflict": (
        ("UPDATE statements SET overruled = NULL",),
        "statements 5",
        "the rule gives None and 4|overruled by None",
    ),
    "a statement nobody derived": (("UPDATE statements SET value = '\"pink\"' WHERE id = 3",), "spans", "does not follow"),
    "a statement that never holds": (
        ("UPDATE statements SET stated_end = since WHERE id = 2",),
        "statements 2",
        "holds from 1:2 until 1:2, which is never",
    ),
    "an unknown evidence": (
        ("UPDATE statements SET evidence = 'rumour' WHERE id = 2",),
        "statements 2",
        "evidence is 'rumour'; expected one of planned",
    ),
    "a position that does not exist": (
        ("UPDATE scenes SET position = -5 WHERE id = 1",),
        "scenes 1",
        "position is -5, which is no story position",
    ),
    "a value that is not JSON": (("UPDATE statements SET value = '{' WHERE id = 1",), "statements 1", "value is not JSON: '{'"),
    "a title that is not JSON": (
        ("INSERT INTO series (name, value) VALUES ('title', '{')",),
        "series title",
        "value is not JSON: '{'",
    ),
    "a branch that is a path": (
        ("UPDATE branches SET name = '../../x' WHERE id = 2",),
        "branches 2 (../../x)",
        "a name that no branch can have",
    ),
    "a value spelled another way": (
        ("UPDATE statements SET value = '\"yel\\u006cow\"' WHERE id = 1",),
        "statements 1",
        "is not in canonical spelling",
    ),
    "a scene before its branch": (
        ("UPDATE branches SET forked_at = 1000009 WHERE name = 'what-if'",),
        "scenes 4",
        "lies at 1:4, before the fork of its branch",
    ),
    "a second root": (
        ("UPDATE branches SET parent_id = NULL WHERE name = 'what-if'",),
        "branches",
        "without a parent: main, what-if; expected main",
    ),
    "branches in a ring": (
        ("UPDATE branches SET parent_id = id WHERE name = 'what-if'",),
        "branches 2 (what-if)",
        "descends from itself",
    ),
    "an appearance elsewhere": (
        ("UPDATE appearances SET position = 1 WHERE scene_id = 1 AND entity_id = 1",),
        "appearances 1/1",
        "another branch or position",
    ),
    "a commit without its scene": (
        ("UPDATE commits SET scene_id = NULL WHERE id = 1",),
        "commits 1",
        "only commits of kind scene have one",
    ),
    "a statement on another branch": (
        ("UPDATE statements SET branch_id = 2 WHERE id = 3",),
        "statements 3",
        "on another branch than its commit",
    ),
    "an embedding of another scene": (
        ("UPDATE embeddings SET scene_id = 2 WHERE id = 1",),
        "embeddings 1",
        "of another scene than its take",
    ),
    "a location that is human": (
        ("UPDATE entities SET kind = 'location' WHERE id = 1",),
        "entities 1 (mara)",
        "is a location with character kind 'human'",
    ),
    "a likeness beyond one": (("UPDATE embeddings SET likeness = 3 WHERE id = 1",), "embeddings 1", "has likeness 3.0; a cosine"),
}


@pytest.mark.parametrize("what", BAD)
def test_damage_is_reported_with_its_row(what: str, whole_memory: str) -> None:
    statements, row, reason = BAD[what]
    damage(whole_memory, *statements)
    matching = [fault for fault in faults(whole_memory) if fault.row.startswith(row)]
    assert matching, faults(whole_memory)
    assert any(part in str(fault) for fault in matching for part in reason.split("|")), matching
    assert all(fault.remedy for fault in matching)


@pytest.mark.parametrize(
    ("statement", "row", "reason"),
    [
        ("DELETE FROM entities WHERE id = 2", "appearances 1/2", "entity_id names entities 2, which is not there"),
        ("DELETE FROM takes WHERE id = 1", "key_frames 1", "take_id names takes 1, which is not there"),
        ("DELETE FROM statements WHERE id = 1", "spans 1", "statement_id names statements 1, which is not there"),
        ("UPDATE branches SET parent_id = 99 WHERE id = 2", "branches 2", "parent_id names branches 99, which is not there"),
    ],
)
def test_a_dangling_reference_is_reported(statement: str, row: str, reason: str, whole_memory: str) -> None:
    unhinged(whole_memory, statement)
    assert (row, reason) in [(fault.row, fault.what) for fault in faults(whole_memory)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda vector: vector[:-4], "has 1532 bytes; text vectors of hashing-words-1 have 1536"),
        (lambda vector: b"\0\0\xc0\x7f" + vector[4:], "holds a number that is not finite"),
        (lambda vector: vector[:0] + b"\0\0\x80\x40" * 384, "those of hashing-words-1 have length 1"),
    ],
)
def test_an_invalid_vector_is_reported(change: Callable[[bytes], bytes], reason: str, whole_memory: str) -> None:
    database = Database(whole_memory)
    try:
        with database.writing() as session:
            rows = session.connection().execute(text("SELECT id, vector FROM embeddings WHERE kind = 'text' ORDER BY id"))
            row, vector = rows.all()[0]
            session.connection().execute(
                text("UPDATE embeddings SET vector = :v WHERE id = :row"), {"v": change(bytes(vector)), "row": row}
            )
    finally:
        database.close()
    (fault,) = faults(whole_memory)
    assert fault.row == f"embeddings {row}"
    assert reason in fault.what


def test_a_missing_artifact_is_reported_with_its_shot(whole_memory: str) -> None:
    (fault,) = faults(whole_memory, artifacts=lambda key: key != "a2", files=lambda *_: True)
    assert (fault.row, fault.what) == ("takes 2", "the artifact a2 of shot s2.1 (main 1:2) is not there")
    assert "render the scene again" in fault.remedy
    missing = faults(whole_memory, artifacts=lambda _: True, files=lambda key, file: (key, file) != ("a5", "key.png"))
    assert [fault.what for fault in missing] == ["the picture key.png in artifact a5 of shot s5.1 is not there"]


def test_every_artifact_is_checked_once(whole_memory: str) -> None:
    keys: list[str] = []

    def exists(key: str) -> bool:
        keys.append(key)
        return True

    faults(whole_memory, artifacts=exists)
    assert sorted(keys) == ["a1", "a2", "a4", "a5"]


def test_a_damaged_file_is_reported(tmp_path: Path) -> None:
    place = tmp_path / "memory.db"
    with MemoryStore.open(place, create=True) as store:
        tell(store)
    unhinged(str(place), "PRAGMA wal_checkpoint(TRUNCATE)")
    page = 4096
    data = bytearray(place.read_bytes())
    for start in range(6 * page, len(data), 7 * page):
        data[start : start + 64] = b"\xff" * 64
    place.write_bytes(bytes(data))
    damage_faults = faults(str(place))
    assert damage_faults
    assert {fault.row for fault in damage_faults} == {"database"}
    assert "backup" in damage_faults[0].remedy


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE branches SET parent_id = id, forked_at = 1 WHERE name = 'main'", "the branches are damaged at 'main'"),
        ("UPDATE branches SET name = '../../x' WHERE id = 2", "the branches are damaged at '../../x'"),
        ("UPDATE spans SET value = '{'", "'{' is not JSON; `episodic memory verify` names the row"),
        ("UPDATE spans SET value = ''", "'' is not JSON"),
        ("INSERT INTO series (name, value) VALUES ('title', '{')", "'{' is not JSON"),
    ],
)
def test_reading_a_damaged_memory_points_to_verify(whole_memory: str, statement: str, message: str) -> None:
    damage(whole_memory, statement)
    with MemoryStore.open(whole_memory) as store:
        with pytest.raises(MemoryFault, match=re.escape(message)):
            list(store.as_of(at(5)).characters.values())
        assert store.verify()


def test_a_damaged_rule_version_does_not_block_opening(whole_memory: str) -> None:
    damage(whole_memory, "UPDATE series SET value = '{' WHERE name = 'rule'")
    with MemoryStore.open(whole_memory) as store:
        assert store.verify() == ()
