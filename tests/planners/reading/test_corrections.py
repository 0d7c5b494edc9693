"""Corrections of a premise: each changes what it names and nothing else; a wrong one says what is possible."""

from __future__ import annotations

import pytest

from planners.errors import PromptError
from planners.reading.corrections import CORRECTIONS, correct
from planners.reading.premise import Premise
from planners.reading.reader import read_premise
from planners.reading.report import report

SAILOR = "An old sailor in Lisbon refuses to sell his boat to two greedy bankers."
"""1 sailor, 2 bankers, 3 boat, 4 Lisbon, 5 refuses, 6 sells (not shown)."""


@pytest.fixture
def premise() -> Premise:
    return read_premise(SAILOR)


def rows(premise: Premise) -> dict[str, str]:
    """The rows of a report by name."""
    return {row.name: row.text for row in report(premise).rows}


def test_a_dropped_entity_leaves_every_role_and_every_phrase(premise: Premise) -> None:
    after = correct(premise, "drop 2")
    assert "banker" not in str(after.entities) + str(after.events)
    assert rows(after)["happens"] == "the sailor refuses to sell his boat"


def test_what_only_a_dropped_entity_does_is_left_out() -> None:
    after = correct(read_premise("A fox sings. An owl asks the fox to dance."), "drop 1")
    assert [event.agents for event in after.events if "fox" in event.agents] == []
    assert all(event.content_of is None or event.content_of < len(after.events) for event in after.events)


def test_a_dropped_event_leaves_the_links_of_the_others_right(premise: Premise) -> None:
    after = correct(premise, "drop 5")
    assert [event.verb for event in after.events] == ["sell"]
    assert after.events[0].content_of is None


def test_an_entity_is_renamed(premise: Premise) -> None:
    assert rows(correct(premise, "rename 1 Ada  Lovelace"))["who"].startswith("Ada Lovelace, a sailor (old)")


def test_a_kind_is_changed_and_a_thing_becomes_somebody(premise: Premise) -> None:
    assert rows(correct(premise, "kind 1 spirit"))["who"].startswith("a sailor (old, spirit)")
    assert "a boat" in rows(correct(premise, "kind 3 robot"))["who"]


def test_somebody_becomes_a_thing_that_does_nothing(premise: Premise) -> None:
    after = correct(premise, "kind 1 thing")
    assert "a sailor" in rows(after)["what"]
    assert not any("sailor" in event.agents for event in after.events)


def test_events_are_shown_and_hidden(premise: Premise) -> None:
    after = correct(premise, "show 6")
    assert "sells his boat" in rows(after)["happens"]
    assert "sells his boat" in rows(correct(after, "hide 6"))["not shown"]


def test_form_tone_and_style_are_set(premise: Premise) -> None:
    after = correct(correct(correct(premise, "form trailer"), "tone Dark, funny"), "STYLE noir")
    assert (after.form, after.tone, after.style) == ("trailer", ("dark", "funny"), "noir")
    assert correct(after, "tone").tone == ()


def test_a_place_replaces_the_places(premise: Premise) -> None:
    after = correct(premise, "place an old mill")
    assert rows(after)["where"] == "an old mill"
    assert after.setting.places == ("old_mill",)
    assert not any(event.places for event in after.events)


@pytest.mark.parametrize(("name", "identifier"), [("ß 7 moon", "moon"), ("7th é", "th"), ("boat", "boat_2"), ("Ö 3e", "e")])
def test_a_place_gets_an_id_that_a_plan_may_have(name: str, identifier: str, premise: Premise) -> None:
    assert correct(premise, f"place {name}").setting.places == (identifier,)


def test_another_prompt_is_read_again(premise: Premise) -> None:
    assert rows(correct(premise, "prompt A goat opens a hotel."))["happens"] == "the goat opens a hotel"


@pytest.mark.parametrize(
    ("correction", "message"),
    [
        ("dorp 3", r"“dorp”; did you mean drop\? Possible: drop N"),
        ("drop", "a number from 1 to 6"),
        ("drop 7", "a number from 1 to 6, found “7”"),
        ("drop ²", "a number from 1 to 6"),
        ("hide 1", "1 is no event"),
        ("rename 5 Ada", "5 is an event"),
        ("rename 1", "expected a name"),
        ("kind 1 goblin", "one of human, animal, robot, spirit, thing; found “goblin”"),
        ("form storry", "did you mean story"),
        ("style noire", "did you mean noir"),
        ("place", "expected a place"),
        ("prompt Zwei Bäcker streiten um einen Ofen.", "German"),
        ("prompt", "empty"),
    ],
)
def test_a_wrong_correction_says_what_is_possible(correction: str, message: str, premise: Premise) -> None:
    with pytest.raises(PromptError, match=message):
        correct(premise, correction)


def test_the_help_line_names_every_correction() -> None:
    for name in ("drop", "rename", "kind", "show", "hide", "place", "form", "tone", "style", "prompt"):
        assert name in CORRECTIONS
