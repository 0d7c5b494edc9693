"""The plans of a series, checked against each other and against the parent branch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from episodic.errors import InputError
from episodic.series.series import MAIN, NO_EPISODE, Series
from memory.model.facts import StoryPosition
from memory.store import MemoryStore
from planners.plan.model import EXPLANATION, EpisodePlan
from planners.plan_file.read_write import read_plan

__all__ = ["check_parent_rendered", "check_shared_past", "episodes_containing", "read_episode_plan", "read_plans"]


def read_episode_plan(series: Series, number: int) -> EpisodePlan:
    """Read the plan of one episode. Raises InputError for an unknown episode, PlanError with the position of every fault."""
    path = series.plan_path(number)
    if not path.is_file():
        episodes = ", ".join(map(str, series.episodes())) or "none"
        raise InputError(f"{path}: there is no episode {number}; existing episodes: {episodes}")
    return read_plan(path, open_threads=() if number == 1 else None)


def read_plans(series: Series, numbers: Sequence[int] | None = None, only: str | None = None) -> dict[int, EpisodePlan]:
    """Read the plans of these episodes, by default of all. With `only`: of those that have a scene or shot of that name.

    Raises InputError, PlanError.
    """
    episodes = list(numbers) if numbers is not None else series.episodes()
    if not episodes:
        raise InputError(f"{series.root}: {NO_EPISODE}")
    plans = episodes_containing({number: read_episode_plan(series, number) for number in episodes}, only)
    check_shared_past(series, plans)
    return plans


def episodes_containing(plans: Mapping[int, EpisodePlan], only: str | None) -> dict[int, EpisodePlan]:
    """Select the plans that have a scene or shot named `only`; None selects all. Raises InputError if none has it."""
    names = {
        number: [name for scene in plan.scenes for name in (scene.id, *(shot.id for shot in scene.shots))]
        for number, plan in plans.items()
    }
    selected = {number: plan for number, plan in plans.items() if only is None or only in names[number]}
    if not selected:
        valid = ", ".join(dict.fromkeys(name for episode_names in names.values() for name in episode_names))
        raise InputError(f"--only: there is no scene or shot {only!r}. Valid: {valid}")
    return selected


def check_shared_past(series: Series, plans: Mapping[int, EpisodePlan]) -> None:
    """Check that scenes before the fork of a branch are the same as its parent's. Raises InputError."""
    fork = series.fork
    plan = plans.get(fork.episode)
    if plan is None or fork.scene <= 1:
        return
    parent_path, parent = series.parent.plan_path(fork.episode), series.parent.branch
    parent_plan = read_plan(parent_path, open_threads=None)
    for number in range(fork.scene - 1):
        own, shared = _scene_inputs(plan, number), _scene_inputs(parent_plan, number)
        if own != shared:
            scene = plan.scenes[number].id if number < len(plan.scenes) else parent_plan.scenes[number].id
            fields = ", ".join(sorted(name for name in own.keys() | shared.keys() if own.get(name) != shared.get(name)))
            raise InputError(
                f"{series.plan_path(fork.episode)}: scene {scene} lies before the fork of branch {series.branch} ({fork}) and "
                f"differs from {parent}'s ({fields}): edit it in {parent_path} and make both the same, or fork earlier"
            )


def _scene_inputs(plan: EpisodePlan, number: int) -> dict[str, object]:
    """A scene of a plan, and the parts of the episode that it depends on. Empty if the plan has no such scene."""
    if number >= len(plan.scenes):
        return {}
    scene = plan.scenes[number]
    cast = {name: plan.cast[name].model_dump() for name in scene.people() if name in plan.cast}
    locations = {scene.at: plan.locations[scene.at].model_dump()} if scene.at in plan.locations else {}
    episode = {"look": plan.look.model_dump(), "seed": plan.seed, "cast": cast, "locations": locations}
    return {**episode, **scene.model_dump(mode="json", exclude=EXPLANATION)}


def check_parent_rendered(series: Series, memory: MemoryStore) -> None:
    """Check that the parent of a branch has been rendered up to the fork. Raises InputError."""
    if series.branch == MAIN:
        return
    committed, fork = set(memory.committed(series.branch)), series.fork
    before_fork = [StoryPosition(fork.episode, scene) for scene in range(1, fork.scene)]
    missing = [position for position in before_fork if position not in committed]
    episodes = {position.episode for position in committed}
    missing += [StoryPosition(number, 1) for number in series.episodes() if number < fork.episode and number not in episodes]
    if missing:
        parent = series.parent.branch
        option = "" if parent == MAIN else f" --branch {parent}"
        raise InputError(
            f"branch {series.branch} continues {min(missing)} of {parent}, which has not been rendered; first: "
            f"episodic render {series.root}{option}"
        )
