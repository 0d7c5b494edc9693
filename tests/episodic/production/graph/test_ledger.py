"""The ledger: reasons of stale tasks, and ledgers of earlier versions."""

import dataclasses
import json
from pathlib import Path

from episodic.production.graph.graph import ProductionGraph
from episodic.production.graph.ledger import LEDGER_FORMAT, Ledger, stale_tasks
from episodic.production.graph.needs import Needs
from tests.episodic.production.graph.small_steps import Draft, Film, Line, Take, task

LINE = task("line", Line(text="Not tonight."))
TAKE = task("take", Take(), {"line": "line"})
OTHER = task("other", Take(size="close"))
FILM = task("film", Film(), {"takes": ("take", "other"), "title": "line"})
GRAPH = ProductionGraph([LINE, TAKE, OTHER, FILM])


def noted(graph):
    ledger = Ledger()
    for name in graph.order:
        ledger.note(graph.tasks[name], graph.keys[name], 1.0)
    return ledger


def reasons(graph, done, ledger):
    return {entry.task.id: entry.reason for entry in stale_tasks(graph, set(done).__contains__, ledger)}


def test_nothing_is_stale_when_every_artifact_exists():
    assert reasons(GRAPH, GRAPH.keys.values(), noted(GRAPH)) == {}


def test_every_stale_task_has_a_reason():
    edited = ProductionGraph([dataclasses.replace(LINE, step=Line(text="Never.")), TAKE, OTHER, FILM])
    assert reasons(edited, GRAPH.keys.values(), noted(GRAPH)) == {
        "line": 'text changed from "Not tonight." to "Never."',
        "take": "line is stale",
        "film": "take is stale; line is stale",
    }


def test_a_lost_artifact_a_failure_a_new_version_and_changed_needs_have_different_reasons():
    ledger = noted(GRAPH)
    done = set(GRAPH.keys.values())
    assert reasons(GRAPH, done - {GRAPH.keys["other"]}, ledger) == {"other": "its artifact is gone"}
    newer = ProductionGraph([LINE, TAKE, dataclasses.replace(OTHER, version="2"), FILM])
    assert reasons(newer, done, ledger)["other"] == "take is now version 2"
    bare = ProductionGraph([LINE, dataclasses.replace(TAKE, needs=Needs()), OTHER, FILM])
    assert reasons(bare, done, ledger)["take"] == "no longer needs line"
    assert reasons(GRAPH, [], Ledger())["take"] == "not made yet"
    ledger.note(TAKE, GRAPH.keys["take"], 0.0, "take: no memory left\nTraceback")
    assert reasons(GRAPH, done - {GRAPH.keys["take"]}, ledger)["take"] == "failed last time: take: no memory left"


def test_a_ledger_survives_a_round_trip_and_an_unreadable_one_counts_as_empty(tmp_path):
    ledger = Ledger(published="k", wall_s=2.5)
    ledger.note(FILM, "key", 1.25, "broke")
    ledger.write(tmp_path / "ledger.json")
    assert Ledger.read(tmp_path / "ledger.json") == ledger
    for text in ('{"format": "episodic/ledger@9"}', "[]", f'{{"format": "{LEDGER_FORMAT}", "tasks": {{"a": {{}}}}}}', "{"):
        (tmp_path / "ledger.json").write_text(text)
        assert Ledger.read(tmp_path / "ledger.json") == Ledger()


def test_a_ledger_of_the_first_format_keeps_its_times_and_its_writer(tmp_path):
    record = {"key": "old", "version": "0", "inputs": {"text": "Hm."}, "needs": ["a", "b"], "seconds": 7, "error": ""}
    old = {"format": "episodic/ledger@1", "published": "k", "wall_s": 2.5, "tasks": {"line": record}}
    (tmp_path / "ledger.json").write_text(json.dumps(old))
    ledger = Ledger.read(tmp_path / "ledger.json")
    assert (ledger.published, ledger.wall_s, ledger.tasks["line"].seconds) == ("k", 2.5, 7.0)
    assert reasons(ProductionGraph([LINE]), [], ledger) == {"line": "made by an earlier version of episodic"}


def test_a_transient_artifact_is_made_only_for_a_stale_task():
    graph = ProductionGraph([LINE, task("draft", Draft(), {"line": "line"}), task("take", Take(), {"draft": "draft"})])

    def stale(*done):
        return [*reasons(graph, [graph.keys[name] for name in done], Ledger())]

    assert stale("line", "take") == []
    assert stale("line", "draft") == ["take"]
    assert stale("line") == ["draft", "take"]


def test_a_file_that_is_nested_too_deeply_is_an_empty_ledger(tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"
    path.write_text("[" * 100_000)
    assert Ledger.read(path) == Ledger()
