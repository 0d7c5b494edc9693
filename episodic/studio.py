"""What a user can ask for: plan, generate, render, go on, look. The command line and other programs call these."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from episodic.backbones.keyframes.model import pinned_keyframes
from episodic.backbones.registry import open_backbone, pinned, same_backbone, settled
from episodic.conditioning.delivery import EpisodeDelivery
from episodic.conditioning.substitutions import drawn_otherwise
from episodic.editing.impact import Outlook, look_ahead
from episodic.errors import InputError
from episodic.production.files.names import PICTURE_FILE
from episodic.production.graph.estimate import estimate_wall_s
from episodic.production.graph.events import Event, Listener, silent
from episodic.production.graph.runner import Runner, default_workers
from episodic.production.missing_pictures import check_pictures
from episodic.production.prepare import Prepared, part_of, prepare
from episodic.production.produce import produce
from episodic.report.delivery_record import record_of
from episodic.report.publishing import publish_episode
from episodic.seeds import derive_seed
from episodic.series.branches import check_past, check_past_made
from episodic.series.memory_access import known_memory, open_memory
from episodic.series.series import Series, SeriesSettings, parse_size, slug
from episodic.series.shooting_settings import Shooting
from memory.model.canon import Canon, empty_canon
from memory.model.facts import StoryPosition
from memory.suggestions import did_you_mean
from planners.errors import PromptError
from planners.plan.durations import estimate_seconds
from planners.plan.model import EpisodePlan
from planners.plan.vocabulary import STYLES, Style
from planners.plan_file.read_write import read_plan, write_plan
from planners.planner import Brief, Planner

__all__ = [
    "Options",
    "Studio",
    "announce",
    "having",
    "open_planner",
    "rehearse_series",
    "start_series",
]

MAX_MINUTES = 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a user chooses besides the prompt. None: not said; a new series takes the default, one that is there keeps its own."""

    minutes: float = 1.0
    style: Style | None = None
    """Default: read from the prompt."""
    seed: int | None = None
    """Default: 0; for a later episode one of its own, from the series' seed and the episode's number."""
    size: str | None = None
    """Default: 1280x720."""
    fps: int | None = None
    """Default: 24."""
    backbone: str | None = None
    """Default: stage."""
    takes: int | None = None
    """Default: 1."""

    def __post_init__(self) -> None:
        from episodic.backbones.registry import check_name

        if self.size is not None:
            parse_size(self.size)
        if self.backbone is not None:
            check_name(self.backbone)
        if self.takes is not None and not 1 <= self.takes <= 64:
            raise InputError(f"--takes: expected a whole number from 1 to 64, found {self.takes}")
        if not 0.1 <= self.minutes <= MAX_MINUTES:
            raise InputError(f"--minutes: expected 0.1 to {MAX_MINUTES:g}, found {self.minutes:g}")
        if self.style is not None and self.style not in STYLES:
            hint = did_you_mean(self.style, STYLES)
            raise InputError(f"--style: there is no style {self.style!r}{hint} Valid: {', '.join(STYLES)}")
        if self.fps is not None and not 8 <= self.fps <= 60:
            raise InputError(f"--fps: expected a whole number from 8 to 60, found {self.fps}")
        if self.seed is not None and not 0 <= self.seed < 2**63:
            raise InputError(f"--seed: expected a whole number from 0 to {2**63 - 1}, found {self.seed}")


def open_planner() -> Planner:
    """The embedded planner. Loads its language tools on first use."""
    from planners.storybook import StorybookPlanner

    return StorybookPlanner()


def start_series(
    prompt: str, options: Options, root: Path | None, listen: Listener = silent, planner: Planner | None = None
) -> Series:
    """Plan a first episode and make its series folder, or find the one an earlier, interrupted call of the same prompt made.

    Without `root` the folder is named after the title, in the current folder. A plan that is there already is left as it is.
    Raises InputError where the series there is another one or `options` say otherwise than its files, PromptError.
    """
    series, plan = _find_or_plan(prompt, options, root, planner)
    if plan is None:
        listen(Event(event="note", text=f"going on with the plan in {series.plan_path(1)}", episode=1))
        return series
    if not Series.is_series(series.root):
        series = Series.create(series.root, series.settings)
    _write_plan(series, 1, plan, listen)
    return series


