"""Fork, merge and delete branches of a series."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast, get_args

from episodic.errors import InputError
from episodic.production.graph.ledger import Ledger
from episodic.series.branches import branch_folder, branch_view
from episodic.series.memory_access import known_memory, open_memory
from episodic.series.positions import check_fork
from episodic.series.series import MAIN, Fork, Series
from episodic.storage.files import write_atomically
from memory.changes.merge import Rule, Side
from memory.model.facts import StoryPosition
from memory.model.records import Merged
from memory.store import MemoryStore

__all__ = ["MergedBranch", "delete_branch", "fork_branch", "merge_branch", "parse_choices", "parse_rule"]


def fork_branch(series: Series, name: str, at: StoryPosition, parent: str = MAIN) -> Series:
    """Start a branch at `at`, and copy the plan of that episode for the branch to change.

    Raises InputError, MemoryFault, SeriesBusy.
    """
    with series.locked(), open_memory(series) as memory:
        parent_series = branch_view(series, parent, memory)
        check_fork(parent_series, at)
        with memory.what_if() as trial:  # rejects an invalid or existing name before any file is written
            trial.branch(name, at, parent)
        branch = Series(series.root, series.settings, [Fork(name, at), *parent_series.forks])
        source, copy = parent_series.plan_path(at.episode), branch.plan_path(at.episode)
        if copy.exists() and not (source.exists() and copy.read_bytes() == source.read_bytes()):
            raise InputError(f"{copy}: belongs to a branch that memory does not know; move it away, or choose another name")
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.exists():
            write_atomically(copy, source)
            ledger = Ledger.read(parent_series.ledger_path(at.episode))  # explains what becomes stale
            ledger.published = ""  # the parent's film is not the branch's
            ledger.write(branch.ledger_path(at.episode))
        memory.branch(name, at, parent)
    return branch


def delete_branch(series: Series, name: str) -> None:
    """Delete a branch from memory, and its folder with plans and films. Artifacts stay. Raises MemoryFault, SeriesBusy."""
    with series.locked(), open_memory(series) as memory:
        memory.delete_branch(name)
        shutil.rmtree(branch_folder(series, name), ignore_errors=True)


def parse_rule(text: str) -> Rule:
    """Parse the rule that settles conflicts. Raises InputError."""
    rules = get_args(Rule)
    if text not in rules:
        raise InputError(f"--rule: expected one of {', '.join(rules)}, found {text!r}")
    return cast("Rule", text)


def parse_choices(texts: Sequence[str]) -> dict[str, Side]:
    """Parse `ENTITY.ATTRIBUTE=SIDE` texts. Raises InputError."""
    choices: dict[str, Side] = {}
    for text in texts:
        what, _, side = text.rpartition("=")
        if "." not in what or side not in get_args(Side):
            raise InputError(
                f"--choose: expected ENTITY.ATTRIBUTE=ours or =theirs, for instance mara.wearing=theirs, found {text!r}"
            )
        if choices.setdefault(what, cast("Side", side)) != side:
            raise InputError(f"--choose: both ours and theirs were chosen for {what}; leave one out")
    return choices


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedBranch:
    """The result of a merge: facts in episodes that both branches have, and numbers of whole episodes that the target lacked."""

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
    """Merge what branch `source` has since its fork into `target`. `dry_run` changes nothing.

    Raises MergeConflict with every conflict that neither `rule` nor `choose` settles, InputError, MemoryFault, SeriesBusy.
    """
    if dry_run:
        with known_memory(series) as memory, memory.what_if() as trial:
            return _merge(series, trial, source, target, rule, choose or {}, write=False)
    with series.locked(), open_memory(series) as memory:
        return _merge(series, memory, source, target, rule, choose or {}, write=True)


def _merge(
    series: Series, memory: MemoryStore, source: str, target: str, rule: Rule, choose: Mapping[str, Side], *, write: bool
) -> MergedBranch:
    theirs, ours = branch_view(series, source, memory), branch_view(series, target, memory)
    our_episodes = ours.episodes()
    lacking = [number for number in theirs.episodes() if number not in our_episodes and number >= ours.fork.episode]
    until = StoryPosition(lacking[0]) if lacking else None
    facts = memory.merge(source, target, rule=rule, choose=choose, until=until)
    for number in lacking if write else ():
        path = ours.plan_path(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, theirs.plan_path(number))
    return MergedBranch(facts=facts, episodes=tuple(lacking))
