"""The judge on real takes of `stage`: good takes pass, planted faults are detected, and unmeasured criteria are absent with a reason."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from episodic.backbones.cards import Cards
from episodic.backbones.footage import Footage
from episodic.backbones.protocol import Backbone
from episodic.backbones.request import Mark, Performer, Setting, ShotRequest
from episodic.backbones.stage.backbone import Stage
from episodic.backbones.stage.model.latent import ACTOR_SLOTS
from episodic.backbones.take import Sight, Take
from episodic.lab.judge_calibration import FAULTS, Seen, examples, judged_value
from episodic.looks.look import character_look
from episodic.looks.places import location_look
from episodic.quality.judge import (
    CRITERIA,
    FLOOR,
    Criterion,
    CriterionResult,
    PlaceSurvey,
    Remembered,
    Verdict,
    judge_take,
)
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


def request_of(shot="s01.1", entity="mara", look=None, start=STAYS, end=STAYS, action="stand", seconds=2.5):
    performer = Performer(id=entity, kind="human", look=look or LOOKS[entity], motion=(), start=start, end=end, action=action)
    return ShotRequest(
        shot_id=shot,
        seed=5,
        frames=round(24 * seconds),
        fps=24,
        width=640,
        height=360,
        style="storybook",
        size="full",
        camera="static",
        setting=Setting(location="lamp_room", look=location_look(name="lamp room", description="", seed=3)),
        performers=(performer,),
        focus=(entity,),
    )


@pytest.fixture(scope="module")
def stage():
    return Stage()


@pytest.fixture(scope="module")
def shot(stage):
    request = request_of()
    return request, stage.shoot(request)


@pytest.fixture(scope="module")
def memory(stage):
    """Memory of an earlier visit to the same place, with a take of Mara and a take of Tom."""
    looks: dict[str, tuple[tuple[float, ...], ...]] = {}
    lights: list[PlaceSurvey] = []
    for entity in LOOKS:
        request = request_of(shot=f"s00.{entity}", entity=entity)
        take = stage.shoot(request)
        sights = list(stage.observe(request, take, candidate_frames(request.frames, 24), PICTURE_PX))
        looks |= {record.entity: (record.vector,) for record in looks_of(sights)}
        palette = palette_of([sight.picture for sight in sights])
        lights.append(PlaceSurvey(at=request.shot_id, light=light_of_take(sights).to_json(), palette=palette.to_json()))
    return Remembered(looks=looks, lights=tuple(lights))


@pytest.fixture(scope="module")
def verdict(stage, shot, memory):
    request, take = shot
    return judge_take(stage, request, take, memory)


def result_of(verdict: Verdict, criterion: Criterion) -> CriterionResult:
    result = verdict.of(criterion)
    assert result is not None, verdict.absent
    return result


def verdict_by(
    criterion: Criterion,
    backbone: Backbone,
    request: ShotRequest,
    take: Take,
    memory: Remembered | None = None,
    previs: Take | None = None,
) -> Verdict:
    """The verdict by one criterion alone."""
    return judge_take(backbone, request, take, memory or Remembered(), previs, criteria=(criterion,))


def judged_by(
    criterion: Criterion,
    backbone: Backbone,
    request: ShotRequest,
    take: Take,
    memory: Remembered | None = None,
    previs: Take | None = None,
) -> CriterionResult:
    """The result of one criterion, which must have been measured."""
    return result_of(verdict_by(criterion, backbone, request, take, memory, previs), criterion)


def test_a_good_take_passes_every_criterion_that_can_be_measured(verdict):
    assert {result.criterion for result in verdict.results} == {"identity", "light", "motion", "technical"}
    assert all(result.passed for result in verdict.results), verdict.to_json()
    assert verdict.absent == {"sync": "nobody in the shot speaks"}
    assert verdict.score > DEFAULT_SHOOTING.good_enough
    assert verdict.failure == ""


def test_a_criterion_without_a_reference_in_memory_is_absent_and_does_not_pass(stage, shot):
    request, take = shot
    criteria: tuple[Criterion, ...] = ("identity", "light")
    verdict = judge_take(stage, request, take, Remembered(), criteria=criteria)
    assert verdict.results == ()
    assert set(verdict.absent) == {"identity", "light"}
    assert verdict.score == 0.0


def test_a_character_that_the_story_changed_is_not_compared_with_its_old_look(stage, shot, memory):
    request, take = shot
    verdict = verdict_by("identity", stage, request, take, replace(memory, changed=("mara",)))
    assert "changed by the story" in verdict.absent["identity"]


def test_vectors_of_another_encoder_are_not_compared(stage, shot, memory):
    request, take = shot
    verdict = verdict_by("identity", stage, request, take, replace(memory, encoder="look-9"))
    assert "look-9" in verdict.absent["identity"]


def test_another_character_s_look_fails_identity_and_is_named(stage, shot, memory):
    request, take = shot
    swapped = judged_by("identity", stage, request_of(look=LOOKS["tom"]), take, memory)
    assert not swapped.passed
    assert "more like tom" in swapped.measured
    assert judged_by("identity", stage, request, take, memory).value > swapped.value + 0.3


def test_a_night_shot_fails_light_if_memory_has_day(stage, shot, memory):
    request, take = shot
    night = replace(request, setting=replace(request.setting, time="night", key="right", temperature_k=7200))
    assert not judged_by("light", stage, night, take, memory).passed


def frozen(take):
    latent = take.arrays["latent"].copy()
    latent[:ACTOR_SLOTS] = latent[:ACTOR_SLOTS, :1]
    return replace(take, arrays={**take.arrays, "latent": latent})


def test_a_frozen_figure_fails_motion(stage, shot):
    request, take = shot
    assert not judged_by("motion", stage, request, frozen(take)).passed


@pytest.fixture(scope="module")
def crossing_shot(stage):
    """Mara walks across."""
    request = request_of(start=Mark(x=-1.2, z=2.2), end=Mark(x=1.2, z=2.2), action="walk")
    return request, stage.shoot(request)


def test_walking_instead_of_standing_fails_motion_and_so_does_the_reverse(stage, shot, crossing_shot):
    request, standing = shot
    crossing, walking = crossing_shot
    assert judged_by("motion", stage, crossing, walking).passed
    stays = replace(crossing, performers=request.performers)
    shown_walking = Seen(stage, shows=(crossing, walking))
    assert not judged_by("motion", shown_walking, stays, walking).passed
    shown_standing = Seen(stage, shows=(request, standing))
    crosses = replace(request, performers=crossing.performers)
    assert not judged_by("motion", shown_standing, crosses, standing).passed


def test_a_previsualisation_replaces_the_marks_as_the_expected_movement(stage, shot, crossing_shot):
    request, take = shot
    same = judged_by("motion", stage, request, take, previs=take)
    assert same.value > 0.8
    assert "previsualisation" in same.against
    _, walking = crossing_shot
    other = judged_by("motion", stage, request, take, previs=walking)
    assert other.value < same.value


@pytest.mark.parametrize(
    "name",
    ["motion: trembling", "motion: shaken camera", "technical: black", "technical: burnt out", "technical: flicker of 6 %"],
)
def test_planted_faults_of_the_picture_are_detected(stage, shot, verdict, name):
    planted = FAULTS[name]
    request, take = shot
    bad = verdict_by(planted.criterion, Seen(stage, planted.alter), request, take)
    assert result_of(verdict, planted.criterion).passed
    assert not result_of(bad, planted.criterion).passed
    assert bad.failure.startswith(planted.criterion)


def test_nan_in_a_take_is_a_technical_failure(stage, shot):
    request, take = shot
    light = take.arrays["light_embedding"].copy()
    light[3] = np.nan
    broken = replace(take, arrays={**take.arrays, "light_embedding": light})
    assert "light_embedding is not a number" in verdict_by("technical", stage, request, broken).failure


class Sampled(Cards):
    """Shows a take's footage, which has a lower rate than the film, as takes of video models do; its masks have no position."""

    def observe(self, request: ShotRequest, take: Take, frames: Sequence[int], height_px: int) -> Iterator[Sight]:
        assert take.footage is not None
        pictures = take.footage.read()
        for frame in frames:
            number = min(len(pictures) - 1, int(frame / request.fps * take.footage.fps + 0.5))
            yield Sight(frame=frame, picture=pictures[number], masks={"mara": np.ones(pictures[number].shape[:2], bool)})