def rehearse_series(
    prompt: str, options: Options, root: Path | None, listen: Listener = silent, planner: Planner | None = None
) -> list[Prepared]:
    """What `start_series` and then rendering would have to make. Writes nothing. Raises as `start_series`."""
    series, plan = _find_or_plan(prompt, options, root, planner)
    studio = Studio(series, listen)
    return studio.look_through([1]) if plan is None else studio.rehearse(1, plan)


def _find_or_plan(prompt: str, options: Options, root: Path | None, planner: Planner | None) -> tuple[Series, EpisodePlan | None]:
    """The series that a prompt belongs to, and its first plan where none is written yet. Writes nothing."""
    if options.backbone is not None:
        open_backbone(options.backbone)  # a model that is not there is no reason to begin a series
    if root is not None and Series.is_series(root):
        series = Series.open(root)
        first = _first_plan(series)
        if first is not None and not _same_prompt(first.prompt, prompt):
            raise InputError(
                f"{series.root}: this series began with another prompt. "
                f'For its next episode: episodic next "…" --series {series.root}; for a new series choose another folder'
            )
        _check_options(series, options, first)
        if first is not None:
            return series, None
        # what a killed run left: its settings hold, or the plan would not be the one they were written for
        options = replace(options, seed=series.settings.seed, style=series.settings.style)
        return series, (planner or open_planner()).plan(_brief(prompt, options), empty_canon())
    if root is not None:
        Series.check_free(root)
    plan = (planner or open_planner()).plan(_brief(prompt, options), empty_canon())
    folder = root or _free_folder(plan, prompt)
    if not Series.is_series(folder):
        return Series(folder, _settings(plan, options)), plan
    series = Series.open(folder)
    first = _first_plan(series)
    _check_options(series, options, first)
    return series, plan if first is None else None


def _settings(plan: EpisodePlan, options: Options) -> SeriesSettings:
    backbone = None if options.backbone is None else settled(options.backbone)
    shooting = None if options.takes is None else Shooting(takes=options.takes)
    chosen: dict[str, Any] = {"size": options.size, "fps": options.fps, "backbone": backbone, "seed": options.seed}
    chosen["shooting"] = shooting
    said = {name: value for name, value in chosen.items() if value is not None}
    return SeriesSettings(title=plan.title[:200], style=plan.look.style, **said)


def _brief(prompt: str, options: Options, episode: int = 1) -> Brief:
    return Brief(prompt=prompt, minutes=options.minutes, style=options.style, seed=options.seed or 0, episode=episode)


def _first_plan(series: Series) -> EpisodePlan | None:
    path = series.plan_path(1)
    return read_plan(path, open_threads=()) if path.is_file() else None


def _same_prompt(one: str, other: str) -> bool:
    """Whether two prompts are the same to a planner, which tidies them before it writes them into the plan."""
    return _tidied(one) == _tidied(other)


def _tidied(prompt: str) -> str:
    from planners.storybook.language.clean_prompt import clean_prompt

    try:
        return clean_prompt(prompt)
    except PromptError:  # a plan written by hand may hold none, or anything
        return prompt.strip()


def _check_options(series: Series, options: Options, plan: EpisodePlan | None) -> None:
    """Refuse what the user said where the series, or the plan in question, says otherwise."""
    settings, file = series.settings, series.root / "series.yaml"
    pairs: list[tuple[str, object, object, Path]] = [
        ("fps", options.fps, settings.fps, file),
        ("takes", options.takes, settings.shooting.takes, file),
        ("seed", options.seed, settings.seed, file),
        ("style", options.style, settings.style, file),
    ]
    if options.size is not None and parse_size(options.size) != parse_size(settings.size):
        pairs.insert(0, ("size", options.size, settings.size, file))
    if options.backbone is not None and not same_backbone(options.backbone, settings.backbone):
        pairs.append(("backbone", options.backbone, settings.backbone, file))
    if plan is not None:
        pairs += _plan_pairs(series.plan_path(1), options, plan)
    _refuse_other(pairs, "for another series choose another folder with --series")


def _plan_pairs(path: Path, options: Options, plan: EpisodePlan) -> list[tuple[str, object, object, Path]]:
    return [("seed", options.seed, plan.seed, path), ("style", options.style, plan.look.style, path)]


