"""What a user can ask for: plan, generate, render, go on, look. The command line and other programs call these."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from episodic.errors import InputError
from episodic.production.artifacts import write_atomically
from episodic.production.estimate import estimate_wall_s
from episodic.production.events import Event, Listener, silent
from episodic.production.produce import Prepared, prepare, produce
from episodic.production.runner import Runner, default_workers
from episodic.series import Series, SeriesSettings, slug
from memory.canon import Canon, empty_canon
from memory.facts import StoryPosition
from memory.store import MemoryStore
from planners.estimate import estimate_seconds
from planners.plan import EpisodePlan
from planners.plan_file import read_plan, write_plan
from planners.planner import Brief, Planner
from planners.vocabulary import STYLES, Style

__all__ = ["Options", "Studio", "announce", "find_target", "open_planner", "start_series"]

MAX_MINUTES = 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a user chooses besides the prompt."""

    minutes: float = 1.0
    style: Style | None = None
    seed: int = 0
    size: str = "1280x720"
    fps: int = 24
    backbone: str = "stage"

    def __post_init__(self) -> None:
        from episodic.backbones import check_name
        from episodic.series import parse_size

        parse_size(self.size)
        check_name(self.backbone)
        if not 0.1 <= self.minutes <= MAX_MINUTES:
            raise InputError(f"--minutes: expected 0.1 to {MAX_MINUTES:g}, found {self.minutes:g}")
        if self.style is not None and self.style not in STYLES:
            near = difflib.get_close_matches(self.style, STYLES, 1)
            hint = f"; did you mean {near[0]}?" if near else "."
            raise InputError(f"--style: there is no style {self.style!r}{hint} Valid: {', '.join(STYLES)}")
        if not 8 <= self.fps <= 60:
            raise InputError(f"--fps: expected a whole number from 8 to 60, found {self.fps}")
        if not 0 <= self.seed < 2**63:
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
    Raises InputError, PromptError.
    """
    if root is not None and Series.is_series(root):
        return _resume(Series.open(root), prompt)
    plan = (planner or open_planner()).plan(_brief(prompt, options), empty_canon())
    folder = root or _free_folder(plan, prompt)
    if Series.is_series(folder):
        series = Series.open(folder)
    else:
        settings = SeriesSettings(
            title=plan.title,
            style=plan.look.style,
            seed=options.seed,
            backbone=options.backbone,
            size=options.size,
            fps=options.fps,
        )
        series = Series.create(folder, settings)
    _write_first_plan(series, 1, plan, listen)
    return series


def _brief(prompt: str, options: Options, episode: int = 1) -> Brief:
    return Brief(prompt=prompt, minutes=options.minutes, style=options.style, seed=options.seed, episode=episode)


def _resume(series: Series, prompt: str) -> Series:
    episodes = series.episodes()
    if not episodes or read_plan(series.plan_path(1)).prompt.strip() == prompt.strip():
        return series
    raise InputError(
        f"{series.root}: this series began with another prompt. "
        f'For its next episode: episodic next "…" --series {series.root}; for a new series choose another folder'
    )


def _free_folder(plan: EpisodePlan, prompt: str) -> Path:
    """The folder named after the title; the same prompt and seed find their own again, others take the next free name."""
    for number in range(1, 1000):
        folder = Path(slug(plan.title) + (f"-{number}" if number > 1 else ""))
        if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
            return folder
        if Series.is_series(folder):
            series = Series.open(folder)
            if not series.episodes():
                return folder
            first = read_plan(series.plan_path(1))
            if first.prompt.strip() == prompt.strip() and first.seed == plan.seed and series.settings.seed == plan.seed:
                return folder
    raise InputError(f"there are already 999 series called {slug(plan.title)!r} here; name a folder with --series")


def _write_first_plan(series: Series, number: int, plan: EpisodePlan, listen: Listener) -> None:
    path = series.plan_path(number)
    if path.exists():
        listen(Event(event="note", text=f"going on with the plan in {path}", episode=number))
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    write_plan(path, plan)
    listen(Event(event="plan", text=str(path), episode=number, seconds=round(estimate_seconds(plan), 1)))


class Studio:
    """Works on one series. Every method that writes holds the series' lock while it does."""

    def __init__(self, series: Series, listen: Listener = silent) -> None:
        self.series = series
        self._listen = listen

    @contextmanager
    def _memory(self) -> Iterator[MemoryStore]:
        with MemoryStore.open(self.series.database, create=True) as store:
            yield store

    def plan_of(self, number: int) -> EpisodePlan:
        """Read one episode's plan. Raises PlanError with the place of every fault."""
        path = self.series.plan_path(number)
        if not path.is_file():
            found = ", ".join(map(str, self.series.episodes())) or "none"
            raise InputError(f"{path}: there is no episode {number}; episodes found: {found}")
        return read_plan(path, open_threads=() if number == 1 else None)

    def canon(self, at: StoryPosition | None = None) -> Canon:
        """The canon at a story position; by default after everything that has been made."""
        with self._memory() as memory:
            return memory.as_of(at or memory.end() or StoryPosition(1, 0))

    def plan_next(self, prompt: str, options: Options, planner: Planner | None = None) -> int:
        """Plan the next episode from what memory holds; its number."""
        episodes = self.series.episodes()
        unfinished = [number for number in episodes if not self.series.film_path(number).exists()]
        if unfinished:
            path = self.series.plan_path(unfinished[0])
            if not prompt or read_plan(path).prompt.strip() == prompt.strip():
                self._listen(Event(event="note", text=f"going on with the plan in {path}", episode=unfinished[0]))
                return unfinished[0]
            raise InputError(f"episode {unfinished[0]} has a plan but no film yet; first: episodic render {self.series.root}")
        if not episodes:
            raise InputError(f"{self.series.root}: the series has no episode yet; begin it with `episodic generate`")
        number = episodes[-1] + 1
        with self.series.locked(), self._memory() as memory:
            canon = memory.as_of(StoryPosition(number, 0))
            plan = (planner or open_planner()).plan(_brief(prompt, options, number), canon)
            _write_first_plan(self.series, number, plan, self._listen)
        return number

    def look_through(self, numbers: Sequence[int] | None = None, *, backbone: str | None = None) -> list[Prepared]:
        """What is stale in these episodes (by default all), and why. Makes nothing."""
        with self._memory() as memory:
            return [prepare(self.series, one, self.plan_of(one), memory, backbone=backbone) for one in self._numbers(numbers)]

    def render(self, numbers: Sequence[int] | None = None, *, only: str | None = None, backbone: str | None = None) -> list[Path]:
        """Make whatever is missing or stale; the films' paths. Raises SeriesBusy, TaskFailed, InputError."""
        films = []
        with self.series.locked(), self._memory() as memory, Runner() as runner:
            self.series.artifacts.sweep()
            memory.name_series(self.series.settings.title)
            for number in self._numbers(numbers):
                ready = prepare(self.series, number, self.plan_of(number), memory, backbone=backbone)
                announce(ready, self._listen, only)
                film = produce(self.series, ready, memory, runner, self._listen, only=only)
                if film is not None:
                    films.append(film)
                    took = ready.ledger.wall_s if ready.stale else None
                    self._listen(Event(event="film", text=str(film), episode=number, seconds=took))
        return films

    def _numbers(self, numbers: Sequence[int] | None) -> list[int]:
        found = list(numbers) if numbers is not None else self.series.episodes()
        if not found:
            raise InputError(f"{self.series.root}: the series has no episode yet; begin it with `episodic generate`")
        return found


