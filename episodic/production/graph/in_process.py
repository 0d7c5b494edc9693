"""A runner without worker processes, for benchmarks, tests and programs that embed `episodic`."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

from episodic.production.graph.graph import Task
from episodic.production.graph.runner import Perform, Performed, Runner, perform_task

__all__ = ["InProcessRunner"]


class InProcessRunner(Runner):
    """Run every task in the calling process, one after the other."""

    def __init__(self, perform: Perform = perform_task) -> None:
        """`perform` makes the artifacts."""
        super().__init__(1, perform)

    def submit(self, task: Task, key: str, needs: Sequence[Path], root: Path) -> Future[Performed]:
        """Run one task. The future is finished when this returns."""
        future: Future[Performed] = Future()
        try:
            future.set_result(self.perform(task, key, tuple(needs), root))
        except Exception as err:  # noqa: BLE001 - handed on to whoever asks for the result
            future.set_exception(err)
        return future
