"""Branches: the past they share, their own facts, differences and merges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from memory.errors import MemoryFault, MergeConflict
from memory.model.facts import Evidence, Fact, FactValue, StoryPosition
from memory.model.records import EntityRecord, SceneRecord
from memory.schema.branch_lineage import MOST_FORKS
from memory.store import MemoryStore

MARA = EntityRecord(id="mara", kind="character", character_kind="human")


def at(scene: int, episode: int = 1) -> StoryPosition:
    return StoryPosition(episode, scene)


def fact(
    value: FactValue, since: int, attribute: str = "wearing", until: int | None = None, evidence: Evidence = "planned"
) -> Fact:
    end = None if until is None else at(until)
    return Fact(entity="mara", attribute=attribute, value=value, since=at(since), until=end, evidence=evidence)


def scene(number: int, *facts: Fact, branch: str = "main", key: str = "k") -> SceneRecord:
    return SceneRecord(position=at(number), scene_id=f"s{number:02d}", key=key, branch=branch, entities=(MARA,), facts=facts)


def state(store: MemoryStore, number: int, branch: str = "main", attribute: str = "wearing") -> FactValue:
    return store.as_of(at(number), branch).characters["mara"].state.get(attribute)


@pytest.fixture
def store(location: str) -> Iterator[MemoryStore]:
    """Two scenes on main, Mara in red; `dream` forks before scene 3."""
    with MemoryStore.open(location) as opened:
        opened.commit(scene(1, fact("red", 1)))
        opened.commit(scene(2))
        opened.branch("dream", at(3))
        yield opened


def test_a_branch_sees_its_parent_only_up_to_the_fork(store: MemoryStore) -> None:
    store.commit(scene(3, fact("blue", 3)))
    assert [state(store, number, "dream") for number in (2, 3, 9)] == ["red", "red", "red"]
    assert list(store.committed("dream")) == [at(1), at(2)]
    assert store.end("dream") == at(2)


def test_facts_of_a_branch_stay_on_the_branch(store: MemoryStore) -> None:
    store.commit(scene(3, fact("green", 3), branch="dream"))
    assert (state(store, 3, "dream"), state(store, 3)) == ("green", "red")
    assert [(branch.name, branch.parent, branch.forked_at, branch.scenes, branch.end) for branch in store.branches()] == [
        ("main", None, None, 2, at(2)),
        ("dream", "main", at(3), 1, at(3)),
    ]


def test_a_change_before_the_fork_reaches_the_branch(store: MemoryStore) -> None:
    store.commit(scene(1, fact("yellow", 1), key="again"))
    assert state(store, 5, "dream") == "yellow"
    store.set_fact(fact("torn", 2))
    assert (state(store, 2, "dream"), state(store, 5, "dream")) == ("torn", "torn")


def test_a_branch_of_a_branch_sees_each_ancestor_up_to_its_fork(store: MemoryStore) -> None:
    store.commit(scene(3, fact("green", 3), branch="dream"))
    store.branch("deeper", at(5), parent="dream")
    store.commit(scene(4, fact("violet", 4), branch="dream"))
    store.commit(scene(5, fact("black", 5), branch="deeper"))
    store.commit(scene(6, fact("white", 6), branch="dream"))
    assert [state(store, number, "deeper") for number in (2, 3, 4, 5, 6)] == ["red", "green", "violet", "black", "black"]
    store.commit(scene(1, fact("yellow", 1), key="again"))
    assert state(store, 2, "deeper") == "yellow"


def test_a_change_before_a_shared_fork_reaches_both_branches(store: MemoryStore) -> None:
    store.branch("twin", at(3), parent="dream")
    store.set_fact(fact("torn", 2))
    assert state(store, 5, "twin") == "torn"


def test_a_branch_cannot_change_positions_before_its_fork(store: MemoryStore) -> None:
    with pytest.raises(MemoryFault, match=r"1:2 lies before the fork of branch dream \(1:3\) and belongs to main"):
        store.set_fact(fact("green", 2), "dream")
    with pytest.raises(MemoryFault, match="before the fork"):
        store.commit(scene(2, branch="dream"))
    with pytest.raises(MemoryFault, match="belongs to main"):
        store.rollback(at(1), "dream")
    assert state(store, 2) == "red"


@pytest.mark.parametrize(
    ("name", "where", "parent", "message"),
    [
        ("dream", 4, "main", "there is a branch 'dream' already"),
        ("Über", 4, "main", "cannot be a branch"),
        ("other", 0, "main", "before the story begins"),
        ("other", 2, "dream", "before the fork of dream"),
        ("other", 4, "nowhere", "no branch 'nowhere'; there are: main, dream"),
    ],
)
def test_an_impossible_fork_is_refused_with_its_reason(
    store: MemoryStore, name: str, where: int, parent: str, message: str
) -> None:
    with pytest.raises(MemoryFault, match=message):
        store.branch(name, at(where), parent)
    assert [branch.name for branch in store.branches()] == ["main", "dream"]


def test_a_difference_names_both_values_and_their_origins(store: MemoryStore) -> None:
    store.commit(scene(4, fact("blue", 4)))
    store.set_fact(fact("green", 3), "dream", note="she fell asleep")
    (difference,) = store.diff("main", "dream")
    assert (difference.entity, difference.attribute, difference.position, difference.before, difference.after) == (
        "mara",
        "wearing",
        at(3),
        "red",
        "green",
    )
    assert difference.before_origin is not None
    assert difference.after_origin is not None
    assert (difference.before_origin.branch, difference.before_origin.scene_id) == ("main", "s01")
    assert (difference.after_origin.branch, difference.after_origin.evidence, difference.after_origin.note) == (
        "dream",
        "user",
        "she fell asleep",
    )
    (later,) = store.diff("main", "dream", at(4))
    assert (later.before, later.after) == ("blue", "green")
    assert not store.diff("main", "dream", at(2))


def test_no_value_and_an_explicit_none_do_not_differ(store: MemoryStore) -> None:
    store.set_fact(fact(None, 3, "holding"), "dream")
    assert not store.diff("main", "dream")


def test_a_merge_takes_what_only_one_side_states(store: MemoryStore) -> None:
    store.commit(replace(scene(3, fact("green", 3), fact("brave", 3, "mood"), branch="dream"), opens={"door": "Who knocks?"}))
    store.commit(scene(4, fact("calm", 4, "mood"), branch="dream"))
    merged = store.merge("dream")
    assert {(difference.entity, difference.attribute) for difference in merged.taken} == {
        ("mara", "wearing"),
        ("mara", "mood"),
        ("thread", "door"),
    }
    assert [state(store, number, attribute="mood") for number in (2, 3, 4)] == [None, "brave", "calm"]
    assert (state(store, 3), [thread.text for thread in store.as_of(at(3)).threads]) == ("green", ["Who knocks?"])
    assert list(store.committed()) == [at(1), at(2)]
    again = store.merge("dream")
    assert (again.taken, again.settled) == ((), ())


def conflicting(store: MemoryStore) -> None:
    store.commit(scene(3, fact("blue", 3), fact("calm", 3, "mood")))
    store.commit(scene(3, fact("green", 3), fact("wild", 3, "mood"), branch="dream"))
    store.commit(scene(4, fact("white", 4), branch="dream"))


def test_a_conflict_names_both_values_and_origins_and_changes_nothing(store: MemoryStore) -> None:
    conflicting(store)
    with pytest.raises(MergeConflict) as caught:
        store.merge("dream")
    mood, wearing = caught.value.conflicts
    assert (wearing.attribute, wearing.position, wearing.before, wearing.after) == ("wearing", at(3), "blue", "green")
    assert (mood.before, mood.after) == ("calm", "wild")
    assert "mara.wearing from 1:3 on: main has 'blue' (main 1:3 (scene s03, planned))" in caught.value.message
    assert "dream has 'green' (dream 1:3 (scene s03, planned))" in caught.value.message
    assert "--choose" in caught.value.message
    assert (state(store, 3), state(store, 4)) == ("blue", "blue")


def test_choices_settle_conflicts_and_the_rule_settles_the_others(store: MemoryStore) -> None:
    conflicting(store)
    with pytest.raises(MergeConflict) as caught:
        store.merge("dream", choose={"mara.wearing": "theirs"})
    assert [conflict.attribute for conflict in caught.value.conflicts] == ["mood"]
    merged = store.merge("dream", rule="ours", choose={"mara.wearing": "theirs"})
    assert [difference.attribute for difference in merged.settled] == ["mood", "wearing"]
    assert [state(store, number) for number in (2, 3, 4)] == ["red", "green", "white"]
    assert state(store, 4, attribute="mood") == "calm"


def test_scenes_can_be_committed_after_a_merge(store: MemoryStore) -> None:
    conflicting(store)
    store.merge("dream", rule="theirs")
    store.commit(scene(4, fact("silver", 4)))
    assert [state(store, number) for number in (3, 4)] == ["green", "silver"]


def test_a_merge_takes_only_facts_before_its_end(store: MemoryStore) -> None:
    conflicting(store)
    store.merge("dream", rule="theirs", until=at(4))
    assert [state(store, number) for number in (3, 4)] == ["green", "green"]


def test_a_branch_with_a_later_fork_takes_merged_values_from_its_fork_on(store: MemoryStore) -> None:
    store.set_fact(fact("green", 3), "dream")
    store.branch("late", at(5))
    store.commit(scene(5, branch="late"))
    store.merge("dream", "late")
    assert [state(store, number, "late") for number in (4, 5, 9)] == ["red", "green", "green"]
    assert state(store, 9) == "red"
    assert store.merge("dream", "late").taken == ()


def test_a_choice_about_equal_values_is_refused(store: MemoryStore) -> None:
    with pytest.raises(MemoryFault, match=r"nothing differs in mara\.mood"):
        store.merge("dream", choose={"mara.mood": "ours"})
    with pytest.raises(MemoryFault, match="the same branch"):
        store.merge("main")


def test_scenes_that_a_branch_shares_cannot_be_rolled_back(store: MemoryStore) -> None:
    store.commit(scene(3, fact("blue", 3)))
    with pytest.raises(MemoryFault, match="branch 'dream' forks at 1:3 and shares what would be taken back"):
        store.rollback(at(1))
    assert store.rollback(at(2)) == 1
    assert (state(store, 3), list(store.committed())) == ("red", [at(1), at(2)])


def test_a_later_scene_with_a_fact_in_a_shared_past_cannot_be_rolled_back(store: MemoryStore) -> None:
    store.commit(scene(4, fact("left-handed", 1, "trait")))
    assert state(store, 5, "dream", "trait") == "left-handed"
    with pytest.raises(MemoryFault, match="shares what would be taken back"):
        store.rollback(at(3))
    store.delete_branch("dream")
    assert store.rollback(at(3)) == 1


def test_a_deleted_branch_leaves_nothing_and_frees_its_name(store: MemoryStore) -> None:
    ghost = EntityRecord(id="ghost", kind="character", character_kind="spirit")
    store.commit(replace(scene(3, branch="dream"), entities=(MARA, ghost)))
    store.delete_branch("dream")
    assert [branch.name for branch in store.branches()] == ["main"]
    with pytest.raises(MemoryFault, match="no entity 'ghost'"):
        store.history("ghost")
    store.branch("dream", at(2))
    assert state(store, 9, "dream") == "red"


def test_main_and_parents_of_branches_cannot_be_deleted(store: MemoryStore) -> None:
    store.branch("deeper", at(4), parent="dream")
    with pytest.raises(MemoryFault, match="deeper forks from dream; delete that first"):
        store.delete_branch("dream")
    with pytest.raises(MemoryFault, match="cannot be deleted"):
        store.delete_branch("main")


def test_the_depth_of_forks_is_limited(location: str) -> None:
    with MemoryStore.open(location) as store:
        parent = "main"
        for number in range(MOST_FORKS):
            store.branch(f"fork-{number}", StoryPosition(number + 1, 1), parent)
            parent = f"fork-{number}"
        with pytest.raises(MemoryFault, match="32 forks away from main"):
            store.branch("too-far", StoryPosition(99, 1), parent)
