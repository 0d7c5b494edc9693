"""What `render` can be pointed at: a series, one of its plans, or a plan from elsewhere, whose series is made here."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Final

from episodic.errors import InputError
from episodic.production.graph.events import Event, Listener, silent
from episodic.production.prepare import Prepared
from episodic.series.branches import on_branch
from episodic.series.series import MAIN, Series, SeriesSettings, slug
from episodic.storage.files import write_atomically
from episodic.studio import Studio, having
from planners.plan.model import EpisodePlan
from planners.plan_file.read_write import read_plan

__all__ = ["find_target", "rehearse_target"]

_SOURCE_FORMAT: Final = "episodic/plan-source@1"


def find_target(target: Path, listen: Listener = silent, branch: str | None = None) -> tuple[Series, list[int] | None]:
    """What `render` was pointed at: a series (all its episodes), one of its plans, or a plan from elsewhere.

    For a plan from elsewhere the series folder is made in the current folder, named after the title; the plan is copied into
    it, again whenever the original has changed. `branch`: of the series; by default `main`, or the one whose plan is named.
    Raises InputError, MemoryFault, PlanError.
    """
    inside = _inside(target, branch)
    if inside is not None:
        return inside
    _, series = _from_elsewhere(target)
    if not Series.is_series(series.root):
        series = Series.create(series.root, series.settings)
    _copy_plan(target, series, listen)
    return series, [1]


def rehearse_target(
    target: Path, listen: Listener = silent, only: str | None = None, branch: str | None = None
) -> list[Prepared]:
    """What rendering `target` would have to make. Writes nothing. Raises as `find_target`."""
    inside = _inside(target, branch)
    if inside is not None:
        series, numbers = inside
        return Studio(series, listen).rehearse_render(numbers, only=only)
    plan, series = _from_elsewhere(target)
    having({1: plan}, only)
    if not Series.is_series(series.root):
        Series.check_free(series.root)
    _check_copy(target, target.read_bytes(), series)
    return Studio(series, listen).rehearse(1, plan)


def _inside(target: Path, branch: str | None) -> tuple[Series, list[int] | None] | None:
    """The series that `target` is, or whose plan it is; None for any other file."""
    if target.is_dir() or not target.exists():
        return on_branch(Series.open(target), branch or MAIN), None
    found = _as_episode(target)
    if found is None:
        if branch not in (None, MAIN):
            raise InputError(f"--branch {branch}: {target} is not the plan of an episode of a series; name the series")
        return None
    series, number = found
    if branch not in (None, series.branch):
        raise InputError(f"{target} is the plan of branch {series.branch}, and --branch says {branch}; leave one of them out")
    return series, [number]


def _as_episode(target: Path) -> tuple[Series, int] | None:
    """The series, seen from the branch that the plan `target` belongs to, and the episode's number."""
    folder = target.parent.resolve()
    home, name = folder.parent.parent, folder.name
    root, owner = (home.parents[1], home.name) if home.parent.name == "branches" else (home, MAIN)
    if target.name != "plan.yaml" or re.fullmatch(r"\d{2,4}", name) is None or not Series.is_series(root):
        return None
    series, number = on_branch(Series.open(root), owner), int(name)
    return (series, number) if series.episode_folder(number).resolve() == folder else None


def _from_elsewhere(target: Path) -> tuple[EpisodePlan, Series]:
    """A plan, and the series it is copied to, which need not be there yet."""
    plan = read_plan(target, open_threads=())
    root = Path(slug(plan.title))
    if Series.is_series(root):
        return plan, Series.open(root)
    return plan, Series(root, SeriesSettings(title=plan.title[:200], style=plan.look.style, seed=plan.seed))


def _mark(series: Series) -> Path:
    """The file that says where the first plan was copied from, and what it was then."""
    return series.episode_folder(1) / "plan.source"


def _read_mark(series: Series) -> tuple[str, str] | None:
    """Where the first plan was copied from and its hash; None where it was not copied, or nobody knows."""
    try:
        data = json.loads(_mark(series).read_text("utf-8"))
        return (str(data["path"]), str(data["sha256"])) if data["format"] == _SOURCE_FORMAT else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _check_copy(source: Path, text: bytes, series: Series) -> None:
    """Refuse to put `source` over a plan that is not an untouched copy of it."""
    copy, mark = series.plan_path(1), _read_mark(series)
    if not copy.exists() or copy.read_bytes() == text:
        return
    if mark is None:
        raise InputError(
            f"{copy} is there already and was not copied from {source}; "
            f"give the plan another title, or render the series itself: episodic render {series.root}"
        )
    if mark[0] != str(source.resolve()):
        raise InputError(
            f"{copy} was copied from another plan of the same title, {mark[0]}; "
            f"give {source} another title, or render it in another folder"
        )
    if mark[1] != hashlib.sha256(copy.read_bytes()).hexdigest():
        raise InputError(
            f"{copy} was edited since it was copied from {source}; render the series itself: episodic render {series.root}"
        )


def _copy_plan(source: Path, series: Series, listen: Listener) -> None:
    """Bring the series' first plan up to its original; a copy that was edited by hand is never overwritten."""
    text, copy = source.read_bytes(), series.plan_path(1)
    _check_copy(source, text, series)
    mark = {"format": _SOURCE_FORMAT, "path": str(source.resolve()), "sha256": hashlib.sha256(text).hexdigest()}
    copy.parent.mkdir(parents=True, exist_ok=True)
    # the copy first: killed in between, the next call finds it the same as its original, and writes the mark
    if not copy.exists() or copy.read_bytes() != text:
        write_atomically(copy, text)
        listen(Event(event="note", text=f"plan copied to {copy}", episode=1))
    if _read_mark(series) != (mark["path"], mark["sha256"]):
        write_atomically(_mark(series), json.dumps(mark, indent=1).encode() + b"\n")
