"""The registry of steps: one list of the flow, no heavy imports while planning, and one module for each kind."""

import re
import subprocess
import sys

import pytest

import episodic.production.steps as steps
from episodic.production.graph.graph import ProductionGraph
from episodic.production.graph.in_process import InProcessRunner
from episodic.production.graph.ledger import Ledger
from episodic.production.graph.needs import Needs
from episodic.production.graph.runner import run_graph
from episodic.production.graph.step import Task, register
from episodic.production.steps import label_of, noun_of, step_kinds
from episodic.storage.artifacts import TemporaryArtifacts
from tests.episodic.production.graph.small_steps import Line

NEW_STEP = '''
"""Posters: one picture for a scene, drawn from its title and the lines before it."""

from dataclasses import dataclass
from typing import ClassVar

from episodic.production.graph.needs import Needs, Slot
from episodic.production.graph.step import Cost, Step, Task, register, task_id


@register
@dataclass(frozen=True, kw_only=True)
class Poster(Step):
    kind: ClassVar = "poster"
    flow: ClassVar = 125
    label: ClassVar = "posters"
    noun: ClassVar = "poster"
    cost: ClassVar = Cost(seconds=3.0)
    slots: ClassVar = {"mix": Slot.single("mix")}

    title: str

    @classmethod
    def for_scene(cls, scene):
        step = cls(title=scene.scene.title)
        yield Task(id=task_id(cls.kind, scene.scene.id), step=step, version="1", needs=Needs({"mix": task_id("mix", scene.scene.id)}))

    def perform(self, run):
        length = (run.need("mix") / "mix.flac").stat().st_size
        (run.folder / "poster.txt").write_text(f"{self.title} {length > 0}")
        run.tell("a poster is drawn")
'''


def test_the_docstring_lists_the_steps_in_the_order_they_run():
    listed = re.findall(r"^\d+\. `(\w+)`", steps.__doc__, re.MULTILINE)
    modules = [step.__module__.rpartition(".")[2] for step in step_kinds().values()]
    assert listed == modules


def test_every_kind_has_a_label_and_a_cost():
    for kind, step in step_kinds().items():
        assert step.kind == kind
        assert step.label
        assert step.cost.seconds > 0
        assert step.__doc__
        assert {need for slot in step.slots.values() for need in slot.kinds} <= step_kinds().keys()
    assert (noun_of("cut"), noun_of("shoot"), noun_of("unheard of")) == ("film", "shoot", "unheard of")
    assert (label_of("keyframe"), label_of("unheard of")) == ("first frames", "unheard of")


def test_two_classes_of_one_kind_are_refused():
    other = type("Other", (Line,), {"kind": "speech", "__module__": "elsewhere"})
    step_kinds()
    with pytest.raises(ValueError, match=r"elsewhere.Other and .*\.Speech: both are speech"):
        register(other)


def test_planning_an_episode_loads_no_heavy_library():
    heavy = ("torch", "skia", "av", "scipy", "onnxruntime", "diffusers", "transformers")
    code = f"import sys, episodic.production.prepare; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


@pytest.fixture
def poster_folder(tmp_path, monkeypatch):
    """A folder with a module of a new kind of step, which is unregistered afterwards."""
    (tmp_path / "poster.py").write_text(NEW_STEP)
    monkeypatch.setattr(steps, "__path__", [*steps.__path__, str(tmp_path)])
    yield tmp_path
    step_kinds()
    monkeypatch.delitem(sys.modules, "episodic.production.steps.poster", raising=False)
    from episodic.production.graph.step import registered

    registered().pop("poster", None)


def test_a_new_kind_of_step_is_one_module(poster_folder, two_episodes, render):
    """The new kind is planned, validated, estimated, labelled and performed, and no other file names it."""
    from episodic.production.graph.estimate import estimate_wall_s
    from episodic.studio import Studio

    ready = Studio(two_episodes).status()[0]
    assert [entry.task.id for entry in ready.stale] == ["poster:a1", "poster:a2"]
    assert [*step_kinds()].index("poster") == [*step_kinds()].index("mix") + 1
    assert estimate_wall_s(ready.stale, Ledger(), 1) == 4.0 + 2 * 3.0
    assert label_of("poster") == "posters"
    events = render(two_episodes, 1)
    assert {event.task for event in events if event.event == "done"} == {"poster:a1", "poster:a2"}
    assert "a poster is drawn" in [event.text for event in events if event.event == "note"]
    key = ready.graph.keys["poster:a1"]
    assert (two_episodes.artifacts.folder(key) / "poster.txt").read_text().endswith("True")


def test_a_step_that_is_not_registered_runs_too():
    graph = ProductionGraph([Task(id="line", step=Line(text="Hm."), version="1", needs=Needs())])
    with TemporaryArtifacts() as store:
        run_graph(graph, dict(graph.keys), store, InProcessRunner(), Ledger(), lambda _: None, lambda _: None)
        assert store.has(graph.keys["line"])
