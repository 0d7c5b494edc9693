"""Lip sync on real takes of `stage`: measured for their own speech, lost if the speech is shifted or exchanged, or if the mouth stays shut."""

from dataclasses import replace

import numpy as np
import pytest

from episodic.backbones.request import Mark, Performer, Setting, ShotRequest
from episodic.backbones.speech_cue import LIP_HZ, SpeechCue
from episodic.backbones.stage.backbone import Stage
from episodic.backbones.stage.model.latent import ACTOR, ACTOR_SLOTS
from episodic.backbones.take import Take
from episodic.looks.look import character_look
from episodic.looks.places import location_look
from episodic.quality.judge import Criterion, Remembered, Verdict, judge_take
from episodic.quality.sync import SYNC_PX, jaw_movement, lip_sync, speech_frames
from episodic.sound.speech.lips import lip_track
from episodic.sound.speech.tone import ToneSpeech
from memory.model.canon import Voice

MOUTH = [index for index, channel in enumerate(ACTOR) if channel.name.startswith("mouth_")]


def cue_of(text, start_s=0.4):
    utterance = ToneSpeech().say(text, Voice(), "neutral")
    return SpeechCue(speaker="mara", emotion="neutral", start_s=start_s, lips=lip_track(utterance))


@pytest.fixture(scope="module")
def shot():
    look = character_look(kind="human", name="Mara", description="old keeper, grey braid, yellow raincoat", seed=1)
    mark = Mark(x=0.0, z=2.2)
    request = ShotRequest(
        shot_id="s01.1",
        seed=5,
        frames=84,
        fps=24,
        width=640,
        height=360,
        style="storybook",
        size="medium",
        camera="static",
        setting=Setting(location="lamp_room", look=location_look(name="lamp room", description="", seed=3)),
        performers=(Performer(id="mara", kind="human", look=look, motion=(), start=mark, end=mark),),
        focus=("mara",),
        speech=(cue_of("I told you the bridge would hold until morning, did I not?"),),
    )
    return request, Stage().shoot(request)


@pytest.fixture(scope="module")
def sights(shot):
    request, take = shot
    return list(Stage().observe(request, take, speech_frames(request.speech, "mara", request.frames, 24), SYNC_PX))


def measured(shot, sights, cues):
    request, _ = shot
    frames = speech_frames(request.speech, "mara", request.frames, 24)
    return lip_sync(sights, "mara", jaw_movement(cues, "mara", frames, 24), 24)


def sync_verdict(request: ShotRequest, take: Take) -> Verdict:
    criteria: tuple[Criterion, ...] = ("sync",)
    return judge_take(Stage(), request, take, Remembered(), criteria=criteria)


def test_the_lips_of_a_take_of_stage_follow_its_speech(shot, sights):
    sync = measured(shot, sights, shot[0].speech)
    assert sync.near > 0.5
    assert sync.gain > 0.2
    assert sync.in_time


@pytest.mark.parametrize("late_s", [0.17, 0.33])
def test_the_shift_of_shifted_speech_is_measured(shot, sights, late_s):
    shifted = tuple(replace(cue, start_s=cue.start_s - late_s) for cue in shot[0].speech)
    sync = measured(shot, sights, shifted)
    assert not sync.in_time
    assert sync.offset_s == pytest.approx(late_s, abs=0.05)


def test_another_line_does_not_fit(shot, sights):
    right = measured(shot, sights, shot[0].speech)
    wrong = measured(shot, sights, (cue_of("Nobody has lived in that house since the war ended here."),))
    assert wrong.gain < right.gain - 0.15


def test_the_judge_passes_moving_lips_and_fails_a_shut_mouth(shot):
    request, take = shot
    latent = take.arrays["latent"].copy()
    latent[:ACTOR_SLOTS, :, MOUTH] = latent[:ACTOR_SLOTS, :1, MOUTH]
    shut = replace(take, arrays={**take.arrays, "latent": latent})
    good, bad = (sync_verdict(request, shown).of("sync") for shown in (take, shut))
    assert good is not None
    assert bad is not None
    assert good.passed
    assert not bad.passed


def test_a_speaker_who_is_not_visible_or_too_small_is_not_measured(shot, sights):
    empty = [replace(sight, masks={}) for sight in sights]
    assert "not visible" in measured(shot, empty, shot[0].speech)
    tiny = [replace(sight, masks={"mara": np.pad(np.ones((20, 20), bool), ((0, 340), (0, 620)))}) for sight in sights]
    assert "too small" in measured(shot, tiny, shot[0].speech)


def test_speech_that_does_not_move_the_lips_is_not_measured(shot, sights):
    silence = replace(shot[0].speech[0], lips=np.zeros((40, 3), np.float32))
    assert "does not move the lips" in measured(shot, sights, (silence,))


def test_the_measured_frames_are_those_of_the_speech_with_a_margin():
    cue = SpeechCue(speaker="mara", emotion="neutral", start_s=2.0, lips=np.zeros((2 * LIP_HZ, 3), np.float32))
    assert speech_frames((cue,), "mara", 240, 24) == range(38, 106)
    assert speech_frames((cue,), "tom", 240, 24) == range(0)
    assert len(speech_frames((replace(cue, lips=np.zeros((10 * LIP_HZ, 3), np.float32)),), "mara", 2400, 24)) == 96
    assert speech_frames((replace(cue, lips=np.zeros((2, 3), np.float32)),), "mara", 240, 24) == range(0)


def test_only_speech_within_the_shot_counts_towards_the_least_duration():
    short = replace(cue_of("All of them."), lips=np.zeros((LIP_HZ * 3 // 4, 3), np.float32))
    assert speech_frames((short,), "mara", 240, 24) == range(0)
    assert speech_frames((short, replace(short, start_s=2.0)), "mara", 240, 24)
    early = replace(short, start_s=-1.0, lips=np.zeros((LIP_HZ * 7 // 4, 3), np.float32))
    assert speech_frames((early,), "mara", 240, 24) == range(0)


def test_a_line_that_is_too_short_is_not_judged(shot):
    request = replace(
        shot[0], frames=54, speech=(replace(cue_of("All of them."), lips=shot[0].speech[0].lips[: LIP_HZ * 3 // 4]),)
    )
    assert sync_verdict(request, Stage().shoot(request)).absent == {"sync": "the speech is too short to judge"}
