"""What was understood of a prompt is said in words that the user can check, and a prompt that says nothing is refused."""

from __future__ import annotations

import pytest

from planners.errors import PromptError
from planners.planner import Brief
from planners.planner_registry import open_planner
from planners.prompt_report import PromptReport, ReportItem, ReportRow
from planners.reading.reader import read_premise
from planners.reading.report import check_understood, confidence, report

SAILOR = "An old sailor in Lisbon refuses to sell his boat to two greedy bankers."


def rows(prompt: str) -> dict[str, str]:
    """The rows of a report by name."""
    return {row.name: row.text for row in report(read_premise(prompt)).rows}


def test_the_report_says_who_what_where_and_what_is_not_shown() -> None:
    assert rows(SAILOR) == {
        "who": "a sailor (old); two bankers (greedy)",
        "what": "a boat (of the sailor)",
        "where": "Lisbon",
        "happens": "the sailor refuses to sell his boat to two greedy bankers",
        "not shown": "the sailor sells his boat to two greedy bankers (refused)",
        "form": "story",
        "confidence": "100%",
    }


def test_several_agents_have_a_verb_in_the_plural() -> None:
    assert rows("Two rival bakers share one oven.")["happens"] == "the bakers share one oven"


def test_form_tone_look_length_and_what_is_ruled_out_are_listed() -> None:
    listed = rows("Silent film, no dialogue: a street sweeper finds a red balloon. Black and white, melancholic.")
    assert listed["style"] == "noir"
    assert listed["without"] == "words"
    assert listed["tone"]
    assert rows("Make a 90 second explainer: how do volcanoes erupt?")["length"] == "1.5 min"


def test_unused_and_unknown_words_lower_the_confidence() -> None:
    full = confidence(read_premise("A fox gives an owl a lantern."))
    premise = read_premise("A fox gives a zxcvb a lantern.")
    assert full == 1
    assert 0 < confidence(premise) < full
    assert "zxcvb (no list has this word)" in {row.name: row.text for row in report(premise).rows}["unknown"]


@pytest.mark.parametrize("prompt", ["asdf qwer zxcv", "the of and", "blue", "42", "Zorblax"])
def test_a_prompt_that_says_nothing_is_refused_with_what_was_understood_and_what_to_do(prompt: str) -> None:
    with pytest.raises(PromptError, match="cannot be understood") as refusal:
        check_understood(read_premise(prompt))
    assert refusal.value.exit_code == 2
    for part in ("What was understood:\n", "form", "docs/plans.md", "plan.schema.json"):
        assert part in refusal.value.message


@pytest.mark.parametrize("prompt", ["Max", "homesick", "1947", "rain", "karaoke sushi", "noir"])
def test_one_word_can_be_enough(prompt: str) -> None:
    check_understood(read_premise(prompt))


def test_a_refusal_of_another_language_says_what_to_do() -> None:
    with pytest.raises(PromptError, match=r"German.*\n.*English.*\n.*plan\.schema\.json"):
        read_premise("Zwei Bäcker streiten um einen Ofen.")


def test_lines_are_aligned_wrapped_and_numbered() -> None:
    long = ReportItem(text="word " * 30, event=0)
    lines = PromptReport(
        rows=(
            ReportRow(name="happens", items=(long, ReportItem(text="a fox runs", event=1))),
            ReportRow(name="form", items=(ReportItem(text="story"),)),
        ),
        confidence=1,
        events=2,
    ).lines(numbers=True)
    assert lines[0].startswith("happens   1  word word")
    assert lines[1].startswith("         word")
    assert all(len(line) <= 78 for line in lines)
    assert lines[-2].split() == ["2", "a", "fox", "runs"]
    assert lines[-1] == "form     story"


def test_hints_name_the_unused_words_and_low_confidence() -> None:
    hints = list(PromptReport(rows=(), unused=("blue",), confidence=0.3, events=0).hints())
    assert "“blue”" in hints[0]
    assert "--interactive" in hints[0]
    assert "30%" in hints[1]
    assert list(PromptReport(rows=(), confidence=0.9, events=1).hints()) == []


@pytest.mark.parametrize(
    ("minutes", "named", "planned"), [(None, None, 1.0), (None, 1.5, 1.5), (2.0, 1.5, 2.0), (None, 90.0, 40.0), (None, 0.01, 0.1)]
)
def test_the_length_is_the_users_else_the_prompts_else_one_minute(
    minutes: float | None, named: float | None, planned: float
) -> None:
    assert Brief(prompt="A fox.", minutes=minutes).minutes_to_plan(named) == planned


def test_the_planner_says_why_a_film_looks_as_it_does() -> None:
    planner = open_planner("story")
    premise = read_premise(SAILOR)
    brief = Brief(prompt=SAILOR, style="neon")
    style = {row.name: row.text for row in planner.report(premise, brief).rows}["style"]  # type: ignore[attr-defined]
    assert style == "neon (chosen)"
