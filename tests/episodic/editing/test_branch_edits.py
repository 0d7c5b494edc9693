"""Branches of a series: their plans, the shared past, shared artifacts, and merges."""

import pytest

from episodic.editing.branch_edits import delete_branch, fork_branch, merge_branch, parse_choices, parse_rule
from episodic.errors import InputError
from episodic.options import Options
from episodic.series.branches import on_branch
from episodic.series.plans import check_shared_past
from episodic.series.series import Series
from episodic.studio import Studio
from episodic.targets import find_target
from memory.errors import MemoryFault, MergeConflict
from memory.model.facts import StoryPosition
from memory.store import MemoryStore
from planners.plan_file.read_write import read_plan, write_plan

AT = StoryPosition(2, 2)


def rewrite(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def folders(series):
    return {folder for folder in series.artifacts.root.glob("*/*") if not folder.name.startswith(".")}


@pytest.fixture
def forked(two_episodes):
    return fork_branch(two_episodes, "what-if", AT)


@pytest.fixture
def another_way(forked):
    """The branch with another dress from its fork on, not rendered."""
    rewrite(forked.plan_path(2), "mara.wearing = blue dress", "mara.wearing = black dress")
    return forked


def test_a_branch_copies_the_episode_of_its_fork_and_shares_earlier_ones(two_episodes, forked):
    assert forked.plan_path(2).parts[-5:] == ("branches", "what-if", "episodes", "02", "plan.yaml")
    assert forked.plan_path(2).read_bytes() == two_episodes.plan_path(2).read_bytes()
    assert forked.plan_path(1) == two_episodes.plan_path(1)
    assert forked.episodes() == [1, 2]


def test_a_branch_is_found_by_name_and_by_its_plan(two_episodes, forked):
    again = on_branch(Series.open(two_episodes.root), "what-if")
    assert (again.branch, again.fork, again.plan_path(2)) == ("what-if", AT, forked.plan_path(2))
    target, numbers = find_target(forked.plan_path(2))
    assert (target.branch, numbers) == ("what-if", [2])
    with pytest.raises(InputError, match="no branch 'what-is'; branches: main, what-if"):
        on_branch(two_episodes, "what-is")
    with pytest.raises(InputError, match="plan of branch what-if, but --branch says main"):
        find_target(forked.plan_path(2), branch="main")


def test_a_branch_of_a_branch_reads_plans_of_its_parent(two_episodes, forked):
    leaf = fork_branch(two_episodes, "leaf", StoryPosition(3, 1), "what-if")
    assert leaf.plan_path(2) == forked.plan_path(2)
    assert leaf.plan_path(3).parts[-4:-1] == ("leaf", "episodes", "03")
    assert leaf.parent.branch == "what-if"


def test_a_fresh_branch_renders_nothing_again(two_episodes, forked, render):
    before = folders(two_episodes)
    events = render(forked)
    assert [event for event in events if event.event == "stale"] == []
    assert folders(two_episodes) == before
    assert forked.film_path(2).read_bytes() == two_episodes.film_path(2).read_bytes()
    assert forked.film_path(2) != two_episodes.film_path(2)


def test_an_edit_on_a_branch_changes_only_the_branch(two_episodes, another_way, render):
    events = render(another_way)
    shots = {event.task for event in events if event.event == "stale" and event.kind == "shoot"}
    assert shots == {"shoot:b2.1", "shoot:b3.1"}
    with MemoryStore.open(two_episodes.database) as memory:
        assert memory.as_of(StoryPosition(2, 3), "what-if").characters["mara"].state["wearing"] == "black dress"
        assert memory.as_of(StoryPosition(2, 3)).characters["mara"].state["wearing"] == "blue dress"
        (own,) = [branch for branch in memory.branches() if branch.name == "what-if"]
    assert own.scenes == 2
    assert {task for ready in Studio(two_episodes).status() for task in ready.stale} == set()


def test_a_branch_cannot_edit_scenes_before_its_fork(forked, render):
    rewrite(forked.plan_path(2), "What happens in b1.", "Something else.")
    with pytest.raises(
        InputError, match=r"scene b1 lies before the fork of branch what-if \(2:2\) and differs from main's \(synopsis\)"
    ):
        render(forked)
    with pytest.raises(InputError, match="fork earlier"):
        check_shared_past(forked, {2: read_plan(forked.plan_path(2))})


def test_a_branch_cannot_edit_the_cast_of_scenes_before_its_fork(forked):
    plan = read_plan(forked.plan_path(2))
    cast = {**plan.cast, "mara": plan.cast["mara"].model_copy(update={"description": "a tall robot"})}
    with pytest.raises(InputError, match=r"differs from main's \(cast\)"):
        check_shared_past(forked, {2: plan.model_copy(update={"cast": cast})})


def test_a_branch_needs_its_parent_to_be_rendered(two_episodes, forked, render):
    with MemoryStore.open(two_episodes.database) as memory:
        memory.delete_branch("what-if")
        memory.rollback(StoryPosition(1, 2))
        memory.branch("what-if", AT)
    with pytest.raises(InputError, match=r"continues 2:1 of main, which has not been rendered; first: episodic render"):
        render(forked)


@pytest.mark.parametrize(
    ("name", "at", "expected"),
    [
        ("what-if", AT, "already"),
        ("../escape", AT, "cannot be a branch"),
        ("late", StoryPosition(2, 9), "episode 2 has 3 scenes; the last is 2:3"),
        ("late", StoryPosition(7, 1), "no episode 7.*last scene of the series is 2:3"),
    ],
)
def test_an_impossible_fork_creates_no_plan(two_episodes, forked, name, at, expected):
    before = sorted(two_episodes.root.rglob("plan.yaml"))
    with pytest.raises((InputError, MemoryFault), match=expected):
        fork_branch(two_episodes, name, at)
    assert sorted(two_episodes.root.rglob("plan.yaml")) == before


def test_a_branch_may_fork_after_the_last_episode(two_episodes, render):
    branch = fork_branch(two_episodes, "later", StoryPosition(3, 1))
    with pytest.raises(InputError, match=r"no episode of its own yet.*--branch later"):
        render(branch)


def test_the_next_episode_of_a_branch_is_planned_from_its_canon(another_way, render):
    render(another_way)
    canons = []

    class Planner:
        def plan(self, brief, canon):
            canons.append(canon)
            return read_plan(another_way.plan_path(2)).model_copy(update={"seed": brief.seed})

    assert Studio(another_way).plan_next("More.", Options(), Planner()) == 3
    assert another_way.plan_path(3).parts[-4] == "what-if"
    assert (canons[0].branch, canons[0].characters["mara"].state["wearing"]) == ("what-if", "black dress")


def test_deleting_a_branch_deletes_its_plans_and_keeps_artifacts(two_episodes, forked):
    before = folders(two_episodes)
    delete_branch(two_episodes, "what-if")
    assert not (two_episodes.root / "branches" / "what-if").exists()
    assert folders(two_episodes) == before
    with pytest.raises(InputError, match="no branch"):
        on_branch(two_episodes, "what-if")
    assert fork_branch(two_episodes, "what-if", AT).plan_path(2).is_file()


# Merging


@pytest.fixture
def longer_branch(another_way, render):
    """The rendered branch with a third episode that main lacks."""
    plan = read_plan(another_way.plan_path(2))
    scene = plan.scenes[0].model_copy(update={"id": "c1", "synopsis": "A third."})
    scene = scene.model_copy(update={"shots": tuple(shot.model_copy(update={"id": "c1.1"}) for shot in scene.shots)})
    another_way.episode_folder(3).mkdir()
    write_plan(another_way.plan_path(3), plan.model_copy(update={"scenes": (scene,)}))
    render(another_way)
    return another_way


def test_a_merge_conflict_names_both_values_and_changes_nothing(two_episodes, longer_branch):
    with pytest.raises(MergeConflict) as caught:
        merge_branch(two_episodes, "what-if")
    (conflict,) = caught.value.conflicts
    assert (conflict.entity, conflict.attribute, conflict.before, conflict.after) == (
        "mara",
        "wearing",
        "blue dress",
        "black dress",
    )
    assert conflict.before_origin is not None
    assert conflict.after_origin is not None
    assert (conflict.before_origin.branch, conflict.after_origin.branch) == ("main", "what-if")
    assert two_episodes.episodes() == [1, 2]


def test_a_merge_copies_new_episodes_and_settled_facts(two_episodes, longer_branch, render):
    before = folders(two_episodes)
    merged = merge_branch(two_episodes, "what-if", choose={"mara.wearing": "theirs"})
    assert merged.episodes == (3,)
    assert two_episodes.plan_path(3).read_bytes() == longer_branch.plan_path(3).read_bytes()
    events = render(two_episodes)
    assert [event for event in events if event.event == "stale" and event.kind == "shoot"] == []
    assert folders(two_episodes) == before
    with MemoryStore.open(two_episodes.database) as memory:
        assert memory.as_of(StoryPosition(3, 1)).characters["mara"].state["wearing"] == "black dress"
        assert memory.end() == StoryPosition(3, 1)


def test_rule_ours_keeps_the_targets_value(two_episodes, longer_branch):
    merged = merge_branch(two_episodes, "what-if", rule="ours")
    assert [difference.attribute for difference in merged.facts.settled] == ["wearing"]
    with MemoryStore.open(two_episodes.database) as memory:
        assert memory.as_of(StoryPosition(2, 3)).characters["mara"].state["wearing"] == "blue dress"


def test_a_dry_run_of_a_merge_changes_nothing(two_episodes, longer_branch):
    merged = merge_branch(two_episodes, "what-if", rule="theirs", dry_run=True)
    assert (merged.episodes, [difference.after for difference in merged.facts.settled]) == ((3,), ["black dress"])
    assert two_episodes.episodes() == [1, 2]
    with MemoryStore.open(two_episodes.database) as memory:
        assert memory.as_of(StoryPosition(2, 3)).characters["mara"].state["wearing"] == "blue dress"


@pytest.mark.parametrize("text", ["mara.wearing", "mara.wearing=mine", "wearing=ours", "=ours"])
def test_a_choice_that_names_no_side_or_no_attribute_is_refused(text):
    with pytest.raises(InputError, match=r"ENTITY\.ATTRIBUTE=ours"):
        parse_choices([text])


def test_contradicting_choices_and_unknown_rules_are_refused():
    with pytest.raises(InputError, match="ours and theirs"):
        parse_choices(["mara.wearing=ours", "mara.wearing=theirs"])
    with pytest.raises(InputError, match="ask, ours, theirs"):
        parse_rule("mine")
