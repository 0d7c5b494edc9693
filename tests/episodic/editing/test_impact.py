"""Editing an early scene: later canon is recomputed, and a dry run predicts exactly what a render does."""

import pytest

from episodic.editing.impact import find_impact
from episodic.production.graph.events import Event
from episodic.series.plans import read_plans
from episodic.studio import Studio
from memory.model.facts import StoryPosition
from memory.store import MemoryStore
from planners.plan.model import CastMember
from planners.plan_file.read_write import read_plan, write_plan


def rewrite(series, number, old, new):
    path = series.plan_path(number)
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def dress_otherwise(series):
    rewrite(series, 1, "mara.wearing = yellow raincoat", "mara.wearing = red coat")


def say_nothing_of_it(series):
    rewrite(series, 1, "    facts:\n      - mara.wearing = yellow raincoat\n", "")


def cut_a_scene(series):
    plan = read_plan(series.plan_path(1))
    write_plan(series.plan_path(1), plan.model_copy(update={"scenes": plan.scenes[:1]}))


def bring_somebody_in(series):
    plan = read_plan(series.plan_path(1))
    scene = plan.scenes[1].model_copy(update={"present": ("mara", "tom", "ada")})
    shot = scene.shots[0].model_copy(update={"focus": ("mara", "tom", "ada")})
    scenes = (plan.scenes[0], scene.model_copy(update={"shots": (shot,)}))
    cast = {**plan.cast, "ada": CastMember(kind="robot")}
    write_plan(series.plan_path(1), plan.model_copy(update={"cast": cast, "scenes": scenes}))


def redraw_somebody(series):
    plan = read_plan(series.plan_path(1))
    cast = {**plan.cast, "mara": CastMember(kind="human", description="an old woman with a white beard")}
    write_plan(series.plan_path(1), plan.model_copy(update={"cast": cast}))


def lose_what_was_made(series):
    (ready, _) = Studio(series).status()
    series.artifacts.folder(ready.graph.keys["shoot:a2.1"]).joinpath("artifact.json").unlink()


EDITS = [dress_otherwise, say_nothing_of_it, cut_a_scene, bring_somebody_in, redraw_somebody, lose_what_was_made]


def stale(episodes):
    return {(ready.number, task.task.id) for ready in episodes for task in ready.stale}


@pytest.mark.parametrize("edit", EDITS)
def test_a_dry_run_predicts_exactly_what_a_render_makes(two_episodes, render, edit):
    edit(two_episodes)
    expected = stale(Studio(two_episodes).status())
    events = render(two_episodes)
    assert {(event.episode, event.task) for event in events if event.event == "stale"} == expected
    assert sorted(event.task for event in events if event.event == "done") == sorted(task for _, task in expected)
    assert stale(Studio(two_episodes).status()) == set()


def test_an_edit_reaches_the_second_episode_until_the_plan_overrides_it(two_episodes):
    dress_otherwise(two_episodes)
    shots = {name for _, name in stale(Studio(two_episodes).status()) if name.startswith("shoot:")}
    assert shots == {"shoot:a1.1", "shoot:a2.1", "shoot:b1.1"}


def test_canon_changes_are_reported_before_anything_is_made(two_episodes, render):
    dress_otherwise(two_episodes)
    events: list[Event] = []
    Studio(two_episodes, events.append).dry_run_render()
    (text,) = [event.text for event in events if event.event == "change"]
    assert text == "mara.wearing from 1:1 until 2:2: yellow raincoat -> red coat"
    kinds = [event.event for event in render(two_episodes)]
    assert kinds.index("change") < kinds.index("stale") < kinds.index("start")


def test_a_render_without_edits_reports_no_change(two_episodes, render):
    assert [event for event in render(two_episodes) if event.event in ("change", "stale", "commit")] == []


def test_a_new_episode_is_not_a_change(two_episodes):
    plan = read_plan(two_episodes.plan_path(2))
    two_episodes.episode_folder(3).mkdir()
    renamed = [scene.model_copy(update={"id": f"c{number}", "shots": ()}) for number, scene in enumerate(plan.scenes)]
    shots = [
        tuple(shot.model_copy(update={"id": f"c{number}.1"}) for shot in scene.shots) for number, scene in enumerate(plan.scenes)
    ]
    scenes = tuple(scene.model_copy(update={"shots": each}) for scene, each in zip(renamed, shots, strict=True))
    write_plan(two_episodes.plan_path(3), plan.model_copy(update={"scenes": scenes}))
    events: list[Event] = []
    (*_, third) = Studio(two_episodes, events.append).dry_run_render()
    assert third.stale
    assert [event for event in events if event.event == "change"] == []


def test_removing_a_scene_retracts_its_facts(two_episodes):
    cut_a_scene(two_episodes)
    events: list[Event] = []
    Studio(two_episodes, events.append).dry_run_render()
    texts = [event.text for event in events if event.event == "change"]
    assert "tom.wearing from 1:2: grey hat -> nothing" in texts


def test_finding_the_impact_changes_nothing_in_memory(two_episodes):
    dress_otherwise(two_episodes)
    with MemoryStore.open(two_episodes.database) as memory:
        before = memory.as_of(StoryPosition(2, 3)), memory.committed()
        impact = find_impact(two_episodes, read_plans(two_episodes), memory, changes=True)
        assert impact.changes
        assert (memory.as_of(StoryPosition(2, 3)), memory.committed()) == before


def test_scenes_before_the_first_edit_are_not_recomputed(two_episodes):
    rewrite(two_episodes, 2, "mara.wearing = blue dress", "mara.wearing = green dress")
    with MemoryStore.open(two_episodes.database) as memory:
        impact = find_impact(two_episodes, read_plans(two_episodes), memory)
    assert impact.unaffected == 2
    assert impact.changes == ()


def test_auditions_of_an_episode_serve_the_next(two_episodes):
    for file in two_episodes.root.glob("memory.db*"):
        file.unlink()
    first, second = Studio(two_episodes).status(backbone="stage")
    auditions = [{name for name in ready.graph.tasks if name.startswith(("audition:", "light:"))} for ready in (first, second)]
    assert auditions == [{"audition:mara", "audition:tom", "light:shore"}, set()]
    assert not two_episodes.database.exists()
