"""A shot requests memories, each is delivered in a form or dropped with a reason, and its take lists what it received."""

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest

from episodic.backbones.cards import Cards
from episodic.backbones.protocol import Capabilities, ConditionedModel
from episodic.backbones.registry import open_backbone
from episodic.backbones.request import ReferencePicture, ShotDraft, ShotRequest
from episodic.backbones.stage.backbone import Stage
from episodic.backbones.take import Take
from episodic.conditioning.canon_requests import check_deliverable, request_episode
from episodic.conditioning.cast import cast_episode
from episodic.conditioning.delivery import (
    Delivery,
    EpisodeDelivery,
    ShotDelivery,
    check_received,
    confirm,
    due,
    read_received,
    texts_of,
    write_delivery,
)
from episodic.conditioning.scene_state import states_by_scene
from episodic.conditioning.shot_brief import brief_episode
from episodic.errors import BackboneError, MissingReference
from episodic.storage.artifacts import Stored
from memory.model.canon import Canon, Relationship, Thread, empty_canon
from memory.model.facts import StoryPosition
from planners.plan.model import EpisodePlan
from tests.conditioned_models import ControlledReader, Reader

STAGE = Stage()
CARDS = Cards()
READER = Reader(capabilities=Capabilities(name="reader", max_performers=2, text_tokens=40, reference_pictures=2))
PLAN = {
    "title": "The Keeper",
    "cast": {
        "mara": {"kind": "human", "description": "old lighthouse keeper, grey braid"},
        "storm": {"kind": "spirit", "description": "a towering cloud"},
    },
    "locations": {"lamp_room": {"description": "round glass room"}},
    "props": {"lantern": {"description": "a brass lantern"}},
    "scenes": [
        {
            "id": "s01",
            "at": "lamp_room",
            "relations": [["mara", "fears", "storm"]],
            "facts": [
                "mara.wearing = yellow raincoat",
                "mara.holding = lantern",
                "mara.wants = a quiet night",
                "mara.mood = sad",
            ],
            "shots": [
                {"id": "s01.1", "focus": ["mara", "storm"], "lines": ["x"]},
                {"id": "s01.2", "continues": True, "action": {"mara": "florbles"}},
            ],
        }
    ],
}


def a_plan(**shot: Any) -> EpisodePlan:
    """Return `PLAN`; `shot`: fields of its first shot."""
    data = json.loads(json.dumps(PLAN))
    data["scenes"][0]["shots"][0]["lines"] = [{"mara": "Not tonight."}]
    data["scenes"][0]["shots"][0] |= shot
    return EpisodePlan.model_validate(data)


def crowd(people: int = 5, **shot: Any) -> EpisodePlan:
    """Plan a shot with this many sailors; `shot`: its fields."""
    cast = {f"p{n}": {"kind": "human", "description": "a sailor"} for n in range(people)}
    first = {"id": "a.1", "focus": list(cast), **shot}
    scene = {"id": "a", "at": "deck", "present": list(cast), "shots": [first]}
    return EpisodePlan.model_validate({"title": "Crew", "cast": cast, "locations": {"deck": {}}, "scenes": [scene]})


def requested(plan: EpisodePlan, model: ConditionedModel, canon: Canon | None = None) -> Mapping[str, Sequence[Delivery]]:
    """Return the deliveries that each shot of a plan requests."""
    canon = canon or empty_canon()
    cast = cast_episode(plan, canon, 0)
    briefs = brief_episode(plan, cast, model, size=(128, 72), fps=12)
    return request_episode(plan, briefs, cast, states_by_scene(plan, cast), canon, model)


def check(plan: EpisodePlan, model: ConditionedModel) -> None:
    """Check whether a backbone can be given what the plan names."""
    cast = cast_episode(plan, empty_canon(), 0)
    check_deliverable(plan, brief_episode(plan, cast, model, size=(128, 72), fps=12), model)


def delivery_of(deliveries: Iterable[Delivery], kind: str, entity: str, start: str = "") -> Delivery:
    """Return the first delivery of a kind and an entity whose text begins with `start`."""
    return next(
        delivery
        for delivery in deliveries
        if (delivery.kind, delivery.entity) == (kind, entity) and delivery.text.startswith(start)
    )


def a_draft(model: ConditionedModel = STAGE) -> ShotDraft:
    """Brief the first shot of the plan."""
    plan = a_plan()
    cast = cast_episode(plan, empty_canon(), 0)
    return brief_episode(plan, cast, model, size=(128, 72), fps=12)["s01.1"].request


def a_request(model: ConditionedModel = STAGE, light: Sequence[float] | None = None, **changes: Any) -> ShotRequest:
    """Request the first shot of the plan without lines; `changes`: fields of its draft."""
    draft = a_draft(model)
    motions = {performer.id: [0.0] * 64 for performer in draft.performers}
    silent: ShotDraft = dataclasses.replace(draft.auditioned(motions, light), lines=(), **changes)
    return silent.timed(12, [], [])


