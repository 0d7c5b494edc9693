"""Apply the pixel layers to the frames of one shot: flicker, colour, seams, grain.

Everything is measured on the whole shot before the first frame is changed. The frames are therefore made twice; between the two passes
only numbers are kept, so memory stays flat. Clean film is left unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from jaxtyping import Float32
from numpy import ndarray

from episodic.consistency.colour import ColourAnchor, ColourMap, anchor_of, apply, match_map
from episodic.consistency.flicker import ExposureTrack, expose, flicker_gains
from episodic.consistency.flow import Picture
from episodic.consistency.grain import GrainMatch, GrainProfile, middle_profile, profile_of
from episodic.consistency.seams import repair_joins
from episodic.series.shooting_settings import Layer

__all__ = ["FINISH_VERSION", "finish"]

FINISH_VERSION: Final = "2"
"""Changes whenever the same frames would give different output."""
_COLOUR_EVERY: Final = 4
_GRAIN_EVERY: Final = 24


@dataclass(frozen=True, slots=True)
class _Correction:
    """The corrections that the first pass decides on."""

    gains: Float32[ndarray, "frame gain"] | None
    colours: ColourMap
    grain: GrainMatch | None


def finish(
    make_frames: Callable[[], Iterable[Picture]],
    layers: Collection[Layer],
    *,
    anchor: ColourAnchor | None,
    joins: Sequence[int] = (),
    grain: GrainProfile | None,
    seed: int,
) -> Iterator[Picture]:
    """Apply `layers` to the frames of one shot. `make_frames` is called twice and must return the same frames both times.

    `anchor` and `grain` are the scene's, None if the scene has none. `joins` is the first frame of each window or chained take but the
    first. `seed` is that of added grain.
    """
    measured = _measure(make_frames, layers, anchor, grain, seed)
    frames: Iterator[Picture] = _regraded(make_frames(), measured)
    if "seams" in layers and joins:
        frames = repair_joins(frames, joins)
    for number, frame in enumerate(frames):
        yield frame if measured.grain is None else measured.grain.apply(frame, number)


def _measure(
    make_frames: Callable[[], Iterable[Picture]],
    layers: Collection[Layer],
    anchor: ColourAnchor | None,
    grain: GrainProfile | None,
    seed: int,
) -> _Correction:
    """Measure what the layers need on all frames."""
    track = ExposureTrack() if "flicker" in layers else None
    scene_colours = anchor if "colour" in layers else None
    scene_grain = grain if "grain" in layers else None
    colours: list[ColourAnchor] = []
    grains: list[GrainProfile] = []
    if track is None and scene_colours is None and scene_grain is None:
        return _Correction(None, ColourMap.none(), None)
    for number, frame in enumerate(make_frames()):
        if track is not None:
            track.add(frame)
        if scene_colours is not None and number % _COLOUR_EVERY == 0:
            colours.append(anchor_of([frame]))
        if scene_grain is not None and number % _GRAIN_EVERY == 0:
            grains.append(profile_of([frame]))
    return _Correction(
        flicker_gains(track) if track is not None else None,
        match_map(colours, scene_colours) if scene_colours is not None and colours else ColourMap.none(),
        GrainMatch(middle_profile(grains), scene_grain, seed) if scene_grain is not None and grains else None,
    )


def _regraded(frames: Iterable[Picture], measured: _Correction) -> Iterator[Picture]:
    """Correct the exposure and the colours of every frame."""
    for number, frame in enumerate(frames):
        still = frame if measured.gains is None else expose(frame, measured.gains[number])
        yield apply(measured.colours, still)
