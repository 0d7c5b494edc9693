"""A model's folder is untrusted input: for any configuration a family answers, or raises one message."""

import importlib
from dataclasses import replace

import pytest

from episodic.backbones.diffusers.families.family_registry import KEYFRAME_FAMILIES, open_family, open_keyframe_family
from episodic.backbones.diffusers.folder.inspect import inspect_folder
from episodic.backbones.diffusers.machine.model_size import ModelSize
from episodic.errors import BackboneError
from episodic.lab.backbone_bench.models import TINY_MODELS, build_tiny

NONSENSE: tuple[object, ...] = ("x", "", 0, -1, 1.5, 1e12, float("nan"), None, True, [], [0], ["x"], [1] * 99, {})
MODELS = (
    "wan-vace",
    "wan-i2v",
    "ltx2-condition",
    "echo",
    "minimax-h3",
    "skyreels-t2v",
    "hunyuan-t2v",
    "cogvideox-i2v",
    "diffusers-text",
)


def damaged(folder):
    """Yield the folder with each value of its configurations replaced by each kind of nonsense, and with each component left out."""
    for component, config in folder.configs.items():
        configs = {name: other for name, other in folder.configs.items() if name != component}
        others = {name: other for name, other in folder.components.items() if name != component}
        sizes = {name: other for name, other in folder.weight_bytes.items() if name != component}
        yield f"no {component}", replace(folder, configs=configs, components=others, weight_bytes=sizes)
        for key in config:
            for value in NONSENSE:
                changed = {**folder.configs, component: {**config, key: value}}
                yield f"{component}.{key} = {value!r}", replace(folder, configs=changed)


def answers(ask, folder):
    """Collect the messages; any other error is raised with the name of the damage."""
    messages = set()
    for what, changed in damaged(folder):
        try:
            ask(changed)
        except BackboneError as err:
            messages.add(err.message)
        except Exception as err:
            raise AssertionError(what) from err
    return messages


@pytest.mark.parametrize("name", MODELS)
def test_a_video_family_answers_or_reports_the_damage(name, tmp_path):
    family = open_family(TINY_MODELS[name].family)
    build_tiny(name, tmp_path)

    def ask(folder):
        rules = family.rules(folder)
        assert rules.frames_for(20) >= 1
        assert min(rules.size_for(64, 32)) >= 1
        family.capabilities(folder), family.known_frames(folder), family.joint(folder)
        ModelSize.of(folder, family.text_components, frames=rules.most_frames, size=rules.size)

    messages = answers(ask, inspect_folder(tmp_path / name))
    assert any("/vae: damaged: the configuration of vae has" in message for message in messages)


@pytest.mark.parametrize("name", list(KEYFRAME_FAMILIES))
def test_a_keyframe_family_answers_or_reports_the_damage(name, tmp_path):
    module, _, _ = KEYFRAME_FAMILIES[name]
    family = open_keyframe_family(name)
    folder = inspect_folder(
        getattr(importlib.import_module(f"episodic.lab.tiny_models.{module}"), f"build_{module}")(tmp_path / name)
    )

    def ask(folder):
        rules = family.rules(folder)
        assert min(rules.size_for(1, 1)) >= 1
        ModelSize.of(folder, family.text_components, frames=1, size=rules.size_for(1, 1))

    assert any("/vae: damaged: the configuration of vae has" in message for message in answers(ask, folder))
