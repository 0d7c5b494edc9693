"""The curriculum: which batch is trained on at which step. A window of recent batches moves on with the steps."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Final

import numpy as np

from episodic.backbones.stage.training.batches import Batch, make_batch

__all__ = ["Curriculum", "CurriculumPlan", "background_workers"]

_AHEAD: Final = 4
"""Batches that the workers make before they are needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurriculumPlan:
    """The size of the batches and how long they are kept."""

    tokens: int = 5200
    """Tokens in a batch, about."""
    kept: int = 64
    """Batches to draw from at any time."""
    steps_each: int = 12
    """Steps after which a new batch replaces the oldest."""
    workers: int = 2
    """Processes that make batches; 0 makes them in the training process."""


def background_workers(count: int) -> ProcessPoolExecutor:
    """Start `count` processes with a lower priority than the training itself."""
    return ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"), initializer=os.nice, initargs=(10,))


class Curriculum:
    """Batches by step. The batch of a step depends on the seed and the step alone, not on the speed of the workers."""

    def __init__(self, seed: int, plan: CurriculumPlan) -> None:
        self.seed, self.plan = seed, plan
        self._pool = background_workers(plan.workers) if plan.workers else None
        self._batches: dict[int, Future[Batch] | Batch] = {}

    def __enter__(self) -> Curriculum:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def batch(self, step: int) -> Batch:
        """Return the batch of a step."""
        plan = self.plan
        first = step // plan.steps_each
        for old in [number for number in self._batches if number < first]:
            del self._batches[old]
        for number in range(first, first + plan.kept + (_AHEAD if self._pool else 0)):
            if number not in self._batches and self._pool is not None:
                self._batches[number] = self._pool.submit(make_batch, self.seed, number, *self._shape(number))
        rng = np.random.default_rng([self.seed, step, 31])
        return self._open(first + int(rng.integers(plan.kept)))

    def _open(self, number: int) -> Batch:
        """Wait for a batch, or make it."""
        batch = self._batches.get(number)
        if isinstance(batch, Future):
            batch = batch.result()
        elif batch is None:
            batch = make_batch(self.seed, number, *self._shape(number))
        self._batches[number] = batch
        return batch

    def _shape(self, number: int) -> tuple[int, int, int]:
        """Draw the performers, frames and windows of a batch."""
        rng = np.random.default_rng([self.seed, number, 32])
        performers = int(rng.choice([1, 2, 3, 4], p=[0.25, 0.42, 0.2, 0.13]))
        frames = int(rng.choice([32, 48, 64], p=[0.35, 0.4, 0.25]))
        tokens = performers * frames // 4 + 4 * frames // 8
        return performers, frames, max(self.plan.tokens // tokens, 2)
