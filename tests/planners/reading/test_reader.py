"""Reading: who does what in a prompt, as listed in `prompts.tsv`; quoted lines, requests, languages."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from planners.errors import PromptError
from planners.reading.reader import read_premise
from tests.planners.reading.expected_events import ExpectedRow, event_text, read_rows

TABLES: Final = ("prompts.tsv", "closed_prompts.tsv")
"""Prompts with their events. The closed ones were written first and only scored, not read, until the rules stood."""
KNOWN_FAULTS: Final = frozenset((Path(__file__).parent / "known_faults.txt").read_text("utf-8").splitlines())
"""Prompts that are read wrongly so far."""
ROWS: Final = [row for table in TABLES for row in read_rows(Path(__file__).with_name(table))]


@pytest.mark.parametrize("row", ROWS, ids=[row.prompt for row in ROWS])
def test_the_events_of_a_prompt_have_the_right_participants(row: ExpectedRow, request: pytest.FixtureRequest) -> None:
    if row.prompt in KNOWN_FAULTS:
        request.applymarker(pytest.mark.xfail(strict=True, reason="read wrongly so far"))
    premise = read_premise(row.prompt)
    assert row.faults(premise) == [], "; ".join(event_text(premise, event) for event in premise.events)


def test_few_prompts_are_read_wrongly() -> None:
    prompts = {row.prompt for row in ROWS}
    assert prompts >= KNOWN_FAULTS
    assert len(KNOWN_FAULTS) <= len(prompts) * 0.15


def test_a_quoted_line_belongs_to_the_event_that_says_it() -> None:
    premise = read_premise('An old usher is asked why he still comes. He answers: "Somebody has to clap."')
    assert [quote.text for quote in premise.quotes] == ["Somebody has to clap."]
    (speaking,) = [event for event in premise.events if event.quote == 0]
    assert speaking.verb == "answer"
    assert [premise.entity(identifier).noun for identifier in speaking.agents] == ["usher"]


def test_what_is_asked_of_the_film_is_no_part_of_the_story() -> None:
    premise = read_premise("Silent film, no dialogue: a street sweeper finds a red balloon. Black and white, melancholic.")
    assert premise.silent
    assert premise.style == "noir"
    assert [event_text(premise, event) for event in premise.events] == ["find: street sweeper > balloon"]
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
