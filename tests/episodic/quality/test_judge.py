"""The judge on real takes of `stage`: good ones pass, each planted fault is found, what cannot be measured is said to be so."""

import json
from dataclasses import replace

import numpy as np
import pytest

from episodic.backbones.cards import Cards
from episodic.backbones.footage import Footage
from episodic.backbones.request import Mark, Performer, Setting, ShotRequest
from episodic.backbones.stage.backbone import Stage
from episodic.backbones.stage.model.latent import ACTOR_SLOTS
from episodic.backbones.take import Sight, Take
from episodic.lab.judge_calibration import FAULTS, Seen, examples, judged_value
from episodic.looks.look import character_look
from episodic.looks.places import location_look
from episodic.quality.judge import CRITERIA, FLOOR, Judged, Remembered, Verdict, judge_take
from episodic.quality.key_frames import candidate_frames
from episodic.quality.light import light_of_take
from episodic.quality.palette import palette_of
from episodic.quality.survey import PICTURE_PX, looks_of
from episodic.series.shooting_settings import DEFAULT_SHOOTING

LOOKS = {
    "mara": character_look(kind="human", name="Mara", description="old keeper, grey braid, yellow raincoat", seed=1),
    "tom": character_look(kind="human", name="Tom", description="young man in a blue jacket, short black hair", seed=2),
}
STAYS = Mark(x=0.0, z=2.2)


def request_of(shot="s01.1", who="mara", look=None, start=STAYS, end=STAYS, action="stand", seconds=2.5, **changes):
    mara = Performer(id=who, kind="human", look=look or LOOKS[who], motion=(), start=start, end=end, action=action)
    setting = Setting(location="lamp_room", look=location_look(name="lamp room", description="", seed=3))
    request = ShotRequest(
        shot_id=shot, seed=5, frames=round(24 * seconds), fps=24, width=640, height=360, style="storybook", size="full",
        camera="static", setting=setting, performers=(mara,), focus=(who,),
    )  # fmt: skip
    return replace(request, **changes)


@pytest.fixture(scope="module")
def stage():
    return Stage()


@pytest.fixture(scope="module")
def shot(stage):
    request = request_of()
    return request, stage.shoot(request)


@pytest.fixture(scope="module")
def memory(stage):
    """Of an earlier visit: Mara and Tom, one after the other, in the same place."""
    looks, lights = {}, []
    for who in LOOKS:
        request = request_of(shot=f"s00.{who}", who=who)
        take = stage.shoot(request)
        sights = list(stage.observe(request, take, candidate_frames(request.frames, 24), PICTURE_PX))
        looks |= {one.entity: (one.vector,) for one in looks_of(sights)}
        palette = palette_of([one.picture for one in sights]).to_json()
        lights.append({"at": request.shot_id, "light": light_of_take(sights).to_json(), "palette": palette})
    return Remembered(looks=looks, lights=tuple(lights))


@pytest.fixture(scope="module")
def verdict(stage, shot, memory):
    return judge_take(stage, *shot, memory)


def value(verdict, criterion):
    found = verdict.of(criterion)
    assert found is not None, verdict.absent
    return found.value


def test_a_good_take_passes_every_criterion_that_can_be_measured(verdict):
    assert {one.criterion for one in verdict.judged} == {"identity", "light", "motion", "technical"}
    assert all(one.passed for one in verdict.judged), verdict.to_json()
    assert verdict.absent == {"sync": "nobody in the shot speaks"}
    assert verdict.score > DEFAULT_SHOOTING.good_enough
    assert verdict.failure == ""


def test_what_memory_does_not_hold_is_absent_with_a_reason_and_not_good(stage, shot):
    verdict = judge_take(stage, *shot, Remembered(), criteria=("identity", "light"))
    assert verdict.judged == ()
    assert set(verdict.absent) == {"identity", "light"}
    assert verdict.score == 0.0


