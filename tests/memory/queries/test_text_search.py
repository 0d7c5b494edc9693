"""Search by meaning and by words, on both databases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Connection

from memory.errors import MemoryFault
from memory.model.canon import Relationship
from memory.model.facts import Fact, FactValue, StoryPosition
from memory.model.records import EntityRecord, SceneRecord
from memory.queries import text_search
from memory.queries.embeddings import HashingEncoder, TextEncoder, Vectors
from memory.queries.scene_vectors import SceneVectors
from memory.queries.text_search import SearchResults
from memory.schema.branch_lineage import BranchTree, Lineage
from memory.schema.connection import Database
from memory.store import MemoryStore

MARA = EntityRecord(id="mara", kind="character", character_kind="human")
STORM = EntityRecord(id="storm", kind="character", character_kind="spirit")
LAMP_ROOM = EntityRecord(id="lamp_room", kind="location")


class SynonymEncoder:
    """Encodes whether a text mentions a boat or a ferry."""

    name = "synonyms"

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.array([[float("boat" in text or "ferry" in text), 0.1, 0.0] for text in texts], np.float32)


class BrokenEncoder:
    name = "broken"

    def encode(self, texts: Sequence[str]) -> Vectors:
        raise MemoryFault("the encoder is not installed; install it")


def at(scene: int, episode: int = 1) -> StoryPosition:
    return StoryPosition(episode, scene)


def says(entity: str, attribute: str, value: FactValue, since: StoryPosition) -> Fact:
    return Fact(entity=entity, attribute=attribute, value=value, since=since)


def scene(
    number: int,
    title: str,
    synopsis: str,
    *facts: Fact,
    episode: int = 1,
    branch: str = "main",
    entities: tuple[EntityRecord, ...] = (MARA, STORM, LAMP_ROOM),
    key: str = "",
    opens: Mapping[str, str] | None = None,
    relations: tuple[Relationship, ...] = (),
) -> SceneRecord:
    encoder = SynonymEncoder()
    vector = tuple(encoder.encode([synopsis])[0].tolist())
    return SceneRecord(
        position=at(number, episode),
        scene_id=f"e{episode}s{number}",
        title=title,
        synopsis=synopsis,
        facts=facts,
        branch=branch,
        text_embedding=vector,
        text_encoder=encoder.name,
        entities=entities,
        key=key or f"{branch}{number}",
        opens=opens or {},
        relations=relations,
    )


@contextmanager
def opened(location: str) -> Iterator[tuple[MemoryStore, Connection, Lineage]]:
    with MemoryStore.open(location) as store:
        store.commit(
            scene(
                1,
                "The lamp goes out",
                "Mara relights the great lamp before storm and ferry come",
                says("mara", "name", "Mara", at(1)),
                says("mara", "description", "old lighthouse keeper in a yellow raincoat", at(1)),
                says("mara", "wearing", "yellow raincoat", at(1)),
                opens={"dark": "Who put out the lamp?"},
                relations=(Relationship(subject="mara", relation="fears", object="storm"),),
            )
        )
        store.commit(
            scene(2, "Calm", "The storm sleeps", says("mara", "wearing", "Straßenmantel in Übergröße", at(2)), entities=(STORM,))
        )
        store.commit(scene(1, "Stories", "Many ponies tell 100% true stories", episode=2, entities=(LAMP_ROOM,)))
        database = Database(location)
        try:
            with database.reading() as connection:
                yield store, connection, BranchTree(connection).lineage("main")
        finally:
            database.close()


def search(
    connection: Connection,
    lineage: Lineage,
    text: str,
    *,
    encoder: TextEncoder | None,
    vectors: SceneVectors | None = None,
    **filters: Any,
) -> SearchResults:
    """Search with fresh vectors unless `vectors` is given."""
    return text_search.search(connection, lineage, text, encoder=encoder, vectors=vectors or SceneVectors(), **filters)


def whats(results: SearchResults) -> list[str]:
    return [hit.what for hit in results]


def test_words_find_scenes_entities_facts_and_threads(location: str) -> None:
    with opened(location) as (_, connection, lineage):
        assert "e1s1" in whats(search(connection, lineage, "lamp", encoder=None))
        assert whats(search(connection, lineage, "keeper", encoder=None)) == ["mara"]
        assert set(whats(search(connection, lineage, "raincoats", encoder=None))) == {"mara", "mara.wearing"}
        assert whats(search(connection, lineage, "who put it out", encoder=None, kinds=["thread"])) == ["dark"]
        assert whats(search(connection, lineage, "fears", encoder=None)) == ["mara.relation:storm"]


def test_the_rarer_word_weighs_more(location: str) -> None:
    with opened(location) as (_, connection, lineage):
        assert whats(search(connection, lineage, "the storm's ponies", encoder=None, kinds=["scene"]))[0] == "e2s1"


def test_plural_and_singular_agree_and_capitals_do_not_matter(location: str) -> None:
    with opened(location) as (_, connection, lineage):
        for text in ("story", "STORIES", "pony"):
            assert whats(search(connection, lineage, text, encoder=None)) == ["e2s1"], text


def test_letters_outside_ascii_are_found_in_any_case(location: str) -> None:
    with opened(location) as (_, connection, lineage):
        for text in ("Übergröße", "übergröße", "ÜBERGRÖSSE", "STRASSENMANTEL"):
            assert whats(search(connection, lineage, text, encoder=None)) == ["mara.wearing"], text


def test_wildcards_are_plain_text(location: str) -> None:
    with opened(location) as (_, connection, lineage):
        assert not search(connection, lineage, "%", encoder=None)
        assert not search(connection, lineage, "'; DROP TABLE scenes; --", encoder=None)
        assert whats(search(connection, lineage, "100%", encoder=None)) == ["e2s1"]


def test_meaning_finds_texts_that_share_no_word(location: str) -> None:
    with opened(location) as (_, connection, lineage):
        results = search(connection, lineage, "a boat", encoder=SynonymEncoder())
        assert whats(results)[0] == "e1s1"
        assert (results[0].by_meaning, results[0].by_words) == (1, None)
        assert results.note == ""


def test_a_match_by_words_and_meaning_ranks_higher(location: str) -> None:
    with opened(location) as (_, connection, lineage):
        results = search(connection, lineage, "ferry lamp", encoder=SynonymEncoder())
        assert (results[0].what, results[0].by_meaning, results[0].by_words) == ("e1s1", 1, 1)
        assert results[0].score == pytest.approx(2 / 61)


def test_without_an_encoder_or_vectors_search_uses_words_and_notes_it(location: str) -> None:
    with opened(location) as (_, connection, lineage):
        for encoder, reason in (
            (None, "no text encoder"),
            (BrokenEncoder(), "install it"),
            (HashingEncoder(), "hashing-words-1"),
        ):
            results = search(connection, lineage, "lamp", encoder=encoder)
            assert "e1s1" in whats(results)
            assert reason in results.note
            assert all(hit.by_meaning is None for hit in results)


def test_an_entity_and_an_episode_narrow_the_search(location: str) -> None:
    with opened(location) as (_, connection, lineage):
        every = search(connection, lineage, "storm boat", encoder=SynonymEncoder(), kinds=["scene"], entity="mara")
        assert whats(every) == ["e1s1"]
        assert set(whats(search(connection, lineage, "stories lamp", encoder=None, episode=2))) == {"e2s1", "lamp_room"}
        with pytest.raises(MemoryFault, match=r"no entity 'marra'; known: lamp_room, mara, storm"):
            search(connection, lineage, "x", encoder=None, entity="marra")
        with pytest.raises(MemoryFault, match="cannot search for shots; expected some of: scene, entity, fact, thread"):
            search(connection, lineage, "x", encoder=None, kinds=["shots"])


def test_a_branch_finds_its_own_scenes_and_its_parents_up_to_the_fork(location: str) -> None:
    with opened(location) as (store, _, _):
        store.branch("what-if", at(2))
        store.commit(scene(2, "Thunder", "The storm wakes in anger", branch="what-if", entities=(STORM,)))
        database = Database(location)
        try:
            with database.reading() as connection:
                tree = BranchTree(connection)
                aside = search(connection, tree.lineage("what-if"), "storm lamp", encoder=SynonymEncoder(), kinds=["scene"])
                plain = search(connection, tree.lineage("main"), "anger", encoder=SynonymEncoder(), kinds=["scene"])
        finally:
            database.close()
        assert {(hit.what, hit.text.split(":")[0]) for hit in aside} == {("e1s1", "The lamp goes out"), ("e1s2", "Thunder")}
        assert "Thunder" not in {hit.text.split(":")[0] for hit in plain}


def test_cached_vectors_follow_every_change(location: str) -> None:
    vectors = SceneVectors()

    def boats(store: MemoryStore) -> list[str]:
        database = Database(location)
        try:
            with database.reading() as connection:
                lineage = BranchTree(connection).lineage("main")
                results = search(connection, lineage, "boat", encoder=SynonymEncoder(), kinds=["scene"], vectors=vectors)
        finally:
            database.close()
        return whats(results)

    with opened(location) as (store, _, _):
        pass
    with MemoryStore.open(location) as store:
        assert boats(store) == ["e1s1"]
        store.commit(scene(3, "Arrival", "The ferry lands", episode=2))
        assert boats(store) == ["e1s1", "e2s3"]
        store.rollback(at(2, 2))
        store.commit(scene(3, "No arrival", "Nothing lands", episode=2, key="other"))
        assert boats(store) == ["e1s1"]


def test_an_empty_query_finds_nothing(location: str) -> None:
    with opened(location) as (_, connection, lineage):
        assert search(connection, lineage, "  ", encoder=SynonymEncoder()) == ()
        assert search(connection, lineage, "lamp", encoder=None, limit=0) == ()
