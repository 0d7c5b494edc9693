"""What explains a scene changes nothing in the film: neither keys nor memory nor the report know of it."""

from episodic.production.prepare import prepare
from episodic.series.memory_access import known_memory
from episodic.studio import Studio
from planners.plan.model import Reason
from planners.plan_file.read_write import read_plan, write_plan


def explained(plan):
    """The plan with an event and a reason in every scene."""
    scenes = [
        scene.model_copy(
            update={
                "events": {f"{scene.id}e": f"{scene.synopsis}"},
                "because": (Reason(f"{plan.scenes[at - 1].id}e", "causes", f"{scene.id}e"),) if at else (),
            }
        )
        for at, scene in enumerate(plan.scenes)
    ]
    return plan.model_copy(update={"scenes": tuple(scenes)})


def test_a_plan_with_reasons_has_the_keys_of_one_without(two_episodes):
    plan = read_plan(two_episodes.plan_path(1))
    with known_memory(two_episodes) as memory:
        without, with_reasons = (prepare(two_episodes, 1, variant, memory) for variant in (plan, explained(plan)))
    assert with_reasons.graph.keys == without.graph.keys
    assert with_reasons.stale == without.stale == []


def test_reasons_added_to_a_finished_film_make_nothing_again(two_episodes, render):
    report = (two_episodes.episode_folder(1) / "report.html").read_bytes()
    write_plan(two_episodes.plan_path(1), explained(read_plan(two_episodes.plan_path(1))))
    assert all(ready.published and not ready.stale for ready in Studio(two_episodes).status())
    events = [event.event for event in render(two_episodes)]
    assert set(events) <= {"film"}
    assert (two_episodes.episode_folder(1) / "report.html").read_bytes() == report