def test_who_the_story_has_changed_is_not_held_against_how_they_were(stage, shot, memory):
    verdict = judge_take(stage, *shot, replace(memory, changed=("mara",)), criteria=("identity",))
    assert "changed by the story" in verdict.absent["identity"]


def test_vectors_of_another_encoder_are_not_compared(stage, shot, memory):
    verdict = judge_take(stage, *shot, replace(memory, encoder="look-9"), criteria=("identity",))
    assert "look-9" in verdict.absent["identity"]


def test_somebody_elses_look_fails_identity_and_says_whose_it_is(stage, shot, memory):
    request, take = shot
    verdict = judge_take(stage, request_of(look=LOOKS["tom"]), take, memory, criteria=("identity",))
    judged = verdict.of("identity")
    assert not judged.passed
    assert "more like tom" in judged.found
    assert value(judge_take(stage, request, take, memory, criteria=("identity",)), "identity") > judged.value + 0.3


def test_night_where_memory_has_day_fails_light(stage, shot, memory):
    request, take = shot
    night = replace(request, setting=replace(request.setting, time="night", key="right", temperature_k=7200))
    assert not judge_take(stage, night, take, memory, criteria=("light",)).of("light").passed


def frozen(take):
    latent = take.arrays["latent"].copy()
    latent[:ACTOR_SLOTS] = latent[:ACTOR_SLOTS, :1]
    return replace(take, arrays={**take.arrays, "latent": latent})


def test_a_frozen_figure_fails_motion(stage, shot):
    request, take = shot
    assert not judge_take(stage, request, frozen(take), Remembered(), criteria=("motion",)).of("motion").passed


def test_walking_where_standing_was_asked_fails_motion_and_the_other_way_round(stage, shot):
    request, standing = shot
    way = {"start": Mark(x=-1.2, z=2.2), "end": Mark(x=1.2, z=2.2), "action": "walk"}
    crossing = request_of(seconds=3.0, **way)
    walking = stage.shoot(crossing)
    assert judge_take(stage, crossing, walking, Remembered(), criteria=("motion",)).of("motion").passed
    stays = replace(crossing, performers=request.performers)
    shown_walking = Seen(stage, shows=(crossing, walking))
    assert not judge_take(shown_walking, stays, walking, Remembered(), criteria=("motion",)).of("motion").passed
    shown_standing = Seen(stage, shows=(request, standing))
    asked = replace(request, performers=crossing.performers)
    assert not judge_take(shown_standing, asked, standing, Remembered(), criteria=("motion",)).of("motion").passed


def test_the_previsualisations_movement_is_what_is_wanted_where_there_is_one(stage, shot):
    request, take = shot
    same = judge_take(stage, request, take, Remembered(), take, criteria=("motion",))
    assert value(same, "motion") > 0.8
    assert "previsualisation" in same.of("motion").against
    crossing = request_of(start=Mark(x=-1.2, z=2.2), end=Mark(x=1.2, z=2.2), action="walk")
    other = judge_take(stage, request, take, Remembered(), stage.shoot(crossing), criteria=("motion",))
    assert value(other, "motion") < value(same, "motion")


@pytest.mark.parametrize(
    "name",
    ["motion: trembling", "motion: shaken camera", "technical: black", "technical: burnt out", "technical: flicker of 6 %"],
)
def test_planted_faults_of_the_picture_are_found(stage, shot, name):
    planted = FAULTS[name]
    request, take = shot
    good = judge_take(stage, request, take, Remembered(), criteria=(planted.criterion,))
    bad = judge_take(Seen(stage, planted.alter), request, take, Remembered(), criteria=(planted.criterion,))
    assert good.of(planted.criterion).passed
    assert not bad.of(planted.criterion).passed
    assert bad.failure.startswith(planted.criterion)


