import json
import subprocess
import sys

import pytest

from episodic.backbones.diffusers.families.family_registry import GENERIC, KEYFRAME_FAMILIES, family_of
from episodic.backbones.diffusers.families.pipeline_source import read_pipeline
from episodic.backbones.diffusers.folder.catalogue import catalogue, memory_words, models_of, picture_words
from episodic.backbones.diffusers.folder.model_card import EVERY_FAMILY
from episodic.backbones.diffusers.folder.spec import ModelSpec
from episodic.backbones.diffusers.picture_family import PictureRules
from episodic.backbones.protocol import Capabilities

GIB = 2**30


@pytest.mark.parametrize("model", catalogue(), ids=lambda model: model.id)
def test_every_model_can_be_named_and_belongs_to_the_family_that_knows_its_class(model):
    assert ModelSpec.parse(model.spec, families=EVERY_FAMILY).is_hub
    if model.makes_keyframes:
        assert model.class_name in KEYFRAME_FAMILIES[model.family][2]
    else:
        assert (family_of(model.class_name) or GENERIC) == model.family


def test_every_family_has_a_published_model():
    assert all(models_of(name) for name in EVERY_FAMILY)


def test_models_of_no_family_are_video_pipelines_of_the_installed_diffusers():
    assert all(read_pipeline(model.class_name).makes_video for model in models_of(GENERIC))


def test_ids_are_unique():
    assert len({model.id.lower() for model in catalogue()}) == len(catalogue())


@pytest.mark.parametrize("model", catalogue(), ids=lambda model: model.id)
def test_shooting_needs_more_than_the_largest_part_and_has_an_upper_bound(model):
    alone = () if model.makes_keyframes else ("text_encoder",)
    largest = max(size for name, size in model.billions.items() if not name.startswith(alone))
    assert 2e9 * largest < model.least_vram_bytes <= model.vram_bytes
    assert model.vram_bytes < model.weight_bytes + 32 * GIB


def test_known_sizes_are_reproduced():
    # text_encoder of Wan: 4.94 + 4.98 + 1.44 GB of bfloat16 on the hub; the transformer of VACE 14B: 34.7 GB
    vace = next(model for model in catalogue() if model.id == "Wan-AI/Wan2.1-VACE-14B-diffusers")
    assert 2 * vace.billions["text_encoder"] == pytest.approx(11.36, rel=0.01)
    assert 2 * vace.billions["transformer"] == pytest.approx(34.7, rel=0.01)


def test_a_restricted_licence_lists_its_limits():
    assert all(model.limits for model in catalogue() if model.licence not in ("Apache-2.0", "MIT"))
    h3 = next(model for model in catalogue() if model.family == "minimax-h3")
    assert all(place in h3.limits for place in ("European Union", "United Kingdom", "South Korea", "United States"))


def test_facts_that_were_not_checked_are_marked():
    echo = next(model for model in catalogue() if model.family == "echo")
    assert "id" not in echo.checked
    assert json.loads(json.dumps(echo.to_json()))["checked"] == []


def test_capabilities_become_words():
    can = Capabilities(
        name="x",
        max_performers=1,
        text_tokens=512,
        reference_pictures=7,
        memory_sounds=True,
        continuation_frames=17,
        first_frame=True,
        last_frame=True,
        own_sound=True,
    )
    assert memory_words(can, ("depth", "pose"), speech=True) == (
        "7 reference pictures with their sounds",
        "up to 17 frames of the shot before",
        "a picture to begin and one to end with",
        "control video (depth, pose)",
        "speech",
        "makes sound of its own",
        "text of up to 512 tokens",
    )
    assert memory_words(Capabilities(name="x", max_performers=1)) == ("no text",)


def test_a_picture_model_keeps_its_text_encoder_in_memory():
    dev = next(model for model in catalogue() if model.id == "black-forest-labs/FLUX.2-dev")
    assert dev.vram_bytes > dev.weight_bytes
    assert "no commercial use" in dev.limits


def test_the_inputs_of_a_picture_model_become_words():
    rules = PictureRules(
        references=3, needs_reference=True, text_tokens=300, side_multiple=16, area=1 << 20, steps=40, guidance=4.0
    )
    assert picture_words(rules) == ("up to 3 reference pictures, and none without one", "text of up to 300 tokens")


def test_the_catalogue_is_read_without_any_model_library():
    code = "import sys, episodic.backbones.diffusers.folder.catalogue as c; [model.vram_bytes for model in c.catalogue()]; print({'torch', 'diffusers'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stderr