def _refuse_other(pairs: Sequence[tuple[str, object, object, Path]], *remedies: str) -> None:
    """Each of `pairs`: an option, what the user said (None: nothing), what is written, and where."""
    faults = [
        f"--{name} {said}: {file} says {written}; edit it there, or leave the option out"
        for name, said, written, file in pairs
        if said is not None and said != written
    ]
    if faults:
        raise InputError("\n".join([*faults, *remedies]))


def _free_folder(plan: EpisodePlan, prompt: str) -> Path:
    """The folder named after the title; the same prompt and seed find their own again, others take the next free name."""
    for number in range(1, 1000):
        folder = Path(slug(plan.title) + (f"-{number}" if number > 1 else ""))
        if Series.is_free(folder):
            return folder
        if Series.is_series(folder) and _is_of(Series.open(folder), plan, prompt):
            return folder
    raise InputError(f"there are already 999 series called {slug(plan.title)!r} here; name a folder with --series")


def _is_of(series: Series, plan: EpisodePlan, prompt: str) -> bool:
    """Whether a series began, or was about to begin, with this plan."""
    first, settings = _first_plan(series), series.settings
    if first is None:
        return settings.seed == plan.seed and settings.style == plan.look.style and not series.episodes()
    return _same_prompt(first.prompt, prompt) and first.seed == plan.seed == settings.seed


def _write_plan(series: Series, number: int, plan: EpisodePlan, listen: Listener) -> None:
    path = series.plan_path(number)
    write_plan(path, plan)
    listen(Event(event="plan", text=str(path), episode=number, seconds=round(estimate_seconds(plan), 1)))


