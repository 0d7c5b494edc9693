import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from episodic.backbones.diffusers.driver import LoadedPipeline
from episodic.backbones.diffusers.families.family_registry import open_family
from episodic.backbones.diffusers.families.generic import GenericFamily
from episodic.backbones.diffusers.families.pipeline_source import read_pipeline
from episodic.backbones.diffusers.folder.inspect import inspect_folder
from episodic.backbones.diffusers.window import Window
from episodic.errors import BackboneError
from episodic.lab.tiny_models.hunyuan import build_hunyuan
from episodic.lab.tiny_models.ltx_video import build_ltx_video

CPU = torch.device("cpu")
FAMILY = GenericFamily()


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    return {variant: inspect_folder(build_ltx_video(root / variant, variant)) for variant in ("text", "image")}


def encoded(folder, prompt="a fox in the snow"):
    rest = [name for name in folder.components if name not in FAMILY.text_components]
    loaded = LoadedPipeline(pipeline=FAMILY.load(folder, rest, torch.float32), folder=folder)
    return FAMILY.encode_prompt(loaded, prompt, "blurred", CPU)


def shoot(folder, texts, dtype=torch.float32, **changes):
    loaded = LoadedPipeline(pipeline=FAMILY.load(folder, FAMILY.text_components, dtype), folder=folder)
    loaded.pipeline.set_progress_bar_config(disable=True)
    window = {"frames": 9, "width": 64, "height": 32, "fps": 25, "seed": 3, "steps": 2, "guidance": 3.0, "encoded": texts}
    return FAMILY.call(loaded, Window(**window | changes), CPU)


def like(folder, tmp_path, class_name):
    """Return the same folder under another pipeline's name."""
    copy = Path(shutil.copytree(folder.root, tmp_path / class_name))
    index = json.loads((copy / "model_index.json").read_text("utf-8"))
    (copy / "model_index.json").write_text(json.dumps(index | {"_class_name": class_name}), "utf-8")
    return inspect_folder(copy)


def test_the_diffusers_prefix_names_the_generic_family():
    assert isinstance(open_family("diffusers"), GenericFamily)


def test_capabilities_are_those_of_the_signature(models):
    text, image = (FAMILY.capabilities(models[variant]) for variant in ("text", "image"))
    assert (text.first_frame, text.continuation_frames, text.last_frame) == (False, 0, False)
    assert FAMILY.control_kinds(models["text"]) == ()
    assert (image.first_frame, image.continuation_frames) == (True, 1)
    assert text.text_tokens == image.text_tokens == 127
    assert text.max_seconds == pytest.approx(161 / 25)
    assert (FAMILY.known_frames(models["text"]), FAMILY.known_frames(models["image"])) == ((), (1,))


def test_rules_come_from_the_configurations_and_the_defaults_of_the_call(models):
    rules = FAMILY.rules(models["text"])
    assert (rules.frame_step, rules.frame_offset, rules.side_multiple) == (8, 1, 32)
    assert (rules.fps, rules.most_frames, rules.size, rules.steps, rules.guidance) == (25, 161, (704, 512), 50, 3)


