"""Printed identity figures, with their judge, chance, ceiling, ablation, interval and number of ways. Pure.

A share alone says nothing: 40 % is poor among two and good among fifty, and 100 % is worth little if the ablation reaches it too. So
benches and reports print identity only through `IdentityFigure`, which refuses a judge that the registry does not know.

*Ceiling*: the share that the judge gets right if the identity is known to be the same. Takes of one scene share one cast under every
condition, so each is identified by its scene-mates (`same_scene_ceiling`) instead of by references from memory.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float64

from episodic.quality.judge_registry import Judge, judge_named, kind_on
from episodic.quality.recurrence import Appearance, GapFigure, Recurrence, summarise, unit_vector
from memory.model.facts import FactValue, StoryPosition

__all__ = ["NOT_MEASURED", "IdentityFigure", "same_scene_ceiling", "share_words", "ways_words"]

NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityFigure:
    """The share of recurrences identified, with everything needed to interpret it. Raises ValueError for an unregistered judge."""

    judge: str
    share: GapFigure
    ceiling: GapFigure | None = None
    """None: not measured."""
    ablation: Mapping[str, GapFigure] = field(default_factory=dict)
    """The same share without memory, by condition in words; empty: not measured."""
    selected: bool = False
    """Whether a judge selected the takes among several."""

    def __post_init__(self) -> None:
        judge_named(self.judge)

    @property
    def registered(self) -> Judge:
        """The judge's entry in the registry."""
        return judge_named(self.judge)

    @property
    def title(self) -> str:
        """`look (judge: look-lda-1)` or `motion (consistency check: stage-encoder)`."""
        return f"{self.registered.judges} ({kind_on(self.registered, selected=self.selected)}: {self.judge})"

    def words(self) -> str:
        """The figure on one line."""
        if not self.share.count:
            return f"{self.title}: {NOT_MEASURED}"
        ablation = "; ".join(f"{name}: {share_words(figure)}" for name, figure in self.ablation.items())
        return (
            f"{self.title}: {share_words(self.share)}, {ways_words(self.share)} ways, chance {_share_percent(self.share.chance)}; "
            f"ceiling: {NOT_MEASURED if self.ceiling is None else share_words(self.ceiling)}; ablation: {ablation or NOT_MEASURED}"
        )

    def to_json(self) -> dict[str, FactValue]:
        """The figure as JSON; `ceiling` and `ablation` are null if they were not measured."""
        return {
            "judge": self.judge,
            "judges": self.registered.judges,
            "kind": kind_on(self.registered, selected=self.selected),
            "note": self.registered.note,
            "share": self.share.to_json(),
            "ceiling": None if self.ceiling is None else self.ceiling.to_json(),
            "ablation": {name: figure.to_json() for name, figure in self.ablation.items()} or None,
        }


def share_words(figure: GapFigure) -> str:
    """`12/12 = 100 % (76-100)`, with the 95 % interval in brackets."""
    if not figure.count:
        return NOT_MEASURED
    within = f"{100 * figure.correctness_low:.0f}-{100 * figure.correctness_high:.0f}"
    return f"{figure.correct}/{figure.count} = {_share_percent(figure.correctness)} ({within})"


def ways_words(figure: GapFigure) -> str:
    """The number of candidates: `24`, or `3-24` if not all of them were known from the start."""
    few, many = figure.fewest_ways, figure.most_ways
    return str(many) if few == many else f"{few}-{many}"


def _share_percent(share: float) -> str:
    return NOT_MEASURED if math.isnan(share) else f"{100 * share:.0f} %"


def same_scene_ceiling(appearances: Iterable[Appearance]) -> GapFigure | None:
    """The share of takes with a given identity that a judge identifies, each compared with its scene-mates and all entities known so far.

    The reference of the entity is the mean of its other takes in the same scene; that of any other entity is the mean of its takes up to and
    including the scene. Entities with a single take in a scene are left out. None if no scene has two takes of an entity.
    """
    by_scene: dict[StoryPosition, list[Appearance]] = {}
    for appearance in appearances:
        by_scene.setdefault(appearance.position, []).append(appearance)
    sums: dict[str, Float64[np.ndarray, " dimension"]] = {}
    trials: list[Recurrence] = []
    for position in sorted(by_scene):
        scene = [(appearance, unit_vector(appearance.vector)) for appearance in by_scene[position]]
        for appearance, vector in scene:
            sums[appearance.entity] = sums.get(appearance.entity, 0) + vector
        names = sorted(sums)
        for appearance, vector in scene:
            mates = [other for mate, other in scene if mate.entity == appearance.entity and mate is not appearance]
            if mates and len(names) > 1:
                table = np.stack([unit_vector(np.sum(mates, 0) if name == appearance.entity else sums[name]) for name in names])
                cosines = table @ vector
                trials.append(
                    Recurrence(
                        entity=appearance.entity,
                        kind=appearance.kind,
                        position=position,
                        gap_scenes=0,
                        gap_episodes=0,
                        similarity=float(cosines[names.index(appearance.entity)]),
                        nearest=names[int(cosines.argmax())],
                        known=len(names),
                    )
                )
    return summarise(trials, 0, 0) if trials else None
