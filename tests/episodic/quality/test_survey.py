"""Surveys of real takes of `stage` and of `cards`, there and back through their file."""

import json
from dataclasses import replace

import numpy as np
import pytest
import skia

from episodic.backbones.cards import Cards
from episodic.backbones.request import Mark, Performer, Setting, ShotRequest
from episodic.backbones.stage.auditions import audition_light
from episodic.backbones.stage.backbone import Stage
from episodic.backbones.take import PROBE_PX, Take
from episodic.looks.look import character_look
from episodic.looks.places import location_look
from episodic.quality.key_frames import candidate_frames
from episodic.quality.light import ambient_difference, direction_difference, light_of_take
from episodic.quality.look import LOOK_ENCODER, load_look_encoder
from episodic.quality.survey import Survey, read_survey, survey_take, write_survey

LOOKS = {
    "mara": character_look(kind="human", name="Mara", description="old keeper, grey braid, yellow raincoat", seed=1),
    "tom": character_look(kind="human", name="Tom", description="young man in a blue jacket", seed=2),
}


def request_of(shot="s01.1", seconds=3.0, **changes):
    performers = tuple(
        Performer(id=one, kind="human", look=look, motion=(), start=Mark(x=x, z=2.2), end=Mark(x=x, z=2.2))
        for (one, look), x in zip(LOOKS.items(), (-0.7, 0.7), strict=True)
    )
    setting = Setting(location="lamp_room", look=location_look(name="lamp room", description="", seed=3))
    request = ShotRequest(
        shot_id=shot, seed=5, frames=round(24 * seconds), fps=24, width=1280, height=720, style="storybook", size="full",
        camera="static", setting=setting, performers=performers, focus=("mara", "tom"),
    )  # fmt: skip
    return replace(request, **changes)


@pytest.fixture(scope="module")
def shot():
    request = request_of()
    return request, Stage().shoot(request)


@pytest.fixture(scope="module")
def survey(shot, tmp_path_factory):
    folder = tmp_path_factory.mktemp("survey")
    found = survey_take(Stage(), *shot, [], folder)
    write_survey(folder, found)
    return folder, found


def test_sights_show_where_everybody_is(shot):
    (sight,) = Stage().observe(*shot, [10], 180)
    assert sight.picture.shape == (180, 320, 3)
    mara, tom = sight.masks["mara"], sight.masks["tom"]
    assert min(mara.sum(), tom.sum()) > 500
    assert not (mara & tom).any()
    assert np.nonzero(mara)[1].mean() < np.nonzero(tom)[1].mean()
    yellow = sight.picture[mara].astype(int)
    assert ((yellow[:, 0] - yellow[:, 2]) > 40).mean() > 0.2
    assert sight.probe.shape == (PROBE_PX, 2 * PROBE_PX, 3)


def test_who_stands_nearer_hides_who_stands_behind(shot):
    request, take = shot
    latent = take.arrays["latent"].copy()
    latent[1, :, 0] = latent[0, :, 0]
    latent[1, :, 1] = latent[0, :, 1] + 1.0
    (apart,) = Stage().observe(request, take, [5], 180)
    (behind,) = Stage().observe(request, replace(take, arrays={**take.arrays, "latent": latent}), [5], 180)
    assert behind.masks["tom"].sum() < 0.5 * apart.masks["tom"].sum()
    assert behind.masks["mara"].sum() == apart.masks["mara"].sum()


def test_the_frames_seen_are_those_of_the_film(shot):
    request, take = shot
    small = replace(request, width=320, height=180)
    film = [frame for i, frame in enumerate(Stage().develop(small, take)) if i in (0, 30)]
    sights = Stage().observe(request, take, [0, 30], 180)
    for one, frame in zip(sights, film, strict=True):
        # a frame is painted over the one before, of which a hair's breadth of a seam shows through
        apart = np.abs(one.picture.astype(int) - frame).max(2)
        assert apart.max() < 32
        assert (apart > 0).mean() < 0.02


