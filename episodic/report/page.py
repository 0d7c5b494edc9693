"""The report of an episode as one self-contained HTML page, made only from the arguments.

The template escapes everything, so that titles, prompts and other text from a plan are never markup. The exception is the plots,
which this package draws and escapes itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from episodic.conditioning.delivery import FORMS, REASONS, Delivery
from episodic.report.judgement_rows import JudgedShot
from episodic.report.sampling_rows import SampledShot

__all__ = ["REPORT_VERSION", "ConflictRow", "Figure", "LineRow", "Page", "PlotBox", "SceneRow", "ShotRow", "render_page"]

REPORT_VERSION: Final = "4"
"""Must change whenever the same contents would give another page."""


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
    """Start in the film."""
    seconds: float
    lines: tuple[LineRow, ...]
    deliveries: tuple[Delivery, ...]
    picture: str = ""
    """A `data:` URL; empty without a key frame."""


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
        """Length of the scene's shots."""
        return sum(shot.seconds for shot in self.shots)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured figure with a remark on how to read it."""

    name: str
    value: str
    note: str = ""
    state: str = ""
    """good or poor; empty without a goal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotBox:
    """One plot, as an SVG from `episodic.quality.plots`, and its caption."""

    svg: str
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictRow:
    """Two contradicting statements, of which the second is overruled."""

    what: str
    position: str
    holds: str
    holds_origin: str
    overruled: str
    overruled_origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The contents of the report."""

    key: str
    """Hash of everything the page is made from; written in its head."""
    series: str
    episode: int
    title: str
    prompt: str
    settings: tuple[str, ...]
    """Style, backbone, size…, in words."""
    seconds: float
    scenes: tuple[SceneRow, ...]
    figures: tuple[Figure, ...]
    plots: tuple[PlotBox, ...]
    conflicts: tuple[ConflictRow, ...]
    sound: tuple[Figure, ...]
    notes: tuple[str, ...] = ()
    """Figures that could not be measured, and the reasons."""
    judged: tuple[JudgedShot, ...] = ()
    """Shots with several judged takes."""
    sampled: tuple[SampledShot, ...] = ()
    """Shots that were sampled by an open video model."""


def render_page(page: Page) -> str:
    """Render the page as HTML. The same contents give the same bytes."""
    shots = [shot for scene in page.scenes for shot in scene.shots]
    deliveries = [delivery for shot in shots for delivery in shot.deliveries]
    return _template().render(
        page=page,
        shots=shots,
        lines=sum(len(shot.lines) for shot in shots),
        forms=_count_in_order([delivery.form for delivery in deliveries if delivery.form and not delivery.error], FORMS),
        reasons=_count_in_order([delivery.dropped for delivery in deliveries if delivery.dropped], REASONS),
        errors=sum(bool(delivery.error) for delivery in deliveries),
        duration=_duration_text,
        timecode=_timecode,
        plot=Markup,
        tally=_tally,
        loudest=max([-40.0, *(scene.lufs for scene in page.scenes if scene.lufs is not None)]),
    )


@cache
def _template() -> Template:
    loader = PackageLoader("episodic.report", "")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("page.html.jinja")


def _count_in_order(names: Sequence[str], order: Sequence[str]) -> list[tuple[str, int]]:
    counts = Counter(names)
    return [(name, counts[name]) for name in order if counts[name]]


def _duration_text(seconds: float) -> str:
    """A duration: `4.2 s` below a minute, else `m:ss`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    return _timecode(seconds)


def _timecode(seconds: float) -> str:
    """A position in the film as `m:ss`."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


class _Tally(NamedTuple):
    """How many memories of a shot were delivered, dropped and lost."""

    delivered: int
    dropped: int
    lost: int


def _tally(shot: ShotRow) -> _Tally:
    lost = sum(bool(delivery.error) for delivery in shot.deliveries)
    delivered = sum(delivery.form is not None for delivery in shot.deliveries) - lost
    return _Tally(delivered, len(shot.deliveries) - delivered - lost, lost)
