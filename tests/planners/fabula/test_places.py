"""Where the events of a prompt happen, in the order of the film."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import pytest

from planners.fabula.plot_builder import build_plot
from planners.knowledge.place_facts import nearest_place_facts, place_facts
from planners.knowledge.whereabouts import dwelling, named_places
from planners.reading.reader import read_premise

_ROWS = [
    line.split("\t") for line in Path(__file__).with_name("places.tsv").read_text("utf-8").splitlines() if line and line[0] != "#"
]


@pytest.mark.parametrize(("prompt", "places"), _ROWS)
def test_events_happen_where_the_prompt_says_or_implies(prompt: str, places: str) -> None:
    plot = build_plot(read_premise(prompt), 1, 60.0)
    assert " > ".join(noun for noun, _ in groupby(plot.places[event.place].noun for event in plot.events)) == places


def test_every_place_of_the_tables_is_a_known_place() -> None:
    assert [noun for noun in named_places() if place_facts(noun) is None] == []


@pytest.mark.parametrize(
    ("noun", "home"), [("mallard", "lake"), ("polar bear cub", "ice floe"), ("dragon", "dragon's lair"), ("stranger", None)]
)
def test_an_animal_lives_where_its_kind_lives(noun: str, home: str | None) -> None:
    assert dwelling(noun) == home


@pytest.mark.parametrize(("name", "kind"), [("Nile", "river"), ("Mars", "mars"), ("Atlantic", "sea"), ("Sahara", "desert")])
def test_a_named_place_looks_like_its_kind(name: str, kind: str) -> None:
    assert nearest_place_facts(name) == place_facts(kind)
