"""Selection among several takes of a shot: drafts, early stopping, retries within a budget, and the record."""

import gc
import json
import weakref
from dataclasses import replace

import numpy as np
import pytest

from episodic.backbones.cards import Cards
from episodic.backbones.protocol import Capabilities, HeavyModel
from episodic.backbones.request import Mark, Performer, Setting, ShotRequest
from episodic.backbones.stage.backbone import Stage
from episodic.looks.look import character_look
from episodic.looks.places import location_look
from episodic.production.take_selection import JUDGEMENT, as_shot, shoot_best, take_seed
from episodic.quality.judge import Criterion, CriterionResult, Remembered, Verdict, judge_take

LOOK = character_look(kind="human", name="Mara", description="old keeper, grey braid, yellow raincoat", seed=1)
MARK = Mark(x=0.0, z=2.2)
REQUEST = ShotRequest(
    shot_id="s01.1",
    seed=5,
    frames=24,
    fps=12,
    width=160,
    height=90,
    style="storybook",
    size="full",
    camera="static",
    setting=Setting(location="lamp_room", look=location_look(name="lamp room", description="", seed=3)),
    performers=(Performer(id="mara", kind="human", look=LOOK, motion=(), start=MARK, end=MARK),),
    focus=("mara",),
)
SEEDS = {take_seed(REQUEST.seed, number): number for number in range(1, 20)}


class Light(Cards):
    """Cards. `shot` lists the requests as (take number, draft)."""

    def __init__(self):
        self.shot: list[tuple[int, bool]] = []

    def shoot(self, request):
        self.shot.append((SEEDS[request.seed], request.draft))
        return super().shoot(request)


class Heavy(Light, HeavyModel):
    """Cards whose takes cost as much as a video model's."""

    capabilities = Capabilities(name="heavy", max_performers=8)

    def host_messages(self):
        return ()


def judge_of(scores, broken=()):
    """A judge with scores by take number or by (take number, draft). Takes in `broken` have a technical fault when shot in full."""

    def judge(request, take):
        number = SEEDS[request.seed]
        fault = number in broken and not request.draft
        score = scores.get((number, request.draft), scores.get(number, 0.5))
        judged = [CriterionResult(criterion="light", value=score, threshold=0.5, against="the place", measured="as expected")]
        judged += (
            [CriterionResult(criterion="technical", value=0.0, threshold=0.5, against="a sound picture", measured="black")]
            if fault
            else []
        )
        return Verdict(shot_id=take.shot_id, seed=request.seed, results=tuple(judged))

    return judge


def record_of(take):
    """The record of a judgement, as JSON."""
    return take.notes[JUDGEMENT]


def shoot(backbone, judge, *, takes=3, retries=0, good_enough=0.95):
    take = shoot_best(backbone, REQUEST, takes=takes, retries=retries, good_enough=good_enough, judge=judge)
    return take, record_of(take)


def test_one_take_without_retries_is_the_backbones_own_take():
    def never(_request, _take):
        raise AssertionError("it need not be judged")

    take = shoot_best(Cards(), REQUEST, takes=1, retries=0, good_enough=0.9, judge=never)
    alone = Cards().shoot(REQUEST)
    assert (take.arrays["colour"] == alone.arrays["colour"]).all()
    assert take.notes == alone.notes
    assert as_shot(REQUEST, take) == REQUEST


def test_the_best_draft_is_shot_in_full():
    backbone = Heavy()
    take, record = shoot(backbone, judge_of({1: 0.6, 2: 0.8, 3: 0.7}))
    assert backbone.shot == [(1, True), (2, True), (3, True), (2, False)]
    assert record["chosen"]["take"] == 2
    assert (take.arrays["colour"] == Cards().shoot(replace(REQUEST, seed=take_seed(5, 2))).arrays["colour"]).all()


def test_without_cheap_drafts_no_take_is_shot_twice():
    backbone = Light()
    take, record = shoot(backbone, judge_of({1: 0.6, 2: 0.8, 3: 0.7}))
    assert backbone.shot == [(1, False), (2, False), (3, False)]
    assert record["drafts"] == []
    assert [shot["take"] for shot in record["shot"]] == [1, 2, 3]
    assert as_shot(REQUEST, take).seed == take_seed(5, 2)


@pytest.mark.parametrize("kind", [Heavy, Light])
def test_drafts_stop_early_when_one_is_good_enough(kind):
    backbone = kind()
    _, record = shoot(backbone, judge_of({1: 0.6, 2: 0.97, 3: 0.99}), takes=5)
    assert {number for number, _ in backbone.shot} == {1, 2}
    assert record["stopped_early"]
    assert "good enough after 2 of 5" in record["chosen"]["why"]


