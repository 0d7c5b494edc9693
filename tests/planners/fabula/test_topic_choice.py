"""Which topic a prompt gets: one that covers the whole question, or none."""

from __future__ import annotations

import pytest

from planners.errors import PromptError
from planners.fabula.explainer_content import explainer_content, is_explainer
from planners.fabula.lesson import LessonContent, analogy_place, audience_level
from planners.fabula.process import ProcessContent
from planners.reading.reader import read_premise


@pytest.mark.parametrize(
    ("prompt", "key"),
    [
        ("why is the sky blue?", "blue_sky"),
        ("Explain how the heart works, told as a night shift in a harbour", "heart"),
        ("A beekeeper explains pollination to her impatient nephew with a paintbrush", "pollination"),
        ("why does the moon look different every night", "moon_phases"),
        ("how do planes stay up in the air?", "flight"),
        ("Explain black holes as if I were five", "black_holes"),
        ("explain supply and demand at a lemonade stand", "supply_demand"),
        ("A robot explains magnets to a class of bored teenagers", "magnets"),
        ("how glass is recycled", "recycling"),
        ("A lesson about compound interest for teenagers in two minutes", "compound_interest"),
        ("How honey is made", "honey"),
        ("how do you make tea", "tea"),
        ("sourdough bread step by step", "bread"),
        ("An old fisherman teaches his granddaughter about the tides", "tides"),
    ],
)
def test_a_covered_prompt_gets_its_topic(prompt: str, key: str) -> None:
    premise = read_premise(prompt)
    assert is_explainer(premise)
    assert explainer_content(premise).key == key


@pytest.mark.parametrize(
    "prompt",
    [
        "why do bees dance",
        "how do volcanoes affect airline prices",
        "how to sound confident in interviews",
        "how do you float a company on the stock market",
        "how is rain measured",
        "how are planes built",
        "how paper money is printed",
        "how to knit a sock",
        "explain quantum entanglement",
    ],
)
def test_a_near_miss_is_refused(prompt: str) -> None:
    with pytest.raises(PromptError, match=r"nothing is known on .*--source FILE\.md"):
        explainer_content(read_premise(prompt))


def test_a_refusal_names_the_nearest_topic_and_what_it_does_not_cover() -> None:
    with pytest.raises(PromptError, match=r"nearest: “What Bees Do for Flowers”, which say nothing on: dance"):
        explainer_content(read_premise("why do bees dance"))


@pytest.mark.parametrize(
    "prompt",
    [
        "A documentary about a lighthouse keeper who saves a whale",
        "A snail travels from the cellar to the roof",
        "A fox steals a bell and hides it in a church",
    ],
)
def test_a_story_is_no_lesson(prompt: str) -> None:
    assert not is_explainer(read_premise(prompt))


def test_stated_steps_come_before_topics() -> None:
    content = explainer_content(
        read_premise("How to make tea: boil the water, warm the pot, add the leaves, wait four minutes, pour.")
    )
    assert isinstance(content, ProcessContent)
    assert [step.phrase for step in content.steps] == [
        "boils the water",
        "warms the pot",
        "adds the leaves",
        "waits four minutes",
        "pours",
    ]


@pytest.mark.parametrize(
    ("prompt", "level"),
    [
        ("the heart for nine-year-olds", "child"),
        ("the heart for a class of pupils", "child"),
        ("the heart for 15-year-olds", "adult"),
        ("the heart for adults", "adult"),
        ("the heart", None),
    ],
)
def test_the_audience_is_read(prompt: str, level: str | None) -> None:
    assert audience_level(read_premise(prompt)) == level


def test_children_get_no_claim_for_adults() -> None:
    child = explainer_content(read_premise("how do planes fly, for kids"))
    everybody = explainer_content(read_premise("how do planes fly"))
    assert isinstance(child, LessonContent)
    assert isinstance(everybody, LessonContent)
    assert len(child.claims) < len(everybody.claims)


def test_the_place_of_an_analogy_is_read() -> None:
    assert analogy_place(read_premise("Explain the heart, told as a night shift in a harbour")) == "harbour"
    assert analogy_place(read_premise("Explain the heart")) is None


@pytest.mark.parametrize(
    ("prompt", "key", "uncovered"),
    [
        ("Explain black holes, as an opera in three acts with a dying star as the diva", "black_holes", ()),
        ("A short, serious, factual explainer about gravity. No invented love story, no talking animals.", "gravity", ()),
        ("Explain photosynthesis in the style of a heist film to my sceptical grandmother", "photosynthesis", ()),
        ("Explain vaccines as if they were a fire drill in a beehive", "vaccines", ()),
        ("Why is the sky blue? Two minutes, for night nurses, with jazz", "blue_sky", ()),
        ("A witty documentary on how earthquakes happen, narrated like a football match", "earthquakes", ()),
        ("A knight explains gravity to his squire", "gravity", ()),
        ("Teach a sleepy robot about magnets", "magnets", ()),
        ("The amazing story of how the internet works, sung by a choir of routers", "internet", ()),
        ("why is the sky blue over the Sahara", "blue_sky", ("sahara",)),
        ("how the valves of the heart work", "heart", ()),
        ("how do vaccines work during pregnancy", "vaccines", ("pregnancy",)),
        ("teach my grandmother machine learning with cats", "machine_learning", ()),
        ("what is the difference between weather and climate", "climate_change", ()),
        ("how is soap made", "soap_making", ()),
        ("how does soap work", "soap", ()),
        ("prime numbers for teenagers", "prime_numbers", ()),
    ],
)
def test_the_subject_decides_and_what_surrounds_it_is_reported(prompt: str, key: str, uncovered: tuple[str, ...]) -> None:
    content = explainer_content(read_premise(prompt))
    assert (content.key, content.uncovered) == (key, uncovered)


@pytest.mark.parametrize(
    "prompt",
    [
        "how a moon phase calendar is designed",
        "explain DNA test kits to my grandmother",
        "a lesson about volcano insurance",
        "how is bread taxed",
        "why does a heart break after a divorce",
        "how do I sell my recycling bin",
        "why do vaccines cost so much",
        "how black holes were filmed in Hollywood, as a lesson",
        "explain the economics of lighthouses, as simply as gravity",
        "how do magnets damage credit cards",
        "why do cats hate the sound of lemons",
        "how do shadows sell umbrellas",
        "how to get rid of ants",
        "how do castles attract tourists",
        "how does a time machine work",
    ],
)
def test_a_subject_that_no_topic_names_is_refused(prompt: str) -> None:
    with pytest.raises(PromptError, match="nothing is known on"):
        explainer_content(read_premise(prompt))


def test_a_serious_film_about_a_topic_is_a_lesson() -> None:
    assert is_explainer(read_premise("A short, serious film about gravity"))
    assert not is_explainer(read_premise("A short, funny film about a lantern"))