class Studio:
    """Works on one series. Every method that writes holds the series' lock while it does."""

    def __init__(self, series: Series, listen: Listener = silent, runner: Callable[[], Runner] = Runner) -> None:
        """`runner`: makes what runs the tasks of one `render`."""
        self.series = series
        self._listen = listen
        self._runner = runner

    def plan_of(self, number: int) -> EpisodePlan:
        """Read one episode's plan. Raises PlanError with the place of every fault."""
        path = self.series.plan_path(number)
        if not path.is_file():
            found = ", ".join(map(str, self.series.episodes())) or "none"
            raise InputError(f"{path}: there is no episode {number}; episodes found: {found}")
        return read_plan(path, open_threads=() if number == 1 else None)

    def canon(self, at: StoryPosition | None = None) -> Canon:
        """The canon at a story position; by default after everything that has been made."""
        with known_memory(self.series) as memory:
            return memory.as_of(at or memory.end(self.series.branch) or StoryPosition(1, 0), self.series.branch)

    def plan_next(self, prompt: str, options: Options, planner: Planner | None = None) -> int:
        """Plan the next episode from what memory holds; its number. A plan whose film is not made yet is gone on with.

        Raises InputError where the episode before has to be rendered first or `options` say otherwise than the series.
        """
        with self.series.locked():
            number, plan = self._next(prompt, options, planner)
            if plan is not None:
                _write_plan(self.series, number, plan, self._listen)
                return number
        path = self.series.plan_path(number)
        self._listen(Event(event="note", text=f"going on with the plan in {path}", episode=number))
        return number

    def rehearse_next(self, prompt: str, options: Options, planner: Planner | None = None) -> list[Prepared]:
        """What `plan_next` and then rendering would have to make. Writes nothing. Raises as `plan_next`."""
        number, plan = self._next(prompt, options, planner)
        return self.look_through([number]) if plan is None else self.rehearse(number, plan)

    def _next(self, prompt: str, options: Options, planner: Planner | None) -> tuple[int, EpisodePlan | None]:
        """The number of the next episode, and its plan where none is written yet. Writes nothing."""
        _check_options(self.series, replace(options, seed=None, style=None), None)
        episodes = self.series.episodes()
        if not episodes:
            raise InputError(f"{self.series.root}: the series has no episode yet; begin it with `episodic generate`")
        unfinished = self._unfinished(episodes)
        if unfinished is not None:
            number, why = unfinished
            plan, no_film = self.plan_of(number), not self.series.film_path(number).exists()
            if (not prompt.strip() and no_film) or (prompt.strip() and _same_prompt(plan.prompt, prompt)):
                _refuse_other(_plan_pairs(self.series.plan_path(number), options, plan))
                return number, None
            raise InputError(f"episode {number} {why}; first: episodic render {self.series.root}")
        number, settings = episodes[-1] + 1, self.series.settings
        seed = derive_seed(settings.seed, "episode", str(number)) if options.seed is None else options.seed
        brief = _brief(prompt, replace(options, seed=seed, style=options.style or settings.style), number)
        with known_memory(self.series) as memory:
            return number, (planner or open_planner()).plan(brief, memory.as_of(StoryPosition(number, 0), self.series.branch))

    def _unfinished(self, episodes: Sequence[int]) -> tuple[int, str] | None:
        """The first episode without a film, or the last one where its film is not what its plan says; and why."""
        for number in episodes:
            if not self.series.film_path(number).exists():
                return number, "has a plan but no film yet"
        (last,) = self.look_through(episodes[-1:])
        if last.stale or not last.published:
            return last.number, f"was changed since its film was made ({last.stale[0].reason if last.stale else 'not published'})"
        with known_memory(self.series) as memory:
            end = memory.end(self.series.branch)
        if end is None or end.episode < last.number:
            return last.number, "is not in the series' memory"
        return None

    def rehearse(self, number: int, plan: EpisodePlan, *, backbone: str | None = None) -> list[Prepared]:
        """What would be stale if `plan` were the plan of episode `number`. Writes nothing."""
        where = self.series.plan_path(number)
        text = f"a dry run keeps nothing; without --dry-run the plan goes to {where}"
        self._listen(Event(event="note", text=text, episode=number))
        with known_memory(self.series) as memory:
            return [prepare(self.series, number, plan, memory, backbone=backbone)]

    def look_through(
        self, numbers: Sequence[int] | None = None, *, only: str | None = None, backbone: str | None = None
    ) -> list[Prepared]:
        """What is stale in these episodes (by default all; with `only`, those that have that scene or shot), and why.

        Each is looked at as if those before it had been made. Makes nothing. Raises InputError, PlanError.
        """
        with known_memory(self.series) as memory:
            return look_ahead(self.series, self.plans(numbers, only), memory, only=only, backbone=backbone).episodes

    def rehearse_render(self, numbers: Sequence[int] | None = None, *, only: str | None = None) -> list[Prepared]:
        """What `render` would find stale, and, to the listener, what it would change in memory. Makes nothing."""
        with known_memory(self.series) as memory:
            plans = self.plans(self._own(numbers), only)
            outlook = look_ahead(self.series, plans, memory, only=only, changes=True)
        self._tell(outlook)
        return outlook.episodes

    def _own(self, numbers: Sequence[int] | None) -> Sequence[int] | None:
        """What to render where nothing is said: all; on a branch only what is not its parent's."""
        own = [one for one in self.series.episodes() if one >= self.series.fork.episode]
        if numbers is None and self.series.episodes() and not own:
            raise InputError(f"branch {self.series.branch} has no episode of its own yet; plan one: {self._next_command()}")
        return own if numbers is None else numbers

    def _next_command(self) -> str:
        return f"episodic next --series {self.series.root} --branch {self.series.branch}"

    def _tell(self, outlook: Outlook) -> None:
        for one in outlook.changes:
            self._listen(Event(event="change", text=str(one), episode=one.since.episode, data=one.to_json()))

    def deliveries(self, numbers: Sequence[int] | None = None) -> list[EpisodeDelivery]:
        """What every shot of these episodes (by default all) asked memory for, and what its take received. Makes nothing."""
        looked = self.look_through(numbers)
        with known_memory(self.series) as memory:
            return [record_of(self.series, ready, memory) for ready in looked]

    def render(self, numbers: Sequence[int] | None = None, *, only: str | None = None, backbone: str | None = None) -> list[Path]:
        """Make whatever is missing or stale; the films' paths. Raises SeriesBusy, TaskFailed, InputError, PlanError.

        `only`: just this scene or shot, in every one of the episodes that has it, and no film.
        """
        films, told = [], frozenset[str]()
        plans = self.plans(self._own(numbers), only)
        with self.series.locked(), open_memory(self.series) as memory, self._runner() as runner:
            self._pin()
            self.series.artifacts.sweep()
            memory.name_series(self.series.settings.title)
            check_past_made(self.series, memory)
            outlook = look_ahead(self.series, plans, memory, only=only, backbone=backbone, changes=True)
            self._tell(outlook)
            for place, (number, plan) in enumerate(plans.items()):
                steady = place < outlook.steady
                ready = outlook.episodes[place] if steady else prepare(self.series, number, plan, memory, backbone=backbone)
                announce(ready, self._listen, only)
                told = self._tell_drawn(ready, told)
                film = produce(self.series, ready, memory, runner, self._listen, only=only)
                publish_episode(self.series, ready, memory, finished=film is not None)
                if film is not None:
                    films.append(film)
                    took = ready.ledger.wall_s if ready.stale else None
                    self._listen(Event(event="film", text=str(film), episode=number, seconds=took))
                else:
                    self._tell_pictures(ready, only)
        return films

    def _tell_pictures(self, ready: Prepared, only: str | None) -> None:
        """Tell where the pictures of a part lie, of which no film is cut."""
        for task_id, task in part_of(ready, only).tasks.items():
            if task.kind == "picture":
                file = self.series.artifacts.file(ready.graph.keys[task_id], PICTURE_FILE)
                text = f"episode {ready.number}: {task.shot}, without sound: {file.resolve()}"
                self._listen(Event(event="note", text=text, episode=ready.number))

    def _tell_drawn(self, ready: Prepared, told: frozenset[str]) -> frozenset[str]:
        """Tell what an episode that is about to be made draws as something else, each once; what has been told by then."""
        new = (
            []
            if not ready.stale
            else [one for one in drawn_otherwise(ready.cast, ready.conditioned.deliveries).values() if one not in told]
        )
        for text in new:
            self._listen(Event(event="note", text=text, episode=ready.number))
        return told | set(new)

    def _pin(self) -> None:
        """Write the revision of a model of the hub into `series.yaml` once it is used, so that the series keeps its weights."""
        settings = self.series.settings
        keyframes = settings.keyframes
        found = {"backbone": pinned(settings.backbone), "keyframes": keyframes and pinned_keyframes(keyframes)}
        changed = {name: one for name, one in found.items() if one is not None and one != getattr(settings, name)}
        if changed:
            self.series = self.series.changed(changed)
            said = ", ".join(f"{name} {one}" for name, one in changed.items())
            self._listen(Event(event="note", text=f"series.yaml now names the model's revision: {said}"))

    def plans(self, numbers: Sequence[int] | None = None, only: str | None = None) -> dict[int, EpisodePlan]:
        """The plans of these episodes, by default of all; with `only`, of those that have a scene or shot of that name."""
        found = list(numbers) if numbers is not None else self.series.episodes()
        if not found:
            raise InputError(f"{self.series.root}: the series has no episode yet; begin it with `episodic generate`")
        plans = having({number: self.plan_of(number) for number in found}, only)
        check_past(self.series, plans)
        return plans


