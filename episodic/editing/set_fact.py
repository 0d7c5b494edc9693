"""The user's word: facts set by hand, and exactly what they make stale."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypeVar

from episodic.editing.impact import look_ahead
from episodic.errors import InputError
from episodic.production.graph.ledger import StaleTask
from episodic.production.prepare import Prepared
from episodic.production.steps import noun_of
from episodic.series.memory_access import known_memory, open_memory
from episodic.series.positions import check_end, check_scene, parse_position
from episodic.series.series import MAIN, Series
from episodic.studio import Studio
from memory.model.canon import STORY
from memory.model.entities import IDENTITY
from memory.model.facts import Fact, FactValue
from memory.model.records import Committed, Conflict
from memory.store import MemoryStore
from memory.suggestions import did_you_mean, nearest_name

__all__ = ["Edited", "StaleInEpisode", "clear_fact", "parse_fact", "set_fact"]

_Done = TypeVar("_Done")
_EXAMPLE: Final = 'episodic memory set mara.wearing "red coat" --from 1:4'


@dataclass(frozen=True, slots=True)
class StaleInEpisode:
    """A task that an edit makes stale."""

    episode: int
    stale: StaleTask


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """What an edit by hand did, or would do."""

    statements: int
    """How many were added, or taken back."""
    stale: tuple[StaleInEpisode, ...]
    """What was up to date before and is not any more, in story order."""
    fresh: tuple[StaleInEpisode, ...]
    """What was stale before and is up to date now: an edit taken back finds what had been made without it."""
    conflicts: tuple[Conflict, ...] = ()
    notes: tuple[str, ...] = ()
    """What the user should know, a sentence each."""

    @property
    def shots(self) -> tuple[StaleInEpisode, ...]:
        """The shots that have to be shot again."""
        return tuple(one for one in self.stale if one.stale.task.kind == "shoot")


def parse_fact(what: str, value: str | None, since: str | None, until: str | None, *, as_json: bool = False) -> Fact:
    """A fact as it is said on the command line. Raises InputError."""
    entity, attribute = _parse_name(what)
    if value is None:
        raise InputError(f"{what}: say what it is, for instance: {_EXAMPLE}; or take back what you said with --clear")
    if since is None:
        raise InputError(f"{what}: say since when with --from EPISODE:SCENE, for instance: {_EXAMPLE}")
    held: FactValue = value
    if as_json:
        try:
            held = json.loads(value)
        except ValueError as err:
            raise InputError(f"--json-value: {value!r} is not JSON ({err}); text stands in double quotes within it") from err
    begins, ends = parse_position(since, "--from"), parse_position(until, "--until") if until else None
    if ends is not None and ends <= begins:
        raise InputError(f"--until {ends}: it holds from {begins} on, so it must end later; {ends} is the first scene without it")
    return Fact(entity=entity, attribute=attribute, value=held, since=begins, until=ends, evidence="user")


def _parse_name(what: str) -> tuple[str, str]:
    entity, dot, attribute = what.partition(".")
    if not (entity and dot and attribute):
        raise InputError(f"expected ENTITY.ATTRIBUTE such as mara.wearing, found {what!r}")
    return entity, attribute


def set_fact(series: Series, fact: Fact, note: str = "", *, dry_run: bool = False) -> Edited:
    """Put what the user says into memory, on the branch that `series` is seen from; `dry_run`: only say what that would do.

    Raises InputError for an unknown entity or a position that no plan has, MemoryFault, PlanError, SeriesBusy.
    """
    if fact.attribute in IDENTITY:
        raise InputError(
            f"{fact.entity}.{fact.attribute}: {fact.attribute} is part of who {fact.entity} is, which lasts; "
            "change it in the plan, under `cast` or `locations`"
        )
    check_scene(series, fact.since, "--from")
    if fact.until is not None:
        check_end(series, fact.until, "--until")
    with _opened(series, dry_run) as memory:
        had = _attributes(series, memory, fact.entity)
        line = _line(series, memory, fact) if had else ()

        def put(one: MemoryStore) -> tuple[Committed, Sequence[Fact]]:
            return one.set_fact(fact, series.branch, note), _line(series, one, fact)

        (done, after), look = _apply(series, memory, put, dry_run)
    already = "" if look.differ else _holds_already(fact, line)
    notes = [
        *_about_own_words(fact, line, after),
        *_about_conflicts(fact, done.conflicts),
        *([already] if already else look.notes(series, fact, had)),
    ]
    return _edited(1, look, done.conflicts, notes, dry_run)


def clear_fact(series: Series, what: str, *, said: tuple[str | None, ...] = (None,), dry_run: bool = False) -> Edited:
    """Take back all that the user said about one attribute on the branch. `said`: value and span, which have no place here.

    Raises InputError where nothing was said, otherwise as `set_fact`.
    """
    entity, attribute = _parse_name(what)
    if any(one is not None for one in said):
        raise InputError("--clear takes back all that was said by hand about it; leave VALUE, --from and --until out")
    with _opened(series, dry_run) as memory:
        _attributes(series, memory, entity)
        done, look = _apply(series, memory, lambda one: one.unset(entity, attribute, series.branch), dry_run)
        if not done:
            raise InputError(f"{what}: nothing was said by hand about it on branch {series.branch}")
    return _edited(done, look, (), look.notes(series), dry_run)


def _edited(count: int, look: _Look, conflicts: tuple[Conflict, ...], notes: Sequence[str], dry_run: bool) -> Edited:
    last = ("a dry run keeps nothing; without --dry-run this is what happens",) if dry_run else ()
    return Edited(
        statements=count,
        stale=_only_in(look.after, look.before),
        fresh=_only_in(look.before, look.after),
        conflicts=conflicts,
        notes=(*notes, *last),
    )


@contextmanager
def _opened(series: Series, dry_run: bool) -> Iterator[MemoryStore]:
    if dry_run:
        with known_memory(series) as memory:
            yield memory
    else:
        with series.locked(), open_memory(series) as memory:
            yield memory


def _attributes(series: Series, memory: MemoryStore, entity: str) -> set[str]:
    """What memory ever knew about an entity; refuses one that it does not know."""
    end = memory.end(series.branch)
    if end is None:
        raise InputError(f"{series.root}: memory holds nothing yet; first: episodic render {series.root}")
    canon = memory.as_of(end, series.branch)
    known = sorted({STORY, *canon.states()})
    if entity not in known:
        hint = did_you_mean(entity, known)
        raise InputError(
            f"memory knows nobody and nothing called {entity!r} on branch {series.branch}{hint} Known: {', '.join(known)}"
        )
    if entity not in canon.states():
        return set()
    return {one.attribute for one in memory.history(entity, series.branch)}


def _holds_already(fact: Fact, line: Sequence[Fact]) -> str:
    """A word on a fact that memory holds, as it is said, for as long as it is said; otherwise nothing."""
    for one in line:
        lasts = one.until is None or (fact.until is not None and fact.until <= one.until)
        if lasts and one.value == fact.value and one.holds_at(fact.since):
            whose = "it was your word before" if one.evidence == "user" else "now it is your word"
            return f"no shot changes: {fact.entity}.{fact.attribute} is that already at {fact.since}; {whose}"
    return ""


def _line(series: Series, memory: MemoryStore, fact: Fact) -> Sequence[Fact]:
    """What holds of the attribute that `fact` is about, from when until when."""
    return [one for one in memory.history(fact.entity, series.branch) if one.attribute == fact.attribute]


def _about_own_words(fact: Fact, before: Sequence[Fact], after: Sequence[Fact]) -> list[str]:
    """What the user said before of the same scenes, and which of their words holds there."""
    what, told = f"{fact.entity}.{fact.attribute}", []
    for one in before:
        begins = max(one.since, fact.since)
        ends = min((end for end in (one.until, fact.until) if end is not None), default=None)
        if one.evidence != "user" or one.value == fact.value or (ends is not None and ends <= begins):
            continue
        span = f"from {begins}" + (f" until {ends}" if ends else " on")
        said = one.value if isinstance(one.value, str) else json.dumps(one.value, ensure_ascii=False)
        if any(other.value == one.value and other.holds_at(begins) for other in after):
            told.append(
                f"your earlier word, {what} = {said}, still holds {span}, because it begins later; --clear takes back both"
            )
        else:
            told.append(f"your earlier word, {what} = {said}, gives way {span}")
    return told


@dataclass(frozen=True, slots=True)
class _Look:
    """Every episode before and after a change."""

    before: Sequence[Prepared]
    after: Sequence[Prepared]

    @property
    def differ(self) -> bool:
        """Whether any shot is asked for otherwise than before."""
        return self._shot_keys(self.before) != self._shot_keys(self.after)

    def notes(self, series: Series, fact: Fact | None = None, had: set[str] | None = None) -> list[str]:
        """What becomes stale besides shots, or why nothing does."""
        stale = _only_in(self.after, self.before)
        shots = sum(one.stale.task.kind == "shoot" for one in stale)
        on = "" if series.branch == MAIN else f" --branch {series.branch}"
        if stale:
            kinds = Counter(one.stale.task.kind for one in stale if one.stale.task.kind != "shoot")
            rest = ", ".join(f"{count} {noun_of(kind)}{'s' if count > 1 else ''}" for kind, count in sorted(kinds.items()))
            one = f"{shots} {'shot is' if shots == 1 else 'shots are'} stale" + (f", and with that {rest}" if rest else "")
            return [f"{one}; next: episodic render {series.root}{on}"]
        if self.differ:
            done = all(not one.stale for one in self.after)
            return [
                "the shots it touches are stale already; no more become so"
                if not done
                else f"what it changes had been made already; `episodic render {series.root}{on}` puts the film together again"
            ]
        if fact is None:
            return ["no shot changes"]
        nearest = None if fact.attribute in (had or ()) else nearest_name(fact.attribute, had or ())
        hint = f" (did you mean {fact.entity}.{nearest}?)" if nearest else ""
        return [
            f"no shot changes: {fact.entity}.{fact.attribute} as you say it alters nothing that is shown or heard from "
            f"{fact.since} on{hint}; it is kept all the same"
        ]

    @staticmethod
    def _shot_keys(episodes: Sequence[Prepared]) -> list[tuple[int, str, str]]:
        return [
            (ready.number, name, ready.graph.keys[name])
            for ready in episodes
            for name, task in ready.graph.tasks.items()
            if task.kind == "shoot"
        ]


def _apply(series: Series, memory: MemoryStore, change: Callable[[MemoryStore], _Done], dry_run: bool) -> tuple[_Done, _Look]:
    """Make a change, and look at all episodes before and after it."""
    plans = Studio(series).plans()
    before = look_ahead(series, plans, memory).episodes
    with memory.what_if() as trial:
        done = change(trial)
        after = look_ahead(series, plans, trial).episodes
    if not dry_run:
        done = change(memory)
    return done, _Look(before, after)


def _only_in(here: Sequence[Prepared], there: Sequence[Prepared]) -> tuple[StaleInEpisode, ...]:
    known = {(ready.number, one.task.id) for ready in there for one in ready.stale}
    return tuple(
        StaleInEpisode(ready.number, one) for ready in here for one in ready.stale if (ready.number, one.task.id) not in known
    )


def _about_conflicts(fact: Fact, conflicts: Sequence[Conflict]) -> list[str]:
    """Who says otherwise, and how to let them."""
    later = [one for one in conflicts if one.overruled_origin.evidence != "user" and one.position > fact.since]
    if not later:
        return []
    first = later[0]
    what = f"{fact.entity}.{fact.attribute}"
    return [
        f"{first.overruled_origin} says otherwise of {what}; your word holds. To let that hold from there on, say yours again "
        f"with --until {first.position}"
    ]