def announce(ready: Prepared, listen: Listener, only: str | None = None) -> float:
    """Tell a listener every stale task and why; the estimated wall seconds."""
    wanted = ready.graph.only(only).tasks if only and _has(ready, only) else ready.graph.tasks
    stale = [one for one in ready.stale if one.task.id in wanted]
    for one in stale:
        listen(Event(event="stale", task=one.task.id, kind=one.task.kind, text=one.reason, episode=ready.number))
    return estimate_wall_s(stale, ready.ledger, default_workers())


def _has(ready: Prepared, name: str) -> bool:
    return any(name in (task.scene, task.shot) for task in ready.graph.tasks.values())


def find_target(target: Path, listen: Listener = silent) -> tuple[Series, list[int] | None]:
    """What `render` was pointed at: a series (all its episodes), one of its plans, or a plan from elsewhere.

    For a plan from elsewhere the series folder is made in the current folder, named after the title; the plan is copied into
    it, again whenever the original has changed. Raises InputError, PlanError.
    """
    if target.is_dir() or not target.exists():
        return Series.open(target), None
    folder = target.resolve().parent
    if folder.parent.name == "episodes" and Series.is_series(folder.parent.parent) and folder.name.isdigit():
        return Series.open(folder.parent.parent), [int(folder.name)]
    plan = read_plan(target)
    root = Path(slug(plan.title))
    if Series.is_series(root):
        series = Series.open(root)
    else:
        series = Series.create(root, SeriesSettings(title=plan.title, style=plan.look.style, seed=plan.seed))
    _copy_plan(target, series, listen)
    return series, [1]


def _copy_plan(source: Path, series: Series, listen: Listener) -> None:
    """Bring the series' first plan up to its original; a copy that was edited by hand is never overwritten."""
    text, copy, mark = source.read_bytes(), series.plan_path(1), series.episode_folder(1) / "plan.source"
    if copy.exists() and copy.read_bytes() == text:
        return
    if copy.exists() and (not mark.exists() or mark.read_text("utf-8") != hashlib.sha256(copy.read_bytes()).hexdigest()):
        raise InputError(
            f"{copy} was edited since it was copied from {source}; render the series itself: episodic render {series.root}"
        )
    copy.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(mark, hashlib.sha256(text).hexdigest().encode())
    write_atomically(copy, text)
    listen(Event(event="note", text=f"plan copied to {copy}", episode=1))
