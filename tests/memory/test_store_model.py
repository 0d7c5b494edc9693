"""The store against a plain model that keeps every record and works the canon out anew."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from memory.canon import Relationship
from memory.facts import Fact, FactValue, StoryPosition
from memory.record import EntityRecord, SceneRecord
from memory.store import MemoryStore

PEOPLE = ("ada", "bo", "cy")
ATTRIBUTES = ("wearing", "mood", "look")
EVIDENCE = ("planned", "seen", "user")
POSITIONS = st.builds(StoryPosition, st.integers(1, 3), st.integers(0, 4))
VALUES: st.SearchStrategy[FactValue] = st.sampled_from(["red", "blue", 1, 1.0, True, None, {"hue": 0.5}])

FACTS = st.builds(
    lambda entity, attribute, value, since, length, evidence: Fact(
        entity=entity,
        attribute=attribute,
        value=value,
        since=since,
        until=None if length is None else StoryPosition(since.episode, since.scene + length),
        evidence=evidence,
    ),
    st.sampled_from(PEOPLE),
    st.sampled_from(ATTRIBUTES),
    VALUES,
    POSITIONS,
    st.sampled_from([None, None, 1, 3]),
    st.sampled_from(EVIDENCE),
)
RELATIONS = st.builds(
    lambda pair, word: Relationship(subject=pair[0], relation=word, object=pair[1]),
    st.sampled_from([("ada", "bo"), ("bo", "ada"), ("ada", "cy")]),
    st.sampled_from(["fears", "trusts"]),
)
RECORDS = st.builds(
    lambda at, key, facts, relations, opens, closes, synopsis: SceneRecord(
        position=at,
        scene_id=f"s{at.scene}",
        key=key,
        synopsis=synopsis,
        entities=tuple(EntityRecord(id=one, kind="character", character_kind="human") for one in PEOPLE),
        facts=tuple(facts),
        relations=tuple(relations),
        opens={name: f"{name}?" for name in opens},
        closes=tuple(closes),
    ),
    POSITIONS,
    st.sampled_from("abcdefgh"),
    st.lists(FACTS, max_size=4),
    st.lists(RELATIONS, max_size=2),
    st.lists(st.sampled_from(["rain", "debt"]), unique=True, max_size=2),
    st.lists(st.sampled_from(["rain", "debt"]), unique=True, max_size=1),
    st.sampled_from(["", "It rained."]),
)
STEPS = st.lists(st.one_of(RECORDS, st.tuples(st.integers(1, 3), st.sets(st.integers(0, 4)))), max_size=12)
WEIGHT = {"planned": 0, "seen": 1, "user": 2}


def expected_facts(records: dict[StoryPosition, SceneRecord], now: StoryPosition) -> dict[tuple[str, str], FactValue]:
    """Replay all statements up to `now`: the last one of an attribute counts, unless its end has come."""
    said = [(fact, at, index) for at, record in records.items() for index, fact in enumerate(record.facts)]
    said.sort(key=lambda one: (one[0].since, WEIGHT[one[0].evidence], one[1], one[2]))
    last = {(fact.entity, fact.attribute): fact for fact, _, _ in said if fact.since <= now}
    return {pair: fact.value for pair, fact in last.items() if fact.until is None or now < fact.until}


def expected_relations(records: dict[StoryPosition, SceneRecord], now: StoryPosition) -> set[tuple[str, str, str]]:
    pairs: dict[tuple[str, str], set[str]] = {}
    for at in sorted(records):
        if at <= now:
            here: dict[tuple[str, str], set[str]] = {}
            for one in records[at].relations:
                here.setdefault((one.subject, one.object), set()).add(one.relation)
            pairs |= here
    return {(subject, word, other) for (subject, other), words in pairs.items() for word in words}


def expected_threads(records: dict[StoryPosition, SceneRecord], now: StoryPosition) -> dict[str, bool]:
    closed: dict[str, bool] = {}
    for at in sorted(records):
        if at <= now:
            closed |= dict.fromkeys(records[at].opens, False)
            closed |= {name: True for name in records[at].closes if name in closed}
    return closed


def same(one: FactValue, other: FactValue) -> bool:
    return one == other and type(one) is type(other)


@settings(max_examples=25, deadline=None)
@given(STEPS)
def test_the_canon_is_what_a_replay_of_all_records_gives(steps: list[SceneRecord | tuple[int, set[int]]]) -> None:
    records: dict[StoryPosition, SceneRecord] = {}
    with tempfile.TemporaryDirectory() as folder, MemoryStore.open(Path(folder) / "memory.db", create=True) as store:
        for step in steps:
            if isinstance(step, SceneRecord):
                before = records.get(step.position)
                assert store.commit(step) == (before is None or before.key != step.key)
                if before is None or before.key != step.key:
                    records[step.position] = step
            else:
                episode, keep = step
                gone = [at for at in records if at.episode == episode and at.scene not in keep]
                assert store.forget(episode, keep) == len(gone)
                for at in gone:
                    del records[at]
        assert store.committed() == {at: records[at].key for at in sorted(records)}
        for now in (StoryPosition(1, 0), StoryPosition(1, 2), StoryPosition(2, 1), StoryPosition(2, 4), StoryPosition(4, 9)):
            check(store, records, now)


def check(store: MemoryStore, records: dict[StoryPosition, SceneRecord], now: StoryPosition) -> None:
    canon = store.as_of(now)
    facts = expected_facts(records, now)
    for person in PEOPLE:
        known = canon.characters.get(person)
        if known is None:
            assert not any(entity == person for entity, _ in facts)
            continue
        look = facts.pop((person, "look"), None)
        assert dict(known.look) == (look if isinstance(look, dict) else {})
        expected = {attribute: value for (entity, attribute), value in facts.items() if entity == person}
        assert expected.keys() == known.state.keys()
        assert all(same(known.state[attribute], value) for attribute, value in expected.items())
    assert {(one.subject, one.relation, one.object) for one in canon.relationships} == expected_relations(records, now)
    assert {one.id: one.closed for one in canon.threads} == expected_threads(records, now)
    assert canon.synopses == tuple(records[at].synopsis for at in sorted(records) if at <= now and records[at].synopsis)


@settings(max_examples=10, deadline=None)
@given(st.lists(RECORDS, max_size=6, unique_by=lambda one: one.position), st.randoms(use_true_random=False))
def test_the_order_of_commits_makes_no_difference(records: list[SceneRecord], random: object) -> None:
    shuffled = list(records)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    with (
        tempfile.TemporaryDirectory() as folder,
        MemoryStore.open(Path(folder) / "one.db", create=True) as one,
        MemoryStore.open(Path(folder) / "two.db", create=True) as two,
    ):
        for record in records:
            one.commit(record)
        for record in shuffled:
            two.commit(record)
        for now in (StoryPosition(1, 1), StoryPosition(2, 2), StoryPosition(9, 0)):
            assert one.as_of(now) == two.as_of(now)
        for person in PEOPLE if records else ():
            assert one.history(person) == two.history(person)