def test_numbers_that_are_none_are_a_technical_failure(stage, shot):
    request, take = shot
    light = take.arrays["light_embedding"].copy()
    light[3] = np.nan
    broken = replace(take, arrays={**take.arrays, "light_embedding": light})
    assert "light_embedding is not a number" in judge_take(stage, request, broken, Remembered(), criteria=("technical",)).failure


class Sampled(Cards):
    """Shows a take's footage, which is of a lower rate than the film, as video models' takes are; nobody knows who is where."""

    def observe(self, request, take, frames, height_px):
        every = take.footage.read()
        for frame in frames:
            number = min(len(every) - 1, int(frame / request.fps * take.footage.fps + 0.5))
            yield Sight(frame=frame, picture=every[number], masks={"mara": np.ones(every[number].shape[:2], bool)})


def test_footage_of_a_lower_rate_is_neither_frozen_nor_flickering():
    draw = np.random.default_rng(4)
    noise = draw.integers(40, 200, (40, 96, 160, 3)).astype(np.uint8)
    take = Take(shot_id="s01.1", arrays={}, footage=Footage.of(noise, 16))
    verdict = judge_take(Sampled(), request_of(), take, Remembered())
    assert value(verdict, "technical") > 0.9
    assert "who is where" in verdict.absent["motion"]
    assert {"identity", "light"} <= set(verdict.absent)


def test_a_still_picture_is_frozen():
    take = Take(shot_id="s01.1", arrays={"colour": np.array([90, 120, 60], np.uint8)})
    assert "frozen" in judge_take(Cards(), request_of(), take, Remembered(), criteria=("technical",)).failure


def test_a_verdict_and_what_is_remembered_come_back_from_json(verdict, memory):
    there = json.loads(json.dumps(verdict.to_json()))
    assert Verdict.from_json(there).to_json() == verdict.to_json()
    assert Remembered.from_json(json.loads(json.dumps(memory.to_json()))) == memory
    with pytest.raises(ValueError, match="episodic/verdict@1"):
        Verdict.from_json({**there, "format": "episodic/verdict@9"})


def test_the_same_take_is_judged_the_same(stage, shot, memory, verdict):
    assert judge_take(stage, *shot, memory) == verdict


def judged(criterion, value):
    return Judged(criterion=criterion, value=value, threshold=0.5, against="x", found="found")


def test_one_bad_criterion_is_not_made_up_for_by_good_ones():
    good = Verdict(shot_id="a", seed=1, judged=tuple(judged(one, 0.9) for one in CRITERIA))
    bad = replace(good, judged=(judged("identity", 0.02), *good.judged[1:]))
    mean = sum(one.level for one in bad.judged) / len(bad.judged)
    assert good.score > DEFAULT_SHOOTING.good_enough > mean - 0.1 > bad.score


def test_a_verdict_with_one_broken_criterion_fails_and_names_it():
    verdict = Verdict(shot_id="a", seed=1, judged=(judged("identity", 0.05), *(judged(one, 1.0) for one in CRITERIA[1:])))
    assert verdict.score > FLOOR
    assert verdict.failure.startswith("identity")
    poor = replace(verdict, judged=tuple(judged(one, 0.3) for one in CRITERIA[:-1]))
    assert poor.score < FLOOR
    assert poor.failure
    weak = replace(verdict, judged=(judged("identity", 0.4), *verdict.judged[1:]))
    assert (weak.failure, weak.passed) == ("", False)


def test_of_what_could_not_be_measured_at_all_nothing_is_said_either_way():
    verdict = Verdict(shot_id="a", seed=1, judged=(), absent={"light": "no survey"})
    assert (verdict.score, verdict.passed, verdict.failure) == (0.0, False, "")


def test_calibration_plants_its_faults_into_takes_of_people_seen_before():
    one = next(examples(6, seed=1))
    assert one.memory.looks
    assert one.request.speech
    good, bad = (judged_value(one, FAULTS[name]) for name in ("identity: good", "identity: another character's look"))
    assert good[1]
    assert not bad[1]
