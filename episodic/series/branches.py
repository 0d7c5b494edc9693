"""Branches of a series: another way the story may go, with plans and films of its own, and the same artifacts."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast, get_args

from episodic.errors import InputError
from episodic.series.memory_access import known_memory, open_memory
from episodic.series.positions import check_fork
from episodic.series.series import MAIN, Fork, Series
from episodic.storage.files import write_atomically
from memory.changes.merge import Rule, Side
from memory.model.facts import StoryPosition
from memory.model.records import BranchSummary, Merged
from memory.store import MemoryStore

if TYPE_CHECKING:
    from planners.plan.model import EpisodePlan

__all__ = [
    "MergedBranch",
    "check_past",
    "check_past_made",
    "delete_branch",
    "fork_branch",
    "merge_branch",
    "on_branch",
    "parse_choices",
    "parse_rule",
]


def on_branch(series: Series, name: str) -> Series:
    """`series` as its branch `name` sees it. Raises InputError where there is no such branch."""
    if name == MAIN:
        return Series(series.root, series.settings)
    with known_memory(series) as memory:
        return _seen_from(series, name, memory)


def _seen_from(series: Series, name: str, memory: MemoryStore) -> Series:
    branches = {one.name: one for one in memory.branches()}
    if name not in branches:
        raise InputError(f"{series.root}: there is no branch {name!r}; branches: {', '.join(branches)}")
    return Series(series.root, series.settings, _forks(branches, name))


def _forks(branches: Mapping[str, BranchSummary], name: str) -> list[Fork]:
    """The forks of a branch and its ancestors, its own first."""
    found = []
    one = branches[name]
    while one.parent is not None and one.forked_at is not None:
        found.append(Fork(one.name, one.forked_at))
        one = branches[one.parent]
    return found


def _home_of(series: Series, name: str) -> Path:
    """The folder of one branch."""
    return series.root / "branches" / name


def fork_branch(series: Series, name: str, at: StoryPosition, parent: str = MAIN) -> Series:
    """Begin a branch at `at`; the plan of the episode in which that lies is copied, for the branch to go its own way from there.

    Raises InputError, MemoryFault, SeriesBusy.
    """
    from episodic.production.graph.ledger import Ledger  # telling branches apart does without

    with series.locked(), open_memory(series) as memory:
        above = _seen_from(series, parent, memory)
        check_fork(above, at)
        with memory.what_if() as trial:  # before any file is written: a name that exists, or is none
            trial.branch(name, at, parent)
        branch = Series(series.root, series.settings, [Fork(name, at), *above.forks])
        source, copy = above.plan_path(at.episode), branch.plan_path(at.episode)
        if copy.exists() and not (source.exists() and copy.read_bytes() == source.read_bytes()):
            raise InputError(
                f"{copy}: there already, from a branch that memory does not know; move it away, or choose another name"
            )
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.exists():
            write_atomically(copy, source)
            before = Ledger.read(above.ledger_path(at.episode))  # it explains what becomes stale; the film is not the branch's
            before.published = ""
            before.write(branch.ledger_path(at.episode))
        memory.branch(name, at, parent)
    return branch


def delete_branch(series: Series, name: str) -> None:
    """Delete a branch: from memory, and its folder with plans and films. Artifacts stay. Raises MemoryFault, SeriesBusy."""
    with series.locked(), open_memory(series) as memory:
        memory.delete_branch(name)
        shutil.rmtree(_home_of(series, name), ignore_errors=True)


def parse_rule(text: str) -> Rule:
    """Read what settles conflicts. Raises InputError."""
    rules = get_args(Rule)
    if text not in rules:
        raise InputError(f"--rule: expected one of {', '.join(rules)}, found {text!r}")
    return cast("Rule", text)


def parse_choices(texts: Sequence[str]) -> dict[str, Side]:
    """Read `ENTITY.ATTRIBUTE=SIDE`. Raises InputError."""
    found: dict[str, Side] = {}
    for text in texts:
        what, _, side = text.rpartition("=")
        if "." not in what or side not in get_args(Side):
            raise InputError(
                f"--choose: expected ENTITY.ATTRIBUTE=ours or =theirs, for instance mara.wearing=theirs, found {text!r}"
            )
        if found.setdefault(what, cast("Side", side)) != side:
            raise InputError(f"--choose: {what} is said to be ours and theirs; leave one out")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedBranch:
    """What a merge brings over: facts into episodes that both branches have, and the plans of whole episodes that only one has."""

    facts: Merged
    episodes: tuple[int, ...]


def merge_branch(
    series: Series,
    source: str,
    target: str = MAIN,
    *,
    rule: Rule = "ask",
    choose: Mapping[str, Side] | None = None,
    dry_run: bool = False,
) -> MergedBranch:
    """Bring what branch `source` has since the two parted into `target`. `dry_run`: only say what that would be.

    Raises MergeConflict naming what neither `rule` nor `choose` settles, InputError, MemoryFault, SeriesBusy.
    """
    if dry_run:
        with known_memory(series) as memory, memory.what_if() as trial:
            return _merge(series, trial, source, target, rule, choose or {}, keep=False)
    with series.locked(), open_memory(series) as memory:
        return _merge(series, memory, source, target, rule, choose or {}, keep=True)


def _merge(
    series: Series, memory: MemoryStore, source: str, target: str, rule: Rule, choose: Mapping[str, Side], *, keep: bool
) -> MergedBranch:
    theirs, ours = _seen_from(series, source, memory), _seen_from(series, target, memory)
    there = ours.episodes()
    lacking = [one for one in theirs.episodes() if one not in there and one >= ours.fork.episode]
    until = StoryPosition(lacking[0]) if lacking else None
    facts = memory.merge(source, target, rule=rule, choose=choose, until=until)
    for number in lacking if keep else ():
        path = ours.plan_path(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, theirs.plan_path(number))
    return MergedBranch(facts=facts, episodes=tuple(lacking))


def check_past(series: Series, plans: Mapping[int, EpisodePlan]) -> None:
    """What lies before a branch's fork is its parent's: refuse a plan in which such a scene is another one. Raises InputError."""
    fork = series.fork
    plan = plans.get(fork.episode)
    if plan is None or fork.scene <= 1:
        return
    from planners.plan_file.read_write import read_plan

    where, name = series.parent.plan_path(fork.episode), series.parent.branch
    before = read_plan(where, open_threads=None)
    for number in range(fork.scene - 1):
        mine, theirs = _part(plan, number), _part(before, number)
        if mine != theirs:
            scene = plan.scenes[number].id if number < len(plan.scenes) else before.scenes[number].id
            what = ", ".join(sorted(one for one in mine.keys() | theirs.keys() if mine.get(one) != theirs.get(one)))
            raise InputError(
                f"{series.plan_path(fork.episode)}: scene {scene} lies before the fork of branch {series.branch} ({fork}) and differs "
                f"from {name}'s ({what}): edit it in {where} and make both the same, or fork earlier"
            )


def _part(plan: EpisodePlan, number: int) -> dict[str, object]:
    """All that a plan says of one scene: the scene itself, and of the whole episode what it depends on."""
    if number >= len(plan.scenes):
        return {}
    scene = plan.scenes[number]
    people = {one: plan.cast[one].model_dump() for one in scene.people() if one in plan.cast}
    place = {scene.at: plan.locations[scene.at].model_dump()} if scene.at in plan.locations else {}
    whole = {"look": plan.look.model_dump(), "seed": plan.seed, "cast": people, "locations": place}
    return {**whole, **scene.model_dump(mode="json")}


def check_past_made(series: Series, memory: MemoryStore) -> None:
    """A branch is made upon what its parent has made: refuse where that is missing. Raises InputError."""
    if series.branch == MAIN:
        return
    made, fork = set(memory.committed(series.branch)), series.fork
    missing = [StoryPosition(fork.episode, one) for one in range(1, fork.scene) if StoryPosition(fork.episode, one) not in made]
    episodes = {at.episode for at in made}
    missing += [StoryPosition(one, 1) for one in series.episodes() if one < fork.episode and one not in episodes]
    if missing:
        parent = series.parent.branch
        word = "" if parent == MAIN else f" --branch {parent}"
        raise InputError(
            f"branch {series.branch} goes on from {min(missing)} of {parent}, which is not made yet; first: "
            f"episodic render {series.root}{word}"
        )
