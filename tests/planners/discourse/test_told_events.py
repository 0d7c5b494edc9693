"""Events as lines speak of them."""

from __future__ import annotations

import pytest

from planners.discourse.told_events import ToldEvent, UnfilledSlot
from planners.fabula.participant import Participant
from planners.reading.english import verb_lemma

ANGEL = Participant(id="angel", noun="angel", gender="female")
TOM = Participant(id="tom", noun="driver", name="Tom", gender="male")
SISTERS = (
    Participant(id="ida", noun="sister", name="Ida", gender="female"),
    Participant(id="eva", noun="sister", name="Eva", gender="female"),
)


@pytest.mark.parametrize(
    ("slot", "form", "speaker", "hearer", "line"),
    [
        ("deed", "", "angel", "tom", "fail my flying test"),
        ("deed", "ing", "tom", "angel", "failing your flying test"),
        ("deed", "did", "tom", "ida", "failed her flying test"),
        ("before", "", "angel", "tom", "I failed my flying test"),
        ("before", "", "tom", "angel", "you failed your flying test"),
        ("before", "", "tom", "ida", "the angel failed her flying test"),
        ("past", "", "tom", None, "the angel failed her flying test"),
    ],
)
def test_an_event_is_told_from_where_the_speaker_stands(
    slot: str, form: str, speaker: str, hearer: str | None, line: str
) -> None:
    event = ToldEvent("fails her flying test", "fail", (ANGEL,))

    assert event.realised(slot, form, {"agent": (ANGEL,)}, speaker, hearer) == line


def test_several_speak_of_themselves_as_we() -> None:
    event = ToldEvent("sell their boat to Tom", "sell", SISTERS)
    plain = ToldEvent("sells their boat to Tom", "sell", SISTERS)

    assert plain.realised("before", "", {"recipient": (TOM,)}, "ida", "tom") == "we sold our boat to you"
    with pytest.raises(UnfilledSlot):
        event.realised("before", "", {}, "ida", "tom")


@pytest.mark.parametrize(
    "phrase",
    [
        "tells her",
        "gives it to them",
        "sells his boat",
        "takes the hat of the driver",
        "watches the angel",
        "makes",
        "thanks each other",
    ],
    ids=[
        "object pronoun",
        "pronouns",
        "of somebody else",
        "a driver who is spoken to",
        "names the agent",
        "no object",
        "several",
    ],
)
def test_what_cannot_be_told_for_certain_is_not_told(phrase: str) -> None:
    with pytest.raises(UnfilledSlot):
        ToldEvent(phrase, verb_lemma(phrase.split()[0]), (ANGEL,)).realised("deed", "", {"patient": (TOM,)}, "angel", "tom")


def test_a_long_event_is_told_without_its_last_additions() -> None:
    event = ToldEvent("opens a garage in an abandoned petrol station on the edge of the desert", "open", (ANGEL,))

    assert event.realised("deed", "ing", {}, "angel", None) == "opening a garage in an abandoned petrol station"
