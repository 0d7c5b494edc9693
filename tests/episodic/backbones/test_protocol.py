"""Every backbone implements exactly the protocols that its model supports."""

from pathlib import Path
from typing import Final

import pytest

from episodic.backbones.diffusers.backbone import VideoModel, open_video_model
from episodic.backbones.diffusers.families.family_registry import FAMILIES, GENERIC
from episodic.backbones.diffusers.folder.spec import ModelSpec
from episodic.backbones.keyframes.model import open_keyframer
from episodic.backbones.protocol import (
    Auditions,
    Backbone,
    ConditionedModel,
    DrawsLooks,
    HeavyModel,
    LeavesRushes,
    PromptReader,
    TakesControl,
    TakesSpeech,
    control_kinds,
    draws_looks,
    is_heavy,
    takes_motion,
    takes_speech,
)
from episodic.backbones.registry import BACKBONES, open_backbone
from episodic.lab.backbone_bench.models import TINY_MODELS, build_tiny, build_tiny_keyframer
from episodic.series.shooting_settings import ControlKind, Shooting

FURTHER: Final = (Auditions, DrawsLooks, HeavyModel, LeavesRushes, PromptReader, TakesControl, TakesSpeech)
EMBEDDED: Final[dict[str, set[type]]] = {"stage": {Auditions, DrawsLooks}, "cards": set()}
CONTROL: Final[dict[str, tuple[ControlKind, ...]]] = {
    "wan-vace": ("depth", "pose", "layout"),
    "ltx2-in-context": ("depth",),
    "cogvideox-t2v": ("layout",),
    "cogvideox-v2v": ("layout",),
}
"""The tiny models that take control video, and the passes that they take; all others take none."""
SPEAKING: Final = {"ltx2"}
"""The families whose models take speech."""


def protocols_of(model: ConditionedModel) -> set[type]:
    """Return the protocols of `FURTHER` that a model implements."""
    return {protocol for protocol in FURTHER if isinstance(model, protocol)}


def expected_protocols(name: str, *, controlled: bool) -> set[type]:
    """Return the protocols that a tiny model must implement."""
    speaking = TINY_MODELS[name].family in SPEAKING
    return {
        HeavyModel,
        LeavesRushes,
        PromptReader,
        *([TakesControl] if controlled else []),
        *([TakesSpeech] if speaking else []),
    }


def check_agreement(model: VideoModel) -> None:
    """Check that protocols, the answers to questions, and numbers agree."""
    assert isinstance(model, Backbone)
    assert bool(control_kinds(model)) is isinstance(model, TakesControl)
    assert takes_speech(model) is model.setup.takes_speech is isinstance(model, TakesSpeech)
    assert is_heavy(model)
    assert not draws_looks(model)
    assert not takes_motion(model)
    assert model.capabilities.text_tokens > 0
    assert model.setup.control_kinds == control_kinds(model)


def test_the_tables_here_name_every_backbone_and_every_family() -> None:
    assert set(EMBEDDED) == set(BACKBONES)
    assert {model.family for model in TINY_MODELS.values()} == {*FAMILIES, GENERIC}
    assert set(CONTROL) <= set(TINY_MODELS)


@pytest.mark.parametrize("name", BACKBONES)
def test_an_embedded_backbone_implements_what_it_supports(name: str) -> None:
    backbone = open_backbone(name)
    assert isinstance(backbone, Backbone)
    assert protocols_of(backbone) == EMBEDDED[name]
    assert backbone.capabilities.text_tokens == 0
    assert (draws_looks(backbone), takes_motion(backbone)) == (name == "stage", name == "stage")
    assert (control_kinds(backbone), takes_speech(backbone), is_heavy(backbone)) == ((), False, False)


@pytest.mark.parametrize("name", TINY_MODELS)
def test_a_video_model_implements_what_its_family_and_folder_support(name: str, tmp_path: Path) -> None:
    spec, kinds = ModelSpec.parse(build_tiny(name, tmp_path)), CONTROL.get(name, ())
    model = open_video_model(spec)
    assert model.family.control_kinds(model.folder) == kinds
    assert protocols_of(model) == expected_protocols(name, controlled=bool(kinds))
    assert control_kinds(model) == kinds[:1]
    check_agreement(model)
    for kind in kinds:
        assert control_kinds(open_video_model(spec, Shooting(control=kind))) == (kind,)
    without = open_video_model(spec, Shooting(control="none"))
    assert protocols_of(without) == expected_protocols(name, controlled=False)
    check_agreement(without)


def test_the_painter_draws_looks_and_a_picture_model_is_heavy(tmp_path: Path) -> None:
    assert protocols_of(open_keyframer(None)) == {DrawsLooks}
    assert protocols_of(open_keyframer(build_tiny_keyframer(tmp_path))) == {HeavyModel}
