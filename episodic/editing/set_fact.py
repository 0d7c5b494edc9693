"""Set facts by hand, and find exactly what they make stale."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypeVar

from episodic.editing.impact import find_impact
from episodic.errors import InputError
from episodic.production.graph.ledger import StaleTask
from episodic.production.prepare import Prepared
from episodic.production.steps import noun_of
from episodic.series.memory_access import known_memory, open_memory
from episodic.series.plans import read_plans
from episodic.series.positions import check_end, check_scene, parse_position
from episodic.series.series import MAIN, Series
from memory.model.canon import STORY
from memory.model.entities import IDENTITY
from memory.model.facts import Fact, FactValue
from memory.model.records import Committed, Conflict
from memory.store import MemoryStore
from memory.suggestions import did_you_mean, nearest_name

__all__ = ["Edit", "StaleInEpisode", "clear_fact", "parse_fact", "set_fact"]

_Result = TypeVar("_Result")
_EXAMPLE: Final = 'episodic memory set mara.wearing "red coat" --from 1:4'


@dataclass(frozen=True, slots=True)
class StaleInEpisode:
    """A stale task and the number of its episode."""

    episode: int
    stale: StaleTask


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """The effect of an edit by hand, or of its dry run."""

    statements: int
    """Number of statements added or removed."""
    stale: tuple[StaleInEpisode, ...]
    """Tasks that the edit makes stale, in story order."""
    fresh: tuple[StaleInEpisode, ...]
    """Tasks that were stale before and no longer are: removing an edit finds the artifacts made without it."""
    conflicts: tuple[Conflict, ...] = ()
    notes: tuple[str, ...] = ()
    """Remarks for the user, a sentence each."""

    @property
    def shots(self) -> tuple[StaleInEpisode, ...]:
        """The shots to make again."""
        return tuple(stale for stale in self.stale if stale.stale.task.kind == "shoot")


def parse_fact(what: str, value: str | None, since: str | None, until: str | None, *, as_json: bool = False) -> Fact:
    """Parse a fact from the words of the command line. Raises InputError."""
    entity, attribute = _parse_name(what)
    if value is None:
        raise InputError(f"{what}: the value is missing, for instance: {_EXAMPLE}; or remove what you set with --clear")
    if since is None:
        raise InputError(f"{what}: name the first scene with --from EPISODE:SCENE, for instance: {_EXAMPLE}")
    parsed: FactValue = value
    if as_json:
        try:
            parsed = json.loads(value)
        except ValueError as err:
            raise InputError(f"--json-value: {value!r} is not JSON ({err}); text in JSON needs double quotes") from err
    start, end = parse_position(since, "--from"), parse_position(until, "--until") if until else None
    if end is not None and end <= start:
        raise InputError(
            f"--until {end}: the fact is true from {start} on, so it must end later; {end} is the first scene without it"
        )
    return Fact(entity=entity, attribute=attribute, value=parsed, since=start, until=end, evidence="user")


def _parse_name(what: str) -> tuple[str, str]:
    entity, dot, attribute = what.partition(".")
    if not (entity and dot and attribute):
        raise InputError(f"expected ENTITY.ATTRIBUTE such as mara.wearing, found {what!r}")
    return entity, attribute


def set_fact(series: Series, fact: Fact, note: str = "", *, dry_run: bool = False) -> Edit:
    """Set a fact on the branch of `series`. It overrides plans and takes. `dry_run` changes nothing.

    Raises InputError for an unknown entity or a position without a scene, MemoryFault, PlanError, SeriesBusy.
    """
    if fact.attribute in IDENTITY:
        raise InputError(
            f"{fact.entity}.{fact.attribute}: {fact.attribute} is part of the identity of {fact.entity}, which never changes; "
            "edit it in the plan, under `cast` or `locations`"
        )
    check_scene(series, fact.since, "--from")
    if fact.until is not None:
        check_end(series, fact.until, "--until")
    with _opened(series, dry_run) as memory:
        known_attributes = _known_attributes(series, memory, fact.entity)
        before = _attribute_history(series, memory, fact) if known_attributes else ()

        def put(store: MemoryStore) -> tuple[Committed, Sequence[Fact]]:
            return store.set_fact(fact, series.branch, note), _attribute_history(series, store, fact)

        (committed, after), effect = _apply(series, memory, put, dry_run)
    unchanged = "" if effect.changes_shots else _already_true_note(fact, before)
    notes = [
        *_earlier_edit_notes(fact, before, after),
        *_conflict_notes(fact, committed.conflicts),
        *([unchanged] if unchanged else effect.notes(series, fact, known_attributes)),
    ]
    return _edit(1, effect, committed.conflicts, notes, dry_run)


def clear_fact(series: Series, what: str, *, unused: tuple[str | None, ...] = (None,), dry_run: bool = False) -> Edit:
    """Remove everything that was set by hand for one attribute on the branch of `series`.

    `unused`: value and span from the command line, which must be None. Raises InputError if nothing was set, and as `set_fact`.
    """
    entity, attribute = _parse_name(what)
    if any(argument is not None for argument in unused):
        raise InputError("--clear removes everything you set for the attribute; leave VALUE, --from and --until out")
    with _opened(series, dry_run) as memory:
        _known_attributes(series, memory, entity)
        removed, effect = _apply(series, memory, lambda store: store.unset(entity, attribute, series.branch), dry_run)
        if not removed:
            raise InputError(f"{what}: nothing was set by hand on branch {series.branch}")
    return _edit(removed, effect, (), effect.notes(series), dry_run)


def _edit(count: int, effect: _Effect, conflicts: tuple[Conflict, ...], notes: Sequence[str], dry_run: bool) -> Edit:
    last = ("dry run: nothing was changed; leave out --dry-run to keep the edit",) if dry_run else ()
    return Edit(
        statements=count,
        stale=_only_in(effect.after, effect.before),
        fresh=_only_in(effect.before, effect.after),
        conflicts=conflicts,
        notes=(*notes, *last),
    )


@contextmanager
def _opened(series: Series, dry_run: bool) -> Iterator[MemoryStore]:
    """The memory of a series, only to be read in a dry run, else with the series locked."""
    if dry_run:
        with known_memory(series) as memory:
            yield memory
    else:
        with series.locked(), open_memory(series) as memory:
            yield memory


def _known_attributes(series: Series, memory: MemoryStore, entity: str) -> set[str]:
    """Every attribute that memory ever had of an entity. Raises InputError for an unknown entity."""
    end = memory.end(series.branch)
    if end is None:
        raise InputError(f"{series.root}: memory is empty; first: episodic render {series.root}")
    canon = memory.as_of(end, series.branch)
    known = sorted({STORY, *canon.states()})
    if entity not in known:
        hint = did_you_mean(entity, known)
        raise InputError(f"memory has no entity {entity!r} on branch {series.branch}{hint} Known: {', '.join(known)}")
    if entity not in canon.states():
        return set()
    return {fact.attribute for fact in memory.history(entity, series.branch)}


def _already_true_note(fact: Fact, history: Sequence[Fact]) -> str:
    """A note on a fact that memory already holds for the whole span; otherwise empty."""
    for earlier in history:
        covers_end = earlier.until is None or (fact.until is not None and fact.until <= earlier.until)
        if covers_end and earlier.value == fact.value and earlier.holds_at(fact.since):
            origin = "you had set it before" if earlier.evidence == "user" else "now it is also set by hand"
            return f"no shot changes: {fact.entity}.{fact.attribute} already has this value at {fact.since}; {origin}"
    return ""


def _attribute_history(series: Series, memory: MemoryStore, fact: Fact) -> Sequence[Fact]:
    """Every value that the attribute of `fact` ever had, in story order."""
    return [earlier for earlier in memory.history(fact.entity, series.branch) if earlier.attribute == fact.attribute]


def _earlier_edit_notes(fact: Fact, before: Sequence[Fact], after: Sequence[Fact]) -> list[str]:
    """Notes on earlier edits of the same scenes: which of them still hold, and which give way."""
    what, notes = f"{fact.entity}.{fact.attribute}", []
    for earlier in before:
        start = max(earlier.since, fact.since)
        end = min((end for end in (earlier.until, fact.until) if end is not None), default=None)
        if earlier.evidence != "user" or earlier.value == fact.value or (end is not None and end <= start):
            continue
        span = f"from {start}" + (f" until {end}" if end else " on")
        value = earlier.value if isinstance(earlier.value, str) else json.dumps(earlier.value, ensure_ascii=False)
        if any(later.value == earlier.value and later.holds_at(start) for later in after):
            notes.append(
                f"your earlier edit, {what} = {value}, still holds {span}, because it begins later; --clear removes both"
            )
        else:
            notes.append(f"your earlier edit, {what} = {value}, gives way {span}")
    return notes


@dataclass(frozen=True, slots=True)
class _Effect:
    """Every episode before and after a change."""

    before: Sequence[Prepared]
    after: Sequence[Prepared]

    @property
    def changes_shots(self) -> bool:
        """Whether the key of any shot changes."""
        return self._shot_keys(self.before) != self._shot_keys(self.after)

    def notes(self, series: Series, fact: Fact | None = None, known_attributes: set[str] | None = None) -> list[str]:
        """Say what becomes stale besides shots, or why nothing does."""
        stale = _only_in(self.after, self.before)
        command = f"episodic render {series.root}" + ("" if series.branch == MAIN else f" --branch {series.branch}")
        if stale:
            shots = sum(task.stale.task.kind == "shoot" for task in stale)
            counts = Counter(task.stale.task.kind for task in stale if task.stale.task.kind != "shoot")
            others = ", ".join(f"{count} {noun_of(kind)}{'s' if count > 1 else ''}" for kind, count in sorted(counts.items()))
            summary = f"{shots} {'shot is' if shots == 1 else 'shots are'} stale" + (
                f", and with that {others}" if others else ""
            )
            return [f"{summary}; next: {command}"]
        if self.changes_shots:
            if any(ready.stale for ready in self.after):
                return ["the shots it changes were stale already; no more become stale"]
            return [f"artifacts for the changed shots exist already; `{command}` cuts the film again"]
        if fact is None:
            return ["no shot changes"]
        known = known_attributes or set()
        nearest = None if fact.attribute in known else nearest_name(fact.attribute, known)
        hint = f" (did you mean {fact.entity}.{nearest}?)" if nearest else ""
        return [
            f"no shot changes: this value of {fact.entity}.{fact.attribute} affects no picture or sound from {fact.since} on"
            f"{hint}; it is kept nevertheless"
        ]

    @staticmethod
    def _shot_keys(episodes: Sequence[Prepared]) -> list[tuple[int, str, str]]:
        return [
            (ready.number, name, ready.graph.keys[name])
            for ready in episodes
            for name, task in ready.graph.tasks.items()
            if task.kind == "shoot"
        ]


def _apply(
    series: Series, memory: MemoryStore, change: Callable[[MemoryStore], _Result], dry_run: bool
) -> tuple[_Result, _Effect]:
    """Make a change, and prepare all episodes before and after it."""
    plans = read_plans(series)
    before = find_impact(series, plans, memory).episodes
    with memory.what_if() as trial:
        result = change(trial)
        after = find_impact(series, plans, trial).episodes
    if not dry_run:
        result = change(memory)
    return result, _Effect(before, after)


def _only_in(episodes: Sequence[Prepared], others: Sequence[Prepared]) -> tuple[StaleInEpisode, ...]:
    """The stale tasks of `episodes` that are not stale in `others`."""
    stale_in_others = {(ready.number, stale.task.id) for ready in others for stale in ready.stale}
    return tuple(
        StaleInEpisode(ready.number, stale)
        for ready in episodes
        for stale in ready.stale
        if (ready.number, stale.task.id) not in stale_in_others
    )


def _conflict_notes(fact: Fact, conflicts: Sequence[Conflict]) -> list[str]:
    """Name the first later statement that the fact overrides, and how to let it win."""
    later = [
        conflict for conflict in conflicts if conflict.overruled_origin.evidence != "user" and conflict.position > fact.since
    ]
    if not later:
        return []
    first = later[0]
    return [
        f"{first.overruled_origin} states another value of {fact.entity}.{fact.attribute}; yours overrides it. "
        f"To keep the other from there on, set yours again with --until {first.position}"
    ]