def test_footage_at_a_lower_rate_is_neither_frozen_nor_flickering():
    draw = np.random.default_rng(4)
    noise = draw.integers(40, 200, (40, 96, 160, 3)).astype(np.uint8)
    take = Take(shot_id="s01.1", arrays={}, footage=Footage.of(noise, 16))
    verdict = judge_take(Sampled(), request_of(), take, Remembered())
    assert result_of(verdict, "technical").value > 0.9
    assert "who is where" in verdict.absent["motion"]
    assert {"identity", "light"} <= set(verdict.absent)


def test_a_still_picture_is_frozen():
    take = Take(shot_id="s01.1", arrays={"colour": np.array([90, 120, 60], np.uint8)})
    assert "frozen" in verdict_by("technical", Cards(), request_of(), take).failure


def test_a_verdict_and_its_memory_survive_json(verdict, memory):
    stored = json.loads(json.dumps(verdict.to_json()))
    assert Verdict.from_json(stored).to_json() == verdict.to_json()
    assert Remembered.from_json(json.loads(json.dumps(memory.to_json()))) == memory


STORED_VERDICT = """{
 "format": "episodic/verdict@1", "shot_id": "s01.1", "seed": 7, "score": 0.5612,
 "judged": {
  "identity": {"value": 0.8123, "threshold": 0.35, "against": "what memory holds of mara", "found": "likeness 0.81"},
  "technical": {"value": 0.3, "threshold": 0.5, "against": "a sound picture", "found": "70% of its frames are frozen"}
 },
 "absent": {"sync": "nobody in the shot speaks"}
}"""
"""As version 0.1.0 wrote it."""


