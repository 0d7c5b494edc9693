"""A runner without worker processes, for benchmarks, tests and programs that embed `episodic`."""

from __future__ import annotations

from concurrent.futures import Future

from episodic.production.graph.runner import Job, Perform, Performed, Runner, perform_job

__all__ = ["InProcessRunner"]


class InProcessRunner(Runner):
    """Run every task in the calling process, one after the other."""

    def __init__(self, perform: Perform = perform_job) -> None:
        """`perform` makes the artifacts."""
        super().__init__(1, perform)

    def submit(self, job: Job) -> Future[Performed]:
        """Run one job. The future is finished when this returns."""
        future: Future[Performed] = Future()
        try:
            future.set_result(self.perform(job))
        except Exception as err:  # noqa: BLE001 - handed on to whoever asks for the result
            future.set_exception(err)
        return future
