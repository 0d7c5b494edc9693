"""Plots of consistency as SVG for embedding in a page: no script, no external fonts or files. Pure strings.

Readable by eye (light and dark follow the reader's system; lines differ in dash and mark, not only in colour), by screen reader (a title and
a description with the figures), and with the pointer (every mark has its own title).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import accumulate
from typing import Final, Literal
from xml.sax.saxutils import escape

from episodic.quality.recurrence import GapFigure

__all__ = ["Series", "light_plot", "line_plot", "recurrence_plot"]

Measure = Literal["correctness", "similarity"]

_WIDTH, _HEIGHT = 480, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 14, 46, 46
_LEGEND_LEFT, _LEGEND_PX, _LETTER_PX = 12.0, 40.0, 5.8
"""Left edge of the legend; the width of a mark in it, and of each letter of a name."""
_STYLE: Final = (
    "text{font:12px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600;font-size:14px}.axis{stroke:#57606a}"
    ".grid{stroke:#57606a;stroke-opacity:.2}.goal{stroke:#57606a;stroke-dasharray:2 3}.small{font-size:11px}"
    ".a{stroke:#0b6bcb;fill:#0b6bcb}.b{stroke:#b3400e;fill:#b3400e}.c{stroke:#1a7f37;fill:#1a7f37}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.axis{stroke:#9198a1}.grid,.goal{stroke:#9198a1}"
    ".a{stroke:#6cb6ff;fill:#6cb6ff}.b{stroke:#ff9b6a;fill:#ff9b6a}.c{stroke:#56d364;fill:#56d364}}"
)
_LOOKS: Final = (("a", "", "circle"), ("b", "6 4", "square"), ("c", "2 3", "diamond"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line of a plot: a value, and optionally its interval, at each place of the axis. NaN: no value there."""

    name: str
    values: tuple[float, ...]
    intervals: tuple[tuple[float, float], ...] = ()
    notes: tuple[str, ...] = ()
    """A note in the title of each mark, for instance the number of measurements."""


def recurrence_plot(
    title: str,
    figures: Mapping[str, Sequence[GapFigure]],
    measure: Measure = "correctness",
    goal: float | None = None,
) -> str:
    """Plot similarity or correctness over the gap under each condition, with 95 % intervals.

    `figures`: by the name of the condition. `goal`: drawn as a line. Raises ValueError if the conditions differ in their classes of gaps.
    """
    classes = {name: [figure.name for figure in row] for name, row in figures.items()}
    names = next(iter(classes.values()))
    for condition, own in classes.items():
        if own != names:
            raise ValueError(f"{condition}: expected the same classes of gaps as the other conditions, {names}, found {own}")
    unit = "share identified" if measure == "correctness" else "cosine"
    low = 0.0 if measure == "correctness" else _floor([figure for row in figures.values() for figure in row])
    return line_plot(
        title,
        names,
        [_series_of(name, row, measure) for name, row in figures.items()],
        across="gap in scenes since last seen",
        up=unit,
        low=low,
        high=1.0,
        goal=goal,
    )


def light_plot(title: str, names: Sequence[str], series: Sequence[Series], goal: float | None = None, unit: str = "ΔE00") -> str:
    """Plot differences of light between shots, scenes and episodes (`names`), for instance with memory and without. Less is better."""
    highs = [high for line in series for _, high in line.intervals] + [value for line in series for value in line.values]
    top = max([value for value in highs if not math.isnan(value)] + [goal or 0.0, 1.0])
    return line_plot(title, names, series, across="between", up=unit, low=0.0, high=_round_up(top), goal=goal, joined=False)


