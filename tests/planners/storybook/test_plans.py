"""The embedded planner: what every plan of it must be, whatever the prompt."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import lru_cache
from types import MappingProxyType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memory.model.canon import Canon, Character, Location, Thread, empty_canon
from memory.model.facts import StoryPosition
from planners.errors import PromptError
from planners.plan.actions import read_action
from planners.plan.durations import estimate_seconds
from planners.plan.model import NARRATOR, EpisodePlan, Line
from planners.planner import Brief
from planners.storybook import StorybookPlanner

PROMPTS = (
    "A lighthouse keeper befriends a storm.",
    "A shy robot learns to dance in a rainy neon city.",
    "Two rival bakers must share one oven for a night. A warm sitcom.",
    "1930s noir: a detective follows a woman in red through Chicago and finds his own name in her notebook.",
    "Explain photosynthesis to eight-year-olds through Fern, a leaf who runs a sugar factory.",
    "A grandmother teaches her grandson to fix an old radio, and it plays messages from the past.",
    "Three astronauts on a stranded ship argue over the last working suit.",
    "A young fox leaves the forest to find out where the snow goes in spring. Gentle, storybook style.",
    "In Wes Anderson's style: the staff of a mountain hotel try to hide a runaway prince.",
    "A courtroom drama where the only witness is a parrot.",
    "The crew of a deep-sea lab hears somebody knocking on the hull.",
    "How a heart beats, told as a night shift in a busy harbour.",
)
ODD = (
    "Rain.",
    "grief",
    "7",
    "A detective",
    "My cat hates Mondays and the vacuum cleaner",
    "Ein Hund sucht seinen Ball",
    "Run.",
    "???a",
    "Anna, Bob, Carlos and Mei",
    "Explain how volcanoes work",
    "Why is the sky blue?",
    "{A.his} [one|two] {nobody}",
    "你好 世界",
    "the",
    "hide",
    "A boy and his dog Max get lost in a desert storm. They find an oasis. Max drinks. The boy sings. Night falls. A camel comes. "
    "It laughs. They ride home. Mother waits. They sleep.",
)


@lru_cache(maxsize=64)
def plan_of(prompt: str, minutes: float = 1.0, seed: int = 0) -> EpisodePlan:
    return StorybookPlanner().plan(Brief(prompt=prompt, minutes=minutes, seed=seed), empty_canon())


def lines_of(plan: EpisodePlan) -> list[Line]:
    return [line for scene in plan.scenes for shot in scene.shots for line in shot.lines]


def check(plan: EpisodePlan) -> None:
    """What holds of every plan."""
    lines = lines_of(plan)
    spoken = [re.sub(r"\W+", " ", line.text.lower()) for line in lines]
    assert len(spoken) == len(set(spoken))
    assert not [line.text for line in lines if re.search(r"[{}\[\]|]", line.text)]
    shots = [shot.id for scene in plan.scenes for shot in scene.shots]
    assert len(shots) == len(set(shots))
    assert len({scene.id for scene in plan.scenes}) == len(plan.scenes)
    entities = set(plan.cast) | set(plan.locations) | set(plan.props)
    assert len(entities) == len(plan.cast) + len(plan.locations) + len(plan.props)
    for scene in plan.scenes:
        assert scene.at in plan.locations
        assert set(scene.people()) <= set(plan.cast)
        assert {line.speaker for shot in scene.shots for line in shot.lines} - {NARRATOR} <= set(scene.present)
        assert {fact.entity for fact in scene.facts} <= entities
        assert all({relation.subject, relation.object} <= entities for relation in scene.relations)
        assert all(1 <= len(set(shot.focus) | set(shot.action)) <= 4 and shot.action for shot in scene.shots)
    assert set(plan.scenes[0].opens) <= set(plan.scenes[-1].closes)
    assert plan.scenes[0].opens
    acting = {
        who for scene in plan.scenes for shot in scene.shots for who in [*shot.action, *(line.speaker for line in shot.lines)]
    }
    assert set(plan.cast) <= acting


@pytest.mark.parametrize("prompt", [*PROMPTS, *ODD])
def test_every_prompt_becomes_a_full_minute(prompt: str) -> None:
    plan = plan_of(prompt)
    check(plan)
    assert len(plan.scenes) >= 4
    assert len(lines_of(plan)) >= 8
    assert 50 <= estimate_seconds(plan) <= 70


@pytest.mark.parametrize("prompt", PROMPTS)
def test_the_narrator_speaks_little_and_at_the_ends(prompt: str) -> None:
    lines = lines_of(plan_of(prompt))
    assert sum(line.speaker == NARRATOR for line in lines) <= len(lines) / 4
    assert lines[-1].speaker == NARRATOR


@pytest.mark.parametrize("prompt", PROMPTS)
def test_every_action_of_a_plan_is_understood(prompt: str) -> None:
    for scene in plan_of(prompt).scenes:
        for shot in scene.shots:
            assert not [text for text in shot.action.values() if not read_action(text).exact]


@pytest.mark.parametrize(
    ("prompt", "kinds"),
    [
        (PROMPTS[0], {"lighthouse keeper": "human", "storm": "spirit"}),
        (PROMPTS[1], {"robot": "robot"}),
        (PROMPTS[4], {"leaf": "thing"}),
        (PROMPTS[7], {"fox": "animal"}),
        (PROMPTS[9], {"parrot": "animal"}),
    ],
)
def test_characters_of_the_prompt_are_cast_with_their_kind(prompt: str, kinds: dict[str, str]) -> None:
    cast = plan_of(prompt).cast.values()
    for noun, kind in kinds.items():
        assert [member for member in cast if member.kind == kind and noun in member.description], noun


def test_groups_become_members_with_names_of_their_own() -> None:
    astronauts = [member for member in plan_of(PROMPTS[6]).cast.values() if "astronaut" in member.description]
    assert len(astronauts) == 3
    assert len({member.name for member in astronauts}) == 3
    assert len({member.description for member in astronauts}) == 3
    assert len([member for member in plan_of(PROMPTS[2]).cast.values() if "baker" in member.description]) == 2


def test_a_given_name_is_kept() -> None:
    assert "Fern" in {member.name for member in plan_of(PROMPTS[4]).cast.values()}
    assert {"Anna", "Bob", "Carlos", "Mei"} <= {member.name for member in plan_of("Anna, Bob, Carlos and Mei").cast.values()}
    assert "Max" in {member.name for member in plan_of(ODD[-1]).cast.values()}


@pytest.mark.parametrize(
    ("prompt", "style"),
    [
        (PROMPTS[0], "storybook"),
        (PROMPTS[1], "neon"),
        (PROMPTS[2], "sitcom"),
        (PROMPTS[3], "noir"),
        (PROMPTS[4], "classroom"),
        (PROMPTS[6], "scifi"),
        (PROMPTS[8], "pastel"),
        (PROMPTS[9], "drama"),
    ],
)
def test_the_style_is_read_from_the_prompt(prompt: str, style: str) -> None:
    assert plan_of(prompt).look.style == style


def test_the_requested_style_wins() -> None:
    plan = StorybookPlanner().plan(Brief(prompt=PROMPTS[0], style="noir"), empty_canon())
    assert plan.look.style == "noir"


@pytest.mark.parametrize("minutes", [0.5, 2.0, 5.0, 12.0, 40.0])
@pytest.mark.parametrize("prompt", [PROMPTS[0], PROMPTS[6]])
def test_a_longer_story_repeats_no_line(prompt: str, minutes: float) -> None:
    plan = plan_of(prompt, minutes)
    check(plan)
    assert estimate_seconds(plan) == pytest.approx(minutes * 60, rel=0.15)


def test_the_same_brief_gives_the_same_plan_and_another_seed_another() -> None:
    again = StorybookPlanner().plan(Brief(prompt=PROMPTS[0]), empty_canon())
    assert again == plan_of(PROMPTS[0])
    other = plan_of(PROMPTS[0], seed=5)
    assert [line.text for line in lines_of(other)] != [line.text for line in lines_of(again)]
    assert {member.name for member in other.cast.values()} != {member.name for member in again.cast.values()}


@pytest.mark.parametrize("prompt", ["", "   \n", "a\x07b", "!!! ... 🙂", "x" * 20_001])
def test_an_unusable_prompt_is_refused(prompt: str) -> None:
    with pytest.raises(PromptError) as fault:
        plan_of(prompt)
    assert fault.value.exit_code == 2


def test_an_overlong_prompt_is_refused_with_its_length() -> None:
    with pytest.raises(PromptError, match="100,000 characters"):
        plan_of("x" * 100_000)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.text(min_size=1, max_size=120))
def test_any_text_becomes_a_plan_or_a_prompt_error(text: str) -> None:
    try:
        plan = StorybookPlanner().plan(Brief(prompt=text), empty_canon())
    except PromptError:
        return
    check(plan)


WORDS = st.sampled_from(
    [
        "a",
        "the",
        "old",
        "robot",
        "queen",
        "storm",
        "finds",
        "loves",
        "Fern",
        "Max",
        "lost",
        "hides",
        "bread",
        "in",
        "under",
        "castle",
        "two",
        "three",
        "dogs",
        "who",
        "and",
        "is",
        "7",
        "quietly",
        "not",
    ]
)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.lists(WORDS, min_size=1, max_size=14))
def test_any_words_become_a_story(words: list[str]) -> None:
    plan = StorybookPlanner().plan(Brief(prompt=" ".join(words)), empty_canon())
    check(plan)
    assert len(plan.scenes) >= 4
    assert len(lines_of(plan)) >= 8


def canon_after(plan: EpisodePlan) -> Canon:
    state: dict[str, dict[str, str]] = {}
    for scene in plan.scenes:
        for fact in scene.facts:
            state.setdefault(fact.entity, {})[fact.attribute] = fact.value
    people = {
        key: Character(
            id=key, name=member.name or key, kind=member.kind or "human", description=member.description, state=state.get(key, {})
        )
        for key, member in plan.cast.items()
    }
    places = {
        key: Location(id=key, name=place.name or key, description=place.description) for key, place in plan.locations.items()
    }
    return Canon(
        position=StoryPosition(2, 0),
        characters=MappingProxyType(people),
        locations=MappingProxyType(places),
        threads=(Thread(id="who_lit_it", text="Who left the light on?"),),
        synopses=tuple(scene.synopsis for scene in plan.scenes),
    )


@pytest.mark.parametrize("prompt", ["", "The storm brings a lost gull to the lighthouse."])
def test_the_next_episode_keeps_the_characters_and_their_looks(prompt: str) -> None:
    first = plan_of(PROMPTS[0])
    plan = StorybookPlanner().plan(Brief(prompt=prompt, episode=2), canon_after(first))
    check(plan)
    assert set(first.cast) <= set(plan.cast)
    assert len(plan.cast) <= len(first.cast) + 1
    for key in first.cast:
        assert plan.cast[key].description == ""
        assert plan.cast[key].kind is None
    assert "who_lit_it" in plan.scenes[-1].closes
    assert set(plan.locations) & set(first.locations)


def test_importing_the_planner_does_not_load_spacy() -> None:
    code = "import sys, planners.storybook; sys.exit('spacy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
