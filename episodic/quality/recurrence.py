"""Is somebody who comes back still the same one? Similarity and correctness as a function of the gap. Pure.

A *recurrence* is an entity's first return in a later scene. Its gap is how far away it was last seen, in scenes of the series and
in episodes. Similarity alone says little: a model that draws everybody alike is perfectly similar. So every recurrence is also
identified among all entities known by then (correctness).

Sources: the recurrence gap, and that only what is recognisably right may count for consistency: He et al., "EntityBench: Towards
Entity-Consistent Long-Range Multi-Shot Video Generation", arXiv 2605.15199 (2026), there in shots, here in scenes and episodes.
Consistency across shots as cosines of embeddings: Zhang et al., "StoryMem: Multi-shot Long Video Storytelling with Memory", arXiv
2512.19539 (2025). Intervals: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Float32, Float64

from memory.model.facts import StoryPosition
from memory.model.records import EmbeddingKind, VectorOwner

__all__ = [
    "GAPS",
    "Appearance",
    "GapFigure",
    "Recurrence",
    "appearances_of",
    "at_least",
    "by_gap",
    "find_recurrences",
    "summarise",
    "wilson",
]

GAPS: Final[tuple[int, ...]] = (1, 2, 5, 10, 20, 30)
"""Where the classes of gaps begin, in scenes: 1, 2-4, 5-9, 10-19, 20-29, 30 and more."""
_Z: Final = 1.959963984540054
"""95 %, two-sided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """What one take shows (or lets hear) of one entity, as a vector. A scene may hold several of one entity."""

    entity: str
    position: StoryPosition
    kind: EmbeddingKind
    vector: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """One entity comes back."""

    entity: str
    kind: EmbeddingKind
    position: StoryPosition
    gap_scenes: int
    """How many scenes after the one it was last seen in; 1: the next scene."""
    gap_episodes: int
    similarity: float
    """Cosine to the mean of what was seen of it before the gap."""
    nearest: str
    """Whose reference is nearest."""
    known: int
    """How many entities it could have been taken for, itself included; guessing is right once in so many times."""

    @property
    def correct(self) -> bool:
        """Whether it is taken for itself."""
        return self.nearest == self.entity

    def to_json(self) -> dict[str, Any]:
        """For a report."""
        return {
            "entity": self.entity,
            "kind": self.kind,
            "position": str(self.position),
            "gap_scenes": self.gap_scenes,
            "gap_episodes": self.gap_episodes,
            "similarity": round(self.similarity, 5),
            "nearest": self.nearest,
            "known": self.known,
            "correct": self.correct,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class GapFigure:
    """All recurrences of one class of gaps, together. Where there are none, every figure but the counts is NaN."""

    least: int
    """Shortest gap of the class, in scenes."""
    most: int | None
    """Longest; None: no end."""
    count: int
    correct: int
    similarity: float
    """Mean."""
    similarity_low: float
    similarity_high: float
    """95 % of the mean, by the normal approximation; equal to the mean for a single recurrence."""
    correctness: float
    """Share identified, 0 to 1."""
    correctness_low: float
    correctness_high: float
    """95 % by Wilson's score."""
    chance: float
    """Share that guessing would identify."""
    fewest_ways: int = 0
    most_ways: int = 0
    """Among how many candidates each was identified; 0 where there are none."""

    @property
    def name(self) -> str:
        """The class in scenes: `1`, `2-4`, `30+`."""
        if self.most is None:
            return f"{self.least}+"
        return str(self.least) if self.most == self.least else f"{self.least}-{self.most}"

    def to_json(self) -> dict[str, Any]:
        """For a report; null where there is nothing."""
        figures = {name: getattr(self, name) for name in self.__slots__ if name not in ("least", "most", "count", "correct")}
        rounded = {name: None if math.isnan(value) else round(value, 5) for name, value in figures.items()}
        return {"gap": self.name, "count": self.count, "correct": self.correct, **rounded}


def appearances_of(
    kind: EmbeddingKind, owners: Sequence[VectorOwner], vectors: Float32[np.ndarray, "n d"]
) -> tuple[Appearance, ...]:
    """What `MemoryStore.vectors` returns, as appearances; vectors of scenes as a whole are left out."""
    return tuple(
        Appearance(entity=owner.entity, position=owner.position, kind=kind, vector=tuple(map(float, row)))
        for owner, row in zip(owners, vectors, strict=True)
        if owner.entity
    )


def find_recurrences(appearances: Iterable[Appearance], scenes: Sequence[StoryPosition]) -> tuple[Recurrence, ...]:
    """Every return of an entity in a later scene, in story order, each kind of vector on its own.

    `scenes`: all scenes of the series, in which gaps are counted. The reference of an entity is the mean of its unit vectors in
    earlier scenes. A scene with several appearances of one entity gives one recurrence each, all with the same gap.

    Raises ValueError for an appearance outside `scenes`, or vectors of one kind that differ in length.
    """
    order = {position: number for number, position in enumerate(sorted(set(scenes)))}
    kinds: dict[EmbeddingKind, list[Appearance]] = {}
    for one in appearances:
        if one.position not in order:
            raise ValueError(f"{one.entity} appears at {one.position}, which is none of the {len(order)} scenes")
        kinds.setdefault(one.kind, []).append(one)
    found: list[Recurrence] = []
    for kind, group in kinds.items():
        if len({len(one.vector) for one in group}) > 1:
            raise ValueError(f"vectors of kind {kind} differ in length: they come from different encoders")
        found += _recurrences_of(group, order)
    return tuple(sorted(found, key=lambda one: (one.position, one.kind, one.entity)))


def _recurrences_of(group: Sequence[Appearance], order: Mapping[StoryPosition, int]) -> list[Recurrence]:
    """All of one kind, scene by scene: first everybody in the scene is judged, then what it shows becomes known."""
    by_scene: dict[StoryPosition, list[Appearance]] = {}
    for one in group:
        by_scene.setdefault(one.position, []).append(one)
    seen: dict[str, Float64[np.ndarray, " d"]] = {}
    last: dict[str, StoryPosition] = {}
    found = []
    for position in sorted(by_scene):
        names = sorted(seen)
        table = np.stack([_unit(seen[name]) for name in names]) if names else np.zeros((0, 0))
        for one in (one for one in by_scene[position] if one.entity in seen):
            cosines = table @ _unit(np.asarray(one.vector, np.float64))
            found.append(
                Recurrence(
                    entity=one.entity,
                    kind=one.kind,
                    position=position,
                    gap_scenes=order[position] - order[last[one.entity]],
                    gap_episodes=position.episode - last[one.entity].episode,
                    similarity=float(cosines[names.index(one.entity)]),
                    nearest=names[int(cosines.argmax())],
                    known=len(names),
                )
            )
        for one in by_scene[position]:
            vector = _unit(np.asarray(one.vector, np.float64))
            seen[one.entity] = seen[one.entity] + vector if one.entity in seen else vector
            last[one.entity] = position
    return found


def by_gap(recurrences: Iterable[Recurrence], gaps: Sequence[int] = GAPS) -> tuple[GapFigure, ...]:
    """Figures for each class of gaps. `gaps`: where the classes begin, ascending, in scenes. Shorter gaps are left out."""
    every = list(recurrences)
    ends = [*(start - 1 for start in gaps[1:]), None]
    return tuple(
        summarise([one for one in every if least <= one.gap_scenes <= (most or one.gap_scenes)], least, most)
        for least, most in zip(gaps, ends, strict=True)
    )


def at_least(recurrences: Iterable[Recurrence], *, scenes: int = 1, episodes: int = 0) -> GapFigure:
    """One figure for all recurrences after at least so many scenes and episodes."""
    return summarise([one for one in recurrences if one.gap_scenes >= scenes and one.gap_episodes >= episodes], scenes, None)


def summarise(recurrences: Sequence[Recurrence], least: int, most: int | None) -> GapFigure:
    """One figure for `recurrences`, whose gaps are between `least` and `most` scenes."""
    count = len(recurrences)
    correct = sum(one.correct for one in recurrences)
    low, high = wilson(correct, count)
    similar = np.array([one.similarity for one in recurrences])
    mean = float(similar.mean()) if count else math.nan
    spread = _Z * float(similar.std(ddof=1)) / math.sqrt(count) if count > 1 else 0.0
    return GapFigure(
        least=least,
        most=most,
        count=count,
        correct=correct,
        similarity=mean,
        similarity_low=mean - spread,
        similarity_high=mean + spread,
        correctness=correct / count if count else math.nan,
        correctness_low=low,
        correctness_high=high,
        chance=float(np.mean([1 / one.known for one in recurrences])) if count else math.nan,
        fewest_ways=min((one.known for one in recurrences), default=0),
        most_ways=max((one.known for one in recurrences), default=0),
    )


def wilson(successes: int, count: int) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson 1927); NaN for nothing counted. Raises ValueError for an impossible count."""
    if not 0 <= successes <= count:
        raise ValueError(f"expected 0 to {count} successes, found {successes}")
    if count == 0:
        return math.nan, math.nan
    share, square = successes / count, _Z**2
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = _Z / (1 + square / count) * math.sqrt(share * (1 - share) / count + square / (4 * count**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def _unit(vector: Float64[np.ndarray, " d"]) -> Float64[np.ndarray, " d"]:
    length = float(np.linalg.norm(vector))
    return vector / length if length else vector
