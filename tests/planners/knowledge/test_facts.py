"""Facts of things, jobs, places and verb families: the shipped data are consistent."""

from __future__ import annotations

import pytest

from planners.knowledge.families import SLOT, family_named, family_names, family_of
from planners.knowledge.job_facts import job_facts, listed_jobs
from planners.knowledge.place_facts import listed_places, place_facts
from planners.knowledge.thing_facts import thing_facts


@pytest.mark.parametrize(("noun", "part"), [("bell", "clapper"), ("church bell", "clapper")])
def test_a_compound_has_the_facts_of_its_head(noun: str, part: str) -> None:
    facts = thing_facts(noun)
    assert facts is not None
    assert facts.part == part


@pytest.mark.parametrize("noun", ["oboe", "yacht", "ambulance", "poodle"])
def test_a_thing_that_is_not_listed_has_the_facts_of_its_class(noun: str) -> None:
    assert thing_facts(noun) is not None


def test_every_workplace_is_a_known_place() -> None:
    assert [noun for noun, facts in listed_jobs().items() if place_facts(facts.workplace) is None] == []


def test_whoever_is_found_in_a_place_has_a_known_job() -> None:
    assert [
        (noun, person) for noun, facts in listed_places().items() for person in facts.people if job_facts(person) is None
    ] == []


def test_no_verb_belongs_to_two_families() -> None:
    verbs = [verb for family in (family_named(name) for name in family_names()) for verb in family.verbs]
    assert sorted(verbs) == sorted(set(verbs))
    assert family_of("steal") == "steal"
    assert family_of("no such verb") is None


@pytest.mark.parametrize("name", family_names())
def test_every_role_that_speaks_or_acts_in_a_family_exists_in_its_guards(name: str) -> None:
    for exchange in family_named(name).exchanges:
        guarded = {guard.role for guard in exchange.guards()}
        assert {turn.speaker for turn in exchange.turns} <= guarded
        assert {match[1] for turn in exchange.turns for match in SLOT.finditer(turn.text)} - {"verb", "deed"} <= guarded
