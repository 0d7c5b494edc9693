"""Slots of lines: agreement, articles, pronouns, and what cannot be filled."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planners.discourse.realiser import realise
from planners.discourse.told_events import Roles, UnfilledSlot
from planners.fabula.participant import Participant
from planners.knowledge.families import SLOT, SLOTS
from planners.knowledge.job_facts import JobFacts
from planners.knowledge.place_facts import PlaceFacts
from planners.knowledge.thing_facts import ThingFacts

BELL = ThingFacts(
    handling="need two people to lift",
    noise="ring at every step",
    failure="crack in the cold",
    part="clapper",
    trace="a ring in the dust",
    use="call people to church",
    size="body",
    container="crate",
)
LIBRARIAN = JobFacts(
    workplace="library",
    tools=("date stamp", "index card"),
    duties=("hush people",),
    values=("the quiet",),
    dress="grey cardigan",
    act="stamp a book",
    saying="quotes rules",
)
MUSEUM = PlaceFacts(  # noqa: S604  # the shell of a place, not of a system
    shell="hall",
    description="a hall of glass cases",
    stands=("glass case",),
    people=("guard",),
    dangers=("the guard comes by",),
    sounds=("a ticking clock",),
)
OLGA = Participant(id="olga", noun="pensioner", name="Olga", gender="female")
TOM = Participant(id="tom", noun="pensioner", name="Tom", gender="male")
ROLES: Roles = {
    "agent": (OLGA,),
    "partner": (TOM,),
    "theme": (Participant(id="bell", noun="church bell", thing=BELL),),
    "opponent": (Participant(id="guard", noun="guard", job=LIBRARIAN),),
    "place": (Participant(id="museum", noun="museum", place=MUSEUM),),
    "patient": (OLGA, TOM),
    "topic": (Participant(id="shoes", noun="shoe", plural_noun=True, thing=BELL),),
    "goal": (Participant(id="bread", noun="bread"),),
    "source": (Participant(id="egg", noun="egg"),),
}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("how do we carry {theme}?", "How do we carry the church bell?"),
        ("{theme.it} {theme.handling}.", "It needs two people to lift."),
        ("{topic} {topic.noise}, and {topic.it} {topic.is} loud.", "The shoes ring at every step, and they are loud."),
        ("{topic.that} {topic.is} {theme.his} {theme.noun}.", "Those are its church bell."),
        ("{theme.a}, {source.a}, {goal.a}, {topic.a}.", "A church bell, an egg, bread, shoes."),
        ("{patient} {patient.has} {patient.his} plan.", "Olga and Tom have their plan."),
        ("{patient.count} of {patient.him}.", "Two of them."),
        (
            "you are here to {opponent.duty}. {opponent} minds {opponent.value}.",
            "You are here to hush people. The guard minds the quiet.",
        ),
        ("{place.danger}. Then {place.thing} shakes.", "The guard comes by. Then the glass case shakes."),
        (
            "we {verb} {theme.him}. She {verb.s}. {verb.ing} is wrong. It was {verb.done}.",
            "We steal it. She steals. Stealing is wrong. It was stolen.",
        ),
        ("there {theme.is} {theme.trace}.", "There is a ring in the dust."),
    ],
)
def test_golden_lines(text: str, line: str) -> None:
    assert realise(text, ROLES, "steal") == line


def test_a_speaker_is_i_and_a_hearer_you() -> None:
    assert realise("give it to {agent.him}", ROLES, "give", speaker="olga") == "Give it to me"
    assert realise("{agent.it} took {agent.his} time", ROLES, "take", hearer="olga") == "You took your time"


@pytest.mark.parametrize("text", ["{instrument}", "{agent.handling}", "{theme.duty}", "{agent.danger}"])
def test_a_slot_that_nothing_fills_is_an_error(text: str) -> None:
    with pytest.raises(UnfilledSlot):
        realise(text, ROLES, "steal")


@given(
    st.lists(
        st.sampled_from([f"{{{role}{'.' if form else ''}{form}}}" for role in ROLES for form in SLOTS]), min_size=1, max_size=5
    )
)
def test_no_slot_and_no_double_blank_is_left_in_a_line(slots: list[str]) -> None:
    try:
        line = realise(" and ".join(slots), ROLES, "steal")
    except UnfilledSlot:
        return
    assert not SLOT.search(line)
    assert "{" not in line
    assert "  " not in line
    assert line[0] == line[0].upper()
