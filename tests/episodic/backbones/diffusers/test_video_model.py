"""Open video models as backbones: a tiny Wan shoots whole takes."""

import dataclasses

import numpy as np
import pytest

from episodic.backbones.pictures import write_picture
from episodic.backbones.previs import make_previs
from episodic.backbones.protocol import PromptReader, TakesControl
from episodic.backbones.registry import open_backbone
from episodic.backbones.request import MadeHere, ReferencePicture
from episodic.conditioning.delivery import check_received, due
from episodic.errors import BackboneError, InputError
from episodic.lab.tiny_models.wan import build_wan
from episodic.series.shooting_settings import Shooting
from episodic.storage.artifacts import Stored
from tests.shots import performer, request_of, speech_cue

SMALL = Shooting(size="64x32", steps=2)
PROMPT = "Mara walks along the shore. She is an old keeper."


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    return {name: build_wan(root / name, name) for name in ("t2v", "vace", "i2v-2.2")}


def opened(models, name, shooting=SMALL):
    return open_backbone(f"wan:{models[name]}", shooting)


@pytest.fixture
def request_for(tmp_path, models):
    """Return a function that makes a request for a backbone, with an encoded prompt and every other input."""

    def make(backbone, **rest):
        request = request_of(prompt=PROMPT, negative="blurry", text=("mara: old keeper",), **rest)
        folder = tmp_path / f"{backbone.folder.root.name}-{request.shot_id}"
        folder.mkdir()
        backbone.encode_prompt(request.prompt, request.negative, folder)
        request = dataclasses.replace(request, encoded=folder)
        if isinstance(backbone, TakesControl):
            wants = backbone.control_format(request.width, request.height)
            frames = int(np.ceil(request.seconds * wants.fps))
            make_previs(request, folder / "previs", **dataclasses.asdict(wants), frames=frames)
            request = dataclasses.replace(request, previs=folder / "previs")
        return request

    return make


def test_a_take_has_the_models_rate_and_develops_at_the_films_rate(models, request_for):
    backbone = opened(models, "vace")
    request = request_for(backbone, frames=30)
    take = backbone.shoot(request)
    assert take.footage.frames == 40  # 2.5 s at 16
    assert (take.footage.width, take.footage.height, take.footage.fps) == (64, 32, 16)
    frames = list(backbone.develop(request, take))
    assert len(frames) == 30
    assert all(frame.shape == (64, 96, 3) for frame in frames)


def test_the_receipt_lists_every_input(models, request_for, tmp_path):
    backbone = opened(models, "vace")
    noise = np.random.default_rng(1).integers(0, 256, (40, 30, 3), dtype=np.uint8)
    write_picture(tmp_path / "mara.png", noise)
    reference = ReferencePicture(entity="mara", source=Stored("ab12"), file="mara.png", path=tmp_path / "mara.png")
    before = backbone.shoot(request_for(backbone))
    request = request_for(backbone, shot_id="s01.2", continues=before, speech=(speech_cue(samples=True),))
    request = dataclasses.replace(request, references=(reference,))
    take = backbone.shoot(request)
    check_received(request, take, backbone)
    received = take.notes["received"]
    assert received["frames"] == ["take:s01.1"]
    assert received["picture"] == ["mara:ab12/mara.png"]
    assert received["control"] == ["emotion:mara"]
    assert received["text"] == ["mara: old keeper"]
    assert received["guidance"] == ["light:shore"]
    assert set(due(request, backbone)) == {"frames", "picture", "control", "guidance", "text", "heard"}


def test_the_light_of_the_places_picture_guides_denoising(models, request_for, tmp_path):
    backbone = opened(models, "t2v", SMALL.model_copy(update={"light": 1.0, "steps": 4}))
    request = request_for(backbone)
    takes = []
    for name, grey in (("dark", 10), ("bright", 245)):
        write_picture(tmp_path / f"{name}.png", np.full((32, 64, 3), grey, np.uint8))
        place = ReferencePicture(entity="shore", source=MadeHere("sheet"), file=f"{name}.png", path=tmp_path / f"{name}.png")
        takes.append(backbone.shoot(dataclasses.replace(request, light_from=place)))
    assert all(take.notes["received"]["guidance"] == ["light:shore"] for take in takes)
    assert not np.array_equal(takes[0].footage.read(), takes[1].footage.read())
    without = opened(models, "t2v", SMALL.model_copy(update={"light": 0.0}))
    assert not without.capabilities.light_guidance


def test_a_take_longer_than_the_longest_window_is_several_joined_windows(models, request_for):
    backbone = opened(models, "vace", SMALL.model_copy(update={"overlap": 9}))
    take = backbone.shoot(request_for(backbone, frames=120))
    assert take.notes["windows"] == [[0, 81, 0], [72, 81, 9], [144, 17, 9]]
    assert take.notes["joins"] == [81, 153]
    assert take.footage.frames == 160


def test_a_take_continues_exactly_the_frames_it_was_given(models, request_for):
    backbone = opened(models, "vace")
    before = backbone.shoot(request_for(backbone))
    other = dataclasses.replace(before, footage=type(before.footage).of(255 - before.footage.read(), 16))
    request = request_for(backbone, shot_id="s01.2", continues=before)
    take = backbone.shoot(request)
    again = backbone.shoot(dataclasses.replace(request, continues=other))
    assert take.notes["windows"][0][0] == -take.notes["windows"][0][2] < 0
    assert not np.array_equal(take.footage.read(), again.footage.read())


