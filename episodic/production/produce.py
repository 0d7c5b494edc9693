"""Producing one episode: make what is stale, commit each finished scene to memory, put the film beside its plan."""

from __future__ import annotations

import time
from pathlib import Path

from episodic.errors import explain_os_error
from episodic.production.commit.committer import Committer, forget_changed_kinds
from episodic.production.files.names import FILM_FILE, STEMS, SUBTITLE_FILES, stem_file
from episodic.production.graph.events import Event, Listener
from episodic.production.graph.runner import Runner, run_graph
from episodic.production.missing_pictures import check_pictures
from episodic.production.prepare import Prepared, part_of
from episodic.series.series import Series
from episodic.storage.files import sweep_files, write_atomically
from memory.store import MemoryStore

__all__ = ["produce"]


def produce(
    series: Series, ready: Prepared, memory: MemoryStore, runner: Runner, listen: Listener, *, only: str | None = None
) -> Path | None:
    """Make what is stale of one episode; the film's path, or None where `only` asks for a scene or a shot.

    The series must be locked. Raises TaskFailed, InputError; whatever was finished stays.
    """
    graph = part_of(ready, only)
    stale = {entry.task.id: entry.key for entry in ready.stale if entry.task.id in graph.tasks}
    check_pictures(ready.missing, stale, ready.number)
    forget_changed_kinds(ready, memory, series.branch)
    committer = Committer(series, ready, memory, listen, graph=graph)
    started = time.monotonic()
    for task_id in graph.order:
        if task_id not in stale:
            committer.finished(task_id)
    try:
        if stale:
            run_graph(graph, stale, series.artifacts, runner, ready.ledger, listen, committer.finished)
        if only is not None:
            return None
        memory.forget(ready.number, keep=range(1, len(ready.plan.scenes) + 1), branch=series.branch)
        _publish(series, ready)
        return series.film_path(ready.number)
    finally:
        if stale and only is None:
            ready.ledger.wall_s = round(time.monotonic() - started, 3)
        if _note_made_elsewhere(ready, series) or stale:
            _keep_ledger(ready, series, listen)


def _note_made_elsewhere(ready: Prepared, series: Series) -> bool:
    """Note in the ledger what was not stale: made before an edit that was undone, on another branch, or by a killed run.

    True where there was any.
    """
    stale, noted = {entry.task.id for entry in ready.stale}, False
    for task_id, task in ready.graph.tasks.items():
        key, record = ready.graph.keys[task_id], ready.ledger.tasks.get(task_id)
        if task_id not in stale and not task.transient and (record is None or record.key != key):
            ready.ledger.note(task, key, series.artifacts.seconds(key))
            noted = True
    return noted


def _keep_ledger(ready: Prepared, series: Series, listen: Listener) -> None:
    """Write the ledger. It only explains: a failure to write it must not hide why the run stopped."""
    try:
        ready.ledger.write(series.ledger_path(ready.number))
    except OSError as err:
        listen(Event(event="note", text=f"the ledger was not written: {explain_os_error(err) or err}", episode=ready.number))


def _publish(series: Series, ready: Prepared) -> None:
    """Copy film, subtitles and stems beside the plan, each as one step."""
    key = ready.graph.keys["cut"]
    source, target = series.artifacts.folder(key), series.episode_folder(ready.number)
    stems = target / "stems"
    copies = {source / name: target / name for name in (FILM_FILE, *SUBTITLE_FILES)}
    copies |= {source / stem_file(stem): stems / stem_file(stem) for stem in STEMS}
    if ready.published and all(copy.exists() and copy.stat().st_size == made.stat().st_size for made, copy in copies.items()):
        return
    stems.mkdir(exist_ok=True)
    sweep_files(target)
    sweep_files(stems)
    for made, copy in copies.items():
        write_atomically(copy, made)
    ready.ledger.published = key
    ready.ledger.write(series.ledger_path(ready.number))
