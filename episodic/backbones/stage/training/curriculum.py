"""Which lesson is learned at which step: a window of recent lessons that moves on as training does."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from types import TracebackType

import numpy as np

from episodic.backbones.stage.training.batches import Lesson, make_lesson

__all__ = ["LessonBook", "LessonPlan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonPlan:
    """How lessons are cut and how long they are kept."""

    tokens: int = 5200
    """Tokens in a batch, about."""
    kept: int = 64
    """Lessons to draw from at any time."""
    steps_each: int = 12
    """Steps after which a new lesson takes the place of the oldest."""
    workers: int = 2
    """Processes that make lessons; 0: made where they are learned."""


class LessonBook:
    """Lessons by step. What a step learns depends on the seed and the step alone, not on the speed of the workers."""

    def __init__(self, seed: int, plan: LessonPlan) -> None:
        self.seed, self.plan = seed, plan
        self._pool = self.workers(plan.workers) if plan.workers else None
        self._pages: dict[int, Future[Lesson] | Lesson] = {}

    def __enter__(self) -> LessonBook:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    @staticmethod
    def workers(count: int) -> ProcessPoolExecutor:
        """Processes that give way to the training itself."""
        return ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"), initializer=os.nice, initargs=(10,))

    def lesson(self, step: int) -> Lesson:
        """The lesson of a step."""
        plan = self.plan
        first = step // plan.steps_each
        for old in [number for number in self._pages if number < first]:
            del self._pages[old]
        for number in range(first, first + plan.kept + (4 if self._pool else 0)):
            if number not in self._pages and self._pool is not None:
                self._pages[number] = self._pool.submit(make_lesson, self.seed, number, *self._cut(number))
        rng = np.random.default_rng([self.seed, step, 31])
        return self._open(first + int(rng.integers(plan.kept)))

    def _open(self, number: int) -> Lesson:
        page = self._pages.get(number)
        if isinstance(page, Future):
            page = page.result()
        elif page is None:
            page = make_lesson(self.seed, number, *self._cut(number))
        self._pages[number] = page
        return page

    def _cut(self, number: int) -> tuple[int, int, int]:
        """Performers, frames and windows of a lesson."""
        rng = np.random.default_rng([self.seed, number, 32])
        performers = int(rng.choice([1, 2, 3, 4], p=[0.25, 0.42, 0.2, 0.13]))
        frames = int(rng.choice([32, 48, 64], p=[0.35, 0.4, 0.25]))
        tokens = performers * frames // 4 + 4 * frames // 8
        return performers, frames, max(self.plan.tokens // tokens, 2)