def test_reading_a_signature_loads_no_model_library(models):
    code = (
        "import sys; from pathlib import Path\n"
        "from episodic.backbones.diffusers.folder.inspect import inspect_folder\n"
        "from episodic.backbones.diffusers.families.generic import GenericFamily\n"
        f"folder = inspect_folder(Path({str(models['text'].root)!r}))\n"
        "GenericFamily().capabilities(folder), GenericFamily().rules(folder), GenericFamily().limits(folder)\n"
        "print({'torch', 'diffusers', 'transformers'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stderr


def test_a_prompt_is_encoded_separately_and_shot_without_the_text_encoder(models):
    texts = encoded(models["text"])
    names = {"prompt_embeds", "prompt_attention_mask"}
    assert set(texts) == names | {f"negative_{name}" for name in names}
    shown = shoot(models["text"], texts)
    assert shown.frames.shape == (9, 32, 64, 3)
    assert shown.used == {"prompt"}
    assert not shown.hook_called


def test_frames_depend_on_seed_and_prompt_only(models):
    texts = encoded(models["text"])
    first = shoot(models["text"], texts).frames
    assert np.array_equal(first, shoot(models["text"], texts).frames)
    assert not np.array_equal(first, shoot(models["text"], texts, seed=4).frames)
    assert not np.array_equal(first, shoot(models["text"], encoded(models["text"], "a whale")).frames)


def test_a_first_picture_reaches_the_model_and_known_frames_take_precedence(models):
    texts = encoded(models["image"])
    dark, light = np.zeros((40, 60, 3), np.uint8), np.full((40, 60, 3), 255, np.uint8)
    begun = shoot(models["image"], texts, first_frame=dark)
    assert begun.used == {"prompt", "first_frame"}
    assert not np.array_equal(begun.frames, shoot(models["image"], texts, first_frame=light).frames)
    after = shoot(models["image"], texts, known=np.stack([np.zeros((32, 64, 3), np.uint8)]))
    assert after.used == {"prompt", "known"}
    assert np.array_equal(after.frames, begun.frames)


def test_the_model_shoots_in_half_precision(models):
    picture = np.full((40, 60, 3), 128, np.uint8)
    for folder, first in ((models["text"], None), (models["image"], picture)):
        assert shoot(folder, encoded(folder), torch.bfloat16, first_frame=first).frames.shape == (9, 32, 64, 3)


def test_prompts_are_encoded_although_the_pipeline_needs_its_other_parts(tmp_path):
    folder = inspect_folder(build_hunyuan(tmp_path / "hunyuan", "t2v"))
    assert {"prompt_embeds", "negative_prompt_embeds"} <= set(encoded(folder))


def test_an_image_model_without_a_picture_is_refused_with_a_remedy(models):
    with pytest.raises(
        BackboneError,
        match=r"LTXImageToVideoPipeline cannot shoot without a picture to begin with.*neither a `first_frame`.*`stage` paints it",
    ):
        shoot(models["image"], encoded(models["image"]))


def test_limits_name_the_unsupported_inputs(models):
    text, image = (" ".join(FAMILY.limits(models[variant])) for variant in ("text", "image"))
    for word in ("pictures of who and what", "no picture to begin with", "no picture to end with", "previsualisation", "speech"):
        assert word in text
    assert "no picture to begin with" not in image


def test_a_pipeline_that_makes_pictures_is_refused(models, tmp_path):
    with pytest.raises(BackboneError, match="FluxPipeline makes no video; choose a video model"):
        FAMILY.capabilities(like(models["text"], tmp_path, "FluxPipeline"))


def test_a_pipeline_that_reads_no_text_is_refused(models, tmp_path):
    with pytest.raises(BackboneError, match="StableVideoDiffusionPipeline reads no text"):
        FAMILY.capabilities(like(models["text"], tmp_path, "StableVideoDiffusionPipeline"))


def test_a_pipeline_with_unknown_required_arguments_is_refused_by_their_names(models, tmp_path):
    with pytest.raises(BackboneError, match="WanAnimatePipeline cannot be called without pose_video, face_video"):
        FAMILY.capabilities(like(models["text"], tmp_path, "WanAnimatePipeline"))


def test_a_pipeline_that_diffusers_does_not_have_is_refused(models, tmp_path):
    with pytest.raises(BackboneError, match="the installed diffusers has no pipeline DreamPipeline"):
        FAMILY.capabilities(like(models["text"], tmp_path, "DreamPipeline"))


@pytest.mark.parametrize(
    ("class_name", "negative", "multiple"),
    [("Kandinsky5T2VPipeline", [False, True], 16), ("HunyuanVideoPipeline", [False, True], 16), ("MochiPipeline", [False], 8)],
)
def test_how_other_pipelines_encode_prompts_is_read_from_their_calls(class_name, negative, multiple):
    source = read_pipeline(class_name)
    assert source.makes_video
    assert [encoding.negative for encoding in source.encodings] == negative
    assert source.side_multiple == multiple
    assert all(name in source.parameters for encoding in source.encodings for name in encoding.results)


def test_a_video_pipeline_takes_the_rough_cut_as_its_video(models, tmp_path):
    folder = like(models["text"], tmp_path, "WanVideoToVideoPipeline")
    assert FAMILY.control_kinds(folder) == ("layout",)


def test_an_error_of_the_pipeline_itself_is_one_message(models):
    with pytest.raises(
        BackboneError, match=r"LTXPipeline cannot be called by its signature alone: .*divisible by 32.*a family of its own"
    ):
        shoot(models["text"], encoded(models["text"]), width=50)
