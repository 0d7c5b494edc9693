"""The runner of the stale part of a production graph: worker processes, and the order in which they get tasks.

The parent only schedules: it loads no model. Workers are few (one per core); each loads what its tasks use and keeps it. A worker's
death, Ctrl-C or `kill -9` loses at most the tasks in flight: an artifact appears whole or not at all.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from episodic.errors import InputError, TaskFailed, explain_os_error
from episodic.production.graph.events import Event, Listener
from episodic.production.graph.graph import ProductionGraph
from episodic.production.graph.ledger import Ledger
from episodic.production.graph.needs import Needs
from episodic.production.graph.step import Task
from episodic.production.graph.step_run import StepRun
from episodic.storage.artifacts import ArtifactStore
from memory.errors import EpisodicError

__all__ = ["Finished", "Job", "Perform", "Performed", "Runner", "default_workers", "perform_job", "run_graph"]

_ORPHAN_CHECK_S = 0.5
_NICE = 5
"""`nice` value of CPU workers, so that the GPU process is not starved."""


def default_workers() -> int:
    """One worker per core this process may use, at most eight."""
    return max(1, min(8, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1))


class Finished(Protocol):
    """Called in the parent with each finished task's id, in the order they finish."""

    def __call__(self, task: str, /) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One artifact to make, as a worker is told."""

    task: Task
    key: str
    needs: Needs[str]
    """The keys of what the task needs, by name."""
    store: ArtifactStore


class Performed(NamedTuple):
    """The result of a job besides its artifact."""

    seconds: float
    notes: tuple[str, ...] = ()
    """For the user to read."""


class Perform(Protocol):
    """Makes one artifact in the process that it is called in."""

    def __call__(self, job: Job) -> Performed: ...


class Runner:
    """Pools of worker processes that live as long as a command: one worker per core, and one process of its own in which a video model
    stays loaded. Use as a context manager.
    """

    def __init__(self, workers: int | None = None, perform: Perform | None = None) -> None:
        """`perform`: makes an artifact in a worker, by default `perform_job`; a new process must find it by its name."""
        self.workers = workers or default_workers()
        self.perform: Perform = perform or perform_job
        self._pools: dict[bool, ProcessPoolExecutor] = {}
        """By whether it is the one for video models."""

    def __enter__(self) -> Runner:
        return self

    def __exit__(self, *error: object) -> None:
        for pool in self._pools.values():
            if error[0] is not None:
                _kill(pool)
            pool.shutdown(wait=error[0] is None, cancel_futures=True)
        self._pools.clear()

    def has_room(self, running: Sequence[Task], task: Task) -> bool:
        """Whether a worker is free for `task` while those in `running` run."""
        in_same_pool = sum(bool(other.device) == bool(task.device) for other in running)
        return in_same_pool < (1 if task.device else self.workers)

    def submit(self, job: Job) -> Future[Performed]:
        """Start one job."""
        for_model = bool(job.task.device)
        if for_model not in self._pools:
            context, threads = multiprocessing.get_context("spawn"), None if for_model else 1
            self._pools[for_model] = ProcessPoolExecutor(
                1 if for_model else self.workers, mp_context=context, initializer=_start_worker, initargs=(os.getpid(), threads)
            )
        return self._pools[for_model].submit(self.perform, job)


def _kill(pool: ProcessPoolExecutor) -> None:
    for process in list((pool._processes or {}).values()):
        with contextlib.suppress(OSError, ValueError):
            process.terminate()


def _start_worker(parent: int, threads: int | None) -> None:
    """Leave Ctrl-C to the parent, and exit when the parent is gone.

    `threads`: of each numerical library in a worker of the pool; None: the process of a video model, whose libraries choose.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if threads:
        os.nice(_NICE)
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            os.environ[name] = str(threads)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_ORPHAN_CHECK_S)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def perform_job(job: Job) -> Performed:
    """Make one artifact."""
    task, store = job.task, job.store
    if store.has(job.key):  # the same line twice in an episode is one artifact
        return Performed(0.0)
    started = time.perf_counter()
    with store.making(job.key, {"id": task.id, "kind": task.kind, "version": task.version}) as (folder, times):
        run = StepRun(folder=folder, folders=job.needs.map(store.folder), store=store, machine=task.machine)
        task.step.perform(run)
        times["seconds"] = time.perf_counter() - started
    return Performed(time.perf_counter() - started, tuple(run.notes))


