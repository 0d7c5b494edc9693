"""Recurrences of entities, their figures by gap, and intervals of shares."""

import math

import numpy as np
import pytest

from episodic.quality.recurrence import (
    Appearance,
    Recurrence,
    appearances_of,
    at_least,
    by_gap,
    find_recurrences,
    wilson,
)
from memory.model.facts import StoryPosition
from memory.model.records import VectorOwner

SCENES = [StoryPosition(episode, scene) for episode in (1, 2, 3, 4) for scene in range(1, 13)]
AXES = {"mara": (1.0, 0.0, 0.0), "otto": (0.0, 1.0, 0.0), "storm": (0.0, 0.0, 1.0)}


def seen(entity, episode, scene, vector=None, kind="look"):
    return Appearance(entity=entity, position=StoryPosition(episode, scene), kind=kind, vector=vector or AXES[entity])


def recurrence(gap, correct=True, similarity=0.9, episodes=0, known=4):
    return Recurrence(
        entity="mara",
        kind="look",
        position=StoryPosition(9, 1),
        gap_scenes=gap,
        gap_episodes=episodes,
        similarity=similarity,
        nearest="mara" if correct else "otto",
        known=known,
    )


def test_a_gap_counts_scenes_of_the_series_and_episodes_since_an_entity_was_last_seen():
    (first, second) = find_recurrences([seen("mara", 1, 1), seen("mara", 1, 3), seen("mara", 4, 2)], SCENES)
    assert (first.gap_scenes, first.gap_episodes) == (2, 0)
    assert (second.gap_scenes, second.gap_episodes) == (35, 3)


def test_a_first_appearance_or_another_shot_of_the_same_scene_is_no_recurrence():
    assert find_recurrences([seen("mara", 1, 1), seen("mara", 1, 1), seen("otto", 1, 1)], SCENES) == ()


def test_similarity_is_the_cosine_to_the_mean_of_earlier_vectors():
    shown = [seen("mara", 1, 1, (1.0, 0.0, 0.0)), seen("mara", 1, 1, (0.0, 1.0, 0.0)), seen("mara", 1, 2, (1.0, 0.0, 0.0))]
    (recurrence,) = find_recurrences(shown, SCENES)
    assert recurrence.similarity == pytest.approx(math.sqrt(0.5))


def test_a_long_vector_weighs_no_more_than_a_short_one():
    shown = [seen("mara", 1, 1, (100.0, 0.0, 0.0)), seen("mara", 1, 1, (0.0, 1.0, 0.0)), seen("mara", 1, 2, (0.0, 5.0, 0.0))]
    (recurrence,) = find_recurrences(shown, SCENES)
    assert recurrence.similarity == pytest.approx(math.sqrt(0.5))


def test_an_entity_that_appears_later_does_not_count_as_known():
    shown = [seen("mara", 1, 1), seen("mara", 1, 2), seen("otto", 1, 3)]
    (recurrence,) = find_recurrences(shown, SCENES)
    assert recurrence.known == 1


def test_a_swapped_character_is_detected():
    shown = [seen("mara", 1, 1), seen("otto", 1, 1), seen("mara", 1, 2, AXES["otto"]), seen("otto", 1, 2)]
    mara, otto = find_recurrences(shown, SCENES)
    assert (mara.nearest, mara.correct) == ("otto", False)
    assert otto.correct


def test_a_drifting_colour_lowers_similarity_first_and_then_correctness():
    steps = np.linspace(0, np.pi / 2, 12)
    drift = [seen("mara", 1, n + 1, (float(np.cos(a)), float(np.sin(a)), 0.0)) for n, a in enumerate(steps)]
    recurrences = find_recurrences([seen("otto", 1, 1), *drift], SCENES)
    similarities = [recurrence.similarity for recurrence in recurrences]
    assert similarities == sorted(similarities, reverse=True)
    assert recurrences[0].correct
    assert not recurrences[-1].correct


def test_each_kind_of_vector_is_compared_separately():
    shown = [seen("mara", 1, 1), seen("mara", 1, 1, (1.0, 0.0), "voice"), seen("mara", 1, 2, (1.0, 0.0), "voice")]
    (recurrence,) = find_recurrences(shown, SCENES)
    assert recurrence.kind == "voice"


def test_vectors_of_different_encoders_are_refused():
    with pytest.raises(ValueError, match="different encoders"):
        find_recurrences([seen("mara", 1, 1), seen("mara", 1, 2, (1.0, 0.0))], SCENES)


def test_a_scene_outside_the_series_is_named():
    with pytest.raises(ValueError, match="7:1"):
        find_recurrences([seen("mara", 7, 1)], SCENES)


def test_recurrences_are_counted_in_the_class_of_their_gap():
    figures = by_gap([recurrence(gap) for gap in (1, 2, 4, 5, 29, 30, 41)])
    assert [(figure.name, figure.count) for figure in figures] == [
        ("1", 1),
        ("2-4", 2),
        ("5-9", 1),
        ("10-19", 0),
        ("20-29", 1),
        ("30+", 2),
    ]


def test_figures_equal_an_example_calculated_by_hand():
    figure = at_least([recurrence(1, similarity=0.6), recurrence(3, False, 0.8), recurrence(9, similarity=1.0)], scenes=1)
    assert (figure.count, figure.correct) == (3, 2)
    assert figure.similarity == pytest.approx(0.8)
    assert figure.similarity_high - figure.similarity == pytest.approx(1.96 * 0.2 / math.sqrt(3), abs=1e-4)
    assert figure.correctness == pytest.approx(2 / 3)
    assert figure.chance == pytest.approx(0.25)


def test_a_class_without_recurrences_has_no_figures():
    figure = at_least([recurrence(2)], scenes=30)
    assert figure.count == 0
    assert math.isnan(figure.correctness)
    assert figure.to_json()["correctness"] is None


def test_gaps_in_scenes_and_episodes_can_be_combined():
    recurrences = [recurrence(35, episodes=2), recurrence(35, episodes=3), recurrence(10, episodes=3)]
    assert at_least(recurrences, scenes=30, episodes=3).count == 1


@pytest.mark.parametrize(
    ("successes", "count", "low", "high"),
    # Newcombe, Statistics in Medicine 17 (1998), table I, method 3
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_intervals_equal_published_values(successes, count, low, high):
    assert wilson(successes, count) == pytest.approx((low, high), abs=1e-4)


def test_an_impossible_number_of_successes_is_refused():
    with pytest.raises(ValueError, match="0 to 3"):
        wilson(4, 3)


def test_vectors_of_entities_become_appearances_and_those_of_whole_scenes_do_not():
    owners = [
        VectorOwner(position=StoryPosition(1, 1), scene_id="s01", shot_id="s01.1", artifact="a", entity="mara"),
        VectorOwner(position=StoryPosition(1, 1), scene_id="s01"),
    ]
    (appearance,) = appearances_of("look", owners, np.eye(2, 3, dtype=np.float32))
    assert appearance == Appearance(entity="mara", position=StoryPosition(1, 1), kind="look", vector=(1.0, 0.0, 0.0))
