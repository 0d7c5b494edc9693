"""Which story positions a series has: those of the scenes in its plans."""

from __future__ import annotations

from episodic.errors import InputError
from episodic.series.series import Series
from memory.model.facts import StoryPosition

__all__ = ["check_end", "check_fork", "check_scene", "parse_position"]


def parse_position(text: str, option: str) -> StoryPosition:
    """Read `EPISODE:SCENE`, said with `option`. Raises InputError."""
    try:
        return StoryPosition.parse(text)
    except ValueError as err:
        raise InputError(f"{option}: {err}") from err


def check_scene(series: Series, at: StoryPosition, option: str) -> None:
    """Refuse a position at which no plan has a scene; the first of the episode to come is one. Raises InputError, PlanError."""
    if at != _next(series):
        _check(series, at, option, beyond=0)


def check_end(series: Series, at: StoryPosition, option: str) -> None:
    """Refuse what cannot be the end of something: beyond the scene after an episode's last one. Raises InputError, PlanError."""
    if at != _next(series):
        _check(series, at, option, beyond=1)


def check_fork(series: Series, at: StoryPosition) -> None:
    """Refuse a place where no branch can begin: neither at a scene, nor at the first of the episode to come."""
    if at != _next(series):
        _check(series, at, "--at", beyond=0)


def _next(series: Series) -> StoryPosition:
    return StoryPosition(max(series.episodes(), default=0) + 1, 1)


def _check(series: Series, at: StoryPosition, option: str, *, beyond: int) -> None:
    episodes = series.episodes()
    if not episodes:
        raise InputError(f"{series.root}: the series has no episode yet; begin it with `episodic generate`")
    if at.episode not in episodes:
        last = StoryPosition(episodes[-1], _scenes(series, episodes[-1]))
        raise InputError(
            f"{option} {at}: there is no episode {at.episode} (episodes: {', '.join(map(str, episodes))}); "
            f"the last scene of the series is {last}"
        )
    scenes = _scenes(series, at.episode)
    if not 1 <= at.scene <= scenes + beyond:
        raise InputError(
            f"{option} {at}: episode {at.episode} has {scenes} {'scene' if scenes == 1 else 'scenes'}; "
            f"the last is {at.episode}:{scenes}"
        )


def _scenes(series: Series, number: int) -> int:
    from planners.plan_file.read_write import read_plan  # reading a position does without

    return len(read_plan(series.plan_path(number), open_threads=None).scenes)