def test_stage_receives_looks_as_drawings_motion_and_light_as_tokens_and_voices_as_sound():
    deliveries = requested(a_plan(), STAGE)["s01.1"]
    assert delivery_of(deliveries, "look", "mara").form == delivery_of(deliveries, "look", "storm").form == "drawn"
    assert delivery_of(deliveries, "motion", "mara").form == delivery_of(deliveries, "light", "lamp_room").form == "tokens"
    assert delivery_of(deliveries, "voice", "mara").form == "heard"
    assert delivery_of(deliveries, "state", "mara", "wearing").name == "look:mara"
    assert delivery_of(deliveries, "state", "mara", "holding").name == "prop:lantern"
    assert delivery_of(deliveries, "state", "mara", "mood").form == "tokens"


def test_an_unknown_mood_is_dropped():
    plan = a_plan(lines=[{"narrator": "It was late."}]).model_dump(mode="json", exclude_unset=True)
    plan["scenes"][0]["facts"] = ["mara.mood = wistful", "storm.mood = neutral"]
    deliveries = requested(EpisodePlan.model_validate(plan), STAGE)["s01.1"]
    assert (delivery_of(deliveries, "state", "mara").form, delivery_of(deliveries, "state", "mara").dropped) == (None, "unknown")
    assert delivery_of(deliveries, "state", "storm").form == "tokens"


def test_facts_that_only_a_prompt_can_express_have_no_slot_on_stage():
    canon = Canon(
        position=StoryPosition(1, 0),
        relationships=(Relationship(subject="storm", relation="pities", object="mara"),),
        threads=(Thread(id="lamp", text="Will it burn?"), Thread(id="old", text="Who built it?", closed=True)),
    )
    deliveries = requested(a_plan(), STAGE, canon)["s01.1"]
    dropped = {delivery.text: delivery.dropped for delivery in deliveries if delivery.form is None}
    assert dropped == dict.fromkeys(
        ["wants = a quiet night", "storm pities mara", "mara fears storm", "Will it burn?"], "no slot"
    )


def test_words_that_stage_does_not_know_are_reported():
    plan = a_plan()
    shot = requested(plan, STAGE)["s01.2"]
    assert delivery_of(shot, "action", "mara").dropped == "unknown"
    data = json.loads(plan.model_dump_json())
    data["scenes"][0]["facts"] = ["mara.holding = gizmo", "mara.hair = florbled"]
    shot = requested(EpisodePlan.model_validate(data), STAGE)["s01.1"]
    assert "props" in delivery_of(shot, "state", "mara", "holding").detail
    assert delivery_of(shot, "state", "mara", "hair").dropped == "unknown"


def test_words_that_the_painter_does_not_know_are_delivered_as_text_to_a_model_that_reads():
    data = a_plan(lines=[{"narrator": "It was late."}]).model_dump(mode="json", exclude_unset=True)
    data["scenes"][0]["facts"] = ["mara.holding = gizmo", "mara.hair = florbled", "mara.mood = wistful"]
    plan = EpisodePlan.model_validate(data)
    first, second = (requested(plan, READER)[shot] for shot in ("s01.1", "s01.2"))
    for attribute in ("holding", "hair", "mood"):
        assert delivery_of(first, "state", "mara", attribute).form == "text"
    assert not any(delivery.kind == "action" for delivery in second)
    played = ControlledReader(capabilities=READER.capabilities)
    assert delivery_of(requested(plan, played)["s01.2"], "action", "mara").dropped == "unknown"


def test_a_continued_take_is_delivered_as_frames_or_has_no_slot():
    assert delivery_of(requested(a_plan(), STAGE)["s01.2"], "frames", "").name == "take:s01.1"
    assert delivery_of(requested(a_plan(), CARDS)["s01.2"], "frames", "").dropped == "no slot"


def test_a_backbone_that_reads_receives_texts():
    deliveries = requested(a_plan(), READER)["s01.1"]
    assert "mara: old lighthouse keeper, grey braid" in texts_of(deliveries)


def test_a_named_performer_beyond_the_limit_stops_the_plan():
    with pytest.raises(MissingReference) as stopped:
        check(crowd(), STAGE)
    message = stopped.value.message
    assert stopped.value.exit_code == 2
    for word in ("scene a", "shot a.1", "p4", "at most 4 performers", "allow_missing: true", "split the shot"):
        assert word in message


def test_a_shot_with_allow_missing_is_made_without_the_missing_performer():
    plan = crowd(allow_missing=True)
    check(plan, STAGE)
    (dropped,) = [delivery for delivery in requested(plan, STAGE)["a.1"] if delivery.kind == "look" and delivery.form is None]
    assert (dropped.entity, dropped.dropped, dropped.named) == ("p4", "no slot", True)


