"""Start a series from a prompt, or resume the start that an earlier, interrupted call made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from episodic.backbones.registry import open_backbone, settled
from episodic.errors import InputError
from episodic.options import Options, brief_of, check_against_series
from episodic.plan_episode import Corrector, PlannedEpisode, plan_episode
from episodic.production.graph.events import Event, Listener, silent
from episodic.production.prepare import Prepared
from episodic.prompts import same_prompt
from episodic.series.series import Series, SeriesSettings, slug
from episodic.series.shooting_settings import Shooting
from episodic.studio import Studio, write_new_plan
from memory.model.canon import empty_canon
from planners.plan.model import EpisodePlan
from planners.plan_file.read_write import read_plan
from planners.planner import Planner

__all__ = ["dry_run_series", "start_series"]


def start_series(
    prompt: str,
    options: Options,
    root: Path | None = None,
    listen: Listener = silent,
    planner: Planner | None = None,
    correct: Corrector | None = None,
) -> Series:
    """Plan the first episode and make the series folder, or find the folder that an interrupted call for this prompt made.

    Without `root`, the folder is in the working directory and named after the title. An existing plan is not changed.
    `correct` may change what was understood of the prompt before it is planned.
    Raises InputError if the folder holds another series or `options` contradict its files, PromptError.
    """
    series, planned = _find_or_plan(prompt, options, root, _Planning(planner, listen, correct))
    if planned is None:
        listen(Event(event="note", text=f"resuming the plan in {series.plan_path(1)}", episode=1))
        return series
    if not Series.is_series(series.root):
        series = Series.create(series.root, series.settings)
    write_new_plan(series, 1, planned, listen)
    return series


def dry_run_series(
    prompt: str, options: Options, root: Path | None = None, listen: Listener = silent, planner: Planner | None = None
) -> list[Prepared]:
    """Find what `start_series` and then rendering would make. Writes nothing. Raises as `start_series`."""
    series, planned = _find_or_plan(prompt, options, root, _Planning(planner, listen))
    studio = Studio(series, listen)
    return studio.status([1]) if planned is None else studio.dry_run_plan(1, planned.plan)


@dataclass(frozen=True, slots=True)
class _Planning:
    """By whom a first episode is planned, and who hears of it."""

    planner: Planner | None
    listen: Listener
    correct: Corrector | None = None

    def first_episode(self, prompt: str, options: Options) -> PlannedEpisode:
        """Plan the first episode of a series."""
        return plan_episode(self.planner, brief_of(prompt, options), empty_canon(), self.listen, self.correct)


def _find_or_plan(prompt: str, options: Options, root: Path | None, planning: _Planning) -> tuple[Series, PlannedEpisode | None]:
    """The series for a prompt, and its first plan unless that is written already. Writes nothing."""
    if options.backbone is not None:
        open_backbone(options.backbone)  # fail before a series is made for a missing model
    if root is not None and Series.is_series(root):
        series = Series.open(root)
        first = _first_plan(series)
        if first is not None and not same_prompt(first.prompt, prompt):
            raise InputError(
                f"{series.root}: this series was started with another prompt. "
                f'For its next episode: episodic next "…" --series {series.root}; for a new series choose another folder'
            )
        check_against_series(series, options, first)
        if first is not None:
            return series, None
        # a killed run left only the settings: plan with them, as that run would have
        options = replace(options, seed=series.settings.seed, style=series.settings.style)
        return series, planning.first_episode(prompt, options)
    if root is not None:
        Series.check_free(root)
    planned = planning.first_episode(prompt, options)
    folder = root or _free_folder(planned.plan, prompt)
    if not Series.is_series(folder):
        return Series(folder, _settings(planned.plan, options)), planned
    series = Series.open(folder)
    first = _first_plan(series)
    check_against_series(series, options, first)
    return series, planned if first is None else None


def _settings(plan: EpisodePlan, options: Options) -> SeriesSettings:
    given = {
        "size": options.size,
        "fps": options.fps,
        "backbone": None if options.backbone is None else settled(options.backbone),
        "seed": options.seed,
        "shooting": None if options.takes is None else Shooting(takes=options.takes),
    }
    values = {name: value for name, value in given.items() if value is not None}
    return SeriesSettings.model_validate({"title": plan.title[:200], "style": plan.look.style, **values})


def _first_plan(series: Series) -> EpisodePlan | None:
    path = series.plan_path(1)
    return read_plan(path, open_threads=()) if path.is_file() else None


def _free_folder(plan: EpisodePlan, prompt: str) -> Path:
    """The folder named after the title, with a number if the name is taken by another series.

    The same prompt and seed find their own folder again.
    """
    for number in range(1, 1000):
        folder = Path(slug(plan.title) + (f"-{number}" if number > 1 else ""))
        if Series.is_free(folder):
            return folder
        if Series.is_series(folder) and _started_with(Series.open(folder), plan, prompt):
            return folder
    raise InputError(f"there are already 999 series called {slug(plan.title)!r} here; name a folder with --series")


def _started_with(series: Series, plan: EpisodePlan, prompt: str) -> bool:
    """Whether a series was started, or was about to be started, with this plan."""
    first, settings = _first_plan(series), series.settings
    if first is None:
        return settings.seed == plan.seed and settings.style == plan.look.style and not series.episodes()
    return same_prompt(first.prompt, prompt) and first.seed == plan.seed == settings.seed
