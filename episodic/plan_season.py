"""Outline a season: plan one episode after the other, each from what the series would know by then, and keep their prompts."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from episodic.errors import InputError
from episodic.options import Options, brief_of
from episodic.production.graph.events import Event, Listener, silent
from episodic.seeds import derive_seed
from episodic.series.series import Series
from episodic.storage.files import write_atomically
from memory.model.canon import Canon, empty_canon
from planners.plan.canon_after import canon_after
from planners.plan.model import EpisodePlan
from planners.planner import Brief, Planner, PremisePlanner
from planners.planner_registry import open_planner
from planners.season_file import MOST_EPISODES, Season, outline_episode, read_season, season_text

__all__ = ["check_episodes", "outlined_prompt", "plan_season"]

_ATTEMPTS: Final = 6
"""Continuations that are tried for one that is new in the season."""


def check_episodes(number: int) -> None:
    """Raise InputError for a season of too few or too many episodes."""
    if not 2 <= number <= MOST_EPISODES:
        raise InputError(f"--episodes: expected 2 to {MOST_EPISODES}, found {number}")


def plan_season(
    series: Series,
    first: EpisodePlan,
    episodes: int,
    options: Options,
    listen: Listener = silent,
    planner: Planner | None = None,
) -> Season:
    """Outline a season whose first episode has a plan, and write it to `season.yaml`. An outline of this length is kept as it is.

    Raises InputError if there is another outline or the planner cannot go on by itself, PromptError, SeasonError.
    """
    check_episodes(episodes)
    path = series.season_path
    if path.exists():
        season = read_season(path)
        if len(season.episodes) != episodes:
            raise InputError(f"{path} outlines {len(season.episodes)} episodes; delete it to outline {episodes}, or edit it")
        listen(Event(event="note", text=f"keeping the outline in {path}"))
        return season
    planner = planner or open_planner()
    if not isinstance(planner, PremisePlanner):
        raise InputError("--episodes: this planner cannot go on with a series by itself; leave the option out")
    outlines = [outline_episode(1, first.prompt or first.title, first)]
    canon = canon_after(empty_canon(), first, 1)
    for number in range(2, episodes + 1):
        brief = _follow_up(planner, canon, series, options, number, {outline.prompt for outline in outlines})
        plan = planner.plan(brief, canon)
        outlines.append(outline_episode(number, brief.prompt, plan))
        canon = canon_after(canon, plan, number)
    season = Season(title=series.settings.title, episodes=tuple(outlines))
    write_atomically(path, season_text(season).encode("utf-8"))
    listen(Event(event="season", text=str(path), data=season.model_dump(mode="json", exclude_defaults=True)))
    return season


def _follow_up(planner: PremisePlanner, canon: Canon, series: Series, options: Options, number: int, used: set[str]) -> Brief:
    """The brief of an episode that goes on with what a canon knows, if possible with a prompt that no other episode has."""
    if not canon.characters:
        raise InputError(
            "--episodes: nobody is in the first episode who could go on in a second one. Name somebody in the prompt, or leave the "
            "option out"
        )
    settings = series.settings
    seed = derive_seed(settings.seed, "episode", str(number))
    brief = brief_of("", replace(options, seed=seed, style=settings.style), number)
    for attempt in range(_ATTEMPTS):
        prompt = planner.read(replace(brief, seed=derive_seed(seed, "follow-up", str(attempt))), canon).prompt
        if prompt not in used:
            break
    return replace(brief, prompt=prompt)


def outlined_prompt(series: Series, number: int) -> str | None:
    """The prompt that the series' outline has for an episode; None without an outline or beyond its end. Raises SeasonError."""
    return read_season(series.season_path).prompt(number) if series.season_path.exists() else None
