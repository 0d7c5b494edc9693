"""Identity figures in words and JSON, and the ceiling from takes of one scene."""

import json

import pytest

from episodic.quality.identity_figure import IdentityFigure, same_scene_ceiling, share_words
from episodic.quality.recurrence import Appearance, Recurrence, summarise
from memory.model.facts import StoryPosition


def share(correct, count, known=24):
    return summarise(
        [
            Recurrence(
                entity="mara",
                kind="look",
                position=StoryPosition(4, 1),
                gap_scenes=36,
                gap_episodes=3,
                similarity=0.8,
                nearest="mara" if number < correct else "otto",
                known=known,
            )
            for number in range(count)
        ],
        30,
        None,
    )


def shown(entity, scene, *vector):
    return Appearance(entity=entity, position=StoryPosition(1, scene), kind="look", vector=vector)


def test_a_figure_states_judge_interval_ways_chance_ceiling_and_ablation():
    figure = IdentityFigure(
        judge="look-lda-1", share=share(36, 36), ceiling=share(9, 10), ablation={"no memory, fixed seed": share(18, 36)}
    )
    assert figure.words() == (
        "look (judge: look-lda-1): 36/36 = 100 % (90-100), 24 ways, chance 4 %; ceiling: 9/10 = 90 % (60-98); "
        "ablation: no memory, fixed seed: 18/36 = 50 % (34-66)"
    )
    data = json.loads(json.dumps(figure.to_json()))
    assert data["judge"] == "look-lda-1"
    assert data["share"]["most_ways"] == 24
    assert data["share"]["chance"] == pytest.approx(1 / 24, abs=1e-4)
    assert data["ceiling"]["correctness"] == 0.9
    assert data["ablation"]["no memory, fixed seed"]["correctness"] == 0.5


def test_unmeasured_parts_are_called_not_measured():
    figure = IdentityFigure(judge="voice-net-2", share=share(1, 2))
    assert figure.words().endswith("ceiling: not measured; ablation: not measured")
    assert figure.to_json()["ceiling"] is figure.to_json()["ablation"] is None
    assert IdentityFigure(judge="voice-net-2", share=share(0, 0)).words() == "voice (judge: voice-net-2): not measured"
    assert share_words(share(0, 0)) == "not measured"


def test_movement_by_the_conditioning_encoder_is_a_consistency_check():
    figure = IdentityFigure(judge="stage-encoder", share=share(36, 36))
    assert figure.title == "motion (consistency check: stage-encoder)"
    assert figure.to_json()["kind"] == "consistency check"


def test_a_figure_on_selected_takes_is_a_consistency_check():
    assert "(consistency check: look-lda-1)" in IdentityFigure(judge="look-lda-1", share=share(1, 1), selected=True).title


def test_a_changing_number_of_candidates_is_given_as_a_range():
    early, late = share(1, 1, known=3), share(1, 1, known=24)
    assert (early.fewest_ways, late.most_ways) == (3, 24)
    both = summarise([*_recurrences(3), *_recurrences(24)], 1, None)
    assert "3-24 ways" in IdentityFigure(judge="look-lda-1", share=both).words()


def _recurrences(known):
    return [
        Recurrence(
            entity="mara",
            kind="look",
            position=StoryPosition(1, 2),
            gap_scenes=1,
            gap_episodes=0,
            similarity=1.0,
            nearest="mara",
            known=known,
        )
    ]


def test_the_ceiling_compares_takes_of_one_scene_with_each_other():
    figure = same_scene_ceiling(
        [
            shown("mara", 1, 1, 0),
            shown("mara", 1, 1, 0.1),
            shown("otto", 1, 0, 1),
            shown("mara", 2, 0, 1),
            shown("mara", 2, 0.1, 1),
        ]
    )
    assert figure is not None
    assert figure.count == 4
    assert figure.correct >= 2
    assert figure.most_ways == 2


def test_the_ceiling_falls_if_takes_of_one_cast_disagree():
    blind = [
        shown(entity, 1, *vector)
        for entity, vector in (("mara", (1, 0)), ("mara", (0, 1)), ("otto", (1, 0.1)), ("otto", (0.1, 1)))
    ]
    ceiling = same_scene_ceiling(blind)
    assert ceiling is not None
    assert ceiling.correct == 0


def test_there_is_no_ceiling_without_two_takes_of_an_entity_in_a_scene():
    assert same_scene_ceiling([shown("mara", 1, 1, 0), shown("otto", 1, 0, 1), shown("mara", 2, 1, 0)]) is None