def test_a_stored_verdict_of_format_1_is_read():
    verdict = Verdict.from_json(json.loads(STORED_VERDICT))
    assert (verdict.shot_id, verdict.seed, verdict.absent) == ("s01.1", 7, {"sync": "nobody in the shot speaks"})
    identity, technical = verdict.results
    assert (identity.criterion, identity.value, identity.threshold) == ("identity", 0.8123, 0.35)
    assert (identity.against, identity.measured, identity.passed) == ("what memory holds of mara", "likeness 0.81", True)
    assert (technical.measured, technical.passed) == ("70% of its frames are frozen", False)
    assert verdict.to_json() == json.loads(STORED_VERDICT) | {"score": round(verdict.score, 4)}


def test_a_verdict_of_another_format_or_shape_is_refused():
    stored = json.loads(STORED_VERDICT)
    with pytest.raises(ValueError, match="expected episodic/verdict@1, found 'episodic/verdict@9'"):
        Verdict.from_json({**stored, "format": "episodic/verdict@9"})
    with pytest.raises(ValueError, match="judged"):
        Verdict.from_json({name: value for name, value in stored.items() if name != "judged"})


def test_the_same_take_is_judged_the_same(stage, shot, memory, verdict):
    request, take = shot
    assert judge_take(stage, request, take, memory) == verdict


def result(criterion: Criterion, value: float) -> CriterionResult:
    return CriterionResult(criterion=criterion, value=value, threshold=0.5, against="x", measured="y")


def test_good_criteria_do_not_compensate_for_a_bad_one():
    good = Verdict(shot_id="a", seed=1, results=tuple(result(criterion, 0.9) for criterion in CRITERIA))
    bad = replace(good, results=(result("identity", 0.02), *good.results[1:]))
    mean = sum(measured.level for measured in bad.results) / len(bad.results)
    assert good.score > DEFAULT_SHOOTING.good_enough > mean - 0.1 > bad.score


def test_a_verdict_with_one_broken_criterion_fails_and_names_it():
    verdict = Verdict(
        shot_id="a",
        seed=1,
        results=(result("identity", 0.05), *(result(criterion, 1.0) for criterion in CRITERIA[1:])),
    )
    assert verdict.score > FLOOR
    assert verdict.failure.startswith("identity")
    poor = replace(verdict, results=tuple(result(criterion, 0.3) for criterion in CRITERIA[:-1]))
    assert poor.score < FLOOR
    assert poor.failure
    weak = replace(verdict, results=(result("identity", 0.4), *verdict.results[1:]))
    assert (weak.failure, weak.passed) == ("", False)


def test_a_take_without_any_measured_criterion_neither_passes_nor_fails():
    verdict = Verdict(shot_id="a", seed=1, results=(), absent={"light": "no survey"})
    assert (verdict.score, verdict.passed, verdict.failure) == (0.0, False, "")


def test_calibration_plants_its_faults_into_takes_of_known_characters():
    example = next(examples(6, seed=1))
    assert example.memory.looks
    assert example.request.speech
    good, bad = (judged_value(example, FAULTS[name]) for name in ("identity: good", "identity: another character's look"))
    assert good is not None
    assert bad is not None
    assert good[1]
    assert not bad[1]
