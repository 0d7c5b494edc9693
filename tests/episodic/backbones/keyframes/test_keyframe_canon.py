"""Keyframe pictures in the canon: what a model made is remembered and shown again."""

import dataclasses
from collections.abc import Mapping

import pytest

from episodic.backbones.keyframes.wishes import PropWanted
from episodic.backbones.request import MadeHere, ReferencePicture
from episodic.conditioning.cast import cast_episode
from episodic.conditioning.delivery import Delivery
from episodic.conditioning.reference_sheets import SheetBook, known_sheets, known_views, sheet_fact, with_sheets
from episodic.conditioning.shot_brief import brief_episode
from episodic.storage.artifacts import Stored
from memory.model.canon import Canon, Character, Prop, empty_canon
from memory.model.facts import FactValue, StoryPosition
from planners.plan.model import PlannedProp
from tests.conditioned_models import Reader
from tests.episodic.backbones.keyframes.keyframe_rig import (
    CAN,
    brief_and_cast,
    plan,
    scene,
)


def remembered(entity, key="a" * 64):
    picture = ReferencePicture(entity=entity, source=Stored(key), file="frame-1.png")
    return Delivery(kind="picture", entity=entity, text="as seen", form="picture", name=picture.name, picture=picture)


def test_model_sheets_precede_remembered_pictures_and_painted_sheets_follow():
    brief, cast = brief_and_cast()
    for model, expected in (
        (True, ["mara:sheet/front.png", "shore:sheet/wide.png"]),
        (False, [remembered("mara").name, "shore:sheet/wide.png"]),
    ):
        book = SheetBook(cast=cast, by="flux2:./m" if model else "stage", model=model)
        deliveries = with_sheets([remembered("mara")], brief, CAN, book)
        assert [delivery.name for delivery in deliveries if delivery.form == "picture"] == expected
        assert sum(delivery.dropped == "no slot" for delivery in deliveries) == (1 if model else 0)


def shot_of(size, emotion):
    brief, cast = brief_and_cast()
    performers = tuple(dataclasses.replace(performer, emotion=emotion) for performer in brief.request.performers)
    return brief.with_request(dataclasses.replace(brief.request, size=size, performers=performers)), cast


def handed(deliveries):
    return [delivery.name.replace("sheet/", "") for delivery in deliveries if delivery.form == "picture"]


@pytest.mark.parametrize(
    ("size", "emotion", "room", "expected"),
    [
        ("close", "afraid", 2, ["mara:afraid.png", "shore:wide.png"]),
        ("close", "neutral", 2, ["mara:front.png", "shore:wide.png"]),
        ("close", "tender", 2, ["mara:front.png", "shore:wide.png"]),
        ("medium", "afraid", 2, ["mara:front.png", "shore:wide.png"]),
        ("medium", "afraid", 3, ["mara:front.png", "shore:wide.png", "mara:three_quarter.png"]),
        ("close", "afraid", 8, [f"mara:{v}.png" for v in ("afraid", "front", "three_quarter", "side")]),
    ],
)
def test_a_close_up_shows_the_emotion_and_spare_slots_get_more_views(size, emotion, room, expected):
    brief, cast = shot_of(size, emotion)
    can = dataclasses.replace(CAN, reference_pictures=room)
    deliveries = with_sheets((), brief, can, SheetBook(cast=cast, by="stage"))
    assert [name for name in handed(deliveries) if room < 4 or "shore" not in name] == expected
    assert not any(delivery.dropped for delivery in deliveries)


def test_only_the_front_and_known_views_of_a_model_sheet_are_used():
    brief, cast = shot_of("close", "afraid")
    book = SheetBook(cast=cast, by="flux2 0123", model=True)
    can = dataclasses.replace(CAN, reference_pictures=4)
    assert handed(with_sheets((), brief, can, book)) == ["mara:front.png", "shore:wide.png"]
    look = book.order("mara", brief).look
    known = dataclasses.replace(book, known={"mara": {look: "a1b2"}}, views={"a1b2": ("front", "back", "afraid")})
    assert handed(with_sheets((), brief, can, known)) == ["mara:a1b2/afraid.png", "shore:wide.png", "mara:a1b2/front.png"]
    frontless = dataclasses.replace(known, views={"a1b2": ("three_quarter",)})
    assert frontless.source("mara", brief) == MadeHere("sheet")


def holding(what="lantern", **more):
    """Mara with a prop in her hand; the brief of the shot and the cast."""
    episode = plan(scene("a1", f"mara.holding = {what}"), props={what: PlannedProp(description=f"a brass {what}")})
    cast = cast_episode(episode, empty_canon(), 1)
    return brief_episode(episode, cast, Reader(capabilities=CAN), size=(64, 64), fps=8, **more)["a1.1"], cast


def roomy(room):
    return dataclasses.replace(CAN, reference_pictures=room)


@pytest.mark.parametrize(("book", "how"), [("stage", {}), ("flux2 0123", {"model": True})])
def test_the_picture_of_a_held_prop_follows_characters_and_place(book, how):
    brief, cast = holding()
    book = SheetBook(cast=cast, by=book, **how)
    assert handed(with_sheets((), brief, roomy(3), book)) == ["mara:front.png", "shore:wide.png", "lantern:front.png"]
    (without,) = (delivery for delivery in with_sheets((), brief, roomy(2), book) if delivery.dropped)
    assert (without.entity, without.dropped) == ("lantern", "no slot")
    assert with_sheets((), brief, roomy(0), book) == ()


