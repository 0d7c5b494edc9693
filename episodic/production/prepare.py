"""Preparing an episode: condition its shots, plan its production graph, and compare that with what is made."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from episodic.conditioning.cast import EpisodeCast
from episodic.conditioning.episode import ConditionedEpisode
from episodic.errors import InputError
from episodic.production.blueprint import EpisodeBlueprint, lay_out_episode
from episodic.production.graph.build import build_graph
from episodic.production.graph.graph import ProductionGraph
from episodic.production.graph.ledger import Ledger, StaleTask, stale_tasks
from episodic.production.missing_pictures import MissingPicture, find_missing
from episodic.series.series import Series
from memory.store import MemoryStore
from planners.plan.model import EpisodePlan

__all__ = ["Prepared", "part_of", "prepare"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """One episode with its production graph, and the tasks of it that have to run."""

    number: int
    episode: EpisodeBlueprint
    graph: ProductionGraph
    stale: list[StaleTask]
    ledger: Ledger
    missing: tuple[MissingPicture, ...] = ()
    """Pictures of earlier episodes that stale tasks need and that are gone."""

    @property
    def plan(self) -> EpisodePlan:
        """The episode's plan."""
        return self.episode.plan

    @property
    def conditioned(self) -> ConditionedEpisode:
        """Its shots as they are conditioned on canon and memory."""
        return self.episode.conditioned

    @property
    def backbone(self) -> str:
        """The backbone as series.yaml names it."""
        return self.episode.settings.backbone

    @property
    def cast(self) -> EpisodeCast:
        """The characters, locations and props as this episode finds them."""
        return self.conditioned.cast

    @property
    def published(self) -> bool:
        """Whether the film beside the plan is this plan's."""
        return self.ledger.published == self.graph.keys.get("cut")


def prepare(
    series: Series,
    number: int,
    plan: EpisodePlan,
    memory: MemoryStore,
    *,
    backbone: str | None = None,
    made: Collection[str] = (),
) -> Prepared:
    """Build the production graph of one episode and compare it with what is made. Reads; makes nothing.

    `made`: keys of artifacts that will have been made by then.
    """

    def has(key: str) -> bool:
        return key in made or series.artifacts.has(key)

    episode = lay_out_episode(series, number, plan, memory, backbone or series.settings.backbone)
    graph, ledger = build_graph(episode), Ledger.read(series.ledger_path(number))
    stale = stale_tasks(graph, has, ledger)
    missing = find_missing(graph, stale, has, episode.conditioned.recalls, memory, series.branch)
    return Prepared(number=number, episode=episode, graph=graph, stale=stale, ledger=ledger, missing=missing)


def part_of(ready: Prepared, only: str | None) -> ProductionGraph:
    """The tasks that make one scene or shot of an episode; without `only`, all. Raises InputError where it has none of that name."""
    if only is None:
        return ready.graph
    try:
        return ready.graph.only(only)
    except KeyError as err:
        names = [name for scene in ready.plan.scenes for name in (scene.id, *(shot.id for shot in scene.shots))]
        raise InputError(f"--only: there is no scene or shot {only!r} in this episode. Valid: {', '.join(names)}") from err
