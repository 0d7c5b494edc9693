"""Reading never fails on odd text: it gives a premise, or says that the prompt cannot be read."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planners.errors import PromptError
from planners.reading.premise import Premise
from planners.reading.reader import read_premise
from planners.reading.report import confidence, report
from tests.planners.reading.expected_events import read_rows

PROMPTS: Final = [row.prompt for row in read_rows(Path(__file__).with_name("prompts.tsv"))]
LONGEST: Final = 10_000


def check(prompt: str) -> None:
    """Read a prompt; every id that the premise uses names one of its entities."""
    try:
        premise = read_premise(prompt)
    except PromptError:
        return
    assert_consistent(premise)


def assert_consistent(premise: Premise) -> None:
    identifiers = [entity.id for entity in premise.entities]
    assert len(set(identifiers)) == len(identifiers)
    mentioned = {
        *(name for event in premise.events for name in (*event.participants(), *event.places)),
        *(name for entity in premise.entities for name in (entity.owner, entity.place) if name),
        *premise.setting.places,
    }
    assert mentioned <= set(identifiers)
    for event in premise.events:
        assert event.phrase
        assert event.content_of is None or 0 <= event.content_of < len(premise.events)
        assert event.quote is None or 0 <= event.quote < len(premise.quotes)
    assert 0 <= confidence(premise) <= 1
    assert report(premise).rows


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A prompt of the table with words left out, doubled, moved or spelled otherwise."""
    words = draw(st.sampled_from(PROMPTS)).split()
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(words) - 1)) if words else 0
        change = draw(st.sampled_from(("drop", "double", "capitals", "comma", "glue", "quote", "colon", "dot", "letter")))
        word = words[at] if words else "x"
        replacement = {
            "drop": [],
            "double": [word, word],
            "capitals": [word.upper()],
            "comma": [f"{word},"],
            "glue": [word, "-", word],
            "quote": [f'"{word}'],
            "colon": [f"{word}:"],
            "dot": [f"{word}."],
            "letter": [word[1:] + word[:1]],
        }[change]
        words[at : at + 1] = replacement
    return " ".join(words)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_a_damaged_prompt_gives_a_consistent_premise(prompt: str) -> None:
    check(prompt)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.text(max_size=120), st.text(alphabet="ab \"'“”’:#.,!?-—()I\nA1", max_size=80)))
def test_any_text_gives_a_consistent_premise_or_is_refused(prompt: str) -> None:
    check(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        " ",
        "?!",
        "a" * LONGEST,
        "a " * (LONGEST // 2),
        "the cat and " * (LONGEST // 12),
        "who that which " * (LONGEST // 15),
        "A cat named Tom, " * (LONGEST // 17),
        '"' * LONGEST,
        "It must end with " * (LONGEST // 17),
        "KIM: " * (LONGEST // 5),
        " ".join(PROMPTS)[:LONGEST],
    ],
    ids=["empty", "blank", "marks", "word", "letters", "list", "pronouns", "names", "quotes", "endings", "speakers", "prompts"],
)
def test_long_and_odd_prompts_are_read_in_bounded_time(prompt: str) -> None:
    begin = time.process_time()
    check(prompt)
    assert time.process_time() - begin < 10