def test_a_frame_beyond_the_take_is_an_error(shot):
    with pytest.raises(IndexError, match="no frame 900"):
        list(Stage().observe(*shot, [900], 90))


def test_a_survey_has_looks_movement_light_key_frames_and_palette(shot, survey):
    folder, found = survey
    pictures = {one.frame: one.picture for one in Stage().observe(*shot, candidate_frames(72, 24), 480)}
    assert {(one.kind, one.entity) for one in found.embeddings} == {
        ("look", "mara"), ("look", "tom"), ("motion", "mara"), ("motion", "tom"), ("light", "lamp_room"),
    }  # fmt: skip
    assert all(np.isclose(np.linalg.norm(one.vector), 1, atol=1e-3) for one in found.embeddings)
    assert {one.encoder for one in found.embeddings if one.kind == "look"} == {LOOK_ENCODER}
    assert 1 <= len(found.key_frames) <= 4
    for one in found.key_frames:
        kept = skia.Image.open(str(folder / one.file)).toarray(colorType=skia.ColorType.kRGBA_8888_ColorType)[..., :3]
        assert (kept == pictures[one.frame]).all()
        assert set(one.shows) == {"mara", "tom"}
    assert found.measures["light"]["from_probe"]
    assert sum(one["share"] for one in found.measures["palette"]) == pytest.approx(1, abs=1e-3)


def test_a_survey_comes_back_from_its_file(survey):
    folder, found = survey
    again = read_survey(folder)
    assert again.to_json() == found.to_json()
    record = again.record(take="T", survey="S", seed=5)
    assert (record.artifact, record.shot_id, record.seed) == ("T", "s01.1", 5)
    assert {one.artifact for one in record.key_frames} == {"S"}
    assert json.loads(json.dumps(record.measures)) == record.measures


def test_another_format_is_an_error():
    with pytest.raises(ValueError, match="expected episodic/survey@1"):
        Survey.from_json({"format": "episodic/survey@9"})


def test_cards_can_be_surveyed_too(tmp_path):
    request = request_of()
    take = Cards().shoot(request)
    found = survey_take(Cards(), request, take, [], tmp_path)
    assert {one.kind for one in found.embeddings} == {"look"}
    assert len(found.key_frames) == 1
    assert not found.measures["light"]["from_probe"]


def test_the_same_character_is_more_like_itself_in_another_shot_than_like_the_other(shot):
    other = request_of("s01.2", size="medium", setting=replace(shot[0].setting, time="night"))
    take = Stage().shoot(other)
    encoder = load_look_encoder()
    (before,), (after,) = Stage().observe(*shot, [20], 270), Stage().observe(other, take, [20], 270)
    seen = {
        one: (encoder.encode(before.picture, before.masks[one]), encoder.encode(after.picture, after.masks[one])) for one in LOOKS
    }
    assert seen["mara"][0] @ seen["mara"][1] > seen["mara"][0] @ seen["tom"][1] + 0.2
    assert seen["tom"][0] @ seen["tom"][1] > seen["tom"][0] @ seen["mara"][1] + 0.2
    assert encoder.encode(before.picture, np.zeros(before.picture.shape[:2], bool)) is None


def test_shots_of_one_scene_stand_in_one_light():
    light = audition_light("round glass room of a lighthouse", 4)
    setting = replace(request_of().setting, light=light, time="dusk", key="right")
    shots = [
        request_of("s02.1", 3.0, setting=setting, size="wide"),
        request_of("s02.2", 2.0, setting=setting, size="close", focus=("tom",)),
        request_of("s02.3", 4.0, setting=setting, size="medium", camera="push_in"),
    ]
    measured = []
    before: Take | None = None
    for one in shots:
        request = replace(one, continues=before)
        before = Stage().shoot(request)
        measured.append(light_of_take(list(Stage().observe(request, before, [0, one.frames - 1], 90))))
    for a in measured:
        for b in measured:
            assert ambient_difference(a, b) <= 2
            assert direction_difference(a, b) <= 5
