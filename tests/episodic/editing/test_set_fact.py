"""Facts set by hand: they make exactly the shots that they touch stale, and list them."""

import pytest

from episodic.editing.branch_edits import fork_branch
from episodic.editing.rollback import Rollback, roll_back
from episodic.editing.set_fact import clear_fact, parse_fact, set_fact
from episodic.errors import InputError, SeriesBusy
from episodic.studio import Studio
from memory.errors import MemoryFault
from memory.model.facts import StoryPosition
from memory.store import MemoryStore


def red_coat(since="1:1", until=None):
    return parse_fact("mara.wearing", "red coat", since, until)


def shots(edit):
    return [(task.episode, task.stale.task.shot) for task in edit.shots]


def stale(series):
    return {(ready.number, task.task.id) for ready in Studio(series).status() for task in ready.stale}


def test_an_edit_makes_exactly_the_shots_that_show_it_stale(two_episodes, render):
    edit = set_fact(two_episodes, red_coat())
    assert shots(edit) == [(1, "a1.1"), (1, "a2.1"), (2, "b1.1"), (2, "b2.1"), (2, "b3.1")]
    assert {(task.episode, task.stale.task.id) for task in edit.stale} == stale(two_episodes)
    rendered = {event.task for event in render(two_episodes) if event.event == "stale" and event.kind == "shoot"}
    assert rendered == {f"shoot:{shot}" for _, shot in shots(edit)}


def test_after_an_edit_ends_the_plan_holds(two_episodes):
    edit = set_fact(two_episodes, red_coat(until="2:2"))
    assert shots(edit) == [(1, "a1.1"), (1, "a2.1"), (2, "b1.1")]
    assert not [conflict for conflict in edit.conflicts if conflict.position >= StoryPosition(2, 2)]


def test_a_contradicting_plan_is_named_with_a_remedy(two_episodes):
    edit = set_fact(two_episodes, red_coat("1:2"))
    (conflict,) = edit.conflicts
    assert (str(conflict.position), conflict.holds, conflict.overruled, conflict.overruled_origin.scene_id) == (
        "2:2",
        "red coat",
        "blue dress",
        "b2",
    )
    assert "--until 2:2" in edit.notes[0]


def test_a_dry_run_reports_the_same_and_keeps_nothing(two_episodes):
    preview = set_fact(two_episodes, red_coat(), dry_run=True)
    assert stale(two_episodes) == set()
    edit = set_fact(two_episodes, red_coat())
    assert (shots(preview), preview.conflicts) == (shots(edit), edit.conflicts)
    assert "dry run" in preview.notes[-1]


def test_an_edit_that_changes_no_shot_is_kept_with_a_warning(two_episodes):
    edit = set_fact(two_episodes, parse_fact("mara.wearin", "red coat", "1:1", None))
    assert edit.stale == ()
    assert "no shot changes" in edit.notes[0]
    assert "did you mean mara.wearing?" in edit.notes[0]


def test_clearing_an_edit_reuses_the_earlier_artifacts(two_episodes, render):
    set_fact(two_episodes, red_coat())
    cleared = clear_fact(two_episodes, "mara.wearing")
    assert cleared.statements == 1
    assert {(task.episode, task.stale.task.id) for task in cleared.fresh} >= {(1, "shoot:a1.1"), (2, "shoot:b3.1")}
    assert stale(two_episodes) == set()
    with pytest.raises(InputError, match="nothing was set by hand"):
        clear_fact(two_episodes, "mara.wearing")


def test_an_edit_on_a_branch_stays_on_the_branch(two_episodes):
    branch = fork_branch(two_episodes, "what-if", StoryPosition(2, 2))
    edit = set_fact(branch, red_coat("2:3"))
    assert shots(edit) == [(2, "b3.1")]
    assert stale(two_episodes) == set()
    with pytest.raises(MemoryFault, match="what-if"):
        set_fact(branch, red_coat("1:1"))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("marra.wearing", "red coat", "1:1", None), "'marra'.*did you mean mara\\? Known: mara, shore"),
        (("mara.name", "Marie", "1:1", None), "name is part of the identity of mara.*in the plan"),
        (("mara", "red coat", "1:1", None), "ENTITY.ATTRIBUTE"),
        (("mara.wearing", None, "1:1", None), "--clear"),
        (("mara.wearing", "red coat", None, None), "--from EPISODE:SCENE"),
        (("mara.wearing", "red coat", "one", None), "--from: expected EPISODE:SCENE"),
        (("mara.wearing", "red coat", "1:7", None), "--from 1:7: .*the last is 1:2"),
        (("mara.wearing", "red coat", "5:1", None), "no episode 5 .*the last scene of the series is 2:3"),
        (("mara.wearing", "red coat", "1:1", "2:9"), "--until 2:9: .*the last is 2:3"),
        (("mara.wearing", "red coat", "2:1", "1:2"), "it must end later"),
    ],
)
def test_an_invalid_edit_is_refused(two_episodes, words, expected):
    with pytest.raises((InputError, MemoryFault), match=expected):
        set_fact(two_episodes, parse_fact(*words))
    with MemoryStore.open(two_episodes.database) as memory:
        assert memory.edits(StoryPosition(0), StoryPosition(9)) == ()


