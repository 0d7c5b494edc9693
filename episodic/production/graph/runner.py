"""Runs the stale part of a production graph in worker processes.

The parent only schedules: it loads no model. Workers are few (one per core), each loads what its tasks use and keeps it. A
worker's death, Ctrl-C or `kill -9` loses at most the tasks in flight: an artifact appears whole or not at all.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import NamedTuple, Protocol

from episodic.errors import InputError, TaskFailed, explain_os_error
from episodic.production.graph.events import Event, Listener
from episodic.production.graph.graph import KINDS, ProductionGraph, Task
from episodic.production.graph.ledger import Ledger
from episodic.storage.artifacts import LocalArtifacts
from memory.errors import EpisodicError

__all__ = ["Finished", "Perform", "Performed", "Runner", "default_workers", "perform_task", "run_graph"]

_ORPHAN_CHECK_S = 0.5
_NICE = 5
"""By how much the pool gives way to the process of a video model, for which a card waits."""


def default_workers() -> int:
    """One worker per core this process may use, at most eight."""
    return max(1, min(8, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1))


class Finished(Protocol):
    """Called in the parent with each finished task's id, in the order they finish."""

    def __call__(self, task_id: str) -> None: ...


class Performed(NamedTuple):
    """What came of a task besides its artifact."""

    seconds: float
    said: tuple[str, ...] = ()
    """For the user to read."""


class Perform(Protocol):
    """Makes one artifact in the process that it is called in."""

    def __call__(self, task: Task, key: str, needs: tuple[Path, ...], root: Path) -> Performed: ...


class Runner:
    """Pools of worker processes that live as long as a command: one worker per core, and one apart in which a video model is kept
    loaded. Use as a context manager.
    """

    def __init__(self, workers: int | None = None, perform: Perform | None = None) -> None:
        """`perform`: what a worker does with a task, by default `perform_task`; a new process must find it by its name."""
        self.workers = workers or default_workers()
        self.perform: Perform = perform or perform_task
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

    def room(self, running: Sequence[Task], task: Task) -> bool:
        """Whether a worker is free for `task` while those in `running` run."""
        beside = sum(bool(one.device) == bool(task.device) for one in running)
        return beside < (1 if task.device else self.workers)

    def submit(self, task: Task, key: str, needs: Sequence[Path], root: Path) -> Future[Performed]:
        """Start one task."""
        apart = bool(task.device)
        if apart not in self._pools:
            context, threads = multiprocessing.get_context("spawn"), None if apart else 1
            self._pools[apart] = ProcessPoolExecutor(
                1 if apart else self.workers, mp_context=context, initializer=_start_worker, initargs=(os.getpid(), threads)
            )
        return self._pools[apart].submit(self.perform, task, key, tuple(needs), root)


def _kill(pool: ProcessPoolExecutor) -> None:
    for process in list((pool._processes or {}).values()):
        with contextlib.suppress(OSError, ValueError):
            process.terminate()


def _start_worker(parent: int, threads: int | None) -> None:
    """Leave Ctrl-C to the parent, and go when the parent is gone. `threads`: of the pool, and so many; None: of a video model, and as many
    as the libraries like."""
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


def perform_task(task: Task, key: str, needs: tuple[Path, ...], root: Path) -> Performed:
    """Make one artifact."""
    from episodic.production.work import WORK

    store = LocalArtifacts(root)
    if store.has(key):  # the same line twice in an episode is one artifact
        return Performed(0.0)
    started = time.perf_counter()
    with store.making(key, {"id": task.id, "kind": task.kind, "version": task.version}) as (folder, times):
        said = WORK[task.kind]({**task.inputs, **task.aside}, needs, folder)
        times["seconds"] = time.perf_counter() - started
    return Performed(time.perf_counter() - started, tuple(said or ()))


def run_graph(
    graph: ProductionGraph,
    stale: Mapping[str, str],
    artifacts: LocalArtifacts,
    runner: Runner,
    ledger: Ledger,
    listen: Listener,
    finished: Callable[[str], None],
) -> None:
    """Run every task of `stale` (id -> key). Raises TaskFailed naming the first task that failed, after the rest in flight ended.

    What is ready runs in the order of the flow of an episode: all speech before shots, shots before pictures. What needs a video
    model runs one at a time, so that what can share a loaded model does: all prompts are encoded before the first shot. What uses up
    something transient goes before all that, as that is large, and the model's next shot may wait for it.
    """
    waiting = {
        task_id: {need for need in graph.graph.predecessors(task_id) if need in stale}
        for task_id in graph.order
        if task_id in stale
    }
    for task_id in graph.order:
        if task_id not in stale:  # a run may have been killed between a take and the end of its rushes
            _use_up(graph, task_id, artifacts)
    flow = {kind: number for number, kind in enumerate(KINDS)}
    rank = {one: (not _transient(graph, one), flow[graph.tasks[one].kind]) for one in waiting}
    running: dict[Future[Performed], str] = {}
    failure: TaskFailed | None = None
    while waiting or running:
        ready = sorted((task_id for task_id, needs in waiting.items() if not needs), key=rank.__getitem__)
        busy_keys = {graph.keys[task_id] for task_id in running.values()}
        for task_id in ready if failure is None else ():
            key, task = graph.keys[task_id], graph.tasks[task_id]
            if key in busy_keys or not runner.room([graph.tasks[one] for one in running.values()], task):
                continue
            busy_keys.add(key)
            del waiting[task_id]
            listen(Event(event="start", task=task_id, kind=task.kind))
            needs = [artifacts.folder(graph.keys[need]) for need in task.needs]
            running[runner.submit(task, key, needs, artifacts.root)] = task_id
        if not running:
            break
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            task_id = running.pop(future)
            failure = _settle(graph.tasks[task_id], graph.keys[task_id], future, ledger, listen) or failure
            if failure is None:
                for needs_left in waiting.values():
                    needs_left.discard(task_id)
                _use_up(graph, task_id, artifacts)
                finished(task_id)
    if failure is not None:
        raise failure


def _use_up(graph: ProductionGraph, task_id: str, artifacts: LocalArtifacts) -> None:
    for one in _transient(graph, task_id):
        artifacts.remove(graph.keys[one])


def _transient(graph: ProductionGraph, task_id: str) -> list[str]:
    """What a task needs and nobody after it."""
    return [one for one in graph.tasks[task_id].needs if graph.tasks[one].transient]


def _settle(task: Task, key: str, future: Future[Performed], ledger: Ledger, listen: Listener) -> TaskFailed | None:
    """Record how a task ended. What the user can mend becomes a TaskFailed; what nobody foresaw keeps its traceback, and says in which task."""
    try:
        seconds, said = future.result()
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
            _note_failure(task, key, _in_short(task, err), ledger, listen)
            raise
        failure = TaskFailed(f"{task.id}: {reason}", InputError.exit_code)
    except Exception as err:
        _note_failure(task, key, _in_short(task, err), ledger, listen)
        raise
    else:
        ledger.note(task, key, seconds)
        for one in said:
            listen(Event(event="note", task=task.id, text=one))
        listen(Event(event="done", task=task.id, kind=task.kind, seconds=round(seconds, 3)))
        return None
    _note_failure(task, key, failure.message, ledger, listen)
    return failure


def _note_failure(task: Task, key: str, message: str, ledger: Ledger, listen: Listener) -> None:
    ledger.note(task, key, 0.0, message)
    listen(Event(event="failed", task=task.id, kind=task.kind, text=message))


def _in_short(task: Task, err: Exception) -> str:
    return f"{task.id}: {type(err).__name__}: {next(iter(str(err).splitlines()), '')}"
