"""Running a production graph: needs by name, removal of transient artifacts, and unexpected errors."""

from contextlib import suppress

import pytest

from episodic.production.graph.events import Event
from episodic.production.graph.graph import ProductionGraph
from episodic.production.graph.in_process import InProcessRunner
from episodic.production.graph.ledger import Ledger
from episodic.production.graph.runner import Job, perform_job, run_graph
from episodic.storage.artifacts import Stored, TemporaryArtifacts
from tests.episodic.production.graph.small_steps import FILE, Draft, Film, Line, Take, task


@pytest.fixture
def store():
    with TemporaryArtifacts() as artifacts:
        yield artifacts


def run(graph, store, stale=None):
    """Run the graph; return its events and its ledger."""
    events: list[Event] = []
    ledger = Ledger()
    stale = dict(graph.keys) if stale is None else stale
    with suppress(RuntimeError):
        run_graph(graph, stale, store, InProcessRunner(), ledger, events.append, lambda _: None)
    return events, ledger


def started(events):
    return [event.task for event in events if event.event == "start"]


def text_of(graph, store, name):
    return (store.folder(graph.keys[name]) / FILE).read_text()


def test_a_step_reads_its_needs_by_name_and_reports_notes(store):
    store.put("a" * 64, {FILE: b"a picture"})
    lines = [task("title", Line(text="The Lamp")), task("line", Line(text="Not tonight."))]
    takes = [
        task("wide", Take(), {"line": "line", "pictures": {"mara": Stored("a" * 64)}}),
        task("close", Take(size="close")),
    ]
    graph = ProductionGraph([*lines, *takes, task("film", Film(), {"title": "title", "takes": ("close", "wide")})])
    events, ledger = run(graph, store)
    assert text_of(graph, store, "film") == "The Lamp\nclose\nwide Not tonight. a picture"
    assert [event.text for event in events if event.event == "note"] == ["shot wide", "shot close"]
    assert ledger.tasks["film"].needs == {"title": "title", "takes": ["close", "wide"]}


def test_drafts_are_removed_after_their_take_and_takes_run_before_further_preparation(store):
    graph = ProductionGraph(
        [
            task("draft", Draft(), device="wan"),
            task("take", Take(), {"draft": "draft"}),
            task("line two", Line(text="two")),
            task("line three", Line(text="three")),
        ]
    )
    events, _ = run(graph, store)
    assert started(events) == ["line two", "draft", "take", "line three"]
    assert {name for name, key in graph.keys.items() if store.has(key)} == {"line two", "take", "line three"}


def test_an_unexpected_error_is_reported_with_its_task_and_kept_in_the_ledger(store):
    events, ledger = run(ProductionGraph([task("take", Take(broken=True))]), store)
    failures = [event.text for event in events if event.event == "failed"]
    assert failures == ["take: RuntimeError: shape '[1, 53]' is invalid"]
    assert ledger.tasks["take"].error == failures[0]


def test_an_unexpected_error_keeps_its_traceback(store):
    graph = ProductionGraph([task("take", Take(broken=True))])
    with pytest.raises(RuntimeError, match="for input of size 128"):
        run_graph(graph, dict(graph.keys), store, InProcessRunner(), Ledger(), print, lambda _: None)


def test_a_failed_step_leaves_no_artifact(store):
    graph = ProductionGraph([task("take", Take(broken=True))])
    run(graph, store)
    assert not store.has(graph.keys["take"])
    assert not [*store.root.glob("??/*")]


def test_drafts_left_by_a_killed_run_are_removed(store):
    earlier_tasks = [task("draft", Draft()), task("take", Take(), {"draft": "draft"})]
    graph = ProductionGraph([*earlier_tasks, task("title", Line()), task("film", Film(), {"takes": ("take",), "title": "title"})])
    for entry in earlier_tasks:
        perform_job(Job(task=entry, key=graph.keys[entry.id], needs=graph.keys_of_needs(entry.id), store=store))
    run(graph, store, {name: graph.keys[name] for name in ("title", "film")})
    assert [name for name, key in graph.keys.items() if store.has(key)] == ["take", "title", "film"]


def test_an_existing_artifact_is_not_made_again(store):
    graph = ProductionGraph([task("one", Line(text="Hm.")), task("again", Line(text="Hm."))])
    assert graph.keys["one"] == graph.keys["again"]
    events, _ = run(graph, store)
    assert started(events) == ["one", "again"]
    assert [event.seconds for event in events if event.event == "done" and event.task == "again"] == [0.0]