def run_graph(
    graph: ProductionGraph,
    stale: Mapping[str, str],
    artifacts: ArtifactStore,
    runner: Runner,
    ledger: Ledger,
    listen: Listener,
    finished: Finished,
) -> None:
    """Run every task of `stale` (id -> key). Raises TaskFailed naming the first task that failed, after those in flight have ended.

    What is ready runs in the order of the flow: all speech before shots, shots before pictures. Tasks that need a video model run one
    at a time, so that those of one model share it loaded: all prompts are encoded before the first shot. A task that uses up a
    transient artifact goes before all others, because that artifact is large, and the model's next shot may wait for it.
    """
    waiting = {
        task_id: {need for need in graph.upstream(task_id) if need in stale} for task_id in graph.order if task_id in stale
    }
    for task_id in graph.order:
        if task_id not in stale:  # a run may have been killed between a take and the end of its rushes
            _use_up(graph, task_id, artifacts)
    rank = {task_id: (not _transient_needs(graph, task_id), graph.tasks[task_id].step.flow) for task_id in waiting}
    running: dict[Future[Performed], str] = {}
    failure: TaskFailed | None = None
    while waiting or running:
        ready = sorted((task_id for task_id, needs in waiting.items() if not needs), key=rank.__getitem__)
        busy_keys = {graph.keys[task_id] for task_id in running.values()}
        for task_id in ready if failure is None else ():
            key, task = graph.keys[task_id], graph.tasks[task_id]
            if key in busy_keys or not runner.has_room([graph.tasks[other] for other in running.values()], task):
                continue
            busy_keys.add(key)
            del waiting[task_id]
            listen(Event(event="start", task=task_id, kind=task.kind))
            job = Job(task=task, key=key, needs=graph.keys_of_needs(task_id), store=artifacts)
            running[runner.submit(job)] = task_id
        if not running:
            break
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            task_id = running.pop(future)
            failure = _settle(graph.tasks[task_id], graph.keys[task_id], future, ledger, listen) or failure
            if failure is None:
                for unmet in waiting.values():
                    unmet.discard(task_id)
                _use_up(graph, task_id, artifacts)
                finished(task_id)
    if failure is not None:
        raise failure


def _use_up(graph: ProductionGraph, task_id: str, artifacts: ArtifactStore) -> None:
    for need in _transient_needs(graph, task_id):
        artifacts.remove(graph.keys[need])


def _transient_needs(graph: ProductionGraph, task_id: str) -> list[str]:
    """The transient artifacts that a task uses up, by the tasks that make them."""
    return [need for need in graph.upstream(task_id) if graph.tasks[need].transient]


def _settle(task: Task, key: str, future: Future[Performed], ledger: Ledger, listen: Listener) -> TaskFailed | None:
    """Record how a task ended. An error that the user can fix becomes a TaskFailed; any other keeps its traceback, and is told with its task."""
    try:
        seconds, notes = future.result()
    except EpisodicError as err:
        failure = TaskFailed(f"{task.id}: {err.message}", err.exit_code)
    except BrokenProcessPool:
        failure = TaskFailed(
            f"{task.id}: the worker process died, most likely out of memory; close other programs, or choose a smaller --size. "
            "The same command goes on where this one stopped"
        )
    except OSError as err:
        reason = explain_os_error(err)
        if reason is None:
            _note_failure(task, key, _summary(task, err), ledger, listen)
            raise
        failure = TaskFailed(f"{task.id}: {reason}", InputError.exit_code)
    except Exception as err:
        _note_failure(task, key, _summary(task, err), ledger, listen)
        raise
    else:
        ledger.note(task, key, seconds)
        for note in notes:
            listen(Event(event="note", task=task.id, text=note))
        listen(Event(event="done", task=task.id, kind=task.kind, seconds=round(seconds, 3)))
        return None
    _note_failure(task, key, failure.message, ledger, listen)
    return failure


def _note_failure(task: Task, key: str, message: str, ledger: Ledger, listen: Listener) -> None:
    ledger.note(task, key, 0.0, message)
    listen(Event(event="failed", task=task.id, kind=task.kind, text=message))


def _summary(task: Task, err: Exception) -> str:
    return f"{task.id}: {type(err).__name__}: {next(iter(str(err).splitlines()), '')}"
