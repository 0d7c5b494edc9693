"""English word forms, scripts and lengths: the small tools of the embedded planner."""

from __future__ import annotations

from random import Random

import pytest

from planners.plan.durations import line_seconds, shot_seconds
from planners.plan.model import Line, Shot
from planners.storybook.language.inflect import article, gerund, listing, past, plural, sentence_case, third
from planners.storybook.script.scene_cards import all_cards, fill, parse_cards


@pytest.mark.parametrize(
    ("form", "word", "expected"),
    [
        (article, "hour", "an"),
        (article, "unicorn", "a"),
        (article, "owl", "an"),
        (third, "befriend", "befriends"),
        (third, "fix", "fixes"),
        (third, "carry", "carries"),
        (gerund, "dance", "dancing"),
        (gerund, "run", "running"),
        (gerund, "lie", "lying"),
        (gerund, "befriend", "befriending"),
        (gerund, "visit", "visiting"),
        (past, "teach", "taught"),
        (past, "stop", "stopped"),
        (past, "carry", "carried"),
        (plural, "wolf", "wolves"),
        (plural, "lighthouse keeper", "lighthouse keepers"),
        (plural, "box", "boxes"),
    ],
)
def test_words_are_inflected(form: object, word: str, expected: str) -> None:
    assert callable(form)
    assert form(word) == expected


def test_names_are_listed_and_sentences_begin_with_a_capital() -> None:
    assert listing(["Ana", "Bo", "Cy"]) == "Ana, Bo and Cy"
    assert sentence_case("the storm came. it stayed!") == "The storm came. It stayed!"


def test_a_choice_prefers_the_temperament_of_the_speaker() -> None:
    texts = {fill("[blunt:No.|shy:Maybe not.]", {}, Random(seed), "shy") for seed in range(20)}
    assert texts == {"Maybe not."}


def test_an_unknown_slot_is_an_error() -> None:
    with pytest.raises(KeyError):
        fill("{nobody}", {}, Random(0))


def test_a_script_that_cannot_be_read_names_its_row() -> None:
    with pytest.raises(ValueError, match=r"x\.txt:2"):
        parse_cards("= any.turn\nthis is no step", "x.txt")


def test_every_genre_has_every_beat() -> None:
    beats = {(card.genre, card.beat) for card in all_cards()}
    for genre in (
        "befriend",
        "learn",
        "rivalry",
        "mystery",
        "quest",
        "survival",
        "hiding",
        "trial",
        "signal",
        "repair",
        "explainer",
        "longing",
    ):
        assert {(genre, beat) for beat in ("want", "attempt", "setback", "help", "choice", "outcome", "turn")} <= beats, genre


def test_lines_in_the_scripts_are_short_enough_to_be_said() -> None:
    for card in all_cards():
        for step in card.steps:
            assert step.sort == "action" or len(step.text.split("|")[0].split()) <= 26, step.text


def test_a_want_is_always_spoken_as_an_infinitive() -> None:
    # It may be "be understood": "I be understood" is no sentence.
    lines = [step.text for card in all_cards() for step in card.steps if "{my_want}" in step.text]
    assert lines
    for text in lines:
        assert text.count("to {my_want}") == text.count("{my_want}"), text


def test_lines_last_as_long_as_their_words_and_silent_shots_have_a_fixed_length() -> None:
    assert line_seconds("one two three four five six") == pytest.approx(2.8, abs=0.1)
    assert shot_seconds(Shot(id="a", action={"x": "nods"})) == 2.5
    assert shot_seconds(Shot(id="a", seconds=4.0, lines=(Line(speaker="x", text="Hello there."),))) == 4.0