def line_plot(
    title: str,
    names: Sequence[str],
    series: Sequence[Series],
    *,
    across: str,
    up: str,
    low: float,
    high: float,
    goal: float | None = None,
    joined: bool = True,
) -> str:
    """Plot up to three series over named places as one SVG element. `joined`: with lines between neighbouring marks.

    Raises ValueError for more than three series, or for one whose length is not that of `names`.
    """
    if len(series) > len(_LOOKS):
        raise ValueError(f"expected at most {len(_LOOKS)} series, found {len(series)}")
    for line in series:
        lengths = {len(line.values), len(line.intervals or line.values), len(line.notes or line.values)}
        if lengths != {len(names)}:
            raise ValueError(f"{line.name}: expected {len(names)} values, intervals and notes, found {sorted(lengths)}")
    frame = _Frame(names=tuple(names), low=low, high=high)
    described = _describe(names, series, up)
    mark = "p" + sha256(f"{title}|{described}".encode()).hexdigest()[:10]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{mark}" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-labelledby="{mark}t {mark}d" style="width:100%;max-width:{_WIDTH * 1.5:.0f}px;height:auto">',
        f'<title id="{mark}t">{escape(title)}</title><desc id="{mark}d">{escape(described)}</desc>',
        f"<style>{_scoped(mark)}</style>",
        f'<text class="title" x="{_LEFT}" y="17">{escape(title)}</text>',
        *_axes(frame, across, up),
    ]
    if goal is not None:
        y = frame.y(goal)
        parts.append(f'<line class="goal" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(
            f'<text class="small" x="{_WIDTH - _RIGHT}" y="{y - 4:.1f}" text-anchor="end">goal {_number_text(goal)}</text>'
        )
    starts = accumulate((_LEGEND_PX + _LETTER_PX * len(line.name) for line in series), initial=_LEGEND_LEFT)
    for number, (line, look, start) in enumerate(zip(series, _LOOKS, starts, strict=False)):
        shift = (number - (len(series) - 1) / 2) * 8
        parts += _line_svg(frame, line, look, shift, joined)
        parts += _legend(line.name, look, start)
    return "".join([*parts, "</svg>"])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """Maps places and values to pixels."""

    names: tuple[str, ...]
    low: float
    high: float

    def x(self, place: int) -> float:
        step = (_WIDTH - _LEFT - _RIGHT) / max(len(self.names), 1)
        return _LEFT + step * (place + 0.5)

    def y(self, value: float) -> float:
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)


def _series_of(name: str, figures: Sequence[GapFigure], measure: Measure) -> Series:
    """One measure of figures as a series."""
    return Series(
        name=name,
        values=tuple(getattr(figure, measure) for figure in figures),
        intervals=tuple((getattr(figure, f"{measure}_low"), getattr(figure, f"{measure}_high")) for figure in figures),
        notes=tuple(f"n = {figure.count}" for figure in figures),
    )


def _floor(figures: Sequence[GapFigure]) -> float:
    """The lower end of a plot of cosines: a round number below all of them."""
    lows = [figure.similarity_low for figure in figures if not math.isnan(figure.similarity_low)]
    return max(-1.0, math.floor(min([0.0, *lows]) * 2) / 2) if lows and min(lows) < 0 else 0.0


def _axes(frame: _Frame, across: str, up: str) -> list[str]:
    parts = []
    for number in range(5):
        value = frame.low + (frame.high - frame.low) * number / 4
        y = frame.y(value)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="small" x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{_number_text(value)}</text>')
    floor = _HEIGHT - _BOTTOM
    parts.append(f'<line class="axis" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{floor}" y2="{floor}"/>')
    parts += [
        f'<text class="small" x="{frame.x(place):.1f}" y="{floor + 16}" text-anchor="middle">{escape(name)}</text>'
        for place, name in enumerate(frame.names)
    ]
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    parts.append(f'<text class="small" x="{middle:.0f}" y="{_HEIGHT - 8}" text-anchor="middle">{escape(across)}</text>')
    parts.append(
        f'<text class="small" transform="rotate(-90)" x="{-(_TOP + floor) / 2:.0f}" y="13" text-anchor="middle">{escape(up)}</text>'
    )
    return parts


