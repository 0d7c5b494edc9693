"""The options of an episode: checks of their values, and of their agreement with a series that exists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from episodic.backbones.registry import check_name, same_backbone
from episodic.errors import InputError
from episodic.series.series import Series, parse_size
from memory.suggestions import did_you_mean
from planners.plan.model import EpisodePlan
from planners.plan.vocabulary import STYLES, Style
from planners.planner import LONGEST_MINUTES, SHORTEST_MINUTES, Brief

__all__ = ["Options", "brief_of", "check_against_plan", "check_against_series", "parse_style"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a user chooses besides the prompt.

    None means not given: a new series takes the default, an existing series keeps its own value.
    """

    minutes: float | None = None
    """Default: as long as the prompt asks for, else one minute."""
    style: Style | None = None
    """Default: read from the prompt."""
    seed: int | None = None
    """Default: 0; for a later episode derived from the series' seed and the episode's number."""
    size: str | None = None
    """`WIDTHxHEIGHT` in pixels. Default: 1280x720."""
    fps: int | None = None
    """Default: 24."""
    backbone: str | None = None
    """Default: stage."""
    takes: int | None = None
    """Takes judged for every shot. Default: 1."""
    source: Path | None = None
    """A text that a lesson is made from."""

    def __post_init__(self) -> None:
        if self.size is not None:
            parse_size(self.size)
        if self.backbone is not None:
            check_name(self.backbone)
        if self.takes is not None and not 1 <= self.takes <= 64:
            raise InputError(f"--takes: expected a whole number from 1 to 64, found {self.takes}")
        if self.minutes is not None and not SHORTEST_MINUTES <= self.minutes <= LONGEST_MINUTES:
            raise InputError(f"--minutes: expected {SHORTEST_MINUTES:g} to {LONGEST_MINUTES:g}, found {self.minutes:g}")
        if self.style is not None:
            parse_style(self.style)
        if self.fps is not None and not 8 <= self.fps <= 60:
            raise InputError(f"--fps: expected a whole number from 8 to 60, found {self.fps}")
        if self.seed is not None and not 0 <= self.seed < 2**63:
            raise InputError(f"--seed: expected a whole number from 0 to {2**63 - 1}, found {self.seed}")


def parse_style(text: str | None) -> Style | None:
    """Check the name of a style. Raises InputError with the nearest valid name."""
    if text is None or text in STYLES:
        return text
    raise InputError(f"--style: there is no style {text!r}{did_you_mean(text, STYLES)} Valid: {', '.join(STYLES)}")


def brief_of(prompt: str, options: Options, episode: int = 1) -> Brief:
    """The brief for a planner."""
    return Brief(
        prompt=prompt,
        minutes=options.minutes,
        style=options.style,
        seed=options.seed or 0,
        episode=episode,
        source=options.source,
    )


class _Comparison(NamedTuple):
    """An option, its value (None: not given), and the value that `file` has."""

    name: str
    given: object
    written: object
    file: Path


def check_against_series(series: Series, options: Options, plan: EpisodePlan | None = None) -> None:
    """Check that the given options agree with `series.yaml` and, if there is one, with the first plan. Raises InputError."""
    settings, file = series.settings, series.root / "series.yaml"
    comparisons = [
        _Comparison("fps", options.fps, settings.fps, file),
        _Comparison("takes", options.takes, settings.shooting.takes, file),
        _Comparison("seed", options.seed, settings.seed, file),
        _Comparison("style", options.style, settings.style, file),
    ]
    if options.size is not None and parse_size(options.size) != parse_size(settings.size):
        comparisons.insert(0, _Comparison("size", options.size, settings.size, file))
    if options.backbone is not None and not same_backbone(options.backbone, settings.backbone):
        comparisons.append(_Comparison("backbone", options.backbone, settings.backbone, file))
    if plan is not None:
        comparisons += _plan_comparisons(series.plan_path(1), options, plan)
    _check_equal(comparisons, "for another series choose another folder with --series")


def check_against_plan(path: Path, options: Options, plan: EpisodePlan) -> None:
    """Check that the given options agree with a plan. Raises InputError."""
    _check_equal(_plan_comparisons(path, options, plan))


def _plan_comparisons(path: Path, options: Options, plan: EpisodePlan) -> list[_Comparison]:
    return [
        _Comparison("seed", options.seed, plan.seed, path),
        _Comparison("style", options.style, plan.look.style, path),
    ]


def _check_equal(comparisons: Sequence[_Comparison], *remedies: str) -> None:
    faults = [
        f"--{option.name} {option.given}: {option.file} says {option.written}; edit it there, or leave the option out"
        for option in comparisons
        if option.given is not None and option.given != option.written
    ]
    if faults:
        raise InputError("\n".join([*faults, *remedies]))
