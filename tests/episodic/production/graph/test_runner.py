"""Running a production graph: what is used up goes, and what nobody foresaw is told."""

from contextlib import suppress
from pathlib import Path

import pytest

from episodic.production.graph.graph import ProductionGraph, Task
from episodic.production.graph.in_process import InProcessRunner
from episodic.production.graph.ledger import Ledger
from episodic.production.graph.runner import Performed, run_graph
from episodic.storage.artifacts import LocalArtifacts


def task(name, kind, *needs, **how):
    return Task(id=name, kind=kind, version="1", inputs={"name": name}, needs=needs, **how)


def perform(task, key, needs, root):
    """A folder with a file; what needs a folder that is not there fails."""
    if task.id == "shoot:two":
        raise RuntimeError("shape '[1, 53]' is invalid\nfor input of size 128")
    assert all((one / "file").is_file() for one in needs)
    with LocalArtifacts(Path(root)).making(key, {"id": task.id}) as (folder, _):
        (folder / "file").write_text(task.id)
    return Performed(1.0)


def run(graph, artifacts):
    """The tasks in the order in which they were started, what was told of failures, and the ledger."""
    heard, ledger = [], Ledger()
    with suppress(RuntimeError):
        run_graph(graph, dict(graph.keys), artifacts, InProcessRunner(perform), ledger, heard.append, lambda _: None)
    return [one.task for one in heard if one.event == "start"], [one.text for one in heard if one.event == "failed"], ledger


def test_rushes_go_when_their_take_is_made_and_takes_are_made_before_more_is_prepared(tmp_path):
    one = [
        task("rushes:one", "rushes", transient=True, device="wan"),
        task("shoot:one", "shoot", "rushes:one"),
    ]
    graph = ProductionGraph([*one, task("previs:two", "previs"), task("previs:three", "previs")])
    order, _, _ = run(graph, artifacts := LocalArtifacts(tmp_path))
    assert order == ["previs:two", "rushes:one", "shoot:one", "previs:three"]
    assert {name for name, key in graph.keys.items() if artifacts.has(key)} == {"previs:two", "shoot:one", "previs:three"}


def test_an_error_that_nobody_foresaw_is_told_with_its_task_and_kept_in_the_ledger(tmp_path):
    graph = ProductionGraph([task("shoot:two", "shoot")])
    _, told, ledger = run(graph, LocalArtifacts(tmp_path))
    assert told == ["shoot:two: RuntimeError: shape '[1, 53]' is invalid"]
    assert ledger.tasks["shoot:two"]["error"] == told[0]


def test_and_its_traceback_goes_on(tmp_path):
    graph = ProductionGraph([task("shoot:two", "shoot")])
    with pytest.raises(RuntimeError, match="for input of size 128"):
        run_graph(graph, dict(graph.keys), LocalArtifacts(tmp_path), InProcessRunner(perform), Ledger(), print, lambda _: None)


def test_rushes_that_a_killed_run_left_beside_their_take_go(tmp_path):
    done = [task("rushes:one", "rushes", transient=True), task("shoot:one", "shoot", "rushes:one")]
    graph, artifacts = ProductionGraph([*done, task("cut", "cut", "shoot:one")]), LocalArtifacts(tmp_path)
    for one in done:
        perform(one, graph.keys[one.id], (), tmp_path)
    run_graph(graph, {"cut": graph.keys["cut"]}, artifacts, InProcessRunner(perform), Ledger(), print, lambda _: None)
    assert [name for name, key in graph.keys.items() if artifacts.has(key)] == ["shoot:one", "cut"]
