"""The identity of recurring entities: similarity and correctness as a function of the gap. Pure.

A *recurrence* is an entity's first return in a later scene. Its gap is the distance to the scene in which it was last seen, in scenes of the
series and in episodes. Similarity alone says little: a model that draws every character alike is perfectly similar. So every recurrence is
also identified among all entities known by then (correctness).

Sources: the recurrence gap, and the rule that only recognisably right entities count for consistency: He et al., "EntityBench: Towards
Entity-Consistent Long-Range Multi-Shot Video Generation", arXiv 2605.15199 (2026), there in shots, here in scenes and episodes.
Consistency across shots as cosines of embeddings: Zhang et al., "StoryMem: Multi-shot Long Video Storytelling with Memory", arXiv
2512.19539 (2025). Intervals: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float, Float32, Float64

from memory.model.facts import FactValue, StoryPosition
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
    "unit_vector",
    "wilson",
]

GAPS: Final[tuple[int, ...]] = (1, 2, 5, 10, 20, 30)
"""The shortest gap of each class, in scenes: 1, 2-4, 5-9, 10-19, 20-29, 30 and more."""
_Z: Final = 1.959963984540054
"""Standard deviations of a two-sided 95 % interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """The picture or sound of one entity in one take, as a vector. A scene may hold several of one entity."""

    entity: str
    position: StoryPosition
    kind: EmbeddingKind
    vector: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """One return of an entity."""

    entity: str
    kind: EmbeddingKind
    position: StoryPosition
    gap_scenes: int
    """Scenes since the one in which it was last seen; 1: the next scene."""
    gap_episodes: int
    similarity: float
    """Cosine to the mean of its vectors before the gap."""
    nearest: str
    """The entity with the nearest reference."""
    known: int
    """Number of known entities, itself included; a guess is right with probability 1 / `known`."""

    @property
    def correct(self) -> bool:
        """Whether the nearest reference is its own."""
        return self.nearest == self.entity

    def to_json(self) -> dict[str, FactValue]:
        """The recurrence as JSON, for a report."""
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
    """The figures of all recurrences in one class of gaps. Without recurrences, every figure except the counts is NaN."""

    least: int
    """Shortest gap of the class, in scenes."""
    most: int | None
    """Longest gap; None: no limit."""
    count: int
    correct: int
    similarity: float
    """Mean cosine."""
    similarity_low: float
    similarity_high: float
    """95 % interval of the mean by the normal approximation; equal to the mean for a single recurrence."""
    correctness: float
    """Share identified correctly, 0 to 1."""
    correctness_low: float
    correctness_high: float
    """95 % interval by Wilson's score."""
    chance: float
    """Share that a guess would identify."""
    fewest_ways: int = 0
    most_ways: int = 0
    """Smallest and largest number of candidates in an identification; 0 without recurrences."""

    @property
    def name(self) -> str:
        """The class in scenes: `1`, `2-4`, `30+`."""
        if self.most is None:
            return f"{self.least}+"
        return str(self.least) if self.most == self.least else f"{self.least}-{self.most}"

    def to_json(self) -> dict[str, FactValue]:
        """The figures as JSON, for a report; null instead of NaN."""
        return {
            "gap": self.name,
            "count": self.count,
            "correct": self.correct,
            "similarity": _rounded(self.similarity),
            "similarity_low": _rounded(self.similarity_low),
            "similarity_high": _rounded(self.similarity_high),
            "correctness": _rounded(self.correctness),
            "correctness_low": _rounded(self.correctness_low),
            "correctness_high": _rounded(self.correctness_high),
            "chance": _rounded(self.chance),
            "fewest_ways": self.fewest_ways,
            "most_ways": self.most_ways,
        }


def _rounded(value: float) -> float | None:
    """The value to five decimals; None for NaN."""
    return None if math.isnan(value) else round(value, 5)


def appearances_of(
    kind: EmbeddingKind, owners: Sequence[VectorOwner], vectors: Float32[np.ndarray, "n d"]
) -> tuple[Appearance, ...]:
    """Make appearances of the result of `MemoryStore.vectors`, without the vectors of whole scenes."""
    return tuple(
        Appearance(entity=owner.entity, position=owner.position, kind=kind, vector=tuple(map(float, row)))
        for owner, row in zip(owners, vectors, strict=True)
        if owner.entity
    )


