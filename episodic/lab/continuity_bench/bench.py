"""How consistent is a series, with memory and without? The measurement behind `episodic bench continuity`.

One short synthetic series of small takes is made three times with the real casting, speech and backbone:

- **on**, with memory: as production makes it. A character is described when it is introduced. From then on, everything known of it
  (look, voice, motion) comes from a real `MemoryStore`, to which every scene is committed.
- **fixed_seed**, the fair baseline: nothing is remembered, but every scene is cast from the same descriptions with the same seed,
  auditions included. Everything that depends only on description and seed recurs unchanged.
- **off**, no memory and a new seed for each scene: every scene is cast anew from the same descriptions, and the backbone chooses how a
  character moves and how a place is lit. It shows how much the seed decides; no tool would work like this.

All three are judged alike, each against its own earlier takes (`episodic.quality.recurrence`). Identity figures name their judge from
the registry. The encoder that identifies movement also conditions the model, so that figure is a consistency check. Light is compared
from shot to shot of a scene, and from visit to visit of a place at the same time of day, within an episode and across episodes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import torch

from episodic.lab.continuity_bench.continuity_report import CONDITION_NAMES, CONDITIONS, WITH_MEMORY, Condition, ContinuityReport
from episodic.lab.continuity_bench.measurements import SeriesMeasurement
from episodic.lab.continuity_bench.series import synthetic_series
from episodic.lab.continuity_bench.takes import make_with_memory, make_without_memory
from memory.model.facts import StoryPosition
from planners.plan.model import EpisodePlan

__all__ = ["positions_of", "run_continuity_bench"]


def run_continuity_bench(
    characters: int = 24,
    episodes: int = 4,
    scenes: int = 12,
    seed: int = 0,
    listen: Callable[[str], None] = lambda _: None,
    processes: int = 2,
) -> ContinuityReport:
    """Make the series under every condition and judge it.

    Deterministic in its settings, whatever the number of processes. With `processes=1`, everything runs in the calling process.
    """
    plans = synthetic_series(characters, episodes, scenes, seed)
    shots = sum(len(scene.shots) for plan in plans for scene in plan.scenes)
    listen(f"{shots} shots under each of {len(CONDITIONS)} conditions: {'; '.join(CONDITION_NAMES.values())}")
    if processes == 1:
        series = [_measure_series(plans, seed, condition) for condition in CONDITIONS]
    else:
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            series = list(pool.map(_measure_series, [plans] * len(CONDITIONS), [seed] * len(CONDITIONS), CONDITIONS))
    return ContinuityReport.from_measurements(
        settings={"characters": characters, "episodes": episodes, "scenes": scenes, "seed": seed},
        positions=positions_of(plans),
        measurements=dict(zip(CONDITIONS, series, strict=True)),
    )


def positions_of(plans: Sequence[EpisodePlan]) -> list[StoryPosition]:
    """Return the story position of every scene of the series."""
    return [StoryPosition(number, place) for number, plan in enumerate(plans, 1) for place, _ in enumerate(plan.scenes, 1)]


def _measure_series(plans: Sequence[EpisodePlan], seed: int, condition: Condition) -> SeriesMeasurement:
    torch.set_num_threads(1)
    if condition != WITH_MEMORY:
        return make_without_memory(plans, seed, new_seeds=condition == "off")
    with tempfile.TemporaryDirectory(prefix="episodic-bench-") as folder:
        return make_with_memory(plans, seed, Path(folder) / "memory.db")
