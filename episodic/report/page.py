"""The report as a page: one HTML file with everything in it. Pure: what it says is in its arguments.

Titles, prompts and everything else that comes from a plan is text here, never markup: the template escapes whatever it is given,
and only the plots, which this package draws and escapes itself, are taken as they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from episodic.conditioning.delivery import FORMS, REASONS, Delivery
from episodic.report.judgement_rows import JudgedShot
from episodic.report.sampling_rows import SampledShot

__all__ = ["REPORT_VERSION", "ConflictRow", "Figure", "LineRow", "Page", "PlotBox", "SceneRow", "ShotRow", "render_page"]

REPORT_VERSION: Final = "2"
"""Changes whenever the same contents would give another page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """One spoken line."""

    speaker: str
    emotion: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotRow:
    """One shot."""

    id: str
    size: str
    camera: str
    transition: str
    start_s: float
    """Where it begins on the film."""
    seconds: float
    lines: tuple[LineRow, ...]
    deliveries: tuple[Delivery, ...]
    picture: str = ""
    """A `data:` address; empty: there is no key frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneRow:
    """One scene."""

    id: str
    title: str
    place: str
    time: str
    weather: str
    mood: str
    synopsis: str
    lufs: float | None
    shots: tuple[ShotRow, ...]

    @property
    def seconds(self) -> float:
        """Length of its shots."""
        return sum(one.seconds for one in self.shots)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured figure: what, how much, and a word on how to read it."""

    name: str
    value: str
    note: str = ""
    state: str = ""
    """good, poor, or empty where there is no goal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotBox:
    """One plot, as the SVG that `episodic.quality.plots` drew, and a sentence on what it shows."""

    svg: str
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictRow:
    """Two statements of which one had to give way."""

    what: str
    position: str
    holds: str
    holds_origin: str
    overruled: str
    overruled_origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Everything the report says."""

    key: str
    """Hash of what it was made from; in the page's head."""
    series: str
    episode: int
    title: str
    prompt: str
    made_as: tuple[str, ...]
    """Style, backbone, size…, in words."""
    seconds: float
    scenes: tuple[SceneRow, ...]
    figures: tuple[Figure, ...]
    plots: tuple[PlotBox, ...]
    conflicts: tuple[ConflictRow, ...]
    sound: tuple[Figure, ...]
    notes: tuple[str, ...] = ()
    """What could not be measured, and why."""
    judged: tuple[JudgedShot, ...] = ()
    """Shots of which several takes were judged."""
    sampled: tuple[SampledShot, ...] = ()
    """Shots that an open video model sampled."""


def render_page(page: Page) -> str:
    """The page. The same contents give the same bytes."""
    shots = [shot for scene in page.scenes for shot in scene.shots]
    every = [one for shot in shots for one in shot.deliveries]
    return _template().render(
        page=page,
        shots=shots,
        lines=sum(len(shot.lines) for shot in shots),
        forms=_counted([one.form for one in every if one.form and not one.error], FORMS),
        reasons=_counted([one.dropped for one in every if one.dropped], REASONS),
        errors=sum(bool(one.error) for one in every),
        every=len(every),
        clock=_clock,
        stamp=_stamp,
        plot=Markup,
        tally=_tally,
        kinds=_kinds,
        loudest=max([-40.0, *(scene.lufs for scene in page.scenes if scene.lufs is not None)]),
    )


@cache
def _template() -> Template:
    loader = PackageLoader("episodic.report", "")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("page.html.jinja")


def _counted(found: Sequence[str], order: Sequence[str]) -> list[tuple[str, int]]:
    counts = Counter(found)
    return [(name, counts[name]) for name in order if counts[name]]


def _clock(seconds: float) -> str:
    """Seconds as m:ss, short ones with a tenth."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    return _stamp(seconds)


def _stamp(seconds: float) -> str:
    """A place on the film as m:ss."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _tally(shot: ShotRow) -> Mapping[str, int]:
    """How many memories of a shot were delivered, dropped and lost."""
    lost = sum(bool(one.error) for one in shot.deliveries)
    given = sum(one.form is not None for one in shot.deliveries) - lost
    return {"given": given, "dropped": len(shot.deliveries) - given - lost, "lost": lost}


def _kinds(shots: Sequence[ShotRow]) -> list[tuple[str, int, int]]:
    """For each kind of memory how often it was asked for and how often it arrived, the most asked for first."""
    asked = Counter(one.kind for shot in shots for one in shot.deliveries)
    given = Counter(one.kind for shot in shots for one in shot.deliveries if one.form and not one.error)
    return [(kind, count, given[kind]) for kind, count in sorted(asked.items(), key=lambda one: (-one[1], one[0]))]