def _line_svg(frame: _Frame, line: Series, look: tuple[str, str, str], shift: float, joined: bool) -> list[str]:
    """Intervals, line and marks of one series; a NaN leaves a gap in the line."""
    colour, dash, shape = look
    parts: list[str] = []
    runs: list[list[str]] = [[]]
    for place, value in enumerate(line.values):
        if math.isnan(value):
            runs.append([])
            continue
        x, y = frame.x(place) + shift, frame.y(value)
        runs[-1].append(f"{x:.1f},{y:.1f}")
        if line.intervals:
            low, high = (frame.y(bound) for bound in line.intervals[place])
            parts.append(
                f'<path class="{colour}" d="M{x:.1f} {low:.1f}V{high:.1f}M{x - 3:.1f} {low:.1f}h6M{x - 3:.1f} {high:.1f}h6" '
                'stroke-width="1.2" style="fill:none"/>'
            )
        note = f" ({line.notes[place]})" if line.notes else ""
        title = f"{line.name}, {frame.names[place]}: {_number_text(value)}{note}"
        parts.append(_mark_svg(shape, colour, x, y, title))
    if joined:
        parts = [
            f'<polyline class="{colour}" points="{" ".join(run)}" style="fill:none" stroke-width="2" stroke-dasharray="{dash or "none"}"/>'
            for run in runs
            if len(run) > 1
        ] + parts
    return parts


def _mark_svg(shape: str, colour: str, x: float, y: float, title: str) -> str:
    """A mark with its title."""
    titled = f"<title>{escape(title)}</title>"
    if shape == "circle":
        return f'<circle class="{colour}" cx="{x:.1f}" cy="{y:.1f}" r="4">{titled}</circle>'
    turn = f' transform="rotate(45 {x:.1f} {y:.1f})"' if shape == "diamond" else ""
    return f'<rect class="{colour}" x="{x - 3.5:.1f}" y="{y - 3.5:.1f}" width="7" height="7"{turn}>{titled}</rect>'


def _legend(name: str, look: tuple[str, str, str], x: float) -> list[str]:
    colour, dash, shape = look
    return [
        f'<line class="{colour}" x1="{x:.1f}" x2="{x + 26:.1f}" y1="33" y2="33" stroke-width="2" stroke-dasharray="{dash or "none"}"/>',
        _mark_svg(shape, colour, x + 13, 33, name),
        f'<text class="small" x="{x + 32:.1f}" y="37">{escape(name)}</text>',
    ]


def _describe(names: Sequence[str], series: Sequence[Series], up: str) -> str:
    """All figures in words, for readers who do not see the plot."""
    lines = []
    for line in series:
        figures = []
        for place, (name, value) in enumerate(zip(names, line.values, strict=True)):
            within = ""
            if line.intervals and not math.isnan(value):
                within = " ({} to {})".format(*map(_number_text, line.intervals[place]))
            figures.append(f"{name}: {'none' if math.isnan(value) else _number_text(value) + within}")
        lines.append(f"{line.name}, {up}: {'; '.join(figures)}.")
    return " ".join(lines)


def _scoped(mark: str) -> str:
    """The style sheet with selectors for this plot only: styles in an embedded SVG apply to the whole page."""
    head, dark = _STYLE.split("@media(prefers-color-scheme:dark){")
    return f"{_prefixed(head, mark)}@media(prefers-color-scheme:dark){{{_prefixed(dark.removesuffix('}'), mark)}}}"


def _prefixed(rules: str, mark: str) -> str:
    """The rules with the class of the plot before each selector."""
    scoped = []
    for rule in rules.split("}"):
        if rule:
            names, body = rule.split("{")
            scoped.append(",".join(f".{mark} {name}" for name in names.split(",")) + "{" + body + "}")
    return "".join(scoped)


def _number_text(value: float) -> str:
    """The number with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"


def _round_up(value: float) -> float:
    """The next of 1, 2, 4, 8, 20, 40, 80…, so that four steps are round numbers."""
    power = math.pow(10, math.floor(math.log10(value)))
    return next(step * power for step in (1, 2, 4, 8, 20) if step * power >= value * 0.9999)
