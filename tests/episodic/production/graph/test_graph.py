import dataclasses

import pytest

from episodic.production.graph.graph import ProductionGraph, Task
from episodic.production.graph.ledger import Ledger, stale_tasks
from episodic.storage.artifacts import TRANSIENT


def task(name, kind="speech", needs=(), **inputs):
    return Task(id=name, kind=kind, version="1", inputs=inputs, needs=tuple(needs), scene="s01", shot=name)


LINE = task("line", text="Not tonight.")
SHOT = task("shot", "shoot", ["line"], size="wide")
OTHER = task("other", "shoot", size="close")
CUT = task("cut", "cut", ["shot", "other"])


def test_a_task_that_needs_what_no_task_makes_is_refused():
    with pytest.raises(ValueError, match="shot needs line"):
        ProductionGraph([SHOT])


def test_tasks_that_wait_for_each_other_are_refused_by_name():
    with pytest.raises(ValueError, match="wait for each other"):
        ProductionGraph([task("a", needs=["b"]), task("b", needs=["a"])])


def test_a_changed_input_changes_the_keys_of_what_depends_on_it_and_no_others():
    before = ProductionGraph([LINE, SHOT, OTHER, CUT])
    after = ProductionGraph([dataclasses.replace(LINE, inputs={"text": "Never."}), SHOT, OTHER, CUT])
    assert {name for name in before.keys if before.keys[name] != after.keys[name]} == {"line", "shot", "cut"}


def test_a_new_version_of_a_kind_makes_its_tasks_stale():
    assert ProductionGraph([LINE]).keys != ProductionGraph([dataclasses.replace(LINE, version="2")]).keys


def test_the_part_for_one_shot_holds_what_the_shot_needs_and_nothing_else():
    assert set(ProductionGraph([LINE, SHOT, OTHER, CUT]).only("shot").tasks) == {"line", "shot"}
    with pytest.raises(KeyError):
        ProductionGraph([LINE]).only("s99")


def test_every_stale_task_says_why():
    graph = ProductionGraph([LINE, SHOT, OTHER, CUT])
    ledger = Ledger()
    for name in graph.order:
        ledger.note(graph.tasks[name], graph.keys[name], 1.0)
    done = set(graph.keys.values())
    assert stale_tasks(graph, done.__contains__, ledger) == []
    edited = ProductionGraph([dataclasses.replace(LINE, inputs={"text": "Never."}), SHOT, OTHER, CUT])
    reasons = {one.task.id: one.reason for one in stale_tasks(edited, done.__contains__, ledger)}
    assert reasons == {
        "line": 'text changed from "Not tonight." to "Never."',
        "shot": "line is stale",
        "cut": "shot is stale",
    }
    lost = stale_tasks(graph, (done - {graph.keys["other"]}).__contains__, ledger)
    assert [(one.task.id, one.reason) for one in lost] == [("other", "its artifact is gone")]


def test_a_ledger_survives_a_round_trip_and_an_unreadable_one_counts_as_empty(tmp_path):
    ledger = Ledger(published="k", wall_s=2.5)
    ledger.note(LINE, "key", 1.25, "broke")
    ledger.write(tmp_path / "ledger.json")
    assert Ledger.read(tmp_path / "ledger.json") == ledger
    (tmp_path / "ledger.json").write_text('{"format": "episodic/ledger@9"}')
    assert Ledger.read(tmp_path / "ledger.json") == Ledger()


RUSHES = dataclasses.replace(task("rushes", "rushes", ["line"]), transient=True)
TAKE = task("take", "shoot", ["rushes"])


def test_what_is_transient_is_made_only_on_the_way_to_something_stale():
    graph = ProductionGraph([LINE, RUSHES, TAKE])
    assert graph.keys["rushes"].startswith(TRANSIENT)

    def stale(*there):
        return [one.task.id for one in stale_tasks(graph, {graph.keys[name] for name in there}.__contains__, Ledger())]

    assert stale("line", "take") == []
    assert stale("line", "rushes") == ["take"]
    assert stale("line") == ["rushes", "take"]
