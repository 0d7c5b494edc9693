"""Story positions as users write them, checked against the scenes in the plans of a series."""

from __future__ import annotations

from episodic.errors import InputError
from episodic.series.series import NO_EPISODE, Series
from memory.model.facts import StoryPosition

__all__ = ["check_end", "check_fork", "check_scene", "parse_position"]


def parse_position(text: str, option: str) -> StoryPosition:
    """Parse `EPISODE:SCENE`, the value of `option`. Raises InputError."""
    try:
        return StoryPosition.parse(text)
    except ValueError as err:
        raise InputError(f"{option}: {err}") from err


def check_scene(series: Series, at: StoryPosition, option: str) -> None:
    """Check that a plan has a scene at `at`. The first scene of the next episode is valid too. Raises InputError, PlanError."""
    if at != _start_of_next_episode(series):
        _check(series, at, option, beyond=0)


def check_end(series: Series, at: StoryPosition, option: str) -> None:
    """Check an exclusive end: a scene, or the position after the last scene of an episode. Raises InputError, PlanError."""
    if at != _start_of_next_episode(series):
        _check(series, at, option, beyond=1)


def check_fork(series: Series, at: StoryPosition) -> None:
    """Check that a branch can start at `at`: at a scene, or at the first scene of the next episode. Raises InputError, PlanError."""
    check_scene(series, at, "--at")


def _start_of_next_episode(series: Series) -> StoryPosition:
    return StoryPosition(max(series.episodes(), default=0) + 1, 1)


def _check(series: Series, at: StoryPosition, option: str, *, beyond: int) -> None:
    """Check that an episode has a scene at `at`, or at most `beyond` positions after its last one."""
    episodes = series.episodes()
    if not episodes:
        raise InputError(f"{series.root}: {NO_EPISODE}")
    if at.episode not in episodes:
        last = StoryPosition(episodes[-1], _scene_count(series, episodes[-1]))
        raise InputError(
            f"{option} {at}: there is no episode {at.episode} (episodes: {', '.join(map(str, episodes))}); "
            f"the last scene of the series is {last}"
        )
    scenes = _scene_count(series, at.episode)
    if not 1 <= at.scene <= scenes + beyond:
        raise InputError(
            f"{option} {at}: episode {at.episode} has {scenes} {'scene' if scenes == 1 else 'scenes'}; "
            f"the last is {at.episode}:{scenes}"
        )


def _scene_count(series: Series, number: int) -> int:
    from planners.plan_file.read_write import read_plan  # slow to import, and parsing a position does not need it

    return len(read_plan(series.plan_path(number), open_threads=None).scenes)