def find_recurrences(appearances: Iterable[Appearance], scenes: Sequence[StoryPosition]) -> tuple[Recurrence, ...]:
    """Find every return of an entity in a later scene, in story order, separately for each kind of vector.

    `scenes`: all scenes of the series; gaps are counted in them. The reference of an entity is the mean of its unit vectors in earlier
    scenes. Each of several appearances of an entity in one scene is a recurrence, all with the same gap.

    Raises ValueError for an appearance outside `scenes`, or if vectors of one kind differ in length.
    """
    order = {position: number for number, position in enumerate(sorted(set(scenes)))}
    kinds: dict[EmbeddingKind, list[Appearance]] = {}
    for appearance in appearances:
        if appearance.position not in order:
            raise ValueError(f"{appearance.entity} appears at {appearance.position}, which is none of the {len(order)} scenes")
        kinds.setdefault(appearance.kind, []).append(appearance)
    recurrences: list[Recurrence] = []
    for kind, group in kinds.items():
        if len({len(appearance.vector) for appearance in group}) > 1:
            raise ValueError(f"vectors of kind {kind} differ in length: they come from different encoders")
        recurrences += _recurrences_of(group, order)
    return tuple(sorted(recurrences, key=lambda recurrence: (recurrence.position, recurrence.kind, recurrence.entity)))


def _recurrences_of(group: Sequence[Appearance], order: Mapping[StoryPosition, int]) -> list[Recurrence]:
    """All recurrences of one kind, scene by scene: each scene is compared with earlier ones before its vectors become references."""
    by_scene: dict[StoryPosition, list[Appearance]] = {}
    for appearance in group:
        by_scene.setdefault(appearance.position, []).append(appearance)
    sums: dict[str, Float64[np.ndarray, " d"]] = {}
    last: dict[str, StoryPosition] = {}
    recurrences = []
    for position in sorted(by_scene):
        names = sorted(sums)
        table = np.stack([unit_vector(sums[name]) for name in names]) if names else np.zeros((0, 0))
        for appearance in by_scene[position]:
            entity = appearance.entity
            if entity not in sums:
                continue
            cosines = table @ unit_vector(appearance.vector)
            recurrences.append(
                Recurrence(
                    entity=entity,
                    kind=appearance.kind,
                    position=position,
                    gap_scenes=order[position] - order[last[entity]],
                    gap_episodes=position.episode - last[entity].episode,
                    similarity=float(cosines[names.index(entity)]),
                    nearest=names[int(cosines.argmax())],
                    known=len(names),
                )
            )
        for appearance in by_scene[position]:
            entity, vector = appearance.entity, unit_vector(appearance.vector)
            sums[entity] = sums[entity] + vector if entity in sums else vector
            last[entity] = position
    return recurrences


def by_gap(recurrences: Iterable[Recurrence], gaps: Sequence[int] = GAPS) -> tuple[GapFigure, ...]:
    """The figures of each class of gaps. `gaps`: the shortest gap of each class in scenes, ascending; shorter gaps are left out."""
    compared = list(recurrences)
    ends = [*(start - 1 for start in gaps[1:]), None]
    return tuple(
        summarise(
            [recurrence for recurrence in compared if least <= recurrence.gap_scenes <= (most or recurrence.gap_scenes)],
            least,
            most,
        )
        for least, most in zip(gaps, ends, strict=True)
    )


def at_least(recurrences: Iterable[Recurrence], *, scenes: int = 1, episodes: int = 0) -> GapFigure:
    """The figures of all recurrences after a gap of at least `scenes` scenes and `episodes` episodes."""
    compared = [
        recurrence for recurrence in recurrences if recurrence.gap_scenes >= scenes and recurrence.gap_episodes >= episodes
    ]
    return summarise(compared, scenes, None)


def summarise(recurrences: Sequence[Recurrence], least: int, most: int | None) -> GapFigure:
    """The figures of `recurrences`, whose gaps are between `least` and `most` scenes."""
    count = len(recurrences)
    correct = sum(recurrence.correct for recurrence in recurrences)
    low, high = wilson(correct, count)
    similar = np.array([recurrence.similarity for recurrence in recurrences])
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
        chance=float(np.mean([1 / recurrence.known for recurrence in recurrences])) if count else math.nan,
        fewest_ways=min((recurrence.known for recurrence in recurrences), default=0),
        most_ways=max((recurrence.known for recurrence in recurrences), default=0),
    )


def wilson(successes: int, count: int) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson 1927); NaN for a count of 0. Raises ValueError for an impossible number of successes."""
    if not 0 <= successes <= count:
        raise ValueError(f"expected 0 to {count} successes, found {successes}")
    if count == 0:
        return math.nan, math.nan
    share, square = successes / count, _Z**2
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = _Z / (1 + square / count) * math.sqrt(share * (1 - share) / count + square / (4 * count**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def unit_vector(vector: Sequence[float] | Float[np.ndarray, " d"]) -> Float64[np.ndarray, " d"]:
    """The vector at unit length; a zero vector stays zero."""
    values: Float64[np.ndarray, " d"] = np.asarray(vector, np.float64)
    length = float(np.linalg.norm(values))
    return values / length if length else values
