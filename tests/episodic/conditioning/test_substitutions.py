"""Substitutions of the painter are in the delivery record, and a run reports each of them once."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future

import pytest

from episodic.backbones.protocol import Capabilities, ConditionedModel
from episodic.backbones.stage.backbone import Stage
from episodic.conditioning.canon_requests import request_episode
from episodic.conditioning.cast import EpisodeCast, cast_episode
from episodic.conditioning.delivery import Delivery, confirm, due
from episodic.conditioning.scene_state import states_by_scene
from episodic.conditioning.shot_brief import ShotBrief, brief_episode
from episodic.conditioning.substitutions import drawn_otherwise
from episodic.errors import TaskFailed
from episodic.production.graph.events import Event
from episodic.production.graph.runner import Job, Performed, Runner
from episodic.series.series import Series, SeriesSettings
from episodic.studio import Studio
from memory.model.canon import empty_canon
from planners.plan.model import EpisodePlan
from planners.plan_file.read_write import write_plan
from tests.conditioned_models import Reader

STAGE = Stage()
READER = Reader(capabilities=Capabilities(name="reader", max_performers=4, text_tokens=200))
PLAN = {
    "title": "The Heron",
    "cast": {
        "hela": {"kind": "animal", "name": "Hela", "description": "a heron, silver feathers"},
        "rusty": {"kind": "animal", "name": "Rusty", "description": "a young fox"},
        "mara": {"kind": "human", "name": "Mara", "description": "old lighthouse keeper"},
    },
    "locations": {"dome": {"name": "observatory", "description": "a round observatory with a brass telescope"}},
    "props": {"violin": {"name": "violin"}, "lantern": {"name": "lantern"}, "axe": {"name": "axe"}},
    "scenes": [
        {
            "id": "s01",
            "at": "dome",
            "facts": ["hela.holding = violin", "mara.holding = lantern", "mara.wearing = a kimono of moonlight"],
            "shots": [
                {"id": "s01.1", "focus": ["hela", "rusty", "mara"]},
                {"id": "s01.2", "focus": ["hela"]},
            ],
        }
    ],
}


def episode_requests(
    model: ConditionedModel = STAGE,
) -> tuple[EpisodeCast, Mapping[str, ShotBrief], Mapping[str, Sequence[Delivery]]]:
    """Return the cast, the briefs and the requested deliveries of the plan."""
    plan = EpisodePlan.model_validate(PLAN)
    cast = cast_episode(plan, empty_canon(), 0)
    briefs = brief_episode(plan, cast, model, size=(128, 72), fps=12)
    return cast, briefs, request_episode(plan, briefs, cast, states_by_scene(plan, cast), empty_canon(), model)


def details(deliveries: Iterable[Delivery]) -> dict[tuple[str, str, str], Delivery]:
    """Return deliveries by kind, entity and attribute."""
    return {
        (delivery.kind, delivery.entity, delivery.text.partition(" = ")[0] if delivery.kind == "state" else ""): delivery
        for delivery in deliveries
    }


def test_the_record_states_how_looks_layouts_props_and_garments_are_drawn():
    known = details(episode_requests()[2]["s01.1"])
    expected = {
        ("look", "hela", ""): "as a bird: the painter knows no heron",
        ("look", "rusty", ""): "from the canon",
        ("look", "mara", ""): "from the canon",
        ("layout", "dome", ""): "as a laboratory: the painter knows no observatory",
        ("state", "hela", "holding"): "in the hand, as a box: the painter knows no violin",
        ("state", "mara", "holding"): "in the hand",
        ("state", "mara", "wearing"): "put on as a coat: the painter knows no such garment",
    }
    assert {key: known[key].detail for key in expected} == expected
    assert {known[key].form for key in expected} == {"drawn"}


def test_a_substitution_is_no_error():
    _, briefs, requested = episode_requests()
    received: dict[str, Sequence[str]] = dict(
        due(dataclasses.replace(briefs["s01.1"].request, lines=()).timed(12, [], []), STAGE).items()
    )
    drawn = [delivery for delivery in requested["s01.1"] if delivery.form == "drawn"]
    assert len(drawn) >= 6
    assert not [delivery for delivery in confirm(drawn, received) if delivery.error]
    lost = confirm(drawn, {**received, "drawn": [name for name in received["drawn"] if name != "look:hela"]})
    assert {delivery.name for delivery in lost if delivery.error} == {"look:hela"}


def test_every_substitution_is_listed_once():
    cast, _, requested = episode_requests()
    assert drawn_otherwise(cast, requested) == {
        "hela": "Hela is drawn as a bird: the painter knows no heron",
        "dome": "observatory is drawn as a laboratory: the painter knows no observatory",
        "violin": "violin is drawn as a box: the painter knows no violin",
    }


def test_a_backbone_that_reads_text_has_no_substitutions():
    cast, _, requested = episode_requests(READER)
    assert drawn_otherwise(cast, requested) == {}
    assert not [delivery for delivery in requested["s01.1"] if "painter" in delivery.detail]


class OnStrike(Runner):
    """A runner that refuses its first job, so that only events before it are reported."""

    def submit(self, job: Job) -> Future[Performed]:
        raise TaskFailed("on strike")


def test_a_run_reports_substitutions_once_before_its_first_task(tmp_path):
    series = Series.create(tmp_path / "series", SeriesSettings(title="The Heron", size="64x64", fps=8, backbone="stage"))
    series.episode_folder(1).mkdir(parents=True)
    write_plan(series.plan_path(1), EpisodePlan.model_validate(PLAN))
    events: list[Event] = []
    with pytest.raises(TaskFailed, match="on strike"):
        Studio(series, events.append, OnStrike).render()
    assert [event.text for event in events if event.event == "note"] == [
        "Hela is drawn as a bird: the painter knows no heron",
        "observatory is drawn as a laboratory: the painter knows no observatory",
        "violin is drawn as a box: the painter knows no violin",
    ]
