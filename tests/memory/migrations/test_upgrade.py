"""Memories written by older versions of episodic are upgraded without loss."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, Table, text

import memory.migrations
from memory.migrations import HEAD, REVISIONS
from memory.model.canon import Canon
from memory.model.facts import Fact, StoryPosition
from memory.model.records import EntityRecord, SceneRecord
from memory.schema import pgvector
from memory.schema.connection import Database
from memory.schema.dialects import WRITER, dialect_of, open_engine, parse_url
from memory.schema.tables import Table as MemoryTable
from memory.store import MemoryStore

DATA = Path(__file__).parent / "data"


def left_by(revision: str) -> dict[str, Any]:
    """Load the stored memory of database version `revision`, with the canon that this version read from it."""
    expected: dict[str, Any] = json.loads((DATA / f"memory_{revision}.json").read_text("utf-8"))
    return expected


def script_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(memory.migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


def lay_down(location: str, old: dict[str, Any]) -> None:
    """Create the tables and rows of the old version at `location`."""
    engine = open_engine(parse_url(location if "://" in location else f"sqlite:///{location}"), 5)
    with engine.connect().execution_options(**WRITER[dialect_of(engine)]) as connection, connection.begin():
        config = script_config()
        config.attributes["connection"] = connection
        command.upgrade(config, old["revision"])
        connection.execute(text("DELETE FROM branches"))  # the file has its own
        for name, content in old["tables"].items():
            table = Table(name, MetaData(), autoload_with=connection)
            rows = [
                {
                    column: bytes.fromhex(value["hex"]) if isinstance(value, dict) else value
                    for column, value in zip(content["columns"], row, strict=True)
                }
                for row in content["rows"]
            ]
            if rows:
                connection.execute(table.insert(), rows)
    engine.dispose()


def as_json(canon: Canon) -> dict[str, Any]:
    def common(entity: Any) -> dict[str, Any]:
        return {"name": entity.name, "description": entity.description, "state": dict(entity.state)}

    return {
        "title": canon.title,
        "characters": {
            name: common(entity)
            | {"kind": entity.kind, "look": dict(entity.look), "pitch": entity.voice.pitch, "effect": entity.voice.effect}
            | {"motion": list(entity.motion)}
            for name, entity in canon.characters.items()
        },
        "locations": {
            name: common(entity) | {"look": dict(entity.look), "light": list(entity.light)}
            for name, entity in canon.locations.items()
        },
        "props": {name: common(entity) for name, entity in canon.props.items()},
        "relationships": [
            [relationship.subject, relationship.relation, relationship.object] for relationship in canon.relationships
        ],
        "threads": [[thread.id, thread.text, thread.closed] for thread in canon.threads],
        "synopses": list(canon.synopses),
    }


def in_order(facts: list[list[Any]]) -> list[list[Any]]:
    return sorted(facts, key=lambda fact: (fact[0], tuple(map(int, fact[2].split(":")))))


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_an_upgrade_keeps_the_canon_of_an_older_version(empty_location: str, revision: str) -> None:
    old = left_by(revision)
    lay_down(empty_location, old)
    holds = old["holds"]
    with MemoryStore.open(empty_location) as store:
        assert {at: as_json(store.as_of(StoryPosition.parse(at))) for at in holds["canon"]} == holds["canon"]
        for entity, facts in holds["history"].items():
            history = [
                [fact.attribute, fact.value, str(fact.since), fact.until and str(fact.until), fact.evidence]
                for fact in store.history(entity)
            ]
            assert in_order(history) == in_order(facts)
        assert {str(at): key for at, key in store.committed().items()} == holds["committed"]
        scenes = [
            [episode.number, [[scene.scene_id, scene.title, scene.synopsis, scene.takes] for scene in episode.scenes]]
            for episode in store.episodes()
        ]
        assert scenes == holds["episodes"]
        owners, vectors = store.vectors("motion", "gait-1")
        seen = [
            [str(owner.position), owner.shot_id, owner.artifact, owner.entity, row.tolist()]
            for owner, row in zip(owners, vectors, strict=True)
        ]
        assert seen == holds["vectors"]
        owners, vectors = store.vectors("text", "hashing-words-1")
        assert [[str(owner.position), row.tolist()] for owner, row in zip(owners, vectors, strict=True)] == holds["text_vectors"]


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_scenes_can_be_committed_after_an_upgrade(empty_location: str, revision: str) -> None:
    lay_down(empty_location, left_by(revision))
    at = StoryPosition(1, 2)
    mara = EntityRecord(id="mara", kind="character", character_kind="human")
    with MemoryStore.open(empty_location) as store:
        again = SceneRecord(
            position=at,
            scene_id="e01s02",
            key="new",
            entities=(mara, EntityRecord(id="gull", kind="character", character_kind="animal")),
            facts=(Fact(entity="mara", attribute="holding", value="a letter", since=at),),
            opens={"letter": "Who wrote it?"},
        )
        assert store.commit(again).written
        canon = store.as_of(StoryPosition(2, 1))
        assert canon.characters["mara"].state["holding"] == "a letter"
        assert "knows" not in canon.characters["mara"].state  # the scene that said so was made again
        assert "gull" in canon.characters
        assert [thread.id for thread in canon.threads] == [
            "dark",
            "letter",
            "next",
        ]  # and the thread that it had opened went with it


def test_the_migrations_create_exactly_the_tables_of_the_code(location: str) -> None:
    database = Database(location)
    with database.reading() as connection:
        here = connection.dialect.name

        def concerns(item: Any, _name: str | None, _kind: str, _reflected: bool, _other: Any) -> bool:
            return bool(item.info.get("dialect", here) == here)

        options = {
            "compare_type": True,
            "include_name": lambda name, *_: name != pgvector.TABLE,
            "include_object": concerns,
        }
        context = MigrationContext.configure(connection, opts=options)
        assert context.get_current_revision() == HEAD
        assert compare_metadata(context, MemoryTable.metadata) == []
    database.close()


def test_every_migration_is_listed() -> None:
    revisions = [script.revision for script in ScriptDirectory.from_config(script_config()).walk_revisions()]
    assert tuple(reversed(revisions)) == REVISIONS


def test_every_released_version_has_a_stored_memory_to_upgrade() -> None:
    assert [left_by(revision)["revision"] for revision in REVISIONS[:-1]] == list(REVISIONS[:-1])