@pytest.mark.parametrize("kind", [Heavy, Light])
def test_only_the_best_take_so_far_stays_in_memory(kind):
    references: list[weakref.ref[np.ndarray]] = []

    def alive():
        gc.collect()  # the measurement of executed lines leaves cycles behind
        return [colour for reference in references if (colour := reference()) is not None]

    class Watched(Heavy):
        capabilities = kind.capabilities

        def shoot(self, request):
            # only the best take so far
            assert len(alive()) <= 1
            take = super().shoot(request)
            references.append(weakref.ref(take.arrays["colour"]))
            return take

    backbone = Watched()
    take, _ = shoot(backbone, judge_of({1: 0.6, 2: 0.8, 3: 0.7}, broken=(1, 2, 3, 4)), retries=3)
    assert len(references) == len(backbone.shot) >= 5
    assert [colours is take.arrays["colour"] for colours in alive()] == [True]


def test_the_first_of_equal_takes_is_chosen():
    _, record = shoot(Heavy(), judge_of({}))
    assert record["chosen"]["take"] == 1
    assert not record["stopped_early"]


def test_a_failed_take_is_replaced_by_the_next_best_draft_with_its_reason():
    backbone = Heavy()
    _, record = shoot(backbone, judge_of({1: 0.6, 2: 0.8, 3: 0.7}, broken=(2,)), retries=2)
    assert backbone.shot[3:] == [(2, False), (3, False)]
    assert record["chosen"]["take"] == 3
    assert record["retried"] == 1
    assert "draft 3 was the next best" in record["shot"][1]["reason"]
    assert "take 2 failed: technical: black" in record["shot"][1]["reason"]


def test_retries_stop_at_their_budget_and_keep_the_best_take():
    backbone = Heavy()
    take, record = shoot(backbone, judge_of({1: 0.6, 2: 0.8, 3: 0.7}, broken=range(1, 20)), retries=3)
    assert backbone.shot[3:] == [(2, False), (3, False), (1, False), (4, False)]
    assert record["chosen"]["take"] == 2
    assert "all 3 retries are spent" in record["chosen"]["why"]
    assert "a new seed" in record["shot"][3]["reason"]
    assert take.arrays["colour"].shape == (3,)


def test_a_single_failed_take_is_shot_again_from_a_new_seed():
    backbone = Light()
    _, record = shoot(backbone, judge_of({1: 0.05, 2: 0.9}), takes=1, retries=1)
    assert backbone.shot == [(1, False), (2, False)]
    assert record["chosen"]["take"] == 2
    assert "take 1 failed: light" in record["shot"][1]["reason"]


def test_a_passing_take_beats_a_higher_score_with_a_failed_criterion():
    def judge(request, take):
        values = {1: (0.45, 1.0, 1.0), 2: (0.7, 0.7, 0.7)}[SEEDS[request.seed]]
        names: tuple[Criterion, ...] = ("identity", "light", "motion")
        judged = tuple(
            CriterionResult(criterion=name, value=value, threshold=0.5, against="x", measured="y")
            for name, value in zip(names, values, strict=True)
        )
        return Verdict(shot_id=take.shot_id, seed=request.seed, results=judged)

    _, record = shoot(Light(), judge, takes=2, good_enough=0.75)
    scores = [shot["verdict"]["score"] for shot in record["shot"]]
    assert scores[0] > 0.75 > scores[1]
    assert record["chosen"]["take"] == 2


def test_no_retry_is_spent_without_a_failure():
    backbone = Heavy()
    _, record = shoot(backbone, judge_of({1: 0.5}), takes=1, retries=5)
    assert backbone.shot == [(1, False)]
    assert record["retried"] == 0


def test_the_record_is_complete_json():
    _, record = shoot(Heavy(), judge_of({1: 0.6, 2: 0.8, 3: 0.7}, broken=(2,)), retries=1)
    assert json.loads(json.dumps(record)) == record
    every = record["drafts"] + record["shot"]
    assert [entry["seed"] for entry in every] == [take_seed(5, entry["take"]) for entry in every]
    assert all(Verdict.from_json(entry["verdict"]).shot_id == "s01.1" for entry in every)
    assert all(record["reason"] for record in every)


def test_take_seeds_are_stable_and_the_first_is_the_shots_own():
    assert take_seed(5, 1) == 5
    assert len(SEEDS) == 19
    assert take_seed(5, 2) == 8952279570862097138


@pytest.mark.parametrize(("takes", "retries"), [(0, 0), (1, -1)])
def test_zero_takes_and_negative_retries_are_errors(takes, retries):
    with pytest.raises(ValueError, match=f"found {takes} and {retries}"):
        shoot_best(Cards(), REQUEST, takes=takes, retries=retries, good_enough=0.9, judge=judge_of({}))


def test_judging_takes_of_stage_is_deterministic():
    def judge(request, take):
        return judge_take(Stage(), request, take, Remembered(), criteria=("motion", "technical"))

    takes = [shoot_best(Stage(), REQUEST, takes=2, retries=0, good_enough=1.0, judge=judge) for _ in range(2)]
    assert takes[0].notes == takes[1].notes
    assert (takes[0].arrays["latent"] == takes[1].arrays["latent"]).all()
    record = record_of(takes[0])
    best = max(record["shot"], key=lambda shot: shot["verdict"]["score"])
    assert record["chosen"]["take"] == best["take"]
    again = Stage().shoot(as_shot(REQUEST, takes[0]))
    assert (again.arrays["latent"] == takes[0].arrays["latent"]).all()