def test_a_bystander_beyond_the_limit_is_recorded_without_error():
    plan = crowd(focus=["p0"])
    check(plan, STAGE)
    (dropped,) = [delivery for delivery in requested(plan, STAGE)["a.1"] if delivery.kind == "look" and delivery.form is None]
    assert (dropped.entity, dropped.named) == ("p4", False)


@pytest.mark.parametrize("names", [{"focus": []}, {"focus": ["p0"], "action": {f"p{n}": "waits" for n in range(1, 5)}}])
def test_focus_actions_and_lines_name_a_performer(names):
    lines = [{f"p{n}": "Aye."} for n in range(5)] if not names.get("action") else []
    with pytest.raises(MissingReference, match="p4 is named"):
        check(crowd(**names, lines=lines), STAGE)


def test_a_backbone_without_performers_misses_no_performer():
    check(crowd(people=12), CARDS)


def test_a_named_character_without_motion_embedding_and_audition_is_missing():
    plan = a_plan()
    cast = cast_episode(plan, empty_canon(), 0)
    briefs = brief_episode(plan, cast, STAGE, size=(128, 72), fps=12)
    check_deliverable(plan, briefs, STAGE)
    without = {name: dataclasses.replace(brief, auditions=()) for name, brief in briefs.items()}
    with pytest.raises(MissingReference, match="no motion embedding"):
        check_deliverable(plan, without, STAGE)


def test_a_receipt_must_list_everything_that_was_due():
    request = a_request()
    received: dict[str, list[str]] = {form: list(names) for form, names in due(request, STAGE).items()}

    def take() -> Take:
        return Take(shot_id="s01.1", arrays={}, notes={"received": {form: [*names] for form, names in received.items()}})

    check_received(request, take(), STAGE)
    received["tokens"].remove("motion:mara")
    with pytest.raises(BackboneError, match="motion:mara as tokens"):
        check_received(request, take(), STAGE)


def test_a_take_without_a_receipt_counts_as_having_received_nothing():
    with pytest.raises(BackboneError, match="look:mara as drawn"):
        check_received(a_request(), Take(shot_id="s01.1", arrays={}), STAGE)


def test_every_delivered_text_and_picture_is_due():
    pictures = (ReferencePicture(entity="mara", source=Stored("ab12"), file="k.png"),)
    request = a_request(READER, text=("mara fears storm",), references=pictures)
    assert due(request, READER) == {"text": ["mara fears storm"], "picture": ["mara:ab12/k.png"], "heard": []}


def test_the_record_marks_an_unreceived_delivery_as_an_error():
    deliveries = requested(a_plan(), STAGE)["s01.1"]
    received = {"drawn": [delivery.name for delivery in deliveries if delivery.form == "drawn"], "tokens": ["light:lamp_room"]}
    record = {(delivery.kind, delivery.entity): delivery for delivery in confirm(deliveries, received)}
    assert "did not receive" in record["motion", "mara"].error
    assert not record["light", "lamp_room"].error
    assert not record["look", "mara"].error
    assert not record["relation", "mara"].error


def test_cards_receive_only_voices():
    cards = open_backbone("cards")
    take = cards.shoot(a_request(CARDS))
    check_received(a_request(CARDS), take, CARDS)
    assert set(read_received(take.notes)) == {"heard"}


def test_the_record_is_written_again_only_when_it_changes(tmp_path):
    shot = ShotDelivery(scene="s01", shot="s01.1", take="", deliveries=tuple(requested(a_plan(), STAGE)["s01.1"]))
    record = EpisodeDelivery(episode=1, title="<b>", backbone="stage", shots=(shot,))
    path = tmp_path / "delivery.json"
    assert write_delivery(path, record)
    assert not write_delivery(path, record)
    stored = json.loads(path.read_text())
    assert stored["format"] == "episodic/delivery@2"
    assert stored["shots"][0]["deliveries"][0]["delivered"] == "drawn"
    assert write_delivery(path, dataclasses.replace(record, episode=2))


def test_a_memory_is_either_delivered_or_dropped():
    with pytest.raises(ValueError, match="either"):
        Delivery(kind="look", entity="mara", text="")
    with pytest.raises(ValueError, match="either"):
        Delivery(kind="look", entity="mara", text="", form="text", dropped="budget")


def test_stage_lists_what_it_received_including_a_continued_take():
    stage = open_backbone("stage")
    first = a_request(light=[0.0] * 64)
    take = stage.shoot(first)
    check_received(first, take, stage)
    received = read_received(take.notes)
    assert {"motion:mara", "light:lamp_room"} <= set(received["tokens"])
    assert "prop:lantern" in received["drawn"]
    following = dataclasses.replace(first, continues=take)
    again = stage.shoot(following)
    check_received(following, again, stage)
    assert read_received(again.notes)["frames"] == ["take:s01.1"]
