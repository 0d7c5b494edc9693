"""Films that explain, sell, tease or only show: their plans are valid, as long as asked for, and say where a claim comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from memory.model.canon import empty_canon
from planners.discourse.passages import HAND_SIZE
from planners.discourse.story_planner import StoryPlanner
from planners.errors import PromptError
from planners.knowledge.topics import lesson_topics
from planners.plan.cross_references import check_references
from planners.plan.durations import estimate_seconds
from planners.plan.model import NARRATOR, EpisodePlan
from planners.planner import Brief

PROMPTS = [
    "Explain how the heart works, told as a night shift in a harbour, for nine-year-olds",
    "An old fisherman teaches his granddaughter about the tides",
    "A robot explains black holes to a class of bored teenagers",
    "what makes bread rise?",
    "Photosynthesis, explained by a leaf",
    "How a violin is built",
    "A glassblower teaches his daughter how a glass is blown",
    "Show how to repot a fern: lift it out, shake off the old soil, trim the roots with a knife, set it in fresh soil and water it",
    "trampoline",
    "a lighthouse at dusk",
]
OTHER_FORMS = [
    "An advert for a teapot that never drips. 'Pour with peace.'",
    'A commercial for running shoes: a tired postman puts them on and overtakes a bus. "Late no more."',
    "trailer: a knight loses her sword, follows a fox into the forest, finds a sleeping dragon and wakes it",
]


def _plan(prompt: str, minutes: float | None = 1.0, source: Path | None = None, seed: int = 0) -> EpisodePlan:
    return StoryPlanner().plan(Brief(prompt=prompt, minutes=minutes, source=source, seed=seed), empty_canon())


def _lines(plan: EpisodePlan) -> list[str]:
    return [line.text for scene in plan.scenes for shot in scene.shots for line in shot.lines]


@pytest.mark.parametrize("prompt", [*PROMPTS, *OTHER_FORMS])
def test_plans_are_valid_and_deterministic(prompt: str) -> None:
    plan = _plan(prompt)
    assert check_references(plan) == []
    assert plan == _plan(prompt)


@pytest.mark.parametrize("minutes", [0.2, 0.5, 1.0, 2.0, 3.0])
@pytest.mark.parametrize("prompt", ["how do vaccines protect us", "How chocolate is made", "accordion"])
def test_the_length_is_as_asked(prompt: str, minutes: float) -> None:
    assert estimate_seconds(_plan(prompt, minutes)) == pytest.approx(minutes * 60, rel=0.1)


def test_a_length_that_nothing_fills_gives_the_longest_that_can_be_had() -> None:
    seconds = estimate_seconds(_plan("how do vaccines protect us", 20))
    assert 60 < seconds < 20 * 60 * 0.9
    assert seconds >= estimate_seconds(_plan("how do vaccines protect us", 2))


def test_the_prompt_may_name_the_length() -> None:
    assert estimate_seconds(_plan("a lesson about magnets in 3 minutes", None)) == pytest.approx(180, rel=0.1)


def test_every_claim_that_is_spoken_is_a_fact_with_its_source() -> None:
    plan, topic = _plan("what makes the tides?"), lesson_topics()["tides"]
    facts = {fact.attribute: fact.value for scene in plan.scenes for fact in scene.facts if fact.entity == "story"}
    spoken = " ".join(_lines(plan))
    for number, claim in enumerate(topic.claims, start=1):
        assert (claim.claim in spoken) == (facts.get(f"tides_{number}") == claim.claim)
        if claim.claim in spoken:
            assert facts[f"tides_{number}_source"] == topic.sources[claim.source]


@pytest.mark.parametrize("prompt", ["why is the sky blue over the Sahara", "how bread is baked in the Sahara"])
def test_the_plan_reports_what_the_film_says_nothing_on(prompt: str) -> None:
    facts = {fact.attribute: fact.value for fact in _plan(prompt).scenes[0].facts}
    assert facts["not_covered"] == "sahara"


def test_the_claim_answers_the_wrong_idea_and_a_hand_shows_it() -> None:
    plan, topic = _plan("what makes the tides?"), lesson_topics()["tides"]
    claim = topic.claims[0]
    scene = next(scene for scene in plan.scenes if scene.title == claim.claim)
    wrong, answer, hand = scene.shots[:3]
    assert wrong.lines[0].text == claim.wrong
    assert answer.lines[0].text.endswith(claim.claim)
    assert wrong.lines[0].speaker != answer.lines[0].speaker
    assert hand.size == HAND_SIZE
    assert set(hand.action.values()) == {claim.hand}


def test_the_recap_is_answered_by_the_learner_from_the_claims() -> None:
    plan = _plan("what makes the tides?")
    recap = [line for shot in plan.scenes[-1].shots for line in shot.lines]
    teacher, learner = recap[0].speaker, recap[1].speaker
    answers = {claim.ask: claim.answer for claim in lesson_topics()["tides"].claims}
    for ask, answer in zip(recap[::2], recap[1::2], strict=True):
        assert (ask.speaker, answer.speaker) == (teacher, learner)
        assert answers[ask.text] == answer.text


def test_an_analogy_gives_place_time_and_roles() -> None:
    plan = _plan("Explain how the heart works, told as a night shift in a harbour")
    assert [place.name for place in plan.locations.values()] == ["harbour"]
    assert {scene.time for scene in plan.scenes} == {"night"}
    assert "lock keeper" in " ".join(member.description for member in plan.cast.values())
    assert any(scene.beat == "analogy" for scene in plan.scenes)


def test_the_cast_of_the_prompt_teaches_and_learns() -> None:
    plan = _plan("An old fisherman teaches his granddaughter about the tides")
    teacher, learner = plan.cast.values()
    assert "fisherman" in teacher.description
    assert "granddaughter" in learner.description


def test_a_process_shows_the_hands_at_each_step_and_hardly_speaks() -> None:
    plan = _plan("How a violin is built", 2)
    steps = [scene for scene in plan.scenes if scene.beat == "step"]
    assert len(steps) == 9
    assert all(any(shot.size == HAND_SIZE and shot.action for shot in scene.shots) for scene in steps)
    narrated = [line for scene in plan.scenes for shot in scene.shots for line in shot.lines if line.speaker == NARRATOR]
    assert 0 < len(narrated) <= 4
    assert len(_lines(plan)) == len(narrated)


def test_a_teacher_of_a_process_speaks_its_steps() -> None:
    plan = _plan("A glassblower teaches his daughter how a glass is blown")
    assert "Roll the glass on the steel table." in _lines(plan)
    assert NARRATOR not in {line.speaker for scene in plan.scenes for shot in scene.shots for line in shot.lines}


def test_silence_is_kept() -> None:
    assert _lines(_plan("A silent lesson about shadows, no dialogue")) == []
    assert _lines(_plan("accordion")) == []


def test_a_source_is_taught_with_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "kelp.md"
    path.write_text(
        "# Kelp\n\nKelp is a large brown seaweed. Kelp grows fast because it takes food from the water with its whole body.\n"
        "If sea urchins have no enemies, they eat whole forests of kelp.\n"
    )
    plan = _plan("a lesson about kelp", 0.5, path)
    facts = [fact for scene in plan.scenes for fact in scene.facts if fact.attribute.endswith("_source")]
    assert check_references(plan) == []
    assert facts
    assert all(fact.value.startswith("kelp.md, line ") for fact in facts)
    with pytest.raises(PromptError, match="says nothing on"):
        _plan("a lesson about volcanoes", 0.5, path)


def test_an_advert_ends_with_its_quoted_line() -> None:
    plan = _plan("An advert for a teapot that never drips. 'Pour with peace.'", 0.2)
    actions = [text for scene in plan.scenes for shot in scene.shots for text in shot.action.values()]
    assert _lines(plan)[-1] == "Pour with peace."
    assert plan.scenes[-1].shots[-1].lines[-1].text == "Pour with peace."
    assert actions.index("looks around in vain for a teapot") < actions.index("holds up the teapot")


def test_a_trailer_keeps_the_ending_and_closes_with_its_title() -> None:
    plan = _plan("trailer: a knight loses her sword, follows a fox into the forest, finds a sleeping dragon and wakes it", 0.5)
    actions = " ".join(text for scene in plan.scenes for shot in scene.shots for text in shot.action.values())
    assert "wakes" not in actions
    assert plan.scenes[-1].title == plan.title
    assert plan.scenes[-1].shots[-1].lines[-1].text == f"{plan.title}."
    assert not plan.scenes[-1].people()


def test_a_word_becomes_a_use_of_the_thing() -> None:
    plan = _plan("trampoline")
    assert "jumps on the trampoline" in {text for scene in plan.scenes for shot in scene.shots for text in shot.action.values()}
    assert [place.name for place in plan.locations.values()] == ["garden"]
    assert len(plan.cast) == 1
