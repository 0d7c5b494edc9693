"""Targets of `render`: a series, one of its plans, or a plan file from elsewhere, which gets a series folder of its own."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from episodic.errors import InputError
from episodic.production.graph.events import Event, Listener, silent
from episodic.production.prepare import Prepared
from episodic.series.branches import on_branch, open_series
from episodic.series.plans import episodes_containing, read_episode_plan
from episodic.series.series import MAIN, NO_EPISODE, Series, SeriesSettings, slug
from episodic.storage.files import write_atomically
from episodic.studio import Studio
from planners.plan.model import EpisodePlan
from planners.plan_file.read_write import read_plan

__all__ = ["dry_run_target", "find_target", "read_target_plan", "write_drawing"]


def find_target(target: Path, listen: Listener = silent, branch: str | None = None) -> tuple[Series, list[int] | None]:
    """Find the series of a render target, and the numbers of the episodes to render (None: all).

    A plan file from elsewhere gets a series folder in the working directory, named after its title. The plan is copied there
    whenever the original has changed. `branch` defaults to `main`, or to the branch of the given plan.
    Raises InputError, MemoryFault, PlanError.
    """
    in_series = _target_in_series(target, branch)
    if in_series is not None:
        return in_series
    _, series = _read_outside_plan(target)
    if not Series.is_series(series.root):
        series = Series.create(series.root, series.settings)
    _copy_plan(target, series, listen)
    return series, [1]


def dry_run_target(target: Path, listen: Listener = silent, only: str | None = None, branch: str | None = None) -> list[Prepared]:
    """Find what rendering `target` would make. Writes nothing. Raises as `find_target`."""
    in_series = _target_in_series(target, branch)
    if in_series is not None:
        series, numbers = in_series
        return Studio(series, listen).dry_run_render(numbers, only=only)
    plan, series = _read_outside_plan(target)
    episodes_containing({1: plan}, only)
    if not Series.is_series(series.root):
        Series.check_free(series.root)
    _check_copy(target, target.read_bytes(), series)
    return Studio(series, listen).dry_run_plan(1, plan)


def read_target_plan(target: Path, episode: int | None = None, branch: str | None = None) -> tuple[Path, EpisodePlan]:
    """The path and plan of one episode of a series, by default the last, or of a plan file. Raises InputError, PlanError."""
    if target.is_file():
        if episode is not None:
            raise InputError(f"{target} is one plan; leave the number {episode} out, or name the series folder")
        return target, read_plan(target)
    series = open_series(target, branch or MAIN)
    numbers = series.episodes()
    if not numbers:
        raise InputError(f"{series.root}: {NO_EPISODE}")
    number = numbers[-1] if episode is None else episode
    if number not in numbers:
        raise InputError(f"{series.root}: there is no episode {number}. Valid: {', '.join(map(str, numbers))}")
    return series.plan_path(number), read_episode_plan(series, number)


def write_drawing(path: Path, svg: str) -> None:
    """Write a drawing. Raises InputError if the path is a folder or lies in none."""
    if path.is_dir() or not path.parent.is_dir():
        raise InputError(f"{path}: cannot be written here; expected a new file in an existing folder, such as events.svg")
    write_atomically(path, svg.encode("utf-8"))


def _target_in_series(target: Path, branch: str | None) -> tuple[Series, list[int] | None] | None:
    """The series and episodes of a target that is a series folder or one of its plans; None for any other file."""
    if target.is_dir() or not target.exists():
        return open_series(target, branch or MAIN), None
    episode = _episode_of_plan(target)
    if episode is None:
        if branch not in (None, MAIN):
            raise InputError(f"--branch {branch}: {target} is not the plan of an episode of a series; name the series")
        return None
    series, number = episode
    if branch not in (None, series.branch):
        raise InputError(f"{target} is the plan of branch {series.branch}, but --branch says {branch}; leave one of them out")
    return series, [number]


def _episode_of_plan(target: Path) -> tuple[Series, int] | None:
    """The series, seen from the branch of the plan `target`, and the episode's number; None if it is not a series' plan."""
    folder = target.parent.resolve()
    home, name = folder.parent.parent, folder.name
    root, owner = (home.parents[1], home.name) if home.parent.name == "branches" else (home, MAIN)
    if target.name != "plan.yaml" or re.fullmatch(r"\d{2,4}", name) is None or not Series.is_series(root):
        return None
    series, number = on_branch(Series.open(root), owner), int(name)
    return (series, number) if series.episode_folder(number).resolve() == folder else None


def _read_outside_plan(target: Path) -> tuple[EpisodePlan, Series]:
    """A plan file from elsewhere, and its series, which need not exist yet."""
    plan = read_plan(target, open_threads=())
    root = Path(slug(plan.title))
    if Series.is_series(root):
        return plan, Series.open(root)
    return plan, Series(root, SeriesSettings(title=plan.title[:200], style=plan.look.style, seed=plan.seed))


def _source_file(series: Series) -> Path:
    """The file that records the source of a copied plan and its hash."""
    return series.episode_folder(1) / "plan.source"


class _Source(BaseModel):
    """The source of a copied plan, and its SHA-256 when it was copied. Stored as `episodic/plan-source@1`."""

    format: Literal["episodic/plan-source@1"] = "episodic/plan-source@1"
    path: str
    sha256: str


def _read_source(series: Series) -> _Source | None:
    """The source of the first plan; None if it was not copied or the record is unreadable."""
    try:
        return _Source.model_validate_json(_source_file(series).read_bytes())
    except (OSError, ValueError):
        return None


def _check_copy(source: Path, text: bytes, series: Series) -> None:
    """Check that the plan to be overwritten is an unchanged copy of `source`. Raises InputError."""
    copy, copied = series.plan_path(1), _read_source(series)
    if not copy.exists() or copy.read_bytes() == text:
        return
    if copied is None:
        raise InputError(
            f"{copy} exists already and was not copied from {source}; "
            f"give the plan another title, or render the series itself: episodic render {series.root}"
        )
    if copied.path != str(source.resolve()):
        raise InputError(
            f"{copy} was copied from another plan of the same title, {copied.path}; "
            f"give {source} another title, or render it in another folder"
        )
    if copied.sha256 != hashlib.sha256(copy.read_bytes()).hexdigest():
        raise InputError(
            f"{copy} was edited since it was copied from {source}; render the series itself: episodic render {series.root}"
        )


def _copy_plan(source: Path, series: Series, listen: Listener) -> None:
    """Copy a changed original over the first plan. A copy that was edited by hand is never overwritten."""
    text, copy = source.read_bytes(), series.plan_path(1)
    _check_copy(source, text, series)
    record = _Source(path=str(source.resolve()), sha256=hashlib.sha256(text).hexdigest())
    copy.parent.mkdir(parents=True, exist_ok=True)
    # the copy first: after a kill in between, the next call finds it equal to its original and writes the record
    if not copy.exists() or copy.read_bytes() != text:
        write_atomically(copy, text)
        listen(Event(event="note", text=f"plan copied to {copy}", episode=1))
    if _read_source(series) != record:
        write_atomically(_source_file(series), json.dumps(record.model_dump(), indent=1).encode() + b"\n")