def having(plans: Mapping[int, EpisodePlan], only: str | None) -> dict[int, EpisodePlan]:
    """Those of `plans` that have a scene or shot of the name `only`; None: all. Raises InputError where none has."""
    names = {
        number: [name for scene in plan.scenes for name in (scene.id, *(shot.id for shot in scene.shots))]
        for number, plan in plans.items()
    }
    having = {number: plan for number, plan in plans.items() if only is None or only in names[number]}
    if not having:
        valid = ", ".join(dict.fromkeys(name for one in names.values() for name in one))
        raise InputError(f"--only: there is no scene or shot {only!r}. Valid: {valid}")
    return having


def announce(ready: Prepared, listen: Listener, only: str | None = None) -> float:
    """Tell a listener every stale task (with `only`, of that scene or shot) and why; the estimated wall seconds.

    Raises InputError where the episode has no such scene or shot, or where pictures of earlier episodes have to be made first.
    """
    having({ready.number: ready.plan}, only)
    wanted = ready.graph.tasks if only is None else ready.graph.only(only).tasks
    check_pictures(ready.missing, wanted, ready.number)
    stale = [one for one in ready.stale if one.task.id in wanted]
    for one in stale:
        listen(Event(event="stale", task=one.task.id, kind=one.task.kind, text=one.reason, episode=ready.number))
    return estimate_wall_s(stale, ready.ledger, default_workers())
