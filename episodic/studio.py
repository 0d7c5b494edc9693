"""The front door of the library: `Studio` plans, renders, edits and inspects one series."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from episodic.backbones.keyframes.model import pinned_keyframes
from episodic.backbones.registry import pinned
from episodic.conditioning.delivery import EpisodeDelivery
from episodic.conditioning.substitutions import drawn_otherwise
from episodic.editing.branch_edits import MergedBranch, delete_branch, fork_branch, merge_branch
from episodic.editing.impact import Impact, find_impact
from episodic.editing.memory_search import search_memory
from episodic.editing.rollback import Rollback, roll_back
from episodic.editing.set_fact import Edit, clear_fact, set_fact
from episodic.editing.show_canon import KnownCanon, read_canon, read_history
from episodic.errors import InputError
from episodic.options import Options, brief_of, check_against_plan, check_against_series
from episodic.plan_episode import PlannedEpisode, plan_episode
from episodic.plan_season import outlined_prompt, plan_season
from episodic.production.files.names import PICTURE_FILE
from episodic.production.graph.estimate import estimate_wall_s
from episodic.production.graph.events import Event, Listener, silent
from episodic.production.graph.runner import Runner, default_workers
from episodic.production.missing_pictures import check_pictures
from episodic.production.prepare import Prepared, part_of, prepare
from episodic.production.produce import produce
from episodic.prompts import same_prompt
from episodic.report.delivery_record import record_of
from episodic.report.publication import publish_episode
from episodic.seeds import derive_seed
from episodic.series.branches import list_branches, open_series
from episodic.series.memory_access import known_memory, open_memory
from episodic.series.plans import check_parent_rendered, episodes_containing, read_episode_plan, read_plans
from episodic.series.series import MAIN, NO_EPISODE, Series
from memory.changes.merge import Rule, Side
from memory.model.canon import Canon
from memory.model.facts import Fact, StoryPosition
from memory.model.records import BranchSummary, Conflict
from memory.queries.text_search import SearchResults
from planners.plan.durations import estimate_seconds
from planners.plan.model import EpisodePlan
from planners.plan_file.read_write import write_plan
from planners.planner import Planner
from planners.season_file import Season

__all__ = ["Studio", "announce", "write_new_plan"]


class Studio:
    """Work on one series, seen from one of its branches. Methods that write lock the series."""

    def __init__(self, series: Series, listen: Listener = silent, runner: Callable[[], Runner] = Runner) -> None:
        """`runner` makes the runner of one `render`."""
        self.series = series
        self._listen = listen
        self._runner = runner

    @classmethod
    def open(cls, root: Path, branch: str = MAIN, listen: Listener = silent) -> Studio:
        """Open the series in the folder `root`. Raises InputError, MemoryFault."""
        return cls(open_series(root, branch), listen)

    # Plan and render

    def plan_of(self, number: int) -> EpisodePlan:
        """Read one episode's plan. Raises InputError, PlanError with the position of every fault."""
        return read_episode_plan(self.series, number)

    def plan_next(self, prompt: str, options: Options, planner: Planner | None = None) -> int:
        """Plan the next episode from memory, and return its number. Resumes an existing plan whose film has not been rendered.

        Raises InputError if the previous episode must be rendered first or `options` contradict the series.
        """
        with self.series.locked():
            number, planned = self._next_plan(prompt, options, planner)
            if planned is not None:
                write_new_plan(self.series, number, planned, self._listen)
                return number
        self._note(f"resuming the plan in {self.series.plan_path(number)}", number)
        return number

    def plan_season(self, episodes: int, options: Options, planner: Planner | None = None) -> Season:
        """Outline a season from the plan of its first episode, in `season.yaml`. An existing outline is kept.

        Raises InputError, PlanError, PromptError, SeasonError.
        """
        with self.series.locked():
            return plan_season(self.series, self.plan_of(1), episodes, options, self._listen, planner)

    def render(self, numbers: Sequence[int] | None = None, *, only: str | None = None, backbone: str | None = None) -> list[Path]:
        """Make whatever is missing or stale, and return the paths of the films.

        `only` makes just this scene or shot, in every episode that has it, and no film.
        Raises SeriesBusy, TaskFailed, InputError, PlanError.
        """
        films, reported = [], frozenset[str]()
        plans = read_plans(self.series, self._rendered_episodes(numbers), only)
        with self.series.locked(), open_memory(self.series) as memory, self._runner() as runner:
            self._pin_models()
            self.series.artifacts.sweep()
            memory.name_series(self.series.settings.title)
            check_parent_rendered(self.series, memory)
            impact = find_impact(self.series, plans, memory, only=only, backbone=backbone, changes=True)
            self._report_changes(impact)
            for index, (number, plan) in enumerate(plans.items()):
                if index < impact.unaffected:
                    ready = impact.episodes[index]
                else:
                    ready = prepare(self.series, number, plan, memory, backbone=backbone)
                announce(ready, self._listen, only)
                reported = self._report_substitutions(ready, reported)
                film = produce(self.series, ready, memory, runner, self._listen, only=only)
                publish_episode(self.series, ready, memory, finished=film is not None)
                if film is not None:
                    films.append(film)
                    wall_s = ready.ledger.wall_s if ready.stale else None
                    self._listen(Event(event="film", text=str(film), episode=number, seconds=wall_s))
                else:
                    self._report_pictures(ready, only)
        return films

    # Inspect

    def status(
        self, numbers: Sequence[int] | None = None, *, only: str | None = None, backbone: str | None = None
    ) -> list[Prepared]:
        """Find what is stale in these episodes (by default all), and why. Makes nothing. Raises InputError, PlanError.

        Each episode is prepared as if those before it had been made. `only`: just the episodes that have this scene or shot.
        """
        with known_memory(self.series) as memory:
            plans = read_plans(self.series, numbers, only)
            return find_impact(self.series, plans, memory, only=only, backbone=backbone).episodes

    def impact(self, numbers: Sequence[int] | None = None, *, only: str | None = None) -> Impact:
        """Find what `render` would make, and what it would change in the canon. Makes nothing. Raises InputError, PlanError."""
        with known_memory(self.series) as memory:
            plans = read_plans(self.series, self._rendered_episodes(numbers), only)
            return find_impact(self.series, plans, memory, only=only, changes=True)

    def deliveries(self, numbers: Sequence[int] | None = None) -> list[EpisodeDelivery]:
        """List what every shot of these episodes (by default all) requested from memory, and what its take received."""
        episodes = self.status(numbers)
        with known_memory(self.series) as memory:
            return [record_of(self.series, ready, memory) for ready in episodes]

    def canon(self, at: StoryPosition | None = None) -> Canon:
        """Read the canon at a story position, by default at the end of what has been rendered."""
        return self.show_canon(at).canon

    def show_canon(self, at: StoryPosition | None = None) -> KnownCanon:
        """Read the canon at a story position with the evidence of every fact and all conflicts."""
        return read_canon(self.series, at)

    def history(self, entity: str) -> tuple[tuple[Fact, ...], tuple[Conflict, ...]]:
        """Read every fact that ever held of `entity`, and its conflicts. Raises InputError."""
        return read_history(self.series, entity)

    def search(
        self, text: str, *, kinds: Sequence[str] = (), entity: str | None = None, limit: int = 10, by_words: bool = False
    ) -> SearchResults:
        """Search memory for `text` by meaning and words, best match first. Raises InputError."""
        return search_memory(self.series, text, kinds=kinds, entity=entity, limit=limit, by_words=by_words)

    # Edit

    def set_fact(self, fact: Fact, note: str = "", *, dry_run: bool = False) -> Edit:
        """Set a fact by hand, and find the tasks that become stale. Raises InputError, MemoryFault, PlanError, SeriesBusy."""
        return set_fact(self.series, fact, note, dry_run=dry_run)

    def clear_fact(self, what: str, *, dry_run: bool = False) -> Edit:
        """Remove everything that was set by hand for `ENTITY.ATTRIBUTE`. Raises as `set_fact`."""
        return clear_fact(self.series, what, dry_run=dry_run)

    def roll_back(self, to: StoryPosition, agree: Callable[[Rollback], bool] = lambda _: True) -> Rollback:
        """Undo everything in memory after `to`, if `agree` returns True. Raises InputError, MemoryFault, SeriesBusy."""
        return roll_back(self.series, to, agree)

    # Branches

    def branches(self) -> tuple[BranchSummary, ...]:
        """List the branches of the series."""
        return list_branches(self.series)

    def fork_branch(self, name: str, at: StoryPosition) -> Studio:
        """Start a branch of this branch at `at`, and return its studio. Raises InputError, MemoryFault, SeriesBusy."""
        branch = fork_branch(self.series, name, at, self.series.branch)
        return Studio(branch, self._listen, self._runner)

    def merge_branch(
        self, source: str, *, rule: Rule = "ask", choose: Mapping[str, Side] | None = None, dry_run: bool = False
    ) -> MergedBranch:
        """Merge branch `source` into this one. Raises MergeConflict, InputError, MemoryFault, SeriesBusy."""
        return merge_branch(self.series, source, self.series.branch, rule=rule, choose=choose, dry_run=dry_run)

    def delete_branch(self, name: str) -> None:
        """Delete a branch with its plans and films. Artifacts stay. Raises MemoryFault, SeriesBusy."""
        delete_branch(self.series, name)

    # Dry runs

    def dry_run_plan(self, number: int, plan: EpisodePlan, *, backbone: str | None = None) -> list[Prepared]:
        """Find what would be stale if `plan` were the plan of episode `number`. Writes nothing."""
        path = self.series.plan_path(number)
        self._note(f"dry run: nothing is written; without --dry-run the plan goes to {path}", number)
        with known_memory(self.series) as memory:
            return [prepare(self.series, number, plan, memory, backbone=backbone)]

    def dry_run_next(self, prompt: str, options: Options, planner: Planner | None = None) -> list[Prepared]:
        """Find what `plan_next` and then rendering would make. Writes nothing. Raises as `plan_next`."""
        number, planned = self._next_plan(prompt, options, planner)
        return self.status([number]) if planned is None else self.dry_run_plan(number, planned.plan)

    def dry_run_render(self, numbers: Sequence[int] | None = None, *, only: str | None = None) -> list[Prepared]:
        """Find what `render` would make, and report changes of the canon to the listener. Makes nothing."""
        impact = self.impact(numbers, only=only)
        self._report_changes(impact)
        return impact.episodes

    def _next_plan(self, prompt: str, options: Options, planner: Planner | None) -> tuple[int, PlannedEpisode | None]:
        """The number of the next episode, and its plan unless that is written already. Writes nothing."""
        check_against_series(self.series, replace(options, seed=None, style=None))
        episodes = self.series.episodes()
        if not episodes:
            raise InputError(f"{self.series.root}: {NO_EPISODE}")
        unfinished = self._unfinished_episode(episodes)
        if unfinished is not None:
            number, reason = unfinished
            plan, no_film = self.plan_of(number), not self.series.film_path(number).exists()
            if (not prompt.strip() and no_film) or (prompt.strip() and same_prompt(plan.prompt, prompt)):
                check_against_plan(self.series.plan_path(number), options, plan)
                return number, None
            raise InputError(f"episode {number} {reason}; first: episodic render {self.series.root}")
        number, settings = episodes[-1] + 1, self.series.settings
        if not prompt.strip() and (outlined := outlined_prompt(self.series, number)) is not None:
            self._note(f"episode {number} as outlined in {self.series.season_path}: {outlined}", number)
            prompt = outlined
        seed = derive_seed(settings.seed, "episode", str(number)) if options.seed is None else options.seed
        brief = brief_of(prompt, replace(options, seed=seed, style=options.style or settings.style), number)
        with known_memory(self.series) as memory:
            canon = memory.as_of(StoryPosition(number, 0), self.series.branch)
        return number, plan_episode(planner, brief, canon, self._listen)

    def _unfinished_episode(self, episodes: Sequence[int]) -> tuple[int, str] | None:
        """The first episode without a film, or the last one if its film is out of date; and the reason."""
        for number in episodes:
            if not self.series.film_path(number).exists():
                return number, "has a plan but no film yet"
        (last,) = self.status(episodes[-1:])
        if last.stale or not last.published:
            reason = last.stale[0].reason if last.stale else "not published"
            return last.number, f"was changed since its film was made ({reason})"
        with known_memory(self.series) as memory:
            end = memory.end(self.series.branch)
        if end is None or end.episode < last.number:
            return last.number, "is not in the series' memory"
        return None

    def _rendered_episodes(self, numbers: Sequence[int] | None) -> Sequence[int] | None:
        """The episodes to render if the user names none: all, or on a branch those that are not the parent's."""
        own = [number for number in self.series.episodes() if number >= self.series.fork.episode]
        if numbers is None and self.series.episodes() and not own:
            command = f"episodic next --series {self.series.root} --branch {self.series.branch}"
            raise InputError(f"branch {self.series.branch} has no episode of its own yet; plan one: {command}")
        return own if numbers is None else numbers

    def _pin_models(self) -> None:
        """Write the revision of a hub model into `series.yaml` on its first use, so that the series keeps its weights."""
        settings = self.series.settings
        keyframes = settings.keyframes
        revisions = {"backbone": pinned(settings.backbone), "keyframes": keyframes and pinned_keyframes(keyframes)}
        changes = {name: model for name, model in revisions.items() if model is not None and model != getattr(settings, name)}
        if changes:
            self.series = self.series.with_settings(changes)
            models = ", ".join(f"{name} {model}" for name, model in changes.items())
            self._note(f"series.yaml now names the model's revision: {models}")

    def _note(self, text: str, episode: int | None = None) -> None:
        """Report a sentence for people to the listener."""
        self._listen(Event(event="note", text=text, episode=episode))

    def _report_changes(self, impact: Impact) -> None:
        for change in impact.changes:
            self._listen(Event(event="change", text=str(change), episode=change.since.episode, data=change.to_json()))

    def _report_pictures(self, ready: Prepared, only: str | None) -> None:
        """Report the picture files of a scene or shot that was made without a film."""
        for task_id, task in part_of(ready, only).tasks.items():
            if task.kind == "picture":
                file = self.series.artifacts.file(ready.graph.keys[task_id], PICTURE_FILE)
                self._note(f"episode {ready.number}: {task.shot}, without sound: {file.resolve()}", ready.number)

    def _report_substitutions(self, ready: Prepared, reported: frozenset[str]) -> frozenset[str]:
        """Report what a stale episode draws as something else, each substitution once. Returns all that are reported by now."""
        substitutions = drawn_otherwise(ready.cast, ready.conditioned.deliveries).values() if ready.stale else ()
        new = [text for text in substitutions if text not in reported]
        for text in new:
            self._note(text, ready.number)
        return reported | set(new)


def write_new_plan(series: Series, number: int, planned: PlannedEpisode, listen: Listener) -> None:
    """Write the plan of an episode, and report its path and estimated length."""
    path = series.plan_path(number)
    write_plan(path, planned.plan, planned.comments)
    listen(Event(event="plan", text=str(path), episode=number, seconds=round(estimate_seconds(planned.plan), 1)))


def announce(ready: Prepared, listen: Listener, only: str | None = None) -> float:
    """Report every stale task and why it is stale; with `only`, of that scene or shot. Returns the estimated wall seconds.

    Raises InputError if the episode has no such scene or shot, or if pictures of earlier episodes must be made first.
    """
    episodes_containing({ready.number: ready.plan}, only)
    tasks = ready.graph.tasks if only is None else ready.graph.only(only).tasks
    check_pictures(ready.missing, tasks, ready.number)
    stale = [task for task in ready.stale if task.task.id in tasks]
    for task in stale:
        listen(Event(event="stale", task=task.task.id, kind=task.task.kind, text=task.reason, episode=ready.number))
    return estimate_wall_s(stale, ready.ledger, default_workers())