def test_windows_of_a_model_that_cannot_continue_are_denoised_together(models, request_for):
    backbone = opened(models, "t2v")
    take = backbone.shoot(request_for(backbone, frames=96))
    assert take.notes["windows"] == [[0, 129, 0]]
    assert take.footage.frames == 128


def test_a_model_that_cannot_continue_pins_the_end_of_the_previous_take(models, request_for):
    backbone = opened(models, "t2v")
    before = backbone.shoot(request_for(backbone))
    take = backbone.shoot(request_for(backbone, shot_id="s01.2", continues=before))
    assert take.notes["windows"] == [[-5, 21, 5]]
    assert take.notes["received"]["frames"] == ["take:s01.1"]


def test_a_one_step_model_neither_pins_nor_guides(models, request_for, tmp_path):
    backbone = opened(models, "t2v", SMALL.model_copy(update={"light": 1.0, "steps": 1}))
    can = backbone.capabilities
    assert (can.light_guidance, can.continuation_frames, backbone.setup.pins) == (False, 0, False)
    two = opened(models, "t2v", SMALL.model_copy(update={"light": 1.0}))
    assert (two.capabilities.light_guidance, two.capabilities.continuation_frames, two.setup.pins) == (True, 5, True)
    write_picture(tmp_path / "shore.png", np.full((32, 64, 3), 10, np.uint8))
    place = ReferencePicture(entity="shore", source=MadeHere("sheet"), file="shore.png", path=tmp_path / "shore.png")
    before = backbone.shoot(request_for(backbone))
    request = dataclasses.replace(request_for(backbone, shot_id="s01.2", continues=before), light_from=place)
    take = backbone.shoot(request)
    check_received(request, take, backbone)
    assert take.notes["windows"] == [[0, 17, 0]]


def test_a_take_depends_only_on_its_request_and_seed(models, request_for):
    backbone = opened(models, "vace")
    request = request_for(backbone)
    first, again, other = (backbone.shoot(each) for each in (request, request, dataclasses.replace(request, seed=8)))
    assert np.array_equal(first.footage.read(), again.footage.read())
    assert first.notes == again.notes
    assert not np.array_equal(first.footage.read(), other.footage.read())


def test_masks_come_from_the_previsualisation(models, request_for):
    backbone = opened(models, "vace")
    request = request_for(
        backbone, performers=(performer(), performer("storm", kind="spirit", in_frame=True)), focus=("mara", "storm")
    )
    sights = list(backbone.observe(request, backbone.shoot(request), [0, 11], 60))
    assert [sight.frame for sight in sights] == [0, 11]
    for sight in sights:
        assert set(sight.masks) <= {"mara", "storm"}
        assert sight.masks["mara"].shape == sight.picture.shape[:2] == (60, 90)
        assert 0 < sight.masks["mara"].mean() < 0.8


def test_without_a_previsualisation_only_a_single_performer_has_a_mask(models, request_for):
    backbone = opened(models, "t2v")
    alone = request_for(backbone)
    two = request_for(backbone, shot_id="s01.2", performers=(performer(), performer("storm", kind="spirit")))
    assert next(backbone.observe(alone, backbone.shoot(alone), [0], 60)).masks["mara"].all()
    assert next(backbone.observe(two, backbone.shoot(two), [0], 60)).masks == {}


def test_a_draft_is_smaller_and_takes_fewer_steps(models, request_for):
    backbone = opened(models, "vace", Shooting(size="144x80", steps=3))
    request = request_for(backbone)
    draft = backbone.shoot(dataclasses.replace(request, draft=True))
    after = dataclasses.replace(request, continues=backbone.shoot(request), draft=True)
    assert backbone.shoot(after).notes["received"]["frames"] == ["take:s01.1"]
    width, height = draft.notes["size"]
    assert width * height < 144 * 80 / 2.5
    assert draft.notes["steps"] <= 3
    assert backbone.shoot(request).notes["size"] == [144, 80]


def test_the_prompt_of_another_shot_is_refused(models, request_for):
    backbone = opened(models, "t2v")
    request = dataclasses.replace(request_for(backbone), prompt="Somebody else entirely.")
    with pytest.raises(BackboneError, match="another one's"):
        backbone.shoot(request)


def test_a_size_the_model_cannot_shoot_names_the_nearest(models):
    with pytest.raises(InputError, match=r"65x32.*nearest: 64x32"):
        opened(models, "vace", Shooting(size="65x32"))


def test_an_unsupported_control_is_refused_with_the_supported_ones(models):
    with pytest.raises(InputError, match=r"does not take masks\. It takes: depth, pose, layout"):
        opened(models, "vace", Shooting(control="masks"))


def test_an_image_model_without_a_first_picture_is_refused(models, request_for):
    backbone = opened(models, "i2v-2.2")
    with pytest.raises(BackboneError, match="picture"):
        backbone.shoot(request_for(backbone))


def test_texts_are_counted_by_the_models_own_tokenizer(models):
    backbone = opened(models, "t2v")
    assert isinstance(backbone, PromptReader)
    assert backbone.count_tokens("keeper") == 6  # a byte each
