"""Surveys of real takes of `stage` and of `cards`, written to a file and read back."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import skia

from episodic.backbones.cards import Cards
from episodic.backbones.request import Mark, Performer, Setting, ShotRequest
from episodic.backbones.stage.auditions import audition_light
from episodic.backbones.stage.backbone import Stage
from episodic.backbones.take import PROBE_PX, Sight, Take
from episodic.looks.look import character_look
from episodic.looks.places import location_look
from episodic.quality.key_frames import candidate_frames
from episodic.quality.light import MeasuredLight, ambient_difference, direction_difference, light_of_take
from episodic.quality.look import LOOK_ENCODER, load_look_encoder
from episodic.quality.palette import Palette
from episodic.quality.survey import Survey, read_survey, survey_take, write_survey

SERIES_0_1_0 = Path(__file__).parents[2] / "data" / "series_0_1_0"
LOOKS = {
    "mara": character_look(kind="human", name="Mara", description="old keeper, grey braid, yellow raincoat", seed=1),
    "tom": character_look(kind="human", name="Tom", description="young man in a blue jacket", seed=2),
}


def request_of(shot="s01.1", seconds=3.0, **changes):
    performers = tuple(
        Performer(id=entity, kind="human", look=look, motion=(), start=Mark(x=x, z=2.2), end=Mark(x=x, z=2.2))
        for (entity, look), x in zip(LOOKS.items(), (-0.7, 0.7), strict=True)
    )
    setting = Setting(location="lamp_room", look=location_look(name="lamp room", description="", seed=3))
    request = ShotRequest(
        shot_id=shot,
        seed=5,
        frames=round(24 * seconds),
        fps=24,
        width=1280,
        height=720,
        style="storybook",
        size="full",
        camera="static",
        setting=setting,
        performers=performers,
        focus=("mara", "tom"),
    )
    return replace(request, **changes)


@pytest.fixture(scope="module")
def shot():
    request = request_of()
    return request, Stage().shoot(request)


@pytest.fixture(scope="module")
def survey(shot, tmp_path_factory):
    folder = tmp_path_factory.mktemp("survey")
    request, take = shot
    survey = survey_take(Stage(), request, take, [], folder)
    write_survey(folder, survey)
    return folder, survey


def test_sights_mask_every_performer(shot):
    request, take = shot
    (sight,) = Stage().observe(request, take, [10], 180)
    assert sight.picture.shape == (180, 320, 3)
    mara, tom = sight.masks["mara"], sight.masks["tom"]
    assert min(mara.sum(), tom.sum()) > 500
    assert not (mara & tom).any()
    assert np.nonzero(mara)[1].mean() < np.nonzero(tom)[1].mean()
    yellow = sight.picture[mara].astype(int)
    assert ((yellow[:, 0] - yellow[:, 2]) > 40).mean() > 0.2
    assert sight.probe is not None
    assert sight.probe.shape == (PROBE_PX, 2 * PROBE_PX, 3)


def test_a_nearer_performer_hides_a_farther_one(shot):
    request, take = shot
    latent = take.arrays["latent"].copy()
    latent[1, :, 0] = latent[0, :, 0]
    latent[1, :, 1] = latent[0, :, 1] + 1.0
    (side_by_side,) = Stage().observe(request, take, [5], 180)
    (behind,) = Stage().observe(request, replace(take, arrays={**take.arrays, "latent": latent}), [5], 180)
    assert behind.masks["tom"].sum() < 0.5 * side_by_side.masks["tom"].sum()
    assert behind.masks["mara"].sum() == side_by_side.masks["mara"].sum()


def test_sights_show_the_frames_of_the_film(shot):
    request, take = shot
    small = replace(request, width=320, height=180)
    film = [frame for i, frame in enumerate(Stage().develop(small, take)) if i in (0, 30)]
    sights = Stage().observe(request, take, [0, 30], 180)
    for sight, frame in zip(sights, film, strict=True):
        # a frame is painted over the one before, which shows through at narrow seams
        difference = np.abs(sight.picture.astype(int) - frame).max(2)
        assert difference.max() < 32
        assert (difference > 0).mean() < 0.02


def test_a_frame_beyond_the_take_is_an_error(shot):
    request, take = shot
    with pytest.raises(IndexError, match="no frame 900"):
        list(Stage().observe(request, take, [900], 90))


def test_a_survey_has_looks_movement_light_key_frames_and_palette(shot, survey):
    folder, measured = survey
    request, take = shot
    pictures = {sight.frame: sight.picture for sight in Stage().observe(request, take, candidate_frames(72, 24), 480)}
    assert {(embedding.kind, embedding.entity) for embedding in measured.embeddings} == {
        ("look", "mara"),
        ("look", "tom"),
        ("motion", "mara"),
        ("motion", "tom"),
        ("light", "lamp_room"),
    }
    assert all(np.isclose(np.linalg.norm(embedding.vector), 1, atol=1e-3) for embedding in measured.embeddings)
    assert {embedding.encoder for embedding in measured.embeddings if embedding.kind == "look"} == {LOOK_ENCODER}
    assert 1 <= len(measured.key_frames) <= 4
    for frame in measured.key_frames:
        image = skia.Image.open(str(folder / frame.file)).toarray(colorType=skia.ColorType.kRGBA_8888_ColorType)
        assert (image[..., :3] == pictures[frame.frame]).all()
        assert set(frame.shows) == {"mara", "tom"}
    assert MeasuredLight.from_json(measured.measures["light"]).from_probe
    assert sum(Palette.from_json(measured.measures["palette"]).shares) == pytest.approx(1, abs=1e-3)


def test_a_survey_survives_its_file(survey):
    folder, measured = survey
    stored = read_survey(folder)
    assert stored.to_json() == measured.to_json()
    record = stored.record(take="T", survey="S", seed=5)
    assert (record.artifact, record.shot_id, record.seed) == ("T", "s01.1", 5)
    assert {frame.artifact for frame in record.key_frames} == {"S"}
    assert json.loads(json.dumps(record.measures)) == record.measures


def test_a_survey_of_version_0_1_0_is_read():
    (path,) = SERIES_0_1_0.glob("artifacts/*/*/survey.json")
    stored = json.loads(path.read_text("utf-8"))
    survey = read_survey(path.parent)
    assert survey.to_json() == stored
    (voice,) = survey.embeddings
    assert (voice.kind, voice.entity, voice.encoder) == ("voice", "mara", "voice-net-2")
    (frame,) = survey.key_frames
    assert frame.shows == {"mara": (0.0, 0.0, 1.0, 1.0)}
    assert MeasuredLight.from_json(survey.measures["light"]).temperature_k == 5734.408


def test_a_survey_of_another_format_or_shape_is_an_error():
    with pytest.raises(ValueError, match="expected episodic/survey@1"):
        Survey.from_json({"format": "episodic/survey@9"})
    with pytest.raises(ValueError, match="key_frames"):
        Survey.from_json({"format": "episodic/survey@1", "shot_id": "s01.1", "embeddings": [], "measures": {}})


def test_cards_can_be_surveyed_too(tmp_path):
    request = request_of()
    take = Cards().shoot(request)
    survey = survey_take(Cards(), request, take, [], tmp_path)
    assert {embedding.kind for embedding in survey.embeddings} == {"look"}
    assert len(survey.key_frames) == 1
    assert not MeasuredLight.from_json(survey.measures["light"]).from_probe


def look_vector(sight: Sight, entity: str) -> np.ndarray:
    vector = load_look_encoder().encode(sight.picture, sight.masks[entity])
    assert vector is not None
    return vector


def test_a_character_is_more_like_itself_in_another_shot_than_like_the_other_character(shot):
    request, take = shot
    night = request_of("s01.2", size="medium", setting=replace(request.setting, time="night"))
    (before,) = Stage().observe(request, take, [20], 270)
    (after,) = Stage().observe(night, Stage().shoot(night), [20], 270)
    mara, tom = (look_vector(before, entity) for entity in LOOKS)
    later_mara, later_tom = (look_vector(after, entity) for entity in LOOKS)
    assert mara @ later_mara > mara @ later_tom + 0.2
    assert tom @ later_tom > tom @ later_mara + 0.2
    assert load_look_encoder().encode(before.picture, np.zeros(before.picture.shape[:2], bool)) is None


def test_shots_of_one_scene_have_the_same_light():
    light = audition_light("round glass room of a lighthouse", 4)
    setting = replace(request_of().setting, light=light, time="dusk", key="right")
    shots = [
        request_of("s02.1", 3.0, setting=setting, size="wide"),
        request_of("s02.2", 2.0, setting=setting, size="close", focus=("tom",)),
        request_of("s02.3", 4.0, setting=setting, size="medium", camera="push_in"),
    ]
    measured = []
    before: Take | None = None
    for shot in shots:
        request = replace(shot, continues=before)
        before = Stage().shoot(request)
        measured.append(light_of_take(list(Stage().observe(request, before, [0, shot.frames - 1], 90))))
    for a in measured:
        for b in measured:
            assert ambient_difference(a, b) <= 2
            assert direction_difference(a, b) <= 5
