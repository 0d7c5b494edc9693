"""Reading: who does what in a prompt, as listed in `prompts.tsv`; quoted lines, requests, languages."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from planners.errors import PromptError
from planners.reading.premise import Premise, PremiseEvent
from planners.reading.reader import read_premise

KNOWN_FAULTS: Final = frozenset(
    {
        "A baker teaches a robot to knead dough.",
        "A plumber named Rosa repairs the mermaid's bathtub.",
        "After the funeral, the widow sells the house and moves to the sea.",
        "The night watchman falls asleep, so the mice open the cheese shop.",
        "The judge asks the parrot who broke the vase.",
    }
)
"""Prompts that are read wrongly so far."""


def rows() -> list[tuple[str, str]]:
    """Prompts with their events as text."""
    lines = Path(__file__).with_name("prompts.tsv").read_text("utf-8").splitlines()
    return [(prompt, events) for prompt, _, events in (line.partition("\t") for line in lines if not line.startswith("#"))]


def words(premise: Premise, identifiers: tuple[str, ...]) -> str:
    """Nouns of entities, with their number if it is told."""
    entities = [premise.entity(identifier) for identifier in identifiers]
    return "+".join(
        entity.noun + (f"*{entity.count}" if entity.count and entity.count > 1 and entity.noun != "twin" else "")
        for entity in entities
    )


def as_text(premise: Premise, event: PremiseEvent) -> str:
    """An event as `prompts.tsv` writes it."""
    stated = [*([] if event.modality == "done" else [event.modality]), *(["not"] if event.negated else []), event.verb]
    return f"{' '.join(stated)}: {words(premise, event.agents)} > {words(premise, event.patients)}".strip()


@pytest.mark.parametrize(("prompt", "expected"), rows(), ids=[prompt for prompt, _ in rows()])
def test_the_events_of_a_prompt_have_the_right_participants(prompt: str, expected: str, request: pytest.FixtureRequest) -> None:
    if prompt in KNOWN_FAULTS:
        request.applymarker(pytest.mark.xfail(strict=True, reason="read wrongly so far"))
    premise = read_premise(prompt)
    assert "; ".join(as_text(premise, event) for event in premise.events) == expected


def test_a_quoted_line_belongs_to_the_event_that_says_it() -> None:
    premise = read_premise('An old usher is asked why he still comes. He answers: "Somebody has to clap."')
    assert [quote.text for quote in premise.quotes] == ["Somebody has to clap."]
    (speaking,) = [event for event in premise.events if event.quote == 0]
    assert speaking.verb == "answer"
    assert words(premise, speaking.agents) == "usher"


def test_what_is_asked_of_the_film_is_no_part_of_the_story() -> None:
    premise = read_premise("Silent film, no dialogue: a street sweeper finds a red balloon. Black and white, melancholic.")
    assert premise.silent
    assert premise.style == "noir"
    assert [as_text(premise, event) for event in premise.events] == ["find: street sweeper > balloon"]
    assert {"film", "dialogue"}.isdisjoint(entity.noun for entity in premise.entities)


@pytest.mark.parametrize(
    ("prompt", "form", "minutes"),
    [
        ("Make a 90 second explainer: how do volcanoes erupt?", "lesson", 1.5),
        ("How cheese is made, from milking to the cellar", "process", None),
        ("30-second advert for a tiny bakery: the smell of bread wakes up the street.", "advert", 0.5),
        ("A trailer for a film about a haunted lift.", "trailer", None),
        ("A goat opens a hotel.", "story", None),
    ],
)
def test_form_and_length_are_read(prompt: str, form: str, minutes: float | None) -> None:
    premise = read_premise(prompt)
    assert (premise.form, premise.minutes) == (form, minutes)


@pytest.mark.parametrize(
    "prompt", ["Um pescador encontra uma garrafa.", "Zwei Bäcker streiten.", "Kaksi ystävää", "猫が魚を盗む"]
)
def test_another_language_than_english_is_refused(prompt: str) -> None:
    with pytest.raises(PromptError, match="English"):
        read_premise(prompt)


@pytest.mark.parametrize("prompt", ["déjà vu in a café", "Zoë's café", "homesick", "Max", "karaoke sushi"])
def test_odd_english_is_read(prompt: str) -> None:
    assert read_premise(prompt).prompt == prompt