def test_a_prop_held_out_of_frame_is_not_pictured():
    brief, cast = holding()
    performers = tuple(dataclasses.replace(performer, in_frame=False) for performer in brief.request.performers)
    unseen = brief.with_request(dataclasses.replace(brief.request, performers=performers))
    deliveries = with_sheets((), unseen, roomy(4), SheetBook(cast=cast, by="stage"))
    assert handed(deliveries) == ["shore:wide.png"]


def test_every_entity_gets_one_picture_before_any_gets_two():
    brief, cast = holding()
    requests = [remembered("mara"), remembered("mara", "b" * 64), remembered("lantern")]
    painted = with_sheets(requests, brief, roomy(4), SheetBook(cast=cast, by="stage"))
    assert handed(painted) == [requests[0].name, "shore:wide.png", requests[2].name, requests[1].name]
    made = with_sheets(requests, brief, roomy(4), SheetBook(cast=cast, by="flux2 0123", model=True))
    assert handed(made) == ["mara:front.png", "shore:wide.png", "lantern:front.png", requests[0].name]
    assert [item.entity for item in made if item.dropped == "no slot"] == ["mara", "lantern"]


def test_a_model_draws_a_prop_that_the_painter_does_not_know():
    brief, cast = holding("zorble")
    (delivery,) = (
        delivery for delivery in with_sheets((), brief, roomy(4), SheetBook(cast=cast, by="stage")) if delivery.entity == "zorble"
    )
    assert (delivery.form, delivery.dropped) == (None, "unknown")
    assert "no picture of it" in delivery.detail
    made = with_sheets((), brief, roomy(4), SheetBook(cast=cast, by="flux2 0123", model=True))
    assert handed(made)[2] == "zorble:front.png"


def test_a_picture_model_gets_the_description_state_and_seed_of_a_prop():
    brief, cast = holding()
    states: Mapping[str, dict[str, dict[str, FactValue]]] = {"a1.1": {"lantern": {"color": "green"}}}
    order = SheetBook(cast=cast, by="flux2 0123", model=True, states=states).order("lantern", brief)
    assert isinstance(order.wish, PropWanted)
    assert "lantern, a brass lantern, green in colour" in order.wish.prompt
    assert order.wish.seed == cast.props["lantern"].seed != cast.characters["mara"].seed
    plain = SheetBook(cast=cast, by="flux2 0123", model=True).order("lantern", brief)
    assert plain.look != order.look
    painted = SheetBook(cast=cast, by="stage").order("lantern", brief)
    assert painted.subject == {
        "of": "prop",
        "look": dict(cast.props["lantern"].look),
        "style": "storybook",
        "description": "lantern, a brass lantern",
    }
    assert isinstance(painted.wish, PropWanted)
    assert (painted.maker, painted.wish.prompt, painted.wish.seed) == ("", "", 0)


def test_the_canon_supplies_the_stored_sheet_of_a_prop():
    brief, cast = holding()
    book = SheetBook(cast=cast, by="stage")
    fact = sheet_fact(book.order("lantern", brief).look, ("stage",), "1" * 64, {}, ["front"])
    canon = Canon(position=StoryPosition(2), props={"lantern": Prop(id="lantern", name="lantern", sheet=fact)})
    again = dataclasses.replace(book, known=known_sheets(canon, ("stage",)), views=known_views(canon))
    assert again.source("lantern", brief) == Stored("1" * 64)
    assert book.source("lantern", brief) == MadeHere("sheet")


def test_the_canon_keeps_a_sheet_for_every_look():
    brief, cast = brief_and_cast()
    book = SheetBook(cast=cast, by="flux2:./m", model=True, states={"a1.1": {"mara": {"wearing": "yellow raincoat"}}})
    plain, dressed = (dataclasses.replace(book, states=states).order("mara", brief).look for states in ({}, book.states))
    first = sheet_fact(plain, (book.by,), "1" * 64, {}, ["front", "side"])
    second = sheet_fact(dressed, (book.by,), "2" * 64, first, ["front"])
    assert first["look"] != second["look"]
    mara = Character(id="mara", name="Mara", kind="human", sheet=second)
    canon = Canon(position=StoryPosition(2), characters={"mara": mara})
    known = known_sheets(canon, (book.by, "flux2:./m"))
    assert known == {"mara": {first["look"]: "1" * 64, second["look"]: "2" * 64}}
    assert dataclasses.replace(book, known=known).source("mara", brief) == Stored("2" * 64)
    assert dataclasses.replace(book, known=known, states={}).source("mara", brief) == Stored("1" * 64)
    assert known_sheets(canon, ("stage",)) == {}
    assert known_views(canon) == {"1" * 64: ("front", "side"), "2" * 64: ("front",)}


def test_a_sheet_fact_of_an_earlier_version_is_read_and_carried_over():
    brief, cast = brief_and_cast()
    book = SheetBook(cast=cast, by="flux2 0123", called="flux2:/models/m", model=True)
    old: dict[str, FactValue] = {
        "artifact": "2" * 64,
        "look": "b" * 16,
        "by": "flux2:/models/m",
        "views": ["front"],
        "others": {"a" * 16: "1" * 64},
    }
    now = sheet_fact(book.order("mara", brief).look, (book.by, book.called), "3" * 64, old, ["front"])
    for sheet, by in ((old, book.called), (now, book.by)):
        canon = Canon(
            position=StoryPosition(2), characters={"mara": Character(id="mara", name="Mara", kind="human", sheet=sheet)}
        )
        sheets = known_sheets(canon, (book.by, book.called))["mara"]
        assert {sheets["a" * 16], sheets["b" * 16]} == {"1" * 64, "2" * 64}
        assert known_sheets(canon, (by,))["mara"] == sheets