def test_a_value_may_be_json(two_episodes):
    assert parse_fact("mara.age", "41", "1:1", None, as_json=True).value == 41
    with pytest.raises(InputError, match="--json-value: 'red coat' is not JSON"):
        parse_fact("mara.age", "red coat", "1:1", None, as_json=True)


def test_an_edit_during_a_render_is_refused(two_episodes):
    with two_episodes.locked(), pytest.raises(SeriesBusy):
        set_fact(two_episodes, red_coat())
    assert set_fact(two_episodes, red_coat(), dry_run=True).shots


# Rolling back


def test_a_rollback_proposes_its_removals_first(two_episodes):
    set_fact(two_episodes, red_coat("2:2"))
    proposals: list[Rollback] = []

    def agree(removal):
        proposals.append(removal)
        return True

    removed = roll_back(two_episodes, StoryPosition(1, 2), agree)
    assert [scene.scene_id for scene in removed.scenes] == ["b1", "b2", "b3"]
    assert [fact.value for fact in removed.facts] == ["red coat"]
    assert proposals == [removed]
    with MemoryStore.open(two_episodes.database) as memory:
        assert memory.end() == StoryPosition(1, 2)


def test_a_declined_rollback_removes_nothing(two_episodes):
    assert roll_back(two_episodes, StoryPosition(1, 2), lambda _: False).scenes
    with MemoryStore.open(two_episodes.database) as memory:
        assert memory.end() == StoryPosition(2, 3)
    with pytest.raises(InputError, match="memory ends at 2:3"):
        roll_back(two_episodes, StoryPosition(4, 1), lambda _: True)


def test_a_render_after_a_rollback_commits_again_without_making_anything(two_episodes, render):
    roll_back(two_episodes, StoryPosition(1, 1), lambda _: True)
    events = render(two_episodes)
    assert [event for event in events if event.event == "stale"] == []
    assert len([event for event in events if event.event == "commit"]) == 4


def test_an_edit_that_changes_nothing_is_reported(two_episodes):
    edit = set_fact(two_episodes, parse_fact("tom.wearing", "grey hat", "2:1", None))
    assert edit.stale == ()
    assert "already has this value at 2:1" in edit.notes[0]


def test_shortening_an_edit_reports_its_changes(two_episodes):
    set_fact(two_episodes, red_coat("2:1"))
    edit = set_fact(two_episodes, red_coat("2:1", "2:2"), dry_run=True)
    assert {(task.episode, task.stale.task.id) for task in edit.fresh} >= {(2, "shoot:b2.1"), (2, "shoot:b3.1")}
    assert not [note for note in edit.notes if "no shot changes" in note]
    assert "you had set it before" in set_fact(two_episodes, red_coat("2:1")).notes[-1]


def test_overlapping_edits_report_which_holds(two_episodes):
    set_fact(two_episodes, red_coat("2:2"))
    later = set_fact(two_episodes, parse_fact("mara.wearing", "green coat", "2:3", None))
    assert later.notes[0] == "your earlier edit, mara.wearing = red coat, gives way from 2:3 on"
    sooner = set_fact(two_episodes, parse_fact("mara.wearing", "blue coat", "2:1", None))
    assert [note.split(", ")[2] for note in sooner.notes[:2]] == ["still holds from 2:2 until 2:3", "still holds from 2:3 on"]


def test_the_story_can_have_facts_of_its_own(two_episodes):
    assert "no shot changes" in set_fact(two_episodes, parse_fact("story.theme", "friendship", "1:1", None)).notes[0]
    with MemoryStore.open(two_episodes.database) as memory:
        assert memory.as_of(StoryPosition(2, 3)).story == {"theme": "friendship"}


def test_the_reason_of_a_stale_shot_compares_with_the_film_not_with_a_cleared_edit(two_episodes, render):
    set_fact(two_episodes, red_coat("2:3"))
    render(two_episodes)
    clear_fact(two_episodes, "mara.wearing")
    render(two_episodes)  # finds what was made before
    first = set_fact(two_episodes, parse_fact("mara.wearing", "green coat", "2:3", None), dry_run=True).shots[0]
    assert "mara" in first.stale.reason
    assert "#c8202e" not in first.stale.reason  # the red coat
