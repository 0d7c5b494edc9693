"""Facts of things, jobs, places and verb families: the shipped data are consistent."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from planners.data_file import parse_yaml
from planners.knowledge.compound_nouns import compound_types
from planners.knowledge.fact_table import FactTable
from planners.knowledge.families import EVENT_SLOTS, SLOT, family_named, family_names, family_of
from planners.knowledge.job_facts import JobFacts, job_facts, listed_jobs
from planners.knowledge.noun_types import NounType
from planners.knowledge.place_facts import PlaceFacts, listed_places, place_facts
from planners.knowledge.thing_facts import ThingFacts, thing_facts

DATA: Final = Path(__file__).parents[3] / "planners" / "knowledge" / "data"
TABLES: Final[tuple[tuple[str, str, Any], ...]] = (
    ("jobs", "jobs", JobFacts),
    ("places", "places", PlaceFacts),
    ("things", "things", ThingFacts),
    ("things", "classes", ThingFacts),
)


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
        assert {match[1] for turn in exchange.turns for match in SLOT.finditer(turn.text)} - {"verb", *EVENT_SLOTS} <= guarded


@cache
def whole_file(file: str) -> Any:
    return parse_yaml((DATA / f"{file}.yaml").read_text("utf-8"))


@cache
def table_of(file: str, table: str, facts: Any) -> FactTable[Any]:
    return FactTable(DATA / f"{file}.yaml", table, facts)


@pytest.mark.parametrize(("file", "table", "facts"), TABLES)
def test_entries_parsed_on_demand_are_those_of_the_whole_file(file: str, table: str, facts: Any) -> None:
    whole = whole_file(file)
    entries = table_of(file, table, facts).entries()
    assert list(entries) == list(whole[table])
    assert entries == {noun: facts.model_validate(values) for noun, values in whole[table].items()}


@pytest.mark.parametrize(("file", "table", "facts"), TABLES)
def test_a_noun_has_the_first_entry_that_lists_it(file: str, table: str, facts: Any) -> None:
    facts_of = table_of(file, table, facts)
    expected: dict[str, Any] = {}
    for noun, entry in facts_of.entries().items():
        for name in (noun, *entry.also):
            expected.setdefault(name, entry)
    assert {name: facts_of.find(name) for name in expected} == expected
    assert facts_of.find("") is facts_of.find("no such noun") is None


def test_an_entry_that_does_not_fit_is_refused_when_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "facts.yaml"
    path.write_text("things:\n  bell: {size: hand}\n  bowl: {\n", "utf-8")
    table = FactTable(path, "things", ThingFacts)
    with pytest.raises(ValueError, match=r"facts\.yaml: bell\.handling: Field required"):
        table["bell"]
    with pytest.raises(ValueError, match=r"facts\.yaml: bowl is not YAML"):
        table["bowl"]
    with pytest.raises(ValueError, match=r"facts\.yaml: no table ‘classes’"):
        FactTable(path, "classes", ThingFacts)


@pytest.mark.parametrize(
    "compound", ["pepper mill", "land mine", "piggy bank", "data bank", "sand castle", "toy train", "chocolate bar", "space bar"]
)
def test_a_compound_of_another_kind_is_no_place(compound: str) -> None:
    assert place_facts(compound) is None


@pytest.mark.parametrize("compound", ["vacuum cleaner", "screw driver", "dish washer", "pencil sharpener"])
def test_an_implement_has_no_job(compound: str) -> None:
    assert job_facts(compound) is None


@pytest.mark.parametrize(
    ("compound", "expected"),
    [
        ("guinea pig", "animal"),
        ("jelly fish", "animal"),
        ("toy train", "thing"),
        ("paper dragon", "spirit"),
        ("traffic jam", "group"),
        ("teddy bear", "thing"),
        ("night bus driver", "person"),
    ],
)
def test_the_type_of_a_compound_is_not_always_that_of_its_last_word(compound: str, expected: NounType) -> None:
    assert compound_types(compound)[0] == expected


def test_the_facts_of_a_compound_are_those_of_its_last_word_unless_it_is_something_else() -> None:
    assert thing_facts("castle bell") == thing_facts("bell")
    assert job_facts("night librarian") == job_facts("librarian")
    assert thing_facts("traffic jam") != thing_facts("jam")
