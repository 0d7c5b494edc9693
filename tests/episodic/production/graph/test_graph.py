"""The production graph: validation, keys, and the order of tasks."""

import dataclasses
from typing import ClassVar

import pytest

from episodic.production.graph.graph import ProductionGraph
from episodic.production.graph.needs import Needs, Slot
from episodic.storage.artifacts import TRANSIENT, Stored
from tests.episodic.production.graph.small_steps import Draft, Film, Line, Take, task

LINE = task("line", Line(text="Not tonight."))
TAKE = task("take", Take(), {"line": "line"})
OTHER = task("other", Take(size="close"))
FILM = task("film", Film(), {"takes": ("take", "other"), "title": "line"})


def test_a_need_that_no_task_makes_is_refused():
    with pytest.raises(ValueError, match="take needs line, which no task makes"):
        ProductionGraph([TAKE])


def test_two_tasks_with_one_id_are_refused():
    with pytest.raises(ValueError, match="two tasks are called line"):
        ProductionGraph([LINE, LINE])


@pytest.mark.parametrize(
    ("needs", "message"),
    [
        ({"title": "line", "music": "line"}, "film needs nothing called 'music'; it needs: takes, title"),
        ({"takes": ("other",)}, "film needs a line as 'title', and is given none"),
        ({"title": ("line",)}, "film takes exactly one as 'title', not any number, in order"),
        ({"title": "line", "takes": "other"}, "film takes any number, in order as 'takes', not exactly one"),
        ({"title": "other"}, "film takes a line as 'title', and is given other"),
        ({"title": "line", "takes": ("line",)}, "film takes a take as 'takes', and is given line"),
        ({"title": Stored("a" * 64)}, "film takes no stored artifact as 'title'"),
    ],
)
def test_a_task_whose_needs_do_not_fit_its_step_is_refused(needs, message):
    with pytest.raises(ValueError, match=message):
        ProductionGraph([LINE, OTHER, task("film", Film(), needs)])


@dataclasses.dataclass(frozen=True, kw_only=True)
class _LineOfTake(Line):
    slots: ClassVar = {"take": Slot.single("take")}


def test_a_cycle_of_tasks_is_refused_by_name():
    with pytest.raises(ValueError, match="wait for each other"):
        ProductionGraph([TAKE, task("line", _LineOfTake(), {"take": "take"})])


def test_a_changed_input_changes_only_the_keys_that_depend_on_it():
    before = ProductionGraph([LINE, TAKE, OTHER, FILM])
    after = ProductionGraph([dataclasses.replace(LINE, step=Line(text="Never.")), TAKE, OTHER, FILM])
    assert {name for name in before.keys if before.keys[name] != after.keys[name]} == {"line", "take", "film"}


def test_a_new_version_of_a_kind_changes_the_keys_of_its_tasks():
    assert ProductionGraph([LINE]).keys != ProductionGraph([dataclasses.replace(LINE, version="2")]).keys


def test_the_name_of_a_need_is_part_of_the_key():
    named = (dataclasses.replace(TAKE, needs=Needs({"pictures": {name: "line"}})) for name in ("mara", "tom"))
    first, second = (ProductionGraph([LINE, take]).keys["take"] for take in named)
    assert first != second


def test_an_input_at_its_default_is_not_part_of_the_key():
    assert Take(size="wide").to_json() == {}
    assert Take(size="close").to_json() == {"size": "close"}


def test_the_model_folder_and_the_length_are_not_part_of_the_key():
    moved = dataclasses.replace(LINE, machine=dataclasses.replace(LINE.machine, backbone="wan:/elsewhere"), length_s=5.0)
    assert ProductionGraph([LINE]).keys == ProductionGraph([moved]).keys


def test_the_part_for_one_shot_holds_only_its_dependencies():
    assert set(ProductionGraph([LINE, TAKE, OTHER, FILM]).only("take").tasks) == {"line", "take"}
    with pytest.raises(KeyError):
        ProductionGraph([LINE]).only("s99")


def test_a_stored_artifact_is_part_of_the_key_but_no_task():
    shown = [task("take", Take(), {"pictures": {"mara": Stored(key)}}) for key in ("a" * 64, "b" * 64)]
    first, second = (ProductionGraph([take]) for take in shown)
    assert first.keys != second.keys
    assert list(first.missing(["take"], lambda _: False)) == [("take", "pictures.mara", "a" * 64)]
    assert list(first.missing(["take"], lambda _: True)) == list(first.missing([], lambda _: False)) == []


def test_a_task_that_needs_a_stored_artifact_waits_for_the_task_that_remakes_it():
    key = ProductionGraph([LINE]).keys["line"]
    graph = ProductionGraph([task("take", Take(), {"pictures": {"mara": Stored(key)}}), LINE])
    assert graph.order == ("line", "take")
    assert graph.upstream("take") == ("line",)
    assert list(graph.missing(["take"], lambda _: False)) == []
    assert set(graph.only("take").tasks) == {"line", "take"}


def test_the_key_of_a_transient_artifact_is_marked():
    keys = ProductionGraph([LINE, task("draft", Draft(), {"line": "line"})]).keys
    assert [keys[name].startswith(TRANSIENT) for name in ("line", "draft")] == [False, True]
