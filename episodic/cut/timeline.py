"""The position of every shot on the film: pure arithmetic over frame numbers, no files.

A junction joins one shot to the next. A cut, matched or not, changes no frame. A dissolve overlaps the last frames of one shot with the
first of the next, so the film is shorter by the overlap. A fade goes through black without overlap: the first half of its frames fades
the earlier shot out, the second half fades the later one in. At the start of the film all of it fades in from black, as does a dissolve
there. A junction never takes more than half of either shot, so that the two ends of a shot do not depend on each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Final, Literal

from planners.plan.vocabulary import Transition

__all__ = [
    "SAMPLE_RATE",
    "PlacedScene",
    "PlacedShot",
    "SceneCut",
    "Segment",
    "Span",
    "SpanKind",
    "Timeline",
    "dissolve_frames",
    "keyframes_for",
    "lay_out",
    "sample_at",
]

SAMPLE_RATE: Final = 48_000
"""Hz, of the whole film's sound."""

SpanKind = Literal["copy", "dissolve", "fade_in", "fade_out"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One encoded shot in story order. `transition` leads into it and lasts at most `transition_frames`."""

    id: str
    path: Path
    frames: int
    transition: Transition = "cut"
    transition_frames: int = 0

    def __post_init__(self) -> None:
        if self.frames < 1 or self.transition_frames < 0:
            raise ValueError(
                f"shot {self.id}: {self.frames} frames, transition of {self.transition_frames}: expected >= 1 and >= 0"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneCut:
    """One scene: its shots in order."""

    id: str
    title: str
    shots: tuple[Segment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """`frames` of film from `start` on: frames `first…` of shot number `shot`, copied, faded, or dissolved with those of `under`.

    Shot numbers index `Timeline.shots`. In a dissolve `shot` appears and `under` (from its frame `under_first` on) disappears.
    """

    kind: SpanKind
    start: int
    frames: int
    shot: int
    first: int
    under: int = -1
    under_first: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedShot:
    """A shot on the film. Its frame f is film frame `start + f`; the first `head` and last `tail` frames are not copied."""

    segment: Segment
    scene: int
    start: int
    head: int
    tail: int

    @property
    def end(self) -> int:
        """The film frame after its last one."""
        return self.start + self.segment.frames


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedScene:
    """A scene on the film, film frames `start` to `end`; its first `overlap` frames are shared with the scene before."""

    id: str
    title: str
    start: int
    end: int
    overlap: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The whole film: `frames` at `fps`. `spans` follow one another without a gap and cover every film frame once."""

    fps: int
    frames: int
    shots: tuple[PlacedShot, ...]
    scenes: tuple[PlacedScene, ...]
    spans: tuple[Span, ...]

    @property
    def samples(self) -> int:
        """Length of the film's sound, samples at `SAMPLE_RATE`."""
        return sample_at(self.frames, self.fps)

    def seconds(self, frame: int) -> float:
        """Return the time at which a film frame begins."""
        return float(Fraction(frame, self.fps))

    def shot(self, shot_id: str) -> PlacedShot:
        """Return the shot with this id. Raises KeyError if there is none."""
        for shot in self.shots:
            if shot.segment.id == shot_id:
                return shot
        raise KeyError(shot_id)


@dataclass(frozen=True, slots=True)
class _Junction:
    """Frames that a transition takes from the end of the earlier shot and the start of the later one, and their overlap."""

    tail: int = 0
    head: int = 0
    overlap: int = 0


def dissolve_frames(fps: int) -> int:
    """Return the frames of a dissolve or a whole fade: half a second."""
    return max(1, (fps + 1) // 2)


def sample_at(frame: int, fps: int) -> int:
    """Return the first sample of a frame: frame / fps seconds, rounded to the nearest sample (half up)."""
    return (2 * frame * SAMPLE_RATE + fps) // (2 * fps)


def keyframes_for(shot: Segment, following: Segment | None = None, *, previous: Segment | None = None) -> set[int]:
    """Return where to force keyframes in `shot`: after the frames of its opening transition, and before those of its closing one.

    Only the frames of the transitions are then encoded again. A missing keyframe costs at most two seconds of encoding.
    """
    head = _junction(previous, shot).head
    tail = _junction(shot, following).tail if following is not None else 0
    return {head, shot.frames - tail} - {0, shot.frames}


def lay_out(scenes: Sequence[SceneCut], fps: int, *, closing_fade: int = 0) -> Timeline:
    """Place every shot of every scene on the film; the last shot fades to black over its last `closing_fade` frames.

    Raises ValueError for no shots, an empty scene, or an id used twice.
    """
    order = [(number, shot) for number, scene in enumerate(scenes) for shot in scene.shots]
    _check(scenes, [shot for _, shot in order])
    segments = [shot for _, shot in order]
    joints = [_junction(a, b) for a, b in zip([None, *segments[:-1]], segments, strict=True)]
    joints.append(_Junction(tail=min(closing_fade, segments[-1].frames // 2)))
    shots: list[PlacedShot] = []
    for (scene, shot), before, after in zip(order, joints, joints[1:], strict=False):
        start = shots[-1].end - before.overlap if shots else 0
        shots.append(PlacedShot(segment=shot, scene=scene, start=start, head=before.head, tail=after.tail))
    return Timeline(
        fps=fps, frames=shots[-1].end, shots=tuple(shots), scenes=_place_scenes(scenes, shots), spans=tuple(_spans(shots))
    )


def _check(scenes: Sequence[SceneCut], segments: Sequence[Segment]) -> None:
    """Raise ValueError for no shots, an empty scene, or an id used twice."""
    empty = [scene.id for scene in scenes if not scene.shots]
    if empty or not segments:
        raise ValueError(f"a film needs at least one shot in every scene; without shots: {empty or 'the whole film'}")
    twice = sorted(name for name, times in Counter(segment.id for segment in segments).items() if times > 1)
    if twice:
        raise ValueError(f"shot ids are used twice: {twice}")


def _junction(before: Segment | None, after: Segment) -> _Junction:
    """Fit the requested transition to the lengths of its two shots."""
    requested = after.transition_frames
    if after.transition in ("cut", "match_cut") or requested == 0:
        return _Junction()
    room = after.frames // 2
    if before is None:
        return _Junction(head=min(requested, room))
    if after.transition == "dissolve":
        shared = min(requested, room, before.frames // 2)
        return _Junction(tail=shared, head=shared, overlap=shared)
    return _Junction(tail=min(requested // 2, before.frames // 2), head=min(requested - requested // 2, room))


def _place_scenes(scenes: Sequence[SceneCut], shots: Sequence[PlacedShot]) -> tuple[PlacedScene, ...]:
    """Return every scene's position, from its shots' positions."""
    placed: list[PlacedScene] = []
    for number, group in groupby(shots, key=lambda shot: shot.scene):
        mine = list(group)
        scene, overlap = scenes[number], placed[-1].end - mine[0].start if placed else 0
        placed.append(PlacedScene(id=scene.id, title=scene.title, start=mine[0].start, end=mine[-1].end, overlap=overlap))
    return tuple(placed)


def _spans(shots: Sequence[PlacedShot]) -> Iterable[Span]:
    """Divide the film into spans that are copied, faded or dissolved."""
    for number, shot in enumerate(shots):
        before = shots[number - 1] if number else None
        overlap = before.end - shot.start if before else 0
        if overlap:
            under_first = shots[number - 1].segment.frames - overlap
            yield Span(
                kind="dissolve", start=shot.start, frames=overlap, shot=number, first=0, under=number - 1, under_first=under_first
            )
        elif shot.head:
            yield Span(kind="fade_in", start=shot.start, frames=shot.head, shot=number, first=0)
        copied = shot.segment.frames - shot.head - shot.tail
        if copied:
            yield Span(kind="copy", start=shot.start + shot.head, frames=copied, shot=number, first=shot.head)
        dissolves = number + 1 < len(shots) and shots[number + 1].start < shot.end
        if shot.tail and not dissolves:
            first = shot.segment.frames - shot.tail
            yield Span(kind="fade_out", start=shot.start + first, frames=shot.tail, shot=number, first=first)
